// SPDX-License-Identifier: GPL-2.0-only
/* clone, clone3, fork and vfork. */
#include "paths_table.h"

static const struct nse_node nodes[] = {
	FN_IF(0, "copy_clone_args_from_user", "clone3", .since = 5003, .calls = NSE_CLONE3),
	FAIL(1, ERRS(E2BIG),
	     "the structure is larger than a page, or has bytes that this kernel "
	     "does not know and that are not zero"),
	FAIL(1, ERRS(EINVAL), "it is shorter than its first version (64 bytes)"),
	FAIL(1, ERRS(EFAULT), "it cannot be read"),
	FAIL(1, ERRS(EINVAL),
	     "set_tid has more than 32 numbers, or set_tid and its size "
	     "contradict each other; the exit signal is none"),
	FAIL(1, ERRS(EINVAL),
	     "CLONE_INTO_CGROUP, and the structure is too short for a cgroup or "
	     "its descriptor is no valid number",
	     .since = 5007, .all = NSE_INTO_CGROUP),
	FN_IF(0, "clone3_args_valid", "clone3", .since = 5003, .calls = NSE_CLONE3),
	FAIL(1, ERRS(EINVAL), "a flag that this kernel does not know", .so = NSE_UNKNOWN_FLAG),
	FAIL(1, ERRS(EINVAL), "CLONE_DETACHED", .all = NSE_DETACHED),
	FAIL(1, ERRS(EINVAL),
	     "bits of the exit signal inside the flags; only CLONE_NEWTIME may "
	     "stand there",
	     .so = NSE_SIGNAL_BITS),
	FAIL(1, ERRS(EINVAL), "CLONE_SIGHAND with CLONE_CLEAR_SIGHAND",
	     .all = NSE_SIGHAND | NSE_CLEAR_SIGHAND),
	FAIL(1, ERRS(EINVAL),
	     "CLONE_THREAD or CLONE_PARENT with an exit signal; stack and its "
	     "size do not fit"),
	IF(0, "clone",
	   "The low byte of the flags is the exit signal and is cut off, so CLONE_NEWTIME, "
	   "which lies inside it, cannot be asked for.",
	   .calls = 1u << NSL_SYS_CLONE),
	FN(0, "kernel_clone", .what = "Called _do_fork up to 5.9."),
	FAIL(1, ERRS(EINVAL), "CLONE_PIDFD and CLONE_PARENT_SETTID write to the same address",
	     .all = NSE_PIDFD | NSE_PARENT_SETTID),
	IF(1, "CLONE_EMPTY_MNTNS", "CLONE_NEWNS is added.", .since = 7001, .all = NSL_EMPTY_MNTNS),
	FN(1, "copy_process"),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWNS with CLONE_FS",
	     .what = "A root directory cannot be shared across mount namespaces.",
	     .all = NSL_NEWNS | NSE_FS),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWUSER with CLONE_FS", .all = NSL_NEWUSER | NSE_FS),
	FAIL(2, ERRS(EINVAL), "CLONE_THREAD without CLONE_SIGHAND", .all = NSE_THREAD,
	     .none = NSE_SIGHAND),
	FAIL(2, ERRS(EINVAL), "CLONE_SIGHAND without CLONE_VM", .all = NSE_SIGHAND, .none = NSE_VM),
	FAIL(2, ERRS(EINVAL), "CLONE_PARENT by pid 1 of a pid namespace", .all = NSE_PARENT),
	FAIL(2, ERRS(EINVAL), "CLONE_THREAD with CLONE_NEWUSER or CLONE_NEWPID", .all = NSE_THREAD,
	     .any = NSL_NEWUSER | NSL_NEWPID),
	FAIL(2, ERRS(EINVAL), "CLONE_THREAD while a pid namespace is pending",
	     .what = "The thread would live in another pid namespace than its process.",
	     .all = NSE_THREAD, .so = NSE_PENDING_PID),
	FAIL(2, ERRS(EINVAL), "CLONE_THREAD or CLONE_VM while a time namespace is pending",
	     .what = "vfork is among these.", .since = 5006, .before = 6002,
	     .any = NSE_THREAD | NSE_VM, .so = NSE_PENDING_TIME),
	FAIL(2, ERRS(EINVAL), "CLONE_PIDFD with CLONE_DETACHED", .all = NSE_PIDFD | NSE_DETACHED),
	FAIL(2, ERRS(EPERM),
	     "Debian: CLONE_NEWUSER while kernel.unprivileged_userns_clone is 0, "
	     "without CAP_SYS_ADMIN",
	     .fn = "create_user_ns", .all = NSL_NEWUSER),
	FAIL(2, ERRS(ERESTARTNOINTR), "a signal is waiting",
	     .what = "The signal is handled and the call made again; the program does not "
		     "notice."),
	FAIL(2, ERRS(ENOMEM), "no memory for the task"),
	DO(2, "The child's nsproxy is a borrowed pointer to its parent's: no reference yet."),
	SUB(2, nse_path_copy_creds),
	FAIL(2, ERRS(EAGAIN),
	     "the user has RLIMIT_NPROC processes, or the machine "
	     "kernel.threads-max threads"),
	IF(2, "CLONE_SYSVSEM", "The child shares the semaphore undo list.", .all = NSE_SYSVSEM),
	FAIL(2, ERRS(EAGAIN), "CLONE_FS while another thread is inside exec", .all = NSE_FS),
	FAIL(2, ERRS(ENOMEM), "no memory for descriptors, signal handlers or memory map"),
	SUB(2, nse_path_copy_namespaces),
	DO(2, "From here on a failure must give the nsproxy back."),
	FN(2, "alloc_pid", .what = "The number is taken in pid_for_children and above it."),
	FAIL(3, ERRS(EINVAL),
	     "a number of set_tid is out of range, or not 1 where the pid "
	     "namespace has no pid 1 yet"),
	FAIL(3, ERRS(EPERM),
	     "set_tid without CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN over the "
	     "owner of each pid namespace that it names"),
	FAIL(3, ERRS(EEXIST), "a number of set_tid is taken"),
	FAIL(3, ERRS(EAGAIN), "no number is free", .fn = "copy_process"),
	FAIL(3, ERRS(ENOMEM),
	     "pid 1 of the pid namespace is dead, so that nobody can be born "
	     "there; or there is no memory"),
	FAIL(2, ERRS(EMFILE, ENFILE, ENOMEM),
	     "CLONE_PIDFD: no free descriptor, too many open "
	     "files, or no memory",
	     .all = NSE_PIDFD),
	FAIL(2, ERRS(EFAULT), "CLONE_PIDFD: the result cannot be written", .all = NSE_PIDFD),
	FN(2, "cgroup_can_fork"),
	FN_IF(3, "cgroup_css_set_fork", "CLONE_INTO_CGROUP", .since = 5007, .all = NSE_INTO_CGROUP),
	FAIL(4, ERRS(EBADF), "the descriptor is no cgroup"),
	FAIL(4, ERRS(ENODEV), "the cgroup was removed"),
	FAIL(4, ERRS(EACCES, EPERM), "the caller may not put a process there"),
	FAIL(4, ERRS(EBUSY, EOPNOTSUPP),
	     "the cgroup can hold no process: it has controllers "
	     "enabled for its children, or is threaded"),
	FAIL(3, ERRS(EAGAIN), "the pids controller: the cgroup is at pids.max",
	     .fn = "copy_process"),
	FAIL(2, ERRS(ENOMEM),
	     "under the lock over all tasks: pid 1 of the pid namespace has died "
	     "meanwhile",
	     .fn = "alloc_pid"),
	FAIL(2, ERRS(EINTR), "the caller was killed"),
	DO(2, "Nothing can fail any more."),
	IF(2, "the new number is 1",
	   "The child is the reaper of its pid namespace: when it dies, "
	   "everybody in it dies.",
	   .any = NSL_NEWPID),
	DO(2, "The tracepoint task_newtask; the child's namespaces are final."),
	UNDO(2, "something failed after copy_namespaces()",
	     "The parent takes the nsproxy away from "
	     "the child that never ran: what was new is destroyed.",
	     .fn = "exit_task_namespaces", .before = 6019),
	UNDO(2, "something failed after copy_namespaces()",
	     "The parent takes the nsproxy away from "
	     "the child that never ran: what was new is destroyed.",
	     .fn = "exit_nsproxy_namespaces", .since = 6019),
	UNDO(2, "something failed after copy_creds()",
	     "The credentials go, and with them a user "
	     "namespace that was made for the child.",
	     .fn = "exit_creds"),
	DO(1, "The tracepoint sched_process_fork; the child is woken."),
};

const struct nse_path nse_path_clone = {"clone", NSE_CLONES, NODES(nodes)};
