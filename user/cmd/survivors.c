// SPDX-License-Identifier: GPL-2.0-only
#include "survivors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void survivors_find(struct survivors *s, const struct capture *c)
{
	pid_t pids[MAX_SURVIVORS];
	size_t n = capture_tree(c, pids, MAX_SURVIVORS);

	for (size_t i = 0; i < n; i++) {
		char path[64], text[64];
		size_t used, got;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/comm", (int)pids[i]);
		f = fopen(path, "re");
		if (!f)
			continue; /* it has ended since */
		used = (size_t)snprintf(text, sizeof(text), "%d ", (int)pids[i]);
		got = fread(text + used, 1, sizeof(text) - used - 1, f);
		fclose(f);
		text[used + got] = 0;
		if (got && text[used + got - 1] == '\n')
			text[used + got - 1] = 0;
		s->names[s->n] = strdup(text);
		if (s->names[s->n])
			s->n++;
	}
}

void survivors_free(struct survivors *s)
{
	for (size_t i = 0; i < s->n; i++)
		free((char *)s->names[i]);
	s->n = 0;
}
