// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nsproxies of the graph. One is visible as soon as a task has it, and does
 * not change from then on; it goes with its last task.
 */
#include <stdlib.h>
#include <string.h>

#include "graph_internal.h"

#define INITIAL 1 /* id: capture names it first of all */

struct nsproxy *nsproxy_find(const struct nsg *g, uint64_t id)
{
	struct node *n = id ? table_find(&g->nsproxy_by_id, id) : NULL;

	return n ? NODE_OF(n, struct nsproxy, by_id) : NULL;
}

static void list_insert(struct nsg *g, struct nsg_nsproxy *p)
{
	struct nsg_nsproxy *after = p->id ? g->last_nsproxy : NULL; /* without an id: first */

	for (int i = 0; after && after->id > p->id && i < 16; i++)
		after = after->prev;
	if (after && after->id > p->id) {
		g->nsproxy_unsorted = true;
		after = g->last_nsproxy;
	}
	p->prev = after;
	p->next = after ? after->next : g->first_nsproxy;
	*(p->prev ? &p->prev->next : &g->first_nsproxy) = p;
	*(p->next ? &p->next->prev : &g->last_nsproxy) = p;
}

static void list_remove(struct nsg *g, struct nsg_nsproxy *p)
{
	*(p->prev ? &p->prev->next : &g->first_nsproxy) = p->next;
	*(p->next ? &p->next->prev : &g->last_nsproxy) = p->prev;
}

struct nsproxy *nsproxy_make(struct nsg *g, uint64_t id)
{
	struct nsproxy *p = NULL;

	if (table_reserve(&g->nsproxy_by_id))
		p = pool_take(&g->nsproxy_pool);
	if (!p) {
		g->out_of_memory = true;
		return NULL;
	}
	p->pub.id = id;
	p->pub.initial = id == INITIAL;
	p->pub.count = NSL_COUNT_UNKNOWN;
	if (id)
		table_insert(&g->nsproxy_by_id, &p->by_id, id);
	list_insert(g, &p->pub);
	g->totals.nsproxies++;
	return p;
}

void nsproxy_name(struct nsg *g, struct nsproxy *p, uint64_t id)
{
	list_remove(g, &p->pub);
	p->pub.id = id;
	list_insert(g, &p->pub);
	table_insert(&g->nsproxy_by_id, &p->by_id, id);
}

void nsproxy_set_slot(struct nsg *g, struct nsproxy *p, enum nsl_slot slot, struct ns *ns)
{
	struct ns *old = (struct ns *)p->pub.slot[slot];

	if (ns == old || (p->pub.initial && old))
		return;
	p->pub.slot[slot] = ns ? &ns->pub : NULL;
	ns_use(g, ns, USE_NSPROXY);
	ns_drop(g, old, USE_NSPROXY);
	if (p->pub.initial && ns && !ns->pub.initial) {
		ns->pub.initial = true;
		tasks_classify(g);
	}
}

void nsproxy_clear(struct nsg *g, struct nsproxy *p)
{
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		struct ns *ns = (struct ns *)p->pub.slot[slot];

		p->pub.slot[slot] = NULL;
		ns_drop(g, ns, USE_NSPROXY);
	}
}

struct nsproxy *nsproxy_get(struct nsg *g, const struct nsl_view *view, uint64_t born)
{
	struct nsproxy *p = nsproxy_find(g, view->nsproxy);

	if (!view->nsproxy)
		return NULL;
	if (!p) {
		p = nsproxy_make(g, view->nsproxy);
		if (!p)
			return NULL;
		p->pub.born = born;
	}
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		const struct nsl_ref *ref = &view->slot[slot];
		const struct nsg_ns *ns = p->pub.slot[slot];

		/* most often nothing is new */
		if ((ns ? ns->id : 0) != ref->obj)
			nsproxy_set_slot(g, p, slot, ns_get(g, ref, nsm_slot_type(slot)));
	}
	p->pub.count = view->nsproxy_count;
	p->pub.read = g->now;
	return p;
}

void nsproxy_let_go(struct nsg *g, struct nsproxy *p)
{
	if (!p || p->pub.ntasks || p->pub.builder)
		return;
	nsproxy_clear(g, p);
	list_remove(g, &p->pub);
	if (p->pub.id)
		table_remove(&g->nsproxy_by_id, &p->by_id);
	pool_give(&g->nsproxy_pool, p);
	g->totals.nsproxies--;
}

static int compare(const void *a, const void *b)
{
	const struct nsg_nsproxy *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static void sort(struct nsg *g)
{
	struct nsg_nsproxy **all = malloc(g->totals.nsproxies * sizeof(struct nsg_nsproxy *));
	size_t n = 0;

	if (!all)
		return;
	for (struct nsg_nsproxy *p = g->first_nsproxy; p; p = p->next)
		all[n++] = p;
	qsort(all, n, sizeof(struct nsg_nsproxy *), compare);
	for (size_t i = 0; i < n; i++) {
		struct nsg_nsproxy *p = all[i];

		p->prev = i ? all[i - 1] : NULL;
		p->next = i + 1 < n ? all[i + 1] : NULL;
	}
	g->first_nsproxy = n ? all[0] : NULL;
	g->last_nsproxy = n ? all[n - 1] : NULL;
	g->nsproxy_unsorted = false;
	free(all);
}

const struct nsg_nsproxy *nsg_nsproxies(const struct nsg *g)
{
	if (g->nsproxy_unsorted)
		sort((struct nsg *)g);
	return g->first_nsproxy;
}

const struct nsg_nsproxy *nsg_find_nsproxy(const struct nsg *g, uint64_t id)
{
	struct nsproxy *p = nsproxy_find(g, id);

	return p ? &p->pub : NULL;
}
