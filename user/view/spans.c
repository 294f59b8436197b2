// SPDX-License-Identifier: GPL-2.0-only
#include "spans.h"

#include <stdbool.h>

static uint64_t clamp(uint64_t n, uint64_t low, uint64_t high)
{
	return n < low ? low : n > high ? high : n;
}

/* The innermost span so far that a step of this depth lies in. */
static size_t parent_of(const struct nsv_span *spans, size_t n, int depth)
{
	while (--n && spans[n].depth >= depth)
		;
	return n;
}

/* Where the last span inside `parent` ended. */
static uint64_t free_from(const struct nsv_span *spans, size_t n, size_t parent)
{
	while (--n > parent)
		if (spans[n].parent == parent)
			return spans[n].end;
	return spans[parent].begin;
}

static bool was_measured(const struct nsm_step *s)
{
	return s->ts && !s->inferred && s->outcome != NSM_NOT_REACHED;
}

size_t nsv_spans(const struct nsm_call *call, uint64_t not_before,
		 struct nsv_span spans[NSV_MAX_SPANS])
{
	uint64_t duration = call->duration > 0 ? (uint64_t)call->duration : 0;
	size_t n = 1;

	spans[0] = (struct nsv_span){.begin = call->ts, .end = call->ts + duration};
	if (spans[0].begin < not_before)
		spans[0].begin = not_before;
	if (spans[0].end < spans[0].begin)
		spans[0].end = spans[0].begin;
	for (size_t i = 0; i < call->nsteps && n < NSV_MAX_SPANS; i++) {
		const struct nsm_step *s = &call->steps[i];
		struct nsv_span *at = &spans[n];
		uint64_t took = s->duration > 0 ? (uint64_t)s->duration : 0;

		if (!was_measured(s) || call->duration == NSM_DURATION_UNKNOWN)
			continue;
		at->step = s;
		at->depth = (s->depth < 0 ? 0 : s->depth) + 1;
		at->parent = parent_of(spans, n, at->depth);
		at->end = clamp(s->ts, free_from(spans, n, at->parent), spans[at->parent].end);
		at->begin = clamp(s->ts - took, free_from(spans, n, at->parent), at->end);
		n++;
	}
	return n;
}

uint64_t nsv_span_self(const struct nsv_span *spans, size_t n, size_t at)
{
	uint64_t self = spans[at].end - spans[at].begin;

	for (size_t i = at + 1; i < n; i++)
		if (spans[i].parent == at)
			self -= spans[i].end - spans[i].begin;
	return self;
}
