// SPDX-License-Identifier: GPL-2.0-only
#include "trace_recorded.h"

#include <errno.h>
#include <string.h>

#include "../model/model.h"
#include "call_numbers.h"
#include "container_filter.h"
#include "recorded.h"
#include "recorded_filter.h"

struct told {
	struct nsm *model;
	struct call_numbers *numbers; /* those of the whole recording */
	struct recorded_filter *filter;
	struct container_filter *container; /* NULL: all */
	struct nsv *view;
	int err;
};

static bool feed(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct told *t = ctx;

	(void)seq;
	t->err = call_numbers_feed(t->numbers, event);
	/* both look at every event: they learn from it */
	if (!t->err && recorded_filter_passes(t->filter, event) &&
	    (!t->container || container_filter_passes(t->container, event)))
		t->err = nsm_feed(t->model, event);
	if (recorded_filter_failed(t->filter) ||
	    (t->container && container_filter_failed(t->container)))
		t->err = -ENOMEM;
	return !t->err && !nsv_flush(t->view);
}

/* The beginning of a ring is gone; the paths of cgroups stand in its first keyframe. */
static bool feed_cgroup(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	return event->kind != NSL_EV_CGROUP || feed(ctx, seq, event);
}

static int tell(struct told *t, struct store_reader *r, struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(r);
	uint64_t first, last;
	struct nsv_end end = {
		.counts = nsm_counts(t->model), .forks = m->forks, .missed = m->missed};
	int err = store_first_rows(r, feed_cgroup, t, e);

	if (!err)
		err = store_read(r, 0, feed, t, e);
	if (!t->err)
		t->err = call_numbers_finish(t->numbers);
	if (!err && t->err)
		err = nsl_error_set(e, "%s",
				    t->err == -ENOMEM ? "out of memory"
						      : "the recording is damaged: an event "
							"in it is none");
	nsm_finish(t->model);
	store_span(r, &first, &last);
	end.duration_ns = (m->closed ? m->end_ns : last) - m->mono_ns;
	nsv_end(t->view, &end);
	return err;
}

int trace_recorded(const struct trace_options *o, FILE *out, struct nsl_error *e)
{
	struct store_reader *r = recorded_open("trace", o->input, e);
	struct recorded_filter_options filter = {.comm = o->capture.comm, .pid = (uint32_t)o->pid};
	struct recorded_start start;
	struct told t = {0};
	struct nsm_sink sink;
	int err = -1;

	if (!r)
		return -1;
	filter.initial_user = store_meta_of(r)->initial[NSL_USER];
	t.view = nsv_new(out, &o->view);
	t.numbers = call_numbers_new(store_meta_of(r)->kernel);
	if (t.view && t.numbers) {
		sink = nsv_sink(t.view);
		sink = call_numbers_sink(t.numbers, &sink);
		t.model = nsm_new(&sink);
	}
	t.filter = recorded_filter_new(&filter);
	if (o->container)
		t.container = container_filter_new(o->container);
	if (!t.model || !t.filter || (o->container && !t.container)) {
		nsl_error_set(e, "out of memory");
		goto out;
	}
	nsm_set_kernel(t.model, store_meta_of(r)->kernel);
	recorded_start(&start, store_meta_of(r));
	nsv_start(t.view, &start.start);
	err = tell(&t, r, e);
	if (!err && nsv_flush(t.view) && nsv_flush(t.view) != EPIPE)
		err = nsl_error_set(e, "cannot write %s: %s", o->output ? o->output : "the story",
				    strerror(nsv_flush(t.view)));
out:
	nsm_free(t.model);
	call_numbers_free(t.numbers);
	recorded_filter_free(t.filter);
	container_filter_free(t.container);
	nsv_free(t.view);
	store_reader_close(r);
	return err;
}
