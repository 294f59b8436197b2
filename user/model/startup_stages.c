// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stages of a start-up: what is seen of it, in the order of time, each thing with
 * the kind of work that it belongs to; neighbours of one kind are one stage, and a
 * hole that is long enough is a stage, too.
 */
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

#define MAX_STAGES 20
/* A hole is told when it is this part of the start, and this long. */
#define HOLE_PART 25
#define HOLE_NS	  1000000ULL
/* What is shorter is no stage of its own between two of the same kind. */
#define SPECK_PART 200

struct mark {
	uint64_t begin, end;
	enum nsu_stage_kind kind;
	uint32_t tid, pid, helper; /* helper: tid of another program that ran */
	bool unseen_end;	   /* … whose end is not told */
	const char *comm;
	size_t call, milestone; /* or NSU_NONE */
};

struct work {
	struct su_start *s;
	SU_VEC(struct mark) marks;
	uint64_t hole, speck;
	const struct mark *running; /* a program that may still run, for all that is known */
	bool failed;
};

static const enum nsu_stage_kind kinds[NSL_MILESTONES_END] = {
	[NSL_MILESTONE_exec] = NSU_STAGE_HOOK,
	[NSL_MILESTONE_uid_map] = NSU_STAGE_ID_MAPS,
	[NSL_MILESTONE_gid_map] = NSU_STAGE_ID_MAPS,
	[NSL_MILESTONE_projid_map] = NSU_STAGE_ID_MAPS,
	[NSL_MILESTONE_proc_setgroups] = NSU_STAGE_ID_MAPS,
	[NSL_MILESTONE_setgroups] = NSU_STAGE_PRIVILEGES,
	[NSL_MILESTONE_setuid] = NSU_STAGE_PRIVILEGES,
	[NSL_MILESTONE_mount] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_umount] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_fsopen] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_fsconfig] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_fsmount] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_open_tree] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_move_mount] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_mount_setattr] = NSU_STAGE_MOUNTS,
	[NSL_MILESTONE_pivot_root] = NSU_STAGE_ROOT,
	[NSL_MILESTONE_chroot] = NSU_STAGE_ROOT,
	[NSL_MILESTONE_sethostname] = NSU_STAGE_IDENTITY,
	[NSL_MILESTONE_setdomainname] = NSU_STAGE_IDENTITY,
	[NSL_MILESTONE_cgroup_attach] = NSU_STAGE_CGROUP,
	[NSL_MILESTONE_capset] = NSU_STAGE_PRIVILEGES,
	[NSL_MILESTONE_capbset_drop] = NSU_STAGE_PRIVILEGES,
	[NSL_MILESTONE_seccomp] = NSU_STAGE_PRIVILEGES,
	[NSL_MILESTONE_netdev_move] = NSU_STAGE_NETWORK,
};

enum nsu_stage_kind su_kind_of_milestone(const struct nsm_milestone *m)
{
	return m->what < NSL_MILESTONES_END ? kinds[m->what] : NSU_STAGE_WAIT;
}

enum nsu_stage_kind su_kind_of_call(const struct nsm_call *call)
{
	if (call->syscall == NSL_SYS_SETNS)
		return NSU_STAGE_JOIN;
	if (call->syscall == NSL_SYS_EXEC)
		return NSU_STAGE_EXEC;
	if (is_clone(call->syscall) && !call->new_flags)
		return NSU_STAGE_FORK;
	return NSU_STAGE_NAMESPACES;
}

static void add_mark(struct work *w, const struct mark *mark)
{
	struct mark *m;

	if (mark->begin > w->s->pub.end)
		return;
	m = SU_ADD(w->marks);
	if (!m) {
		w->failed = true;
		return;
	}
	*m = *mark;
	if (m->end > w->s->pub.end)
		m->end = w->s->pub.end;
	if (m->begin < w->s->pub.begin)
		m->begin = w->s->pub.begin;
}

