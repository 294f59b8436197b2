/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot on kernels without BTF of their own, which have no iterators: user space
 * walks through /proc and runs a program for each process. raw_tp programs can be run
 * by hand since 5.10 (bpf_prog_test_run_raw_tp), in the context of who asks, under RCU.
 */
#ifndef NSLENS_WALK_BPF_H
#define NSLENS_WALK_BPF_H

#include "snapshot.bpf.h"

/* That a process may have and be told whole: the verifier bears no longer loop. */
#define MAX_THREADS  2048
#define WALK_AT_ONCE 64 /* threads told by one run: their rows must fit into the ring */

/* Set by user space before a run: asked[0] is a pidfd. */
__u32 walk_event; /* enum nsl_snapshot_event */
/* Of its threads the one that was told last, by its tid; 0: none yet. */
volatile __u32 walk_last;
/* The answer: there are more. */
bool walk_more;
/*
 * Where it is in the list of threads, and what closes that. In memory, or the verifier would
 * take each way through the first loop with each through the second.
 */
struct list_head *walk_at, *walk_end;

SEC("raw_tp") int walk_mark(void *ctx)
{
	if (walk_event == NSL_SNAPSHOT_BEGIN)
		snapshot_number++;
	mark_snapshot(walk_event);
	return 0;
}

/* Global, so that the verifier looks at it once and not for every thread. */
__noinline int walk_thread(__u64 task)
{
	tell_seen((struct task_struct *)task);
	return 0;
}

static __always_inline struct task_struct *leader_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct pid *pid = pid_of_file(file, inode, BPF_CORE_READ(inode, i_sb, s_magic));
	struct hlist_node *node = NULL;

	if (!pid)
		return NULL;
	bpf_core_read(&node, sizeof(node), &pid->tasks[PIDTYPE_TGID].first);
	if (!node)
		return NULL; /* it has been reaped meanwhile */
	return (void *)node - bpf_core_field_offset(struct task_struct, pid_links[PIDTYPE_TGID]);
}

/* Takes the thread that the walk is at, and goes on to the next. */
static __always_inline struct task_struct *walk_on(void)
{
	struct task_struct *thread =
		(void *)walk_at - bpf_core_field_offset(struct task_struct, thread_node);

	walk_at = BPF_CORE_READ(walk_at, next);
	return thread;
}

/*
 * Past the thread that was told last. Not by their number: those told before may have
 * left the list since, and as many would be passed over. False: it has left, too, or
 * there are too many.
 */
static __always_inline bool skip_told(void)
{
	for (__u32 i = 0; i < MAX_THREADS; i++) {
		if (walk_at == walk_end)
			return false;
		if (BPF_CORE_READ(walk_on(), pid) == walk_last)
			return true;
	}
	return false;
}

SEC("raw_tp") int walk_process(void *ctx)
{
	struct file *file = file_of(current_task(), asked[0]);
	struct task_struct *leader = file ? leader_of(file) : NULL;

	walk_more = false;
	if (!leader)
		return 0;
	walk_end = (void *)BPF_CORE_READ(leader, signal) +
		   bpf_core_field_offset(struct signal_struct, thread_head);
	walk_at = BPF_CORE_READ(walk_end, next);
	if (walk_last && !skip_told()) {
		if (walk_at != walk_end) {
			count_loss(NSL_HOOK_SNAPSHOT);
			return 0;
		}
		/* once more from the first one: a row that is told twice does no harm */
		walk_at = BPF_CORE_READ(walk_end, next);
	}
	for (__u32 i = 0; i < WALK_AT_ONCE; i++) {
		struct task_struct *thread;

		if (!walk_at || walk_at == walk_end)
			return 0;
		thread = walk_on();
		walk_last = BPF_CORE_READ(thread, pid);
		walk_thread((__u64)thread);
	}
	walk_more = true;
	return 0;
}

#endif
