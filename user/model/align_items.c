// SPDX-License-Identifier: GPL-2.0-only
/* A start-up as a list of what was done in it, with the texts as they can be compared. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "align_internal.h"

#define TEXT_SIZE    160 /* a text of a milestone, with what was put for its ids */
#define HEX_ID	     8	 /* so many digits in a row are an id */
#define CLONE_THREAD 0x00010000
#define MAX_UNLISTED 64 /* tasks that a start tells of only by what they did */

struct text {
	char *buf;
	size_t len;
};

static void put(struct text *t, const char *s, size_t len)
{
	if (len > TEXT_SIZE - 1 - t->len)
		len = TEXT_SIZE - 1 - t->len;
	memcpy(t->buf + t->len, s, len);
	t->len += len;
	t->buf[t->len] = '\0';
}

/* Where a container's root is put together has another name in every run. */
static const char *below_root(const char *path, const char *root)
{
	static const char *const names[] = {"rootfs", "merged", "newroot"};
	size_t len = root && root[0] == '/' ? strlen(root) : 0;
	const char *below = NULL;

	if (len > 1 && !strncmp(path, root, len) && (!path[len] || path[len] == '/'))
		return path + len;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		for (const char *p = strstr(path, names[i]); p; p = strstr(p + 1, names[i])) {
			if ((p == path || p[-1] == '/') && (!p[n] || p[n] == '/') &&
			    (!below || p + n > below))
				below = p + n;
		}
	}
	return below;
}

static size_t hex_run(const char *p)
{
	size_t n = 0;

	while (isdigit((unsigned char)p[n]) || (p[n] >= 'a' && p[n] <= 'f'))
		n++;
	return isalnum((unsigned char)p[n]) ? 0 : n;
}

static bool ends(const struct text *t, const char *with)
{
	size_t n = strlen(with);

	return t->len >= n && !memcmp(t->buf + t->len - n, with, n);
}

/* ".Akx47F": a name that was made up, as by mkstemp() */
static size_t made_up(const char *p)
{
	size_t n = 1;
	bool mixed = false;

	if (*p != '.')
		return 0;
	for (; isalnum((unsigned char)p[n]); n++)
		mixed |= isdigit((unsigned char)p[n]) || isupper((unsigned char)p[n]);
	return n == 7 && mixed && (!p[n] || p[n] == '/') ? n : 0;
}

/* Pids, descriptors, container names and ids: they say nothing of what is done. */
static void without_ids(const char *p, const char *container, struct text *t)
{
	size_t name = container ? strlen(container) : 0;

	while (*p) {
		size_t digits = strspn(p, "0123456789"), hex;
		bool begins = !t->len || !isalnum((unsigned char)t->buf[t->len - 1]);

		hex = begins ? hex_run(p) : 0;
		if (name && begins && !strncmp(p, container, name) &&
		    !isalnum((unsigned char)p[name])) {
			put(t, "{container}", 11);
			p += name;
		} else if (made_up(p)) {
			put(t, ".#", 2);
			p += made_up(p);
		} else if (hex >= HEX_ID) {
			put(t, "#", 1);
			p += hex;
		} else if (digits && (ends(t, "/fd/") || ends(t, "/proc/"))) {
			put(t, "#", 1);
			p += digits;
		} else {
			put(t, p++, 1);
		}
	}
}

static const char *comparable(const struct nsm_milestone *m, const struct nsu_startup *s,
			      const char *root, const char *text, char *buf)
{
	struct text t = {.buf = buf};
	char parent[NSL_TEXT_LEN + 1];
	const char *below, *leaf;

	*buf = '\0';
	switch (m->what) {
	case NSL_MILESTONE_uid_map:
	case NSL_MILESTONE_gid_map:
	case NSL_MILESTONE_projid_map:
	case NSL_MILESTONE_proc_setgroups:
		return text;
	case NSL_MILESTONE_cgroup_attach:
		/* the last part names the container, or a scope made for it */
		leaf = strrchr(text, '/');
		snprintf(parent, sizeof(parent), "%.*s", leaf ? (int)(leaf - text) : 0, text);
		without_ids(parent, s->container, &t);
		put(&t, "/*", 2);
		return buf;
	default:
		/* an absolute path that was put behind another one stands for itself */
		while (strstr(text, "//"))
			text = strstr(text, "//") + 1;
		below = below_root(text, root);
		if (below)
			put(&t, ".", 1);
		without_ids(below ? below : text, s->container, &t);
		return buf;
	}
}

/* Threads of a language's own runtime come and go as they please. */
static bool is_noise(const struct nsu_call *c)
{
	const struct nsm_call *call = &c->call;

	return call->syscall == NSL_SYS_EXIT ||
	       (call->raw_flags & CLONE_THREAD && !call->new_flags && !call->err);
}

uint64_t nsa_flags(const struct nsm_call *c)
{
	if (c->syscall == NSL_SYS_SETNS) {
		uint64_t asked = c->raw_flags & NSL_NEW_ALL;

		return asked ? asked : nsm_type_bit(c->target_type);
	}
	return c->new_flags		       ? c->new_flags
	       : c->syscall == NSL_SYS_UNSHARE ? c->raw_flags & NSL_NEW_ALL
					       : 0;
}

