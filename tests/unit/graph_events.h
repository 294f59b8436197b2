/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events for tests that need a graph, and a sink that writes births and deaths
 * of namespaces as text, one line each.
 *
 * The host: nsproxy 1, whose namespace of type T has the id HOST(T) = 1 + T. Ids
 * of all others are the test's own, from 20 on; the inode number follows from
 * the id: INUM(id). Each event takes 10 ns, from 1000.
 *
 *	struct rig *r = rig_host();             a snapshot of a small host
 *	struct nsl_view v = host_view();
 *	v.nsproxy = 7, v.slot[NSL_SLOT_UTS] = ns_ref(20);
 *	as(r, 100, "bash");                     who acts from here on
 *	ev_end(r, NSL_SYS_UNSHARE, 0, v);
 *	... nsg_find_task(r->g, 100)->nsproxy->id is 7
 *	rig_free(r);
 */
#ifndef NSLENS_GRAPH_EVENTS_H
#define NSLENS_GRAPH_EVENTS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/model/graph.h"

#define HOST(type)  (1u + (type))
#define INUM(id)    ((uint32_t)(4026531000u + (uint32_t)(id)))
#define START(tid)  (1000000ull + (tid)) /* what a task of that number has as its start */
#define HOST_CGROUP 7

struct rig {
	struct nsg *g;
	uint64_t ts, lost;
	uint64_t cgroup; /* of the actor, and of tasks that events are about */
	uint32_t pid, tid;
	char comm[NSL_COMM_LEN + 1];
	int err;	 /* of the last nsg_feed() */
	char text[8192]; /* what the sink was told */
	size_t len;
	uint32_t snapshots;
	/* sees every event before the graph does; may be NULL */
	void (*tap)(void *ctx, const struct nsl_head *event);
	void *tap_ctx;
};

static inline const char *rig_type_name(unsigned int type)
{
	static const char *const names[NSL_TYPES] = {"mnt",    "uts", "ipc",  "pid",
						     "cgroup", "net", "time", "user"};

	return type < NSL_TYPES ? names[type] : "?";
}

__attribute__((format(printf, 2, 3))) static inline void rig_out(struct rig *r, const char *format,
								 ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(r->text + r->len, sizeof(r->text) - r->len, format, ap);
	va_end(ap);
	r->len += (size_t)n;
	if (r->len >= sizeof(r->text))
		r->len = sizeof(r->text) - 1;
}

static inline void rig_born(void *ctx, const struct nsg_ns *ns)
{
	rig_out(ctx, "born %s %llu\n", rig_type_name(ns->type), (unsigned long long)ns->id);
}

static inline void rig_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	rig_out(ctx, "died %s %llu %s", rig_type_name(ns->type), (unsigned long long)ns->id,
		nsg_cause_name(cause->kind));
	if (cause->tid)
		rig_out(ctx, " by %u %s", cause->tid, cause->comm);
	if (cause->ns)
		rig_out(ctx, " of %llu", (unsigned long long)cause->ns);
	rig_out(ctx, "\n");
}

/* What was told since the last time; the text is valid until the next event. */
static inline const char *rig_text(struct rig *r)
{
	r->len = 0;
	return r->text;
}

static inline struct rig *rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct nsg_sink sink = {.ctx = r, .born = rig_born, .died = rig_died};

	if (!r)
		abort();
	r->g = nsg_new(&sink);
	if (!r->g)
		abort();
	r->ts = 1000;
	r->pid = r->tid = 1;
	r->cgroup = HOST_CGROUP;
	memcpy(r->comm, "init", 5);
	return r;
}

static inline void rig_free(struct rig *r)
{
	nsg_free(r->g);
	free(r);
}

/* In whose context the next events happen. */
static inline void as(struct rig *r, uint32_t tid, const char *comm)
{
	r->pid = r->tid = tid;
	snprintf(r->comm, sizeof(r->comm), "%s", comm);
}

