// SPDX-License-Identifier: GPL-2.0-only
#include "trace_options.h"

#include "cmd.h"
#include "options.h"
#include "recorded.h"

#define T struct trace_options

static const struct option_row rows[] = {
	{"input", 'i', "FILE",
	 "tell a recording (nslens record) instead of this machine; of what follows only --pid, "
	 "--comm, --container, --milestones and how it is shown apply",
	 OPTION_FILE(T, input)},

	OPTION_GROUP("What is shown (decided in the kernel, except --container)"),
	OPTION_CMD("run CMD and show its process tree"),
	{"user", 'u', "USER", "run CMD as USER, with that user's groups, HOME and XDG_RUNTIME_DIR",
	 OPTION_TEXT(T, user)},
	{"wait-tree", 0, NULL, "after CMD has ended, wait for what it started, too",
	 OPTION_FLAG(T, wait_tree)},
	{"pid", 'p', "PID", "only this process and its descendants", OPTION_PID(T, pid)},
	{"comm", 0, "NAME", "only tasks of this name (15 bytes count)",
	 OPTION_TEXT(T, capture.comm), .expect = "the name is empty"},
	{"cgroup", 0, "DIR", "only tasks in this cgroup directory, or below",
	 OPTION_DIR(T, capture.cgroup)},
	{"container", 0, "NAME",
	 "only calls of tasks in this container: its name, or a part of its id, as the cgroup "
	 "path has it",
	 OPTION_TEXT(T, container), .expect = "the name is empty"},
	{"type", 0, "LIST", "only calls about these types: mnt,uts,ipc,pid,cgroup,net,time,user",
	 OPTION_TYPES(T, capture.types)},
	{"exits", 0, NULL, "every exit, not only those that free an nsproxy",
	 OPTION_FLAG(T, capture.exits)},
	{"milestones", 'm', NULL,
	 "what start-ups are made of beside namespaces, too: execs, id maps, mounts, pivot_root, "
	 "host names, cgroups, capabilities, seccomp",
	 OPTION_FLAG(T, view.milestones)},
	{"all", 0, NULL, "with CMD: the whole machine while CMD runs", OPTION_FLAG(T, all)},

	OPTION_GROUP("How it is shown"),
	{"brief", 'b', NULL, "one line a call", OPTION_SET(T, view.style, NSV_BRIEF)},
	{"json", 'j', NULL, "JSON Lines, schema nslens/1 (with CMD: needs -o)",
	 OPTION_SET(T, view.style, NSV_JSON)},
	{"output", 'o', "FILE",
	 "write there; default: standard error with CMD, else standard output",
	 OPTION_FILE(T, output)},
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_WIDTH(T, view.width),
	{"cost", 0, NULL, "at the end, what the tracing itself cost", OPTION_FLAG(T, cost)},

	OPTION_GROUP("How it is learnt"),
	OPTION_ROW_HOOKS(T, capture.mode),
	OPTION_ROW_BTF(T, capture.btf),
	OPTION_ROW_BUFFER(T, capture.ring_bytes),
	OPTION_ROW_VERBOSE(T, capture.verbose),
	{0},
};

static const struct option_rule rules[] = {
	{"brief", OPTION_EXCLUDES, "json", NULL},
	{"input", OPTION_EXCLUDES, "CMD user wait-tree all cost cgroup type buffer hooks exits",
	 "of what was recorded only --pid, --comm, --container and how it is shown can be chosen"},
	{"pid", OPTION_EXCLUDES, "CMD", "--pid follows a process that runs already"},
	{"json CMD", OPTION_NEEDS, "output", "standard output and standard error are CMD's"},
	{"user", OPTION_NEEDS, "CMD", NULL},
	{"wait-tree", OPTION_NEEDS, "CMD", NULL},
	{"all", OPTION_NEEDS, "CMD", NULL},
	{0},
};

static const struct option_word examples[] = {
	{"nslens trace -- unshare --uts --pid --fork true", "one command, with every step"},
	{"nslens trace --brief", "the whole machine, one line a call, until Ctrl-C"},
	{"nslens trace --json -o t.jsonl -- runc run web", "a container's start, for programs"},
	{"nslens trace --container web --type net", "what a container does with net namespaces"},
	{"nslens trace -i boot.nslens", "what was recorded, told again"},
	{0},
};

const struct command_line trace_line = {
	.name = "trace",
	.summary = "tell namespace calls as they happen, step by step",
	.usage = "[options] [-- CMD...]",
	.about = "Tells every clone, clone3, fork, vfork, unshare, setns, exec and exit that "
		 "touches "
		 "namespaces: its arguments, each kernel function inside it with outcome and time, "
		 "what changed, and the reason of a failure. Without CMD: the whole machine, until "
		 "Ctrl-C.",
	.rows = rows,
	.rules = rules,
	.status = option_status_cmd,
	.examples = examples,
	.see = "record report graph why doctor",
};

int trace_options_parse(struct trace_options *t, int argc, char **argv)
{
	struct option_rest rest;
	int status;

	t->colour = -1;
	status = options_parse(&trace_line, t, &rest, argc, argv);
	t->capture.cost = t->cost;
	t->capture.milestones = t->view.milestones;
	t->cmd = rest.cmd;
	return status >= 0 ? status : recorded_spare("trace", t->input, t->output);
}
