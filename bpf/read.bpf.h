/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading kernel objects. Fields that moved between versions are reached
 * through flavours (type___what) and existence checks, never by version.
 */
#ifndef NSLENS_READ_BPF_H
#define NSLENS_READ_BPF_H

#include "event.h"

/* ns_common.ns_type and ns_id: since 6.18. ns_id lies in an anonymous union there. */
struct ns_common___typed {
	__u32 ns_type;
	__u64 ns_id;
} __attribute__((preserve_access_index));

/* ns_common.ns_id inside a struct ns_tree_node: since 6.19. */
struct proc_ns_operations___typed {
	int type; /* until 6.17: CLONE_NEW* */
} __attribute__((preserve_access_index));

struct ns_common___ops {
	const struct proc_ns_operations___typed *ops;
} __attribute__((preserve_access_index));

/* time_ns: since 5.6 */
struct nsproxy___time {
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
} __attribute__((preserve_access_index));

#define TS_COMPAT	    0x0002 /* arch/x86/include/asm/thread_info.h */
#define PF_EXITING	    0x00000004
#define PF_KTHREAD	    0x00200000
#define NSFS_MAGIC	    0x6e736673
#define PID_FS_MAGIC	    0x50494446 /* pidfds since 6.9 */
#define ANON_INODE_FS_MAGIC 0x09041934 /* pidfds before */

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* Is the current system call one of the 32-bit table? */
static __always_inline bool is_compat(void)
{
#ifdef __TARGET_ARCH_x86
	return BPF_CORE_READ(current_task(), thread_info.status) & TS_COMPAT;
#else
	return false;
#endif
}

/* &x->ns as the address that names a namespace, whatever its type. */
#define NS_COMMON(ptr) ((ptr) ? (__u64)(ptr) + bpf_core_field_offset(typeof(*(ptr)), ns) : 0)

static __always_inline void read_ref(struct nsl_ref *ref, __u64 ns_common)
{
	ref->obj = ns_common;
	ref->inum = ns_common ? BPF_CORE_READ((struct ns_common *)ns_common, inum) : 0;
	ref->zero = 0;
}

static __always_inline __u64 ns_kernel_id(__u64 ns_common)
{
	struct ns_common___typed *ns = (void *)ns_common;

	if (!ns || !bpf_core_field_exists(ns->ns_id))
		return 0;
	return BPF_CORE_READ(ns, ns_id);
}

/*
 * Where a namespace's count lies: in ns_common since 5.11 (__ns_ref since 6.18),
 * in each type's own structure before, there as kref, refcount_t or atomic_t: an
 * int in all of them.
 */
struct ns_common___ref {
	refcount_t __ns_ref;
} __attribute__((preserve_access_index));

struct ns_common___count {
	refcount_t count;
} __attribute__((preserve_access_index));

/* 6.19 and later: visible users */
struct ns_common___active {
	atomic_t __ns_ref_active;
} __attribute__((preserve_access_index));

#define OLD_COUNT(name, field)                                                                     \
	struct name##___old {                                                                      \
		refcount_t field;                                                                  \
		struct ns_common ns;                                                               \
	} __attribute__((preserve_access_index))
OLD_COUNT(mnt_namespace, count);
OLD_COUNT(uts_namespace, kref);
OLD_COUNT(ipc_namespace, count);
OLD_COUNT(pid_namespace, kref);
OLD_COUNT(cgroup_namespace, count);
OLD_COUNT(net, count);
OLD_COUNT(time_namespace, kref);
OLD_COUNT(user_namespace, count);
#undef OLD_COUNT

