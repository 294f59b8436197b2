// SPDX-License-Identifier: GPL-2.0-only
/* Why a namespace is alive: each kind of keeper, the arithmetic, and the words. */
#include "../../user/explain/why.h"

#include "graph_events.h"
#include "unit.h"

#define OLD ((nse_kernel)6012)
#define NEW ((nse_kernel)6019)

static char text[NSE_WHY_LEN];
static nse_kernel kernel = OLD;

static struct nse_why *ask(struct rig *r, uint64_t id)
{
	struct nse_why_context c = {
		.kernel = kernel,
		.now = r->ts,
		.own_mnt = INUM(HOST(NSL_MNT)),
		.own_pid = 999,
		.fold = true,
	};
	const struct nsg_ns *ns = nsg_find_ns(r->g, id);
	struct nse_why *w = ns ? nse_why(r->g, ns, &c) : NULL;

	if (!w)
		abort();
	return w;
}

/* A snapshot of the host with the rows that `fill` adds. */
static struct rig *rig_with(void (*fill)(struct rig *r))
{
	struct rig *r = rig_new();

	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	fill(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	return r;
}

static void row(struct rig *r, enum nsl_type type, uint64_t id, uint32_t refs, uint32_t active)
{
	struct nsl_ns e =
		a_ns(type, id, HOST(NSL_USER), type == NSL_PID || type == NSL_USER ? HOST(type) : 0,
		     type == NSL_PID || type == NSL_USER);

	e.refs = refs;
	e.active = active;
	ev_ns(r, e);
}

static const char *verdict(const struct nse_why *w)
{
	return nse_why_verdict(w, text, sizeof(text));
}

static const char *keeper(const struct nse_why *w, size_t i)
{
	return i < w->nkeepers ? nse_keeper_text(w, &w->keepers[i], text, sizeof(text)) : "none";
}

static const char *command(const struct nse_why *w, size_t i)
{
	const char *c =
		i < w->nkeepers ? nse_keeper_command(w, &w->keepers[i], text, sizeof(text)) : NULL;

	return c ? c : "none";
}

/* ---- one test a keeper ---- */

static void one_net(struct rig *r)
{
	row(r, NSL_NET, 20, 1, NSL_COUNT_UNKNOWN);
}

static void test_descriptor(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by one open descriptor: fd 3 of "
			      "python3 (812). Close it, or end that process, and the namespace "
			      "dies.");
	CHECK_STR(command(w, 0), "kill 812");
	CHECK_NUM(w->state, NSE_WHY_HELD);
	CHECK_NUM(w->explained, 1);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void test_descriptors_share_one_reference(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 7, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 813, "sleep", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/netns/blue");
	/* nslens itself */
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 999, "nslens", 5, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 3);
	CHECK_STR(keeper(w, 0), "fds 3, 7 of python3 (812)");
	CHECK_STR(keeper(w, 1), "fd 3 of sleep (813)");
	CHECK_STR(keeper(w, 2), "/run/netns/blue in this mount namespace");
	CHECK_STR(command(w, 2), "ip netns del blue");
	CHECK_NUM(w->explained, 1);
	CHECK_NUM(w->unaccounted, 0);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by 3 open descriptors and one bind "
			      "mount. All of that has to go before it dies.");
	nse_why_free(w);
	rig_free(r);
}

/* Another nslens reads: to end it is no remedy. */
static void test_another_nslens(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "nslens", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->keepers[0].todo, NSE_TODO_WAIT);
	CHECK_STR(command(w, 0), "none");
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by one open descriptor: fd 3 of "
			      "nslens (812): another nslens, reading now. Let it end, and the "
			      "namespace dies.");
	nse_why_free(w);
	rig_free(r);
}

/* Only what `ip netns` would find by that name. */
static void test_netns_names(void)
{
	static const struct {
		const char *path, *command;
	} all[] = {
		{"/run/netns/--all", "umount /run/netns/--all"},
		{"/run/netns/a b", "ip netns del 'a b'"},
		{"/run/netns/blue//deleted", "umount /run/netns/blue//deleted"},
		{"/run/netns2/blue", "umount /run/netns2/blue"},
		{"/var/run/netns/blue", "ip netns del blue"},
	};
	struct rig *r = rig_with(one_net);

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct nse_why *w;

		nsg_keepers_clear(r->g);
		ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
			  all[i].path);
		w = ask(r, 20);
		CHECK_STR(command(w, 0), all[i].command);
		nse_why_free(w);
	}
	rig_free(r);
}

static void foreign_mount(struct rig *r)
{
	row(r, NSL_NET, 20, 1, NSL_COUNT_UNKNOWN);
	row(r, NSL_MNT, 21, 1, NSL_COUNT_UNKNOWN);
	row(r, NSL_MNT, 22, 1, NSL_COUNT_UNKNOWN);
	ev_seen(r, 300, "nginx", with(host_view(), 7, NSL_SLOT_MNT, 21));
}

