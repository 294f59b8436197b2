/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording in the order in which the page is fed: by a server, or in a file. */
#ifndef NSLENS_WEB_RECORDED_H
#define NSLENS_WEB_RECORDED_H

#include "../store/reader.h"

/* See web/lines.h. False: no more of it, please. */
struct web_recorded_sink {
	void *ctx;
	bool (*before)(void *ctx, const struct nsl_head *event);
	bool (*rows)(void *ctx);
	bool (*row)(void *ctx, const struct nsl_head *row);
	bool (*rows_end)(void *ctx, const struct nsg_totals *totals);
	bool (*event)(void *ctx, const struct nsl_head *event);
};

/*
 * From `from` (0: as soon as the recorder had the graph whole) to `to`, CLOCK_MONOTONIC of
 * the recording. -1 with `e` filled.
 */
int web_recorded_read(struct store_reader *r, uint64_t from, uint64_t to,
		      const struct web_recorded_sink *sink, struct nsl_error *e);

/* Nanoseconds that it lasted. */
uint64_t web_recorded_duration(const struct store_reader *r);

#endif
