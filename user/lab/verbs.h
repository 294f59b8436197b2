/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the forms that `do` can have. */
#ifndef NSLENS_LAB_VERBS_H
#define NSLENS_LAB_VERBS_H

#include "scenario.h"

/*
 * Words in capitals are kinds of arguments, others stand as they are; a word with
 * '=' is both. TEXT is the rest of the line. The first form that fits counts.
 */
struct lab_form {
	enum lab_verb verb;
	const char *form;
	uint64_t flags;	  /* of the system call behind it */
	const char *text; /* op.text of a form that has no such argument */
};

extern const struct lab_form lab_forms[];
extern const size_t lab_nforms;

#endif
