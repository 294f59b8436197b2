// SPDX-License-Identifier: GPL-2.0-only
/* The graph as one JSON object: user/doc/json.md. */
#include <errno.h>

#include "graph_keepers_of.h"
#include "graph_names.h"
#include "graph_view.h"
#include "json.h"

struct writer {
	struct nsv_json j;
	const struct nsg *g;
	const struct nsv_graph_options *o;
	struct nsv_pick *pick;
	struct nsv_keepers keepers;
	bool whole; /* else only what changed: keepers are not told */
};

static void put_known(struct nsv_json *j, const char *key, bool known, uint64_t value)
{
	if (known)
		nsv_json_u64(j, key, value);
	else
		nsv_json_null(j, key);
}

static void put_id(struct nsv_json *j, const char *key, const struct nsg_ns *ns)
{
	put_known(j, key, ns, ns ? ns->id : 0);
}

static void put_count(struct nsv_json *j, const char *key, uint32_t count)
{
	put_known(j, key, count != NSL_COUNT_UNKNOWN, count);
}

static void put_keepers(struct writer *w, const struct nsg_ns *ns)
{
	size_t n;
	const struct nsg_keeper *const *k = nsv_keepers_of(&w->keepers, ns, &n);

	nsv_json_open(&w->j, "keepers", '[');
	for (size_t i = 0; i < n; i++) {
		nsv_json_open(&w->j, NULL, '{');
		nsv_json_str(&w->j, "kind", nsg_keeper_name(k[i]->kind));
		put_known(&w->j, "pid", k[i]->pid, k[i]->pid);
		nsv_json_str(&w->j, "comm", k[i]->pid ? k[i]->comm : NULL);
		put_known(&w->j, "fd", k[i]->fd >= 0, (uint32_t)k[i]->fd);
		nsv_json_str(&w->j, "path", k[i]->path);
		put_known(&w->j, "mnt", k[i]->where, k[i]->where);
		nsv_json_close(&w->j, '}');
	}
	nsv_json_close(&w->j, ']');
}

/* Until when it is known to have been there. */
static uint64_t last_seen(const struct writer *w, const struct nsg_ns *ns)
{
	if (!nsv_is_lone(ns))
		return w->o->now_ns;
	return ns->read > ns->unused ? ns->read : ns->unused;
}

static void put_ns(struct writer *w, const struct nsg_ns *ns)
{
	struct nsv_json *j = &w->j;
	bool nests = ns->type == NSL_PID || ns->type == NSL_USER;
	char word[NSV_WORD];

	nsv_json_open(j, NULL, '{');
	nsv_json_u64(j, "id", ns->id);
	nsv_json_str(j, "type", nsm_type_name(ns->type));
	nsv_json_u64(j, "inum", ns->inum);
	if (ns->inum)
		nsv_json_str(j, "ns", nsv_ns_name(ns->type, ns->inum, word));
	else
		nsv_json_str(j, "ns", "mnt:[0]");
	nsv_json_bool(j, "initial", ns->initial);
	put_id(j, "owner", ns->owner);
	put_id(j, "parent", ns->parent);
	put_known(j, "level", nests && ns->details, ns->level);
	put_count(j, "refs", ns->refs);
	put_count(j, "active", ns->active);
	put_known(j, "read", ns->read, ns->read);
	put_known(j, "ns_id", ns->ns_id, ns->ns_id);
	put_count(j, "owner_uid", ns->owner_uid);
	put_known(j, "born", ns->born, ns->born);
	put_known(j, "unused_since", ns->unused, ns->unused);
	put_known(j, "last_seen", last_seen(w, ns), last_seen(w, ns));
	nsv_json_open(j, "used_by", '{');
	nsv_json_u64(j, "slots", ns->nsproxies);
	nsv_json_u64(j, "tasks", ns->tasks);
	nsv_json_u64(j, "children", ns->children);
	nsv_json_u64(j, "owned", ns->owned);
	nsv_json_close(j, '}');
	if (w->whole)
		put_keepers(w, ns);
	nsv_json_close(j, '}');
}

