// SPDX-License-Identifier: GPL-2.0-only
/* The answer of `why` as a line of JSON: one object a namespace. See user/doc/json.md. */
#include <inttypes.h>
#include <stdlib.h>

#include "ns_json.h"
#include "text.h"
#include "why_internal.h"

static void begin(struct nsv *v, struct nsv_json *j, const char *type)
{
	*j = (struct nsv_json){.buf = &v->buf};
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "type", type);
}

static void finish(struct nsv_json *j)
{
	nsv_json_close(j, '}');
	nsv_buf_str(j->buf, "\n");
}

static void put_ns(struct nsv_json *j, const char *key, const struct nse_ns *ns)
{
	if (!ns->id && !ns->inum) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_ns_members(j, ns->type, ns->inum, ns->id);
	nsv_json_close(j, '}');
}

static void put_count(struct nsv_json *j, const char *key, uint32_t n)
{
	if (n == NSL_COUNT_UNKNOWN)
		nsv_json_null(j, key);
	else
		nsv_json_u64(j, key, n);
}

static void put_number(struct nsv_json *j, const char *key, int64_t n)
{
	if (n < 0)
		nsv_json_null(j, key);
	else
		nsv_json_i64(j, key, n);
}

static void put_process(struct nsv_json *j, const char *key, const struct nse_process *p)
{
	if (!p->pid) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_u64(j, "pid", p->pid);
	if (p->tid)
		nsv_json_u64(j, "tid", p->tid);
	nsv_json_str(j, "comm", p->comm[0] ? p->comm : NULL);
	nsv_json_close(j, '}');
}

static void put_keeper_members(struct nsv_json *j, const struct nse_why *w,
			       const struct nse_keeper *k)
{
	char *text = malloc(NSE_WHY_LEN);

	if (!text) {
		j->buf->failed = true;
		return;
	}
	nsv_json_str(j, "kind", nse_hold_name(k->kind));
	nsv_json_str(j, "todo", nse_todo_name(k->todo));
	nsv_json_str(j, "text", nse_keeper_text(w, k, text, NSE_WHY_LEN));
	nsv_json_str(j, "command", nse_keeper_command(w, k, text, NSE_WHY_LEN));
	free(text);
	nsv_json_u64(j, "refs", k->refs);
	if (k->nsproxy && !w->context.no_nsproxies)
		nsv_json_u64(j, "nsproxy", k->nsproxy);
	else
		nsv_json_null(j, "nsproxy");
	nsv_json_open(j, "processes", '[');
	for (size_t i = 0; i < k->nwho; i++)
		put_process(j, NULL, &k->who[i]);
	nsv_json_close(j, ']');
	nsv_json_u64(j, "tasks", k->tasks);
	put_process(j, "parent", &k->parent);
	nsv_json_open(j, "fds", '[');
	for (size_t i = 0; i < k->nfds; i++)
		nsv_json_i64(j, NULL, k->fds[i]);
	nsv_json_close(j, ']');
	nsv_json_str(j, "path", k->path);
	put_ns(j, "where", &k->where);
	put_process(j, "via", &k->via);
	put_ns(j, "namespace", &k->ns);
}

static void put_strings(struct nsv_json *j, const char *key, const char *const *all, size_t n)
{
	nsv_json_open(j, key, '[');
	for (size_t i = 0; i < n && all[i]; i++)
		nsv_json_str(j, NULL, all[i]);
	nsv_json_close(j, ']');
}

static void put_explained(struct nsv_json *j, const struct nse_why *w)
{
	nsv_json_open(j, "explained", '{');
	nsv_json_u64(j, "nsproxies", w->by_nsproxies);
	nsv_json_u64(j, "nsfs", w->by_nsfs);
	nsv_json_u64(j, "tasks", w->by_tasks);
	nsv_json_u64(j, "namespaces", w->by_namespaces);
	nsv_json_u64(j, "sockets", w->by_sockets);
	nsv_json_u64(j, "others", w->by_others);
	nsv_json_u64(j, "sum", w->explained);
	nsv_json_close(j, '}');
	put_number(j, "unaccounted", w->unaccounted);
	nsv_json_str(j, "no_count", w->no_count);
	put_number(j, "active_explained", w->active_explained);
	nsv_json_u64(j, "member_files", w->member_files);
	put_strings(j, "unseen", w->unseen, NSE_UNSEEN);
}

