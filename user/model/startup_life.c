// SPDX-License-Identifier: GPL-2.0-only
/* Where a start-up begins and ends, and whether it was one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

#define HOLDS (SU_BIT(NSL_MNT) | SU_BIT(NSL_PID))

static void unlink_open(struct nsu *u, struct su_start *s)
{
	*(s->prev ? &s->prev->next : &u->first_open) = s->next;
	*(s->next ? &s->next->prev : &u->last_open) = s->prev;
	s->prev = s->next = NULL;
}

static void link_open(struct nsu *u, struct su_start *s)
{
	s->prev = u->last_open;
	s->next = NULL;
	*(u->last_open ? &u->last_open->next : &u->first_open) = s;
	u->last_open = s;
}

void su_touch(struct nsu *u, struct su_start *s, uint64_t ts)
{
	if (ts > s->last)
		s->last = s->looked = ts;
	if (s->state > SU_CLOSING || u->last_open == s)
		return;
	unlink_open(u, s);
	link_open(u, s);
}

static void tell(struct nsu *u, struct su_start *s)
{
	s->pub.number = ++u->done;
	u->options.done(u->options.ctx, &s->pub);
}

static void forget(struct nsu *u, struct su_start *s)
{
	s->state = SU_DEAD;
	su_forget_namespaces(u, s);
	su_free_details(u, s);
}

void su_retire(struct nsu *u, struct su_start *s)
{
	size_t i = 0;

	while (u->all.at[i] != s)
		i++;
	u->all.n--;
	memmove(&u->all.at[i], &u->all.at[i + 1], (u->all.n - i) * sizeof(*u->all.at));
	if (!s->frame_used)
		tell(u, s);
	forget(u, s);
	s->in_list = false;
	s->refs--;
}

void su_put(struct nsu *u, struct su_start *s)
{
	struct su_start *host;

	for (; s; s = host) {
		/* nothing runs in it any more that could make it a frame */
		if (--s->refs == 1 && s->in_list && u->options.done)
			su_retire(u, s);
		if (s->refs)
			return;
		host = s->host;
		su_start_free(u, s);
	}
}

/* Takes over the track of whoever begins it. */
static bool adopt(struct nsu *u, struct su_start *s, const struct nsl_head *h)
{
	struct su_track *t = su_track_of(u, h->tid);

	if (t && t->pid == h->pid && !t->ended)
		su_track_move(u, t, s, h->comm, h->ts);
	else
		t = su_track_add(u, s, h->tid, h->pid, h->comm, h->ts);
	if (!t)
		return false;
	s->open_calls += t->in_call;
	t->seen_exit = t->seen_exit || (s->has_before && !su_is_initial(u, &s->before));
	s->alive += t->seen_exit;
	return true;
}

/* In whose payload a task runs that begins something new. */
static struct su_start *host_of(const struct nsu *u, uint32_t tid)
{
	const struct su_track *t = su_track_of(u, tid);
	struct su_start *host = t ? t->inside ? t->start : t->start->host : NULL;

	while (host && host->state == SU_DEAD)
		host = host->host;
	return host;
}

struct su_start *su_open(struct nsu *u, const struct nsl_head *h, const struct nsl_view *before,
			 struct su_start *host)
{
	struct su_start *s = calloc(1, sizeof(*s));

	if (!s) {
		u->err = -ENOMEM;
		return NULL;
	}
	if (!host)
		host = host_of(u, h->tid);
	s->serial = ++u->serial;
	s->host = host;
	if (host)
		host->refs++;
	s->refs = 1; /* until it is settled: the list of open ones; later that of all */
	s->gaps = u->gaps;
	s->first_pid = s->principal = h->pid;
	s->uid = s->gid = UINT32_MAX;
	s->pub.begin = s->last = s->looked = h->ts;
	s->pub.failed_call = s->pub.failed_milestone = NSU_NONE;
	if (before && before->slot[NSL_SLOT_USER].obj) {
		s->before = *before;
		s->has_before = true;
	}
	link_open(u, s);
	u->nopen++;
	if (!adopt(u, s, h)) {
		su_close(u, s);
		return NULL;
	}
	su_from_lobby(u, s, h->pid);
	if (u->nopen > SU_MAX_OPEN) {
		u->left_out++;
		su_end(u, u->first_open);
	}
	return s;
}

void su_payload(struct nsu *u, struct su_start *s, uint32_t pid, uint64_t ts,
		const struct nsl_view *view)
{
	struct nsu_payload *p = &s->pub.payload;
	const struct nsu_task *task = su_task_of(s, pid);

	p->pid = p->tid = pid;
	p->exec = ts;
	p->view = *view;
	p->has_view = view->slot[NSL_SLOT_USER].obj != 0;
	p->ns_pid = view->ns_pid;
	p->pid_level = view->pid_level;
	if (task) {
		memcpy(p->comm, task->comm, sizeof(p->comm));
		p->exit = task->exit;
	}
	s->last = ts > s->last ? ts : s->last;
	for (size_t i = s->milestones.n; i-- > 0 && !p->file;) {
		const struct nsm_milestone *m = &s->milestones.at[i].m;

		if (m->what == NSL_MILESTONE_exec && m->pid == pid && !m->err && *m->text &&
		    m->ts + SU_EXEC_NS >= ts)
			p->file = su_got(u, strdup(m->text));
	}
}

