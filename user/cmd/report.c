// SPDX-License-Identifier: GPL-2.0-only
/* nslens report: the post-mortem of each container start-up in a recording. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../view/report.h"
#include "cmd.h"
#include "options.h"
#include "recorded.h"
#include "values.h"

#define T	 struct report_options
#define MAX_FULL 1 /* told in full without being asked for */

struct report_options {
	const char *file;
	int format;
	unsigned int start;
	unsigned int slowest;
	const char *runtime;
	const char *container;
	bool all;
	int colour;
	int width;
};

static const struct option_row rows[] = {
	OPTION_GROUP("Which start-ups"),
	{"start", 's', "N", "the one of this number, in full", OPTION_COUNT(T, start, 1, 1000000)},
	{"slowest", 0, "N", "the N that took longest, in full", OPTION_COUNT(T, slowest, 1, 1000)},
	{"runtime", 0, "NAME",
	 "those of this runtime or its frame: runc, crun, bwrap, podman, docker, unshare ...",
	 OPTION_TEXT(T, runtime)},
	{"container", 0, "NAME", "those of this container: its name, or a part of its id",
	 OPTION_TEXT(T, container)},
	{"all", 'a', NULL,
	 "also those of others, in a recording that was made with -- CMD: all that began meanwhile",
	 OPTION_FLAG(T, all)},
	OPTION_GROUP("How they are shown"),
	{"format", 0, "FORM", "text, markdown (for a ticket) or json (user/doc/report.md)",
	 OPTION_WORD(T, format, "text|markdown|json")},
	{"json", 'j', NULL, "the same as --format json", OPTION_SET(T, format, NSV_REPORT_JSON)},
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_WIDTH(T, width),
	{0},
};

static const struct option_rule rules[] = {
	{"start", OPTION_EXCLUDES, "slowest", "one of a number, or some by their time"},
	{0},
};

static const struct option_word examples[] = {
	{"nslens record -o web.nslens -- podman run nginx", "a recording of one start"},
	{"nslens report web.nslens", "where its time went, or why it failed"},
	{"nslens report --slowest 3 boot.nslens", "the three slowest starts of a boot"},
	{"nslens report --start 4 --format markdown boot.nslens", "the fourth, for a ticket"},
	{0},
};

const struct command_line report_line = {
	.name = "report",
	.summary = "where the time of each container start-up went, and why it failed",
	.usage = "[options] FILE",
	.about = "Finds the start-ups of containers in a recording (nslens record), and tells of "
		 "each its stages with times, the critical path, the namespaces that it made, "
		 "shared, joined and left behind, the calls that failed and whether that "
		 "mattered, and what its payload sees. Of many: percentiles by runtime, and what "
		 "the slow ones have in common.",
	.rows = rows,
	.rules = rules,
	.status = option_status,
	.examples = examples,
	.see = "record diff trace explain",
	.min_words = 1,
	.max_words = 1,
	.too_few = "which recording? Name the file of nslens record",
	.too_much = "is too much: one recording at a time",
};

struct fed {
	struct nsu *u;
	int err;
	bool milestones;
};

static bool feed(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct fed *f = ctx;

	(void)seq;
	f->milestones = f->milestones || event->kind == NSL_EV_MILESTONE;
	f->err = nsu_feed(f->u, event);
	return !f->err;
}

/* The beginning of a ring is gone; the paths of cgroups stand in its first keyframe. */
static bool feed_cgroup(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	return event->kind != NSL_EV_CGROUP || feed(ctx, seq, event);
}

static int read_all(struct store_reader *r, struct fed *f, struct nsl_error *e)
{
	int err = store_first_rows(r, feed_cgroup, f, e);

	if (!err)
		err = store_read(r, 0, feed, f, e);
	if (!err && !f->err)
		f->err = nsu_finish(f->u);
	if (!err && f->err)
		err = nsl_error_set(e, "%s",
				    f->err == -ENOMEM ? "out of memory"
						      : "the recording is damaged: an event "
							"in it is none");
	return err;
}

/* ---- which ones ---- */

struct chosen {
	const struct nsu_startup **list, **full;
	size_t n, nfull;
	size_t others; /* left out, because the recorded command did not make them */
	struct nsu_joined *joins;
	size_t njoins;
};

static bool is_of_runtime(const struct nsu_startup *s, const char *name)
{
	const char *frame = nsu_frame_name(s->frame);

	return !name || !strcmp(nsu_runtime_name(s->runtime), name) ||
	       (frame && !strcmp(frame, name)) ||
	       (s->runtime == NSU_RUNTIME_UNKNOWN && !strcmp(s->runtime_comm, name));
}

/* What is named is told, whoever did it. */
static bool wants_all(const struct report_options *o, const struct nsu *u)
{
	return o->all || o->start || o->runtime || o->container || !nsu_has_command(u);
}

static bool is_asked_for(const struct report_options *o, const struct nsu_startup *s)
{
	return (!o->start || s->number == o->start) && is_of_runtime(s, o->runtime) &&
	       (!o->container || (s->container && strstr(s->container, o->container)));
}

