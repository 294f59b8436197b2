// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"
#include "compare.h"
#include "serve.h"

#define T struct serve_options

static const struct option_row rows[] = {
	{"port", 'p', "PORT", "of 127.0.0.1; default: 7777, or another one if that is taken",
	 OPTION_COUNT(T, port, 1, 65535), .expect = "a port from 1 to 65535"},
	{"follow-me", 0, NULL,
	 "a second address, for students: their pages go where the page of the first one goes",
	 OPTION_FLAG(T, follow_me)},
	{"json", 'j', NULL, "the addresses as a line of JSON", OPTION_FLAG(T, json)},
	OPTION_GROUP("A recording (needs no privileges)"),
	{"input", 'i', "FILE", "shown instead of the running kernel", OPTION_FILE(T, input)},
	{"from", 0, "TIME", "begin there: +1.5s, 09:31:33, @SECONDS", OPTION_TEXT(T, from)},
	{"to", 0, "TIME", "end there", OPTION_TEXT(T, to)},
	{"compare", 0, "B", COMPARE_ABOUT, OPTION_TEXT(T, compare)},
	OPTION_GROUP("The running kernel"),
	OPTION_ROW_HOOKS(T, hooks),
	OPTION_ROW_BTF(T, btf),
	OPTION_ROW_BUFFER(T, ring_bytes),
	OPTION_ROW_VERBOSE(T, verbose),
	{0},
};

static const struct option_rule rules[] = {
	{"from", OPTION_NEEDS, "input", "the running kernel has no past"},
	{"compare", OPTION_NEEDS, "input", "two recordings are compared"},
	{"to", OPTION_NEEDS, "input", "Ctrl-C ends it"},
	{"input", OPTION_EXCLUDES, "hooks buffer", "a recording was made with its own"},
	{0},
};

static const struct option_word examples[] = {
	{"sudo nslens serve", "the machine, live"},
	{"nslens serve -i boot.nslens", "a recording, later, elsewhere"},
	{"nslens serve -i good.nslens --compare bad.nslens", "two start-ups, side by side"},
	{"sudo nslens serve --follow-me", "in class"},
	{0},
};

const struct command_line serve_line = {
	.name = "serve",
	.summary = "the page: graph, calls and steps in a browser, live or of a recording",
	.usage = "[options]",
	.about = "Serves a page that shows which tasks share which namespaces, every call that "
		 "creates, joins or leaves one, and the kernel's own steps, live or from a "
		 "recording, until Ctrl-C.\n\n"
		 "It prints the page's address. Whoever has that address may look; it is on "
		 "127.0.0.1 only, and its key is new each time. The process that serves has no "
		 "privileges; the one that traces listens to nobody.",
	.rows = rows,
	.rules = rules,
	.status = option_status,
	.examples = examples,
	.see = "watch record trace",
	.too_much = "serve takes no command; start it in another terminal",
};

int serve_options_parse(struct serve_options *o, int argc, char **argv)
{
	struct option_rest rest;

	return options_parse(&serve_line, o, &rest, argc, argv);
}
