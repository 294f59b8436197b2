// SPDX-License-Identifier: GPL-2.0-only
/* Paths of cgroup ids, with the container that each names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "internal.h"

static struct cgroup *find(const struct cgroup_table *t, uint64_t id)
{
	size_t i = hash64(id) & (t->size - 1);

	while (t->slot[i].path && t->slot[i].id != id)
		i = (i + 1) & (t->size - 1);
	return &t->slot[i];
}

static bool make_room(struct cgroup_table *t)
{
	struct cgroup_table bigger = {.used = t->used};

	bigger.size = table_size(t->size, t->used);
	if (bigger.size == t->size)
		return true;
	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slot[i].path)
			*find(&bigger, t->slot[i].id) = t->slot[i];
	}
	free(t->slot);
	*t = bigger;
	return true;
}

int cgroups_set(struct cgroup_table *t, uint64_t id, const char *path)
{
	size_t size = strlen(path) + 1;
	char *copy = malloc(size);
	char *container = malloc(size);
	char *unit = malloc(size);
	struct cgroup *g;

	if (!copy || !container || !unit || !make_room(t)) {
		free(copy);
		free(container);
		free(unit);
		return -ENOMEM;
	}
	memcpy(copy, path, size);
	if (!nsm_unit(path, unit, size)) {
		free(unit);
		unit = NULL;
	}
	if (!nsm_container(path, container, size)) {
		free(container);
		container = NULL;
	}
	g = find(t, id);
	if (!g->path)
		t->used++;
	free(g->path);
	free(g->container);
	free(g->unit);
	*g = (struct cgroup){.id = id, .path = copy, .container = container, .unit = unit};
	return 0;
}

const struct cgroup *cgroups_get(const struct cgroup_table *t, uint64_t id)
{
	const struct cgroup *g = t->size ? find(t, id) : NULL;

	return g && g->path ? g : NULL;
}

void cgroups_free(struct cgroup_table *t)
{
	for (size_t i = 0; i < t->size; i++) {
		free(t->slot[i].path);
		free(t->slot[i].container);
		free(t->slot[i].unit);
	}
	free(t->slot);
}
