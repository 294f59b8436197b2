/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lesson as JSON Lines: `nslens lab run --json` writes them, and the page of `nslens lab
 * serve` is fed with them (user/doc/json.md, section "lab").
 */
#ifndef NSLENS_CMD_LAB_LINES_H
#define NSLENS_CMD_LAB_LINES_H

#include "../view/json.h"
#include "../view/view.h"
#include "lab_session.h"

#define LAB_LINES_BORN 256 /* namespaces of a lesson that are looked after */

enum lab_line {
	LAB_LINE_START,
	LAB_LINE_LESSON, /* a lesson begins: what came before is over */
	LAB_LINE_MORE,
};

struct lab_lines_options {
	bool paths; /* also the kernel's path of each call, as in a file of the page */
	void (*line)(void *ctx, enum lab_line kind, const char *json, size_t len);
	void *ctx;
};

struct lab_score {
	unsigned int asked, answered, right, differs;
};

struct lab_lines;

/*
 * Of a session that is open; the calls of its actors become lines from now on. NULL: out
 * of memory. The session must outlive it.
 */
struct lab_lines *lab_lines_new(const struct lab_lines_options *o, struct lab_session *l,
				const char *what);
void lab_lines_free(struct lab_lines *x);

/* After lab_session_begin(): what the lesson is about, and its first picture. */
void lab_lines_lesson(struct lab_lines *x);
/* Before a step. `number`: of the lesson, from 1; `more`: it belongs to the one before. */
void lab_lines_step(struct lab_lines *x, size_t index, unsigned int number, bool more);
/*
 * After it, what it came to; `choice`: the prediction, 0 for none. The picture follows.
 * -1 with `e`: keepers could not be read.
 */
int lab_lines_result(struct lab_lines *x, size_t index, const struct lab_report *r,
		     unsigned int choice, struct nsl_error *e);
/* The end; `whole`: after the last step. */
void lab_lines_summary(struct lab_lines *x, bool whole);
const struct lab_score *lab_lines_score(const struct lab_lines *x);

/* A line of the caller's own: an object of this type that is begun in `j`, and sent. */
struct nsv_json lab_lines_begin(struct lab_lines *x, const char *type);
void lab_lines_end(struct lab_lines *x, struct nsv_json *j, enum lab_line kind);

#endif
