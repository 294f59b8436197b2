// SPDX-License-Identifier: GPL-2.0-only
/* A table of kernel functions. */
#include "functions.h"

#include <string.h>

#include "function.h"

#define STEP(name, file)                                                                           \
	{                                                                                          \
#name, file, NSL_FN_##name, 0, 0, NULL                                             \
	}
#define STEP_SINCE(name, file, v)                                                                  \
	{                                                                                          \
#name, file, NSL_FN_##name, v, 0, NULL                                             \
	}
#define STEP_BEFORE(name, file, v)                                                                 \
	{                                                                                          \
#name, file, NSL_FN_##name, 0, v, NULL                                             \
	}
#define FN(name, file, since, before, text)                                                        \
	{                                                                                          \
		name, file, NSL_FN_NONE, since, before, text                                       \
	}

#define NSPROXY "kernel/nsproxy.c"
#define FORK	"kernel/fork.c"
#define CRED	"kernel/cred.c"
#define USER	"kernel/user_namespace.c"
#define MNT	"fs/namespace.c"
#define UTS	"kernel/utsname.c"
#define IPC	"ipc/namespace.c"
#define PID	"kernel/pid_namespace.c"
#define CGROUP	"kernel/cgroup/namespace.c"
#define NET	"net/core/net_namespace.c"
#define TIME	"kernel/time/namespace.c"
#define NSFS	"fs/nsfs.c"

