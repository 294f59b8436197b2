// SPDX-License-Identifier: GPL-2.0-only
#include "why_proc.h"

#include <errno.h>

struct reading {
	struct nsg *graph;
	uint64_t last; /* the highest id so far */
	bool out_of_memory;
};

static void feed(void *ctx, struct nsl_head *event)
{
	struct reading *r = ctx;

	if (nsg_feed(r->graph, event) == -ENOMEM)
		r->out_of_memory = true;
}

static uint64_t last_id(const struct nsg *g)
{
	uint64_t last = 0;

	for (const struct nsg_ns *ns = nsg_namespaces(g); ns; ns = ns->next)
		if (ns->id > last)
			last = ns->id;
	return last;
}

/* Of an event that has none: that of the namespace which the graph has by this number. */
static void give_id(struct reading *r, struct nsl_ref *ref)
{
	const struct nsg_ns *ns = ref->inum ? nsg_find_inum(r->graph, ref->inum) : NULL;

	if (ref->inum && !ref->obj)
		ref->obj = ns ? ns->id : ++r->last;
}

static void feed_keeper(void *ctx, struct nsl_head *event)
{
	struct reading *r = ctx;

	if (event->kind == NSL_EV_NS) {
		struct nsl_ns *ns = (struct nsl_ns *)event;

		give_id(r, &ns->ns);
		give_id(r, &ns->owner);
		/* a user namespace's owner is its parent: one number, one id */
		if (!ns->parent.obj && ns->parent.inum == ns->owner.inum)
			ns->parent.obj = ns->owner.obj;
		give_id(r, &ns->parent);
	} else if (event->kind == NSL_EV_KEEPER) {
		give_id(r, &((struct nsl_keeper *)event)->ns);
	}
	feed(r, event);
}

struct nsg *why_proc_graph(const struct keepers_options *o, struct proc_report *tasks,
			   struct keepers_report *keepers, struct nsl_error *e)
{
	struct reading r = {.graph = nsg_new(NULL)};
	int err;

	if (!r.graph) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	err = proc_snapshot(feed, &r, tasks, e);
	r.last = last_id(r.graph);
	if (!err)
		err = keepers_read(o, feed_keeper, &r, keepers, e);
	if (!err && r.out_of_memory)
		err = nsl_error_set(e, "out of memory");
	if (!err)
		return r.graph;
	nsg_free(r.graph);
	return NULL;
}
