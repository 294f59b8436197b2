// SPDX-License-Identifier: GPL-2.0-only
#include "watch_canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

bool nsw_canvas_begin(struct nsw_canvas *c, int rows, int cols)
{
	if (rows != c->rows || cols != c->cols) {
		free(c->cells);
		c->cells = calloc((size_t)rows * (size_t)cols + 1, sizeof(*c->cells));
		c->rows = c->cells ? rows : 0;
		c->cols = c->cells ? cols : 0;
	}
	for (int row = 0; row < c->rows; row++)
		nsw_fill(c, row, 0, c->cols, NSV_PLAIN, ' ', ' ');
	return c->cells;
}

void nsw_canvas_free(struct nsw_canvas *c)
{
	free(c->cells);
	*c = (struct nsw_canvas){0};
}

static struct nsw_cell *cell(struct nsw_canvas *c, int row, int col)
{
	if (row < 0 || row >= c->rows || col < 0 || col >= c->cols)
		return NULL;
	return &c->cells[(size_t)row * (size_t)c->cols + (size_t)col];
}

/* A wide character that loses one half loses the other, too. */
static void set(struct nsw_canvas *c, int row, int col, uint32_t point, unsigned int style)
{
	struct nsw_cell *here = cell(c, row, col), *next = cell(c, row, col + 1);

	if (!here)
		return;
	if (!here->point && col > 0)
		here[-1].point = ' ';
	if (next && !next->point)
		next->point = ' ';
	*here = (struct nsw_cell){point, (uint8_t)style};
}

void nsw_char(struct nsw_canvas *c, int row, int col, unsigned int style, uint32_t point,
	      char ascii)
{
	set(c, row, col, c->utf8 ? point : (uint32_t)(unsigned char)ascii, style);
}

void nsw_fill(struct nsw_canvas *c, int row, int from, int to, unsigned int style, uint32_t point,
	      char ascii)
{
	for (int col = from < 0 ? 0 : from; col < to && col < c->cols; col++)
		nsw_char(c, row, col, style, point, ascii);
}

void nsw_mark(struct nsw_canvas *c, int row, int from, int to, unsigned int bits)
{
	for (int col = from < 0 ? 0 : from; col < to && col < c->cols; col++) {
		struct nsw_cell *here = cell(c, row, col);

		if (here)
			here->style |= (uint8_t)bits;
	}
}

/* What our own texts use; everything else has no look-alike. */
static uint32_t plain(uint32_t point)
{
	switch (point) {
	case 0x2500: /* ─ */
		return '-';
	case 0x2502: /* │ */
		return '|';
	case 0x2026: /* … */
		return '.';
	case 0x00b5: /* µ */
		return 'u';
	case 0x203a: /* › */
		return '>';
	case 0x00b7: /* · */
		return '.';
	default:
		return '?';
	}
}

int nsw_put(struct nsw_canvas *c, int row, int col, int end, unsigned int style, const char *text)
{
	end = end > c->cols ? c->cols : end;
	while (*text) {
		uint32_t point;
		int len = nsv_utf8_next(text, &point), columns;

		text += len ? len : 1;
		if (!len || nsv_utf8_unsafe(point))
			point = '?';
		if (!c->utf8 && point > 0x7f)
			point = plain(point);
		columns = nsv_utf8_columns(point);
		if (!columns)
			continue;
		if (col + columns > end)
			break;
		set(c, row, col, point, style);
		if (columns == 2 && cell(c, row, col + 1))
			*cell(c, row, col + 1) = (struct nsw_cell){0, (uint8_t)style};
		col += columns;
	}
	return col;
}

int nsw_printf(struct nsw_canvas *c, int row, int col, int end, unsigned int style,
	       const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return nsw_put(c, row, col, end, style, text);
}

static size_t encode(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

const char *nsw_row_text(const struct nsw_canvas *c, int row, char *buf, size_t size)
{
	size_t n = 0;

	for (int col = 0; row >= 0 && row < c->rows && col < c->cols && n + 5 < size; col++) {
		uint32_t point = c->cells[(size_t)row * (size_t)c->cols + (size_t)col].point;

		if (point)
			n += encode(point, buf + n);
	}
	while (n && buf[n - 1] == ' ')
		n--;
	buf[n] = '\0';
	return buf;
}

int nsw_scroll(int top, int selected, int height, int total)
{
	if (height < 1)
		height = 1;
	if (selected >= 0 && selected < top)
		top = selected;
	if (selected >= 0 && selected >= top + height)
		top = selected - height + 1;
	if (top > total - height)
		top = total - height;
	return top < 0 ? 0 : top;
}
