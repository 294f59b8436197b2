// SPDX-License-Identifier: GPL-2.0-only
#include "graph_options.h"

#include <ctype.h>
#include <stdlib.h>

#include "cmd.h"
#include "options.h"
#include "recorded.h"

#define T struct graph_options

static int take_verify(void *options, const char *value, char *why, size_t size)
{
	struct graph_options *o = options;
	unsigned long n;
	char *end;

	o->verify = true;
	if (!value)
		return 0;
	n = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || n < 1 || n > 86400) {
		snprintf(why, size, "seconds from 1 to 86400");
		return -1;
	}
	o->verify_seconds = (unsigned int)n;
	return 0;
}

static const struct option_row rows[] = {
	{"format", 0, "HOW", "text (rails), json, dot, mermaid or svg; default text",
	 OPTION_WORD(T, format, "text|json|dot|mermaid|svg")},
	{"json", 'j', NULL, "the same as --format json; with --follow: JSON Lines",
	 OPTION_SET(T, format, GRAPH_JSON)},
	{"tree", 0, "WHAT", "user: who owns what; pid: who sees whom under which number",
	 OPTION_WORD(T, tree, "user|pid")},
	{"keepers", 'k', NULL,
	 "read descriptors, mounts and sockets, too: namespaces that no task reaches are found by "
	 "what holds them",
	 OPTION_FLAG(T, keepers)},
	{"output", 'o', "FILE", "write there; default: standard output", OPTION_FILE(T, output)},

	OPTION_GROUP("Recorded"),
	{"input", 'i', "FILE", "the graph of a recording (nslens record), at its end",
	 OPTION_FILE(T, input)},
	{"at", 0, "WHEN",
	 "at another moment: +1.5s (since the start), end, 09:31:33.5, \"2026-11-22 09:31:33\", "
	 "@SECONDS (since 1970)",
	 OPTION_TEXT(T, at)},

	OPTION_GROUP("What is drawn"),
	{"type", 0, "LIST", "only these types: mnt,uts,ipc,pid,cgroup,net,time,user",
	 OPTION_TYPES(T, types)},
	{"pid", 'p', "PID", "only this process or thread, and what it reaches", OPTION_PID(T, pid)},
	{"ns", 0, "NS", "only what uses this namespace, e.g. net:[4026532345]", OPTION_TEXT(T, ns)},
	{"container", 0, "NAME", "only tasks in this container, and what they reach",
	 OPTION_TEXT(T, view.filter.container), .expect = "the name is empty"},

	OPTION_GROUP("How it is drawn"),
	OPTION_ROW_COLOUR(T, colour),
	{"width", 0, "N", "columns; default: the terminal's", OPTION_COUNT(T, view.width, 40, 1000),
	 .expect = "a number of columns from 40 to 1000"},
	{"verbose", 'v', NULL, "full numbers, counts; and what libbpf says",
	 OPTION_FLAG(T, view.verbose)},

	OPTION_GROUP("Live"),
	{"follow", 'f', NULL, "keep the graph, and tell each change, until Ctrl-C",
	 OPTION_FLAG(T, follow)},
	{"verify", 0, "[SECS]",
	 "compare with an independent reading of /proc; with --follow, every SECS seconds and at "
	 "each SIGUSR1, with a fresh snapshot of the kernel. Differences are printed, and exit "
	 "status is 1",
	 OPTION_OWN(take_verify)},

	OPTION_GROUP("How it is learnt"),
	{"proc", 0, NULL, "from /proc and nsfs alone, as without root", OPTION_FLAG(T, proc)},
	OPTION_ROW_HOOKS(T, live.mode),
	OPTION_ROW_BTF(T, live.btf),
	OPTION_ROW_BUFFER(T, live.ring_bytes),
	{0},
};

static const struct option_rule rules[] = {
	{"at", OPTION_NEEDS, "input", "this machine has no past"},
	{"input", OPTION_EXCLUDES, "follow verify keepers proc hooks buffer",
	 "-i shows what was recorded"},
	{"proc", OPTION_EXCLUDES, "follow verify", "--proc sees one moment only"},
	{"proc", OPTION_EXCLUDES, "hooks buffer", "--proc does without BPF"},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "done"}, {"1", "failed or a difference was found"}, {"2", "bad usage"}, {0}};

static const struct option_word examples[] = {
	{"nslens graph --keepers", "everything, and what holds what no task reaches"},
	{"nslens graph --follow --verify=5", "live, compared with the kernel every five seconds"},
	{"nslens graph --format svg -o graph.svg", "a picture"},
	{"nslens graph -i boot.nslens --at +1.5s", "as it was then"},
	{0},
};

const struct command_line graph_line = {
	.name = "graph",
	.summary = "the graph of tasks, nsproxies and namespaces, now or followed",
	.usage = "[options]",
	.about = "Draws the graph of this machine as the kernel has it now: tasks, the nsproxies "
		 "they share, and the namespaces those point to.",
	.rows = rows,
	.rules = rules,
	.status = status_words,
	.examples = examples,
	.see = "why watch record",
	.too_much = "is no option; a namespace is named by --ns",
};

/* CLONE_NEW* bits as one bit a type. */
static unsigned int type_bits(uint64_t flags)
{
	unsigned int bits = 0;

	for (int t = 0; t < NSL_TYPES; t++)
		if (flags & nsm_type_bit(t))
			bits |= 1u << t;
	return bits;
}

static int check(const struct graph_options *o)
{
	if (o->verify_seconds && !o->follow)
		return usage_error("graph", "--verify=SECS needs --follow");
	if (o->follow && o->format > GRAPH_JSON)
		return usage_error("graph", "--follow is text or JSON Lines");
	if (o->tree >= 0 && o->format != GRAPH_TEXT)
		return usage_error("graph", "--tree is text only");
	return -1;
}

int graph_options_parse(struct graph_options *o, int argc, char **argv)
{
	static const int trees[] = {NSL_USER, NSL_PID}; /* as --tree has them */
	struct option_rest rest;
	int status;

	o->tree = o->colour = -1;
	status = options_parse(&graph_line, o, &rest, argc, argv);
	if (status >= 0)
		return status;
	if (o->tree >= 0)
		o->tree = trees[o->tree];
	o->live.verbose = o->view.verbose;
	o->view.filter.types = type_bits(o->types);
	o->view.filter.task = (uint32_t)o->pid;
	status = check(o);
	return status >= 0 ? status : recorded_spare("graph", o->input, o->output);
}
