/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the start-up finder share with each other and with nobody else. */
#ifndef NSLENS_STARTUP_INTERNAL_H
#define NSLENS_STARTUP_INTERNAL_H

#include "internal.h"
#include "startup.h"

/* A real start has some dozens of each; the limits bound what a broken recording can cost. */
#define SU_MAX_CALLS	  1024
#define SU_MAX_TASKS	  2048
#define SU_MAX_MILESTONES 4096
#define SU_MAX_OPEN	  8192	       /* start-ups that have not ended */
#define SU_MAX_TRACKS	  (1 << 18)    /* tasks */
#define SU_MAX_LOBBY	  1024	       /* programs that ran before anything is known about them */
#define SU_MAX_DETAIL	  (160u << 20) /* bytes; beyond, a start keeps its stages and sums alone */
#define SU_MAX_STARTUPS	  10000
#define SU_IDLE_NS	  60000000000ULL /* nothing was seen of it: it went on elsewhere */

#define SU_EXEC_NS 1000000ULL /* between the two events that tell of one exec */

#define SU_CLONE_PARENT 0x00008000ULL
#define SU_BIT(type)	(1u << (type))

/* From an integer that is not 0 to a pointer: open addressing, linear probing. */
struct su_map {
	struct su_entry {
		uint64_t key;
		void *value;
	} * slot;
	size_t size, used;
};

void *su_map_get(const struct su_map *m, uint64_t key);
bool su_map_set(struct su_map *m, uint64_t key, void *value); /* false: out of memory */
void su_map_drop(struct su_map *m, uint64_t key);
void su_map_free(struct su_map *m);

/* A growing array inside a struct: items, how many, room. */
#define SU_VEC(type)                                                                               \
	struct {                                                                                   \
		type *at;                                                                          \
		size_t n, room;                                                                    \
	}
/* One more, cleared; NULL: out of memory. */
void *su_grow(void **at, size_t *n, size_t *room, size_t size);
#define SU_ADD(vec) su_grow((void **)&(vec).at, &(vec).n, &(vec).room, sizeof(*(vec).at))

enum su_state {
	SU_OPEN,    /* it goes on */
	SU_CLOSING, /* it has ended, and a call in it has not returned yet */
	SU_DONE,    /* told */
	SU_DEAD,    /* it was none, or is part of another one */
};

/* `p`; where that is NULL for want of memory, nsu_feed() will say so. */
void *su_got(struct nsu *u, void *p);

/* A start-up that is being found; `pub` is what is told of it. */
struct su_start {
	struct nsu_startup pub;
	enum su_state state;
	uint64_t serial;	  /* 1, 2, 3 … as they were found; `number` comes at the end */
	uint32_t refs;		  /* tracks, and starts inside of it, that point here */
	uint32_t open_calls;	  /* entered and not returned */
	uint32_t alive;		  /* tasks whose exit will be seen */
	uint32_t principal;	  /* tgid of the one that is expected to exec; 0: none is left */
	uint32_t first_pid;	  /* tgid of whoever made the first call */
	uint32_t runtime_pid;	  /* of the runtime's own process outside; 0: not known */
	uint64_t runtime_end;	  /* 0: not seen */
	SU_VEC(uint32_t) outside; /* processes outside that belong to it */
	uint32_t candidate;	  /* tgid of one that did exec, and is not the principal */
	uint64_t candidate_exec;
	struct nsl_view candidate_view;
	uint32_t asked;	 /* set of SU_BIT(type): what it asked for */
	uint32_t made;	 /* what it got */
	uint32_t joined; /* what it entered */
	int join_err;
	uint32_t uid, gid;	/* as milestones told them; UINT32_MAX */
	uint64_t looked;	/* when it was last seen, or looked at */
	uint64_t last;		/* when something of it was seen last */
	uint64_t gaps;		/* of the finder, when it began */
	struct nsl_view before; /* what its first task saw */
	bool has_before;
	bool in_list;		      /* it is told as a start-up */
	uint64_t cgroup;	      /* id, of the payload; 0: not known */
	bool cut;		      /* a call of it had not returned when it was ended */
	bool frame_used;	      /* as an outer frame it has become part of a start-up */
	struct su_start *host;	      /* in whose payload it happens, or NULL */
	struct su_start *next, *prev; /* of all that are open, by `last` */
	SU_VEC(struct nsu_call) calls;
	SU_VEC(struct nsu_task) tasks;
	SU_VEC(struct nsu_milestone) milestones;
	SU_VEC(struct nsu_stage) stages;
	SU_VEC(struct nsu_ns) namespaces;
	SU_VEC(struct nsu_segment) path;
	size_t bytes;
};

