/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps as a scenario writes them, with their short forms, for one kernel version. */
#ifndef NSLENS_LAB_WANTED_H
#define NSLENS_LAB_WANTED_H

#include "scenario.h"

#define LAB_MAX_WANTED 96

struct lab_wanted {
	enum nsl_fn fn;
	enum nsm_outcome outcome;
	int err; /* FAILED: positive errno; 0: any */
};

/*
 * Expands `words` for `kernel` (0: the newest). The number of steps, or -1 with
 * `why` filled: which word, why, and what to write instead.
 */
int lab_wanted(const struct lab_words *words, unsigned int kernel, struct lab_wanted *out,
	       char *why, size_t size);

#endif