static int by_time(const void *a, const void *b)
{
	const struct nsu_startup *x = *(const struct nsu_startup *const *)a;
	const struct nsu_startup *y = *(const struct nsu_startup *const *)b;
	uint64_t p = x->end - x->begin, q = y->end - y->begin;

	return p < q ? 1 : p > q ? -1 : 0;
}

/* A single one is told in full; of many those that were asked for, else the slowest. */
static int choose(struct chosen *c, const struct report_options *o, bool whole,
		  const struct nsu_startup *const *all, size_t n)
{
	size_t most = o->slowest ? o->slowest : MAX_FULL;

	c->list = calloc(n + 1, sizeof(*c->list));
	c->full = calloc(n + 1, sizeof(*c->full));
	if (!c->list || !c->full)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!whole && !all[i]->of_command)
			c->others++;
		else if (is_asked_for(o, all[i]))
			c->list[c->n++] = all[i];
	}
	memcpy((void *)c->full, c->list, c->n * sizeof(*c->list));
	qsort((void *)c->full, c->n, sizeof(*c->full), by_time);
	c->nfull = c->n < most ? c->n : most;
	return 0;
}

static int choose_joins(struct chosen *c, bool whole, const struct nsu_joined *all, size_t n)
{
	c->joins = calloc(n + 1, sizeof(*c->joins));
	for (size_t i = 0; c->joins && i < n; i++) {
		if (whole || all[i].of_command)
			c->joins[c->njoins++] = all[i];
	}
	return c->joins ? 0 : -1;
}

static void drop(struct chosen *c)
{
	free(c->joins);
	free((void *)c->list);
	free((void *)c->full);
}

/* ---- the whole ---- */

static int tell(const struct report_options *o, struct store_reader *r, const struct fed *f,
		struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(r);
	struct nsv_options options = {.width = o->width, .colour = o->colour};
	struct nsv *v = nsv_new(stdout, &options);
	struct recorded_start start;
	struct nsv_report report = {.file = o->file,
				    .cut = store_was_cut(r),
				    .steps_unknown = !m->steps,
				    .no_milestones = !f->milestones,
				    .left_out = nsu_left_out(f->u),
				    .unrun = nsu_unrun(f->u, !wants_all(o, f->u))};
	bool whole = wants_all(o, f->u);
	const struct nsu_joined *joins;
	size_t njoins;
	struct chosen chosen = {0};
	uint64_t first;
	const struct nsu_startup *const *all = nsu_list(f->u, &report.all);
	int err = 0;

	recorded_start(&start, m);
	report.start = start.start;
	store_span(r, &first, &report.end);
	if (m->closed)
		report.end = m->end_ns;
	report.lost = nsu_lost(f->u, &report.gaps);
	joins = nsu_joins(f->u, &njoins);
	err = !v || choose(&chosen, o, whole, all, report.all) ||
	      choose_joins(&chosen, whole, joins,
			   o->start || o->runtime || o->container ? 0 : njoins);
	report.others = chosen.others;
	report.joins = chosen.joins;
	report.njoins = chosen.njoins;
	report.list = chosen.list;
	report.n = chosen.n;
	report.full = chosen.full;
	report.nfull = chosen.nfull;
	if (err || nsv_report(v, (enum nsv_report_format)o->format, &report)) {
		err = nsl_error_set(e, "out of memory");
	} else if (o->start && !chosen.n) {
		err = nsl_error_set(e, "%s has no start-up %u: there are %zu", o->file, o->start,
				    report.all);
	} else if (nsv_flush(v) && nsv_flush(v) != EPIPE) {
		err = nsl_error_set(e, "cannot write the report: %s", strerror(nsv_flush(v)));
	}
	drop(&chosen);
	nsv_free(v);
	return err;
}

static int report(const struct report_options *o, struct nsl_error *e)
{
	struct store_reader *r = recorded_open("report", o->file, e);
	struct nsu_options options = {0};
	struct fed f = {0};
	int err = -1;

	if (!r)
		return -1;
	options.kernel = store_meta_of(r)->kernel;
	memcpy(options.initial, store_meta_of(r)->initial, sizeof(options.initial));
	f.u = nsu_new(&options);
	if (!f.u)
		nsl_error_set(e, "out of memory");
	else
		err = read_all(r, &f, e);
	if (!err)
		err = tell(o, r, &f, e);
	nsu_free(f.u);
	store_reader_close(r);
	return err;
}

int cmd_report(int argc, char **argv)
{
	struct report_options o = {.colour = -1};
	struct option_rest rest;
	struct nsl_error e = {0};
	int status = options_parse(&report_line, &o, &rest, argc, argv);

	if (status >= 0)
		return status;
	o.file = rest.words[0];
	o.colour = wants_colour(stdout, o.colour);
	if (!o.width)
		o.width = terminal_width(stdout) ? terminal_width(stdout) : 100;
	if (!report(&o, &e))
		return EXIT_DONE;
	complain("report", "%s", e.text);
	return EXIT_FAILED;
}
