// SPDX-License-Identifier: GPL-2.0-only
/* Many start-ups: how long they take, and what the slow ones have in common. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_internal.h"

#define MIN_SLOW 1 /* of at least MIN_ALL */
#define MIN_ALL	 4
#define SLOW	 2  /* times the median of the runtime */
#define SAME	 75 /* percent of the slow ones must share it */

static uint64_t took(const struct nsu_startup *s)
{
	return s->end - s->begin;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The nearest rank. */
static uint64_t rank(const uint64_t *sorted, size_t n, unsigned int percent)
{
	size_t at = (n * percent + 99) / 100;

	return n ? sorted[at ? at - 1 : 0] : 0;
}

static struct nse_report_row *row_of(struct nse_report_row *rows, size_t *n,
				     const struct nsu_startup *s)
{
	size_t i = 0;

	while (i < *n && (rows[i].runtime != s->runtime || rows[i].frame != s->frame))
		i++;
	if (i == *n) {
		rows[i] = (struct nse_report_row){.runtime = s->runtime, .frame = s->frame};
		(*n)++;
	}
	return &rows[i];
}

static void count(struct nse_report_row *row, const struct nsu_startup *s)
{
	row->n++;
	row->running += s->outcome == NSU_RUNNING;
	row->failed += s->outcome == NSU_FAILED;
	row->unfinished += s->outcome == NSU_CUT;
	row->doubtful += s->outcome == NSU_DOUBTFUL;
}

static bool is_of(const struct nse_report_row *row, const struct nsu_startup *s)
{
	return s->outcome == NSU_RUNNING && s->runtime == row->runtime && s->frame == row->frame;
}

static int by_count(const void *a, const void *b)
{
	const struct nse_report_row *x = a, *y = b;

	return x->n < y->n ? 1 : x->n > y->n ? -1 : 0;
}

struct nse_report_row *nse_report_rows(const struct nsu_startup *const *list, size_t n,
				       size_t *nrows)
{
	struct nse_report_row *rows = calloc((size_t)NSU_RUNTIMES * NSU_FRAMES, sizeof(*rows));
	uint64_t *times = calloc(n + 1, sizeof(*times));

	*nrows = 0;
	if (!rows || !times) {
		free(rows);
		free(times);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		count(row_of(rows, nrows, list[i]), list[i]);
	for (size_t r = 0; r < *nrows; r++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			if (is_of(&rows[r], list[i]))
				times[k++] = took(list[i]);
		}
		qsort(times, k, sizeof(*times), by_value);
		rows[r].p50 = rank(times, k, 50);
		rows[r].p90 = rank(times, k, 90);
		rows[r].p99 = rank(times, k, 99);
		rows[r].max = k ? times[k - 1] : 0;
	}
	qsort(rows, *nrows, sizeof(*rows), by_count);
	free(times);
	return rows;
}

/* ---- what the slow ones share ---- */

struct sides {
	const struct nsu_startup **slow, **other;
	size_t nslow, nother;
};

static uint64_t stage_time(const struct nsu_startup *s, enum nsu_stage_kind kind)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->nstages; i++) {
		if (s->stages[i].kind == kind)
			sum += s->stages[i].end - s->stages[i].begin;
	}
	return sum;
}

static uint64_t median_stage(const struct nsu_startup *const *list, size_t n,
			     enum nsu_stage_kind kind, uint64_t *times)
{
	for (size_t i = 0; i < n; i++)
		times[i] = stage_time(list[i], kind);
	qsort(times, n, sizeof(*times), by_value);
	return rank(times, n, 50);
}

/* The stage whose median grew most. */
static void say_stage(struct nse_text *t, const struct sides *w, uint64_t *times)
{
	enum nsu_stage_kind grown = NSU_STAGES;
	uint64_t most = 0, before = 0, after = 0;
	char a[32], b[32];

	for (int kind = 0; kind < NSU_STAGES; kind++) {
		uint64_t x = median_stage(w->other, w->nother, (enum nsu_stage_kind)kind, times);
		uint64_t y = median_stage(w->slow, w->nslow, (enum nsu_stage_kind)kind, times);

		if (y > x && y - x > most) {
			most = y - x;
			grown = (enum nsu_stage_kind)kind;
			before = x;
			after = y;
		}
	}
	if (grown == NSU_STAGES)
		return;
	nse_sentence(t, "What grew is the stage \"%s\": %s in them, %s in the others (medians).",
		     nsu_stage_name(grown), nse_time(after, a), nse_time(before, b));
}

/* Something that a start either has or has not: asked of each by a number. */
typedef bool (*has_fn)(const struct nsu_startup *s, unsigned int what);

