/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the alignment share with each other and with nobody else. */
#ifndef NSLENS_ALIGN_INTERNAL_H
#define NSLENS_ALIGN_INTERNAL_H

#include "align.h"

#define NSA_NOBODY SIZE_MAX

/* One run as a list of items, by time. */
struct align_run {
	struct nsa_item *items;
	size_t n;
	char *texts; /* that the items point into */
	bool too_big;
	bool payload; /* its way to the payload is known to its end */
};

/* The same item in the runs of a side. */
struct align_column {
	const struct nsa_item **of_run; /* NULL: that run has it not */
	const struct nsa_item *first;	/* of the first run that has it */
};

struct align_list {
	struct align_column *columns;
	size_t n;
};

/* What belongs together: indexes, or NSA_NOBODY. In the order in which it is shown. */
struct align_pair {
	size_t a, b;
	bool moved, by_other;
};

struct align_pairs {
	struct align_pair *pairs;
	size_t n;
};

/* The places of tasks: those of the start, in its order, then those that it does not list. */
struct align_who {
	struct nsa_who *at;
	size_t n, max;
};

/* align_roles.c; `w` has room for all tasks, and for some more. */
void align_roles(const struct nsu_startup *s, struct align_who *w, bool *payload);
/* NULL: nobody knows. */
const struct nsa_who *align_who_find(const struct align_who *w, uint32_t pid, uint32_t tid);
/* The same place? `by_depth`: a side has no payload, so nobody knows who would be it. */
bool align_same_role(const struct nsa_who *a, const struct nsa_who *b, bool by_depth);
/* On the way to the payload: such tasks may take over each other's work. */
bool align_on_the_way(const struct nsa_who *who);

/* align_items.c. -1: out of memory. */
int align_items(const struct nsu_startup *s, struct align_run *run);
void align_run_free(struct align_run *run);

/* align_likeness.c: 0, not the same thing at all, to ALIKE; what is not the same in `changed` */
#define ALIKE 200 /* one that is alike counts more than two that are nearly so */
unsigned int align_likeness(const struct nsa_item *a, const struct nsa_item *b,
			    unsigned int *changed);
/* An order of items that knows no side: <0, 0, >0. */
int align_order(const struct nsa_item *a, const struct nsa_item *b);

/* align_pairs.c. -1: out of memory. */
int align_pairs(const struct align_list *a, const struct align_list *b, bool by_depth,
		struct align_pairs *out);

/* align_runs.c: the runs of a side as one list. -1: out of memory. */
int align_runs(const struct align_run *runs, size_t n, bool by_depth, struct align_list *out);
void align_list_free(struct align_list *l);

/* align_times.c */
void align_times(uint64_t *values, size_t n, struct nsa_times *out); /* sorts them */
void align_limits(const struct nsa_side *a, const struct nsa_side *b, struct nsa_limits *out);
enum nsa_pace align_pace(const struct nsa_times *a, const struct nsa_times *b,
			 const struct nsa_limits *l, uint64_t least);
/* Is `x` of `n` and `y` of `m` more than chance? Of one run each: are they not the same? */
bool align_apart(size_t x, size_t n, size_t y, size_t m);

/* The steps of the calls of one row, as the rows need them. */
struct align_steps {
	struct align_run *runs; /* items without texts, by run */
	size_t n;
	struct align_list list;
};

/* What stands behind the public struct, which comes first. */
struct align {
	struct nsa pub;
	struct align_run *runs[2];
	struct align_list list[2];
	struct nsa_row *rows;
	struct align_steps (*steps)[2]; /* by row */
	nsa_exists_fn exists;
	bool by_depth;
	bool lossy[2][NSA_MAX_RUNS]; /* by run: events were lost, what it lacks proves nothing */
};

/* align_rows.c. -1: out of memory. */
int align_rows(struct align *n);
void align_rows_free(struct align *n);

/* align_whole.c: totals, stages, namespaces, ends. */
void align_whole(struct nsa *n);

#endif
