// SPDX-License-Identifier: GPL-2.0-only
#include "milestone.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAMES 32

/* Names as they came: the last one of the path first. */
static size_t split(const char *raw, const char *names[MAX_NAMES])
{
	const char *end = raw + NSL_RAW_LEN;
	size_t n = 0;

	for (const char *p = raw; p < end && *p && n < MAX_NAMES; p += strlen(p) + 1)
		names[n++] = p;
	return n;
}

/* "/a/b", or, where `whole` is false or the room too small, "b" or "a/b". */
static void join(char *text, const char *raw, bool whole)
{
	const char *names[MAX_NAMES];
	size_t n = split(raw, names), len = 0, shown = 0;

	while (shown < n && len + strlen(names[shown]) + 1 < NSL_TEXT_LEN)
		len += strlen(names[shown++]) + 1;
	if (!n) {
		strcpy(text, whole ? "/" : "");
		return;
	}
	if (!shown) { /* a name as long as all there is room for */
		snprintf(text, NSL_TEXT_LEN, "%s", names[0]);
		return;
	}
	len = 0;
	for (size_t i = shown; i > 0; i--)
		len += (size_t)snprintf(text + len, NSL_TEXT_LEN - len, "%s%s",
					len || (whole && shown == n) ? "/" : "", names[i - 1]);
}

/* Of a long string the end: of a path that is what tells. Cut where a name begins. */
static void shorten(char *text, const char *raw)
{
	size_t len = strlen(raw);
	const char *from = raw, *slash;

	if (len >= NSL_TEXT_LEN) {
		from = raw + len - (NSL_TEXT_LEN - 1);
		slash = strchr(from, '/');
		if (slash && slash[1])
			from = slash + 1;
	}
	snprintf(text, NSL_TEXT_LEN, "%s", from);
}

static void list_extents(char *text, const void *raw, __u64 n)
{
	__u32 line[3];
	size_t len = 0;

	for (__u64 i = 0; i < n && i < 5 && len < NSL_TEXT_LEN; i++) {
		memcpy(line, (const char *)raw + i * sizeof(line), sizeof(line));
		len += (size_t)snprintf(text + len, NSL_TEXT_LEN - len, "%s%u %u %u", i ? ", " : "",
					line[0], line[1], line[2]);
	}
}

static void make(char *text, char *raw, unsigned int flags)
{
	raw[NSL_RAW_LEN - 1] = '\0';
	if (flags & NSL_RAW_NAMES)
		join(text, raw, flags & NSL_RAW_WHOLE);
	else if (flags & NSL_RAW_TEXT)
		shorten(text, raw);
}

void milestone_finish(struct nsl_milestone_raw *raw)
{
	struct nsl_milestone *m = &raw->m;

	memset(m->text, 0, sizeof(m->text));
	memset(m->where, 0, sizeof(m->where));
	make(m->text, raw->raw[0], m->flags);
	make(m->where, raw->raw[1], m->flags >> 1);
	if (m->flags & NSL_RAW_EXTENTS)
		list_extents(m->text, raw->raw[0], m->detail[0]);
	m->flags = 0;
	m->head.size = sizeof(*m);
}
