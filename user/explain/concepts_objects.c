// SPDX-License-Identifier: GPL-2.0-only
/* Concepts: the objects of the kernel that namespaces are made of. */
#include "topics.h"

#define CONCEPT(n, a, ...)                                                                         \
	{                                                                                          \
		.kind = NSE_CONCEPT, .name = n, .aliases = a, __VA_ARGS__                          \
	}

static const struct nse_topic rows[] = {
	CONCEPT("nsproxy", "struct nsproxy",
		.text = "The object that holds the namespaces of a task except its user namespace "
			"and "
			"its own pid namespace: one pointer a slot. Most tasks share the nsproxy "
			"of their "
			"parent, so a fork costs one increment instead of eight. Once visible it "
			"never "
			"changes: who changes one namespace gets a changed copy.",
		.notes = {{5006, 0,
			   "It has eight slots; before 5.6 there were six, without the two "
			   "of time namespaces."}},
		.fns = "copy_namespaces create_new_namespaces switch_task_namespaces put_nsproxy",
		.see = "slot,count,fast path,private nsproxy"),
	CONCEPT("slot", "slots",
		.text = "One pointer in an nsproxy. The slots are mnt, uts, ipc, pid_for_children, "
			"net, "
			"time, time_for_children and cgroup. The user namespace and the active pid "
			"namespace "
			"are no slots, so no change of the nsproxy moves a task to others of "
			"these.",
		.fns = "create_new_namespaces",
		.see = "nsproxy,pid_for_children,active pid namespace,credentials"),
	CONCEPT("pid_for_children", "pid_ns_for_children",
		.text = "The slot that names the pid namespace in which the next child is born. "
			"unshare(CLONE_NEWPID) and setns to a pid namespace change this slot "
			"alone. The task "
			"itself stays where its numbers are.",
		.fns = "copy_pid_ns pidns_install alloc_pid",
		.see = "active pid namespace,pending pid namespace"),
	CONCEPT("active pid namespace", "pid_active,own pid namespace",
		.text = "The pid namespace that a task lives in: the deepest of those in which its "
			"struct pid has a number. It is fixed at birth and no call changes it, for "
			"programs and "
			"the kernel rely on numbers that stay. It is reached through the task's "
			"pid, not "
			"through its nsproxy.",
		.fns = "alloc_pid", .see = "pid_for_children,level,keeper"),
	CONCEPT("time_for_children", "time_ns_for_children",
		.text = "The slot that names the time namespace of children that are yet to be "
			"born. "
			"unshare(CLONE_NEWTIME) changes it alone; setns to a time namespace "
			"changes time as "
			"well.",
		.fns = "copy_time_ns timens_on_fork timens_install", .since = 5006,
		.see = "pending time namespace"),
	CONCEPT("credentials", "cred,creds,struct cred",
		.text = "Who a task is: ids, capabilities, and its user namespace. They are "
			"copied, "
			"changed and swapped in as a whole, because ids and capabilities mean "
			"nothing without "
			"the user namespace that they are valid in. That is why a user namespace "
			"is no slot.",
		.fns = "copy_creds create_user_ns commit_creds put_cred_rcu",
		.see = "user,user first,owner"),
	CONCEPT("nsfs", "namespace file,proc ns,/proc/pid/ns",
		.text = "The file system behind /proc/PID/ns: a namespace is a file in it. The "
			"first "
			"open makes an inode that holds one reference on the namespace; all "
			"descriptors and "
			"bind mounts share it, and it is put when the last of them goes. Reading "
			"the symbolic "
			"link holds nothing.",
		.fns = "ns_get_path nsfs_evict", .see = "keeper,bind mount,inode number"),
	CONCEPT("inode number", "inum,inode",
		.text = "What stands in uts:[4026531838]. It names a namespace only while that "
			"lives: "
			"numbers are given out again soon. A tracer must not take the same number "
			"for the same "
			"namespace.",
		.notes = {{0, 6018,
			   "mnt and net of the host have ordinary numbers; the other initial "
			   "namespaces have fixed ones at the top of the range."},
			  {6018, 0, "All initial namespaces have fixed numbers."}},
		.fns = "proc_alloc_inum proc_free_inum", .see = "namespace id,initial namespace"),
	CONCEPT("namespace id", "ns_id",
		.text = "The kernel's own number of a namespace, which is never used again.",
		.notes = {{6018, 0, "Every namespace has one; it stands in ns_common."},
			  {0, 6018,
			   "Only mount namespaces have such a number (seq), and net namespaces "
			   "a cookie."}},
		.fns = "__ns_tree_add_raw __ns_tree_remove", .see = "inode number"),
	CONCEPT("initial namespace", "init namespace,host namespace",
		.text = "The eight namespaces that the kernel starts with. They never die.",
		.notes = {{0, 6019, "They are counted like all others."},
			  {6019, 0, "They are no longer counted: their count reads 1 for ever."}},
		.fns = "put_nsproxy", .see = "initial task"),
	CONCEPT("initial task", "host task",
		.text = "nslens calls a task initial when its nsproxy, its user namespace and its "
			"pid "
			"namespace are all the initial ones. On most hosts nearly every task is; "
			"their forks "
			"are counted instead of told.",
		.fns = "copy_namespaces", .see = "initial namespace,fast path"),
	CONCEPT("anonymous mount namespace", "anon mnt,open_tree",
		.text = "A mount namespace that no task lives in: it holds the mounts of "
			"open_tree(OPEN_TREE_CLONE) or fsmount() until they are attached or "
			"closed. "
			"copy_mnt_ns() has no part in it, but it ends in free_mnt_ns() like "
			"others. setns to one "
			"is refused.",
		.notes = {{0, 6018, "Its inode number is 0."},
			  {6018, 0, "All of them have the same fixed inode number."}},
		.fns = "free_mnt_ns mntns_install", .since = 5002,
		.see = "task-less mount namespace,mnt"),
	CONCEPT("task-less mount namespace", "taskless mount namespace,open_tree_namespace",
		.text = "A whole mount namespace that is made without a task in it: by "
			"open_tree(OPEN_TREE_NAMESPACE), and since 7.1 by "
			"fsmount(FSMOUNT_NAMESPACE). Only its "
			"descriptor holds it.",
		.fns = "free_mnt_ns", .since = 7000, .see = "anonymous mount namespace,keeper"),
	CONCEPT("pidfd", NULL,
		.text = "A descriptor of a process. Given to setns it stands for all namespaces of "
			"that "
			"process, of which the flags choose. It also keeps the process's struct "
			"pid, and so its "
			"pid namespaces.",
		.fns = "setns check_setns_flags validate_nsset", .since = 5002,
		.notes = {{0, 5008, "setns does not take it yet."}},
		.see = "setns,ptrace check,keeper"),
	CONCEPT("semaphore undo list", "undo list",
		.text = "What System V semaphores give back when a task dies. With CLONE_SYSVSEM "
			"parent "
			"and child share one. It names semaphores of one ipc namespace, so it "
			"cannot go along "
			"into another: clone refuses, unshare and setns drop the list.",
		.fns = "copy_namespaces exit_sem", .see = "CLONE_SYSVSEM,ipc"),
	CONCEPT("time page", "vvar,vvar page",
		.text = "A page mapped into every process, from which the C library reads clocks "
			"without "
			"a system call. It shows the offsets of one time namespace, and threads "
			"share their "
			"memory: hence setns to a time namespace refuses a process with several "
			"threads.",
		.fns = "timens_commit timens_install", .since = 5006, .see = "time,single thread"),
};

const struct nse_topics nse_object_topics = NSE_TOPICS(rows);
