// SPDX-License-Identifier: GPL-2.0-only
/* System calls and types. */
#include "topics.h"

#define CALL(id, n, ...)                                                                           \
	{                                                                                          \
		.kind = NSE_SYSCALL, .name = n, .syscall = id, .type = NSL_TYPE_UNKNOWN,           \
		__VA_ARGS__                                                                        \
	}
#define TYPE(id, n, a, ...)                                                                        \
	{                                                                                          \
		.kind = NSE_TYPE, .name = n, .aliases = a, .type = id, __VA_ARGS__                 \
	}

static const struct nse_topic calls[] = {
	CALL(NSL_SYS_CLONE, "clone",
	     .text = "Makes a child; for each CLONE_NEW* flag the child gets a new namespace. The "
		     "low byte "
		     "of its flags is the exit signal, so CLONE_NEWTIME, which lies there, cannot "
		     "be asked for.",
	     .fns = "kernel_clone copy_process copy_namespaces", .see = "clone3,fork,failed clone"),
	CALL(NSL_SYS_CLONE3, "clone3",
	     .text = "clone with a structure of arguments: CLONE_NEWTIME, chosen pids (set_tid) "
		     "and a cgroup "
		     "for the child (CLONE_INTO_CGROUP) are possible only here.",
	     .notes = {{7001, 0, "CLONE_EMPTY_MNTNS gives the child an empty mount namespace."}},
	     .fns = "copy_clone_args_from_user clone3_args_valid kernel_clone", .since = 5003,
	     .see = "clone,set_tid"),
	CALL(NSL_SYS_FORK, "fork",
	     .text = "Makes a child that shares all namespaces of its parent; where a pid or time "
		     "namespace "
		     "is pending, the child is born into it. The C library calls clone instead on "
		     "most machines.",
	     .fns = "kernel_clone copy_namespaces", .see = "fast path,clone"),
	CALL(NSL_SYS_VFORK, "vfork",
	     .text = "fork with shared memory; the parent waits until the child execs or exits.",
	     .notes = {{5006, 6002, "Refused (EINVAL) while a time namespace is pending."},
		       {6002, 0,
			"While a time namespace is pending the child stays in the old one."}},
	     .fns = "kernel_clone copy_namespaces", .see = "fork,pending time namespace"),
	CALL(NSL_SYS_UNSHARE, "unshare",
	     .text = "Gives the caller new namespaces. pid and time are exceptions: they wait for "
		     "the next "
		     "child. A new user namespace is made first and becomes valid last.",
	     .fns = "ksys_unshare check_unshare_flags unshare_userns unshare_nsproxy_namespaces",
	     .see = "pending pid namespace,pending time namespace,rollback"),
	CALL(NSL_SYS_SETNS, "setns",
	     .text = "Moves the caller into existing namespaces: one, by a namespace file, or "
		     "several of a "
		     "process, by its pidfd. All or nothing. A pid namespace waits for the next "
		     "child.",
	     .notes = {{0, 5008, "Only namespace files are taken, one at a time."},
		       {5008, 0, "A pidfd is taken too, with the types as flags."}},
	     .fns = "setns prepare_nsset validate_nsset commit_nsset",
	     .see = "all or nothing,pidfd,nsfs"),
	CALL(NSL_SYS_EXEC, "exec", .aliases = "execve,execveat",
	     .text = "Replaces the program of a task and keeps its namespaces: no CLONE_NEW* flag "
		     "goes with it, "
		     "and even a set-uid program stays in its user namespace.",
	     .notes = {{6002, 0, "One exception: a pending time namespace is entered."},
		       {0, 6002, "There is no exception."}},
	     .fns = "begin_new_exec exec_task_namespaces", .see = "pending time namespace"),
	CALL(NSL_SYS_EXIT, "exit", .aliases = "exit_group",
	     .text = "A task gives up its use of its nsproxy; with the last one its references are "
		     "put. The "
		     "exit of pid 1 kills its pid namespace.",
	     .fns = "do_exit exit_task_namespaces exit_nsproxy_namespaces exit_notify",
	     .see = "exit order,zombie,pid 1"),
};

