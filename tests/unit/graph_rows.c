// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graph as rows, and a graph made of them: the same, at any moment, and the
 * same still after whatever happens next.
 */
#include "../../user/model/graph_rows.h"

#include <errno.h>

#include "graph_check.h"
#include "graph_kernel.h"
#include "graph_same.h"
#include "unit.h"

static void feed_row(void *ctx, const struct nsl_head *row)
{
	if (nsg_feed(ctx, row))
		unit_fail(__FILE__, __LINE__, "a row of kind %d is refused", row->kind);
}

/* A graph made of rows of `g`; NULL: it gives none now. */
static struct nsg *again(const struct nsg *g)
{
	struct nsg *copy = nsg_new(NULL);
	struct nsg_totals totals;

	nsg_totals(g, &totals);
	if (!nsg_rows(g, 77, feed_row, copy)) {
		nsg_free(copy);
		return NULL;
	}
	nsg_resume(copy, &totals);
	return copy;
}

static void feed_copy(void *ctx, const struct nsl_head *event)
{
	struct nsg **copy = ctx;

	if (*copy)
		nsg_feed(*copy, event);
}

static int moments, none;

/* A copy is made at some event, and lives on beside the graph for some time. */
struct twin {
	struct rig *r;
	struct nsg *copy;
	uint64_t seed;
	uint64_t next, until; /* numbers of events */
	uint64_t n;
};

static uint32_t pick(struct twin *t, uint32_t n)
{
	t->seed = t->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(t->seed >> 33) % n;
}

static void compare(struct twin *t, const char *when)
{
	const char *why = graph_differs(t->r->g, t->copy);
	const char *wrong = graph_wrong(t->copy);

	if (why && !unit_bad)
		unit_fail(__FILE__, __LINE__, "event %d, %s: %s", (int)t->n, when, why);
	if (wrong && !unit_bad)
		unit_fail(__FILE__, __LINE__, "event %d, %s: %s", (int)t->n, when, wrong);
}

/* Before each event: the graph is as it was after the one before. */
static void on_event(void *ctx, const struct nsl_head *event)
{
	struct twin *t = ctx;

	t->n++;
	if (t->copy && t->n > t->until) {
		compare(t, "later");
		nsg_free(t->copy);
		t->copy = NULL;
		t->next = t->n + pick(t, 40);
	}
	if (!t->copy && t->n >= t->next) {
		t->copy = again(t->r->g);
		if (t->copy) {
			moments++;
			compare(t, "at once");
			t->until = t->n + pick(t, 120);
		} else {
			none++;
			t->next = t->n + 1;
		}
	}
	feed_copy(&t->copy, event);
}

static void round_of(uint64_t seed, int losing)
{
	struct kernel *k = boot(seed);
	struct twin t = {.r = k->r, .seed = seed};

	k->r->tap = on_event;
	k->r->tap_ctx = &t;
	for (int i = 0; i < 12 && !unit_bad; i++) {
		k->losing = losing && i % 3 == 1 ? losing : 0;
		live(k, 60);
		if (losing || i % 4 == 3)
			snapshot(k);
	}
	if (t.copy)
		compare(&t, "at the end");
	nsg_free(t.copy);
	halt(k);
}

static void any_moment(void)
{
	for (uint64_t seed = 1; seed <= 40 && !unit_bad; seed++)
		round_of(seed, 0);
	CHECK(moments > 1000);
}

static void after_losses(void)
{
	int before = none;

	for (uint64_t seed = 1; seed <= 20 && !unit_bad; seed++)
		round_of(1000 + seed, 10);
	CHECK(none > before); /* while it is stale there are no rows */
}

/* What the small kernel does not have. */
static void keepers_and_cgroups(void)
{
	struct rig *r = rig_host();
	struct nsg *copy;

	ev_cgroup(r, HOST_CGROUP, "/system.slice/cron.service");
	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, 4026531841u, "/run/netns/blue");
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 100, "bash\xff", 3, 0, NULL);
	copy = again(r->g);
	CHECK(copy != NULL);
	CHECK_STR(copy && graph_differs(r->g, copy) ? graph_differs(r->g, copy) : "", "");
	nsg_free(copy);
	rig_free(r);
}

struct count {
	const char *path; /* of the first that is looked for */
	size_t rows, bytes;
	bool found;
};

static void count_row(void *ctx, const struct nsl_head *row)
{
	struct count *c = ctx;

	if (row->kind != NSL_EV_CGROUP)
		return;
	c->rows++;
	c->bytes += row->size;
	c->found |= !strcmp(((const struct nsl_cgroup *)row)->path, c->path);
}

static size_t bytes_of(const struct rig *r)
{
	struct nsg_totals totals;

	nsg_totals(r->g, &totals);
	return totals.bytes;
}

