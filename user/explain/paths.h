/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call paths of the kernel as data: functions, and the branches inside them.
 *
 * A path is an array of nodes in the order of the source, each with its depth. A
 * node of kind NSE_SUB stands for another path, so that what several calls have in
 * common is written once; nse_path_walk() puts all of it together.
 */
#ifndef NSLENS_EXPLAIN_PATHS_H
#define NSLENS_EXPLAIN_PATHS_H

#include "failures.h"
#include "functions.h"

enum nse_node_kind {
	NSE_FN,	  /* a function is called; `when`: only then */
	NSE_FAIL, /* a check: where `when` is so, the call ends with one of `errs` */
	NSE_IF,	  /* a branch: where `when` is so, `what` happens */
	NSE_DO,	  /* `what` always happens */
	NSE_UNDO, /* after a failure */
	NSE_SUB,  /* the path `sub`, only where `when` is so */
};

#define NSE_ERRS 6

struct nse_path;

struct nse_node {
	uint8_t depth;
	uint8_t kind;	/* enum nse_node_kind */
	const char *fn; /* NSE_FN, NSE_UNDO: the function; FAIL, IF: its place, if not the parent */
	const char *when;	 /* the condition in words; NULL: always */
	const char *what;	 /* what happens, and what it means; NULL for a plain FN or FAIL */
	uint16_t errs[NSE_ERRS]; /* where a call leaves; 0 ends it */
	nse_kernel since, before;
	const struct nse_path *sub;

	/* How a real call shows that the condition was so; all 0: it does not show. */
	uint32_t calls; /* as in struct nse_row */
	uint64_t all, any, none;
	uint32_t so;	   /* circumstances that must be so */
	uint32_t not_so;   /* … and that must not */
	uint32_t or_so;	   /* these do instead of the flags */
	uint32_t outcomes; /* of the step of the function around it, bit 1 << outcome */
};

struct nse_path {
	const char *name; /* what it is the path of */
	uint32_t calls;	  /* system calls that begin here; 0: none */
	const struct nse_node *nodes;
	size_t n;
};

/* The paths that begin somewhere: system calls, and the end of namespaces. */
extern const struct nse_path *const nse_paths[];
extern const size_t nse_path_count;

extern const struct nse_path nse_path_clone, nse_path_unshare, nse_path_setns, nse_path_exec,
	nse_path_exit, nse_path_destruction;
/* What they have in common. */
extern const struct nse_path nse_path_copy_namespaces, nse_path_create, nse_path_copy_creds,
	nse_path_create_user_ns, nse_path_drop_nsproxy;

enum nse_mark {
	NSE_UNMARKED,
	NSE_TAKEN,
	NSE_PASSED, /* a check that let the call pass */
	NSE_NOT_TAKEN,
	NSE_LEFT_HERE,	 /* the call failed here */
	NSE_MAY_BE_HERE, /* one of several places where it can have failed */
	NSE_NOT_REACHED, /* it had failed before */
	NSE_UNKNOWN,	 /* the call does not show it */
	NSE_MARKS,
};

const char *nse_mark_name(enum nse_mark mark); /* "taken", "passed", … */

/* One row of a path that was put together. */
struct nse_place {
	const struct nse_node *node;
	const struct nse_node *by; /* the NSE_SUB node that it was put in for, or NULL */
	unsigned int depth;
	const struct nse_kfn *fn; /* the function that it calls, or stands in; or NULL */
	enum nse_mark mark;
};

#define NSE_WALK_MAX 384

/*
 * All nodes that hold for a kernel (0: for any), in order; `sub` is replaced by its
 * nodes. Returns their number; at most `max` are written.
 */
size_t nse_path_walk(const struct nse_path *p, nse_kernel kernel, struct nse_place *out,
		     size_t max);

/* How many rows belong to the row `at`, itself included. */
size_t nse_path_below(const struct nse_place *rows, size_t n, size_t at);

/* The path that a call of this kind takes; NULL: none. */
const struct nse_path *nse_path_of(enum nsl_syscall syscall);

/*
 * The path of a real call, with a mark on every row: from its steps, its result and
 * its flags. What these do not show is NSE_UNKNOWN. Returns the number of rows, 0
 * for a call without a path.
 */
size_t nse_path_of_call(const struct nsm_call *call, nse_kernel kernel, struct nse_place *out,
			size_t max);

#endif