/* What execed and was not expected to is the payload, if nothing better comes. */
static void take_candidate(struct nsu *u, struct su_start *s)
{
	if (!s->candidate || s->pub.payload.pid)
		return;
	su_recognise(s);
	if (su_child_execs(s))
		su_payload(u, s, s->candidate, s->candidate_exec, &s->candidate_view);
}

/* Who is expected to exec now: the last child that lives. */
static uint32_t heir(const struct su_start *s, uint32_t pid)
{
	uint32_t other = 0;

	for (size_t i = s->tasks.n; i-- > 0;) {
		const struct nsu_task *t = &s->tasks.at[i];

		if (t->tid != t->pid || t->exit || t->tid == pid || t->tid == s->candidate)
			continue;
		if (t->parent == pid)
			return t->tid;
		if (!other && t->born)
			other = t->tid;
	}
	return other;
}

void su_principal_gone(struct nsu *u, struct su_start *s, uint32_t pid)
{
	if (pid == s->principal) {
		s->principal = heir(s, pid);
		if (!s->principal && s->candidate) {
			su_close(u, s);
			return;
		}
	}
	if (!s->alive)
		su_close(u, s);
}

/* One whose tasks live is only looked at again later: it may wait for hours. */
void su_expire(struct nsu *u, uint64_t ts)
{
	struct su_start *s;

	while ((s = u->first_open) && s->looked + SU_IDLE_NS < ts) {
		s->looked = ts;
		if (s->last + SU_IDLE_NS < ts && (!s->alive || s->state == SU_CLOSING)) {
			su_end(u, s);
		} else {
			unlink_open(u, s);
			link_open(u, s);
		}
	}
}

void su_end(struct nsu *u, struct su_start *s)
{
	if (s->state == SU_OPEN)
		s->state = SU_CLOSING;
	s->cut = s->open_calls;
	s->open_calls = 0;
	su_settle(u, s);
}

void su_close(struct nsu *u, struct su_start *s)
{
	if (s->state != SU_OPEN)
		return;
	s->state = SU_CLOSING;
	if (!s->open_calls)
		su_settle(u, s);
}

/* A program ran in namespaces that were there, or one that is for that was refused. */
static bool is_join(const struct su_start *s)
{
	bool tool = su_known(s) || !strcmp(s->pub.runtime_comm, "nsenter");

	return !(s->made & HOLDS) && (s->pub.payload.pid ? s->joined != 0 : s->join_err && tool);
}

/* Was it the start of a container, or just a program that makes namespaces? */
static bool is_start(const struct su_start *s)
{
	uint32_t asked = s->asked;

	if (s->made & HOLDS)
		return s->pub.payload.pid || su_known(s);
	if (s->made || s->pub.payload.pid)
		return false; /* it got others, and they were enough for it */
	if (su_known(s) && s->pub.runtime != NSU_UNSHARE && s->pub.runtime != NSU_IP)
		asked |= asked & SU_BIT(NSL_USER) ? HOLDS : 0;
	return asked & HOLDS;
}

static bool add_join(struct nsu *u, struct su_start *s)
{
	struct nsu_joined *j = su_got(u, SU_ADD(u->joins));
	const struct nsu_call *last = NULL;

	if (!j)
		return false;
	for (size_t i = 0; i < s->calls.n; i++) {
		if (s->calls.at[i].call.syscall == NSL_SYS_SETNS)
			last = &s->calls.at[i];
	}
	*j = (struct nsu_joined){.begin = s->pub.begin,
				 .end = s->pub.end,
				 .pid = s->pub.payload.pid ? s->pub.payload.pid : s->first_pid,
				 .types = s->joined,
				 .of_command = s->pub.of_command,
				 .failed = !s->pub.payload.pid && s->join_err,
				 .err = s->join_err};
	j->tid = j->pid;
	if (last)
		memcpy(j->by, last->call.comm, sizeof(j->by));
	memcpy(j->comm, s->pub.payload.comm, sizeof(j->comm));
	for (int i = 0; s->pub.payload.has_view && i < NSL_SLOTS && !j->startup; i++) {
		const struct su_start *made =
			su_map_get(&u->namespaces, s->pub.payload.view.slot[i].obj);

		if (made)
			j->startup = made->serial; /* its number, when all have one */
	}
	if (!su_name_container(u, s))
		u->err = -ENOMEM;
	j->container = s->pub.container ? su_got(u, strdup(s->pub.container)) : NULL;
	s->pub.number = u->joins.n; /* of the join: it may turn out to be an outer frame */
	return true;
}

