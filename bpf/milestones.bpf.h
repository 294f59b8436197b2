/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Milestones: what the start-up of a container is made of beside namespaces. Only
 * functions that nobody calls in passing are hooked.
 */
#ifndef NSLENS_MILESTONES_BPF_H
#define NSLENS_MILESTONES_BPF_H

#include "milestone_drafts.bpf.h"

/* ---- what is known at the entry ---- */

#define SYSCALL_ARG(regs, n) PT_REGS_PARM##n##_CORE_SYSCALL(regs)

#define MS_MOVE_OR_BIND 0x3000u /* MS_BIND | MS_MOVE */

/* MS_MGC_VAL in the upper half is a relic that the kernel drops. */
static __always_inline __u64 mount_flags(__u64 flags)
{
	return (flags & 0xffff0000) == 0xC0ED0000 ? flags & 0xffff : flags;
}

static __always_inline void keep_mount_args(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_mount, true, begin);
	__u64 flags;

	if (!d)
		return;
	flags = mount_flags(SYSCALL_ARG(regs, 4));
	d->e.m.detail[0] = flags;
	if (flags & MS_MOVE_OR_BIND)
		set_user_text(d, SYSCALL_ARG(regs, 1));
	else
		set_user_text(d, SYSCALL_ARG(regs, 3));
	set_user_where(d, SYSCALL_ARG(regs, 2));
}

static __always_inline void keep_mount(const void *source, const struct path *path,
				       const void *type, __u64 flags)
{
	struct draft *d = begin_draft(NSL_MILESTONE_mount, true, bpf_ktime_get_ns());

	if (!d)
		return;
	flags = mount_flags(flags);
	d->e.m.detail[0] = flags;
	set_text(d, flags & MS_MOVE_OR_BIND ? source : type);
	set_struct_path(path, 1, NSL_MILESTONE_mount);
}

static __always_inline void keep_umount_args(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_umount, true, begin);

	if (!d)
		return;
	d->e.m.detail[0] = (__u32)SYSCALL_ARG(regs, 2);
	set_user_where(d, SYSCALL_ARG(regs, 1));
}

static __always_inline void keep_umount(const struct path *path, __u32 flags)
{
	struct draft *d = begin_draft(NSL_MILESTONE_umount, true, bpf_ktime_get_ns());

	if (!d)
		return;
	d->e.m.detail[0] = flags;
	set_struct_path(path, 1, NSL_MILESTONE_umount);
}

static __always_inline void keep_move_mount_args(struct pt_regs *regs, __u64 begin)
{
	__u32 flags = SYSCALL_ARG(regs, 5);
	struct draft *d = begin ? NULL : find_draft(NSL_MILESTONE_move_mount);

	if (!d) {
		d = begin_draft(NSL_MILESTONE_move_mount, true, begin);
		if (d)
			set_user_where(d, SYSCALL_ARG(regs, 4));
	}
	if (d)
		d->e.m.detail[0] = flags;
}

static __always_inline void keep_move_mount(const struct path *from, const struct path *to)
{
	struct draft *d = find_draft(NSL_MILESTONE_move_mount);

	if (!d)
		d = begin_draft(NSL_MILESTONE_move_mount, true, bpf_ktime_get_ns());
	if (!d)
		return;
	d->e.m.flags = 0;
	set_text(d, BPF_CORE_READ(from, mnt, mnt_sb, s_type, name));
	set_struct_path(to, 1, NSL_MILESTONE_move_mount);
}

static __always_inline void keep_fsopen(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_fsopen, true, begin);

	if (d)
		set_user_text(d, SYSCALL_ARG(regs, 1));
}

/* The file system that a descriptor of fsopen() or fspick() is about. */
static __noinline void set_fs_type(struct draft *d, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
	struct file **slot, *file = NULL;
	struct fs_context *fc;
	char name[8] = {};

	if (fd >= BPF_CORE_READ(table, max_fds))
		return;
	slot = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), slot + fd);
	if (!file)
		return;
	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	/* "[fscontext]" */
	if (name[0] != '[' || name[1] != 'f' || name[2] != 's' || name[3] != 'c')
		return;
	fc = BPF_CORE_READ(file, private_data);
	set_text(d, BPF_CORE_READ(fc, fs_type, name));
}