static __noinline __u32 ns_refs(enum nsl_type type, __u64 ns)
{
	struct ns_common___ref *now = (void *)ns;
	struct ns_common___count *before = (void *)ns;
	__u32 refs = NSL_COUNT_UNKNOWN;

	if (bpf_core_field_exists(now->__ns_ref)) {
		bpf_core_read(&refs, sizeof(refs), &now->__ns_ref);
		return refs;
	}
	if (bpf_core_field_exists(before->count)) {
		bpf_core_read(&refs, sizeof(refs), &before->count);
		return refs;
	}
#define OLD_REFS(name, field)                                                                      \
	do {                                                                                       \
		struct name##___old *old =                                                         \
			(void *)(ns - bpf_core_field_offset(struct name##___old, ns));             \
		if (bpf_core_field_exists(old->field))                                             \
			bpf_core_read(&refs, sizeof(refs), &old->field);                           \
	} while (0)
	switch (type) {
	case NSL_MNT:
		OLD_REFS(mnt_namespace, count);
		break;
	case NSL_UTS:
		OLD_REFS(uts_namespace, kref);
		break;
	case NSL_IPC:
		OLD_REFS(ipc_namespace, count);
		break;
	case NSL_PID:
		OLD_REFS(pid_namespace, kref);
		break;
	case NSL_CGROUP:
		OLD_REFS(cgroup_namespace, count);
		break;
	case NSL_NET:
		OLD_REFS(net, count);
		break;
	case NSL_TIME:
		OLD_REFS(time_namespace, kref);
		break;
	case NSL_USER:
		OLD_REFS(user_namespace, count);
		break;
	default:
		break;
	}
#undef OLD_REFS
	return refs;
}

static __always_inline __u32 ns_active(__u64 ns)
{
	struct ns_common___active *now = (void *)ns;
	__u32 active = NSL_COUNT_UNKNOWN;

	if (bpf_core_field_exists(now->__ns_ref_active))
		bpf_core_read(&active, sizeof(active), &now->__ns_ref_active);
	return active;
}

static __always_inline __u8 type_of_bit(__u64 bit)
{
	switch (bit) {
	case NSL_NEWNS:
		return NSL_MNT;
	case NSL_NEWUTS:
		return NSL_UTS;
	case NSL_NEWIPC:
		return NSL_IPC;
	case NSL_NEWPID:
		return NSL_PID;
	case NSL_NEWCGROUP:
		return NSL_CGROUP;
	case NSL_NEWNET:
		return NSL_NET;
	case NSL_NEWTIME:
		return NSL_TIME;
	case NSL_NEWUSER:
		return NSL_USER;
	}
	return NSL_TYPE_UNKNOWN;
}

static __always_inline __u8 ns_type(__u64 ns_common)
{
	struct ns_common___typed *typed = (void *)ns_common;
	struct ns_common___ops *old = (void *)ns_common;

	if (!ns_common)
		return NSL_TYPE_UNKNOWN;
	if (bpf_core_field_exists(typed->ns_type))
		return type_of_bit(BPF_CORE_READ(typed, ns_type));
	return type_of_bit((__u32)BPF_CORE_READ(old, ops, type));
}

/* Owner, parent and level of a namespace. The last two: pid and user namespaces only. */
static __noinline void read_family(struct nsl_ref *owner_ref, struct nsl_ref *parent, __u32 *level,
				   enum nsl_type type, __u64 ns)
{
	struct user_namespace *owner = NULL;

	/* the container of each ns_common is known from its type alone */
#define CONTAINER(type_name)                                                                       \
	((struct type_name *)(ns - bpf_core_field_offset(struct type_name, ns)))
	switch (type) {
	case NSL_MNT:
		owner = BPF_CORE_READ(CONTAINER(mnt_namespace), user_ns);
		break;
	case NSL_UTS:
		owner = BPF_CORE_READ(CONTAINER(uts_namespace), user_ns);
		break;
	case NSL_IPC:
		owner = BPF_CORE_READ(CONTAINER(ipc_namespace), user_ns);
		break;
	case NSL_PID:
		owner = BPF_CORE_READ(CONTAINER(pid_namespace), user_ns);
		*level = BPF_CORE_READ(CONTAINER(pid_namespace), level);
		read_ref(parent, NS_COMMON(BPF_CORE_READ(CONTAINER(pid_namespace), parent)));
		break;
	case NSL_CGROUP:
		owner = BPF_CORE_READ(CONTAINER(cgroup_namespace), user_ns);
		break;
	case NSL_NET:
		owner = BPF_CORE_READ(CONTAINER(net), user_ns);
		break;
	case NSL_TIME:
		owner = BPF_CORE_READ(CONTAINER(time_namespace), user_ns);
		break;
	case NSL_USER:
		owner = BPF_CORE_READ(CONTAINER(user_namespace), parent);
		*level = BPF_CORE_READ(CONTAINER(user_namespace), level);
		read_ref(parent, NS_COMMON(owner));
		break;
	default:
		break;
	}
#undef CONTAINER
	read_ref(owner_ref, NS_COMMON(owner));
}

static __always_inline struct upid *pid_number(struct pid *pid, __u32 level)
{
	return (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       level * bpf_core_type_size(struct upid);
}

static __always_inline struct pid_namespace *active_pid_ns(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct upid *number;

	if (!pid)
		return NULL; /* reaped */
	number = pid_number(pid, BPF_CORE_READ(pid, level));
	return BPF_CORE_READ(number, ns);
}

static __always_inline struct user_namespace *user_ns_of(struct task_struct *task)
{
	/* real_cred: `cred` may be overridden for a moment */
	return BPF_CORE_READ(task, real_cred, user_ns);
}

/*
 * What `task` sees when its nsproxy is `p`. Another task's nsproxy may be freed
 * while it is read: the reads do not fault, and callers use only their own
 * task's, or one that cannot go away during the hook.
 */
static __noinline void read_view(struct nsl_view *v, struct task_struct *task, struct nsproxy *p)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct nsproxy___time *t = (void *)p;

	__builtin_memset(v, 0, sizeof(*v));
	v->nsproxy = (__u64)p;
	if (p) {
		/* atomic_t until 6.5, refcount_t since: an int at the same place */
		bpf_core_read(&v->nsproxy_count, sizeof(v->nsproxy_count), &p->count);
		read_ref(&v->slot[NSL_SLOT_MNT], NS_COMMON(BPF_CORE_READ(p, mnt_ns)));
		read_ref(&v->slot[NSL_SLOT_UTS], NS_COMMON(BPF_CORE_READ(p, uts_ns)));
		read_ref(&v->slot[NSL_SLOT_IPC], NS_COMMON(BPF_CORE_READ(p, ipc_ns)));
		read_ref(&v->slot[NSL_SLOT_PID_FOR_CHILDREN],
			 NS_COMMON(BPF_CORE_READ(p, pid_ns_for_children)));
		read_ref(&v->slot[NSL_SLOT_NET], NS_COMMON(BPF_CORE_READ(p, net_ns)));
		read_ref(&v->slot[NSL_SLOT_CGROUP], NS_COMMON(BPF_CORE_READ(p, cgroup_ns)));
		if (bpf_core_field_exists(t->time_ns)) {
			read_ref(&v->slot[NSL_SLOT_TIME], NS_COMMON(BPF_CORE_READ(t, time_ns)));
			read_ref(&v->slot[NSL_SLOT_TIME_FOR_CHILDREN],
				 NS_COMMON(BPF_CORE_READ(t, time_ns_for_children)));
		}
	}
	read_ref(&v->slot[NSL_SLOT_USER], NS_COMMON(user_ns_of(task)));
	if (pid) {
		__u32 level = BPF_CORE_READ(pid, level);
		struct upid *number = pid_number(pid, level);
		struct pid *leader = BPF_CORE_READ(task, group_leader, thread_pid);

		v->pid_level = level;
		v->ns_tid = BPF_CORE_READ(number, nr);
		if (leader) {
			struct upid *first = pid_number(leader, level);

			v->ns_pid = BPF_CORE_READ(first, nr);
		}
		read_ref(&v->slot[NSL_SLOT_PID_ACTIVE], NS_COMMON(BPF_CORE_READ(number, ns)));
	}
}

/*
 * A namespace made for children only is pending: the next fork (or exec, for
 * time) changes namespaces without any CLONE_NEW* flag.
 */
static __always_inline bool time_pending(struct nsproxy *p)
{
	struct nsproxy___time *t = (void *)p;

	return bpf_core_field_exists(t->time_ns) &&
	       BPF_CORE_READ(t, time_ns) != BPF_CORE_READ(t, time_ns_for_children);
}

static __always_inline bool has_pending(struct task_struct *task, struct nsproxy *p)
{
	return time_pending(p) || BPF_CORE_READ(p, pid_ns_for_children) != active_pid_ns(task);
}

/* What the descriptor `fd` of the current task names, for setns(). */
/* What a descriptor of a task leads to; NULL: nothing. */
static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slot, *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	slot = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), slot + fd);
	return file;
}