static void put_nsproxy(struct writer *w, const struct nsg_nsproxy *x)
{
	struct nsv_json *j = &w->j;

	nsv_json_open(j, NULL, '{');
	put_known(j, "id", x->id, x->id);
	nsv_json_bool(j, "initial", x->initial);
	put_count(j, "count", x->count);
	put_known(j, "read", x->read, x->read);
	put_known(j, "born", x->born, x->born);
	nsv_json_bool(j, "half_built", x->builder);
	/* UINT32_MAX: a clone's child that has no pid yet */
	put_known(j, "building", x->builder && x->builder != UINT32_MAX, x->builder);
	nsv_json_open(j, "slots", '{');
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		const struct nsg_ns *ns = x->slot[slot];

		if (nsv_pick_type(w->pick, nsm_slot_type(slot)))
			put_id(j, nsm_slot_name(slot), ns);
	}
	nsv_json_close(j, '}');
	nsv_json_open(j, "tasks", '[');
	for (const struct nsg_task *t = x->first_task; t; t = t->next)
		if (nsv_pick_task(w->pick, t))
			nsv_json_u64(j, NULL, t->tid);
	nsv_json_close(j, ']');
	nsv_json_close(j, '}');
}

static void put_task(struct writer *w, const struct nsg_task *t)
{
	struct nsv_json *j = &w->j;

	nsv_json_open(j, NULL, '{');
	nsv_json_u64(j, "pid", t->pid);
	nsv_json_u64(j, "tid", t->tid);
	nsv_json_u64(j, "ppid", t->ppid);
	nsv_json_str(j, "comm", t->comm);
	put_known(j, "nsproxy", t->nsproxy, t->nsproxy ? t->nsproxy->id : 0);
	if (nsv_pick_type(w->pick, NSL_USER))
		put_id(j, "user", t->user);
	if (nsv_pick_type(w->pick, NSL_PID))
		put_id(j, "pid_active", t->pid_active);
	put_known(j, "ns_pid", t->ns_pid, t->ns_pid);
	put_known(j, "ns_tid", t->ns_tid, t->ns_tid);
	nsv_json_str(j, "cgroup", nsg_cgroup_path(w->g, t->cgroup));
	nsv_json_str(j, "container", nsg_container(w->g, t->cgroup));
	nsv_json_str(j, "unit", nsg_unit(w->g, t->cgroup));
	nsv_json_bool(j, "initial", t->initial);
	nsv_json_bool(j, "kernel_thread", t->state & NSL_TASK_KTHREAD);
	nsv_json_bool(j, "exiting", !t->nsproxy || t->state & NSL_TASK_EXITING);
	put_known(j, "seen", t->seen, t->seen);
	nsv_json_close(j, '}');
}

static void put_tasks(struct writer *w, const struct nsg_task *first)
{
	for (const struct nsg_task *t = first; t; t = t->next)
		if (nsv_pick_task(w->pick, t))
			put_task(w, t);
}

static void put_head(struct writer *w)
{
	struct nsv_json *j = &w->j;
	struct nsg_totals t;

	nsg_totals(w->g, &t);
	nsv_json_str(j, "type", "graph");
	nsv_json_str(j, "schema", "nslens/1");
	nsv_json_str(j, "kernel", w->o->release);
	put_known(j, "monotonic", w->o->now_ns, w->o->now_ns);
	put_known(j, "wall_clock", w->o->wall_ns, w->o->wall_ns);
	put_known(j, "snapshot_ns", w->o->snapshot_ns, w->o->snapshot_ns);
	nsv_json_bool(j, "stale", nsg_stale(w->g));
	nsv_json_bool(j, "tracepoints_only", w->o->tracepoints_only);
	nsv_json_open(j, "totals", '{');
	nsv_json_u64(j, "namespaces", t.namespaces);
	nsv_json_u64(j, "nsproxies", t.nsproxies);
	nsv_json_u64(j, "tasks", t.tasks);
	nsv_json_u64(j, "initial_tasks", t.initial_tasks);
	nsv_json_u64(j, "zombies", t.zombies);
	nsv_json_u64(j, "lost", t.lost);
	nsv_json_u64(j, "gaps", t.gaps);
	nsv_json_close(j, '}');
}

