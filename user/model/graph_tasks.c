// SPDX-License-Identifier: GPL-2.0-only
/* Tasks of the graph: from their birth, or a snapshot, until they are reaped. */
#include <string.h>

#include "graph_internal.h"

static struct task *task_of(struct node *n)
{
	return NODE_OF(n, struct task, by_tid);
}

struct task *task_now(const struct nsg *g, uint32_t tid)
{
	for (struct node *n = table_find(&g->task_by_tid, tid); n; n = table_next(n))
		if (!task_of(n)->reaped)
			return task_of(n);
	return NULL;
}

struct task *task_match(const struct nsg *g, uint32_t tid, uint64_t start)
{
	struct task *now;

	for (struct node *n = table_find(&g->task_by_tid, tid); n && start; n = table_next(n))
		if (task_of(n)->pub.start == start)
			return task_of(n);
	/* one that made a call before any row told when it started */
	now = task_now(g, tid);
	return now && (!start || !now->pub.start) ? now : NULL;
}

bool task_is_initial(const struct nsg *g, const struct task *t)
{
	const struct nsg_task *p = &t->pub;

	if (!g->init_user || p->user != &g->init_user->pub)
		return false;
	if (!p->nsproxy)
		return !p->pid_active || p->pid_active->initial;
	return p->nsproxy->initial && p->pid_active && p->pid_active->initial;
}

bool view_is_initial(const struct nsg *g, const struct nsl_view *v)
{
	struct ns *pid = ns_find(g, v->slot[NSL_SLOT_PID_ACTIVE].obj);

	if (!g->init_user || v->slot[NSL_SLOT_USER].obj != g->init_user->pub.id)
		return false;
	if (!v->nsproxy)
		return !pid || pid->pub.initial;
	return v->nsproxy == 1 && pid && pid->pub.initial;
}

static void list_insert(struct nsg *g, struct nsg_task *t)
{
	struct nsg_nsproxy *p = t->nsproxy;
	struct nsg_task **first = p ? &p->first_task : &g->first_zombie;
	struct nsg_task **last = p ? &p->last_task : &g->last_zombie;

	t->next = NULL;
	t->prev = *last;
	*(t->prev ? &t->prev->next : first) = t;
	*last = t;
	if (p)
		p->ntasks++;
	else
		g->totals.zombies++;
}

static void list_remove(struct nsg *g, struct nsg_task *t)
{
	struct nsg_nsproxy *p = t->nsproxy;

	*(t->prev ? &t->prev->next : p ? &p->first_task : &g->first_zombie) = t->next;
	*(t->next ? &t->next->prev : p ? &p->last_task : &g->last_zombie) = t->prev;
	if (p)
		p->ntasks--;
	else
		g->totals.zombies--;
}

/* Zombies are counted as such, and not as initial tasks. */
static void classify(struct nsg *g, struct task *t)
{
	bool was = t->pub.initial && t->counted;

	t->pub.initial = task_is_initial(g, t);
	t->counted = t->pub.nsproxy != NULL;
	g->totals.initial_tasks += (size_t)(t->pub.initial && t->counted);
	g->totals.initial_tasks -= (size_t)was;
}

void tasks_classify(struct nsg *g)
{
	for (size_t i = 0; i < g->task_by_tid.size; i++)
		for (struct node *n = g->task_by_tid.bucket[i]; n; n = n->chain)
			classify(g, task_of(n));
}

void tasks_need_cgroups(struct nsg *g)
{
	for (size_t i = 0; i < g->task_by_tid.size; i++)
		for (struct node *n = g->task_by_tid.bucket[i]; n; n = n->chain)
			cgroups_need(&g->cgroups, task_of(n)->pub.cgroup);
}

static void set_nsproxy(struct nsg *g, struct task *t, struct nsproxy *p)
{
	struct nsproxy *old = (struct nsproxy *)t->pub.nsproxy;

	if (p == old)
		return;
	list_remove(g, &t->pub);
	t->pub.nsproxy = p ? &p->pub : NULL;
	list_insert(g, &t->pub);
	if (p && p->pub.builder)
		build_visible(g, p);
	nsproxy_let_go(g, old);
}

