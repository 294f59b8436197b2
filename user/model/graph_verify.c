// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the graph right? The rows of a snapshot are held against it. What differs is
 * suspect, and a difference once the next verification shows the same and no
 * event has touched the object since.
 */
#include <stdlib.h>
#include <string.h>

#include "graph_internal.h"

/*
 * A task is reaped before that is told, at the end of an RCU grace period, and what the kernel
 * does not tell is found some two seconds later (cmd/live_reaped.h). Until this has passed a
 * zombie that the kernel no longer lists is no difference.
 */
#define GRACE_NS 4000000000ull

static struct suspect *add(struct nsg *g, enum nsg_difference_kind kind)
{
	struct suspects *s = &g->verify.now;
	struct suspect *all;

	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;

		all = realloc(s->all, cap * sizeof(*all));
		if (!all) {
			g->out_of_memory = true;
			return NULL;
		}
		s->all = all;
		s->cap = cap;
	}
	all = &s->all[s->n++];
	memset(all, 0, sizeof(*all));
	all->pub.kind = kind;
	all->since = g->seq;
	all->ts = g->now;
	return all;
}

static void add_task(struct nsg *g, enum nsg_difference_kind kind, uint32_t tid, uint64_t start,
		     const char *comm, struct nsl_ref graph, struct nsl_ref kernel)
{
	struct suspect *s = add(g, kind);

	if (!s)
		return;
	s->pub.tid = tid;
	s->pub.start = start;
	s->pub.graph = graph;
	s->pub.kernel = kernel;
	memcpy(s->pub.comm, comm, strnlen(comm, NSL_COMM_LEN));
}

static struct nsl_ref nsproxy_ref(uint64_t id)
{
	return (struct nsl_ref){.obj = id};
}

static const struct nsg_ns *slot_of(const struct nsg_task *t, enum nsl_slot slot)
{
	if (slot == NSL_SLOT_USER)
		return t->user;
	if (slot == NSL_SLOT_PID_ACTIVE)
		return t->pid_active;
	return t->nsproxy ? t->nsproxy->slot[slot] : NULL;
}

/* Number of slots that differ, from `first` on. */
static int compare_slots(struct nsg *g, const struct nsg_task *t, const struct nsl_task *e,
			 enum nsl_slot first)
{
	int differ = 0;

	for (int slot = first; slot < NSL_SLOTS; slot++) {
		const struct nsg_ns *ns = slot_of(t, slot);
		const struct nsl_ref *kernel = &e->view.slot[slot];

		if ((ns ? ns->id : 0) == kernel->obj)
			continue;
		/* reaped while it was read */
		if (slot == NSL_SLOT_PID_ACTIVE && !kernel->obj)
			continue;
		differ++;
		add_task(g, NSG_TASK_SLOT, t->tid, t->start, t->comm, nsg_ref(ns), *kernel);
		if (!g->out_of_memory)
			g->verify.now.all[g->verify.now.n - 1].pub.slot = slot;
	}
	return differ;
}

static void compare_task(struct nsg *g, const struct nsg_task *t, const struct nsl_task *e)
{
	uint64_t id = t->nsproxy ? t->nsproxy->id : 0;

	if (!t->nsproxy || !e->view.nsproxy) {
		/* on its way out it has its nsproxy for a while after its exit was told */
		bool exiting = e->state & NSL_TASK_EXITING || !e->view.nsproxy;

		if (t->nsproxy || !exiting)
			add_task(g, NSG_TASK_EXITED, t->tid, t->start, t->comm, nsproxy_ref(id),
				 nsproxy_ref(e->view.nsproxy));
		compare_slots(g, t, e, NSL_SLOT_USER);
		return;
	}
	if (!compare_slots(g, t, e, NSL_SLOT_MNT) && id != e->view.nsproxy)
		add_task(g, NSG_TASK_NSPROXY, t->tid, t->start, t->comm, nsproxy_ref(id),
			 nsproxy_ref(e->view.nsproxy));
}

void verify_begin(struct nsg *g)
{
	struct suspects s = g->verify.before;

	/* those of the last time, to be compared with; their memory is used in turn */
	g->verify.before = g->verify.now;
	g->verify.now = s;
	g->verify.now.n = 0;
	g->verify.number++;
}

void verify_task(struct nsg *g, const struct nsl_task *e)
{
	struct task *t = task_match(g, e->tid, e->start);
	bool initial = view_is_initial(g, &e->view);

	g->verify.calling = e->state & NSL_TASK_CALLING;
	if (g->verify.calling) {
		if (t)
			t->verified = g->verify.number;
		return;
	}
	if (!t) {
		if (!initial)
			add_task(g, NSG_TASK_MISSING, e->tid, e->start, e->comm, nsproxy_ref(0),
				 nsproxy_ref(e->view.nsproxy));
		return;
	}
	t->verified = g->verify.number;
	if (!t->pub.start)
		t->pub.start = e->start; /* which of that number it is, nothing else tells */
	if (!initial || !t->pub.initial)
		compare_task(g, &t->pub, e);
}

static void compare_ns(struct nsg *g, enum nsg_difference_kind kind, const struct nsg_ns *ns,
		       struct nsl_ref graph, struct nsl_ref kernel)
{
	struct suspect *s = graph.obj != kernel.obj ? add(g, kind) : NULL;

	if (!s)
		return;
	s->pub.ns = ns->id;
	s->pub.graph = graph;
	s->pub.kernel = kernel;
}

