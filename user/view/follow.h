/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens to a graph that is followed: a line each, as text or as JSON Lines
 * (user/doc/json.md). Every function writes its line at once.
 */
#ifndef NSLENS_VIEW_FOLLOW_H
#define NSLENS_VIEW_FOLLOW_H

#include <stdio.h>

#include "../model/graph.h"

struct nsv_follow {
	FILE *out;
	bool json;
	bool utf8;	  /* text: the terminal shows it */
	uint64_t mono_ns; /* CLOCK_MONOTONIC of the start: times are relative to it */
};

void nsv_follow_born(const struct nsv_follow *f, const struct nsg_ns *ns, uint64_t ts);
void nsv_follow_died(const struct nsv_follow *f, const struct nsg_ns *ns, uint64_t ts,
		     const struct nsg_cause *cause);
void nsv_follow_lost(const struct nsv_follow *f, uint64_t ts, uint64_t count);
/* A snapshot has made the graph right again after a loss; `ns`: how long it took. */
void nsv_follow_resync(const struct nsv_follow *f, uint64_t ts, uint64_t ns);

struct nsv_verify {
	uint64_t ts;
	struct nsg_totals totals;
	const struct nsg_difference *differences; /* confirmed ones */
	size_t ndifferences;
	unsigned int snapshots; /* that it took until nothing was in doubt */
	bool stale;
	const char *against; /* what the graph was compared with */
};

void nsv_follow_verify(const struct nsv_follow *f, const struct nsv_verify *v);

#endif
