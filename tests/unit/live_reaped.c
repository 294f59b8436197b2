// SPDX-License-Identifier: GPL-2.0-only
/* Zombies that are gone without a word of the kernel. The tasks are those of a test's graph. */
#include "graph_events.h"
#include "unit.h"

#include "../../user/cmd/live_reaped.c"

#define SECOND 1000000000ull

static uint32_t alive, forgotten;

bool proc_task_reaped(__u32 tid)
{
	return tid != alive;
}

void capture_reaped(const struct capture *c, __u32 tid)
{
	(void)c;
	forgotten = tid;
}

static void feed(void *ctx, struct nsl_head *event)
{
	struct rig *r = ctx;

	CHECK(!nsg_feed(r->g, event));
}

static size_t zombies_after_look(struct rig *r, struct live_reaped *l, uint64_t now)
{
	struct nsg_totals totals;

	live_reaped_look(l, NULL, r->g, now, feed, r);
	nsg_totals(r->g, &totals);
	return totals.zombies;
}

static struct rig *with_zombies(uint32_t n)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(21);
	for (uint32_t tid = 200; tid < 200 + n; tid++) {
		as(r, tid, "true");
		ev_exit(r, tid, "true", v);
	}
	rig_text(r);
	return r;
}

static void at_the_second_look(void)
{
	struct rig *r = with_zombies(1);
	struct live_reaped l = {0};

	alive = forgotten = 0;
	CHECK(zombies_after_look(r, &l, 10 * SECOND) == 1); /* the kernel may be about to tell */
	CHECK(zombies_after_look(r, &l, 10 * SECOND + SECOND / 2) == 1); /* no look yet */
	CHECK(zombies_after_look(r, &l, 11 * SECOND) == 0);
	CHECK(forgotten == 200);
	as(r, 16, "ksoftirqd/0");
	ev_ns_free(r, NSL_PID, 21);
	CHECK_STR(rig_text(r), "died pid 21 reaped by 200 true\n");
	rig_free(r);
}

static void not_while_it_is_one(void)
{
	struct rig *r = with_zombies(2);
	struct live_reaped l = {0};

	alive = 201;
	CHECK(zombies_after_look(r, &l, 10 * SECOND) == 2);
	CHECK(zombies_after_look(r, &l, 11 * SECOND) == 1);
	CHECK(nsg_find_task(r->g, 201) != NULL);
	alive = 0;
	CHECK(zombies_after_look(r, &l, 12 * SECOND) == 1);
	CHECK(zombies_after_look(r, &l, 13 * SECOND) == 0);
	rig_free(r);
}

/* More than are remembered: they are found in several looks. */
static void many(void)
{
	struct rig *r = with_zombies(600);
	struct live_reaped l = {0};
	size_t left = 600;

	alive = 0;
	for (uint64_t look = 1; look <= 7; look++)
		left = zombies_after_look(r, &l, look * SECOND);
	CHECK(left == 0);
	rig_free(r);
}

static void told_after_all(void)
{
	struct rig *r = with_zombies(1);
	struct live_reaped l = {0};

	alive = 0;
	CHECK(zombies_after_look(r, &l, 10 * SECOND) == 1);
	ev_free(r, 200);
	CHECK(zombies_after_look(r, &l, 11 * SECOND) == 0);
	forgotten = 0;
	CHECK(zombies_after_look(r, &l, 12 * SECOND) == 0);
	CHECK(forgotten == 0);
	rig_free(r);
}

int main(void)
{
	RUN(at_the_second_look);
	RUN(not_while_it_is_one);
	RUN(many);
	RUN(told_after_all);
	return unit_end();
}
