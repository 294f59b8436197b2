/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small test helper: a test is a function, CHECK() fails it with a reason and
 * goes on. Each prints `ok NAME` or `not ok NAME: why`, the program `N passed,
 * N failed`, and exits 1 where one failed.
 */
#ifndef NSLENS_UNIT_H
#define NSLENS_UNIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int unit_passed, unit_failed;
static bool unit_bad;
static const char *unit_name;

__attribute__((format(printf, 3, 4))) static inline void unit_fail(const char *file, int line,
								   const char *format, ...)
{
	va_list ap;

	printf("not ok %s: %s:%d: ", unit_name, file, line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	unit_bad = true;
}

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			unit_fail(__FILE__, __LINE__, "%s", #condition);                           \
	} while (0)

#define CHECK_NUM(got, want)                                                                       \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (got_ != want_)                                                                 \
			unit_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #got, got_, want_);  \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *got_s = (got), *want_s = (want);                                       \
		if (!got_s || strcmp(got_s, want_s) != 0)                                          \
			unit_fail(__FILE__, __LINE__, "%s is\n%s\nnot\n%s", #got,                  \
				  got_s ? got_s : "NULL", want_s);                                 \
	} while (0)

#define RUN(test)                                                                                  \
	do {                                                                                       \
		unit_name = #test;                                                                 \
		unit_bad = false;                                                                  \
		test();                                                                            \
		if (unit_bad) {                                                                    \
			unit_failed++;                                                             \
		} else {                                                                           \
			unit_passed++;                                                             \
			printf("ok %s\n", unit_name);                                              \
		}                                                                                  \
	} while (0)

static inline int unit_end(void)
{
	printf("%d passed, %d failed\n", unit_passed, unit_failed);
	return unit_failed ? 1 : 0;
}

#endif
