// SPDX-License-Identifier: GPL-2.0-only
#include "live_reaped.h"

#include "../capture/proc_tasks.h"
#include "../model/graph_rows.h"

#define LOOK_EVERY_NS 1000000000u
#define MAX_GONE                                                                                   \
	(sizeof(((struct live_reaped *)0)->gone) / sizeof(*((struct live_reaped *)0)->gone))

static bool was_gone(const struct live_reaped *r, const struct nsg_task *t)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->gone[i].tid == t->tid && r->gone[i].start == t->start)
			return true;
	return false;
}

void live_reaped_look(struct live_reaped *r, struct capture *c, const struct nsg *g, uint64_t now,
		      capture_fn fn, void *ctx)
{
	const struct nsg_task *next;
	struct live_reaped found;

	if (now - r->looked < LOOK_EVERY_NS)
		return;
	found.looked = now;
	found.n = 0;
	for (const struct nsg_task *t = nsg_zombies(g); t && found.n < MAX_GONE; t = next) {
		struct nsl_task row;

		next = t->next;
		if (!proc_task_reaped(t->tid))
			continue;
		if (!was_gone(r, t)) {
			found.gone[found.n].tid = t->tid;
			found.gone[found.n++].start = t->start;
			continue;
		}
		capture_reaped(c, t->tid);
		nsg_row_of_reaped(g, t, now, &row);
		fn(ctx, &row.head);
	}
	*r = found;
}
