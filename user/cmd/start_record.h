/* SPDX-License-Identifier: GPL-2.0-only */
/* The first record of every stream: what is traced, where, and how it is learnt. */
#ifndef NSLENS_START_RECORD_H
#define NSLENS_START_RECORD_H

#include "../capture/capture.h"
#include "../view/view.h"

/* `what`: hostile text, or NULL. Returns CLOCK_MONOTONIC of the start: times are told from it. */
uint64_t start_record_write(struct nsv *view, const struct machine *m, const struct capture *c,
			    const char *what);

/* The same, not written: `start` points into `facts`, `m` and `what`. */
void start_record_fill(struct nsv_start *start, struct nsv_fact facts[MAX_HOOKS],
		       const struct machine *m, const struct capture *c, const char *what);

#endif
