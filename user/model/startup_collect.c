// SPDX-License-Identifier: GPL-2.0-only
/* What belongs to a start-up: copies of its calls and milestones. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

static char *copy_text(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void *copy_array(const void *from, size_t n, size_t size)
{
	void *to = n ? malloc(n * size) : NULL;

	if (to)
		memcpy(to, from, n * size);
	return to;
}

static void free_call(struct nsu_call *c)
{
	free((void *)c->call.steps);
	free((void *)c->call.slots);
	free((void *)c->call.cgroup_path);
	free((void *)c->call.container);
}

static void count_bytes(struct nsu *u, struct su_start *s, size_t n)
{
	s->bytes += n;
	u->detail += n;
}

static bool copy_call(struct nsu *u, struct su_start *s, struct nsu_call *to,
		      const struct nsm_call *from)
{
	to->call = *from;
	to->call.steps = copy_array(from->steps, from->nsteps, sizeof(*from->steps));
	to->call.slots = copy_array(from->slots, from->nslots, sizeof(*from->slots));
	to->call.cgroup_path = copy_text(from->cgroup_path);
	to->call.container = copy_text(from->container);
	if ((from->nsteps && !to->call.steps) || (from->nslots && !to->call.slots) ||
	    (from->cgroup_path && !to->call.cgroup_path) ||
	    (from->container && !to->call.container)) {
		free_call(to);
		return false;
	}
	count_bytes(u, s,
		    sizeof(*to) + from->nsteps * sizeof(*from->steps) +
			    from->nslots * sizeof(*from->slots));
	return true;
}

/*
 * Time inside the kernel's namespace functions: the outermost of its steps whose time is known. The
 * outermost of all may have none: where only its return is hooked, what it called tells.
 */
static uint64_t inside(const struct nsm_call *call)
{
	uint64_t sum = 0;
	int counted = INT_MAX; /* depth of the step that has what follows in its time */

	for (size_t i = 0; i < call->nsteps; i++) {
		const struct nsm_step *step = &call->steps[i];

		if (step->depth > counted)
			continue;
		counted = step->duration > 0 ? step->depth : INT_MAX;
		if (step->duration > 0)
			sum += (uint64_t)step->duration;
	}
	return sum;
}

static const struct nsm_step *step_of(const struct nsm_call *call, uint64_t obj)
{
	for (size_t i = 0; i < call->nsteps; i++) {
		if (call->steps[i].outcome == NSM_CREATED && call->steps[i].ns.obj == obj)
			return &call->steps[i];
	}
	return NULL;
}

static void add_created(struct nsu *u, struct su_start *s, const struct nsm_call *call,
			size_t index, const struct nsm_slot_change *change)
{
	enum nsl_type type = nsm_slot_type(change->slot);
	const struct nsm_step *step = step_of(call, change->after.obj);
	struct nsu_ns *ns;

	s->made |= SU_BIT(type);
	for (size_t i = 0; i < s->namespaces.n; i++) {
		if (s->namespaces.at[i].ns.obj == change->after.obj)
			return; /* two slots hold the same one */
	}
	ns = SU_ADD(s->namespaces);
	if (!ns || !su_map_set(&u->namespaces, change->after.obj, s)) {
		u->err = -ENOMEM;
		return;
	}
	ns->type = type;
	ns->ns = change->after;
	ns->call = index;
	ns->born = call->ts + (call->duration > 0 ? (uint64_t)call->duration : 0);
	if (step) {
		ns->owner = step->owner;
		ns->parent = step->parent;
		ns->born = step->ts ? step->ts : ns->born;
	}
}

static uint32_t types_of(uint64_t flags)
{
	uint32_t types = 0;

	for (int type = 0; type < NSL_TYPES; type++) {
		if (flags & nsm_type_bit((enum nsl_type)type))
			types |= SU_BIT(type);
	}
	return types;
}

static void learn(struct nsu *u, struct su_start *s, const struct nsm_call *call, size_t index)
{
	if (call->syscall != NSL_SYS_SETNS)
		s->asked |= types_of(call->new_flags);
	else if (call->err)
		s->join_err = call->err;
	for (size_t i = 0; i < call->nslots && !call->err; i++) {
		if (call->slots[i].how == NSM_HOW_CREATED)
			add_created(u, s, call, index, &call->slots[i]);
		else if (call->syscall == NSL_SYS_SETNS)
			s->joined |= SU_BIT(nsm_slot_type(call->slots[i].slot));
	}
	if (call->syscall == NSL_SYS_SETNS && !call->err && !call->nslots)
		s->joined |= types_of(call->new_flags);
	if (!s->has_before && call->has_views && !index) {
		s->before = call->before;
		s->has_before = true;
	}
}

/* Calls come when they return; they stand in the order in which they began. */
static struct nsu_call *insert_call(struct su_start *s, uint64_t ts, size_t *index)
{
	size_t at = s->calls.n;

