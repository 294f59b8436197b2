// SPDX-License-Identifier: GPL-2.0-only
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../explain/paths.h"
#include "../explain/why.h"
#include "../model/graph_rows.h"
#include "../view/explain.h"
#include "../view/graph_view.h"
#include "../view/why.h"
#include "lines_internal.h"

/* Between two keyframes. A large graph must not make up most of the stream. */
#define KEYFRAME_LINES 5000
#define KEYFRAME_SHARE 8

/* ---- what the view writes ---- */

/* Whole lines go out, as they are. */
static ssize_t take(void *cookie, const char *data, size_t len)
{
	struct web_lines *l = cookie;

	nsv_buf_add(&l->taken, data, len);
	if (!len || data[len - 1] != '\n')
		return (ssize_t)len;
	if (l->extra.len)
		web_splice(&l->taken, &l->extra);
	l->extra.len = 0;
	l->told = true;
	web_put_line(l, l->kind, &l->taken);
	l->kind = WEB_LINE_EVENT;
	return (ssize_t)len;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct web_lines *l = ctx;
	const struct nsm_sink view = nsv_sink(l->view);

	if (l->silent)
		return;
	if (l->options.call)
		l->options.call(l->options.ctx, call);
	view.call(view.ctx, call);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct web_lines *l = ctx;
	const struct nsm_sink view = nsv_sink(l->view);

	view.lost(view.ctx, lost);
	l->keyframe_wanted = true;
}

static void on_milestone(void *ctx, const struct nsm_milestone *milestone)
{
	struct web_lines *l = ctx;
	const struct nsm_sink view = nsv_sink(l->view);

	if (!l->silent)
		view.milestone(view.ctx, milestone);
}

/* ---- what the graph tells ---- */

static bool is_quiet(const struct web_lines *l)
{
	return l->silent || l->snapshot || !l->event;
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct web_lines *l = ctx;

	if (is_quiet(l))
		return;
	web_changes_note_ns(&l->changes, ns);
	web_put_ns(l, ns, false, NULL);
	l->told = true;
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct web_lines *l = ctx;

	if (is_quiet(l))
		return;
	web_changes_note_ns(&l->changes, ns);
	web_put_ns(l, ns, true, cause);
	l->told = true;
}

static struct nsg *new_graph(struct web_lines *l)
{
	const struct nsg_sink sink = {.ctx = l, .born = on_born, .died = on_died};

	return nsg_new(&sink);
}

/* ---- its life ---- */

static struct nsm *new_model(struct web_lines *l)
{
	struct nsm_sink sink = nsv_sink(l->view);

	sink.ctx = l;
	sink.call = on_call;
	sink.lost = on_lost;
	sink.milestone = on_milestone;
	sink.ns = NULL;	  /* the graph tells them, with their cause */
	sink.task = NULL; /* all that are not initial, not only those of calls */
	return nsm_new(&sink);
}

struct web_lines *web_lines_new(const struct web_lines_options *o)
{
	static const struct nsv_options style = {
		.style = NSV_JSON, .exits = true, .milestones = true, .words = true};
	static const cookie_io_functions_t io = {.write = take};
	struct web_lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->kind = WEB_LINE_EVENT;
	l->options = *o;
	tzset(); /* what comes later may be not permitted to look for it */
	l->out = fopencookie(l, "w", io);
	if (l->out) {
		setvbuf(l->out, NULL, _IONBF, 0);
		l->view = nsv_new(l->out, &style);
	}
	if (l->view)
		l->model = new_model(l);
	if (l->model)
		return l;
	web_lines_free(l);
	return NULL;
}

void web_lines_free(struct web_lines *l)
{
	if (!l)
		return;
	nsm_free(l->model);
	nsg_free(l->graph);
	nsv_free(l->view);
	if (l->out)
		fclose(l->out);
	web_changes_free(&l->changes);
	web_startups_free(&l->startups);
	free(l->taken.data);
	free(l->extra.data);
	free(l->buf.data);
	free(l);
}

/* What the view says of the start, with what the page wants to know beside. */
void web_lines_start(struct web_lines *l, const struct nsv_start *start)
{
	struct nsv_json extra = {.buf = &l->extra};

	l->mono_ns = l->ts = start->mono_ns;
	l->kernel = start->kernel;
	l->steps = start->steps;
	snprintf(l->release, sizeof(l->release), "%s", start->release);
	nsm_set_kernel(l->model, start->kernel);
	nsv_json_str(&extra, "source", l->options.source);
	nsv_json_str(&extra, "title", start->what);
	l->kind = WEB_LINE_START;
	nsv_start(l->view, start);
	web_put_texts(l);
	web_startups_begin(&l->startups, l->view, start, l->options.live);
}

