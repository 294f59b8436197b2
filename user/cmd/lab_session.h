/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios, run one after the other under one live graph: the driver makes the
 * tasks act, the capture sees what the kernel does, the checker compares.
 */
#ifndef NSLENS_LAB_SESSION_H
#define NSLENS_LAB_SESSION_H

#include "../lab/check.h"
#include "../lab/driver.h"
#include "live.h"

struct lab_session {
	struct machine machine;
	struct live_options live_options; /* mode, set before opening */
	struct live *live;		  /* NULL: nothing of the kernel can be seen */
	char blind[512];		  /* why, then */
	struct nsm *model;
	struct lab_seen *seen;
	/* beside `seen`, for calls of actors alone; may be all NULL */
	struct nsm_sink view;
	uint64_t told;	  /* calls that it got */
	bool interactive; /* a shell in a scenario is for the user at the terminal */
	/* of the scenario that runs */
	const struct lab_scenario *s;
	struct lab_driver *driver;
	struct lab_world world;
	uint32_t tasks[LAB_MAX_ACTORS];
	size_t ntasks; /* that live */
};

/*
 * Attaches. Where that is not permitted it goes on blind, says why in `blind`, and
 * returns 0. -1 with `e`: out of memory, or stopped.
 */
int lab_session_open(struct lab_session *l, struct nsl_error *e);
void lab_session_close(struct lab_session *l);

/* Makes the stage of a scenario. -1 with `e` filled. */
int lab_session_begin(struct lab_session *l, const struct lab_scenario *s, struct nsl_error *e);
/* Ends it: nothing of it is left. */
void lab_session_end(struct lab_session *l);

struct lab_report {
	struct lab_outcome outcome;
	struct lab_finding f[LAB_MAX_FINDINGS];
	size_t n;
	bool gap; /* events were lost: what differs may have been missed */
};

/* Does the step, waits until all holds or time is up, and compares. -1 with `e`. */
int lab_session_step(struct lab_session *l, const struct lab_step *step, struct lab_report *r,
		     struct nsl_error *e);

/* Did it hold: done, and nothing differs? */
bool lab_report_holds(const struct lab_report *r);
size_t lab_report_count(const struct lab_report *r, enum lab_verdict verdict);

#endif
