/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: a growing byte buffer. One block or line is put together here and
 * written at once. Out of memory is remembered in `failed`; adding goes on being
 * harmless.
 */
#ifndef NSLENS_VIEW_BUF_H
#define NSLENS_VIEW_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct nsv_buf {
	char *data;
	size_t len, size;
	bool failed;
};

/* Where the next `len` bytes stand, to be filled now; NULL: no memory. */
char *nsv_buf_room(struct nsv_buf *b, size_t len);
void nsv_buf_add(struct nsv_buf *b, const char *data, size_t len);
void nsv_buf_str(struct nsv_buf *b, const char *text);
__attribute__((format(printf, 2, 3))) void nsv_buf_printf(struct nsv_buf *b, const char *fmt, ...);

#endif