static void set_ns(struct nsg *g, struct nsg_ns **link, struct ns *ns)
{
	struct ns *old = (struct ns *)*link;

	if (ns == old)
		return;
	*link = ns ? &ns->pub : NULL;
	ns_use(g, ns, USE_TASK);
	ns_drop(g, old, USE_TASK);
}

static struct ns *ns_at(struct nsg *g, struct nsg_ns *now, const struct nsl_view *v,
			enum nsl_slot slot)
{
	/* most often it is the same */
	if (now && now->id == v->slot[slot].obj)
		return (struct ns *)now;
	return ns_get(g, &v->slot[slot], nsm_slot_type(slot));
}

static void remove_task(struct nsg *g, struct task *t)
{
	struct nsproxy *p = (struct nsproxy *)t->pub.nsproxy;

	list_remove(g, &t->pub);
	t->pub.nsproxy = NULL;
	nsproxy_let_go(g, p);
	set_ns(g, &t->pub.user, NULL);
	set_ns(g, &t->pub.pid_active, NULL);
	if (t->pub.initial && t->counted)
		g->totals.initial_tasks--;
	g->totals.tasks--;
	table_remove(&g->task_by_tid, &t->by_tid);
	pool_give(&g->task_pool, t);
}

/*
 * With its pid 1 a pid namespace ends for good, but a leader may end before other threads of its
 * process: by pthread_exit(), or because one of them execs and becomes the leader.
 */
static void leader_of_init(struct task *t, bool exited)
{
	if (t->pub.ns_tid == 1 && t->pub.pid_active)
		t->pub.pid_active->init_exited = exited;
}

static void gone(struct nsg *g, struct task *t)
{
	bool zombie = !t->pub.nsproxy;

	leader_of_init(t, true);
	why(g, zombie ? NSG_CAUSE_REAPED : NSG_CAUSE_EXIT, t->pub.pid, t->pub.tid, t->pub.comm);
	remove_task(g, t);
}

/* Its number belongs to another: of a zombie only the credentials are left. */
static void make_way(struct nsg *g, uint32_t tid)
{
	struct node *next;

	for (struct node *n = table_find(&g->task_by_tid, tid); n; n = next) {
		struct task *t = task_of(n);

		next = table_next(n);
		if (t->pub.nsproxy || t->reaped) {
			gone(g, t);
			continue;
		}
		why(g, NSG_CAUSE_REAPED, t->pub.pid, t->pub.tid, t->pub.comm);
		t->reaped = true;
		set_ns(g, &t->pub.pid_active, NULL);
		classify(g, t);
	}
}

static struct task *make(struct nsg *g, uint32_t tid, uint64_t start)
{
	struct task *t = NULL;

	make_way(g, tid);
	if (table_reserve(&g->task_by_tid))
		t = pool_take(&g->task_pool);
	if (!t) {
		g->out_of_memory = true;
		return NULL;
	}
	t->pub.tid = tid;
	t->pub.start = start;
	table_insert(&g->task_by_tid, &t->by_tid, tid);
	list_insert(g, &t->pub);
	g->totals.tasks++;
	return t;
}

/* Its ids, and what it sees. `p`: its nsproxy. */
static void set_view(struct nsg *g, struct task *t, const struct nsl_view *v, struct nsproxy *p)
{
	if (v->ns_tid) {
		t->pub.ns_pid = v->ns_pid;
		t->pub.ns_tid = v->ns_tid;
	}
	if (p || !g->out_of_memory)
		set_nsproxy(g, t, p);
	if (v->slot[NSL_SLOT_USER].obj)
		set_ns(g, &t->pub.user, ns_at(g, t->pub.user, v, NSL_SLOT_USER));
	if (v->slot[NSL_SLOT_PID_ACTIVE].obj)
		set_ns(g, &t->pub.pid_active, ns_at(g, t->pub.pid_active, v, NSL_SLOT_PID_ACTIVE));
	t->touched = g->seq;
}

/*
 * The initial user namespace may show itself before its own row: kernel threads
 * are in it, and so is the first process.
 */
