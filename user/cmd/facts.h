/* SPDX-License-Identifier: GPL-2.0-only */
/* The ladder's choices, as facts for people and for the JSON start record. */
#ifndef NSLENS_FACTS_H
#define NSLENS_FACTS_H

#include "../capture/ladder.h"
#include "../view/view.h"

/*
 * Fills at most `max` rows, one a fact in the order of the hook table; returns their number.
 * Those of milestones only where they are wanted.
 */
size_t facts_of_ladder(const struct ladder *l, bool milestones, struct nsv_fact *facts, size_t max);

#endif
