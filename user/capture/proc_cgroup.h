/* SPDX-License-Identifier: GPL-2.0-only */
/* From the cgroup path that /proc tells of a task to the id that events carry. */
#ifndef NSLENS_PROC_CGROUP_H
#define NSLENS_PROC_CGROUP_H

#include "proc_table.h"

struct proc_cgroups;

/* NULL: out of memory. */
struct proc_cgroups *proc_cgroups_new(proc_fn fn, void *ctx);
void proc_cgroups_free(struct proc_cgroups *c);

/*
 * The id for the text of a /proc/PID/cgroup, which it cuts up; tells its path the
 * first time. A cgroup whose directory cannot be seen gets a made-up one, above 2^63.
 */
__u64 proc_cgroup_id(struct proc_cgroups *c, char *text);

#endif
