// SPDX-License-Identifier: GPL-2.0-only
/* The graph follows tasks: births, execs, exits, numbers that come back, threads. */
#include "graph_events.h"
#include "unit.h"

static struct nsg_totals totals(const struct rig *r)
{
	struct nsg_totals t;

	nsg_totals(r->g, &t);
	return t;
}

static const struct nsg_task *task(const struct rig *r, uint32_t tid)
{
	static const struct nsg_task none;
	const struct nsg_task *t = nsg_find_task(r->g, tid);

	return t ? t : &none;
}

static const struct nsg_ns *ns(const struct rig *r, uint64_t id)
{
	static const struct nsg_ns none;
	const struct nsg_ns *found = nsg_find_ns(r->g, id);

	return found ? found : &none;
}

static void a_snapshot_of_the_host(void)
{
	struct rig *r = rig_new();

	CHECK(nsg_stale(r->g));
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	CHECK(nsg_stale(r->g));
	ev_snapshot(r, NSL_SNAPSHOT_END);
	CHECK(!nsg_stale(r->g));
	CHECK_NUM(totals(r).namespaces, 8);
	CHECK_NUM(totals(r).nsproxies, 1);
	CHECK_NUM(totals(r).tasks, 3);
	CHECK_NUM(totals(r).initial_tasks, 3);
	CHECK_NUM(totals(r).snapshots, 1);
	CHECK(nsg_find_nsproxy(r->g, 1)->initial);
	CHECK_NUM(nsg_find_nsproxy(r->g, 1)->ntasks, 3);
	CHECK_NUM(nsg_find_nsproxy(r->g, 1)->count, 90);
	for (const struct nsg_ns *n = nsg_namespaces(r->g); n; n = n->next)
		CHECK(n->initial && !n->unused && n->details);
	CHECK_NUM(ns(r, HOST(NSL_TIME))->nsproxies, 2); /* both slots */
	CHECK_NUM(ns(r, HOST(NSL_USER))->tasks, 3);
	CHECK_NUM(ns(r, HOST(NSL_USER))->owned, 7);
	CHECK(!ns(r, HOST(NSL_USER))->owner);
	CHECK(nsg_find_inum(r->g, INUM(3)) == nsg_find_ns(r->g, 3));
	CHECK(task(r, 2)->state & NSL_TASK_KTHREAD);
	CHECK_STR(task(r, 100)->comm, "bash");
	CHECK(task(r, 100)->seen);
	CHECK_STR(rig_text(r), ""); /* found, not born */
	rig_free(r);
}

static void initial_by_a_kernel_thread(void)
{
	struct rig *r = rig_new();
	struct nsl_task e;

	ev_seen(r, 100, "bash", host_view());
	CHECK(!task(r, 100)->initial); /* whose user namespace it is, nothing tells yet */
	e = a_task(r, NSL_TASK_SEEN, 2, "kthreadd", host_view());
	e.state = NSL_TASK_KTHREAD;
	ev_task(r, e);
	CHECK(task(r, 100)->initial);
	CHECK(ns(r, HOST(NSL_USER))->initial);
	CHECK_NUM(totals(r).initial_tasks, 2);
	rig_free(r);
}

static void unshare_and_back(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20));
	CHECK_NUM(task(r, 100)->nsproxy->id, 7);
	CHECK(!task(r, 100)->initial);
	CHECK_NUM(totals(r).initial_tasks, 2);
	CHECK_NUM(nsg_find_nsproxy(r->g, 1)->ntasks, 2);
	CHECK_NUM(ns(r, 20)->nsproxies, 1);
	ev_end(r, NSL_SYS_SETNS, -1, host_view());
	CHECK_NUM(task(r, 100)->nsproxy->id, 7); /* a call that failed changes nothing */
	ev_end(r, NSL_SYS_SETNS, 0, host_view());
	CHECK(task(r, 100)->initial);
	CHECK(!nsg_find_nsproxy(r->g, 7));
	CHECK(ns(r, 20)->unused); /* nothing has told its death */
	rig_free(r);
}