const struct nse_kfn nse_kfns[] = {
	STEP(copy_namespaces, NSPROXY),
	STEP(unshare_nsproxy_namespaces, NSPROXY),
	STEP(create_new_namespaces, NSPROXY),
	STEP(copy_mnt_ns, MNT),
	STEP(copy_utsname, UTS),
	STEP(copy_ipcs, IPC),
	STEP(copy_pid_ns, PID),
	STEP(copy_cgroup_ns, CGROUP),
	STEP(copy_net_ns, NET),
	STEP_SINCE(copy_time_ns, TIME, 5006),
	STEP(create_user_ns, USER),
	STEP(mntns_install, MNT),
	STEP(utsns_install, UTS),
	STEP(ipcns_install, IPC),
	STEP(pidns_install, PID),
	STEP(cgroupns_install, CGROUP),
	STEP(netns_install, NET),
	STEP_SINCE(timens_install, TIME, 5006),
	STEP(userns_install, USER),
	STEP(switch_task_namespaces, NSPROXY),
	STEP(commit_creds, CRED),
	STEP_SINCE(exec_task_namespaces, NSPROXY, 6002),
	STEP_BEFORE(exit_task_namespaces, NSPROXY, 6019),
	STEP_SINCE(exit_nsproxy_namespaces, NSPROXY, 6019),
	STEP_BEFORE(free_nsproxy, NSPROXY, 6019),
	STEP_SINCE(nsproxy_ns_active_put, NSFS, 6019),
	STEP_SINCE(put_nsset, NSPROXY, 5008),
	STEP(zap_pid_ns_processes, PID),
	STEP(put_mnt_ns, MNT),
	STEP(put_uts_ns, "include/linux/utsname.h"),
	STEP(put_ipc_ns, IPC),
	STEP(put_pid_ns, PID),
	STEP(put_cgroup_ns, "include/linux/cgroup.h, since 6.18 cgroup_namespace.h"),
	STEP(put_net, "include/net/net_namespace.h"),
	STEP(put_user_ns, "include/linux/user_namespace.h"),

	FN("clone3_args_valid", FORK, 5003, 0,
	   "Looks at the arguments of clone3 before anything is allocated: flags, exit signal, "
	   "stack."),
	FN("copy_clone_args_from_user", FORK, 5003, 0,
	   "Reads the structure that clone3 is given, whatever its size, and refuses what this "
	   "kernel cannot know."),
	FN("kernel_clone", FORK, 5010, 0,
	   "The common way of clone, clone3, fork and vfork: has copy_process() make the child, "
	   "tells tracers, wakes it. Up to Linux 5.9 it was called _do_fork."),
	FN("copy_process", FORK, 0, 0,
	   "Makes a child that does not run yet: checks the flags, copies or shares one part of "
	   "the parent after the other, namespaces among them, and undoes all of it if a later "
	   "part fails."),
	FN("copy_creds", CRED, 0, 0,
	   "Gives the child its credentials. Threads share those of the parent; others get a "
	   "copy, with CLONE_NEWUSER in a new user namespace. It runs before copy_namespaces()."),
	FN("set_cred_ucounts", CRED, 5015, 0,
	   "Binds new credentials to the counters of their user in their user namespace."),
	FN("alloc_pid", "kernel/pid.c", 0, 0,
	   "Takes a process id in pid_for_children and one in each pid namespace above it: a "
	   "process has one number a level."),
	FN("cgroup_can_fork", "kernel/cgroup/cgroup.c", 0, 0,
	   "Asks the cgroup whether the child may be born there: CLONE_INTO_CGROUP and the pids "
	   "controller are decided here."),
	FN("cgroup_css_set_fork", "kernel/cgroup/cgroup.c", 5007, 0,
	   "Finds the cgroup of the child; with CLONE_INTO_CGROUP it checks that the caller may "
	   "put a process there."),
	FN("timens_on_fork", TIME, 5006, 0,
	   "Moves a task from time to time_for_children in an nsproxy that it alone uses."),
	FN("timens_commit", TIME, 5015, 0,
	   "Shows the task the offsets of its time namespace through the time page that is mapped "
	   "into its memory."),
	FN("ksys_unshare", FORK, 4017, 0,
	   "unshare(2): adds the flags that others imply, makes private copies of all that is "
	   "asked for, and swaps them in together when nothing can fail any more."),
	FN("check_unshare_flags", FORK, 0, 0,
	   "Refuses flags that unshare does not take, and those that ask a process with several "
	   "threads to split what its threads must share."),
	FN("unshare_fs", FORK, 0, 0,
	   "Makes a private copy of root, working directory and umask. A new mount namespace "
	   "needs one."),
	FN("unshare_fd", FORK, 0, 0, "Makes a private copy of the descriptor table."),
	FN("unshare_userns", USER, 0, 0,
	   "With CLONE_NEWUSER: prepares new credentials and has create_user_ns() make their user "
	   "namespace. Nobody sees them yet."),
	FN("setns", NSPROXY, 0, 0,
	   "Finds out what the descriptor is, prepares a private nsproxy, has the wanted "
	   "namespaces installed in it, and switches to it: all or nothing."),
	FN("check_setns_flags", NSPROXY, 5008, 0,
	   "With a pidfd: at least one CLONE_NEW* flag must be given, and nothing else."),
	FN("prepare_nsset", NSPROXY, 5008, 0,
	   "Makes what setns works on: a private nsproxy with the same namespaces as before, and "
	   "private credentials or root and working directory where they are needed."),
	FN("validate_nsset", NSPROXY, 5008, 0,
	   "setns by pidfd: checks that the caller may look at the target, takes references on "
	   "its namespaces and installs them one after the other, user first."),
	FN("commit_nsset", NSPROXY, 5008, 0,
	   "The part of setns that cannot fail: credentials, root and working directory, "
	   "semaphore undo list, time page, then the nsproxy."),
	FN("perf_event_namespaces", "kernel/events/core.c", 0, 0,
	   "Tells perf the namespaces of a task after a successful unshare or setns, and at fork."),
	FN("exit_sem", "ipc/sem.c", 0, 0,
	   "Applies and drops the semaphore undo list, which names semaphores of the ipc "
	   "namespace that is being left."),
	FN("inc_ucount", "kernel/ucount.c", 0, 0,
	   "Counts one more object of a kind for a user, in its user namespace and in every one "
	   "above it, and refuses where one of the limits is reached."),
	FN("do_exit", "kernel/exit.c", 0, 0,
	   "The end of a task: gives back memory, descriptors, root, then its nsproxy. User and "
	   "active pid namespace stay until it is reaped."),
	FN("exit_notify", "kernel/exit.c", 0, 0,
	   "Hands the children of an exiting task to another one and tells the parent. The last "
	   "thread of pid 1 ends its pid namespace here."),
	FN("begin_new_exec", "fs/exec.c", 5008, 0,
	   "The point of no return of exec: the old memory goes. Since Linux 6.2 a pending time "
	   "namespace is entered here."),
	FN("put_nsproxy", "include/linux/nsproxy.h", 0, 0,
	   "One user of an nsproxy less; the last one has it freed."),
	FN("deactivate_nsproxy", NSPROXY, 6019, 0,
	   "The last user of an nsproxy is gone: its namespaces lose their active references, "
	   "then its references, and its memory is given back."),
	FN("nsproxy_free", NSPROXY, 6019, 0,
	   "Puts the namespaces of an nsproxy that no task ever used, as after a setns that "
	   "failed. It is inline: no hook sees it."),
	FN("exit_cred_namespaces", NSPROXY, 6019, 0,
	   "Drops the active reference that a task has on its user namespace."),
	FN("exit_creds", CRED, 0, 0,
	   "Drops the credentials of a task, and with the last ones their user namespace."),
	FN("put_cred_rcu", CRED, 0, 0,
	   "Frees credentials after an RCU grace period, in whatever task runs then: the "
	   "reference on the user namespace goes here."),
	FN("setup_net", NET, 0, 0,
	   "Has every network subsystem set itself up in a new net namespace."),
	FN("copy_tree", MNT, 0, 0,
	   "Copies a tree of mounts, one by one. Bind mounts of mount namespace files are left "
	   "out."),
	FN("disable_pid_allocation", "kernel/pid.c", 0, 0,
	   "Closes a pid namespace to births: from now on alloc_pid() answers ENOMEM there."),
	FN("free_mnt_ns", MNT, 0, 0,
	   "The end of a mount namespace, anonymous ones too. Inlined in some builds since "
	   "Linux 6.18."),
	FN("mnt_ns_release", MNT, 6011, 0,
	   "Frees the memory of a mount namespace when nobody lists its mounts any more."),
	FN("free_uts_ns", UTS, 0, 0, "The end of a uts namespace, at once."),
	FN("free_ipc", IPC, 5008, 0,
	   "Work item that ends ipc namespaces, several at a time: not in the task that dropped "
	   "the last reference."),
	FN("destroy_pid_namespace_work", PID, 6014, 0,
	   "Work item that ends a pid namespace whose last reference went."),
	FN("delayed_free_pidns", PID, 0, 0,
	   "Frees the memory of a pid namespace after an RCU grace period."),
	FN("__put_net", NET, 0, 0,
	   "The count of a net namespace has reached zero: it is handed to cleanup_net()."),
	FN("cleanup_net", NET, 0, 0,
	   "Work item that takes net namespaces down, all that wait at a time: every subsystem "
	   "leaves them."),
	FN("__put_user_ns", USER, 0, 0,
	   "The count of a user namespace has reached zero: its end is left to a work item."),
	FN("free_user_ns", USER, 0, 0,
	   "Work item that ends a user namespace, and its parents too where it was their last "
	   "holder."),
	FN("free_cgroup_ns", CGROUP, 0, 0, "The end of a cgroup namespace, at once."),
	FN("free_time_ns", TIME, 5006, 0, "The end of a time namespace, at once."),
	FN("nsfs_evict", NSFS, 0, 0,
	   "The last descriptor and the last bind mount of a namespace file are gone: the one "
	   "reference that all of them shared is put."),
	FN("ns_get_path", NSFS, 0, 0,
	   "Opens a namespace file: the first open makes one inode that holds one reference; "
	   "later ones share it."),
	FN("proc_alloc_inum", "fs/proc/generic.c", 0, 0,
	   "Gives a namespace its inode number. Numbers are used again soon after they are free."),
	FN("proc_free_inum", "fs/proc/generic.c", 0, 0,
	   "Takes the inode number of a namespace back: the sign of its death for every type."),
	FN("__ns_tree_add_raw", "kernel/nstree.c", 6018, 0,
	   "Publishes a new namespace with its number, which is never used again."),
	FN("__ns_tree_remove", "kernel/nstree.c", 6018, 0,
	   "Takes a namespace out of the tree of those that can be found: the sign of its death."),
};

const size_t nse_kfn_count = sizeof(nse_kfns) / sizeof(*nse_kfns);

const struct nse_kfn *nse_kfn_find(const char *name, size_t len)
{
	for (size_t i = 0; i < nse_kfn_count; i++)
		if (strlen(nse_kfns[i].name) == len && !strncmp(nse_kfns[i].name, name, len))
			return &nse_kfns[i];
	return NULL;
}

const char *nse_kfn_text(const struct nse_kfn *f)
{
	return f->text ? f->text : nse_function(f->step);
}
