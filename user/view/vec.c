// SPDX-License-Identifier: GPL-2.0-only
#include "vec.h"

#include <stdlib.h>
#include <string.h>

void *nsv_vec_add(struct nsv_vec *v, size_t width)
{
	if (v->n == v->size) {
		size_t size = v->size ? 2 * v->size : 16;
		void *bigger = realloc(v->data, size * width);

		if (!bigger) {
			v->failed = true;
			return NULL;
		}
		v->data = bigger;
		v->size = size;
	}
	char *element = (char *)v->data + v->n++ * width;

	return memset(element, 0, width);
}

void nsv_vec_sort(struct nsv_vec *v, size_t width, int (*compare)(const void *, const void *))
{
	if (v->n > 1)
		qsort(v->data, v->n, width, compare);
}

void nsv_vec_free(struct nsv_vec *v)
{
	free(v->data);
	*v = (struct nsv_vec){0};
}
