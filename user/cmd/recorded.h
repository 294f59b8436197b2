/* SPDX-License-Identifier: GPL-2.0-only */
/* -i FILE: what commands that read a recording have in common. */
#ifndef NSLENS_RECORDED_H
#define NSLENS_RECORDED_H

#include "../store/reader.h"
#include "../view/view.h"

/* The start record, as the store keeps it. */
void recorded_meta(struct store_meta *meta, const struct nsv_start *start);

struct recorded_start {
	struct nsv_start start;
	struct nsv_fact facts[STORE_MAX_FACTS];
};

/* And back; it points into `meta`. */
void recorded_start(struct recorded_start *s, const struct store_meta *meta);

/*
 * Opens it for `command`, no longer as root where the file is not root's: it may be
 * hostile. Tells on standard error if it was cut off. NULL with `e` filled.
 */
struct store_reader *recorded_open(const char *command, const char *path, struct nsl_error *e);

/* Both name one file. */
bool recorded_is(const char *file, const char *other);

/* What is read must not be written: the exit status of bad usage, or -1. Either may be NULL. */
int recorded_spare(const char *command, const char *input, const char *output);

/*
 * "+1.5s", "-0.2s" (since the start of the recording), "end", "2026-11-22 09:31:33.5",
 * "09:31:33" (local time, of the day on which it began), or "@SECONDS" (since 1970): as
 * CLOCK_MONOTONIC of the recording. -1 with `e` filled.
 */
int recorded_time(const struct store_reader *r, const char *text, uint64_t *ts,
		  struct nsl_error *e);

#endif
