/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views: the model's calls and events as text for people and JSON Lines for
 * tools. They never know whether events are live or recorded.
 *
 * Text from traced processes (comm, cgroup paths) is hostile: control bytes and
 * invalid UTF-8 are shown as escapes on a terminal. In JSON control bytes are
 * escaped and each byte that is not UTF-8 becomes U+FFFD.
 *
 * Text uses UTF-8 (lines, arrows, µs) where the user's locale does, else ASCII.
 */
#ifndef NSLENS_VIEW_H
#define NSLENS_VIEW_H

#include <stdio.h>

#include "../explain/explain.h"
#include "../model/model.h"

struct nsv_fact {
	const char *fact;      /* "clone", "copy_mnt_ns", "task exit" … */
	const char *mechanism; /* "fentry", "kprobe", "tracepoint", "none" … */
	const char *lost;      /* what is not known because of it, or NULL */
};

struct nsv_start {
	const char *version; /* of nslens */
	const char *release; /* uname -r */
	const char *boot_id;
	uint64_t mono_ns; /* CLOCK_MONOTONIC and wall clock of the same moment */
	uint64_t wall_ns;
	nse_kernel kernel;
	const struct nsv_fact *facts;
	size_t nfacts;
	bool steps;	  /* false: tracepoints only, steps and destructions cannot be seen */
	const char *what; /* what is traced: "runc run web and its children"; hostile; or NULL */
	/*
	 * Inode numbers of the initial namespaces, printed as [host]; 0: not known. Those that
	 * the kernel fixes (all but mnt and net before 6.18) are known without being given.
	 */
	uint32_t initial[NSL_TYPES];
};

struct nsv_cost {
	const char *program;
	uint64_t runs;
	uint64_t ns;
};

struct nsv_end {
	const struct nsm_counts *counts;
	uint64_t missed;	     /* of the lost: the kernel left the program out */
	uint64_t forks;		     /* forks and threads that were counted, not streamed */
	uint64_t duration_ns;	     /* how long was traced */
	const struct nsv_cost *cost; /* NULL without --cost */
	size_t ncost;
	const char *hint; /* e.g. that a daemon did the work; or NULL */
	const char *const
		*alive; /* tasks of CMD's tree that live on: "1234 conmon"; hostile text */
	size_t nalive;
};

enum nsv_style { NSV_STORY, NSV_BRIEF, NSV_JSON };

struct nsv_options {
	enum nsv_style style;
	bool colour;
	int width;	 /* columns of the story; 0: do not wrap. Other styles never wrap */
	bool exits;	 /* show every exit, not only those that drop an nsproxy */
	bool milestones; /* show them, too */
	bool words;	 /* JSON: `explain` at each step, too */
};

struct nsv;

/*
 * Everything goes to `out`, which stays the caller's. NULL: out of memory.
 * Write errors are kept: see nsv_flush(). Reads LC_ALL, LC_CTYPE and LANG.
 */
struct nsv *nsv_new(FILE *out, const struct nsv_options *options);
void nsv_free(struct nsv *v);

/* First and last; between them the sink's calls. JSON: `start` and `end`. */
void nsv_start(struct nsv *v, const struct nsv_start *start);
void nsv_end(struct nsv *v, const struct nsv_end *end);
struct nsm_sink nsv_sink(struct nsv *v);

/* Nothing more comes for now: what would have been told together with it is told. */
void nsv_settle(struct nsv *v);

/* Flushes; 0, or the errno of the first write that failed. */
int nsv_flush(struct nsv *v);

/*
 * True: something was not told for want of memory since the last question. What comes later is
 * told again: for who can tell a gap and go on, where others give up.
 */
bool nsv_left_out(struct nsv *v);

#endif
