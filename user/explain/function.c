// SPDX-License-Identifier: GPL-2.0-only
/* A table of functions: what each is for, for somebody who meets it the first time. */
#include "function.h"

static const char *const texts[NSL_FNS] = {
	[NSL_FN_copy_namespaces] =
		"Called by copy_process() for every clone, fork and thread. Without CLONE_NEW* "
		"flags "
		"the child gets the parent's nsproxy and its count rises by one; with them, after "
		"a "
		"check for CAP_SYS_ADMIN, create_new_namespaces() makes a new nsproxy.",
	[NSL_FN_unshare_nsproxy_namespaces] = "What unshare(2) does about the namespaces of an "
					      "nsproxy: it checks CAP_SYS_ADMIN in "
					      "the user namespace that will own them, then has "
					      "create_new_namespaces() make a new "
					      "nsproxy. The task does not use it yet.",
	[NSL_FN_create_new_namespaces] = "Allocates an nsproxy and fills its slots one by one with "
					 "the copy_*() functions. Each "
					 "either makes a new namespace or takes a reference on the "
					 "old one. If one fails, those "
					 "before it are put again in reverse order.",
	[NSL_FN_copy_mnt_ns] =
		"With CLONE_NEWNS it copies the whole mount tree: every mount gets a twin, and the "
		"task's root and working directory move to the twins. More mounts, more time.",
	[NSL_FN_copy_utsname] =
		"With CLONE_NEWUTS it copies host name and domain name into a new uts namespace.",
	[NSL_FN_copy_ipcs] =
		"With CLONE_NEWIPC it makes an empty ipc namespace: its own System V semaphores, "
		"message queues and shared memory, and its own mount of the POSIX message queues.",
	[NSL_FN_copy_pid_ns] =
		"With CLONE_NEWPID it makes a pid namespace one level below. The caller stays "
		"where it "
		"is: the slot is pid_for_children, and the first child born there is its pid 1.",
	[NSL_FN_copy_cgroup_ns] =
		"With CLONE_NEWCGROUP it makes a cgroup namespace whose root is the cgroup that "
		"the "
		"task is in at this moment: what lies above is hidden from then on.",
	[NSL_FN_copy_net_ns] =
		"With CLONE_NEWNET it makes a network stack of its own: setup_net() calls the init "
		"function of every network subsystem (loopback, routing, netfilter, sysctls). "
		"Mostly "
		"the slowest of the copies.",
	[NSL_FN_copy_time_ns] = "With CLONE_NEWTIME it makes a time namespace with its own offsets "
				"of the monotonic and "
				"boot clocks. The slot is time_for_children: offsets can be set "
				"until the first task "
				"enters.",
	[NSL_FN_create_user_ns] =
		"Makes a user namespace below the caller's, owned by the caller's effective user. "
		"In it "
		"the new credentials have every capability, and over nothing outside. It needs no "
		"privilege, and it runs before all other namespaces are made, so that it owns "
		"them.",
	[NSL_FN_mntns_install] =
		"Puts a mount namespace into what setns prepares. It needs CAP_SYS_ADMIN over its "
		"owner, CAP_SYS_CHROOT, and a task whose file system information is not shared. "
		"Root "
		"and working directory become the root of that namespace.",
	[NSL_FN_utsns_install] =
		"Puts a uts namespace into the nsproxy that setns prepares, after checking "
		"CAP_SYS_ADMIN over its owner and in the caller's own user namespace.",
	[NSL_FN_ipcns_install] =
		"Puts an ipc namespace into the nsproxy that setns prepares, after checking "
		"CAP_SYS_ADMIN over its owner and in the caller's own user namespace.",
	[NSL_FN_pidns_install] =
		"Puts a pid namespace into the slot pid_for_children of the nsproxy that setns "
		"prepares. It must be the caller's own one or a descendant of it. The caller "
		"itself "
		"never moves: its next child is born there.",
	[NSL_FN_cgroupns_install] = "Puts a cgroup namespace into the nsproxy that setns prepares. "
				    "The task's cgroup does "
				    "not change, only what /proc/self/cgroup is relative to.",
	[NSL_FN_netns_install] =
		"Puts a network namespace into the nsproxy that setns prepares, after checking "
		"CAP_SYS_ADMIN over its owner and in the caller's own user namespace. Sockets that "
		"are "
		"open already stay in the old one.",
	[NSL_FN_timens_install] =
		"Puts a time namespace into both time slots of the nsproxy that setns prepares. A "
		"process with several threads is refused.",
	[NSL_FN_userns_install] =
		"Puts a user namespace into the credentials that setns prepares. The caller needs "
		"CAP_SYS_ADMIN in it, must have one thread, and cannot join the one it is in "
		"already.",
	[NSL_FN_switch_task_namespaces] = "The moment of truth: task->nsproxy is pointed to the "
					  "new nsproxy, under the task's "
					  "lock, and the old one's count falls by one. Before "
					  "this, nobody saw the new one; it "
					  "cannot fail.",
	[NSL_FN_commit_creds] =
		"Makes prepared credentials valid: cred->user_ns is where a task's user namespace "
		"stands. It is no slot of the nsproxy.",
	[NSL_FN_exec_task_namespaces] = "Called by exec: where time_for_children differs from "
					"time, the new program moves over "
					"to it, in an nsproxy of its own.",
	[NSL_FN_exit_task_namespaces] = "Takes the nsproxy away from a task that exits. The count "
					"falls by one; with the last "
					"user the nsproxy is freed and its namespaces are put.",
	[NSL_FN_exit_nsproxy_namespaces] = "Takes the nsproxy away from a task that exits. The "
					   "count falls by one; with the last "
					   "user the nsproxy is freed and its namespaces are put.",
	[NSL_FN_free_nsproxy] = "The count of an nsproxy has reached zero: it puts each of its "
				"namespaces and gives its "
				"memory back. A namespace that something else holds lives on.",
	[NSL_FN_nsproxy_ns_active_put] =
		"An nsproxy lost its last user: each of its namespaces counts one active reference "
		"less. Without an active one a namespace can no longer be reached, although what "
		"still "
		"holds it keeps its memory.",
	[NSL_FN_put_nsset] = "The end of every setns: drops what it prepared. After success the "
			     "private nsproxy has "
			     "gone over to the task; after a failure it is freed here, and the "
			     "task is as before.",
	[NSL_FN_zap_pid_ns_processes] = "Pid 1 of a pid namespace has exited: every process left "
					"in it is killed and waited "
					"for. After that nobody can be born there.",
	[NSL_FN_put_mnt_ns] =
		"Gives back the reference on the mount namespace just made or shared.",
	[NSL_FN_put_uts_ns] = "Gives back the reference on the uts namespace just made or shared.",
	[NSL_FN_put_ipc_ns] = "Gives back the reference on the ipc namespace just made or shared.",
	[NSL_FN_put_pid_ns] = "Gives back the reference on the pid namespace just made or shared.",
	[NSL_FN_put_cgroup_ns] =
		"Gives back the reference on the cgroup namespace just made or shared.",
	[NSL_FN_put_net] = "Gives back the reference on the network namespace just made or shared.",
	[NSL_FN_put_user_ns] = "Gives back the reference on the user namespace just made.",
};

const char *nse_function(enum nsl_fn fn)
{
	return (unsigned int)fn < NSL_FNS && texts[fn] ? texts[fn] : "";
}
