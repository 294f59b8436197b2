// SPDX-License-Identifier: GPL-2.0-only
/* The tasks of start-ups: births, execs and exits, and which start each belongs to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

bool su_is_initial(const struct nsu *u, const struct nsl_view *v)
{
	for (int i = 0; i < NSL_SLOTS; i++) {
		enum nsl_type type = nsm_slot_type((enum nsl_slot)i);

		/* of a type whose first inode number nobody knows, the others tell */
		if (u->options.initial[type] && v->slot[i].inum != u->options.initial[type])
			return false;
	}
	return true;
}

struct su_track *su_track_of(const struct nsu *u, uint32_t tid)
{
	return su_map_get(&u->tracks, tid);
}

struct su_start *su_open_start_of(const struct su_track *t)
{
	return t && !t->inside && t->start->state == SU_OPEN ? t->start : NULL;
}

/* Tasks rename themselves: as whom was it last seen at work? */
void su_named(struct su_start *s, uint32_t tid, const char *comm)
{
	struct nsu_task *task = su_task_of(s, tid);

	if (!task || task->execs)
		return;
	memcpy(task->before, comm, sizeof(task->before));
	memcpy(task->comm, comm, sizeof(task->comm));
}

struct nsu_task *su_task_of(struct su_start *s, uint32_t pid)
{
	for (size_t i = s->tasks.n; i-- > 0;) {
		if (s->tasks.at[i].tid == pid)
			return &s->tasks.at[i];
	}
	return NULL;
}

/* Of its process, where that is followed, too. */
static struct su_track *leader_of(const struct nsu *u, const struct su_track *t)
{
	struct su_track *leader = t->tid != t->pid ? su_track_of(u, t->pid) : NULL;

	return leader && leader->pid == t->pid ? leader : NULL;
}

static void leave(struct nsu *u, const struct su_track *t)
{
	struct su_start *s = t->start;

	if (t->seen_exit && s->alive)
		s->alive--;
	if (t->in_call && s->open_calls)
		s->open_calls--;
	if (s->state == SU_CLOSING && !s->open_calls)
		su_settle(u, s);
	su_put(u, s);
}

void su_track_drop(struct nsu *u, struct su_track *t)
{
	const struct su_track was = *t;
	struct su_track *leader = leader_of(u, t);

	if (t->counted && leader && leader->threads)
		leader->threads--;
	su_map_drop(&u->tracks, t->tid);
	free(t);
	leave(u, &was);
}

/*
 * Of an initial task no end is told, and what it does next begins something new, if anything.
 * One that is in a call stays until that returns: the call is not to begin something, too.
 */
void su_track_settled(struct nsu *u, struct su_track *t)
{
	if (!t->seen_exit && !t->inside && !t->in_call)
		su_track_drop(u, t);
}

#define NEAR 64

/* Who is missed least: one whose start is over, if there is any near. */
static struct su_track *to_evict(struct nsu *u)
{
	struct su_track *t = NULL;

	for (int looked = 0; !t || (looked < NEAR && t->start->state <= SU_CLOSING); looked++) {
		struct su_track *next = u->tracks.slot[u->hand++ % u->tracks.size].value;

		t = next ? next : t;
	}
	return t;
}

static size_t add_task(struct nsu *u, struct su_start *s, uint32_t tid, uint32_t pid,
		       const char comm[NSL_COMM_LEN], uint64_t ts)
{
	struct nsu_task *task;

	if (s->tasks.n >= SU_MAX_TASKS) {
		s->pub.too_big = true;
		return NSU_NONE;
	}
	task = su_got(u, SU_ADD(s->tasks));
	if (!task)
		return NSU_NONE;
	task->tid = tid;
	task->pid = pid;
	task->seen = ts;
	copy_comm(task->comm, comm);
	copy_comm(task->first, comm);
	copy_comm(task->before, comm);
	return s->tasks.n - 1;
}

struct su_track *su_track_add(struct nsu *u, struct su_start *s, uint32_t tid, uint32_t pid,
			      const char comm[NSL_COMM_LEN], uint64_t ts)
{
	struct su_track *t = su_track_of(u, tid);

	if (t) /* its end was not seen, and its number belongs to another one now */
		su_track_drop(u, t);
	if (!tid)
		return NULL; /* a broken recording; nobody is called so, and nobody ends it */
	if (u->tracks.used >= SU_MAX_TRACKS)
		su_track_drop(u, to_evict(u)); /* ends were lost, or this is a huge machine */
	t = calloc(1, sizeof(*t));
	if (!t || !su_map_set(&u->tracks, tid, t)) {
		free(t);
		u->err = -ENOMEM;
		return NULL;
	}
	t->tid = tid;
	t->pid = pid;
	t->start = s;
	t->task = s->state == SU_OPEN ? add_task(u, s, tid, pid, comm, ts) : NSU_NONE;
	s->refs++;
	return t;
}

