/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which branches of the kernel's paths (nslens explain) the calls of a scenario took:
 * so it is known what each explanation can be seen in.
 */
#ifndef NSLENS_CMD_LAB_BRANCHES_H
#define NSLENS_CMD_LAB_BRANCHES_H

#include "../explain/paths.h"
#include "../lab/seen.h"
#include "../view/json.h"

#define LAB_MAX_BRANCHES 256

struct lab_branches {
	struct {
		const struct nse_kfn *fn;
		const struct nse_node *node;
		enum nse_mark mark;
		size_t step;
	} row[LAB_MAX_BRANCHES];
	size_t n;
};

/* Adds what the calls of a step took, and where they left; each branch once. */
void lab_branches_add(struct lab_branches *b, const struct lab_seen *seen, size_t step,
		      unsigned int kernel);
void lab_branches_json(const struct lab_branches *b, struct nsv_json *j);

#endif
