// SPDX-License-Identifier: GPL-2.0-only
/* The second one of two recordings for the page: its lines, each in a line `other`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../web/lines.h"
#include "compare.h"
#include "recorded.h"
#include "web_recorded.h"

struct other {
	struct web_lines *lines;
	struct nsv_buf line;
	bool (*put)(void *ctx, const char *json, size_t len);
	void *ctx;
	bool stopped;
	int err;
};

static void wrap(void *ctx, enum web_line kind, const char *json, size_t len)
{
	static const char head[] = "{\"type\":\"other\",\"line\":";
	struct other *o = ctx;

	if (o->stopped || kind == WEB_LINE_TEXTS) /* those of the first one are enough */
		return;
	o->line.len = 0;
	nsv_buf_add(&o->line, head, sizeof(head) - 1);
	nsv_buf_add(&o->line, json, len);
	nsv_buf_add(&o->line, "}", 1);
	if (o->line.failed)
		o->err = -ENOMEM;
	o->stopped = o->err || !o->put(o->ctx, o->line.data, o->line.len);
}

static bool goes_on(struct other *o, int err)
{
	o->err = err ? err : o->err;
	return !o->err && !o->stopped;
}

static bool on_before(void *ctx, const struct nsl_head *event)
{
	struct other *o = ctx;

	return goes_on(o, web_lines_before(o->lines, event));
}

static bool on_rows(void *ctx)
{
	struct other *o = ctx;

	web_lines_rows(o->lines);
	return goes_on(o, 0);
}

static bool on_row(void *ctx, const struct nsl_head *row)
{
	struct other *o = ctx;

	web_lines_row(o->lines, row);
	return goes_on(o, 0);
}

static bool on_rows_end(void *ctx, const struct nsg_totals *totals)
{
	struct other *o = ctx;

	web_lines_rows_end(o->lines, totals);
	return goes_on(o, 0);
}

static bool on_event(void *ctx, const struct nsl_head *event)
{
	struct other *o = ctx;

	return goes_on(o, web_lines_event(o->lines, event));
}

static int tell(struct other *o, struct store_reader *r, struct nsl_error *e)
{
	const struct web_recorded_sink sink = {.ctx = o,
					       .before = on_before,
					       .rows = on_rows,
					       .row = on_row,
					       .rows_end = on_rows_end,
					       .event = on_event};
	const struct store_meta *m = store_meta_of(r);
	const struct nsv_end end = {
		.forks = m->forks, .missed = m->missed, .duration_ns = web_recorded_duration(r)};
	struct recorded_start start;

	recorded_start(&start, m);
	web_lines_start(o->lines, &start.start);
	if (web_recorded_read(r, 0, UINT64_MAX, &sink, e))
		return -1;
	if (o->err)
		return nsl_error_set(e, "%s",
				     o->err == -ENOMEM
					     ? "out of memory"
					     : "the recording is damaged: an event in it is none");
	web_lines_flush(o->lines);
	web_lines_end(o->lines, &end);
	return 0;
}

int compare_other(const char *command, const char *a, const char *b,
		  bool (*put)(void *ctx, const char *json, size_t len), void *ctx,
		  struct nsl_error *e)
{
	char *file = compare_file(b);
	const char *slash = file ? strrchr(file, '/') : NULL;
	struct other o = {.put = put, .ctx = ctx};
	struct web_lines_options options = {
		.source = slash ? slash + 1 : file, .line = wrap, .ctx = &o};
	struct store_reader *r = NULL;
	int err = -1;

	if (!file)
		nsl_error_set(e, "out of memory");
	else if (compare_reads(a, file)) /* the page has it */
		err = 0;
	else if (!(o.lines = web_lines_new(&options)))
		nsl_error_set(e, "out of memory");
	else if ((r = recorded_open(command, file, e)))
		err = tell(&o, r, e);
	store_reader_close(r);
	web_lines_free(o.lines);
	free(o.line.data);
	free(file);
	return err;
}
