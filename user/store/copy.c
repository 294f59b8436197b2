// SPDX-License-Identifier: GPL-2.0-only
#include "copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader.h"
#include "../model/graph_rows.h"
#include "writer_internal.h"

struct store_copy {
	struct store_writer *writer;
	struct nsg *graph;
	char *path;
	uint64_t ts, last_seq;
	uint8_t last_kind;
	bool drawn; /* keyframes are made: the graph is there */
};

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct store_copy *c = ctx;

	store_born(c->writer, ns);
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct store_copy *c = ctx;

	store_died(c->writer, ns, cause, c->ts);
}

static void let_go(struct store_copy *c)
{
	nsg_free(c->graph);
	free(c->path);
	free(c);
}

struct store_copy *store_copy_new(const char *path, const struct store_meta *meta, bool replace,
				  struct nsl_error *e)
{
	struct store_options options = {.replace = replace};
	struct store_copy *c = calloc(1, sizeof(*c));
	struct nsg_sink sink = {.ctx = c, .born = on_born, .died = on_died};

	if (c) {
		c->path = strdup(path);
		c->graph = nsg_new(&sink);
	}
	if (!c || !c->path || !c->graph) {
		nsl_error_set(e, "out of memory");
		if (c)
			let_go(c);
		return NULL;
	}
	c->writer = store_create(path, meta, &options, e);
	if (!c->writer) {
		let_go(c);
		return NULL;
	}
	store_describe(c->writer, meta);
	return c;
}

/* The graph has just become whole: keyframes can be made of it. */
static void draw(struct store_copy *c)
{
	if (c->drawn || nsg_stale(c->graph))
		return;
	for (const struct nsg_ns *ns = nsg_namespaces(c->graph); ns; ns = ns->next)
		store_known(c->writer, ns);
	store_set_graph(c->writer, c->graph);
	c->drawn = true;
}

static int refuse(int err, const char *what, struct nsl_error *e)
{
	if (err == -ENOMEM)
		return nsl_error_set(e, "out of memory");
	return nsl_error_set(e, "%s in it is none of this version's", what);
}

int store_copy_row(struct store_copy *c, const struct nsl_head *row, struct nsl_error *e)
{
	int err = nsg_feed(c->graph, row);

	/* the calls' model needs the paths of cgroups, and nothing else of a keyframe */
	if (!err && row->kind == NSL_EV_CGROUP)
		err = nsm_feed(c->writer->model, row);
	return err ? refuse(err, "a row of a keyframe", e) : 0;
}

void store_copy_keyframe(struct store_copy *c, const struct nsg_totals *totals)
{
	nsg_resume(c->graph, totals);
	draw(c);
}

int store_copy_event(struct store_copy *c, uint64_t seq, const struct nsl_head *event,
		     struct nsl_error *e)
{
	int err;

	if (seq <= c->last_seq || seq > INT64_MAX)
		return nsl_error_set(e, "event %llu stands behind event %llu",
				     (unsigned long long)seq, (unsigned long long)c->last_seq);
	c->last_seq = c->writer->seq = seq;
	c->ts = event->ts;
	/* as the recorder: it has the event before the graph does */
	store_event(c->writer, event);
	err = store_feed_graph(c->graph, event, &c->last_kind);
	if (err)
		return refuse(err, "an event", e);
	draw(c);
	if (c->writer->failed)
		return nsl_error_set(e, "%s", c->writer->error.text);
	return 0;
}

int store_copy_close(struct store_copy *c, bool good, const struct store_meta *end,
		     struct store_counts *counts, struct nsl_error *e)
{
	int err = 0;

	store_set_graph(c->writer, NULL);
	err = store_close(c->writer, good ? end : NULL, counts, e);
	if (!good)
		unlink(c->path);
	let_go(c);
	return err;
}
