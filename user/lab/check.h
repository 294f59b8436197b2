/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares what was seen of a step with what its file expects. Pure.
 *
 * What cannot be seen with the hooks that the machine permits is said to be so,
 * and never counts as held.
 */
#ifndef NSLENS_LAB_CHECK_H
#define NSLENS_LAB_CHECK_H

#include "seen.h"

/* Everything that an expectation can be about. */
struct lab_world {
	const struct lab_scenario *s;
	const struct nsg *graph; /* NULL: nothing of the kernel is seen */
	const struct lab_seen *seen;
	bool functions; /* steps and deaths are seen */
	bool keepers;	/* the graph's keepers were read after this step */
	unsigned int kernel;
	uint32_t tid[LAB_MAX_ACTORS];
	uint64_t mark[LAB_MAX_MARKS]; /* ids; 0: not known */
};

enum lab_verdict { LAB_HOLDS, LAB_DIFFERS, LAB_NOT_OBSERVABLE };

struct lab_finding {
	enum lab_key key;
	enum lab_verdict verdict;
	char expected[700];
	char really[1400];
};

#define LAB_MAX_FINDINGS 40

/* What the actor itself got. */
struct lab_got {
	int64_t ret;
	int err;
	const char *text;
	bool interactive; /* it was the user's doing: neither result nor text is compared */
};

/* Compares all that holds for w->kernel; returns the number of findings. */
size_t lab_check(const struct lab_world *w, const struct lab_step *step, const struct lab_got *got,
		 struct lab_finding *f);

/* Takes the step's marks over into w->mark; call it before lab_check(). */
void lab_take_marks(struct lab_world *w, const struct lab_step *step);

/* Does the step expect something that needs keepers, or that takes its time? */
bool lab_wants(const struct lab_step *step, unsigned int kernel, enum lab_key key);

/* Is something known that holds each of the marks that the step expects to be alive? */
bool lab_alive_is_held(const struct lab_world *w, const struct lab_step *step);

/* The call that the step is about; NULL: none was seen. */
const struct nsm_call *lab_call_of(const struct lab_world *w, const struct lab_step *step);

#endif
