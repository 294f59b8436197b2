/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread, as /proc shows it. */
#ifndef NSLENS_PROC_TASKS_H
#define NSLENS_PROC_TASKS_H

#include "proc_read.h"

struct proc_task {
	__u32 pid, tid;
	struct proc_stat stat;
	__u32 inum[NSL_SLOTS]; /* 0: none */
	bool exiting;	       /* it has no nsproxy any more */
};

/*
 * Reads what stands in `dir`, the O_PATH descriptor of /proc/PID/task/TID; pid and
 * tid are filled already. 0, or -errno: proc_gone(), or the links may not be read.
 */
int proc_task_read(int dir, struct proc_task *task);

/*
 * The namespace in a slot: its inode number, or a descriptor. `dir` is as above. A
 * pid namespace for children that has no first process yet shows no link: it is
 * asked for through a pidfd (6.11 and later). -ENOENT: there is none, or it cannot be told.
 */
int proc_slot_inum(int dir, __u32 tid, enum nsl_slot slot, __u32 *inum);
int proc_slot_open(int dir, __u32 tid, enum nsl_slot slot);

/*
 * Calls `fn` for every thread with the O_PATH descriptor of its directory; `proc`
 * is that of /proc. Ends early, with that result, where `fn` gives another than 0.
 */
typedef int (*proc_task_fn)(void *ctx, int dir, __u32 pid, __u32 tid);
int proc_tasks_each(int proc, proc_task_fn fn, void *ctx);

/*
 * No exiting task or zombie has this number any more. It is one as /proc counts them; where that
 * does not show the task, signals do.
 */
bool proc_task_reaped(__u32 tid);

/* Inode numbers of the initial namespaces; 0: cannot be told. True: /proc shows all tasks. */
bool proc_initial(int proc, __u32 inum[NSL_TYPES]);

#endif
