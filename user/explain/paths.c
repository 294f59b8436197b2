// SPDX-License-Identifier: GPL-2.0-only
/* Puts paths together. */
#include "paths.h"

#include <string.h>

const struct nse_path *const nse_paths[] = {
	&nse_path_clone, &nse_path_unshare, &nse_path_setns,
	&nse_path_exec,	 &nse_path_exit,    &nse_path_destruction,
};
const size_t nse_path_count = sizeof(nse_paths) / sizeof(*nse_paths);

#define MAX_DEPTH 16

struct walk {
	nse_kernel kernel;
	struct nse_place *out;
	size_t n, max;
	const struct nse_kfn *stack[MAX_DEPTH]; /* the function around each depth */
};

static bool holds(const struct nse_node *node, nse_kernel kernel)
{
	return !kernel || ((!node->since || kernel >= node->since) &&
			   (!node->before || kernel < node->before));
}

static const struct nse_kfn *function_of(const struct walk *w, const struct nse_node *node,
					 unsigned int depth)
{
	if (node->fn)
		return nse_kfn_find(node->fn, strlen(node->fn));
	return depth ? w->stack[depth - 1] : NULL;
}

/* `by`: the NSE_SUB node through which the path was entered; its conditions are the root's. */
static void add(struct walk *w, const struct nse_path *p, unsigned int depth,
		const struct nse_node *by)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct nse_node *node = &p->nodes[i];
		unsigned int at = depth + node->depth;
		const struct nse_kfn *fn;

		if (at >= MAX_DEPTH || !holds(node, w->kernel))
			continue;
		if (node->kind == NSE_SUB) {
			add(w, node->sub, at, node);
			continue;
		}
		fn = function_of(w, node, at);
		w->stack[at] = node->kind == NSE_FN || !at ? fn : w->stack[at - 1];
		if (w->n < w->max)
			w->out[w->n++] = (struct nse_place){
				.node = node,
				.by = node->depth ? NULL : by,
				.depth = at,
				.fn = fn,
			};
	}
}

size_t nse_path_walk(const struct nse_path *p, nse_kernel kernel, struct nse_place *out, size_t max)
{
	struct walk w = {.kernel = kernel, .out = out, .max = max};

	add(&w, p, 0, NULL);
	return w.n;
}

size_t nse_path_below(const struct nse_place *rows, size_t n, size_t at)
{
	size_t end = at + 1;

	while (end < n && rows[end].depth > rows[at].depth)
		end++;
	return end - at;
}

const struct nse_path *nse_path_of(enum nsl_syscall syscall)
{
	for (size_t i = 0; i < nse_path_count && syscall < NSL_SYSCALLS; i++)
		if (nse_paths[i]->calls & 1u << syscall)
			return nse_paths[i];
	return NULL;
}

const char *nse_mark_name(enum nse_mark mark)
{
	static const char *const names[NSE_MARKS] = {
		[NSE_UNMARKED] = "unmarked",	   [NSE_TAKEN] = "taken",
		[NSE_PASSED] = "passed",	   [NSE_NOT_TAKEN] = "not taken",
		[NSE_LEFT_HERE] = "failed here",   [NSE_MAY_BE_HERE] = "may have failed here",
		[NSE_NOT_REACHED] = "not reached", [NSE_UNKNOWN] = "not known",
	};

	return (unsigned int)mark < NSE_MARKS ? names[mark] : "?";
}
