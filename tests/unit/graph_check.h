/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a graph agrees with itself: every count is counted again. */
#ifndef NSLENS_GRAPH_CHECK_H
#define NSLENS_GRAPH_CHECK_H

#include <stdlib.h>

#include "../../user/model/graph.h"

struct recount {
	uint32_t nsproxies, tasks, children, owned;
};

/* Where `ns` stands among those of the list; -1: nowhere. */
static inline long graph_index(const struct nsg_ns *const *all, size_t n, const struct nsg_ns *ns)
{
	size_t low = 0, high = n;

	while (ns && low < high) {
		size_t middle = (low + high) / 2;

		if (all[middle] == ns)
			return (long)middle;
		if (all[middle]->id < ns->id)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

#define COUNT_AGAIN(ns_, member)                                                                   \
	do {                                                                                       \
		long at_ = graph_index(all, n, ns_);                                               \
		if (at_ >= 0)                                                                      \
			counts[at_].member++;                                                      \
	} while (0)

/* NULL, or what is wrong. */
static inline const char *graph_wrong(const struct nsg *g)
{
	const struct nsg_ns **all;
	struct recount *counts;
	struct nsg_totals t;
	size_t n = 0, nsproxies = 0, tasks = 0, zombies = 0, initial = 0;
	const char *wrong = NULL;

	nsg_totals(g, &t);
	all = calloc(t.namespaces + 1, sizeof(*all));
	counts = calloc(t.namespaces + 1, sizeof(*counts));
	if (!all || !counts)
		abort();
	for (const struct nsg_ns *ns = nsg_namespaces(g); ns; ns = ns->next) {
		if (n >= t.namespaces || (n && all[n - 1]->id >= ns->id) ||
		    (ns->next && ns->next->prev != ns) || nsg_find_ns(g, ns->id) != ns)
			wrong = "list of namespaces";
		if (wrong)
			break;
		all[n++] = ns;
	}
	if (n != t.namespaces)
		wrong = "number of namespaces";
	for (size_t i = 0; i < n; i++) {
		if (all[i]->parent)
			COUNT_AGAIN(all[i]->parent, children);
		if (all[i]->owner && all[i]->type != NSL_USER)
			COUNT_AGAIN(all[i]->owner, owned);
		if (all[i]->type == NSL_USER && all[i]->owner != all[i]->parent)
			wrong = "owner of a user namespace";
	}
	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next, nsproxies++) {
		uint32_t ntasks = 0;

		if (p->next && (p->next->prev != p || (p->id && p->next->id <= p->id)))
			wrong = "list of nsproxies";
		if (p->id && nsg_find_nsproxy(g, p->id) != p)
			wrong = "an nsproxy is not found";
		if (!p->ntasks && !p->builder)
			wrong = "an nsproxy without a task";
		for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
			if (p->slot[slot] && p->slot[slot]->type != nsm_slot_type(slot))
				wrong = "type of a slot";
			COUNT_AGAIN(p->slot[slot], nsproxies);
		}
		for (const struct nsg_task *task = p->first_task; task; task = task->next) {
			ntasks++;
			tasks++;
			initial += task->initial;
			COUNT_AGAIN(task->user, tasks);
			COUNT_AGAIN(task->pid_active, tasks);
			if (task->nsproxy != p || (!task->next && p->last_task != task))
				wrong = "tasks of an nsproxy";
			if (nsg_find_task(g, task->tid) != task)
				wrong = "a task is not found";
		}
		if (ntasks != p->ntasks)
			wrong = "number of tasks of an nsproxy";
	}
	for (const struct nsg_task *task = nsg_zombies(g); task; task = task->next) {
		zombies++;
		COUNT_AGAIN(task->user, tasks);
		COUNT_AGAIN(task->pid_active, tasks);
		if (task->nsproxy)
			wrong = "a zombie with an nsproxy";
	}
	for (size_t i = 0; i < n; i++) {
		const struct nsg_ns *ns = all[i];
		const struct recount *c = &counts[i];
		bool used = c->nsproxies || c->tasks || c->children || c->owned;

		if (c->nsproxies != ns->nsproxies || c->tasks != ns->tasks ||
		    c->children != ns->children || c->owned != ns->owned)
			wrong = "users of a namespace";
		if (used == (ns->unused != 0))
			wrong = "unused";
	}
	if (nsproxies != t.nsproxies || tasks + zombies != t.tasks || zombies != t.zombies ||
	    initial != t.initial_tasks)
		wrong = "totals";
	free(all);
	free(counts);
	return wrong;
}

#endif