static void test_mount_elsewhere(void)
{
	struct rig *r = rig_with(foreign_mount);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(21), "/run/netns/it's");
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(22), "/mnt/a b");
	ev_keeper(r, NSL_KEEPER_FD, NSL_MNT, 22, 400, "holder", 9, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "/run/netns/it's in mnt:[4026531021], that of nginx (300)");
	CHECK_STR(command(w, 0), "nsenter -t 300 -m umount $'/run/netns/it\\'s'");
	CHECK_STR(command(w, 1), "nsenter --mount=/proc/400/fd/9 umount '/mnt/a b'");
	nse_why_free(w);
	rig_free(r);
}

static void test_mount_nowhere(void)
{
	struct rig *r = rig_with(foreign_mount);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(22), "/x");
	w = ask(r, 20);
	CHECK_STR(keeper(w, 0), "/x in mnt:[4026531022], in which no task is known");
	CHECK_STR(command(w, 0), "none");
	nse_why_free(w);
	rig_free(r);
}

static void three_refs(struct rig *r)
{
	row(r, NSL_NET, 20, 3, NSL_COUNT_UNKNOWN);
}

static void test_sockets(void)
{
	struct rig *r = rig_with(three_refs);
	struct nse_why *w;

	/* one socket open in two processes, and another one */
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 501, "b", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 501, "b", 5, 0, "socket:[78]");
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "socket fd 4 of a (500)");
	CHECK_STR(keeper(w, 1), "socket fds 4, 5 of b (501)");
	CHECK_STR(command(w, 1), "kill 501");
	CHECK_NUM(w->by_sockets, 2);
	CHECK_NUM(w->unaccounted, 1);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by 3 sockets. All of that has to go "
			      "before it dies. 1 more reference cannot be accounted for: it may "
			      "live on.");
	nse_why_free(w);
	rig_free(r);
}

static void net_member(struct rig *r)
{
	row(r, NSL_NET, 20, 2, NSL_COUNT_UNKNOWN);
	ev_seen(r, 300, "nginx", with(host_view(), 7, NSL_SLOT_NET, 20));
}

/* A task's own sockets are counted; to end the task is enough. */
static void test_sockets_of_members(void)
{
	struct rig *r = rig_with(net_member);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 300, "nginx", 4, 0, "socket:[77]");
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 1);
	CHECK_NUM(w->by_sockets, 1);
	CHECK_NUM(w->member_files, 1);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void nsproxies(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	struct nsl_task thread = a_task(r, NSL_TASK_SEEN, 301, "worker", v);

	row(r, NSL_UTS, 20, 2, NSL_COUNT_UNKNOWN);
	thread.pid = 300;
	ev_seen(r, 300, "nginx", v);
	ev_task(r, thread);
	ev_seen(r, 302, "nginx", v);
	ev_seen(r, 310, "other", with(host_view(), 8, NSL_SLOT_UTS, 20));
}

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

/* ---- states and counts ---- */

static void test_initial(void)
{
	struct rig *r = rig_host();
	struct nse_why *w = ask(r, HOST(NSL_NET));

	CHECK_NUM(w->state, NSE_WHY_INITIAL);
	CHECK_NUM(w->nkeepers, 0);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	kernel = NEW;
	w = ask(r, HOST(NSL_NET));
	CHECK_STR(verdict(w), "net:[4026531006] is an initial namespace: it never dies, and is not "
			      "counted since Linux 6.19.");
	nse_why_free(w);
	kernel = OLD;
	rig_free(r);
}

static void counted(struct rig *r)
{
	row(r, NSL_NET, 20, 0, NSL_COUNT_UNKNOWN);
	row(r, NSL_NET, 21, 2, NSL_COUNT_UNKNOWN);
	row(r, NSL_NET, 22, NSL_COUNT_UNKNOWN, NSL_COUNT_UNKNOWN);
}

static void test_nothing_holds_it(void)
{
	struct rig *r = rig_with(counted);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->state, NSE_WHY_DYING);
	CHECK_STR(verdict(w), "Nothing holds net:[4026531020]: it is waiting for cleanup_net, a "
			      "worker that takes network namespaces apart in batches.");
	nse_why_free(w);
	w = ask(r, 21);
	CHECK_NUM(w->state, NSE_WHY_HIDDEN);
	CHECK_NUM(w->unaccounted, 2);
	CHECK(strstr(verdict(w), "2 references are counted") != NULL);
	CHECK(strstr(text, "UNIX socket") != NULL);
	nse_why_free(w);
	w = ask(r, 22);
	CHECK(w->state == NSE_WHY_UNKNOWN || w->state == NSE_WHY_DYING);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	rig_free(r);
}

static void test_too_many_keepers(void)
{
	struct rig *r = rig_with(counted);
	struct nse_why *w;

	/* they came after the count was read */
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	w = ask(r, 20);
	CHECK_NUM(w->unaccounted, -1);
	CHECK(w->no_count != NULL);
	nse_why_free(w);
	rig_free(r);
}

static void lone_parent(struct rig *r)
{
	row(r, NSL_PID, 20, 1, NSL_COUNT_UNKNOWN);
	ev_ns(r, a_ns(NSL_PID, 21, HOST(NSL_USER), 20, 2));
}

