/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what the files of the lines share. */
#ifndef NSLENS_WEB_LINES_INTERNAL_H
#define NSLENS_WEB_LINES_INTERNAL_H

#include <stdio.h>

#include "../view/json.h"
#include "changes.h"
#include "lines.h"
#include "startups.h"

struct web_lines {
	struct web_lines_options options;
	struct nsg *graph; /* NULL before the first rows */
	struct nsm *model;
	struct nsv *view;     /* writes into `out` */
	FILE *out;	      /* whose lines go to the caller */
	struct nsv_buf taken; /* what `out` was given and is no whole line yet */
	struct nsv_buf extra; /* members to be added to the next line of the view */
	enum web_line kind;   /* of the next line of the view */
	struct nsv_buf buf;   /* a line of our own */
	struct web_changes changes;
	struct web_startups startups;
	const struct nsl_head *event; /* that is being applied, or NULL */
	uint8_t last_kind;
	bool silent;	      /* nothing is told */
	bool told;	      /* the present event made a line */
	unsigned int changed; /* so often was told what changed since the last flush */
	bool snapshot;	      /* between its markers */
	bool short_of_memory; /* once: something was not told */
	uint64_t untold;      /* lines of late that memory was missing for; not yet a gap */
	bool keyframe_wanted; /* what changed cannot be told otherwise */
	uint64_t mono_ns;
	uint64_t ts; /* of the last event */
	nse_kernel kernel;
	bool steps;
	char release[80];
	/* since the last keyframe */
	size_t lines, bytes, keyframe_bytes;
};

/* Lines that are made here (lines_json.c). */
void web_put_line(struct web_lines *l, enum web_line kind, struct nsv_buf *buf);
int64_t web_since(const struct web_lines *l, uint64_t ts);
void web_put_texts(struct web_lines *l);
void web_put_task(struct web_lines *l, const struct nsl_task *e);
void web_put_ns(struct web_lines *l, const struct nsg_ns *ns, bool destroyed,
		const struct nsg_cause *cause);
void web_put_graph(struct web_lines *l);
/* Adds members to an object that is complete: before its last bracket. */
void web_splice(struct nsv_buf *object, const struct nsv_buf *members);

#endif
