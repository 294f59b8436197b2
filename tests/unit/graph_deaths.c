// SPDX-License-Identifier: GPL-2.0-only
/* What went last: the cause of each death, or none where it cannot be known. */
#include <time.h>

#include "graph_events.h"
#include "unit.h"

#define SECOND 1000000000ull

static void unpin(struct rig *r, enum nsl_type type, uint64_t id)
{
	struct nsl_ns_free e = {.ns = ns_ref(id), .type = type};

	rig_feed(r, &e, sizeof(e), NSL_EV_UNPIN);
}

static enum nsl_slot slot_of(enum nsl_type type)
{
	static const enum nsl_slot slots[NSL_TYPES] = {
		NSL_SLOT_MNT,	 NSL_SLOT_UTS, NSL_SLOT_IPC,  NSL_SLOT_PID_FOR_CHILDREN,
		NSL_SLOT_CGROUP, NSL_SLOT_NET, NSL_SLOT_TIME, NSL_SLOT_USER};

	return slots[type];
}

/* A host where 200, `runc`, has the namespace 20 of that type for itself. */
static struct rig *with_one(enum nsl_type type)
{
	struct rig *r = rig_host();

	as(r, 1, "init");
	ev_new(r, 200, with(host_view(), 7, slot_of(type), 20));
	r->text[0] = '\0';
	r->len = 0;
	return r;
}

static struct nsl_view view_of_one(enum nsl_type type)
{
	return with(host_view(), 7, slot_of(type), 20);
}

static void the_last_task_exits(void)
{
	for (int type = 0; type < NSL_USER; type++) {
		struct rig *r = with_one(type);
		char want[64];

		ev_exit(r, 200, "runc", view_of_one(type));
		if (type == NSL_IPC || type == NSL_NET || type == NSL_PID)
			as(r, 55, "kworker/u4:0");
		ev_ns_free(r, type, 20);
		snprintf(want, sizeof(want), "died %s 20 exit by 200 runc\n", rig_type_name(type));
		CHECK_STR(rig_text(r), want);
		rig_free(r);
	}
}

static void the_last_zombie_is_reaped(void)
{
	struct rig *r = with_one(NSL_USER);
	struct nsl_view v = view_of_one(NSL_USER);

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(21);
	ev_seen(r, 200, "runc", v);
	ev_exit(r, 200, "runc", v);
	ev_free(r, 200);
	as(r, 56, "kworker/0:2");
	ev_ns_free(r, NSL_PID, 21);
	ev_ns_free(r, NSL_USER, 20);
	CHECK_STR(rig_text(r), "died pid 21 reaped by 200 runc\ndied user 20 reaped by 200 runc\n");
	rig_free(r);
}

/* The number goes first, and the namespace with it; the task is told to be free after that. */
static void reaped_before_it_is_told(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(21);
	ev_exit(r, 200, "true", v);
	as(r, 16, "ksoftirqd/0");
	ev_ns_free(r, NSL_PID, 21);
	CHECK_STR(rig_text(r), "died pid 21 reaped by 200 true\n");
	ev_free(r, 200);
	CHECK_STR(rig_text(r), "");
	rig_free(r);
}

static void the_last_task_switches(void)
{
	struct rig *r = with_one(NSL_NET);

	as(r, 200, "runc");
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 8, NSL_SLOT_NET, HOST(NSL_NET)));
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 switch by 200 runc\n");
	rig_free(r);
}

static void a_child_goes_last(void)
{
	struct rig *r = rig_host();

	ev_ns(r, a_ns(NSL_USER, 20, HOST(NSL_USER), HOST(NSL_USER), 1));
	ev_ns(r, a_ns(NSL_USER, 21, 20, 20, 2));
	ev_ns(r, a_ns(NSL_UTS, 22, 21, 0, 0));
	as(r, 1, "init");
	ev_new(r, 200, with(host_view(), 7, NSL_SLOT_UTS, 22));
	ev_exit(r, 200, "runc", with(host_view(), 7, NSL_SLOT_UTS, 22));
	ev_ns_free(r, NSL_UTS, 22);
	as(r, 56, "kworker/0:2");
	ev_ns_free(r, NSL_USER, 21);
	ev_ns_free(r, NSL_USER, 20);
	CHECK_STR(rig_text(r), "died uts 22 exit by 200 runc\ndied user 21 child of 22\n"
			       "died user 20 child of 21\n");
	rig_free(r);
}

