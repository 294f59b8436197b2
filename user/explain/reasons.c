// SPDX-License-Identifier: GPL-2.0-only
/* The rows of the tables of failures that belong to an entry. */
#include <string.h>

#include "lookup.h"
#include "paths.h"

bool nse_place_names(const char *place, const char *function)
{
	size_t len = strlen(function);

	for (const char *p = strstr(place, function); p; p = strstr(p + 1, function)) {
		char before = p > place ? p[-1] : ' ', after = p[len];

		if (before == ' ' && (!after || after == ' '))
			return true;
	}
	if (strstr(place, "copy_*()") && !strncmp(function, "copy_", 5) &&
	    nse_kfn_find(function, len) && nse_kfn_find(function, len)->step >= NSL_FN_copy_mnt_ns)
		return true;
	return strstr(place, "*_install()") && len > 8 && !strcmp(function + len - 8, "_install");
}

static bool belongs(const struct nse_entry *e, const struct nse_row *row, const char *place)
{
	switch (e->kind) {
	case NSE_FUNCTION:
		if (row->fn)
			return row->fn == e->fn->step;
		/* what a hook sees is told by its own rows; places in words are too wide */
		return strcmp(place, e->name) == 0 ||
		       (!e->fn->step && nse_place_names(place, e->name));
	case NSE_ERRNO:
		return row->err && (uint64_t)row->err == e->topic->value;
	case NSE_SYSCALL:
		return !row->fn && row->calls & 1u << e->topic->syscall;
	default:
		return false;
	}
}

static bool holds(const struct nse_row *row, nse_kernel kernel)
{
	return !kernel ||
	       ((!row->since || kernel >= row->since) && (!row->before || kernel < row->before));
}

/* Said already, or, of a function, said better by a row of its hook. */
static bool said(const struct nse_entry *e, const struct nse_reason *list, size_t n,
		 const struct nse_reason *r)
{
	for (size_t i = 0; i < n; i++) {
		if (e->kind == NSE_FUNCTION && list[i].row->fn && !r->row->fn &&
		    list[i].row->err == r->row->err)
			return true;
		if (list[i].row->err == r->row->err && !strcmp(list[i].place, r->place) &&
		    !strcmp(list[i].row->check, r->row->check))
			return true;
	}
	return false;
}

/* Of a hook's row: the calls on whose paths its function stands. */
static uint32_t calls_through(const char *fn)
{
	static struct nse_place rows[NSE_WALK_MAX];
	uint32_t calls = 0;

	for (size_t p = 0; p < nse_path_count; p++) {
		size_t n = nse_path_walk(nse_paths[p], 0, rows, NSE_WALK_MAX);

		for (size_t i = 0; i < n && !(calls & nse_paths[p]->calls); i++)
			if (rows[i].node->kind == NSE_FN && rows[i].fn &&
			    !strcmp(rows[i].fn->name, fn))
				calls |= nse_paths[p]->calls;
	}
	/* exec passes through the copies without a flag: nothing is refused there */
	return calls & ~NSE_EXEC ? calls & ~NSE_EXEC : calls;
}

static uint32_t first_call(const struct nse_reason *r)
{
	return r->calls & -r->calls;
}

/* By the first system call; those of one call stay in their order. */
static void sort(struct nse_reason *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct nse_reason r = list[i];
		size_t at = i;

		while (at && first_call(&list[at - 1]) > first_call(&r)) {
			list[at] = list[at - 1];
			at--;
		}
		list[at] = r;
	}
}

size_t nse_reasons(const struct nse_entry *e, nse_kernel kernel, struct nse_reason *out, size_t max)
{
	const struct nse_row *const tables[] = {nse_by_step, nse_by_call};
	const size_t sizes[] = {nse_by_step_count, nse_by_call_count};
	size_t n = 0;

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < sizes[t]; i++) {
			const struct nse_row *row = &tables[t][i];
			struct nse_reason r = {.row = row,
					       .place = row->fn ? nsm_fn_name(row->fn) : row->place,
					       .calls = row->calls};

			if (n == max || !holds(row, kernel) || !belongs(e, row, r.place) ||
			    said(e, out, n, &r))
				continue;
			if (e->kind == NSE_ERRNO && !r.calls && row->fn)
				r.calls = calls_through(r.place);
			out[n++] = r;
		}
	}
	if (e->kind == NSE_ERRNO)
		sort(out, n);
	return n;
}
