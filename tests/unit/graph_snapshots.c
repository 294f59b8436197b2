// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots, losses and what is found again; verification of a system that moves. */
#include "graph_events.h"
#include "unit.h"

static struct nsg_totals totals(const struct rig *r)
{
	struct nsg_totals t;

	nsg_totals(r->g, &t);
	return t;
}

/* The reader of snapshots is the actor of their rows. */
static void reader(struct rig *r)
{
	as(r, 90, "nslens");
}

static struct rig *with_container(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);

	v.slot[NSL_SLOT_NET] = ns_ref(21);
	as(r, 1, "init");
	ev_create(r, NSL_NEWUTS | NSL_NEWNET, v);
	ev_new(r, 200, v);
	ev_end(r, NSL_SYS_CLONE, 0, host_view());
	rig_text(r);
	return r;
}

static struct nsl_view container_view(void)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);

	v.slot[NSL_SLOT_NET] = ns_ref(21);
	return v;
}

static void who_is_not_seen_is_gone(void)
{
	struct rig *r = with_container();

	as(r, 300, "unshare"); /* an initial task that no snapshot has listed */
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 8, NSL_SLOT_IPC, 22));
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	as(r, 1, "init");
	ev_new(r, 400, container_view()); /* while it is read */
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(nsg_find_task(r->g, 1) && nsg_find_task(r->g, 400));
	CHECK(!nsg_find_task(r->g, 200) && !nsg_find_task(r->g, 300));
	CHECK_NUM(totals(r).tasks, 4);
	CHECK(nsg_find_ns(r->g, 22)); /* no death was told, and nothing was lost */
	CHECK(nsg_find_ns(r->g, 22)->unused);
	CHECK_STR(rig_text(r), "");
	rig_free(r);
}

static void a_zombie_is_reaped_unheard(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_USER] = ns_ref(20);
	ev_exit(r, 200, "sh", v);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK_NUM(totals(r).zombies, 0);
	ev_free(r, 200); /* late */
	ev_ns_free(r, NSL_USER, 20);
	CHECK_STR(rig_text(r), "died user 20 reaped by 200 sh\n");
	rig_free(r);
}

static void zombies_in_a_snapshot(void)
{
	struct rig *r = rig_new();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_seen_zombie(r, 200, "sh", v);
	ev_seen_zombie(r, 201, "cron", host_view());
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK_NUM(totals(r).zombies, 2);
	CHECK_NUM(totals(r).initial_tasks, 3);
	CHECK(!nsg_find_task(r->g, 200)->initial);
	CHECK_NUM(nsg_find_ns(r->g, 20)->tasks, 1);
	ev_free(r, 200);
	CHECK_NUM(totals(r).zombies, 1);
	rig_free(r);
}

static void stale_until_a_later_snapshot_has_ended(void)
{
	struct rig *r = with_container();

	CHECK(!nsg_stale(r->g));
	r->lost = 5;
	ev_lost(r, 3, NSL_HOOK_STEP);
	ev_lost(r, 2, NSL_HOOK_TASK);
	CHECK(nsg_stale(r->g));
	CHECK_NUM(totals(r).lost, 5);
	CHECK_NUM(totals(r).gaps, 1);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	CHECK_NUM(totals(r).gaps, 1);
	ev_host_rows(r);
	r->lost = 6; /* a row, perhaps that of 200 */
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(nsg_stale(r->g));
	CHECK(nsg_find_task(r->g, 200));
	CHECK_NUM(totals(r).gaps, 2);
	CHECK_NUM(totals(r).lost, 6);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	CHECK(nsg_stale(r->g));
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(!nsg_stale(r->g));
	CHECK(!nsg_find_task(r->g, 200));
	/* what no row has named, and nothing uses */
	CHECK_STR(rig_text(r), "died net 21 none\ndied uts 20 none\n");
	CHECK_NUM(totals(r).nsproxies, 1);
	rig_free(r);
}

static void misses_that_no_head_tells(void)
{
	struct rig *r = with_container();

	ev_lost(r, 0, NSL_HOOK_STEP);
	CHECK(!nsg_stale(r->g));
	ev_lost(r, 1, NSL_HOOK_FREE);
	CHECK(nsg_stale(r->g));
	rig_free(r);
}