static void find_init_user(struct nsg *g, const struct task *t)
{
	if (g->init_user || !t->pub.user || !t->pub.nsproxy || !t->pub.nsproxy->initial ||
	    (t->pub.tid != 1 && !(t->pub.state & NSL_TASK_KTHREAD)))
		return;
	g->init_user = (struct ns *)t->pub.user;
	g->init_user->pub.initial = true;
	tasks_classify(g);
}

static void set_facts(struct nsg *g, struct task *t, const struct nsl_task *e)
{
	t->pub.pid = e->pid;
	t->pub.ppid = e->ppid;
	t->pub.cgroup = e->cgroup;
	t->pub.state = e->state;
	if (e->start)
		t->pub.start = e->start;
	copy_comm(t->pub.comm, e->comm);
	find_init_user(g, t);
	classify(g, t);
}

/* NULL where it is not to be followed: out of memory, or gone for good. */
static struct task *get(struct nsg *g, uint32_t tid, uint64_t start)
{
	struct task *t = task_match(g, tid, start);

	if (t)
		return t->reaped ? NULL : t;
	return make(g, tid, start);
}

static void on_new(struct nsg *g, const struct nsl_task *e)
{
	struct task *t = get(g, e->tid, e->start);

	if (!t)
		return;
	set_view(g, t, &e->view, nsproxy_get(g, &e->view, e->own_nsproxy ? g->now : 0));
	set_facts(g, t, e);
}

/*
 * A thread that takes over its leader's number takes its birthday too: the entry
 * of the leader becomes its own.
 */
static void on_exec(struct nsg *g, const struct nsl_task *e)
{
	struct task *t = get(g, e->tid, e->start), *old;

	if (!t)
		return;
	why(g, NSG_CAUSE_SWITCH, e->pid, e->tid, e->head.comm);
	set_view(g, t, &e->view, nsproxy_get(g, &e->view, 0));
	set_facts(g, t, e);
	leader_of_init(t, false);
	old = e->old_tid && e->old_tid != e->tid ? task_now(g, e->old_tid) : NULL;
	if (old) {
		build_end(g, e->old_tid, &e->head, true);
		remove_task(g, old);
	}
}

static void on_exit_of(struct nsg *g, const struct nsl_task *e)
{
	struct task *t = task_match(g, e->tid, e->start);
	bool whole = e->view.slot[NSL_SLOT_USER].obj;
	bool initial = t && !whole ? t->pub.initial : view_is_initial(g, &e->view);

	build_end(g, e->tid, &e->head, true);
	if (!t && !initial)
		t = make(g, e->tid, e->start);
	if (!t || t->reaped)
		return;
	why(g, NSG_CAUSE_EXIT, e->pid, e->tid, e->head.comm);
	if (initial) {
		remove_task(g, t);
		return;
	}
	set_view(g, t, &e->view, NULL);
	set_facts(g, t, e);
	leader_of_init(t, true);
	t->pub.state |= NSL_TASK_EXITING;
}

static void on_free(struct nsg *g, const struct nsl_task *e)
{
	struct task *t = task_match(g, e->tid, e->start);

	/* of a start that is not known, the number may have had another owner before */
	if (!t || (t->pub.nsproxy && t->pub.start != e->start))
		return;
	gone(g, t);
}

static void on_seen(struct nsg *g, const struct nsl_task *e)
{
	bool known = task_match(g, e->tid, e->start) != NULL;
	struct task *t = get(g, e->tid, e->start);
	bool exited = known && t && !t->pub.nsproxy && (e->state & NSL_TASK_EXITING);

	if (!t)
		return;
	/* its exit was told before its nsproxy is dropped: it has exited for us */
	set_view(g, t, &e->view, exited ? NULL : nsproxy_get(g, &e->view, 0));
	set_facts(g, t, e);
	if (!t->pub.nsproxy)
		leader_of_init(t, true);
	t->pub.seen = g->now;
}

static void see(struct nsg *g, const struct nsl_task *e)
{
	g->by_row = true;
	on_seen(g, e);
	g->by_row = false;
}

