// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which item of one list is which of the other: the best pairing that keeps the order of
 * what each task does (Needleman and Wunsch), then what was moved, then what another task
 * does. Whatever has to be decided by chance is decided by the items, not by the side.
 */
#include <stdlib.h>
#include <string.h>

#include "align_internal.h"

#define LIKE_ENOUGH_BY_OTHER 50 /* of another task only what is much the same counts */

/* A part of a list: indexes into it. */
struct part {
	const struct align_list *list;
	size_t *at;
	size_t n;
};

struct work {
	const struct align_list *list[2];
	size_t *other[2]; /* partner of each column, or NSA_NOBODY */
	bool *moved[2], *by_other[2];
	struct part part[2];
};

static const struct nsa_item *item_of(const struct part *p, size_t i)
{
	return p->list->columns[p->at[i]].first;
}

static unsigned int likeness(const struct part *a, size_t i, const struct part *b, size_t j,
			     unsigned int least)
{
	unsigned int score = align_likeness(item_of(a, i), item_of(b, j), NULL);

	return score >= least ? score : 0;
}

/* <0, 0, >0: the same whichever side a sequence stands on. */
static int order(const struct part *a, const struct part *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = 0; i < a->n; i++) {
		int o = align_order(item_of(a, i), item_of(b, i));

		if (o)
			return o;
	}
	return 0;
}

enum { DIAGONAL, UP, LEFT };

/* Fills way[i * (b->n + 1) + j]: how the best pairing of the first i and j items ends. */
static int fill(const struct part *a, const struct part *b, unsigned int least, unsigned char *way)
{
	size_t width = b->n + 1;
	uint32_t *above = calloc(width, sizeof(*above)), *here = calloc(width, sizeof(*here));
	int err = above && here ? 0 : -1;

	for (size_t i = 1; !err && i <= a->n; i++) {
		uint32_t *swap = above;

		here[0] = 0;
		for (size_t j = 1; j <= b->n; j++) {
			uint32_t score = likeness(a, i - 1, b, j - 1, least);
			uint32_t best = above[j - 1] + score;
			unsigned char how = DIAGONAL;

			if (!score || above[j] > best || here[j - 1] > best) {
				how = above[j] >= here[j - 1] ? UP : LEFT;
				best = how == UP ? above[j] : here[j - 1];
			}
			here[j] = best;
			way[i * width + j] = how;
		}
		above = here;
		here = swap;
	}
	free(above);
	free(here);
	return err;
}

static void join(struct work *w, int side, size_t i, size_t j)
{
	w->other[side][i] = j;
	w->other[!side][j] = i;
}

/* The best pairing of both parts. */
static int pair_in_order(struct work *w, unsigned int least)
{
	int first = order(&w->part[0], &w->part[1]) <= 0 ? 0 : 1;
	struct part a = w->part[first], b = w->part[!first];
	unsigned char *way;

	/* what both begin and end with needs no table */
	while (a.n && b.n && likeness(&a, 0, &b, 0, least) == ALIKE) {
		join(w, first, *a.at, *b.at);
		a.at++, b.at++;
		a.n--, b.n--;
	}
	while (a.n && b.n && likeness(&a, a.n - 1, &b, b.n - 1, least) == ALIKE) {
		join(w, first, a.at[a.n - 1], b.at[b.n - 1]);
		a.n--, b.n--;
	}
	if (!a.n || !b.n)
		return 0;
	way = malloc((a.n + 1) * (b.n + 1));
	if (!way || fill(&a, &b, least, way)) {
		free(way);
		return -1;
	}
	for (size_t i = a.n, j = b.n; i && j;) {
		unsigned char how = way[i * (b.n + 1) + j];

		if (how == DIAGONAL)
			join(w, first, a.at[i - 1], b.at[j - 1]);
		i -= how != LEFT;
		j -= how != UP;
	}
	free(way);
	return 0;
}

