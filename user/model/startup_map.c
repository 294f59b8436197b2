// SPDX-License-Identifier: GPL-2.0-only
/* The containers of the start-up finder. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

static size_t home(const struct su_map *m, uint64_t key)
{
	return hash64(key) & (m->size - 1);
}

static size_t find(const struct su_map *m, uint64_t key)
{
	size_t i = home(m, key);

	while (m->slot[i].key && m->slot[i].key != key)
		i = (i + 1) & (m->size - 1);
	return i;
}

void *su_map_get(const struct su_map *m, uint64_t key)
{
	return m->size && key ? m->slot[find(m, key)].value : NULL;
}

static bool make_room(struct su_map *m)
{
	struct su_map bigger = {.size = m->size ? m->size * 2 : 64, .used = m->used};

	if (m->size && (m->used + 1) * 2 <= m->size)
		return true;
	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < m->size; i++) {
		if (m->slot[i].key)
			bigger.slot[find(&bigger, m->slot[i].key)] = m->slot[i];
	}
	free(m->slot);
	*m = bigger;
	return true;
}

bool su_map_set(struct su_map *m, uint64_t key, void *value)
{
	size_t i;

	if (!key)
		return true; /* a broken recording: nobody is called so */
	if (!make_room(m))
		return false;
	i = find(m, key);
	if (!m->slot[i].key)
		m->used++;
	m->slot[i] = (struct su_entry){key, value};
	return true;
}

/* What stands behind it moves up, so that no hole breaks a search. */
void su_map_drop(struct su_map *m, uint64_t key)
{
	size_t mask = m->size - 1, hole, i;

	if (!m->size || !key)
		return;
	hole = find(m, key);
	if (!m->slot[hole].key)
		return;
	m->used--;
	for (i = (hole + 1) & mask; m->slot[i].key; i = (i + 1) & mask) {
		size_t at = home(m, m->slot[i].key);

		if (((i - at) & mask) < ((i - hole) & mask))
			continue;
		m->slot[hole] = m->slot[i];
		hole = i;
	}
	m->slot[hole] = (struct su_entry){0, NULL};
}

void su_map_free(struct su_map *m)
{
	free(m->slot);
	*m = (struct su_map){0};
}

void *su_got(struct nsu *u, void *p)
{
	if (!p)
		u->err = -ENOMEM;
	return p;
}

void *su_grow(void **at, size_t *n, size_t *room, size_t size)
{
	char *item;

	if (*n == *room) {
		size_t bigger = *room ? *room * 2 : 4;
		void *moved = realloc(*at, bigger * size);

		if (!moved)
			return NULL;
		*at = moved;
		*room = bigger;
	}
	item = (char *)*at + (*n)++ * size;
	memset(item, 0, size);
	return item;
}
