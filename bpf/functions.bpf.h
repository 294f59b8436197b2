/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function hooks: the same facts through fentry/fexit and through
 * kprobe/kretprobe. A kretprobe has no arguments: what is needed of them was
 * kept at the entry, in open_calls.
 *
 * Names: fe_ fentry, fx_ fexit, kp_ kprobe, kr_ kretprobe. user/capture/hooks.c
 * says which function each is attached to.
 */
#ifndef NSLENS_FUNCTIONS_BPF_H
#define NSLENS_FUNCTIONS_BPF_H

#include "steps.bpf.h"
#include "tasks.bpf.h"

#define FENTRY(name)	UNPREEMPTED_PROGRAM("fentry", fe_##name)
#define FEXIT(name)	UNPREEMPTED_PROGRAM("fexit", fx_##name)
/* The same for what every fork passes: they see to it themselves, once there is more to do. */
#define FORK_FENTRY(name) SEC("fentry") int fe_##name(unsigned long long *ctx)
#define FORK_FEXIT(name)  SEC("fexit") int fx_##name(unsigned long long *ctx)
#define KPROBE(name)	SEC("kprobe") int kp_##name(struct pt_regs *ctx)
#define KRETPROBE(name) SEC("kretprobe") int kr_##name(struct pt_regs *ctx)

/*
 * The clone family. Every fork and thread of the machine passes here, so the
 * common case (no CLONE_NEW*, initial nsproxy) is decided by plain loads.
 */
FORK_FENTRY(kernel_clone)
{
	struct kernel_clone_args *args = (void *)ctx[0];
	__u64 flags = args->flags;

	if (nr_open)
		UNPREEMPTED(drop_stale_call());
	if (!(flags & (NSL_NEW_ALL | NSL_EMPTY_MNTNS))) {
		if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
			struct task_struct *task = bpf_get_current_task_btf();

			if ((__u64)task->nsproxy == init_nsproxy_addr)
				return 0;
		} else if ((__u64)BPF_CORE_READ(current_task(), nsproxy) == init_nsproxy_addr) {
			return 0;
		}
	}
	UNPREEMPTED(begin_clone(flags, (__u32)args->exit_signal, NSL_SYS_CLONE, false, 0));
	return 0;
}

KPROBE(kernel_clone)
{
	struct kernel_clone_args *args = (void *)PT_REGS_PARM1_CORE(ctx);
	__u64 flags = BPF_CORE_READ(args, flags);

	if (nr_open)
		drop_stale_call();
	if (!(flags & (NSL_NEW_ALL | NSL_EMPTY_MNTNS)) &&
	    (__u64)BPF_CORE_READ(current_task(), nsproxy) == init_nsproxy_addr)
		return 0;
	begin_clone(flags, (__u32)BPF_CORE_READ(args, exit_signal), NSL_SYS_CLONE, false, 0);
	return 0;
}

#define CLONE_EXIT(name, syscall, compat, result)                                                  \
	FORK_FEXIT(name)                                                                           \
	{                                                                                          \
		if (nr_open)                                                                       \
			UNPREEMPTED(end_call(syscall, compat, (long)ctx[result]));                 \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		if (nr_open)                                                                       \
			end_call(syscall, compat, (long)PT_REGS_RC_CORE(ctx));                     \
		return 0;                                                                          \
	}

CLONE_EXIT(sys_clone, NSL_SYS_CLONE, false, 1)
CLONE_EXIT(sys_fork, NSL_SYS_FORK, is_compat(), 1)
CLONE_EXIT(sys_vfork, NSL_SYS_VFORK, is_compat(), 1)
CLONE_EXIT(compat_sys_clone, NSL_SYS_CLONE, true, 1)

/* clone3: also what is refused before kernel_clone() is called */
static __always_inline void end_clone3(struct pt_regs *regs, long ret)
{
	if (open_call_of_current())
		end_call(NSL_SYS_CLONE3, false, ret);
	else if (ret < 0)
		tell_clone3((void *)PT_REGS_PARM1_CORE_SYSCALL(regs),
			    PT_REGS_PARM2_CORE_SYSCALL(regs), ret, false);
}

FORK_FEXIT(sys_clone3)
{
	struct pt_regs *regs = (void *)ctx[0];
	long ret = ctx[1];

	if (nr_open || ret < 0)
		UNPREEMPTED(end_clone3(regs, ret));
	return 0;
}

