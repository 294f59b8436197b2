// SPDX-License-Identifier: GPL-2.0-only
/*
 * A viewer: frames of the log, as fast as it takes them. What waits for it is bounded; one
 * that falls so far behind that its place in the log is gone begins anew at a keyframe.
 */
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server_internal.h"

#define AHEAD (128 << 10) /* bytes that wait to be written */
#define LOW   (32 << 10)  /* … at which more is added */

static void put_object(struct evbuffer *out, const char *json, const char *members)
{
	size_t len = strlen(json);

	/* into the object, before its last bracket */
	evbuffer_add(out, "data: ", 6);
	evbuffer_add(out, json, len - 1);
	evbuffer_add_printf(out, "%s}\n\n", members);
}

static const char *role_member(const struct conn *c)
{
	if (!*c->server->options.keys->student)
		return ",\"role\":null";
	return c->role == WEB_TEACHER ? ",\"role\":\"teacher\"" : ",\"role\":\"student\"";
}

/* What every stream begins with: on `start` the page forgets all that it had. */
static bool begin(struct conn *c, bool late)
{
	const struct web_log *log = &c->server->log;
	struct evbuffer *out = bufferevent_get_output(c->bev);
	uint64_t at = web_log_begin(log, late || c->server->options.command);

	if (!log->start || !log->texts || !at)
		return false;
	put_object(out, log->start, role_member(c));
	put_object(out, log->texts, "");
	c->next_frame = at;
	c->begun = true;
	return true;
}

static void put_lead(struct conn *c)
{
	const struct web_server *s = c->server;

	if (c->lead == s->leads || c->role != WEB_STUDENT)
		return;
	c->lead = s->leads;
	evbuffer_add_printf(bufferevent_get_output(c->bev),
			    "data: {\"type\":\"lead\",\"hash\":\"%s\"}\n\n", s->lead);
}

static bool all_sent(const struct conn *c)
{
	return c->begun && c->next_frame == web_log_end(&c->server->log);
}

/* Of a recording all is soon told, but a student's page goes on to be led. */
static bool is_led(const struct conn *c)
{
	return c->role == WEB_STUDENT && c->server->options.recorded;
}

void stream_push(struct conn *c)
{
	struct web_server *s = c->server;
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (!c->begun && !begin(c, false))
		return;
	if (c->next_frame < s->log.first) {
		s->counts.fell_behind++;
		begin(c, true);
	}
	while (c->next_frame < web_log_end(&s->log) && evbuffer_get_length(out) < AHEAD) {
		const struct web_frame *f = web_log_frame(&s->log, c->next_frame);

		evbuffer_add(out, f->text, f->len);
		c->next_frame++;
	}
	lesson_put_control(c);
	if (all_sent(c))
		put_lead(c);
	if (all_sent(c) && s->finished && !is_led(c) && !evbuffer_get_length(out))
		conn_close(c);
}

/* "id: 7" was the last that came: it goes on with 8, if that is still there. */
static void resume(struct conn *c, const char *last_event_id)
{
	const struct web_log *log = &c->server->log;
	uint64_t last;

	if (!last_event_id || !web_http_number(last_event_id, &last) || !log->keyframe)
		return;
	if (last + 1 < log->first || last + 1 > web_log_end(log) || !last)
		return;
	c->next_frame = last + 1;
	c->begun = true;
}

void stream_begin(struct conn *c, const char *last_event_id)
{
	static const char headers[] =
		"Content-Security-Policy: default-src 'none'\r\nX-Accel-Buffering: no\r\n";

	c->state = CONN_STREAM;
	c->server->viewers++;
	c->server->counts.viewers++;
	c->next_frame = 0;
	event_del(c->deadline);
	bufferevent_setwatermark(c->bev, EV_WRITE, LOW, 0);
	conn_answer(c, 200, "text/event-stream", headers, NULL, 0);
	lesson_opened(c);
	resume(c, last_event_id);
	stream_push(c);
}

/* So that a viewer who is gone is noticed, and one who waits knows that we are there. */
void stream_beat(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (!evbuffer_get_length(out))
		evbuffer_add(out, ":\n\n", 3);
}
