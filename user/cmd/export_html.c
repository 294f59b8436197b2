// SPDX-License-Identifier: GPL-2.0-only
/* nslens export --format html: the page with a recording in it, in one file. */
#include <errno.h>
#include <string.h>

#include "../web/html.h"
#include "../web/page.h"
#include "cmd.h"
#include "compare.h"
#include "export.h"
#include "web_recorded.h"

#define MANY_EVENTS 100000 /* that a browser opens in two seconds */

struct page {
	struct web_lines *lines;
	int err;
};

static int refuse(int err, struct nsl_error *e)
{
	return nsl_error_set(e, "%s",
			     err == -ENOMEM ? "out of memory"
					    : "the recording is damaged: an event in it is none");
}

static bool on_before(void *ctx, const struct nsl_head *event)
{
	struct page *p = ctx;

	p->err = web_lines_before(p->lines, event);
	return !p->err;
}

static bool on_rows(void *ctx)
{
	struct page *p = ctx;

	web_lines_rows(p->lines);
	return true;
}

static bool on_row(void *ctx, const struct nsl_head *row)
{
	struct page *p = ctx;

	web_lines_row(p->lines, row);
	return true;
}

static bool on_rows_end(void *ctx, const struct nsg_totals *totals)
{
	struct page *p = ctx;

	web_lines_rows_end(p->lines, totals);
	return true;
}

static bool on_event(void *ctx, const struct nsl_head *event)
{
	struct page *p = ctx;

	p->err = web_lines_event(p->lines, event);
	return !p->err;
}

static bool add_line(void *ctx, const char *json, size_t len)
{
	struct page *p = ctx;

	web_lines_add(p->lines, json, len);
	return true;
}

static int fill(struct export_job *job, struct web_lines *lines, struct nsl_error *e)
{
	struct page p = {.lines = lines};
	const struct web_recorded_sink sink = {
		.ctx = &p,
		.before = on_before,
		.rows = on_rows,
		.row = on_row,
		.rows_end = on_rows_end,
		.event = on_event,
	};
	const struct nsv_end end = {
		.forks = job->meta.forks,
		.missed = job->meta.missed,
		.duration_ns = web_recorded_duration(job->reader),
	};

	web_lines_start(lines, &job->start.start);
	if (job->compare.len)
		web_lines_add(lines, job->compare.data, job->compare.len);
	if (web_recorded_read(job->reader, job->from, job->to, &sink, e))
		return -1;
	if (p.err)
		return refuse(p.err, e);
	web_lines_flush(lines);
	if (job->other && compare_other("export", job->side, job->other, add_line, &p, e))
		return -1;
	web_lines_end(lines, &end);
	return 0;
}

static void warn_of_many(size_t events)
{
	if (events > MANY_EVENTS)
		complain("export",
			 "%zu lines are much for a browser: it may take long to open it. --from "
			 "and --to make it smaller",
			 events);
}

int export_html(struct export_job *job, struct nsl_error *e)
{
	const char *slash = strrchr(job->input, '/');
	struct web_lines_options o = {
		.source = slash ? slash + 1 : job->input,
		.line = web_html_line,
		.call = web_html_call,
	};
	struct web_lines *lines = NULL;
	struct web_html *html;
	int err;

	if (!web_page_size)
		return nsl_error_set(e, "%s", WEB_NO_PAGE);
	html = web_html_new(job->out);
	o.ctx = html;
	lines = html ? web_lines_new(&o) : NULL;
	if (!lines) {
		web_html_free(html);
		return refuse(-ENOMEM, e);
	}
	web_html_set_lines(html, lines);
	err = fill(job, lines, e);
	if (!err)
		err = export_written(job, web_html_end(html), e);
	if (!err)
		warn_of_many(web_html_events(html));
	web_lines_free(lines);
	web_html_free(html);
	return err;
}