static bool is_cut(const struct su_start *s)
{
	for (size_t i = 0; i < s->calls.n; i++) {
		if (!s->calls.at[i].call.end_seen && !s->calls.at[i].call.died)
			return true;
	}
	return false;
}

static enum nsu_outcome outcome_of(const struct su_start *s, const struct nsu *u)
{
	if (u->gaps != s->gaps)
		return NSU_DOUBTFUL;
	if (s->pub.payload.pid)
		return NSU_RUNNING;
	return s->alive || s->cut || is_cut(s) ? NSU_CUT : NSU_FAILED;
}

static bool build(struct nsu *u, struct su_start *s)
{
	if (!su_build_stages(u, s) || !su_build_path(u, s) || !su_build_namespaces(u, s))
		return false;
	su_build_matters(s);
	s->pub.calls = s->calls.at;
	s->pub.ncalls = s->calls.n;
	s->pub.tasks = s->tasks.at;
	s->pub.ntasks = s->tasks.n;
	s->pub.milestones = s->milestones.at;
	s->pub.nmilestones = s->milestones.n;
	s->pub.namespaces = s->namespaces.at;
	s->pub.nnamespaces = s->namespaces.n;
	s->pub.stages = s->stages.at;
	s->pub.nstages = s->stages.n;
	s->pub.path = s->path.at;
	s->pub.npath = s->path.n;
	return true;
}

/* May it become a part of what is started in it? */
static bool is_frame(const struct su_start *s)
{
	return !s->frame_used && su_is_engine(s->pub.payload.comm);
}

/* An engine that ran in namespaces of its own, and what it started there, are one start. */
static void take_host(struct nsu *u, struct su_start *s)
{
	struct su_start *host = s->host;

	if (!host || host->state != SU_DONE || !is_frame(host))
		return;
	host->frame_used = true;
	if (!host->in_list && host->pub.number)
		u->joins.at[host->pub.number - 1].begin = 0; /* it is none any more */
	su_take_frame(u, s, host);
}

static bool complete(struct nsu *u, struct su_start *s)
{
	s->pub.outcome = outcome_of(s, u);
	s->pub.gap = u->gaps != s->gaps;
	take_host(u, s);
	if (su_name_container(u, s))
		su_frame_from_lobby(u, s);
	else
		u->err = -ENOMEM;
	if (build(u, s))
		return true;
	u->err = -ENOMEM;
	return false;
}

static bool is_full(const struct nsu *u)
{
	return u->all.n >= (u->options.max_startups ? u->options.max_startups : SU_MAX_STARTUPS);
}

/* It is told, at once or, where that is false, later: then it is kept, and true. */
static bool keep(struct nsu *u, struct su_start *s)
{
	bool live = u->options.done != NULL;
	struct su_start **at;

	if (!live && is_full(u)) {
		u->left_out++;
		return false;
	}
	if (!complete(u, s))
		return false;
	if (live && !is_frame(s)) {
		tell(u, s);
		return false;
	}
	if (live && is_full(u))
		su_retire(u, u->all.at[0]);
	at = (struct su_start **)su_got(u, SU_ADD(u->all));
	if (!at)
		return false;
	*at = s;
	s->in_list = true;
	s->refs++;
	if (u->detail > SU_MAX_DETAIL) {
		su_free_details(u, s);
		s->pub.too_big = true;
	}
	return true;
}

/* Of no initial task an end is told: without its start it would stay for ever. */
static void release_tasks(struct nsu *u, struct su_start *s)
{
	for (size_t i = 0; i < s->tasks.n; i++) {
		struct su_track *t = su_track_of(u, s->tasks.at[i].tid);

		if (t && t->start == s)
			su_track_settled(u, t);
	}
}

void su_count_unrun(struct nsu *u, const struct su_start *s)
{
	u->unrun++;
	u->unrun_of_command += s->pub.of_command;
}

void su_settle(struct nsu *u, struct su_start *s)
{
	bool kept = false;

	unlink_open(u, s);
	u->nopen--;
	take_candidate(u, s);
	s->pub.end = s->pub.payload.pid ? s->pub.payload.exec : s->last;
	if (s->pub.end < s->pub.begin)
		s->pub.end = s->pub.begin;
	su_recognise(s);
	s->state = SU_DONE;
	if (is_start(s))
		kept = keep(u, s);
	else if (is_join(s))
		kept = u->options.done ? is_frame(s) : add_join(u, s);
	else if (s->made & HOLDS)
		su_count_unrun(u, s);
	su_forget_outside(u, s);
	release_tasks(u, s);
	if (!kept)
		forget(u, s);
	su_put(u, s);
}
