/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event layout: one fact from the kernel, as it leaves the ring buffer.
 *
 * Shared by the BPF programs (bpf/), the live source (user/capture), the
 * recorded source and the model. Fixed widths only, no padding left to the
 * compiler, little use of strings: `comm`, and the texts of milestones.
 *
 * Objects (namespaces, nsproxies) are named by `obj`. In the ring that is a
 * kernel address; user/capture replaces it by an id that is unique for the life
 * of a recording before anybody else sees the event. 0 means "none".
 *
 * Times are CLOCK_MONOTONIC nanoseconds, pids those of the initial pid
 * namespace unless a name says `ns_`. Events are applied in ring order; `ts`
 * informs, it does not order.
 */
#ifndef NSLENS_EVENT_H
#define NSLENS_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define NSL_EVENT_VERSION 1
#define NSL_COMM_LEN	  16
#define MAX_ASKED	  64 /* descriptors that the kernel side looks at in one go */

/* Why a process is in the tree: capture_follow(), or what it runs. Children inherit it. */
enum { TREE_FOLLOWED = 1, TREE_PROGRAM };

/* A process of the tree that is followed, by its tgid; user space puts the first ones in. */
struct tree_member {
	__u64 start; /* when its leader was started; 0: not known */
	__u8 why;
	__u8 zero[7];
};

/* The eight types, in the order create_new_namespaces() copies them, user last. */
enum nsl_type {
	NSL_MNT,
	NSL_UTS,
	NSL_IPC,
	NSL_PID,
	NSL_CGROUP,
	NSL_NET,
	NSL_TIME,
	NSL_USER,
	NSL_TYPES,
	NSL_TYPE_UNKNOWN = 0xff,
};

/* CLONE_NEW* (include/uapi/linux/sched.h); NEWTIME lies inside clone(2)'s CSIGNAL byte. */
#define NSL_NEWTIME   0x00000080ULL
#define NSL_NEWNS     0x00020000ULL
#define NSL_NEWCGROUP 0x02000000ULL
#define NSL_NEWUTS    0x04000000ULL
#define NSL_NEWIPC    0x08000000ULL
#define NSL_NEWUSER   0x10000000ULL
#define NSL_NEWPID    0x20000000ULL
#define NSL_NEWNET    0x40000000ULL
/*
 * Since 7.1, both imply NEWNS; older kernels refuse them, that of clone3 before
 * kernel_clone(). To clone that of unshare is CLONE_PARENT_SETTID.
 */
#define NSL_EMPTY_MNTNS		(1ULL << 37)
#define NSL_UNSHARE_EMPTY_MNTNS 0x00100000ULL
#define NSL_NEW_ALL                                                                                \
	(NSL_NEWTIME | NSL_NEWNS | NSL_NEWCGROUP | NSL_NEWUTS | NSL_NEWIPC | NSL_NEWUSER |         \
	 NSL_NEWPID | NSL_NEWNET)

/*
 * What a task sees: the eight pointers of struct nsproxy, then the two that are
 * not slots: cred->user_ns and the active pid namespace (thread_pid->numbers[level].ns).
 */
enum nsl_slot {
	NSL_SLOT_MNT,
	NSL_SLOT_UTS,
	NSL_SLOT_IPC,
	NSL_SLOT_PID_FOR_CHILDREN,
	NSL_SLOT_NET,
	NSL_SLOT_TIME,
	NSL_SLOT_TIME_FOR_CHILDREN,
	NSL_SLOT_CGROUP,
	NSL_NSPROXY_SLOTS,
	NSL_SLOT_USER = NSL_NSPROXY_SLOTS,
	NSL_SLOT_PID_ACTIVE,
	NSL_SLOTS,
};

struct nsl_ref {
	__u64 obj;  /* the namespace: address in the ring, id afterwards */
	__u32 inum; /* its inode number in nsfs; 0: anonymous or unknown */
	__u32 zero;
};

struct nsl_view {
	__u64 nsproxy;	     /* address in the ring, id afterwards; 0: exiting */
	__u32 nsproxy_count; /* a reading: tasks that share it at this moment */
	__u32 pid_level;     /* level of the active pid namespace, 0 = initial */
	__u32 ns_pid;	     /* tgid inside the active pid namespace */
	__u32 ns_tid;
	struct nsl_ref slot[NSL_SLOTS];
};

enum nsl_syscall {
	NSL_SYS_NONE,
	NSL_SYS_CLONE,
	NSL_SYS_CLONE3,
	NSL_SYS_FORK,
	NSL_SYS_VFORK,
	NSL_SYS_UNSHARE,
	NSL_SYS_SETNS,
	NSL_SYS_EXEC,
	NSL_SYS_EXIT,
	NSL_SYSCALLS,
};

