// SPDX-License-Identifier: GPL-2.0-only
#include "graph_rows.h"

#include <string.h>

#include "graph_internal.h"

struct rows {
	const struct nsg *g;
	nsg_row_fn fn;
	void *ctx;
};

static void put(const struct rows *r, struct nsl_head *h, size_t size, enum nsl_kind kind,
		uint64_t ts)
{
	h->size = (uint16_t)size;
	h->version = NSL_EVENT_VERSION;
	h->kind = (uint8_t)kind;
	h->hook = NSL_HOOK_SNAPSHOT;
	h->ts = ts;
	h->lost = r->g->seen_lost;
	r->fn(r->ctx, h);
}

static void put_comm(char to[NSL_COMM_LEN], const char *comm)
{
	memcpy(to, comm, strnlen(comm, NSL_COMM_LEN));
}

void nsg_row_of(const struct nsg *g, const struct nsg_ns *ns, struct nsl_ns *row)
{
	*row = (struct nsl_ns){
		.head = {.size = sizeof(*row),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_NS,
			 .hook = NSL_HOOK_SNAPSHOT,
			 .ts = ns->read,
			 .lost = g->seen_lost},
		.ns = nsg_ref(ns),
		.owner = nsg_ref(ns->type == NSL_USER ? ns->parent : ns->owner),
		.parent = nsg_ref(ns->parent),
		.ns_id = ns->ns_id,
		.type = ns->type,
		.level = ns->level,
		.refs = ns->refs,
		.active = ns->active,
		.owner_uid = ns->owner_uid,
		.init_exited = ns->init_exited,
	};
}

void nsg_row_of_reaped(const struct nsg *g, const struct nsg_task *t, uint64_t ts,
		       struct nsl_task *row)
{
	*row = (struct nsl_task){
		.head = {.size = sizeof(*row),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_TASK,
			 .hook = NSL_HOOK_TASK,
			 .ts = ts,
			 .lost = g->seen_lost},
		.event = NSL_TASK_FREE,
		.pid = t->pid,
		.tid = t->tid,
		.start = t->start,
	};
	put_comm(row->comm, t->comm);
}

/* Up to three rows: since when nothing uses it, when it was born, and what was read. */
static void put_ns(const struct rows *r, const struct nsg_ns *ns)
{
	struct nsl_ns row, bare;

	if (!ns->unused && !ns->details && !ns->born && !ns->read && !ns->init_exited)
		return; /* it is known by those that use it, and by nothing else */
	nsg_row_of(r->g, ns, &row);
	bare = row;
	bare.refs = bare.active = NSL_COUNT_UNKNOWN;
	if (ns->unused) {
		struct nsl_ns first = bare;

		first.owner = first.parent = (struct nsl_ref){0};
		put(r, &first.head, sizeof(first), NSL_EV_NS, ns->unused);
	}
	if (ns->born) {
		bare.born = 1;
		put(r, &bare.head, sizeof(bare), NSL_EV_NS, ns->born);
	}
	if (ns->read || !ns->born)
		put(r, &row.head, sizeof(row), NSL_EV_NS, ns->read);
}

static struct nsl_view view_of(const struct nsg_task *t)
{
	const struct nsg_nsproxy *p = t->nsproxy;
	struct nsl_view v = {.ns_pid = t->ns_pid, .ns_tid = t->ns_tid};

	if (p) {
		v.nsproxy = p->id;
		v.nsproxy_count = p->count;
		for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
			v.slot[slot] = nsg_ref(p->slot[slot]);
	}
	if (t->pid_active)
		v.pid_level = t->pid_active->level;
	v.slot[NSL_SLOT_USER] = nsg_ref(t->user);
	v.slot[NSL_SLOT_PID_ACTIVE] = nsg_ref(t->pid_active);
	return v;
}

static void put_task(const struct rows *r, const struct nsg_task *t, enum nsl_task_event event,
		     uint64_t ts, bool own_nsproxy)
{
	struct nsl_task row = {
		.event = (uint8_t)event,
		.own_nsproxy = own_nsproxy,
		.state = t->state,
		.pid = t->pid,
		.tid = t->tid,
		.ppid = t->ppid,
		.start = t->start,
		.cgroup = t->cgroup,
		.view = view_of(t),
	};

	put_comm(row.comm, t->comm);
	put(r, &row.head, sizeof(row), NSL_EV_TASK, ts);
}

static void put_tasks(const struct rows *r, const struct nsg_nsproxy *p)
{
	for (const struct nsg_task *t = p->first_task; t; t = t->next) {
		bool first = t == p->first_task && p->born;

		if (first || !t->seen)
			put_task(r, t, NSL_TASK_NEW, first ? p->born : p->read, first);
		if (t->seen)
			put_task(r, t, NSL_TASK_SEEN, t->seen, false);
	}
	/* last, so that the count has the time at which it was read */
	if (p->first_task)
		put_task(r, p->first_task, NSL_TASK_NEW, p->read, false);
}

