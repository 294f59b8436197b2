/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exact form of a recording (JSON Lines, schema nslens-events/1: user/doc/export.md),
 * read back. It comes from anywhere and is hostile: lines are bounded, every member is
 * checked, and nothing is believed that the models do not check again.
 */
#ifndef NSLENS_STORE_IMPORT_H
#define NSLENS_STORE_IMPORT_H

#include <stdio.h>

#include "../model/error.h"
#include "../model/graph.h"
#include "meta.h"

/* In this order: start, rows, keyframe, events, end. Each returns 0, or -1 with `e` filled. */
struct store_import_sink {
	void *ctx;
	int (*start)(void *ctx, const struct store_meta *meta, struct nsl_error *e);
	int (*row)(void *ctx, const struct nsl_head *row, struct nsl_error *e);
	int (*keyframe)(void *ctx, const struct nsg_totals *totals, struct nsl_error *e);
	int (*event)(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e);
	int (*end)(void *ctx, const struct store_meta *end, struct nsl_error *e);
};

/* `name` is for errors: they tell the line. */
int store_import(FILE *in, const char *name, const struct store_import_sink *sink,
		 struct nsl_error *e);

#endif
