// SPDX-License-Identifier: GPL-2.0-only
#include "values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../model/model.h"

#define MAX_PID (1 << 22) /* PID_MAX_LIMIT, include/linux/threads.h */

uint64_t value_types(const char *list)
{
	uint64_t bits = 0;

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		uint64_t bit = 0;

		for (int t = 0; t < NSL_TYPES; t++)
			if (strlen(nsm_type_name(t)) == n && !strncmp(p, nsm_type_name(t), n))
				bit = nsm_type_bit(t);
		if (!bit || (p[n] && !p[n + 1]))
			return 0;
		bits |= bit;
		p += n + (p[n] == ',');
	}
	return bits;
}

size_t value_size(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)*text))
		return 0;
	if (*end == 'K' || *end == 'k')
		n <<= 10, end++;
	else if (*end == 'M' || *end == 'm')
		n <<= 20, end++;
	return *end || n > 1u << 30 ? 0 : n;
}

uint64_t value_time(const char *text)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
	char *end;
	double n;

	if (!isdigit((unsigned char)*text) || strspn(text, "0123456789.") > 12)
		return 0;
	n = strtod(text, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(end, units[i].name) && n * units[i].ns < 1e18)
			return (uint64_t)(n * units[i].ns);
	return 0;
}

pid_t value_pid(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	return !isdigit((unsigned char)*text) || *end || pid > MAX_PID ? 0 : (pid_t)pid;
}

int value_hooks(const char *how, enum hooks_mode *mode)
{
	static const char *const names[] = {
		[HOOKS_AUTO] = "auto",
		[HOOKS_FENTRY] = "fentry",
		[HOOKS_KPROBE] = "kprobe",
		[HOOKS_TRACEPOINT] = "tracepoint",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(how, names[i])) {
			*mode = (enum hooks_mode)i;
			return 0;
		}
	}
	return -1;
}

int value_colour(const char *when, int *colour)
{
	if (!strcmp(when, "always"))
		*colour = 1;
	else if (!strcmp(when, "never"))
		*colour = 0;
	else if (!strcmp(when, "auto"))
		*colour = -1;
	else
		return -1;
	return 0;
}

bool wants_colour(FILE *out, int colour)
{
	const char *no_colour = getenv("NO_COLOR");

	return colour >= 0 ? colour : isatty(fileno(out)) && !(no_colour && *no_colour);
}

int terminal_width(FILE *out)
{
	struct winsize size;

	return isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) ? size.ws_col : 0;
}
