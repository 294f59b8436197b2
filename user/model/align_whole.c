// SPDX-License-Identifier: GPL-2.0-only
/* The two sides as wholes: how they end, how long they take, what the payload is in. */
#include <stdlib.h>
#include <string.h>

#include "align_internal.h"

static uint64_t length(const struct nsu_startup *s)
{
	return s->end > s->begin ? s->end - s->begin : 0;
}

static int by_length(const void *a, const void *b)
{
	const struct nsu_startup *x = *(const struct nsu_startup *const *)a;
	const struct nsu_startup *y = *(const struct nsu_startup *const *)b;

	if (length(x) != length(y))
		return length(x) < length(y) ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

enum nsu_outcome nsa_outcome(const struct nsu_startup *s)
{
	return s->outcome == NSU_DOUBTFUL && s->payload.pid ? NSU_RUNNING : s->outcome;
}

size_t nsa_ended(const struct nsa_side *side, enum nsu_outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < side->n; i++)
		n += nsa_outcome(side->runs[i]) == outcome;
	return n;
}

static void find_end(const struct nsa_side *side, struct nsa_end *end)
{
	const struct nsu_startup *runs[NSA_MAX_RUNS] = {0};
	enum nsu_outcome most = NSU_RUNNING;
	size_t n = 0;

	for (size_t i = 0; i < side->n; i++)
		if (side->runs[i]->outcome < NSU_OUTCOMES)
			end->runs[side->runs[i]->outcome]++;
	for (int o = 0; o < NSU_OUTCOMES; o++)
		if (nsa_ended(side, (enum nsu_outcome)o) > nsa_ended(side, most))
			most = (enum nsu_outcome)o;
	for (size_t i = 0; i < side->n; i++)
		if (nsa_outcome(side->runs[i]) == most)
			runs[n++] = side->runs[i];
	qsort(runs, n, sizeof(*runs), by_length);
	end->middle = n ? runs[(n - 1) / 2] : side->runs[0];
}

static void find_total(struct nsa *n, int side)
{
	uint64_t values[NSA_MAX_RUNS];
	size_t runs = 0;

	/* only of runs that ended alike: one that failed is short for that reason */
	for (size_t i = 0; i < n->side[side].n; i++)
		if (nsa_outcome(n->side[side].runs[i]) == nsa_outcome(n->end[side].middle))
			values[runs++] = length(n->side[side].runs[i]);
	align_times(values, runs, &n->total[side]);
}

static uint64_t sum_of(const struct nsu_startup *s, enum nsu_stage_kind kind, bool *any)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->nstages; i++) {
		if (s->stages[i].kind != kind || s->stages[i].end < s->stages[i].begin)
			continue;
		sum += s->stages[i].end - s->stages[i].begin;
		*any = true;
	}
	return sum;
}

static const struct nsu_stage *longest(const struct nsu_startup *s, enum nsu_stage_kind kind)
{
	const struct nsu_stage *best = NULL;

	for (size_t i = 0; i < s->nstages; i++) {
		const struct nsu_stage *g = &s->stages[i];

		if (g->kind == kind && (!best || g->end - g->begin > best->end - best->begin))
			best = g;
	}
	return best;
}

static void find_stage(struct nsa *n, enum nsu_stage_kind kind)
{
	struct nsa_stage *g = &n->stages[kind];
	uint64_t values[NSA_MAX_RUNS];

	g->kind = kind;
	for (int side = 0; side < 2; side++) {
		size_t runs = 0;

		for (size_t i = 0; i < n->side[side].n; i++)
			if (nsa_outcome(n->side[side].runs[i]) == nsa_outcome(n->end[side].middle))
				values[runs++] =
					sum_of(n->side[side].runs[i], kind, &g->present[side]);
		align_times(values, runs, &g->side[side]);
	}
	if (n->outcome || !(g->present[0] || g->present[1]))
		return;
	g->pace = align_pace(&g->side[0], &g->side[1], &n->limits, n->limits.whole);
	g->startup = n->end[g->side[1].median >= g->side[0].median].middle;
	g->longest = longest(g->startup, kind);
}

/* The one that the payload is in, and how many more the start has made. */
static void find_namespaces(struct nsa *n, enum nsl_type type)
{
	struct nsa_ns *ns = &n->namespaces[type];

	ns->type = type;
	for (int side = 0; side < 2; side++) {
		const struct nsu_startup *s = n->end[side].middle;

		for (size_t i = 0; i < s->nnamespaces; i++) {
			const struct nsu_ns *one = &s->namespaces[i];

			if (one->type != type || one->outer)
				continue;
			if (one->role == NSU_ROLE_LEFT) {
				ns->left[side]++;
			} else if (!ns->known[side]) {
				ns->known[side] = true;
				ns->role[side] = one->role;
				ns->ns[side] = one;
			}
		}
	}
	if (n->outcome || nsa_outcome(n->end[0].middle) != NSU_RUNNING)
		return;
	ns->different = ns->known[0] != ns->known[1] ||
			(ns->known[0] && ns->role[0] != ns->role[1]) || ns->left[0] != ns->left[1];
}

static bool same_id(uint32_t a, uint32_t b)
{
	return a == b || a == UINT32_MAX || b == UINT32_MAX;
}

/* What is not known of one is no difference. */
static bool same_payload(const struct nsu_payload *a, const struct nsu_payload *b)
{
	return (!a->file || !b->file || !strcmp(a->file, b->file)) && same_id(a->uid, b->uid) &&
	       same_id(a->gid, b->gid) && a->pid_level == b->pid_level;
}

void align_whole(struct nsa *n)
{
	enum nsu_outcome a, b;

	for (int side = 0; side < 2; side++) {
		find_end(&n->side[side], &n->end[side]);
		find_total(n, side);
	}
	a = nsa_outcome(n->end[0].middle);
	b = nsa_outcome(n->end[1].middle);
	n->outcome = a != b && align_apart(nsa_ended(&n->side[0], a), n->side[0].n,
					   nsa_ended(&n->side[1], a), n->side[1].n);
	if (!n->outcome)
		n->pace = align_pace(&n->total[0], &n->total[1], &n->limits, n->limits.whole);
	for (size_t i = 0; i < NSU_STAGES; i++)
		find_stage(n, (enum nsu_stage_kind)i);
	for (size_t i = 0; i < NSL_TYPES; i++)
		find_namespaces(n, (enum nsl_type)i);
	if (a == NSU_RUNNING && b == NSU_RUNNING)
		n->payload = !same_payload(&n->end[0].middle->payload, &n->end[1].middle->payload);
	n->differences += n->outcome + n->payload + (n->pace != NSA_SAME_PACE);
	for (size_t i = 0; i < NSU_STAGES; i++)
		n->differences += n->stages[i].pace != NSA_SAME_PACE;
	for (size_t i = 0; i < NSL_TYPES; i++)
		n->differences += n->namespaces[i].different;
}
