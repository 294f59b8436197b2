/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a scenario's steps, one at a time, in throw-away namespaces.
 *
 *   driver -> stage task (user, mnt … namespaces) -> pid 1 of a pid namespace -> actors
 *
 * Each dies with the one before it (PR_SET_PDEATHSIG), and with pid 1 the kernel
 * ends everything in its pid namespace: whatever happens to nslens, even SIGKILL,
 * nothing is left. Mounts, limits, names and descriptors go with the tasks.
 */
#ifndef NSLENS_LAB_DRIVER_H
#define NSLENS_LAB_DRIVER_H

#include <signal.h>
#include <sys/types.h>

#include "scenario.h"

struct lab_driver;

/* What a step came to, as its actor saw it. */
struct lab_outcome {
	enum {
		LAB_DONE,
		LAB_REFUSED, /* it would have changed the machine: not done */
		LAB_BROKEN,  /* the lab failed, or the actor is gone: `text` */
		LAB_TIMEOUT, /* the actor has not answered */
	} kind;
	bool interactive; /* somebody at the terminal did it: nothing of it is compared */
	int64_t ret;
	int err;
	char text[4096];
};

/*
 * Whether it can run here: kernel version, root, types, programs. False with the
 * reason in `why`: "needs Linux >=6.3, this is 6.1".
 */
bool lab_can_run(const struct lab_scenario *s, unsigned int kernel, char *why, size_t size);

/* Makes the stage and the declared actors. NULL with `e` (no line) filled. */
struct lab_driver *lab_driver_open(const struct lab_scenario *s, const volatile sig_atomic_t *stop,
				   struct lab_error *e);
/*
 * From now on `shell` steps are for whoever sits at this terminal. `idle` is called
 * ten times a second meanwhile.
 */
void lab_driver_interactive(struct lab_driver *d, int in, int out, void (*idle)(void *ctx),
			    void *ctx);
/* Does one step and waits for it. */
void lab_driver_step(struct lab_driver *d, const struct lab_step *step, struct lab_outcome *out);
/* Ends everything and waits until it is gone. */
void lab_driver_close(struct lab_driver *d);

/* The task of an actor, in the machine's numbers; 0: not born yet. Kept when dead. */
pid_t lab_driver_tid(const struct lab_driver *d, int actor);
bool lab_driver_dead(const struct lab_driver *d, int actor);

#endif