/* The same to the letter, in another place: the first to the first, and so on. */
static void pair_alike(struct work *w, bool by_other)
{
	struct part *a = &w->part[0], *b = &w->part[1];

	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; w->other[0][a->at[i]] == NSA_NOBODY && j < b->n; j++) {
			unsigned int changed;

			if (w->other[1][b->at[j]] != NSA_NOBODY ||
			    align_likeness(item_of(a, i), item_of(b, j), &changed) < ALIKE - 1 ||
			    changed)
				continue;
			join(w, 0, a->at[i], b->at[j]);
			if (!by_other)
				w->moved[0][a->at[i]] = w->moved[1][b->at[j]] = true;
		}
	}
}

/* What of both sides is done by tasks of this role, and has no partner yet. */
static void take_role(struct work *w, const struct nsa_who *who, bool by_depth)
{
	for (int side = 0; side < 2; side++) {
		struct part *p = &w->part[side];

		p->n = 0;
		for (size_t i = 0; i < p->list->n; i++) {
			const struct nsa_item *item = p->list->columns[i].first;

			if (w->other[side][i] == NSA_NOBODY &&
			    (item->kind == NSA_STEP || align_same_role(&item->who, who, by_depth)))
				p->at[p->n++] = i;
		}
	}
}

static int pair_roles(struct work *w, bool by_depth)
{
	const struct align_list *a = w->list[0];
	bool *done = calloc(a->n + 1, sizeof(*done));
	int err = done ? 0 : -1;

	for (size_t i = 0; !err && i < a->n; i++) {
		if (done[i])
			continue;
		take_role(w, &a->columns[i].first->who, by_depth);
		for (size_t j = 0; j < w->part[0].n; j++)
			done[w->part[0].at[j]] = true;
		err = pair_in_order(w, 1);
		if (err)
			break;
		take_role(w, &a->columns[i].first->who, by_depth);
		pair_alike(w, false);
		/* a step's role is that of its call */
		if (a->columns[i].first->kind == NSA_STEP)
			break;
	}
	free(done);
	return err;
}

static void take_rest(struct work *w)
{
	for (int side = 0; side < 2; side++) {
		struct part *p = &w->part[side];

		p->n = 0;
		for (size_t i = 0; i < p->list->n; i++)
			if (w->other[side][i] == NSA_NOBODY &&
			    align_on_the_way(&p->list->columns[i].first->who))
				p->at[p->n++] = i;
	}
}

/* A pair that was made across roles: another task's doing, or the same one's elsewhere. */
static void judge(struct work *w, size_t i, bool by_depth)
{
	size_t j = w->other[0][i];
	bool same = align_same_role(&w->list[0]->columns[i].first->who,
				    &w->list[1]->columns[j].first->who, by_depth);

	w->moved[0][i] = w->moved[1][j] = same;
	w->by_other[0][i] = w->by_other[1][j] = !same;
}

/* On the way to the payload, one runtime has a task of its own do what another does itself. */
static int pair_others(struct work *w, bool by_depth)
{
	size_t n = w->list[0]->n;
	bool *before = calloc(n + 1, sizeof(*before));
	int err = before ? 0 : -1;

	for (size_t i = 0; before && i < n; i++)
		before[i] = w->other[0][i] != NSA_NOBODY;
	if (!err && n && w->list[0]->columns[0].first->kind != NSA_STEP) {
		take_rest(w);
		err = pair_in_order(w, LIKE_ENOUGH_BY_OTHER);
		take_rest(w);
		pair_alike(w, true);
	}
	for (size_t i = 0; !err && i < n; i++)
		if (!before[i] && w->other[0][i] != NSA_NOBODY)
			judge(w, i, by_depth);
	free(before);
	return err;
}

