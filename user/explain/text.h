/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: sentences put together in a buffer of fixed size; what does not fit is cut off. */
#ifndef NSLENS_EXPLAIN_TEXT_H
#define NSLENS_EXPLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "../model/model.h"

struct nse_text {
	char *buf;
	size_t size;
	size_t len;
};

void nse_text_init(struct nse_text *t, char *buf, size_t size);

__attribute__((format(printf, 2, 3))) void nse_add(struct nse_text *t, const char *fmt, ...);

/* One more sentence: a space before it unless it is the first. */
__attribute__((format(printf, 2, 3))) void nse_sentence(struct nse_text *t, const char *fmt, ...);

#define NSE_LIST_LEN 160

/* "mnt, uts and pid" from a set of types, bit 1 << type; returns `buf`. */
const char *nse_type_list(unsigned int types, char buf[NSE_LIST_LEN]);

unsigned int nse_count(unsigned int set);

#endif