static __always_inline void keep_fsconfig(struct pt_regs *regs, __u64 begin)
{
	__u32 command = SYSCALL_ARG(regs, 2);
	struct draft *d;

	/* FSCONFIG_CMD_CREATE, _RECONFIGURE, _CREATE_EXCL; the rest only sets options */
	if (command < 6 || command > 8)
		return;
	d = stub_draft(NSL_MILESTONE_fsconfig, true, begin);
	if (!d)
		return;
	d->e.m.detail[0] = command;
	set_fs_type(d, SYSCALL_ARG(regs, 1));
}

static __always_inline void keep_fsmount(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_fsmount, true, begin);

	if (!d)
		return;
	d->e.m.detail[0] = (__u32)SYSCALL_ARG(regs, 2);
	d->e.m.detail[1] = (__u32)SYSCALL_ARG(regs, 3);
	set_fs_type(d, SYSCALL_ARG(regs, 1));
}

static __always_inline void keep_open_tree(struct pt_regs *regs, __u64 begin)
{
	__u32 flags = SYSCALL_ARG(regs, 3);
	struct draft *d;

	if (!(flags & 3)) /* OPEN_TREE_CLONE; OPEN_TREE_NAMESPACE since 7.0 */
		return;
	d = stub_draft(NSL_MILESTONE_open_tree, true, begin);
	if (!d)
		return;
	d->e.m.detail[0] = flags;
	set_user_text(d, SYSCALL_ARG(regs, 2));
}

struct mount_attr_head {
	__u64 attr_set, attr_clr, propagation;
};

static __always_inline void keep_mount_setattr(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_mount_setattr, true, begin);
	struct mount_attr_head attr = {};
	__u32 recursive = SYSCALL_ARG(regs, 3);

	if (!d)
		return;
	bpf_probe_read_user(&attr, sizeof(attr), (void *)SYSCALL_ARG(regs, 4));
	if (attr.propagation && (recursive & 0x8000)) /* AT_RECURSIVE */
		attr.propagation |= 0x4000;	      /* MS_REC */
	d->e.m.detail[0] = (__u32)attr.attr_set | attr.propagation << 32;
	d->e.m.detail[1] = attr.attr_clr;
	set_user_where(d, SYSCALL_ARG(regs, 2));
}

/* "." as the new root is the usual way: what that is, is only known before. */
static __always_inline void keep_pivot_root(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_pivot_root, true, begin);

	if (!d)
		return;
	set_user_text(d, SYSCALL_ARG(regs, 1));
	set_user_where(d, SYSCALL_ARG(regs, 2));
	if (d->e.raw[0][0] == '.' && !d->e.raw[0][1])
		set_path((__u64)BPF_CORE_READ(current_task(), fs, pwd.dentry),
			 (__u64)BPF_CORE_READ(current_task(), fs, pwd.mnt), 0,
			 NSL_MILESTONE_pivot_root);
}

static __always_inline void keep_chroot(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_chroot, true, begin);

	if (d)
		set_user_text(d, SYSCALL_ARG(regs, 1));
}

static __always_inline void tell_chroot(long ret)
{
	struct task_struct *task = current_task();

	if (!ret)
		set_path((__u64)BPF_CORE_READ(task, fs, root.dentry),
			 (__u64)BPF_CORE_READ(task, fs, root.mnt), 0, NSL_MILESTONE_chroot);
	tell_milestone(ret, NSL_MILESTONE_chroot);
}

