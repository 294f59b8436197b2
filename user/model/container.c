// SPDX-License-Identifier: GPL-2.0-only
/*
 * The patterns of the runtimes. systemd's own units match none of them, nor do
 * the cgroups of monitors (libpod-conmon-…, crio-conmon-…, lxc.monitor.…):
 * what follows the prefix is no id there.
 */
#include <string.h>

#include "container.h"

enum kind {
	ID,   /* 64 hex digits */
	NAME, /* as it stands */
	UNIT, /* as it stands, with systemd's \xHH escapes */
};

struct pattern {
	const char *parent; /* the component right above, or NULL */
	const char *above;  /* how a component anywhere above begins, or NULL */
	const char *prefix;
	const char *suffix;
	enum kind kind;
};

static const struct pattern patterns[] = {
	/* docker: systemd driver, cgroupfs driver */
	{NULL, NULL, "docker-", ".scope", ID},
	{"docker", NULL, "", "", ID},
	/* containerd: Kubernetes, nerdctl */
	{NULL, NULL, "cri-containerd-", ".scope", ID},
	{NULL, NULL, "nerdctl-", ".scope", ID},
	{NULL, NULL, "crio-", ".scope", ID},
	{NULL, NULL, "crio-", "", ID},
	/* Kubernetes with the cgroupfs driver: …/pod<uid>/<id> */
	{NULL, "kubepods", "", "", ID},
	/* podman: systemd manager, cgroupfs manager */
	{NULL, NULL, "libpod-", ".scope", ID},
	{NULL, NULL, "libpod-", "", ID},
	{NULL, NULL, "lxc.payload.", "", NAME},
	{"lxc.payload", NULL, "", "", NAME},
	{"lxc", NULL, "", "", NAME},
	/* systemd-nspawn: by hand, as a service */
	{NULL, NULL, "machine-", ".scope", UNIT},
	{NULL, NULL, "systemd-nspawn@", ".service", UNIT},
};

/* machined registers virtual machines in the same way */
static const char *const not_containers[] = {"qemu-", "vbox-", "xen-"};

struct text {
	const char *at;
	size_t len;
};

static bool begins(struct text t, const char *with)
{
	return t.len >= strlen(with) && !memcmp(t.at, with, strlen(with));
}

static bool equals(struct text t, const char *other)
{
	return t.len == strlen(other) && !memcmp(t.at, other, t.len);
}

/* The component that ends at `end`; empty at the root. */
static struct text last_component(const char *path, const char *end)
{
	const char *at = end;

	while (at > path && at[-1] != '/')
		at--;
	return (struct text){at, (size_t)(end - at)};
}

static bool above_begins(const char *path, const char *end, const char *with)
{
	while (end > path) {
		struct text t = last_component(path, end);

		if (begins(t, with))
			return true;
		end = t.at > path ? t.at - 1 : path;
	}
	return false;
}

static bool is_id(struct text t)
{
	if (t.len != 64)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (!strchr("0123456789abcdef", t.at[i]))
			return false;
	}
	return true;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static size_t unescaped(struct text *t, char *c)
{
	if (t->len >= 4 && t->at[0] == '\\' && t->at[1] == 'x') {
		int high = hex(t->at[2]);
		int low = hex(t->at[3]);

		if (high >= 0 && low >= 0 && high + low > 0) {
			*c = (char)(high * 16 + low);
			return 4;
		}
	}
	*c = t->at[0];
	return 1;
}

/* What unescaped() yields is never longer than the text, so a buffer of the path's size suffices.
 */
static void write_name(struct text t, enum kind kind, char *buf, size_t size)
{
	size_t n = 0;

	if (kind == ID)
		t.len = NSM_CONTAINER_ID;
	while (t.len && n + 1 < size) {
		size_t used = 1;

		if (kind == UNIT)
			used = unescaped(&t, &buf[n]);
		else
			buf[n] = t.at[0];
		n++;
		t.at += used;
		t.len -= used;
	}
	buf[n] = '\0';
}

static bool is_machine(struct text t)
{
	for (size_t i = 0; i < sizeof(not_containers) / sizeof(*not_containers); i++) {
		char start[8];

		write_name(t, UNIT, start, strlen(not_containers[i]) + 1);
		if (!strcmp(start, not_containers[i]))
			return true;
	}
	return false;
}

static bool matches(const struct pattern *p, const char *path, struct text t, struct text *name)
{
	const char *up = t.at > path ? t.at - 1 : path;
	size_t fixed = strlen(p->prefix) + strlen(p->suffix);

	if (t.len <= fixed || !begins(t, p->prefix) ||
	    memcmp(t.at + t.len - strlen(p->suffix), p->suffix, strlen(p->suffix)) != 0)
		return false;
	if (p->parent && !equals(last_component(path, up), p->parent))
		return false;
	if (p->above && !above_begins(path, up, p->above))
		return false;
	*name = (struct text){t.at + strlen(p->prefix), t.len - fixed};
	if (p->kind == ID)
		return is_id(*name);
	return p->kind != UNIT || !is_machine(*name);
}

bool nsm_unit(const char *path, char *buf, size_t size)
{
	static const char *const ends[] = {".service", ".scope"};
	const char *end = path + strlen(path);

	while (size && end > path) {
		struct text t = last_component(path, end);

		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			size_t n = strlen(ends[i]);

			if (t.len <= n || memcmp(t.at + t.len - n, ends[i], n) != 0)
				continue;
			write_name(t, UNIT, buf, size);
			return true;
		}
		end = t.at > path ? t.at - 1 : path;
	}
	return false;
}

bool nsm_container(const char *path, char *buf, size_t size)
{
	const char *end = path + strlen(path);

	if (!size)
		return false;
	/* from the innermost outwards: containers hold containers */
	while (end > path) {
		struct text t = last_component(path, end);
		struct text name;

		for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
			if (!matches(&patterns[i], path, t, &name))
				continue;
			write_name(name, patterns[i].kind, buf, size);
			return true;
		}
		end = t.at > path ? t.at - 1 : path;
	}
	return false;
}
