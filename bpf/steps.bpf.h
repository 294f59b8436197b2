/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps: kernel functions inside an open call, and the birth and death of namespaces. */
#ifndef NSLENS_STEPS_BPF_H
#define NSLENS_STEPS_BPF_H

#include "graph.bpf.h"

#define IS_ERR_VALUE(x) ((unsigned long)(x) >= (unsigned long)-4095)

static __always_inline struct nsl_step *reserve_step(enum nsl_kind kind, enum nsl_fn fn)
{
	struct nsl_step *e = EMIT_RESERVE(nsl_step, kind, NSL_HOOK_STEP);

	if (e) {
		EMIT_CLEAR(e);
		e->fn = fn;
	}
	return e;
}

/* A function that has returned, with nothing to tell but its result. */
static __noinline void plain_step(enum nsl_fn fn, long ret)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, fn);
	if (!e)
		return;
	e->ret = ret;
	e->new_flags = call->new_flags;
	if (fn == NSL_FN_copy_namespaces)
		e->flags = NSL_STEP_UNBORN;
	emit(e);
}

static __always_inline void begin_step(enum nsl_fn fn, __u64 flags)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	if (fn == NSL_FN_create_new_namespaces)
		call->create_flags = flags;
	e = reserve_step(NSL_EV_STEP_BEGIN, fn);
	if (!e)
		return;
	e->new_flags = flags & NSL_NEW_ALL;
	emit(e);
}

static __always_inline void created_step(unsigned long ret)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, NSL_FN_create_new_namespaces);
	if (!e)
		return;
	e->new_flags = call->create_flags & NSL_NEW_ALL;
	if (IS_ERR_VALUE(ret))
		e->ret = ret;
	else
		e->nsproxy = ret;
	emit(e);
}

/* copy_*() has returned `ns_common` (0: an error, in `ret`). */
static __noinline void copy_step(enum nsl_fn fn, enum nsl_type type, __u64 bit, __u64 ns_common,
				 long ret)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, fn);
	if (!e) {
		if (ns_common && (call->create_flags & bit))
			remember_inum(BPF_CORE_READ((struct ns_common *)ns_common, inum));
		return;
	}
	e->new_flags = call->create_flags & NSL_NEW_ALL;
	if (!ns_common) {
		e->ret = ret;
	} else {
		read_ref(&e->ns, ns_common);
		if (call->create_flags & bit) {
			e->ns_id = ns_kernel_id(ns_common);
			read_family(&e->owner, &e->parent, &e->level, type, ns_common);
			remember_inum(e->ns.inum);
		}
	}
	emit(e);
}

/* create_user_ns(new) puts what it made into the credentials it was given. */
static __noinline void user_ns_step(struct cred *new, long ret)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, NSL_FN_create_user_ns);
	if (!e)
		return;
	e->ret = ret;
	e->new_flags = call->new_flags;
	if (!new) {
		e->flags = NSL_STEP_UNTRUSTED;
	} else if (!ret) {
		__u64 ns = NS_COMMON(BPF_CORE_READ(new, user_ns));

		read_ref(&e->ns, ns);
		e->ns_id = ns_kernel_id(ns);
		read_family(&e->owner, &e->parent, &e->level, NSL_USER, ns);
		remember_inum(e->ns.inum);
	}
	emit(e);
}

/* *_install(nsset, ns); `ns` 0: unknown, then it is the target of setns. */
static __noinline void install_step(enum nsl_fn fn, __u64 ns, long ret)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, fn);
	if (!e)
		return;
	e->ret = ret;
	e->new_flags = call->new_flags;
	if (ns)
		read_ref(&e->ns, ns);
	else
		e->ns = call->target;
	if (!ret)
		remember_inum(e->ns.inum);
	emit(e);
}

/* switch_task_namespaces(task, new) in place; at an exit `new` is NULL. */
static __always_inline void switch_step(struct nsproxy *new)
{
	struct open_call *call;
	struct nsl_step *e;

	if (!new)
		return;
	call = open_call_of_current();
	if (!call)
		return;
	e = reserve_step(NSL_EV_STEP, NSL_FN_switch_task_namespaces);
	if (!e)
		return;
	e->new_flags = call->new_flags;
	e->nsproxy = (__u64) new;
	emit(e);
}

/* commit_creds() also serves setuid and exec: only a change of user namespace is a step. */
static __always_inline void creds_step(void)
{
	struct open_call *call = open_call_of_current();
	struct nsl_step *e;

	if (!call || !(call->new_flags & NSL_NEWUSER))
		return;
	e = reserve_step(NSL_EV_STEP, NSL_FN_commit_creds);
	if (!e)
		return;
	e->new_flags = call->new_flags;
	read_ref(&e->ns, NS_COMMON(user_ns_of(current_task())));
	emit(e);
}

/*
 * The last user of an nsproxy has gone: free_nsproxy(), or what stands in its
 * place since 6.19. Told before the object is released. In an exiting task this
 * is the call: exit itself is hooked nowhere, since every thread pays for it.
 */
