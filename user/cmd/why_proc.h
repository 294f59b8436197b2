/* SPDX-License-Identifier: GPL-2.0-only */
/* A graph of one moment from /proc and nsfs alone, with its keepers: no BPF, no root needed. */
#ifndef NSLENS_WHY_PROC_H
#define NSLENS_WHY_PROC_H

#include "../capture/keepers.h"
#include "../capture/proc.h"
#include "../model/graph.h"

/* NULL with `e` filled. */
struct nsg *why_proc_graph(const struct keepers_options *o, struct proc_report *tasks,
			   struct keepers_report *keepers, struct nsl_error *e);

#endif
