// SPDX-License-Identifier: GPL-2.0-only
/* Why a namespace is alive: tasks, other namespaces, memory and procfs that keep it. */
#include "explain_why.h"

static void test_nsproxies(void)
{
	struct rig *r = rig_with(nsproxies);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "nsproxy#7: nginx (300) and 1 more process, 1 more thread");
	CHECK_STR(command(w, 0), "kill 300 302");
	CHECK_STR(command(w, 1), "kill 310");
	CHECK_NUM(w->by_nsproxies, 2);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void lone_thread(struct rig *r)
{
	struct nsl_task t =
		a_task(r, NSL_TASK_SEEN, 601, "alone", with(host_view(), 9, NSL_SLOT_UTS, 20));

	row(r, NSL_UTS, 20, 1, NSL_COUNT_UNKNOWN);
	t.pid = 600;
	ev_seen(r, 600, "many", host_view());
	ev_task(r, t);
}

static void test_thread_alone(void)
{
	struct rig *r = rig_with(lone_thread);
	struct nse_why *w = ask(r, 20);

	CHECK_STR(keeper(w, 0), "nsproxy#9: thread 601 of alone (600)");
	CHECK_STR(command(w, 0), "kill 600");
	nse_why_free(w);
	rig_free(r);
}

static void pending_pid(struct rig *r)
{
	row(r, NSL_PID, 20, 1, NSL_COUNT_UNKNOWN);
	ev_seen(r, 311, "bash", with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20));
}

static void test_pending_pid(void)
{
	struct rig *r = rig_with(pending_pid);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->keepers[0].kind, NSE_HOLD_PENDING);
	CHECK_STR(keeper(w, 0), "bash (311): for its children (pid_for_children of nsproxy#7); "
				"nobody is in it");
	CHECK_STR(command(w, 0), "kill 311");
	/* only the least is known, but it is all there is */
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void pending_time(struct rig *r)
{
	row(r, NSL_TIME, 20, 1, NSL_COUNT_UNKNOWN);
	ev_seen(r, 311, "bash", with(host_view(), 7, NSL_SLOT_TIME_FOR_CHILDREN, 20));
}

static void test_pending_time(void)
{
	struct rig *r = rig_with(pending_time);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->keepers[0].kind, NSE_HOLD_PENDING);
	CHECK_STR(keeper(w, 0), "bash (311): for its children (time_for_children of nsproxy#7)");
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void both_time_slots(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_TIME, 20);

	row(r, NSL_TIME, 20, 2, NSL_COUNT_UNKNOWN);
	ev_seen(r, 311, "bash", with(v, 7, NSL_SLOT_TIME_FOR_CHILDREN, 20));
}

static void test_both_time_slots(void)
{
	struct rig *r = rig_with(both_time_slots);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->nkeepers, 1);
	CHECK_NUM(w->keepers[0].kind, NSE_HOLD_NSPROXY);
	CHECK_NUM(w->by_nsproxies, 2);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

/* A container: pid namespace 20 in user namespace 21, with an init, a child and a zombie. */
static void container(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20);
	struct nsl_task init, zombie;

	row(r, NSL_USER, 21, 9, NSL_COUNT_UNKNOWN);
	ev_ns(r, a_ns(NSL_PID, 20, 21, HOST(NSL_PID), 1));
	ev_ns(r, a_ns(NSL_USER, 22, 21, 21, 2));
	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	v.slot[NSL_SLOT_USER] = ns_ref(21);
	v.pid_level = 1;
	init = a_task(r, NSL_TASK_SEEN, 700, "init", v);
	init.view.ns_pid = init.view.ns_tid = 1;
	ev_task(r, init);
	ev_seen(r, 690, "joined", v);
	zombie = a_task(r, NSL_TASK_SEEN, 702, "dead", v);
	zombie.state = NSL_TASK_EXITING;
	zombie.ppid = 700;
	zombie.view.nsproxy = 0;
	memset(zombie.view.slot, 0, NSL_NSPROXY_SLOTS * sizeof(*zombie.view.slot));
	ev_task(r, zombie);
}

static void test_pid_namespace(void)
{
	struct rig *r = rig_with(container);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_PIDFD, NSL_PID, 20, 800, "manager", 6, 0, NULL);
	ev_keeper(r, NSL_KEEPER_PROC, NSL_PID, 20, 0, "", -1, INUM(HOST(NSL_MNT)), "/c/proc");
	w = ask(r, 20);
	/* their nsproxy is counted, and told with them */
	CHECK_NUM(w->by_nsproxies, 1);
	CHECK_NUM(w->nkeepers, 4);
	CHECK_NUM(w->keepers[0].kind, NSE_HOLD_MEMBERS);
	CHECK_STR(keeper(w, 0), "init (700) and 1 more process");
	/* SIGTERM would not reach it, and the others end with it */
	CHECK_STR(command(w, 0), "kill -KILL 700");
	CHECK_STR(keeper(w, 1), "zombie dead (702), not reaped by init (700)");
	CHECK_STR(command(w, 1), "kill -KILL 700");
	CHECK_STR(keeper(w, 2), "pidfd fd 6 of manager (800)");
	CHECK_STR(keeper(w, 3), "procfs /c/proc in this mount namespace");
	CHECK_STR(command(w, 3), "umount /c/proc");
	CHECK_NUM(w->by_tasks, 3);
	CHECK_NUM(w->unaccounted, -1);
	CHECK(w->no_count != NULL);
	CHECK_NUM(w->npins, 1);
	CHECK_NUM(w->pins[0].id, 21);
	nse_why_free(w);
	rig_free(r);
}

