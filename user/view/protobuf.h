/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what a Perfetto file needs of protobuf's wire format, written into a buffer. */
#ifndef NSLENS_VIEW_PROTOBUF_H
#define NSLENS_VIEW_PROTOBUF_H

#include <stdint.h>

#include "buf.h"

void nsv_pb_u64(struct nsv_buf *b, unsigned int field, uint64_t value);
void nsv_pb_fixed64(struct nsv_buf *b, unsigned int field, uint64_t value);
/* Must be UTF-8. */
void nsv_pb_str(struct nsv_buf *b, unsigned int field, const char *text);
/* A message inside: what is written until its end; at most 256 MiB. Returns where it begins. */
size_t nsv_pb_open(struct nsv_buf *b, unsigned int field);
void nsv_pb_close(struct nsv_buf *b, size_t began);

#endif
