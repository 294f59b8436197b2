// SPDX-License-Identifier: GPL-2.0-only
#include "record_options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "otlp_sender.h"
#include "values.h"

#define MIN_RING (16ull << 20)
#define MIN_TIME 10000000000ull
#define T	 struct record_options

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

static int take_ring(void *options, const char *value, char *why, size_t size)
{
	struct record_options *o = options;

	o->ring = true;
	if (!parse_ring(value, &o->store))
		return 0;
	snprintf(why, size,
		 "a size from 16M, such as 64M or 2G, or a time from 10s, such as 90s, 30m or 12h");
	return -1;
}

static int take_trigger(void *options, const char *value, char *why, size_t size)
{
	struct record_options *o = options;
	char bad[40];

	if (!trigger_parse(&o->trigger, value, bad, sizeof(bad)))
		return 0;
	snprintf(why, size, "'%s' is neither an errno such as EPERM nor slow=TIME such as slow=2s",
		 bad);
	return -1;
}

static int take_otlp(void *options, const char *value, char *why, size_t size)
{
	struct record_options *o = options;
	struct nsl_error e;

	if (otlp_url_check(value, &e)) {
		snprintf(why, size, "%s", e.text);
		return -1;
	}
	o->feeds.otlp = value;
	return 0;
}

static const struct option_row rows[] = {
	OPTION_CMD("run CMD, and record the machine while it runs"),
	{"user", 'u', "USER", "run CMD as USER", OPTION_TEXT(T, user)},
	{"output", 'o', "FILE", "the recording; default nslens.nslens", OPTION_FILE(T, output)},
	{"force", 0, NULL, "replace an older recording of that name",
	 OPTION_FLAG(T, store.replace)},

	OPTION_GROUP("Flight recorder: the newest part is kept, for ever, in FILE.ring"),
	{"ring", 0, "HOW-MUCH", "a size (64M, 2G) or a time (90s, 30m, 12h)",
	 OPTION_OWN(take_ring)},
	{"save-on", 0, "LIST",
	 "save it to FILE when a call fails with one of these: EPERM,ENOSPC, or when a start-up "
	 "or a call is slow: slow=2s. Always: on SIGUSR1",
	 OPTION_OWN(take_trigger)},
	{"keep", 0, "N", "keep so many saved ones: FILE, FILE.1, FILE.2 ...; default 5",
	 OPTION_COUNT(T, keep, 1, RECORD_MAX_KEEP)},

	OPTION_GROUP("To others, while it records"),
	{"metrics", 0, "FILE",
	 "counters for Prometheus: written anew every 10 s, for node_exporter's textfile collector",
	 OPTION_FILE(T, feeds.metrics)},
	{"otlp-endpoint", 0, "URL",
	 "each start-up, when it is over, to an OpenTelemetry collector: http://localhost:4318",
	 OPTION_OWN(take_otlp)},

	OPTION_GROUP("How it is learnt"),
	OPTION_ROW_HOOKS(T, live.mode),
	OPTION_ROW_BTF(T, live.btf),
	OPTION_ROW_BUFFER(T, live.ring_bytes),
	{"verbose", 'v', NULL, "what libbpf says, and what recording took",
	 OPTION_FLAG(T, live.verbose)},
	{0},
};

static const struct option_rule rules[] = {
	{"user", OPTION_NEEDS, "CMD", NULL},
	{"save-on", OPTION_NEEDS, "ring", "without it everything is kept"},
	{"keep", OPTION_NEEDS, "ring", "without it everything is kept"},
	{0},
};

static const struct option_word examples[] = {
	{"nslens record -o boot.nslens -- podman run …", "everything, while CMD runs"},
	{"nslens record --ring 64M --save-on EPERM,slow=2s", "a flight recorder"},
	{"nslens trace -i boot.nslens", "the story of a recording"},
	{"sqlite3 boot.nslens 'select * from failed_calls'", "a question to it"},
	{0},
};

const struct command_line record_line = {
	.name = "record",
	.summary = "a recording of all that, or a flight recorder",
	.usage = "[options] [-- CMD...]",
	.about = "Records what happens to namespaces on this machine, until Ctrl-C or CMD's end. "
		 "Read it with nslens trace -i FILE, nslens graph -i FILE, or sqlite3 FILE.",
	.rows = rows,
	.rules = rules,
	.status = option_status_cmd,
	.examples = examples,
	.see = "trace graph report diff export",
};

int record_options_parse(struct record_options *o, int argc, char **argv)
{
	struct option_rest rest;
	int status;

	o->output = "nslens.nslens";
	status = options_parse(&record_line, o, &rest, argc, argv);
	o->cmd = rest.cmd;
	if (!o->keep)
		o->keep = 5;
	return status;
}
