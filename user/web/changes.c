// SPDX-License-Identifier: GPL-2.0-only
#include "changes.h"

#include <stdlib.h>

static void add(struct web_changes *c, struct web_ids *ids, uint64_t id)
{
	/* events of one call name the same objects again and again */
	for (size_t i = ids->n; i && ids->n - i < 8; i--)
		if (ids->id[i - 1] == id)
			return;
	if (ids->n == ids->size) {
		size_t size = ids->size ? ids->size * 2 : 64;
		uint64_t *more = realloc(ids->id, size * sizeof(*more));

		if (!more) {
			c->failed = true;
			return;
		}
		ids->id = more;
		ids->size = size;
	}
	ids->id[ids->n++] = id;
}

/* With those whose counts of users it is part of. */
void web_changes_note_ns(struct web_changes *c, const struct nsg_ns *ns)
{
	if (!ns)
		return;
	add(c, &c->namespaces, ns->id);
	if (ns->owner)
		add(c, &c->namespaces, ns->owner->id);
	if (ns->parent && ns->parent != ns->owner)
		add(c, &c->namespaces, ns->parent->id);
}

static void note_ref(struct web_changes *c, const struct nsg *g, const struct nsl_ref *ref)
{
	if (!ref->obj)
		return;
	add(c, &c->namespaces, ref->obj);
	web_changes_note_ns(c, nsg_find_ns(g, ref->obj));
}

static void note_nsproxy(struct web_changes *c, const struct nsg *g, uint64_t id)
{
	const struct nsg_nsproxy *p = id ? nsg_find_nsproxy(g, id) : NULL;

	if (!id)
		return;
	add(c, &c->nsproxies, id);
	for (int slot = 0; p && slot < NSL_NSPROXY_SLOTS; slot++)
		web_changes_note_ns(c, p->slot[slot]);
}

static void note_task(struct web_changes *c, const struct nsg *g, uint32_t tid)
{
	const struct nsg_task *t = tid ? nsg_find_task(g, tid) : NULL;

	if (!tid)
		return;
	add(c, &c->tasks, tid);
	if (!t)
		return;
	if (t->nsproxy)
		note_nsproxy(c, g, t->nsproxy->id);
	web_changes_note_ns(c, t->user);
	web_changes_note_ns(c, t->pid_active);
}

static void note_view(struct web_changes *c, const struct nsg *g, const struct nsl_view *v)
{
	note_nsproxy(c, g, v->nsproxy);
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		note_ref(c, g, &v->slot[slot]);
}

static void note_step(struct web_changes *c, const struct nsg *g, const struct nsl_step *e)
{
	note_nsproxy(c, g, e->nsproxy);
	note_ref(c, g, &e->ns);
	note_ref(c, g, &e->owner);
	note_ref(c, g, &e->parent);
}

static void note_about(struct web_changes *c, const struct nsg *g, const struct nsl_task *e)
{
	note_task(c, g, e->tid);
	note_task(c, g, e->old_tid);
	note_view(c, g, &e->view);
}

static void note_row(struct web_changes *c, const struct nsg *g, const struct nsl_ns *e)
{
	note_ref(c, g, &e->ns);
	note_ref(c, g, &e->owner);
	note_ref(c, g, &e->parent);
}

void web_changes_note(struct web_changes *c, const struct nsg *g, const struct nsl_head *e)
{
	switch (e->kind) {
	case NSL_EV_CALL_BEGIN:
		return; /* it changes nothing yet */
	case NSL_EV_CALL_END:
		note_task(c, g, e->tid);
		note_view(c, g, &((const struct nsl_call_end *)e)->after);
		break;
	case NSL_EV_STEP_BEGIN:
	case NSL_EV_STEP:
		note_task(c, g, e->tid);
		note_step(c, g, (const struct nsl_step *)e);
		break;
	case NSL_EV_TASK:
		note_about(c, g, (const struct nsl_task *)e);
		break;
	case NSL_EV_NS_FREE:
	case NSL_EV_UNPIN:
		note_ref(c, g, &((const struct nsl_ns_free *)e)->ns);
		break;
	case NSL_EV_NS:
		note_row(c, g, (const struct nsl_ns *)e);
		break;
	default:
		break;
	}
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort(struct web_ids *ids)
{
	size_t n = 0;

	if (ids->n < 2)
		return;
	qsort(ids->id, ids->n, sizeof(*ids->id), by_id);
	for (size_t i = 0; i < ids->n; i++)
		if (!i || ids->id[i] != ids->id[i - 1])
			ids->id[n++] = ids->id[i];
	ids->n = n;
}

void web_changes_sort(struct web_changes *c)
{
	sort(&c->namespaces);
	sort(&c->nsproxies);
	sort(&c->tasks);
}

bool web_changes_any(const struct web_changes *c)
{
	return c->namespaces.n || c->nsproxies.n || c->tasks.n;
}

void web_changes_clear(struct web_changes *c)
{
	c->namespaces.n = c->nsproxies.n = c->tasks.n = 0;
	c->failed = false;
}

void web_changes_free(struct web_changes *c)
{
	free(c->namespaces.id);
	free(c->nsproxies.id);
	free(c->tasks.id);
	*c = (struct web_changes){0};
}
