// SPDX-License-Identifier: GPL-2.0-only
#include "channel.h"

#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void web_channel_init(struct web_channel *c, int fd, size_t max)
{
	*c = (struct web_channel){.fd = fd, .max = max};
}

void web_channel_free(struct web_channel *c)
{
	free(c->data);
	*c = (struct web_channel){.fd = -1};
}

size_t web_channel_waiting(const struct web_channel *c)
{
	return c->len - c->sent;
}

static bool make_room(struct web_channel *c, size_t need)
{
	size_t size = c->size ? c->size : 1 << 16;
	char *more;

	if (c->sent && c->len + need > c->size) {
		memmove(c->data, c->data + c->sent, c->len - c->sent);
		c->len -= c->sent;
		c->sent = 0;
	}
	while (size < c->len + need)
		size *= 2;
	if (size == c->size)
		return true;
	more = realloc(c->data, size);
	if (!more)
		return false;
	c->data = more;
	c->size = size;
	return true;
}

bool web_channel_put(struct web_channel *c, enum web_message kind, const void *data, size_t size,
		     bool must)
{
	const struct web_message_head head = {.kind = kind, .size = (uint32_t)size};
	size_t need = sizeof(head) + size;

	if (c->gone || size > WEB_MESSAGE_MAX)
		return true;
	if (!must && web_channel_waiting(c) + need > c->max)
		web_channel_flush(c, 0);
	if ((!must && web_channel_waiting(c) + need > c->max) || !make_room(c, need))
		return false;
	memcpy(c->data + c->len, &head, sizeof(head));
	if (size)
		memcpy(c->data + c->len + sizeof(head), data, size);
	c->len += need;
	return true;
}

void web_channel_flush(struct web_channel *c, int wait_ms)
{
	while (c->sent < c->len && !c->gone) {
		struct pollfd fd = {.fd = c->fd, .events = POLLOUT};
		ssize_t n = send(c->fd, c->data + c->sent, c->len - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			c->sent += (size_t)n;
		else if (errno == EAGAIN && wait_ms && poll(&fd, 1, wait_ms) > 0)
			continue;
		else if (errno == EAGAIN || errno == EINTR)
			return;
		else
			c->gone = true;
	}
	if (c->sent == c->len)
		c->sent = c->len = 0;
}

void web_channel_take(struct evbuffer *in, web_message_fn on_message, void *ctx)
{
	const char *data = (const char *)evbuffer_pullup(in, -1);
	size_t len = evbuffer_get_length(in), at = 0;
	struct web_message_head head;

	while (len - at >= sizeof(head)) {
		memcpy(&head, data + at, sizeof(head));
		if (len - at - sizeof(head) < head.size)
			break;
		on_message(ctx, head.kind, data + at + sizeof(head), head.size);
		at += sizeof(head) + head.size;
	}
	evbuffer_drain(in, at);
}
