/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls for the tools that people already have: each format is one file beside this one,
 * and one row of the table in export.c. As all views they know nothing of where events
 * come from. Names are hostile text and made harmless in each.
 */
#ifndef NSLENS_VIEW_EXPORT_H
#define NSLENS_VIEW_EXPORT_H

#include <stdio.h>

#include "view.h"

enum nsv_format {
	NSV_PERFETTO,	/* TrackEvent protobuf, for ui.perfetto.dev */
	NSV_CHROME,	/* JSON trace events, for chrome://tracing, speedscope and Perfetto */
	NSV_FOLDED,	/* stacks and their nanoseconds, for flame graphs */
	NSV_PROMETHEUS, /* text of metrics */
	NSV_FORMATS,
};

struct nsv_export;

/* Everything goes to `out`, which stays the caller's. NULL: out of memory. */
struct nsv_export *nsv_export_new(FILE *out, enum nsv_format format, const struct nsv_start *start);
void nsv_export_free(struct nsv_export *x);

/* Calls, tasks and losses. Exits that drop no nsproxy are left out, as in a story. */
struct nsm_sink nsv_export_sink(struct nsv_export *x);

/* How many namespaces of each type there are from `ts` on. */
void nsv_export_namespaces(struct nsv_export *x, uint64_t ts, const uint64_t counts[NSL_TYPES]);

/* The last part. 0, or the negative errno of the first write that failed. */
int nsv_export_end(struct nsv_export *x, const struct nsv_end *end);

#endif
