// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: a row of events from anywhere, through all that tells of them: the story,
 * exports, reports of start-ups, their differences, traces of them, and pictures of the
 * graph. What is told must be well-formed, whatever names the events have: JSON parses, and
 * no text for a terminal has a control byte in it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/model/graph.h"
#include "../../user/view/diff.h"
#include "../../user/view/export.h"
#include "../../user/view/graph_view.h"
#include "../../user/view/otlp.h"
#include "../../user/view/report.h"

#define KERNEL	  6012
#define MAX_BYTES (4u << 20) /* of one text: enough to be checked */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An event at a time, as they lie in the input. */
static void each(const uint8_t *data, size_t size, int (*fn)(void *, const struct nsl_head *),
		 void *ctx)
{
	struct nsl_head *event = malloc(UINT16_MAX + 1);

	while (size > sizeof(*event)) {
		uint16_t length;

		memcpy(&length, data, sizeof(length));
		if (length < sizeof(*event) || length > size)
			break;
		memcpy(event, data, length);
		event->version = NSL_EVENT_VERSION; /* get past the first check */
		fn(ctx, event);
		data += length;
		size -= length;
	}
	free(event);
}

/* ---- what is told ---- */

struct told {
	FILE *out;
	char *text;
	size_t size;
};

/* One at a time. */
static struct told *tell(void)
{
	static struct told t;

	t.out = open_memstream(&t.text, &t.size);
	if (!t.out)
		abort();
	return &t;
}

static void must_parse(const char *text)
{
	json_error_t e;
	json_t *j = json_loads(text, 0, &e);

	if (!j) {
		fprintf(stderr, "no JSON at %d (%s): %s\n", e.position, e.text, text);
		abort();
	}
	json_decref(j);
}

static void must_be_json(struct told *t)
{
	fclose(t->out);
	if (t->size < MAX_BYTES)
		must_parse(t->text);
	free(t->text);
}

/* An object a line. */
static void must_be_json_lines(struct told *t)
{
	char *line, *rest;

	fclose(t->out);
	rest = t->size < MAX_BYTES ? t->text : NULL;
	while (rest && (line = strsep(&rest, "\n")) != NULL)
		if (*line)
			must_parse(line);
	free(t->text);
}

static void must_be_plain(struct told *t)
{
	fclose(t->out);
	for (size_t i = 0; i < t->size; i++) {
		unsigned char c = (unsigned char)t->text[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
			fprintf(stderr, "byte %02x at %zu: %s\n", c, i, t->text);
			abort();
		}
	}
	free(t->text);
}

static void may_be_anything(struct told *t)
{
	fclose(t->out);
	free(t->text);
}

static const struct nsv_start start = {
	.version = "fuzz", .release = "6.12", .boot_id = "boot", .kernel = KERNEL, .steps = true};

/* ---- calls ---- */

static int feed_calls(void *ctx, const struct nsl_head *event)
{
	return nsm_feed(ctx, event);
}

static void tell_story(const uint8_t *data, size_t size, enum nsv_style style)
{
	const struct nsv_options o = {
		.style = style, .exits = true, .milestones = true, .words = true, .width = 80};
	struct told *t = tell();
	struct nsv *v = nsv_new(t->out, &o);
	struct nsm_sink sink = nsv_sink(v);
	struct nsm *m = nsm_new(&sink);
	struct nsv_end end = {.counts = nsm_counts(m), .duration_ns = 1};

	nsm_set_kernel(m, KERNEL);
	nsv_start(v, &start);
	each(data, size, feed_calls, m);
	nsm_finish(m);
	nsv_end(v, &end);
	nsv_flush(v);
	nsv_free(v);
	nsm_free(m);
	if (style == NSV_JSON)
		must_be_json_lines(t);
	else
		must_be_plain(t);
}

static void export(const uint8_t *data, size_t size, enum nsv_format format)
{
	struct told *t = tell();
	struct nsv_export *x = nsv_export_new(t->out, format, &start);
	struct nsm_sink sink = nsv_export_sink(x);
	struct nsm *m = nsm_new(&sink);
	struct nsv_end end = {.counts = nsm_counts(m), .duration_ns = 1};

	nsm_set_kernel(m, KERNEL);
	each(data, size, feed_calls, m);
	nsm_finish(m);
	nsv_export_end(x, &end);
	nsv_export_free(x);
	nsm_free(m);
	if (format == NSV_PERFETTO)
		may_be_anything(t);
	else if (format == NSV_CHROME)
		must_be_json(t);
	else
		must_be_plain(t);
}