static void a_call_of_an_unknown_task(void)
{
	struct rig *r = rig_host();

	r->cgroup = 9;
	as(r, 300, "unshare");
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_NET, 20));
	CHECK_NUM(task(r, 300)->start, 0);
	CHECK_NUM(task(r, 300)->pid, 300);
	CHECK_NUM(task(r, 300)->cgroup, 9);
	CHECK_STR(task(r, 300)->comm, "unshare");
	ev_free(r, 300); /* of somebody before it who had that number */
	CHECK_NUM(task(r, 300)->tid, 300);
	ev_seen(r, 300, "unshare", with(host_view(), 7, NSL_SLOT_NET, 20));
	CHECK_NUM(task(r, 300)->start, START(300));
	CHECK_NUM(totals(r).tasks, 4);
	rig_free(r);
}

static void fork_exec_exit_free(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20);

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	v.pid_level = 1;
	v.ns_pid = v.ns_tid = 1;
	as(r, 100, "bash");
	ev_new(r, 200, v);
	CHECK_NUM(task(r, 200)->ns_pid, 1);
	CHECK_NUM(task(r, 200)->ppid, 100);
	CHECK_STR(task(r, 200)->comm, "bash");
	CHECK_NUM(ns(r, 20)->tasks, 1);
	ev_exec(r, 200, "sleep", v);
	CHECK_STR(task(r, 200)->comm, "sleep");
	ev_exit(r, 200, "sleep", v);
	CHECK(!task(r, 200)->nsproxy);
	CHECK(task(r, 200)->state & NSL_TASK_EXITING);
	CHECK_NUM(totals(r).zombies, 1);
	CHECK(nsg_zombies(r->g) == nsg_find_task(r->g, 200));
	CHECK(!nsg_find_nsproxy(r->g, 7));
	CHECK_NUM(ns(r, 20)->nsproxies, 0);
	CHECK_NUM(ns(r, 20)->tasks, 1); /* a zombie has its number still */
	/* between its exit and the end of its nsproxy a row shows both */
	struct nsl_task row = a_task(r, NSL_TASK_SEEN, 200, "sleep", v);
	row.state = NSL_TASK_EXITING;
	ev_task(r, row);
	CHECK(!task(r, 200)->nsproxy);
	CHECK(!nsg_find_nsproxy(r->g, 7));
	ev_free(r, 200);
	CHECK(!nsg_find_task(r->g, 200));
	CHECK_NUM(totals(r).zombies, 0);
	CHECK(ns(r, 20)->unused);
	rig_free(r);
}

static void initial_tasks_are_samples(void)
{
	struct rig *r = rig_host();

	ev_exit(r, 100, "bash", host_view());
	CHECK(!nsg_find_task(r->g, 100)); /* nothing will tell when it is reaped */
	ev_exit(r, 101, "ls", host_view());
	CHECK(!nsg_find_task(r->g, 101));
	CHECK_NUM(totals(r).tasks, 2);
	CHECK_NUM(totals(r).zombies, 0);
	rig_free(r);
}

static void a_zombie_nobody_knew(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view();

	v.slot[NSL_SLOT_USER] = ns_ref(20);
	ev_exit(r, 200, "sleep", v);
	CHECK_NUM(totals(r).zombies, 1);
	CHECK_NUM(ns(r, 20)->tasks, 1);
	ev_free(r, 200);
	CHECK(ns(r, 20)->unused);
	rig_free(r);
}