static __always_inline void keep_uts_name(struct pt_regs *regs, __u32 what, __u64 begin)
{
	struct draft *d = stub_draft(what, true, begin);
	__u32 len = SYSCALL_ARG(regs, 2);

	if (!d)
		return;
	d->e.m.ns_type = NSL_UTS;
	read_ref(&d->e.m.ns, NS_COMMON(BPF_CORE_READ(current_task(), nsproxy, uts_ns)));
	if (len >= NSL_TEXT_LEN)
		len = NSL_TEXT_LEN - 1;
	bpf_probe_read_user(d->e.raw[0], len & (NSL_TEXT_LEN - 1), (void *)SYSCALL_ARG(regs, 1));
	d->e.m.flags |= NSL_RAW_TEXT;
}

/* `file` is /proc/PID/uid_map or one like it: whose, and of which user namespace. */
static __always_inline void keep_map(struct file *file, __u32 what, __u64 begin)
{
	struct draft *d = stub_draft(what, true, begin);
	__u64 id = bpf_get_current_pid_tgid();
	struct seq_file *seq;
	struct inode *inode;
	struct proc_inode *proc;
	struct upid *number;
	struct user_namespace *ns;
	__u32 pid;

	if (!d)
		return;
	seq = BPF_CORE_READ(file, private_data);
	inode = BPF_CORE_READ(file, f_inode);
	ns = BPF_CORE_READ(seq, private);
	d->e.m.ns_type = NSL_USER;
	read_ref(&d->e.m.ns, NS_COMMON(ns));
	proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	number = pid_number(BPF_CORE_READ(proc, pid), 0);
	pid = BPF_CORE_READ(number, nr);
	if (pid != (__u32)id && pid != id >> 32)
		d->e.m.pid = d->e.m.tid = pid;
}

static __always_inline void keep_setgroups(struct pt_regs *regs, __u64 begin)
{
	struct draft *d = stub_draft(NSL_MILESTONE_setgroups, false, begin);

	if (d)
		d->e.m.detail[0] = (__u32)SYSCALL_ARG(regs, 1);
}

static __always_inline void keep_capset(struct pt_regs *regs, __u64 begin)
{
	stub_draft(NSL_MILESTONE_capset, false, begin);
}

static __always_inline void keep_seccomp(__u32 op, __u32 flags, __u64 begin)
{
	struct draft *d;

	if (op > 1) /* SECCOMP_SET_MODE_STRICT, _FILTER; the rest asks */
		return;
	d = stub_draft(NSL_MILESTONE_seccomp, false, begin);
	if (!d)
		return;
	d->e.m.detail[0] = op;
	d->e.m.detail[1] = flags;
}

static __always_inline void keep_netdev(struct net_device *dev, struct net *net, __u64 begin)
{
	struct draft *d;

	/* at the end of a namespace a kernel worker brings devices home */
	if (BPF_CORE_READ(current_task(), flags) & PF_KTHREAD)
		return;
	d = stub_draft(NSL_MILESTONE_netdev_move, true, begin);
	if (!d)
		return;
	d->e.m.ns_type = NSL_NET;
	read_ref(&d->e.m.ns, NS_COMMON(net));
	bpf_core_read(d->e.raw[0], sizeof(dev->name), &dev->name);
	d->e.m.flags |= NSL_RAW_TEXT;
}

/* ---- told at once ---- */

