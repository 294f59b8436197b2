// SPDX-License-Identifier: GPL-2.0-only
/* Pairs as rows: what each side knows of it, and what is not the same. */
#include <stdlib.h>
#include <string.h>

#include "align_internal.h"

/* A row shorter than this part of the whole is no reason why it took longer. */
#define SMALL_PART 200

static void fill_cell(struct nsa_cell *cell, const struct align_column *c, size_t runs)
{
	uint64_t values[NSA_MAX_RUNS];
	size_t n = 0;

	*cell = (struct nsa_cell){.item = c->first, .of_run = c->of_run};
	for (size_t r = 0; r < runs; r++) {
		const struct nsa_item *item = c->of_run[r];

		if (!item)
			continue;
		cell->runs++;
		cell->failed += item->err != 0;
		if (item->duration != NSM_DURATION_UNKNOWN && item->duration >= 0)
			values[n++] = (uint64_t)item->duration;
	}
	align_times(values, n, &cell->times);
}

/* What differs between any run of one side and any of the other: 0 where two are alike. */
static unsigned int changes(const struct nsa_cell *a, size_t n, const struct nsa_cell *b, size_t m)
{
	unsigned int first = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; a->of_run[i] && j < m; j++) {
			unsigned int changed;

			if (!b->of_run[j])
				continue;
			align_likeness(a->of_run[i], b->of_run[j], &changed);
			if (!changed)
				return 0;
			if (!any)
				first = changed;
			any = true;
		}
	}
	return first;
}

static bool has(const struct align *n, int side, const struct nsa_item *item)
{
	unsigned int kernel = n->pub.side[side].kernel;

	return !n->exists || !kernel || n->exists(item, kernel);
}

/* The runs of a side that can tell: they have it, or would have been seen to do it. */
static size_t telling(const struct align *n, const struct nsa_row *row, int side)
{
	size_t runs = 0;

	for (size_t i = 0; i < n->pub.side[side].n; i++) {
		const struct nsa_cell *cell = &row->side[side];

		runs += (cell->of_run && cell->of_run[i]) || !n->lossy[side][i];
	}
	return runs;
}

/* One side has it more often than the other. */
static unsigned int presence(const struct align *n, const struct nsa_row *row)
{
	const struct nsa_cell *a = &row->side[0], *b = &row->side[1];
	size_t na = telling(n, row, 0), nb = telling(n, row, 1);
	bool more_in_a = a->runs * nb > b->runs * na;

	if (a->runs == na && b->runs == nb && na && nb)
		return 0;
	if (na && nb && !align_apart(a->runs, na, b->runs, nb))
		return NSA_MARK(NSA_VARIES);
	if (!b->item && !has(n, 1, a->item))
		return NSA_MARK(NSA_BY_KERNEL);
	if (!a->item && !has(n, 0, b->item))
		return NSA_MARK(NSA_BY_KERNEL);
	if (!na || !nb)
		return NSA_MARK(NSA_UNSEEN);
	return NSA_MARK(more_in_a ? NSA_ONLY_A : NSA_ONLY_B);
}

static unsigned int pace_mark(const struct align *n, const struct nsa_row *row)
{
	const struct nsa_times *a = &n->pub.total[0], *b = &n->pub.total[1];
	uint64_t shorter = a->median < b->median ? a->median : b->median;
	uint64_t least = n->pub.limits.row;
	enum nsa_pace pace;

	if (shorter / SMALL_PART > least)
		least = shorter / SMALL_PART;
	pace = align_pace(&row->side[0].times, &row->side[1].times, &n->pub.limits, least);
	return pace == NSA_B_SLOWER   ? NSA_MARK(NSA_SLOWER)
	       : pace == NSA_B_FASTER ? NSA_MARK(NSA_FASTER)
				      : 0;
}

static void compare(const struct align *n, struct nsa_row *row)
{
	const struct nsa_cell *a = &row->side[0], *b = &row->side[1];

	row->changed = changes(a, n->pub.side[0].n, b, n->pub.side[1].n);
	if (row->changed == NSA_CHANGE_SYSCALL || row->changed == NSA_CHANGE_WHAT) {
		/* the newer call is no choice of the start where the kernel has it not */
		if (!has(n, 1, a->item) || !has(n, 0, b->item))
			row->marks |= NSA_MARK(NSA_BY_KERNEL);
		else
			row->marks |= NSA_MARK(NSA_CHANGED);
	} else if (row->changed) {
		row->marks |= NSA_MARK(NSA_CHANGED);
	}
	if (align_apart(a->failed, a->runs, b->failed, b->runs))
		row->marks |= NSA_MARK(NSA_FAILS);
	else
		row->marks |= pace_mark(n, row);
}

static void fill_row(const struct align *n, struct nsa_row *row, const struct align_list *a,
		     const struct align_list *b, const struct align_pair *p)
{
	if (p->a != NSA_NOBODY)
		fill_cell(&row->side[0], &a->columns[p->a], n->pub.side[0].n);
	if (p->b != NSA_NOBODY)
		fill_cell(&row->side[1], &b->columns[p->b], n->pub.side[1].n);
	row->marks = presence(n, row);
	if (p->moved)
		row->marks |= NSA_MARK(NSA_MOVED);
	if (p->by_other)
		row->marks |= NSA_MARK(NSA_BY_OTHER);
	if (row->side[0].item && row->side[1].item)
		compare(n, row);
}

