/* SPDX-License-Identifier: GPL-2.0-only */
/* Two sides of start-ups as text, as one JSON object, or as Markdown for a ticket. */
#ifndef NSLENS_VIEW_DIFF_H
#define NSLENS_VIEW_DIFF_H

#include "../explain/diff.h"
#include "view.h"

/* Where a run comes from. */
struct nsv_diff_run {
	const char *file;    /* hostile text, as all below */
	const char *release; /* of the kernel that it ran on */
	uint64_t wall_ns;    /* when it began; 0: not known */
};

struct nsv_diff {
	const struct nsa *n;
	const struct nsv_diff_run *runs[2]; /* by side, then as in n->side[].runs */
	bool all;			    /* also what is the same, row by row */
};

void nsv_diff_text(struct nsv *v, const struct nsv_diff *d);
void nsv_diff_json(struct nsv *v, const struct nsv_diff *d);
void nsv_diff_markdown(struct nsv *v, const struct nsv_diff *d);

#endif
