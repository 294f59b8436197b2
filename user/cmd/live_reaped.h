/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Zombies that are gone, which the kernel did not tell. sched_process_free is called from RCU
 * callbacks; one microVM's kernel (6.18) leaves its programs out for 1 to 5 of 1,000 tasks, and
 * counts no miss (tests/behave/reaped.sh).
 */
#ifndef NSLENS_CMD_LIVE_REAPED_H
#define NSLENS_CMD_LIVE_REAPED_H

#include "../capture/capture.h"
#include "../model/graph.h"

struct live_reaped {
	uint64_t looked; /* ns, CLOCK_MONOTONIC */
	size_t n;	 /* that were found gone then: what the kernel tells may still come */
	struct {
		uint32_t tid;
		uint64_t start;
	} gone[256];
};

/* Looks from time to time; each zombie that is gone gives an NSL_TASK_FREE of now to `fn`. */
void live_reaped_look(struct live_reaped *r, struct capture *c, const struct nsg *g, uint64_t now,
		      capture_fn fn, void *ctx);

#endif