static void mark_calls(struct work *w)
{
	for (size_t i = 0; i < w->s->calls.n; i++) {
		const struct nsm_call *c = &w->s->calls.at[i].call;
		struct mark m = {.begin = c->ts,
				 .end = c->ts + (c->duration > 0 ? (uint64_t)c->duration : 0),
				 .kind = su_kind_of_call(c),
				 .tid = c->tid,
				 .pid = c->pid,
				 .comm = c->comm,
				 .call = i,
				 .milestone = NSU_NONE};

		if (m.kind != NSU_STAGE_EXEC) /* the last stage tells of it */
			add_mark(w, &m);
	}
}

/* The program that begins a start is the runtime; the payload's is the end of it. */
static bool helps(const struct su_start *s, uint32_t pid, uint64_t ts)
{
	return pid != s->pub.payload.pid && pid != s->first_pid && pid != s->runtime_pid &&
	       ts > s->pub.begin;
}

/* Programs that are run: helpers and hooks, or the runtime and what is around it. */
static bool mark_exec(const struct su_start *s, const struct nsu_milestone *milestone,
		      struct mark *m)
{
	const struct nsm_milestone *exec = &milestone->m;

	if (exec->pid == s->pub.payload.pid)
		return false;
	m->helper = exec->pid;
	if (su_is_itself(s, exec))
		m->kind = NSU_STAGE_START; /* of a container that it has made */
	if (milestone->outer || !helps(s, exec->pid, exec->ts) ||
	    (su_is_itself(s, exec) && s->calls.n && exec->ts < s->calls.at[0].call.ts)) {
		m->kind = NSU_STAGE_PREPARE;
		m->helper = milestone->outer ? exec->pid : s->runtime_pid;
	} else if (milestone->ended)
		m->end = milestone->ended;
	m->unseen_end = !milestone->ended && !su_task_of((struct su_start *)s, exec->pid);
	return true;
}

static void mark_milestones(struct work *w)
{
	struct su_start *s = w->s;

	for (size_t i = 0; i < s->milestones.n; i++) {
		const struct nsm_milestone *c = &s->milestones.at[i].m;
		uint64_t took = c->duration > 0 ? (uint64_t)c->duration : 0;
		struct mark m = {.begin = c->ts > took ? c->ts - took : 0,
				 .end = c->ts,
				 .kind = s->milestones.at[i].kind,
				 .tid = c->tid,
				 .pid = c->pid,
				 .comm = c->comm,
				 .call = NSU_NONE,
				 .milestone = i};

		if (c->what == NSL_MILESTONE_seccomp && c->err)
			continue; /* asking what the kernel has */
		if (c->what == NSL_MILESTONE_exec && !mark_exec(s, &s->milestones.at[i], &m))
			continue;
		add_mark(w, &m);
	}
}

/* Other programs: from their exec to their exit. */
static void mark_helpers(struct work *w)
{
	struct su_start *s = w->s;

	for (size_t i = 0; i < s->tasks.n; i++) {
		const struct nsu_task *t = &s->tasks.at[i];
		struct mark m = {.begin = t->exec,
				 .end = t->exit ? t->exit : t->exec,
				 .kind = NSU_STAGE_HOOK,
				 .tid = t->tid,
				 .pid = t->pid,
				 .helper = t->tid,
				 .comm = t->comm,
				 .call = NSU_NONE,
				 .milestone = NSU_NONE};

		if (t->exec && !t->outer && helps(s, t->pid, t->exec))
			add_mark(w, &m);
	}
}

