/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of nslens lab share. */
#ifndef NSLENS_CMD_LAB_H
#define NSLENS_CMD_LAB_H

#include <stdio.h>

#include "../lab/scenario.h"
#include "lab_session.h"

struct lab_options {
	enum hooks_mode mode;
	const char *btf;
	int colour;
	bool json;
	bool verbose;
};

/* A scenario by its name, or from a file. NULL: told on standard error. */
struct lab_scenario *lab_load(const char *what);

/* Each returns an exit status. `names`: of scenarios or files. */
int lab_list(const struct lab_options *o);
int lab_check_all(const struct lab_options *o, char **names, int n);
/* run: all at once; step: with pauses and questions */
int lab_lesson(const struct lab_options *o, const char *name, bool pauses);
/* Runs `nslens lab ARGS` in the guest; returns only if it cannot. */
int lab_guest(const char *kernel, char **args, int n);

/* A finding in lines: "expected …", "but …". */
void lab_print_finding(FILE *out, const struct lab_scenario *s, size_t index,
		       const struct lab_finding *f);

#endif
