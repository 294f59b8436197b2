/* SPDX-License-Identifier: GPL-2.0-only */
/* Iterators: what is there already. Each runs when user space reads it. */
#ifndef NSLENS_SNAPSHOT_BPF_H
#define NSLENS_SNAPSHOT_BPF_H

#include "tasks.bpf.h"

#define MAX_ANCESTORS 512

/*
 * Run once, before anything is attached: from the reading task up to swapper
 * (pid 0, init_task), whose nsproxy and user namespace are the initial ones.
 * This holds inside a container too.
 */
SEC("iter/task") int find_init(struct bpf_iter__task *ctx)
{
	struct task_struct *task = current_task();

	if (init_nsproxy_addr)
		return 0;
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		if (!BPF_CORE_READ(task, pid))
			break;
		task = BPF_CORE_READ(task, group_leader, real_parent);
	}
	if (BPF_CORE_READ(task, pid))
		return 0;
	read_view(&init_view, task, BPF_CORE_READ(task, nsproxy));
	init_user_addr = (__u64)user_ns_of(task);
	init_nsproxy_addr = (__u64)BPF_CORE_READ(task, nsproxy);
	return 0;
}

static __always_inline void mark_snapshot(enum nsl_snapshot_event event)
{
	struct nsl_snapshot *e = EMIT_RESERVE(nsl_snapshot, NSL_EV_SNAPSHOT, NSL_HOOK_SNAPSHOT);

	if (!e)
		return;
	e->event = event;
	e->number = snapshot_number;
	emit(e);
}

/* With tracepoints alone: what it has changed already nobody has been told. */
static __always_inline bool is_calling(struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);

	return !sees_functions && nr_open && bpf_map_lookup_elem(&open_calls, &tid);
}

/*
 * A row is reserved before it is read: see struct nsl_snapshot. The nsproxy of
 * another task may be freed while it is read: what was read counts only if the
 * task still has it afterwards.
 */
static __always_inline void tell_seen(struct task_struct *task)
{
	struct nsl_task *e = EMIT_RESERVE(nsl_task, NSL_EV_TASK, NSL_HOOK_SNAPSHOT);
	struct nsproxy *p = NULL;

	if (!e)
		return;
	EMIT_CLEAR(e);
	e->event = NSL_TASK_SEEN;
	for (int i = 0; i < 3; i++) {
		p = BPF_CORE_READ(task, nsproxy);
		read_view(&e->view, task, p);
		if (p == BPF_CORE_READ(task, nsproxy))
			break;
	}
	read_identity(e, task);
	if (e->state & NSL_TASK_EXITING && !is_initial(task))
		remember_dying(task);
	if (is_calling(task))
		e->state |= NSL_TASK_CALLING;
	emit(e);
	tell_view(task, p);
}

/* One byte of output a task, so that user space can empty the ring in between. */
SEC("iter/task") int snapshot(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	char byte = '.';

	if (!task) {
		mark_snapshot(NSL_SNAPSHOT_END);
		return 0;
	}
	if (!ctx->meta->seq_num) {
		snapshot_number++;
		mark_snapshot(NSL_SNAPSHOT_BEGIN);
	}
	tell_seen(task);
	bpf_seq_write(seq, &byte, 1);
	return 0;
}

/*
 * Rows for the namespaces that nslens' own descriptors name, once: how user space
 * learns of namespaces that no task reaches.
 */
SEC("iter/task") int tell_descriptors(struct bpf_iter__task *ctx)
{
	__u32 n = nr_asked;

	nr_asked = 0;
	for (__u32 i = 0; i < MAX_ASKED; i++) {
		struct file *file;
		__u64 ns;

		if (i >= n)
			break;
		file = file_of(current_task(), asked[i]);
		if (!file || BPF_CORE_READ(file, f_inode, i_sb, s_magic) != NSFS_MAGIC)
			continue;
		ns = (__u64)BPF_CORE_READ(file, f_inode, i_private);
		tell_ns_line(ns, ns_type(ns));
	}
	return 0;
}

#endif