/* Rows of two lists; NULL: out of memory. */
static struct nsa_row *rows_of(const struct align *n, const struct align_list *a,
			       const struct align_list *b, size_t *count)
{
	struct align_pairs pairs;
	struct nsa_row *rows;

	if (align_pairs(a, b, n->by_depth, &pairs))
		return NULL;
	rows = calloc(pairs.n + 1, sizeof(*rows));
	for (size_t i = 0; rows && i < pairs.n; i++)
		fill_row(n, &rows[i], a, b, &pairs.pairs[i]);
	*count = pairs.n;
	free(pairs.pairs);
	return rows;
}

static int steps_of_call(const struct nsa_item *item, struct align_run *run)
{
	const struct nsm_call *call = &item->call->call;

	run->items = calloc(call->nsteps + 1, sizeof(*run->items));
	if (!run->items)
		return -1;
	for (size_t i = 0; i < call->nsteps; i++) {
		const struct nsm_step *s = &call->steps[i];

		run->items[run->n++] = (struct nsa_item){
			.kind = NSA_STEP,
			.who = item->who,
			.startup = item->startup,
			.index = i,
			.call = item->call,
			.step = s,
			.ts = s->ts,
			.duration = s->duration,
			.err = s->outcome == NSM_FAILED ? s->err : 0,
		};
	}
	return 0;
}

/* The steps of this call in all runs of a side that have it; `lossy`: which of them are. */
static int steps_of_cell(const struct nsa_cell *cell, size_t runs, struct align_steps *out,
			 bool *lossy)
{
	out->runs = calloc(runs, sizeof(*out->runs));
	if (!out->runs)
		return -1;
	for (size_t r = 0; r < runs; r++) {
		const struct nsa_item *item = cell->of_run[r];

		if (!item)
			continue;
		lossy[out->n] = item->startup->gap;
		if (steps_of_call(item, &out->runs[out->n++]))
			return -1;
	}
	return align_runs(out->runs, out->n, false, &out->list);
}

static void steps_free(struct align_steps *s)
{
	for (size_t i = 0; i < s->n; i++)
		align_run_free(&s->runs[i]);
	free(s->runs);
	align_list_free(&s->list);
}

/* Steps are compared where both sides have some. */
static int fill_steps(struct align *n, size_t at)
{
	struct nsa_row *row = &n->rows[at], *steps;
	struct align view = *n;

	for (int side = 0; side < 2; side++) {
		const struct nsa_cell *cell = &row->side[side];

		if (!cell->item || cell->item->kind != NSA_CALL || !n->pub.side[side].steps)
			return 0;
	}
	for (int side = 0; side < 2; side++) {
		struct align_steps *s = &n->steps[at][side];

		if (steps_of_cell(&row->side[side], n->pub.side[side].n, s, view.lossy[side]))
			return -1;
		if (!s->list.n)
			return 0;
		/* of the runs that have the call at all */
		view.pub.side[side].n = s->n;
	}
	steps = rows_of(&view, &n->steps[at][0].list, &n->steps[at][1].list, &row->nsteps);
	if (!steps)
		return -1;
	row->steps = steps;
	for (size_t i = 0; i < row->nsteps; i++) {
		if (steps[i].marks & NSA_DIFFERENT)
			row->marks |= NSA_MARK(NSA_STEPS);
		row->marks |= steps[i].marks & (NSA_MARK(NSA_BY_KERNEL) | NSA_MARK(NSA_UNSEEN));
	}
	return 0;
}

int align_rows(struct align *n)
{
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < n->pub.side[side].n; i++)
			n->lossy[side][i] = n->pub.side[side].runs[i]->gap;
	n->rows = rows_of(n, &n->list[0], &n->list[1], &n->pub.nrows);
	if (!n->rows)
		return -1;
	n->pub.rows = n->rows;
	n->steps = calloc(n->pub.nrows + 1, sizeof(*n->steps));
	if (!n->steps)
		return -1;
	for (size_t i = 0; i < n->pub.nrows; i++) {
		if (fill_steps(n, i))
			return -1;
		if (n->rows[i].marks & (NSA_DIFFERENT | NSA_MARK(NSA_UNSEEN)))
			n->pub.differences++;
		if (!n->rows[i].marks)
			n->pub.same++;
	}
	return 0;
}

void align_rows_free(struct align *n)
{
	for (size_t i = 0; n->rows && i < n->pub.nrows; i++)
		free((void *)n->rows[i].steps);
	for (size_t i = 0; n->steps && i < n->pub.nrows; i++)
		for (int side = 0; side < 2; side++)
			steps_free(&n->steps[i][side]);
	free(n->rows);
	free(n->steps);
}

const char *nsa_mark_name(enum nsa_mark mark)
{
	static const char *const names[NSA_MARKS] = {
		[NSA_ONLY_A] = "missing",   [NSA_ONLY_B] = "added",	   [NSA_MOVED] = "moved",
		[NSA_CHANGED] = "changed",  [NSA_BY_OTHER] = "by another", [NSA_FAILS] = "fails",
		[NSA_SLOWER] = "slower",    [NSA_FASTER] = "faster",	   [NSA_STEPS] = "steps",
		[NSA_BY_KERNEL] = "kernel", [NSA_VARIES] = "varies",	   [NSA_UNSEEN] = "unseen",
	};

	return mark < NSA_MARKS ? names[mark] : "?";
}
