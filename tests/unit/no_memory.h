/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that runs out when a test wants it to. */
#ifndef NSLENS_NO_MEMORY_H
#define NSLENS_NO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

static long left = -1; /* allocations that succeed; negative: all */

/* The sanitizer's own: what it would put in place of the C library's. */
void *__interceptor_malloc(size_t size);
void *__interceptor_calloc(size_t n, size_t size);
void *__interceptor_realloc(void *old, size_t size);

static bool refused(void)
{
	if (left > 0)
		left--;
	return !left;
}

void *malloc(size_t size)
{
	return refused() ? NULL : __interceptor_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return refused() ? NULL : __interceptor_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return refused() ? NULL : __interceptor_realloc(old, size);
}

#endif
