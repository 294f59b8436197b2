// SPDX-License-Identifier: GPL-2.0-only
#include "web_recorded.h"

#include "../model/graph_rows.h"

struct reading {
	const struct web_recorded_sink *sink;
	uint64_t rows_at; /* number of the first event behind the rows */
	uint64_t to;
	bool stopped;
};

static bool on_before(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct reading *x = ctx;

	return seq < x->rows_at && x->sink->before(x->sink->ctx, event);
}

static bool on_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct reading *x = ctx;

	(void)seq;
	return event->ts <= x->to && x->sink->event(x->sink->ctx, event);
}

static void on_row(void *ctx, const struct nsl_head *row)
{
	struct reading *x = ctx;

	if (!x->stopped)
		x->stopped = !x->sink->row(x->sink->ctx, row);
}

static uint64_t begin_of(const struct store_reader *r)
{
	uint64_t first, last;

	store_span(r, &first, &last);
	return first > store_meta_of(r)->mono_ns ? first : store_meta_of(r)->mono_ns;
}

static int read_rows(struct reading *x, struct store_reader *r, uint64_t at, struct nsl_error *e)
{
	struct nsg *g = store_graph_at(r, at, &x->rows_at, e);
	struct nsg_totals totals;

	if (!g)
		return -1;
	nsg_totals(g, &totals);
	x->sink->rows(x->sink->ctx);
	/* none while a snapshot is under way: then all of it is read from the start */
	if (!nsg_rows(g, at, on_row, x))
		x->rows_at = 0;
	x->sink->rows_end(x->sink->ctx, &totals);
	nsg_free(g);
	/* calls have the numbers that `nslens trace -i` gives them */
	return x->stopped ? 0 : store_read(r, 0, on_before, x, e);
}

int web_recorded_read(struct store_reader *r, uint64_t from, uint64_t to,
		      const struct web_recorded_sink *sink, struct nsl_error *e)
{
	struct reading x = {.sink = sink, .to = to};
	uint64_t begin = begin_of(r);

	if (read_rows(&x, r, from > begin ? from : begin, e))
		return -1;
	return x.stopped ? 0 : store_read(r, x.rows_at, on_event, &x, e);
}

uint64_t web_recorded_duration(const struct store_reader *r)
{
	const struct store_meta *m = store_meta_of(r);
	uint64_t first, last, end;

	store_span(r, &first, &last);
	end = m->closed && m->end_ns ? m->end_ns : last;
	return end > m->mono_ns ? end - m->mono_ns : 0;
}