/* Containers that have come and gone make neither the graph nor its rows larger. */
static void cgroups_that_come_and_go(void)
{
	struct rig *r = rig_host();
	struct count c = {.path = "/system.slice/cron.service"};
	struct nsg *copy;
	size_t before;

	ev_cgroup(r, HOST_CGROUP, c.path);
	ev_cgroup(r, 99, "/lxc/of-nobody");
	for (uint64_t id = 100; id < 100 + 3 * NSL_CGROUPS_TOLD; id++)
		ev_cgroup(r, id, "/lxc/some-container");
	before = bytes_of(r);
	for (uint64_t id = 50000; id < 50000 + 2 * NSL_CGROUPS_TOLD; id++)
		ev_cgroup(r, id, "/lxc/some-container");
	CHECK(bytes_of(r) < before * 3 / 2);
	CHECK(!nsg_cgroup_path(r->g, 99));
	CHECK_STR(nsg_cgroup_path(r->g, HOST_CGROUP), c.path);
	CHECK(nsg_rows(r->g, 77, count_row, &c));
	CHECK(c.found && c.rows < 2 * NSL_CGROUPS_TOLD);
	copy = again(r->g);
	CHECK_STR(graph_differs(r->g, copy) ? graph_differs(r->g, copy) : "", "");
	nsg_free(copy);
	rig_free(r);
}

/* As many tasks as one likes, each in a cgroup of its own whose path is as long as it gets. */
static void cgroups_of_hostile_tasks(void)
{
	struct rig *r = rig_host();
	struct count c = {.path = "/nobody"};
	char path[500] = "/";

	memset(path + 1, 'x', sizeof(path) - 2);
	for (uint32_t n = 0; n < 20000; n++) {
		r->cgroup = 1000 + n;
		ev_cgroup(r, r->cgroup, path);
		ev_seen(r, 1000 + n, "many", host_view());
	}
	CHECK_STR(nsg_cgroup_path(r->g, r->cgroup), path);
	CHECK(!nsg_cgroup_path(r->g, 1000));
	CHECK(nsg_rows(r->g, 77, count_row, &c));
	CHECK(c.rows > 2 * NSL_CGROUPS_TOLD && c.bytes < 6u << 20);
	rig_free(r);
}

static void an_empty_graph_gives_none(void)
{
	struct rig *r = rig_new();

	CHECK(!again(r->g));
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	CHECK(!again(r->g));
	rig_free(r);
}

/* A death is told while a task still has the namespace: it must not come back to life. */
static void dead_but_used(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	struct nsg *copy;

	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, v);
	ev_ns_free(r, NSL_UTS, 20);
	copy = again(r->g);
	CHECK_STR(graph_differs(r->g, copy) ? graph_differs(r->g, copy) : "", "");
	CHECK(!nsg_find_ns(copy, 20));
	nsg_free(copy);
	rig_free(r);
}

static struct nsl_ns row_of_ns(enum nsl_type type, uint8_t init_exited)
{
	struct nsl_ns row = a_ns(type, 30, HOST(NSL_USER), 0, 1);

	row.init_exited = init_exited;
	return row;
}

/* That nobody can be born there any more, nothing else in the rows tells. */
static void pid_1_has_ended(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20), init = v;
	struct nsg *copy;

	init.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	init.pid_level = 1;
	init.ns_pid = init.ns_tid = 1;
	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, v);
	ev_new(r, 200, init);
	copy = again(r->g);
	CHECK(!nsg_init_ended(copy, nsg_find_ns(copy, 20)));
	nsg_free(copy);
	ev_exit(r, 200, "init", init);
	ev_free(r, 200);
	copy = again(r->g);
	CHECK(nsg_init_ended(copy, nsg_find_ns(copy, 20)));
	CHECK_STR(graph_differs(r->g, copy) ? graph_differs(r->g, copy) : "", "");
	nsg_free(copy);
	/* a row of the kernel, which does not tell it, does not take it back */
	ev_ns(r, a_ns(NSL_PID, 20, HOST(NSL_USER), HOST(NSL_PID), 1));
	CHECK(nsg_init_ended(r->g, nsg_find_ns(r->g, 20)));
	ev_ns(r, row_of_ns(NSL_UTS, 1));
	CHECK_NUM(r->err, -EINVAL);
	ev_ns(r, row_of_ns(NSL_PID, 2));
	CHECK_NUM(r->err, -EINVAL);
	rig_free(r);
}

int main(void)
{
	RUN(any_moment);
	RUN(after_losses);
	RUN(keepers_and_cgroups);
	RUN(cgroups_that_come_and_go);
	RUN(cgroups_of_hostile_tasks);
	RUN(an_empty_graph_gives_none);
	RUN(dead_but_used);
	RUN(pid_1_has_ended);
	return unit_end();
}
