// SPDX-License-Identifier: GPL-2.0-only
/* Concepts: who may do what, in which order, and when it takes effect. */
#include "topics.h"

#define CONCEPT(n, a, ...)                                                                         \
	{                                                                                          \
		.kind = NSE_CONCEPT, .name = n, .aliases = a, __VA_ARGS__                          \
	}

static const struct nse_topic rows[] = {
	CONCEPT("capability check", "capabilities,cap_sys_admin,ns_capable",
		.text = "A capability counts in a user namespace. To make a namespace a task needs "
			"CAP_SYS_ADMIN in the user namespace that will own it; to join one, in its "
			"owner and in "
			"the task's own. Over a user namespace below, whoever created it has every "
			"capability, "
			"as long as the task stands in its parent with the same effective uid. For "
			"user "
			"namespaces themselves none is needed.",
		.fns = "copy_namespaces unshare_nsproxy_namespaces copy_cgroup_ns utsns_install "
		       "mntns_install create_user_ns",
		.see = "owner,user first,EPERM"),
	CONCEPT("user first", "user namespace first",
		.text = "A user namespace is made or joined before all others of the same call. So "
			"the "
			"others belong to it, and the capability check for them asks in it, where "
			"the creator "
			"has every capability. That is why clone(CLONE_NEWUSER|CLONE_NEWNET) needs "
			"no "
			"privilege and clone(CLONE_NEWNET) does.",
		.fns = "copy_creds unshare_userns validate_nsset", .see = "capability check,owner"),
	CONCEPT("owner", "owner user namespace,owning user namespace",
		.text = "The user namespace that a namespace belongs to: that of the credentials "
			"at its "
			"creation. Capabilities in the owner decide who may join or change it. It "
			"never changes, "
			"and the namespace keeps its owner alive.",
		.fns = "create_new_namespaces create_user_ns", .see = "capability check,parent"),
	CONCEPT("id map", "uid_map,gid_map,uid map",
		.text = "How a user namespace translates uids and gids to those of its parent. A "
			"new one "
			"has none, so every id shows as the overflow id. A task whose effective "
			"uid or gid has no "
			"mapping cannot create user namespaces.",
		.fns = "create_user_ns", .see = "user,EPERM"),
	CONCEPT("limit", "ucount,ucounts,max_user_namespaces,quota",
		.text = "Each user may have so many namespaces of each type, and the number is "
			"checked in "
			"the owner's user namespace and in every one above it: "
			"/proc/sys/user/max_*_namespaces. "
			"The errno is ENOSPC, which has nothing to do with disks.",
		.notes = {{6006, 0,
			   "For ipc, dead namespaces that wait for their end are waited for "
			   "before the call gives up."}},
		.fns = "inc_ucount", .see = "ENOSPC,level"),
	CONCEPT("level", "nesting,depth,nesting limit",
		.text = "How deep a pid or user namespace lies below the initial one. pid "
			"namespaces nest "
			"32 levels, user namespaces 33; one more is ENOSPC. A process has one "
			"number in each pid "
			"namespace from its own up to the initial one.",
		.fns = "copy_pid_ns create_user_ns alloc_pid", .see = "limit,parent"),
	CONCEPT("all or nothing", "atomic,atomicity,setns atomic",
		.text = "setns with several types changes all of them or none. Every install works "
			"on a "
			"private copy; the first error throws it away, and what follows after the "
			"last install "
			"cannot fail. unshare prepares everything in the same way before it "
			"commits.",
		.fns = "prepare_nsset validate_nsset commit_nsset put_nsset",
		.see = "private nsproxy,setns,rollback"),
	CONCEPT("private nsproxy", "nsset,struct nsset",
		.text = "What setns works on: create_new_namespaces() is called without any flag, "
			"which "
			"gives an nsproxy with the same namespaces that nobody else sees. Installs "
			"change slots in "
			"it; one pointer switch makes it valid.",
		.fns = "prepare_nsset create_new_namespaces switch_task_namespaces put_nsset",
		.see = "all or nothing,nsproxy"),
	CONCEPT("fast path", "fork fast path",
		.text = "A fork without CLONE_NEW* flags shares its parent's nsproxy: one "
			"increment, no "
			"check, no allocation. Nearly every fork of a machine takes it.",
		.notes = {{5006, 6002, "Not while a time namespace is pending."},
			  {6002, 0,
			   "Not while a time namespace is pending, unless CLONE_VM is set."}},
		.fns = "copy_namespaces", .see = "nsproxy,count"),
	CONCEPT("order of copies", "copy order",
		.text = "create_new_namespaces() always goes through all types in the same order: "
			"mnt, uts, "
			"ipc, pid, cgroup, net, time. Each step shares or makes. The code states "
			"no reason for "
			"this order.",
		.fns = "create_new_namespaces", .see = "rollback,CLONE_NEWNS"),
	CONCEPT("rollback", "unwind,undo,partial failure",
		.text = "If one type cannot be made, those before it are put again in reverse "
			"order. They "
			"had really existed, and are really destroyed; a tracer sees their birth "
			"and their death. "
			"The caller keeps what it had.",
		.fns = "create_new_namespaces", .see = "failed clone,order of copies"),
	CONCEPT("failed clone", "unborn child,half-built child",
		.text = "A clone can still fail after its namespaces are made: a pid that is "
			"taken, a cgroup "
			"that refuses. Then the parent takes the nsproxy away from a child that "
			"never ran, and no "
			"tracepoint of a task tells of it.",
		.fns = "copy_process exit_task_namespaces exit_nsproxy_namespaces exit_creds",
		.see = "rollback,alloc_pid"),
	CONCEPT("pending pid namespace", "pending pid",
		.text = "After unshare(CLONE_NEWPID) or setns the slot pid_for_children names "
			"another pid "
			"namespace than the task's own. A new one has no pid 1 until its first "
			"child is born. As long as the two differ, however many children are "
			"born, threads cannot be started and no further pid namespace can be "
			"asked for (EINVAL).",
		.fns = "copy_pid_ns copy_process", .see = "pid_for_children,dying pid namespace"),
	CONCEPT("pending time namespace", "time namespace pending,pending time",
		.text = "After unshare(CLONE_NEWTIME) the new time namespace waits in "
			"time_for_children: its "
			"offsets can be written until the first task enters.",
		.notes = {{5006, 6002,
			   "A child enters at fork. Threads and vfork are refused meanwhile."},
			  {6002, 0,
			   "A child enters at fork, unless it shares memory (vfork, threads); "
			   "the task itself enters at its next exec."}},
		.fns = "copy_namespaces timens_on_fork exec_task_namespaces", .since = 5006,
		.see = "time_for_children,time"),
	CONCEPT("single thread", "single-threaded,multithreaded,threads",
		.text = "Threads of a process must agree on their user namespace, so "
			"unshare(CLONE_NEWUSER) "
			"and setns to one want a process with one thread (EINVAL), and so does "
			"setns to a time "
			"namespace (EUSERS). setns to a mount namespace wants root and working "
			"directory "
			"unshared, which threads share. Others are each thread's own affair.",
		.fns = "check_unshare_flags userns_install timens_install mntns_install",
		.see = "CLONE_FS,EUSERS,time page"),
	CONCEPT("shared root", "fs_struct,shared fs,root and cwd",
		.text = "Threads, and processes made with CLONE_FS, share root and working "
			"directory. A "
			"mount namespace has a root of its own, so clone refuses CLONE_NEWNS with "
			"CLONE_FS, setns "
			"refuses a caller that shares, and unshare makes a copy first.",
		.fns = "copy_process mntns_install userns_install unshare_fs",
		.see = "CLONE_FS,mnt"),
	CONCEPT("ptrace check", "ptrace_may_access",
		.text = "setns by pidfd first asks whether the caller might look at the target "
			"process at "
			"all, as ptrace would. Only then each namespace asks for its capabilities.",
		.fns = "validate_nsset", .since = 5008, .see = "pidfd,capability check"),
	CONCEPT("chroot", "chrooted",
		.text = "A chrooted task, root or not, cannot create a user namespace: EPERM. With "
			"capabilities in a new one it could reach files that the chroot keeps from "
			"it. Other "
			"types are not refused to it.",
		.fns = "create_user_ns", .see = "user,EPERM"),
	CONCEPT("moving up", "escape,parent pid namespace",
		.text = "setns to a pid namespace accepts the caller's own and those below it. So "
			"nobody "
			"escapes upward, and the numbers that getppid and fork return keep their "
			"meaning. Back to "
			"one's own is permitted: it ends a pending pid namespace.",
		.fns = "pidns_install", .see = "active pid namespace,pending pid namespace"),
	CONCEPT("mount propagation", "propagation,peer group,slave",
		.text = "Copied mounts stay in the peer groups of their originals, so mounts go on "
			"to appear "
			"on both sides. If the copy belongs to another user namespace, its mounts "
			"become slaves: "
			"they receive, but send nothing back, and are locked together.",
		.fns = "copy_mnt_ns copy_tree", .see = "mnt"),
	CONCEPT("set_tid", "chosen pid",
		.text = "clone3 can ask for the numbers of the child, one a level. It needs "
			"CAP_CHECKPOINT_RESTORE over the owner of each pid namespace; a number "
			"that is taken is "
			"EEXIST, and the first process of a pid namespace can only be 1.",
		.fns = "alloc_pid clone3_args_valid", .since = 5005, .see = "EEXIST,pid 1"),
	CONCEPT("kernel thread", "kthread,io_uring worker",
		.text = "Kernel threads, usermode helpers, io_uring and vhost workers are made by "
			"copy_process() too, and share an nsproxy on the fast path. At boot one "
			"thread, kdevtmpfs, "
			"takes a mount namespace of its own without any system call.",
		.fns = "copy_process copy_namespaces ksys_unshare",
		.see = "fast path,initial task"),
};

const struct nse_topics nse_rule_topics = NSE_TOPICS(rows);