static const struct nse_topic types[] = {
	TYPE(NSL_MNT, "mnt", "mount,mount namespace,mnt_ns,mnt namespace",
	     .text = "Which mounts there are. A new one is a copy of the whole tree; root and "
		     "working directory "
		     "of the task move into the copy. The limit is "
		     "/proc/sys/user/max_mnt_namespaces.",
	     .notes = {{7000, 0, "One can be made without a task: open_tree(OPEN_TREE_NAMESPACE)."},
		       {7001, 0,
			"An empty one can be asked for: CLONE_EMPTY_MNTNS, UNSHARE_EMPTY_MNTNS."}},
	     .fns = "copy_mnt_ns copy_tree mntns_install put_mnt_ns free_mnt_ns",
	     .see = "CLONE_NEWNS,mount propagation,anonymous mount namespace"),
	TYPE(NSL_UTS, "uts", "uts namespace,hostname,utsname",
	     .text = "Host name and domain name. A new one is a copy of the old. Nothing but "
		     "nsproxies and its "
		     "namespace file keeps it. The limit is /proc/sys/user/max_uts_namespaces.",
	     .fns = "copy_utsname utsns_install put_uts_ns free_uts_ns", .see = "CLONE_NEWUTS"),
	TYPE(NSL_IPC, "ipc", "ipc namespace",
	     .text = "System V semaphores, message queues and shared memory, and POSIX message "
		     "queues. A new one "
		     "is empty. The limit is /proc/sys/user/max_ipc_namespaces.",
	     .fns = "copy_ipcs ipcns_install put_ipc_ns free_ipc",
	     .see = "CLONE_NEWIPC,semaphore undo list"),
	TYPE(NSL_PID, "pid", "pid namespace,pid_ns",
	     .text = "The numbers of processes. A new one is empty and one level deeper; the first "
		     "process born "
		     "in it is its pid 1. Its processes have numbers in all namespaces above as "
		     "well. The limit is "
		     "/proc/sys/user/max_pid_namespaces.",
	     .fns = "copy_pid_ns alloc_pid pidns_install zap_pid_ns_processes put_pid_ns",
	     .see = "CLONE_NEWPID,pid_for_children,pid 1,level"),
	TYPE(NSL_CGROUP, "cgroup", "cgroup namespace,cgroup_ns",
	     .text = "What /proc/self/cgroup is relative to. The caller's cgroup at creation "
		     "becomes the root; "
		     "being in the namespace moves nobody to another cgroup. The limit is "
		     "/proc/sys/user/max_cgroup_namespaces.",
	     .fns = "copy_cgroup_ns cgroupns_install put_cgroup_ns free_cgroup_ns", .since = 4006,
	     .see = "CLONE_NEWCGROUP"),
	TYPE(NSL_NET, "net", "network,network namespace,net namespace,netns",
	     .text = "The network: devices, addresses, routes, firewall rules, ports, sockets. A "
		     "new one has a "
		     "loopback device and nothing else. A socket belongs to the namespace it was "
		     "made in and keeps "
		     "it. The limit is /proc/sys/user/max_net_namespaces.",
	     .fns = "copy_net_ns setup_net netns_install __put_net cleanup_net",
	     .see = "CLONE_NEWNET,deferred destruction"),
	TYPE(NSL_TIME, "time", "time namespace,time_ns",
	     .text = "Offsets of the monotonic and the boot clock; the wall clock is everybody's. "
		     "A new one "
		     "copies the offsets and waits in time_for_children. The limit is "
		     "/proc/sys/user/max_time_namespaces.",
	     .fns = "copy_time_ns timens_on_fork timens_install exec_task_namespaces free_time_ns",
	     .since = 5006, .see = "CLONE_NEWTIME,pending time namespace,time page"),
	TYPE(NSL_USER, "user", "user namespace,user_ns,userns",
	     .text = "The meaning of uids, gids and capabilities. It stands in the credentials, "
		     "not in the "
		     "nsproxy, owns other namespaces, and can be made without privilege. The limit "
		     "is "
		     "/proc/sys/user/max_user_namespaces.",
	     .fns = "create_user_ns userns_install commit_creds put_user_ns free_user_ns",
	     .see = "CLONE_NEWUSER,credentials,owner,id map,user first"),
};

const struct nse_topics nse_syscall_topics = NSE_TOPICS(calls);
const struct nse_topics nse_type_topics = NSE_TOPICS(types);
