// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces of the graph: found, counted, related, dying. */
#include <stdlib.h>

#include "graph_internal.h"

/* The kernel nests user and pid namespaces 33 deep; more is a broken recording. */
#define MAX_DEPTH 64
#define ANONYMOUS 0xeffffff7u /* number of all anonymous mount namespaces, since 6.18 */
#define MAX_SAME  16 /* of one number: all but one are dead, so more is a broken recording */

struct ns *ns_find(const struct nsg *g, uint64_t id)
{
	struct node *n = table_find(&g->ns_by_id, id);

	return n ? NODE_OF(n, struct ns, by_id) : NULL;
}

/* Ids come in their order but for a few that one event names together. */
static void list_insert(struct nsg *g, struct nsg_ns *ns)
{
	struct nsg_ns *after = g->last_ns;

	for (int i = 0; after && after->id > ns->id && i < 16; i++)
		after = after->prev;
	if (after && after->id > ns->id) {
		g->ns_unsorted = true;
		after = g->last_ns;
	}
	ns->prev = after;
	ns->next = after ? after->next : g->first_ns;
	*(ns->prev ? &ns->prev->next : &g->first_ns) = ns;
	*(ns->next ? &ns->next->prev : &g->last_ns) = ns;
}

static void list_remove(struct nsg *g, struct nsg_ns *ns)
{
	*(ns->prev ? &ns->prev->next : &g->first_ns) = ns->next;
	*(ns->next ? &ns->next->prev : &g->last_ns) = ns->prev;
	ns->next = ns->prev = NULL;
}

/* Anonymous mount namespaces have no number: they must not make one long chain. */
static uint64_t inum_key(uint32_t inum, uint64_t id)
{
	return inum ? inum : id | 1ull << 63;
}

static void bury(struct nsg *g, struct ns *ns, const struct nsg_cause *cause);

/*
 * Its number was given to another: it is dead, though nothing has told so. Where
 * function hooks are missing this is all that is learnt of deaths.
 */
static void forget_number(struct nsg *g, uint32_t inum)
{
	struct node *n = table_find(&g->ns_by_inum, inum);

	if (!inum || inum == ANONYMOUS)
		return;
	for (int i = 0; n && i < MAX_SAME; i++) {
		struct ns *ns = NODE_OF(n, struct ns, by_inum);
		struct nsg_cause cause = {.kind = NSG_CAUSE_NONE, .ts = g->now};

		n = table_next(n);
		if (ns_used(ns) || ns->pub.initial || ns->touched == g->seq)
			continue; /* this event names both: then it proves nothing */
		if (ns->cause)
			cause = ns->cause->pub;
		bury(g, ns, &cause);
	}
}

static struct ns *make(struct nsg *g, const struct nsl_ref *ref, enum nsl_type type)
{
	struct ns *ns = NULL;

	forget_number(g, ref->inum);
	if (table_reserve(&g->ns_by_id) && table_reserve(&g->ns_by_inum))
		ns = pool_take(&g->ns_pool);
	if (!ns) {
		g->out_of_memory = true;
		return NULL;
	}
	ns->pub = (struct nsg_ns){
		.id = ref->obj,
		.inum = ref->inum,
		.type = (uint8_t)type,
		.unused = g->now,
		.refs = NSL_COUNT_UNKNOWN,
		.active = NSL_COUNT_UNKNOWN,
		.owner_uid = NSL_COUNT_UNKNOWN,
	};
	ns->touched = g->seq;
	table_insert(&g->ns_by_id, &ns->by_id, ref->obj);
	table_insert(&g->ns_by_inum, &ns->by_inum, inum_key(ref->inum, ref->obj));
	list_insert(g, &ns->pub);
	g->totals.namespaces++;
	return ns;
}

struct ns *ns_get(struct nsg *g, const struct nsl_ref *ref, enum nsl_type type)
{
	struct ns *ns;

	if (!ref->obj || type >= NSL_TYPES)
		return NULL;
	ns = ns_find(g, ref->obj);
	if (!ns)
		return make(g, ref, type);
	if (ns->pub.type != type)
		return NULL;
	if (ref->inum && ref->inum != ns->pub.inum) {
		table_remove(&g->ns_by_inum, &ns->by_inum);
		table_insert(&g->ns_by_inum, &ns->by_inum, ref->inum);
		ns->pub.inum = ref->inum;
	}
	return ns;
}

static uint32_t *counter(struct ns *ns, enum use use)
{
	switch (use) {
	case USE_NSPROXY:
		return &ns->pub.nsproxies;
	case USE_TASK:
		return &ns->pub.tasks;
	case USE_CHILD:
		return &ns->pub.children;
	default:
		return &ns->pub.owned;
	}
}

bool ns_used(const struct ns *ns)
{
	return ns->pub.nsproxies || ns->pub.tasks || ns->pub.children || ns->pub.owned;
}

