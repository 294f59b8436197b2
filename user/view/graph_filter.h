/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a graph is shown. All conditions must hold; what is not asked for is
 * left out of every format.
 */
#ifndef NSLENS_VIEW_GRAPH_FILTER_H
#define NSLENS_VIEW_GRAPH_FILTER_H

#include "../model/graph.h"

struct nsv_graph_filter {
	unsigned int types;    /* bits 1 << enum nsl_type; 0: all */
	uint32_t task;	       /* pid or tid: that task, its nsproxy, and what they reach; 0: all */
	const uint32_t *tasks; /* tids: those tasks, and what they reach */
	size_t ntasks;	       /* 0: all */
	const uint64_t *also;  /* ids: these namespaces in any case, beside the tasks */
	size_t nalso;
	uint64_t ns;	       /* id: what uses this namespace; 0: all */
	const char *container; /* name or id: its tasks, and what they reach; NULL: all */
};

/* The filter, applied to a graph as it is now: valid until the next nsg_feed(). */
struct nsv_pick;

/* NULL: out of memory. */
struct nsv_pick *nsv_pick_new(const struct nsg *g, const struct nsv_graph_filter *filter);
void nsv_pick_free(struct nsv_pick *p);

bool nsv_pick_type(const struct nsv_pick *p, enum nsl_type type);
bool nsv_pick_task(const struct nsv_pick *p, const struct nsg_task *task);
bool nsv_pick_nsproxy(const struct nsv_pick *p, const struct nsg_nsproxy *nsproxy);
/* Used by a task or nsproxy that is shown, or an owner or ancestor of one that is. */
bool nsv_pick_ns(const struct nsv_pick *p, const struct nsg_ns *ns);

/* No task and no nsproxy of the graph uses it: something else keeps it. */
bool nsv_is_lone(const struct nsg_ns *ns);

#endif
