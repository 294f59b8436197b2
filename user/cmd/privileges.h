/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving up what is not needed once everything is attached: what comes out of the ring
 * is hostile text, and is put on a screen or into a file by less than root.
 */
#ifndef NSLENS_PRIVILEGES_H
#define NSLENS_PRIVILEGES_H

#include <stdint.h>

#include "../model/error.h"

enum privileges_need {
	/* the programs' counters, what they missed, and paths of cgroups by their id */
	NEED_COUNTERS = 1 << 0,
	/* a new snapshot, and /proc of every task: after a loss, and for keepers */
	NEED_GRAPH = 1 << 1,
	/* to hand a signal on to CMD, which may be another user's */
	NEED_KILL = 1 << 2,
	/* files that are made later, as the user that nslens was started as, wherever */
	NEED_FILES = 1 << 3,
};

/*
 * Keeps `needs` (enum privileges_need) for good and gives up the rest. Without NEED_GRAPH and
 * NEED_FILES nslens is nobody afterwards, if it was root. A process that has nothing to
 * give up is left alone. -1 with `e` filled.
 */
int privileges_drop(unsigned int needs, struct nsl_error *e);

#endif