static void forget_cause(struct nsg *g, struct ns *ns)
{
	if (ns->cause)
		pool_give(&g->cause_pool, ns->cause);
	ns->cause = NULL;
}

static void remember_cause(struct nsg *g, struct ns *ns)
{
	if (g->why.kind == NSG_CAUSE_NONE) {
		forget_cause(g, ns);
		return;
	}
	if (!ns->cause)
		ns->cause = pool_take(&g->cause_pool);
	if (!ns->cause)
		return; /* a cause less: the graph itself is right */
	ns->cause->pub = g->why;
	ns->cause->seq = g->seq;
	/* the kernel destroys what a call drops before that call's end is told */
	ns->cause->told_by_end = g->why_told_by_end;
}

void ns_use(struct nsg *g, struct ns *ns, enum use use)
{
	if (!ns)
		return;
	++*counter(ns, use);
	if (!ns->pub.unused)
		return;
	ns->pub.unused = 0;
	forget_cause(g, ns);
}

static void give_back(struct nsg *g, struct ns *ns)
{
	forget_cause(g, ns);
	pool_give(&g->ns_pool, ns);
}

void ns_drop(struct nsg *g, struct ns *ns, enum use use)
{
	if (!ns)
		return;
	--*counter(ns, use);
	if (ns_used(ns))
		return;
	if (ns->dead) {
		give_back(g, ns);
		return;
	}
	ns->pub.unused = g->now;
	if (!g->by_row)
		ns->touched = g->seq;
	remember_cause(g, ns);
}

void ns_undone(struct nsg *g, struct ns *ns)
{
	if (!ns_used(ns))
		remember_cause(g, ns);
}

void ns_born(struct nsg *g, struct ns *ns)
{
	ns->touched = g->seq;
	if (ns->pub.born)
		return;
	ns->pub.born = g->now;
	if (g->sink.born)
		g->sink.born(g->sink.ctx, &ns->pub);
}

/* Of a broken recording a namespace might be its own ancestor. */
static bool is_above(const struct nsg_ns *ns, const struct nsg_ns *other)
{
	for (int depth = 0; other; depth++) {
		if (other == ns || depth > MAX_DEPTH)
			return true;
		other = other->parent ? other->parent : other->owner;
	}
	return false;
}

static void relate(struct nsg *g, struct ns *ns, struct nsg_ns **link, struct ns *to, enum use use)
{
	struct ns *old = (struct ns *)*link;

	if (!to || old == to || is_above(&ns->pub, &to->pub))
		return;
	*link = &to->pub;
	ns_use(g, to, use);
	ns_drop(g, old, use);
}

/*
 * The parent of a user namespace is its owner too. The kernel has one reference
 * for both, so it counts as a child alone.
 */
void ns_set_family(struct nsg *g, struct ns *ns, const struct nsl_ref *owner,
		   const struct nsl_ref *parent, uint32_t level)
{
	enum nsl_type type = ns->pub.type;

	ns->touched = g->seq;
	if (type == NSL_USER) {
		const struct nsl_ref *up = parent->obj ? parent : owner;

		relate(g, ns, &ns->pub.parent, ns_get(g, up, NSL_USER), USE_CHILD);
		ns->pub.owner = ns->pub.parent;
	} else {
		relate(g, ns, &ns->pub.owner, ns_get(g, owner, NSL_USER), USE_OWNED);
	}
	if (type == NSL_PID)
		relate(g, ns, &ns->pub.parent, ns_get(g, parent, NSL_PID), USE_CHILD);
	ns->pub.level = level < UINT8_MAX ? (uint8_t)level : UINT8_MAX;
	ns->pub.details = ns->pub.owner || (type == NSL_USER && !level);
}

void ns_row(struct nsg *g, const struct nsl_ns *e)
{
	struct ns *ns = ns_get(g, &e->ns, e->type);

	if (!ns)
		return;
	ns->touched = g->seq;
	ns_set_family(g, ns, &e->owner, &e->parent, e->level);
	if (e->ns_id)
		ns->pub.ns_id = e->ns_id;
	ns->pub.owner_uid = e->owner_uid;
	ns->pub.init_exited |= e->init_exited;
	/* without a count nothing was read */
	if (e->refs != NSL_COUNT_UNKNOWN) {
		ns->pub.refs = e->refs;
		ns->pub.active = e->active;
		ns->pub.read = g->now;
	}
	if (!g->init_user && ns->pub.type == NSL_USER && !e->level && !ns->pub.parent) {
		g->init_user = ns;
		ns->pub.initial = true;
		tasks_classify(g);
	}
	if (e->born)
		ns_born(g, ns);
}

