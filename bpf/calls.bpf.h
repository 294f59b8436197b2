/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls: from the entry of a system call (or of the kernel's own path at exec
 * and exit) to its return. A call that passes the filters on entry is kept in
 * open_calls, and only the steps of such calls are sent.
 */
#ifndef NSLENS_CALLS_BPF_H
#define NSLENS_CALLS_BPF_H

#include "emit.bpf.h"

static __always_inline struct open_call *open_call_of_current(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	/* the common case costs one load: nobody is in a call */
	return nr_open ? bpf_map_lookup_elem(&open_calls, &tid) : NULL;
}

static __noinline bool passes_filters(struct task_struct *task)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (tgid == own_pid)
		return false;
	if (filter_tree && !bpf_map_lookup_elem(&tree, &tgid))
		return false;
	if (filter_comm) {
		char comm[NSL_COMM_LEN] = {};

		bpf_get_current_comm(comm, sizeof(comm));
		for (int i = 0; i < NSL_COMM_LEN; i++) {
			if (comm[i] != want_comm[i])
				return false;
			if (!comm[i])
				break;
		}
	}
	if (filter_cgroup && !in_cgroup(task, want_cgroup, cgroup_subsys))
		return false;
	return true;
}

/* Of a call that begins: those of tasks outside the followed tree are counted, for a hint. */
static __always_inline bool wants_caller(struct task_struct *task)
{
	if (passes_filters(task))
		return true;
	if (filter_tree)
		__sync_fetch_and_add(&others, 1);
	return false;
}

static __always_inline bool wants_flags(__u64 new_flags)
{
	return !want_types || (new_flags & want_types);
}

/* CLONE_NEW* of the slots that hold another namespace than the initial one. */
static __always_inline __u64 private_types(const struct nsl_view *v)
{
	static const __u64 bits[NSL_NSPROXY_SLOTS] = {
		[NSL_SLOT_MNT] = NSL_NEWNS,
		[NSL_SLOT_UTS] = NSL_NEWUTS,
		[NSL_SLOT_IPC] = NSL_NEWIPC,
		[NSL_SLOT_PID_FOR_CHILDREN] = NSL_NEWPID,
		[NSL_SLOT_NET] = NSL_NEWNET,
		[NSL_SLOT_TIME] = NSL_NEWTIME,
		[NSL_SLOT_TIME_FOR_CHILDREN] = NSL_NEWTIME,
		[NSL_SLOT_CGROUP] = NSL_NEWCGROUP,
	};
	__u64 types = 0;

	for (int i = 0; i < NSL_NSPROXY_SLOTS; i++)
		if (v->slot[i].inum != init_view.slot[i].inum)
			types |= bits[i];
	return types;
}

static __always_inline bool track_call(const struct open_call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();
	bool known = bpf_map_lookup_elem(&open_calls, &tid) != NULL;

	if (bpf_map_update_elem(&open_calls, &tid, call, BPF_ANY)) {
		count_loss(NSL_HOOK_CALL);
		return false;
	}
	if (!known)
		__sync_fetch_and_add(&nr_open, 1);
	return true;
}

static __always_inline void untrack_call(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (!bpf_map_delete_elem(&open_calls, &tid))
		__sync_fetch_and_add(&nr_open, -1);
}

/*
 * At the entry of a call no other can be open. If one is, its return was missed:
 * a program that is preempted in the middle keeps the kernel from running it for
 * another task of the same processor. It must not end with this call's return.
 */
static __always_inline void drop_stale_call(void)
{
	struct open_call *call = open_call_of_current();

	/* clone3 through a kprobe begins before kernel_clone() */
	if (call && call->syscall != NSL_SYS_CLONE3)
		untrack_call();
}

struct call_args {
	__u64 raw_flags;
	__u64 new_flags;
	__u64 uargs;
	int fd;
	__u8 syscall;
	__u8 compat;
	__u8 alone; /* no begin was sent, because its entry is not hooked */
};

/* new_flags are what was passed; what they ask for may be more. */
static __always_inline __u64 asked_types(const struct call_args *args)
{
	return args->new_flags | nsl_implied_flags(args->syscall, args->raw_flags);
}

