/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start-ups of containers, found in the events and not configured: from the first
 * thing that a runtime does for a container to the exec of its payload.
 *
 * Pure, as the rest of the model: events in, start-ups out. A start-up is found by
 * what happens: a task asks for a new pid or mount namespace, it and the tasks that
 * come from it go on making, joining and setting up, until one of them execs in it
 * for good. Everything handed out is owned by the finder and is
 * valid until nsu_free(). Text is hostile: comm, paths, hostnames, cgroups.
 */
#ifndef NSLENS_STARTUP_H
#define NSLENS_STARTUP_H

#include "model.h"

/* Indexes that name nothing. */
#define NSU_NONE SIZE_MAX

enum nsu_runtime {
	NSU_RUNTIME_UNKNOWN,
	NSU_RUNC,
	NSU_CRUN,
	NSU_BWRAP,
	NSU_NSPAWN,
	NSU_LXC,
	NSU_UNSHARE, /* util-linux */
	NSU_IP,	     /* ip netns exec */
	NSU_SYSTEMD, /* the sandbox of a unit */
	NSU_PODMAN,  /* podman's or buildah's own user namespace, with nothing in it yet */
	NSU_RUNTIMES,
};

/* What stands around the runtime, where it can be seen. */
enum nsu_frame {
	NSU_FRAME_NONE,
	NSU_FRAME_PODMAN, /* podman with conmon */
	NSU_FRAME_CRIO,
	NSU_FRAME_DOCKER,     /* dockerd with a containerd shim */
	NSU_FRAME_CONTAINERD, /* containerd-shim: nerdctl, Kubernetes */
	NSU_FRAMES,
};

enum nsu_outcome {
	NSU_RUNNING,  /* the payload was executed */
	NSU_FAILED,   /* it ended before that */
	NSU_CUT,      /* the recording ended first */
	NSU_DOUBTFUL, /* events were lost in it: what is told may be wrong */
	NSU_OUTCOMES,
};

/* In the order in which they mostly come. A stage may come more than once. */
enum nsu_stage_kind {
	NSU_STAGE_PREPARE,    /* the runtime runs, and has not asked for a namespace yet */
	NSU_STAGE_NAMESPACES, /* namespaces are made */
	NSU_STAGE_ID_MAPS,    /* uid_map, gid_map, setgroups are written */
	NSU_STAGE_JOIN,	      /* namespaces that were there are joined */
	NSU_STAGE_CGROUP,     /* tasks are put into their cgroup */
	NSU_STAGE_NETWORK,    /* devices are moved in */
	NSU_STAGE_MOUNTS,     /* the file system is set up */
	NSU_STAGE_ROOT,	      /* pivot_root, or its like */
	NSU_STAGE_IDENTITY,   /* hostname */
	NSU_STAGE_HOOK,	      /* another program runs for the start: a hook, newuidmap, … */
	NSU_STAGE_PRIVILEGES, /* capabilities, seccomp, ids */
	NSU_STAGE_FORK,	      /* the task that will be in the new pid namespace is made */
	NSU_STAGE_START,      /* made before, it is let go on: runc start, crun start */
	NSU_STAGE_WAIT, /* nothing is seen of it: it waits, or works outside of what is seen */
	NSU_STAGE_EXEC, /* the payload is executed */
	NSU_STAGES,
};

struct nsu_stage {
	enum nsu_stage_kind kind;
	uint64_t begin, end; /* CLOCK_MONOTONIC ns; stages follow each other without a hole */
	uint32_t tid, pid;   /* whose doing it is; 0: not known */
	uint32_t waits_for;  /* WAIT, HOOK: tid of the task that worked meanwhile; 0: not known */
	char comm[NSL_COMM_LEN + 1];
	size_t first_call, calls; /* the calls that began in it: indexes into nsu_startup.calls */
	uint64_t kernel;	  /* of its time: inside namespace calls, counted once */
	bool inferred;		  /* what is told of it follows from what stands around it */
};

struct nsu_task {
	uint32_t tid, pid, parent;     /* parent: tgid of who made it; 0: not known */
	uint32_t ns_pid;	       /* in its own pid namespace; 0: not known */
	char comm[NSL_COMM_LEN + 1];   /* the last one in the start */
	char first[NSL_COMM_LEN + 1];  /* the first one that was seen */
	char before[NSL_COMM_LEN + 1]; /* the last one before its last exec, else the last one */
	uint64_t seen;		       /* when it was first seen in this start */
	uint64_t born;		       /* 0: not seen */
	uint64_t exec;		       /* its last exec in the start; 0: none */
	uint64_t exit;		       /* 0: none was seen before the start was over */
	uint32_t execs;
	bool outer; /* of the outer frame (podman's own user namespace …) */
};

