// SPDX-License-Identifier: GPL-2.0-only
#include "why_options.h"

#include "cmd.h"
#include "options.h"

#define T struct why_options

static const struct option_row rows[] = {
	{"type", 0, "TYPE",
	 "with PID: only this one: mnt, uts, ipc, pid, cgroup, net, time or user",
	 OPTION_TEXT(T, type)},
	{"watch", 0, NULL, "stay, and tell each keeper that comes or goes, until it dies",
	 OPTION_FLAG(T, watch)},
	{"json", 'j', NULL, "one JSON object a namespace, and a line (user/doc/json.md)",
	 OPTION_SET(T, view.style, NSV_JSON)},
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_WIDTH(T, view.width),
	{"input", 'i', "FILE", "in a recording (nslens record), at its end", OPTION_FILE(T, input)},
	{"at", 0, "WHEN", "at another moment of it: +1.5s, 09:31:33.5, … as of nslens graph",
	 OPTION_TEXT(T, at)},
	{"proc", 0, NULL, "from /proc and nsfs alone, as without root", OPTION_FLAG(T, proc)},
	OPTION_ROW_HOOKS(T, live.mode),
	OPTION_ROW_BTF(T, live.btf),
	OPTION_ROW_VERBOSE(T, live.verbose),
	{0},
};

static const struct option_rule rules[] = {
	{"at", OPTION_NEEDS, "input", NULL},
	{"input", OPTION_EXCLUDES, "watch", "what is recorded is over"},
	{"input", OPTION_EXCLUDES, "proc", NULL},
	{"input", OPTION_EXCLUDES, "hooks", NULL},
	{"proc", OPTION_EXCLUDES, "watch", "--watch needs BPF"},
	{"proc", OPTION_EXCLUDES, "hooks", "--proc does without BPF"},
	{0},
};

static const struct option_word forms[] = {
	{"net:[4026532345]", "a namespace by its inode number, or by its last digits as the "
			     "pictures have them: net:[2345], net:2345"},
	{"PID:net", "that of a process; also PID:pid_for_children"},
	{"PID", "all that the process has and that are not initial"},
	{"/run/netns/blue", "a path: a bind mount, /proc/PID/ns/net, /proc/PID/fd/3"},
	{"NAME", "a container, by its name or id in the cgroup path: all of its namespaces that "
		 "are not initial"},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "told, or with --watch: it died"},
	{"1", "failed, or there is no such namespace"},
	{"2", "bad usage, or digits that end several"},
	{"128+N", "signal N ended --watch"},
	{0},
};

static const struct option_word examples[] = {
	{"nslens why /run/netns/blue", "what keeps a named net namespace"},
	{"nslens why --watch 4128:net", "stay until it dies, and tell who goes"},
	{0},
};

const struct command_line why_line = {
	.name = "why",
	.summary = "what keeps a namespace alive, and what would have to go for it to die",
	.usage = "[options] NS",
	.about = "Tells why a namespace is alive: everything that holds it, what would have to go "
		 "for it to die, and how many of the kernel's references that explains. Nothing is "
		 "ended, closed or unmounted: commands are printed for you to judge.",
	.words_title = "NS is one of",
	.words = forms,
	.rows = rows,
	.rules = rules,
	.status = status_words,
	.examples = examples,
	.see = "graph trace",
	.min_words = 1,
	.max_words = 1,
	.too_few = "which namespace? Name it as net:[4026532345], PID:net, a path or a container",
	.too_much = "is too much: one namespace at a time",
	.complete = "ls -d /run/netns/* 2>/dev/null; ls /proc 2>/dev/null | grep '^[0-9]'",
};

int why_options_parse(struct why_options *o, int argc, char **argv)
{
	struct option_rest rest;
	int status;

	*o = (struct why_options){.colour = -1};
	status = options_parse(&why_line, o, &rest, argc, argv);
	o->ns = rest.words ? rest.words[0] : NULL;
	return status;
}
