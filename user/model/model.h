/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: events in, calls out.
 *
 * Pure: no I/O, no clock, no globals. It puts the events of each task together
 * into calls with their steps, notices what is missing, and counts. It knows
 * ids, never kernel addresses, and does not know where events come from.
 *
 * Everything handed to a sink is owned by the model and valid until the sink
 * returns. A sink must not call back into the model.
 */
#ifndef NSLENS_MODEL_H
#define NSLENS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

enum nsm_outcome {
	NSM_CREATED,   /* a copy_*() or create_user_ns() made a new namespace */
	NSM_SHARED,    /* a copy_*() took one more reference on the old one */
	NSM_INSTALLED, /* the task, or the private nsproxy of setns, now uses it */
	NSM_DONE,      /* it ran, and makes or moves nothing by itself */
	NSM_FAILED,
	NSM_UNDONE,	 /* what an earlier step made was taken back */
	NSM_NOT_REACHED, /* an earlier step failed first */
	NSM_OUTCOMES,
};

#define NSM_DURATION_UNKNOWN (-1)

struct nsm_step {
	enum nsl_fn fn;
	enum nsm_outcome outcome;
	bool inferred;	  /* not hooked: follows from the kernel's source and the steps around it */
	bool unborn;	  /* about the clone's child, which has no pid yet */
	int err;	  /* positive errno of a failed step, else 0 */
	uint64_t ts;	  /* when it returned; 0 where it is inferred or was not reached */
	int64_t duration; /* ns, or NSM_DURATION_UNKNOWN */
	int depth;	  /* nesting: copy_mnt_ns lies inside create_new_namespaces */
	enum nsl_type type; /* of the namespace it is about, or NSL_TYPE_UNKNOWN */
	struct nsl_ref ns;  /* obj 0: none */
	struct nsl_ref owner;
	struct nsl_ref parent;
	uint64_t nsproxy; /* id, or 0 */
};

enum nsm_how { NSM_HOW_CREATED, NSM_HOW_INSTALLED, NSM_HOW_INHERITED, NSM_HOW_DROPPED };

struct nsm_slot_change {
	enum nsl_slot slot;
	struct nsl_ref before; /* obj 0: none (a task that is being born) */
	struct nsl_ref after;  /* obj 0: none (an exit) */
	enum nsm_how how;
};

struct nsm_call {
	uint64_t number; /* 1, 2, 3 … in order of completion */
	enum nsl_syscall syscall;
	bool compat;	 /* 32-bit caller */
	bool begin_seen; /* false: it began before tracing did */
	bool end_seen;	/* false: still inside the kernel when tracing ended, or the task died in it
			 */
	bool died;	/* end_seen is false because the task died */
	bool gap;	/* events were lost while it was open */
	bool has_views; /* before/after below are valid */
	uint64_t ts;	/* entry */
	int64_t duration; /* ns, or NSM_DURATION_UNKNOWN */
	uint32_t pid, tid;
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
	uint64_t raw_flags;	     /* as the caller gave them; setns: nstype */
	uint64_t new_flags;	     /* CLONE_NEW* that the kernel read */
	int fd;			     /* setns */
	enum nsl_target target_kind;
	enum nsl_type target_type;
	struct nsl_ref target;
	uint32_t target_pid;
	int64_t ret;	       /* as the caller got it; -1 with err on failure */
	int err;	       /* positive errno, else 0 */
	uint32_t child;	       /* initial pid namespace; 0: none */
	uint32_t child_ns_pid; /* number inside its own pid namespace */
	/*
	 * What the call changed for: the caller; for clone, clone3, fork and
	 * vfork `before` is the caller's view and `after` the child's.
	 */
	struct nsl_view before, after;
	const struct nsm_slot_change *slots; /* only those that differ */
	size_t nslots;
	const struct nsm_step *steps;
	size_t nsteps;
	uint64_t cgroup;
	const char *cgroup_path; /* hostile text, or NULL */
	const char *container;	 /* name or id found in the path, or NULL */
};

struct nsm_ns_event {
	uint64_t ts;
	bool destroyed; /* else created */
	enum nsl_type type;
	struct nsl_ref ns, owner, parent;
	uint32_t by_pid;		/* created: who */
	char by_comm[NSL_COMM_LEN + 1]; /* hostile text */
};

struct nsm_task_event {
	uint64_t ts;
	enum nsl_task_event event;
	uint32_t pid, tid, parent_pid;
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
	uint64_t nsproxy;
	uint32_t ns_pid, ns_tid;
};

