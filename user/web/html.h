/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page and what it is fed in one file that needs nothing else: no server, no network.
 * The data are JSON Lines, gzip, base64. Its policy permits the page's own script and style,
 * by their hashes, and nothing else.
 */
#ifndef NSLENS_WEB_HTML_H
#define NSLENS_WEB_HTML_H

#include <stdio.h>

#include "lines.h"

struct web_html;

/* Writes the beginning to `out`, which stays the caller's. NULL: out of memory. */
struct web_html *web_html_new(FILE *out);
void web_html_free(struct web_html *h);

/* For web_lines_options: all lines, and the calls whose paths are to be in it. */
void web_html_line(void *html, enum web_line kind, const char *json, size_t len);
void web_html_call(void *html, const struct nsm_call *call);
/* Who says what path a call took. */
void web_html_set_lines(struct web_html *h, struct web_lines *lines);

/* The rest. 0, or the negative errno of what failed first. */
int web_html_end(struct web_html *h);
/* Lines without those that every file has. */
size_t web_html_events(const struct web_html *h);

#endif
