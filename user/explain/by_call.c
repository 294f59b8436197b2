// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures that no hooked function reported: the call was refused before the
 * first of them, after the last of them, or there are only tracepoints. What
 * decided follows from the errno, the flags and what is known around them.
 */
#include "failures.h"

#include <errno.h>

#ifndef ERESTARTNOINTR
#define ERESTARTNOINTR 513 /* never seen by programs: the call is made again */
#endif

#define CLONES	.calls = NSE_CLONES
#define CLONE3	.calls = NSE_CLONE3
#define UNSHARE .calls = NSE_UNSHARE
#define MAKERS	.calls = NSE_CLONES | NSE_UNSHARE
#define SETNS	.calls = NSE_SETNS

#define ONE_LIMIT(flag, function, type)                                                            \
	{                                                                                          \
		MAKERS, .err = ENOSPC, .all = flag, .so = NSE_ONE_TYPE, .place = function,         \
			.check = NSE_LIMIT(type), .remedy = NSE_RAISE(type)                        \
	}

#define JOIN_EPERM(bit, function)                                                                  \
	{                                                                                          \
		SETNS, .err = EPERM, .all = bit, .so = NSE_NSFS, .place = function,                \
		       .check = NSE_BOTH_CAPS, .remedy = NSE_JOIN_OWNER                            \
	}

