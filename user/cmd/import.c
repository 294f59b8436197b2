// SPDX-License-Identifier: GPL-2.0-only
/* nslens import: a recording of what nslens export --format events wrote. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../store/copy.h"
#include "../store/import.h"
#include "../store/redact.h"
#include "cmd.h"
#include "options.h"

struct import_options {
	const char *output, *key;
	bool force, redact;
};

#define T struct import_options

static const struct option_row rows[] = {
	{"output", 'o', "FILE", "the recording; needed", OPTION_FILE(T, output)},
	{"force", 0, NULL, "replace an older recording of that name", OPTION_FLAG(T, force)},
	{"redact", 0, NULL,
	 "names of tasks, paths, hostnames, pids, uids, inode numbers and the wall clock are "
	 "replaced; structure and times stay",
	 OPTION_FLAG(T, redact)},
	{"key", 0, "TEXT", "the same pseudonyms in each file that is made with this key",
	 OPTION_TEXT(T, key)},
	{0},
};

static const struct option_rule rules[] = {{"key", OPTION_NEEDS, "redact", NULL}, {0}};

static const struct option_word examples[] = {
	{"nslens export boot.nslens --format events | zstd > boot.zst", "on one machine"},
	{"zstdcat boot.zst | nslens import - -o boot.nslens", "on another"},
	{0},
};

const struct command_line import_line = {
	.name = "import",
	.summary = "a recording from its exact form as JSON Lines",
	.usage = "FILE -o RECORDING [options]",
	.about = "Makes the recording again that nslens export --format events was given: the same "
		 "events under the same numbers. FILE - is standard input.",
	.rows = rows,
	.rules = rules,
	.status = option_status,
	.examples = examples,
	.see = "export record",
	.min_words = 1,
	.max_words = 1,
	.too_few = "which file? Name it, or - for standard input",
	.too_much = "is one file too many",
};

struct import {
	struct import_options options;
	struct store_redact *redact;
	struct store_copy *copy;
	struct store_meta end;
	uint64_t left_out;
};

static int on_start(void *ctx, const struct store_meta *meta, struct nsl_error *e)
{
	struct import *im = ctx;
	struct store_meta m = *meta;

	if (im->redact)
		store_redact_meta(im->redact, &m);
	im->copy = store_copy_new(im->options.output, &m, im->options.force, e);
	return im->copy ? 0 : -1;
}

/* NULL: it is left out. */
static const struct nsl_head *changed(struct import *im, const struct nsl_head *event)
{
	const struct nsl_head *to = im->redact ? store_redact_event(im->redact, event) : event;

	im->left_out += !to;
	return to;
}

static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	struct import *im = ctx;

	row = changed(im, row);
	return row ? store_copy_row(im->copy, row, e) : 0;
}

static int on_keyframe(void *ctx, const struct nsg_totals *totals, struct nsl_error *e)
{
	struct import *im = ctx;

	(void)e;
	store_copy_keyframe(im->copy, totals);
	return 0;
}

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	struct import *im = ctx;

	event = changed(im, event);
	return event ? store_copy_event(im->copy, seq, event, e) : 0;
}

static int on_end(void *ctx, const struct store_meta *end, struct nsl_error *e)
{
	struct import *im = ctx;

	(void)e;
	im->end = *end;
	if (im->redact)
		store_redact_meta(im->redact, &im->end);
	return 0;
}

static int import(struct import *im, FILE *in, const char *name, struct nsl_error *e)
{
	const struct store_import_sink sink = {.ctx = im,
					       .start = on_start,
					       .row = on_row,
					       .keyframe = on_keyframe,
					       .event = on_event,
					       .end = on_end};
	struct store_counts counts = {0};
	struct nsl_error late = {""};
	int err = store_import(in, name, &sink, e);

	if (im->copy &&
	    store_copy_close(im->copy, !err, im->end.closed ? &im->end : NULL, &counts, &late) &&
	    !err)
		err = nsl_error_set(e, "%s", late.text);
	if (err)
		return -1;
	complain("import", "%s: %llu events, %llu calls%s", im->options.output,
		 (unsigned long long)counts.events, (unsigned long long)counts.calls,
		 im->end.closed ? "" : "; the recording that it was made of was not closed");
	if (im->left_out)
		complain("import",
			 "%llu events are of no kind that this nslens knows: they were left out",
			 (unsigned long long)im->left_out);
	return 0;
}

int cmd_import(int argc, char **argv)
{
	struct import im = {0};
	struct option_rest rest;
	struct nsl_error e = {""};
	const char *name;
	FILE *in;
	int status = options_parse(&import_line, &im.options, &rest, argc, argv);

	if (status >= 0)
		return status;
	if (!im.options.output)
		return usage_error("import", "-o is missing: which recording is to be made?");
	name = rest.words[0];
	if (!strcmp(name, im.options.output))
		return usage_error("import", "-o %s is what is to be read: name another file",
				   name);
	in = strcmp(name, "-") ? fopen(name, "re") : stdin;
	if (!in) {
		complain("import", "cannot read %s: %s", name, strerror(errno));
		return EXIT_USAGE;
	}
	if (im.options.redact)
		im.redact = store_redact_new(im.options.key);
	if (im.options.redact && !im.redact)
		nsl_error_set(&e, "out of memory");
	status = !e.text[0] && !import(&im, in, in == stdin ? "standard input" : name, &e)
			 ? EXIT_DONE
			 : EXIT_FAILED;
	if (e.text[0])
		complain("import", "%s", e.text);
	if (in != stdin)
		fclose(in);
	store_redact_free(im.redact);
	return status == EXIT_FAILED && !im.copy ? EXIT_USAGE : status;
}