static void put_step(const struct rows *r, enum nsl_kind kind, struct nsl_step step, uint32_t tid,
		     uint64_t ts)
{
	step.head.tid = tid;
	put(r, &step.head, sizeof(step), kind, ts);
}

/* The steps that made it what it is: copies, its name, what was installed since. */
static void put_half_built(const struct rows *r, const struct nsg_nsproxy *p)
{
	static const enum nsl_slot copies[] = {
		NSL_SLOT_MNT,
		NSL_SLOT_UTS,
		NSL_SLOT_IPC,
		NSL_SLOT_PID_FOR_CHILDREN,
		NSL_SLOT_CGROUP,
		NSL_SLOT_NET,
		NSL_SLOT_TIME_FOR_CHILDREN,
	};
	const struct nsg_ns *time = p->slot[NSL_SLOT_TIME];
	const struct nsg_ns *later = p->slot[NSL_SLOT_TIME_FOR_CHILDREN];
	uint32_t tid = p->builder == UINT32_MAX ? 0 : p->builder;

	put_step(r, NSL_EV_STEP_BEGIN, (struct nsl_step){.fn = NSL_FN_create_new_namespaces}, tid,
		 p->born);
	for (size_t i = 0; i < sizeof(copies) / sizeof(*copies); i++)
		if (p->slot[copies[i]])
			put_step(r, NSL_EV_STEP,
				 (struct nsl_step){.fn = (uint16_t)(NSL_FN_copy_mnt_ns + i),
						   .ns = nsg_ref(p->slot[copies[i]])},
				 tid, p->born);
	if (!p->id)
		return;
	put_step(r, NSL_EV_STEP,
		 (struct nsl_step){.fn = NSL_FN_create_new_namespaces, .nsproxy = p->id}, tid,
		 p->born);
	/* an installed one fills both slots */
	if (time)
		put_step(r, NSL_EV_STEP,
			 (struct nsl_step){.fn = NSL_FN_timens_install, .ns = nsg_ref(time)}, tid,
			 p->born);
	if (time && later && later != time)
		put_step(r, NSL_EV_STEP,
			 (struct nsl_step){.fn = NSL_FN_copy_time_ns, .ns = nsg_ref(later)}, tid,
			 p->born);
}

/* User namespaces that a call has made and that go again if it fails. */
static void put_open_calls(const struct rows *r)
{
	for (size_t i = 0; i < r->g->call_by_tid.size; i++) {
		for (struct node *n = r->g->call_by_tid.bucket[i]; n; n = n->chain) {
			const struct call *c = NODE_OF(n, struct call, by_tid);
			const struct ns *user = c->user ? ns_find(r->g, c->user) : NULL;
			struct nsl_ns row;

			if (!user)
				continue;
			nsg_row_of(r->g, &user->pub, &row);
			put_step(r, NSL_EV_STEP,
				 (struct nsl_step){.fn = NSL_FN_create_user_ns,
						   .ns = row.ns,
						   .owner = row.owner,
						   .parent = row.parent,
						   .level = row.level,
						   .ns_id = row.ns_id},
				 c->tid, user->pub.born);
		}
	}
}

/*
 * The initial nsproxy tells which namespaces are initial. Where no task of the graph
 * has it, one comes, shows it and goes.
 */
static void put_initial(const struct rows *r, const struct nsg_ns *ns)
{
	struct nsl_task row = {.event = NSL_TASK_NEW, .pid = UINT32_MAX, .tid = UINT32_MAX};

	if (!ns->initial || ns->type == NSL_USER)
		return;
	row.start = row.view.nsproxy = 1;
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
		if (nsm_slot_type((enum nsl_slot)slot) == (enum nsl_type)ns->type)
			row.view.slot[slot] = nsg_ref(ns);
	put(r, &row.head, sizeof(row), NSL_EV_TASK, ns->unused);
	row.event = NSL_TASK_EXIT;
	row.view.nsproxy = 0;
	put(r, &row.head, sizeof(row), NSL_EV_TASK, ns->unused);
	row.event = NSL_TASK_FREE;
	put(r, &row.head, sizeof(row), NSL_EV_TASK, ns->unused);
}

/* Told as dead, while something in the graph still refers to it. */
static void put_dead(const struct rows *r, const struct nsg_ns *ns, uint64_t ts)
{
	struct nsl_ns_free row = {.ns = nsg_ref(ns)};

	if (!ns || !((const struct ns *)ns)->dead)
		return;
	row.type = ns->type;
	put(r, &row.head, sizeof(row), NSL_EV_NS_FREE, ts);
}

static void put_all_dead(const struct rows *r, uint64_t ts)
{
	for (const struct nsg_ns *ns = nsg_namespaces(r->g); ns; ns = ns->next) {
		put_dead(r, ns->owner, ts);
		put_dead(r, ns->parent, ts);
	}
	for (const struct nsg_nsproxy *p = nsg_nsproxies(r->g); p; p = p->next) {
		for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
			put_dead(r, p->slot[slot], ts);
		for (const struct nsg_task *t = p->first_task; t; t = t->next) {
			put_dead(r, t->user, ts);
			put_dead(r, t->pid_active, ts);
		}
	}
	for (const struct nsg_task *t = nsg_zombies(r->g); t; t = t->next) {
		put_dead(r, t->user, ts);
		put_dead(r, t->pid_active, ts);
	}
}

