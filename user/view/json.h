/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: a writer for one line of JSON. Commas are its business; a key is
 * NULL inside an array.
 *
 * Strings: quotes, backslashes, control characters, '<' (so that a line can
 * stand inside HTML) and characters that reorder text are escaped; each byte
 * that is not UTF-8 becomes U+FFFD. Integers beyond 2^53, which many readers
 * would round, become strings.
 */
#ifndef NSLENS_VIEW_JSON_H
#define NSLENS_VIEW_JSON_H

#include <stdint.h>

#include "buf.h"

struct nsv_json {
	struct nsv_buf *buf;
	bool comma; /* the next member needs one before it */
};

void nsv_json_open(struct nsv_json *j, const char *key, char bracket);
void nsv_json_close(struct nsv_json *j, char bracket);
void nsv_json_str(struct nsv_json *j, const char *key, const char *text); /* NULL: null */
void nsv_json_u64(struct nsv_json *j, const char *key, uint64_t value);
void nsv_json_i64(struct nsv_json *j, const char *key, int64_t value);
void nsv_json_bool(struct nsv_json *j, const char *key, bool value);
void nsv_json_null(struct nsv_json *j, const char *key);

#endif
