// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is being built inside calls: an nsproxy whose slots fill one by one, a
 * user namespace that no task has yet. When the call fails they go again.
 */
#include "graph_internal.h"

static struct call *find(const struct nsg *g, uint32_t tid)
{
	struct node *n = table_find(&g->call_by_tid, tid);

	return n ? NODE_OF(n, struct call, by_tid) : NULL;
}

static struct call *get(struct nsg *g, uint32_t tid)
{
	struct call *c = find(g, tid);

	if (!c) {
		if (table_reserve(&g->call_by_tid))
			c = pool_take(&g->call_pool);
		if (!c) {
			g->out_of_memory = true;
			return NULL;
		}
		c->tid = tid;
		table_insert(&g->call_by_tid, &c->by_tid, tid);
	}
	c->touched = g->seq;
	return c;
}

static void put(struct nsg *g, struct call *c)
{
	table_remove(&g->call_by_tid, &c->by_tid);
	pool_give(&g->call_pool, c);
}

/* It vanishes, unless a task has it. */
static void leave(struct nsg *g, struct call *c)
{
	struct nsproxy *p = c->nsproxy;

	if (!p)
		return;
	c->nsproxy = NULL;
	p->pub.builder = 0;
	nsproxy_let_go(g, p);
}

static struct nsproxy *building(struct nsg *g, struct call *c)
{
	if (!c->nsproxy) {
		c->nsproxy = nsproxy_make(g, 0);
		if (!c->nsproxy)
			return NULL;
		c->nsproxy->pub.builder = c->tid ? c->tid : UINT32_MAX;
		c->nsproxy->pub.born = g->now;
	}
	return c->nsproxy;
}

void build_step_begin(struct nsg *g, const struct nsl_step *e)
{
	struct call *c;

	if (e->fn != NSL_FN_create_new_namespaces)
		return;
	c = get(g, e->head.tid);
	if (!c)
		return;
	why(g, NSG_CAUSE_UNDONE, e->head.pid, e->head.tid, e->head.comm);
	leave(g, c);
	building(g, c);
}

static const enum nsl_slot slot_of[NSL_TYPES] = {
	[NSL_MNT] = NSL_SLOT_MNT,
	[NSL_UTS] = NSL_SLOT_UTS,
	[NSL_IPC] = NSL_SLOT_IPC,
	[NSL_PID] = NSL_SLOT_PID_FOR_CHILDREN,
	[NSL_CGROUP] = NSL_SLOT_CGROUP,
	[NSL_NET] = NSL_SLOT_NET,
	[NSL_TIME] = NSL_SLOT_TIME_FOR_CHILDREN,
};

/* The arguments of an untrusted step were not read; an owner is, where it was made. */
static bool has_made(const struct nsl_step *e, enum nsl_type type)
{
	if (e->fn == NSL_FN_create_user_ns)
		return true;
	if (e->flags & NSL_STEP_UNTRUSTED)
		return e->owner.obj != 0;
	return (e->new_flags & nsm_type_bit(type)) != 0;
}

static void made(struct nsg *g, struct ns *ns, const struct nsl_step *e)
{
	if (e->ns_id)
		ns->pub.ns_id = e->ns_id;
	ns_set_family(g, ns, &e->owner, &e->parent, e->level);
	ns_born(g, ns);
}

static void copied(struct nsg *g, struct call *c, const struct nsl_step *e)
{
	enum nsl_type type = fn_type(e->fn);
	struct nsproxy *p;
	struct ns *ns;

	if (e->ret < 0) {
		/* what the copies before it have made is put again before the function returns */
		leave(g, c);
		return;
	}
	p = building(g, c);
	ns = ns_get(g, &e->ns, type);
	if (!p || !ns)
		return;
	nsproxy_set_slot(g, p, slot_of[type], ns);
	if (has_made(e, type))
		made(g, ns, e);
}

static void user_made(struct nsg *g, struct call *c, const struct nsl_step *e)
{
	struct ns *ns;

	if (e->ret < 0)
		return;
	ns = ns_get(g, &e->ns, NSL_USER);
	if (!ns)
		return;
	c->user = ns->pub.id;
	made(g, ns, e);
}