void su_track_move(struct nsu *u, struct su_track *t, struct su_start *s,
		   const char comm[NSL_COMM_LEN], uint64_t ts)
{
	const struct su_track was = *t;

	t->start = s;
	t->task = add_task(u, s, t->tid, t->pid, comm, ts);
	t->inside = false;
	s->refs++;
	leave(u, &was);
}

/* A launcher that starts the next one while this one goes on. */
static bool is_another(const struct su_start *s, const struct nsl_task *e)
{
	struct su_start *mine = (struct su_start *)s;
	const struct nsu_task *principal = su_task_of(mine, s->principal);

	return e->clone_flags & (NSL_NEWPID | NSL_NEWNS) && principal &&
	       s->principal != e->head.pid && principal->parent == e->head.pid;
}

/* Whose start does a new task belong to? NULL: to nobody's. */
static struct su_start *start_of_new(struct nsu *u, const struct nsl_task *e)
{
	struct su_track *parent = su_track_of(u, e->head.tid);
	struct su_start *s = su_open_start_of(parent), *next;

	if (!s && parent && parent->inside)
		return parent->start;
	if (!s)
		return e->clone_flags & NSL_NEW_ALL ? su_open(u, &e->head, NULL, NULL) : NULL;
	if (!is_another(s, e))
		return s;
	s->refs++; /* for as long as we look at it */
	next = su_open(u, &e->head, s->has_before ? &s->before : NULL, s->host);
	su_put(u, s);
	return next;
}

/* runc's first child makes the second one its own sister: their parent is the runtime itself. */
static void meet_parent(struct nsu *u, struct su_start *s, const struct nsl_task *e)
{
	if (!(e->clone_flags & SU_CLONE_PARENT) || !e->ppid || e->ppid == e->head.pid ||
	    s->runtime_pid || su_track_of(u, e->ppid))
		return;
	s->runtime_pid = e->ppid;
	s->cgroup = e->cgroup;
	su_from_lobby(u, s, e->ppid);
	/* docker, podman: `runc start`, which lets the container go on, is a child of theirs */
	if (su_name_container(u, s))
		su_frame_from_lobby(u, s);
}

static void count_thread(struct nsu *u, struct su_track *t)
{
	struct su_track *leader = leader_of(u, t);

	t->counted = leader != NULL;
	if (leader)
		leader->threads++;
}

static void born(struct nsu *u, struct su_start *s, const struct nsl_task *e)
{
	const struct su_track *parent = su_track_of(u, e->head.tid);
	bool inside = parent && parent->inside, seen_exit = !su_is_initial(u, &e->view);
	/* an older one of this number may go, and its start with it */
	struct su_track *t = su_track_add(u, s, e->tid, e->pid, e->comm, e->head.ts);
	struct nsu_task *task;

	if (!t)
		return;
	if (seen_exit)
		count_thread(u, t);
	t->inside = inside;
	if (t->inside || s->state != SU_OPEN)
		return;
	t->seen_exit = seen_exit;
	s->alive += t->seen_exit;
	su_touch(u, s, e->head.ts);
	if (t->task != NSU_NONE) {
		task = &s->tasks.at[t->task];
		task->born = e->head.ts;
		task->parent = e->pid == e->head.pid ? e->ppid : e->head.pid;
		task->ns_pid = e->view.ns_tid;
	}
	if (e->pid == e->head.pid)
		return; /* a thread */
	meet_parent(u, s, e);
	if ((e->clone_flags & (NSL_NEWNS | NSL_NEWPID | NSL_NEWUSER) ||
	     (e->view.pid_level && e->view.ns_pid == 1)) &&
	    (!s->principal || s->principal == e->head.pid))
		s->principal = e->pid;
}

static void on_new(struct nsu *u, const struct nsl_task *e)
{
	struct su_start *s = start_of_new(u, e);

	if (!s)
		return;
	s->refs++;
	born(u, s, e);
	su_put(u, s);
}