/* The number comes back before the old owner's end is told. */
static void a_number_comes_back(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = host_view(), w = with(host_view(), 8, NSL_SLOT_UTS, 21);
	struct nsl_task e;

	v.slot[NSL_SLOT_USER] = ns_ref(20);
	v.nsproxy = 7;
	as(r, 1, "init");
	ev_new(r, 200, v);
	ev_exit(r, 200, "old", v);
	as(r, 1, "init");
	e = a_task(r, NSL_TASK_NEW, 200, "new", w);
	e.start = 77;
	ev_task(r, e);
	CHECK_STR(task(r, 200)->comm, "new");
	CHECK_NUM(totals(r).zombies, 1);
	CHECK(!nsg_zombies(r->g)->pid_active);
	CHECK_NUM(ns(r, 20)->tasks, 1); /* its credentials are not gone yet */
	ev_free(r, 200);
	CHECK_STR(task(r, 200)->comm, "new");
	CHECK_NUM(totals(r).zombies, 0);
	CHECK(ns(r, 20)->unused);
	/* an exit of the earlier one, told again, says nothing about this one */
	ev_exit(r, 200, "old", host_view());
	CHECK_STR(task(r, 200)->comm, "new");
	CHECK(task(r, 200)->nsproxy);
	/* a third without an end of the second: that was lost */
	e.start = 78;
	ev_task(r, e);
	CHECK_NUM(totals(r).zombies, 0);
	CHECK_NUM(nsg_find_nsproxy(r->g, 8)->ntasks, 1);
	rig_free(r);
}

/* de_thread(): the thread 201 becomes 200 and takes its birthday. */
static void a_thread_execs(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	struct nsl_view w = with(host_view(), 8, NSL_SLOT_NET, 21);
	struct nsl_task e;

	as(r, 1, "init");
	ev_new(r, 200, v);
	as(r, 200, "java");
	ev_thread(r, 201, v);
	as(r, 201, "java");
	r->pid = 200;
	ev_end(r, NSL_SYS_UNSHARE, 0, w);
	CHECK_NUM(nsg_find_nsproxy(r->g, 7)->ntasks, 1);
	ev_exit(r, 200, "java", v);
	CHECK_NUM(totals(r).zombies, 1);
	as(r, 200, "sh");
	e = a_task(r, NSL_TASK_EXEC, 200, "sh", w);
	e.old_tid = 201;
	ev_task(r, e);
	CHECK(!nsg_find_task(r->g, 201));
	CHECK_NUM(task(r, 200)->nsproxy->id, 8);
	CHECK_NUM(nsg_find_nsproxy(r->g, 8)->ntasks, 1);
	CHECK_NUM(totals(r).zombies, 0);
	CHECK(!ns(r, 21)->unused);
	/* the leader is freed under the number of the thread, with its own birthday */
	e = a_task(r, NSL_TASK_FREE, 201, "", (struct nsl_view){0});
	e.start = START(200);
	ev_task(r, e);
	CHECK_NUM(task(r, 200)->nsproxy->id, 8);
	rig_free(r);
}

/* pid 1 of the pid namespace 20: 200, with a thread 201. */
static struct nsl_view init_with_a_thread(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20), thread;

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	v.pid_level = 1;
	v.ns_pid = v.ns_tid = 1;
	thread = v;
	thread.ns_tid = 2;
	as(r, 100, "bash");
	ev_new(r, 200, v);
	as(r, 200, "init");
	ev_thread(r, 201, thread);
	return v;
}

static bool ended(const struct rig *r)
{
	return nsg_init_ended(r->g, ns(r, 20));
}

/* By de_thread() the leader ends before the thread becomes pid 1. */
static void a_thread_of_init_execs(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = init_with_a_thread(r);
	struct nsl_task e;

	ev_exit(r, 200, "init", v);
	CHECK(!ended(r));
	as(r, 200, "sh");
	e = a_task(r, NSL_TASK_EXEC, 200, "sh", v);
	e.old_tid = 201;
	ev_task(r, e);
	CHECK(!ns(r, 20)->init_exited && !ended(r));
	CHECK(!(task(r, 200)->state & NSL_TASK_EXITING));
	e = a_task(r, NSL_TASK_FREE, 201, "", (struct nsl_view){0});
	e.start = START(200);
	ev_task(r, e);
	CHECK(!ended(r));
	ev_exit(r, 200, "sh", v);
	CHECK(ended(r));
	ev_free(r, 200);
	CHECK(ended(r));
	rig_free(r);
}

