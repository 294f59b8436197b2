// SPDX-License-Identifier: GPL-2.0-only
#include "calls.h"

#include <stdlib.h>
#include <string.h>

void web_calls_init(struct web_calls *c, size_t max_bytes)
{
	*c = (struct web_calls){.max_bytes = max_bytes};
}

static struct nsm_call **nth(const struct web_calls *c, size_t n)
{
	return &c->ring[(c->at + n) & (c->size - 1)];
}

static size_t size_of(const struct nsm_call *call)
{
	return sizeof(*call) + call->nsteps * sizeof(*call->steps) +
	       call->nslots * sizeof(*call->slots);
}

static void drop_oldest(struct web_calls *c)
{
	struct nsm_call *call = *nth(c, 0);

	c->bytes -= size_of(call);
	free(call);
	c->at = (c->at + 1) & (c->size - 1);
	c->n--;
}

void web_calls_free(struct web_calls *c)
{
	while (c->n)
		drop_oldest(c);
	free(c->ring);
	*c = (struct web_calls){0};
}

static bool grow(struct web_calls *c)
{
	size_t size = c->size ? c->size * 2 : 256;
	struct nsm_call **ring;

	if (c->n < c->size)
		return true;
	ring = malloc(size * sizeof(struct nsm_call *));
	if (!ring)
		return false;
	for (size_t i = 0; i < c->n; i++)
		ring[i] = *nth(c, i);
	free(c->ring);
	c->ring = ring;
	c->size = size;
	c->at = 0;
	return true;
}

/* Paths of cgroups are left out: no path of the kernel depends on them. */
static struct nsm_call *copy(const struct nsm_call *call)
{
	struct nsm_call *to = malloc(size_of(call));
	struct nsm_slot_change *slots;
	struct nsm_step *steps;

	if (!to)
		return NULL;
	*to = *call;
	steps = (struct nsm_step *)(to + 1);
	slots = (struct nsm_slot_change *)(steps + call->nsteps);
	if (call->nsteps)
		memcpy(steps, call->steps, call->nsteps * sizeof(*steps));
	if (call->nslots)
		memcpy(slots, call->slots, call->nslots * sizeof(*slots));
	to->steps = steps;
	to->slots = slots;
	to->cgroup_path = to->container = NULL;
	return to;
}

void web_calls_add(struct web_calls *c, const struct nsm_call *call)
{
	struct nsm_call *kept = grow(c) ? copy(call) : NULL;

	if (!kept)
		return;
	*nth(c, c->n++) = kept;
	c->bytes += size_of(kept);
	while (c->bytes > c->max_bytes && c->n > 1)
		drop_oldest(c);
}

const struct nsm_call *web_calls_find(const struct web_calls *c, uint64_t number)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((*nth(c, middle))->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->n && (*nth(c, low))->number == number ? *nth(c, low) : NULL;
}
