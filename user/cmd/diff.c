// SPDX-License-Identifier: GPL-2.0-only
/* nslens diff: what differs between two start-ups. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "diff_sides.h"
#include "options.h"
#include "values.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN };

struct diff_options {
	enum format format;
	bool all;
	int width, colour;
};

#define T struct diff_options

static const struct option_row rows[] = {
	{"all", 'a', NULL, "also what is alike, row by row", OPTION_FLAG(T, all)},
	{"format", 'f', "FORMAT", "text, json or markdown; default: text",
	 OPTION_WORD(T, format, "text|json|markdown")},
	{"json", 'j', NULL, "as --format json: one object (user/doc/diff.md)",
	 OPTION_SET(T, format, FORMAT_JSON)},
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_WIDTH(T, width),
	{0},
};

static const struct option_word forms[] = {
	{"FILE", "a recording: all of its start-ups, which must be of one kind"},
	{"FILE#N", "its Nth start-up; FILE#N-M: several (nslens report FILE lists them)"},
	{"FILE#NAME", "those of a runtime, or of a container"},
	{"A1,A2,...", "several of these: runs of the same start, which tell what is noise"},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "no difference"},
	{"1", "there is one"},
	{"2", "bad usage, or a side that cannot be read"},
	{0},
};

static const struct option_word examples[] = {
	{"nslens diff good.nslens bad.nslens", "what went wrong"},
	{"nslens diff boot.nslens#runc boot.nslens#crun", "two runtimes in one recording"},
	{"nslens diff mon.nslens,tue.nslens wed.nslens", "with an idea of what is noise"},
	{0},
};

const struct command_line diff_line = {
	.name = "diff",
	.summary = "what differs between two start-ups: order, namespaces, times, failures",
	.usage = "[options] A B",
	.about = "Puts two start-ups of containers side by side, by what is done and by whom, not "
		 "by when: what is missing, added, done in another order or another way, what "
		 "fails, what is slower, and which namespaces the payload shares on one side "
		 "only. With several runs on a side it knows how much times vary by themselves.",
	.words_title = "A and B are each one of",
	.words = forms,
	.rows = rows,
	.status = status_words,
	.examples = examples,
	.see = "record report trace explain",
	.min_words = 2,
	.max_words = 2,
	.too_few = "which two? Name two recordings, or two start-ups of one as FILE#1 FILE#2",
	.too_much = "is too much: two sides; several runs of one side are named with commas: A1,A2",
};

static int tell(const struct diff_options *o, const struct nsv_diff *d, struct nsl_error *e)
{
	struct nsv_options view = {
		.colour = o->format == FORMAT_TEXT && wants_colour(stdout, o->colour),
		.width = o->width ? o->width : terminal_width(stdout),
	};
	static void (*const put[])(struct nsv *, const struct nsv_diff *) = {
		[FORMAT_TEXT] = nsv_diff_text,
		[FORMAT_JSON] = nsv_diff_json,
		[FORMAT_MARKDOWN] = nsv_diff_markdown,
	};
	struct nsv *v;
	int broken;

	if (o->format == FORMAT_TEXT && !view.width)
		view.width = 100;
	v = nsv_new(stdout, &view);
	if (!v)
		return nsl_error_set(e, "out of memory");
	put[o->format](v, d);
	broken = nsv_flush(v);
	nsv_free(v);
	if (broken && broken != EPIPE)
		return nsl_error_set(e, "cannot write the answer: %s", strerror(broken));
	return 0;
}

static int compare(const struct diff_options *o, struct diff_sides *s, struct nsl_error *e)
{
	struct nsv_diff d = {.runs = {s->runs[0], s->runs[1]}, .all = o->all};
	struct nsa *n = nsa_new(&s->side[0], &s->side[1], nse_diff_exists);
	int status = EXIT_USAGE;

	if (!n) {
		nsl_error_set(e, "out of memory");
		return EXIT_USAGE;
	}
	d.n = n;
	if (!tell(o, &d, e))
		status = n->differences ? EXIT_FAILED : EXIT_DONE;
	nsa_free(n);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	struct diff_options o = {.colour = -1};
	struct option_rest rest;
	struct nsl_error e = {""};
	int status = options_parse(&diff_line, &o, &rest, argc, argv);
	struct diff_sides *s;

	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	s = calloc(1, sizeof(*s));
	if (!s) {
		complain("diff", "out of memory");
		return EXIT_USAGE;
	}
	status = EXIT_USAGE;
	if (!diff_sides_read(s, rest.words[0], rest.words[1], &e))
		status = compare(&o, s, &e);
	if (e.text[0])
		complain("diff", "%s", e.text);
	diff_sides_free(s);
	free(s);
	return status;
}