/* a kretprobe has no arguments, so the entry reads them for every clone3 */
KPROBE(sys_clone3)
{
	struct pt_regs *regs = (void *)PT_REGS_PARM1_CORE(ctx);

	enter_clone3(PT_REGS_PARM1_CORE_SYSCALL(regs), PT_REGS_PARM2_CORE_SYSCALL(regs), false);
	return 0;
}

KRETPROBE(sys_clone3)
{
	struct open_call *call = open_call_of_current();

	if (call)
		leave_clone3(call, (long)PT_REGS_RC_CORE(ctx));
	return 0;
}

#ifdef __TARGET_ARCH_x86
FEXIT(compat_sys_clone3)
{
	struct pt_regs *regs = (void *)ctx[0];
	long ret = ctx[1];

	if (open_call_of_current())
		end_call(NSL_SYS_CLONE3, true, ret);
	else if (ret < 0)
		tell_clone3((void *)(__u64)(__u32)BPF_CORE_READ(regs, bx),
			    (__u32)BPF_CORE_READ(regs, cx), ret, true);
	return 0;
}

KPROBE(compat_sys_clone3)
{
	struct pt_regs *regs = (void *)PT_REGS_PARM1_CORE(ctx);

	enter_clone3((__u32)BPF_CORE_READ(regs, bx), (__u32)BPF_CORE_READ(regs, cx), true);
	return 0;
}

KRETPROBE(compat_sys_clone3)
{
	struct open_call *call = open_call_of_current();

	if (call)
		leave_clone3(call, (long)PT_REGS_RC_CORE(ctx));
	return 0;
}

FENTRY(compat_sys_setns)
{
	struct pt_regs *regs = (void *)ctx[0];

	begin_setns(BPF_CORE_READ(regs, bx), BPF_CORE_READ(regs, cx), true);
	return 0;
}

FEXIT(compat_sys_setns)
{
	struct call_args args = {.syscall = NSL_SYS_SETNS, .compat = 1};

	args.raw_flags = (__u32)BPF_CORE_READ((struct pt_regs *)ctx[0], cx);
	args.new_flags = args.raw_flags & NSL_NEW_ALL;
	end_or_tell_call(&args, ctx[1]);
	return 0;
}

KPROBE(compat_sys_setns)
{
	struct pt_regs *regs = (void *)PT_REGS_PARM1_CORE(ctx);

	begin_setns(BPF_CORE_READ(regs, bx), BPF_CORE_READ(regs, cx), true);
	return 0;
}

KRETPROBE(compat_sys_setns)
{
	end_call(NSL_SYS_SETNS, true, (long)PT_REGS_RC_CORE(ctx));
	return 0;
}
#endif

/* unshare: ksys_unshare() serves the 64-bit and the 32-bit entry */
FENTRY(ksys_unshare)
{
	begin_unshare(ctx[0], is_compat());
	return 0;
}

FEXIT(ksys_unshare)
{
	struct call_args args = {.syscall = NSL_SYS_UNSHARE, .compat = is_compat()};

	args.raw_flags = ctx[0];
	args.new_flags = ctx[0] & NSL_NEW_ALL;
	end_or_tell_call(&args, (int)ctx[1]);
	return 0;
}

KPROBE(ksys_unshare)
{
	begin_unshare(PT_REGS_PARM1_CORE(ctx), is_compat());
	return 0;
}

KRETPROBE(ksys_unshare)
{
	end_call(NSL_SYS_UNSHARE, is_compat(), (int)PT_REGS_RC_CORE(ctx));
	return 0;
}

/* setns: __do_sys_setns() is notrace, its entry stub is not */
FENTRY(sys_setns)
{
	struct pt_regs *regs = (void *)ctx[0];

	begin_setns(PT_REGS_PARM1_CORE_SYSCALL(regs), PT_REGS_PARM2_CORE_SYSCALL(regs), false);
	return 0;
}

FEXIT(sys_setns)
{
	struct call_args args = {.syscall = NSL_SYS_SETNS};

	args.raw_flags = (__u32)PT_REGS_PARM2_CORE_SYSCALL((struct pt_regs *)ctx[0]);
	args.new_flags = args.raw_flags & NSL_NEW_ALL;
	end_or_tell_call(&args, ctx[1]);
	return 0;
}

