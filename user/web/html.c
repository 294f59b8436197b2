// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../explain/paths.h"
#include "../model/hash.h"
#include "../view/json.h"
#include "page.h"

#define PIECE (32 << 10)
#define SMALL (16u << 20) /* bytes of text */

/* Calls that took the same path share one. */
struct taken_path {
	unsigned char *key; /* the system call, and the mark of each row */
	size_t key_len;
	struct nsv_buf calls; /* their numbers, as JSON */
	struct nsv_buf path;  /* the object */
	UT_hash_handle hh;
};

struct web_html {
	FILE *out;
	struct web_lines *lines;
	const unsigned char *rest; /* of the page, behind the data */
	z_stream gzip;
	unsigned char carry[3]; /* bytes that do not make four digits yet */
	size_t ncarry;
	struct taken_path *paths;
	size_t events;
	int err; /* the first */
};

static void put(struct web_html *h, const void *data, size_t len)
{
	if (!h->err && len && fwrite(data, 1, len, h->out) != len)
		h->err = errno ? -errno : -EIO;
}

static void out_of_memory(struct web_html *h)
{
	h->err = h->err ? h->err : -ENOMEM;
}

static void put_text(struct web_html *h, const char *text)
{
	put(h, text, strlen(text));
}

/* ---- base64 of gzip ---- */

static void put_digits(struct web_html *h, const unsigned char in[3], size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4] = {digits[in[0] >> 2], digits[(in[0] & 3) << 4 | in[1] >> 4],
			digits[(in[1] & 15) << 2 | in[2] >> 6], digits[in[2] & 63]};

	for (size_t i = n + 1; i < 4; i++)
		four[i] = '=';
	put(h, four, 4);
}

static void put_base64(struct web_html *h, const unsigned char *data, size_t len, bool last)
{
	for (size_t i = 0; i < len; i++) {
		h->carry[h->ncarry++] = data[i];
		if (h->ncarry == 3) {
			put_digits(h, h->carry, 3);
			h->ncarry = 0;
		}
	}
	if (!last || !h->ncarry)
		return;
	memset(h->carry + h->ncarry, 0, 3 - h->ncarry);
	put_digits(h, h->carry, h->ncarry);
	h->ncarry = 0;
}

/* Of very much text time counts more than size: what comes later is not searched for long. */
static void hurry(struct web_html *h)
{
	unsigned char piece[PIECE] = {0};
	int rc;

	h->gzip.next_in = NULL;
	h->gzip.avail_in = 0;
	do { /* what was given so far comes out first */
		h->gzip.next_out = piece;
		h->gzip.avail_out = sizeof(piece);
		rc = deflateParams(&h->gzip, Z_BEST_SPEED, Z_DEFAULT_STRATEGY);
		put_base64(h, piece, sizeof(piece) - h->gzip.avail_out, false);
	} while (rc == Z_BUF_ERROR);
}

static void put_gzip(struct web_html *h, const char *data, size_t len, int flush)
{
	unsigned char piece[PIECE];
	int rc;

	if (h->gzip.total_in < SMALL && h->gzip.total_in + len >= SMALL)
		hurry(h);
	h->gzip.next_in = (unsigned char *)(uintptr_t)data;
	h->gzip.avail_in = (unsigned int)len;
	do {
		h->gzip.next_out = piece;
		h->gzip.avail_out = sizeof(piece);
		rc = deflate(&h->gzip, flush);
		put_base64(h, piece, sizeof(piece) - h->gzip.avail_out,
			   flush == Z_FINISH && rc == Z_STREAM_END);
	} while (!h->gzip.avail_out || (flush == Z_FINISH && rc == Z_OK));
}

/* ---- lines ---- */

static void put_line(struct web_html *h, const char *json, size_t len)
{
	put_gzip(h, json, len, Z_NO_FLUSH);
	put_gzip(h, "\n", 1, Z_NO_FLUSH);
}

static void put_paths(struct web_html *h)
{
	for (struct taken_path *p = h->paths; p; p = p->hh.next) {
		if (p->path.failed || p->calls.failed)
			out_of_memory(h);
		if (!p->path.len)
			continue;
		/* into the object, before its last bracket */
		put_gzip(h, p->path.data, p->path.len - 1, Z_NO_FLUSH);
		put_gzip(h, ",\"calls\":[", 10, Z_NO_FLUSH);
		put_gzip(h, p->calls.data, p->calls.len, Z_NO_FLUSH);
		put_gzip(h, "]}\n", 3, Z_NO_FLUSH);
	}
}

