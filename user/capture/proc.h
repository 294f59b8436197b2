/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot of tasks and namespaces from /proc and nsfs alone: no BPF, and
 * without root as far as the kernel lets one look.
 *
 * What /proc cannot tell:
 * - nsproxies. Threads whose eight slots are equal get one *presumed* nsproxy:
 *   really they may have several. Its count is unknown.
 * - counts of namespaces.
 * - before 6.11, a pid namespace for children that has no first process yet: the
 *   slot is 0.
 * - the moment: a row is read piece by piece, so a task that switches meanwhile
 *   may show a mixture, and tasks are read one after another.
 * - start times to more than a clock tick; they are those since boot, which are
 *   later than task->start_time by the time that the machine has slept, and
 *   shifted by the offset of the reader's own time namespace.
 * - anything above the pid namespace that the procfs was mounted in.
 *
 * Ids count from 1, the initial namespaces first; they hold for one snapshot.
 * nsproxy 1 is the initial set, if it can be seen, and never another.
 */
#ifndef NSLENS_PROC_H
#define NSLENS_PROC_H

#include "../model/error.h"
#include "proc_table.h"

struct proc_report {
	size_t tasks;	   /* told: threads, zombies, kernel threads */
	size_t zombies;	   /* among them: without an nsproxy */
	size_t refused;	   /* threads that were not told, since their links may not be read */
	int refused_error; /* errno of the first */
	/* among the tasks: their pid namespace for children has no process, and stays unknown */
	size_t pending_unknown;
	size_t namespaces;    /* told */
	size_t nsproxies;     /* presumed: sets of eight slots */
	size_t hidden_family; /* owners and parents that lie outside of what may be seen */
	bool unprivileged;    /* without CAP_SYS_PTRACE and CAP_SYS_ADMIN */
	bool inside_pid_ns;   /* /proc shows a pid namespace that is not the initial one */
	bool initial_unknown; /* the initial mnt or net namespace could not be told */
};

/* 0, or -1 with `e` filled. */
int proc_snapshot(proc_fn fn, void *ctx, struct proc_report *report, struct nsl_error *e);

#endif
