// SPDX-License-Identifier: GPL-2.0-only
/* An alignment in a few sentences: what decides comes first. */
#include <stdio.h>
#include <string.h>

#include "diff.h"
#include "text.h"

static const struct nsu_call *fatal_call(const struct nsu_startup *s)
{
	return s->failed_call < s->ncalls ? &s->calls[s->failed_call] : NULL;
}

static const char *name_of(int side)
{
	return side ? "B" : "A";
}

/* How a start that is no good ended. */
static void tell_end(struct nse_text *t, const struct nsa *n, int bad)
{
	const struct nsu_startup *s = n->end[bad].middle;
	const struct nsu_call *c = s->outcome == NSU_FAILED ? fatal_call(s) : NULL;
	const char *err = c ? nsm_errno_name(c->call.err) : NULL;
	char words[NSE_DIFF_LEN], why[NSE_CALL_LEN];
	struct nsa_item item = {.kind = NSA_CALL, .call = c};

	if (!c) {
		nse_sentence(t,
			     s->outcome == NSU_FAILED
				     ? "%s ends before its payload is executed, %s does not."
				     : "%s is not seen to come to its payload, %s is.",
			     name_of(bad), name_of(!bad));
		return;
	}
	item.flags = nsa_flags(&c->call);
	nse_diff_item(&item, words, sizeof(words));
	if (err)
		nse_sentence(t, "%s fails at %s with %s, which %s does not.", name_of(bad), words,
			     err, name_of(!bad));
	else
		nse_sentence(t, "%s fails at %s with errno %d, which %s does not.", name_of(bad),
			     words, c->call.err, name_of(!bad));
	nse_sentence(t, "%s", nse_call(&c->call, n->side[bad].kernel, why, sizeof(why)));
}

static void tell_outcome(struct nse_text *t, const struct nsa *n)
{
	int bad = nsa_outcome(n->end[0].middle) == NSU_RUNNING ? 1 : 0;
	const struct nsa_side *side = &n->side[bad];

	tell_end(t, n, bad);
	if (side->n > 1)
		nse_sentence(t, "That is so in %zu of its %zu runs.",
			     nsa_ended(side, nsa_outcome(n->end[bad].middle)), side->n);
}

static uint64_t more(const struct nsa_times side[2], bool b_slower)
{
	uint64_t a = side[0].median, b = side[1].median;

	return b_slower ? (b > a ? b - a : 0) : (a > b ? a - b : 0);
}

/* The stage that most of the difference lies in. */
static const struct nsa_stage *where_it_went(const struct nsa *n, bool b_slower)
{
	const struct nsa_stage *best = NULL;

	for (size_t i = 0; i < NSU_STAGES; i++)
		if (!best || more(n->stages[i].side, b_slower) > more(best->side, b_slower))
			best = &n->stages[i];
	return best && more(best->side, b_slower) ? best : NULL;
}

/* What was the last thing to be seen when this stage began? The row, or NULL. */
static const struct nsa_row *last_before(const struct nsa *n, int side, const struct nsu_startup *s,
					 const struct nsu_stage *g)
{
	const struct nsa_row *best = NULL;
	uint64_t latest = 0;

	for (size_t i = 0; i < n->nrows; i++) {
		const struct nsa_cell *cell = &n->rows[i].side[side];

		for (size_t r = 0; cell->of_run && r < n->side[side].n; r++) {
			const struct nsa_item *item = cell->of_run[r];

			if (!item || item->startup != s || item->ts > g->begin || item->ts < latest)
				continue;
			latest = item->ts;
			best = &n->rows[i];
		}
	}
	return best;
}

/* Of a stage in which nothing is seen: what it follows says most about it. */
static void tell_wait(struct nse_text *t, const struct nsa *n, const struct nsa_stage *g)
{
	int side = g->side[1].median >= g->side[0].median;
	const struct nsa_row *row = last_before(n, side, g->startup, g->longest);
	char words[NSE_DIFF_LEN], who[64];
	const struct nsa_item *item;

	if (!row)
		return;
	item = row->side[side].item;
	nse_add(t, ", which follows \"%s\" of %s", nse_diff_item(item, words, sizeof(words)),
		nse_diff_who(&item->who, who, sizeof(who)));
	if (row->marks & (NSA_MARK(NSA_ONLY_A) | NSA_MARK(NSA_ONLY_B)))
		nse_add(t, " (only in %s)", name_of(side));
}

static void tell_pace(struct nse_text *t, const struct nsa *n)
{
	bool b_slower = n->pace == NSA_B_SLOWER;
	const struct nsa_stage *g = where_it_went(n, b_slower);
	char by[32], from[32], to[32], in[32];

	nse_sentence(t, "B took %s %s than A (%s against %s)",
		     nse_diff_time(more(n->total, b_slower), by, sizeof(by)),
		     b_slower ? "longer" : "less",
		     nse_diff_time(n->total[1].median, to, sizeof(to)),
		     nse_diff_time(n->total[0].median, from, sizeof(from)));
	if (g) {
		nse_add(t, ": %s of it in the stage \"%s\"",
			nse_diff_time(more(g->side, b_slower), in, sizeof(in)),
			nsu_stage_name(g->kind));
		if (g->longest && g->kind == NSU_STAGE_WAIT)
			tell_wait(t, n, g);
		else if (g->longest && *g->longest->comm)
			nse_add(t, " of %s", g->longest->comm);
	}
	nse_add(t, ".");
}

