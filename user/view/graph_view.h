/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The graph as it is now, in every format. Names from traced processes are hostile
 * text and made harmless in each.
 *
 * All functions return 0, -ENOMEM, or the negative errno of the write that failed.
 */
#ifndef NSLENS_VIEW_GRAPH_VIEW_H
#define NSLENS_VIEW_GRAPH_VIEW_H

#include <stdio.h>

#include "buf.h"
#include "graph_filter.h"

struct nsv_graph_options {
	struct nsv_graph_filter filter;
	bool colour;  /* text, tree */
	bool verbose; /* text, tree: ids, full inode numbers, counts */
	int width;    /* text, tree: columns; 0: as wide as it needs to be */
	/*
	 * CLOCK_MONOTONIC and wall clock of the same moment, both 0 where they are not known:
	 * "3.1 s ago", and times of the JSON.
	 */
	uint64_t now_ns;
	uint64_t wall_ns;
	uint64_t snapshot_ns;  /* how long the snapshot took; 0: not known */
	const char *release;   /* uname -r; NULL: not known */
	bool tracepoints_only; /* what no task reaches may be out of date: say so */
};

/* Rails for a terminal. UTF-8 where the user's locale is, else ASCII. */
int nsv_graph_text(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
/* One object on one line: user/doc/json.md, section "graph". */
int nsv_graph_json(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
/*
 * What became of some objects, as one object of type "change" (user/doc/serve.md): as they
 * are now, without their keepers, or gone. The arrays are used up. Added to `buf`.
 */
struct nsv_graph_change {
	uint64_t *namespaces, *nsproxies, *tasks; /* ids; tids */
	size_t nnamespaces, nnsproxies, ntasks;
};
void nsv_graph_change_json(struct nsv_buf *buf, const struct nsg *g, int64_t ts,
			   struct nsv_graph_change *c);
/* For `dot -Tsvg`. */
int nsv_graph_dot(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
/* A flowchart for Mermaid. */
int nsv_graph_mermaid(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
/* Rails as one SVG file that needs nothing else. */
int nsv_graph_svg(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);
/* NSL_USER: who owns what; NSL_PID: who sees whom under which number. Others: -EINVAL. */
int nsv_graph_tree(FILE *out, const struct nsg *g, const struct nsv_graph_options *o,
		   enum nsl_type type);

#endif