static __noinline void begin_call(const struct call_args *args)
{
	struct task_struct *task = current_task();
	struct open_call call = {
		.new_flags = args->new_flags,
		.raw_flags = args->raw_flags,
		.uargs = args->uargs,
		.syscall = args->syscall,
		.compat = args->compat,
		.target_type = NSL_TYPE_UNKNOWN,
	};
	struct nsl_call_begin *e;

	e = EMIT_RESERVE(nsl_call_begin, NSL_EV_CALL_BEGIN, NSL_HOOK_CALL);
	if (!e) {
		/* its end and steps can still be told */
		track_call(&call);
		return;
	}
	EMIT_CLEAR(e);
	e->syscall = args->syscall;
	e->flags = (args->compat ? NSL_CALL_COMPAT : 0) | (of_command() ? NSL_CALL_OF_COMMAND : 0);
	e->raw_flags = args->raw_flags;
	e->new_flags = args->new_flags;
	e->fd = args->fd;
	e->target_type = NSL_TYPE_UNKNOWN;
	if (args->syscall == NSL_SYS_SETNS) {
		read_target(e, task);
		call.target = e->target;
		call.target_type = e->target_type;
		if (e->target_kind == NSL_TARGET_PIDFD)
			e->new_flags = args->raw_flags & NSL_NEW_ALL;
		if (e->target_kind == NSL_TARGET_NSFS && e->target_type < NSL_TYPES) {
			/* the type of the file, not what the caller guessed */
			static const __u64 bits[NSL_TYPES] = {
				[NSL_MNT] = NSL_NEWNS,	      [NSL_UTS] = NSL_NEWUTS,
				[NSL_IPC] = NSL_NEWIPC,	      [NSL_PID] = NSL_NEWPID,
				[NSL_CGROUP] = NSL_NEWCGROUP, [NSL_NET] = NSL_NEWNET,
				[NSL_TIME] = NSL_NEWTIME,     [NSL_USER] = NSL_NEWUSER,
			};

			e->new_flags = bits[e->target_type & 7];
		}
		call.new_flags = e->new_flags;
		if (!wants_flags(e->new_flags)) {
			bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
			return;
		}
	}
	/* what create_new_namespaces() will be given: setns and exec copy an nsproxy only */
	if (args->syscall != NSL_SYS_SETNS && args->syscall != NSL_SYS_EXEC)
		call.create_flags = asked_types(args);
	read_view(&e->before, task, BPF_CORE_READ(task, nsproxy));
	if ((args->syscall == NSL_SYS_EXIT && !wants_flags(private_types(&e->before))) ||
	    !track_call(&call)) {
		bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
		return;
	}
	emit(e);
}

/* Of `args` the system call and its flags. `exiting`: the nsproxy is gone, or about to go. */
static __noinline void send_end(const struct call_args *args, long ret, bool exiting)
{
	struct task_struct *task = current_task();
	struct nsl_call_end *e;

	e = EMIT_RESERVE(nsl_call_end, NSL_EV_CALL_END, NSL_HOOK_CALL);
	if (!e)
		return;
	EMIT_CLEAR(e);
	e->syscall = args->syscall;
	e->flags = (args->compat ? NSL_CALL_COMPAT : 0) | (args->alone ? NSL_CALL_ALONE : 0);
	e->ret = ret;
	e->raw_flags = args->raw_flags;
	e->new_flags = args->new_flags;
	read_view(&e->after, task, exiting ? NULL : BPF_CORE_READ(task, nsproxy));
	emit(e);
}

static __noinline void tell_new_namespaces(struct task_struct *task, __u64 made, bool new_nsproxy);

/* The caller may have come to namespaces that no row has told yet. */
static __always_inline void tell_change(const struct call_args *args, long ret)
{
	if (want_graph && !ret &&
	    (args->syscall == NSL_SYS_UNSHARE || args->syscall == NSL_SYS_SETNS ||
	     args->syscall == NSL_SYS_EXEC))
		tell_new_namespaces(current_task(),
				    args->syscall == NSL_SYS_UNSHARE ? asked_types(args) : 0, true);
}

static __always_inline void end_call(__u8 syscall, __u8 compat, long ret)
{
	struct open_call *call = open_call_of_current();
	struct call_args args = {.syscall = syscall, .compat = compat};

	if (!call)
		return;
	args.raw_flags = call->raw_flags;
	/* begun in kernel_clone(): no bit of the exit signal, always below 0x80, was a flag */
	if (syscall == NSL_SYS_CLONE3 && call->syscall == NSL_SYS_CLONE)
		args.raw_flags &= ~0x7fULL;
	args.new_flags = call->new_flags;
	send_end(&args, ret, false);
	tell_change(&args, ret);
	untrack_call();
}