/* CLONE_NEW* that a call asks for beside those that it names. */
static inline __u64 nsl_implied_flags(__u8 syscall, __u64 raw_flags)
{
	switch (syscall) {
	case NSL_SYS_CLONE: /* a clone3 until it returns: kernel_clone() serves both */
	case NSL_SYS_CLONE3:
		return raw_flags & NSL_EMPTY_MNTNS ? NSL_NEWNS : 0;
	case NSL_SYS_UNSHARE:
		return raw_flags & NSL_UNSHARE_EMPTY_MNTNS ? NSL_NEWNS : 0;
	default:
		return 0;
	}
}

/*
 * Kernel functions that can be steps of a call. A row here, a row in the hook
 * table (user/capture/hooks.c) and a program in bpf/ make a new step.
 */
#define NSL_FUNCTIONS(X)                                                                           \
	X(copy_namespaces)                                                                         \
	X(unshare_nsproxy_namespaces)                                                              \
	X(create_new_namespaces)                                                                   \
	X(copy_mnt_ns)                                                                             \
	X(copy_utsname)                                                                            \
	X(copy_ipcs)                                                                               \
	X(copy_pid_ns)                                                                             \
	X(copy_cgroup_ns)                                                                          \
	X(copy_net_ns)                                                                             \
	X(copy_time_ns)                                                                            \
	X(create_user_ns)                                                                          \
	X(mntns_install)                                                                           \
	X(utsns_install)                                                                           \
	X(ipcns_install)                                                                           \
	X(pidns_install)                                                                           \
	X(cgroupns_install)                                                                        \
	X(netns_install)                                                                           \
	X(timens_install)                                                                          \
	X(userns_install)                                                                          \
	X(switch_task_namespaces)                                                                  \
	X(commit_creds)                                                                            \
	X(exec_task_namespaces)                                                                    \
	X(exit_task_namespaces)                                                                    \
	X(exit_nsproxy_namespaces)                                                                 \
	X(free_nsproxy)                                                                            \
	X(nsproxy_ns_active_put) /* since 6.19: what deactivate_nsproxy() calls first */           \
	X(put_nsset)                                                                               \
	X(zap_pid_ns_processes)                                                                    \
	/* never hooked: the undo of a half-built nsproxy, told from the source */                 \
	X(put_mnt_ns)                                                                              \
	X(put_uts_ns)                                                                              \
	X(put_ipc_ns)                                                                              \
	X(put_pid_ns)                                                                              \
	X(put_cgroup_ns)                                                                           \
	X(put_net)                                                                                 \
	X(put_user_ns)

enum nsl_fn {
	NSL_FN_NONE,
#define X(name) NSL_FN_##name,
	NSL_FUNCTIONS(X)
#undef X
		NSL_FNS,
};

enum nsl_kind {
	NSL_EV_NONE,
	NSL_EV_CALL_BEGIN, /* struct nsl_call_begin */
	NSL_EV_CALL_END,   /* struct nsl_call_end */
	NSL_EV_STEP_BEGIN, /* struct nsl_step: `ret` and `ns` not yet known */
	NSL_EV_STEP,	   /* struct nsl_step: the function has returned */
	NSL_EV_TASK,	   /* struct nsl_task */
	NSL_EV_NS_FREE,	   /* struct nsl_ns_free */
	NSL_EV_UNPIN,	   /* struct nsl_ns_free: its last nsfs file or bind mount has gone */
	NSL_EV_NS,	   /* struct nsl_ns */
	NSL_EV_SNAPSHOT,   /* struct nsl_snapshot */
	NSL_EV_KEEPER,	   /* struct nsl_keeper */
	/* made in user space */
	NSL_EV_CGROUP, /* struct nsl_cgroup: the path of a cgroup id */
	NSL_EV_LOST,   /* struct nsl_lost: a gap lies before the next event */
	/* recordings know kinds by their number: new ones go here */
	NSL_EV_MILESTONE, /* struct nsl_milestone */
	NSL_KINDS,
};

/* Which group of hooks sent, or failed to send, an event: losses are counted by it. */
enum nsl_hook {
	NSL_HOOK_CALL,	    /* entry and exit of a system call */
	NSL_HOOK_STEP,	    /* kernel functions inside a call */
	NSL_HOOK_TASK,	    /* newtask, exec, exit */
	NSL_HOOK_FREE,	    /* death of a namespace */
	NSL_HOOK_SNAPSHOT,  /* rows of a snapshot */
	NSL_HOOK_MILESTONE, /* what a start-up is made of beside namespaces */
	NSL_HOOKS,
};