	if (!SU_ADD(s->calls))
		return NULL;
	while (at && s->calls.at[at - 1].call.ts > ts)
		at--;
	memmove(&s->calls.at[at + 1], &s->calls.at[at],
		(s->calls.n - 1 - at) * sizeof(*s->calls.at));
	memset(&s->calls.at[at], 0, sizeof(*s->calls.at));
	for (size_t i = 0; i < s->namespaces.n; i++)
		s->namespaces.at[i].call += s->namespaces.at[i].call >= at;
	*index = at;
	return &s->calls.at[at];
}

void su_add_call(struct nsu *u, struct su_start *s, const struct su_track *t,
		 const struct nsm_call *call)
{
	struct nsu_call copy = {.again = NSU_NONE, .task = t->task, .stage = NSU_NONE};
	struct nsu_call *at;
	size_t index = 0;

	if (call->syscall == NSL_SYS_EXIT)
		return;
	if (s->calls.n >= SU_MAX_CALLS) {
		s->pub.too_big = true;
		return;
	}
	if (!copy_call(u, s, &copy, call)) {
		u->err = -ENOMEM;
		return;
	}
	copy.inside = inside(call);
	at = insert_call(s, call->ts, &index);
	if (!at) {
		free_call(&copy);
		u->err = -ENOMEM;
		return;
	}
	*at = copy;
	su_named(s, call->tid, call->comm);
	if (call->ts < s->pub.begin)
		s->pub.begin = call->ts;
	if (!call->begin_seen)
		s->pub.begin_cut = true;
	learn(u, s, call, index);
}

static bool keep_text(const char **kept, const char *text)
{
	char *copy = copy_text(text);

	if (!copy)
		return false;
	free((void *)*kept);
	*kept = copy;
	return true;
}

/* What a milestone tells about the payload. */
static void learn_milestone(struct nsu *u, struct su_start *s, const struct nsm_milestone *m)
{
	bool ok = true;

	if (m->err)
		return;
	if (m->what == NSL_MILESTONE_sethostname && *m->text)
		ok = keep_text(&s->pub.payload.hostname, m->text);
	if (m->what == NSL_MILESTONE_setuid) {
		s->uid = (uint32_t)m->detail[0];
		s->gid = (uint32_t)m->detail[1];
	}
	if (!ok)
		u->err = -ENOMEM;
}

void su_add_milestone(struct nsu *u, struct su_start *s, const struct nsm_milestone *m)
{
	struct nsu_milestone *to;
	size_t at = s->milestones.n;

	if (s->milestones.n >= SU_MAX_MILESTONES) {
		s->pub.too_big = true;
		return;
	}
	if (!SU_ADD(s->milestones)) {
		u->err = -ENOMEM;
		return;
	}
	while (at && s->milestones.at[at - 1].m.ts > m->ts)
		at--;
	to = &s->milestones.at[at];
	memmove(to + 1, to, (s->milestones.n - 1 - at) * sizeof(*to));
	*to = (struct nsu_milestone){.m = *m, .kind = su_kind_of_milestone(m), .stage = NSU_NONE};
	if (m->cgroup_path)
		to->m.cgroup_path = su_got(u, copy_text(m->cgroup_path));
	if (m->container)
		to->m.container = su_got(u, copy_text(m->container));
	count_bytes(u, s, sizeof(*to));
	if (m->what != NSL_MILESTONE_exec)
		su_named(s, m->tid, m->comm);
	learn_milestone(u, s, m);
}

/* Of the payload's exec: it may be told after the task's own event. */
static bool is_payload_exec(const struct su_start *s, const struct nsm_milestone *m)
{
	const struct nsu_payload *p = &s->pub.payload;

	return m->what == NSL_MILESTONE_exec && !m->err && p->pid == m->pid && !p->file &&
	       s->state == SU_DONE && m->ts + SU_EXEC_NS >= p->exec &&
	       m->ts <= p->exec + SU_EXEC_NS;
}

static struct su_start *start_of(struct nsu *u, const struct nsm_milestone *m)
{
	const struct su_track *t = su_track_of(u, m->tid);
	struct su_start *s;

	if (!t)
		t = su_track_of(u, m->pid);
	if (t && is_payload_exec(t->start, m) && !keep_text(&t->start->pub.payload.file, m->text))
		u->err = -ENOMEM;
	if (t)
		return su_open_start_of(t);
	s = su_map_get(&u->processes, m->pid);
	if (!s && m->about_pid)
		s = su_map_get(&u->processes, m->about_pid);
	if (s)
		return s->state == SU_OPEN ? s : NULL;
	if (!m->about_pid)
		return NULL;
	t = su_track_of(u, m->about_tid);
	return su_open_start_of(t ? t : su_track_of(u, m->about_pid));
}

