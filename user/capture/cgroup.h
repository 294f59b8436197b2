/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups: the path of an id that an event carries, and the id of a directory. */
#ifndef NSLENS_CGROUP_H
#define NSLENS_CGROUP_H

#include "../../bpf/event.h"
#include "../model/error.h"

struct cgroup_paths;

/* NULL: out of memory. Without a cgroup2 hierarchy every path stays unknown. */
struct cgroup_paths *cgroup_paths_new(void);
void cgroup_paths_free(struct cgroup_paths *p);

/*
 * An event names the cgroup `id`, and its path was not told, or not for a long time (event.h): an
 * NSL_EV_CGROUP event with it, owned by `p` and valid until the next call. Else NULL.
 */
struct nsl_cgroup *cgroup_paths_untold(struct cgroup_paths *p, const struct nsl_head *event,
				       __u64 id);

/*
 * Of a cgroup directory: its kernfs id, and which hierarchy it is in: -1 the
 * default one (cgroup2), else the number of a v1 controller. -1 with `e` filled.
 */
int cgroup_resolve(const char *directory, __u64 *id, int *subsys, struct nsl_error *e);

#endif