static void tell_namespaces(struct nse_text *t, const struct nsa *n)
{
	static const char *const words[NSU_ROLES] = {
		[NSU_ROLE_CREATED] = "a new one",
		[NSU_ROLE_SHARED] = "the host's",
		[NSU_ROLE_JOINED] = "one that was there",
		[NSU_ROLE_LEFT] = "?",
	};

	for (size_t i = 0; i < NSL_TYPES; i++) {
		const struct nsa_ns *ns = &n->namespaces[i];

		if (ns->different && ns->known[0] && ns->known[1] && ns->role[0] != ns->role[1])
			nse_sentence(t, "The payload's %s namespace is %s in A and %s in B.",
				     nsm_type_name(ns->type), words[ns->role[0]],
				     words[ns->role[1]]);
	}
}

static size_t count(const struct nsa *n, unsigned int with, unsigned int without)
{
	size_t found = 0;

	for (size_t i = 0; i < n->nrows; i++)
		found += (n->rows[i].marks & with) && !(n->rows[i].marks & without);
	return found;
}

static void tell_counts(struct nse_text *t, const struct nsa *n)
{
	const unsigned int only_a = NSA_MARK(NSA_ONLY_A), only_b = NSA_MARK(NSA_ONLY_B);
	const unsigned int other =
		NSA_DIFFERENT & ~(only_a | only_b | NSA_MARK(NSA_FAILS) | NSA_MARK(NSA_MOVED));
	const struct {
		size_t n;
		const char *text;
	} all[] = {
		{count(n, only_a, 0), "only in A"},
		{count(n, only_b, 0), "only in B"},
		{count(n, NSA_MARK(NSA_MOVED), 0), "in another order"},
		{count(n, NSA_MARK(NSA_FAILS), 0), "failing on one side"},
		{count(n, other, only_a | only_b | NSA_MARK(NSA_MOVED) | NSA_MARK(NSA_FAILS)),
		 "done in another way"},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!all[i].n)
			continue;
		if (any)
			nse_add(t, ", %zu %s", all[i].n, all[i].text);
		else
			nse_sentence(t, "Of %zu things done, %zu %s", n->nrows, all[i].n,
				     all[i].text);
		any = true;
	}
	if (any)
		nse_add(t, ".");
}

static void tell_kernels(struct nse_text *t, const struct nsa *n)
{
	size_t found = 0;

	for (size_t i = 0; i < n->nrows; i++) {
		size_t steps = 0;

		for (size_t j = 0; j < n->rows[i].nsteps; j++)
			steps += (n->rows[i].steps[j].marks & NSA_MARK(NSA_BY_KERNEL)) != 0;
		/* a call has the mark of its steps */
		found += steps ? steps : (n->rows[i].marks & NSA_MARK(NSA_BY_KERNEL)) != 0;
	}
	if (found)
		nse_sentence(t,
			     found == 1 ? "%zu step is there on one side because only its "
					  "kernel has it."
					: "%zu steps are there on one side because only its "
					  "kernel has them.",
			     found);
}

/* What a side does not have because of that is told as a difference all the same. */
static void tell_losses(struct nse_text *t, const struct nsa *n)
{
	for (int side = 0; side < 2; side++) {
		const struct nsa_side *s = &n->side[side];
		size_t lost = 0;

		for (size_t i = 0; i < s->n; i++)
			lost += s->runs[i]->gap;
		if (lost && s->n > 1)
			nse_sentence(t, "Events were lost in %zu of the %zu runs of %s:", lost,
				     s->n, name_of(side));
		else if (lost)
			nse_sentence(t, "Events were lost in %s:", name_of(side));
		if (lost)
			nse_add(t, " what is missing there may only not have been seen.");
	}
}

const char *nse_diff_verdict(const struct nsa *n, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (n->outcome)
		tell_outcome(&t, n);
	else if (nsa_outcome(n->end[0].middle) != NSU_RUNNING)
		nse_sentence(&t, "Neither side comes to its payload.");
	if (n->pace != NSA_SAME_PACE)
		tell_pace(&t, n);
	tell_namespaces(&t, n);
	if (n->payload)
		nse_sentence(&t, "The payload is another program, or has other ids.");
	tell_counts(&t, n);
	if (!n->differences)
		nse_sentence(&t,
			     n->same == 1 ? "No difference: %zu thing is done alike."
					  : "No difference: %zu things are done alike, in the same "
					    "order.",
			     n->same);
	tell_kernels(&t, n);
	tell_losses(&t, n);
	return buf;
}

const char *nse_diff_limits(const struct nsa *n, char *buf, size_t size)
{
	const struct nsa_limits *l = &n->limits;
	char row[32], whole[32];
	struct nse_text t;

	nse_text_init(&t, buf, size);
	nse_diff_time(l->row, row, sizeof(row));
	nse_diff_time(l->whole, whole, sizeof(whole));
	if (!l->noise_known)
		nse_add(&t,
			"One run on either side: how much times vary by themselves is not known. "
			"Told as slower is only what takes %g times as long, and %s longer.",
			l->ratio, row);
	else
		nse_add(&t,
			"%zu and %zu runs: told as slower is what takes %g times as long, %s "
			"longer (stages and totals: %s), and longer by %g times the spread of the "
			"noisier side.",
			n->side[0].n, n->side[1].n, l->ratio, row, whole, l->spreads);
	return buf;
}
