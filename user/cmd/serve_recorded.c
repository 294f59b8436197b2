// SPDX-License-Identifier: GPL-2.0-only
/* A recording as the source of the page. */
#include <string.h>
#include <unistd.h>

#include "../model/graph_rows.h"
#include "cmd.h"
#include "recorded.h"
#include "serve.h"
#include "signals.h"

#define WAIT_MS 100

struct source {
	struct serve *serve;
	uint64_t rows_at; /* number of the first event behind the rows */
	uint64_t until;
};

static bool send(struct source *x, enum web_message kind, const void *data, size_t size)
{
	struct web_channel *c = &x->serve->channel;

	while (!web_channel_put(c, kind, data, size, false) && !stop_count &&
	       !serve_server_gone(x->serve))
		web_channel_flush(c, WAIT_MS);
	return !stop_count && !c->gone;
}

static bool send_before(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct source *x = ctx;

	return seq < x->rows_at && send(x, WEB_MSG_BEFORE, event, event->size);
}

static bool send_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct source *x = ctx;

	(void)seq;
	return event->ts <= x->until && send(x, WEB_MSG_EVENT, event, event->size);
}

static void send_row(void *ctx, const struct nsl_head *row)
{
	send(ctx, WEB_MSG_ROW, row, row->size);
}

/* The graph as it was when the recorder had it whole, or at --from. */
static uint64_t begin_of(const struct store_reader *r)
{
	uint64_t first, last;

	store_span(r, &first, &last);
	return first > store_meta_of(r)->mono_ns ? first : store_meta_of(r)->mono_ns;
}

static int send_rows(struct source *x, struct store_reader *r, uint64_t at, struct nsl_error *e)
{
	struct nsg *g = store_graph_at(r, at, &x->rows_at, e);
	struct nsg_totals totals;
	int err;

	if (!g)
		return -1;
	nsg_totals(g, &totals);
	send(x, WEB_MSG_ROWS, NULL, 0);
	/* none while a snapshot is under way: then all of it is read from the start */
	if (!nsg_rows(g, at, send_row, x))
		x->rows_at = 0;
	send(x, WEB_MSG_ROWS_END, &totals, sizeof(totals));
	/* calls have the numbers that `nslens trace -i` gives them */
	err = store_read(r, 0, send_before, x, e);
	nsg_free(g);
	return err;
}

static int send_all(struct source *x, struct store_reader *r, uint64_t from, struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(r);
	uint64_t first, last;
	struct web_end end = {.forks = m->forks, .missed = m->missed};

	send(x, WEB_MSG_START, m, sizeof(*m));
	if (send_rows(x, r, from, e) || store_read(r, x->rows_at, send_event, x, e))
		return -1;
	store_span(r, &first, &last);
	end.duration = (m->closed ? m->end_ns : last) - m->mono_ns;
	send(x, WEB_MSG_END, &end, sizeof(end));
	return 0;
}

/* --from and --to, or all of it. */
static int find_range(const struct serve_options *o, const struct store_reader *r, uint64_t *from,
		      uint64_t *to, struct nsl_error *e)
{
	uint64_t begin = begin_of(r);

	*from = begin;
	*to = UINT64_MAX;
	if (o->from && recorded_time(r, o->from, from, e))
		return -1;
	if (o->to && recorded_time(r, o->to, to, e))
		return -1;
	if (*from < begin)
		*from = begin;
	if (*to <= *from)
		return nsl_error_set(e, "--to %s: that is not behind the beginning", o->to);
	return 0;
}

int serve_recorded(struct serve *s, struct nsl_error *e)
{
	struct store_reader *r = recorded_open("serve", s->options.input, e);
	struct source x = {.serve = s};
	uint64_t from;
	int err;

	if (!r)
		return -1;
	err = find_range(&s->options, r, &from, &x.until, e);
	if (!err) {
		serve_announce(s);
		err = send_all(&x, r, from, e);
	}
	store_reader_close(r);
	while (!err && !stop_count && !serve_server_gone(s)) {
		web_channel_flush(&s->channel, WAIT_MS);
		usleep(WAIT_MS * 1000);
	}
	if (!err && s->server_ended)
		err = nsl_error_set(e, "the process that serves the page has ended");
	return err;
}
