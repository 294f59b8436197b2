// SPDX-License-Identifier: GPL-2.0-only
/* unshare */
#include "paths_table.h"

static const struct nse_node nodes[] = {
	FN(0, "ksys_unshare"),
	IF(1, "CLONE_NEWUSER", "CLONE_THREAD and CLONE_FS are added.", .all = NSL_NEWUSER),
	IF(1, "CLONE_VM", "CLONE_SIGHAND is added, and with it CLONE_THREAD.", .all = NSE_VM),
	IF(1, "CLONE_SIGHAND", "CLONE_THREAD is added.", .all = NSE_SIGHAND),
	IF(1, "UNSHARE_EMPTY_MNTNS",
	   "CLONE_NEWNS is added, and the new mount namespace will be "
	   "empty.",
	   .since = 7001, .all = NSE_UNSHARE_EMPTY_MNTNS),
	IF(1, "CLONE_NEWNS",
	   "CLONE_FS is added: root and working directory must be the caller's "
	   "own before they can move.",
	   .all = NSL_NEWNS),
	FAIL(1, ERRS(EPERM),
	     "Debian: CLONE_NEWUSER while kernel.unprivileged_userns_clone is 0, "
	     "without CAP_SYS_ADMIN",
	     .fn = "create_user_ns", .all = NSL_NEWUSER),
	FN(1, "check_unshare_flags"),
	FAIL(2, ERRS(EINVAL), "a flag that unshare does not take", .so = NSE_UNKNOWN_FLAG),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWTIME", .before = 5006, .all = NSL_NEWTIME),
	FAIL(2, ERRS(EINVAL),
	     "CLONE_THREAD, CLONE_SIGHAND or CLONE_VM, and the process has more "
	     "than one thread",
	     .what = "CLONE_NEWUSER implies CLONE_THREAD.",
	     .any = NSL_NEWUSER | NSE_THREAD | NSE_SIGHAND | NSE_VM),
	FAIL(2, ERRS(EINVAL),
	     "CLONE_SIGHAND or CLONE_VM, and the signal handlers are shared; "
	     "CLONE_VM, and the memory is",
	     .any = NSE_SIGHAND | NSE_VM),
	FN_IF(1, "unshare_fs", "CLONE_FS, also where it was implied",
	      .any = NSE_FS | NSL_NEWNS | NSL_NEWUSER,
	      .what = "A copy is made where root and working directory are shared; with "
		      "CLONE_NEWNS "
		      "always in fixed kernels (6.1.192, 6.12.117, 6.19.9, 7.0 and later). In "
		      "others a "
		      "later failure leaves root and working directory inside the tree that was "
		      "destroyed."),
	FAIL(2, ERRS(ENOMEM), "no memory for the copy", .fn = "ksys_unshare"),
	FN_IF(1, "unshare_fd", "CLONE_FILES", .all = NSE_FILES),
	FAIL(2, ERRS(EMFILE), "the table has more descriptors than may be had"),
	FAIL(2, ERRS(ENOMEM), "no memory for the copy", .fn = "ksys_unshare"),
	FN_IF(1, "unshare_userns", "CLONE_NEWUSER", .all = NSL_NEWUSER),
	FAIL(2, ERRS(ENOMEM), "no memory for new credentials", .fn = "ksys_unshare"),
	SUB(2, nse_path_create_user_ns),
	FN(1, "unshare_nsproxy_namespaces"),
	IF(2, "no flag of an nsproxy type",
	   "Nothing to do: unshare(CLONE_NEWUSER) alone makes no "
	   "nsproxy.",
	   .none = SEVEN),
	FAIL(2, ERRS(EPERM), "CAP_SYS_ADMIN is missing in the user namespace that will own them",
	     .what = "With CLONE_NEWUSER that is the new one. CLONE_NEWIPC with CLONE_SYSVSEM is "
		     "no error here: the undo list is dropped instead.",
	     .any = SEVEN),
	SUB(2, nse_path_create, .any = SEVEN),
	FN_IF(1, "set_cred_ucounts", "CLONE_NEWUSER", .since = 5015, .all = NSL_NEWUSER),
	FAIL(2, ERRS(EAGAIN), "the counters of the new user namespace could not be had",
	     .since = 5015,
	     .what = "Kernels without a later fix lose the new nsproxy here and "
		     "never free it."),
	DO(1, "Nothing can fail any more."),
	FN_IF(1, "exit_sem", "CLONE_NEWIPC or CLONE_SYSVSEM", .any = NSL_NEWIPC | NSE_SYSVSEM),
	IF(1, "CLONE_NEWIPC",
	   "Shared memory of the old ipc namespace is no longer the task's "
	   "own to clean up.",
	   .all = NSL_NEWIPC),
	FN_IF(1, "switch_task_namespaces", "an nsproxy was made", .any = SEVEN,
	      .what = "The task still has its old user namespace at this moment."),
	SUB(2, nse_path_drop_nsproxy),
	IF(1, "copies were made", "Root, working directory and descriptors are swapped."),
	FN_IF(1, "commit_creds", "CLONE_NEWUSER", .all = NSL_NEWUSER,
	      .what = "Last of all: the task is in the new user namespace."),
	FN(1, "perf_event_namespaces"),
	UNDO(1, "something failed",
	     "Everything that was prepared is dropped: the new user "
	     "namespace too. The task is as before."),
};

const struct nse_path nse_path_unshare = {"unshare", NSE_UNSHARE, NODES(nodes)};
