/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: which track of its lane a namespace is drawn on, and from where to where. */
#ifndef NSLENS_VIEW_RAILS_TRACKS_H
#define NSLENS_VIEW_RAILS_TRACKS_H

#include "../model/graph.h"
#include "vec.h"

/*
 * A place down the grid that does not move when rows come or grow: nsproxy ids rise
 * with the rows, and lines are added at the end of their row.
 */
struct nsv_place {
	uint64_t row; /* id of the nsproxy, see struct nsv_old_row */
	uint32_t line;
};

int nsv_place_order(struct nsv_place a, struct nsv_place b);

/* A place that uses a namespace. */
struct nsv_use {
	const struct nsg_ns *ns;
	struct nsv_place place;
	uint32_t track; /* nsv_tracks_update() fills in these two */
	bool label;
	bool now; /* as in nsv_cell */
};

struct nsv_stretch {
	uint64_t id;
	const struct nsg_ns *ns; /* NULL between updates */
	struct nsv_place first, last;
	uint32_t track;
};

/* One lane: for each track a nsv_vec of nsv_stretch, by place. Zeroed: empty. */
struct nsv_tracks {
	struct nsv_vec tracks;
};

/*
 * Puts `uses` (a nsv_vec of nsv_use, of one lane; sorted here) on tracks. What was
 * there before stays on its track as far as it is still used. False: out of memory.
 */
bool nsv_tracks_update(struct nsv_tracks *t, struct nsv_vec *uses);
void nsv_tracks_clear(struct nsv_tracks *t);

#endif
