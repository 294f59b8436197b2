/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One HTTP/1.1 request, strictly: what a browser of today sends, and nothing else.
 * Own code instead of libevent's evhttp, which knows no limit of connections, no
 * deadline for a whole request, and cannot be fuzzed without a socket.
 *
 * Pure: bytes in, a request or the status of a refusal out.
 */
#ifndef NSLENS_WEB_HTTP_H
#define NSLENS_WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_HEAD_MAX 8192 /* request line and headers */
#define WEB_BODY_MAX 4096

enum web_method { WEB_GET, WEB_HEAD, WEB_POST };

struct web_request {
	enum web_method method;
	bool keep_alive;
	size_t head_len; /* bytes up to the body */
	size_t body_len; /* as Content-Length tells */
	/* these lie in `text`; NULL: not there */
	const char *path;  /* "/api/path": no percent sign, no "..", begins with a slash */
	const char *query; /* behind the question mark */
	const char *host, *origin, *cookie, *fetch_site, *last_event_id;
	char text[WEB_HEAD_MAX + 1];
};

/*
 * 0: `r` is filled; -1: the head is not whole yet; else the status to answer with
 * before the connection is closed.
 */
int web_http_parse(const char *data, size_t len, struct web_request *r);

/*
 * The value of `name` in a query "a=1&b=2", which must be letters, digits, '_' and '-'
 * throughout. False: it is not there, or is longer than `size`, or something else.
 */
bool web_http_query(const char *query, const char *name, char *value, size_t size);
/* The same as a number without a sign. */
bool web_http_number(const char *text, uint64_t *number);

const char *web_http_reason(int status); /* "Not Found" */

#endif