static void created(struct nsg *g, struct call *c, const struct nsl_step *e)
{
	struct nsproxy *p = c->nsproxy;
	struct task *t = task_now(g, e->head.tid);

	if (!p || p->pub.id)
		return;
	if (e->ret < 0 || !e->nsproxy || nsproxy_find(g, e->nsproxy)) {
		leave(g, c);
		return;
	}
	nsproxy_name(g, p, e->nsproxy);
	/* it takes over the time namespace of its maker, whatever is pending */
	if (t && t->pub.nsproxy && !p->pub.slot[NSL_SLOT_TIME])
		nsproxy_set_slot(g, p, NSL_SLOT_TIME,
				 (struct ns *)t->pub.nsproxy->slot[NSL_SLOT_TIME]);
}

/* setns: into the private nsproxy. */
static void installed(struct nsg *g, struct call *c, const struct nsl_step *e)
{
	enum nsl_type type = fn_type(e->fn);
	struct ns *ns;

	if (e->ret < 0 || !c->nsproxy || type == NSL_USER)
		return;
	ns = ns_get(g, &e->ns, type);
	if (!ns)
		return;
	nsproxy_set_slot(g, c->nsproxy, slot_of[type], ns);
	if (type == NSL_TIME)
		nsproxy_set_slot(g, c->nsproxy, NSL_SLOT_TIME, ns);
}

/*
 * Its last user has gone, and its namespaces go next. In setns and unshare that
 * is told before the end of the call, whose view shows where the task is now.
 */
static void released(struct nsg *g, const struct nsl_step *e)
{
	struct nsproxy *p = nsproxy_find(g, e->nsproxy);
	struct task *t = task_now(g, e->head.tid);
	struct call *c;

	if (!p || p->pub.initial)
		return;
	if (p->pub.builder) {
		c = find(g, p->pub.builder);
		if (c && c->nsproxy == p)
			leave(g, c);
		return;
	}
	g->why.kind = t && !t->pub.nsproxy ? NSG_CAUSE_EXIT : NSG_CAUSE_SWITCH;
	nsproxy_clear(g, p);
	nsproxy_let_go(g, p);
}

void build_step(struct nsg *g, const struct nsl_step *e)
{
	bool copy = fn_is_copy(e->fn);
	struct call *c;

	why(g, NSG_CAUSE_UNDONE, e->head.pid, e->head.tid, e->head.comm);
	if (fn_is_release(e->fn)) {
		released(g, e);
		return;
	}
	if (!copy && e->fn != NSL_FN_create_user_ns && !fn_is_install(e->fn) &&
	    e->fn != NSL_FN_create_new_namespaces)
		return;
	c = get(g, e->head.tid);
	if (!c)
		return;
	if (copy)
		copied(g, c, e);
	else if (fn_is_install(e->fn))
		installed(g, c, e);
	else if (e->fn == NSL_FN_create_user_ns)
		user_made(g, c, e);
	else
		created(g, c, e);
}

void build_visible(struct nsg *g, struct nsproxy *p)
{
	struct call *c = p->pub.builder ? find(g, p->pub.builder) : NULL;

	p->pub.builder = 0;
	if (c && c->nsproxy == p)
		c->nsproxy = NULL;
}

void build_end(struct nsg *g, uint32_t tid, const struct nsl_head *by, bool failed)
{
	struct call *c = find(g, tid);
	struct ns *user;

	if (!c)
		return;
	why(g, failed ? NSG_CAUSE_UNDONE : NSG_CAUSE_NONE, by->pid, tid, by->comm);
	leave(g, c);
	user = failed && c->user ? ns_find(g, c->user) : NULL;
	if (user)
		ns_undone(g, user);
	put(g, c);
}

void build_sweep(struct nsg *g)
{
	for (size_t i = 0; i < g->call_by_tid.size; i++) {
		for (struct node *n = g->call_by_tid.bucket[i], *next; n; n = next) {
			struct call *c = NODE_OF(n, struct call, by_tid);

			next = n->chain;
			if (c->touched >= g->loss)
				continue;
			leave(g, c);
			put(g, c);
		}
	}
}