static void put_graph(struct writer *w)
{
	struct nsv_json *j = &w->j;

	nsv_json_open(j, NULL, '{');
	put_head(w);
	nsv_json_open(j, "namespaces", '[');
	for (const struct nsg_ns *ns = nsg_namespaces(w->g); ns; ns = ns->next)
		if (nsv_pick_ns(w->pick, ns))
			put_ns(w, ns);
	nsv_json_close(j, ']');
	nsv_json_open(j, "nsproxies", '[');
	for (const struct nsg_nsproxy *x = nsg_nsproxies(w->g); x; x = x->next)
		if (nsv_pick_nsproxy(w->pick, x))
			put_nsproxy(w, x);
	nsv_json_close(j, ']');
	nsv_json_open(j, "tasks", '[');
	for (const struct nsg_nsproxy *x = nsg_nsproxies(w->g); x; x = x->next)
		put_tasks(w, x->first_task);
	put_tasks(w, nsg_zombies(w->g));
	nsv_json_close(j, ']');
	nsv_json_close(j, '}');
}

int nsv_graph_json(FILE *out, const struct nsg *g, const struct nsv_graph_options *o)
{
	struct writer w = {.g = g, .o = o, .pick = nsv_pick_new(g, &o->filter), .whole = true};
	struct nsv *v = nsv_graph_begin(out, false, 0);
	bool keepers = nsv_keepers_init(&w.keepers, g);
	int err = -ENOMEM;

	if (v && w.pick && keepers) {
		w.j.buf = &v->buf;
		put_graph(&w);
		nsv_buf_str(&v->buf, "\n");
		err = nsv_graph_end(v);
		v = NULL;
	}
	nsv_free(v);
	nsv_keepers_free(&w.keepers);
	nsv_pick_free(w.pick);
	return err;
}

static void put_gone(struct nsv_json *j, const char *key, const uint64_t *ids, size_t n)
{
	nsv_json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		nsv_json_u64(j, NULL, ids[i]);
	nsv_json_close(j, ']');
}

/* Those that are still there; the others' ids move to the front. Returns how many of these. */
static size_t put_left_ns(struct writer *w, uint64_t *ids, size_t n)
{
	size_t gone = 0;

	nsv_json_open(&w->j, "namespaces", '[');
	for (size_t i = 0; i < n; i++) {
		const struct nsg_ns *ns = nsg_find_ns(w->g, ids[i]);

		if (ns)
			put_ns(w, ns);
		else
			ids[gone++] = ids[i];
	}
	nsv_json_close(&w->j, ']');
	return gone;
}

static size_t put_left_nsproxies(struct writer *w, uint64_t *ids, size_t n)
{
	size_t gone = 0;

	nsv_json_open(&w->j, "nsproxies", '[');
	for (size_t i = 0; i < n; i++) {
		const struct nsg_nsproxy *x = nsg_find_nsproxy(w->g, ids[i]);

		if (x)
			put_nsproxy(w, x);
		else
			ids[gone++] = ids[i];
	}
	nsv_json_close(&w->j, ']');
	return gone;
}

static size_t put_left_tasks(struct writer *w, uint64_t *tids, size_t n)
{
	size_t gone = 0;

	nsv_json_open(&w->j, "tasks", '[');
	for (size_t i = 0; i < n; i++) {
		const struct nsg_task *t = nsg_find_task(w->g, (uint32_t)tids[i]);

		if (t)
			put_task(w, t);
		else
			tids[gone++] = tids[i];
	}
	nsv_json_close(&w->j, ']');
	return gone;
}

void nsv_graph_change_json(struct nsv_buf *buf, const struct nsg *g, int64_t ts,
			   struct nsv_graph_change *c)
{
	struct nsv_graph_options o = {.now_ns = 0};
	struct writer w = {.g = g, .o = &o, .pick = nsv_pick_new(g, &o.filter), .j.buf = buf};
	size_t namespaces, nsproxies, tasks;

	if (!w.pick) {
		buf->failed = true;
		return;
	}
	nsv_json_open(&w.j, NULL, '{');
	nsv_json_str(&w.j, "type", "change");
	nsv_json_i64(&w.j, "ts", ts);
	namespaces = put_left_ns(&w, c->namespaces, c->nnamespaces);
	nsproxies = put_left_nsproxies(&w, c->nsproxies, c->nnsproxies);
	tasks = put_left_tasks(&w, c->tasks, c->ntasks);
	nsv_json_open(&w.j, "gone", '{');
	put_gone(&w.j, "namespaces", c->namespaces, namespaces);
	put_gone(&w.j, "nsproxies", c->nsproxies, nsproxies);
	put_gone(&w.j, "tasks", c->tasks, tasks);
	nsv_json_close(&w.j, '}');
	nsv_json_close(&w.j, '}');
	nsv_pick_free(w.pick);
}