/* A parent was read, but not opened, when its child was. */
static void test_parent_was_not_opened(void)
{
	struct rig *r = rig_with(lone_parent);
	struct nse_why_context c = {.kernel = OLD, .opened = 1};
	struct nse_why *w;

	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 1);
	CHECK_NUM(w->explained, 1);
	nse_why_free(w);
	rig_free(r);
}

/* A reading through a descriptor of our own counts that descriptor, too. */
static void test_own_descriptor(void)
{
	struct rig *r = rig_with(three_refs);
	struct nse_why_context c = {.kernel = OLD, .own_pid = 999};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 5, 0, "socket:[78]");
	c.now = r->ts;
	c.opened = 1;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 2);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	/* it stands for every descriptor there is */
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 500, "a", 6, 0, NULL);
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 3);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void two_counts(struct rig *r)
{
	struct nsl_ns owned = a_ns(NSL_UTS, 20, 21, 0, 0);
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);

	row(r, NSL_USER, 21, 4, 2);
	owned.refs = 2;
	owned.active = 2;
	ev_ns(r, owned);
	v.slot[NSL_SLOT_USER] = ns_ref(21);
	ev_seen(r, 300, "nginx", v);
}

static void test_two_counts(void)
{
	struct rig *r = rig_with(two_counts);
	struct nse_why *w;

	kernel = NEW;
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 400, "holder", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->explained, 2);
	CHECK_NUM(w->unaccounted, 0);
	CHECK_NUM(w->active, 2);
	CHECK_NUM(w->active_explained, 2);
	nse_why_free(w);
	w = ask(r, 21);
	/* its task, and the uts namespace that it owns */
	CHECK_NUM(w->active_explained, 2);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	kernel = OLD;
	rig_free(r);
}

/* ---- hostile text ---- */

static void test_hostile(void)
{
	struct rig *r = rig_with(one_net);
	const char *c;
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/$(reboot)\n';\x1b[2J\xff"
		  "9");
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 1, "systemd", 9, 0, NULL);
	w = ask(r, 20);
	/* the end of the machine's own init is no remedy */
	CHECK_STR(command(w, 0), "none");
	CHECK_STR(command(w, 1), "umount $'/run/$(reboot)\\012\\';\\033[2J\\3779'");
	for (c = text; *c; c++)
		CHECK(*c >= 0x20 && *c < 0x7f);
	/* a command that does not fit is none: it would name something else */
	CHECK(!nse_keeper_command(w, &w->keepers[1], text, 20));
	CHECK(strlen(nse_keeper_text(w, &w->keepers[1], text, 20)) < 20);
	nse_why_free(w);
	rig_free(r);
}

/* For --watch: each process of an nsproxy comes and goes by itself. */
static void test_unfolded(void)
{
	struct rig *r = rig_with(nsproxies);
	struct nse_why_context c = {.kernel = OLD};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 812, "python3", 4, 0, NULL);
	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->nkeepers, 5);
	CHECK_STR(keeper(w, 0), "nsproxy#7: nginx (300) and 1 more thread");
	CHECK_STR(keeper(w, 1), "nsproxy#7: nginx (302)");
	CHECK_STR(keeper(w, 4), "fd 4 of python3 (812)");
	CHECK_NUM(w->by_nsproxies, 2);
	CHECK(!nse_keeper_same(&w->keepers[0], &w->keepers[1]));
	CHECK(!nse_keeper_same(&w->keepers[3], &w->keepers[4]));
	nse_why_free(w);
	rig_free(r);
}

static void test_foreign_pids(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why_context c = {.kernel = OLD, .foreign_pids = true};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_STR(command(w, 0), "none");
	nse_why_free(w);
	rig_free(r);
}

static void test_same(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *before, *after;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	before = ask(r, 20);
	nsg_keepers_clear(r->g);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 813, "python3", 3, 0, NULL);
	after = ask(r, 20);
	CHECK(nse_keeper_same(&before->keepers[0], &after->keepers[0]));
	CHECK(!nse_keeper_same(&before->keepers[0], &after->keepers[1]));
	nse_why_free(before);
	nse_why_free(after);
	rig_free(r);
}

int main(void)
{
	RUN(test_descriptor);
	RUN(test_descriptors_share_one_reference);
	RUN(test_another_nslens);
	RUN(test_netns_names);
	RUN(test_mount_elsewhere);
	RUN(test_mount_nowhere);
	RUN(test_sockets);
	RUN(test_sockets_of_members);
	RUN(test_nsproxies);
	RUN(test_thread_alone);
	RUN(test_pending_pid);
	RUN(test_pending_time);
	RUN(test_both_time_slots);
	RUN(test_pid_namespace);
	RUN(test_user_namespace);
	RUN(test_shm_and_mountinfo);
	RUN(test_half_built);
	RUN(test_initial);
	RUN(test_nothing_holds_it);
	RUN(test_too_many_keepers);
	RUN(test_parent_was_not_opened);
	RUN(test_own_descriptor);
	RUN(test_two_counts);
	RUN(test_hostile);
	RUN(test_unfolded);
	RUN(test_foreign_pids);
	RUN(test_same);
	return unit_end();
}
