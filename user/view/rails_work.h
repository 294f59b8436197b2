/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what the steps of one layout share, and what is remembered between two. */
#ifndef NSLENS_VIEW_RAILS_WORK_H
#define NSLENS_VIEW_RAILS_WORK_H

#include "rails.h"
#include "rails_tracks.h"

/* What a line folds. */
struct nsv_fold {
	uint64_t user, pid; /* ids; 0: none */
	bool taken;
};

struct nsv_old_row {
	uint64_t id;	      /* of the nsproxy; a number above all ids while it has none */
	struct nsv_vec folds; /* one for each line */
};

struct nsv_rails_memory {
	bool valid;
	struct nsv_graph_filter filter;
	char *container;     /* filter.container points here */
	struct nsv_vec rows; /* nsproxies and ghosts, by id: the first of rows[] */
	struct nsv_tracks tracks[NSL_TYPES];
};

/* A task that is shown. */
struct nsv_entry {
	const struct nsg_task *task;
	uint64_t user, pid; /* ids */
	size_t row;
	size_t line; /* in its row */
};

/* Grows while a layout is made; most of it becomes that of struct nsv_rails. */
struct nsv_rails_work {
	struct nsv_rails *r;
	struct nsv_rails_memory *m;
	const struct nsg *g;
	struct nsv_pick *pick;
	struct nsv_vec entries, procs, rows, lines, cells, rails;
	struct nsv_vec uses[NSL_TYPES];
};

void nsv_rails_forget(struct nsv_rails_memory *m);

/* All return false when out of memory. */
bool nsv_rails_rows(struct nsv_rails_work *w, size_t ghosts);
bool nsv_rails_lines(struct nsv_rails_work *w);
bool nsv_rails_cells(struct nsv_rails_work *w);
bool nsv_rails_lone(struct nsv_rails_work *w);

struct nsv_row *nsv_rails_add_row(struct nsv_rails_work *w, enum nsv_row_kind kind, uint64_t id);
/* Below the rails: on the namespace's track if it has one, always with a label. */
bool nsv_rails_add_loose(struct nsv_rails_work *w, const struct nsg_ns *ns, size_t line);

#endif