void nsv_why_json(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes)
{
	char *text = malloc(NSE_WHY_LEN);
	struct nsv_json j;

	if (!text) {
		v->buf.failed = true;
		return;
	}
	begin(v, &j, "why");
	nsv_json_str(&j, "schema", "nslens/1");
	nsv_json_ns_members(&j, w->ns.type, w->ns.inum, w->ns.id);
	nsv_json_str(&j, "state", nse_why_state_name(w->state));
	nsv_json_str(&j, "verdict", nse_why_verdict(w, text, NSE_WHY_LEN));
	free(text);
	if (w->ns_id)
		nsv_json_u64(&j, "ns_id", w->ns_id);
	else
		nsv_json_null(&j, "ns_id");
	put_ns(&j, "owner", &w->owner);
	put_ns(&j, "parent", &w->parent);
	put_number(&j, "level",
		   w->details && (w->ns.type == NSL_PID || w->ns.type == NSL_USER)
			   ? (int64_t)w->level
			   : -1);
	put_count(&j, "creator_uid", w->creator);
	put_number(&j, "age", w->born ? (int64_t)(w->context.now - w->born) : -1);
	put_count(&j, "refs", w->refs);
	put_count(&j, "active", w->active);
	put_number(&j, "read_age", w->read ? (int64_t)(w->context.now - w->read) : -1);
	put_explained(&j, w);
	nsv_json_open(&j, "keepers", '[');
	for (size_t i = 0; i < w->nkeepers; i++) {
		nsv_json_open(&j, NULL, '{');
		put_keeper_members(&j, w, &w->keepers[i]);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, ']');
	nsv_json_open(&j, "pins", '[');
	for (size_t i = 0; i < w->npins; i++)
		put_ns(&j, NULL, &w->pins[i]);
	nsv_json_close(&j, ']');
	put_strings(&j, "not_seen", notes, nnotes);
	finish(&j);
}

void nsv_why_change_json(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k,
			 bool came, uint64_t ts)
{
	struct nsv_json j;

	begin(v, &j, "keeper");
	nsv_json_i64(&j, "ts", nsv_since_start(v, ts));
	nsv_json_str(&j, "event", came ? "came" : "gone");
	nsv_json_ns_members(&j, w->ns.type, w->ns.inum, w->ns.id);
	nsv_json_open(&j, "keeper", '{');
	put_keeper_members(&j, w, k);
	nsv_json_close(&j, '}');
	finish(&j);
}

void nsv_why_hidden_json(struct nsv *v, const struct nse_why *w, uint64_t ts)
{
	struct nsv_json j;

	begin(v, &j, "keeper");
	nsv_json_i64(&j, "ts", nsv_since_start(v, ts));
	nsv_json_str(&j, "event", "hidden");
	nsv_json_ns_members(&j, w->ns.type, w->ns.inum, w->ns.id);
	nsv_json_null(&j, "keeper");
	finish(&j);
}

void nsv_why_died_json(struct nsv *v, const struct nse_why *w, const struct nsg_cause *cause,
		       bool seen, uint64_t ts)
{
	struct nsv_json j;

	begin(v, &j, "ns");
	nsv_json_i64(&j, "ts", nsv_since_start(v, ts));
	nsv_json_str(&j, "event", "destroyed");
	nsv_json_ns_members(&j, w->ns.type, w->ns.inum, w->ns.id);
	nsv_json_bool(&j, "seen", seen);
	if (cause && cause->kind != NSG_CAUSE_NONE) {
		nsv_json_open(&j, "cause", '{');
		nsv_json_str(&j, "kind", nsg_cause_name(cause->kind));
		if (cause->pid)
			nsv_json_u64(&j, "pid", cause->pid);
		else
			nsv_json_null(&j, "pid");
		nsv_json_str(&j, "comm", cause->comm[0] ? cause->comm : NULL);
		nsv_json_close(&j, '}');
	} else {
		nsv_json_null(&j, "cause");
	}
	finish(&j);
}
