/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report of a recording's start-ups: text for people, Markdown for a ticket, JSON
 * for tools (user/doc/report.md).
 */
#ifndef NSLENS_VIEW_REPORT_H
#define NSLENS_VIEW_REPORT_H

#include "../explain/report.h"
#include "view.h"

enum nsv_report_format { NSV_REPORT_TEXT, NSV_REPORT_MARKDOWN, NSV_REPORT_JSON };

struct nsv_report {
	const char *file; /* as it was named; hostile text */
	struct nsv_start start;
	uint64_t end;	    /* CLOCK_MONOTONIC of the last event */
	bool cut;	    /* nobody closed the recording */
	bool steps_unknown; /* tracepoints only */
	bool no_milestones; /* the recording has none */
	uint64_t lost, gaps, left_out, unrun;
	const struct nsu_startup *const *list; /* those that are asked for */
	size_t n;
	size_t all;			       /* before options left some out */
	size_t others; /* of those: not by the command that was recorded */
	const struct nsu_startup *const *full; /* of these everything is told */
	size_t nfull;
	const struct nsu_joined *joins;
	size_t njoins;
};

/* -1: memory ran out. `v` was made with the options of the text. */
int nsv_report(struct nsv *v, enum nsv_report_format format, const struct nsv_report *r);

/* One start-up as a line of the JSON form. Facts and texts of the start are not read. */
void nsv_report_startup_json(struct nsv *v, const struct nsv_start *start,
			     const struct nsu_startup *s);

#endif
