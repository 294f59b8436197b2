/* SPDX-License-Identifier: GPL-2.0-only */
/* One event out of its JSON object, by the table of its fields. */
#ifndef NSLENS_STORE_IMPORT_EVENT_H
#define NSLENS_STORE_IMPORT_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "../../bpf/event.h"
#include "../model/error.h"

/* Room for the largest event, aligned. */
struct import_event {
	union {
		struct nsl_head head;
		char bytes[UINT16_MAX + 1];
	};
};

int import_event(const json_t *object, struct import_event *event, struct nsl_error *e);

/* A whole number, or the text of one; -1: it is none. */
int import_u64(const json_t *value, uint64_t *number);
int import_i64(const json_t *value, int64_t *number);
/* One byte a character; -1: it is no text, or does not fit. */
int import_bytes(const json_t *value, char *to, size_t size, size_t *length);

#endif
