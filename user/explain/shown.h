/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a branch of a path can be seen for real: a scenario of `nslens lab`, or the
 * reason why none provokes it.
 */
#ifndef NSLENS_EXPLAIN_SHOWN_H
#define NSLENS_EXPLAIN_SHOWN_H

#include "paths.h"

/* A row is for the branches that all it names fits; the first that fits counts. */
struct nse_shown {
	const char *fn;	   /* the kernel function; NULL: any */
	int err;	   /* 0: any */
	const char *words; /* of the condition or the effect; NULL: any */
	const char *scenario;
	const char *why_not; /* instead of `scenario` */
};

/* NULL: the row is no branch (a call, or what always happens). */
const struct nse_shown *nse_shown_in(const struct nse_place *row);

/*
 * Adds the names of the scenarios that show branches of these rows to the `n` that
 * stand in `out`, each once; `err`: only of branches that end with it (0: of all).
 * Returns how many there are then.
 */
size_t nse_scenarios_of(const struct nse_place *rows, size_t nrows, int err, const char **out,
			size_t n, size_t max);

#endif