static void what_is_kept_survives_a_loss(void)
{
	struct rig *r = rig_host();

	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_USER, 21, HOST(NSL_USER), HOST(NSL_USER), 1));
	ev_ns(r, a_ns(NSL_NET, 22, 21, 0, 0));
	ev_ns(r, a_ns(NSL_NET, 23, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_NET, 24, HOST(NSL_USER), 0, 0));
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 22, 100, "bash", 3, 0, NULL);
	r->lost++;
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_ns(r, a_ns(NSL_NET, 23, HOST(NSL_USER), 0, 0));
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(!nsg_find_ns(r->g, 20));
	CHECK(nsg_find_ns(r->g, 21)); /* owner of one that is kept */
	CHECK(nsg_find_ns(r->g, 22)); /* by a descriptor */
	CHECK(nsg_find_ns(r->g, 23)); /* by something: it was found */
	CHECK(!nsg_find_ns(r->g, 24));
	nsg_keepers_clear(r->g);
	r->lost++;
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK_NUM(totals(r).namespaces, 8); /* the owner goes with what it owned */
	rig_free(r);
}

static void half_built_when_something_is_lost(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_step_begin(r, NSL_FN_create_new_namespaces);
	ev_step_ns(r, NSL_FN_copy_utsname, 0, 20, NSL_NEWUTS);
	r->lost++; /* the end of that call */
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK_NUM(totals(r).nsproxies, 1);
	CHECK_NUM(totals(r).namespaces, 8);
	rig_free(r);
}

/* An end without its begin, and two begins: only whole snapshots count. */
static void pieces_of_snapshots(void)
{
	struct rig *r = rig_new();

	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(nsg_stale(r->g));
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_seen(r, 1, "init", host_view());
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(!nsg_stale(r->g));
	CHECK_NUM(totals(r).tasks, 1);
	CHECK_NUM(totals(r).snapshots, 1);
	rig_free(r);
}

/* ---- verification ---- */

static void verify(struct rig *r, void (*rows)(struct rig *r), size_t n, size_t confirmed)
{
	size_t got, sure;

	nsg_verify(r->g);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	rows(r);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	nsg_differences(r->g, &got, &sure);
	CHECK_NUM(got, n);
	CHECK_NUM(sure, confirmed);
}

static const struct nsg_difference *difference(const struct rig *r, size_t i)
{
	size_t n, confirmed;

	return &nsg_differences(r->g, &n, &confirmed)[i];
}

static void rows_as_they_are(struct rig *r)
{
	ev_host_rows(r);
	ev_ns(r, a_ns(NSL_UTS, 20, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_NET, 21, HOST(NSL_USER), 0, 0));
	ev_seen(r, 200, "sh", container_view());
}

static void equal(void)
{
	struct rig *r = with_container();
	struct nsg_totals before = totals(r), after;

	verify(r, rows_as_they_are, 0, 0);
	verify(r, rows_as_they_are, 0, 0);
	after = totals(r);
	CHECK_NUM(after.tasks, before.tasks);
	CHECK_NUM(after.snapshots, before.snapshots + 2);
	rig_free(r);
}

static void rows_host(struct rig *r)
{
	ev_host_rows(r);
}

static void a_task_too_many(void)
{
	struct rig *r = with_container();

	verify(r, rows_host, 1, 0);
	verify(r, rows_host, 1, 1);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_EXTRA);
	CHECK_NUM(difference(r, 0)->tid, 200);
	CHECK_NUM(difference(r, 0)->graph.obj, 7);
	CHECK(nsg_find_task(r->g, 200)); /* compared, not applied */
	verify(r, rows_as_they_are, 0, 0);
	rig_free(r);
}

static void rows_stranger(struct rig *r)
{
	rows_as_they_are(r);
	ev_seen(r, 201, "sh", container_view());
	ev_seen(r, 99, "ps", host_view()); /* initial: nobody follows those */
}

static void a_task_that_is_missing(void)
{
	struct rig *r = with_container();

	verify(r, rows_stranger, 1, 0);
	verify(r, rows_stranger, 1, 1);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_MISSING);
	CHECK_NUM(difference(r, 0)->tid, 201);
	CHECK_NUM(difference(r, 0)->kernel.obj, 7);
	CHECK(!nsg_find_task(r->g, 201) && !nsg_find_task(r->g, 99));
	/* another of that number is another difference */
	rig_free(r);
}

static void rows_slots(struct rig *r)
{
	struct nsl_view v = container_view();

	v.slot[NSL_SLOT_NET] = ns_ref(HOST(NSL_NET));
	v.slot[NSL_SLOT_USER] = ns_ref(30);
	ev_host_rows(r);
	ev_seen(r, 200, "sh", v);
}

