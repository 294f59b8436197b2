// SPDX-License-Identifier: GPL-2.0-only
/* Requests: what is one, what is refused and with which status, and who may come in. */
#include <string.h>

#include "../../user/web/access.h"
#include "unit.h"

#define HOST "Host: 127.0.0.1:7777\r\n"

static struct web_request r;

static int parse(const char *text)
{
	return web_http_parse(text, strlen(text), &r);
}

static void test_a_request_is_read(void)
{
	CHECK(parse("GET /api/path?call=7 HTTP/1.1\r\n" HOST
		    "cookie:  a=1; b=2 \r\nLast-Event-ID: 12\r\n\r\nrest") == 0);
	CHECK(r.method == WEB_GET && r.keep_alive);
	CHECK(!strcmp(r.path, "/api/path") && !strcmp(r.query, "call=7"));
	CHECK(!strcmp(r.host, "127.0.0.1:7777") && !strcmp(r.cookie, "a=1; b=2"));
	CHECK(!strcmp(r.last_event_id, "12") && !r.origin);
	CHECK(r.body_len == 0 && r.head_len > 20);
	CHECK(parse("POST /api/lead HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n#t=12") == 0);
	CHECK(r.method == WEB_POST && r.body_len == 5);
	CHECK(parse("GET / HTTP/1.0\r\n" HOST "\r\n") == 0 && !r.keep_alive);
	CHECK(parse("GET / HTTP/1.1\r\n" HOST "Connection: x, close\r\n\r\n") == 0 &&
	      !r.keep_alive);
}

static void test_what_is_not_whole_is_waited_for(void)
{
	const char whole[] = "GET / HTTP/1.1\r\n" HOST "\r\n";

	for (size_t i = 0; i + 1 < sizeof(whole) - 1; i++)
		CHECK(web_http_parse(whole, i, &r) == -1);
	CHECK(web_http_parse(whole, sizeof(whole) - 1, &r) == 0);
}