static inline void rig_feed(struct rig *r, void *event, size_t size, enum nsl_kind kind)
{
	struct nsl_head *h = event;

	h->size = (uint16_t)size;
	h->version = NSL_EVENT_VERSION;
	h->kind = (uint8_t)kind;
	h->ts = r->ts;
	h->lost = r->lost;
	h->cgroup = r->cgroup;
	h->pid = r->pid;
	h->tid = r->tid;
	memcpy(h->comm, r->comm, sizeof(h->comm));
	r->ts += 10;
	if (!r->len)
		r->text[0] = '\0';
	if (r->tap)
		r->tap(r->tap_ctx, h);
	r->err = nsg_feed(r->g, h);
}

static inline struct nsl_ref ns_ref(uint64_t id)
{
	return (struct nsl_ref){.obj = id, .inum = id ? INUM(id) : 0};
}

/* What a task of the host sees. */
static inline struct nsl_view host_view(void)
{
	return (struct nsl_view){
		.nsproxy = 1,
		.nsproxy_count = 90,
		.slot =
			{
				[NSL_SLOT_MNT] = ns_ref(HOST(NSL_MNT)),
				[NSL_SLOT_UTS] = ns_ref(HOST(NSL_UTS)),
				[NSL_SLOT_IPC] = ns_ref(HOST(NSL_IPC)),
				[NSL_SLOT_PID_FOR_CHILDREN] = ns_ref(HOST(NSL_PID)),
				[NSL_SLOT_NET] = ns_ref(HOST(NSL_NET)),
				[NSL_SLOT_TIME] = ns_ref(HOST(NSL_TIME)),
				[NSL_SLOT_TIME_FOR_CHILDREN] = ns_ref(HOST(NSL_TIME)),
				[NSL_SLOT_CGROUP] = ns_ref(HOST(NSL_CGROUP)),
				[NSL_SLOT_USER] = ns_ref(HOST(NSL_USER)),
				[NSL_SLOT_PID_ACTIVE] = ns_ref(HOST(NSL_PID)),
			},
	};
}

/* `view`, but of another nsproxy in which `slot` names the namespace `id`. */
static inline struct nsl_view with(struct nsl_view view, uint64_t nsproxy, enum nsl_slot slot,
				   uint64_t id)
{
	view.nsproxy = nsproxy;
	view.nsproxy_count = 1;
	view.slot[slot] = ns_ref(id);
	return view;
}

static inline void put_comm(char to[NSL_COMM_LEN], const char *comm)
{
	for (size_t i = 0; i < NSL_COMM_LEN && comm[i]; i++)
		to[i] = comm[i];
}

/* An event about a task, its comm being `comm`; anything else is for the caller to fill in. */
static inline struct nsl_task a_task(const struct rig *r, enum nsl_task_event event, uint32_t tid,
				     const char *comm, struct nsl_view view)
{
	struct nsl_task e = {.event = (uint8_t)event,
			     .pid = tid,
			     .tid = tid,
			     .ppid = 1,
			     .start = START(tid),
			     .cgroup = r->cgroup,
			     .view = view};

	if (!e.view.ns_pid)
		e.view.ns_pid = e.view.ns_tid = tid;
	put_comm(e.comm, comm);
	return e;
}

static inline void ev_task(struct rig *r, struct nsl_task e)
{
	rig_feed(r, &e, sizeof(e), NSL_EV_TASK);
}

static inline void ev_seen(struct rig *r, uint32_t tid, const char *comm, struct nsl_view view)
{
	ev_task(r, a_task(r, NSL_TASK_SEEN, tid, comm, view));
}

/* A row of a zombie: only its user and pid namespaces are left. */
static inline void ev_seen_zombie(struct rig *r, uint32_t tid, const char *comm,
				  struct nsl_view view)
{
	struct nsl_task e = a_task(r, NSL_TASK_SEEN, tid, comm, view);

	e.state = NSL_TASK_EXITING;
	e.view.nsproxy = 0;
	e.view.nsproxy_count = 0;
	memset(e.view.slot, 0, NSL_NSPROXY_SLOTS * sizeof(*e.view.slot));
	ev_task(r, e);
}

/* A child of the actor, with its comm. */
static inline void ev_new(struct rig *r, uint32_t tid, struct nsl_view view)
{
	struct nsl_task e = a_task(r, NSL_TASK_NEW, tid, r->comm, view);

	e.ppid = r->pid;
	ev_task(r, e);
}

