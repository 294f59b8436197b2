// SPDX-License-Identifier: GPL-2.0-only
#include "record_options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "values.h"

#define MIN_RING (16ull << 20)
#define MIN_TIME 10000000000ull

static const char help[] =
	"Usage: nslens record [options] [-- CMD...]\n"
	"Records what happens to namespaces on this machine, until Ctrl-C or CMD's end. Read it\n"
	"with nslens trace -i FILE, nslens graph -i FILE, or sqlite3 FILE.\n\n"
	"  -- CMD...            run CMD, and record the machine while it runs\n"
	"  -u, --user USER      run CMD as USER\n"
	"  -o, --output FILE    the recording; default nslens.nslens\n"
	"      --force          replace an older recording of that name\n\n"
	"Flight recorder: the newest part is kept, for ever, in FILE.ring:\n"
	"      --ring HOW-MUCH  a size (64M, 2G) or a time (90s, 30m, 12h)\n"
	"      --save-on LIST   save it to FILE when a call fails with one of these: "
	"EPERM,ENOSPC,\n"
	"                       or when a start-up or a call is slow: slow=2s. Always: on SIGUSR1\n"
	"      --keep N         keep so many saved ones: FILE, FILE.1, FILE.2 ...; default 5\n\n"
	"How it is learnt:\n"
	"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"      --buffer SIZE    of the kernel's ring buffer, e.g. 64M; default 8M\n"
	"  -v, --verbose        what libbpf says, and what recording took\n"
	"  -h, --help\n\n"
	"Exit status: 0 done, 1 failed, 2 bad usage. With CMD: CMD's own; 125 nslens failed,\n"
	"126 CMD could not be run, 127 it was not found, 128+N it died of signal N.\n";

enum { OPT_FORCE = 256, OPT_RING, OPT_SAVE_ON, OPT_KEEP, OPT_HOOKS, OPT_BUFFER };

static const struct option options[] = {
	{"user", required_argument, NULL, 'u'},
	{"output", required_argument, NULL, 'o'},
	{"force", no_argument, NULL, OPT_FORCE},
	{"ring", required_argument, NULL, OPT_RING},
	{"save-on", required_argument, NULL, OPT_SAVE_ON},
	{"keep", required_argument, NULL, OPT_KEEP},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"buffer", required_argument, NULL, OPT_BUFFER},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* "64M" is a size, "90s" a time; "m" is for minutes, "M" for megabytes. */
static int parse_ring(const char *text, struct store_options *o)
{
	unsigned long long bytes;
	char *end;

	o->ring_ns = value_time(text);
	o->ring_bytes = 0;
	if (o->ring_ns)
		return o->ring_ns < MIN_TIME ? -1 : 0;
	bytes = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || bytes > 1u << 20)
		return -1;
	if (!strcmp(end, "M"))
		bytes <<= 20;
	else if (!strcmp(end, "G"))
		bytes <<= 30;
	else
		return -1;
	o->ring_bytes = bytes;
	return bytes < MIN_RING ? -1 : 0;
}

static int take(struct record_options *o, int opt, char **argv)
{
	char *end, bad[40];

	switch (opt) {
	case 'u':
		o->user = optarg;
		break;
	case 'o':
		o->output = optarg;
		break;
	case OPT_FORCE:
		o->store.replace = true;
		break;
	case OPT_RING:
		o->ring = true;
		if (parse_ring(optarg, &o->store))
			return usage_error(
				"record",
				"--ring %s: a size from 16M, such as 64M or 2G, or a time "
				"from 10s, such as 90s, 30m or 12h",
				optarg);
		break;
	case OPT_SAVE_ON:
		if (trigger_parse(&o->trigger, optarg, bad, sizeof(bad)))
			return usage_error("record",
					   "--save-on: '%s' is neither an errno such as EPERM nor "
					   "slow=TIME such as slow=2s",
					   bad);
		break;
	case OPT_KEEP:
		o->keep = (unsigned int)strtoul(optarg, &end, 10);
		if (!isdigit((unsigned char)*optarg) || *end || !o->keep ||
		    o->keep > RECORD_MAX_KEEP)
			return usage_error("record", "--keep %s: a number from 1 to %d", optarg,
					   RECORD_MAX_KEEP);
		break;
	case OPT_HOOKS:
		if (value_hooks(optarg, &o->live.mode))
			return usage_error(
				"record", "--hooks %s: auto, fentry, kprobe or tracepoint", optarg);
		break;
	case OPT_BUFFER:
		o->live.ring_bytes = value_size(optarg);
		if (!o->live.ring_bytes)
			return usage_error("record",
					   "--buffer %s: a size such as 512K or 64M, at most 1024M",
					   optarg);
		break;
	case 'v':
		o->live.verbose = true;
		break;
	case 'h':
		fputs(help, stdout);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	case ':':
		return usage_error("record", "%s needs a value", argv[optind - 1]);
	default:
		return usage_error("record", "no option %s", argv[optind - 1]);
	}
	return -1;
}

static int check(const struct record_options *o)
{
	if (o->empty_cmd)
		return usage_error("record", "-- needs a command after it");
	if (!*o->output)
		return usage_error("record", "-o: the name is empty");
	if (!o->cmd && o->user)
		return usage_error("record", "--user needs -- CMD");
	if (!o->ring && (o->trigger.wanted || o->keep))
		return usage_error("record", "%s needs --ring: without it everything is kept",
				   o->keep ? "--keep" : "--save-on");
	return -1;
}

int record_options_parse(struct record_options *o, int argc, char **argv)
{
	int opt, status = -1;

	o->output = "nslens.nslens";
	opterr = 0;
	while (status < 0 && (opt = getopt_long(argc, argv, "+:u:o:vh", options, NULL)) != -1)
		status = take(o, opt, argv);
	if (status >= 0)
		return status;
	if (optind < argc) {
		if (strcmp(argv[optind - 1], "--") != 0)
			return usage_error("record", "'%s' is no option; a command stands after --",
					   argv[optind]);
		o->cmd = argv + optind;
	} else {
		o->empty_cmd = !strcmp(argv[argc - 1], "--");
	}
	status = check(o);
	if (!o->keep)
		o->keep = 5;
	return status;
}
