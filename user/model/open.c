// SPDX-License-Identifier: GPL-2.0-only
/* Open calls: found by tid, kept in order of begin, recycled when done. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static size_t home(const struct tid_table *t, uint32_t tid)
{
	return hash64(tid) & (t->size - 1);
}

static void place(struct tid_table *t, struct open_call *c)
{
	size_t i = home(t, c->pub.tid);

	while (t->slot[i])
		i = (i + 1) & (t->size - 1);
	t->slot[i] = c;
}

static bool make_room(struct tid_table *t)
{
	struct tid_table bigger = {.used = t->used};

	bigger.size = table_size(t->size, t->used);
	if (bigger.size == t->size)
		return true;
	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slot[i])
			place(&bigger, t->slot[i]);
	}
	free(t->slot);
	*t = bigger;
	return true;
}

struct open_call *open_find(const struct nsm *m, uint32_t tid)
{
	const struct tid_table *t = &m->open;

	if (!t->size)
		return NULL;
	for (size_t i = home(t, tid); t->slot[i]; i = (i + 1) & (t->size - 1)) {
		if (t->slot[i]->pub.tid == tid)
			return t->slot[i];
	}
	return NULL;
}

struct open_call *open_alloc(struct nsm *m)
{
	struct open_call *c = m->spare;
	struct raw_step *raw;
	size_t cap;

	if (!make_room(&m->open))
		return NULL;
	if (c) {
		m->spare = c->next;
	} else {
		c = calloc(1, sizeof(*c));
		if (!c)
			return NULL;
	}
	raw = c->raw;
	cap = c->raw_cap;
	memset(c, 0, sizeof(*c));
	c->raw = raw;
	c->raw_cap = cap;
	return c;
}

void open_insert(struct nsm *m, struct open_call *c)
{
	place(&m->open, c);
	m->open.used++;
	c->prev = m->last;
	c->next = NULL;
	if (m->last)
		m->last->next = c;
	else
		m->first = c;
	m->last = c;
}

void open_remove(struct nsm *m, struct open_call *c)
{
	struct tid_table *t = &m->open;
	size_t mask = t->size - 1;
	size_t hole = home(t, c->pub.tid);

	while (t->slot[hole] != c)
		hole = (hole + 1) & mask;
	/* pull back whatever probing would no longer reach across the hole */
	for (size_t i = (hole + 1) & mask; t->slot[i]; i = (i + 1) & mask) {
		size_t want = home(t, t->slot[i]->pub.tid);

		if (((i - want) & mask) >= ((i - hole) & mask)) {
			t->slot[hole] = t->slot[i];
			hole = i;
		}
	}
	t->slot[hole] = NULL;
	t->used--;

	if (c->prev)
		c->prev->next = c->next;
	else
		m->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		m->last = c->prev;
	c->prev = c->next = NULL;
}

void open_recycle(struct nsm *m, struct open_call *c)
{
	c->next = m->spare;
	m->spare = c;
}

static void free_list(struct open_call *c)
{
	while (c) {
		struct open_call *next = c->next;

		free(c->raw);
		free(c);
		c = next;
	}
}

void open_free_all(struct nsm *m)
{
	free_list(m->first);
	free_list(m->spare);
	free(m->open.slot);
}