static void test_what_is_no_request_is_refused(void)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400}, /* TLS */
		{"GET / HTTP/1.1\r\n\r\n", 400},		       /* no Host */
		{"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
		{"GET /\r\n\r\n", 400}, /* HTTP/0.9 */
		{"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
		{"GET / FTP/1.1\r\n" HOST "\r\n", 400},
		{"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
		{"BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
		{"PUT / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 501},
		{"GET http://127.0.0.1:7777/ HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET /../etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
		{"GET /%2e%2e/etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
		{"GET //etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
		{"GET /a\\b HTTP/1.1\r\n" HOST "\r\n", 404},
		{"GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 501},
		{"GET / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 400},
		{"POST / HTTP/1.1\r\n" HOST "\r\n", 411},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1e3\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n",
		 417},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = parse(cases[i].text);

		if (status != cases[i].status)
			printf("    case %zu: %d\n", i, status);
		CHECK(status == cases[i].status);
	}
	CHECK(web_http_parse("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29, &r) == 400);
}

static void test_what_is_too_long_is_refused(void)
{
	static char text[2 * WEB_HEAD_MAX];
	size_t n;

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	CHECK(web_http_parse(text, WEB_HEAD_MAX, &r) == 414);
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET / HTTP/1.1\r\nX: ", 19);
	CHECK(web_http_parse(text, 4000, &r) == -1);
	CHECK(web_http_parse(text, sizeof(text), &r) == 431);
	n = (size_t)sprintf(text, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < 70; i++)
		n += (size_t)sprintf(text + n, "X%d: y\r\n", i);
	n += (size_t)sprintf(text + n, "\r\n");
	CHECK(web_http_parse(text, n, &r) == 431);
}

static void test_queries(void)
{
	char value[8];
	uint64_t number;

	CHECK(web_http_query("a=1&call=23", "call", value, sizeof(value)) && !strcmp(value, "23"));
	CHECK(!web_http_query("recall=1", "call", value, sizeof(value)));
	CHECK(!web_http_query("call=123456789", "call", value, sizeof(value)));
	CHECK(!web_http_query("call=<b>", "call", value, sizeof(value)));
	CHECK(!web_http_query(NULL, "call", value, sizeof(value)));
	CHECK(web_http_number("18446744073709551", &number) && number == 18446744073709551u);
	CHECK(!web_http_number("", &number) && !web_http_number("-1", &number));
	CHECK(!web_http_number("99999999999999999999", &number) && !web_http_number("1x", &number));
}

/* ---- who may come in ---- */

static struct web_keys keys;

static int way(const char *method, const char *path, const char *headers)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\n%s%s\r\n", method, path, headers,
		 *method == 'P' ? "Content-Length: 0\r\n" : "");
	CHECK(parse(text) == 0);
	return web_access_way(&keys, &r);
}

static void test_only_our_own_names_and_pages(void)
{
	CHECK(web_access_keys(&keys, 7777, true));
	CHECK(way("GET", "/", HOST) == 0);
	CHECK(way("GET", "/", "Host: localhost:7777\r\n") == 0);
	CHECK(way("GET", "/", "Host: evil.example:7777\r\n") == 421);
	CHECK(way("GET", "/", "Host: 127.0.0.1\r\n") == 421);
	CHECK(way("GET", "/", "Host: 127.0.0.1:7778\r\n") == 421);
	CHECK(way("GET", "/", "Host: 127.0.0.1:7777.evil.example\r\n") == 421);
	CHECK(way("POST", "/api/lead", HOST "Origin: http://127.0.0.1:7777\r\n") == 0);
	CHECK(way("POST", "/api/lead", HOST) == 403);
	CHECK(way("POST", "/api/lead", HOST "Origin: null\r\n") == 403);
	CHECK(way("POST", "/api/lead", HOST "Origin: http://localhost:7777\r\n") == 403);
	CHECK(way("POST", "/api/lead", HOST "Origin: https://127.0.0.1:7777\r\n") == 403);
	CHECK(way("GET", "/events", HOST "Origin: http://evil.example\r\n") == 403);
	CHECK(way("GET", "/events", HOST "Sec-Fetch-Site: cross-site\r\n") == 403);
	CHECK(way("GET", "/events", HOST "Sec-Fetch-Site: same-site\r\n") == 403);
	CHECK(way("GET", "/events", HOST "Sec-Fetch-Site: same-origin\r\n") == 0);
	CHECK(way("GET", "/", HOST "Sec-Fetch-Site: none\r\n") == 0);
}

static enum web_role with_cookie(const char *format, const char *key)
{
	char headers[512];

	snprintf(headers, sizeof(headers), format, key);
	CHECK(way("GET", "/events", headers) == 0);
	return web_access_role(&keys, &r);
}

static void test_keys(void)
{
	struct web_keys other;
	char wrong[WEB_KEY_LEN + 1], cookie[WEB_COOKIE_LEN], path[128];

	CHECK(web_access_keys(&keys, 7777, true) && web_access_keys(&other, 7777, false));
	CHECK(strlen(keys.teacher) == WEB_KEY_LEN && strcmp(keys.teacher, keys.student));
	CHECK(strcmp(keys.teacher, other.teacher) && !*other.student);
	CHECK(with_cookie(HOST "Cookie: nslens_7777=%s\r\n", keys.teacher) == WEB_TEACHER);
	CHECK(with_cookie(HOST "Cookie: x=1; nslens_7777=%s\r\n", keys.student) == WEB_STUDENT);
	CHECK(with_cookie(HOST "Cookie: nslens_7778=%s\r\n", keys.teacher) == WEB_NOBODY);
	CHECK(with_cookie(HOST "Cookie: nslens_7777=%sx\r\n", keys.teacher) == WEB_NOBODY);
	CHECK(with_cookie(HOST "Cookie: nslens_7777=%s\r\n", "") == WEB_NOBODY);
	strcpy(wrong, keys.teacher);
	wrong[WEB_KEY_LEN - 1] ^= 1;
	CHECK(with_cookie(HOST "Cookie: nslens_7777=%s\r\n", wrong) == WEB_NOBODY);
	CHECK(with_cookie(HOST "%s", "") == WEB_NOBODY);

	snprintf(path, sizeof(path), "/?key=%s", keys.student);
	CHECK(way("GET", path, HOST) == 0);
	CHECK(web_access_enter(&keys, &r, cookie) == WEB_STUDENT);
	CHECK(strstr(cookie, keys.student) && strstr(cookie, "; HttpOnly; SameSite=Strict"));
	CHECK(way("GET", "/?key=x", HOST) == 0);
	CHECK(web_access_enter(&keys, &r, cookie) == WEB_NOBODY);
	/* where there are no students, an empty key is none */
	keys = other;
	CHECK(way("GET", "/?key=", HOST) == 0);
	CHECK(web_access_enter(&keys, &r, cookie) == WEB_NOBODY);
}

int main(void)
{
	RUN(test_a_request_is_read);
	RUN(test_what_is_not_whole_is_waited_for);
	RUN(test_what_is_no_request_is_refused);
	RUN(test_what_is_too_long_is_refused);
	RUN(test_queries);
	RUN(test_only_our_own_names_and_pages);
	RUN(test_keys);
	return unit_end();
}
