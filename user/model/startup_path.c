// SPDX-License-Identifier: GPL-2.0-only
/*
 * The critical path: backwards from the payload's exec to its birth, from there
 * along its parent, and so on to the begin. What its tasks did beside namespace
 * calls is outside; where another task was seen at work meanwhile, or nothing at
 * all, it may have waited: that is inferred.
 */
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

struct piece {
	uint32_t pid;
	uint64_t from, to;
	const char *comm;
};

struct work {
	struct su_start *s;
	SU_VEC(struct piece) pieces; /* the last one first */
	bool failed;
};

static bool push(struct work *w, struct nsu_segment segment)
{
	struct nsu_segment *to;

	if (segment.to <= segment.from)
		return true;
	to = SU_ADD(w->s->path);
	if (!to) {
		w->failed = true;
		return false;
	}
	*to = segment;
	return true;
}

/* A time without calls, cut where stages of waiting begin and end. */
static void push_outside(struct work *w, const struct piece *p, uint64_t from, uint64_t to)
{
	struct su_start *s = w->s;

	for (size_t i = 0; i < s->stages.n && from < to; i++) {
		const struct nsu_stage *stage = &s->stages.at[i];
		bool waits = stage->kind == NSU_STAGE_WAIT ||
			     stage->kind == NSU_STAGE_HOOK ||
			     stage->kind == NSU_STAGE_START;
		struct nsu_segment segment = {.tid = p->pid,
					      .pid = p->pid,
					      .doing = waits ? NSU_WAITS : NSU_OUTSIDE,
					      .call = NSU_NONE,
					      .stage = i,
					      .inferred = waits};

		if (stage->end <= from || stage->begin >= to)
			continue;
		if (waits)
			segment.waits_for = stage->waits_for != p->pid ? stage->waits_for : 0;
		if (stage->kind == NSU_STAGE_PREPARE && stage->pid) {
			segment.pid = segment.tid = stage->pid; /* conmon, podman … */
			memcpy(segment.comm, stage->comm, sizeof(segment.comm));
		}
		if (waits && stage->kind == NSU_STAGE_HOOK && stage->tid == p->pid)
			segment.doing = NSU_OUTSIDE; /* it is the helper itself */
		if (!*segment.comm)
			memcpy(segment.comm, p->comm, sizeof(segment.comm));
		segment.from = from > stage->begin ? from : stage->begin;
		segment.to = to < stage->end ? to : stage->end;
		if (!push(w, segment))
			return;
		from = segment.to;
	}
}

static void push_piece(struct work *w, const struct piece *p)
{
	struct su_start *s = w->s;
	uint64_t at = p->from;

	for (size_t i = 0; i < s->calls.n && !w->failed; i++) {
		const struct nsm_call *c = &s->calls.at[i].call;
		uint64_t end = c->ts + (c->duration > 0 ? (uint64_t)c->duration : 0);
		struct nsu_segment segment = {.tid = c->tid,
					      .pid = c->pid,
					      .doing = NSU_IN_CALL,
					      .call = i,
					      .stage = s->calls.at[i].stage};

		if (c->pid != p->pid || c->duration < 0 || end <= at || c->ts >= p->to)
			continue;
		if (c->ts > at)
			push_outside(w, p, at, c->ts);
		segment.from = c->ts > at ? c->ts : at;
		segment.to = end < p->to ? end : p->to;
		memcpy(segment.comm, c->comm, sizeof(segment.comm));
		push(w, segment);
		at = segment.to;
	}
	if (!w->failed)
		push_outside(w, p, at, p->to);
}

static void add_piece(struct work *w, uint32_t pid, uint64_t from, uint64_t to, const char *comm)
{
	struct piece *p = SU_ADD(w->pieces);

	if (!p) {
		w->failed = true;
		return;
	}
	*p = (struct piece){pid, from, to, comm};
}

/* Who came last, where no payload tells. */
static uint32_t last_task(const struct su_start *s)
{
	uint64_t last = 0;
	uint32_t pid = s->first_pid;

	for (size_t i = 0; i < s->calls.n; i++) {
		const struct nsm_call *c = &s->calls.at[i].call;

		if (c->ts >= last) {
			last = c->ts;
			pid = c->pid;
		}
	}
	for (size_t i = 0; i < s->milestones.n; i++) {
		const struct nsm_milestone *m = &s->milestones.at[i].m;

		if (m->ts >= last && su_task_of((struct su_start *)s, m->pid)) {
			last = m->ts;
			pid = m->pid;
		}
	}
	return pid;
}

/* Of a process outside, its milestones tell. */
static const char *comm_of(const struct su_start *s, uint32_t pid)
{
	static const char nobody[NSL_COMM_LEN + 1];

	for (size_t i = s->milestones.n; i-- > 0;) {
		if (s->milestones.at[i].m.pid == pid)
			return s->milestones.at[i].m.comm;
	}
	return nobody;
}

static void walk_back(struct work *w)
{
	struct su_start *s = w->s;
	uint32_t pid = s->pub.payload.pid ? s->pub.payload.pid : last_task(s);
	uint64_t to = s->pub.end;

	for (size_t i = 0; i <= s->tasks.n && to > s->pub.begin && !w->failed; i++) {
		const struct nsu_task *task = su_task_of(s, pid);
		uint64_t from = task && task->born && task->parent ? task->born : s->pub.begin;
		const char *comm = task ? task->before : comm_of(s, pid);

		if (from <= s->pub.begin) {
			from = s->pub.begin;
			/* what was before its first sight was the runtime's own time */
			if (task && s->runtime_pid && s->runtime_pid != pid && task->seen > from &&
			    task->seen < to) {
				add_piece(w, pid, task->seen, to, comm);
				to = task->seen;
				pid = s->runtime_pid;
				continue;
			}
		}
		if (from > to)
			from = to;
		add_piece(w, pid, from, to, comm);
		to = from;
		pid = task ? task->parent : 0;
	}
}

static bool in_path(const struct nsu_segment *g, enum nsu_doing doing)
{
	return g->doing == doing;
}

/* Of a call, only a part may be on the path: its functions count in that proportion. */
static uint64_t functions_of(const struct su_start *s, const struct nsu_segment *g)
{
	const struct nsu_call *c = &s->calls.at[g->call];
	uint64_t length = g->to - g->from;

	return c->inside < length ? c->inside : length;
}

static void add_up(struct su_start *s)
{
	struct nsu_sums *sums = &s->pub.sums;

	*sums = (struct nsu_sums){.total = s->pub.end - s->pub.begin};
	for (size_t i = 0; i < s->path.n; i++) {
		const struct nsu_segment *g = &s->path.at[i];

		if (in_path(g, NSU_IN_CALL)) {
			sums->calls += g->to - g->from;
			sums->functions += functions_of(s, g);
		} else if (in_path(g, NSU_WAITS)) {
			sums->waiting += g->to - g->from;
		} else {
			sums->outside += g->to - g->from;
		}
	}
	for (size_t i = 0; i < s->calls.n; i++) {
		const struct nsu_call *c = &s->calls.at[i];

		sums->all_calls += c->call.duration > 0 ? (uint64_t)c->call.duration : 0;
		sums->all_functions += c->inside;
		sums->functions_known = sums->functions_known || c->inside;
	}
}

bool su_build_path(struct nsu *u, struct su_start *s)
{
	struct work w = {.s = s};

	(void)u;
	s->path.n = 0;
	walk_back(&w);
	for (size_t i = w.pieces.n; i-- > 0 && !w.failed;)
		push_piece(&w, &w.pieces.at[i]);
	free(w.pieces.at);
	add_up(s);
	return !w.failed;
}
