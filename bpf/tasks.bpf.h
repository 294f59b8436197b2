/* SPDX-License-Identifier: GPL-2.0-only */
/* Births, execs and exits of tasks, and the process tree that a filter follows. */
#ifndef NSLENS_TASKS_BPF_H
#define NSLENS_TASKS_BPF_H

#include "graph.bpf.h"

#define CLONE_THREAD 0x00010000 /* include/uapi/linux/sched.h */

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

/* Of a child that is born: not its parent's. */
static __always_inline bool has_own_nsproxy(struct task_struct *child)
{
	return BPF_CORE_READ(child, nsproxy) != BPF_CORE_READ(current_task(), nsproxy);
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
	e->own_nsproxy = event == NSL_TASK_NEW && has_own_nsproxy(task);
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

static __always_inline void enter_tree(struct task_struct *leader, __u32 tgid, __u8 why)
{
	struct tree_member member = {.start = BPF_CORE_READ(leader, start_time), .why = why};

	if (bpf_map_update_elem(&tree, &tgid, &member, BPF_ANY))
		count_loss(NSL_HOOK_TASK);
}

static __always_inline void inherit_tree(struct task_struct *child, __u32 tgid, __u8 why)
{
	/* what a container's tasks do is told anyway */
	if (!why || (why == TREE_PROGRAM && !is_initial(child)))
		bpf_map_delete_elem(&tree, &tgid);
	else
		enter_tree(child, tgid, why);
}

/*
 * Children of a followed process are followed. A number that belonged to a dead
 * member may come back in a stranger. Only asked when there is a tree; every fork
 * of the machine pays for it then.
 */
static __always_inline void follow_child(struct task_struct *child, __u64 clone_flags)
{
	struct tree_member *member;
	__u32 parent, tgid;

	if (clone_flags & CLONE_THREAD)
		return;
	parent = bpf_get_current_pid_tgid() >> 32;
	tgid = BPF_CORE_READ(child, tgid);
	member = bpf_map_lookup_elem(&tree, &parent);
	if (member || bpf_map_lookup_elem(&tree, &tgid))
		UNPREEMPTED(inherit_tree(child, tgid, member ? member->why : 0));
}

static __always_inline void tell_new_task(struct task_struct *child, __u64 clone_flags)
{
	if (open_call_of_current() || (want_graph && enabled && !is_initial(child))) {
		send_task(NSL_TASK_NEW, child, clone_flags, 0);
		if (want_graph)
			tell_new_namespaces(child, clone_flags & NSL_NEW_ALL,
					    has_own_nsproxy(child));
	} else {
		count_fork();
	}
}

/* In copy_process(), after the last point of failure: the child has its pid, nsproxy and cred. */
static __always_inline void new_task(struct task_struct *child, __u64 clone_flags)
{
	if (keep_tree)
		follow_child(child, clone_flags);
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

	bpf_get_current_comm(comm, sizeof(comm));
	if (!enabled || !bpf_map_lookup_elem(&programs, comm) || !is_initial(task) ||
	    bpf_map_lookup_elem(&tree, &tgid))
		return;
	enter_tree(task, tgid, TREE_PROGRAM);
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

	if (BPF_CORE_READ(group, live.counter))
		return;
	if (is_initial(task))
		send_task(NSL_TASK_EXIT, task, 0, 0);
	bpf_map_delete_elem(&tree, &tgid);
}

/* Most do not: every exit of the machine is asked. */
static __always_inline bool exit_matters(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (!enabled)
		return false;
	return want_graph || want_exits || !sees_functions || nr_open ||
	       (keep_tree && bpf_map_lookup_elem(&tree, &tgid));
}

/* With function hooks the last user of an nsproxy is told by free_nsproxy(). */
static __always_inline void tell_exit(struct task_struct *task, bool last)
{
	struct call_args args = {.syscall = NSL_SYS_EXIT};

	if ((sees_functions ? last : !want_exits && !last) || !passes_filters(task))
		return;
	begin_call(&args);
	if (open_call_of_current()) {
		send_end(&args, 0, last);
		untrack_call();
	}
}

/*
 * A dead process leaves the tree. One in other namespaces stays until it is freed:
 * the end of its nsproxy and of its pid namespace is still to be told. So does one
 * with a thread that is only now dropping its own nsproxy. For milestones alone
 * nothing is still to be told.
 */
static __always_inline void leave_tree(struct task_struct *task, struct nsproxy *p)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (!bpf_map_lookup_elem(&tree, &tgid))
		return;
	if (!filter_tree)
		end_program(task, tgid);
	else if ((__u64)p == init_nsproxy_addr && BPF_CORE_READ(task, signal, nr_threads) == 1)
		bpf_map_delete_elem(&tree, &tgid);
}

/* In RCU context: its number may already be that of another member. */
static __always_inline void free_member(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct tree_member *member;

	if (BPF_CORE_READ(task, pid) != tgid)
		return; /* its leader goes after it */
	member = bpf_map_lookup_elem(&tree, &tgid);
	if (member && (!member->start || member->start == BPF_CORE_READ(task, start_time)))
		bpf_map_delete_elem(&tree, &tgid);
}

/* Before the namespaces are dropped: nsproxy and cred are still there. */
static __always_inline void exit_task(struct task_struct *task)
{
	struct nsproxy *p = BPF_CORE_READ(task, nsproxy);

	if (want_graph && !is_initial(task)) {
		remember_dying(task);
		send_task(NSL_TASK_EXIT, task, 0, 0);
		if (open_call_of_current())
			untrack_call();
	} else if (open_call_of_current()) {
		send_task(NSL_TASK_EXIT, task, 0, 0);
		untrack_call();
	}
	if (want_exits || !sees_functions) {
		__u32 users = 0;

		if (p)
			bpf_core_read(&users, sizeof(users), &p->count);
		tell_exit(task, users == 1);
	}
	if (keep_tree)
		leave_tree(task, p);
}

#endif
