// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded before nslens: allocations fail, in the program and in every library of it.
 *
 *	FAIL_AT=N     the Nth allocation fails (counted from main() on)
 *	FAIL_ALL=1    and all after it
 *	FAIL_TRAP=1   SIGTRAP at the Nth, which shows a debugger where it is
 *	FAIL_COUNT=FILE    how many there were is written there at the end
 *
 * A child that is forked goes on counting by itself.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static unsigned long count, fail_at;
static bool fail_all, trap, started;

/* What is asked for while the functions behind ours are looked up. */
static char early[65536];
static size_t used;

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

static void *from_early(size_t size)
{
	size_t at = used + 16;

	if (at + size > sizeof(early))
		return NULL;
	memcpy(early + used, &size, sizeof(size));
	used = (at + size + 15) & ~(size_t)15;
	return early + at;
}

static bool look_up(void)
{
	static bool busy;

	if (real_free)
		return true;
	if (busy)
		return false;
	busy = true;
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	busy = false;
	return real_free != NULL;
}

static bool fails(void)
{
	unsigned long n;

	if (!started)
		return false;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	if (!fail_at || (fail_all ? n < fail_at : n != fail_at))
		return false;
	if (trap && n == fail_at)
		raise(SIGTRAP);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (!look_up())
		return from_early(size);
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (!look_up())
		return from_early(n * size); /* zero as it is, and used once */
	return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (!old)
		return malloc(size);
	if (is_early(old) || !look_up()) {
		size_t had = *(size_t *)((char *)old - 16);
		void *new = malloc(size);

		return new ? memcpy(new, old, had < size ? had : size) : NULL;
	}
	return fails() ? NULL : real_realloc(old, size);
}

void free(void *p)
{
	if (p && !is_early(p) && look_up())
		real_free(p);
}

static void tell(void)
{
	const char *path = getenv("FAIL_COUNT");
	char text[32];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
	int n = snprintf(text, sizeof(text), "%lu\n", count);

	if (fd < 0)
		return;
	if (write(fd, text, (size_t)n) != n)
		abort();
	close(fd);
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAIL_AT");

	fail_at = at ? strtoul(at, NULL, 10) : 0;
	fail_all = getenv("FAIL_ALL") != NULL;
	trap = getenv("FAIL_TRAP") != NULL;
	atexit(tell);
	started = true;
}
