// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void nse_text_init(struct nse_text *t, char *buf, size_t size)
{
	t->buf = buf;
	t->size = size;
	t->len = 0;
	if (size)
		buf[0] = '\0';
}

static void add(struct nse_text *t, const char *fmt, va_list args)
{
	if (t->len + 1 >= t->size)
		return;
	int n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, args);
	if (n < 0)
		return;
	t->len += (size_t)n;
	if (t->len >= t->size)
		t->len = t->size - 1;
}

void nse_add(struct nse_text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(t, fmt, args);
	va_end(args);
}

void nse_sentence(struct nse_text *t, const char *fmt, ...)
{
	va_list args;

	if (t->len)
		nse_add(t, " ");
	va_start(args, fmt);
	add(t, fmt, args);
	va_end(args);
}

unsigned int nse_count(unsigned int set)
{
	unsigned int n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

const char *nse_type_list(unsigned int types, char buf[NSE_LIST_LEN])
{
	struct nse_text t;
	unsigned int left = nse_count(types), done = 0;

	nse_text_init(&t, buf, NSE_LIST_LEN);
	for (int type = 0; type < NSL_TYPES; type++) {
		if (!(types & 1u << type))
			continue;
		left--;
		nse_add(&t, "%s%s", !done ? "" : left ? ", " : " and ", nsm_type_name(type));
		done++;
	}
	return buf;
}
