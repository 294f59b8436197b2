/* SPDX-License-Identifier: GPL-2.0-only */
/* What every format of nslens export is given, and reads a recording with. */
#ifndef NSLENS_EXPORT_H
#define NSLENS_EXPORT_H

#include <stdio.h>

#include "../store/reader.h"
#include "../view/buf.h"
#include "../view/view.h"
#include "recorded.h"

struct export_job {
	const char *input, *output;  /* output NULL: standard output */
	struct store_reader *reader; /* where names are replaced it tells events without them */
	struct store_meta meta;	     /* likewise */
	struct recorded_start start; /* of `meta` */
	uint64_t from, to; /* CLOCK_MONOTONIC of the first and the last event; 0, UINT64_MAX: all */
	uint64_t at;	   /* the moment, for formats of one */
	struct nsv_buf compare;	  /* html: the line of two start-ups side by side, or empty */
	const char *side, *other; /* two start-ups, as diff reads them; or NULL */
	bool force;		  /* a recording of that name may be replaced */
	FILE *out;		  /* NULL: the format writes a file of its own */
	int format;		  /* row of the table in export.c */
};

/* A format: 0, or -1 with `e` filled. */
typedef int (*export_fn)(struct export_job *job, struct nsl_error *e);

int export_events(struct export_job *job, struct nsl_error *e); /* nslens-events/1 */
int export_copy(struct export_job *job, struct nsl_error *e);	/* a recording */
int export_story(struct export_job *job, struct nsl_error *e);	/* nslens/1 */
int export_perfetto(struct export_job *job, struct nsl_error *e);
int export_chrome(struct export_job *job, struct nsl_error *e);
int export_folded(struct export_job *job, struct nsl_error *e);
int export_prometheus(struct export_job *job, struct nsl_error *e);
int export_html(struct export_job *job, struct nsl_error *e); /* the page with it inside */
int export_otlp(struct export_job *job, struct nsl_error *e);

/*
 * What is read, in this order; members may be NULL. Each returns 0, or -1 with `e`
 * filled. Rows are what was known before the first event, where it is not the first of all.
 */
struct export_sink {
	void *ctx;
	int (*keyframe)(void *ctx, uint64_t seq, const struct nsg_totals *totals,
			struct nsl_error *e);
	int (*row)(void *ctx, const struct nsl_head *row, struct nsl_error *e);
	int (*rows_end)(void *ctx, struct nsl_error *e);
	int (*event)(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e);
};

int export_read(struct export_job *job, const struct export_sink *sink, struct nsl_error *e);

/* `err`: negative errno of a write. A reader that went away is no failure. */
int export_written(const struct export_job *job, int err, struct nsl_error *e);

#endif