static void test_user_namespace(void)
{
	struct rig *r = rig_with(container);
	struct nse_why *w = ask(r, 21);

	CHECK_NUM(w->nkeepers, 4);
	CHECK_STR(keeper(w, 0), "credentials of init (700) and 1 more process");
	CHECK_NUM(w->keepers[1].kind, NSE_HOLD_ZOMBIE);
	CHECK_STR(keeper(w, 2), "user:[4026531022], its child");
	CHECK_STR(keeper(w, 3), "pid:[4026531020], which it owns; kept by init (700) and 1 more "
				"process and 1 more");
	CHECK_STR(command(w, 3), "nslens why 'pid:[4026531020]'");
	CHECK_NUM(w->by_namespaces, 2);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	w = ask(r, 22);
	CHECK_NUM(w->npins, 1);
	CHECK_NUM(w->nkeepers, 0);
	CHECK_NUM(w->state, NSE_WHY_HIDDEN);
	nse_why_free(w);
	rig_free(r);
}

/* Its main thread has called pthread_exit(). */
static void without_a_leader(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20);
	struct nsl_task thread;

	row(r, NSL_USER, 21, 9, NSL_COUNT_UNKNOWN);
	ev_ns(r, a_ns(NSL_PID, 20, 21, HOST(NSL_PID), 1));
	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	v.slot[NSL_SLOT_USER] = ns_ref(21);
	v.pid_level = 1;
	ev_seen_zombie(r, 700, "java", v);
	thread = a_task(r, NSL_TASK_SEEN, 701, "worker", v);
	thread.pid = 700;
	ev_task(r, thread);
}

static void test_leader_before_its_threads(void)
{
	struct rig *r = rig_with(without_a_leader);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "thread 701 of worker (700)");
	CHECK_NUM(w->keepers[1].kind, NSE_HOLD_ZOMBIE);
	CHECK_NUM(w->keepers[1].todo, NSE_TODO_END);
	CHECK_STR(keeper(w, 1),
		  "zombie java (700), which nobody can reap while other threads of it live");
	CHECK_STR(command(w, 1), "kill 700");
	CHECK_NUM(w->by_tasks, 2);
	nse_why_free(w);
	/* the credentials are the same ones */
	w = ask(r, 21);
	CHECK_NUM(w->by_tasks, 1);
	nse_why_free(w);
	rig_free(r);
}

static void ipc_and_mnt(struct rig *r)
{
	row(r, NSL_IPC, 20, 2, NSL_COUNT_UNKNOWN);
	row(r, NSL_MNT, 21, 1, NSL_COUNT_UNKNOWN);
}

static void test_shm_and_mountinfo(void)
{
	struct rig *r = rig_with(ipc_and_mnt);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_SHM, NSL_IPC, 20, 900, "db", -1, 0, "/SYSV00000001");
	ev_keeper(r, NSL_KEEPER_PROC, NSL_MNT, 21, 901, "watcher", 8, 0, "/proc/5/mountinfo");
	w = ask(r, 20);
	CHECK_STR(keeper(w, 0), "shared memory attached by db (900)");
	CHECK_NUM(w->keepers[0].todo, NSE_TODO_END);
	CHECK_NUM(w->unaccounted, -1);
	CHECK(w->at_least);
	nse_why_free(w);
	w = ask(r, 21);
	CHECK_STR(keeper(w, 0), "fd 8 of watcher (901) (/proc/5/mountinfo)");
	CHECK_NUM(w->keepers[0].todo, NSE_TODO_CLOSE);
	CHECK_STR(command(w, 0), "kill 901");
	nse_why_free(w);
	rig_free(r);
}

static void test_half_built(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	struct nse_why *w;

	as(r, 100, "bash");
	ev_begin(r, NSL_SYS_UNSHARE, NSL_NEWUTS);
	ev_create(r, NSL_NEWUTS, v);
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 1);
	CHECK_NUM(w->keepers[0].kind, NSE_HOLD_BUILDING);
	CHECK_NUM(w->keepers[0].todo, NSE_TODO_WAIT);
	CHECK_STR(keeper(w, 0),
		  "nsproxy#7, which bash (100) is building: it is installed or undone "
		  "in a moment");
	CHECK_STR(command(w, 0), "none");
	nse_why_free(w);
	rig_free(r);
}

int main(void)
{
	RUN(test_nsproxies);
	RUN(test_thread_alone);
	RUN(test_pending_pid);
	RUN(test_pending_time);
	RUN(test_both_time_slots);
	RUN(test_pid_namespace);
	RUN(test_user_namespace);
	RUN(test_leader_before_its_threads);
	RUN(test_shm_and_mountinfo);
	RUN(test_half_built);
	return unit_end();
}