/* `new` replaces the credentials of the current task: by setuid() and its like, or by prctl(). */
static __noinline void tell_creds(struct cred *new)
{
	struct task_struct *task = current_task();
	const struct cred *old = BPF_CORE_READ(task, real_cred);
	__u64 had = 0, has = 0;
	struct draft *d;

	/* at an exec and in a new user namespace they are told by those */
	if (!enabled || BPF_CORE_READ_BITFIELD_PROBED(task, in_execve) ||
	    BPF_CORE_READ(old, user_ns) != BPF_CORE_READ(new, user_ns))
		return;
	READ_CAPS(had, old, cap_bset);
	READ_CAPS(has, new, cap_bset);
	if (had != has && wants_milestone(false)) {
		d = new_draft(NSL_MILESTONE_capbset_drop, 0);
		if (d) {
			d->e.m.detail[0] = has;
			d->e.m.detail[1] = had & ~has;
			tell_milestone(0, NSL_MILESTONE_capbset_drop);
		}
	}
	if ((BPF_CORE_READ(old, uid.val) != BPF_CORE_READ(new, uid.val) ||
	     BPF_CORE_READ(old, gid.val) != BPF_CORE_READ(new, gid.val) ||
	     BPF_CORE_READ(old, euid.val) != BPF_CORE_READ(new, euid.val) ||
	     BPF_CORE_READ(old, egid.val) != BPF_CORE_READ(new, egid.val)) &&
	    wants_milestone(false)) {
		d = new_draft(NSL_MILESTONE_setuid, 0);
		if (d) {
			d->e.m.detail[0] = BPF_CORE_READ(new, euid.val);
			d->e.m.detail[1] = BPF_CORE_READ(new, egid.val);
			tell_milestone(0, NSL_MILESTONE_setuid);
		}
	}
}

/* The name of a kernfs directory's parent: `parent` until 6.14. */
struct kernfs_node___before {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

struct kernfs_node___now {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs_parent_of(struct kernfs_node *kn)
{
	struct kernfs_node___now *now = (void *)kn;
	struct kernfs_node___before *before = (void *)kn;

	if (bpf_core_field_exists(now->__parent))
		return BPF_CORE_READ(now, __parent);
	return BPF_CORE_READ(before, parent);
}

static __noinline void tell_cgroup_attach(struct cgroup *to, struct task_struct *task)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct kernfs_node *kn = BPF_CORE_READ(to, kn);
	struct draft *d;
	__u32 at = 0;
	bool whole = false;

	if (!wants_milestone(true))
		return;
	d = new_draft(NSL_MILESTONE_cgroup_attach, 0);
	if (!d)
		return;
	d->e.m.detail[0] = BPF_CORE_READ(kn, id);
	d->e.m.detail[1] = BPF_CORE_READ(to, root, subsys_mask);
	d->e.m.pid = BPF_CORE_READ(task, tgid);
	d->e.m.tid = BPF_CORE_READ(task, pid);
	if (d->e.m.pid == id >> 32)
		d->e.m.pid = d->e.m.tid = 0;
	for (int i = 0; i < MAX_PATH_STEPS && kn; i++) {
		struct kernfs_node *parent = kernfs_parent_of(kn);

		if (!parent) {
			whole = true;
			break;
		}
		if (!add_name(d->e.raw[0], &at, BPF_CORE_READ(kn, name)))
			break;
		kn = parent;
	}
	d->e.raw[0][at & (NSL_RAW_LEN - 1)] = 0;
	d->e.m.flags |= NSL_RAW_TEXT | NSL_RAW_NAMES | (whole ? NSL_RAW_WHOLE : 0);
	tell_milestone(0, NSL_MILESTONE_cgroup_attach);
}

static __noinline void tell_exec(struct linux_binprm *bprm)
{
	struct task_struct *task = current_task();
	const struct cred *cred;
	struct draft *d;

	if (!wants_milestone(false))
		return;
	d = new_draft(NSL_MILESTONE_exec, 0);
	if (!d)
		return;
	d->e.m.pid = BPF_CORE_READ(task, real_parent, tgid);
	cred = BPF_CORE_READ(task, real_cred);
	READ_CAPS(d->e.m.detail[0], cred, cap_permitted);
	if (BPF_CORE_READ(task, atomic_flags) & 1) /* PFA_NO_NEW_PRIVS */
		d->e.m.detail[1] |= NSL_EXEC_NO_NEW_PRIVS;
	if (BPF_CORE_READ(task, seccomp.mode))
		d->e.m.detail[1] |= NSL_EXEC_SECCOMP;
	if (of_command())
		d->e.m.detail[1] |= NSL_EXEC_OF_COMMAND;
	set_text(d, BPF_CORE_READ(bprm, filename));
	tell_milestone(0, NSL_MILESTONE_exec);
}

#endif
