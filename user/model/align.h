/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two sides of start-ups, put side by side by what is done and by whom, not by when.
 *
 * Pure, as the rest of the model. A side is one run, or several of what is taken for the
 * same start. What a task does is aligned role by role: in which order two tasks come to
 * run is chance, in which order one of them does things is not. Several runs on a side
 * tell how much their times vary by themselves; with one run that is not known, and only
 * what is plainly slower is told.
 *
 * nsa_new(a, b) and nsa_new(b, a) find the same pairs. Everything handed out is owned by
 * the alignment, refers to the start-ups, and text in it is hostile.
 */
#ifndef NSLENS_ALIGN_H
#define NSLENS_ALIGN_H

#include "startup.h"

#define NSA_MAX_RUNS  64   /* of a side */
#define NSA_MAX_ITEMS 4096 /* of a run; what comes later is counted only */

/* Who a task is in its start: its place, not its number. */
enum nsa_role {
	NSA_OUTER,   /* of the outer frame: podman, conmon */
	NSA_RUNTIME, /* where the way to the payload begins */
	NSA_STAGE,   /* between the runtime and the payload; the first one has depth 1 */
	NSA_PAYLOAD, /* the task that becomes the payload */
	NSA_HELPER,  /* another program: newuidmap, a hook */
	NSA_ROLES,
};

struct nsa_who {
	enum nsa_role role;
	unsigned int depth; /* on the way from the runtime (0) to the payload */
	const char *comm;   /* the last one in the start */
	uint32_t pid, tid;
};

enum nsa_kind { NSA_CALL, NSA_MILESTONE, NSA_STEP };

/* Something that was done in one run. */
struct nsa_item {
	enum nsa_kind kind;
	struct nsa_who who;
	const struct nsu_startup *startup;
	size_t index;		     /* into its calls or milestones; of a step: in its call */
	const struct nsu_call *call; /* CALL, STEP */
	const struct nsu_milestone *milestone; /* MILESTONE */
	const struct nsm_step *step;	       /* STEP */
	uint64_t flags;			       /* CALL: CLONE_NEW* that it is about */
	uint64_t ts;
	int64_t duration; /* NSM_DURATION_UNKNOWN */
	int err;
	/* MILESTONE: its texts without what differs from run to run; "./proc" is below the new root
	 */
	const char *text, *where;
};

/* Times of the runs that have it; n 0: none is known. */
struct nsa_times {
	size_t n;
	uint64_t min, q1, median, q3, max;
	uint64_t low, high; /* without one in ten at each end, so of fewer than ten min and max */
};

enum nsa_mark {
	NSA_ONLY_A,   /* missing in B */
	NSA_ONLY_B,   /* added in B */
	NSA_MOVED,    /* the same task does it earlier or later */
	NSA_CHANGED,  /* done in another way: see nsa_row.changed */
	NSA_BY_OTHER, /* a task of another role does it */
	NSA_FAILS,    /* it fails on one side only */
	NSA_SLOWER,   /* in B */
	NSA_FASTER,
	NSA_STEPS,     /* one of its steps has such a mark */
	NSA_BY_KERNEL, /* only one of the two kernels has it: no difference of the starts */
	NSA_VARIES,    /* comes and goes from run to run on one side: no difference either */
	NSA_UNSEEN,    /* events were lost where it is missing: it may have been done there */
	NSA_MARKS,
};

#define NSA_MARK(mark) (1u << (mark))
/* Those that make it a difference. */
#define NSA_DIFFERENT                                                                              \
	(NSA_MARK(NSA_ONLY_A) | NSA_MARK(NSA_ONLY_B) | NSA_MARK(NSA_MOVED) |                       \
	 NSA_MARK(NSA_CHANGED) | NSA_MARK(NSA_BY_OTHER) | NSA_MARK(NSA_FAILS) |                    \
	 NSA_MARK(NSA_SLOWER) | NSA_MARK(NSA_FASTER) | NSA_MARK(NSA_STEPS))

/* What is not the same in a pair. */
enum nsa_change {
	NSA_CHANGE_SYSCALL = 1,
	NSA_CHANGE_FLAGS = 2,
	NSA_CHANGE_DETAIL = 4,
	NSA_CHANGE_OUTCOME = 8, /* of a step */
	NSA_CHANGE_ERRNO = 16,	/* both fail, with another errno */
	NSA_CHANGE_WHAT = 32,	/* mount for move_mount, or the other way round */
};

