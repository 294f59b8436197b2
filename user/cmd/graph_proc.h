/* SPDX-License-Identifier: GPL-2.0-only */
/* A graph from /proc and nsfs alone, and the comparison with it. */
#ifndef NSLENS_GRAPH_PROC_H
#define NSLENS_GRAPH_PROC_H

#include "../model/error.h"
#include "../capture/proc.h"
#include "../model/graph.h"

/* The caller frees it. NULL with `e` filled. */
struct nsg *graph_of_proc(struct proc_report *report, struct nsl_error *e);

/*
 * What two graphs of the same moment, of which `b` comes from /proc, say otherwise
 * about tasks that both have, and about namespaces: by inode number. Tasks that only
 * one has are no difference: they come and go while /proc is read. Fills at most
 * `max`; returns how many there are. `compared`: how many tasks.
 */
size_t graph_compare(const struct nsg *a, const struct nsg *b, struct nsg_difference *differences,
		     size_t max, size_t *compared);

#endif
