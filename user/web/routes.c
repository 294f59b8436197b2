// SPDX-License-Identifier: GPL-2.0-only
/* What there is to ask for, in one table. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "page.h"
#include "server_internal.h"

#define JSON "application/json"

static void answer_json(struct conn *c, const struct nsv_buf *b)
{
	if (b->failed)
		conn_refuse(c, 500);
	else if (!b->len)
		conn_refuse(c, 404);
	else
		conn_answer(c, 200, JSON, NULL, b->data, b->len);
}

/* An empty buffer that keeps its memory from answer to answer. */
static struct nsv_buf *scratch(struct conn *c)
{
	struct nsv_buf *b = &c->server->scratch;

	b->len = 0;
	b->failed = false;
	return b;
}

static void get_page(struct conn *c, const char *body)
{
	static const char format[] =
		"Content-Security-Policy: default-src 'none'; %s; connect-src 'self'; "
		"img-src blob: data:; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'\r\n";
	char headers[1024];

	(void)body;
	snprintf(headers, sizeof(headers), format, web_page_hashes);
	if (c->server->page)
		conn_answer(c, 200, "text/html; charset=utf-8", headers, c->server->page,
			    c->server->page_size);
	else
		conn_answer(c, 200, "text/html; charset=utf-8", headers, web_page, web_page_size);
}

static void get_events(struct conn *c, const char *body)
{
	(void)body;
	if (c->server->viewers >= WEB_VIEWERS)
		conn_refuse(c, 503);
	else
		stream_begin(c, c->request->last_event_id);
}

static void get_path(struct conn *c, const char *body)
{
	struct nsv_buf *out = scratch(c);
	const struct nsm_call *call = NULL;
	uint64_t number;
	char word[24];

	(void)body;
	if (!web_http_query(c->request->query, "call", word, sizeof(word)) ||
	    !web_http_number(word, &number)) {
		conn_refuse(c, 400);
		return;
	}
	call = web_calls_find(&c->server->calls, number);
	if (call)
		web_lines_path(c->server->lines, call, out);
	answer_json(c, out);
}

static void get_why(struct conn *c, const char *body)
{
	struct nsv_buf *out = scratch(c);
	struct timespec now;
	uint64_t number;
	char word[24];

	(void)body;
	if (!web_http_query(c->request->query, "ns", word, sizeof(word)) ||
	    !web_http_number(word, &number)) {
		conn_refuse(c, 400);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!c->server->options.recorded && c->server->lines) /* it tells of now */
		web_lines_why(c->server->lines, number,
			      (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, out);
	answer_json(c, out);
}

/* "#t=…&call=…", as it stands in an address; it goes to others, so nothing else may. */
static size_t lead_text(const char *body, char text[LEAD_MAX])
{
	const char *at = strchr(body, '#');
	size_t n;

	if (!at)
		return 0;
	for (n = 1; isalnum((unsigned char)at[n]) || (at[n] && strchr("=&_.,:+-", at[n])); n++)
		;
	if (n >= LEAD_MAX)
		return 0;
	memcpy(text, at, n);
	text[n] = '\0';
	/* alone, or quoted in an object */
	return !at[n] || at[n] == '"' ? n : 0;
}

static void post_lead(struct conn *c, const char *body)
{
	struct web_server *s = c->server;
	char text[LEAD_MAX];

	if (!lead_text(body, text)) {
		conn_refuse(c, 400);
		return;
	}
	memcpy(s->lead, text, sizeof(text));
	s->leads++;
	conn_answer(c, 204, NULL, NULL, NULL, 0);
	web_server_push(s);
}

static void get_icon(struct conn *c, const char *body)
{
	(void)body;
	conn_answer(c, 204, NULL, NULL, NULL, 0);
}

static const struct place {
	const char *path;
	enum web_method method;
	enum web_role role; /* at least */
	void (*answer)(struct conn *c, const char *body);
} places[] = {
	{"/", WEB_GET, WEB_STUDENT, get_page},
	{"/events", WEB_GET, WEB_STUDENT, get_events},
	{"/api/path", WEB_GET, WEB_STUDENT, get_path},
	{"/api/why", WEB_GET, WEB_STUDENT, get_why},
	{"/api/lead", WEB_POST, WEB_TEACHER, post_lead},
	{"/api/lesson", WEB_POST, WEB_TEACHER, post_lesson},
	{"/favicon.ico", WEB_GET, WEB_STUDENT, get_icon},
};

static const struct place *find_place(const char *path)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(places[i].path, path))
			return &places[i];
	return NULL;
}

/* The printed address: its key becomes a cookie, and disappears from the address. */
static bool enter(struct conn *c)
{
	char cookie[WEB_COOKIE_LEN], headers[WEB_COOKIE_LEN + 64];
	enum web_role role;

	if (c->request->method != WEB_GET || strcmp(c->request->path, "/") != 0)
		return false;
	role = web_access_enter(c->server->options.keys, c->request, cookie);
	if (!role)
		return false;
	c->role = role;
	snprintf(headers, sizeof(headers), "Location: /\r\nSet-Cookie: %s\r\n", cookie);
	conn_answer(c, 303, NULL, headers, NULL, 0);
	return true;
}

static bool method_fits(const struct place *p, enum web_method method)
{
	/* a stream has no end, and so no head alone */
	return method == p->method ||
	       (method == WEB_HEAD && p->method == WEB_GET && p->answer != get_events);
}

static int allowed(struct conn *c, const struct place *p)
{
	c->role = web_access_role(c->server->options.keys, c->request);
	if (!c->role)
		return 403; /* and nothing about what there is */
	if (!p)
		return 404;
	if (!method_fits(p, c->request->method))
		return 405;
	return c->role >= p->role ? 0 : 403;
}

void route(struct conn *c, const char *body)
{
	const struct place *p = find_place(c->request->path);
	int status = web_access_way(c->server->options.keys, c->request);

	if (!status && enter(c))
		return;
	if (!status)
		status = allowed(c, p);
	if (status)
		conn_refuse(c, status);
	else
		p->answer(c, body);
}
