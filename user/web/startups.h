/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start-ups for the page: events in, `startup` lines out, with the stages that
 * `nslens report --json` tells. Live, each as soon as it is over; of a recording all
 * of them at its end, with the numbers that they have there.
 */
#ifndef NSLENS_WEB_STARTUPS_H
#define NSLENS_WEB_STARTUPS_H

#include "../model/startup.h"
#include "../view/view.h"

struct web_startups {
	struct nsu *finder; /* NULL: there was no memory; the rest of the page goes on without */
	struct nsv *view;   /* is another's */
	struct nsv_start start; /* without texts and facts */
	uint64_t from;		/* what was over before it is not told; 0: all */
	bool live;
	bool short_of_memory;
};

/* `view` writes JSON. */
void web_startups_begin(struct web_startups *s, struct nsv *view, const struct nsv_start *start,
			bool live);
void web_startups_feed(struct web_startups *s, const struct nsl_head *event);
/* Those that are left. */
void web_startups_end(struct web_startups *s);
void web_startups_free(struct web_startups *s);

#endif