static __noinline void free_nsproxy_step(enum nsl_fn fn, struct nsproxy *p)
{
	struct task_struct *task = current_task();
	struct nsl_step *e;

	if (!enabled)
		return;
	if (!open_call_of_current()) {
		struct open_call call = {.syscall = NSL_SYS_EXIT};
		struct nsl_call_begin *b;

		if (!(BPF_CORE_READ(task, flags) & PF_EXITING) || !passes_filters(task))
			return;
		b = EMIT_RESERVE(nsl_call_begin, NSL_EV_CALL_BEGIN, NSL_HOOK_CALL);
		if (!b)
			return;
		EMIT_CLEAR(b);
		b->syscall = NSL_SYS_EXIT;
		b->target_type = NSL_TYPE_UNKNOWN;
		read_view(&b->before, task, p);
		if (!wants_flags(private_types(&b->before)) || !track_call(&call)) {
			bpf_ringbuf_discard(b, BPF_RB_NO_WAKEUP);
			return;
		}
		emit(b);
	}
	e = reserve_step(NSL_EV_STEP, fn);
	if (!e)
		return;
	e->nsproxy = (__u64)p;
	emit(e);
}

/* The end of an exit call; any other call goes on. */
static __always_inline void end_exit(void)
{
	struct open_call *call = open_call_of_current();
	struct call_args args = {.syscall = NSL_SYS_EXIT};

	if (!call || call->syscall != NSL_SYS_EXIT)
		return;
	send_end(&args, 0, true);
	untrack_call();
}

/* Pid 1 of a pid namespace exits and takes everybody in it along. */
static __always_inline void begin_zap(void)
{
	struct call_args args = {.syscall = NSL_SYS_EXIT};

	if (!enabled || !passes_filters(current_task()) || !wants_flags(NSL_NEWPID))
		return;
	begin_call(&args);
	begin_step(NSL_FN_zap_pid_ns_processes, 0);
}

static __always_inline void end_zap(void)
{
	plain_step(NSL_FN_zap_pid_ns_processes, 0);
	end_exit();
}

/* exec moves into a pending time namespace (6.2 and later). */
static __always_inline void begin_exec(void)
{
	struct task_struct *task = current_task();
	struct call_args args = {.syscall = NSL_SYS_EXEC};
	struct nsproxy *p;

	if (!enabled)
		return;
	p = BPF_CORE_READ(task, nsproxy);
	if (!p || !time_pending(p) || !wants_flags(NSL_NEWTIME) || !passes_filters(task))
		return;
	begin_call(&args);
	begin_step(NSL_FN_exec_task_namespaces, 0);
}

static __always_inline void end_exec(long ret)
{
	struct open_call *call = open_call_of_current();

	if (!call || call->syscall != NSL_SYS_EXEC)
		return;
	plain_step(NSL_FN_exec_task_namespaces, ret);
	end_call(NSL_SYS_EXEC, 0, ret);
}

/*
 * Runs in task, worker and softirq context. A program that interrupts itself is
 * not run by the kernel, so two copies are attached: where one is cut out, the
 * other runs, and whoever comes second finds the number gone.
 */
static __always_inline void inum_freed(__u32 inum)
{
	struct nsl_ns_free *e;

	if (!bpf_map_lookup_elem(&inums, &inum))
		return; /* not a namespace, or one that nobody has seen */
	if (enabled) {
		e = EMIT_RESERVE(nsl_ns_free, NSL_EV_NS_FREE, NSL_HOOK_FREE);
		if (e) {
			EMIT_CLEAR(e);
			e->ns.inum = inum;
			e->type = NSL_TYPE_UNKNOWN;
			emit(e);
		}
	}
	bpf_map_delete_elem(&inums, &inum);
}

/*
 * The nsfs inode of a namespace goes: its last descriptor and its last bind mount
 * are gone. In the context of who let them go.
 */
static __always_inline void nsfs_evicted(struct inode *inode)
{
	__u64 ns = (__u64)BPF_CORE_READ(inode, i_private);
	struct nsl_ns_free *e;

	if (!enabled || !ns)
		return;
	e = EMIT_RESERVE(nsl_ns_free, NSL_EV_UNPIN, NSL_HOOK_FREE);
	if (!e)
		return;
	EMIT_CLEAR(e);
	e->type = ns_type(ns);
	read_ref(&e->ns, ns);
	emit(e);
}

/* MNT_NS_ANON_INO since 6.18 (include/uapi/linux/nsfs.h), 0 before */
static __always_inline bool is_anonymous(__u32 inum)
{
	return !inum || inum == 0xEFFFFFF7;
}

/*
 * alloc_mnt_ns() outside of a call: open_tree() and fsmount() make mount
 * namespaces that no task is in, anonymous ones on every kernel, full ones since 7.0.
 */
static __always_inline void mnt_ns_allocated(unsigned long ret)
{
	unsigned long address = 0;

	if (!enabled || IS_ERR_VALUE(ret) || open_call_of_current())
		return;
	/* the verifier knows it as a pointer: a global function takes numbers only */
	bpf_probe_read_kernel(&address, sizeof(address), &ret);
	tell_ns(NS_COMMON((struct mnt_namespace *)address), NSL_MNT, 1);
}

/* Only anonymous ones: the others are told by their inode number. */
static __always_inline void ns_released(__u64 ns)
{
	struct nsl_ns_free *e;

	if (!enabled || !ns || !is_anonymous(BPF_CORE_READ((struct ns_common *)ns, inum)))
		return;
	e = EMIT_RESERVE(nsl_ns_free, NSL_EV_NS_FREE, NSL_HOOK_FREE);
	if (!e)
		return;
	EMIT_CLEAR(e);
	e->type = NSL_MNT;
	read_ref(&e->ns, ns);
	emit(e);
}

/* One of its passive references goes (6.11 and later): is it the last? */
static __always_inline void mnt_ns_released(struct mnt_namespace *mnt)
{
	__u32 passive = 0;

	bpf_core_read(&passive, sizeof(passive), &mnt->passive);
	if (passive == 1)
		ns_released(NS_COMMON(mnt));
}

#endif
