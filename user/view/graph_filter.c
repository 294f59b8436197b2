// SPDX-License-Identifier: GPL-2.0-only
#include "graph_filter.h"

#include <stdlib.h>
#include <string.h>

#include "../model/hash.h"

struct reached {
	uint64_t id;
	UT_hash_handle hh;
};

struct nsv_pick {
	const struct nsg *g;
	struct nsv_graph_filter filter;
	bool all; /* types apart */
	bool failed;
	struct reached *reached;
};

bool nsv_is_lone(const struct nsg_ns *ns)
{
	return !ns->nsproxies && !ns->tasks;
}

bool nsv_pick_type(const struct nsv_pick *p, enum nsl_type type)
{
	return !p->filter.types || (type < NSL_TYPES && p->filter.types & 1u << type);
}

static bool uses(const struct nsg_nsproxy *nsproxy, uint64_t ns)
{
	for (int i = 0; i < NSL_NSPROXY_SLOTS; i++)
		if (nsproxy->slot[i] && nsproxy->slot[i]->id == ns)
			return true;
	return false;
}

static bool in_container(const struct nsv_pick *p, const struct nsg_task *task)
{
	const char *path = nsg_cgroup_path(p->g, task->cgroup);
	const char *name = nsg_container(p->g, task->cgroup);

	return (path && strstr(path, p->filter.container)) ||
	       (name && strstr(name, p->filter.container));
}

static bool is_among(const struct nsv_graph_filter *f, uint32_t tid)
{
	for (size_t i = 0; i < f->ntasks; i++)
		if (f->tasks[i] == tid)
			return true;
	return false;
}

bool nsv_pick_task(const struct nsv_pick *p, const struct nsg_task *task)
{
	const struct nsv_graph_filter *f = &p->filter;

	if (f->ntasks && !is_among(f, task->tid))
		return false;

	if (f->task && task->pid != f->task && task->tid != f->task)
		return false;
	if (f->ns && !(task->user && task->user->id == f->ns) &&
	    !(task->pid_active && task->pid_active->id == f->ns) &&
	    !(task->nsproxy && uses(task->nsproxy, f->ns)))
		return false;
	return !f->container || in_container(p, task);
}

bool nsv_pick_nsproxy(const struct nsv_pick *p, const struct nsg_nsproxy *nsproxy)
{
	const struct nsv_graph_filter *f = &p->filter;
	const struct nsg_task *builder;

	if (p->all)
		return true;
	for (const struct nsg_task *t = nsproxy->first_task; t; t = t->next)
		if (nsv_pick_task(p, t))
			return true;
	if (f->ns && !f->task && !f->ntasks && !f->container && uses(nsproxy, f->ns))
		return true;
	builder = nsproxy->builder ? nsg_find_task(p->g, nsproxy->builder) : NULL;
	return builder && nsv_pick_task(p, builder);
}

bool nsv_pick_ns(const struct nsv_pick *p, const struct nsg_ns *ns)
{
	struct reached *found;

	if (!nsv_pick_type(p, ns->type))
		return false;
	if (p->all)
		return true;
	HASH_FIND(hh, p->reached, &ns->id, sizeof(ns->id), found);
	return found != NULL;
}

/* With its owners and ancestors: what it pins. They nest at most 33 deep. */
static void reach(struct nsv_pick *p, const struct nsg_ns *ns)
{
	struct reached *r;

	for (; ns; ns = ns->parent) {
		HASH_FIND(hh, p->reached, &ns->id, sizeof(ns->id), r);
		if (r)
			return;
		r = calloc(1, sizeof(*r));
		if (!r) {
			p->failed = true;
			return;
		}
		r->id = ns->id;
		HASH_ADD(hh, p->reached, id, sizeof(r->id), r);
		if (!HASH_HAS(hh, r)) {
			free(r);
			p->failed = true;
			return;
		}
		if (ns->owner && ns->owner != ns->parent)
			reach(p, ns->owner);
	}
}

static void reach_task(struct nsv_pick *p, const struct nsg_task *task)
{
	if (!nsv_pick_task(p, task))
		return;
	reach(p, task->user);
	reach(p, task->pid_active);
}

struct nsv_pick *nsv_pick_new(const struct nsg *g, const struct nsv_graph_filter *filter)
{
	struct nsv_pick *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->g = g;
	p->filter = *filter;
	p->all = !filter->task && !filter->ntasks && !filter->ns && !filter->container;
	if (p->all)
		return p;
	for (const struct nsg_nsproxy *x = nsg_nsproxies(g); x; x = x->next) {
		if (!nsv_pick_nsproxy(p, x))
			continue;
		for (int i = 0; i < NSL_NSPROXY_SLOTS; i++)
			reach(p, x->slot[i]);
		for (const struct nsg_task *t = x->first_task; t; t = t->next)
			reach_task(p, t);
	}
	for (const struct nsg_task *t = nsg_zombies(g); t; t = t->next)
		reach_task(p, t);
	if (filter->ns)
		reach(p, nsg_find_ns(g, filter->ns));
	for (size_t i = 0; i < filter->nalso; i++)
		reach(p, nsg_find_ns(g, filter->also[i]));
	if (p->failed) {
		nsv_pick_free(p);
		return NULL;
	}
	return p;
}

void nsv_pick_free(struct nsv_pick *p)
{
	struct reached *r, *next;

	if (!p)
		return;
	HASH_ITER (hh, p->reached, r, next) {
		HASH_DEL(p->reached, r);
		free(r);
	}
	free(p);
}
