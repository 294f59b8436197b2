// SPDX-License-Identifier: GPL-2.0-only
#include "why_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "values.h"

static const char help[] =
	"Usage: nslens why [options] NS\n"
	"Tells why a namespace is alive: everything that holds it, what would have to go for it\n"
	"to die, and how many of the kernel's references that explains. Nothing is ended, closed\n"
	"or unmounted: commands are printed for you to judge.\n\n"
	"NS is one of\n"
	"  net:[4026532345]     a namespace by its inode number, or by its last digits as the\n"
	"                       pictures have them: net:[2345], net:2345\n"
	"  PID:net              that of a process; also PID:pid_for_children\n"
	"  PID                  all that the process has and that are not initial\n"
	"  /run/netns/blue      a path: a bind mount, /proc/PID/ns/net, /proc/PID/fd/3\n"
	"  NAME                 a container, by its name or id in the cgroup path: all of its\n"
	"                       namespaces that are not initial\n\n"
	"      --type TYPE      with PID: only this one: mnt, uts, ipc, pid, cgroup, net, time or\n"
	"                       user\n"
	"      --watch          stay, and tell each keeper that comes or goes, until it dies\n"
	"  -j, --json           one JSON object a namespace, and a line (user/doc/json.md)\n"
	"      --colour WHEN    auto, always or never (NO_COLOR is respected)\n"
	"      --width N        columns; default: the terminal's, else lines are not wrapped\n"
	"      --proc           from /proc and nsfs alone, as without root\n"
	"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"  -v, --verbose        what libbpf says\n"
	"  -h, --help\n\n"
	"Exit status: 0 told, with --watch: it died; 1 failed, or there is no such namespace;\n"
	"2 bad usage, or digits that end several. --watch that a signal N ends: 128+N.\n";

enum {
	OPT_TYPE = 256,
	OPT_WATCH,
	OPT_COLOUR,
	OPT_WIDTH,
	OPT_PROC,
	OPT_HOOKS,
};

static const struct option options[] = {
	{"type", required_argument, NULL, OPT_TYPE},
	{"watch", no_argument, NULL, OPT_WATCH},
	{"json", no_argument, NULL, 'j'},
	{"colour", required_argument, NULL, OPT_COLOUR},
	{"color", required_argument, NULL, OPT_COLOUR},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"proc", no_argument, NULL, OPT_PROC},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* One option; returns -1 to go on. */
static int take(struct why_options *o, int opt, char **argv)
{
	switch (opt) {
	case OPT_TYPE:
		o->type = optarg;
		break;
	case OPT_WATCH:
		o->watch = true;
		break;
	case 'j':
		o->view.style = NSV_JSON;
		break;
	case OPT_COLOUR:
		if (value_colour(optarg, &o->colour))
			return usage_error("why", "--colour %s: auto, always or never", optarg);
		break;
	case OPT_WIDTH:
		o->view.width = (int)value_size(optarg);
		if (o->view.width < 40 || o->view.width > 1000)
			return usage_error("why", "--width %s: a number of columns from 40 to 1000",
					   optarg);
		break;
	case OPT_PROC:
		o->proc = true;
		break;
	case OPT_HOOKS:
		if (value_hooks(optarg, &o->live.mode))
			return usage_error("why", "--hooks %s: auto, fentry, kprobe or tracepoint",
					   optarg);
		break;
	case 'v':
		o->live.verbose = true;
		break;
	case 'h':
		fputs(help, stdout);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	case ':':
		return usage_error("why", "%s needs a value", argv[optind - 1]);
	default:
		return usage_error("why", "no option %s", argv[optind - 1]);
	}
	return -1;
}

int why_options_parse(struct why_options *o, int argc, char **argv)
{
	int opt, status;

	*o = (struct why_options){.colour = -1};
	optind = 1;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jvh", options, NULL)) != -1) {
		status = take(o, opt, argv);
		if (status >= 0)
			return status;
	}
	if (optind >= argc)
		return usage_error("why", "which namespace? Name it as net:[4026532345], PID:net, "
					  "a path or a container");
	o->ns = argv[optind++];
	if (optind < argc)
		return usage_error("why", "one namespace at a time: %s is too much", argv[optind]);
	if (o->watch && o->proc)
		return usage_error("why", "--watch needs BPF: leave --proc out");
	return -1;
}
