// SPDX-License-Identifier: GPL-2.0-only
/* Flags of clone, clone3, unshare and setns. */
#include "failures.h"
#include "topics.h"

#define FLAG(n, bit, ...)                                                                          \
	{                                                                                          \
		.kind = NSE_FLAG, .name = n, .value = bit, .type = NSL_TYPE_UNKNOWN, __VA_ARGS__   \
	}

static const struct nse_topic rows[] = {
	FLAG("CLONE_NEWNS", NSL_NEWNS, .aliases = "newns,clone_newmnt",
	     .text = "A new mount namespace. clone refuses it with CLONE_FS; unshare adds "
		     "CLONE_FS. The name is "
		     "from the time when there was no other type.",
	     .fns = "copy_mnt_ns", .see = "mnt,CLONE_FS"),
	FLAG("CLONE_NEWUTS", NSL_NEWUTS, .aliases = "newuts", .text = "A new uts namespace.",
	     .fns = "copy_utsname", .see = "uts"),
	FLAG("CLONE_NEWIPC", NSL_NEWIPC, .aliases = "newipc",
	     .text = "A new ipc namespace. clone refuses it with CLONE_SYSVSEM; unshare drops the "
		     "semaphore "
		     "undo list instead.",
	     .fns = "copy_ipcs copy_namespaces", .see = "ipc,CLONE_SYSVSEM"),
	FLAG("CLONE_NEWPID", NSL_NEWPID, .aliases = "newpid",
	     .text = "A new pid namespace. With clone the child is its pid 1; with unshare the "
		     "next child is. "
		     "Not with CLONE_THREAD.",
	     .fns = "copy_pid_ns", .see = "pid,pid_for_children"),
	FLAG("CLONE_NEWCGROUP", NSL_NEWCGROUP, .aliases = "newcgroup",
	     .text = "A new cgroup namespace.", .fns = "copy_cgroup_ns", .since = 4006,
	     .see = "cgroup"),
	FLAG("CLONE_NEWNET", NSL_NEWNET, .aliases = "newnet", .text = "A new net namespace.",
	     .fns = "copy_net_ns", .see = "net"),
	FLAG("CLONE_NEWTIME", NSL_NEWTIME, .aliases = "newtime",
	     .text = "A new time namespace, for children. Its bit lies where clone keeps the exit "
		     "signal: only "
		     "clone3, unshare and setns can carry it.",
	     .fns = "copy_time_ns clone3_args_valid", .since = 5006,
	     .see = "time,pending time namespace"),
	FLAG("CLONE_NEWUSER", NSL_NEWUSER, .aliases = "newuser",
	     .text = "A new user namespace, made before the others of the call so that it owns "
		     "them. clone "
		     "refuses it with CLONE_FS and CLONE_THREAD; unshare adds both, and so wants a "
		     "process with a "
		     "single thread.",
	     .fns = "create_user_ns copy_creds unshare_userns",
	     .see = "user,user first,single thread"),
	FLAG("CLONE_VM", NSE_VM,
	     .text = "Child and parent share their memory. With unshare: stop sharing it, which "
		     "only a process "
		     "with a single thread may ask.",
	     .notes = {{6002, 0, "Such a child does not enter a pending time namespace."},
		       {5006, 6002, "Refused while a time namespace is pending."}},
	     .fns = "copy_process copy_namespaces", .see = "vfork,pending time namespace"),
	FLAG("CLONE_FS", NSE_FS,
	     .text = "Child and parent share root, working directory and umask. Not with "
		     "CLONE_NEWNS or "
		     "CLONE_NEWUSER. With unshare: get a copy of them.",
	     .fns = "copy_process unshare_fs", .see = "shared root"),
	FLAG("CLONE_FILES", NSE_FILES,
	     .text = "Child and parent share their descriptors. With unshare: get a copy of the "
		     "table.",
	     .fns = "unshare_fd"),
	FLAG("CLONE_SIGHAND", NSE_SIGHAND,
	     .text = "Child and parent share signal handlers; needs CLONE_VM. With unshare it "
		     "implies "
		     "CLONE_THREAD.",
	     .fns = "copy_process check_unshare_flags"),
	FLAG("CLONE_THREAD", NSE_THREAD,
	     .text = "The child is a thread of the caller's process: same credentials, same "
		     "nsproxy. Not with "
		     "CLONE_NEWUSER or CLONE_NEWPID. With unshare it asks that the process has one "
		     "thread.",
	     .fns = "copy_process copy_creds check_unshare_flags", .see = "single thread"),
	FLAG("CLONE_PARENT", NSE_PARENT,
	     .text = "The child becomes a sibling of the caller. pid 1 of a pid namespace cannot "
		     "have one.",
	     .fns = "copy_process", .see = "pid 1"),
	FLAG("CLONE_SYSVSEM", NSE_SYSVSEM,
	     .text = "Child and parent share the semaphore undo list. Not with CLONE_NEWIPC in "
		     "clone; with "
		     "unshare the list is dropped.",
	     .fns = "copy_namespaces exit_sem", .see = "semaphore undo list"),
	FLAG("CLONE_PIDFD", NSE_PIDFD,
	     .text = "The caller gets a pidfd of the child, which setns takes.",
	     .fns = "copy_process kernel_clone", .since = 5002, .see = "pidfd"),
	FLAG("CLONE_PARENT_SETTID", NSE_PARENT_SETTID,
	     .text = "The child's number is written to the parent's memory. Its bit means "
		     "UNSHARE_EMPTY_MNTNS to "
		     "unshare since 7.1.",
	     .fns = "kernel_clone"),
	FLAG("CLONE_DETACHED", NSE_DETACHED,
	     .text = "Of old; clone ignores it alone, clone3 refuses it.",
	     .fns = "clone3_args_valid"),
	FLAG("CLONE_CLEAR_SIGHAND", NSE_CLEAR_SIGHAND,
	     .text = "clone3: signal handlers of the child are reset. Not with CLONE_SIGHAND.",
	     .fns = "clone3_args_valid", .since = 5005),
	FLAG("CLONE_INTO_CGROUP", NSE_INTO_CGROUP,
	     .text = "clone3: the child is born in the cgroup of a descriptor. A new cgroup "
		     "namespace still has "
		     "the caller's cgroup as its root.",
	     .fns = "cgroup_css_set_fork", .since = 5007, .see = "EBADF,cgroup"),
	FLAG("CLONE_EMPTY_MNTNS", NSL_EMPTY_MNTNS,
	     .text = "clone3: the new mount namespace is empty instead of a copy. Implies "
		     "CLONE_NEWNS.",
	     .fns = "kernel_clone copy_mnt_ns", .since = 7001, .see = "mnt,UNSHARE_EMPTY_MNTNS"),
	FLAG("UNSHARE_EMPTY_MNTNS", NSE_UNSHARE_EMPTY_MNTNS,
	     .text = "unshare: the new mount namespace is empty instead of a copy. Implies "
		     "CLONE_NEWNS. The bit "
		     "is that of CLONE_PARENT_SETTID.",
	     .fns = "ksys_unshare copy_mnt_ns", .since = 7001, .see = "mnt,CLONE_EMPTY_MNTNS"),
};

const struct nse_topics nse_flag_topics = NSE_TOPICS(rows);
