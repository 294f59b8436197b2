/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: the screen as a grid of characters, before any terminal sees it. All
 * drawing of `watch` goes here, so that it can be tested without one; watch_term.c
 * copies the grid to the terminal.
 */
#ifndef NSLENS_VIEW_WATCH_CANVAS_H
#define NSLENS_VIEW_WATCH_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A style is one of enum nsv_colour, with these added. */
#define NSW_STYLE     0x1fu
#define NSW_REVERSE   0x80u
#define NSW_UNDERLINE 0x40u
#define NSW_STRONG    0x20u

struct nsw_cell {
	uint32_t point; /* 0: the right half of a wide character */
	uint8_t style;
};

struct nsw_canvas {
	int rows, cols;
	bool utf8; /* else what is not ASCII is replaced */
	struct nsw_cell *cells;
};

/* An empty screen of this size; false when out of memory: it has no rows then. */
bool nsw_canvas_begin(struct nsw_canvas *c, int rows, int cols);
void nsw_canvas_free(struct nsw_canvas *c);

/*
 * Writes UTF-8 from `col` up to `end` (exclusive; more than there is: the whole
 * line) and returns the column behind it. What is outside is cut off. Characters
 * that would move the cursor or reorder text become '?'.
 */
int nsw_put(struct nsw_canvas *c, int row, int col, int end, unsigned int style, const char *text);
__attribute__((format(printf, 6, 7))) int nsw_printf(struct nsw_canvas *c, int row, int col,
						     int end, unsigned int style,
						     const char *format, ...);
/* One character, e.g. of a line; `ascii` where the terminal has no UTF-8. */
void nsw_char(struct nsw_canvas *c, int row, int col, unsigned int style, uint32_t point,
	      char ascii);
void nsw_fill(struct nsw_canvas *c, int row, int from, int to, unsigned int style, uint32_t point,
	      char ascii);
/* Adds NSW_REVERSE and its like to what stands there. */
void nsw_mark(struct nsw_canvas *c, int row, int from, int to, unsigned int bits);

/* A row as UTF-8 text without spaces at the end; returns `buf`. */
const char *nsw_row_text(const struct nsw_canvas *c, int row, char *buf, size_t size);

/*
 * Scrolling: the first line to show of `total`, when `height` lines are shown from
 * `top` now and line `selected` has to be among them (negative: none has to).
 */
int nsw_scroll(int top, int selected, int height, int total);

#endif