/* unshare and setns: also tells calls that began before the hooks were there. */
static __always_inline void end_or_tell_call(const struct call_args *args, long ret)
{
	struct open_call *call = open_call_of_current();

	if (call) {
		end_call(args->syscall, args->compat, ret);
		return;
	}
	if (!enabled || !passes_filters(current_task()) || !wants_flags(asked_types(args)))
		return;
	send_end(args, ret, false);
	tell_change(args, ret);
}

static __always_inline void begin_unshare(__u64 flags, bool compat)
{
	struct call_args args = {
		.syscall = NSL_SYS_UNSHARE,
		.compat = compat,
		.raw_flags = flags,
		.new_flags = flags & NSL_NEW_ALL,
	};

	drop_stale_call();
	if (enabled && wants_flags(asked_types(&args)) && wants_caller(current_task()))
		begin_call(&args);
}

static __always_inline void begin_setns(int fd, int nstype, bool compat)
{
	struct call_args args = {
		.syscall = NSL_SYS_SETNS,
		.compat = compat,
		.raw_flags = (__u32)nstype,
		.new_flags = (__u32)nstype & NSL_NEW_ALL,
		.fd = fd,
	};

	drop_stale_call();
	if (enabled && wants_caller(current_task()))
		begin_call(&args);
}

/*
 * The clone family. `flags` are those of struct kernel_clone_args: without the
 * exit signal of clone(2), whose low byte therefore never is CLONE_NEWTIME.
 */
static __noinline void begin_clone(__u64 flags, __u64 exit_signal, __u8 syscall, bool compat,
				   __u64 uargs)
{
	struct task_struct *task = current_task();
	struct call_args args = {
		.syscall = syscall,
		.compat = compat,
		/* clone3 has it in a member of its own */
		.raw_flags = syscall == NSL_SYS_CLONE3 ? flags : flags | exit_signal,
		.new_flags = flags & NSL_NEW_ALL,
		.uargs = uargs,
	};

	drop_stale_call();
	if (!enabled || open_call_of_current() || !wants_caller(task))
		return; /* open: already told at the entry of clone3 */
	if (asked_types(&args)) {
		if (!wants_flags(asked_types(&args)))
			return;
	} else {
		struct nsproxy *p = BPF_CORE_READ(task, nsproxy);

		if (want_types || !p || !has_pending(task, p))
			return;
	}
	begin_call(&args);
}

/*
 * A clone3 of which only the return was seen: it refuses some arguments before
 * kernel_clone() is reached. Its flags count only if the kernel copied them:
 * not with a size or an address that is wrong.
 */
static __noinline void tell_clone3(const void *uargs, __u64 size, long ret, bool compat)
{
	struct call_args args = {.syscall = NSL_SYS_CLONE3, .compat = compat, .alone = 1};
	__u64 given[8]; /* CLONE_ARGS_SIZE_VER0 */

	if (!enabled || ret == -7 /* E2BIG */ || size < sizeof(given) || size > 4096)
		return;
	if (bpf_probe_read_user(given, sizeof(given), uargs))
		return;
	args.raw_flags = given[0];
	args.new_flags = given[0] & NSL_NEW_ALL;
	if (!args.new_flags || !wants_flags(args.new_flags) || !passes_filters(current_task()))
		return;
	send_end(&args, ret, false);
}

/*
 * clone3 at its entry, before the kernel has copied the arguments. Memory that
 * is not paged in cannot be read here: then once more on return.
 */
static __always_inline void enter_clone3(__u64 uargs, __u64 size, bool compat)
{
	__u64 given[8];

	/* the kernel does not read flags then; no address also means "read" in open_call */
	if (size < sizeof(given) || size > 4096 || !uargs)
		return;
	if (bpf_probe_read_user(given, sizeof(given), (void *)uargs)) {
		struct open_call call = {
			.syscall = NSL_SYS_CLONE3,
			.compat = compat,
			.uargs = uargs,
		};

		if (enabled && passes_filters(current_task()))
			track_call(&call);
		return;
	}
	begin_clone(given[0], given[4], NSL_SYS_CLONE3, compat, 0);
}

static __always_inline void leave_clone3(struct open_call *call, long ret)
{
	__u64 uargs = call->uargs;
	bool compat = call->compat;

	if (!uargs) {
		end_call(NSL_SYS_CLONE3, compat, ret);
		return;
	}
	untrack_call();
	tell_clone3((void *)uargs, 64, ret, compat);
}

#endif
