// SPDX-License-Identifier: GPL-2.0-only
#include "utf8.h"

#include <stdio.h>
#include <string.h>

int nsv_utf8_next(const char *s, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = (unsigned char)s[0];
	int len;

	if (c < 0x80) {
		*point = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		len = 2;
	else if (c >= 0xe0 && c <= 0xef)
		len = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		len = 4;
	else
		return 0;
	uint32_t p = c & (0x7fu >> len);

	for (int i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s[i]; /* a NUL ends the loop here */

		if ((next & 0xc0) != 0x80)
			return 0;
		p = p << 6 | (next & 0x3f);
	}
	if (p < least[len] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff))
		return 0;
	*point = p;
	return len;
}

struct range {
	uint32_t first, last;
};

static bool within(const struct range *ranges, size_t n, uint32_t point)
{
	for (size_t i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(ranges, point) within(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

int nsv_utf8_columns(uint32_t point)
{
	static const struct range none[] = {
		{0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
	static const struct range two[] = {
		{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
		{0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

	if (point < none[0].first)
		return 1;
	return WITHIN(none, point) ? 0 : WITHIN(two, point) ? 2 : 1;
}

bool nsv_utf8_unsafe(uint32_t point)
{
	static const struct range unsafe[] = {
		{0, 0x1f},	  {0x7f, 0x9f},	      {0xad, 0xad},	{0x61c, 0x61c},
		{0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f}, {0xfeff, 0xfeff},
		{0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
	};

	return WITHIN(unsafe, point);
}

int nsv_utf8_width(const char *s)
{
	int width = 0;

	while (*s) {
		uint32_t point;
		int len;

		if ((unsigned char)*s < 0x80) { /* nearly always */
			width++;
			s++;
			continue;
		}
		len = nsv_utf8_next(s, &point);
		width += len ? nsv_utf8_columns(point) : 1;
		s += len ? len : 1;
	}
	return width;
}

const char *nsv_utf8_safe(const char *text, bool utf8, char *buf, size_t size)
{
	size_t n = 0;

	while (*text) {
		char piece[16];
		uint32_t point;
		int len = nsv_utf8_next(text, &point);

		if (!len) {
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*text);
			len = 1;
		} else if (point == '\\') {
			strcpy(piece, "\\\\");
		} else if (point == '\n') {
			strcpy(piece, "\\n");
		} else if (point == '\t') {
			strcpy(piece, "\\t");
		} else if (point < 0x20 || point == 0x7f) {
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned int)point);
		} else if (nsv_utf8_unsafe(point) || (point > 0x7f && !utf8)) {
			snprintf(piece, sizeof(piece), point > 0xffff ? "\\U%08x" : "\\u%04x",
				 (unsigned int)point);
		} else {
			memcpy(piece, text, (size_t)len);
			piece[len] = '\0';
		}
		size_t add = strlen(piece);
		if (n + add + 1 > size)
			break;
		memcpy(buf + n, piece, add);
		n += add;
		text += len;
	}
	buf[n] = '\0';
	return buf;
}
