/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events for tests of the start-up finder: a machine that is told what happens, task
 * by task, and keeps what each one sees. Time is set by the test, in microseconds.
 */
#ifndef NSLENS_STARTUP_EVENTS_H
#define NSLENS_STARTUP_EVENTS_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/model/startup.h"

#define US		  1000ull
#define SIM_TASKS	  64
#define CLONE_PARENT_FLAG 0x8000ull

struct sim_task {
	uint32_t tid, pid, ppid;
	char comm[NSL_COMM_LEN];
	struct nsl_view view;
	uint64_t cgroup;
};

struct sim {
	struct nsu *u;
	uint64_t now; /* ns */
	uint64_t ids; /* of namespaces and nsproxies: the last one given */
	uint64_t lost;
	bool steps; /* tell those of creations, too */
	struct sim_task tasks[SIM_TASKS];
	int err; /* the last one that nsu_feed() returned */
};

static const uint32_t sim_initial[NSL_TYPES] = {
	4026531832u, 4026531838u, 4026531839u, 4026531836u,
	4026531835u, 4026531833u, 4026531834u, 4026531837u,
};

static inline struct nsl_ref sim_ref(uint64_t id, uint32_t inum)
{
	return (struct nsl_ref){.obj = id, .inum = inum};
}

static inline struct nsl_view sim_host_view(uint32_t pid)
{
	struct nsl_view v = {.nsproxy = 1, .ns_pid = pid, .ns_tid = pid};

	for (int i = 0; i < NSL_SLOTS; i++) {
		enum nsl_type type = nsm_slot_type((enum nsl_slot)i);

		v.slot[i] = sim_ref(1u + type, sim_initial[type]);
	}
	return v;
}

static inline struct sim *sim_new_with(struct nsu_options o)
{
	struct sim *m = calloc(1, sizeof(*m));

	o.kernel = 6012;
	memcpy(o.initial, sim_initial, sizeof(o.initial));
	m->u = nsu_new(&o);
	m->ids = 100;
	m->now = 1000000 * US;
	return m;
}

static inline struct sim *sim_new(void)
{
	return sim_new_with((struct nsu_options){0});
}

static inline void sim_free(struct sim *m)
{
	nsu_free(m->u);
	free(m);
}

static inline struct sim_task *sim_task(struct sim *m, uint32_t tid)
{
	for (size_t i = 0; i < SIM_TASKS; i++) {
		if (m->tasks[i].tid == tid)
			return &m->tasks[i];
	}
	abort();
}

/* A task that nobody has seen begin. */
static inline struct sim_task *sim_host(struct sim *m, uint32_t tid, const char *comm)
{
	struct sim_task *t = sim_task(m, 0);

	*t = (struct sim_task){.tid = tid, .pid = tid, .cgroup = 1};
	strncpy(t->comm, comm, sizeof(t->comm) - 1);
	t->view = sim_host_view(tid);
	return t;
}

static inline void sim_feed(struct sim *m, const struct sim_task *t, void *event, size_t size,
			    enum nsl_kind kind)
{
	struct nsl_head *h = event;

	h->size = (uint16_t)size;
	h->version = NSL_EVENT_VERSION;
	h->kind = (uint8_t)kind;
	h->ts = m->now;
	h->lost = m->lost;
	if (t) {
		h->pid = t->pid;
		h->tid = t->tid;
		h->cgroup = t->cgroup;
		memcpy(h->comm, t->comm, sizeof(h->comm));
	}
	m->err = nsu_feed(m->u, h);
}

/* `at` microseconds after the beginning. */
static inline void at(struct sim *m, uint64_t us)
{
	m->now = (1000000 + us) * US;
}

static inline void sim_begin(struct sim *m, uint32_t tid, enum nsl_syscall syscall, uint64_t flags)
{
	struct sim_task *t = sim_task(m, tid);
	struct nsl_call_begin e = {.syscall = (uint8_t)syscall,
				   .raw_flags = flags,
				   .new_flags = flags & NSL_NEW_ALL,
				   .target_type = NSL_TYPE_UNKNOWN,
				   .before = t->view};

	sim_feed(m, t, &e, sizeof(e), NSL_EV_CALL_BEGIN);
}

