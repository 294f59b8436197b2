// SPDX-License-Identifier: GPL-2.0-only
#include "http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MAX_HEADERS 64
#define MAX_PATH    128

/* What may stand in a name of RFC 9110, section 5.6.2. */
static bool is_token(unsigned char c)
{
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token_text(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!is_token((unsigned char)*text))
			return false;
	return true;
}

/* Visible ASCII and blanks. */
static bool is_field_text(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') || (unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* The end of the head: behind its empty line. NULL: not there yet. */
static const char *end_of_head(const char *data, size_t len)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);

	return end ? end + 4 : NULL;
}

/* Takes one line from a head that ends with one; NULL: it has a bare CR or LF in it. */
static char *next_line(char **at)
{
	char *line = *at, *end = strstr(line, "\r\n");

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 2;
	return strpbrk(line, "\r\n") ? NULL : line;
}

static int parse_method(const char *word, enum web_method *method)
{
	static const char *const names[] = {
		[WEB_GET] = "GET", [WEB_HEAD] = "HEAD", [WEB_POST] = "POST"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(word, names[i])) {
			*method = (enum web_method)i;
			return 0;
		}
	}
	return is_token_text(word) ? 501 : 400;
}

static int parse_version(const char *word, bool *keep_alive)
{
	if (strncmp(word, "HTTP/", 5) != 0 || !isdigit((unsigned char)word[5]) || word[6] != '.' ||
	    !isdigit((unsigned char)word[7]) || word[8])
		return 400;
	*keep_alive = !strcmp(word + 5, "1.1");
	return word[5] == '1' ? 0 : 505;
}

/* Every path of ours is plain: what needs an escape is none of them. */
static int parse_target(char *target, struct web_request *r)
{
	char *query;

	if (target[0] != '/' || !is_field_text(target) || strchr(target, '#'))
		return 400;
	query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	r->path = target;
	r->query = query;
	if (strlen(target) > MAX_PATH)
		return 414;
	if (strpbrk(target, "%\\") || strstr(target, "//") || strstr(target, "/."))
		return 404;
	return 0;
}

/* "GET /path HTTP/1.1", with one blank between the words. */
static int parse_line(char *line, struct web_request *r)
{
	char *target = strchr(line, ' '), *version;
	int status;

	if (!target)
		return 400;
	*target++ = '\0';
	version = strchr(target, ' ');
	if (!version)
		return 400; /* HTTP/0.9 */
	*version++ = '\0';
	status = parse_version(version, &r->keep_alive);
	if (!status)
		status = parse_method(line, &r->method);
	return status ? status : parse_target(target, r);
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		text[--len] = '\0';
	return text;
}

struct headers {
	const char *length, *coding, *connection, *expect;
};

/* Each of them once at most: two that differ are the way to smuggle a request. */
static int keep_header(struct web_request *r, struct headers *h, const char *name,
		       const char *value)
{
	const struct {
		const char *name;
		const char **at;
	} known[] = {
		{"host", &r->host},
		{"origin", &r->origin},
		{"cookie", &r->cookie},
		{"sec-fetch-site", &r->fetch_site},
		{"last-event-id", &r->last_event_id},
		{"content-length", &h->length},
		{"transfer-encoding", &h->coding},
		{"connection", &h->connection},
		{"expect", &h->expect},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcasecmp(name, known[i].name) != 0)
			continue;
		if (*known[i].at)
			return 400;
		*known[i].at = value;
	}
	return 0;
}

static int parse_header(char *line, struct web_request *r, struct headers *h)
{
	char *value = strchr(line, ':');

	if (!value)
		return 400;
	*value++ = '\0';
	if (!is_token_text(line) || !is_field_text(value))
		return 400; /* also a line that begins with a blank, which folds another */
	return keep_header(r, h, line, trim(value));
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list && *list; list += strcspn(list, ",")) {
		list += strspn(list, ", \t");
		if (!strncasecmp(list, word, len) && (!list[len] || strchr(", \t", list[len])))
			return true;
	}
	return false;
}

/* What the headers mean together. */
static int check_headers(struct web_request *r, const struct headers *h)
{
	uint64_t length = 0;

	if (!r->host)
		return 400;
	if (h->coding)
		return 501;
	if (h->expect)
		return 417;
	if (h->length && !web_http_number(h->length, &length))
		return 400;
	if (length > WEB_BODY_MAX)
		return 413;
	if (r->method == WEB_POST && !h->length)
		return 411;
	if (r->method != WEB_POST && length)
		return 400;
	r->body_len = (size_t)length;
	if (has_word(h->connection, "close"))
		r->keep_alive = false;
	return 0;
}

static int parse_head(struct web_request *r)
{
	struct headers h = {NULL};
	char *at = r->text, *line = next_line(&at);
	int status = line ? parse_line(line, r) : 400;

	for (size_t n = 0; !status; n++) {
		line = next_line(&at);
		if (!line)
			return 400;
		if (!*line)
			return check_headers(r, &h);
		status = n < MAX_HEADERS ? parse_header(line, r, &h) : 431;
	}
	return status;
}

/* Does it look like the beginning of a request at all? Not every client will send a whole one. */
static bool is_hopeless(const char *data, size_t len)
{
	for (size_t i = 0; i < len && data[i] != ' '; i++)
		if (!is_token((unsigned char)data[i]) || i >= 16)
			return true;
	return false;
}

int web_http_parse(const char *data, size_t len, struct web_request *r)
{
	const char *end = end_of_head(data, len < WEB_HEAD_MAX ? len : WEB_HEAD_MAX);
	size_t head = end ? (size_t)(end - data) : len;
	int status;

	if (is_hopeless(data, len))
		return 400;
	if (!end) {
		const char *line = memchr(data, '\r', len);

		if (len < WEB_HEAD_MAX)
			return memchr(data, '\0', len) ? 400 : -1;
		return line ? 431 : 414;
	}
	if (memchr(data, '\0', head))
		return 400;
	memset(r, 0, offsetof(struct web_request, text));
	memcpy(r->text, data, head);
	r->text[head] = '\0';
	r->head_len = head;
	status = parse_head(r);
	return status;
}

bool web_http_number(const char *text, uint64_t *number)
{
	uint64_t n = 0;
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 19 || text[digits])
		return false;
	for (; *text; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	*number = n;
	return true;
}

bool web_http_query(const char *query, const char *name, char *value, size_t size)
{
	size_t len = strlen(name), n;

	for (; query && *query; query += strcspn(query, "&"), query += *query == '&') {
		if (strncmp(query, name, len) != 0 || query[len] != '=')
			continue;
		query += len + 1;
		n = strcspn(query, "&");
		if (n >= size)
			return false;
		memcpy(value, query, n);
		value[n] = '\0';
		for (const char *p = value; *p; p++)
			if (!isalnum((unsigned char)*p) && !strchr("_-", *p))
				return false;
		return true;
	}
	return false;
}

const char *web_http_reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} all[] = {
		{200, "OK"},
		{204, "No Content"},
		{303, "See Other"},
		{400, "Bad Request"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{417, "Expectation Failed"},
		{421, "Misdirected Request"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].status == status)
			return all[i].text;
	return "Error";
}
