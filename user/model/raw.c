// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps as they come in, put into kernel order: the order in which functions
 * were entered, with depths. Events tell returns (and a few entries), so an
 * outer function is inserted before the inner ones that it has enclosed.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool raw_reserve(struct open_call *c)
{
	size_t cap = c->raw_cap ? c->raw_cap * 2 : 16;
	struct raw_step *raw;

	if (c->nraw < c->raw_cap || c->nraw >= MAX_RAW)
		return true;
	raw = realloc(c->raw, cap * sizeof(*raw));
	if (!raw)
		return false;
	c->raw = raw;
	c->raw_cap = cap;
	return true;
}

static struct raw_step *insert(struct open_call *c, size_t at)
{
	struct raw_step *r = &c->raw[at];

	if (c->nraw >= MAX_RAW) {
		c->pub.gap = true;
		return NULL;
	}
	memmove(r + 1, r, (c->nraw - at) * sizeof(*r));
	c->nraw++;
	memset(r, 0, sizeof(*r));
	return r;
}

static void fill(struct raw_step *r, const struct nsl_step *e)
{
	r->fn = e->fn;
	r->unborn = r->unborn || (e->flags & NSL_STEP_UNBORN);
	r->untrusted = e->flags & NSL_STEP_UNTRUSTED;
	r->ret = e->ret;
	r->new_flags = e->new_flags;
	r->nsproxy = e->nsproxy;
	r->ns = e->ns;
	r->owner = e->owner;
	r->parent = e->parent;
}

void raw_begin(struct open_call *c, const struct nsl_step *e)
{
	struct raw_step *r = insert(c, c->nraw);

	if (!r)
		return;
	fill(r, e);
	r->begin_ts = e->head.ts;
}

static size_t find_begun(const struct open_call *c, enum nsl_fn fn)
{
	for (size_t i = c->nraw; i > 0; i--) {
		if (!c->raw[i - 1].returned && c->raw[i - 1].fn == fn)
			return i - 1;
	}
	return c->nraw;
}

/* Where the trailing steps start that `fn` may have enclosed. */
static size_t enclosed_from(const struct open_call *c, enum nsl_fn fn)
{
	size_t from = c->nraw;

	while (from > 0) {
		size_t root = from - 1;

		while (root > 0 && c->raw[root].depth > 0)
			root--;
		if (!fn_contains(fn, c->raw[root].fn))
			break;
		from = root;
	}
	return from;
}

static bool has_switched(const struct open_call *c)
{
	for (size_t i = 0; i < c->nraw; i++) {
		if (c->raw[i].fn == NSL_FN_switch_task_namespaces)
			return true;
	}
	return false;
}

static void nest(struct open_call *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		c->raw[i].depth++;
}

const struct raw_step *raw_end(struct open_call *c, const struct nsl_step *e)
{
	size_t at = find_begun(c, e->fn);
	struct raw_step *r;

	if (at < c->nraw) {
		r = &c->raw[at];
	} else {
		/* what a switch has put in place is no longer put_nsset()'s to release */
		at = e->fn == NSL_FN_put_nsset && has_switched(c) ? c->nraw
								  : enclosed_from(c, e->fn);
		r = insert(c, at);
	}
	if (!r)
		return NULL;
	nest(c, at + 1, c->nraw);
	fill(r, e);
	r->ts = e->head.ts;
	r->returned = true;
	return r;
}

void raw_close(struct open_call *c)
{
	for (size_t i = c->nraw; i > 0; i--) {
		struct raw_step *r = &c->raw[i - 1];
		size_t to = i;

		if (r->returned)
			continue;
		while (to < c->nraw &&
		       (c->raw[to].depth > r->depth || fn_contains(r->fn, c->raw[to].fn)))
			to++;
		nest(c, i, to);
	}
}

/* The arguments of an untrusted step were not read: what the call asked for stands in. */
static uint64_t flags_of(const struct open_call *c, const struct raw_step *r)
{
	if (!r->untrusted)
		return r->new_flags;
	if (is_clone(c->pub.syscall) || c->pub.syscall == NSL_SYS_UNSHARE)
		return c->pub.new_flags;
	return 0;
}

bool raw_created(const struct open_call *c, const struct raw_step *r)
{
	if (!r->returned || r->ret < 0)
		return false;
	if (r->fn == NSL_FN_create_user_ns)
		return true;
	return fn_is_copy(r->fn) && (flags_of(c, r) & nsm_type_bit(fn_type(r->fn)));
}
