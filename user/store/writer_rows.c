// SPDX-License-Identifier: GPL-2.0-only
/* What the model says, as rows of tables: calls, steps, gaps, namespaces. */
#include <stdio.h>
#include <string.h>

#include "../explain/explain.h"
#include "writer_internal.h"

size_t store_plain_text(char *to, size_t size, const char *text)
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = *p >= 0x20 && *p < 0x7f;

		if (n + (plain ? 1 : 4) >= size)
			break;
		if (plain)
			to[n++] = (char)*p;
		else
			n += (size_t)snprintf(to + n, size - n, "\\x%02x", *p);
	}
	to[n] = '\0';
	return n;
}

/* Hostile text; NULL stays NULL. */
static void bind_hostile(sqlite3_stmt *s, int at, const char *text)
{
	char plain[512];

	if (!text) {
		sqlite3_bind_null(s, at);
		return;
	}
	store_plain_text(plain, sizeof(plain), text);
	sqlite3_bind_text(s, at, plain, -1, SQLITE_TRANSIENT);
}

static void bind_static(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, at);
}

static void bind_number(sqlite3_stmt *s, int at, uint64_t n)
{
	sqlite3_bind_int64(s, at, (sqlite3_int64)n);
}

static void bind_unless_0(sqlite3_stmt *s, int at, uint64_t n)
{
	if (n)
		bind_number(s, at, n);
	else
		sqlite3_bind_null(s, at);
}

static void bind_duration(sqlite3_stmt *s, int at, int64_t duration)
{
	if (duration == NSM_DURATION_UNKNOWN)
		sqlite3_bind_null(s, at);
	else
		sqlite3_bind_int64(s, at, duration);
}

static void bind_errno(sqlite3_stmt *s, int at, int err)
{
	const char *name = err ? nsm_errno_name(err) : NULL;
	char number[16];

	if (!err || name) {
		bind_static(s, at, name);
		return;
	}
	snprintf(number, sizeof(number), "%d", err);
	sqlite3_bind_text(s, at, number, -1, SQLITE_TRANSIENT);
}

/* CLONE_NEW*, sorted by name, as in JSON. */
static void bind_flags(sqlite3_stmt *s, int at, uint64_t flags)
{
	static const enum nsl_type sorted[NSL_TYPES] = {
		NSL_CGROUP, NSL_IPC, NSL_NET, NSL_MNT, NSL_PID, NSL_TIME, NSL_USER, NSL_UTS,
	};
	char text[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < NSL_TYPES; i++)
		if (flags & nsm_type_bit(sorted[i]))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "|" : "",
					      nsm_type_flag(sorted[i]));
	sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

/* "uts:[4026532190]" and its id, or two nulls. */
static void bind_ns(sqlite3_stmt *s, int at, enum nsl_type type, const struct nsl_ref *ref)
{
	char ns[40];

	if (!ref->obj || type >= NSL_TYPES) {
		sqlite3_bind_null(s, at);
		sqlite3_bind_null(s, at + 1);
		return;
	}
	snprintf(ns, sizeof(ns), "%s:[%u]", nsm_type_name(type), ref->inum);
	sqlite3_bind_text(s, at, ns, -1, SQLITE_TRANSIENT);
	bind_number(s, at + 1, ref->obj);
}

static void put_step(struct store_writer *w, const struct nsm_call *call, size_t n)
{
	const struct nsm_step *step = &call->steps[n];
	sqlite3_stmt *s = w->put[PUT_STEP];

	bind_number(s, 1, call->number);
	bind_number(s, 2, n);
	bind_static(s, 3, nsm_fn_name(step->fn));
	bind_static(s, 4, nsm_outcome_name(step->outcome));
	bind_ns(s, 5, step->type, &step->ns);
	bind_errno(s, 7, step->err);
	bind_duration(s, 8, step->duration);
	writer_run(w, PUT_STEP);
}

void writer_call(void *ctx, const struct nsm_call *call)
{
	struct store_writer *w = ctx;
	sqlite3_stmt *s = w->put[PUT_CALL];
	struct nse_failure f = {0};
	char explain[NSE_CALL_LEN];

	if (w->options.call)
		w->options.call(w->options.ctx, call);
	if (w->failed)
		return;
	w->counts.calls++;
	bind_number(s, 1, call->number);
	bind_number(s, 2, w->seq);
	bind_number(s, 3, call->ts);
	bind_duration(s, 4, call->duration);
	bind_number(s, 5, call->pid);
	bind_number(s, 6, call->tid);
	bind_hostile(s, 7, call->comm);
	bind_static(s, 8, nsm_syscall_name(call->syscall));
	bind_flags(s, 9, call->syscall == NSL_SYS_SETNS ? call->raw_flags : call->new_flags);
	if (call->end_seen)
		sqlite3_bind_int64(s, 10, call->ret);
	else
		sqlite3_bind_null(s, 10);
	bind_errno(s, 11, call->err);
	if (call->err)
		nse_failure(call, w->kernel, &f);
	bind_static(s, 12, f.fn);
	bind_unless_0(s, 13, call->child);
	bind_unless_0(s, 14, call->has_views ? call->before.nsproxy : 0);
	bind_unless_0(s, 15, call->has_views ? call->after.nsproxy : 0);
	bind_hostile(s, 16, call->container);
	bind_hostile(s, 17, call->cgroup_path);
	sqlite3_bind_int(s, 18, call->gap);
	nse_call(call, w->kernel, explain, sizeof(explain));
	sqlite3_bind_text(s, 19, explain, -1, SQLITE_STATIC);
	writer_run(w, PUT_CALL);
	for (size_t i = 0; i < call->nsteps; i++)
		put_step(w, call, i);
}

