/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of nslens graph. */
#ifndef NSLENS_GRAPH_OPTIONS_H
#define NSLENS_GRAPH_OPTIONS_H

#include "../view/graph_view.h"
#include "live.h"

enum graph_format { GRAPH_TEXT, GRAPH_JSON, GRAPH_DOT, GRAPH_MERMAID, GRAPH_SVG };

struct graph_options {
	struct live_options live;
	struct nsv_graph_options view;
	enum graph_format format;
	const char *input;  /* a recording, or NULL: the live kernel */
	const char *at;	    /* which moment of it */
	const char *output; /* file, or NULL */
	const char *ns;	    /* only what uses this namespace, or NULL */
	uint64_t types;	    /* CLONE_NEW* of --type */
	pid_t pid;	    /* only this task, or 0 */
	int tree;	    /* enum nsl_type: draw this tree; -1: rails */
	int colour;	    /* 1 always, 0 never, -1 as the terminal is */
	bool keepers;	    /* read descriptors, mounts and sockets, too */
	bool proc;	    /* without BPF */
	bool follow;
	bool verify;
	unsigned int verify_seconds; /* with follow: how often; 0: when asked by a signal */
};

/* Returns -1 to go on; else the exit status: help was printed, or bad usage told. */
int graph_options_parse(struct graph_options *o, int argc, char **argv);

#endif
