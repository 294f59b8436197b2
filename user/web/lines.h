/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the page is fed (user/web/app/README.md): events in, lines of JSON out. A
 * server and a file hand out the same lines. It does not know where events come from.
 */
#ifndef NSLENS_WEB_LINES_H
#define NSLENS_WEB_LINES_H

#include "../model/graph.h"
#include "../view/buf.h"
#include "../view/view.h"

enum web_line {
	WEB_LINE_START,
	WEB_LINE_TEXTS,
	WEB_LINE_GRAPH, /* a keyframe: what came before is not needed to go on */
	WEB_LINE_EVENT,
	WEB_LINE_END,
};

struct web_lines_options {
	const char *source; /* "live", or the name of a file */
	/*
	 * After every line that tells of an event comes what changed by it; in a burst, only
	 * after so many of them between two web_lines_flush(). 0: always.
	 */
	unsigned int changes;
	/* start-ups are told as soon as they are over, not all at the end */
	bool live;
	/* `json` is one object without a line feed, and belongs to the caller of it */
	void (*line)(void *ctx, enum web_line kind, const char *json, size_t len);
	/* Every call that goes out, before its line does. May be NULL. */
	void (*call)(void *ctx, const struct nsm_call *call);
	void *ctx;
};

struct web_lines;

/* NULL: out of memory. What the options point to must outlive it. */
struct web_lines *web_lines_new(const struct web_lines_options *o);
void web_lines_free(struct web_lines *l);

/* First: `start` and `texts`. */
void web_lines_start(struct web_lines *l, const struct nsv_start *start);

/*
 * The graph is told anew: web_lines_rows(), the rows of nsg_rows(), and what rows cannot
 * tell. A keyframe follows the last one. Calls and their numbers go on.
 */
void web_lines_rows(struct web_lines *l);
void web_lines_row(struct web_lines *l, const struct nsl_head *row);
void web_lines_rows_end(struct web_lines *l, const struct nsg_totals *totals);

/* A line that was made elsewhere: one object, without a line feed. Behind the first rows. */
void web_lines_add(struct web_lines *l, const char *json, size_t len);

/*
 * An event in its order. 0, or what nsm_feed() and nsg_feed() return. web_lines_before():
 * from before the rows: it counts for what is open and for the numbers of calls, and
 * nothing is told.
 */
int web_lines_event(struct web_lines *l, const struct nsl_head *event);
int web_lines_before(struct web_lines *l, const struct nsl_head *event);

/* So many events are known to be missing here; rows must follow. */
void web_lines_gap(struct web_lines *l, uint64_t ts, uint64_t count);

/* No more for the moment: what changed meanwhile is told, and a keyframe when it is time. */
void web_lines_flush(struct web_lines *l);
void web_lines_keyframe(struct web_lines *l);

/* Last: calls that are still open, cut off, and `end`. Members of `end` but its counts. */
void web_lines_end(struct web_lines *l, const struct nsv_end *end);

/* Something is missing for want of memory. Live, a gap says so and a keyframe follows; in a file
 * nothing makes up for it. */
bool web_lines_short_of_memory(const struct web_lines *l);

/* NULL before the first rows. */
const struct nsg *web_lines_graph(const struct web_lines *l);
nse_kernel web_lines_kernel(const struct web_lines *l);

/* The object of `nslens explain --call N --json`, of a call that may be a copy; "": no path. */
void web_lines_path(struct web_lines *l, const struct nsm_call *call, struct nsv_buf *out);
/* The object of `nslens why --json`. False: no such namespace. */
bool web_lines_why(struct web_lines *l, uint64_t ns, uint64_t now, struct nsv_buf *out);

#endif