const struct nse_row nse_by_call[] = {
	/* clone and its relatives: contradictions that copy_process() looks for first */
	{CLONES, .err = EINVAL, .all = NSL_NEWNS | NSE_FS, .place = "copy_process",
	 .check = "CLONE_NEWNS and CLONE_FS contradict each other: a root directory cannot be "
		  "shared across mount namespaces",
	 .remedy = "leave CLONE_FS out"},
	{CLONES, .err = EINVAL, .all = NSL_NEWUSER | NSE_FS, .place = "copy_process",
	 .check = "CLONE_NEWUSER and CLONE_FS contradict each other: the child could chroot its "
		  "parent",
	 .remedy = "leave CLONE_FS out"},
	{CLONES, .err = EINVAL, .all = NSE_THREAD, .any = NSL_NEWUSER | NSL_NEWPID,
	 .place = "copy_process",
	 .check = "a thread cannot have a user or pid namespace of its own: the threads of a "
		  "process share both",
	 .remedy = "leave CLONE_THREAD out"},
	{CLONE3, .err = EINVAL, .so = NSE_SIGNAL_BITS, .place = "clone3_args_valid",
	 .check = "the flags of clone3 have bits where clone keeps its exit signal (the low byte)",
	 .remedy = "put the signal into exit_signal"},
	{CLONE3, .err = EINVAL, .all = NSE_DETACHED, .place = "clone3_args_valid",
	 .check = "CLONE_DETACHED is no flag of clone3", .remedy = "leave it out"},
	{CLONE3, .err = EINVAL, .so = NSE_UNKNOWN_FLAG, .place = "clone3_args_valid",
	 .check = "a flag that this kernel does not know", .remedy = "leave it out"},
	{CLONE3, .err = EINVAL, .all = NSE_SIGHAND | NSE_CLEAR_SIGHAND,
	 .place = "clone3_args_valid",
	 .check = "CLONE_SIGHAND and CLONE_CLEAR_SIGHAND contradict each other",
	 .remedy = "leave one of them out"},
	{CLONES, .err = EINVAL, .all = NSE_THREAD, .none = NSE_SIGHAND, .place = "copy_process",
	 .check = "CLONE_THREAD needs CLONE_SIGHAND", .remedy = "add CLONE_SIGHAND and CLONE_VM"},
	{CLONES, .err = EINVAL, .all = NSE_SIGHAND, .none = NSE_VM, .place = "copy_process",
	 .check = "CLONE_SIGHAND needs CLONE_VM", .remedy = "add CLONE_VM"},
	{CLONES, .err = EINVAL, .all = NSE_THREAD, .so = NSE_PENDING_PID, .place = "copy_process",
	 .check = "a new thread would have to live in the pending pid namespace, away from the "
		  "other threads of its process",
	 .remedy = "start threads before unshare(CLONE_NEWPID), or in the child"},
	{CLONES, .err = EINVAL, .any = NSE_VM | NSE_THREAD, .so = NSE_PENDING_TIME, .since = 5006,
	 .before = 6002, .place = "copy_process",
	 .check = "a time namespace is pending: until Linux 6.2 a child could not share memory "
		  "(vfork, threads) with a parent in another one",
	 .remedy = "use fork instead of vfork, or exec first"},
	{.calls = 1u << NSL_SYS_VFORK,
	 .err = EINVAL,
	 .before = 6002,
	 .place = "copy_process",
	 .check = "a time namespace is pending: until Linux 6.2 a child could not share memory "
		  "with a parent in another one",
	 .remedy = "use fork instead of vfork"},
	{CLONES, .err = EINVAL, .all = NSL_NEWIPC | NSE_SYSVSEM, .place = "copy_namespaces",
	 .check = "CLONE_NEWIPC and CLONE_SYSVSEM exclude each other: the shared semaphore undo "
		  "list would point into the old ipc namespace",
	 .remedy = "leave CLONE_SYSVSEM out"},
	{CLONES, .err = EINVAL, .all = NSE_PIDFD | NSE_PARENT_SETTID, .place = "kernel_clone",
	 .check = "one of: CLONE_PIDFD and CLONE_PARENT_SETTID write to the same address (clone "
		  "always does); another argument is not valid",
	 .remedy = "use clone3 with two addresses"},
	{CLONES, .err = EINVAL, .so = NSE_COPIED, .place = "alloc_pid",
	 .check = "a process id in set_tid is not valid: out of range, or not 1 where the pid "
		  "namespace has no pid 1 yet",
	 .remedy = "ask for pid 1 first"},
	{CLONES, .err = EINVAL, .all = NSE_INTO_CGROUP, .place = "copy_clone_args_from_user",
	 .check = "one of: the structure is too short to hold the cgroup; its descriptor is no "
		  "valid number; another argument contradicts the flags"},
	{CLONES, .err = EINVAL, .all = NSL_NEWPID, .so = NSE_PENDING_PID, .place = "copy_pid_ns",
	 .check = NSE_PENDING_PID_TEXT, .remedy = NSE_PENDING_PID_REMEDY},
	{CLONES, .err = EINVAL, .all = NSL_NEWPID, .place = "copy_pid_ns",
	 .check = "one of: a pid namespace is pending already (pid_for_children is not the task's "
		  "own); the new owner is not at or below the owner of the parent pid namespace",
	 .remedy = NSE_PENDING_PID_REMEDY},
	{CLONES, .err = EINVAL, .all = NSE_THREAD, .place = "copy_process",
	 .check = "one of: a pid namespace is pending, and a new thread would live in it; a flag "
		  "that threads cannot have",
	 .remedy = "start threads before unshare(CLONE_NEWPID)"},
	{CLONE3, .err = EINVAL, .all = NSE_PARENT, .place = "clone3_args_valid or copy_process",
	 .check =
		 "one of: CLONE_PARENT with an exit signal, which only the parent of both decides; "
		 "pid 1 of a pid namespace cannot make siblings (CLONE_PARENT); another argument "
		 "is not valid",
	 .remedy = "put 0 into exit_signal"},
	{CLONES, .err = EINVAL, .all = NSE_PARENT, .place = "copy_process",
	 .check = "one of: pid 1 of a pid namespace cannot make siblings (CLONE_PARENT); another "
		  "argument is not valid"},
	{CLONE3, .err = EINVAL, .so = NSE_NO_FLAGS, .place = "clone3_args_valid",
	 .check = "one of: the structure is shorter than its first version (64 bytes); set_tid and "
		  "its size do not fit; the exit signal is no signal; stack and its size do not "
		  "fit"},
	{CLONES, .err = EINVAL, .any = NSL_NEW_ALL, .place = "copy_process",
	 .check = "one of: two flags contradict each other; this kernel is built without a "
		  "namespace type that was asked for; an argument beside the flags is not valid"},
	{CLONES, .err = EINVAL, .place = "copy_process",
	 .check = "an argument is not valid, or two flags contradict each other"},

	{CLONES, .err = E2BIG, .place = "copy_clone_args_from_user",
	 .check = "the structure is larger than this kernel knows, and the rest is not zero",
	 .remedy = "fill only the fields that this kernel has"},
	{CLONES, .err = EFAULT, .so = NSE_COPIED, .place = "copy_process",
	 .check = "an address for a result (pidfd, parent_tid) is not writable"},
	{CLONES, .err = EFAULT, .place = "copy_clone_args_from_user",
	 .check = "the arguments could not be read from the caller's memory"},
	{CLONES, .err = EEXIST, .place = "alloc_pid",
	 .check = "the process id asked for in set_tid is taken",
	 .remedy = "choose a free one, or a new pid namespace"},
	{CLONES, .err = EBADF, .place = "cgroup_css_set_fork",
	 .check = "the descriptor for CLONE_INTO_CGROUP is not an open cgroup directory",
	 .remedy = "open the directory of the cgroup (O_PATH or O_RDONLY)"},
	{CLONES, .err = EMFILE, .place = "copy_process",
	 .check = "no free descriptor below RLIMIT_NOFILE", .remedy = "raise ulimit -n"},
	{CLONES, .err = ENFILE, .place = "copy_process",
	 .check = "the machine has as many open files as it may (fs.file-max)",
	 .remedy = "raise fs.file-max"},
	{CLONES, .err = EACCES, .all = NSE_INTO_CGROUP, .place = "cgroup_css_set_fork",
	 .check = "the caller may not move a task into that cgroup",
	 .remedy = "get write permission to cgroup.procs of the cgroup and their common parent"},
	{CLONES, .err = EBUSY, .all = NSE_INTO_CGROUP, .place = "cgroup_css_set_fork",
	 .check = "the cgroup has controllers enabled for its children and can hold no task",
	 .remedy = "use a leaf cgroup"},
	{CLONES, .err = EOPNOTSUPP, .all = NSE_INTO_CGROUP, .place = "cgroup_css_set_fork",
	 .check = "the cgroup is threaded, or its domain is not valid",
	 .remedy = "use a domain cgroup"},
	{CLONES, .err = ENODEV, .all = NSE_INTO_CGROUP, .place = "cgroup_css_set_fork",
	 .check = "the cgroup was removed", .remedy = "create it again"},
	{CLONES, .err = EINTR, .all = NSL_NEWNET, .place = "copy_net_ns",
	 .check = "one of: the task was killed while it waited for the lock over all network "
		  "namespaces; it was killed before the child was born"},
	{CLONES, .err = EINTR, .place = "copy_process",
	 .check = "the caller was killed before the child was born"},
	{CLONES, .err = ERESTARTNOINTR, .place = "copy_process",
	 .check = "a signal was waiting: the kernel handles it and makes the call again, the "
		  "program does not notice"},
	{CLONES, .err = ENOSYS, .place = "the system call table",
	 .check = "this kernel, or a seccomp filter, does not offer the system call",
	 .remedy = "use clone instead of clone3"},

	{CLONES, .err = EAGAIN, .so = NSE_COPIED, .place = "copy_process",
	 .check = "one of: no process id is free in the pid namespace; the pids controller of the "
		  "cgroup is at pids.max",
	 .remedy = "raise pids.max or kernel.pid_max"},
	{CLONES, .err = EAGAIN, .place = "copy_process",
	 .check = "one of: the user has RLIMIT_NPROC processes; the machine has "
		  "kernel.threads-max threads; no process id is free; the cgroup is at pids.max",
	 .remedy = "raise ulimit -u, pids.max or kernel.threads-max"},

	{CLONES, .err = ENOMEM, .so = NSE_PENDING_PID | NSE_COPIED, .place = "alloc_pid",
	 .check = "pid 1 of the pid namespace for children is dead: nobody can be born there any "
		  "more",
	 .remedy = "setns() back to /proc/self/ns/pid, then unshare(CLONE_NEWPID) again"},
	{CLONES, .err = ENOMEM, .so = NSE_COPIED, .place = "alloc_pid",
	 .check = "one of: pid 1 of the pid namespace is dead, so nobody can be born there any "
		  "more; the kernel had no memory",
	 .remedy = "start a new pid namespace"},
	{CLONES, .err = ENOMEM, .so = NSE_PENDING_PID, .place = "alloc_pid",
	 .check = "one of: pid 1 of the pid namespace for children is dead, so nobody can be born "
		  "there any more; the kernel had no memory",
	 .remedy = "setns() back to /proc/self/ns/pid, then unshare(CLONE_NEWPID) again"},
	{CLONES, .err = ENOMEM, .so = NSE_NO_PENDING_PID, .any = NSL_NEW_ALL,
	 .place = "copy_process",
	 .check = "one of: no memory for the child or for its namespaces; the caller's own pid "
		  "namespace is dying",
	 .remedy = NSE_FREE_MEMORY},
	{CLONES, .err = ENOMEM, .place = "copy_process",
	 .check = "one of: pid 1 of the pid namespace for children is dead, so nobody can be born "
		  "there any more; the kernel had no memory",
	 .remedy = "setns() back to /proc/self/ns/pid, or free memory"},

	{CLONES, .err = EPERM, .so = NSE_COPIED, .all = NSE_INTO_CGROUP,
	 .place = "alloc_pid or cgroup_css_set_fork",
	 .check = "one of: set_tid needs CAP_CHECKPOINT_RESTORE over the owner of each pid "
		  "namespace; the cgroup does not accept the child",
	 .remedy = "run as root, or leave set_tid out"},
	{CLONES, .err = EPERM, .so = NSE_COPIED, .place = "alloc_pid",
	 .check = "set_tid needs CAP_CHECKPOINT_RESTORE (or CAP_SYS_ADMIN) over the owner of each "
		  "pid namespace in which a number is asked for",
	 .remedy = "run as root, or leave set_tid out"},

	/* Makers of namespaces: clone family and unshare alike */
	{UNSHARE, .err = EPERM, .all = NSL_NEWUSER, .so = NSE_USER_MADE,
	 .place = "unshare_nsproxy_namespaces",
	 .check = "CAP_SYS_ADMIN over the new user namespace was denied, although its creator has "
		  "it: a security module decided",
	 .remedy = "look into the log of the security module"},
	{CLONES, .err = EPERM, .all = NSL_NEWUSER, .so = NSE_USER_MADE, .place = "copy_process",
	 .check = "a security module, or the permission to use set_tid, refused after the user "
		  "namespace had been made",
	 .remedy = "look into the log of the security module"},
	{MAKERS, .err = EPERM, .all = NSL_NEWUSER, .place = "create_user_ns",
	 .check = NSE_USER_EPERM, .remedy = NSE_USER_EPERM_REMEDY},
	{MAKERS, .err = EACCES, .all = NSL_NEWUSER, .since = 6001, .place = "create_user_ns",
	 .check = "a security module forbids user namespaces to this task",
	 .remedy = "permit them in its policy (AppArmor: the userns rule)"},
	{UNSHARE, .err = EPERM, .any = NSL_NEW_ALL, .place = "unshare_nsproxy_namespaces",
	 .check = NSE_NO_CAP, .remedy = NSE_GET_CAP},
	{CLONES, .err = EPERM, .any = NSL_NEW_ALL, .place = "copy_namespaces", .check = NSE_NO_CAP,
	 .remedy = NSE_GET_CAP},
	{MAKERS, .err = EPERM, .place = "the system call",
	 .check = "no namespace was asked for, so no namespace check decided: a seccomp filter or "
		  "a security module refused",
	 .remedy = "look at the seccomp profile of the container"},
	{MAKERS, .err = EACCES, .place = "the system call",
	 .check = "a security module or a seccomp filter refused",
	 .remedy = "look into the log of the security module"},

	{MAKERS, .err = ENOSPC, .all = NSL_NEWUSER, .so = NSE_ONE_TYPE, .place = "create_user_ns",
	 .check = "one of: 33 nested levels of user namespaces are in use; " NSE_LIMIT("user"),
	 .remedy = NSE_RAISE("user")},
	{MAKERS, .err = ENOSPC, .all = NSL_NEWPID, .so = NSE_ONE_TYPE, .place = "copy_pid_ns",
	 .check = "one of: 32 nested levels of pid namespaces are in use; " NSE_LIMIT("pid"),
	 .remedy = NSE_RAISE("pid")},
	ONE_LIMIT(NSL_NEWNS, "copy_mnt_ns", "mnt"),
	ONE_LIMIT(NSL_NEWUTS, "copy_utsname", "uts"),
	ONE_LIMIT(NSL_NEWIPC, "copy_ipcs", "ipc"),
	ONE_LIMIT(NSL_NEWCGROUP, "copy_cgroup_ns", "cgroup"),
	ONE_LIMIT(NSL_NEWNET, "copy_net_ns", "net"),
	ONE_LIMIT(NSL_NEWTIME, "copy_time_ns", "time"),
	{MAKERS, .err = ENOSPC, .all = NSL_NEWUSER, .place = "create_user_ns or one of copy_*()",
	 .check = "one of: the limit of one of the types asked for is reached, in this user "
		  "namespace or one above it (a limit, not disk space); user or pid namespaces are "
		  "nested too deeply",
	 .remedy = "compare /proc/sys/user/max_*_namespaces with lsns, and raise what is reached"},
	{MAKERS, .err = ENOSPC, .any = NSL_NEW_ALL, .place = "one of copy_*()",
	 .check = "the limit of one of the types asked for is reached, in this user namespace or "
		  "one above it (a limit, not disk space)",
	 .remedy = "compare /proc/sys/user/max_*_namespaces with lsns, and raise what is reached"},
	{MAKERS, .err = EUSERS, .place = "create_user_ns",
	 .check = "user namespaces are nested too deeply", .remedy = "nest fewer"},

	/* unshare */
	{UNSHARE, .err = EINVAL, .so = NSE_UNKNOWN_FLAG, .place = "check_unshare_flags",
	 .check = "a flag that unshare does not take on this kernel", .remedy = "leave it out"},
	{UNSHARE, .err = EINVAL, .all = NSL_NEWTIME, .before = 5006, .place = "check_unshare_flags",
	 .check = "time namespaces exist since Linux 5.6", .remedy = "use a newer kernel"},
	{UNSHARE, .err = EINVAL, .all = NSL_NEWUSER | NSL_NEWPID, .so = NSE_PENDING_PID,
	 .place = "check_unshare_flags or copy_pid_ns",
	 .check = "one of: the process has more than one thread; " NSE_PENDING_PID_TEXT,
	 .remedy = NSE_PENDING_PID_REMEDY},
	{UNSHARE, .err = EINVAL, .all = NSL_NEWUSER, .place = "check_unshare_flags",
	 .check = "the process has more than one thread: threads cannot be in different user "
		  "namespaces",
	 .remedy = "call it before threads are started, or in a child after fork"},
	{UNSHARE, .err = EINVAL, .any = NSE_THREAD | NSE_SIGHAND | NSE_VM,
	 .place = "check_unshare_flags",
	 .check = "what the flags would separate is still shared: the process has more than one "
		  "thread, or shares its signal handlers or memory",
	 .remedy = "call it from a process with a single thread"},
	{UNSHARE, .err = EINVAL, .all = NSL_NEWPID, .so = NSE_PENDING_PID, .place = "copy_pid_ns",
	 .check = NSE_PENDING_PID_TEXT, .remedy = NSE_PENDING_PID_REMEDY},
	{UNSHARE, .err = EINVAL, .all = NSL_NEWPID, .place = "copy_pid_ns",
	 .check = "one of: a pid namespace is pending already (pid_for_children is not the task's "
		  "own); the new owner is not at or below the owner of the parent pid namespace",
	 .remedy = NSE_PENDING_PID_REMEDY},
	{UNSHARE, .err = EINVAL, .any = NSL_NEW_ALL, .place = "one of copy_*()",
	 .check = "this kernel is built without a namespace type that was asked for",
	 .remedy = "use a kernel that has it"},
	{UNSHARE, .err = EINVAL, .place = "check_unshare_flags", .check = "a flag is not valid"},
	{UNSHARE, .err = EINTR, .place = "copy_net_ns",
	 .check = "the task was killed while it waited for the lock over all network namespaces"},
	{UNSHARE, .err = EMFILE, .place = "unshare_fd",
	 .check = "the descriptor table could not be copied below RLIMIT_NOFILE",
	 .remedy = "raise ulimit -n"},
	{UNSHARE, .err = EAGAIN, .since = 5015, .place = "set_cred_ucounts",
	 .check = "the counters of the new user namespace could not be had",
	 .remedy = NSE_FREE_MEMORY},
	{UNSHARE, .err = ENOMEM, .place = "ksys_unshare", .check = NSE_NO_MEMORY,
	 .remedy = NSE_FREE_MEMORY},
	{UNSHARE, .err = ENOSYS, .place = "the system call table",
	 .check = "this kernel, or a seccomp filter, does not offer the system call"},

	/* setns */
	{SETNS, .err = EBADF, .place = "setns", .check = "the descriptor is not open",
	 .remedy = "open /proc/PID/ns/TYPE, or a pidfd, first"},
	{SETNS, .err = EINVAL, .so = NSE_MISMATCH, .place = "setns",
	 .check = "the descriptor names a namespace of another type than nstype asks for",
	 .remedy = "pass the type of the descriptor, or 0 for any"},
	{SETNS, .err = EINVAL, .so = NSE_TARGET_OTHER, .place = "setns",
	 .check = "the descriptor is neither a namespace file nor a pidfd",
	 .remedy = "open /proc/PID/ns/TYPE"},
	{SETNS, .err = EINVAL, .so = NSE_TARGET_PIDFD, .before = 5008, .place = "setns",
	 .check = "setns takes a pidfd since Linux 5.8 only", .remedy = "open /proc/PID/ns/TYPE"},
	{SETNS, .err = EINVAL, .so = NSE_TARGET_PIDFD | NSE_NO_FLAGS, .place = "check_setns_flags",
	 .check = "with a pidfd the types must be named, and nstype is 0",
	 .remedy = "pass CLONE_NEW* flags"},
	{SETNS, .err = EINVAL, .so = NSE_TARGET_PIDFD | NSE_UNKNOWN_FLAG,
	 .place = "check_setns_flags", .check = "nstype has bits that are not CLONE_NEW* flags",
	 .remedy = "leave them out"},
	{SETNS, .err = EINVAL, .so = NSE_OWN_USER, .place = "userns_install",
	 .check = "the target is the user namespace that the caller is in: entering it again would "
		  "give back dropped capabilities",
	 .remedy = "leave this step out"},
	{SETNS, .err = EINVAL, .all = NSL_NEWUSER, .so = NSE_NSFS, .place = "userns_install",
	 .check = "one of: the process has more than one thread; it shares its root and working "
		  "directory (CLONE_FS); the target is the caller's own user namespace",
	 .remedy = "call it from a process with a single thread that is not in the target"},
	{SETNS, .err = EINVAL, .all = NSL_NEWNS, .so = NSE_NSFS, .place = "mntns_install",
	 .check = "one of: the caller shares its root and working directory with another thread or "
		  "process (CLONE_FS); the target is an anonymous mount namespace",
	 .remedy = "unshare(CLONE_FS) first, or call it from a process with a single thread"},
	{SETNS, .err = EINVAL, .all = NSL_NEWPID, .so = NSE_NSFS, .place = "pidns_install",
	 .check = "the target is neither the task's own pid namespace nor one below it; nobody can "
		  "move up",
	 .remedy = "fork a helper before entering, or start from a task above the target"},
	{SETNS, .err = EINVAL, .so = NSE_TARGET_PIDFD, .place = "setns or one of *_install()",
	 .check =
		 "one of: a type that this kernel is built without; the caller's own user "
		 "namespace; user or mnt from a process with several threads; a pid namespace that "
		 "is not below the caller's",
	 .remedy = "join the types one by one to see which refuses"},
	{SETNS, .err = EINVAL, .place = "setns",
	 .check = "one of: the descriptor is neither a namespace file nor a pidfd; nstype is not "
		  "its type; the namespace does not accept this caller"},
	{SETNS, .err = EPERM, .all = NSL_NEWUSER, .so = NSE_NSFS, .place = "userns_install",
	 .check = "CAP_SYS_ADMIN is missing in the target user namespace",
	 .remedy = "call it as the owner of the target, from its parent user namespace"},
	{SETNS, .err = EPERM, .all = NSL_NEWNS, .so = NSE_NSFS, .place = "mntns_install",
	 .check = "CAP_SYS_ADMIN is needed in the user namespace that owns the target and in the "
		  "caller's own, and CAP_SYS_CHROOT in the caller's own; one of the three is "
		  "missing",
	 .remedy = NSE_JOIN_OWNER},
	JOIN_EPERM(NSL_NEWUTS, "utsns_install"),
	JOIN_EPERM(NSL_NEWIPC, "ipcns_install"),
	JOIN_EPERM(NSL_NEWPID, "pidns_install"),
	JOIN_EPERM(NSL_NEWCGROUP, "cgroupns_install"),
	JOIN_EPERM(NSL_NEWNET, "netns_install"),
	JOIN_EPERM(NSL_NEWTIME, "timens_install"),
	{SETNS, .err = EPERM, .so = NSE_TARGET_PIDFD | NSE_NO_INSTALL, .place = "validate_nsset",
	 .check = "the caller may not look at the target process (the check that ptrace uses)",
	 .remedy = "run as the same user with all its capabilities, or as root"},
	{SETNS, .err = EPERM, .place = "validate_nsset or one of *_install()",
	 .check = "one of: the caller may not look at the target process (the check that ptrace "
		  "uses); CAP_SYS_ADMIN is missing over one of the namespaces or in the caller's "
		  "own user namespace",
	 .remedy = NSE_JOIN_OWNER},
	{SETNS, .err = ESRCH, .place = "validate_nsset",
	 .check = "the process behind the pidfd is gone, or has given up its namespaces while "
		  "exiting",
	 .remedy = "keep /proc/PID/ns/TYPE open instead: it outlives the process"},
	{SETNS, .err = EUSERS, .place = "timens_install",
	 .check = "the process has more than one thread: their shared memory maps one time page",
	 .remedy = "call it before threads are started"},
	{SETNS, .err = ENOMEM, .place = "prepare_nsset",
	 .check = "no memory for the private nsproxy that is changed first",
	 .remedy = NSE_FREE_MEMORY},
	{SETNS, .err = ENOENT, .place = "mntns_install",
	 .check = "the root directory of the target could not be looked up"},
	{SETNS, .err = EACCES, .place = "setns", .check = "a security module refused",
	 .remedy = "look into the log of the security module"},
	{SETNS, .err = ENOSYS, .place = "the system call table",
	 .check = "this kernel, or a seccomp filter, does not offer the system call"},

	/* exec: a failure that a program sees comes before anything about namespaces */
	{.calls = NSE_EXEC,
	 .err = 0,
	 .place = "execve",
	 .check = "the new program could not be started; the namespaces stay as they are"},
};

const size_t nse_by_call_count = sizeof(nse_by_call) / sizeof(nse_by_call[0]);
