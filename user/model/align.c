// SPDX-License-Identifier: GPL-2.0-only
#include "align.h"

#include <stdlib.h>

#include "align_internal.h"

static int read_side(struct align *n, int side)
{
	const struct nsa_side *s = &n->pub.side[side];

	n->runs[side] = calloc(s->n, sizeof(*n->runs[side]));
	if (!n->runs[side])
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		struct align_run *run = &n->runs[side][i];

		if (align_items(s->runs[i], run))
			return -1;
		n->pub.too_big |= run->too_big || s->runs[i]->too_big;
		/* where a start has failed, nobody knows who would have been the payload */
		n->by_depth |= !run->payload;
	}
	return 0;
}

struct nsa *nsa_new(const struct nsa_side *a, const struct nsa_side *b, nsa_exists_fn exists)
{
	struct align *n;

	if (!a->n || !b->n || a->n > NSA_MAX_RUNS || b->n > NSA_MAX_RUNS)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->pub.side[0] = *a;
	n->pub.side[1] = *b;
	n->exists = exists;
	align_limits(a, b, &n->pub.limits);
	if (read_side(n, 0) || read_side(n, 1))
		goto failed;
	align_whole(&n->pub);
	for (int side = 0; side < 2; side++)
		if (align_runs(n->runs[side], n->pub.side[side].n, n->by_depth, &n->list[side]))
			goto failed;
	if (align_rows(n))
		goto failed;
	return &n->pub;
failed:
	nsa_free(&n->pub);
	return NULL;
}

void nsa_free(struct nsa *pub)
{
	struct align *n = (struct align *)pub; /* its first member */

	if (!n)
		return;
	align_rows_free(n);
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; n->runs[side] && i < pub->side[side].n; i++)
			align_run_free(&n->runs[side][i]);
		free(n->runs[side]);
		align_list_free(&n->list[side]);
	}
	free(n);
}
