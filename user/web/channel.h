/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way from the source, which may be root, to the server, which is nobody: a socket
 * pair, one direction (lesson.h has what may come back), messages of bytes. What the source does
 * never waits for the server unless it wants to.
 */
#ifndef NSLENS_WEB_CHANNEL_H
#define NSLENS_WEB_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum web_message {
	WEB_MSG_START,	  /* what the source says of itself */
	WEB_MSG_BEFORE,	  /* an event from before the rows */
	WEB_MSG_ROWS,	  /* the graph is told anew */
	WEB_MSG_ROW,	  /* one of its rows */
	WEB_MSG_ROWS_END, /* struct nsg_totals */
	WEB_MSG_EVENT,
	WEB_MSG_LINE,	/* a line for the page that the source has made; after the rows */
	WEB_MSG_GAP,	/* struct web_gap: events that did not fit were left out */
	WEB_MSG_END,	/* struct web_end */
	WEB_MSG_LESSON, /* a byte (enum web_line), and one object of JSON */
	WEB_MESSAGES,
};

struct web_gap {
	uint64_t ts, count;
};

struct web_end {
	uint64_t forks, missed, duration;
};

/* In front of each. */
struct web_message_head {
	uint32_t kind;
	uint32_t size; /* of what follows */
};

#define WEB_MESSAGE_MAX (8u << 20)

/* The source's end. */
struct web_channel {
	int fd; /* does not block */
	char *data;
	size_t len, sent, size, max;
	bool gone; /* nobody reads any more */
};

void web_channel_init(struct web_channel *c, int fd, size_t max);
void web_channel_free(struct web_channel *c);
/* False: it does not fit. `must`: it is kept in any case, if there is memory. */
bool web_channel_put(struct web_channel *c, enum web_message kind, const void *data, size_t size,
		     bool must);
/* Writes what can be written; with `wait_ms` it waits so long for more room, -1: for ever. */
void web_channel_flush(struct web_channel *c, int wait_ms);
/* Bytes that wait. */
size_t web_channel_waiting(const struct web_channel *c);

/* The server's end: every whole message in the buffer, which then has it no more. */
struct evbuffer;
typedef void (*web_message_fn)(void *ctx, uint32_t kind, const void *data, size_t size);
void web_channel_take(struct evbuffer *in, web_message_fn on_message, void *ctx);

#endif