/* A text behind a struct; what is too long for an event is left out. */
#define MAX_TEXT 4096

/* In the order of telling: it decides which of them are forgotten first. */
static void put_cgroups(const struct rows *r, uint64_t ts)
{
	for (const struct cgroup *c = r->g->cgroups.all; c; c = c->hh.next) {
		union {
			struct nsl_cgroup row;
			char bytes[sizeof(struct nsl_cgroup) + MAX_TEXT];
		} u = {0};

		if (strlen(c->path) >= MAX_TEXT)
			continue;
		u.row.id = c->id;
		memcpy(u.row.path, c->path, strlen(c->path) + 1);
		put(r, &u.row.head, sizeof(u.row) + strlen(c->path) + 1, NSL_EV_CGROUP, ts);
	}
}

void nsg_row_of_reading(const struct nsg *g, uint64_t ts, struct nsl_keeper *row)
{
	*row = (struct nsl_keeper){
		.head = {.size = sizeof(*row),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_KEEPER,
			 .hook = NSL_HOOK_TASK,
			 .ts = ts,
			 .lost = g->seen_lost},
		.type = NSL_TYPE_UNKNOWN,
		.fd = -1,
	};
}

static void put_keepers(const struct rows *r, uint64_t ts)
{
	struct nsl_keeper begin;

	/* what is read from here on does the same, even if some of this reading is yet to come */
	if (r->g->keepers_begin) {
		nsg_row_of_reading(r->g, ts, &begin);
		put(r, &begin.head, sizeof(begin), NSL_EV_KEEPER, ts);
	}
	for (size_t i = 0; i < r->g->nkeepers; i++) {
		const struct nsg_keeper *k = &r->g->keepers[i];
		size_t text = k->path && strlen(k->path) < MAX_TEXT ? strlen(k->path) + 1 : 0;
		union {
			struct nsl_keeper row;
			char bytes[sizeof(struct nsl_keeper) + MAX_TEXT];
		} u = {0};

		u.row.ns = nsg_ref(k->ns);
		u.row.type = k->ns->type;
		u.row.kind = k->kind;
		u.row.pid = k->pid;
		u.row.fd = k->fd;
		u.row.where = k->where;
		put_comm(u.row.comm, k->comm);
		if (text)
			memcpy(u.row.path, k->path, text);
		put(r, &u.row.head, sizeof(u.row) + text, NSL_EV_KEEPER, ts);
	}
}

static void put_marker(const struct rows *r, enum nsl_snapshot_event event, uint64_t ts)
{
	struct nsl_snapshot row = {.event = event, .number = r->g->totals.snapshots};

	put(r, &row.head, sizeof(row), NSL_EV_SNAPSHOT, ts);
}

bool nsg_rows(const struct nsg *g, uint64_t ts, nsg_row_fn fn, void *ctx)
{
	const struct rows r = {.g = g, .fn = fn, .ctx = ctx};
	const struct nsg_nsproxy *p;

	if (g->stale || g->snapshot.open)
		return false;
	nsg_nsproxies(g); /* sorted */
	put_marker(&r, NSL_SNAPSHOT_BEGIN, ts);
	/* first: what is initial follows from it */
	if (g->init_user)
		put_ns(&r, &g->init_user->pub);
	for (const struct nsg_ns *ns = nsg_namespaces(g); ns; ns = ns->next)
		if (!g->init_user || ns != &g->init_user->pub)
			put_ns(&r, ns);
	put_open_calls(&r);
	/*
	 * Those without an id stand first, the newest before the others. Before the tasks:
	 * the maker's own time namespace must not be taken for theirs.
	 */
	for (p = g->last_nsproxy; p; p = p->prev)
		if (p->builder)
			put_half_built(&r, p);
	for (const struct nsg_ns *ns = nsg_namespaces(g); ns && !nsg_find_nsproxy(g, 1);
	     ns = ns->next)
		put_initial(&r, ns);
	for (p = nsg_nsproxies(g); p; p = p->next)
		put_tasks(&r, p);
	for (const struct nsg_task *t = nsg_zombies(g); t; t = t->next)
		put_task(&r, t, t->seen ? NSL_TASK_SEEN : NSL_TASK_NEW, t->seen, false);
	put_cgroups(&r, ts); /* behind the tasks, which need them */
	put_all_dead(&r, ts);
	put_keepers(&r, ts);
	put_marker(&r, NSL_SNAPSHOT_END, ts);
	return true;
}

void nsg_resume(struct nsg *g, const struct nsg_totals *totals)
{
	g->totals.events = totals->events;
	g->totals.gaps = totals->gaps;
	g->totals.snapshots = totals->snapshots;
	g->told_lost = totals->lost;
}
