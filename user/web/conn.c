// SPDX-License-Identifier: GPL-2.0-only
/* One connection: requests in, answers out, all of it limited in size and time. */
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_internal.h"

#define REQUEST_SECONDS 5  /* for a whole request, from its first byte or the connection's */
#define IDLE_SECONDS	15 /* between two requests */
#define STUCK_SECONDS	20 /* a reader that takes nothing for so long is gone */
#define LINGER_SECONDS	2
#define KERNEL_BUFFER	(256 << 10)
#define MAX_WRITE	(256 << 10)

static void forget(struct conn *c)
{
	struct web_server *s = c->server;

	*(c->prev ? &c->prev->next : &s->first) = c->next;
	*(c->next ? &c->next->prev : &s->last) = c->prev;
	s->connections--;
	if (c->state == CONN_STREAM)
		s->viewers--;
}

void conn_close(struct conn *c)
{
	bool viewer = c->state == CONN_STREAM;

	forget(c);
	if (viewer)
		lesson_closed(c);
	if (c->deadline)
		event_free(c->deadline);
	bufferevent_free(c->bev);
	free(c->request);
	free(c);
}

static void set_deadline(struct conn *c, int seconds)
{
	const struct timeval tv = {.tv_sec = seconds};

	event_add(c->deadline, &tv);
}

/*
 * The answer is out. What the other side is still sending is read and thrown away for a
 * moment: closed at once, the kernel would throw away the answer.
 */
static void linger(struct conn *c)
{
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	bufferevent_enable(c->bev, EV_READ);
	set_deadline(c, LINGER_SECONDS);
}

/* Ends when everything has been written. */
static void close_when_sent(struct conn *c)
{
	c->state = CONN_CLOSING;
	bufferevent_disable(c->bev, EV_READ);
	set_deadline(c, STUCK_SECONDS);
	if (!evbuffer_get_length(bufferevent_get_output(c->bev)))
		linger(c);
}

static const char always[] = "Cache-Control: no-store\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "Referrer-Policy: no-referrer\r\n"
			     "Cross-Origin-Resource-Policy: same-origin\r\n"
			     "Cross-Origin-Opener-Policy: same-origin\r\n"
			     "X-Frame-Options: DENY\r\n";

void conn_answer(struct conn *c, int status, const char *type, const char *headers,
		 const void *body, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	bool stream = c->state == CONN_STREAM;

	evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n%s%s", status, web_http_reason(status), always,
			    headers ? headers
				    : "Content-Security-Policy: default-src 'none'; "
				      "frame-ancestors 'none'; sandbox\r\n");
	if (type)
		evbuffer_add_printf(out, "Content-Type: %s\r\n", type);
	if (!stream)
		evbuffer_add_printf(out, "Content-Length: %zu\r\n", len);
	evbuffer_add_printf(out, "Connection: %s\r\n\r\n",
			    c->keep_alive && !stream ? "keep-alive" : "close");
	if (!c->head_only && len)
		evbuffer_add(out, body, len);
}

static void answer_text(struct conn *c, int status, const char *text)
{
	conn_answer(c, status, "text/plain; charset=utf-8", NULL, text, strlen(text));
}

/* In words, for somebody who typed an address. */
void conn_refuse(struct conn *c, int status)
{
	char text[256];
	const char *why = "";

	if (status == 403)
		why = "Open the whole address that nslens printed, with its key.\n";
	else if (status == 421)
		why = "nslens is here at 127.0.0.1 and localhost only.\n";
	else if (status == 503)
		why = "There are too many connections; try again in a moment.\n";
	snprintf(text, sizeof(text), "%d %s\n%s", status, web_http_reason(status), why);
	c->server->counts.refused++;
	answer_text(c, status, text);
}

static void refuse_and_close(struct conn *c, int status)
{
	c->keep_alive = false;
	conn_refuse(c, status);
	close_when_sent(c);
}

/* The request is whole. */
static void serve(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	char body[WEB_BODY_MAX + 1];
	size_t len = c->request->body_len;

	evbuffer_remove(in, body, len);
	body[len] = '\0';
	c->keep_alive = c->request->keep_alive;
	c->head_only = c->request->method == WEB_HEAD;
	route(c, body);
	free(c->request);
	c->request = NULL;
}

