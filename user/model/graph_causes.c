// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who or what was it? A death is often told by a kernel worker, long after the
 * last user went, so the graph remembers what let go of a namespace last.
 */
#include <string.h>

#include "graph_internal.h"

/*
 * ipc, net, pid and user namespaces are destroyed by workers and RCU callbacks.
 * These take milliseconds, rarely a few hundred. A namespace that lives on for
 * longer was held by something that the graph cannot see, an open file perhaps,
 * and what went last is not known.
 */
#define WORKERS_NS  1000000000ull
#define MAX_ZOMBIES 64 /* that are looked at: it is one of the last */

void why(struct nsg *g, enum nsg_cause_kind kind, uint32_t pid, uint32_t tid, const char *comm)
{
	g->why = (struct nsg_cause){.kind = kind, .ts = g->now, .pid = pid, .tid = tid};
	g->why_told_by_end = false;
	if (comm)
		memcpy(g->why.comm, comm, strnlen(comm, NSL_COMM_LEN));
}

/* In the context of whoever dropped the last reference (KERNEL-FACTS B.3). */
static bool dies_at_once(enum nsl_type type)
{
	return type == NSL_MNT || type == NSL_UTS || type == NSL_CGROUP || type == NSL_TIME;
}

/* Not every worker is in the graph: they are initial, and come and go. */
static bool is_worker(const struct nsg *g, const struct nsl_head *h)
{
	static const char *const names[] = {"kworker/", "ksoftirqd/", "swapper/", "rcu",
					    "kthreadd"};
	const struct task *t = task_now(g, h->tid);

	if (!h->pid || (t && t->pub.state & NSL_TASK_KTHREAD))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!t && !strncmp(h->comm, names[i], strlen(names[i])))
			return true;
	return false;
}

struct nsg_cause cause_unpinned(const struct nsg *g, const struct nsl_head *h)
{
	struct nsg_cause cause = {.kind = NSG_CAUSE_UNPINNED, .ts = h->ts};

	if (is_worker(g, h))
		return cause;
	cause.pid = h->pid;
	cause.tid = h->tid;
	copy_comm(cause.comm, h->comm);
	return cause;
}

static struct nsg_cause by(const struct nsl_head *h, enum nsg_cause_kind kind)
{
	struct nsg_cause cause = {.kind = kind, .ts = h->ts, .pid = h->pid, .tid = h->tid};

	copy_comm(cause.comm, h->comm);
	return cause;
}

static bool is_exiting(const struct nsg *g, uint32_t tid)
{
	const struct task *t = task_now(g, tid);

	return t && !t->pub.nsproxy;
}

/*
 * The number of a reaped task goes just before the task itself, whose FREE is
 * then still to come, and takes the pid namespace along.
 */
static struct nsg_cause reaped(const struct nsg *g, const struct ns *ns, const struct nsl_head *h)
{
	struct nsg_cause cause = {.kind = NSG_CAUSE_NONE, .ts = h->ts};
	const struct nsg_task *t = g->last_zombie;

	for (int i = 0; t && t->pid_active != &ns->pub && t->user != &ns->pub; t = t->prev)
		if (++i == MAX_ZOMBIES)
			return cause;
	if (!t)
		return cause;
	cause.kind = NSG_CAUSE_REAPED;
	cause.pid = t->pid;
	cause.tid = t->tid;
	memcpy(cause.comm, t->comm, sizeof(cause.comm));
	return cause;
}

/* The graph still shows a user: the event that takes it away is on its way. */
static struct nsg_cause in_flight(const struct nsg *g, const struct ns *ns,
				  const struct nsl_head *h)
{
	struct nsg_cause none = {.kind = NSG_CAUSE_NONE, .ts = h->ts};
	const struct task *t = task_now(g, h->tid);

	if (ns->pub.tasks && !ns->pub.nsproxies && !ns->pub.children && !ns->pub.owned)
		return reaped(g, ns, h);
	if (!dies_at_once(ns->pub.type) || is_worker(g, h) || !t || !t->pub.nsproxy)
		return none;
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
		if (t->pub.nsproxy->slot[slot] == &ns->pub)
			return by(h, NSG_CAUSE_SWITCH);
	return none;
}

/* Long ago: something else must have kept it since. */
static bool is_old(const struct nsg_cause *last, const struct nsl_head *h)
{
	return h->ts > last->ts && h->ts - last->ts >= WORKERS_NS;
}

/* Has the call in which it lost its last user returned? Then that was not the end of it. */
static bool has_returned(const struct nsg *g, const struct ns_cause *c, const struct nsl_head *h)
{
	const struct task *t = task_now(g, c->pub.tid);

	return c->told_by_end || is_old(&c->pub, h) || (t && t->returned > c->seq);
}

/* Of a type that dies at once, and had lost its last user before. */
static struct nsg_cause at_once(const struct nsg *g, const struct ns *ns, const struct nsl_head *h)
{
	const struct ns_cause *c = ns->cause;

	if (c &&
	    ((c->pub.tid == h->tid && !has_returned(g, c, h)) || c->pub.kind == NSG_CAUSE_UNPINNED))
		return c->pub;
	if (is_exiting(g, h->tid))
		return by(h, NSG_CAUSE_EXIT);
	return cause_unpinned(g, h);
}

/* What was lost since may have used it again, and let go of it after that. */
static bool is_doubtful(const struct nsg *g, const struct ns *ns)
{
	return g->stale || (ns->cause && ns->cause->seq < g->loss);
}

struct nsg_cause cause_of_death(const struct nsg *g, const struct ns *ns, const struct nsl_head *h)
{
	const struct nsg_cause *last = ns->cause ? &ns->cause->pub : NULL;
	struct nsg_cause none = {.kind = NSG_CAUSE_NONE, .ts = h->ts};

	if (ns_used(ns))
		return in_flight(g, ns, h);
	if (last && last->kind == NSG_CAUSE_UNDONE)
		return *last;
	if (is_doubtful(g, ns))
		return last && dies_at_once(ns->pub.type) && last->tid == h->tid && !is_old(last, h)
			       ? *last
			       : none;
	if (dies_at_once(ns->pub.type))
		return at_once(g, ns, h);
	if (ns->keepers && (!last || last->kind != NSG_CAUSE_UNPINNED))
		return (struct nsg_cause){.kind = NSG_CAUSE_UNPINNED, .ts = h->ts};
	if (last && !is_old(last, h))
		return *last;
	return none;
}

const char *nsg_cause_name(enum nsg_cause_kind kind)
{
	static const char *const names[] = {
		[NSG_CAUSE_NONE] = "none",     [NSG_CAUSE_EXIT] = "exit",
		[NSG_CAUSE_REAPED] = "reaped", [NSG_CAUSE_SWITCH] = "switch",
		[NSG_CAUSE_UNDONE] = "undone", [NSG_CAUSE_UNPINNED] = "unpinned",
		[NSG_CAUSE_CHILD] = "child",
	};

	return (size_t)kind < sizeof(names) / sizeof(*names) ? names[kind] : "none";
}