/* It takes its leader's number: of the leader nothing is known, or nothing that goes on. */
static struct su_track *renumber(struct nsu *u, struct su_track *thread, uint32_t tid)
{
	struct su_track *leader = su_track_of(u, tid);
	struct su_start *s = thread->start;

	if (leader)
		su_track_drop(u, leader);
	if (!su_map_set(&u->tracks, tid, thread)) {
		u->err = -ENOMEM;
		return NULL;
	}
	su_map_drop(&u->tracks, thread->tid);
	thread->tid = tid;
	thread->counted = false;
	if (thread->in_call && s->open_calls)
		s->open_calls--; /* its end would be told of another number */
	thread->in_call = false;
	if (s->state == SU_OPEN && thread->task != NSU_NONE)
		s->tasks.at[thread->task].tid = tid;
	if (s->state == SU_CLOSING && !s->open_calls)
		su_settle(u, s);
	return su_track_of(u, tid);
}

/*
 * Who execs ends all others of its process. If it is not the leader itself, it then takes the
 * leader's place and number (de_thread()): what is known of either is known of who stays.
 */
static struct su_track *who_execs(struct nsu *u, const struct nsl_task *e)
{
	struct su_track *t = su_track_of(u, e->tid), *thread;

	if (t) {
		t->ended = false;
		t->threads = 0;
	}
	if (!e->old_tid || e->old_tid == e->tid)
		return t;
	thread = su_track_of(u, e->old_tid);
	if (!thread)
		return t;
	if (thread->pid == e->pid &&
	    (!t || (su_open_start_of(thread) && thread->start != t->start)))
		return renumber(u, thread, e->tid);
	if (t && t->start == thread->start && thread->seen_exit && !t->seen_exit) {
		t->seen_exit = true;
		t->start->alive++;
	}
	su_track_drop(u, thread); /* its start may be over by that, and drop others */
	return su_track_of(u, e->tid);
}

static void on_exec(struct nsu *u, const struct nsl_task *e)
{
	struct su_track *t = who_execs(u, e);
	struct su_start *s = su_open_start_of(t);
	struct nsu_task *task;

	if (!s)
		return;
	su_touch(u, s, e->head.ts);
	task = su_task_of(s, e->pid);
	if (task) {
		if (task->execs++)
			memcpy(task->before, task->comm, sizeof(task->before));
		task->exec = e->head.ts;
		copy_comm(task->comm, e->comm);
	}
	t->inside = true;
	s->cgroup = e->cgroup;
	if (e->pid == s->principal || (!s->asked && !s->open_calls && s->joined)) {
		su_payload(u, s, e->pid, e->head.ts, &e->view);
		copy_comm(s->pub.payload.comm, e->comm);
		su_close(u, s);
		return;
	}
	s->candidate = e->pid;
	s->candidate_exec = e->head.ts;
	s->candidate_view = e->view;
}

/* A thread, or a leader with all of its process. */
static void ended(struct nsu *u, struct su_track *t, uint64_t ts)
{
	struct su_start *s = t->start;
	uint32_t process = t->tid == t->pid ? t->pid : 0;

	if (s->pub.payload.pid == t->tid && !s->pub.payload.exit)
		s->pub.payload.exit = ts;
	if (s->state == SU_OPEN && t->task != NSU_NONE)
		s->tasks.at[t->task].exit = ts;
	s->refs++;
	su_track_drop(u, t);
	if (s->state == SU_OPEN && process)
		su_principal_gone(u, s, process);
	su_put(u, s);
}

/* The end of a leader is not that of its process: its threads go on, and one may exec. */
static void on_exit_of(struct nsu *u, const struct nsl_task *e)
{
	struct su_track *t = su_track_of(u, e->tid), *leader;

	if (!t) {
		su_program_ended(u, e->pid, e->head.ts);
		return;
	}
	if (t->start->state == SU_OPEN && !t->inside)
		su_touch(u, t->start, e->head.ts);
	if (t->threads) {
		t->ended = true;
		return;
	}
	ended(u, t, e->head.ts);
	leader = su_track_of(u, e->pid);
	if (leader && leader->ended && !leader->threads)
		ended(u, leader, e->head.ts);
}

void su_task_event(struct nsu *u, const struct nsl_task *e)
{
	if (e->event == NSL_TASK_NEW)
		on_new(u, e);
	else if (e->event == NSL_TASK_EXEC)
		on_exec(u, e);
	else if (e->event == NSL_TASK_EXIT)
		on_exit_of(u, e);
}
