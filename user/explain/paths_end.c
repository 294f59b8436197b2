// SPDX-License-Identifier: GPL-2.0-only
/* exec, exit, and the end of namespaces by type. */
#include "paths_table.h"

static const struct nse_node exec[] = {
	FN(0, "begin_new_exec",
	   .what = "Before it every failure leaves the old program as it was."),
	DO(1, "No namespace changes at exec.", .before = 6002),
	FN(1, "exec_task_namespaces", .since = 6002),
	IF(2, "time_for_children is the same as time", "Nothing to do: the usual case.",
	   .since = 6002, .not_so = NSE_PENDING_TIME),
	IF(2, "a time namespace is pending",
	   "create_new_namespaces() makes a private nsproxy without "
	   "any flag; time moves to time_for_children in it, and the task switches to it.",
	   .since = 6002, .so = NSE_PENDING_TIME),
	FAIL(2, ERRS(ENOMEM), "no memory for that nsproxy", .since = 6002, .so = NSE_PENDING_TIME,
	     .what = "The old program is gone, so no errno can be returned: the task is killed."),
	SUB(2, nse_path_drop_nsproxy, .since = 6002, .so = NSE_PENDING_TIME),
	DO(1, "Credentials may change (set-uid programs, file capabilities), the user namespace "
	      "never does."),
};

const struct nse_path nse_path_exec = {"exec", NSE_EXEC, NODES(exec)};

static const struct nse_node exits[] = {
	FN(0, "do_exit"),
	DO(1, "The tracepoint sched_process_exit: nsproxy and credentials are still whole."),
	FN(1, "exit_sem", .what = "The semaphore undo list is applied."),
	DO(1, "Descriptors are closed. The last close of a namespace file is deferred until the "
	      "nsproxy is gone."),
	FN(1, "exit_task_namespaces", .before = 6019),
	FN(1, "exit_nsproxy_namespaces", .since = 6019),
	FN(2, "switch_task_namespaces",
	   .what = "task->nsproxy becomes NULL: others find no namespaces "
		   "of this task any more. Each thread does this for itself."),
	SUB(2, nse_path_drop_nsproxy),
	DO(1, "Deferred closes: a namespace file gives its reference back here."),
	FN(1, "exit_notify"),
	FN_IF(2, "zap_pid_ns_processes", "it is the last thread of pid 1 of its pid namespace"),
	DO(3,
	   "disable_pid_allocation(): from now on a fork into this namespace fails with ENOMEM."),
	DO(3, "SIGKILL to every other task in it and in the namespaces below."),
	DO(3, "It waits until all of them are gone. One that cannot die makes it wait for ever."),
	IF(2, "the initial pid namespace loses its pid 1", "The kernel panics."),
	DO(1, "The task is a zombie. Its credentials hold its user namespace, its number holds its "
	      "pid namespace."),
	FN(0, "exit_cred_namespaces", .since = 6019,
	   .what = "When the zombie is reaped: the user "
		   "namespace loses this active reference."),
	FN(0, "put_cred_rcu",
	   .what = "After that and an RCU grace period the credentials go, and their "
		   "reference on the user namespace."),
};

const struct nse_path nse_path_exit = {"exit", 1u << NSL_SYS_EXIT, NODES(exits)};

static const struct nse_node ends[] = {
	FN(0, "nsfs_evict",
	   .what = "One way to lose a reference: the last descriptor and the last "
		   "bind mount of the namespace file are gone."),
	FN(0, "put_mnt_ns", .what = "At once, in the task that dropped the last reference."),
	DO(1, "All mounts are taken down."),
	FN(1, "free_mnt_ns"),
	FN_IF(1, "mnt_ns_release", "nobody lists its mounts any more", .since = 6011,
	      .what = "Since 6.18 after an RCU grace period."),
	FN(0, "put_uts_ns", .what = "At once."),
	FN(1, "free_uts_ns"),
	FN(0, "put_ipc_ns"),
	IF(1, "Linux up to 5.7", "Freed at once.", .before = 5008),
	FN(1, "free_ipc", .since = 5008,
	   .what = "A work item, so in a kernel worker and a little "
		   "later: semaphores, queues and segments that are left go with it."),
	FN(0, "put_pid_ns", .what = "Goes on with the parent where this was its last child."),
	FN(1, "destroy_pid_namespace_work", .since = 6014,
	   .what = "A work item. Before 6.14 its "
		   "work was done at once."),
	FN(1, "delayed_free_pidns"),
	FN(0, "put_net"),
	FN(1, "__put_net"),
	FN(1, "cleanup_net",
	   .what = "A work item that takes many namespaces at a time: every network "
		   "subsystem leaves them."),
	FN(0, "put_user_ns"),
	FN(1, "__put_user_ns"),
	FN(1, "free_user_ns",
	   .what = "A work item, for the last reference often goes in an RCU "
		   "callback. Goes on with the parent where this was its last holder."),
	FN(0, "put_cgroup_ns", .what = "At once; the pinned root is let go."),
	FN(1, "free_cgroup_ns"),
	FN(0, "free_time_ns", .since = 5006, .what = "At once."),
	FN(0, "proc_free_inum", .before = 6018,
	   .what = "Every type gives its inode number back: "
		   "nslens sees deaths here."),
	FN(0, "__ns_tree_remove", .since = 6018,
	   .what = "Every type but anonymous mount namespaces "
		   "leaves the tree of namespaces."),
};

const struct nse_path nse_path_destruction = {"destruction", 0, NODES(ends)};
