/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of the newest calls, so that a viewer may ask for the path that one took. */
#ifndef NSLENS_WEB_CALLS_H
#define NSLENS_WEB_CALLS_H

#include "../model/model.h"

struct web_calls {
	struct nsm_call **ring; /* each with what it points to, in one piece */
	size_t size, n, at;
	size_t bytes, max_bytes;
};

void web_calls_init(struct web_calls *c, size_t max_bytes);
void web_calls_free(struct web_calls *c);
/* Numbers must rise. Out of memory: it is not kept. */
void web_calls_add(struct web_calls *c, const struct nsm_call *call);
/* NULL: it is none, or is gone. */
const struct nsm_call *web_calls_find(const struct web_calls *c, uint64_t number);

#endif
