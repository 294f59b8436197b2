// SPDX-License-Identifier: GPL-2.0-only
/* nslens export: a recording in the form that another tool opens. */
#include "export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../store/redact.h"
#include "../view/graph_view.h"
#include "cmd.h"
#include "compare.h"
#include "options.h"

struct export_options {
	int format; /* -1: none was named */
	const char *output;
	const char *at, *from, *to;
	const char *key;
	const char *side, *compare; /* as diff reads them */
	bool redact, force;
};

#define T struct export_options

static int export_moment(struct export_job *job, struct nsl_error *e);

enum { BINARY = 1, MOMENT = 2, OWN_FILE = 4 };

/* What they are stands in `words`, below. */
static const struct format {
	const char *name;
	export_fn run;
	unsigned int how;
	/* of a moment */
	int (*draw)(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
} formats[] = {
	{"jsonl", export_story, 0, NULL},
	{"events", export_events, 0, NULL},
	{"nslens", export_copy, OWN_FILE, NULL},
	{"html", export_html, BINARY, NULL},
	{"perfetto", export_perfetto, BINARY, NULL},
	{"chrome", export_chrome, 0, NULL},
	{"folded", export_folded, 0, NULL},
	{"otlp", export_otlp, 0, NULL},
	{"prometheus", export_prometheus, 0, NULL},
	{"json", export_moment, MOMENT, nsv_graph_json},
	{"dot", export_moment, MOMENT, nsv_graph_dot},
	{"mermaid", export_moment, MOMENT, nsv_graph_mermaid},
	{"svg", export_moment, MOMENT, nsv_graph_svg},
};
#define FORMATS (sizeof(formats) / sizeof(*formats))

static int take_format(void *options, const char *value, char *why, size_t size)
{
	struct export_options *o = options;
	size_t n = 0;

	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(value, formats[i].name)) {
			o->format = (int)i;
			return 0;
		}
	for (size_t i = 0; i < FORMATS && n < size; i++)
		n += (size_t)snprintf(why + n, size - n, "%s%s", i ? ", " : "one of ",
				      formats[i].name);
	return -1;
}

static const struct option_row rows[] = {
	{"format", 0, "FORMAT", "see above; needed", OPTION_OWN(take_format)},
	{"output", 'o', "FILE", "write there; default: standard output", OPTION_FILE(T, output)},
	{"force", 0, NULL, "--format nslens: replace an older recording of that name",
	 OPTION_FLAG(T, force)},

	OPTION_GROUP("Which part"),
	{"at", 0, "WHEN",
	 "formats of a moment: +1.5s (since the start), end, 09:31:33.5, \"2026-11-22 09:31:33\", "
	 "@SECONDS (since 1970); default: the end",
	 OPTION_TEXT(T, at)},
	{"from", 0, "WHEN", "the others: not what was before", OPTION_TEXT(T, from)},
	{"to", 0, "WHEN", "nor what came after", OPTION_TEXT(T, to)},

	OPTION_GROUP("Two of them"),
	{"compare", 0, "B", "--format html: " COMPARE_ABOUT, OPTION_TEXT(T, compare)},

	OPTION_GROUP("Sharing"),
	{"redact", 0, NULL,
	 "names of tasks, paths, hostnames, pids, uids, inode numbers and the wall clock are "
	 "replaced; structure and times stay",
	 OPTION_FLAG(T, redact)},
	{"key", 0, "TEXT", "the same pseudonyms in each file that is made with this key",
	 OPTION_TEXT(T, key)},
	{0},
};

static const struct option_rule rules[] = {
	{"at", OPTION_EXCLUDES, "from to", "one is a moment, the other a part"},
	{"key", OPTION_NEEDS, "redact", NULL},
	{"compare", OPTION_EXCLUDES, "redact",
	 "make both without names first: --format nslens --redact --key TEXT"},
	{0},
};

static const struct option_word words[] = {
	{"jsonl", "the story as JSON Lines, schema nslens/1"},
	{"events", "events as they are, as JSON Lines: nslens import makes a recording of them"},
	{"nslens", "a recording: a part of this one, or one without names"},
	{"html", "the page with the recording in it: one file that any browser opens"},
	{"perfetto", "for ui.perfetto.dev: calls and steps as slices"},
	{"chrome", "JSON trace events, for chrome://tracing and speedscope"},
	{"folded", "stacks with their nanoseconds, for flame graphs"},
	{"otlp", "start-ups as OpenTelemetry traces, an OTLP/JSON object a line"},
	{"prometheus", "metrics as text"},
	{"json, dot, mermaid, svg", "the graph of a moment (--at)"},
	{0},
};

static const struct option_word examples[] = {
	{"nslens export boot.nslens --format perfetto -o boot.pftrace",
	 "open it in ui.perfetto.dev"},
	{"nslens export boot.nslens --format nslens --redact -o share.nslens",
	 "to show it to others"},
	{"nslens export good.nslens --compare bad.nslens --format html -o both.html",
	 "two start-ups side by side, for a ticket"},
	{"nslens export boot.nslens --format folded | flamegraph.pl > boot.svg", "a flame graph"},
	{0},
};

const struct command_line export_line = {
	.name = "export",
	.summary = "a recording for other tools, or without names, to be shared",
	.usage = "FILE --format FORMAT [options]",
	.about = "Writes a recording (nslens record) in the form that another tool opens.",
	.words_title = "FORMAT is one of",
	.words = words,
	.rows = rows,
	.rules = rules,
	.status = option_status,
	.examples = examples,
	.see = "record import trace graph report",
	.min_words = 1,
	.max_words = 1,
	.too_few = "which recording? Name its file",
	.too_much = "is one file too many",
};

