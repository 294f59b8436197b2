// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <string.h>

#include "utf8.h"

#define EXACT (UINT64_C(1) << 53) /* what a double holds without rounding */

static void escape(struct nsv_buf *b, uint32_t point)
{
	if (point > 0xffff) {
		point -= 0x10000;
		nsv_buf_printf(b, "\\u%04x\\u%04x", 0xd800 + (point >> 10),
			       0xdc00 + (point & 0x3ff));
	} else {
		nsv_buf_printf(b, "\\u%04x", point);
	}
}

/* How much of it can be taken as it is: nearly always all. */
static size_t plain(const char *text)
{
	/* ASCII without its controls, ", \ and < */
	static const bool as_it_is[256] = {[0x20 ... 0x21] = true,
					   [0x23 ... 0x3b] = true,
					   [0x3d ... 0x5b] = true,
					   [0x5d ... 0x7e] = true};
	size_t n = 0;

	while (as_it_is[(unsigned char)text[n]])
		n++;
	return n;
}

/* A text without anything to escape. */
static void quoted_plain(struct nsv_buf *b, const char *text, size_t len)
{
	char *room = nsv_buf_room(b, len + 2);

	if (!room)
		return;
	room[0] = '"';
	memcpy(room + 1, text, len);
	room[len + 1] = '"';
}

static void quoted(struct nsv_buf *b, const char *text)
{
	size_t all = plain(text);

	if (!text[all]) {
		quoted_plain(b, text, all);
		return;
	}
	nsv_buf_add(b, "\"", 1);
	while (*text) {
		size_t run = plain(text);
		uint32_t point;
		int len;

		nsv_buf_add(b, text, run);
		text += run;
		if (!*text)
			break;
		len = nsv_utf8_next(text, &point);
		if (!len) {
			escape(b, 0xfffd);
			text++;
			continue;
		}
		if (point == '"' || point == '\\')
			nsv_buf_printf(b, "\\%c", (int)point);
		else if (point == '\n')
			nsv_buf_str(b, "\\n");
		else if (point == '\t')
			nsv_buf_str(b, "\\t");
		else if (point == '<' || nsv_utf8_unsafe(point))
			escape(b, point);
		else
			nsv_buf_add(b, text, (size_t)len);
		text += len;
	}
	nsv_buf_add(b, "\"", 1);
}

static void member(struct nsv_json *j, const char *key)
{
	if (j->comma)
		nsv_buf_add(j->buf, ",", 1);
	j->comma = true;
	if (key) {
		quoted(j->buf, key);
		nsv_buf_add(j->buf, ":", 1);
	}
}

void nsv_json_open(struct nsv_json *j, const char *key, char bracket)
{
	member(j, key);
	nsv_buf_add(j->buf, &bracket, 1);
	j->comma = false;
}

void nsv_json_close(struct nsv_json *j, char bracket)
{
	nsv_buf_add(j->buf, &bracket, 1);
	j->comma = true;
}

void nsv_json_str(struct nsv_json *j, const char *key, const char *text)
{
	member(j, key);
	if (text)
		quoted(j->buf, text);
	else
		nsv_buf_str(j->buf, "null");
}

/* printf() would take most of the time that a line takes. */
static void put_number(struct nsv_buf *b, bool negative, uint64_t value)
{
	const char *quote = value > EXACT ? "\"" : "";
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	if (negative)
		digits[--at] = '-';
	nsv_buf_str(b, quote);
	nsv_buf_add(b, digits + at, sizeof(digits) - at);
	nsv_buf_str(b, quote);
}

void nsv_json_u64(struct nsv_json *j, const char *key, uint64_t value)
{
	member(j, key);
	put_number(j->buf, false, value);
}

void nsv_json_i64(struct nsv_json *j, const char *key, int64_t value)
{
	member(j, key);
	put_number(j->buf, value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void nsv_json_bool(struct nsv_json *j, const char *key, bool value)
{
	member(j, key);
	nsv_buf_str(j->buf, value ? "true" : "false");
}

void nsv_json_null(struct nsv_json *j, const char *key)
{
	member(j, key);
	nsv_buf_str(j->buf, "null");
}
