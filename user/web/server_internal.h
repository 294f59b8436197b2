/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what the files of the server share. */
#ifndef NSLENS_WEB_SERVER_INTERNAL_H
#define NSLENS_WEB_SERVER_INTERNAL_H

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "../view/buf.h"
#include "server.h"

#define LEAD_MAX 512

enum conn_state {
	CONN_HEAD,    /* waits for a request */
	CONN_BODY,    /* … and for its body */
	CONN_CLOSING, /* the answer goes out, then it ends */
	CONN_STREAM,
};

struct conn {
	struct web_server *server;
	struct bufferevent *bev;
	struct event *deadline;
	struct conn *prev, *next; /* all, the oldest first */
	enum conn_state state;
	enum web_role role; /* of its last request; NOBODY: it has shown no key yet */
	bool head_only;	    /* the request was HEAD */
	bool keep_alive;
	struct web_request *request; /* that is being read */
	/* CONN_STREAM */
	bool begun; /* `start` went out */
	uint64_t next_frame;
	uint64_t lead; /* the last one it was told */
	/* of a lesson */
	uint64_t viewer;  /* its number */
	uint64_t leaders; /* the last one it was told */
};

struct web_server {
	struct web_server_options options;
	struct evconnlistener *listener;
	struct event *beat;
	struct conn *first, *last;
	size_t connections, viewers;
	struct web_lines *lines;
	struct web_log log;
	struct web_calls calls;
	struct web_counts counts;
	bool finished, cut;
	char lead[LEAD_MAX]; /* where the teacher is; "": nowhere yet */
	uint64_t leads;
	/* of a lesson: which viewer leads (0: none), and how often that changed */
	uint64_t leader, leaders, viewer_ids;
	bool watched; /* as the source was told last */
	struct event *nudge;
	char *page; /* the page, marked as one of a lesson */
	size_t page_size;
	struct nsv_buf scratch;
};

/* conn.c */
void conn_open(struct web_server *s, evutil_socket_t fd);
void conn_close(struct conn *c);
/* An answer with a body; `headers` are whole lines, or NULL. */
void conn_answer(struct conn *c, int status, const char *type, const char *headers,
		 const void *body, size_t len);
void conn_refuse(struct conn *c, int status);

/* routes.c: answers c->request, whose body is `body`. */
void route(struct conn *c, const char *body);

/* lesson.c: a viewer comes and goes; who leads is told; the rest, outside of loops */
void lesson_opened(struct conn *c);
void lesson_closed(struct conn *c);
void lesson_put_control(struct conn *c);
void lesson_nudge(struct web_server *s);
void post_lesson(struct conn *c, const char *body);

/* stream.c */
void stream_begin(struct conn *c, const char *last_event_id);
void stream_push(struct conn *c);
void stream_beat(struct conn *c);

#endif
