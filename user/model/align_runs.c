// SPDX-License-Identifier: GPL-2.0-only
/* Several runs of one start as one list: what all of them do, and what only some do. */
#include <stdlib.h>
#include <string.h>

#include "align_internal.h"

static bool column_init(struct align_column *c, size_t runs)
{
	c->of_run = calloc(runs, sizeof(*c->of_run));
	c->first = NULL;
	return c->of_run != NULL;
}

static void column_set(struct align_column *c, size_t run, const struct nsa_item *item)
{
	c->of_run[run] = item;
	if (!c->first)
		c->first = item;
}

/* A list of one run, of a side with `runs` runs. */
static int list_of(const struct align_run *r, size_t run, size_t runs, struct align_list *out)
{
	out->n = 0;
	out->columns = calloc(r->n + 1, sizeof(*out->columns));
	if (!out->columns)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		if (!column_init(&out->columns[i], runs))
			return -1;
		column_set(&out->columns[i], run, &r->items[i]);
		out->n++;
	}
	return 0;
}

/* The columns of `more` go over to `l`, and `more` is empty afterwards. */
static int add(struct align_list *l, struct align_list *more, size_t run, bool by_depth)
{
	struct align_pairs pairs;
	struct align_column *columns;

	if (align_pairs(l, more, by_depth, &pairs))
		return -1;
	columns = calloc(pairs.n + 1, sizeof(*columns));
	if (!columns) {
		free(pairs.pairs);
		return -1;
	}
	for (size_t i = 0; i < pairs.n; i++) {
		const struct align_pair *p = &pairs.pairs[i];

		if (p->a == NSA_NOBODY) {
			columns[i] = more->columns[p->b];
			more->columns[p->b] = (struct align_column){0};
			continue;
		}
		columns[i] = l->columns[p->a];
		if (p->b != NSA_NOBODY && columns[i].of_run)
			column_set(&columns[i], run, more->columns[p->b].first);
	}
	free(l->columns);
	l->columns = columns;
	l->n = pairs.n;
	free(pairs.pairs);
	return 0;
}

int align_runs(const struct align_run *runs, size_t n, bool by_depth, struct align_list *out)
{
	int err = list_of(&runs[0], 0, n, out);

	for (size_t i = 1; !err && i < n; i++) {
		struct align_list one = {0};

		err = list_of(&runs[i], i, n, &one);
		if (!err)
			err = add(out, &one, i, by_depth);
		align_list_free(&one);
	}
	return err;
}

void align_list_free(struct align_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->columns[i].of_run);
	free(l->columns);
	*l = (struct align_list){0};
}
