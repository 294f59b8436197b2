/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: a call as spans that nest: the call itself, then those of its steps whose
 * time was measured, each inside of the one that it was called from.
 */
#ifndef NSLENS_VIEW_SPANS_H
#define NSLENS_VIEW_SPANS_H

#include "../model/model.h"

#define NSV_MAX_SPANS 128 /* of one call: the rest is left out */

struct nsv_span {
	uint64_t begin, end;
	size_t parent;		     /* index; of the call itself 0 */
	int depth;		     /* of the call 0 */
	const struct nsm_step *step; /* NULL: the call itself */
};

/*
 * Fills `spans` in the order in which they begin, and returns how many. None begins
 * before `not_before` (where the call before it on the same thread ended).
 */
size_t nsv_spans(const struct nsm_call *call, uint64_t not_before,
		 struct nsv_span spans[NSV_MAX_SPANS]);

/* Of its time, what none of the spans inside it takes. */
uint64_t nsv_span_self(const struct nsv_span *spans, size_t n, size_t at);

#endif
