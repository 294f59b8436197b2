// SPDX-License-Identifier: GPL-2.0-only
/* All of a recording, or a part of it that begins with what was known then. */
#include <errno.h>
#include <string.h>

#include "../model/graph_rows.h"
#include "export.h"

struct reading {
	const struct export_sink *sink;
	struct nsl_error *e;
	uint64_t to;
	int err;
};

static bool on_row(void *ctx, uint64_t seq, const struct nsl_head *row)
{
	struct reading *r = ctx;

	(void)seq;
	if (r->sink->row && !r->err)
		r->err = r->sink->row(r->sink->ctx, row, r->e);
	return !r->err;
}

static void on_graph_row(void *ctx, const struct nsl_head *row)
{
	on_row(ctx, 0, row);
}

static bool on_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct reading *r = ctx;

	if (event->ts > r->to)
		return false;
	r->err = r->sink->event(r->sink->ctx, seq, event, r->e);
	return !r->err;
}

static int begin_rows(struct reading *r, uint64_t seq, const struct nsg_totals *totals)
{
	if (r->sink->keyframe)
		r->err = r->sink->keyframe(r->sink->ctx, seq, totals, r->e);
	return r->err;
}

static int end_rows(struct reading *r)
{
	if (!r->err && r->sink->rows_end)
		r->err = r->sink->rows_end(r->sink->ctx, r->e);
	return r->err;
}

/* A ring: its oldest keyframe. */
static int begin_late(struct export_job *job, struct reading *r)
{
	struct nsg_totals totals = {0};
	int late = store_begins_late(job->reader, &totals, r->e);

	if (late <= 0)
		return late;
	if (begin_rows(r, 0, &totals))
		return -1;
	/* where the sink failed, `e` says why already */
	if (store_first_rows(job->reader, on_row, r, r->err ? NULL : r->e))
		return -1;
	return end_rows(r);
}

/* From a moment on: the graph as it was then. */
static int begin_at(struct export_job *job, struct reading *r, uint64_t *next)
{
	struct nsg *g = store_graph_at(job->reader, job->from - 1, next, r->e);
	struct nsg_totals totals;

	if (!g)
		return -1;
	nsg_totals(g, &totals);
	if (!nsg_stale(g) && !begin_rows(r, *next, &totals)) {
		nsg_rows(g, job->from - 1, on_graph_row, r);
		end_rows(r);
	}
	nsg_free(g);
	return r->err;
}

int export_read(struct export_job *job, const struct export_sink *sink, struct nsl_error *e)
{
	struct reading r = {.sink = sink, .e = e, .to = job->to};
	uint64_t next = 0;

	if (job->from ? begin_at(job, &r, &next) : begin_late(job, &r))
		return -1;
	if (store_read(job->reader, next, on_event, &r, e))
		return -1;
	return r.err;
}

int export_written(const struct export_job *job, int err, struct nsl_error *e)
{
	if (!err || err == -EPIPE)
		return 0;
	return nsl_error_set(e, "cannot write %s: %s",
			     job->output ? job->output : "to standard output", strerror(-err));
}