KPROBE(sys_setns)
{
	struct pt_regs *regs = (void *)PT_REGS_PARM1_CORE(ctx);

	begin_setns(PT_REGS_PARM1_CORE_SYSCALL(regs), PT_REGS_PARM2_CORE_SYSCALL(regs), false);
	return 0;
}

KRETPROBE(sys_setns)
{
	end_call(NSL_SYS_SETNS, false, (long)PT_REGS_RC_CORE(ctx));
	return 0;
}

/* Functions that tell nothing but their int result, after `n` arguments. */
#define PLAIN_EXIT(name, n)                                                                        \
	FEXIT(name)                                                                                \
	{                                                                                          \
		plain_step(NSL_FN_##name, (int)ctx[n]);                                            \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		plain_step(NSL_FN_##name, (int)PT_REGS_RC_CORE(ctx));                              \
		return 0;                                                                          \
	}

PLAIN_EXIT(unshare_nsproxy_namespaces, 4)

FORK_FEXIT(copy_namespaces)
{
	if (nr_open)
		UNPREEMPTED(plain_step(NSL_FN_copy_namespaces, (int)ctx[2]));
	return 0;
}

KRETPROBE(copy_namespaces)
{
	plain_step(NSL_FN_copy_namespaces, (int)PT_REGS_RC_CORE(ctx));
	return 0;
}

FENTRY(create_new_namespaces)
{
	begin_step(NSL_FN_create_new_namespaces, ctx[0]);
	return 0;
}

FEXIT(create_new_namespaces)
{
	created_step(ctx[4]);
	return 0;
}

KPROBE(create_new_namespaces)
{
	begin_step(NSL_FN_create_new_namespaces, PT_REGS_PARM1_CORE(ctx));
	return 0;
}

KRETPROBE(create_new_namespaces)
{
	created_step(PT_REGS_RC_CORE(ctx));
	return 0;
}

/* The seven copy_*(): `n` arguments, then the new or old namespace, or an error. */
#define COPY(name, nsl_type, bit, struct_name, n)                                                  \
	static __always_inline void step_##name(unsigned long ret)                                 \
	{                                                                                          \
		bool failed = IS_ERR_VALUE(ret);                                                   \
		copy_step(NSL_FN_##name, nsl_type, bit,                                            \
			  failed ? 0 : NS_COMMON((struct struct_name *)ret), failed ? ret : 0);    \
	}                                                                                          \
	FEXIT(name)                                                                                \
	{                                                                                          \
		step_##name(ctx[n]);                                                               \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		step_##name(PT_REGS_RC_CORE(ctx));                                                 \
		return 0;                                                                          \
	}

COPY(copy_mnt_ns, NSL_MNT, NSL_NEWNS, mnt_namespace, 4)
COPY(copy_utsname, NSL_UTS, NSL_NEWUTS, uts_namespace, 3)
COPY(copy_ipcs, NSL_IPC, NSL_NEWIPC, ipc_namespace, 3)
COPY(copy_pid_ns, NSL_PID, NSL_NEWPID, pid_namespace, 3)
COPY(copy_cgroup_ns, NSL_CGROUP, NSL_NEWCGROUP, cgroup_namespace, 3)
COPY(copy_net_ns, NSL_NET, NSL_NEWNET, net, 3)
COPY(copy_time_ns, NSL_TIME, NSL_NEWTIME, time_namespace, 3)

FENTRY(create_user_ns)
{
	begin_step(NSL_FN_create_user_ns, 0);
	return 0;
}

FEXIT(create_user_ns)
{
	user_ns_step((struct cred *)ctx[0], (int)ctx[1]);
	return 0;
}

KPROBE(create_user_ns)
{
	struct open_call *call = open_call_of_current();

	if (call)
		call->creds = PT_REGS_PARM1_CORE(ctx); /* the credentials, for the return */
	begin_step(NSL_FN_create_user_ns, 0);
	return 0;
}

KRETPROBE(create_user_ns)
{
	struct open_call *call = open_call_of_current();

	user_ns_step(call ? (struct cred *)call->creds : NULL, (int)PT_REGS_RC_CORE(ctx));
	return 0;
}

#define INSTALL(name)                                                                              \
	FEXIT(name)                                                                                \
	{                                                                                          \
		install_step(NSL_FN_##name, ctx[1], (int)ctx[2]);                                  \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		install_step(NSL_FN_##name, 0, (int)PT_REGS_RC_CORE(ctx));                         \
		return 0;                                                                          \
	}

INSTALL(mntns_install)
INSTALL(utsns_install)
INSTALL(ipcns_install)
INSTALL(pidns_install)
INSTALL(cgroupns_install)
INSTALL(netns_install)
INSTALL(timens_install)
INSTALL(userns_install)

FORK_FEXIT(switch_task_namespaces)
{
	if (ctx[1])
		UNPREEMPTED(switch_step((struct nsproxy *)ctx[1]));
	return 0;
}

KPROBE(switch_task_namespaces)
{
	switch_step((struct nsproxy *)PT_REGS_PARM2_CORE(ctx));
	return 0;
}

FEXIT(commit_creds)
{
	creds_step();
	return 0;
}

KRETPROBE(commit_creds)
{
	creds_step();
	return 0;
}

/* void: nothing to tell but that it ran */
FEXIT(put_nsset)
{
	plain_step(NSL_FN_put_nsset, 0);
	return 0;
}

KRETPROBE(put_nsset)
{
	plain_step(NSL_FN_put_nsset, 0);
	return 0;
}

/* free_nsproxy() until 6.18, nsproxy_ns_active_put() since: which one is a matter of the name */
#define FREE(name)                                                                                 \
	FENTRY(name)                                                                               \
	{                                                                                          \
		free_nsproxy_step(NSL_FN_##name, (struct nsproxy *)ctx[0]);                        \
		return 0;                                                                          \
	}                                                                                          \
	FEXIT(name)                                                                                \
	{                                                                                          \
		end_exit();                                                                        \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(name)                                                                               \
	{                                                                                          \
		free_nsproxy_step(NSL_FN_##name, (struct nsproxy *)PT_REGS_PARM1_CORE(ctx));       \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		end_exit();                                                                        \
		return 0;                                                                          \
	}

FREE(free_nsproxy)
FREE(nsproxy_ns_active_put)

#define AROUND(name, begin, end)                                                                   \
	FENTRY(name)                                                                               \
	{                                                                                          \
		begin;                                                                             \
		return 0;                                                                          \
	}                                                                                          \
	FEXIT(name)                                                                                \
	{                                                                                          \
		end((int)ctx[0]);                                                                  \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(name)                                                                               \
	{                                                                                          \
		begin;                                                                             \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		end((int)PT_REGS_RC_CORE(ctx));                                                    \
		return 0;                                                                          \
	}

#define END_ZAP(ignored) end_zap()
AROUND(exec_task_namespaces, begin_exec(), end_exec)
AROUND(zap_pid_ns_processes, begin_zap(), END_ZAP)

#define DEATH(name)                                                                                \
	FENTRY(name)                                                                               \
	{                                                                                          \
		inum_freed(ctx[0]);                                                                \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(name)                                                                               \
	{                                                                                          \
		inum_freed(PT_REGS_PARM1_CORE(ctx));                                               \
		return 0;                                                                          \
	}

FEXIT(alloc_mnt_ns)
{
	mnt_ns_allocated(ctx[2]);
	return 0;
}

KRETPROBE(alloc_mnt_ns)
{
	mnt_ns_allocated(PT_REGS_RC_CORE(ctx));
	return 0;
}

/* free_mnt_ns() is inlined in 6.18 and 6.19: there, what follows it after RCU */
FENTRY(free_mnt_ns)
{
	ns_released(NS_COMMON((struct mnt_namespace *)ctx[0]));
	return 0;
}

KPROBE(free_mnt_ns)
{
	ns_released(NS_COMMON((struct mnt_namespace *)PT_REGS_PARM1_CORE(ctx)));
	return 0;
}

FENTRY(mnt_ns_release)
{
	mnt_ns_released((struct mnt_namespace *)ctx[0]);
	return 0;
}

KPROBE(mnt_ns_release)
{
	mnt_ns_released((struct mnt_namespace *)PT_REGS_PARM1_CORE(ctx));
	return 0;
}

FENTRY(nsfs_evict)
{
	nsfs_evicted((struct inode *)ctx[0]);
	return 0;
}

KPROBE(nsfs_evict)
{
	nsfs_evicted((struct inode *)PT_REGS_PARM1_CORE(ctx));
	return 0;
}

DEATH(proc_free_inum)
DEATH(proc_free_inum_nested)

#endif
