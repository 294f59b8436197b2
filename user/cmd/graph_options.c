// SPDX-License-Identifier: GPL-2.0-only
#include "graph_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "values.h"

static const char help[] =
	"Usage: nslens graph [options]\n"
	"Draws the graph of this machine as the kernel has it now: tasks, the nsproxies they\n"
	"share, and the namespaces those point to.\n\n"
	"      --format HOW     text (rails), json, dot, mermaid or svg; default text\n"
	"  -j, --json           the same as --format json; with --follow: JSON Lines\n"
	"      --tree WHAT      user: who owns what; pid: who sees whom under which number\n"
	"  -k, --keepers        read descriptors, mounts and sockets, too: namespaces that no\n"
	"                       task reaches are found by what holds them\n"
	"  -o, --output FILE    write there; default: standard output\n\n"
	"Recorded:\n"
	"  -i, --input FILE     the graph of a recording (nslens record), at its end\n"
	"      --at WHEN        at another moment: +1.5s (since the start), end, 09:31:33.5,\n"
	"                       \"2026-11-22 09:31:33\", @SECONDS (since 1970)\n\n"
	"What is drawn:\n"
	"      --type LIST      only these types: mnt,uts,ipc,pid,cgroup,net,time,user\n"
	"  -p, --pid PID        only this process or thread, and what it reaches\n"
	"      --ns NS          only what uses this namespace, e.g. net:[4026532345]\n"
	"      --container NAME only tasks in this container, and what they reach\n\n"
	"How it is drawn:\n"
	"      --colour WHEN    auto, always or never (NO_COLOR is respected)\n"
	"      --width N        columns; default: the terminal's\n"
	"  -v, --verbose        full numbers, counts; and what libbpf says\n\n"
	"Live:\n"
	"  -f, --follow         keep the graph, and tell each change, until Ctrl-C\n"
	"      --verify[=SECS]  compare with an independent reading of /proc; with --follow,\n"
	"                       every SECS seconds and at each SIGUSR1, with a fresh snapshot of\n"
	"                       the kernel. Differences are printed, and exit status is 1\n\n"
	"How it is learnt:\n"
	"      --proc           from /proc and nsfs alone, as without root\n"
	"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"      --buffer SIZE    of the ring buffer, e.g. 64M; default 8M\n"
	"  -h, --help\n\n"
	"Exit status: 0 done, 1 failed or a difference was found, 2 bad usage.\n";

enum {
	OPT_FORMAT = 256,
	OPT_TREE,
	OPT_TYPE,
	OPT_NS,
	OPT_CONTAINER,
	OPT_COLOUR,
	OPT_WIDTH,
	OPT_VERIFY,
	OPT_PROC,
	OPT_HOOKS,
	OPT_BUFFER,
	OPT_AT,
};

static const struct option options[] = {
	{"input", required_argument, NULL, 'i'},
	{"at", required_argument, NULL, OPT_AT},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"json", no_argument, NULL, 'j'},
	{"tree", required_argument, NULL, OPT_TREE},
	{"keepers", no_argument, NULL, 'k'},
	{"output", required_argument, NULL, 'o'},
	{"type", required_argument, NULL, OPT_TYPE},
	{"pid", required_argument, NULL, 'p'},
	{"ns", required_argument, NULL, OPT_NS},
	{"container", required_argument, NULL, OPT_CONTAINER},
	{"colour", required_argument, NULL, OPT_COLOUR},
	{"color", required_argument, NULL, OPT_COLOUR},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"verbose", no_argument, NULL, 'v'},
	{"follow", no_argument, NULL, 'f'},
	{"verify", optional_argument, NULL, OPT_VERIFY},
	{"proc", no_argument, NULL, OPT_PROC},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"buffer", required_argument, NULL, OPT_BUFFER},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int parse_format(const char *name, enum graph_format *format)
{
	static const char *const names[] = {"text", "json", "dot", "mermaid", "svg"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(name, names[i])) {
			*format = (enum graph_format)i;
			return 0;
		}
	}
	return -1;
}

/* CLONE_NEW* bits as one bit a type. */
static unsigned int type_bits(uint64_t flags)
{
	unsigned int bits = 0;

	for (int t = 0; t < NSL_TYPES; t++)
		if (flags & nsm_type_bit(t))
			bits |= 1u << t;
	return bits;
}

