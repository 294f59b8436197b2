// SPDX-License-Identifier: GPL-2.0-only
#include "graph_keepers_of.h"

static int keeper_order(const void *a, const void *b)
{
	const struct nsg_keeper *x = *(const struct nsg_keeper *const *)a;
	const struct nsg_keeper *y = *(const struct nsg_keeper *const *)b;

	if (x->ns != y->ns)
		return NSV_ORDER(x->ns->id, y->ns->id);
	return NSV_ORDER(x, y);
}

bool nsv_keepers_init(struct nsv_keepers *k, const struct nsg *g)
{
	size_t n;
	const struct nsg_keeper *all = nsg_keepers(g, &n);

	*k = (struct nsv_keepers){0};
	for (size_t i = 0; i < n; i++) {
		const struct nsg_keeper **keeper;

		if (!all[i].ns)
			continue;
		keeper = nsv_vec_add(&k->all, sizeof(*keeper));
		if (!keeper)
			return false;
		*keeper = &all[i];
	}
	nsv_vec_sort(&k->all, sizeof(struct nsg_keeper *), keeper_order);
	return true;
}

void nsv_keepers_free(struct nsv_keepers *k)
{
	nsv_vec_free(&k->all);
}

const struct nsg_keeper *const *nsv_keepers_of(const struct nsv_keepers *k, const struct nsg_ns *ns,
					       size_t *n)
{
	const struct nsg_keeper *const *all = k->all.data;
	size_t low = 0, high = k->all.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (all[middle]->ns->id < ns->id)
			low = middle + 1;
		else
			high = middle;
	}
	*n = 0;
	while (low + *n < k->all.n && all[low + *n]->ns == ns)
		++*n;
	return *n ? &all[low] : 0;
}
