// SPDX-License-Identifier: GPL-2.0-only
/* The model from outside: events go in here. */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct nsm *nsm_new(const struct nsm_sink *sink)
{
	struct nsm *m = calloc(1, sizeof(*m));

	if (m && sink)
		m->sink = *sink;
	return m;
}

void nsm_free(struct nsm *m)
{
	if (!m)
		return;
	open_free_all(m);
	cgroups_free(&m->cgroups);
	free(m);
}

void nsm_set_kernel(struct nsm *m, unsigned int version)
{
	m->kernel = version;
}

static void on_task(struct nsm *m, const struct nsl_task *e)
{
	if (e->event > NSL_TASK_EXIT)
		return; /* for the graph */

	struct nsm_task_event task = {
		.ts = e->head.ts,
		.event = e->event,
		.pid = e->pid,
		.tid = e->tid,
		.parent_pid = e->event == NSL_TASK_NEW ? e->head.pid : 0,
		.nsproxy = e->view.nsproxy,
		.ns_pid = e->view.ns_pid,
		.ns_tid = e->view.ns_tid,
	};

	if (e->event == NSL_TASK_NEW)
		call_born(m, e);
	else if (e->event == NSL_TASK_EXIT)
		call_died(m, e->tid);
	copy_comm(task.comm, e->head.comm);
	if (m->sink.task)
		m->sink.task(m->sink.ctx, &task);
}

static void on_free(struct nsm *m, const struct nsl_ns_free *e)
{
	struct nsm_ns_event ns = {
		.ts = e->head.ts, .destroyed = true, .type = e->type, .ns = e->ns};

	if (!e->ns.obj)
		return; /* its birth was before all that is known */
	if (e->type < NSL_TYPES)
		m->counts.destroyed[e->type]++;
	if (m->sink.ns)
		m->sink.ns(m->sink.ctx, &ns);
}

static void on_lost(struct nsm *m, const struct nsl_lost *e)
{
	struct nsm_lost lost = {.ts = e->head.ts, .count = e->count, .hook = e->hook};

	m->counts.lost += e->count;
	if (e->count && e->hook < NSL_HOOK_FREE)
		m->gaps++; /* also what head.lost does not tell: misses of the kernel's own */
	if (m->sink.lost)
		m->sink.lost(m->sink.ctx, &lost);
}

static void copy_text(char dst[NSL_TEXT_LEN + 1], const char src[NSL_TEXT_LEN])
{
	memcpy(dst, src, NSL_TEXT_LEN);
	dst[NSL_TEXT_LEN] = '\0';
}

static void on_milestone(struct nsm *m, const struct nsl_milestone *e)
{
	const struct cgroup *cgroup = cgroups_get(&m->cgroups, e->head.cgroup);
	struct nsm_milestone milestone = {
		.number = ++m->counts.milestones,
		.ts = e->head.ts,
		.duration = e->duration,
		.what = e->what,
		.err = -e->err,
		.pid = e->head.pid,
		.tid = e->head.tid,
		.about_pid = e->pid,
		.about_tid = e->tid,
		.type = e->ns_type,
		.ns = e->ns,
		.detail = {e->detail[0], e->detail[1]},
		.cgroup = e->head.cgroup,
		.cgroup_path = cgroup ? cgroup->path : NULL,
		.container = cgroup ? cgroup->container : NULL,
	};

	copy_comm(milestone.comm, e->head.comm);
	copy_text(milestone.text, e->text);
	copy_text(milestone.where, e->where);
	if (m->sink.milestone)
		m->sink.milestone(m->sink.ctx, &milestone);
}

static int on_cgroup(struct nsm *m, const struct nsl_cgroup *e)
{
	int err = cgroups_set(&m->cgroups, e->id, e->path);

	if (err || !cgroups_many(&m->cgroups))
		return err;
	for (const struct open_call *c = m->first; c; c = c->next)
		cgroups_need(&m->cgroups, c->pub.cgroup);
	cgroups_forget(&m->cgroups);
	return 0;
}

static int apply(struct nsm *m, const struct nsl_head *e)
{
	switch (e->kind) {
	case NSL_EV_CALL_BEGIN:
		return call_begin(m, (const struct nsl_call_begin *)e);
	case NSL_EV_CALL_END:
		return call_end(m, (const struct nsl_call_end *)e);
	case NSL_EV_STEP_BEGIN:
	case NSL_EV_STEP:
		return call_step(m, (const struct nsl_step *)e);
	case NSL_EV_TASK:
		on_task(m, (const struct nsl_task *)e);
		return 0;
	case NSL_EV_NS_FREE:
		on_free(m, (const struct nsl_ns_free *)e);
		return 0;
	case NSL_EV_UNPIN:
	case NSL_EV_NS:
	case NSL_EV_SNAPSHOT:
	case NSL_EV_KEEPER:
		return 0; /* for the graph */
	case NSL_EV_CGROUP:
		return on_cgroup(m, (const struct nsl_cgroup *)e);
	case NSL_EV_LOST:
		on_lost(m, (const struct nsl_lost *)e);
		return 0;
	case NSL_EV_MILESTONE:
		on_milestone(m, (const struct nsl_milestone *)e);
		return 0;
	default:
		return -EINVAL;
	}
}

int nsm_feed(struct nsm *m, const struct nsl_head *event)
{
	uint64_t lost = m->lost;
	uint64_t gaps = m->gaps;
	int err;

	if (!event_valid(event))
		return -EINVAL;
	/* processors may overtake each other between reading the count and reserving */
	if (event->lost > m->lost) {
		m->lost = event->lost;
		m->gaps++;
	}
	err = apply(m, event);
	if (err) {
		m->lost = lost;
		m->gaps = gaps;
		return err;
	}
	m->counts.events++;
	return 0;
}

void nsm_finish(struct nsm *m)
{
	while (m->first)
		call_cut(m, m->first);
}

const struct nsm_counts *nsm_counts(const struct nsm *m)
{
	return &m->counts;
}
