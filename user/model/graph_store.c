// SPDX-License-Identifier: GPL-2.0-only
/* Where the objects of the graph lie, and how they are found. */
#include <stdlib.h>
#include <string.h>

#include "graph_internal.h"

#define BLOCK_BYTES (32u << 10)

struct block {
	struct block *next;
	_Alignas(16) char objects[];
};

static void more(struct pool *p)
{
	struct block *b = malloc(BLOCK_BYTES);
	size_t n = (BLOCK_BYTES - sizeof(*b)) / p->object;

	if (!b)
		return;
	b->next = p->blocks;
	p->blocks = b;
	p->bytes += BLOCK_BYTES;
	/* the first of the block is taken first */
	for (size_t i = n; i > 0; i--)
		pool_give(p, b->objects + (i - 1) * p->object);
}

void *pool_take(struct pool *p)
{
	void *object;

	if (!p->free)
		more(p);
	object = p->free;
	if (!object)
		return NULL;
	memcpy(&p->free, object, sizeof(p->free));
	memset(object, 0, p->object);
	return object;
}

void pool_give(struct pool *p, void *object)
{
	memcpy(object, &p->free, sizeof(p->free));
	p->free = object;
}

void pool_free(struct pool *p)
{
	while (p->blocks) {
		struct block *next = p->blocks->next;

		free(p->blocks);
		p->blocks = next;
	}
}

/*
 * Ids and numbers are given in a row, and what was made together is looked up
 * together: neighbours share a cache line.
 */
static struct node **bucket_of(const struct table *t, uint64_t key)
{
	return &t->bucket[(key ^ key >> 17 ^ key >> 40) & (t->size - 1)];
}

static void put_first(struct node **bucket, struct node *n)
{
	n->chain = *bucket;
	n->at = bucket;
	if (n->chain)
		n->chain->at = &n->chain;
	*bucket = n;
}

bool table_reserve(struct table *t)
{
	struct table bigger = {.used = t->used};

	if (t->used < t->size + t->size / 2)
		return true;
	bigger.size = t->size ? t->size * 2 : 64;
	bigger.bucket = calloc(bigger.size, sizeof(*bigger.bucket));
	if (!bigger.bucket)
		return t->size > 0; /* longer chains will do */
	for (size_t i = 0; i < t->size; i++) {
		for (struct node *n = t->bucket[i], *next; n; n = next) {
			next = n->chain;
			put_first(bucket_of(&bigger, n->key), n);
		}
	}
	free(t->bucket);
	*t = bigger;
	return true;
}

void table_insert(struct table *t, struct node *n, uint64_t key)
{
	n->key = key;
	put_first(bucket_of(t, key), n);
	t->used++;
}

void table_remove(struct table *t, struct node *n)
{
	*n->at = n->chain;
	if (n->chain)
		n->chain->at = n->at;
	t->used--;
}

static struct node *same(struct node *n, uint64_t key)
{
	while (n && n->key != key)
		n = n->chain;
	return n;
}

struct node *table_find(const struct table *t, uint64_t key)
{
	return t->size ? same(*bucket_of(t, key), key) : NULL;
}

struct node *table_next(const struct node *n)
{
	return same(n->chain, n->key);
}

void table_free(struct table *t)
{
	free(t->bucket);
}