void verify_ns(struct nsg *g, const struct nsl_ns *e)
{
	const struct ns *found = ns_find(g, e->ns.obj);
	const struct nsg_ns *ns = found ? &found->pub : NULL;
	struct suspect *s;

	if (!e->ns.obj)
		return;
	if (!ns && g->verify.calling)
		return; /* its call has made it, and has not yet told */
	if (!ns) {
		s = add(g, NSG_NS_MISSING);
		if (s) {
			s->pub.ns = e->ns.obj;
			s->pub.kernel = e->ns;
		}
		return;
	}
	compare_ns(g, NSG_NS_OWNER, ns, nsg_ref(ns->owner),
		   e->type == NSL_USER && !e->owner.obj ? e->parent : e->owner);
	compare_ns(g, NSG_NS_PARENT, ns, nsg_ref(ns->parent),
		   e->type == NSL_USER && !e->parent.obj ? e->owner : e->parent);
	if (ns->level != (e->level < UINT8_MAX ? e->level : UINT8_MAX)) {
		s = add(g, NSG_NS_LEVEL);
		if (s) {
			s->pub.ns = ns->id;
			s->pub.graph = s->pub.kernel = e->ns;
		}
	}
}

/* Tasks of the graph that had no row. */
static void find_extra(struct nsg *g)
{
	for (size_t i = 0; i < g->task_by_tid.size; i++) {
		for (struct node *n = g->task_by_tid.bucket[i]; n; n = n->chain) {
			const struct task *t = NODE_OF(n, struct task, by_tid);
			const struct nsg_task *p = &t->pub;

			if (t->verified == g->verify.number || p->initial || t->reaped ||
			    t->touched >= g->snapshot.begin)
				continue;
			add_task(g, NSG_TASK_EXTRA, p->tid, p->start, p->comm,
				 nsproxy_ref(p->nsproxy ? p->nsproxy->id : 0), nsproxy_ref(0));
		}
	}
}

#define BY(member)                                                                                 \
	do {                                                                                       \
		if (x->member != y->member)                                                        \
			return x->member < y->member ? -1 : 1;                                     \
	} while (0)

/* The same difference, in the same way? */
static int compare(const void *a, const void *b)
{
	const struct nsg_difference *x = &((const struct suspect *)a)->pub;
	const struct nsg_difference *y = &((const struct suspect *)b)->pub;

	BY(tid);
	BY(start);
	BY(ns);
	BY(kind);
	BY(slot);
	BY(graph.obj);
	BY(kernel.obj);
	return 0;
}

static uint64_t touched(const struct nsg *g, const struct nsg_difference *d)
{
	const struct task *t = d->tid ? task_match(g, d->tid, d->start) : NULL;
	const struct ns *ns = d->ns ? ns_find(g, d->ns) : NULL;

	if (d->tid)
		return t ? t->touched : 0;
	return ns ? ns->touched : 0;
}

/* Which of them were suspect before, and have not been touched since? */
static void recognise(struct nsg *g)
{
	struct suspects *now = &g->verify.now, *before = &g->verify.before;

	if (now->n)
		qsort(now->all, now->n, sizeof(*now->all), compare);
	for (size_t i = 0; before->n && i < now->n; i++) {
		struct suspect *s = &now->all[i];
		const struct suspect *old =
			bsearch(s, before->all, before->n, sizeof(*before->all), compare);

		if (!old || touched(g, &s->pub) >= old->since)
			continue;
		s->since = old->since;
		s->ts = old->ts;
		s->again = true;
	}
}

/* A zombie that is just being reaped. */
static bool young(const struct nsg *g, const struct suspect *s)
{
	return s->pub.kind == NSG_TASK_EXTRA && !s->pub.graph.obj && g->now - s->ts < GRACE_NS;
}

static void tell(struct nsg *g)
{
	struct verification *v = &g->verify;

	free(v->told);
	v->ntold = v->nconfirmed = 0;
	v->told = v->now.n ? malloc(v->now.n * sizeof(*v->told)) : NULL;
	if (v->now.n && !v->told) {
		g->out_of_memory = true;
		return;
	}
	for (int again = 1; again >= 0; again--) {
		for (size_t i = 0; i < v->now.n; i++)
			if (v->now.all[i].again == again && !young(g, &v->now.all[i]))
				v->told[v->ntold++] = v->now.all[i].pub;
		if (again)
			v->nconfirmed = v->ntold;
	}
}

void verify_end(struct nsg *g)
{
	if (g->verify.partial) {
		/* the gap has been told; what was compared means nothing */
		g->verify.now.n = 0;
		g->verify.before.n = 0;
	} else {
		find_extra(g);
		recognise(g);
	}
	tell(g);
}

void verify_free(struct nsg *g)
{
	free(g->verify.now.all);
	free(g->verify.before.all);
	free(g->verify.told);
}

size_t verify_bytes(const struct nsg *g)
{
	return (g->verify.now.cap + g->verify.before.cap) * sizeof(struct suspect) +
	       g->verify.ntold * sizeof(*g->verify.told);
}

void nsg_verify(struct nsg *g)
{
	g->verify.wanted = true;
}

const struct nsg_difference *nsg_differences(const struct nsg *g, size_t *n, size_t *confirmed)
{
	*n = g->verify.ntold;
	*confirmed = g->verify.nconfirmed;
	return g->verify.told;
}

const char *nsg_difference_name(enum nsg_difference_kind kind)
{
	static const char *const names[] = {
		[NSG_TASK_MISSING] = "task missing",
		[NSG_TASK_EXTRA] = "task extra",
		[NSG_TASK_SLOT] = "slot",
		[NSG_TASK_NSPROXY] = "nsproxy",
		[NSG_TASK_EXITED] = "exited",
		[NSG_NS_MISSING] = "namespace missing",
		[NSG_NS_OWNER] = "owner",
		[NSG_NS_PARENT] = "parent",
		[NSG_NS_LEVEL] = "level",
	};

	return (size_t)kind < sizeof(names) / sizeof(*names) ? names[kind] : "?";
}