void su_milestone(struct nsu *u, const struct nsm_milestone *m)
{
	struct su_start *s = start_of(u, m);

	if (m->what == NSL_MILESTONE_exec && m->detail[1] & NSL_EXEC_OF_COMMAND) {
		u->has_command = true;
		u->has_client |= su_is_client(m->comm);
	}
	if (s) {
		su_add_milestone(u, s, m);
		if (!su_track_of(u, m->tid) && !su_track_of(u, m->pid))
			su_belongs(u, s, m->pid);
		su_touch(u, s, m->ts);
	} else if (!m->err) {
		su_put_in_lobby(u, m);
	}
}

void su_program_ended(struct nsu *u, uint32_t pid, uint64_t ts)
{
	struct su_start *s = su_map_get(&u->processes, pid);

	if (!s || s->state != SU_OPEN)
		return;
	if (pid == s->runtime_pid && !s->runtime_end)
		s->runtime_end = ts;
	for (size_t i = s->milestones.n; i-- > 0;) {
		struct nsu_milestone *m = &s->milestones.at[i];

		if (m->m.what != NSL_MILESTONE_exec || m->m.pid != pid)
			continue;
		if (!m->ended)
			m->ended = ts;
		return;
	}
}

void su_free_details(struct nsu *u, struct su_start *s)
{
	for (size_t i = 0; i < s->calls.n; i++)
		free_call(&s->calls.at[i]);
	for (size_t i = 0; i < s->milestones.n; i++) {
		free((void *)s->milestones.at[i].m.cgroup_path);
		free((void *)s->milestones.at[i].m.container);
	}
	free(s->calls.at);
	free(s->milestones.at);
	free(s->tasks.at);
	free(s->path.at);
	memset(&s->calls, 0, sizeof(s->calls));
	memset(&s->milestones, 0, sizeof(s->milestones));
	memset(&s->tasks, 0, sizeof(s->tasks));
	memset(&s->path, 0, sizeof(s->path));
	u->detail -= s->bytes;
	s->bytes = 0;
	s->pub.ncalls = s->pub.nmilestones = s->pub.ntasks = s->pub.npath = 0;
	s->pub.failed_call = s->pub.failed_milestone = NSU_NONE;
	for (size_t i = 0; i < s->namespaces.n; i++)
		s->namespaces.at[i].call = NSU_NONE;
}

void su_forget_namespaces(struct nsu *u, struct su_start *s)
{
	for (size_t i = 0; i < s->namespaces.n; i++) {
		if (su_map_get(&u->namespaces, s->namespaces.at[i].ns.obj) == s)
			su_map_drop(&u->namespaces, s->namespaces.at[i].ns.obj);
	}
}

void su_start_free(struct nsu *u, struct su_start *s)
{
	su_forget_namespaces(u, s);
	su_forget_outside(u, s);
	su_free_details(u, s);
	free(s->outside.at);
	free(s->stages.at);
	free(s->namespaces.at);
	free((void *)s->pub.payload.hostname);
	free((void *)s->pub.payload.file);
	free((void *)s->pub.container);
	free((void *)s->pub.cgroup);
	free(s);
}

void su_take_frame(struct nsu *u, struct su_start *s, struct su_start *outer)
{
	for (size_t i = 0; i < outer->calls.n; i++) {
		struct nsu_call copy = {.again = NSU_NONE, .task = NSU_NONE, .outer = true};
		size_t index = 0;
		struct nsu_call *at;

		if (s->calls.n >= SU_MAX_CALLS)
			break;
		if (!copy_call(u, s, &copy, &outer->calls.at[i].call)) {
			u->err = -ENOMEM;
			break;
		}
		copy.inside = outer->calls.at[i].inside;
		at = su_got(u, insert_call(s, copy.call.ts, &index));
		if (at)
			*at = copy;
		else
			free_call(&copy);
	}
	for (size_t i = 0; i < outer->milestones.n; i++) {
		size_t n = s->milestones.n;

		su_add_milestone(u, s, &outer->milestones.at[i].m);
		for (size_t k = 0; k < s->milestones.n && s->milestones.n > n; k++)
			s->milestones.at[k].outer =
				s->milestones.at[k].outer ||
				s->milestones.at[k].m.number == outer->milestones.at[i].m.number;
	}
	for (size_t i = 0; i < outer->tasks.n && s->tasks.n < SU_MAX_TASKS; i++) {
		struct nsu_task *task = su_got(u, SU_ADD(s->tasks));

		if (!task)
			break;
		*task = outer->tasks.at[i];
		task->outer = true;
	}
	for (size_t i = 0; i < outer->namespaces.n; i++) {
		struct nsu_ns *ns = su_got(u, SU_ADD(s->namespaces));

		if (!ns)
			break;
		*ns = outer->namespaces.at[i];
		ns->outer = true;
		ns->call = NSU_NONE;
	}
	s->pub.of_command |= outer->pub.of_command;
	if (outer->pub.begin < s->pub.begin)
		s->pub.begin = outer->pub.begin;
}
