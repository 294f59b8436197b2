/* SPDX-License-Identifier: GPL-2.0-only */
/* Births, execs and exits of tasks, and the process tree that a filter follows. */
#ifndef NSLENS_TASKS_BPF_H
#define NSLENS_TASKS_BPF_H

#include "graph.bpf.h"

static __always_inline void count_fork(void)
{
	__sync_fetch_and_add(&forks[bpf_get_smp_processor_id() & (FORK_SHARDS - 1)][0], 1);
}

/* Which task it is, beside its namespaces. */
static __noinline void read_identity(struct nsl_task *e, struct task_struct *task)
{
	__u32 flags = BPF_CORE_READ(task, flags);

	e->pid = BPF_CORE_READ(task, tgid);
	e->tid = BPF_CORE_READ(task, pid);
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	e->start = BPF_CORE_READ(task, start_time);
	e->cgroup = cgroup_id(task);
	if (flags & PF_KTHREAD)
		e->state |= NSL_TASK_KTHREAD;
	if (flags & PF_EXITING)
		e->state |= NSL_TASK_EXITING;
	bpf_core_read(&e->comm, sizeof(e->comm), &task->comm);
}

static __noinline void send_task(enum nsl_task_event event, struct task_struct *task,
				 __u64 clone_flags, __u32 old_tid)
{
	struct nsl_task *e = EMIT_RESERVE(nsl_task, NSL_EV_TASK, NSL_HOOK_TASK);

	if (!e)
		return;
	EMIT_CLEAR(e);
	e->event = event;
	e->old_tid = old_tid;
	e->own_nsproxy = event == NSL_TASK_NEW &&
			 BPF_CORE_READ(task, nsproxy) != BPF_CORE_READ(current_task(), nsproxy);
	e->clone_flags = clone_flags;
	read_identity(e, task);
	read_view(&e->view, task, BPF_CORE_READ(task, nsproxy));
	emit(e);
}

/* DESIGN section 2: most of a host. No graph follows them; a snapshot lists them. */
static __always_inline bool is_initial(struct task_struct *task)
{
	return (__u64)BPF_CORE_READ(task, nsproxy) == init_nsproxy_addr &&
	       (__u64)user_ns_of(task) == init_user_addr &&
	       NS_COMMON(active_pid_ns(task)) == init_view.slot[NSL_SLOT_PID_ACTIVE].obj;
}

/*
 * Children of a followed process are followed. A number that belonged to a dead
 * member may come back in a stranger. Only asked when there is a tree.
 */
static __always_inline void follow_child(struct task_struct *child, __u64 clone_flags)
{
	__u32 parent = bpf_get_current_pid_tgid() >> 32;
	__u32 tgid = BPF_CORE_READ(child, tgid);
	__u8 *of_parent, why;

	if (parent == tgid)
		return;
	of_parent = bpf_map_lookup_elem(&tree, &parent);
	why = of_parent ? *of_parent : 0;
	/* what a container's tasks do is told anyway */
	if (!why || (why == TREE_PROGRAM && !is_initial(child))) {
		if (bpf_map_lookup_elem(&tree, &tgid))
			bpf_map_delete_elem(&tree, &tgid);
	} else if (bpf_map_update_elem(&tree, &tgid, &why, BPF_ANY)) {
		count_loss(NSL_HOOK_TASK);
	}
}

static __always_inline void tell_new_task(struct task_struct *child, __u64 clone_flags)
{
	if (open_call_of_current() || (want_graph && enabled && !is_initial(child))) {
		send_task(NSL_TASK_NEW, child, clone_flags, 0);
		if (want_graph)
			tell_new_namespaces(child, clone_flags & NSL_NEW_ALL);
	} else {
		count_fork();
	}
}

/* In copy_process(), after the last point of failure: the child has its pid, nsproxy and cred. */
static __always_inline void new_task(struct task_struct *child, __u64 clone_flags)
{
	if (keep_tree)
		UNPREEMPTED(follow_child(child, clone_flags));
	if (nr_open || want_graph)
		UNPREEMPTED(tell_new_task(child, clone_flags));
	else
		count_fork();
}

