// SPDX-License-Identifier: GPL-2.0-only
#include "graph_proc.h"

#include <errno.h>
#include <string.h>

struct reading {
	struct nsg *graph;
	bool out_of_memory;
};

static void feed(void *ctx, struct nsl_head *event)
{
	struct reading *r = ctx;

	if (nsg_feed(r->graph, event) == -ENOMEM)
		r->out_of_memory = true;
}

struct nsg *graph_of_proc(struct proc_report *report, struct nsl_error *e)
{
	struct reading r = {.graph = nsg_new(NULL)};

	if (!r.graph) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	if (!proc_snapshot(feed, &r, report, e)) {
		if (!r.out_of_memory)
			return r.graph;
		nsl_error_set(e, "out of memory");
	}
	nsg_free(r.graph);
	return NULL;
}

struct differences {
	struct nsg_difference *all;
	size_t n, max;
};

static struct nsg_difference *add(struct differences *d, enum nsg_difference_kind kind)
{
	static struct nsg_difference spare;
	struct nsg_difference *one = d->n < d->max ? &d->all[d->n] : &spare;

	d->n++;
	memset(one, 0, sizeof(*one));
	one->kind = kind;
	return one;
}

static void compare_slot(struct differences *d, const struct nsg_task *a, enum nsl_slot slot,
			 const struct nsg_ns *ours, const struct nsg_ns *theirs)
{
	struct nsg_difference *one;

	/* what /proc refuses to show is no difference */
	if (!theirs || (ours && ours->inum == theirs->inum))
		return;
	one = add(d, NSG_TASK_SLOT);
	one->tid = a->tid;
	one->slot = slot;
	one->graph = nsg_ref(ours);
	one->kernel = nsg_ref(theirs);
	memcpy(one->comm, a->comm, sizeof(one->comm));
}

static void compare_task(struct differences *d, const struct nsg_task *a, const struct nsg_task *b)
{
	if (!a->nsproxy || !b->nsproxy)
		return; /* exiting: /proc shows nothing */
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
		compare_slot(d, a, slot, a->nsproxy->slot[slot], b->nsproxy->slot[slot]);
	compare_slot(d, a, NSL_SLOT_USER, a->user, b->user);
	compare_slot(d, a, NSL_SLOT_PID_ACTIVE, a->pid_active, b->pid_active);
}

static void compare_family(struct differences *d, enum nsg_difference_kind kind,
			   const struct nsg_ns *ns, const struct nsg_ns *ours,
			   const struct nsg_ns *theirs)
{
	struct nsg_difference *one;

	if (!theirs || (ours && ours->inum == theirs->inum))
		return;
	one = add(d, kind);
	one->ns = ns->id;
	one->graph = nsg_ref(ours);
	one->kernel = nsg_ref(theirs);
}

static void compare_ns(struct differences *d, const struct nsg *a, const struct nsg_ns *b)
{
	const struct nsg_ns *ns = nsg_find_inum(a, b->inum);

	if (!ns || ns->type != b->type || !ns->details || !b->details)
		return;
	compare_family(d, NSG_NS_OWNER, ns, ns->owner, b->owner);
	compare_family(d, NSG_NS_PARENT, ns, ns->parent, b->parent);
}

size_t graph_compare(const struct nsg *a, const struct nsg *b, struct nsg_difference *differences,
		     size_t max, size_t *compared)
{
	struct differences d = {.all = differences, .max = max};

	*compared = 0;
	for (const struct nsg_nsproxy *p = nsg_nsproxies(a); p; p = p->next) {
		for (const struct nsg_task *t = p->first_task; t; t = t->next) {
			const struct nsg_task *other = nsg_find_task(b, t->tid);

			if (!other)
				continue;
			++*compared;
			compare_task(&d, t, other);
		}
	}
	for (const struct nsg_ns *ns = nsg_namespaces(b); ns; ns = ns->next)
		compare_ns(&d, a, ns);
	return d.n;
}
