/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of nslens lab share. */
#ifndef NSLENS_CMD_LAB_H
#define NSLENS_CMD_LAB_H

#include <stdio.h>

#include "../lab/scenario.h"
#include "../view/json.h"
#include "lab_session.h"

struct lab_options {
	enum hooks_mode mode;
	const char *btf;
	int colour;
	bool json;
	bool verbose;
	/* serve */
	unsigned int port;
	bool follow_me;
};

/* A scenario by its name, or from a file. NULL: told on standard error. */
struct lab_scenario *lab_load(const char *what);
/* One of the program's own. NULL: there is none of this name, or it was told. */
struct lab_scenario *lab_load_own(const char *name);
/* All of the program's own, in the order of the course; NULL: out of memory. */
struct lab_scenario **lab_load_all(size_t *n);
void lab_free_all(struct lab_scenario **all, size_t n);
/* One object of `nslens lab list --json`. */
void lab_list_object(struct nsv_json *j, const struct lab_scenario *s, unsigned int kernel);

/* A step of which nothing is told or asked belongs to the one before. */
bool lab_step_belongs(const struct lab_step *step);
/* The next step that this kernel takes, from `i` on; nsteps: none. */
size_t lab_next_step(const struct lab_scenario *s, unsigned int kernel, size_t i);
/* What its actor got, in words; the text it read is left to the caller. Returns `buf`. */
const char *lab_told(const struct lab_scenario *s, const struct lab_step *step,
		     const struct lab_outcome *o, char *buf, size_t size);

/* Each returns an exit status. `names`: of scenarios or files. */
int lab_list(const struct lab_options *o);
int lab_check_all(const struct lab_options *o, char **names, int n);
/* run: all at once; step: with pauses and questions */
int lab_lesson(const struct lab_options *o, const char *name, bool pauses);
/* run --json: the same as JSON Lines */
int lab_run_json(const struct lab_options *o, const char *name);
/* The page: `name` of the scenario to begin with, or NULL. */
int lab_serve(const struct lab_options *o, const char *name);
/* Runs `nslens lab ARGS` in the guest; returns only if it cannot. */
int lab_guest(const char *kernel, char **args, int n);

/* A finding in lines: "expected …", "but …". */
void lab_print_finding(FILE *out, const struct lab_scenario *s, size_t index,
		       const struct lab_finding *f);

#endif
