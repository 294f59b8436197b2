// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happened before anything of a start-up was known: the runtime's own exec, the
 * cgroup that it made, the programs that it ran. It is kept for a while, and taken
 * when it turns out to whom it belongs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

#define MAX_OUTSIDE 256		   /* processes of one start */
#define FRAME_NS    60000000000ULL /* how long before the runtime an engine may have begun */
#define NEAR_NS	    2000000000ULL
#define COPY_NS	    1000000000ULL /* from a program to the copy of it that it runs */
#define MAX_FRAMES  4		  /* programs around a runtime: conmon, podman, … */

static size_t count_of(const struct nsu *u, uint32_t pid)
{
	return (size_t)(uintptr_t)su_map_get(&u->lobby.pids, pid);
}

static void count(struct nsu *u, uint32_t pid, int by)
{
	size_t n = count_of(u, pid) + (size_t)by;

	if (!pid)
		return;
	if (!n)
		su_map_drop(&u->lobby.pids, pid);
	else if (!su_map_set(&u->lobby.pids, pid, (void *)(uintptr_t)n))
		u->err = -ENOMEM;
}

static void clear(struct nsu *u, struct nsm_milestone *m)
{
	if (m->what == NSL_MILESTONE_NONE)
		return;
	count(u, m->pid, -1);
	count(u, m->about_pid, -1);
	m->what = NSL_MILESTONE_NONE;
}

void su_put_in_lobby(struct nsu *u, const struct nsm_milestone *m)
{
	struct nsm_milestone *to;

	if (!u->lobby.at)
		u->lobby.at = calloc(SU_MAX_LOBBY, sizeof(*u->lobby.at));
	if (!u->lobby.at) {
		u->err = -ENOMEM;
		return;
	}
	to = &u->lobby.at[u->lobby.next++ % SU_MAX_LOBBY];
	clear(u, to);
	*to = *m;
	to->cgroup_path = to->container = NULL; /* they go with the event */
	count(u, m->pid, 1);
	count(u, m->about_pid, 1);
}

void su_belongs(struct nsu *u, struct su_start *s, uint32_t pid)
{
	uint32_t *to;

	if (!pid || su_map_get(&u->processes, pid) == s || s->outside.n >= MAX_OUTSIDE)
		return;
	to = SU_ADD(s->outside);
	if (!to || !su_map_set(&u->processes, pid, s)) {
		u->err = -ENOMEM;
		return;
	}
	*to = pid;
}

void su_forget_outside(struct nsu *u, struct su_start *s)
{
	for (size_t i = 0; i < s->outside.n; i++) {
		if (su_map_get(&u->processes, s->outside.at[i]) == s)
			su_map_drop(&u->processes, s->outside.at[i]);
	}
}

/* The last program that it ran at `until` or before, and not before `from`. */
static struct nsm_milestone *last_exec(struct nsu *u, uint32_t pid, uint64_t from, uint64_t until)
{
	struct nsm_milestone *last = NULL;

	if (!count_of(u, pid))
		return NULL;
	for (size_t i = 0; i < SU_MAX_LOBBY; i++) {
		struct nsm_milestone *m = &u->lobby.at[i];

		if (m->what == NSL_MILESTONE_exec && m->pid == pid && m->ts >= from &&
		    m->ts <= until && (!last || m->ts >= last->ts))
			last = m;
	}
	return last;
}

static uint64_t back(uint64_t ts, uint64_t ns)
{
	return ts > ns ? ts - ns : 0;
}

static void take(struct nsu *u, struct su_start *s, struct nsm_milestone *m)
{
	if (m->ts < s->pub.begin)
		s->pub.begin = m->ts;
	su_add_milestone(u, s, m);
	clear(u, m);
}

/* Of a process that copies itself the first exec counts: of those in a row. */
static uint64_t since(struct nsu *u, uint32_t pid, const struct nsm_milestone *exec)
{
	const struct nsm_milestone *before;

	while (exec->ts && (before = last_exec(u, pid, back(exec->ts, COPY_NS), exec->ts - 1)) &&
	       (su_is_copy(exec) || !strcmp(before->comm, exec->comm)))
		exec = before;
	return exec->ts;
}