/* Did a call that failed matter? */
enum nsu_matter {
	NSU_SUCCEEDED, /* it did not fail */
	NSU_HARMLESS,  /* the start went on without it */
	NSU_REPEATED,  /* the same was done later, with success: see `again` */
	NSU_FATAL,     /* the start ended because of it, as far as can be seen */
	NSU_UNCLEAR,   /* the start's end was not seen */
	NSU_MATTERS,
};

struct nsu_call {
	struct nsm_call call; /* a copy: its steps, slots and texts belong to the start-up */
	enum nsu_matter matter;
	size_t again;	 /* REPEATED: index of the call that succeeded */
	size_t task;	 /* index into nsu_startup.tasks */
	size_t stage;	 /* index into nsu_startup.stages */
	uint64_t inside; /* ns inside the kernel's namespace functions; 0: not known */
	bool outer;	 /* belongs to the outer frame */
};

struct nsu_milestone {
	struct nsm_milestone m;	  /* a copy: its texts belong to the start-up */
	enum nsu_stage_kind kind; /* the stage that such a one belongs to */
	size_t stage;		  /* index into nsu_startup.stages */
	uint64_t ended; /* exec: when the program ended; 0: not seen, or not in the start */
	bool outer;	/* belongs to the outer frame */
};

enum nsu_role {
	NSU_ROLE_CREATED, /* by this start, and the payload is in it */
	NSU_ROLE_SHARED,  /* the payload is in one that it has from the host */
	NSU_ROLE_JOINED,  /* the payload is in one that was there, and not the host's */
	NSU_ROLE_LEFT,	  /* created by this start, and the payload is not in it */
	NSU_ROLES,
};

struct nsu_ns {
	enum nsl_type type;
	struct nsl_ref ns, owner, parent; /* obj 0: not known */
	enum nsu_role role;
	size_t call;	    /* CREATED, LEFT: by which call; JOINED: likewise; or NSU_NONE */
	uint64_t born;	    /* 0: not seen */
	uint64_t died;	    /* 0: lives on, as far as was seen */
	bool outer;	    /* made for the outer frame */
	size_t shared_with; /* JOINED: number (not index) of the start-up that made it; 0: none */
};

enum nsu_doing { NSU_OUTSIDE, NSU_IN_CALL, NSU_WAITS };

/* One piece of the way from the beginning to the exec, each as late as it could be. */
struct nsu_segment {
	uint64_t from, to;
	uint32_t tid, pid;
	char comm[NSL_COMM_LEN + 1];
	enum nsu_doing doing;
	size_t call;	    /* IN_CALL */
	uint32_t waits_for; /* WAITS: tid; 0: not known */
	size_t stage;
	bool inferred; /* nobody saw it: it follows from what stands around it */
};

struct nsu_payload {
	uint32_t pid, tid;	     /* 0: there is none */
	uint32_t ns_pid;	     /* inside its own pid namespace */
	uint32_t pid_level;	     /* 0: the initial pid namespace */
	char comm[NSL_COMM_LEN + 1]; /* after its exec */
	const char *file;	     /* what was executed, or NULL */
	const char *hostname;	     /* as the start set it, or NULL */
	uint32_t uid, gid;	     /* in its user namespace; UINT32_MAX: not known */
	bool has_view;
	struct nsl_view view; /* what it sees when it is executed */
	uint64_t exec;	      /* when; 0: it was not */
	uint64_t exit;	      /* 0: it lived on */
};

struct nsu_sums {
	uint64_t total;	    /* end - begin */
	uint64_t calls;	    /* inside namespace system calls, on the critical path */
	uint64_t functions; /* of that: inside the kernel's namespace functions */
	uint64_t waiting;   /* on the critical path: waiting for other tasks */
	uint64_t outside;   /* the rest of the critical path */
	uint64_t all_calls; /* inside namespace system calls, all tasks added */
	uint64_t all_functions;
	bool functions_known; /* false: only tracepoints, there are no steps */
	uint32_t failed, failed_that_mattered;
	uint32_t created[NSL_TYPES];
};