void web_html_line(void *html, enum web_line kind, const char *json, size_t len)
{
	struct web_html *h = html;

	if (kind == WEB_LINE_EVENT)
		h->events++;
	if (kind == WEB_LINE_END)
		put_paths(h);
	put_line(h, json, len);
}

static struct taken_path *new_path(struct web_html *h, const struct nsm_call *call,
				   const unsigned char *key, size_t len)
{
	struct taken_path *p = calloc(1, sizeof(*p));

	if (p)
		p->key = malloc(len);
	if (!p || !p->key) {
		free(p);
		return NULL;
	}
	memcpy(p->key, key, len);
	p->key_len = len;
	web_lines_path(h->lines, call, &p->path);
	HASH_ADD_KEYPTR(hh, h->paths, p->key, p->key_len, p);
	if (!HASH_HAS(hh, p)) {
		free(p->path.data);
		free(p->key);
		free(p);
		return NULL;
	}
	return p;
}

void web_html_call(void *html, const struct nsm_call *call)
{
	static struct nse_place rows[NSE_WALK_MAX];
	struct web_html *h = html;
	unsigned char key[NSE_WALK_MAX + 1] = {(unsigned char)call->syscall};
	size_t n = nse_path_of_call(call, web_lines_kernel(h->lines), rows, NSE_WALK_MAX);
	struct taken_path *p;

	n = n < NSE_WALK_MAX ? n : NSE_WALK_MAX;
	for (size_t i = 0; i < n; i++)
		key[i + 1] = (unsigned char)rows[i].mark;
	HASH_FIND(hh, h->paths, key, n + 1, p);
	if (!p && n)
		p = new_path(h, call, key, n + 1);
	if (n && !p)
		out_of_memory(h);
	if (p)
		nsv_buf_printf(&p->calls, "%s%llu", p->calls.len ? "," : "",
			       (unsigned long long)call->number);
}

/* ---- the file ---- */

/* Up to `mark` from *at on; *at is behind it then. */
static void put_until(struct web_html *h, const unsigned char **at, const char *mark)
{
	const unsigned char *end = web_page + web_page_size;
	const unsigned char *found = memmem(*at, (size_t)(end - *at), mark, strlen(mark));

	put(h, *at, (size_t)((found ? found : end) - *at));
	*at = found ? found + strlen(mark) : end;
}

static const unsigned char *last_of(const char *mark)
{
	const unsigned char *found = NULL, *at = web_page, *end = web_page + web_page_size;

	while ((at = memmem(at, (size_t)(end - at), mark, strlen(mark))))
		found = at++;
	return found ? found : end;
}

struct web_html *web_html_new(FILE *out)
{
	struct web_html *h = calloc(1, sizeof(*h));
	const unsigned char *at = web_page;

	if (!h)
		return NULL;
	if (deflateInit2(&h->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(h);
		return NULL;
	}
	h->out = out;
	put_until(h, &at, "<!--csp-->");
	put_text(h, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
	put_text(h, web_page_hashes);
	put_text(h, "; connect-src 'none'; img-src blob: data:; base-uri 'none'; "
		    "form-action 'none'\">");
	h->rest = last_of("</body>");
	if (at < h->rest)
		put(h, at, (size_t)(h->rest - at));
	put_text(h, "<script type=\"application/octet-stream\" id=\"data\">");
	return h;
}

void web_html_set_lines(struct web_html *h, struct web_lines *lines)
{
	h->lines = lines;
}

int web_html_end(struct web_html *h)
{
	if (web_lines_short_of_memory(h->lines))
		out_of_memory(h);
	put_gzip(h, NULL, 0, Z_FINISH);
	put_text(h, "</script>\n");
	put(h, h->rest, (size_t)(web_page + web_page_size - h->rest));
	if (!h->err && fflush(h->out))
		h->err = -errno;
	return h->err;
}

size_t web_html_events(const struct web_html *h)
{
	return h->events;
}

void web_html_free(struct web_html *h)
{
	struct taken_path *p, *next;

	if (!h)
		return;
	HASH_ITER (hh, h->paths, p, next) {
		HASH_DEL(h->paths, p);
		free(p->key);
		free(p->calls.data);
		free(p->path.data);
		free(p);
	}
	deflateEnd(&h->gzip);
	free(h);
}