static int by_begin(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static struct nsu_stage *push(struct work *w, enum nsu_stage_kind kind, uint64_t begin,
			      uint64_t end, const struct mark *whose)
{
	struct nsu_stage *stage = SU_ADD(w->s->stages);

	if (!stage) {
		w->failed = true;
		return NULL;
	}
	stage->kind = kind;
	stage->begin = begin;
	stage->end = end;
	stage->first_call = NSU_NONE;
	if (whose) {
		stage->tid = whose->tid;
		stage->pid = whose->pid;
		stage->waits_for = whose->helper;
		memcpy(stage->comm, whose->comm, sizeof(stage->comm));
	}
	return stage;
}

/* Between what is seen. Whose time it is: of whoever does the next thing. */
static void push_hole(struct work *w, uint64_t begin, uint64_t end, const struct mark *next)
{
	struct su_start *s = w->s;
	struct nsu_stage *stage = s->stages.n ? &s->stages.at[s->stages.n - 1] : NULL;

	if (stage && w->running && stage->end == begin && stage->kind == w->running->kind) {
		stage->end = end; /* the program is at work, or waited for */
		stage->inferred = true;
		return;
	}
	stage = push(w, s->stages.n ? NSU_STAGE_WAIT : NSU_STAGE_PREPARE, begin, end, next);
	if (!stage)
		return;
	stage->inferred = true;
	stage->waits_for = 0;
	if (stage->kind == NSU_STAGE_WAIT && s->runtime_pid && stage->pid != s->runtime_pid &&
	    (!s->runtime_end || begin < s->runtime_end))
		stage->waits_for = s->runtime_pid;
}

/* What is waited for once the runtime has ended, is for whoever runs it the next time. */
static void push_holes(struct work *w, uint64_t begin, uint64_t end, const struct mark *next)
{
	uint64_t cut = w->s->runtime_end;

	if (cut > begin && cut < end && (cut - begin >= w->hole || end - cut >= w->hole)) {
		push_hole(w, begin, cut, next);
		begin = cut;
	}
	push_hole(w, begin, end, next);
}

static void push_mark(struct work *w, const struct mark *m, uint64_t from)
{
	struct su_start *s = w->s;
	struct nsu_stage *last = s->stages.n ? &s->stages.at[s->stages.n - 1] : NULL;

	if (last && last->kind == m->kind && last->waits_for == m->helper) {
		last->end = m->end > last->end ? m->end : last->end;
		return;
	}
	if (last && m->begin < last->end && m->end <= last->end && m->kind != NSU_STAGE_ROOT)
		return; /* beside something that takes longer */
	push(w, m->kind, from, m->end > from ? m->end : from, m);
}

static void lay_out(struct work *w)
{
	struct su_start *s = w->s;
	uint64_t at = s->pub.begin;
	struct nsu_stage *last;

	for (size_t i = 0; i < w->marks.n && !w->failed; i++) {
		const struct mark *m = &w->marks.at[i];

		if (m->begin > at && (m->begin - at >= w->hole || !s->stages.n ||
				      (w->running && w->running->kind == NSU_STAGE_PREPARE))) {
			push_holes(w, at, m->begin, m);
			at = m->begin;
		}
		push_mark(w, m, at);
		w->running = m->unseen_end || m->kind == NSU_STAGE_PREPARE ? m : NULL;
		if (!w->failed)
			at = s->stages.at[s->stages.n - 1].end;
	}
	if (w->failed)
		return;
	if (s->pub.end - at >= w->hole)
		push_holes(w, at, s->pub.end, NULL);
	else if (s->stages.n && !s->pub.payload.pid)
		s->stages.at[s->stages.n - 1].end = s->pub.end;
	at = s->stages.n ? s->stages.at[s->stages.n - 1].end : s->pub.begin;
	if (!s->pub.payload.pid)
		return;
	last = push(w, NSU_STAGE_EXEC, at, s->pub.end, NULL);
	if (!last)
		return;
	last->tid = last->pid = s->pub.payload.pid;
	memcpy(last->comm, s->pub.payload.comm, sizeof(last->comm));
}

static void remove_stage(struct su_start *s, size_t at)
{
	memmove(&s->stages.at[at], &s->stages.at[at + 1],
		(s->stages.n - at - 1) * sizeof(*s->stages.at));
	s->stages.n--;
}

/* May it disappear between its neighbours? */
static bool is_speck(const struct work *w, const struct nsu_stage *stage)
{
	static const bool always[NSU_STAGES] = {
		[NSU_STAGE_NAMESPACES] = true, [NSU_STAGE_JOIN] = true, [NSU_STAGE_ROOT] = true,
		[NSU_STAGE_EXEC] = true,       [NSU_STAGE_HOOK] = true, [NSU_STAGE_ID_MAPS] = true,
		[NSU_STAGE_PREPARE] = true,    [NSU_STAGE_START] = true,
	};

	return stage->end - stage->begin < w->speck && !always[stage->kind];
}

/* A few mounts between two changes of credentials are no stage; neither is what sets one. */
static void smooth(struct work *w)
{
	struct su_start *s = w->s;

	for (size_t i = 1; i + 1 < s->stages.n;) {
		struct nsu_stage *before = &s->stages.at[i - 1], *here = &s->stages.at[i];
		struct nsu_stage *after = &s->stages.at[i + 1];

		if (before->kind != after->kind || !is_speck(w, here) ||
		    before->waits_for != after->waits_for) {
			i++;
			continue;
		}
		before->end = after->end;
		before->inferred = before->inferred && after->inferred;
		remove_stage(s, i);
		remove_stage(s, i);
	}
}

/* More than anybody reads: the shortest goes into the longer one beside it. */
static void shorten(struct su_start *s)
{
	while (s->stages.n > MAX_STAGES) {
		size_t least = 1;

		for (size_t i = 1; i + 1 < s->stages.n; i++) {
			const struct nsu_stage *a = &s->stages.at[i], *b = &s->stages.at[least];

			if (a->end - a->begin < b->end - b->begin)
				least = i;
		}
		s->stages.at[least - 1].end = s->stages.at[least].end;
		remove_stage(s, least);
	}
}

/* Which stage each thing belongs to. */
static size_t stage_at(const struct su_start *s, uint64_t ts)
{
	for (size_t i = s->stages.n; i-- > 0;) {
		if (s->stages.at[i].begin <= ts)
			return i;
	}
	return s->stages.n ? 0 : NSU_NONE;
}

/* At one moment several may begin: the one of its kind. */
static size_t stage_of(const struct su_start *s, uint64_t ts, enum nsu_stage_kind kind)
{
	size_t at = stage_at(s, ts);

	for (size_t i = 0; i < s->stages.n; i++) {
		if (s->stages.at[i].begin <= ts && ts <= s->stages.at[i].end &&
		    s->stages.at[i].kind == kind)
			return i;
	}
	return at;
}

static void assign(struct su_start *s)
{
	for (size_t i = 0; i < s->calls.n; i++) {
		struct nsu_call *c = &s->calls.at[i];
		struct nsu_stage *stage;

		c->stage = stage_of(s, c->call.ts, su_kind_of_call(&c->call));
		if (c->stage == NSU_NONE)
			continue;
		stage = &s->stages.at[c->stage];
		if (stage->first_call == NSU_NONE)
			stage->first_call = i;
		stage->calls++;
	}
	for (size_t i = 0; i < s->milestones.n; i++)
		s->milestones.at[i].stage =
			stage_of(s, s->milestones.at[i].m.ts, s->milestones.at[i].kind);
}

/* Calls of several tasks overlap: each moment counts once. Calls stand by their begin. */
static void add_kernel_time(struct su_start *s)
{
	for (size_t i = 0; i < s->stages.n; i++) {
		struct nsu_stage *stage = &s->stages.at[i];
		uint64_t at = stage->begin;

		stage->kernel = 0;
		for (size_t k = 0; k < s->calls.n; k++) {
			const struct nsm_call *c = &s->calls.at[k].call;
			uint64_t end = c->ts + (c->duration > 0 ? (uint64_t)c->duration : 0);
			uint64_t begin = c->ts > at ? c->ts : at;

			end = end < stage->end ? end : stage->end;
			if (end <= begin)
				continue;
			stage->kernel += end - begin;
			at = end;
		}
	}
}

bool su_build_stages(struct nsu *u, struct su_start *s)
{
	uint64_t total = s->pub.end - s->pub.begin;
	struct work w = {.s = s, .speck = total / SPECK_PART};

	(void)u;
	w.hole = total / HOLE_PART > HOLE_NS ? total / HOLE_PART : HOLE_NS;
	s->stages.n = 0;
	mark_calls(&w);
	mark_milestones(&w);
	mark_helpers(&w);
	if (w.marks.n)
		qsort(w.marks.at, w.marks.n, sizeof(*w.marks.at), by_begin);
	if (!w.failed)
		lay_out(&w);
	free(w.marks.at);
	if (w.failed)
		return false;
	smooth(&w);
	shorten(s);
	assign(s);
	add_kernel_time(s);
	return true;
}