void web_lines_rows(struct web_lines *l)
{
	nsg_free(l->graph);
	l->graph = new_graph(l);
	l->last_kind = 0;
	web_changes_clear(&l->changes);
}

void web_lines_row(struct web_lines *l, const struct nsl_head *row)
{
	int err = l->graph ? nsg_feed(l->graph, row) : -ENOMEM;

	if (row->kind == NSL_EV_CGROUP) {
		err = err ? err : nsm_feed(l->model, row);
		web_startups_feed(&l->startups, row);
	}
	l->short_of_memory |= err == -ENOMEM;
}

void web_lines_rows_end(struct web_lines *l, const struct nsg_totals *totals)
{
	if (!l->graph)
		return; /* out of memory: the next rows may fare better */
	nsg_resume(l->graph, totals);
	web_lines_keyframe(l);
}

void web_lines_add(struct web_lines *l, const char *json, size_t len)
{
	l->options.line(l->options.ctx, WEB_LINE_EVENT, json, len);
}

/*
 * Keepers are read as a whole. In recordings that do not say where a reading begins the first of a
 * row of them ends the old ones.
 */
static int feed_graph(struct web_lines *l, const struct nsl_head *event)
{
	bool keeper = event->kind == NSL_EV_KEEPER;

	if (keeper && l->last_kind != NSL_EV_KEEPER && !nsg_keepers_begin(l->graph))
		nsg_keepers_clear(l->graph);
	l->last_kind = event->kind;
	if (keeper || event->kind == NSL_EV_SNAPSHOT)
		l->keyframe_wanted = true;
	return nsg_feed(l->graph, event);
}

static void note_snapshot(struct web_lines *l, const struct nsl_head *event)
{
	if (event->kind == NSL_EV_SNAPSHOT)
		l->snapshot = ((const struct nsl_snapshot *)event)->event == NSL_SNAPSHOT_BEGIN;
}

static void put_changes(struct web_lines *l)
{
	struct web_changes *c = &l->changes;
	struct nsv_graph_change change;

	l->keyframe_wanted |= c->failed;
	l->short_of_memory |= c->failed;
	web_changes_sort(c);
	change = (struct nsv_graph_change){
		.namespaces = c->namespaces.id,
		.nnamespaces = c->namespaces.n,
		.nsproxies = c->nsproxies.id,
		.nnsproxies = c->nsproxies.n,
		.tasks = c->tasks.id,
		.ntasks = c->tasks.n,
	};
	nsv_graph_change_json(&l->buf, l->graph, web_since(l, l->ts), &change);
	web_put_line(l, WEB_LINE_EVENT, &l->buf);
	web_changes_clear(c);
}

static bool keyframe_is_due(const struct web_lines *l)
{
	return l->keyframe_wanted ||
	       (l->lines >= KEYFRAME_LINES && l->bytes >= l->keyframe_bytes * KEYFRAME_SHARE);
}

static void tell_changes(struct web_lines *l)
{
	if (!l->graph || l->snapshot || nsg_stale(l->graph))
		return;
	/* also before a keyframe: it must say nothing new, unless something was lost */
	if (web_changes_any(&l->changes))
		put_changes(l);
	if (keyframe_is_due(l))
		web_lines_keyframe(l);
}

int web_lines_event(struct web_lines *l, const struct nsl_head *event)
{
	int err = 0, graph_err = 0;

	l->event = event;
	l->told = false;
	note_snapshot(l, event);
	if (l->graph && !l->snapshot)
		web_changes_note(&l->changes, l->graph, event);
	if (l->graph)
		graph_err = feed_graph(l, event);
	if (graph_err != -EINVAL && event->ts > l->ts)
		l->ts = event->ts;
	if (l->graph && !l->snapshot && !graph_err) {
		web_changes_note(&l->changes, l->graph, event);
		if (event->kind == NSL_EV_TASK)
			web_put_task(l, (const struct nsl_task *)event);
	}
	err = nsm_feed(l->model, event);
	l->untold += nsv_left_out(l->view) + (err == -ENOMEM);
	/* so that a viewer who stops at a call has the graph as it was behind it */
	if (l->told && (!l->options.changes || l->changed < l->options.changes)) {
		tell_changes(l);
		l->changed++;
	}
	if (!l->startups.from)
		l->startups.from = event->ts;
	web_startups_feed(&l->startups, event);
	l->event = NULL;
	return err ? err : graph_err;
}

