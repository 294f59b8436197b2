/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the checker share. */
#ifndef NSLENS_LAB_CHECK_INTERNAL_H
#define NSLENS_LAB_CHECK_INTERNAL_H

#include "check.h"

struct lab_findings {
	struct lab_finding *f; /* LAB_MAX_FINDINGS */
	size_t n;
};

struct lab_finding *lab_find(struct lab_findings *to, enum lab_key key, enum lab_verdict verdict);
__attribute__((format(printf, 5, 6))) void lab_found(struct lab_findings *to, enum lab_key key,
						     enum lab_verdict verdict, const char *expected,
						     const char *format, ...);
/* Does the verb make a call that is told whatever comes of it? Then none seen is none made. */
bool lab_call_is_told(const struct lab_step *step);
/* steps, has, never: check_steps.c */
void lab_check_steps(const struct lab_world *w, const struct lab_step *step,
		     const struct lab_expect *x, struct lab_findings *to);
/* died, alive, keepers, same, different, tasks, level, owner, parent: check_graph.c */
void lab_check_graph(const struct lab_world *w, const struct lab_expect *x,
		     struct lab_findings *to);

#endif
