/* SPDX-License-Identifier: GPL-2.0-only */
/* Two start-ups for the page: what --compare of nslens export and nslens serve puts into it. */
#ifndef NSLENS_COMPARE_H
#define NSLENS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/error.h"
#include "../view/buf.h"

/*
 * The line `compare` (user/web/app/README.md): the object of `nslens diff --json A B`, and
 * the first start-up of each side. A and B are named as there. -1 with `e` filled.
 */
int compare_line(const char *a, const char *b, struct nsv_buf *line, struct nsl_error *e);

/*
 * The first recording of B as lines `other`, whole; nothing if A names it, too. `put` has
 * each line until it returns; false: no more, please. -1 with `e` filled.
 */
int compare_other(const char *command, const char *a, const char *b,
		  bool (*put)(void *ctx, const char *json, size_t len), void *ctx,
		  struct nsl_error *e);

/* The first recording that a side names; the caller frees it. NULL: out of memory. */
char *compare_file(const char *side);
/* Is it one of those that the side names? */
bool compare_reads(const char *side, const char *file);

/* Help, of both commands. */
#define COMPARE_ABOUT                                                                              \
	"beside it another start-up, aligned as nslens diff does it: FILE, FILE#N, FILE#NAME, "    \
	"or several by commas; the first one may be named so, too"

#endif
