/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Milestones: what the start-up of a container is made of beside namespaces. Only
 * functions that nobody calls in passing are hooked.
 *
 * While a task is inside such a function, what is known of it stands in `drafts`.
 * It is filled at the entry, or, where fexit has the arguments too, all at once on
 * return; a system call's inner function (path_mount) refines what its stub knows.
 * tell_milestone() sends it.
 */
#ifndef NSLENS_MILESTONES_BPF_H
#define NSLENS_MILESTONES_BPF_H

#include "tasks.bpf.h"

#define MAX_PATH_STEPS 24 /* names and mounts on the way from a file to the root */
#define MAX_NAME       64
#define MAX_EXTENTS    5 /* UID_GID_MAP_MAX_BASE_EXTENTS */

/* Told at once, perhaps in the middle of another: a key of its own. Tids are below 2^22. */
#define AT_ONCE 0x80000000u

struct draft {
	__u64 begin; /* 0: not known */
	/* where the walk up a path has come to, and how many bytes of names that gave */
	__u64 dentry, mnt;
	__u32 at;
	__u32 zero;
	struct nsl_milestone_raw e;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DRAFTS);
	__type(key, __u32); /* tid */
	__type(value, struct draft);
} drafts SEC(".maps");

static const struct draft empty_draft = {};

static __always_inline __u32 draft_key(__u32 what)
{
	__u32 tid = bpf_get_current_pid_tgid();

	switch (what) {
	case NSL_MILESTONE_exec:
	case NSL_MILESTONE_setuid:
	case NSL_MILESTONE_capbset_drop:
	case NSL_MILESTONE_cgroup_attach:
		return tid | AT_ONCE;
	}
	return tid;
}

static __always_inline struct draft *find_draft(__u32 what)
{
	__u32 key = draft_key(what);
	struct draft *d = bpf_map_lookup_elem(&drafts, &key);

	return d && d->e.m.what == what ? d : NULL;
}

static __always_inline struct draft *new_draft(__u32 what, __u64 begin)
{
	__u32 key = draft_key(what);
	struct draft *d;

	if (bpf_map_update_elem(&drafts, &key, &empty_draft, BPF_ANY)) {
		count_loss(NSL_HOOK_MILESTONE);
		return NULL;
	}
	d = bpf_map_lookup_elem(&drafts, &key);
	if (!d)
		return NULL;
	d->begin = begin;
	d->e.m.what = what;
	d->e.m.ns_type = NSL_TYPE_UNKNOWN;
	return d;
}

/*
 * What mounters, id mappers and the like do is told of everybody; what services and
 * programs do to themselves only of tasks that are followed or not initial.
 */
static __noinline bool wants_milestone(bool of_everybody)
{
	struct task_struct *task = current_task();
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (!enabled || !want_milestones || !passes_filters(task))
		return false;
	return of_everybody || filter_tree || !is_initial(task) ||
	       (keep_tree && bpf_map_lookup_elem(&tree, &tgid));
}

/* What a 32-bit caller's inner function is told of, nobody would send: its stub is not hooked. */
static __always_inline struct draft *begin_draft(__u32 what, bool of_everybody, __u64 begin)
{
	return wants_milestone(of_everybody) && !is_compat() ? new_draft(what, begin) : NULL;
}

/* By a system call's stub. On its return (`begin` is 0) all may be there already. */
static __always_inline struct draft *stub_draft(__u32 what, bool of_everybody, __u64 begin)
{
	return !begin && find_draft(what) ? NULL : begin_draft(what, of_everybody, begin);
}

/* ---- texts ---- */

static __always_inline void set_text(struct draft *d, const void *string)
{
	if (bpf_probe_read_kernel_str(d->e.raw[0], NSL_RAW_LEN, string) > 0)
		d->e.m.flags |= NSL_RAW_TEXT;
}

static __always_inline void set_user_text(struct draft *d, __u64 string)
{
	if (bpf_probe_read_user_str(d->e.raw[0], NSL_RAW_LEN, (void *)string) > 0)
		d->e.m.flags |= NSL_RAW_TEXT;
}

static __always_inline void set_user_where(struct draft *d, __u64 string)
{
	if (bpf_probe_read_user_str(d->e.raw[1], NSL_RAW_LEN, (void *)string) > 0)
		d->e.m.flags |= NSL_RAW_WHERE;
}

/* Appends a name; false: no room, or the end. */
static __always_inline bool add_name(char *names, __u32 *len, const void *name)
{
	__u32 at = *len;
	long n;

	if (at > NSL_RAW_LEN - MAX_NAME - 1)
		return false;
	n = bpf_probe_read_kernel_str(names + at, MAX_NAME, name);
	if (n <= 0)
		return false;
	*len = at + n;
	return true;
}

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

enum { PATH_GOES_ON, PATH_ENDS, PATH_IS_WHOLE };

/*
 * One step up from a file: out of a mount, or to the directory above. Global functions
 * are verified once, not at each place of call and not in each round of a loop.
 */
