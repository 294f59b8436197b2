/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording made from what another one holds: the same start, the same events under
 * the same numbers. What follows from them (calls, steps, keyframes, lives of
 * namespaces) is worked out anew, never taken over.
 */
#ifndef NSLENS_STORE_COPY_H
#define NSLENS_STORE_COPY_H

#include "writer.h"

struct store_copy;

/* NULL with `e` filled, as store_create(). */
struct store_copy *store_copy_new(const char *path, const struct store_meta *meta, bool replace,
				  struct nsl_error *e);

/* What was known before the first event: rows, then their totals. -1: they are none. */
int store_copy_row(struct store_copy *c, const struct nsl_head *row, struct nsl_error *e);
void store_copy_keyframe(struct store_copy *c, const struct nsg_totals *totals);

/* Numbers rise. -1 with `e` filled: it is no event, or it cannot be written. */
int store_copy_event(struct store_copy *c, uint64_t seq, const struct nsl_head *event,
		     struct nsl_error *e);

/*
 * Ends and frees it. `end` NULL: nobody closed the other one either. After a failure
 * (`good` false) what was written goes again.
 */
int store_copy_close(struct store_copy *c, bool good, const struct store_meta *end,
		     struct store_counts *counts, struct nsl_error *e);

#endif
