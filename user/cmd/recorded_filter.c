// SPDX-License-Identifier: GPL-2.0-only
#include "recorded_filter.h"

#include <stdlib.h>
#include <string.h>

#include "../model/hash.h"

struct member {
	__u64 key;
	UT_hash_handle hh;
};

struct recorded_filter {
	struct recorded_filter_options options;
	struct member *open;	   /* tids inside of a call that is shown */
	struct member *tree;	   /* pids */
	struct member *namespaces; /* ids that were shown: their deaths are, too */
	bool failed;		   /* out of memory */
};

static struct member *find(struct member *set, __u64 key)
{
	struct member *m;

	HASH_FIND(hh, set, &key, sizeof(key), m);
	return m;
}

static void add(struct recorded_filter *f, struct member **set, __u64 key)
{
	struct member *m;

	if (find(*set, key))
		return;
	m = calloc(1, sizeof(*m));
	if (m) {
		m->key = key;
		HASH_ADD(hh, *set, key, sizeof(m->key), m);
		if (HASH_HAS(hh, m))
			return;
	}
	free(m);
	f->failed = true;
}

static bool take(struct member **set, __u64 key)
{
	struct member *m = find(*set, key);

	if (!m)
		return false;
	HASH_DEL(*set, m);
	free(m);
	return true;
}

static void free_set(struct member **set)
{
	struct member *m, *next;

	HASH_ITER (hh, *set, m, next) {
		HASH_DEL(*set, m);
		free(m);
	}
}

struct recorded_filter *recorded_filter_new(const struct recorded_filter_options *o)
{
	struct recorded_filter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->options = *o;
	if (o->pid)
		add(f, &f->tree, o->pid);
	if (f->failed) {
		recorded_filter_free(f);
		return NULL;
	}
	return f;
}

void recorded_filter_free(struct recorded_filter *f)
{
	if (!f)
		return;
	free_set(&f->open);
	free_set(&f->tree);
	free_set(&f->namespaces);
	free(f);
}

bool recorded_filter_failed(const struct recorded_filter *f)
{
	return f->failed;
}

static bool is_asked_for(const struct recorded_filter *f, const struct nsl_head *e)
{
	const struct recorded_filter_options *o = &f->options;

	if (o->comm && strncmp(e->comm, o->comm, NSL_COMM_LEN - 1) != 0)
		return false;
	return !o->pid || find(f->tree, e->pid);
}

static void note_view(struct recorded_filter *f, const struct nsl_view *v)
{
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		if (v->slot[slot].obj)
			add(f, &f->namespaces, v->slot[slot].obj);
}

static void note_step(struct recorded_filter *f, const struct nsl_step *e)
{
	const struct nsl_ref *refs[] = {&e->ns, &e->owner, &e->parent};

	for (size_t i = 0; i < sizeof(refs) / sizeof(*refs); i++)
		if (refs[i]->obj)
			add(f, &f->namespaces, refs[i]->obj);
}

static bool begins(struct recorded_filter *f, const struct nsl_call_begin *e)
{
	take(&f->open, e->head.tid);
	if (!is_asked_for(f, &e->head))
		return false;
	add(f, &f->open, e->head.tid);
	note_view(f, &e->before);
	if (e->target.obj)
		add(f, &f->namespaces, e->target.obj);
	return true;
}

/* Of a call whose entry is not hooked there is an end alone. */
static bool ends(struct recorded_filter *f, const struct nsl_call_end *e)
{
	if (!take(&f->open, e->head.tid) && !is_asked_for(f, &e->head))
		return false;
	note_view(f, &e->after);
	return true;
}

static bool is_elsewhere(const struct recorded_filter *f, const struct nsl_view *v)
{
	return v->nsproxy != 1 || v->slot[NSL_SLOT_USER].inum != f->options.initial_user;
}

static bool task_passes(struct recorded_filter *f, const struct nsl_task *e)
{
	bool passes = false;

	if (f->options.pid &&
	    (find(f->tree, e->ppid) || (e->event == NSL_TASK_NEW && find(f->tree, e->head.pid))))
		add(f, &f->tree, e->pid);
	if (e->event == NSL_TASK_NEW)
		passes = find(f->open, e->head.tid) != NULL;
	else if (e->event == NSL_TASK_EXEC)
		passes = is_elsewhere(f, &e->view) && is_asked_for(f, &e->head);
	else if (e->event == NSL_TASK_EXIT)
		passes = take(&f->open, e->tid);
	if (passes)
		note_view(f, &e->view);
	return passes;
}

bool recorded_filter_passes(struct recorded_filter *f, const struct nsl_head *event)
{
	switch (event->kind) {
	case NSL_EV_CALL_BEGIN:
		return begins(f, (const struct nsl_call_begin *)event);
	case NSL_EV_CALL_END:
		return ends(f, (const struct nsl_call_end *)event);
	case NSL_EV_STEP_BEGIN:
	case NSL_EV_STEP:
		if (!find(f->open, event->tid) && !is_asked_for(f, event))
			return false;
		note_step(f, (const struct nsl_step *)event);
		return true;
	case NSL_EV_TASK:
		return task_passes(f, (const struct nsl_task *)event);
	case NSL_EV_NS_FREE:
		/* those that the recorder has only concluded are for the graph */
		return event->hook != NSL_HOOK_SNAPSHOT &&
		       find(f->namespaces, ((const struct nsl_ns_free *)event)->ns.obj);
	case NSL_EV_MILESTONE:
		return is_asked_for(f, event);
	case NSL_EV_CGROUP:
	case NSL_EV_LOST:
		return true;
	default:
		return false;
	}
}
