// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of cgroup ids, with the container that each names. Containers come and go, and their ids
 * never return: what nobody needs any more is forgotten. An id that was told so long ago that the
 * capture has forgotten it, too, is told again before the next event that names it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "internal.h"

/* More than the capture's: pseudonyms, which a redacted copy has, may be longer than the paths. */
#define RECENT_BYTES (2ull * NSL_CGROUPS_BYTES)
/* So many more than were left the last time, and it is looked who is needed. */
#define MORE	   (NSL_CGROUPS_TOLD / 4)
#define MORE_BYTES (NSL_CGROUPS_BYTES / 2)
/* Some 40000 paths of containers. More are made up: cgroups cost a user nothing. */
#define MOST_BYTES (4u << 20)

static void let_go(struct cgroup *g)
{
	free(g->path);
	free(g->container);
	free(g->unit);
	free(g);
}

static void forget(struct cgroup_table *t, struct cgroup *g)
{
	t->bytes -= strlen(g->path) + 1;
	HASH_DEL(t->all, g);
	let_go(g);
}

/* NULL: out of memory. */
static struct cgroup *make(uint64_t id, const char *path)
{
	size_t size = strlen(path) + 1;
	struct cgroup *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->id = id;
	g->path = malloc(size);
	g->container = malloc(size);
	g->unit = malloc(size);
	if (!g->path || !g->container || !g->unit) {
		let_go(g);
		return NULL;
	}
	memcpy(g->path, path, size);
	if (!nsm_unit(path, g->unit, size)) {
		free(g->unit);
		g->unit = NULL;
	}
	if (!nsm_container(path, g->container, size)) {
		free(g->container);
		g->container = NULL;
	}
	return g;
}

static struct cgroup *find(const struct cgroup_table *t, uint64_t id)
{
	struct cgroup *g;

	HASH_FIND(hh, t->all, &id, sizeof(id), g);
	return g;
}

int cgroups_set(struct cgroup_table *t, uint64_t id, const char *path)
{
	struct cgroup *old = find(t, id), *g = make(id, path);
	size_t size = strlen(path) + 1;

	if (!g)
		return -ENOMEM;
	HASH_ADD(hh, t->all, id, sizeof(g->id), g); /* behind all others */
	if (!HASH_HAS(hh, g)) {
		let_go(g);
		return -ENOMEM;
	}
	g->told = t->told++;
	g->told_bytes = t->told_bytes;
	t->told_bytes += size;
	t->bytes += size;
	if (old)
		forget(t, old);
	return 0;
}

const struct cgroup *cgroups_get(const struct cgroup_table *t, uint64_t id)
{
	return find(t, id);
}

bool cgroups_many(const struct cgroup_table *t)
{
	return HASH_COUNT(t->all) > t->left + MORE || t->bytes > t->left_bytes + MORE_BYTES;
}

void cgroups_need(struct cgroup_table *t, uint64_t id)
{
	struct cgroup *g = find(t, id);

	if (g)
		g->needed = true;
}

/* The capture may still rely on it: it has not told enough since. */
static bool is_recent(const struct cgroup_table *t, const struct cgroup *g)
{
	return t->told - g->told <= NSL_CGROUPS_TOLD &&
	       t->told_bytes - g->told_bytes <= RECENT_BYTES;
}

void cgroups_forget(struct cgroup_table *t)
{
	struct cgroup *g, *next;

	for (g = t->all; g && !is_recent(t, g); g = next) {
		next = g->hh.next;
		if (!g->needed)
			forget(t, g);
	}
	for (g = t->all; g && !is_recent(t, g) && t->bytes > MOST_BYTES; g = next) {
		next = g->hh.next;
		forget(t, g);
	}
	for (g = t->all; g; g = g->hh.next)
		g->needed = false;
	t->left = HASH_COUNT(t->all);
	t->left_bytes = t->bytes;
}

size_t cgroups_bytes(const struct cgroup_table *t)
{
	return HASH_COUNT(t->all) * sizeof(*t->all) + t->bytes;
}

void cgroups_free(struct cgroup_table *t)
{
	for (struct cgroup *g = t->all, *next; g; g = next) {
		next = g->hh.next;
		forget(t, g);
	}
}
