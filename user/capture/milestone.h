/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The texts of a milestone, from the raw parts that the kernel side sends: strings
 * that may be long, names of a path from its end, numbers of an id map.
 */
#ifndef NSLENS_CAPTURE_MILESTONE_H
#define NSLENS_CAPTURE_MILESTONE_H

#include "../../bpf/event.h"

/* In place; `raw` has become a plain struct nsl_milestone afterwards, in its size, too. */
void milestone_finish(struct nsl_milestone_raw *raw);

#endif
