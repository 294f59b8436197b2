/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may see the page: whoever has the address that nslens printed, and only by
 * way of that page itself. Pure, but for web_access_keys().
 *
 * The printed address carries a random key, which becomes a cookie with the first
 * request. Other pages in the same browser can neither read nor send it (SameSite),
 * and a name that somebody else's DNS points here is no address of ours (Host).
 */
#ifndef NSLENS_WEB_ACCESS_H
#define NSLENS_WEB_ACCESS_H

#include "http.h"

#define WEB_KEY_LEN 43 /* 256 bits, base64url */

enum web_role {
	WEB_NOBODY,
	WEB_STUDENT, /* may look */
	WEB_TEACHER, /* may look and lead */
};

struct web_keys {
	char teacher[WEB_KEY_LEN + 1];
	char student[WEB_KEY_LEN + 1]; /* "": there are no students */
	uint16_t port;
};

/* Fresh keys. False: the kernel gave no random bytes. */
bool web_access_keys(struct web_keys *keys, uint16_t port, bool students);

/* Comes the request by a way of ours? 0, or the status of the refusal. */
int web_access_way(const struct web_keys *keys, const struct web_request *r);

/* By its cookie. */
enum web_role web_access_role(const struct web_keys *keys, const struct web_request *r);

/* By the key in the query of the printed address; `cookie` is what to set. */
#define WEB_COOKIE_LEN 160
enum web_role web_access_enter(const struct web_keys *keys, const struct web_request *r,
			       char cookie[WEB_COOKIE_LEN]);

#endif