/* Behind what the same task did before it; else behind what was done before it. */
static size_t anchor(const struct work *w, size_t j)
{
	const struct align_list *b = w->list[1];

	for (size_t k = j; k-- > 0;) {
		if (b->columns[k].first->kind == NSA_STEP ||
		    align_same_role(&b->columns[k].first->who, &b->columns[j].first->who, false))
			return k;
	}
	return j ? j - 1 : NSA_NOBODY;
}

static bool same_task(const struct work *w, size_t i, size_t j)
{
	const struct nsa_item *a = w->list[0]->columns[i].first;

	return a->kind == NSA_STEP ||
	       align_same_role(&a->who, &w->list[1]->columns[j].first->who, false);
}

/* In the order of the first list; what only the second one has, behind what precedes it there. */
static int in_order(const struct work *w, struct align_pairs *out)
{
	size_t n = w->list[0]->n, m = w->list[1]->n, rows = n, head = 0;
	size_t *next = malloc((n + m + 1) * sizeof(*next));
	size_t *row_of = calloc(m + 1, sizeof(*row_of)); /* of each item of the second list */
	struct align_pair *all = calloc(n + m + 1, sizeof(*all));

	out->n = 0;
	out->pairs = calloc(n + m + 1, sizeof(*out->pairs));
	if (!next || !row_of || !all || !out->pairs) {
		free(next);
		free(row_of);
		free(all);
		return -1;
	}
	/* `next` has one more place, the last, that stands before the first row */
	head = n + m;
	next[head] = n ? 0 : NSA_NOBODY;
	for (size_t i = 0; i < n; i++) {
		all[i] = (struct align_pair){i, w->other[0][i], w->moved[0][i], w->by_other[0][i]};
		next[i] = i + 1 < n ? i + 1 : NSA_NOBODY;
		if (all[i].b != NSA_NOBODY)
			row_of[all[i].b] = i;
	}
	for (size_t j = 0; j < m; j++) {
		size_t at = anchor(w, j), before;

		if (w->other[1][j] != NSA_NOBODY)
			continue;
		before = at == NSA_NOBODY ? head : row_of[at];
		/* what the same task does in the first list alone comes first */
		while (next[before] < n && all[next[before]].b == NSA_NOBODY &&
		       same_task(w, next[before], j))
			before = next[before];
		all[rows] = (struct align_pair){NSA_NOBODY, j, false, false};
		next[rows] = next[before];
		next[before] = rows;
		row_of[j] = rows++;
	}
	for (size_t i = next[head]; i != NSA_NOBODY; i = next[i])
		out->pairs[out->n++] = all[i];
	free(next);
	free(row_of);
	free(all);
	return 0;
}

static bool work_init(struct work *w, const struct align_list *a, const struct align_list *b)
{
	w->list[0] = a;
	w->list[1] = b;
	for (int side = 0; side < 2; side++) {
		size_t n = w->list[side]->n + 1;

		w->part[side].list = w->list[side];
		w->part[side].at = calloc(n, sizeof(*w->part[side].at));
		w->other[side] = malloc(n * sizeof(*w->other[side]));
		w->moved[side] = calloc(n, sizeof(bool));
		w->by_other[side] = calloc(n, sizeof(bool));
		if (!w->part[side].at || !w->other[side] || !w->moved[side] || !w->by_other[side])
			return false;
		for (size_t i = 0; i < n; i++)
			w->other[side][i] = NSA_NOBODY;
	}
	return true;
}

int align_pairs(const struct align_list *a, const struct align_list *b, bool by_depth,
		struct align_pairs *out)
{
	struct work w = {0};
	int err = -1;

	*out = (struct align_pairs){0};
	if (work_init(&w, a, b) && !pair_roles(&w, by_depth) && !pair_others(&w, by_depth))
		err = in_order(&w, out);
	for (int side = 0; side < 2; side++) {
		free(w.part[side].at);
		free(w.other[side]);
		free(w.moved[side]);
		free(w.by_other[side]);
	}
	if (err) {
		free(out->pairs);
		*out = (struct align_pairs){0};
	}
	return err;
}
