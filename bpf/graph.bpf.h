/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a graph needs beside calls: rows for namespaces and tasks, each once a
 * snapshot. Global functions are verified once, not at every place of call.
 */
#ifndef NSLENS_GRAPH_BPF_H
#define NSLENS_GRAPH_BPF_H

#include "calls.bpf.h"

/* MAX_PID_NS_LEVEL and the user namespaces' limit are 32, plus the initial one */
#define MAX_LEVELS 34

/* Is this the first time that the present snapshot meets the object? */
static __always_inline bool first_sight(__u64 address)
{
	__u32 *number = bpf_map_lookup_elem(&seen, &address);
	__u32 now = snapshot_number;

	if (number && *number == now)
		return false;
	bpf_map_update_elem(&seen, &address, &now, BPF_ANY);
	return true;
}

static __always_inline void remember_inum(__u32 inum)
{
	__u8 one = 1;

	if (inum && bpf_map_update_elem(&inums, &inum, &one, BPF_ANY))
		count_loss(NSL_HOOK_FREE);
}

/* One row: `ns` is the address of its ns_common, `type` an enum nsl_type. */
__noinline int tell_ns(__u64 ns, __u32 type, __u32 born)
{
	struct nsl_ns *e;

	if (!ns || type >= NSL_TYPES)
		return 0;
	e = EMIT_RESERVE(nsl_ns, NSL_EV_NS, NSL_HOOK_SNAPSHOT);
	if (!e)
		return 0;
	EMIT_CLEAR(e);
	read_ref(&e->ns, ns);
	e->type = type;
	e->born = born;
	e->ns_id = ns_kernel_id(ns);
	e->refs = ns_refs(type, ns);
	e->active = ns_active(ns);
	e->owner_uid = NSL_COUNT_UNKNOWN;
	if (type == NSL_USER) {
		struct user_namespace *user =
			(void *)(ns - bpf_core_field_offset(struct user_namespace, ns));

		e->owner_uid = BPF_CORE_READ(user, owner.val);
	}
	read_family(&e->owner, &e->parent, &e->level, type, ns);
	if (sees_functions)
		remember_inum(e->ns.inum);
	emit(e);
	return 0;
}

/* A user namespace and all above it: also those without a task. */
__noinline int tell_user_line(__u64 ns)
{
	for (int i = 0; i < MAX_LEVELS; i++) {
		struct user_namespace *user;

		if (!ns || !first_sight(ns))
			break;
		tell_ns(ns, NSL_USER, 0);
		user = (void *)(ns - bpf_core_field_offset(struct user_namespace, ns));
		ns = NS_COMMON(BPF_CORE_READ(user, parent));
	}
	return 0;
}

__noinline int tell_pid_line(__u64 ns)
{
	for (int i = 0; i < MAX_LEVELS; i++) {
		struct pid_namespace *pid;

		if (!ns || !first_sight(ns))
			break;
		tell_ns(ns, NSL_PID, 0);
		pid = (void *)(ns - bpf_core_field_offset(struct pid_namespace, ns));
		tell_user_line(NS_COMMON(BPF_CORE_READ(pid, user_ns)));
		ns = NS_COMMON(BPF_CORE_READ(pid, parent));
	}
	return 0;
}

/* A namespace, with what it pins: owner and parents. */
__noinline int tell_ns_line(__u64 ns, __u32 type)
{
	struct nsl_ref owner, parent;
	__u32 level;

	if (!ns)
		return 0;
	if (type == NSL_USER)
		return tell_user_line(ns);
	if (type == NSL_PID)
		return tell_pid_line(ns);
	if (!first_sight(ns))
		return 0;
	tell_ns(ns, type, 0);
	read_family(&owner, &parent, &level, type, ns);
	return tell_user_line(owner.obj);
}

#define TELL_SLOT(p, field, type) tell_ns_line(NS_COMMON(BPF_CORE_READ(p, field)), type)

static __noinline void tell_view(struct task_struct *task, struct nsproxy *p)
{
	struct nsproxy___time *t = (void *)p;

	if (p && first_sight((__u64)p)) {
		TELL_SLOT(p, mnt_ns, NSL_MNT);
		TELL_SLOT(p, uts_ns, NSL_UTS);
		TELL_SLOT(p, ipc_ns, NSL_IPC);
		TELL_SLOT(p, pid_ns_for_children, NSL_PID);
		TELL_SLOT(p, net_ns, NSL_NET);
		TELL_SLOT(p, cgroup_ns, NSL_CGROUP);
		if (bpf_core_field_exists(t->time_ns)) {
			TELL_SLOT(t, time_ns, NSL_TIME);
			TELL_SLOT(t, time_ns_for_children, NSL_TIME);
		}
	}
	tell_user_line(NS_COMMON(user_ns_of(task)));
	tell_pid_line(NS_COMMON(active_pid_ns(task)));
}

/*
 * After a change, where no step tells of births: what the flags say is new, even
 * if its address was met before. The rest only if it is news. `new_nsproxy`: it may
 * lie where one lay that was told of.
 */
static __noinline void tell_new_namespaces(struct task_struct *task, __u64 made, bool new_nsproxy)
{
	struct nsproxy *p = BPF_CORE_READ(task, nsproxy);
	struct nsproxy___time *t = (void *)p;
	__u64 address = (__u64)p;

	if (!p)
		return;
	if (new_nsproxy)
		bpf_map_delete_elem(&seen, &address);
	if (!sees_functions && made) {
		if (made & NSL_NEWUSER)
			tell_ns(NS_COMMON(user_ns_of(task)), NSL_USER, 1);
		if (made & NSL_NEWNS)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, mnt_ns)), NSL_MNT, 1);
		if (made & NSL_NEWUTS)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, uts_ns)), NSL_UTS, 1);
		if (made & NSL_NEWIPC)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, ipc_ns)), NSL_IPC, 1);
		if (made & NSL_NEWPID)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, pid_ns_for_children)), NSL_PID, 1);
		if (made & NSL_NEWNET)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, net_ns)), NSL_NET, 1);
		if (made & NSL_NEWCGROUP)
			tell_ns(NS_COMMON(BPF_CORE_READ(p, cgroup_ns)), NSL_CGROUP, 1);
		if ((made & NSL_NEWTIME) && bpf_core_field_exists(t->time_ns))
			tell_ns(NS_COMMON(BPF_CORE_READ(t, time_ns_for_children)), NSL_TIME, 1);
	}
	tell_view(task, p);
}

#endif