__noinline int step_up(__u32 which, __u32 what)
{
	struct draft *d = find_draft(what);
	struct fs_struct *fs;
	struct dentry *dentry;
	struct vfsmount *mnt;

	if (!d)
		return PATH_ENDS;
	dentry = (void *)d->dentry;
	mnt = (void *)d->mnt;
	fs = BPF_CORE_READ(current_task(), fs);
	/* of chroot() the new root is the path itself: told up to the mounts' root */
	if (what != NSL_MILESTONE_chroot && dentry == BPF_CORE_READ(fs, root.dentry) &&
	    mnt == BPF_CORE_READ(fs, root.mnt))
		return PATH_IS_WHOLE;
	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *m = mount_of(mnt);
		struct mount *parent = BPF_CORE_READ(m, mnt_parent);

		if (parent == m)
			return what == NSL_MILESTONE_chroot ? PATH_IS_WHOLE : PATH_ENDS;
		d->dentry = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
		d->mnt = (__u64)parent + bpf_core_field_offset(struct mount, mnt);
		return PATH_GOES_ON;
	}
	if (!dentry || !add_name(d->e.raw[which & 1], &d->at, BPF_CORE_READ(dentry, d_name.name)))
		return PATH_ENDS;
	d->dentry = (__u64)BPF_CORE_READ(dentry, d_parent);
	return PATH_GOES_ON;
}

/* The names from a file up to the root of the task, into text (0) or where (1) of a draft. */
__noinline int set_path(__u64 dentry, __u64 mnt, __u32 which, __u32 what)
{
	struct draft *d = find_draft(what);
	int end = PATH_GOES_ON;
	__u32 at;

	if (!d)
		return 0;
	d->dentry = dentry;
	d->mnt = mnt;
	d->at = 0;
	for (int i = 0; i < MAX_PATH_STEPS && end == PATH_GOES_ON; i++)
		end = step_up(which, what);
	at = d->at & (NSL_RAW_LEN - 1);
	d->e.raw[which & 1][at] = 0;
	d->e.m.flags |= (NSL_RAW_TEXT | NSL_RAW_NAMES | (end == PATH_IS_WHOLE ? NSL_RAW_WHOLE : 0))
			<< (which & 1);
	return 0;
}

static __always_inline void set_struct_path(const struct path *path, __u32 which, __u32 what)
{
	set_path((__u64)BPF_CORE_READ(path, dentry), (__u64)BPF_CORE_READ(path, mnt), which, what);
}

/* ---- sending ---- */

/* The map that was written: the kernel's own reading of it. */
static __always_inline void read_map(struct draft *d, __u64 map_address)
{
	struct uid_gid_map *map = (void *)map_address;
	__u32 n = BPF_CORE_READ(map, nr_extents);
	const void *from = (void *)map + bpf_core_field_offset(struct uid_gid_map, extent);

	if (n > MAX_EXTENTS)
		from = BPF_CORE_READ(map, forward);
	bpf_probe_read_kernel(d->e.raw[0], MAX_EXTENTS * sizeof(struct uid_gid_extent), from);
	d->e.m.detail[0] = n;
	d->e.m.flags |= NSL_RAW_EXTENTS;
}

static __always_inline void finish_map(struct draft *d, __u32 what)
{
	struct user_namespace *ns =
		(void *)(d->e.m.ns.obj - bpf_core_field_offset(struct user_namespace, ns));

	switch (what) {
	case NSL_MILESTONE_uid_map:
		read_map(d, (__u64)ns + bpf_core_field_offset(struct user_namespace, uid_map));
		break;
	case NSL_MILESTONE_gid_map:
		read_map(d, (__u64)ns + bpf_core_field_offset(struct user_namespace, gid_map));
		break;
	case NSL_MILESTONE_projid_map:
		read_map(d, (__u64)ns + bpf_core_field_offset(struct user_namespace, projid_map));
		break;
	default:
		if (BPF_CORE_READ(ns, flags) & 1) /* USERNS_SETGROUPS_ALLOWED */
			__builtin_memcpy(d->e.raw[0], "allow", 6);
		else
			__builtin_memcpy(d->e.raw[0], "deny", 5);
		d->e.m.flags |= NSL_RAW_TEXT;
	}
}

/* 64 bits in one word since 6.3, in two before */
#define READ_CAPS(to, cred, set) bpf_core_read(&(to), sizeof(to), &(cred)->set)

/* What is known only afterwards, and only if it did what was asked. */
static __always_inline void finish(struct draft *d, __u32 what)
{
	struct task_struct *task = current_task();

	switch (what) {
	case NSL_MILESTONE_uid_map:
	case NSL_MILESTONE_gid_map:
	case NSL_MILESTONE_projid_map:
	case NSL_MILESTONE_proc_setgroups:
		finish_map(d, what);
		break;
	case NSL_MILESTONE_capset: {
		const struct cred *cred = BPF_CORE_READ(task, real_cred);

		READ_CAPS(d->e.m.detail[0], cred, cap_permitted);
		READ_CAPS(d->e.m.detail[1], cred, cap_effective);
		break;
	}
	}
}

/* The function has returned `ret`: sends the draft of `what`, if there is one. */
__noinline int tell_milestone(__u64 ret, __u32 what)
{
	struct draft *d = find_draft(what);
	struct nsl_milestone_raw *e;
	__u32 key = draft_key(what);
	long err = ret;

	if (!d)
		return 0;
	d->e.m.err = err < 0 && err >= -4095 ? err : 0;
	if (!d->e.m.err)
		finish(d, what);
	if (enabled) {
		e = EMIT_RESERVE(nsl_milestone_raw, NSL_EV_MILESTONE, NSL_HOOK_MILESTONE);
		if (e) {
			bpf_probe_read_kernel((void *)e + sizeof(struct nsl_head),
					      sizeof(*e) - sizeof(struct nsl_head),
					      (void *)&d->e + sizeof(struct nsl_head));
			e->m.duration =
				d->begin ? (__s64)(e->m.head.ts - d->begin) : NSL_DURATION_UNKNOWN;
			emit(e);
		}
	}
	bpf_map_delete_elem(&drafts, &key);
	return 0;
}

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
	set_text(d, BPF_CORE_READ(bprm, filename));
	tell_milestone(0, NSL_MILESTONE_exec);
}

#endif