static inline void sim_end(struct sim *m, uint32_t tid, enum nsl_syscall syscall, uint64_t flags,
			   int64_t ret)
{
	struct sim_task *t = sim_task(m, tid);
	struct nsl_call_end e = {.syscall = (uint8_t)syscall,
				 .raw_flags = flags,
				 .new_flags = flags & NSL_NEW_ALL,
				 .ret = ret,
				 .after = t->view};

	sim_feed(m, t, &e, sizeof(e), NSL_EV_CALL_END);
}

/* New ones of the types in `flags`, as unshare() gives them. */
static inline void sim_make(struct sim *m, struct nsl_view *v, uint64_t flags)
{
	if (flags & (NSL_NEW_ALL & ~NSL_NEWUSER))
		v->nsproxy = ++m->ids;
	for (int i = 0; i < NSL_SLOTS; i++) {
		enum nsl_type type = nsm_slot_type((enum nsl_slot)i);

		if (flags & nsm_type_bit(type) && i != NSL_SLOT_TIME && i != NSL_SLOT_PID_ACTIVE) {
			m->ids++;
			v->slot[i] = sim_ref(m->ids, (uint32_t)m->ids);
		}
	}
}

/* One unshare(), from `us` on for `took` microseconds. */
static inline void unshare_at(struct sim *m, uint64_t us, uint64_t took, uint32_t tid,
			      uint64_t flags, int err)
{
	at(m, us);
	sim_begin(m, tid, NSL_SYS_UNSHARE, flags);
	if (!err)
		sim_make(m, &sim_task(m, tid)->view, flags);
	if (m->steps) {
		struct nsl_step e = {.fn = NSL_FN_create_new_namespaces, .ret = -err};

		sim_feed(m, sim_task(m, tid), &e, sizeof(e), NSL_EV_STEP_BEGIN);
		at(m, us + took);
		sim_feed(m, sim_task(m, tid), &e, sizeof(e), NSL_EV_STEP);
	}
	at(m, us + took);
	sim_end(m, tid, NSL_SYS_UNSHARE, flags, -err);
}

static inline void setns_at(struct sim *m, uint64_t us, uint64_t took, uint32_t tid,
			    const struct nsl_view *of, uint64_t flag)
{
	struct sim_task *t = sim_task(m, tid);

	at(m, us);
	sim_begin(m, tid, NSL_SYS_SETNS, flag);
	for (int i = 0; i < NSL_SLOTS; i++) {
		if (nsm_type_bit(nsm_slot_type((enum nsl_slot)i)) == flag &&
		    i != NSL_SLOT_PID_ACTIVE)
			t->view.slot[i] = of->slot[i];
	}
	t->view.nsproxy = ++m->ids;
	at(m, us + took);
	sim_end(m, tid, NSL_SYS_SETNS, flag, 0);
}

/* The child of a clone, born in it. */
static inline void sim_born(struct sim *m, uint32_t tid, uint32_t child, uint64_t flags)
{
	struct sim_task *t = sim_task(m, tid), *c = sim_task(m, 0);
	struct nsl_task e;
	bool deeper;

	*c = *t;
	c->tid = c->pid = child;
	c->ppid = flags & CLONE_PARENT_FLAG ? t->ppid : tid;
	sim_make(m, &c->view, flags);
	c->view.slot[NSL_SLOT_TIME] = c->view.slot[NSL_SLOT_TIME_FOR_CHILDREN];
	deeper = c->view.slot[NSL_SLOT_PID_ACTIVE].obj !=
		 c->view.slot[NSL_SLOT_PID_FOR_CHILDREN].obj;
	c->view.slot[NSL_SLOT_PID_ACTIVE] = c->view.slot[NSL_SLOT_PID_FOR_CHILDREN];
	c->view.pid_level += deeper;
	c->view.ns_pid = c->view.ns_tid = deeper ? 1 : c->view.pid_level ? 2 : child;
	e = (struct nsl_task){.event = NSL_TASK_NEW,
			      .pid = child,
			      .tid = child,
			      .ppid = c->ppid,
			      .clone_flags = flags,
			      .start = m->now,
			      .cgroup = c->cgroup,
			      .view = c->view};
	memcpy(e.comm, c->comm, sizeof(e.comm));
	sim_feed(m, t, &e, sizeof(e), NSL_EV_TASK);
}