static int parse_seconds(const char *text, unsigned int *seconds)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < 1 || n > 86400)
		return -1;
	*seconds = (unsigned int)n;
	return 0;
}

/* One option; returns -1 to go on. */
static int take(struct graph_options *o, int opt, char **argv)
{
	switch (opt) {
	case OPT_FORMAT:
		if (parse_format(optarg, &o->format))
			return usage_error("graph", "--format %s: text, json, dot, mermaid or svg",
					   optarg);
		break;
	case 'i':
		o->input = optarg;
		break;
	case OPT_AT:
		o->at = optarg;
		break;
	case 'j':
		o->format = GRAPH_JSON;
		break;
	case OPT_TREE:
		if (strcmp(optarg, "user") && strcmp(optarg, "pid"))
			return usage_error("graph", "--tree %s: user or pid", optarg);
		o->tree = *optarg == 'u' ? NSL_USER : NSL_PID;
		break;
	case 'k':
		o->keepers = true;
		break;
	case 'o':
		o->output = optarg;
		break;
	case OPT_TYPE:
		o->view.filter.types = type_bits(value_types(optarg));
		if (!o->view.filter.types)
			return usage_error("graph",
					   "--type %s: types are mnt, uts, ipc, pid, cgroup, net, "
					   "time and user, joined by commas",
					   optarg);
		break;
	case 'p':
		o->view.filter.task = (uint32_t)value_pid(optarg);
		if (!o->view.filter.task)
			return usage_error("graph", "--pid %s: not a process number", optarg);
		break;
	case OPT_NS:
		o->ns = optarg;
		break;
	case OPT_CONTAINER:
		if (!*optarg)
			return usage_error("graph", "--container: the name is empty");
		o->view.filter.container = optarg;
		break;
	case OPT_COLOUR:
		if (value_colour(optarg, &o->colour))
			return usage_error("graph", "--colour %s: auto, always or never", optarg);
		break;
	case OPT_WIDTH:
		o->view.width = (int)value_size(optarg);
		if (o->view.width < 40 || o->view.width > 1000)
			return usage_error(
				"graph", "--width %s: a number of columns from 40 to 1000", optarg);
		break;
	case 'v':
		o->view.verbose = o->live.verbose = true;
		break;
	case 'f':
		o->follow = true;
		break;
	case OPT_VERIFY:
		o->verify = true;
		if (optarg && parse_seconds(optarg, &o->verify_seconds))
			return usage_error("graph", "--verify=%s: seconds from 1 to 86400", optarg);
		break;
	case OPT_PROC:
		o->proc = true;
		break;
	case OPT_HOOKS:
		if (value_hooks(optarg, &o->live.mode))
			return usage_error(
				"graph", "--hooks %s: auto, fentry, kprobe or tracepoint", optarg);
		break;
	case OPT_BUFFER:
		o->live.ring_bytes = value_size(optarg);
		if (!o->live.ring_bytes)
			return usage_error("graph",
					   "--buffer %s: a size such as 512K or 64M, at most "
					   "1024M",
					   optarg);
		break;
	case 'h':
		fputs(help, stdout);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	case ':':
		return usage_error("graph", "%s needs a value", argv[optind - 1]);
	default:
		return usage_error("graph", "no option %s", argv[optind - 1]);
	}
	return -1;
}

static int check(const struct graph_options *o)
{
	if (o->at && !o->input)
		return usage_error("graph", "--at needs -i FILE: this machine has no past");
	if (o->input && (o->proc || o->follow || o->verify || o->keepers || o->live.ring_bytes ||
			 o->live.mode != HOOKS_AUTO))
		return usage_error("graph",
				   "-i shows what was recorded: it excludes --follow, --verify, "
				   "--keepers, --proc, --hooks and --buffer");
	if (o->proc && (o->follow || o->verify))
		return usage_error(
			"graph", "--proc sees one moment only: it excludes --follow and --verify");
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
	int opt, status = -1;

	o->tree = o->colour = -1;
	opterr = 0;
	while (status < 0 && (opt = getopt_long(argc, argv, "+:i:jko:p:vfh", options, NULL)) != -1)
		status = take(o, opt, argv);
	if (status >= 0)
		return status;
	if (optind < argc)
		return usage_error("graph", "'%s' is no option; a namespace is named by --ns",
				   argv[optind]);
	return check(o);
}
