// SPDX-License-Identifier: GPL-2.0-only
#include "follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ns_json.h"
#include "utf8.h"

static int64_t since(const struct nsv_follow *f, uint64_t ts)
{
	return (int64_t)(ts - f->mono_ns);
}

static void put_time(const struct nsv_follow *f, uint64_t ts)
{
	fprintf(f->out, "%10.6f  ", (double)since(f, ts) / 1e9);
}

static struct nsv_json begin(const struct nsv_follow *f, struct nsv_buf *buf, const char *type,
			     uint64_t ts)
{
	struct nsv_json j = {.buf = buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", type);
	nsv_json_i64(&j, "ts", since(f, ts));
	return j;
}

static void finish(const struct nsv_follow *f, struct nsv_json *j)
{
	nsv_json_close(j, '}');
	nsv_buf_add(j->buf, "\n", 1);
	if (!j->buf->failed)
		fwrite(j->buf->data, 1, j->buf->len, f->out);
	free(j->buf->data);
	fflush(f->out);
}

static void tell_ns_json(const struct nsv_follow *f, const struct nsg_ns *ns, uint64_t ts,
			 const char *event, const struct nsg_cause *cause)
{
	struct nsv_buf buf = {0};
	struct nsv_json j = begin(f, &buf, "ns", ts);

	nsv_json_str(&j, "event", event);
	nsv_json_ns_members(&j, ns->type, ns->inum, ns->id);
	nsv_json_ns(&j, "owner", ns->owner);
	nsv_json_ns(&j, "parent", ns->parent);
	nsv_json_cause(&j, cause);
	finish(f, &j);
}

void nsv_follow_born(const struct nsv_follow *f, const struct nsg_ns *ns, uint64_t ts)
{
	if (f->json) {
		tell_ns_json(f, ns, ts, "created", NULL);
		return;
	}
	put_time(f, ts);
	fprintf(f->out, "+ %s:[%" PRIu32 "] created", nsm_type_name(ns->type), ns->inum);
	if (ns->owner)
		fprintf(f->out, ", owned by user:[%" PRIu32 "]", ns->owner->inum);
	fputc('\n', f->out);
	fflush(f->out);
}

/* Names of tasks are hostile. */
static void put_task(const struct nsv_follow *f, const struct nsg_cause *cause)
{
	char safe[4 * NSL_COMM_LEN + 1];

	nsv_utf8_safe(cause->comm, f->utf8, safe, sizeof(safe));
	fprintf(f->out, " %s (%" PRIu32 ")", safe, cause->pid);
}

void nsv_follow_died(const struct nsv_follow *f, const struct nsg_ns *ns, uint64_t ts,
		     const struct nsg_cause *cause)
{
	static const char *const text[] = {
		[NSG_CAUSE_NONE] = "",
		[NSG_CAUSE_EXIT] = ": its last task exited:",
		[NSG_CAUSE_REAPED] = ": its last zombie was reaped:",
		[NSG_CAUSE_SWITCH] = ": its last task went elsewhere:",
		[NSG_CAUSE_UNDONE] = ": the call that made it failed:",
		[NSG_CAUSE_UNPINNED] = ": its last descriptor or mount was let go by",
		[NSG_CAUSE_CHILD] = ": the last namespace that needed it was destroyed",
	};

	if (f->json) {
		tell_ns_json(f, ns, ts, "destroyed", cause);
		return;
	}
	put_time(f, ts);
	fprintf(f->out, "- %s:[%" PRIu32 "] destroyed", nsm_type_name(ns->type), ns->inum);
	if (cause->kind < sizeof(text) / sizeof(*text)) {
		fputs(text[cause->kind], f->out);
		if (cause->pid)
			put_task(f, cause);
	}
	fputc('\n', f->out);
	fflush(f->out);
}

/* One number, under one name. True: it was JSON, and all is told. */
static bool tell_number(const struct nsv_follow *f, const char *type, uint64_t ts, const char *key,
			uint64_t value)
{
	struct nsv_buf buf = {0};
	struct nsv_json j;

	if (!f->json) {
		put_time(f, ts);
		return false;
	}
	j = begin(f, &buf, type, ts);
	nsv_json_u64(&j, key, value);
	finish(f, &j);
	return true;
}

void nsv_follow_lost(const struct nsv_follow *f, uint64_t ts, uint64_t count)
{
	if (tell_number(f, "lost", ts, "count", count))
		return;
	fprintf(f->out, "! %" PRIu64 " events lost here: the graph is read anew\n", count);
	fflush(f->out);
}

void nsv_follow_resync(const struct nsv_follow *f, uint64_t ts, uint64_t ns)
{
	if (tell_number(f, "resync", ts, "duration", ns))
		return;
	fprintf(f->out, "= the graph is right again (%.1f ms)\n", (double)ns / 1e6);
	fflush(f->out);
}

static void put_side(struct nsv_json *j, const char *key, const struct nsl_ref *ref)
{
	if (!ref->obj) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_u64(j, "id", ref->obj);
	if (ref->inum)
		nsv_json_u64(j, "inum", ref->inum);
	nsv_json_close(j, '}');
}

static void put_difference(struct nsv_json *j, const struct nsg_difference *d)
{
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "kind", nsg_difference_name(d->kind));
	if (d->tid) {
		nsv_json_u64(j, "tid", d->tid);
		nsv_json_str(j, "comm", d->comm);
	}
	if (d->ns)
		nsv_json_u64(j, "id", d->ns);
	if (d->kind == NSG_TASK_SLOT)
		nsv_json_str(j, "slot", nsm_slot_name(d->slot));
	put_side(j, "graph", &d->graph);
	put_side(j, "kernel", &d->kernel);
	nsv_json_close(j, '}');
}

