/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the graph's keepers, by namespace. */
#ifndef NSLENS_VIEW_GRAPH_KEEPERS_OF_H
#define NSLENS_VIEW_GRAPH_KEEPERS_OF_H

#include "../model/graph.h"
#include "vec.h"

struct nsv_keepers {
	struct nsv_vec all; /* of const struct nsg_keeper * */
};

/* False: out of memory. Free it in any case. */
bool nsv_keepers_init(struct nsv_keepers *k, const struct nsg *g);
void nsv_keepers_free(struct nsv_keepers *k);
/* Those of one namespace, `n` of them, in the order they were read. */
const struct nsg_keeper *const *nsv_keepers_of(const struct nsv_keepers *k, const struct nsg_ns *ns,
					       size_t *n);

#endif
