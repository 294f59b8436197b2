// SPDX-License-Identifier: GPL-2.0-only
#include "lesson.h"

#include <event2/buffer.h>
#include <string.h>

#include "http.h"
#include "server_internal.h"

#define LEAD "lead"

/* What a page may ask for. */
static const struct {
	const char *word;
	enum web_lesson_what what;
} words[] = {
	{"next", WEB_LESSON_NEXT},   {"answer", WEB_LESSON_ANSWER}, {"start", WEB_LESSON_START},
	{"again", WEB_LESSON_AGAIN}, {"leave", WEB_LESSON_LEAVE},
};

static bool parse_what(const char *word, struct web_lesson_command *c)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(words[i].word, word)) {
			c->what = words[i].what;
			return true;
		}
	}
	return false;
}

static bool parse_number(const char *body, const char *name, uint64_t most, uint64_t *number)
{
	char word[24];

	return web_http_query(body, name, word, sizeof(word)) && web_http_number(word, number) &&
	       *number <= most;
}

bool web_lesson_parse(const char *body, struct web_lesson_command *c, uint64_t *viewer, bool *lead)
{
	uint64_t choice = 0, turn = 0;
	char word[16];

	memset(c, 0, sizeof(*c));
	if (!parse_number(body, "viewer", UINT64_MAX, viewer) ||
	    !web_http_query(body, "do", word, sizeof(word)))
		return false;
	*lead = !strcmp(word, LEAD);
	if (*lead)
		return true;
	if (!parse_what(word, c) || !parse_number(body, "turn", UINT32_MAX, &turn))
		return false;
	if (c->what == WEB_LESSON_ANSWER && !parse_number(body, "choice", UINT32_MAX, &choice))
		return false;
	if (c->what == WEB_LESSON_START &&
	    (!web_http_query(body, "name", c->name, sizeof(c->name)) || !c->name[0]))
		return false;
	c->turn = (uint32_t)turn;
	c->choice = (uint32_t)choice;
	return true;
}

bool web_lesson_valid(const struct web_lesson_command *c)
{
	return c->what < WEB_LESSON_WHATS && memchr(c->name, '\0', sizeof(c->name));
}

/* ---- who leads ---- */

static struct conn *find_viewer(struct web_server *s, uint64_t viewer)
{
	for (struct conn *c = s->first; c; c = c->next)
		if (c->state == CONN_STREAM && c->viewer == viewer)
			return c;
	return NULL;
}

static void set_leader(struct web_server *s, uint64_t viewer)
{
	s->leader = viewer;
	s->leaders++;
	event_add(s->nudge, &(struct timeval){0});
}

void lesson_opened(struct conn *c)
{
	struct web_server *s = c->server;

	if (!s->options.command)
		return;
	c->viewer = ++s->viewer_ids;
	if (!s->leader && c->role == WEB_TEACHER)
		set_leader(s, c->viewer);
	event_add(s->nudge, &(struct timeval){0});
}

void lesson_closed(struct conn *c)
{
	struct web_server *s = c->server;

	if (!s->options.command || !s->nudge)
		return;
	/* whoever comes back next leads on; those who watch may take over */
	if (s->leader == c->viewer)
		set_leader(s, 0);
	event_add(s->nudge, &(struct timeval){0});
}

void lesson_put_control(struct conn *c)
{
	const struct web_server *s = c->server;

	if (!s->options.command || c->leaders == s->leaders)
		return;
	c->leaders = s->leaders;
	evbuffer_add_printf(bufferevent_get_output(c->bev),
			    "data: {\"type\":\"control\",\"viewer\":%llu,\"leads\":%s,"
			    "\"led\":%s,\"may\":%s}\n\n",
			    (unsigned long long)c->viewer,
			    s->leader == c->viewer ? "true" : "false", s->leader ? "true" : "false",
			    c->role == WEB_TEACHER ? "true" : "false");
}

/* Outside of any loop over the connections. */
void lesson_nudge(struct web_server *s)
{
	const struct web_lesson_command c = {.what = s->viewers ? WEB_LESSON_WATCHED
								: WEB_LESSON_ALONE};

	web_server_push(s);
	if (s->watched == (s->viewers > 0))
		return;
	s->watched = s->viewers > 0;
	s->options.command(s->options.command_ctx, &c);
}

void post_lesson(struct conn *c, const char *body)
{
	struct web_server *s = c->server;
	struct web_lesson_command command;
	const struct conn *viewer;
	uint64_t number;
	bool lead;

	if (!s->options.command) {
		conn_refuse(c, 404);
		return;
	}
	if (!web_lesson_parse(body, &command, &number, &lead)) {
		conn_refuse(c, 400);
		return;
	}
	viewer = number ? find_viewer(s, number) : NULL;
	if (!viewer || viewer->role != WEB_TEACHER || (!lead && s->leader != number)) {
		conn_refuse(c, 409);
		return;
	}
	if (lead)
		set_leader(s, number);
	else
		s->options.command(s->options.command_ctx, &command);
	conn_answer(c, 204, NULL, NULL, NULL, 0);
}