struct nsu_startup {
	uint64_t number; /* 1, 2, 3 … by begin */
	enum nsu_runtime runtime;
	enum nsu_frame frame;
	char runtime_comm[NSL_COMM_LEN +
			  1];	/* the comm that it was told by, or of the first call */
	const char *recognised; /* static text: how the runtime was recognised */
	const char *container;	/* name or id from the cgroup, or NULL */
	const char *cgroup;	/* path of the payload's cgroup, or NULL */
	uint64_t begin, end;
	enum nsu_outcome outcome;
	bool of_command; /* by the tree of record -- CMD, or by a daemon that it asked */
	bool gap;	 /* events were lost in it */
	bool begin_cut;	 /* it had begun before the recording did */
	bool too_big; /* more calls, tasks or milestones than are kept: the rest is counted only */
	size_t failed_call;	 /* FAILED: the call that ended it, or NSU_NONE */
	size_t failed_milestone; /* FAILED: likewise */
	uint64_t parent;	 /* number of a start-up that this one runs inside of; 0: none */
	struct nsu_payload payload;
	struct nsu_sums sums;
	/* All by time. */
	const struct nsu_stage *stages;
	size_t nstages;
	const struct nsu_task *tasks;
	size_t ntasks;
	const struct nsu_call *calls;
	size_t ncalls;
	const struct nsu_milestone *milestones;
	size_t nmilestones;
	const struct nsu_ns *namespaces; /* by type, then CREATED before the rest */
	size_t nnamespaces;
	const struct nsu_segment *path;
	size_t npath;
};

/* `exec` or nsenter into namespaces that were there: no start. */
struct nsu_joined {
	uint64_t begin, end;	     /* first setns() and last exec, or exit */
	uint32_t tid, pid;	     /* who ran there in the end */
	char by[NSL_COMM_LEN + 1];   /* who joined */
	char comm[NSL_COMM_LEN + 1]; /* who ran */
	uint64_t types;		     /* set of 1 << enum nsl_type */
	uint64_t startup; /* number of the start-up that made them; 0: not in the recording */
	const char *container;
	bool of_command; /* as of a start-up */
	bool failed;
	int err; /* of the last failed setns(), else 0 */
};

struct nsu_options {
	unsigned int kernel;	     /* major * 1000 + minor; 0: not known */
	uint32_t initial[NSL_TYPES]; /* inode numbers of the initial namespaces; 0: not known */
	size_t max_startups;	     /* 0: 10,000. Older ones are kept, later ones counted */
	/*
	 * Each as soon as it is over, with numbers in that order; it is forgotten then, and not
	 * in the list, nor are joins listed. One whose payload is an engine is told when nothing
	 * runs in it any more, unless it became another one's outer frame. What comes with the
	 * whole list, `parent` and `shared_with`, is 0. `startup` is valid until it returns.
	 * NULL: the list has them all.
	 */
	void (*done)(void *ctx, const struct nsu_startup *startup);
	void *ctx;
};

struct nsu;

/* NULL when out of memory. `options` may be NULL. */
struct nsu *nsu_new(const struct nsu_options *options);
void nsu_free(struct nsu *u);

/* Applies one event, in ring order. 0, -EINVAL for an event that is none of ours, -ENOMEM. */
int nsu_feed(struct nsu *u, const struct nsl_head *event);

/* The source has ended: what is open is closed as it is. 0 or -ENOMEM. Then list. */
int nsu_finish(struct nsu *u);

/* By number. After nsu_finish(). */
const struct nsu_startup *const *nsu_list(const struct nsu *u, size_t *n);
const struct nsu_joined *nsu_joins(const struct nsu *u, size_t *n);
/* Start-ups beyond max_startups, and losses in the whole source. */
uint64_t nsu_left_out(const struct nsu *u);
/* Programs that made pid or mnt namespaces, were no runtime, and ended without running anything. */
uint64_t nsu_unrun(const struct nsu *u, bool of_command);
/* Was it recorded with a command? Then of_command tells what is of interest. */
bool nsu_has_command(const struct nsu *u);
uint64_t nsu_lost(const struct nsu *u, uint64_t *gaps);

/* Names of programs that begin a start-up, or stand around one: what they run belongs to it. */
const char *const *nsu_programs(void);

/* Static text. */
const char *nsu_runtime_name(enum nsu_runtime runtime); /* "runc" … "unknown" */
const char *nsu_frame_name(enum nsu_frame frame);	/* "podman" …; NULL: none */
const char *nsu_outcome_name(enum nsu_outcome outcome); /* "running" … */
const char *nsu_stage_name(enum nsu_stage_kind kind);	/* "namespaces made" … */
const char *nsu_stage_word(enum nsu_stage_kind kind);	/* "namespaces": one word, for tools */
const char *nsu_role_name(enum nsu_role role);
const char *nsu_matter_name(enum nsu_matter matter);
const char *nsu_doing_name(enum nsu_doing doing);

#endif