/* A task that the finder follows. */
struct su_track {
	uint32_t tid, pid;
	uint32_t threads;	/* of a leader: others of its process that are `counted` */
	struct su_start *start; /* may be SU_DEAD: then it is as if there were none */
	size_t task;		/* index into start->tasks, or NSU_NONE */
	bool inside; /* it came from the payload, or from a helper: of no interest to the start */
	bool seen_exit; /* its exit will be seen: it is not an initial task */
	bool in_call;	/* counted in start->open_calls */
	bool counted;	/* in its leader's threads: both were born where exits are seen */
	bool ended;	/* a leader whose exit was seen, while its threads go on */
};

/* What tasks did that belong to no start yet: the newest part, in a ring. */
struct su_lobby {
	struct nsm_milestone *at; /* SU_MAX_LOBBY; what == NONE: taken, or never filled */
	size_t next;
	struct su_map pids; /* who has something in it: how many, as a pointer */
};

struct nsu {
	struct nsu_options options;
	struct nsm *model;
	struct su_map tracks;	  /* tid -> struct su_track */
	size_t hand;		  /* where in them the next one to evict is looked for */
	struct su_map processes;  /* tgid of a runtime outside -> struct su_start */
	struct su_map namespaces; /* id -> struct su_start that made it */
	struct cgroup_table cgroups;
	struct su_lobby lobby;
	struct su_start *first_open, *last_open;
	size_t nopen;
	uint64_t serial;
	SU_VEC(struct su_start *) all; /* those that count; with options.done: and are not told */
	SU_VEC(struct nsu_joined) joins;
	const struct nsu_startup **told; /* the list, when all is over */
	size_t ntold;
	size_t detail; /* bytes that start-ups hold */
	uint64_t left_out, unrun, unrun_of_command, lost, gaps, seen_lost;
	bool has_command; /* of record -- CMD */
	bool has_client;  /* … whose tree ran a program that asks a daemon for containers */
	uint64_t done;	  /* told to options.done */
	uint64_t ts;	  /* of the last event */
	int err;	  /* what went wrong inside of a sink */
};

/* startup_tasks.c: who is who */
struct su_track *su_track_of(const struct nsu *u, uint32_t tid);
/* Its start while that goes on, NULL where it has none or is of no interest to it. */
struct su_start *su_open_start_of(const struct su_track *t);
struct su_track *su_track_add(struct nsu *u, struct su_start *s, uint32_t tid, uint32_t pid,
			      const char comm[NSL_COMM_LEN], uint64_t ts);
/* To a start that is open. The one that it leaves may be over by that. */
void su_track_move(struct nsu *u, struct su_track *t, struct su_start *s,
		   const char comm[NSL_COMM_LEN], uint64_t ts);
void su_track_drop(struct nsu *u, struct su_track *t);
/* Its start is settled: it goes, where nothing would ever end it. */
void su_track_settled(struct nsu *u, struct su_track *t);
void su_task_event(struct nsu *u, const struct nsl_task *e);
void su_named(struct su_start *s, uint32_t tid, const char *comm);
bool su_is_initial(const struct nsu *u, const struct nsl_view *v);
struct nsu_task *su_task_of(struct su_start *s, uint32_t pid); /* its leader, or NULL */

