/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as they are, as JSON Lines: schema nslens-events/1 (user/doc/export.md). The
 * exact form: every byte of an event can be told from its line. A member that is left
 * out is 0. Text has one character for a byte (ISO 8859-1): it may be no UTF-8.
 */
#ifndef NSLENS_VIEW_EVENTS_H
#define NSLENS_VIEW_EVENTS_H

#include <stdio.h>

#include "../model/graph.h"
#include "view.h"

#define NSV_EVENTS_SCHEMA "nslens-events/1"

struct nsv_events {
	FILE *out;
	struct nsv_buf *buf;
	int err; /* of the first write that failed */
};

/* What the end of a recording says of it; see struct store_meta. */
struct nsv_events_end {
	uint64_t ended, forks, missed;
	const char *because;
};

/* `out` stays the caller's. False: out of memory. */
bool nsv_events_init(struct nsv_events *x, FILE *out);
void nsv_events_free(struct nsv_events *x);

void nsv_events_start(struct nsv_events *x, const struct nsv_start *start);
/* Where reading begins in the middle: the totals before event `seq`, then rows. */
void nsv_events_keyframe(struct nsv_events *x, uint64_t seq, const struct nsg_totals *totals);
void nsv_events_row(struct nsv_events *x, const struct nsl_head *row);
void nsv_events_event(struct nsv_events *x, uint64_t seq, const struct nsl_head *event);
/* Only of a recording that was closed. */
void nsv_events_end(struct nsv_events *x, const struct nsv_events_end *end);

/* 0, or the negative errno of the first write that failed. */
int nsv_events_flush(struct nsv_events *x);

#endif