struct nsl_head {
	__u16 size; /* of the whole event, in bytes */
	__u8 version;
	__u8 kind; /* enum nsl_kind */
	__u8 hook; /* enum nsl_hook */
	__u8 zero[3];
	__u64 ts;
	__u64 lost;   /* events lost in all just before this one was reserved: a rise is a gap */
	__u64 cgroup; /* id of the task's cgroup: default hierarchy, or the first v1 one that is not
			 the root */
	__u32 pid;    /* of the task in whose context it happened: its tgid */
	__u32 tid;
	char comm[NSL_COMM_LEN]; /* hostile text, NUL-padded */
};

#define NSL_CALL_COMPAT	    1u /* made through the 32-bit entry */
#define NSL_CALL_OF_COMMAND 4u /* CALL_BEGIN: by the tree of record -- CMD */
#define NSL_CALL_ALONE	    2u /* CALL_END of a call whose entry is not hooked: no begin was sent */

enum nsl_target {
	NSL_TARGET_NONE,  /* not setns, or the descriptor is neither of these */
	NSL_TARGET_NSFS,  /* `target` names the namespace, `target_type` its type */
	NSL_TARGET_PIDFD, /* `target_pid` */
	NSL_TARGET_OTHER, /* an open file of another kind */
};

struct nsl_call_begin {
	struct nsl_head head;
	__u8 syscall; /* enum nsl_syscall; _CLONE where only kernel_clone() is known yet */
	__u8 flags;   /* NSL_CALL_* */
	__u8 target_kind;
	__u8 target_type; /* enum nsl_type */
	__s32 fd;	  /* setns */
	__u64 raw_flags;  /* as the caller gave them (clone: exit signal in the low byte); setns:
			     nstype */
	__u64 new_flags;  /* CLONE_NEW* among them, after the rules of this system call */
	struct nsl_ref target;
	__u32 target_pid;
	__u32 zero;
	struct nsl_view before;
};

struct nsl_call_end {
	struct nsl_head head;
	__u8 syscall; /* exact */
	__u8 flags;
	__u8 zero[6];
	__s64 ret; /* what the caller gets, or -errno */
	__u64 raw_flags;
	__u64 new_flags;
	struct nsl_view after; /* of the caller */
};

#define NSL_STEP_UNBORN	   1u /* the step is about a clone's child that has no pid yet */
#define NSL_STEP_UNTRUSTED 2u /* hooked under a compiler-made name: arguments were not read */

struct nsl_step {
	struct nsl_head head;
	__u16 fn; /* enum nsl_fn */
	__u16 flags;
	__u32 level;	 /* pid and user namespaces: nesting level of `ns` */
	__s64 ret;	 /* 0 or -errno; functions without a result: 0 */
	__u64 new_flags; /* the flags argument, where the function has one */
	__u64 nsproxy;	 /* the nsproxy it made, installed or freed */
	__u64 ns_id;	 /* the kernel's own number of `ns` (6.18 and later), else 0 */
	struct nsl_ref
		ns; /* what copy_*() returned, *_install() was given, create_user_ns() made */
	struct nsl_ref owner;  /* its owner user namespace */
	struct nsl_ref parent; /* pid and user namespaces */
};

enum nsl_task_event {
	NSL_TASK_NEW,
	NSL_TASK_EXEC,
	NSL_TASK_EXIT, /* before its nsproxy is dropped; `view` is still whole */
	/* only where a graph is kept */
	NSL_TASK_FREE, /* reaped, and the last reference gone: `view` is empty */
	NSL_TASK_SEEN, /* a row of a snapshot */
	NSL_TASK_EVENTS,
};

#define NSL_TASK_KTHREAD 1u
#define NSL_TASK_EXITING 2u /* on its way through do_exit(), or a zombie: see view.nsproxy */
#define NSL_TASK_CALLING 4u /* SEEN: in a call that tells what it changed at its end only */

struct nsl_task {
	/* of the parent for NEW, of anybody for FREE and SEEN, of the task itself otherwise */
	struct nsl_head head;
	__u8 event; /* enum nsl_task_event */
	__u8 zero1;
	__u8 own_nsproxy; /* NEW: not the parent's */
	__u8 state;	  /* NSL_TASK_KTHREAD … */
	__u32 pid;	  /* tgid of the task that it is about */
	__u32 tid;
	__u32 ppid;    /* tgid of its real_parent: a reading */
	__u32 old_tid; /* EXEC: its tid before, if a thread took over its leader's number */
	__u32 zero;
	__u64 clone_flags; /* NEW: without the exit signal */
	/* task->start_time: with tid it tells a task from a later one of the same number */
	__u64 start;
	__u64 cgroup;		 /* as head.cgroup, but of the task that it is about */
	char comm[NSL_COMM_LEN]; /* of the task that it is about: hostile text, NUL-padded */
	struct nsl_view view;
};