struct nsa_cell {
	const struct nsa_item *item;	      /* of the first run that has it; NULL: none */
	const struct nsa_item *const *of_run; /* by run; NULL: that one has it not */
	size_t runs;			      /* how many have it */
	size_t failed;			      /* … and in how many it fails */
	struct nsa_times times;
};

struct nsa_row {
	struct nsa_cell side[2];
	unsigned int marks;	     /* set of NSA_MARK() */
	unsigned int changed;	     /* set of enum nsa_change */
	const struct nsa_row *steps; /* CALL: its steps, aligned; none where a side has none */
	size_t nsteps;
};

enum nsa_pace { NSA_SAME_PACE, NSA_B_SLOWER, NSA_B_FASTER };

struct nsa_stage {
	enum nsu_stage_kind kind;
	struct nsa_times side[2]; /* all stages of that kind of a run added; 0 where it has none */
	bool present[2];	  /* in any run */
	enum nsa_pace pace;
	/* the longest one of its kind in the slower side's middle run, or NULL */
	const struct nsu_startup *startup;
	const struct nsu_stage *longest;
};

struct nsa_ns {
	enum nsl_type type;
	bool known[2];	       /* false: there is no payload to ask */
	enum nsu_role role[2]; /* of the one that the payload is in */
	const struct nsu_ns *ns[2];
	size_t left[2]; /* made by the start, and nothing of the payload's */
	bool different;
};

/* What one side's starts end in. */
struct nsa_end {
	size_t runs[NSU_OUTCOMES];
	const struct nsu_startup
		*middle; /* the run of median length of the most frequent outcome */
};

/*
 * How times are told apart; also for --json and the documentation. The medians count. The
 * spread of a side is the part of its median that its runs (of eight or more: the middle
 * half of them) lie apart; that of the noisier side counts.
 */
struct nsa_limits {
	bool noise_known;    /* false: one run on either side */
	double ratio;	     /* the longer one must be at least so many times the shorter one */
	double spreads;	     /* … and longer by so many spreads; 0: not known */
	uint64_t row, whole; /* … and by so many ns: of a row; of stages and totals */
};

struct nsa_side {
	const struct nsu_startup *const *runs;
	size_t n;
	unsigned int kernel; /* 0: not known */
	bool steps;	     /* false: recorded with tracepoints, there are no steps to compare */
};

/* Does a kernel have what this item is (a function, a system call)? May be NULL: all have all. */
typedef bool (*nsa_exists_fn)(const struct nsa_item *item, unsigned int kernel);

struct nsa {
	struct nsa_side side[2];
	struct nsa_limits limits;
	const struct nsa_row *rows;
	size_t nrows;
	struct nsa_times total[2];
	enum nsa_pace pace; /* of the whole */
	struct nsa_stage stages[NSU_STAGES];
	struct nsa_ns namespaces[NSL_TYPES];
	struct nsa_end end[2];
	bool outcome;	    /* one side runs, the other one does not */
	bool payload;	    /* another program, ids or hostname */
	bool too_big;	    /* a run has more than NSA_MAX_ITEMS: the rest is not compared */
	size_t differences; /* rows that are or may be, stages, namespaces, outcome, payload */
	size_t same;	    /* rows without a mark */
};

/* NULL: out of memory, or a side without runs or with more than NSA_MAX_RUNS. */
struct nsa *nsa_new(const struct nsa_side *a, const struct nsa_side *b, nsa_exists_fn exists);
void nsa_free(struct nsa *n);

/*
 * How a run ended, as a comparison asks: one in which events were lost, but that was seen to
 * come to its payload, has come to it. nsa_ended(): how many runs of a side ended so.
 */
enum nsu_outcome nsa_outcome(const struct nsu_startup *s);
size_t nsa_ended(const struct nsa_side *side, enum nsu_outcome outcome);

/* CLONE_NEW* that a call is about; of setns the type of its target. */
uint64_t nsa_flags(const struct nsm_call *call);

/* Static text. */
const char *nsa_role_name(enum nsa_role role); /* "runtime" … */
const char *nsa_mark_name(enum nsa_mark mark); /* "missing", "added" … */
const char *nsa_pace_name(enum nsa_pace pace); /* "same", "slower", "faster": of B */

#endif
