// SPDX-License-Identifier: GPL-2.0-only
#include "rails.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rails_work.h"

void nsv_rails_forget(struct nsv_rails_memory *m)
{
	for (size_t i = 0; i < m->rows.n; i++)
		nsv_vec_free(&((struct nsv_old_row *)m->rows.data)[i].folds);
	nsv_vec_free(&m->rows);
	for (size_t i = 0; i < NSL_TYPES; i++)
		nsv_tracks_clear(&m->tracks[i]);
	free(m->container);
	*m = (struct nsv_rails_memory){0};
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Another filter shows other rows: those that it leaves out are no ghosts. */
static bool remember_filter(struct nsv_rails_memory *m, const struct nsv_graph_filter *f)
{
	if (m->valid && m->filter.types == f->types && m->filter.task == f->task &&
	    m->filter.ns == f->ns && same_text(m->filter.container, f->container))
		return true;
	nsv_rails_forget(m);
	m->filter = *f;
	if (f->container) {
		m->container = strdup(f->container);
		if (!m->container)
			return false;
		m->filter.container = m->container;
	}
	m->valid = true;
	return true;
}

static int cell_order(const void *a, const void *b)
{
	const struct nsv_cell *x = a, *y = b;

	if (x->line != y->line)
		return NSV_ORDER(x->line, y->line);
	return x->lane != y->lane ? NSV_ORDER(x->lane, y->lane) : NSV_ORDER(x->track, y->track);
}

static void hand_over(struct nsv_rails_work *w)
{
	struct nsv_rails *r = w->r;
	size_t at = 0, proc = 0;

	nsv_vec_sort(&w->cells, sizeof(struct nsv_cell), cell_order);
	r->rows = w->rows.data;
	r->nrows = w->rows.n;
	r->lines = w->lines.data;
	r->nlines = w->lines.n;
	r->cells = w->cells.data;
	r->ncells = w->cells.n;
	r->rails = w->rails.data;
	r->nrails = w->rails.n;
	r->procs = w->procs.data;
	for (size_t i = 0; i < r->nlines; i++) {
		struct nsv_line *line = &r->lines[i];

		while (at + line->ncells < r->ncells && r->cells[at + line->ncells].line == i)
			line->ncells++;
		line->cells = line->ncells ? &r->cells[at] : NULL;
		line->procs = line->nprocs ? &r->procs[proc] : NULL;
		at += line->ncells;
		proc += line->nprocs;
	}
}

static void clear(struct nsv_rails *r)
{
	struct nsv_rails_memory *m = r->memory;

	free(r->rows);
	free(r->lines);
	free(r->cells);
	free(r->rails);
	free(r->procs);
	*r = (struct nsv_rails){.memory = m};
}

int nsv_rails_update(struct nsv_rails *r, const struct nsg *g,
		     const struct nsv_graph_filter *filter, size_t ghosts)
{
	struct nsv_rails_work w = {.r = r, .m = r->memory, .g = g};
	bool done;

	clear(r);
	w.pick = nsv_pick_new(g, filter);
	done = w.pick && remember_filter(r->memory, filter) && nsv_rails_rows(&w, ghosts) &&
	       nsv_rails_lines(&w) && nsv_rails_cells(&w) && nsv_rails_lone(&w);
	hand_over(&w);
	if (!done) {
		clear(r);
		nsv_rails_forget(r->memory);
	}
	nsv_pick_free(w.pick);
	nsv_vec_free(&w.entries);
	for (size_t i = 0; i < NSL_TYPES; i++)
		nsv_vec_free(&w.uses[i]);
	return done ? 0 : -ENOMEM;
}

struct nsv_rails *nsv_rails_new(void)
{
	struct nsv_rails *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->memory = calloc(1, sizeof(*r->memory));
	if (!r->memory) {
		free(r);
		return NULL;
	}
	return r;
}

void nsv_rails_free(struct nsv_rails *r)
{
	if (!r)
		return;
	clear(r);
	nsv_rails_forget(r->memory);
	free(r->memory);
	free(r);
}

void nsv_rails_tidy(struct nsv_rails *r)
{
	nsv_rails_forget(r->memory);
}

static int rail_order(const struct nsv_rail *rail, size_t lane, size_t track)
{
	return rail->lane != lane ? NSV_ORDER(rail->lane, lane) : NSV_ORDER(rail->track, track);
}

const struct nsv_rail *nsv_rails_at(const struct nsv_rails *r, size_t line, size_t lane,
				    size_t track)
{
	size_t low = 0, high = r->nrails;

	/* the first one that begins below the line: the one before it may cover it */
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct nsv_rail *rail = &r->rails[middle];
		int order = rail_order(rail, lane, track);

		if (order < 0 || (!order && rail->first <= line))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || rail_order(&r->rails[low - 1], lane, track) || r->rails[low - 1].last < line)
		return NULL;
	return &r->rails[low - 1];
}

int nsv_rails_lane(const struct nsv_rails *r, enum nsl_type type)
{
	for (size_t i = 0; i < r->nlanes; i++)
		if (r->lanes[i].type == type)
			return (int)i;
	return -1;
}
