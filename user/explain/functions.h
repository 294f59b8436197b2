/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel functions that the explanations name: where they stand, in which
 * versions, what they are for. Versions are those of the source trees that were
 * read: a change may lie a little before the first tree that has it.
 */
#ifndef NSLENS_EXPLAIN_FUNCTIONS_H
#define NSLENS_EXPLAIN_FUNCTIONS_H

#include "explain.h"

struct nse_kfn {
	const char *name;
	const char *file;  /* in the kernel's source */
	enum nsl_fn step;  /* NSL_FN_NONE: never a step of a call */
	nse_kernel since;  /* 0: before the oldest tree that was read, 4.19 */
	nse_kernel before; /* 0: to the end */
	const char *text;  /* NULL: that of the step (function.h) */
};

extern const struct nse_kfn nse_kfns[];
extern const size_t nse_kfn_count;

/* `len` bytes of name; NULL: none of ours. */
const struct nse_kfn *nse_kfn_find(const char *name, size_t len);
const char *nse_kfn_text(const struct nse_kfn *f);

/* The outcomes that a step of this function can have, bit 1 << enum nsm_outcome. */
unsigned int nse_outcomes(enum nsl_fn fn);
/* What an outcome of this function means, one or two sentences; NULL: it cannot occur. */
const char *nse_outcome(enum nsl_fn fn, enum nsm_outcome outcome);

#endif
