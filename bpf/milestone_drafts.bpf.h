/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A milestone while it is under way. While a task is inside such a function, what is known of it
 * stands in `drafts`. It is filled at the entry, or, where fexit has the arguments too, all at once
 * on return; a system call's inner function (path_mount) refines what its stub knows.
 * tell_milestone() sends it.
 */
#ifndef NSLENS_MILESTONE_DRAFTS_BPF_H
#define NSLENS_MILESTONE_DRAFTS_BPF_H

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

#endif
