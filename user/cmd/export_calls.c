// SPDX-License-Identifier: GPL-2.0-only
/* Formats that are made of calls: the story, and those of other tools. */
#include <errno.h>
#include <string.h>

#include "../view/export.h"
#include "call_numbers.h"
#include "export.h"
#include "recorded_filter.h"

/* How many namespaces there are, as the graph has them. */
struct census {
	uint64_t counts[NSL_TYPES];
	bool changed;
};

struct calls {
	struct nsm *model;
	struct nsg *graph; /* NULL: nobody asks how many there are */
	struct nsv_export *view;
	struct nsv *story;
	struct recorded_filter *filter; /* of the story: what a trace would have seen */
	struct call_numbers *numbers;	/* of the story: those of the whole recording */
	struct census census;
	uint8_t last_kind;
	bool counted; /* once the graph is whole */
};

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct calls *c = ctx;

	c->census.counts[ns->type]++;
	c->census.changed = true;
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct calls *c = ctx;

	(void)cause;
	if (c->census.counts[ns->type])
		c->census.counts[ns->type]--;
	c->census.changed = true;
}

static void count_all(struct calls *c)
{
	memset(c->census.counts, 0, sizeof(c->census.counts));
	for (const struct nsg_ns *ns = nsg_namespaces(c->graph); ns; ns = ns->next)
		c->census.counts[ns->type]++;
	c->census.changed = true;
}

/* A snapshot, or the rows of a keyframe, tell of namespaces that nobody saw being made. */
static void look_at_graph(struct calls *c, const struct nsl_head *event)
{
	bool whole = !nsg_stale(c->graph);

	if (whole && (!c->counted || event->kind == NSL_EV_SNAPSHOT))
		count_all(c);
	c->counted = whole;
	if (whole && c->census.changed)
		nsv_export_namespaces(c->view, event->ts, c->census.counts);
	c->census.changed = false;
}

static int refuse(int err, struct nsl_error *e)
{
	return nsl_error_set(e, "%s",
			     err == -ENOMEM ? "out of memory"
					    : "the recording is damaged: an event in it is none");
}

static int take(struct calls *c, const struct nsl_head *event, struct nsl_error *e)
{
	int err = c->numbers ? call_numbers_feed(c->numbers, event) : 0;

	if (!err && (!c->filter || recorded_filter_passes(c->filter, event)))
		err = nsm_feed(c->model, event);
	if (!err && c->filter && recorded_filter_failed(c->filter))
		err = -ENOMEM;
	if (!err && c->graph) {
		err = store_feed_graph(c->graph, event, &c->last_kind);
		look_at_graph(c, event);
	}
	return err ? refuse(err, e) : 0;
}

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	(void)seq;
	return take(ctx, event, e);
}

/* Of what was before, calls need the paths of cgroups alone. */
static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	struct calls *c = ctx;
	int err = row->kind == NSL_EV_CGROUP ? nsm_feed(c->model, row) : 0;

	if (!err && c->graph)
		err = nsg_feed(c->graph, row);
	return err ? refuse(err, e) : 0;
}

static int read_all(struct export_job *job, struct calls *c, struct nsv_end *end,
		    struct nsl_error *e)
{
	const struct export_sink sink = {.ctx = c, .row = on_row, .event = on_event};
	uint64_t first, last;
	int err = export_read(job, &sink, e);

	if (!err && c->numbers && call_numbers_finish(c->numbers))
		err = refuse(-ENOMEM, e);
	nsm_finish(c->model);
	store_span(job->reader, &first, &last);
	*end = (struct nsv_end){.counts = nsm_counts(c->model),
				.forks = job->meta.forks,
				.missed = job->meta.missed,
				.duration_ns = (job->meta.closed ? job->meta.end_ns : last) -
					       job->meta.mono_ns};
	return err;
}

int export_story(struct export_job *job, struct nsl_error *e)
{
	const struct nsv_options options = {.style = NSV_JSON, .milestones = true};
	const struct recorded_filter_options all = {.initial_user = job->meta.initial[NSL_USER]};
	struct calls c = {.story = nsv_new(job->out, &options),
			  .filter = recorded_filter_new(&all),
			  .numbers = call_numbers_new(job->meta.kernel)};
	struct nsm_sink sink;
	struct nsv_end end;
	int err = -1;

	if (c.story && c.numbers) {
		sink = nsv_sink(c.story);
		sink = call_numbers_sink(c.numbers, &sink);
		c.model = nsm_new(&sink);
	}
	if (!c.model || !c.filter) {
		nsl_error_set(e, "out of memory");
		goto out;
	}
	nsm_set_kernel(c.model, job->meta.kernel);
	nsv_start(c.story, &job->start.start);
	err = read_all(job, &c, &end, e);
	if (!err) {
		nsv_end(c.story, &end);
		err = export_written(job, -nsv_flush(c.story), e);
	}
out:
	nsm_free(c.model);
	call_numbers_free(c.numbers);
	recorded_filter_free(c.filter);
	nsv_free(c.story);
	return err;
}

static int export_calls(struct export_job *job, enum nsv_format format, bool census,
			struct nsl_error *e)
{
	struct calls c = {.view = nsv_export_new(job->out, format, &job->start.start)};
	const struct nsg_sink lives = {.ctx = &c, .born = on_born, .died = on_died};
	struct nsm_sink sink;
	struct nsv_end end;
	int err = -1;

	if (c.view) {
		sink = nsv_export_sink(c.view);
		c.model = nsm_new(&sink);
		c.graph = census ? nsg_new(&lives) : NULL;
	}
	if (!c.model || (census && !c.graph)) {
		nsl_error_set(e, "out of memory");
		goto out;
	}
	nsm_set_kernel(c.model, job->meta.kernel);
	err = read_all(job, &c, &end, e);
	if (!err)
		err = export_written(job, nsv_export_end(c.view, &end), e);
out:
	nsm_free(c.model);
	nsg_free(c.graph);
	nsv_export_free(c.view);
	return err;
}

int export_perfetto(struct export_job *job, struct nsl_error *e)
{
	return export_calls(job, NSV_PERFETTO, true, e);
}

int export_chrome(struct export_job *job, struct nsl_error *e)
{
	return export_calls(job, NSV_CHROME, true, e);
}

int export_folded(struct export_job *job, struct nsl_error *e)
{
	return export_calls(job, NSV_FOLDED, false, e);
}

int export_prometheus(struct export_job *job, struct nsl_error *e)
{
	return export_calls(job, NSV_PROMETHEUS, true, e);
}
