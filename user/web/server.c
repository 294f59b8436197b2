// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
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

static void on_nudge(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	lesson_nudge(ctx);
}

/* The page finds out by an attribute; hashes are those of its script and its style. */
static bool mark_page(struct web_server *s)
{
	static const char mark[] = "<div id=\"app\"", attribute[] = " data-lesson";
	const char *page = (const char *)web_page,
		   *at = memmem(page, web_page_size, mark, sizeof(mark) - 1);
	size_t before = at ? (size_t)(at - page) + sizeof(mark) - 1 : 0;

	s->page_size = web_page_size + sizeof(attribute) - 1;
	s->page = at ? malloc(s->page_size) : NULL;
	if (!s->page)
		return false;
	memcpy(s->page, page, before);
	memcpy(s->page + before, attribute, sizeof(attribute) - 1);
	memcpy(s->page + before + sizeof(attribute) - 1, page + before, web_page_size - before);
	return true;
}

struct web_server *web_server_new(const struct web_server_options *o)
{
	const struct timeval beat = {.tv_sec = BEAT_SECONDS};
	struct web_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->options = *o;
	s->leaders = 1; /* so that the first viewer is told that there is none */
	/* of a recording the beginning stays: web_server_line() sees to the size */
	web_log_init(&s->log, o->recorded ? SIZE_MAX : o->log_bytes);
	web_calls_init(&s->calls, o->calls_bytes);
	evutil_make_socket_nonblocking(o->listen_fd);
	s->listener =
		evconnlistener_new(o->base, on_accept, s,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, o->listen_fd);
	s->beat = event_new(o->base, -1, EV_PERSIST, on_beat, s);
	s->nudge = evtimer_new(o->base, on_nudge, s);
	if (!s->listener || !s->beat || !s->nudge || event_add(s->beat, &beat) ||
	    (o->command && !mark_page(s))) {
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
	if (s->nudge)
		event_free(s->nudge);
	free(s->page);
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
	if (s->log.wants_keyframe && !s->options.recorded && s->lines)
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
		n += c->state == CONN_STREAM &&
		     (!c->begun || c->next_frame < web_log_end(&s->log) ||
		      evbuffer_get_length(bufferevent_get_output(c->bev)));
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