void task_event(struct nsg *g, const struct nsl_task *e)
{
	why(g, NSG_CAUSE_NONE, 0, 0, NULL);
	switch (e->event) {
	case NSL_TASK_NEW:
		on_new(g, e);
		break;
	case NSL_TASK_EXEC:
		on_exec(g, e);
		break;
	case NSL_TASK_EXIT:
		on_exit_of(g, e);
		break;
	case NSL_TASK_FREE:
		on_free(g, e);
		break;
	default:
		if (g->snapshot.open && g->verify.running)
			verify_task(g, e);
		else
			see(g, e);
	}
}

/* The caller of a call that succeeded, as it is now. */
static void moved(struct nsg *g, const struct nsl_call_end *e)
{
	struct task *t = task_now(g, e->head.tid);

	if (!e->after.slot[NSL_SLOT_USER].obj)
		return; /* nothing was read: every task has one */
	/* a zombie makes no calls; but exec may have given a thread its leader's number */
	if (!t || (!t->pub.nsproxy && e->syscall != NSL_SYS_EXEC))
		t = make(g, e->head.tid, 0);
	if (!t)
		return;
	/* nobody tells of the end of an initial one: this may be the next task of its number */
	if (t->pub.initial)
		t->pub.start = 0;
	why(g, NSG_CAUSE_SWITCH, e->head.pid, e->head.tid, e->head.comm);
	g->why_told_by_end = true;
	set_view(g, t, &e->after, nsproxy_get(g, &e->after, g->now));
	t->pub.pid = e->head.pid;
	t->pub.cgroup = e->head.cgroup;
	copy_comm(t->pub.comm, e->head.comm);
	find_init_user(g, t);
	classify(g, t);
}

void task_call_end(struct nsg *g, const struct nsl_call_end *e)
{
	struct task *t;

	switch (e->syscall) {
	case NSL_SYS_UNSHARE:
	case NSL_SYS_SETNS:
	case NSL_SYS_EXEC:
		if (e->ret >= 0)
			moved(g, e);
		break;
	case NSL_SYS_EXIT:
		t = task_now(g, e->head.tid);
		if (!t || !t->pub.nsproxy)
			break;
		why(g, NSG_CAUSE_EXIT, e->head.pid, e->head.tid, e->head.comm);
		set_nsproxy(g, t, NULL);
		t->pub.state |= NSL_TASK_EXITING;
		t->touched = g->seq;
		classify(g, t);
		break;
	default:
		break;
	}
	t = task_now(g, e->head.tid);
	if (t)
		t->returned = g->seq;
	build_end(g, e->head.tid, &e->head, e->ret < 0);
}

void tasks_sweep(struct nsg *g)
{
	for (size_t i = 0; i < g->task_by_tid.size; i++) {
		for (struct node *n = g->task_by_tid.bucket[i], *next; n; n = next) {
			struct task *t = task_of(n);

			next = n->chain;
			if (t->touched >= g->snapshot.begin)
				continue;
			if (t->pub.nsproxy) {
				why(g, NSG_CAUSE_NONE, 0, 0, NULL);
				remove_task(g, t);
			} else {
				gone(g, t); /* its FREE is on its way */
			}
		}
	}
}

void nsg_rename(struct nsg *g, uint32_t tid, const char *comm)
{
	struct task *t = task_now(g, tid);

	if (!t)
		return;
	memset(t->pub.comm, 0, sizeof(t->pub.comm));
	memcpy(t->pub.comm, comm, strnlen(comm, NSL_COMM_LEN));
}

const struct nsg_task *nsg_find_task(const struct nsg *g, uint32_t tid)
{
	struct task *t = task_now(g, tid);

	return t ? &t->pub : NULL;
}

bool nsg_init_ended(const struct nsg *g, const struct nsg_ns *ns)
{
	if (!ns->init_exited || !ns->tasks)
		return ns->init_exited;
	for (const struct nsg_nsproxy *p = g->first_nsproxy; p; p = p->next)
		for (const struct nsg_task *t = p->first_task; t; t = t->next)
			if (t->pid_active == ns && t->ns_pid == 1)
				return false;
	return true;
}

const struct nsg_task *nsg_zombies(const struct nsg *g)
{
	return g->first_zombie;
}
