/* SPDX-License-Identifier: GPL-2.0-only */
/* The throw-away namespaces of a scenario, and the task that holds them. */
#ifndef NSLENS_LAB_STAGE_H
#define NSLENS_LAB_STAGE_H

#include "actor.h"

struct lab_stage {
	pid_t task;		     /* child of the caller */
	pid_t init;		     /* pid 1 of the stage, in the machine's numbers */
	int channel[LAB_MAX_ACTORS]; /* the driver's ends */
};

/* 0, or -1 with `e` filled; nothing is left then. */
int lab_stage_open(struct lab_stage *stage, const struct lab_scenario *s, struct lab_error *e);
/* Ends all tasks of it, and returns when they are gone. */
void lab_stage_close(struct lab_stage *stage);

#endif