/* A thread of the actor. */
static inline void ev_thread(struct rig *r, uint32_t tid, struct nsl_view view)
{
	struct nsl_task e = a_task(r, NSL_TASK_NEW, tid, r->comm, view);

	e.pid = r->pid;
	ev_task(r, e);
}

/* These three make the task the actor. */
static inline void ev_exec(struct rig *r, uint32_t tid, const char *comm, struct nsl_view view)
{
	as(r, tid, comm);
	ev_task(r, a_task(r, NSL_TASK_EXEC, tid, comm, view));
}

static inline void ev_exit(struct rig *r, uint32_t tid, const char *comm, struct nsl_view view)
{
	as(r, tid, comm);
	ev_task(r, a_task(r, NSL_TASK_EXIT, tid, comm, view));
}

/* Told by anybody, later. */
static inline void ev_free(struct rig *r, uint32_t tid)
{
	struct nsl_view none = {0};

	as(r, 0, "swapper/0");
	ev_task(r, a_task(r, NSL_TASK_FREE, tid, "", none));
}

static inline void ev_begin(struct rig *r, enum nsl_syscall syscall, uint64_t flags)
{
	struct nsl_call_begin e = {.syscall = (uint8_t)syscall,
				   .raw_flags = flags,
				   .new_flags = flags,
				   .fd = -1,
				   .target_type = NSL_TYPE_UNKNOWN,
				   .before = host_view()};

	rig_feed(r, &e, sizeof(e), NSL_EV_CALL_BEGIN);
}

/* The end of a call of the actor; `ret` is 0 or -errno. */
static inline void ev_end(struct rig *r, enum nsl_syscall syscall, int64_t ret,
			  struct nsl_view after)
{
	struct nsl_call_end e = {.syscall = (uint8_t)syscall, .ret = ret, .after = after};

	rig_feed(r, &e, sizeof(e), NSL_EV_CALL_END);
}

static inline void ev_step_begin(struct rig *r, enum nsl_fn fn)
{
	struct nsl_step e = {.fn = (uint16_t)fn};

	rig_feed(r, &e, sizeof(e), NSL_EV_STEP_BEGIN);
}

/* A step about an nsproxy. */
static inline void ev_step(struct rig *r, enum nsl_fn fn, int64_t ret, uint64_t nsproxy)
{
	struct nsl_step e = {.fn = (uint16_t)fn, .ret = ret, .nsproxy = nsproxy};

	rig_feed(r, &e, sizeof(e), NSL_EV_STEP);
}

/* copy_*(), *_install() or create_user_ns(); owner and parent are those of the host. */
static inline void ev_step_ns(struct rig *r, enum nsl_fn fn, int64_t ret, uint64_t id,
			      uint64_t flags)
{
	struct nsl_step e = {.fn = (uint16_t)fn, .ret = ret, .ns = ns_ref(id), .new_flags = flags};

	if (!ret && id > HOST(NSL_USER)) {
		e.owner = ns_ref(HOST(NSL_USER));
		if (fn == NSL_FN_copy_pid_ns)
			e.parent = ns_ref(HOST(NSL_PID));
		else if (fn == NSL_FN_create_user_ns)
			e.parent = ns_ref(HOST(NSL_USER));
		e.level = e.parent.obj ? 1 : 0;
	}
	rig_feed(r, &e, sizeof(e), NSL_EV_STEP);
}

/* create_new_namespaces() that makes `nsproxy` with the slots of `view`; those above HOST are new.
 */
