// SPDX-License-Identifier: GPL-2.0-only
#include "trace_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "values.h"

static const char help[] =
	"Usage: nslens trace [options] [-- CMD...]\n"
	"Tells every clone, clone3, fork, vfork, unshare, setns, exec and exit that touches\n"
	"namespaces: its arguments, each kernel function inside it with outcome and time, what\n"
	"changed, and the reason of a failure. Without CMD: the whole machine, until Ctrl-C.\n\n"
	"  -i, --input FILE     tell a recording (nslens record) instead of this machine; of what\n"
	"                       follows only --pid, --comm, --container, --milestones and how it "
	"is shown "
	"apply\n\n"
	"What is shown (decided in the kernel, except --container):\n"
	"  -- CMD...            run CMD and show its process tree\n"
	"  -u, --user USER      run CMD as USER\n"
	"      --wait-tree      after CMD has ended, wait for what it started, too\n"
	"  -p, --pid PID        only this process and its descendants\n"
	"      --comm NAME      only tasks of this name (15 bytes count)\n"
	"      --cgroup DIR     only tasks in this cgroup directory, or below\n"
	"      --container NAME only calls of tasks in this container: its name, or a part of\n"
	"                       its id, as the cgroup path has it\n"
	"      --type LIST      only calls about these types: "
	"mnt,uts,ipc,pid,cgroup,net,time,user\n"
	"      --exits          every exit, not only those that free an nsproxy\n"
	"  -m, --milestones     what start-ups are made of beside namespaces, too: execs, id "
	"maps,\n"
	"                       mounts, pivot_root, host names, cgroups, capabilities, seccomp\n"
	"      --all            with CMD: the whole machine while CMD runs\n\n"
	"How it is shown:\n"
	"  -b, --brief          one line a call\n"
	"  -j, --json           JSON Lines, schema nslens/1 (with CMD: needs -o)\n"
	"  -o, --output FILE    write there; default: standard error with CMD, else standard "
	"output\n"
	"      --colour WHEN    auto, always or never (NO_COLOR is respected)\n"
	"      --width N        columns; default: the terminal's, else lines are not wrapped\n"
	"      --cost           at the end, what the tracing itself cost\n\n"
	"How it is learnt:\n"
	"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"      --buffer SIZE    of the ring buffer, e.g. 64M; default 8M\n"
	"  -v, --verbose        what libbpf says\n"
	"  -h, --help\n\n"
	"Exit status: 0 done, 1 failed, 2 bad usage. With CMD: CMD's own; 125 nslens failed,\n"
	"126 CMD could not be run, 127 it was not found, 128+N it died of signal N.\n";

enum {
	OPT_WAIT_TREE = 256,
	OPT_COMM,
	OPT_CGROUP,
	OPT_CONTAINER,
	OPT_TYPE,
	OPT_EXITS,
	OPT_ALL,
	OPT_COLOUR,
	OPT_COST,
	OPT_WIDTH,
	OPT_HOOKS,
	OPT_BUFFER,
};

static const struct option options[] = {
	{"input", required_argument, NULL, 'i'},
	{"user", required_argument, NULL, 'u'},
	{"wait-tree", no_argument, NULL, OPT_WAIT_TREE},
	{"pid", required_argument, NULL, 'p'},
	{"comm", required_argument, NULL, OPT_COMM},
	{"cgroup", required_argument, NULL, OPT_CGROUP},
	{"container", required_argument, NULL, OPT_CONTAINER},
	{"type", required_argument, NULL, OPT_TYPE},
	{"exits", no_argument, NULL, OPT_EXITS},
	{"milestones", no_argument, NULL, 'm'},
	{"all", no_argument, NULL, OPT_ALL},
	{"brief", no_argument, NULL, 'b'},
	{"json", no_argument, NULL, 'j'},
	{"output", required_argument, NULL, 'o'},
	{"colour", required_argument, NULL, OPT_COLOUR},
	{"color", required_argument, NULL, OPT_COLOUR},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"cost", no_argument, NULL, OPT_COST},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"buffer", required_argument, NULL, OPT_BUFFER},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* Returns -1 to go on, else the exit status. */
