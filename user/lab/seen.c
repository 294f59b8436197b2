// SPDX-License-Identifier: GPL-2.0-only
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TASKS 64

struct list {
	void *items;
	size_t n, room, size;
};

struct lab_seen {
	uint32_t tasks[MAX_TASKS];
	size_t ntasks;
	struct list calls;  /* struct nsm_call, with slots and steps of their own */
	struct list births; /* struct lab_birth */
	struct list deaths; /* uint64_t */
	size_t over;	    /* deaths by the end of the last step */
	size_t before;	    /* deaths that were before this step */
	uint32_t tid;	    /* of the event that is being applied */
	bool gap;
};

static void *list_add(struct list *l)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 16;
		void *items = reallocarray(l->items, room, l->size);

		if (!items)
			return NULL;
		l->items = items;
		l->room = room;
	}
	return (char *)l->items + l->n++ * l->size;
}

struct lab_seen *lab_seen_new(void)
{
	struct lab_seen *s = calloc(1, sizeof(*s));

	if (s) {
		s->calls.size = sizeof(struct nsm_call);
		s->births.size = sizeof(struct lab_birth);
		s->deaths.size = sizeof(uint64_t);
	}
	return s;
}

static void forget_calls(struct lab_seen *s)
{
	struct nsm_call *calls = s->calls.items;

	for (size_t i = 0; i < s->calls.n; i++) {
		free((void *)calls[i].steps);
		free((void *)calls[i].slots);
	}
	s->calls.n = 0;
}

void lab_seen_free(struct lab_seen *s)
{
	if (!s)
		return;
	forget_calls(s);
	free(s->calls.items);
	free(s->births.items);
	free(s->deaths.items);
	free(s);
}

static bool is_ours(const struct lab_seen *s, uint32_t tid)
{
	for (size_t i = 0; i < s->ntasks; i++)
		if (s->tasks[i] == tid)
			return true;
	return false;
}

void lab_seen_task(struct lab_seen *s, uint32_t tid)
{
	if (is_ours(s, tid) || !tid)
		return;
	if (s->ntasks == MAX_TASKS)
		s->gap = true;
	else
		s->tasks[s->ntasks++] = tid;
}

void lab_seen_begin(struct lab_seen *s)
{
	forget_calls(s);
	s->births.n = 0;
	s->gap = false;
	/* what dies while the user reads is seen between two steps: it counts for the later */
	s->before = s->over;
}

void lab_seen_end(struct lab_seen *s)
{
	s->over = s->deaths.n;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct lab_seen *s = ctx;
	struct nsm_call *copy;

	if (!is_ours(s, call->tid))
		return;
	copy = list_add(&s->calls);
	if (!copy) {
		s->gap = true;
		return;
	}
	*copy = *call;
	s->gap |= call->gap;
	copy->cgroup_path = copy->container = NULL;
	copy->steps = malloc(call->nsteps * sizeof(*call->steps) + 1);
	copy->slots = malloc(call->nslots * sizeof(*call->slots) + 1);
	if (!copy->steps || !copy->slots) {
		copy->nsteps = copy->nslots = 0;
		s->gap = true;
		return;
	}
	memcpy((void *)copy->steps, call->steps, call->nsteps * sizeof(*call->steps));
	memcpy((void *)copy->slots, call->slots, call->nslots * sizeof(*call->slots));
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct lab_seen *s = ctx;

	(void)lost;
	s->gap = true;
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct lab_seen *s = ctx;
	struct lab_birth *b;

	if (!is_ours(s, s->tid))
		return;
	b = list_add(&s->births);
	if (b)
		*b = (struct lab_birth){ns->id, (enum nsl_type)ns->type};
	else
		s->gap = true;
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct lab_seen *s = ctx;
	uint64_t *id = list_add(&s->deaths);

	(void)cause;
	if (id)
		*id = ns->id;
	else
		s->gap = true;
}

struct nsm_sink lab_seen_model(struct lab_seen *seen)
{
	return (struct nsm_sink){.ctx = seen, .call = on_call, .lost = on_lost};
}

struct nsg_sink lab_seen_graph(struct lab_seen *seen)
{
	return (struct nsg_sink){.ctx = seen, .born = on_born, .died = on_died};
}

void lab_seen_event(struct lab_seen *seen, const struct nsl_head *event)
{
	seen->tid = event->tid;
}

const struct nsm_call *lab_seen_call(const struct lab_seen *seen, uint32_t tid,
				     enum nsl_syscall syscall)
{
	const struct nsm_call *calls = seen->calls.items;

	for (size_t i = 0; i < seen->calls.n; i++)
		if (calls[i].tid == tid && (!syscall || calls[i].syscall == syscall))
			return &calls[i];
	return NULL;
}

const struct nsm_call *lab_seen_calls(const struct lab_seen *seen, size_t *n)
{
	*n = seen->calls.n;
	return seen->calls.items;
}

const struct lab_birth *lab_seen_births(const struct lab_seen *seen, size_t *n)
{
	*n = seen->births.n;
	return seen->births.items;
}

static bool died_since(const struct lab_seen *seen, uint64_t ns, size_t from)
{
	const uint64_t *ids = seen->deaths.items;

	for (size_t i = from; i < seen->deaths.n; i++)
		if (ids[i] == ns)
			return true;
	return false;
}

bool lab_seen_died(const struct lab_seen *seen, uint64_t ns)
{
	return died_since(seen, ns, 0);
}

bool lab_seen_died_now(const struct lab_seen *seen, uint64_t ns)
{
	return died_since(seen, ns, seen->before);
}

bool lab_seen_gap(const struct lab_seen *seen)
{
	return seen->gap;
}