/* pthread_exit() of the main thread: its process goes on. */
static void a_leader_ends_before_its_threads(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = init_with_a_thread(r);
	struct nsl_task e;

	ev_exit(r, 200, "init", v);
	CHECK(!ended(r));
	v.ns_tid = 2;
	as(r, 201, "init");
	r->pid = 200;
	e = a_task(r, NSL_TASK_EXIT, 201, "init", v);
	e.pid = 200;
	ev_task(r, e);
	CHECK(ended(r));
	rig_free(r);
}

/* Its exit was not seen, but a row shows what is left of it. */
static void a_zombie_is_seen_that_was_init(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20);

	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	v.pid_level = 1;
	v.ns_pid = v.ns_tid = 1;
	ev_seen_zombie(r, 200, "init", v);
	CHECK(ended(r));
	rig_free(r);
}

/* Moved by its call to exec before sched_process_exec tells the rest. */
static void a_thread_execs_into_a_pending_time_namespace(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_TIME_FOR_CHILDREN, 20);
	struct nsl_view w = with(v, 8, NSL_SLOT_TIME, 20);

	as(r, 1, "init");
	ev_new(r, 200, v);
	CHECK_NUM(ns(r, 20)->nsproxies, 1); /* pending: one slot */
	ev_exit(r, 200, "sh", v);
	as(r, 200, "sh");
	ev_end(r, NSL_SYS_EXEC, 0, w);
	CHECK_NUM(task(r, 200)->nsproxy->id, 8);
	CHECK_NUM(totals(r).zombies, 0);
	CHECK_NUM(totals(r).tasks, 4);
	CHECK_NUM(ns(r, 20)->nsproxies, 2);
	rig_free(r);
}

static void threads_of_one_process(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_thread(r, 101, host_view());
	CHECK_NUM(task(r, 101)->pid, 100);
	as(r, 101, "bash");
	r->pid = 100;
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20));
	CHECK_NUM(task(r, 100)->nsproxy->id, 1);
	CHECK_NUM(task(r, 101)->nsproxy->id, 7);
	CHECK(task(r, 100)->initial && !task(r, 101)->initial);
	rig_free(r);
}

static void addresses_come_back_ids_do_not(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);

	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, v);
	v.slot[NSL_SLOT_UTS].obj = 21; /* the inode number was free again, the id is new */
	v.nsproxy = 8;
	ev_end(r, NSL_SYS_UNSHARE, 0, v);
	CHECK_NUM(nsg_find_inum(r->g, INUM(20))->id, 21);
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_NUM(nsg_find_inum(r->g, INUM(20))->id, 21);
	CHECK(!nsg_find_ns(r->g, 20));
	/* a view of a known nsproxy with another slot: what is told last counts */
	v.slot[NSL_SLOT_UTS] = ns_ref(22);
	ev_seen(r, 100, "bash", v);
	CHECK_NUM(nsg_find_nsproxy(r->g, 8)->slot[NSL_SLOT_UTS]->id, 22);
	CHECK(ns(r, 21)->unused);
	rig_free(r);
}

static void the_end_of_an_exit_call(void)
{
	struct rig *r = rig_host();

	as(r, 1, "init");
	ev_new(r, 200, with(host_view(), 7, NSL_SLOT_UTS, 20));
	as(r, 200, "sh");
	ev_begin(r, NSL_SYS_EXIT, 0);
	ev_end(r, NSL_SYS_EXIT, 0, host_view());
	CHECK(!task(r, 200)->nsproxy);
	CHECK(!nsg_find_nsproxy(r->g, 7));
	ev_end(r, NSL_SYS_EXIT, 0, host_view());
	CHECK_NUM(totals(r).zombies, 1);
	rig_free(r);
}

