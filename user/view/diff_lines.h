/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what the text and the Markdown of a diff have in common. */
#ifndef NSLENS_VIEW_DIFF_LINES_H
#define NSLENS_VIEW_DIFF_LINES_H

#include "diff.h"
#include "text.h"

/* "-" only in A, "+" only in B, "!" fails on one side, "~" another way, "." no difference */
char nsv_diff_marker(unsigned int marks);

/* The result of a row on one side: its time, its errno, "yes"; "-" where it is not. */
const char *nsv_diff_cell(const struct nsv *v, const struct nsa_cell *cell, char buf[NSV_WORD]);
/* The middle time, "-" for none. */
const char *nsv_diff_time(const struct nsv *v, const struct nsa_times *t, bool present,
			  char buf[NSV_WORD]);
/* "+2.00 s", "" where nothing is known */
const char *nsv_diff_more(const struct nsv *v, const struct nsa_times side[2], char buf[NSV_WORD]);

/* "boot.nslens #2", "boot.nslens #1 and 9 more" */
const char *nsv_diff_side(const struct nsv_diff *d, int side, char *buf, size_t size);
/* "runc web-1": the runtime and the container of the first run */
const char *nsv_diff_what(const struct nsv_diff *d, int side, char *buf, size_t size);
/* "running", "8 running, 2 failed" */
const char *nsv_diff_end(const struct nsv_diff *d, int side, char *buf, size_t size);

/* "created", "created; 1 left behind" */
const char *nsv_diff_ns(const struct nsa_ns *ns, int side, char *buf, size_t size);

/* Rows from `at` on that need no line each: alike, or (`vary`) in some runs only, by chance. */
size_t nsv_diff_run_length(const struct nsv_diff *d, size_t at, size_t *vary);

#endif