#define NSL_COUNT_UNKNOWN 0xffffffffu

/*
 * A namespace: a row of a snapshot, or, where no step tells of births, a new one.
 * Counts are readings.
 */
struct nsl_ns {
	struct nsl_head head;
	struct nsl_ref ns;
	struct nsl_ref owner;  /* user namespace */
	struct nsl_ref parent; /* pid and user namespaces */
	__u64 ns_id;	       /* the kernel's own number (6.18 and later), else 0 */
	__u32 type;	       /* enum nsl_type */
	__u32 level;	       /* pid and user namespaces */
	__u32 refs;	       /* count, __ns_ref since 6.18 */
	__u32 active;	       /* __ns_ref_active, since 6.19 */
	__u32 owner_uid;       /* user namespaces: euid of their creator, as the kernel has it */
	__u8 born;	       /* just made; else it was found */
	/* pid: the leader of its pid 1 has ended. The kernel side does not know: rows of a graph */
	__u8 init_exited;
	__u8 zero[2];
};

enum nsl_snapshot_event { NSL_SNAPSHOT_BEGIN, NSL_SNAPSHOT_END };

/*
 * Between BEGIN and END every task of the machine has a SEEN row, and every
 * namespace that a row names has an NSL_EV_NS row. A row is reserved in the ring
 * before it is read: what happened before an event that lies in front of it is in
 * it, what an event behind it tells may be.
 */
struct nsl_snapshot {
	struct nsl_head head;
	__u32 event;  /* enum nsl_snapshot_event */
	__u32 number; /* counts up; the same for BEGIN and END */
};

/* What holds a reference to a namespace beside tasks, nsproxies and other namespaces. */
enum nsl_keeper_kind {
	NSL_KEEPER_FD,	   /* an open nsfs file */
	NSL_KEEPER_MOUNT,  /* nsfs bind mount; `path` in the mount namespace `where` */
	NSL_KEEPER_SOCKET, /* net: a socket that is open in a process */
	NSL_KEEPER_PIDFD,  /* pid: pins the struct pid */
	NSL_KEEPER_PROC,   /* pid: a mounted or open procfs; mnt: an open mountinfo and its like */
	NSL_KEEPER_SHM,	   /* ipc: an attached SysV segment */
	NSL_KEEPERS,
};

/*
 * They are read as a whole. One whose `ns` is zeros is no keeper: it says that a reading begins,
 * so what the one before found is over. Recordings of earlier versions have none of these.
 */
struct nsl_keeper {
	struct nsl_head head;
	struct nsl_ref ns;
	__u32 type;  /* enum nsl_type, of `ns` */
	__u32 kind;  /* enum nsl_keeper_kind */
	__u32 pid;   /* who holds it; 0: no task does */
	__s32 fd;    /* -1: none */
	__u32 where; /* MOUNT, PROC: inode number of the mount namespace; else 0 */
	__u32 zero;
	char comm[NSL_COMM_LEN]; /* hostile text, NUL-padded */
	char path[];		 /* may be absent; else NUL-terminated, hostile text */
};

struct nsl_ns_free {
	struct nsl_head head; /* often a kernel worker: not the culprit */
	struct nsl_ref ns;    /* in the ring: an inode number; of an anonymous one the address */
	__u32 type;	      /* filled in by capture */
	__u32 zero;
};

/*
 * What the start-up of a container is made of beside namespaces. A row here, its
 * name in user/model, its hook in user/capture/hooks.c and a program in bpf/ make
 * a new one. `detail` and the two texts of each:
 */
