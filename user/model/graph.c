// SPDX-License-Identifier: GPL-2.0-only
/* The graph from outside: events go in here, snapshots and losses are watched. */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>

#include "graph_internal.h"

struct nsg *nsg_new(const struct nsg_sink *sink)
{
	struct nsg *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	if (sink)
		g->sink = *sink;
	g->stale = true;
	g->ns_pool.object = sizeof(struct ns);
	g->nsproxy_pool.object = sizeof(struct nsproxy);
	g->task_pool.object = sizeof(struct task);
	g->call_pool.object = sizeof(struct call);
	g->cause_pool.object = sizeof(struct ns_cause);
	return g;
}

void nsg_free(struct nsg *g)
{
	if (!g)
		return;
	nsg_keepers_clear(g);
	free(g->keepers);
	verify_free(g);
	cgroups_free(&g->cgroups);
	table_free(&g->ns_by_id);
	table_free(&g->ns_by_inum);
	table_free(&g->nsproxy_by_id);
	table_free(&g->task_by_tid);
	table_free(&g->call_by_tid);
	pool_free(&g->ns_pool);
	pool_free(&g->nsproxy_pool);
	pool_free(&g->task_pool);
	pool_free(&g->call_pool);
	pool_free(&g->cause_pool);
	free(g);
}

/* From here on the graph is not to be trusted. */
static void lose(struct nsg *g)
{
	g->stale = true;
	g->loss = g->seq;
	if (g->snapshot.open)
		g->verify.partial = true;
}

static void snapshot_begin(struct nsg *g, const struct nsl_snapshot *e)
{
	g->snapshot.open = true;
	g->snapshot.number = e->number;
	g->snapshot.reader = e->head.tid;
	g->snapshot.begin = g->seq;
	g->snapshot.heals = g->stale;
	g->verify.running = g->verify.wanted;
	g->verify.wanted = false;
	g->verify.partial = false;
	if (g->verify.running)
		verify_begin(g);
}

static void snapshot_end(struct nsg *g, const struct nsl_snapshot *e)
{
	if (!g->snapshot.open || g->snapshot.number != e->number)
		return; /* its begin was lost */
	g->snapshot.open = false;
	g->totals.snapshots++;
	if (g->verify.running) {
		g->verify.running = false;
		verify_end(g);
		return;
	}
	if (g->stale && g->loss > g->snapshot.begin)
		return; /* rows may be among what was lost: who is missing says nothing */
	g->by_row = true;
	tasks_sweep(g);
	if (g->snapshot.heals) {
		build_sweep(g);
		ns_sweep(g);
	}
	g->by_row = false;
	g->stale = false;
}

static void on_snapshot(struct nsg *g, const struct nsl_snapshot *e)
{
	why(g, NSG_CAUSE_NONE, 0, 0, NULL);
	if (e->event == NSL_SNAPSHOT_BEGIN)
		snapshot_begin(g, e);
	else
		snapshot_end(g, e);
}

static void on_ns(struct nsg *g, const struct nsl_ns *e)
{
	why(g, NSG_CAUSE_NONE, 0, 0, NULL);
	if (g->snapshot.open && g->verify.running && e->head.tid == g->snapshot.reader)
		verify_ns(g, e);
	else
		ns_row(g, e);
}

static void on_cgroup(struct nsg *g, const struct nsl_cgroup *e)
{
	if (cgroups_set(&g->cgroups, e->id, e->path)) {
		g->out_of_memory = true;
		return;
	}
	if (!cgroups_many(&g->cgroups))
		return;
	tasks_need_cgroups(g);
	cgroups_forget(&g->cgroups);
}

static void apply(struct nsg *g, const struct nsl_head *e)
{
	switch (e->kind) {
	case NSL_EV_CALL_BEGIN:
		/* whatever it was inside of before, it has left */
		build_end(g, e->tid, e, true);
		break;
	case NSL_EV_CALL_END:
		task_call_end(g, (const struct nsl_call_end *)e);
		break;
	case NSL_EV_STEP_BEGIN:
		build_step_begin(g, (const struct nsl_step *)e);
		break;
	case NSL_EV_STEP:
		build_step(g, (const struct nsl_step *)e);
		break;
	case NSL_EV_TASK:
		task_event(g, (const struct nsl_task *)e);
		break;
	case NSL_EV_NS_FREE:
		ns_freed(g, (const struct nsl_ns_free *)e);
		break;
	case NSL_EV_UNPIN:
		ns_unpinned(g, (const struct nsl_ns_free *)e);
		break;
	case NSL_EV_NS:
		on_ns(g, (const struct nsl_ns *)e);
		break;
	case NSL_EV_SNAPSHOT:
		on_snapshot(g, (const struct nsl_snapshot *)e);
		break;
	case NSL_EV_KEEPER:
		keeper_event(g, (const struct nsl_keeper *)e);
		break;
	case NSL_EV_CGROUP:
		on_cgroup(g, (const struct nsl_cgroup *)e);
		break;
	default:
		break;
	}
}

/* The same loss shows twice: told by NSL_EV_LOST, and in the head of what comes next. */
static void watch_losses(struct nsg *g, const struct nsl_head *e)
{
	bool lost = e->lost > g->seen_lost;

	if (lost)
		g->seen_lost = e->lost;
	if (e->kind == NSL_EV_LOST) {
		uint64_t count = ((const struct nsl_lost *)e)->count;

		g->told_lost += count;
		lost |= count > 0;
	}
	if (lost) {
		lose(g);
		if (!g->in_gap)
			g->totals.gaps++;
	}
	g->in_gap = e->kind == NSL_EV_LOST && (lost || g->in_gap);
}

int nsg_feed(struct nsg *g, const struct nsl_head *event)
{
	if (!event_valid(event))
		return -EINVAL;
	g->seq++;
	g->now = event->ts ? event->ts : 1;
	g->out_of_memory = false;
	watch_losses(g, event);
	apply(g, event);
	g->totals.events++;
	if (!g->out_of_memory)
		return 0;
	lose(g);
	g->totals.gaps++;
	return -ENOMEM;
}

bool nsg_stale(const struct nsg *g)
{
	return g->stale;
}

static size_t table_bytes(const struct table *t)
{
	return t->size * sizeof(*t->bucket);
}

void nsg_totals(const struct nsg *g, struct nsg_totals *totals)
{
	*totals = g->totals;
	totals->lost = g->told_lost > g->seen_lost ? g->told_lost : g->seen_lost;
	totals->bytes = sizeof(*g) + g->ns_pool.bytes + g->nsproxy_pool.bytes + g->task_pool.bytes +
			g->call_pool.bytes + g->cause_pool.bytes + table_bytes(&g->ns_by_id) +
			table_bytes(&g->ns_by_inum) + table_bytes(&g->nsproxy_by_id) +
			table_bytes(&g->task_by_tid) + table_bytes(&g->call_by_tid) +
			g->keepers_cap * sizeof(*g->keepers) + g->keeper_bytes +
			cgroups_bytes(&g->cgroups) + verify_bytes(g);
}

const char *nsg_cgroup_path(const struct nsg *g, uint64_t cgroup)
{
	const struct cgroup *c = cgroups_get(&g->cgroups, cgroup);

	return c ? c->path : NULL;
}

const char *nsg_container(const struct nsg *g, uint64_t cgroup)
{
	const struct cgroup *c = cgroups_get(&g->cgroups, cgroup);

	return c ? c->container : NULL;
}

const char *nsg_unit(const struct nsg *g, uint64_t cgroup)
{
	const struct cgroup *c = cgroups_get(&g->cgroups, cgroup);

	return c ? c->unit : NULL;
}