static void take_call(struct nsa_item *item, const struct nsu_startup *s, size_t i)
{
	const struct nsm_call *c = &s->calls[i].call;

	item->kind = NSA_CALL;
	item->call = &s->calls[i];
	item->flags = nsa_flags(c);
	item->ts = c->ts;
	item->duration = c->duration;
	item->err = c->err;
}

static void take_milestone(struct nsa_item *item, const struct nsu_startup *s, size_t i)
{
	const struct nsm_milestone *m = &s->milestones[i].m;

	item->kind = NSA_MILESTONE;
	item->milestone = &s->milestones[i];
	item->duration = m->duration;
	item->ts = m->ts;
	if (m->duration > 0 && (uint64_t)m->duration < m->ts)
		item->ts -= (uint64_t)m->duration;
	item->err = m->err;
}

/* Where the new root is put together, and since when the task that goes there is in it. */
struct root {
	const char *path; /* or NULL */
	uint32_t pid;
	uint64_t since; /* 0: never */
};

static struct root root_of(const struct nsu_startup *s)
{
	struct root r = {0};

	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsm_milestone *m = &s->milestones[i].m;

		if ((m->what != NSL_MILESTONE_pivot_root && m->what != NSL_MILESTONE_chroot) ||
		    m->err)
			continue;
		if (!r.path && m->text[0] == '/' && m->text[1])
			r.path = m->text;
		if (!r.since || m->pid != r.pid) {
			r.since = m->ts;
			r.pid = m->pid;
		}
	}
	return r;
}

/* Inside of the new root a path says the same as one below it did before. */
static void below_new_root(struct nsa_item *item, const struct root *r, char *buf)
{
	const struct nsm_milestone *m = &item->milestone->m;
	char path[TEXT_SIZE];

	if (m->pid != r->pid || !r->since || m->ts <= r->since || item->where[0] != '/')
		return;
	snprintf(path, sizeof(path), "%s", item->where);
	snprintf(buf, TEXT_SIZE, ".%s", path[1] ? path : "");
	item->where = buf;
}

/* Calls and milestones, each by time already, in one list. */
static void merge(const struct nsu_startup *s, struct align_run *run, const struct align_who *w)
{
	static const struct nsa_who nobody = {.role = NSA_HELPER, .comm = ""};
	const struct root root = root_of(s);
	char *text = run->texts;
	size_t c = 0, m = 0;

	while (c < s->ncalls || m < s->nmilestones) {
		struct nsa_item call = {.startup = s}, milestone = {.startup = s}, *item;
		const struct nsa_who *who;

		if (c < s->ncalls && is_noise(&s->calls[c])) {
			c++;
			continue;
		}
		if (run->n == NSA_MAX_ITEMS) {
			run->too_big = true;
			return;
		}
		if (c < s->ncalls)
			take_call(&call, s, c);
		if (m < s->nmilestones)
			take_milestone(&milestone, s, m);
		item = &run->items[run->n++];
		if (m >= s->nmilestones || (c < s->ncalls && call.ts <= milestone.ts)) {
			*item = call;
			item->index = c;
			item->who = s->calls[c].task < s->ntasks ? w->at[s->calls[c].task] : nobody;
			c++;
			continue;
		}
		*item = milestone;
		item->index = m;
		who = align_who_find(w, milestone.milestone->m.pid, milestone.milestone->m.tid);
		item->who = who ? *who : nobody;
		item->text = comparable(&milestone.milestone->m, s, root.path,
					milestone.milestone->m.text, text);
		item->where = comparable(&milestone.milestone->m, s, root.path,
					 milestone.milestone->m.where, text + TEXT_SIZE);
		below_new_root(item, &root, text + TEXT_SIZE);
		text += (size_t)2 * TEXT_SIZE;
		m++;
	}
}

int align_items(const struct nsu_startup *s, struct align_run *run)
{
	struct align_who w = {.max = s->ntasks + MAX_UNLISTED};
	size_t n = s->ncalls + s->nmilestones;
	size_t texts = s->nmilestones < NSA_MAX_ITEMS ? s->nmilestones : NSA_MAX_ITEMS;

	*run = (struct align_run){0};
	run->items = calloc((n < NSA_MAX_ITEMS ? n : NSA_MAX_ITEMS) + 1, sizeof(*run->items));
	run->texts = malloc(texts * 2 * TEXT_SIZE + 1);
	w.at = calloc(w.max, sizeof(*w.at));
	if (!w.at || !run->items || !run->texts) {
		free(w.at);
		align_run_free(run);
		return -1;
	}
	align_roles(s, &w, &run->payload);
	merge(s, run, &w);
	free(w.at);
	return 0;
}

void align_run_free(struct align_run *run)
{
	free(run->items);
	free(run->texts);
	*run = (struct align_run){0};
}