#define NSL_MILESTONES(X)                                                                          \
	/* text: the file as it was named. 0: permitted capabilities, 1: NSL_EXEC_*; `pid`: its    \
	 * parent */                                                                               \
	X(exec)                                                                                    \
	/* text: its lines, "inside outside count", by commas; 0: lines in all. `ns`: its user     \
	 * namespace */                                                                            \
	X(uid_map)                                                                                 \
	X(gid_map)                                                                                 \
	X(projid_map)                                                                              \
	X(proc_setgroups) /* write to /proc/PID/setgroups; text: "deny" or "allow" */              \
	X(setgroups)	  /* the system call; 0: how many */                                       \
	X(setuid)	  /* new ids, by whichever call; 0: uid, 1: gid */                         \
	/* mount(2): binds, moves, remounts, too; text: file system or source, where: target,      \
	 * 0: MS_* */                                                                              \
	X(mount)                                                                                   \
	X(umount)	 /* where: target, 0: MNT_*, UMOUNT_NOFOLLOW */                            \
	X(fsopen)	 /* text: file system */                                                   \
	X(fsconfig)	 /* that makes or changes a superblock; text: file system, 0: command */   \
	X(fsmount)	 /* text: file system, 0: flags, 1: MOUNT_ATTR_* */                        \
	X(open_tree)	 /* that clones; text: source, 0: flags */                                 \
	X(move_mount)	 /* text: file system, where: target, 0: flags */                          \
	X(mount_setattr) /* where: target, 0: attr_set, propagation (MS_*) above bit 32, 1:        \
			    attr_clr */                                                            \
	X(pivot_root)	 /* text: new root, where: where the old one is put */                     \
	X(chroot)	 /* text: new root */                                                      \
	X(sethostname)	 /* text: the name. `ns`: the uts namespace */                             \
	X(setdomainname) /* the same */                                                            \
	X(cgroup_attach) /* text: path (its end), 0: id of the cgroup, 1: mask of controllers */   \
	X(capset)	 /* 0: permitted, 1: effective */                                          \
	X(capbset_drop)	 /* 0: the bounding set that is left, 1: what went */                      \
	X(seccomp)	 /* 0: operation, 1: flags */                                              \
	X(netdev_move)	 /* text: device. `ns`: the net namespace that it came to */

enum nsl_milestone_what {
	NSL_MILESTONE_NONE,
#define X(name) NSL_MILESTONE_##name,
	NSL_MILESTONES(X)
#undef X
		NSL_MILESTONES_END,
};

#define NSL_EXEC_NO_NEW_PRIVS 1u /* the task can gain no privileges any more */
#define NSL_EXEC_SECCOMP      2u /* it has a seccomp filter */
#define NSL_EXEC_OF_COMMAND   4u /* it is of the tree of record -- CMD */

#define NSL_TEXT_LEN	     64
#define NSL_DURATION_UNKNOWN (-1)

/*
 * Told when it is done, or has failed. Paths: with a leading slash it is whole, as
 * the task sees it from its root; else it is the end of a longer one, or what the
 * task itself passed.
 */
struct nsl_milestone {
	struct nsl_head head; /* of who did it */
	__u16 what;	      /* enum nsl_milestone_what */
	__u16 flags;	      /* in the ring: NSL_RAW_*; else 0 */
	__s32 err;	      /* 0, or -errno */
	__s64 duration;	      /* ns; or NSL_DURATION_UNKNOWN */
	__u32 pid;	      /* the task that it is about, when that is another one; else 0 */
	__u32 tid;
	__u64 detail[2];
	struct nsl_ref ns; /* the namespace that it is about, or none */
	__u32 ns_type;	   /* enum nsl_type */
	__u32 zero;
	char text[NSL_TEXT_LEN]; /* both: hostile text, NUL-padded, perhaps cut off */
	char where[NSL_TEXT_LEN];
};

/*
 * In the ring a milestone is longer: what its texts are made of. user/capture makes
 * them, so that nobody else sees raw parts.
 */
#define NSL_RAW_LEN   256
#define NSL_RAW_TEXT  1u /* raw[0] is a string for `text` */
#define NSL_RAW_WHERE 2u /* raw[1] is one for `where` */
/*
 * Shifted by 0 or 1 as the two above. NAMES: not one string, but the names of a path
 * from its end, each with a NUL, then an empty one. WHOLE: it ends at the task's root.
 */
#define NSL_RAW_NAMES	4u
#define NSL_RAW_WHOLE	16u
#define NSL_RAW_EXTENTS 64u /* raw[0] holds lines of an id map, at most 5: three __u32 each */

struct nsl_milestone_raw {
	struct nsl_milestone m;
	char raw[2][NSL_RAW_LEN];
};

/*
 * Told before an event that names the id, unless it is one of so many ids, with so many bytes of
 * paths, that were told last: whoever keeps these, and those that he refers to, lacks no path.
 */
#define NSL_CGROUPS_TOLD  1024
#define NSL_CGROUPS_BYTES (128 << 10)

struct nsl_cgroup {
	struct nsl_head head;
	__u64 id;
	char path[]; /* NUL-terminated, hostile text */
};

struct nsl_lost {
	struct nsl_head head;
	__u64 count;
	__u32 hook;
	__u32 zero;
};

#endif
