// SPDX-License-Identifier: GPL-2.0-only
#include "startups.h"

#include <errno.h>
#include <string.h>

#include "../view/report.h"

static void tell(void *ctx, const struct nsu_startup *startup)
{
	struct web_startups *s = ctx;

	if (startup->end >= s->from)
		nsv_report_startup_json(s->view, &s->start, startup);
}

void web_startups_begin(struct web_startups *s, struct nsv *view, const struct nsv_start *start,
			bool live)
{
	struct nsu_options o = {.kernel = start->kernel, .ctx = s, .done = live ? tell : NULL};

	web_startups_free(s);
	memcpy(o.initial, start->initial, sizeof(o.initial));
	s->view = view;
	s->start = *start;
	s->start.facts = NULL;
	s->start.nfacts = 0;
	s->start.version = s->start.release = s->start.boot_id = s->start.what = NULL;
	s->from = 0;
	s->live = live;
	s->finder = nsu_new(&o);
	s->short_of_memory = !s->finder;
}

void web_startups_feed(struct web_startups *s, const struct nsl_head *event)
{
	/* an event that is none has been refused by others */
	if (s->finder && nsu_feed(s->finder, event) == -ENOMEM) {
		s->short_of_memory = true;
		web_startups_free(s);
	}
}

void web_startups_end(struct web_startups *s)
{
	const struct nsu_startup *const *list;
	size_t n = 0;

	if (!s->finder)
		return;
	s->short_of_memory |= nsu_finish(s->finder) != 0;
	if (s->short_of_memory || s->live)
		return;
	list = nsu_list(s->finder, &n);
	for (size_t i = 0; i < n; i++)
		tell(s, list[i]);
}

void web_startups_free(struct web_startups *s)
{
	nsu_free(s->finder);
	s->finder = NULL;
}