static int export_moment(struct export_job *job, struct nsl_error *e)
{
	struct nsg *g = store_graph_at(job->reader, job->at, NULL, e);
	struct nsv_graph_options o = {.release = job->meta.release,
				      .tracepoints_only = !job->meta.steps};
	uint64_t first, last;
	int err;

	if (!g)
		return -1;
	store_span(job->reader, &first, &last);
	o.now_ns = job->at < last ? job->at : last;
	o.wall_ns = job->meta.wall_ns + (o.now_ns - job->meta.mono_ns);
	err = formats[job->format].draw(job->out, g, &o);
	if (!err && fflush(job->out))
		err = -errno;
	nsg_free(g);
	return export_written(job, err, e);
}

struct redaction {
	struct store_redact *redact;
	uint64_t left_out;
};

static const struct nsl_head *without_names(void *ctx, const struct nsl_head *event)
{
	struct redaction *r = ctx;
	const struct nsl_head *changed = store_redact_event(r->redact, event);

	r->left_out += !changed;
	return changed;
}

/* Bad usage that the table of options cannot tell: the exit status, or -1. */
static int check(const struct export_options *o)
{
	const struct format *f = &formats[o->format < 0 ? 0 : o->format];

	if (o->format < 0)
		return usage_error("export", "--format is missing: which one?");
	if (f->how & OWN_FILE && (!o->output || !strcmp(o->output, "-")))
		return usage_error("export", "--format %s needs -o FILE: it is no stream", f->name);
	if (f->how & BINARY && !o->output && isatty(STDOUT_FILENO))
		return usage_error("export",
				   "--format %s is not for a terminal: name a file with -o",
				   f->name);
	if (o->compare && f->run != export_html)
		return usage_error("export",
				   "--compare is for --format html: nslens diff has text, JSON "
				   "and Markdown");
	if (o->at && !(f->how & MOMENT))
		return usage_error("export",
				   "--at is for formats of a moment: say --from and --to for %s",
				   f->name);
	if ((o->from || o->to) && f->how & MOMENT)
		return usage_error("export", "--from and --to are not for the graph of a moment: "
					     "say --at");
	return -1;
}

static int times(struct export_job *job, const struct export_options *o, struct nsl_error *e)
{
	job->from = 0;
	job->to = job->at = UINT64_MAX;
	if ((o->from && recorded_time(job->reader, o->from, &job->from, e)) ||
	    (o->to && recorded_time(job->reader, o->to, &job->to, e)) ||
	    (o->at && recorded_time(job->reader, o->at, &job->at, e)))
		return -1;
	if (job->from > job->to)
		return nsl_error_set(e, "--from %s is later than --to %s", o->from, o->to);
	return 0;
}

static FILE *open_output(const char *path, struct nsl_error *e)
{
	FILE *out = !path || !strcmp(path, "-") ? stdout : fopen(path, "we");

	if (!out)
		nsl_error_set(e, "cannot write %s: %s", path, strerror(errno));
	return out;
}

static int run(struct export_job *job, const struct export_options *o, struct nsl_error *e)
{
	struct redaction redaction = {0};
	int status = EXIT_USAGE;

	job->reader = recorded_open("export", job->input, e);
	if (!job->reader || times(job, o, e))
		goto out;
	if (o->compare && compare_line(o->side, o->compare, &job->compare, e))
		goto out;
	job->side = o->side;
	job->other = o->compare;
	job->meta = *store_meta_of(job->reader);
	status = EXIT_FAILED;
	if (o->redact) {
		redaction.redact = store_redact_new(o->key);
		if (!redaction.redact) {
			nsl_error_set(e, "out of memory");
			goto out;
		}
		store_redact_meta(redaction.redact, &job->meta);
		store_set_change(job->reader, without_names, &redaction);
	}
	recorded_start(&job->start, &job->meta);
	if (!formats[job->format].run(job, e))
		status = EXIT_DONE;
	if (redaction.left_out)
		complain("export",
			 "%llu events are of no kind that this nslens knows: they were left out",
			 (unsigned long long)redaction.left_out);
out:
	store_reader_close(job->reader);
	store_redact_free(redaction.redact);
	return status;
}

int cmd_export(int argc, char **argv)
{
	struct export_options o = {.format = -1};
	struct export_job *job;
	struct option_rest rest;
	struct nsl_error e = {""};
	char *file;
	int status = options_parse(&export_line, &o, &rest, argc, argv);

	if (status >= 0)
		return status;
	status = check(&o);
	if (status >= 0)
		return status;
	if (o.output && (compare_reads(rest.words[0], o.output) ||
			 (o.compare && compare_reads(o.compare, o.output))))
		return usage_error("export", "-o %s is the recording itself: name another file",
				   o.output);
	job = calloc(1, sizeof(*job));
	if (!job) {
		complain("export", "out of memory");
		return EXIT_FAILED;
	}
	o.side = rest.words[0];
	file = o.compare ? compare_file(o.side) : NULL;
	job->input = file ? file : o.side;
	job->output = o.output;
	job->format = o.format;
	job->force = o.force;
	/* before root becomes the recording's owner */
	if (!(formats[o.format].how & OWN_FILE))
		job->out = open_output(o.output, &e);
	status = e.text[0] ? EXIT_USAGE : run(job, &o, &e);
	if (job->out && job->out != stdout && fclose(job->out) && status == EXIT_DONE) {
		nsl_error_set(&e, "cannot write %s: %s", o.output, strerror(errno));
		status = EXIT_FAILED;
	}
	if (e.text[0])
		complain("export", "%s", e.text);
	free(job->compare.data);
	free(job);
	free(file);
	return status;
}
