// SPDX-License-Identifier: GPL-2.0-only
#include "access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define KEY_NAME "key"

static bool make_key(char key[WEB_KEY_LEN + 1])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char random[WEB_KEY_LEN];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return false;
	for (size_t i = 0; i < WEB_KEY_LEN; i++)
		key[i] = digits[random[i] & 63];
	key[WEB_KEY_LEN] = '\0';
	return true;
}

bool web_access_keys(struct web_keys *keys, uint16_t port, bool students)
{
	memset(keys, 0, sizeof(*keys));
	keys->port = port;
	return make_key(keys->teacher) && (!students || make_key(keys->student));
}

/* Takes as long for a wrong first byte as for a wrong last one. */
static bool same_key(const char *key, const char *given, size_t len)
{
	unsigned char differ = 0;

	if (!*key || len != WEB_KEY_LEN)
		return false;
	for (size_t i = 0; i < WEB_KEY_LEN; i++)
		differ |= (unsigned char)(key[i] ^ given[i]);
	return !differ;
}

static enum web_role role_of_key(const struct web_keys *keys, const char *given, size_t len)
{
	bool teacher = same_key(keys->teacher, given, len);
	bool student = same_key(keys->student, given, len);

	return teacher ? WEB_TEACHER : student ? WEB_STUDENT : WEB_NOBODY;
}

/* Browsers send cookies to every port of a host: the port is part of the name. */
static int cookie_name(const struct web_keys *keys, char *name, size_t size)
{
	return snprintf(name, size, "nslens_%u=", (unsigned int)keys->port);
}

enum web_role web_access_role(const struct web_keys *keys, const struct web_request *r)
{
	enum web_role best = WEB_NOBODY;
	char name[32];
	size_t len = (size_t)cookie_name(keys, name, sizeof(name));

	for (const char *at = r->cookie; at && *at; at += strspn(at, "; ")) {
		size_t all = strcspn(at, ";");

		if (all > len && !strncmp(at, name, len)) {
			enum web_role role = role_of_key(keys, at + len, all - len);

			best = role > best ? role : best;
		}
		at += all;
	}
	return best;
}

enum web_role web_access_enter(const struct web_keys *keys, const struct web_request *r,
			       char cookie[WEB_COOKIE_LEN])
{
	char given[WEB_KEY_LEN + 2], name[32];
	enum web_role role = WEB_NOBODY;

	if (web_http_query(r->query, KEY_NAME, given, sizeof(given)))
		role = role_of_key(keys, given, strlen(given));
	cookie_name(keys, name, sizeof(name));
	if (role)
		snprintf(cookie, WEB_COOKIE_LEN, "%s%s; Path=/; HttpOnly; SameSite=Strict", name,
			 given);
	return role;
}

/* The names under which a loopback port is reached. */
static bool is_own_host(const struct web_keys *keys, const char *host)
{
	static const char *const names[] = {"127.0.0.1", "localhost"};
	char own[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(own, sizeof(own), "%s:%u", names[i], (unsigned int)keys->port);
		if (!strcmp(host, own))
			return true;
		/* the default port is left out */
		if (keys->port == 80 && !strcmp(host, names[i]))
			return true;
	}
	return false;
}

/* "http://HOST", with the host of this very request. */
static bool is_own_origin(const struct web_request *r)
{
	return !strncmp(r->origin, "http://", 7) && !strcmp(r->origin + 7, r->host);
}

int web_access_way(const struct web_keys *keys, const struct web_request *r)
{
	if (!is_own_host(keys, r->host))
		return 421;
	if (r->origin && !is_own_origin(r))
		return 403;
	if (r->method == WEB_POST && !r->origin)
		return 403;
	/* parts of the page are asked for by the page; the page itself also by a typed address */
	if (r->fetch_site && strcmp(r->fetch_site, "same-origin") != 0 && strcmp(r->path, "/") != 0)
		return 403;
	return 0;
}
