// SPDX-License-Identifier: GPL-2.0-only
#include "protobuf.h"

#include <string.h>

/* wire types */
#define VARINT	0
#define FIXED64 1
#define BYTES	2

#define LENGTH 4 /* bytes that are kept free for a length: a varint may be padded */

static void varint(struct nsv_buf *b, uint64_t value)
{
	char bytes[10];
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[n++] = (char)(0x80 | (value & 0x7f));
	bytes[n++] = (char)value;
	nsv_buf_add(b, bytes, n);
}

void nsv_pb_u64(struct nsv_buf *b, unsigned int field, uint64_t value)
{
	varint(b, field << 3 | VARINT);
	varint(b, value);
}

void nsv_pb_fixed64(struct nsv_buf *b, unsigned int field, uint64_t value)
{
	char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(value >> (8 * i));
	varint(b, field << 3 | FIXED64);
	nsv_buf_add(b, bytes, sizeof(bytes));
}

void nsv_pb_str(struct nsv_buf *b, unsigned int field, const char *text)
{
	size_t length = strlen(text);

	varint(b, field << 3 | BYTES);
	varint(b, length);
	nsv_buf_add(b, text, length);
}

size_t nsv_pb_open(struct nsv_buf *b, unsigned int field)
{
	static const char room[LENGTH];

	varint(b, field << 3 | BYTES);
	nsv_buf_add(b, room, LENGTH);
	return b->len;
}

void nsv_pb_close(struct nsv_buf *b, size_t began)
{
	size_t length = b->len - began;

	if (b->failed)
		return;
	for (int i = 0; i < LENGTH; i++)
		b->data[began - LENGTH + (size_t)i] =
			(char)((length >> (7 * i) & 0x7f) | (i < LENGTH - 1 ? 0x80 : 0));
}
