// SPDX-License-Identifier: GPL-2.0-only
#include "option_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

typedef int (*reader)(const struct option_row *r, void *at, const char *value);

static int read_flag(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	(void)value;
	*(bool *)at = true;
	return 0;
}

static int read_set(const struct option_row *r, void *at, const char *value)
{
	(void)value;
	*(int *)at = (int)r->min;
	return 0;
}

static int read_text(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	*(const char **)at = value;
	return *value ? 0 : -1;
}

static int read_count(const struct option_row *r, void *at, const char *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || n > (uint64_t)r->max ||
	    (int64_t)n < r->min)
		return -1;
	if (r->bytes == sizeof(uint64_t))
		*(uint64_t *)at = n;
	else
		*(unsigned int *)at = (unsigned int)n;
	return 0;
}

static int read_size(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	*(size_t *)at = value_size(value);
	return *(size_t *)at ? 0 : -1;
}

static int read_time(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	*(uint64_t *)at = value_time(value);
	return *(uint64_t *)at ? 0 : -1;
}

static int read_pid(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	*(pid_t *)at = value_pid(value);
	return *(pid_t *)at ? 0 : -1;
}

static int read_types(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	*(uint64_t *)at = value_types(value);
	return *(uint64_t *)at ? 0 : -1;
}

static int read_hooks(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	return value_hooks(value, at);
}

static int read_colour(const struct option_row *r, void *at, const char *value)
{
	(void)r;
	return value_colour(value, at);
}

static int read_word(const struct option_row *r, void *at, const char *value)
{
	size_t len = strlen(value);
	int n = 0;

	for (const char *w = r->words; len; w += strcspn(w, "|") + 1, n++) {
		if (strcspn(w, "|") == len && !strncmp(w, value, len)) {
			*(int *)at = n;
			return 0;
		}
		if (!w[strcspn(w, "|")])
			break;
	}
	return -1;
}

/* A row of this table for each kind of value. */
static const struct {
	reader read;
	const char *expect;
	const char *words;
} kinds[] = {
	[OPTION_KIND_FLAG] = {read_flag, NULL, NULL},
	[OPTION_KIND_SET] = {read_set, NULL, NULL},
	[OPTION_KIND_TEXT] = {read_text, "it is empty", NULL},
	[OPTION_KIND_FILE] = {read_text, "the name is empty", NULL},
	[OPTION_KIND_DIR] = {read_text, "the name is empty", NULL},
	[OPTION_KIND_COUNT] = {read_count, NULL, NULL},
	[OPTION_KIND_SIZE] = {read_size, "a size such as 512K or 64M, at most 1024M", NULL},
	[OPTION_KIND_TIME] = {read_time, "a time such as 200ms, 1.5s or 30m", NULL},
	[OPTION_KIND_PID] = {read_pid, "not a process number", NULL},
	[OPTION_KIND_TYPES] = {read_types,
			       "types are mnt, uts, ipc, pid, cgroup, net, time and user, joined "
			       "by commas",
			       NULL},
	[OPTION_KIND_HOOKS] = {read_hooks, NULL, "auto|fentry|kprobe|tracepoint"},
	[OPTION_KIND_COLOUR] = {read_colour, NULL, "auto|always|never"},
	[OPTION_KIND_WORD] = {read_word, NULL, NULL},
};

const char *option_choice(const struct option_row *r)
{
	return r->kind == OPTION_KIND_OWN || r->words ? r->words : kinds[r->kind].words;
}

void option_words_text(const char *words, char *to, size_t size)
{
	size_t len = 0;

	for (const char *w = words; *w && len < size;) {
		size_t n = strcspn(w, "|");
		bool last = !w[n], first = w == words;
		bool before_last = !first && last;

		len += (size_t)snprintf(to + len, size - len, "%s%.*s",
					first	      ? ""
					: before_last ? " or "
						      : ", ",
					(int)n, w);
		w += n + !last;
	}
}

int option_value_take(const struct option_row *r, void *options, const char *value, char *why,
		      size_t size)
{
	const char *expect;

	if (r->kind == OPTION_KIND_OWN)
		return r->take(options, value, why, size);
	if (!kinds[r->kind].read(r, (char *)options + r->at, value))
		return 0;
	expect = r->expect ? r->expect : kinds[r->kind].expect;
	if (expect)
		snprintf(why, size, "%s", expect);
	else if (option_choice(r))
		option_words_text(option_choice(r), why, size);
	else
		snprintf(why, size, "a number from %lld to %lld", (long long)r->min,
			 (long long)r->max);
	return -1;
}