/* What a pidfd stands for; NULL: the file is no pidfd. */
static __noinline struct pid *pid_of_file(struct file *file, struct inode *inode, __u64 magic)
{
	char name[8] = {};

	if (magic == PID_FS_MAGIC)
		return BPF_CORE_READ(inode, i_private);
	if (magic != ANON_INODE_FS_MAGIC)
		return NULL;
	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	/* "[pidfd]" */
	if (name[1] != 'p' || name[2] != 'i' || name[3] != 'd' || name[4] != 'f')
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

static __noinline void read_target(struct nsl_call_begin *e, struct task_struct *task)
{
	struct inode *inode;
	struct file *file;
	struct pid *pid;
	__u64 magic;

	e->target_kind = NSL_TARGET_NONE;
	e->target_type = NSL_TYPE_UNKNOWN;
	file = e->fd < 0 ? NULL : file_of(task, (__u32)e->fd);
	if (!file)
		return;
	inode = BPF_CORE_READ(file, f_inode);
	magic = BPF_CORE_READ(inode, i_sb, s_magic);
	e->target_kind = NSL_TARGET_OTHER;
	if (magic == NSFS_MAGIC) {
		__u64 ns = (__u64)BPF_CORE_READ(inode, i_private);

		e->target_kind = NSL_TARGET_NSFS;
		e->target_type = ns_type(ns);
		read_ref(&e->target, ns);
		return;
	}
	pid = pid_of_file(file, inode, magic);
	if (pid) {
		struct upid *number = pid_number(pid, 0);

		e->target_kind = NSL_TARGET_PIDFD;
		e->target_pid = BPF_CORE_READ(number, nr);
	}
}

static __always_inline __u64 cgroup_id(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* Is the task in the cgroup `want`, or below it? 32 levels are more than anybody nests. */
static __noinline bool in_cgroup(struct task_struct *task, __u64 want, int subsys)
{
	struct cgroup *cg;

	if (subsys < 0) {
		cg = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	} else {
		struct css_set *set = BPF_CORE_READ(task, cgroups);
		struct cgroup_subsys_state *css = NULL;

		bpf_probe_read_kernel(&css, sizeof(css), &set->subsys[subsys & 31]);
		cg = BPF_CORE_READ(css, cgroup);
	}
	for (int i = 0; i < 32 && cg; i++) {
		struct cgroup_subsys_state *parent;

		if (BPF_CORE_READ(cg, kn, id) == want)
			return true;
		parent = BPF_CORE_READ(cg, self.parent);
		if (!parent)
			break;
		cg = BPF_CORE_READ(parent, cgroup);
	}
	return false;
}

#endif
