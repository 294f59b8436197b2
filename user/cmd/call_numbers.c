// SPDX-License-Identifier: GPL-2.0-only
#include "call_numbers.h"

#include <errno.h>
#include <stdlib.h>

#include "../model/hash.h"

/* A call that the view has not told, and may never tell. */
struct numbered {
	uint64_t ts, number;
	struct numbered *older;
};

struct caller {
	uint32_t tid;
	struct numbered *newest;
	UT_hash_handle hh;
};

struct call_numbers {
	struct nsm *model;
	struct caller *callers;
	uint64_t milestones;
	struct nsm_sink inner;
	bool failed; /* out of memory */
};

static struct caller *caller(struct call_numbers *n, uint32_t tid)
{
	struct caller *c;

	HASH_FIND(hh, n->callers, &tid, sizeof(tid), c);
	return c;
}

static struct caller *add_caller(struct call_numbers *n, uint32_t tid)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->tid = tid;
	HASH_ADD(hh, n->callers, tid, sizeof(c->tid), c);
	if (HASH_HAS(hh, c))
		return c;
	free(c);
	return NULL;
}

static void on_numbered(void *ctx, const struct nsm_call *call)
{
	struct call_numbers *n = ctx;
	struct caller *c = caller(n, call->tid);
	struct numbered *one = malloc(sizeof(*one));

	if (!c)
		c = add_caller(n, call->tid);
	if (!c || !one) {
		free(one);
		n->failed = true;
		return;
	}
	*one = (struct numbered){.ts = call->ts, .number = call->number, .older = c->newest};
	c->newest = one;
}

/*
 * The one that began then, and it is told no more; else, where the view did not see the begin,
 * the caller's newest.
 */
static uint64_t take(struct call_numbers *n, const struct nsm_call *call)
{
	struct caller *c = caller(n, call->tid);
	struct numbered **at = c ? &c->newest : NULL, *one;
	uint64_t number;

	if (!c)
		return 0;
	while (*at && (*at)->ts != call->ts)
		at = &(*at)->older;
	if (!*at)
		at = &c->newest;
	one = *at;
	number = one->number;
	*at = one->older;
	free(one);
	if (!c->newest) {
		HASH_DEL(n->callers, c);
		free(c);
	}
	return number;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct call_numbers *n = ctx;
	struct nsm_call copy = *call;

	copy.number = take(n, call);
	if (n->inner.call)
		n->inner.call(n->inner.ctx, &copy);
}

/* It is told while its event is fed: the newest of all. */
static void on_milestone(void *ctx, const struct nsm_milestone *milestone)
{
	struct call_numbers *n = ctx;
	struct nsm_milestone copy = *milestone;

	copy.number = n->milestones;
	if (n->inner.milestone)
		n->inner.milestone(n->inner.ctx, &copy);
}

static void on_ns(void *ctx, const struct nsm_ns_event *ns)
{
	struct call_numbers *n = ctx;

	if (n->inner.ns)
		n->inner.ns(n->inner.ctx, ns);
}

static void on_task(void *ctx, const struct nsm_task_event *task)
{
	struct call_numbers *n = ctx;

	if (n->inner.task)
		n->inner.task(n->inner.ctx, task);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct call_numbers *n = ctx;

	if (n->inner.lost)
		n->inner.lost(n->inner.ctx, lost);
}

struct call_numbers *call_numbers_new(unsigned int kernel)
{
	struct call_numbers *n = calloc(1, sizeof(*n));
	struct nsm_sink sink = {.ctx = n, .call = on_numbered};

	if (!n)
		return NULL;
	n->model = nsm_new(&sink);
	if (!n->model) {
		free(n);
		return NULL;
	}
	nsm_set_kernel(n->model, kernel);
	return n;
}

void call_numbers_free(struct call_numbers *n)
{
	struct caller *c, *next;

	if (!n)
		return;
	HASH_ITER (hh, n->callers, c, next) {
		while (c->newest) {
			struct numbered *one = c->newest;

			c->newest = one->older;
			free(one);
		}
		HASH_DEL(n->callers, c);
		free(c);
	}
	nsm_free(n->model);
	free(n);
}

int call_numbers_feed(struct call_numbers *n, const struct nsl_head *event)
{
	int err = nsm_feed(n->model, event);

	n->milestones = nsm_counts(n->model)->milestones;
	return err ? err : n->failed ? -ENOMEM : 0;
}

int call_numbers_finish(struct call_numbers *n)
{
	nsm_finish(n->model);
	return n->failed ? -ENOMEM : 0;
}

struct nsm_sink call_numbers_sink(struct call_numbers *n, const struct nsm_sink *inner)
{
	n->inner = *inner;
	return (struct nsm_sink){.ctx = n,
				 .call = on_call,
				 .ns = on_ns,
				 .task = on_task,
				 .lost = on_lost,
				 .milestone = on_milestone};
}
