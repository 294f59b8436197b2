/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server: the page and what it is fed, on loopback, for whoever has the key.
 *
 * It is hostile ground: everything that connects may be malicious, slow, or many. So
 * connections, times and memory are limited, and the process that runs this has no
 * privileges (sandbox.h).
 */
#ifndef NSLENS_WEB_SERVER_H
#define NSLENS_WEB_SERVER_H

#include <event2/event.h>

#include "access.h"
#include "calls.h"
#include "lesson.h"
#include "lines.h"
#include "log.h"

#define WEB_CONNECTIONS 200 /* at once, viewers among them */
#define WEB_VIEWERS	64

struct web_server;

struct web_server_options {
	struct event_base *base;
	int listen_fd; /* is the server's from now on */
	const struct web_keys *keys;
	size_t log_bytes;
	size_t calls_bytes;
	bool recorded; /* all there is, from its start; what does not fit is not kept */
	/*
	 * A lesson: what the page that leads asks for. Viewers begin at the newest keyframe, and
	 * there are no lines to ask. NULL: it is none.
	 */
	void (*command)(void *ctx, const struct web_lesson_command *c);
	void *command_ctx;
};

struct web_counts {
	uint64_t connections, refused, evicted, viewers, fell_behind;
};

/* NULL: out of memory. */
struct web_server *web_server_new(const struct web_server_options *o);
void web_server_free(struct web_server *s);

/* For web_lines_options. */
void web_server_line(void *server, enum web_line kind, const char *json, size_t len);
void web_server_call(void *server, const struct nsm_call *call);

/* Where answers come from. */
void web_server_set_lines(struct web_server *s, struct web_lines *lines);
/* What was added goes out to the viewers. */
void web_server_push(struct web_server *s);
/* Nothing will follow: viewers who have it all are let go. */
void web_server_finish(struct web_server *s);
/* Viewers who have not got everything yet. */
size_t web_server_behind(const struct web_server *s);
/* Recorded: there was more than fits; the time of the last thing that does. */
bool web_server_cut(const struct web_server *s);
const struct web_counts *web_server_counts(const struct web_server *s);

#endif
