// SPDX-License-Identifier: GPL-2.0-only
/* A recording as the source of the page. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "compare.h"
#include "recorded.h"
#include "serve.h"
#include "signals.h"
#include "web_recorded.h"

#define WAIT_MS 100

static bool put(struct serve *s, enum web_message kind, const void *data, size_t size)
{
	struct web_channel *c = &s->channel;

	while (!web_channel_put(c, kind, data, size, false) && !stop_count && !serve_server_gone(s))
		web_channel_flush(c, WAIT_MS);
	return !stop_count && !c->gone;
}

static bool put_before(void *ctx, const struct nsl_head *event)
{
	return put(ctx, WEB_MSG_BEFORE, event, event->size);
}

static bool put_rows(void *ctx)
{
	return put(ctx, WEB_MSG_ROWS, NULL, 0);
}

static bool put_row(void *ctx, const struct nsl_head *row)
{
	return put(ctx, WEB_MSG_ROW, row, row->size);
}

static bool put_rows_end(void *ctx, const struct nsg_totals *totals)
{
	struct serve *s = ctx;

	if (!put(s, WEB_MSG_ROWS_END, totals, sizeof(*totals)))
		return false;
	if (s->compare.len)
		web_channel_put(&s->channel, WEB_MSG_LINE, s->compare.data, s->compare.len, true);
	return true;
}

static bool put_event(void *ctx, const struct nsl_head *event)
{
	return put(ctx, WEB_MSG_EVENT, event, event->size);
}

static bool put_line(void *ctx, const char *json, size_t len)
{
	if (len > WEB_MESSAGE_MAX) {
		complain("serve", "the second recording has a graph that is too large for the "
				  "page: what comes before it is there");
		return false;
	}
	return put(ctx, WEB_MSG_LINE, json, len);
}

static int put_all(struct serve *s, struct store_reader *r, uint64_t from, uint64_t to,
		   struct nsl_error *e)
{
	const struct web_recorded_sink sink = {
		.ctx = s,
		.before = put_before,
		.rows = put_rows,
		.row = put_row,
		.rows_end = put_rows_end,
		.event = put_event,
	};
	const struct store_meta *m = store_meta_of(r);
	const struct web_end end = {
		.forks = m->forks, .missed = m->missed, .duration = web_recorded_duration(r)};

	put(s, WEB_MSG_START, m, sizeof(*m));
	if (web_recorded_read(r, from, to, &sink, e))
		return -1;
	if (s->options.compare &&
	    compare_other("serve", s->options.input, s->options.compare, put_line, s, e))
		return -1;
	put(s, WEB_MSG_END, &end, sizeof(end));
	return 0;
}

static int find_range(const struct serve_options *o, const struct store_reader *r, uint64_t *from,
		      uint64_t *to, struct nsl_error *e)
{
	*from = 0;
	*to = UINT64_MAX;
	if ((o->from && recorded_time(r, o->from, from, e)) ||
	    (o->to && recorded_time(r, o->to, to, e)))
		return -1;
	if (*to < *from)
		return nsl_error_set(e, "--from %s is later than --to %s", o->from, o->to);
	return 0;
}

static int compare(struct serve *s, struct nsl_error *e)
{
	int err = compare_line(s->options.input, s->options.compare, &s->compare, e);

	if (!err && s->compare.len > WEB_MESSAGE_MAX)
		err = nsl_error_set(e, "the two are too large to be compared in the page: see "
				       "nslens diff");
	return err;
}

static struct store_reader *open_recording(const struct serve_options *o, struct nsl_error *e)
{
	char *file = o->compare ? compare_file(o->input) : NULL;
	struct store_reader *r = recorded_open("serve", file ? file : o->input, e);

	free(file);
	return r;
}

int serve_recorded(struct serve *s, struct nsl_error *e)
{
	struct store_reader *r = open_recording(&s->options, e);
	uint64_t from, to;
	int err;

	if (!r)
		return -1;
	err = find_range(&s->options, r, &from, &to, e);
	if (!err && s->options.compare)
		err = compare(s, e);
	if (!err) {
		serve_announce(s);
		err = put_all(s, r, from, to, e);
	}
	store_reader_close(r);
	free(s->compare.data);
	while (!err && !stop_count && !serve_server_gone(s)) {
		web_channel_flush(&s->channel, WAIT_MS);
		usleep(WAIT_MS * 1000);
	}
	if (!err && s->server_ended)
		err = nsl_error_set(e, "the process that serves the page has ended");
	return err;
}
