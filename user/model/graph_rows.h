/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The graph as the rows of a snapshot: what a recording keeps of it, so that a
 * reader can begin anywhere. Fed to an empty graph they make the same one, but for
 * what it knows of causes of deaths that are still to come.
 *
 * A row's `ts` says when what it tells was read or happened, so rows are in no
 * order of time. Beside rows of namespaces and tasks there are steps (what is being
 * built inside calls) and deaths (of namespaces whose last user is still in the graph).
 */
#ifndef NSLENS_GRAPH_ROWS_H
#define NSLENS_GRAPH_ROWS_H

#include "graph.h"

/* `row` is valid until it returns. */
typedef void (*nsg_row_fn)(void *ctx, const struct nsl_head *row);

/* False, and no row, while the graph is stale or a snapshot is being read. */
bool nsg_rows(const struct nsg *g, uint64_t ts, nsg_row_fn fn, void *ctx);

/*
 * After the last row: what rows cannot tell. Of `totals` events, lost, gaps and
 * snapshots are taken over.
 */
void nsg_resume(struct nsg *g, const struct nsg_totals *totals);

/* A row about `ns` as the graph has it; `ts`: when its counts were read. */
void nsg_row_of(const struct nsg *g, const struct nsg_ns *ns, struct nsl_ns *row);

/* The event, of now, that `t` was reaped: for what the kernel did not tell. */
void nsg_row_of_reaped(const struct nsg *g, const struct nsg_task *t, uint64_t ts,
		       struct nsl_task *row);

/* The event that a reading of keepers begins: what it finds comes behind it. */
void nsg_row_of_reading(const struct nsg *g, uint64_t ts, struct nsl_keeper *row);

#endif
