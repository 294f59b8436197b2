// SPDX-License-Identifier: GPL-2.0-only
#include "lab_branches.h"

/* What a call shows for certain, and is no mere function on the way. */
static bool counts(const struct nse_place *p)
{
	switch (p->node->kind) {
	case NSE_FAIL:
		return p->mark == NSE_LEFT_HERE || p->mark == NSE_MAY_BE_HERE;
	case NSE_IF:
	case NSE_UNDO:
		return p->mark == NSE_TAKEN;
	default:
		return false;
	}
}

/* One that may have been it gives way to one that was. */
static void add(struct lab_branches *b, const struct nse_place *p, size_t step)
{
	size_t i = 0;

	while (i < b->n && b->row[i].node != p->node)
		i++;
	if (i == LAB_MAX_BRANCHES || (i < b->n && b->row[i].mark != NSE_MAY_BE_HERE))
		return;
	if (i < b->n && p->mark == NSE_MAY_BE_HERE)
		return;
	b->n += i == b->n;
	b->row[i].fn = p->fn;
	b->row[i].node = p->node;
	b->row[i].mark = p->mark;
	b->row[i].step = step;
}

void lab_branches_add(struct lab_branches *b, const struct lab_seen *seen, size_t step,
		      unsigned int kernel)
{
	static struct nse_place rows[NSE_WALK_MAX];
	size_t n;
	const struct nsm_call *calls = lab_seen_calls(seen, &n);

	for (size_t i = 0; i < n; i++) {
		size_t nrows = nse_path_of_call(&calls[i], kernel, rows, NSE_WALK_MAX);

		for (size_t k = 0; k < nrows; k++)
			if (counts(&rows[k]))
				add(b, &rows[k], step);
	}
}

void lab_branches_json(const struct lab_branches *b, struct nsv_json *j)
{
	nsv_json_open(j, "branches", '[');
	for (size_t i = 0; i < b->n; i++) {
		const struct nse_node *node = b->row[i].node;

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "fn", b->row[i].fn ? b->row[i].fn->name : NULL);
		nsv_json_str(j, "when", node->when);
		nsv_json_str(j, "what", node->what);
		nsv_json_str(j, "mark", nse_mark_name(b->row[i].mark));
		nsv_json_u64(j, "step", b->row[i].step + 1);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}
