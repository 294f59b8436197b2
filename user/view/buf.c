// SPDX-License-Identifier: GPL-2.0-only
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *nsv_buf_room(struct nsv_buf *b, size_t len)
{
	if (b->failed)
		return NULL;
	if (len > b->size - b->len) {
		size_t size = b->size ? b->size : 1024;

		while (size - b->len < len)
			size *= 2;
		char *bigger = realloc(b->data, size);
		if (!bigger) {
			b->failed = true;
			return NULL;
		}
		b->data = bigger;
		b->size = size;
	}
	b->len += len;
	return b->data + b->len - len;
}

void nsv_buf_add(struct nsv_buf *b, const char *data, size_t len)
{
	char *room = nsv_buf_room(b, len);

	if (room)
		memcpy(room, data, len);
}

void nsv_buf_str(struct nsv_buf *b, const char *text)
{
	nsv_buf_add(b, text, strlen(text));
}

void nsv_buf_printf(struct nsv_buf *b, const char *fmt, ...)
{
	char small[256];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(small)) {
		nsv_buf_add(b, small, (size_t)n);
		return;
	}
	char *big = malloc((size_t)n + 1);
	if (!big) {
		b->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, args);
	va_end(args);
	nsv_buf_add(b, big, (size_t)n);
	free(big);
}
