/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with three containers, one of them rootless, a pod of two, a service
 * with its own mounts, a runc that is in the middle of unshare(2), and namespaces
 * that no task reaches.
 */
#ifndef NSLENS_VIEW_GRAPH_MACHINE_H
#define NSLENS_VIEW_GRAPH_MACHINE_H

#include "graph_events.h"

/* The namespaces of a container: ids from `first` on, in the order of the slots. */
struct box {
	uint64_t nsproxy, first, user;
	const char *cgroup;
};

static inline struct nsl_view box_view(const struct box *b)
{
	static const enum nsl_slot slots[] = {NSL_SLOT_MNT, NSL_SLOT_UTS,
					      NSL_SLOT_IPC, NSL_SLOT_PID_FOR_CHILDREN,
					      NSL_SLOT_NET, NSL_SLOT_CGROUP};
	struct nsl_view view = host_view();

	view.nsproxy = b->nsproxy;
	for (unsigned int i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		view.slot[slots[i]] = ns_ref(b->first + i);
	view.slot[NSL_SLOT_PID_ACTIVE] = view.slot[NSL_SLOT_PID_FOR_CHILDREN];
	view.slot[NSL_SLOT_USER] = ns_ref(b->user);
	view.pid_level = 1;
	return view;
}

static inline void box_rows(struct rig *r, const struct box *b)
{
	static const enum nsl_type types[] = {NSL_MNT, NSL_UTS, NSL_IPC,
					      NSL_PID, NSL_NET, NSL_CGROUP};

	if (b->user != HOST(NSL_USER)) {
		struct nsl_ns user = a_ns(NSL_USER, b->user, HOST(NSL_USER), HOST(NSL_USER), 1);

		user.owner_uid = 1000;
		ev_ns(r, user);
	}
	for (unsigned int i = 0; i < sizeof(types) / sizeof(*types); i++) {
		bool pid = types[i] == NSL_PID;

		ev_ns(r, a_ns(types[i], b->first + i, b->user, pid ? HOST(NSL_PID) : 0, pid));
	}
}

static inline void box_task(struct rig *r, const struct nsl_view *view, uint32_t count,
			    uint32_t pid, uint32_t tid, uint32_t ns_pid, const char *comm)
{
	struct nsl_task e = a_task(r, NSL_TASK_SEEN, tid, comm, *view);

	e.pid = pid;
	e.view.ns_pid = ns_pid;
	e.view.ns_tid = ns_pid + tid - pid;
	e.view.nsproxy_count = count;
	ev_task(r, e);
}

static inline void machine_host(struct rig *r)
{
	static const char *const names[] = {
		"systemd", "systemd-journal", "sshd",	  "bash",	"dockerd", "containerd",
		"cron",	   "containerd-shim", "rsyslogd", "dbus-daemon"};

	for (int type = 0; type < NSL_TYPES; type++)
		ev_ns(r, a_ns((enum nsl_type)type, HOST(type),
			      type == NSL_USER ? 0 : HOST(NSL_USER), 0, 0));
	for (uint32_t i = 0; i < 140; i++) {
		uint32_t pid = i == 0 ? 1 : i < 100 ? 1 + i : 1400 + 2 * i;
		struct nsl_view view = host_view();
		struct nsl_task e;

		view.nsproxy_count = 144;
		e = a_task(r, NSL_TASK_SEEN, pid,
			   i == 0    ? "systemd"
			   : i < 100 ? "kworker/0:1"
				     : names[i % 10],
			   view);
		if (i > 0 && i < 100)
			e.state = NSL_TASK_KTHREAD;
		ev_task(r, e);
	}
}

/* unshare(2) of a runc, stopped behind copy_net_ns(). */
static inline void machine_unshare(struct rig *r)
{
	const uint64_t flags = NSL_NEWNS | NSL_NEWUTS | NSL_NEWIPC | NSL_NEWPID | NSL_NEWNET;

	as(r, 4128, "runc:[1:CHILD]");
	ev_begin(r, NSL_SYS_UNSHARE, flags);
	ev_step_begin(r, NSL_FN_create_new_namespaces);
	ev_step_ns(r, NSL_FN_copy_mnt_ns, 0, 2602, flags);
	ev_step_ns(r, NSL_FN_copy_utsname, 0, 2603, flags);
	ev_step_ns(r, NSL_FN_copy_ipcs, 0, 2604, flags);
	ev_step_ns(r, NSL_FN_copy_pid_ns, 0, 2605, flags);
	ev_step_ns(r, NSL_FN_copy_cgroup_ns, 0, HOST(NSL_CGROUP), flags);
	ev_step_ns(r, NSL_FN_copy_net_ns, 0, 2606, flags);
}

static inline struct rig *machine(void)
{
	static const struct box boxes[] = {
		{7, 2204, HOST(NSL_USER),
		 "/system.slice/"
		 "docker-4f0c2a1b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a."
		 "scope"},
		{9, 2304, 2310,
		 "/user.slice/user-1000.slice/user@1000.service/user.slice/"
		 "libpod-77aa55cc33ee11ff00dd22bb44996688aabbccddeeff00112233445566778899.scope"},
		{11, 2404, HOST(NSL_USER), "/machine.slice/lxc.payload.mail"},
	};
	struct rig *r = rig_new();
	struct nsl_view view, pod;

	ev_cgroup(r, HOST_CGROUP, "/init.scope");
	for (unsigned int i = 0; i < 3; i++)
		ev_cgroup(r, 100 + i, boxes[i].cgroup);
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	machine_host(r);
	ev_ns(r, a_ns(NSL_USER, 2601, HOST(NSL_USER), HOST(NSL_USER), 1));
	view = host_view();
	view.nsproxy_count = 144;
	ev_seen(r, 4120, "runc", view);
	ev_seen(r, 4127, "runc:[0:PARENT]", view);
	view.slot[NSL_SLOT_USER] = ns_ref(2601);
	ev_seen(r, 4128, "runc:[1:CHILD]", view);

	ev_ns(r, a_ns(NSL_MNT, 2201, HOST(NSL_USER), 0, 0));
	view = with(host_view(), 3, NSL_SLOT_MNT, 2201);
	ev_seen(r, 411, "systemd-udevd", view);
	ev_ns(r, a_ns(NSL_MNT, 2202, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_UTS, 2203, HOST(NSL_USER), 0, 0));
	view = with(with(host_view(), 4, NSL_SLOT_MNT, 2202), 4, NSL_SLOT_UTS, 2203);
	box_task(r, &view, 2, 655, 655, 655, "systemd-timesyn");
	box_task(r, &view, 2, 655, 656, 655, "sd-resolve");

	for (unsigned int i = 0; i < 3; i++) {
		box_rows(r, &boxes[i]);
	}
	r->cgroup = 100;
	view = box_view(&boxes[0]);
	for (uint32_t i = 0; i < 7; i++)
		box_task(r, &view, 7, 2210 + i, 2210 + i, 1 + i, "postgres");
	/* a second container of that pod: its own mnt and uts, the rest shared */
	ev_ns(r, a_ns(NSL_MNT, 2214, HOST(NSL_USER), 0, 0));
	pod = with(view, 8, NSL_SLOT_MNT, 2214);
	box_task(r, &pod, 1, 2240, 2240, 9, "pgbouncer");
	r->cgroup = 101;
	view = box_view(&boxes[1]);
	box_task(r, &view, 4, 2330, 2330, 1, "nginx");
	for (uint32_t i = 0; i < 3; i++)
		box_task(r, &view, 4, 2331 + i, 2331 + i, 8 + i, "nginx");
	r->cgroup = 102;
	view = box_view(&boxes[2]);
	box_task(r, &view, 9, 2430, 2430, 1, "init");
	for (uint32_t i = 0; i < 5; i++)
		box_task(r, &view, 9, 2440, 2440 + i, 12, "postfix");
	box_task(r, &view, 9, 2460, 2460, 31, "dovecot");
	r->cgroup = 100;
	/* a joiner: everything of the first container but its pid namespace, yet */
	pod = with(box_view(&boxes[0]), 13, NSL_SLOT_CGROUP, HOST(NSL_CGROUP));
	pod.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(HOST(NSL_PID));
	ev_ns(r, a_ns(NSL_TIME, 2701, HOST(NSL_USER), 0, 0));
	pod.slot[NSL_SLOT_TIME_FOR_CHILDREN] = ns_ref(2701);
	box_task(r, &pod, 1, 3900, 3900, 3900, "nsenter");
	view = box_view(&boxes[0]);
	view.pid_level = 1;
	ev_seen_zombie(r, 2217, "sh", view);

	ev_ns(r, a_ns(NSL_NET, 2801, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_NET, 2802, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_USER, 2803, HOST(NSL_USER), HOST(NSL_USER), 1));
	ev_ns(r, a_ns(NSL_USER, 2804, 2803, 2803, 2));
	ev_ns(r, a_ns(NSL_UTS, 2805, 2804, 0, 0));
	r->cgroup = HOST_CGROUP;
	ev_snapshot(r, NSL_SNAPSHOT_END);
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 2801, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/netns/blue");
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 2802, 1612, "dockerd", 31, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 2805, 1600, "bash", 5, 0, NULL);
	machine_unshare(r);
	return r;
}

#endif