int web_lines_before(struct web_lines *l, const struct nsl_head *event)
{
	int err;

	l->silent = true;
	err = nsm_feed(l->model, event);
	web_startups_feed(&l->startups, event);
	l->silent = false;
	return err;
}

void web_lines_gap(struct web_lines *l, uint64_t ts, uint64_t count)
{
	const struct nsl_lost lost = {
		.head = {.size = sizeof(lost),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_LOST,
			 .hook = NSL_HOOK_CALL,
			 .ts = ts},
		.count = count,
	};

	nsm_feed(l->model, &lost.head);
	web_startups_feed(&l->startups, &lost.head);
}

/* Told as lost where the memory is there again. */
static void tell_untold(struct web_lines *l)
{
	uint64_t untold = l->untold + nsv_left_out(l->view);

	if (!untold)
		return;
	l->untold = 0;
	l->short_of_memory = true;
	web_lines_gap(l, l->ts, untold);
}

void web_lines_flush(struct web_lines *l)
{
	tell_untold(l);
	tell_changes(l);
	l->changed = 0;
}

void web_lines_keyframe(struct web_lines *l)
{
	if (!l->graph)
		return;
	web_changes_clear(&l->changes);
	l->keyframe_wanted = false;
	web_put_graph(l);
}

void web_lines_end(struct web_lines *l, const struct nsv_end *end)
{
	struct nsv_end whole = *end;

	nsm_finish(l->model);
	web_lines_flush(l);
	web_startups_end(&l->startups);
	whole.counts = nsm_counts(l->model);
	l->kind = WEB_LINE_END;
	nsv_end(l->view, &whole);
}

bool web_lines_short_of_memory(const struct web_lines *l)
{
	return l->short_of_memory || l->untold || l->startups.short_of_memory ||
	       nsv_flush(l->view) == ENOMEM;
}

const struct nsg *web_lines_graph(const struct web_lines *l)
{
	return l->graph;
}

nse_kernel web_lines_kernel(const struct web_lines *l)
{
	return l->kernel;
}

/* ---- what a viewer asks for ---- */

static struct nsv *view_into(struct web_lines *l, FILE **out, char **data, size_t *size)
{
	static const struct nsv_options style = {.style = NSV_JSON};
	struct nsv *v;

	*out = open_memstream(data, size);
	v = *out ? nsv_new(*out, &style) : NULL;
	if (!v && *out)
		fclose(*out);
	l->short_of_memory |= !v;
	return v;
}

static void view_end(struct web_lines *l, struct nsv *v, FILE *out, char **data, size_t *size,
		     struct nsv_buf *to)
{
	l->short_of_memory |= nsv_flush(v) == ENOMEM;
	nsv_free(v);
	l->short_of_memory |= fclose(out) != 0;
	while (*size && (*data)[*size - 1] == '\n')
		--*size;
	nsv_buf_add(to, *data, *size);
	free(*data);
}

void web_lines_path(struct web_lines *l, const struct nsm_call *call, struct nsv_buf *to)
{
	static struct nse_place rows[NSE_WALK_MAX];
	const struct nsv_explain o = {.kernel = l->kernel};
	size_t n = nse_path_of_call(call, l->kernel, rows, NSE_WALK_MAX), size = 0;
	char *data = NULL;
	struct nsv *v;
	FILE *out;

	v = n ? view_into(l, &out, &data, &size) : NULL;
	if (!v)
		return;
	nsv_explain_call(v, &o, rows, n < NSE_WALK_MAX ? n : NSE_WALK_MAX, true);
	view_end(l, v, out, &data, &size, to);
}

bool web_lines_why(struct web_lines *l, uint64_t id, uint64_t now, struct nsv_buf *to)
{
	const struct nsg_ns *ns = l->graph ? nsg_find_ns(l->graph, id) : NULL;
	const struct nse_why_context context = {
		.kernel = l->kernel, .now = now, .deaths_unseen = !l->steps};
	struct nse_why *why = ns ? nse_why(l->graph, ns, &context) : NULL;
	size_t size = 0;
	char *data = NULL;
	struct nsv *v;
	FILE *out;

	v = why ? view_into(l, &out, &data, &size) : NULL;
	if (v) {
		nsv_why(v, why, NULL, 0);
		view_end(l, v, out, &data, &size, to);
	}
	nse_why_free(why);
	return v != NULL;
}
