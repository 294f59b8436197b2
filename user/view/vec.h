/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: a growing array. Out of memory is remembered in `failed`. */
#ifndef NSLENS_VIEW_VEC_H
#define NSLENS_VIEW_VEC_H

#include <stdbool.h>
#include <stddef.h>

struct nsv_vec {
	void *data;
	size_t n, size;
	bool failed;
};

/* One more element of `width` bytes, zeroed; NULL: out of memory. */
void *nsv_vec_add(struct nsv_vec *v, size_t width);
void nsv_vec_sort(struct nsv_vec *v, size_t width, int (*compare)(const void *, const void *));
void nsv_vec_free(struct nsv_vec *v);

#define NSV_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#endif
