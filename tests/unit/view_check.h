/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports of the unit tests: `ok NAME`, `not ok NAME: why`, and a count at the end. */
#ifndef NSLENS_TESTS_VIEW_CHECK_H
#define NSLENS_TESTS_VIEW_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct checks {
	unsigned int passed, failed;
};

__attribute__((format(printf, 4, 5))) static inline bool check(struct checks *c, const char *name,
							       bool right, const char *why, ...)
{
	va_list args;

	if (right) {
		c->passed++;
		printf("ok %s\n", name);
		return true;
	}
	c->failed++;
	printf("not ok %s: ", name);
	va_start(args, why);
	vprintf(why, args);
	va_end(args);
	putchar('\n');
	return false;
}

/* Both texts, and where they part. */
static inline bool check_text(struct checks *c, const char *name, const char *got, const char *want)
{
	size_t same = 0;

	while (got[same] && got[same] == want[same])
		same++;
	return check(c, name, !strcmp(got, want),
		     "differs at byte %zu\n--- wanted\n%s--- got\n%s---", same, want, got);
}

static inline int finish(const struct checks *c)
{
	printf("%u passed, %u failed\n", c->passed, c->failed);
	return c->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