/* A runtime is followed from its exec on, whoever started it. */
static __noinline void follow_program(struct task_struct *task)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	char comm[NSL_COMM_LEN] = {};
	__u8 why = TREE_PROGRAM;

	bpf_get_current_comm(comm, sizeof(comm));
	if (!enabled || !bpf_map_lookup_elem(&programs, comm) || !is_initial(task) ||
	    bpf_map_lookup_elem(&tree, &tgid))
		return;
	if (bpf_map_update_elem(&tree, &tgid, &why, BPF_ANY))
		count_loss(NSL_HOOK_TASK);
}

static __always_inline void exec_task(struct task_struct *task, __u32 old_tid)
{
	struct nsproxy *p = BPF_CORE_READ(task, nsproxy);

	if (!enabled || want_types)
		return;
	if (want_graph ? is_initial(task)
		       : (__u64)p == init_nsproxy_addr && (__u64)user_ns_of(task) == init_user_addr)
		return;
	if (want_graph || passes_filters(task))
		send_task(NSL_TASK_EXEC, task, 0, old_tid);
}

/* Its FREE comes in RCU context, when nothing of it tells any more that it was not initial. */
static __always_inline void remember_dying(struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	__u64 start = BPF_CORE_READ(task, start_time);

	if (bpf_map_update_elem(&dying, &tid, &start, BPF_ANY))
		count_loss(NSL_HOOK_TASK);
}

static __always_inline void free_task(struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	__u64 *start = bpf_map_lookup_elem(&dying, &tid);
	struct nsl_task *e;

	if (!start || *start != BPF_CORE_READ(task, start_time))
		return;
	bpf_map_delete_elem(&dying, &tid);
	if (!enabled)
		return;
	e = EMIT_RESERVE(nsl_task, NSL_EV_TASK, NSL_HOOK_TASK);
	if (!e)
		return;
	EMIT_CLEAR(e);
	e->event = NSL_TASK_FREE;
	read_identity(e, task);
	emit(e);
}

struct atomic___live {
	int counter;
} __attribute__((preserve_access_index));

struct signal_struct___live {
	struct atomic___live live; /* threads that have not begun to exit */
} __attribute__((preserve_access_index));

/* A runtime or hook in the initial namespaces, which nobody else would tell of. */
static __always_inline void end_program(struct task_struct *task, __u32 tgid)
{
	struct signal_struct___live *group = (void *)BPF_CORE_READ(task, signal);

	if (BPF_CORE_READ(group, live.counter) || !bpf_map_lookup_elem(&tree, &tgid))
		return;
	if (is_initial(task))
		send_task(NSL_TASK_EXIT, task, 0, 0);
	bpf_map_delete_elem(&tree, &tgid);
}

/* Before the namespaces are dropped: nsproxy and cred are still there. */
static __always_inline void exit_task(struct task_struct *task)
{
	struct nsproxy *p = BPF_CORE_READ(task, nsproxy);
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 users = 0;

	if (!enabled)
		return;
	if (want_graph && !is_initial(task)) {
		remember_dying(task);
		send_task(NSL_TASK_EXIT, task, 0, 0);
		if (open_call_of_current())
			untrack_call();
	} else if (open_call_of_current()) {
		send_task(NSL_TASK_EXIT, task, 0, 0);
		untrack_call();
	}
	if (p)
		bpf_core_read(&users, sizeof(users), &p->count);
	if ((want_exits || (!sees_functions && users == 1)) && passes_filters(task)) {
		/* with function hooks the last user is told by free_nsproxy() */
		if (!(sees_functions && users == 1)) {
			struct call_args args = {.syscall = NSL_SYS_EXIT};

			begin_call(&args);
			if (open_call_of_current()) {
				send_end(&args, 0, users == 1);
				untrack_call();
			}
		}
	}
	/*
	 * A dead process leaves the tree. One in other namespaces stays until its
	 * number is taken over by whoever gets it next: the end of its nsproxy and of
	 * its pid namespace is still to be told. So does one with a thread that is
	 * only now dropping its own nsproxy. For milestones alone nothing is still to be told.
	 */
	if (keep_tree && !filter_tree)
		end_program(task, tgid);
	else if (keep_tree && (__u64)p == init_nsproxy_addr &&
		 BPF_CORE_READ(task, signal, nr_threads) == 1)
		bpf_map_delete_elem(&tree, &tgid);
}

#endif
