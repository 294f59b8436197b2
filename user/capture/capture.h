/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live source: loads and attaches the programs, reads the ring, and hands
 * out events in which every kernel address has become an id.
 *
 *   capture_open    climb the ladder, load
 *   capture_attach  attach; from here on events wait in the ring
 *   capture_poll    deliver events, until the caller has enough
 *   capture_stop    no further calls begin; deliver what is left
 *   capture_close   let go without waiting for the kernel to detach
 */
#ifndef NSLENS_CAPTURE_H
#define NSLENS_CAPTURE_H

#include <signal.h>
#include <sys/types.h>

#include "../../bpf/event.h"
#include "../model/error.h"
#include "ladder.h"

struct capture_options {
	enum hooks_mode mode;
	const char *btf;   /* machine_permits() */
	size_t ring_bytes; /* 0: the default, 8 MiB; rounded up to a power of two */
	bool exits;	   /* every exit is a call */
	bool graph;	   /* whatever changes the graph, from anybody; no filter may be set */
	bool milestones;   /* what start-ups are made of beside namespaces */
	bool keep_tree; /* capture_follow() does not filter calls: milestones of these processes */
	/*
	 * With keep_tree: programs (by comm, up to the NULL) whose milestones, and those of their
	 * children, are told whoever started them. May be NULL.
	 */
	const char *const *programs;
	bool cost;	    /* let the kernel measure the programs */
	bool follow_tree;   /* only processes given to capture_follow() and their children */
	const char *comm;   /* only tasks of this name, or NULL */
	const char *cgroup; /* only tasks below this cgroup directory, or NULL */
	__u64 types;	    /* CLONE_NEW* that are asked for; 0: all */
	bool verbose;	    /* what libbpf says goes to standard error */
};

struct capture;

typedef void (*capture_fn)(void *ctx, struct nsl_head *event);

struct capture_program {
	const char *name;
	__u64 runs;
	__u64 ns;
};

/* NULL with `e` filled. `m` must outlive the capture. */
struct capture *capture_open(const struct capture_options *options, const struct machine *m,
			     struct nsl_error *e);
/* Ends early, with 0, when *stop becomes true. */
int capture_attach(struct capture *c, const volatile sig_atomic_t *stop, struct nsl_error *e);
const struct ladder *capture_ladder(const struct capture *c);
bool capture_milestones(const struct capture *c); /* are they told? */

/* Inode numbers of the initial namespaces, by type. */
void capture_initial(const struct capture *c, __u32 inums[NSL_TYPES]);

/* Follow `pid` (a tgid) and its children from now on; with `descendants` those it has already. */
int capture_follow(struct capture *c, pid_t pid, bool descendants, struct nsl_error *e);

/*
 * Waits up to `timeout_ms` for events and delivers those there are, at most some
 * 65,000. Returns their number.
 */
int capture_poll(struct capture *c, int timeout_ms, capture_fn fn, void *ctx);

/*
 * With options.graph, after capture_attach(): a snapshot of every task, with the
 * namespaces that they reach, as events between NSL_EV_SNAPSHOT markers and in
 * their place among all others. -1 with `e` filled.
 */
int capture_snapshot(struct capture *c, capture_fn fn, void *ctx, struct nsl_error *e);

/*
 * NSL_EV_NS events for the namespaces that descriptors of the calling process name,
 * and for what those pin: the way to namespaces that no task reaches.
 */
int capture_tell_descriptors(struct capture *c, const int *fds, size_t n, capture_fn fn, void *ctx,
			     struct nsl_error *e);

/*
 * Gives `event`, made outside of the kernel, its ids: a namespace is found by its
 * inode number. False if no namespace of that number is known.
 */
bool capture_name(struct capture *c, struct nsl_keeper *event);

/*
 * Is a namespace of that inode number alive, as far as hooks have told? They forget
 * a number even if its event was lost. False where no hook tells of deaths.
 */
bool capture_lives(const struct capture *c, __u32 inum);

/* Where no hook tells of deaths, and a graph is kept: numbers that it does not use are forgotten.
 */
void capture_sweep(struct capture *c, bool (*used)(void *ctx, bool nsproxy, __u64 id), void *ctx);

/* The task was reaped, and the kernel did not say so: nothing is to be told of it any more. */
void capture_reaped(const struct capture *c, __u32 tid);

/* No call begins from now on; calls that are open may still end. Delivers what is left. */
void capture_stop(struct capture *c, capture_fn fn, void *ctx);

/* Forks and threads that sent no event. */
__u64 capture_forks(const struct capture *c);

/*
 * Events that were not even tried, because the kernel left our program out: see
 * misses.h. They are among the losses that were told.
 */
__u64 capture_missed(const struct capture *c);

/* Calls that began in tasks outside the followed tree. */
__u64 capture_others(const struct capture *c);

/* The processes of the followed tree that may still live; returns how many it wrote. */
size_t capture_tree(const struct capture *c, pid_t *pids, size_t max);

/* Fills at most `max` rows, those that ran first; returns how many there are. */
size_t capture_programs(struct capture *c, struct capture_program *rows, size_t max);

/*
 * Frees everything. Detaching function hooks can take the kernel seconds (it
 * waits for every task to leave the trampolines, one link at a time), so a child
 * process of its own inherits the links and lets them go after the caller is gone.
 */
void capture_close(struct capture *c);

#endif
