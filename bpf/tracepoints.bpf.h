/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints. task_newtask, sched_process_exec and sched_process_exit serve
 * every way of tracing. sys_enter and sys_exit tax each system call of the
 * machine: they are attached only where no function hook can be had.
 */
#ifndef NSLENS_TRACEPOINTS_BPF_H
#define NSLENS_TRACEPOINTS_BPF_H

#include "milestones.bpf.h"

/* preemptible since 7.1 */
#define TRACEPOINT(name) UNPREEMPTED_PROGRAM("tp_btf/" #name, tp_##name)

SEC("tp_btf/task_newtask") int tp_task_newtask(unsigned long long *ctx)
{
	new_task((struct task_struct *)ctx[0], ctx[1]);
	return 0;
}

TRACEPOINT(sched_process_exec)
{
	exec_task((struct task_struct *)ctx[0], (__u32)ctx[1]);
	if (follow_programs)
		follow_program((struct task_struct *)ctx[0]);
	if (want_milestones)
		tell_exec((struct linux_binprm *)ctx[2]);
	return 0;
}

TRACEPOINT(cgroup_attach_task)
{
	tell_cgroup_attach((struct cgroup *)ctx[0], (struct task_struct *)ctx[2]);
	return 0;
}

/* its own name: the kernel shows fifteen characters, the same as of sched_process_exit */
UNPREEMPTED_PROGRAM("tp_btf/sched_process_free", tp_task_freed)
{
	if (want_graph)
		free_task((struct task_struct *)ctx[0]);
	if (filter_tree)
		free_member((struct task_struct *)ctx[0]);
	return 0;
}

SEC("tp_btf/sched_process_exit") int tp_sched_process_exit(unsigned long long *ctx)
{
	if (exit_matters())
		UNPREEMPTED(exit_task((struct task_struct *)ctx[0]));
	return 0;
}

enum entry {
	ENTRY_NONE,
	ENTRY_CLONE,
	ENTRY_CLONE3,
	ENTRY_FORK,
	ENTRY_VFORK,
	ENTRY_UNSHARE,
	ENTRY_SETNS,
	ENTRY_EXEC
};

#if defined(__TARGET_ARCH_x86)
static __always_inline enum entry entry_of(long nr, bool compat)
{
	if (compat) {
		switch (nr) { /* arch/x86/entry/syscalls/syscall_32.tbl */
		case 120:
			return ENTRY_CLONE;
		case 435:
			return ENTRY_CLONE3;
		case 2:
			return ENTRY_FORK;
		case 190:
			return ENTRY_VFORK;
		case 310:
			return ENTRY_UNSHARE;
		case 346:
			return ENTRY_SETNS;
		case 11:
		case 358:
			return ENTRY_EXEC;
		}
		return ENTRY_NONE;
	}
	switch (nr & ~0x40000000L) { /* x32 has a bit of its own */
	case 56:
		return ENTRY_CLONE;
	case 435:
		return ENTRY_CLONE3;
	case 57:
		return ENTRY_FORK;
	case 58:
		return ENTRY_VFORK;
	case 272:
		return ENTRY_UNSHARE;
	case 308:
		return ENTRY_SETNS;
	case 59:
	case 322:
	case 520:
	case 545:
		return ENTRY_EXEC;
	}
	return ENTRY_NONE;
}

/* The numbers of either table, so that all other system calls leave at once. */
static __always_inline bool may_matter(long nr)
{
	return entry_of(nr, false) || entry_of(nr, true);
}

static __always_inline __u64 entry_arg(struct pt_regs *regs, int n, bool compat)
{
	if (compat)
		return (__u32)(n ? BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, bx));
	return n ? PT_REGS_PARM2_CORE_SYSCALL(regs) : PT_REGS_PARM1_CORE_SYSCALL(regs);
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline enum entry entry_of(long nr, bool compat)
{
	switch (nr) { /* include/uapi/asm-generic/unistd.h */
	case 220:
		return ENTRY_CLONE;
	case 435:
		return ENTRY_CLONE3;
	case 97:
		return ENTRY_UNSHARE;
	case 268:
		return ENTRY_SETNS;
	case 221:
	case 281:
		return ENTRY_EXEC;
	}
	return ENTRY_NONE;
}

static __always_inline bool may_matter(long nr)
{
	return entry_of(nr, false);
}

static __always_inline __u64 entry_arg(struct pt_regs *regs, int n, bool compat)
{
	return n ? PT_REGS_PARM2_CORE_SYSCALL(regs) : PT_REGS_PARM1_CORE_SYSCALL(regs);
}
#endif

#define CSIGNAL 0xff

static __always_inline void enter_call(struct pt_regs *regs, long nr)
{
	bool compat = is_compat();
	__u64 arg;

	switch (entry_of(nr, compat)) {
	case ENTRY_CLONE:
		/* only 32 bits of flags, and the low byte is the exit signal */
		arg = (__u32)entry_arg(regs, 0, compat);
		begin_clone(arg & ~CSIGNAL, arg & CSIGNAL, NSL_SYS_CLONE, compat, 0);
		break;
	case ENTRY_CLONE3:
		enter_clone3(entry_arg(regs, 0, compat), entry_arg(regs, 1, compat), compat);
		break;
	case ENTRY_FORK:
		begin_clone(0, 17 /* SIGCHLD */, NSL_SYS_FORK, compat, 0);
		break;
	case ENTRY_VFORK:
		begin_clone(0x4100 /* VFORK|VM */, 17, NSL_SYS_VFORK, compat, 0);
		break;
	case ENTRY_UNSHARE:
		begin_unshare(entry_arg(regs, 0, compat), compat);
		break;
	case ENTRY_SETNS:
		begin_setns(entry_arg(regs, 0, compat), entry_arg(regs, 1, compat), compat);
		break;
	case ENTRY_EXEC: {
		struct task_struct *task = current_task();
		struct nsproxy *p = BPF_CORE_READ(task, nsproxy);
		struct call_args args = {.syscall = NSL_SYS_EXEC, .compat = compat};

		if (enabled && p && time_pending(p) && wants_flags(NSL_NEWTIME) &&
		    passes_filters(task))
			begin_call(&args);
		break;
	}
	default:
		break;
	}
}

SEC("tp_btf/sys_enter") int tp_sys_enter(unsigned long long *ctx)
{
	long nr = ctx[1];

	if (may_matter(nr))
		UNPREEMPTED(enter_call((struct pt_regs *)ctx[0], nr));
	return 0;
}

static __always_inline void leave_call(long ret)
{
	struct open_call *call = open_call_of_current();

	if (!call)
		return;
	if (call->syscall == NSL_SYS_CLONE3)
		leave_clone3(call, ret);
	else
		end_call(call->syscall, call->compat, ret);
}

SEC("tp_btf/sys_exit") int tp_sys_exit(unsigned long long *ctx)
{
	if (nr_open)
		UNPREEMPTED(leave_call(ctx[1]));
	return 0;
}

#endif