/* A failing call of this errno. */
static bool has_errno(const struct nsu_startup *s, unsigned int err)
{
	for (size_t i = 0; i < s->ncalls; i++) {
		if (s->calls[i].call.err == (int)err)
			return true;
	}
	return false;
}

/* A call that takes most of the start. */
static bool has_long_call(const struct nsu_startup *s, unsigned int syscall)
{
	for (size_t i = 0; i < s->ncalls; i++) {
		const struct nsm_call *c = &s->calls[i].call;

		if (c->syscall == syscall && c->duration > 0 && (uint64_t)c->duration * 4 > took(s))
			return true;
	}
	return false;
}

static bool has_long_step(const struct nsu_startup *s, unsigned int fn)
{
	for (size_t i = 0; i < s->ncalls; i++) {
		for (size_t k = 0; k < s->calls[i].call.nsteps; k++) {
			const struct nsm_step *step = &s->calls[i].call.steps[k];

			if (step->fn == fn && step->duration > 0 &&
			    (uint64_t)step->duration * 4 > took(s))
				return true;
		}
	}
	return false;
}

static bool has_type(const struct nsu_startup *s, unsigned int type)
{
	return s->sums.created[type] != 0;
}

static unsigned int share(const struct nsu_startup *const *list, size_t n, has_fn has,
			  unsigned int what)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += has(list[i], what);
	return report_percent(k, n);
}

/* What most of the slow ones have, and few of the others; `end`: there is none. */
static unsigned int find_shared(const struct sides *w, has_fn has, unsigned int end)
{
	unsigned int best = end, most = 0;

	for (unsigned int what = 1; what < end; what++) {
		unsigned int slow = share(w->slow, w->nslow, has, what), other;

		if (slow < SAME)
			continue;
		other = share(w->other, w->nother, has, what);
		if (other * 2 < slow && slow - other > most) {
			most = slow - other;
			best = what;
		}
	}
	return best;
}

static void say_shared(struct nse_text *t, const struct sides *w)
{
	unsigned int err = find_shared(w, has_errno, 160);
	unsigned int syscall = find_shared(w, has_long_call, NSL_SYSCALLS);
	unsigned int fn = find_shared(w, has_long_step, NSL_FNS);
	unsigned int type = find_shared(w, has_type, NSL_TYPES);

	if (syscall < NSL_SYSCALLS)
		nse_sentence(t, "In most of them a quarter or more of the time is one %s.",
			     nsm_syscall_name((enum nsl_syscall)syscall));
	if (fn < NSL_FNS)
		nse_sentence(t, "The kernel function that takes it is %s.",
			     nsm_fn_name((enum nsl_fn)fn));
	if (err < 160 && nsm_errno_name((int)err))
		nse_sentence(t, "Calls of theirs fail with %s, those of the others do not.",
			     nsm_errno_name((int)err));
	if (type < NSL_TYPES)
		nse_sentence(t, "They make %s namespaces, most of the others do not.",
			     nsm_type_name((enum nsl_type)type));
}

static void part(const struct nsu_startup *const *list, size_t n, const struct nse_report_row *rows,
		 size_t nrows, struct sides *w)
{
	for (size_t i = 0; i < n; i++) {
		const struct nse_report_row *row = NULL;

		for (size_t r = 0; r < nrows && !row; r++)
			row = is_of(&rows[r], list[i]) ? &rows[r] : NULL;
		if (!row || row->running < MIN_ALL)
			continue;
		if (took(list[i]) >= row->p50 * SLOW)
			w->slow[w->nslow++] = list[i];
		else
			w->other[w->nother++] = list[i];
	}
}

bool nse_report_common(const struct nsu_startup *const *list, size_t n, char *buf, size_t size)
{
	size_t nrows = 0;
	struct nse_report_row *rows = nse_report_rows(list, n, &nrows);
	struct sides w = {.slow = calloc(n + 1, sizeof(*w.slow)),
			  .other = calloc(n + 1, sizeof(*w.other))};
	uint64_t *times = calloc(n + 1, sizeof(*times));
	struct nse_text t;
	bool any = false;

	nse_text_init(&t, buf, size);
	if (rows && w.slow && w.other && times) {
		part(list, n, rows, nrows, &w);
		any = w.nslow >= MIN_SLOW && w.nother;
	}
	if (any) {
		nse_sentence(&t, "%zu of %zu took at least twice the median of their runtime.",
			     w.nslow, w.nslow + w.nother);
		say_stage(&t, &w, times);
		say_shared(&t, &w);
	}
	free(rows);
	free((void *)w.slow);
	free((void *)w.other);
	free(times);
	return any;
}
