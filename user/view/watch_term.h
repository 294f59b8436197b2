/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal of watch: takes it over, gives it back as it was, reads keys,
 * shows a canvas. There is one terminal, so there is no object.
 */
#ifndef NSLENS_VIEW_WATCH_TERM_H
#define NSLENS_VIEW_WATCH_TERM_H

#include "watch_canvas.h"

/*
 * Can standard input and output be used for this? Returns NULL, or why not and
 * what to do instead. Takes nothing over.
 */
const char *nsw_term_check(void);

/* Text may be UTF-8, as the locale says. After nsw_term_check(). */
bool nsw_term_utf8(void);

/* Signal handlers that the caller has set already stay. False: out of memory. */
bool nsw_term_open(bool colour);
void nsw_term_close(void);

void nsw_term_size(int *rows, int *cols);
/* What was typed, as enum nsw_key or a character; NSW_KEY_NONE: nothing. */
int nsw_term_key(void);
void nsw_term_show(const struct nsw_canvas *c, bool redraw);

/* For a process that outlives the one that had the terminal and could not give it back. */
void nsw_term_rescue(void);

#endif
