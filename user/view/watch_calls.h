/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: the last calls, and the gaps between them, kept after the model has
 * let them go. The oldest are forgotten; whoever looks at one holds it.
 */
#ifndef NSLENS_VIEW_WATCH_CALLS_H
#define NSLENS_VIEW_WATCH_CALLS_H

#include "../model/model.h"

#define NSW_CALLS 2000 /* that are kept */

struct nsw_entry {
	uint64_t seq; /* 1, 2, 3 … in order of arrival */
	int users;    /* the list, and who looks at it */
	bool lost;    /* a gap: only `gap` below is meant */
	struct nsw_gap {
		uint64_t ts, count;
		enum nsl_hook hook;
	} gap;
	struct nsm_call call; /* slots, steps and texts lie behind the entry */
};

struct nsw_calls {
	uint64_t next;	/* seq of the next one */
	uint64_t first; /* seq of the oldest that is kept; == next: none */
	struct nsw_entry *ring[NSW_CALLS];
};

/* False when out of memory: it is left out then. */
bool nsw_calls_add(struct nsw_calls *l, const struct nsm_call *call);
bool nsw_calls_add_gap(struct nsw_calls *l, const struct nsm_lost *lost);
void nsw_calls_clear(struct nsw_calls *l);
/* Appends everything in `from`, which is empty then. */
void nsw_calls_move(struct nsw_calls *to, struct nsw_calls *from);

/* NULL: not kept. */
struct nsw_entry *nsw_calls_get(const struct nsw_calls *l, uint64_t seq);
struct nsw_entry *nsw_entry_hold(struct nsw_entry *entry);
void nsw_entry_let_go(struct nsw_entry *entry); /* NULL: nothing */

/* Types that the call asked for, created or installed: bit 1 << type. */
unsigned int nsw_call_types(const struct nsm_call *call);

/*
 * Does the call match? Every word of the filter must stand in its comm, pid,
 * system call, types, errno or container; upper and lower case are the same. An
 * empty filter matches everything; a gap always does.
 */
bool nsw_matches(const struct nsw_entry *entry, const char *filter);
/* The same for any text: every word of `filter` in `text`. */
bool nsw_text_matches(const char *text, const char *filter);

#endif