static void lists_are_in_order(void)
{
	struct rig *r = rig_new();
	uint64_t last = 0;
	size_t n = 0;

	/* in no order at all, as a broken recording may have it */
	for (uint32_t i = 0; i < 200; i++) {
		struct nsl_view v =
			with(host_view(), 2 + i * 7919 % 1009, NSL_SLOT_UTS, 20 + i * 7919 % 1009);

		ev_seen(r, 1000 + i, "x", v);
	}
	for (const struct nsg_ns *p = nsg_namespaces(r->g); p; p = p->next, n++) {
		CHECK(p->id > last && (!p->next || p->next->prev == p));
		last = p->id;
	}
	CHECK_NUM(n, totals(r).namespaces);
	last = n = 0;
	for (const struct nsg_nsproxy *p = nsg_nsproxies(r->g); p; p = p->next, n++) {
		CHECK(p->id > last && (!p->next || p->next->prev == p));
		last = p->id;
	}
	CHECK_NUM(n, totals(r).nsproxies);
	rig_free(r);
}

static void cgroups_and_keepers(void)
{
	struct rig *r = rig_host();
	size_t n;
	const struct nsg_keeper *k;

	ev_cgroup(r, 7,
		  "/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef"
		  "0123456789abcdef.scope");
	CHECK(nsg_container(r->g, 7));
	CHECK(nsg_cgroup_path(r->g, 7));
	CHECK(!nsg_cgroup_path(r->g, 8));
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, 4026531841, "/run/netns/x");
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 55, "holder", 3, 0, NULL);
	k = nsg_keepers(r->g, &n);
	CHECK_NUM(n, 2);
	CHECK_STR(k[0].path, "/run/netns/x");
	CHECK(!k[1].path);
	CHECK_STR(k[1].comm, "holder");
	CHECK_NUM(k[1].ns->id, 20);
	CHECK(ns(r, 20)->unused); /* nothing of the graph uses it */
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 2, 55, "holder", 3, 0, NULL);
	ev_ns_free(r, NSL_NET, 20);
	nsg_keepers(r->g, &n);
	CHECK_NUM(n, 1);
	nsg_keepers_clear(r->g);
	nsg_keepers(r->g, &n);
	CHECK_NUM(n, 0);
	CHECK(!nsg_keepers_begin(r->g));
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 2, 55, "holder", 3, 0, NULL);
	ev_reading(r);
	CHECK_NUM(r->err, 0);
	nsg_keepers(r->g, &n);
	CHECK_NUM(n, 0);
	CHECK(nsg_keepers_begin(r->g));
	rig_free(r);
}

static void events_that_are_none(void)
{
	struct rig *r = rig_host();
	struct nsl_head h = {.size = sizeof(h), .version = NSL_EVENT_VERSION, .kind = NSL_EV_TASK};
	uint64_t events = totals(r).events;

	CHECK_NUM(nsg_feed(r->g, &h), -22);
	CHECK_NUM(totals(r).events, events);
	rig_free(r);
}

int main(void)
{
	RUN(a_snapshot_of_the_host);
	RUN(initial_by_a_kernel_thread);
	RUN(unshare_and_back);
	RUN(a_call_of_an_unknown_task);
	RUN(fork_exec_exit_free);
	RUN(initial_tasks_are_samples);
	RUN(a_zombie_nobody_knew);
	RUN(a_number_comes_back);
	RUN(a_thread_execs);
	RUN(a_thread_of_init_execs);
	RUN(a_leader_ends_before_its_threads);
	RUN(a_zombie_is_seen_that_was_init);
	RUN(a_thread_execs_into_a_pending_time_namespace);
	RUN(threads_of_one_process);
	RUN(addresses_come_back_ids_do_not);
	RUN(the_end_of_an_exit_call);
	RUN(lists_are_in_order);
	RUN(cgroups_and_keepers);
	RUN(events_that_are_none);
	return unit_end();
}