static void tell_verify_json(const struct nsv_follow *f, const struct nsv_verify *v)
{
	struct nsv_buf buf = {0};
	struct nsv_json j = begin(f, &buf, "verify", v->ts);

	nsv_json_str(&j, "against", v->against);
	nsv_json_u64(&j, "tasks", v->totals.tasks);
	nsv_json_u64(&j, "initial_tasks", v->totals.initial_tasks);
	nsv_json_u64(&j, "nsproxies", v->totals.nsproxies);
	nsv_json_u64(&j, "namespaces", v->totals.namespaces);
	nsv_json_u64(&j, "snapshots", v->snapshots);
	nsv_json_bool(&j, "stale", v->stale);
	nsv_json_open(&j, "differences", '[');
	for (size_t i = 0; i < v->ndifferences; i++)
		put_difference(&j, &v->differences[i]);
	nsv_json_close(&j, ']');
	finish(f, &j);
}

static void put_side_text(FILE *out, const char *who, const struct nsl_ref *ref)
{
	if (!ref->obj)
		fprintf(out, " %s: none;", who);
	else if (ref->inum)
		fprintf(out, " %s: [%" PRIu32 "];", who, (uint32_t)ref->inum);
	else
		fprintf(out, " %s: #%" PRIu64 ";", who, (uint64_t)ref->obj);
}

void nsv_follow_verify(const struct nsv_follow *f, const struct nsv_verify *v)
{
	if (f->json) {
		tell_verify_json(f, v);
		return;
	}
	put_time(f, v->ts);
	fprintf(f->out,
		"%s verified against %s: %zu tasks, %zu nsproxies, %zu namespaces, %zu "
		"differences%s\n",
		v->ndifferences ? "!" : "=", v->against, v->totals.tasks, v->totals.nsproxies,
		v->totals.namespaces, v->ndifferences, v->stale ? " (the graph was stale)" : "");
	for (size_t i = 0; i < v->ndifferences; i++) {
		const struct nsg_difference *d = &v->differences[i];
		char safe[4 * NSL_COMM_LEN + 1];

		fprintf(f->out, "            %s:", nsg_difference_name(d->kind));
		if (d->tid) {
			nsv_utf8_safe(d->comm, f->utf8, safe, sizeof(safe));
			fprintf(f->out, " %s (%" PRIu32 ")", safe, d->tid);
		}
		if (d->kind == NSG_TASK_SLOT)
			fprintf(f->out, " %s", nsm_slot_name(d->slot));
		put_side_text(f->out, "the graph", &d->graph);
		put_side_text(f->out, "the kernel", &d->kernel);
		fputc('\n', f->out);
	}
	fflush(f->out);
}