static void rows_nsproxy(struct rig *r)
{
	struct nsl_view v = container_view();

	v.nsproxy = 9;
	ev_host_rows(r);
	ev_seen(r, 200, "sh", v);
}

static void rows_zombie(struct rig *r)
{
	ev_host_rows(r);
	ev_seen_zombie(r, 200, "sh", container_view());
}

static void slots_and_nsproxies(void)
{
	struct rig *r = with_container();

	verify(r, rows_slots, 2, 0);
	verify(r, rows_slots, 2, 2);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_SLOT);
	CHECK_NUM(difference(r, 0)->slot, NSL_SLOT_NET);
	CHECK_NUM(difference(r, 0)->graph.obj, 21);
	CHECK_NUM(difference(r, 0)->graph.inum, INUM(21));
	CHECK_NUM(difference(r, 0)->kernel.obj, HOST(NSL_NET));
	CHECK_NUM(difference(r, 1)->slot, NSL_SLOT_USER);
	verify(r, rows_nsproxy, 1, 0);
	verify(r, rows_nsproxy, 1, 1);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_NSPROXY);
	CHECK_NUM(difference(r, 0)->graph.obj, 7);
	CHECK_NUM(difference(r, 0)->kernel.obj, 9);
	verify(r, rows_zombie, 1, 0);
	verify(r, rows_zombie, 1, 1);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_EXITED);
	rig_free(r);
}

static void rows_switched(struct rig *r)
{
	ev_host_rows(r);
	ev_seen(r, 200, "sh", with(host_view(), 9, NSL_SLOT_UTS, 20));
	as(r, 200, "sh");
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 9, NSL_SLOT_UTS, 20));
}

static void rows_switched_again(struct rig *r)
{
	ev_host_rows(r);
	ev_seen(r, 200, "sh", with(host_view(), 10, NSL_SLOT_UTS, 20));
	as(r, 200, "sh");
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 10, NSL_SLOT_UTS, 20));
}

static void rows_of_a_birth(struct rig *r)
{
	struct nsl_task e;

	rows_as_they_are(r);
	e = a_task(r, NSL_TASK_SEEN, 202, "sh", container_view());
	ev_task(r, e);
	as(r, 200, "sh");
	ev_new(r, 202, container_view());
	/* told by who makes it, and therefore applied */
	ev_ns(r, a_ns(NSL_IPC, 40, HOST(NSL_USER), 0, 0));
	ev_new(r, 203, with(host_view(), 12, NSL_SLOT_IPC, 40)); /* the iterator was past it */
}

/* The row shows what the ring tells later: no difference is ever sure. */
static void a_system_that_moves(void)
{
	struct rig *r = with_container();
	size_t n, sure;

	nsg_verify(r->g);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	rows_switched(r);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	nsg_differences(r->g, &n, &sure);
	CHECK(n > 0 && !sure);
	nsg_verify(r->g);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	rows_switched_again(r);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	nsg_differences(r->g, &n, &sure);
	CHECK(n > 0 && !sure);
	rig_free(r);

	r = with_container();
	verify(r, rows_of_a_birth, 1, 0);
	CHECK(nsg_find_task(r->g, 203) && nsg_find_ns(r->g, 40));
	CHECK(nsg_find_ns(r->g, 40)->details);
	rig_free(r);
}

static void rows_calling(struct rig *r)
{
	struct nsl_task e;

	ev_host_rows(r);
	e = a_task(r, NSL_TASK_SEEN, 200, "sh", with(host_view(), 9, NSL_SLOT_IPC, 40));
	e.state = NSL_TASK_CALLING;
	ev_task(r, e);
	ev_ns(r, a_ns(NSL_IPC, 40, HOST(NSL_USER), 0, 0));
	e = a_task(r, NSL_TASK_SEEN, 210, "init", with(host_view(), 11, NSL_SLOT_IPC, 41));
	e.state = NSL_TASK_CALLING;
	ev_task(r, e);
}

/* With tracepoints alone a call tells at its end what it did, however late it gets there. */
static void in_a_call(void)
{
	struct rig *r = with_container();

	verify(r, rows_calling, 0, 0);
	verify(r, rows_calling, 0, 0);
	verify(r, rows_slots, 2, 0);
	verify(r, rows_slots, 2, 2);
	rig_free(r);
}