/* Its own, what was done to it or for it, and what its children did. */
static void take_all(struct nsu *u, struct su_start *s, uint32_t pid, uint64_t from)
{
	SU_VEC(uint32_t) more = {0};

	for (size_t i = 0; i < SU_MAX_LOBBY && count_of(u, pid); i++) {
		struct nsm_milestone *m = &u->lobby.at[i];
		uint32_t other;

		if (m->what == NSL_MILESTONE_NONE || m->ts < from ||
		    (m->pid != pid && m->about_pid != pid))
			continue;
		/* an exec names its parent: of a child that is another start's, nothing is ours */
		other = m->pid == pid ? m->what == NSL_MILESTONE_exec ? 0 : m->about_pid : m->pid;
		take(u, s, m);
		if (other && !su_map_get(&u->processes, other) && !su_track_of(u, other) &&
		    more.n < MAX_OUTSIDE) {
			uint32_t *to = su_got(u, SU_ADD(more));

			if (to)
				*to = other;
		}
	}
	for (size_t i = 0; i < more.n; i++) {
		if (su_map_get(&u->processes, more.at[i]))
			continue;
		su_belongs(u, s, more.at[i]);
		take_all(u, s, more.at[i], from);
	}
	free(more.at);
}

void su_from_lobby(struct nsu *u, struct su_start *s, uint32_t pid)
{
	const struct nsm_milestone *exec;

	if (!su_track_of(u, pid))
		su_belongs(u, s, pid);
	/* nothing before the last program that it ran is its own */
	exec = last_exec(u, pid, back(s->pub.begin, SU_IDLE_NS), s->pub.begin);
	if (exec)
		take_all(u, s, pid, since(u, pid, exec));
	else if (pid == s->runtime_pid) /* its exec was not told: what it did just before */
		take_all(u, s, pid, back(s->pub.begin, NEAR_NS));
}

/* ---- what is around the runtime ---- */

static struct nsm_milestone *newest_conmon(struct nsu *u, uint64_t before)
{
	struct nsm_milestone *last = NULL;

	for (size_t i = 0; i < SU_MAX_LOBBY; i++) {
		struct nsm_milestone *m = &u->lobby.at[i];

		if (m->what == NSL_MILESTONE_exec && m->ts <= before && m->ts + FRAME_NS > before &&
		    !strcmp(m->comm, "conmon") && (!last || m->ts > last->ts))
			last = m;
	}
	return last;
}

/* conmon forks before it runs the runtime: of who that is then, no exec was seen. */
static struct nsm_milestone *around(struct nsu *u, const struct nsm_milestone *exec, bool monitored)
{
	struct nsm_milestone *outer =
		exec->about_pid
			? last_exec(u, exec->about_pid, back(exec->ts, SU_IDLE_NS), exec->ts)
			: NULL;

	if (outer && su_is_engine(outer->comm))
		return outer;
	return monitored && strcmp(exec->comm, "conmon") ? newest_conmon(u, exec->ts) : NULL;
}

void su_frame_from_lobby(struct nsu *u, struct su_start *s)
{
	struct nsm_milestone exec;

	if (!u->lobby.at || !s->milestones.n || s->milestones.at[0].m.what != NSL_MILESTONE_exec)
		return;
	su_recognise(s); /* by its cgroup: is a conmon to be expected? */
	exec = s->milestones.at[0].m;
	if (s->pub.payload.pid == exec.pid)
		return;
	for (int i = 0; i < MAX_FRAMES; i++) {
		struct nsm_milestone *outer =
			around(u, &exec,
			       s->pub.frame == NSU_FRAME_PODMAN || s->pub.frame == NSU_FRAME_CRIO);

		if (!outer || outer->ts + FRAME_NS < exec.ts)
			return;
		exec = *outer;
		take(u, s, outer);
		if (!su_track_of(u, exec.pid))
			su_belongs(u, s, exec.pid);
		s->milestones.at[0].outer = true;
	}
}
