// SPDX-License-Identifier: GPL-2.0-only
/* Failures of functions that a hook saw fail: (function, errno) -> check. */
#include "failures.h"

#include <errno.h>

#define FN(name) .fn = NSL_FN_##name

/* Every copy_*() can hit the limit, the memory and a kernel without the type. */
#define COPY_ROWS(function, type, limit)                                                           \
	{FN(function), .err = ENOSPC, .check = NSE_LIMIT(type), .remedy = NSE_RAISE(limit)},       \
		{FN(function), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},  \
	{                                                                                          \
		FN(function), .err = EINVAL, .check = NSE_NOT_BUILT(type),                         \
			      .remedy = "use a kernel that has them"                               \
	}

#define INSTALL_EPERM(function)                                                                    \
	{                                                                                          \
		FN(function), .err = EPERM, .check = NSE_BOTH_CAPS, .remedy = NSE_JOIN_OWNER       \
	}

const struct nse_row nse_by_step[] = {
	/* The doors: both check the capability before anything is made. */
	{FN(copy_namespaces), .err = EPERM, .none = NSL_NEWUSER, .check = NSE_NO_CAP,
	 .remedy = NSE_GET_CAP},
	{FN(copy_namespaces), .err = EPERM, .all = NSL_NEWUSER,
	 .check = "CAP_SYS_ADMIN over the new user namespace was denied, although its creator has "
		  "it: a security module decided",
	 .remedy = "look into the log of the security module"},
	{FN(copy_namespaces), .err = EINVAL, .all = NSL_NEWIPC | NSE_SYSVSEM,
	 .check = "CLONE_NEWIPC and CLONE_SYSVSEM exclude each other: the shared semaphore undo "
		  "list would point into the old ipc namespace",
	 .remedy = "leave CLONE_SYSVSEM out"},
	{FN(copy_namespaces), .err = ENOMEM, .none = NSL_NEW_ALL,
	 .check = "no memory for the nsproxy that moves the child into the pending time namespace",
	 .remedy = NSE_FREE_MEMORY},
	{FN(copy_namespaces), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},
	{FN(unshare_nsproxy_namespaces), .err = EPERM, .none = NSL_NEWUSER, .check = NSE_NO_CAP,
	 .remedy = NSE_GET_CAP},
	{FN(unshare_nsproxy_namespaces), .err = EPERM, .all = NSL_NEWUSER,
	 .check = "CAP_SYS_ADMIN over the new user namespace was denied, although its creator has "
		  "it: a security module decided",
	 .remedy = "look into the log of the security module"},
	{FN(unshare_nsproxy_namespaces), .err = ENOMEM, .check = NSE_NO_MEMORY,
	 .remedy = NSE_FREE_MEMORY},
	{FN(create_new_namespaces), .err = ENOMEM,
	 .check = "no memory for the new nsproxy or for one of its namespaces",
	 .remedy = NSE_FREE_MEMORY},

	COPY_ROWS(copy_mnt_ns, "mnt", "mnt"),
	{FN(copy_mnt_ns), .check = "a mount of the old tree could not be copied"},
	COPY_ROWS(copy_utsname, "uts", "uts"),
	COPY_ROWS(copy_ipcs, "ipc", "ipc"),
	{FN(copy_ipcs), .check = "the message queue file system of the new ipc namespace could "
				 "not be mounted"},

	{FN(copy_pid_ns), .err = EINVAL, .so = NSE_PENDING_PID, .check = NSE_PENDING_PID_TEXT,
	 .remedy = NSE_PENDING_PID_REMEDY},
	{FN(copy_pid_ns), .err = EINVAL, .so = NSE_NO_PENDING_PID,
	 .check = "the user namespace that would own the new pid namespace is not the owner of the "
		  "parent pid namespace, nor below it",
	 .remedy = "create the pid namespace from the user namespace that owns its parent"},
	{FN(copy_pid_ns), .err = EINVAL,
	 .check = "one of: a pid namespace is pending already (pid_for_children is not the task's "
		  "own); the new owner is not at or below the owner of the parent pid namespace",
	 .remedy = NSE_PENDING_PID_REMEDY},
	{FN(copy_pid_ns), .err = ENOSPC,
	 .check = "one of: 32 nested levels of pid namespaces are in use; " NSE_LIMIT("pid"),
	 .remedy = NSE_RAISE("pid")},
	{FN(copy_pid_ns), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},

	{FN(copy_cgroup_ns), .err = EPERM, .check = NSE_NO_CAP, .remedy = NSE_GET_CAP},
	COPY_ROWS(copy_cgroup_ns, "cgroup", "cgroup"),
	COPY_ROWS(copy_net_ns, "net", "net"),
	{FN(copy_net_ns), .err = EINTR,
	 .check = "the task was killed while it waited for the lock over all network namespaces"},
	{FN(copy_net_ns), .err = 0,
	 .check = "a network subsystem failed to set itself up in the new net namespace",
	 .remedy = "look into the kernel log"},
	COPY_ROWS(copy_time_ns, "time", "time"),

	{FN(create_user_ns), .err = ENOSPC,
	 .check = "one of: 33 nested levels of user namespaces are in use; " NSE_LIMIT("user"),
	 .remedy = NSE_RAISE("user")},
	{FN(create_user_ns), .err = EUSERS, .check = "user namespaces are nested too deeply",
	 .remedy = "nest fewer user namespaces"},
	{FN(create_user_ns), .err = EPERM, .check = NSE_USER_EPERM,
	 .remedy = NSE_USER_EPERM_REMEDY},
	{FN(create_user_ns), .err = EACCES, .since = 6001,
	 .check = "a security module forbids user namespaces to this task",
	 .remedy = "permit them in its policy (AppArmor: the userns rule)"},
	{FN(create_user_ns), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},
	{FN(create_user_ns), .err = EINVAL, .check = NSE_NOT_BUILT("user"),
	 .remedy = "use a kernel that has them"},
	{FN(create_user_ns), .since = 6001,
	 .check = "a security module refused the new user namespace",
	 .remedy = "permit it in the module's policy"},

	INSTALL_EPERM(utsns_install),
	INSTALL_EPERM(ipcns_install),
	INSTALL_EPERM(netns_install),
	INSTALL_EPERM(cgroupns_install),
	INSTALL_EPERM(pidns_install),
	{FN(pidns_install), .err = EINVAL,
	 .check = "the target is neither the task's own pid namespace nor one below it; nobody can "
		  "move up",
	 .remedy = "fork a helper before entering, or start from a task above the target"},
	{FN(mntns_install), .err = EPERM,
	 .check = "CAP_SYS_ADMIN is needed in the user namespace that owns the target and in the "
		  "caller's own, and CAP_SYS_CHROOT in the caller's own; one of the three is "
		  "missing",
	 .remedy = NSE_JOIN_OWNER},
	{FN(mntns_install), .err = EINVAL,
	 .check = "one of: the caller shares its root and working directory with another thread or "
		  "process (CLONE_FS); the target is an anonymous mount namespace",
	 .remedy = "unshare(CLONE_FS) first, or call it from a process with a single thread"},
	{FN(mntns_install), .check = "the root directory of the target could not be looked up"},
	{FN(timens_install), .err = EUSERS,
	 .check = "the process has more than one thread: their shared memory maps one time page",
	 .remedy = "call it before threads are started"},
	INSTALL_EPERM(timens_install),
	{FN(timens_install), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},
	{FN(userns_install), .err = EINVAL, .so = NSE_OWN_USER,
	 .check = "the target is the user namespace that the caller is in: entering it again would "
		  "give back dropped capabilities",
	 .remedy = "leave this step out"},
	{FN(userns_install), .err = EINVAL,
	 .check =
		 "one of: the target is the caller's own user namespace; the process has more than "
		 "one thread; it shares its root and working directory (CLONE_FS)",
	 .remedy = "call it from a process with a single thread that is not in the target"},
	{FN(userns_install), .err = EPERM,
	 .check = "CAP_SYS_ADMIN is missing in the target user namespace",
	 .remedy = "call it as the owner of the target, from its parent user namespace"},
	{FN(userns_install), .err = ENOMEM, .check = NSE_NO_MEMORY, .remedy = NSE_FREE_MEMORY},
	{FN(exec_task_namespaces), .err = ENOMEM, .since = 6002,
	 .check =
		 "no memory for the nsproxy of the pending time namespace; the old program is gone "
		 "already, so the task is killed",
	 .remedy = NSE_FREE_MEMORY},
};

const size_t nse_by_step_count = sizeof(nse_by_step) / sizeof(nse_by_step[0]);