static inline void ev_create(struct rig *r, uint64_t flags, struct nsl_view view)
{
	static const enum nsl_slot slots[] = {
		NSL_SLOT_MNT,
		NSL_SLOT_UTS,
		NSL_SLOT_IPC,
		NSL_SLOT_PID_FOR_CHILDREN,
		NSL_SLOT_CGROUP,
		NSL_SLOT_NET,
		NSL_SLOT_TIME_FOR_CHILDREN,
	};

	ev_step_begin(r, NSL_FN_create_new_namespaces);
	for (unsigned int i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		ev_step_ns(r, (enum nsl_fn)(NSL_FN_copy_mnt_ns + i), 0, view.slot[slots[i]].obj,
			   flags);
	ev_step(r, NSL_FN_create_new_namespaces, 0, view.nsproxy);
}

/* A row about a namespace. Ids of owner and parent may be 0. */
static inline struct nsl_ns a_ns(enum nsl_type type, uint64_t id, uint64_t owner, uint64_t parent,
				 uint32_t level)
{
	return (struct nsl_ns){.ns = ns_ref(id),
			       .owner = ns_ref(owner),
			       .parent = ns_ref(parent),
			       .type = type,
			       .level = level,
			       .refs = 3,
			       .active = NSL_COUNT_UNKNOWN,
			       .owner_uid = type == NSL_USER ? 0 : NSL_COUNT_UNKNOWN};
}

static inline void ev_ns(struct rig *r, struct nsl_ns e)
{
	rig_feed(r, &e, sizeof(e), NSL_EV_NS);
}

/* Its death, told by the actor. */
static inline void ev_ns_free(struct rig *r, enum nsl_type type, uint64_t id)
{
	struct nsl_ns_free e = {.ns = ns_ref(id), .type = type};

	rig_feed(r, &e, sizeof(e), NSL_EV_NS_FREE);
}

static inline void ev_snapshot(struct rig *r, enum nsl_snapshot_event event)
{
	struct nsl_snapshot e = {.event = event};

	if (event == NSL_SNAPSHOT_BEGIN)
		r->snapshots++;
	e.number = r->snapshots;
	rig_feed(r, &e, sizeof(e), NSL_EV_SNAPSHOT);
}

/* `path` may be NULL. */
static inline void ev_keeper(struct rig *r, enum nsl_keeper_kind kind, enum nsl_type type,
			     uint64_t id, uint32_t pid, const char *comm, int fd, uint32_t where,
			     const char *path)
{
	_Alignas(8) char buffer[sizeof(struct nsl_keeper) + 512] = {0};
	struct nsl_keeper *e = (void *)buffer;
	size_t size = path ? strlen(path) + 1 : 0;

	e->ns = ns_ref(id);
	e->type = type;
	e->kind = kind;
	e->pid = pid;
	e->fd = fd;
	e->where = where;
	put_comm(e->comm, comm);
	if (path)
		memcpy(e->path, path, size);
	rig_feed(r, buffer, sizeof(*e) + size, NSL_EV_KEEPER);
}

/* A reading of them begins. */
static inline void ev_reading(struct rig *r)
{
	struct nsl_keeper e = {.type = NSL_TYPE_UNKNOWN, .fd = -1};

	rig_feed(r, &e, sizeof(e), NSL_EV_KEEPER);
}

static inline void ev_cgroup(struct rig *r, uint64_t id, const char *path)
{
	_Alignas(8) char buffer[sizeof(struct nsl_cgroup) + 512] = {0};
	struct nsl_cgroup *e = (void *)buffer;
	size_t size = strlen(path) + 1;

	e->id = id;
	memcpy(e->path, path, size);
	rig_feed(r, buffer, sizeof(*e) + size, NSL_EV_CGROUP);
}

static inline void ev_lost(struct rig *r, uint64_t count, enum nsl_hook hook)
{
	struct nsl_lost e = {.count = count, .hook = hook};

	rig_feed(r, &e, sizeof(e), NSL_EV_LOST);
}

/* Rows of the host: its namespaces, init, a kernel thread and a shell (pid 100). */
static inline void ev_host_rows(struct rig *r)
{
	struct nsl_task kthread = a_task(r, NSL_TASK_SEEN, 2, "kthreadd", host_view());

	for (int type = 0; type < NSL_TYPES; type++)
		ev_ns(r, a_ns((enum nsl_type)type, HOST(type),
			      type == NSL_USER ? 0 : HOST(NSL_USER), 0, 0));
	kthread.state = NSL_TASK_KTHREAD;
	ev_task(r, kthread);
	ev_seen(r, 1, "init", host_view());
	ev_seen(r, 100, "bash", host_view());
}

static inline struct rig *rig_host(void)
{
	struct rig *r = rig_new();

	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	return r;
}

#endif
