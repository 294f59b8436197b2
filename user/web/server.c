// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <stdlib.h>
#include <string.h>

#include "server_internal.h"

#define BEAT_SECONDS 15

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		      int len, void *ctx)
{
	(void)listener;
	(void)from;
	(void)len;
	conn_open(ctx, fd);
}

static void each_viewer(struct web_server *s, void (*fn)(struct conn *c))
{
	for (struct conn *c = s->first, *next; c; c = next) {
		next = c->next;
		if (c->state == CONN_STREAM)
			fn(c);
	}
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	each_viewer(ctx, stream_beat);
}

struct web_server *web_server_new(const struct web_server_options *o)
{
	const struct timeval beat = {.tv_sec = BEAT_SECONDS};
	struct web_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->options = *o;
	web_log_init(&s->log, o->log_bytes);
	web_calls_init(&s->calls, o->calls_bytes);
	evutil_make_socket_nonblocking(o->listen_fd);
	s->listener =
		evconnlistener_new(o->base, on_accept, s,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, o->listen_fd);
	s->beat = event_new(o->base, -1, EV_PERSIST, on_beat, s);
	if (!s->listener || !s->beat || event_add(s->beat, &beat)) {
		web_server_free(s);
		return NULL;
	}
	return s;
}

void web_server_free(struct web_server *s)
{
	if (!s)
		return;
	while (s->first)
		conn_close(s->first);
	if (s->listener)
		evconnlistener_free(s->listener);
	if (s->beat)
		event_free(s->beat);
	web_log_free(&s->log);
	web_calls_free(&s->calls);
	free(s->scratch.data);
	free(s);
}

void web_server_line(void *server, enum web_line kind, const char *json, size_t len)
{
	struct web_server *s = server;

	/* of a recording the beginning is kept, and what it ends with */
	if (s->options.recorded && kind != WEB_LINE_START && kind != WEB_LINE_TEXTS &&
	    (s->cut || s->log.bytes + len > s->options.log_bytes)) {
		s->cut = true;
		if (kind != WEB_LINE_END)
			return;
	}
	web_log_add(&s->log, kind, json, len);
}

void web_server_call(void *server, const struct nsm_call *call)
{
	struct web_server *s = server;

	web_calls_add(&s->calls, call);
}

void web_server_set_lines(struct web_server *s, struct web_lines *lines)
{
	s->lines = lines;
}

void web_server_push(struct web_server *s)
{
	if (s->log.wants_keyframe && !s->options.recorded)
		web_lines_keyframe(s->lines);
	each_viewer(s, stream_push);
}

void web_server_finish(struct web_server *s)
{
	s->finished = true;
	each_viewer(s, stream_push);
}

size_t web_server_behind(const struct web_server *s)
{
	size_t n = 0;

	for (const struct conn *c = s->first; c; c = c->next)
		n += c->state == CONN_STREAM;
	return n;
}

bool web_server_cut(const struct web_server *s)
{
	return s->cut;
}

const struct web_counts *web_server_counts(const struct web_server *s)
{
	return &s->counts;
}
