/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of nslens trace. */
#ifndef NSLENS_TRACE_OPTIONS_H
#define NSLENS_TRACE_OPTIONS_H

#include "../capture/capture.h"
#include "../view/view.h"

struct trace_options {
	struct capture_options capture;
	struct nsv_options view;
	const char *output;    /* file, "-" or NULL */
	const char *input;     /* a recording, or NULL: the live kernel */
	const char *user;      /* run CMD as this user, or NULL */
	const char *container; /* only calls in this one, or NULL */
	pid_t pid;	       /* follow this process; 0: none */
	bool all, wait_tree, cost;

	int colour;	  /* 1 always, 0 never, -1 as the terminal is */
	char *const *cmd; /* NULL-terminated, or NULL */
};

/* Returns -1 to go on; else the exit status: help was printed, or bad usage told. */
int trace_options_parse(struct trace_options *t, int argc, char **argv);

#endif