static int parse(struct trace_options *t, int argc, char **argv)
{
	int opt;

	t->colour = -1;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:i:u:p:mbjo:vh", options, NULL)) != -1) {
		switch (opt) {
		case 'i':
			t->input = optarg;
			break;
		case 'u':
			t->user = optarg;
			break;
		case OPT_WAIT_TREE:
			t->wait_tree = true;
			break;
		case 'p':
			t->pid = value_pid(optarg);
			if (!t->pid)
				return usage_error("trace", "--pid %s: not a process number",
						   optarg);
			break;
		case OPT_COMM:
			if (!*optarg)
				return usage_error("trace", "--comm: the name is empty");
			t->capture.comm = optarg;
			break;
		case OPT_CGROUP:
			t->capture.cgroup = optarg;
			break;
		case OPT_CONTAINER:
			if (!*optarg)
				return usage_error("trace", "--container: the name is empty");
			t->container = optarg;
			break;
		case OPT_TYPE:
			t->capture.types = value_types(optarg);
			if (!t->capture.types)
				return usage_error("trace",
						   "--type %s: types are mnt, uts, ipc, pid, "
						   "cgroup, net, time and user, joined by commas",
						   optarg);
			break;
		case OPT_EXITS:
			t->capture.exits = true;
			break;
		case 'm':
			t->capture.milestones = t->view.milestones = true;
			break;
		case OPT_ALL:
			t->all = true;
			break;
		case 'b':
			t->view.style = NSV_BRIEF;
			t->brief = true;
			break;
		case 'j':
			t->view.style = NSV_JSON;
			t->json = true;
			break;
		case 'o':
			t->output = optarg;
			break;
		case OPT_COLOUR:
			if (value_colour(optarg, &t->colour))
				return usage_error("trace", "--colour %s: auto, always or never",
						   optarg);
			break;
		case OPT_WIDTH:
			t->view.width = (int)value_size(optarg);
			if (t->view.width < 40 || t->view.width > 1000)
				return usage_error("trace",
						   "--width %s: a number of columns from 40 to "
						   "1000",
						   optarg);
			break;
		case OPT_COST:
			t->cost = t->capture.cost = true;
			break;
		case OPT_HOOKS:
			if (value_hooks(optarg, &t->capture.mode))
				return usage_error("trace",
						   "--hooks %s: auto, fentry, kprobe or tracepoint",
						   optarg);
			break;
		case OPT_BUFFER:
			t->capture.ring_bytes = value_size(optarg);
			if (!t->capture.ring_bytes)
				return usage_error("trace",
						   "--buffer %s: a size such as 512K or 64M, "
						   "at most 1024M",
						   optarg);
			break;
		case 'v':
			t->capture.verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
		case ':':
			return usage_error("trace", "%s needs a value", argv[optind - 1]);
		default:
			return usage_error("trace", "no option %s", argv[optind - 1]);
		}
	}
	if (optind < argc)
		t->cmd = argv + optind;
	else
		t->empty_cmd = !strcmp(argv[argc - 1], "--");
	return -1;
}

static int check(const struct trace_options *t)
{
	if (t->empty_cmd)
		return usage_error("trace", "-- needs a command after it");
	if (t->brief && t->json)
		return usage_error("trace", "--brief and --json exclude each other");
	if (t->input && (t->cmd || t->user || t->wait_tree || t->all || t->cost ||
			 t->capture.cgroup || t->capture.types || t->capture.ring_bytes ||
			 t->capture.mode != HOOKS_AUTO || t->capture.exits))
		return usage_error("trace",
				   "-i tells what was recorded: with it only --pid, --comm, "
				   "--container and how it is shown can be chosen");
	if (t->cmd && t->pid)
		return usage_error("trace",
				   "--pid and -- CMD exclude each other: --pid follows a process "
				   "that runs already");
	if (t->cmd && t->view.style == NSV_JSON && !t->output)
		return usage_error("trace",
				   "--json with CMD needs -o FILE: standard output and standard "
				   "error are CMD's");
	if (!t->cmd && (t->user || t->wait_tree || t->all))
		return usage_error("trace", "%s needs -- CMD",
				   t->user	  ? "--user"
				   : t->wait_tree ? "--wait-tree"
						  : "--all");
	return -1;
}

int trace_options_parse(struct trace_options *t, int argc, char **argv)
{
	int status = parse(t, argc, argv);

	return status >= 0 ? status : check(t);
}