void ns_freed(struct nsg *g, const struct nsl_ns_free *e)
{
	struct ns *ns = ns_find(g, e->ns.obj);
	struct nsg_cause cause;

	if (!ns)
		return; /* it was never in the graph */
	cause = cause_of_death(g, ns, &e->head);
	bury(g, ns, &cause);
}

/* Out of every list; its memory goes with its last user. */
static void bury(struct nsg *g, struct ns *ns, const struct nsg_cause *cause)
{
	struct nsg_ns *owner = ns->pub.type == NSL_USER ? NULL : ns->pub.owner;
	struct nsg_ns *parent = ns->pub.parent;
	struct nsg_cause of_event = g->why;

	if (g->sink.died)
		g->sink.died(g->sink.ctx, &ns->pub, cause);
	if (ns->keepers)
		keepers_forget(g, ns);
	table_remove(&g->ns_by_id, &ns->by_id);
	table_remove(&g->ns_by_inum, &ns->by_inum);
	list_remove(g, &ns->pub);
	g->totals.namespaces--;
	if (g->init_user == ns)
		g->init_user = NULL;
	g->why = (struct nsg_cause){.kind = NSG_CAUSE_CHILD, .ts = g->now, .ns = ns->pub.id};
	ns->pub.owner = ns->pub.parent = NULL;
	ns->dead = true;
	if (!ns_used(ns))
		give_back(g, ns);
	ns_drop(g, (struct ns *)owner, USE_OWNED);
	ns_drop(g, (struct ns *)parent, USE_CHILD);
	g->why = of_event;
}

/* Of one that something else uses it is not the last pin. */
void ns_unpinned(struct nsg *g, const struct nsl_ns_free *e)
{
	struct ns *ns = ns_find(g, e->ns.obj);

	if (!ns || ns_used(ns))
		return;
	g->why = cause_unpinned(g, &e->head);
	g->why_told_by_end = false;
	remember_cause(g, ns);
}

/* Drops what nothing uses or keeps, was last told of before event `touched`, and unused before
 * `ts`. */
static void sweep(struct nsg *g, uint64_t touched, uint64_t ts)
{
	struct nsg_cause none = {.kind = NSG_CAUSE_NONE, .ts = g->now};
	bool found = true;

	/* one that goes lets go of those above it */
	for (int depth = 0; found && depth < MAX_DEPTH; depth++) {
		found = false;
		for (struct nsg_ns *p = g->last_ns, *prev; p; p = prev) {
			struct ns *ns = (struct ns *)p;

			prev = p->prev;
			if (ns_used(ns) || ns->keepers || ns->pub.initial ||
			    ns->touched >= touched || ns->pub.unused >= ts)
				continue;
			bury(g, ns, &none);
			found = true;
		}
	}
}

void ns_sweep(struct nsg *g)
{
	sweep(g, g->snapshot.begin, UINT64_MAX);
}

void nsg_drop_unkept(struct nsg *g, uint64_t before)
{
	sweep(g, UINT64_MAX, before);
}

static int compare(const void *a, const void *b)
{
	const struct nsg_ns *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* Where a recording names ids in no order at all. */
static void sort(struct nsg *g)
{
	struct nsg_ns **all = malloc(g->totals.namespaces * sizeof(struct nsg_ns *));
	size_t n = 0;

	if (!all)
		return;
	for (struct nsg_ns *ns = g->first_ns; ns; ns = ns->next)
		all[n++] = ns;
	qsort(all, n, sizeof(struct nsg_ns *), compare);
	for (size_t i = 0; i < n; i++) {
		all[i]->prev = i ? all[i - 1] : NULL;
		all[i]->next = i + 1 < n ? all[i + 1] : NULL;
	}
	g->first_ns = n ? all[0] : NULL;
	g->last_ns = n ? all[n - 1] : NULL;
	g->ns_unsorted = false;
	free(all);
}

const struct nsg_ns *nsg_namespaces(const struct nsg *g)
{
	if (g->ns_unsorted)
		sort((struct nsg *)g);
	return g->first_ns;
}

const struct nsg_ns *nsg_find_ns(const struct nsg *g, uint64_t id)
{
	struct ns *ns = ns_find(g, id);

	return ns ? &ns->pub : NULL;
}

const struct nsg_ns *nsg_find_inum(const struct nsg *g, uint32_t inum)
{
	const struct nsg_ns *found = NULL;

	if (!inum)
		return NULL;
	/* a number whose death was not told may have been given to another since */
	for (struct node *n = table_find(&g->ns_by_inum, inum); n; n = table_next(n)) {
		const struct nsg_ns *ns = &NODE_OF(n, struct ns, by_inum)->pub;

		if (!found || ns->id > found->id)
			found = ns;
	}
	return found;
}

struct nsl_ref nsg_ref(const struct nsg_ns *ns)
{
	struct nsl_ref ref = {0};

	if (ns) {
		ref.obj = ns->id;
		ref.inum = ns->inum;
	}
	return ref;
}
