/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of nslens record. */
#ifndef NSLENS_RECORD_OPTIONS_H
#define NSLENS_RECORD_OPTIONS_H

#include "../store/writer.h"
#include "live.h"
#include "record_feeds.h"
#include "record_trigger.h"

#define RECORD_MAX_KEEP 99

struct record_options {
	struct live_options live;
	struct store_options store;
	struct trigger_options trigger;
	struct record_feeds_options feeds;
	const char *output;
	const char *user; /* run CMD as this user, or NULL */
	bool ring;
	unsigned int keep; /* saved recordings */
	char *const *cmd;  /* NULL-terminated, or NULL */
};

/* Returns -1 to go on; else the exit status: help was printed, or bad usage told. */
int record_options_parse(struct record_options *o, int argc, char **argv);

#endif