static inline void clone_at(struct sim *m, uint64_t us, uint64_t took, uint32_t tid, uint32_t child,
			    uint64_t flags, int err)
{
	at(m, us);
	sim_begin(m, tid, NSL_SYS_CLONE, flags);
	at(m, us + took - 1);
	if (!err)
		sim_born(m, tid, child, flags);
	at(m, us + took);
	sim_end(m, tid, NSL_SYS_CLONE, flags, err ? -err : (int64_t)child);
}

/* A fork that is no call of ours: the task alone is told. */
static inline void fork_at(struct sim *m, uint64_t us, uint32_t tid, uint32_t child)
{
	at(m, us);
	sim_born(m, tid, child, 0);
}

static inline void sim_about(struct sim *m, uint32_t tid, enum nsl_task_event event)
{
	struct sim_task *t = sim_task(m, tid);
	struct nsl_task e = {.event = (uint8_t)event,
			     .pid = t->pid,
			     .tid = t->tid,
			     .ppid = t->ppid,
			     .cgroup = t->cgroup,
			     .view = t->view};

	memcpy(e.comm, t->comm, sizeof(e.comm));
	sim_feed(m, t, &e, sizeof(e), NSL_EV_TASK);
}

static inline void rename_to(struct sim *m, uint32_t tid, const char *comm)
{
	struct sim_task *t = sim_task(m, tid);

	memset(t->comm, 0, sizeof(t->comm));
	strncpy(t->comm, comm, sizeof(t->comm) - 1);
}

static inline void exec_at(struct sim *m, uint64_t us, uint32_t tid, const char *comm)
{
	at(m, us);
	rename_to(m, tid, comm);
	sim_about(m, tid, NSL_TASK_EXEC);
}

static inline void exit_at(struct sim *m, uint64_t us, uint32_t tid)
{
	at(m, us);
	sim_about(m, tid, NSL_TASK_EXIT);
	sim_task(m, tid)->tid = 0;
}

/* Something that was done at `us`, and took so long. */
static inline void milestone_at(struct sim *m, uint64_t us, uint64_t took, uint32_t tid,
				enum nsl_milestone_what what, const char *text, int err)
{
	struct nsl_milestone e = {.what = (uint16_t)what,
				  .err = -err,
				  .duration = (int64_t)(took * US),
				  .ns_type = NSL_TYPE_UNKNOWN};

	at(m, us);
	strncpy(e.text, text, sizeof(e.text) - 1);
	sim_feed(m, sim_task(m, tid), &e, sizeof(e), NSL_EV_MILESTONE);
}

static inline void sim_cgroup(struct sim *m, uint64_t id, const char *path)
{
	struct {
		struct nsl_cgroup e;
		char path[256];
	} c = {.e = {.id = id}};

	strncpy(c.path, path, sizeof(c.path) - 1);
	sim_feed(m, NULL, &c, sizeof(c.e) + strlen(path) + 1, NSL_EV_CGROUP);
}

static inline void sim_lost(struct sim *m, uint64_t count)
{
	struct nsl_lost e = {.count = count};

	m->lost += count;
	sim_feed(m, NULL, &e, sizeof(e), NSL_EV_LOST);
}

/* The start-ups; the machine is over. */
static inline const struct nsu_startup *const *sim_list(struct sim *m, size_t *n)
{
	m->err = nsu_finish(m->u);
	return nsu_list(m->u, n);
}

static inline struct sim_task *sim_take(struct sim *m, uint32_t tid, uint64_t cgroup)
{
	struct sim_task *t = sim_task(m, tid);

	t->cgroup = cgroup;
	return t;
}

/* runc: the runtime 10 is not seen; its first child 11 unshares, its second 12 execs. */
static inline void sim_runc(struct sim *m, uint64_t us, uint32_t runtime)
{
	const uint64_t types = NSL_NEWNS | NSL_NEWUTS | NSL_NEWIPC | NSL_NEWPID | NSL_NEWNET;

	sim_host(m, runtime + 1, "runc:[1:CHILD]")->ppid = runtime;
	unshare_at(m, us, 500, runtime + 1, types, 0);
	clone_at(m, us + 600, 300, runtime + 1, runtime + 2, CLONE_PARENT_FLAG, 0);
	exit_at(m, us + 1000, runtime + 1);
	rename_to(m, runtime + 2, "runc:[2:INIT]");
}

#endif
