// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out, at each allocation in turn: the event is refused, the graph is
 * stale but agrees with itself, and the next snapshot heals it.
 */
#include <errno.h>

#include "graph_check.h"
#include "graph_events.h"
#include "no_memory.h"
#include "unit.h"

/* Enough of everything that each kind of memory has to grow. */
static void grow(struct rig *r, uint32_t from)
{
	for (uint32_t i = from; i < from + 300; i++) {
		struct nsl_view v = with(host_view(), 2 + i, NSL_SLOT_UTS, 20 + i);

		as(r, 1000 + i, "runc");
		ev_create(r, NSL_NEWUTS, v);
		ev_end(r, NSL_SYS_UNSHARE, 0, v);
		ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20 + i, 1000 + i, "runc", 3, 0, "/run/x");
		if (i % 3 == 0)
			ev_exit(r, 1000 + i, "runc", v);
	}
	for (uint32_t i = 0; i < 100; i++) {
		as(r, 9000 + i, "runc");
		ev_step_begin(r, NSL_FN_create_new_namespaces);
	}
	ev_cgroup(r, 7, "/a");
	nsg_verify(r->g);
	as(r, 90, "nslens");
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	for (uint32_t i = 0; i < 40; i++)
		ev_seen(r, 5000 + i, "new", with(host_view(), 9000, NSL_SLOT_NET, 5000));
	ev_snapshot(r, NSL_SNAPSHOT_END);
}

static void at_each_allocation(void)
{
	int failures = 0;

	for (long n = 1; n < 200 && !unit_bad; n++) {
		struct rig *r = rig_host();
		const char *wrong;
		bool stale;

		left = n;
		grow(r, 0);
		stale = nsg_stale(r->g);
		if (left > 0) { /* there was enough */
			left = -1;
			CHECK(!stale);
			rig_free(r);
			break;
		}
		failures++;
		left = -1;
		CHECK(stale);
		wrong = graph_wrong(r->g);
		CHECK_STR(wrong ? wrong : "", "");
		ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
		ev_host_rows(r);
		ev_snapshot(r, NSL_SNAPSHOT_END);
		CHECK(!nsg_stale(r->g));
		wrong = graph_wrong(r->g);
		CHECK_STR(wrong ? wrong : "", "");
		grow(r, 400);
		CHECK(!r->err && !nsg_stale(r->g));
		rig_free(r);
	}
	CHECK(failures > 10);
}

static void none_at_all(void)
{
	left = 1;
	CHECK(!nsg_new(NULL));
	left = -1;
}

int main(void)
{
	RUN(at_each_allocation);
	RUN(none_at_all);
	return unit_end();
}
