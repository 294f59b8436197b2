// SPDX-License-Identifier: GPL-2.0-only
#include "start_record.h"

#include <time.h>

#include "facts.h"

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void start_record_fill(struct nsv_start *start, struct nsv_fact facts[MAX_HOOKS],
		       const struct machine *m, const struct capture *c, const char *what)
{
	const struct ladder *l = capture_ladder(c);

	*start = (struct nsv_start){
		.version = NSLENS_VERSION,
		.release = m->release,
		.boot_id = m->boot_id,
		.mono_ns = now_ns(CLOCK_MONOTONIC),
		.wall_ns = now_ns(CLOCK_REALTIME),
		.kernel = m->kernel,
		.facts = facts,
		.steps = l->functions,
		.what = what,
	};
	start->nfacts = facts_of_ladder(l, capture_milestones(c), facts, MAX_HOOKS);
	capture_initial(c, start->initial);
}

uint64_t start_record_write(struct nsv *view, const struct machine *m, const struct capture *c,
			    const char *what)
{
	struct nsv_fact facts[MAX_HOOKS];
	struct nsv_start start;

	start_record_fill(&start, facts, m, c, what);
	nsv_start(view, &start);
	return start.mono_ns;
}