static void the_last_file_is_closed(void)
{
	struct rig *r = with_one(NSL_NET);

	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	r->ts += SECOND / 2;
	as(r, 100, "bash");
	unpin(r, NSL_NET, 20);
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 unpinned by 100 bash\n");
	rig_free(r);
}

static void a_file_is_closed_before(void)
{
	struct rig *r = with_one(NSL_NET);

	as(r, 100, "bash");
	unpin(r, NSL_NET, 20);
	unpin(r, NSL_NET, 999); /* of which nothing is known */
	CHECK(!nsg_find_ns(r->g, 999));
	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 exit by 200 runc\n");
	rig_free(r);
}

/* Used again in between: what let go before is no cause. */
static void used_again(void)
{
	struct rig *r = with_one(NSL_NET);

	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	as(r, 100, "ip");
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 8, NSL_SLOT_NET, 20));
	CHECK(!nsg_find_ns(r->g, 20)->unused);
	ev_exit(r, 100, "ip", with(host_view(), 8, NSL_SLOT_NET, 20));
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 exit by 100 ip\n");
	rig_free(r);
}

/* uts, mnt, cgroup and time die in the context of whoever lets go last. */
static void told_by_another_task(void)
{
	struct rig *r = with_one(NSL_UTS);

	ev_exit(r, 200, "runc", view_of_one(NSL_UTS));
	as(r, 100, "bash");
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 unpinned by 100 bash\n");
	rig_free(r);

	/* but never a worker: delayed fput, a mount that is cleaned up later */
	r = with_one(NSL_MNT);
	ev_exit(r, 200, "runc", view_of_one(NSL_MNT));
	as(r, 55, "kworker/1:1");
	ev_ns_free(r, NSL_MNT, 20);
	CHECK_STR(rig_text(r), "died mnt 20 unpinned\n");
	rig_free(r);

	r = with_one(NSL_MNT);
	ev_exit(r, 200, "runc", view_of_one(NSL_MNT));
	as(r, 2, "kthreadd");
	ev_ns_free(r, NSL_MNT, 20);
	CHECK_STR(rig_text(r), "died mnt 20 unpinned\n");
	rig_free(r);

	/* two exit at once: told in one order, let go in the other */
	r = with_one(NSL_UTS);
	ev_new(r, 201, view_of_one(NSL_UTS));
	ev_exit(r, 201, "one", view_of_one(NSL_UTS));
	ev_exit(r, 200, "two", view_of_one(NSL_UTS));
	as(r, 201, "one");
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 exit by 201 one\n");
	rig_free(r);
}

/* It went over, and held a descriptor until later. */
static void told_long_after_the_switch(void)
{
	struct rig *r = with_one(NSL_UTS);

	as(r, 200, "runc");
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 8, NSL_SLOT_UTS, HOST(NSL_UTS)));
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 unpinned by 200 runc\n");
	rig_free(r);
}

static void something_unseen_held_it(void)
{
	struct rig *r = with_one(NSL_NET);

	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	r->ts += 5 * SECOND; /* no worker takes that long: a socket, perhaps */
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 none\n");
	rig_free(r);

	r = with_one(NSL_NET);
	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 100, "bash", 3, 0, NULL);
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 unpinned\n");
	rig_free(r);
}

/* What was lost may have been somebody who used it after that. */
static void in_doubt_after_a_loss(void)
{
	struct rig *r = with_one(NSL_NET);

	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	r->lost++;
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 none\n");
	rig_free(r);

	/* healed, but the cause is from before */
	r = with_one(NSL_IPC);
	ev_exit(r, 200, "runc", view_of_one(NSL_IPC));
	r->lost++;
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_ns(r, a_ns(NSL_IPC, 20, HOST(NSL_USER), 0, 0));
	ev_snapshot(r, NSL_SNAPSHOT_END);
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_IPC, 20);
	CHECK_STR(rig_text(r), "died ipc 20 none\n");
	rig_free(r);

	/* but the same task in the same breath leaves no doubt */
	r = with_one(NSL_UTS);
	ev_exit(r, 200, "runc", view_of_one(NSL_UTS));
	r->lost++;
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 exit by 200 runc\n");
	rig_free(r);
}

