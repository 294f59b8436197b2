/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether two graphs are the same in everything that nslens graph --json tells. */
#ifndef NSLENS_GRAPH_SAME_H
#define NSLENS_GRAPH_SAME_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/view/graph_view.h"

/* To be freed. */
static inline char *graph_text(const struct nsg *g)
{
	struct nsv_graph_options o = {.now_ns = 1, .wall_ns = 1};
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f || nsv_graph_json(f, g, &o))
		abort();
	fclose(f);
	return text;
}

/* NULL, or where they begin to differ: valid until the next call. */
static inline const char *graph_differs(const struct nsg *a, const struct nsg *b)
{
	static char why[400];
	char *x = graph_text(a), *y = graph_text(b);
	size_t at = 0;
	bool same = !strcmp(x, y);

	while (x[at] && x[at] == y[at])
		at++;
	at = at > 60 ? at - 60 : 0;
	snprintf(why, sizeof(why), "%.180s\n   but %.180s", x + at, y + at);
	free(x);
	free(y);
	return same ? NULL : why;
}

#endif