void writer_milestone(void *ctx, const struct nsm_milestone *m)
{
	struct store_writer *w = ctx;
	sqlite3_stmt *s = w->put[PUT_MILESTONE];
	char explain[NSE_MILESTONE_LEN];

	if (w->failed)
		return;
	bind_number(s, 1, m->number);
	bind_number(s, 2, w->seq);
	bind_number(s, 3, m->ts);
	bind_duration(s, 4, m->duration);
	bind_number(s, 5, m->pid);
	bind_number(s, 6, m->tid);
	bind_hostile(s, 7, m->comm);
	bind_static(s, 8, nsm_milestone_name(m->what));
	bind_errno(s, 9, m->err);
	bind_unless_0(s, 10, m->about_pid);
	bind_ns(s, 11, m->type, &m->ns);
	bind_hostile(s, 13, m->text[0] ? m->text : NULL);
	bind_hostile(s, 14, m->where[0] ? m->where : NULL);
	bind_number(s, 15, m->detail[0]);
	bind_number(s, 16, m->detail[1]);
	bind_hostile(s, 17, m->container);
	bind_hostile(s, 18, m->cgroup_path);
	bind_hostile(s, 19, nse_milestone(m, explain, sizeof(explain)));
	writer_run(w, PUT_MILESTONE);
}

void writer_lost(void *ctx, const struct nsm_lost *lost)
{
	struct store_writer *w = ctx;
	sqlite3_stmt *s = w->put[PUT_GAP];

	w->counts.lost += lost->count;
	bind_number(s, 1, w->seq);
	bind_number(s, 2, lost->ts);
	bind_number(s, 3, lost->count);
	bind_static(s, 4, nsm_hook_name(lost->hook));
	writer_run(w, PUT_GAP);
}

static void put_namespace(struct store_writer *w, const struct nsg_ns *ns, enum statement how)
{
	sqlite3_stmt *s = w->put[how];

	if (w->failed)
		return;
	writer_begin(w);
	bind_number(s, 1, ns->id);
	bind_static(s, 2, nsm_type_name(ns->type));
	bind_number(s, 3, ns->inum);
	bind_unless_0(s, 4, ns->owner ? ns->owner->id : 0);
	bind_unless_0(s, 5, ns->parent ? ns->parent->id : 0);
	bind_unless_0(s, 6, ns->born);
	writer_run(w, how);
}

void store_known(struct store_writer *w, const struct nsg_ns *ns)
{
	put_namespace(w, ns, PUT_NAMESPACE);
}

void store_born(struct store_writer *w, const struct nsg_ns *ns)
{
	put_namespace(w, ns, PUT_BIRTH);
}

/* "exit of 4711 (runc)"; hostile text is made plain. */
static void cause_text(const struct nsg_cause *cause, char *text, size_t size)
{
	char comm[4 * NSL_COMM_LEN + 1];

	if (cause->kind == NSG_CAUSE_CHILD)
		snprintf(text, size, "end of namespace %llu", (unsigned long long)cause->ns);
	else if (cause->pid) {
		store_plain_text(comm, sizeof(comm), cause->comm);
		snprintf(text, size, "%s by %u (%s)", nsg_cause_name(cause->kind), cause->pid,
			 comm);
	} else {
		snprintf(text, size, "%s", nsg_cause_name(cause->kind));
	}
}

void store_died(struct store_writer *w, const struct nsg_ns *ns, const struct nsg_cause *cause,
		uint64_t ts)
{
	sqlite3_stmt *s = w->put[PUT_DEATH];
	char text[160];

	if (w->failed)
		return;
	store_known(w, ns);
	bind_number(s, 1, ts);
	if (cause->kind != NSG_CAUSE_NONE) {
		cause_text(cause, text, sizeof(text));
		sqlite3_bind_text(s, 2, text, -1, SQLITE_TRANSIENT);
	} else {
		sqlite3_bind_null(s, 2);
	}
	bind_number(s, 3, ns->id);
	writer_run(w, PUT_DEATH);
}