struct nsm_lost {
	uint64_t ts;
	uint64_t count;
	enum nsl_hook hook;
};

/* See NSL_MILESTONES: what `detail`, `text` and `where` are. */
struct nsm_milestone {
	uint64_t number;  /* 1, 2, 3 … */
	uint64_t ts;	  /* when it was done */
	int64_t duration; /* ns, or NSM_DURATION_UNKNOWN */
	enum nsl_milestone_what what;
	int err;		       /* positive errno, else 0 */
	uint32_t pid, tid;	       /* who did it */
	char comm[NSL_COMM_LEN + 1];   /* hostile text */
	uint32_t about_pid, about_tid; /* another task that it was done to, or 0 */
	enum nsl_type type;	       /* of `ns` */
	struct nsl_ref ns;	       /* obj 0: none */
	uint64_t detail[2];
	char text[NSL_TEXT_LEN + 1];  /* hostile text */
	char where[NSL_TEXT_LEN + 1]; /* hostile text */
	uint64_t cgroup;
	const char *cgroup_path; /* hostile text, or NULL */
	const char *container;	 /* name or id found in the path, or NULL */
};

/* Any member may be NULL. */
struct nsm_sink {
	void *ctx;
	void (*call)(void *ctx, const struct nsm_call *call);
	void (*ns)(void *ctx, const struct nsm_ns_event *ns);
	void (*task)(void *ctx, const struct nsm_task_event *task);
	void (*lost)(void *ctx, const struct nsm_lost *lost);
	void (*milestone)(void *ctx, const struct nsm_milestone *milestone);
};

#define NSM_MAX_ERRNO 4096

struct nsm_counts {
	uint64_t events;
	uint64_t lost;
	uint64_t calls;
	uint64_t by_syscall[NSL_SYSCALLS];
	uint64_t ok[NSL_SYSCALLS];
	uint32_t by_errno[NSL_SYSCALLS][160]; /* errno above 159 is counted in [0] */
	uint64_t created[NSL_TYPES];
	uint64_t destroyed[NSL_TYPES];
	uint64_t milestones;
};

struct nsm;

/* NULL when out of memory. */
struct nsm *nsm_new(const struct nsm_sink *sink);
void nsm_free(struct nsm *m);

/*
 * The traced kernel, as major * 1000 + minor: names of functions that are
 * inferred, not seen, depend on it. 0, the default: not known.
 */
void nsm_set_kernel(struct nsm *m, unsigned int version);

/* The event that `count` others are missing: where somebody behind the capture lost them. */
static inline struct nsl_lost nsm_gap(uint64_t ts, uint64_t count)
{
	return (struct nsl_lost){
		.head = {.size = sizeof(struct nsl_lost),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_LOST,
			 .hook = NSL_HOOK_CALL,
			 .ts = ts},
		.count = count,
		.hook = NSL_HOOK_CALL,
	};
}

/*
 * Applies one event, in ring order. Returns 0, or -EINVAL for an event whose
 * version, kind or size is not one of ours, or -ENOMEM; nothing has changed then.
 */
int nsm_feed(struct nsm *m, const struct nsl_head *event);

/* The source has ended: calls that are still open go to the sink, cut off. */
void nsm_finish(struct nsm *m);

const struct nsm_counts *nsm_counts(const struct nsm *m);

/* Names. All return static text, NULL only where said. */
const char *nsm_type_name(enum nsl_type type); /* "mnt" … "user"; "?" */
const char *nsm_type_flag(enum nsl_type type); /* "CLONE_NEWNS" … */
uint64_t nsm_type_bit(enum nsl_type type);
const char *
nsm_slot_name(enum nsl_slot slot); /* "mnt" … "pid_for_children" … "user" "pid_active" */
enum nsl_type nsm_slot_type(enum nsl_slot slot);
const char *nsm_syscall_name(enum nsl_syscall syscall); /* "clone" … */
const char *nsm_fn_name(enum nsl_fn fn);		/* "copy_mnt_ns" … */
const char *nsm_outcome_name(enum nsm_outcome outcome); /* "created" … "not reached" */
const char *nsm_how_name(enum nsm_how how);
const char *nsm_milestone_name(enum nsl_milestone_what what); /* "exec" "uid_map" … */
const char *nsm_hook_name(enum nsl_hook hook);
/* "net_admin", … without CAP_; NULL for a number that has no name. */
const char *nsm_capability_name(unsigned int number);
/* "EPERM", …; for a number without a name NULL. ERESTART* are named too. */
const char *nsm_errno_name(int err);

#endif