static void in_use_and_dead(void)
{
	struct rig *r = with_one(NSL_NET);
	struct nsg_totals t;

	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20); /* what let go is not told yet */
	CHECK_STR(rig_text(r), "died net 20 none\n");
	CHECK(!nsg_find_ns(r->g, 20));
	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	CHECK_STR(rig_text(r), "");
	nsg_totals(r->g, &t);
	/* the view at the exit named it once more: a recording may, the kernel does not */
	CHECK(t.namespaces == 8);
	rig_free(r);
}

/* Where no hook tells deaths: a number that is given again was free. */
static void its_number_is_given_again(void)
{
	struct rig *r = with_one(NSL_NET);
	struct nsl_ns e = a_ns(NSL_UTS, 21, HOST(NSL_USER), 0, 0);

	e.ns.inum = INUM(20);
	ev_ns(r, e); /* in use: one of the two is wrong, and a snapshot will tell */
	CHECK(nsg_find_ns(r->g, 20));
	e.ns.obj = 22;
	ev_ns(r, e);
	CHECK_STR(rig_text(r), "died uts 21 none\n");
	ev_exit(r, 200, "runc", view_of_one(NSL_NET));
	as(r, 300, "unshare");
	e.ns.obj = 23;
	e.born = 1;
	ev_ns(r, e);
	CHECK_STR(rig_text(r), "died uts 22 none\ndied net 20 exit by 200 runc\nborn uts 23\n");
	CHECK_NUM(nsg_find_inum(r->g, INUM(20))->id, 23);
	rig_free(r);
}

static void never_used(void)
{
	struct rig *r = rig_host();

	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	CHECK(nsg_find_ns(r->g, 20)->unused);
	as(r, 55, "kworker/u4:0");
	ev_ns_free(r, NSL_NET, 20);
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 none\n");
	rig_free(r);
}

static struct nsl_view view_of_many(uint64_t i)
{
	struct nsl_view v = with(host_view(), 7 + i, NSL_SLOT_UTS, 20 + i);

	v.slot[NSL_SLOT_UTS].inum = INUM(20);
	return v;
}

/* No kernel does that: every namespace has the same number, and all are in use. */
static void one_number_for_all(void)
{
	enum { MANY = 100000 };
	struct rig *r = rig_host();
	struct nsg_totals t;
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (uint32_t i = 0; i < MANY; i++)
		ev_seen(r, 1000 + i, "many", view_of_many(i));
	nsg_totals(r->g, &t);
	CHECK_NUM(t.namespaces, NSL_TYPES + MANY);
	CHECK_NUM(nsg_find_inum(r->g, INUM(20))->id, 20 + MANY - 1);
	/* the oldest first: it stands last among those of its number */
	for (uint32_t i = 0; i < MANY; i++) {
		ev_exit(r, 1000 + i, "many", view_of_many(i));
		ev_ns_free(r, NSL_UTS, 20 + i);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	CHECK(!nsg_find_inum(r->g, INUM(20)));
	/* with sanitizers, and on a machine that is busy with other things */
	CHECK(to.tv_sec - from.tv_sec < 8);
	rig_free(r);
}

static void names(void)
{
	for (int kind = 0; kind <= NSG_CAUSE_CHILD; kind++)
		CHECK(*nsg_cause_name(kind));
	for (int kind = 0; kind < NSL_KEEPERS; kind++)
		CHECK(*nsg_keeper_name(kind) != '?');
	for (int kind = 0; kind <= NSG_NS_LEVEL; kind++)
		CHECK(*nsg_difference_name(kind) != '?');
}

int main(void)
{
	RUN(the_last_task_exits);
	RUN(the_last_zombie_is_reaped);
	RUN(reaped_before_it_is_told);
	RUN(the_last_task_switches);
	RUN(a_child_goes_last);
	RUN(the_last_file_is_closed);
	RUN(a_file_is_closed_before);
	RUN(used_again);
	RUN(told_by_another_task);
	RUN(told_long_after_the_switch);
	RUN(something_unseen_held_it);
	RUN(in_doubt_after_a_loss);
	RUN(in_use_and_dead);
	RUN(its_number_is_given_again);
	RUN(never_used);
	RUN(one_number_for_all);
	RUN(names);
	return unit_end();
}
