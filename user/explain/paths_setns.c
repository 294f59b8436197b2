// SPDX-License-Identifier: GPL-2.0-only
/* setns, by namespace file and by pidfd. */
#include "paths_table.h"

#define BOTH                                                                                       \
	"CAP_SYS_ADMIN is missing in the user namespace that owns the target, or in the caller's"
#define INSTALL(name, flag, bit, ...)                                                              \
	FN_IF(2, name, flag, .all = bit, __VA_ARGS__), FAIL(3, ERRS(EPERM), BOTH)
#define PUT(effect) IF(3, "the checks passed", effect, .outcomes = OUT(NSM_INSTALLED))

static const struct nse_node nodes[] = {
	FN(0, "setns"),
	FAIL(1, ERRS(EBADF), "the descriptor is not open"),
	FAIL(1, ERRS(EINVAL), "it is no namespace file", .before = 5008, .so = NSE_TARGET_OTHER),
	FAIL(1, ERRS(EINVAL), "it is a pidfd", .before = 5008, .so = NSE_TARGET_PIDFD),
	FAIL(1, ERRS(EINVAL), "it is neither a namespace file nor a pidfd", .since = 5008,
	     .so = NSE_TARGET_OTHER),
	FAIL(1, ERRS(EINVAL), "a namespace file whose type is not nstype (0 takes any)",
	     .what = "Nothing else has run.", .so = NSE_MISMATCH),
	FN_IF(1, "check_setns_flags", "a pidfd", .since = 5008, .so = NSE_TARGET_PIDFD),
	FAIL(2, ERRS(EINVAL), "nstype is 0: with a pidfd the types must be named", .since = 5008,
	     .so = NSE_NO_FLAGS),
	FAIL(2, ERRS(EINVAL), "nstype has bits that are no CLONE_NEW* flags", .since = 5008,
	     .so = NSE_UNKNOWN_FLAG),
	FAIL(2, ERRS(EINVAL), "a type that the kernel is built without", .since = 5008,
	     .fn = "setns"),
	FN(1, "prepare_nsset", .since = 5008,
	   .what = "create_new_namespaces() runs with no flag at all: a private nsproxy with the "
		   "same "
		   "namespaces, each of which counts one more."),
	FAIL(2, ERRS(ENOMEM), "no memory for the private nsproxy", .since = 5008),
	IF(2, "the user namespace is wanted", "Credentials are prepared.", .since = 5008,
	   .all = NSL_NEWUSER),
	IF(2, "the mount namespace is wanted, and others with it",
	   "Root and working directory are "
	   "copied; alone it uses the task's own.",
	   .since = 5008, .all = NSL_NEWNS),
	FN_IF(1, "validate_nsset", "a pidfd", .since = 5008, .so = NSE_TARGET_PIDFD,
	      .what = "The order is user, mnt, uts, ipc, pid, cgroup, net, time; the first error "
		      "ends it."),
	FAIL(2, ERRS(ESRCH), "the target is gone", .since = 5008),
	FAIL(2, ERRS(EPERM), "the caller may not look at the target: the check that ptrace uses",
	     .since = 5008, .so = NSE_NO_INSTALL),
	FAIL(2, ERRS(ESRCH), "the target is exiting and has given up its nsproxy", .since = 5008),
	IF(1, "a namespace file", "One install, that of its type.", .so = NSE_NSFS),
	DO(1, "The installs; each changes the private copy alone."),
	FN_IF(2, "userns_install", "user", .all = NSL_NEWUSER),
	FAIL(3, ERRS(EINVAL), "the target is the caller's own user namespace",
	     .what = "Entering it again would give back dropped capabilities.", .so = NSE_OWN_USER),
	FAIL(3, ERRS(EINVAL), "the process has more than one thread"),
	FAIL(3, ERRS(EINVAL), "root and working directory are shared (CLONE_FS)"),
	FAIL(3, ERRS(EPERM), "CAP_SYS_ADMIN is missing in the target"),
	PUT("The prepared credentials get the target, with every capability in it. Installs after "
	    "this one check the new user namespace."),
	FN_IF(2, "mntns_install", "mnt", .all = NSL_NEWNS),
	FAIL(3, ERRS(EPERM), BOTH ", or CAP_SYS_CHROOT in the caller's"),
	FAIL(3, ERRS(EINVAL), "the target is an anonymous mount namespace"),
	FAIL(3, ERRS(EINVAL),
	     "root and working directory are shared with another thread or "
	     "process (CLONE_FS)"),
	FAIL(3, ERRS(ENOENT),
	     "the root of the target could not be looked up; its errno is "
	     "returned"),
	PUT("Root and working directory become the root of the target."),
	INSTALL("utsns_install", "uts", NSL_NEWUTS),
	PUT("The slot uts of the private nsproxy."),
	INSTALL("ipcns_install", "ipc", NSL_NEWIPC),
	PUT("The slot ipc of the private nsproxy."),
	INSTALL("pidns_install", "pid", NSL_NEWPID),
	FAIL(3, ERRS(EINVAL), "the target is neither the caller's own pid namespace nor below it"),
	PUT("The slot pid_for_children alone: the caller keeps its pid namespace. From a pidfd it "
	    "is "
	    "the namespace that the target lives in."),
	INSTALL("cgroupns_install", "cgroup", NSL_NEWCGROUP),
	IF(3, "the caller is in it already", "Nothing to do.", .all = NSL_NEWCGROUP),
	PUT("The slot cgroup of the private nsproxy. The task's cgroup does not change."),
	INSTALL("netns_install", "net", NSL_NEWNET),
	PUT("The slot net of the private nsproxy. Open sockets stay where they were made."),
	FN_IF(2, "timens_install", "time", .since = 5006, .all = NSL_NEWTIME),
	FAIL(3, ERRS(EUSERS), "the process has more than one thread", .since = 5006,
	     .what = "This is asked before the capabilities are."),
	FAIL(3, ERRS(EPERM), BOTH, .since = 5006),
	IF(3, "the checks passed", "Both time slots: it takes effect at once.", .since = 5006,
	   .outcomes = OUT(NSM_INSTALLED)),
	FN(1, "commit_nsset", .since = 5008, .what = "Nothing can fail any more."),
	FN_IF(2, "commit_creds", "the user namespace is wanted", .all = NSL_NEWUSER),
	IF(2, "mnt with others", "Root and working directory are moved.", .all = NSL_NEWNS),
	FN_IF(2, "exit_sem", "ipc", .all = NSL_NEWIPC),
	FN_IF(2, "timens_commit", "time", .since = 5006, .all = NSL_NEWTIME),
	FN(2, "switch_task_namespaces",
	   .what = "The old nsproxy counts one user less. setns(user) "
		   "comes here too, with eight pointers that have not changed."),
	SUB(3, nse_path_drop_nsproxy),
	FN(1, "perf_event_namespaces"),
	UNDO(1, "something failed",
	     "put_nsset() frees the private nsproxy: all or nothing, the task "
	     "is as before.",
	     .fn = "put_nsset", .since = 5008),
};

const struct nse_path nse_path_setns = {"setns", NSE_SETNS, NODES(nodes)};