static void rows_of_the_next(struct rig *r)
{
	struct nsl_task e =
		a_task(r, NSL_TASK_SEEN, 110, "unshare", with(host_view(), 7, NSL_SLOT_UTS, 20));

	ev_host_rows(r);
	e.start = START(110) + 5;
	ev_task(r, e);
}

/* The end of an initial task is not told, and its number is given again. */
static void an_initial_number_comes_back(void)
{
	struct rig *r = rig_host();

	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_seen(r, 110, "ls", host_view());
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK_NUM(nsg_find_task(r->g, 110)->start, START(110));
	as(r, 110, "unshare");
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20));
	verify(r, rows_of_the_next, 0, 0);
	CHECK_NUM(nsg_find_task(r->g, 110)->start, START(110) + 5);
	rig_free(r);
}

/* The same difference as before, but the task was moved in between. */
static void touched_in_between(void)
{
	struct rig *r = with_container();

	verify(r, rows_slots, 2, 0);
	as(r, 200, "sh");
	ev_exec(r, 200, "sh", container_view());
	verify(r, rows_slots, 2, 0);
	verify(r, rows_slots, 2, 2);
	rig_free(r);
}

static void rows_wrong_families(struct rig *r)
{
	ev_host_rows(r);
	ev_seen(r, 200, "sh", container_view());
	ev_ns(r, a_ns(NSL_UTS, 20, 30, 0, 0));
	ev_ns(r, a_ns(NSL_NET, 21, HOST(NSL_USER), 0, 1));
	ev_ns(r, a_ns(NSL_NET, 31, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_USER, 32, HOST(NSL_USER), 30, 1));
}

static void families(void)
{
	struct rig *r = with_container();

	ev_ns(r, a_ns(NSL_USER, 32, HOST(NSL_USER), HOST(NSL_USER), 1));
	verify(r, rows_wrong_families, 4, 0);
	verify(r, rows_wrong_families, 4, 4);
	CHECK_NUM(difference(r, 0)->kind, NSG_NS_OWNER);
	CHECK_NUM(difference(r, 0)->ns, 20);
	CHECK_NUM(difference(r, 0)->kernel.obj, 30);
	CHECK_NUM(difference(r, 1)->kind, NSG_NS_LEVEL);
	CHECK_NUM(difference(r, 2)->kind, NSG_NS_MISSING);
	CHECK_NUM(difference(r, 2)->ns, 31);
	CHECK_NUM(difference(r, 3)->kind, NSG_NS_PARENT);
	CHECK(!nsg_find_ns(r->g, 31));
	rig_free(r);
}

static void lost_while_verifying(void)
{
	struct rig *r = with_container();
	size_t n, sure;

	nsg_verify(r->g);
	reader(r);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	r->lost++;
	ev_snapshot(r, NSL_SNAPSHOT_END);
	nsg_differences(r->g, &n, &sure);
	CHECK_NUM(n, 0);
	CHECK(nsg_stale(r->g)); /* nothing was applied: it does not heal */
	rig_free(r);
}

/* Reaped, and told only after an RCU grace period. */
static void zombies_wait_for_rcu(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_USER] = ns_ref(20);
	ev_exit(r, 200, "sh", v);
	verify(r, rows_host, 0, 0);
	r->ts += 2000000000;
	verify(r, rows_host, 0, 0);
	r->ts += 3000000000; /* that is too long: it was lost */
	verify(r, rows_host, 1, 1);
	CHECK_NUM(difference(r, 0)->kind, NSG_TASK_EXTRA);
	rig_free(r);
}

int main(void)
{
	RUN(who_is_not_seen_is_gone);
	RUN(a_zombie_is_reaped_unheard);
	RUN(zombies_in_a_snapshot);
	RUN(stale_until_a_later_snapshot_has_ended);
	RUN(misses_that_no_head_tells);
	RUN(what_is_kept_survives_a_loss);
	RUN(half_built_when_something_is_lost);
	RUN(pieces_of_snapshots);
	RUN(equal);
	RUN(a_task_too_many);
	RUN(a_task_that_is_missing);
	RUN(slots_and_nsproxies);
	RUN(a_system_that_moves);
	RUN(in_a_call);
	RUN(an_initial_number_comes_back);
	RUN(touched_in_between);
	RUN(families);
	RUN(lost_while_verifying);
	RUN(zombies_wait_for_rcu);
	return unit_end();
}