/* 0: it was served; -1: more is needed; else the status of a refusal. */
static int read_request(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t len = evbuffer_get_length(in);
	int status;

	if (c->state == CONN_HEAD) {
		if (!len)
			return -1;
		if (!c->request)
			c->request = malloc(sizeof(*c->request));
		if (!c->request)
			return 503;
		len = len < WEB_HEAD_MAX ? len : WEB_HEAD_MAX;
		status = web_http_parse((const char *)evbuffer_pullup(in, (ssize_t)len), len,
					c->request);
		if (status)
			return status;
		evbuffer_drain(in, c->request->head_len);
		c->state = CONN_BODY;
	}
	if (evbuffer_get_length(in) < c->request->body_len)
		return -1;
	serve(c);
	return 0;
}

/* One after the other, as they come; the next one waits until this answer has gone. */
static void on_read(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;
	int status;

	if (c->state == CONN_STREAM || c->state == CONN_CLOSING) {
		struct evbuffer *in = bufferevent_get_input(bev);

		evbuffer_drain(in, evbuffer_get_length(in)); /* nothing more is asked here */
		return;
	}
	if (c->state == CONN_HEAD && !c->request)
		set_deadline(c, REQUEST_SECONDS);
	status = read_request(c);
	if (status > 0) {
		refuse_and_close(c, status);
	} else if (!status && c->state == CONN_BODY) {
		c->state = CONN_HEAD;
		if (!c->keep_alive) {
			close_when_sent(c);
			return;
		}
		bufferevent_disable(bev, EV_READ); /* until this has been written */
		set_deadline(c, STUCK_SECONDS);
	}
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;

	if (c->state == CONN_STREAM) {
		stream_push(c);
		return;
	}
	if (evbuffer_get_length(bufferevent_get_output(bev)))
		return;
	if (c->state == CONN_CLOSING) {
		linger(c);
		return;
	}
	if (bufferevent_get_enabled(bev) & EV_READ)
		return;
	set_deadline(c, IDLE_SECONDS);
	bufferevent_enable(bev, EV_READ);
	if (evbuffer_get_length(bufferevent_get_input(bev)))
		on_read(bev, c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what; /* an end, an error, or a reader that is stuck */
	conn_close(ctx);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct conn *c = ctx;

	(void)fd;
	(void)what;
	if ((c->state == CONN_HEAD && c->request) || c->state == CONN_BODY)
		refuse_and_close(c, 408);
	else if (c->state != CONN_STREAM)
		conn_close(c);
}

/* Whoever has shown no key makes room; the oldest of them has had most time. */
static bool evict(struct web_server *s)
{
	for (struct conn *c = s->first; c; c = c->next) {
		if (c->role != WEB_NOBODY)
			continue;
		s->counts.evicted++;
		conn_close(c);
		return true;
	}
	return false;
}

static void turn_away(evutil_socket_t fd)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	if (send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		shutdown(fd, SHUT_WR);
	evutil_closesocket(fd);
}

void conn_open(struct web_server *s, evutil_socket_t fd)
{
	const struct timeval stuck = {.tv_sec = STUCK_SECONDS};
	struct conn *c;
	int size = KERNEL_BUFFER;

	s->counts.connections++;
	if (s->connections >= WEB_CONNECTIONS && !evict(s)) {
		s->counts.refused++;
		turn_away(fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (c)
		c->bev = bufferevent_socket_new(s->options.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c || !c->bev) {
		evutil_closesocket(fd);
		free(c);
		return;
	}
	c->server = s;
	c->prev = s->last;
	*(s->last ? &s->last->next : &s->first) = c;
	s->last = c;
	s->connections++;
	c->deadline = event_new(s->options.base, -1, 0, on_deadline, c);
	if (!c->deadline) {
		conn_close(c);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	bufferevent_set_max_single_write(c->bev, MAX_WRITE);
	bufferevent_setwatermark(c->bev, EV_READ, 0, WEB_HEAD_MAX + WEB_BODY_MAX);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_set_timeouts(c->bev, NULL, &stuck);
	set_deadline(c, REQUEST_SECONDS);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}
