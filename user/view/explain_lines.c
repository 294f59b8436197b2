// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrapping for texts of every language that the explanations have. Latin text
 * breaks at blanks; Chinese and Japanese break between any two characters, but no
 * line begins with a closing mark or ends with an opening one.
 */
#include <string.h>

#include "explain_internal.h"
#include "utf8.h"

#define WORD 160

static void prefix(struct nsv_lines *l, const char *text)
{
	nsv_flow_begin_line(&l->flow, l->v);
	if (*text)
		nsv_flow_word(&l->flow, 0, NSV_DIM, text);
	l->flow.fresh = false;
	l->column = nsv_utf8_width(text);
	l->fresh = true;
}

void nsv_lines_begin(struct nsv_lines *l, struct nsv *v, const char *first, const char *next)
{
	*l = (struct nsv_lines){.v = v, .prefix = next, .width = v->options.width};
	l->prefix_width = nsv_utf8_width(next);
	prefix(l, first);
}

void nsv_lines_end(struct nsv_lines *l)
{
	nsv_flow_end(&l->flow);
}

void nsv_lines_glue(struct nsv_lines *l)
{
	l->glue = true;
}

static bool one_of(uint32_t point, const uint32_t *set)
{
	while (*set && *set != point)
		set++;
	return *set;
}

/* 、。，）：；」』！？ー and their like */
static bool closes(uint32_t point)
{
	static const uint32_t set[] = {
		0x3001, 0x3002, 0xff0c, 0xff09, 0xff1a, 0xff1b, 0x300d, 0x300f, 0xff01, 0xff1f,
		0x30fc, 0x3009, 0x300b, 0x201d, 0x30fb, 0x3083, 0x3085, 0x3087, 0x3063, 0x30c3,
		0x30e3, 0x30e5, 0x30e7, ')',	',',	'.',	':',	';',	0};

	return one_of(point, set);
}

static bool opens(uint32_t point)
{
	static const uint32_t set[] = {0xff08, 0x300c, 0x300e, 0x3008, 0x300a, 0x201c, '(', 0};

	return one_of(point, set);
}

/* Bytes of the piece at `text` that no line break may part. */
static size_t piece(const char *text)
{
	size_t len = 0;
	bool wide = false, open = true; /* nothing stands there yet that could be parted */

	while (text[len] && text[len] != ' ') {
		uint32_t point;
		int bytes = nsv_utf8_next(text + len, &point);
		bool is_wide = bytes && nsv_utf8_columns(point) == 2;

		if (len && !open && (wide || is_wide) && !closes(point))
			break;
		wide = is_wide;
		open = bytes && opens(point);
		len += bytes ? (size_t)bytes : 1;
		if (len > WORD - 8)
			break;
	}
	return len;
}

void nsv_lines_add(struct nsv_lines *l, unsigned int colour, const char *text)
{
	int gap = l->glue ? 0 : 1;

	l->glue = false;
	while (*text) {
		size_t blanks = strspn(text, " "), len;
		char word[WORD];
		int columns;

		if (blanks)
			gap = 1;
		text += blanks;
		len = piece(text);
		if (!len)
			break;
		memcpy(word, text, len);
		word[len] = '\0';
		text += len;
		columns = nsv_utf8_width(word);
		if (l->fresh)
			gap = 0;
		if (l->width && !l->fresh && l->column + gap + columns > l->width) {
			nsv_flow_end(&l->flow);
			prefix(l, l->prefix);
			gap = 0;
		}
		l->flow.fresh = false;
		nsv_flow_word(&l->flow, gap, colour, word);
		l->column += gap + columns;
		l->fresh = false;
		gap = 0;
	}
}