/* ---- start-ups ---- */

static int feed_starts(void *ctx, const struct nsl_head *event)
{
	return nsu_feed(ctx, event);
}

static void report(const struct nsu *u, enum nsv_report_format format)
{
	const struct nsv_options o = {.width = 80};
	struct nsv_report r = {.file = "fuzz.nslens", .start = start, .left_out = nsu_left_out(u)};
	struct told *t = tell();
	struct nsv *v = nsv_new(t->out, &o);

	r.list = nsu_list(u, &r.n);
	r.all = r.n;
	r.full = r.list;
	r.nfull = r.n;
	r.joins = nsu_joins(u, &r.njoins);
	r.lost = nsu_lost(u, &r.gaps);
	nsv_report(v, format, &r);
	nsv_flush(v);
	nsv_free(v);
	if (format == NSV_REPORT_JSON)
		must_be_json_lines(t);
	else
		must_be_plain(t);
}

static void diff(const struct nsu *u, void (*put)(struct nsv *, const struct nsv_diff *), bool json)
{
	const struct nsv_options o = {.width = 80};
	const struct nsv_diff_run run = {.file = "fuzz.nslens", .release = "6.12"};
	struct nsv_diff d = {.runs = {&run, &run}, .all = true};
	struct nsa_side a = {.n = 1, .kernel = KERNEL, .steps = true}, b = a;
	struct told *t;
	struct nsa *n;
	struct nsv *v;
	size_t starts;

	a.runs = nsu_list(u, &starts);
	if (!starts)
		return;
	b.runs = a.runs + starts - 1;
	t = tell();
	v = nsv_new(t->out, &o);
	n = nsa_new(&a, &b, nse_diff_exists);
	d.n = n;
	put(v, &d);
	nsv_flush(v);
	nsv_free(v);
	nsa_free(n);
	if (json)
		must_be_json(t);
	else
		must_be_plain(t);
}

static void traces(const struct nsu *u)
{
	const struct nsv_otlp o = {.version = "fuzz",
				   .release = "6.12",
				   .boot_id = "boot",
				   .hostname = "\xff\"\n",
				   .mono_ns = 1,
				   .wall_ns = 1,
				   .kernel = KERNEL};
	const struct nsu_startup *const *list;
	size_t n;

	list = nsu_list(u, &n);
	for (size_t i = 0; i < n; i++) {
		struct nsv_buf b = {0};
		struct told *t = tell();

		nsv_otlp_startup(&b, &o, list[i]);
		fwrite(b.data, 1, b.len, t->out);
		free(b.data);
		must_be_json(t);
	}
}

static void tell_starts(const uint8_t *data, size_t size)
{
	const struct nsu_options o = {.kernel = KERNEL};
	struct nsu *u = nsu_new(&o);

	each(data, size, feed_starts, u);
	nsu_finish(u);
	report(u, NSV_REPORT_TEXT);
	report(u, NSV_REPORT_MARKDOWN);
	report(u, NSV_REPORT_JSON);
	diff(u, nsv_diff_text, false);
	diff(u, nsv_diff_markdown, false);
	diff(u, nsv_diff_json, true);
	traces(u);
	nsu_free(u);
}

/* ---- the graph ---- */

static int feed_graph(void *ctx, const struct nsl_head *event)
{
	return nsg_feed(ctx, event);
}

static void draw(const uint8_t *data, size_t size)
{
	static int (*const forms[])(FILE *, const struct nsg *,
				    const struct nsv_graph_options *) = {
		nsv_graph_text, nsv_graph_json, nsv_graph_dot, nsv_graph_mermaid, nsv_graph_svg};
	const struct nsv_graph_options o = {
		.verbose = true, .now_ns = 1, .wall_ns = 1, .release = "6.12"};
	struct nsg *g = nsg_new(NULL);

	each(data, size, feed_graph, g);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct told *t = tell();

		forms[i](t->out, g, &o);
		if (forms[i] == nsv_graph_json)
			must_be_json(t);
		else
			must_be_plain(t);
	}
	for (enum nsl_type type = 0; type < NSL_TYPES; type++) {
		struct told *t = tell();

		nsv_graph_tree(t->out, g, &o, type);
		must_be_plain(t);
	}
	nsg_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tell_story(data, size, NSV_STORY);
	tell_story(data, size, NSV_BRIEF);
	tell_story(data, size, NSV_JSON);
	for (enum nsv_format format = 0; format < NSV_FORMATS; format++)
		export(data, size, format);
	tell_starts(data, size);
	draw(data, size);
	return 0;
}
