/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: text for a terminal: colour, escapes, wrapping, numbers for people. */
#ifndef NSLENS_VIEW_TEXT_H
#define NSLENS_VIEW_TEXT_H

#include "style.h"

/* Colours 0 … NSL_TYPES - 1 are those of the namespace types. */
enum nsv_colour {
	NSV_PLAIN = NSL_TYPES,
	NSV_DIM,
	NSV_BOLD,
	NSV_RED,
	NSV_COLOURS,
};

/* A paragraph that is wrapped at the options' width; later lines start at `indent`. */
struct nsv_flow {
	struct nsv *v;
	int indent;
	int column;
	bool fresh; /* nothing stands in this line yet */
	bool wrap;
};

void nsv_flow_begin(struct nsv_flow *f, struct nsv *v, int first, int indent);
/* For styles of one line a call. */
void nsv_flow_begin_line(struct nsv_flow *f, struct nsv *v);
/* `gap` columns before it, unless it starts a line. Text is UTF-8 and safe. */
void nsv_flow_word(struct nsv_flow *f, int gap, unsigned int colour, const char *text);
/* A text of words; the first `lead` bytes are painted `colour`. */
void nsv_flow_text(struct nsv_flow *f, const char *text, size_t lead, unsigned int colour);
/* Fills up with spaces to a column. */
void nsv_flow_tab(struct nsv_flow *f, int column);
void nsv_flow_end(struct nsv_flow *f);

/* All return `buf`. */
#define NSV_WORD 64
const char *nsv_duration(const struct nsv *v, int64_t ns, char buf[NSV_WORD]);
const char *nsv_moment(const struct nsv *v, uint64_t ts, char buf[NSV_WORD]);
const char *nsv_ns_name(enum nsl_type type, uint32_t inum, char buf[NSV_WORD]);
const char *nsv_nsproxy_name(uint64_t id, char buf[NSV_WORD]);

/* Hostile text made safe: escapes as in C, a backslash doubled. Cut off to fit. */
const char *nsv_safe(const struct nsv *v, const char *text, char *buf, size_t size);

const char *nsv_arrow(const struct nsv *v);
const char *nsv_rule(const struct nsv *v);

/* "name(arguments) = result", as words of a flow. */
void nsv_put_syscall(struct nsv_flow *f, const struct nsm_call *call, bool all_flags);
/* "runc:[1:CHILD] 4128" */
void nsv_put_task(struct nsv_flow *f, int gap, const char *comm, uint32_t pid, uint32_t tid);

#endif