/* startup_life.c: where a start begins and ends */
struct su_start *su_open(struct nsu *u, const struct nsl_head *h, const struct nsl_view *before,
			 struct su_start *host);
void su_touch(struct nsu *u, struct su_start *s, uint64_t ts);
void su_close(struct nsu *u, struct su_start *s);
void su_settle(struct nsu *u, struct su_start *s); /* when no call of it is open any more */
void su_end(struct nsu *u, struct su_start *s);	   /* now, whatever is open */
void su_payload(struct nsu *u, struct su_start *s, uint32_t pid, uint64_t ts,
		const struct nsl_view *view);
void su_principal_gone(struct nsu *u, struct su_start *s, uint32_t pid);
void su_expire(struct nsu *u, uint64_t ts);
void su_count_unrun(struct nsu *u, const struct su_start *s);
void su_put(struct nsu *u, struct su_start *s); /* one reference less */
/* With options.done: one that waited to become another's frame is told, and leaves the list. */
void su_retire(struct nsu *u, struct su_start *s);

/* startup_collect.c: what belongs to it */
void su_add_call(struct nsu *u, struct su_start *s, const struct su_track *t,
		 const struct nsm_call *call);
void su_add_milestone(struct nsu *u, struct su_start *s, const struct nsm_milestone *m);
void su_milestone(struct nsu *u, const struct nsm_milestone *m);
/* A program that the start had run, or the runtime itself. */
void su_program_ended(struct nsu *u, uint32_t pid, uint64_t ts);
void su_free_details(struct nsu *u, struct su_start *s);
void su_forget_namespaces(struct nsu *u, struct su_start *s);
void su_start_free(struct nsu *u, struct su_start *s);
/* What `outer` did becomes part of `s`, which runs in its payload. */
void su_take_frame(struct nsu *u, struct su_start *s, struct su_start *outer);

/* startup_lobby.c: what was before anything of a start was known */
void su_put_in_lobby(struct nsu *u, const struct nsm_milestone *m);
/* All that a process outside did, and the programs that it ran; it belongs to the start now. */
void su_from_lobby(struct nsu *u, struct su_start *s, uint32_t pid);
/* The programs around it: conmon, podman. */
void su_frame_from_lobby(struct nsu *u, struct su_start *s);
void su_belongs(struct nsu *u, struct su_start *s, uint32_t pid);
void su_forget_outside(struct nsu *u, struct su_start *s);

/* startup_runtime.c */
void su_recognise(struct su_start *s);
bool su_known(const struct su_start *s);       /* a runtime that is for containers, by its name */
bool su_child_execs(const struct su_start *s); /* its payload is not the principal */
bool su_is_engine(const char *comm);
bool su_is_client(const char *comm); /* it asks a daemon for containers */
bool su_by_daemon(const struct su_start *s);
/*
 * By the name of its file it is a copy of the program that ran before. Its comm may be that of the
 * descriptor: "3" (until 6.13).
 */
bool su_is_copy(const struct nsm_milestone *exec);
/* The runtime itself once more (runc copies itself, and runs "runc init"). */
bool su_is_itself(const struct su_start *s, const struct nsm_milestone *exec);

/* What is told, in this order, when it has ended. */
/* From the path of its cgroup. */
bool su_name_container(struct nsu *u, struct su_start *s);
bool su_build_namespaces(struct nsu *u, struct su_start *s); /* startup_namespaces.c */
bool su_build_stages(struct nsu *u, struct su_start *s);     /* startup_stages.c */
bool su_build_path(struct nsu *u, struct su_start *s);	     /* startup_path.c */
void su_build_matters(struct su_start *s);		     /* startup_matters.c */
enum nsu_stage_kind su_kind_of_call(const struct nsm_call *call);
enum nsu_stage_kind su_kind_of_milestone(const struct nsm_milestone *m);

#endif
