// SPDX-License-Identifier: GPL-2.0-only
/* The forms from which the same recording can be made again: JSON Lines, and one itself. */
#include <errno.h>
#include <string.h>

#include "../store/copy.h"
#include "../view/events.h"
#include "cmd.h"
#include "export.h"

/* ---- JSON Lines ---- */

static int events_keyframe(void *ctx, uint64_t seq, const struct nsg_totals *totals,
			   struct nsl_error *e)
{
	(void)e;
	nsv_events_keyframe(ctx, seq, totals);
	return 0;
}

static int events_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	(void)e;
	nsv_events_row(ctx, row);
	return 0;
}

/* What cannot be written need not be read. */
static int events_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	struct nsv_events *x = ctx;

	nsv_events_event(x, seq, event);
	return x->err ? nsl_error_set(e, "cannot write: %s", strerror(-x->err)) : 0;
}

int export_events(struct export_job *job, struct nsl_error *e)
{
	struct nsv_events x;
	struct export_sink sink = {
		.ctx = &x, .keyframe = events_keyframe, .row = events_row, .event = events_event};
	struct nsv_events_end end = {.ended = job->meta.end_ns,
				     .forks = job->meta.forks,
				     .missed = job->meta.missed,
				     .because = *job->meta.because ? job->meta.because : NULL};
	int err, written;

	if (!nsv_events_init(&x, job->out))
		return nsl_error_set(e, "out of memory");
	nsv_events_start(&x, &job->start.start);
	err = export_read(job, &sink, e);
	if (!err && job->meta.closed)
		nsv_events_end(&x, &end);
	written = nsv_events_flush(&x);
	nsv_events_free(&x);
	if (written)
		return export_written(job, written, e);
	return err;
}

/* ---- a recording ---- */

struct copying {
	struct store_copy *copy;
	struct nsg_totals totals;
};

static int copy_keyframe(void *ctx, uint64_t seq, const struct nsg_totals *totals,
			 struct nsl_error *e)
{
	struct copying *c = ctx;

	(void)seq;
	(void)e;
	c->totals = *totals;
	return 0;
}

static int copy_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	struct copying *c = ctx;

	return store_copy_row(c->copy, row, e);
}

static int copy_rows_end(void *ctx, struct nsl_error *e)
{
	struct copying *c = ctx;

	(void)e;
	store_copy_keyframe(c->copy, &c->totals);
	return 0;
}

static int copy_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	struct copying *c = ctx;

	return store_copy_event(c->copy, seq, event, e);
}

int export_copy(struct export_job *job, struct nsl_error *e)
{
	struct copying c = {0};
	struct export_sink sink = {.ctx = &c,
				   .keyframe = copy_keyframe,
				   .row = copy_row,
				   .rows_end = copy_rows_end,
				   .event = copy_event};
	struct nsl_error late = {""};
	int err;

	c.copy = store_copy_new(job->output, &job->meta, job->force, e);
	if (!c.copy)
		return -1;
	err = export_read(job, &sink, e);
	if (store_copy_close(c.copy, !err, job->meta.closed ? &job->meta : NULL, NULL, &late) &&
	    !err)
		err = nsl_error_set(e, "%s", late.text);
	return err;
}
