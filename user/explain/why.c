// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "why_internal.h"

struct nse_ns why_ns(const struct nsg_ns *ns)
{
	if (!ns)
		return (struct nse_ns){0};
	return (struct nse_ns){
		.id = ns->id,
		.type = (enum nsl_type)ns->type,
		.inum = ns->inum,
		.initial = ns->initial,
	};
}

struct nse_keeper *why_add(struct nse_why *w, enum nse_hold kind, enum nse_todo todo)
{
	struct nse_keeper *all = w->keepers;

	/* room is doubled whenever a power of two is full */
	if (!(w->nkeepers & (w->nkeepers - 1))) {
		size_t room = w->nkeepers ? 2 * w->nkeepers : 1;

		all = realloc(all, room * sizeof(*all));
		if (!all)
			return NULL;
		w->keepers = all;
	}
	all[w->nkeepers] = (struct nse_keeper){.kind = kind, .todo = todo};
	return &all[w->nkeepers++];
}

static struct nse_process *add_process(struct nse_keeper *k, uint32_t pid, const char *comm)
{
	struct nse_process *all = k->who;

	/* threads of a process mostly follow each other */
	for (size_t i = k->nwho; i-- > 0;)
		if (all[i].pid == pid)
			return &all[i];
	if (!(k->nwho & (k->nwho - 1))) {
		size_t room = k->nwho ? 2 * k->nwho : 1;

		all = realloc(all, room * sizeof(*all));
		if (!all)
			return NULL;
		k->who = all;
	}
	all[k->nwho] = (struct nse_process){.pid = pid};
	strncpy(all[k->nwho].comm, comm, NSL_COMM_LEN);
	return &all[k->nwho++];
}

bool why_add_process(struct nse_keeper *k, uint32_t pid, const char *comm, bool init)
{
	struct nse_process *p = add_process(k, pid, comm);

	if (p)
		p->init = init;
	return p != NULL;
}

bool why_add_task(struct nse_keeper *k, const struct nsg_task *task)
{
	struct nse_process *p = add_process(k, task->pid, task->comm);

	if (!p)
		return false;
	k->tasks++;
	if (!p->tid)
		p->tid = task->tid;
	if (task->tid == task->pid) {
		/* the leader's name is the one that ps shows */
		memcpy(p->comm, task->comm, sizeof(p->comm));
		p->tid = task->tid;
	}
	p->kthread |= (task->state & NSL_TASK_KTHREAD) != 0;
	p->init |= task->ns_pid == 1 && task->pid != 1 && task->pid_active &&
		   !task->pid_active->initial;
	return true;
}

static bool add_pin(struct nse_why *w, const struct nsg_ns *ns)
{
	struct nse_ns *all = w->pins;

	for (size_t i = 0; i < w->npins; i++)
		if (all[i].id == ns->id)
			return true;
	all = realloc(all, (w->npins + 1) * sizeof(*all));
	if (!all)
		return false;
	w->pins = all;
	all[w->npins++] = why_ns(ns);
	return true;
}

/* Owners and parents up to the initial ones: a namespace pins them all. */
static bool find_pins(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns)
{
	const struct nsg_ns *at = ns;

	for (size_t i = 0; at; i++) {
		if (at->parent && !at->parent->initial && !add_pin(w, at->parent))
			return false;
		if (at->owner && !at->owner->initial && !add_pin(w, at->owner))
			return false;
		at = i < w->npins ? nsg_find_ns(g, w->pins[i].id) : NULL;
	}
	return true;
}

static void describe(struct nse_why *w, const struct nsg_ns *ns)
{
	w->ns = why_ns(ns);
	w->ns_id = ns->ns_id;
	w->born = ns->born;
	w->read = ns->read;
	w->unused = ns->unused;
	w->refs = ns->read ? ns->refs : NSL_COUNT_UNKNOWN;
	w->active = ns->read ? ns->active : NSL_COUNT_UNKNOWN;
	w->details = ns->details;
	w->level = ns->level;
	w->owner = why_ns(ns->owner);
	w->parent = why_ns(ns->parent);
	w->creator = ns->type == NSL_USER ? ns->owner_uid
		     : ns->owner	  ? ns->owner->owner_uid
					  : NSL_COUNT_UNKNOWN;
}

static int compare_keepers(const void *a, const void *b)
{
	const struct nse_keeper *x = a, *y = b;

	if (x->todo != y->todo)
		return x->todo < y->todo ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->nsproxy != y->nsproxy)
		return x->nsproxy < y->nsproxy ? -1 : 1;
	if (x->ns.id != y->ns.id)
		return x->ns.id < y->ns.id ? -1 : 1;
	/* mounts of this mount namespace first: they need no nsenter */
	if (x->here != y->here)
		return x->here ? -1 : 1;
	if (x->nwho && y->nwho && x->who[0].pid != y->who[0].pid)
		return x->who[0].pid < y->who[0].pid ? -1 : 1;
	if (x->nfds && y->nfds && x->fds[0] != y->fds[0])
		return x->fds[0] < y->fds[0] ? -1 : 1;
	if (x->where.inum != y->where.inum)
		return x->where.inum < y->where.inum ? -1 : 1;
	return strcmp(x->path ? x->path : "", y->path ? y->path : "");
}

static int compare_fds(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

/* Who is named: pid 1 of a pid namespace, whose end ends the rest; else the oldest, by number. */
static void choose_names(struct nse_why *w)
{
	for (size_t i = 0; i < w->nkeepers; i++) {
		struct nse_keeper *k = &w->keepers[i];
		size_t best = 0;

		if (k->nfds)
			qsort(k->fds, k->nfds, sizeof(*k->fds), compare_fds);
		for (size_t j = 1; j < k->nwho; j++)
			if (k->who[j].init > k->who[best].init ||
			    (k->who[j].init == k->who[best].init &&
			     k->who[j].pid < k->who[best].pid))
				best = j;
		if (best) {
			struct nse_process first = k->who[0];

			k->who[0] = k->who[best];
			k->who[best] = first;
		}
	}
}

/* At most this many namespaces that have to die first are looked into. */
#define MAX_DEEPER 32

/* What keeps the namespaces that have to die first: one step further is often the answer. */
static void look_deeper(struct nse_why *w, const struct nsg *g)
{
	struct nse_why_context context = w->context;
	size_t looked = 0;

	context.shallow = context.fold = true;
	for (size_t i = 0; i < w->nkeepers && looked < MAX_DEEPER; i++) {
		struct nse_keeper *k = &w->keepers[i];
		const struct nsg_ns *ns = k->ns.id ? nsg_find_ns(g, k->ns.id) : NULL;
		struct nse_why *deeper = ns ? nse_why(g, ns, &context) : NULL;
		char text[NSE_WHY_LEN];

		if (!deeper)
			continue;
		looked++;
		if (deeper->nkeepers) {
			nse_keeper_text(deeper, &deeper->keepers[0], text, sizeof(text));
			k->because = strdup(text);
			k->nbecause = deeper->nkeepers;
		}
		nse_why_free(deeper);
	}
}

struct nse_why *nse_why(const struct nsg *g, const struct nsg_ns *ns,
			const struct nse_why_context *context)
{
	struct nse_why *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->context = *context;
	describe(w, ns);
	/* what holds an initial namespace is everything, and does not matter */
	if (!find_pins(w, g, ns) ||
	    (!ns->initial && (!why_find_nsproxies(w, g, ns) || !why_find_members(w, g, ns) ||
			      !why_find_files(w, g, ns) || !why_find_namespaces(w, g, ns)))) {
		nse_why_free(w);
		return NULL;
	}
	choose_names(w);
	if (w->nkeepers)
		qsort(w->keepers, w->nkeepers, sizeof(*w->keepers), compare_keepers);
	why_count(w, g);
	if (!context->shallow)
		look_deeper(w, g);
	return w;
}

void nse_why_free(struct nse_why *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->nkeepers; i++) {
		free(w->keepers[i].who);
		free(w->keepers[i].fds);
		free(w->keepers[i].path);
		free(w->keepers[i].via_path);
		free(w->keepers[i].because);
	}
	free(w->keepers);
	free(w->sockets);
	free(w->pins);
	free(w);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool nse_keeper_same(const struct nse_keeper *a, const struct nse_keeper *b)
{
	if (a->kind != b->kind || a->nsproxy != b->nsproxy || a->ns.id != b->ns.id)
		return false;
	if (!!a->nwho != !!b->nwho || (a->nwho && a->who[0].pid != b->who[0].pid))
		return false;
	if (a->nfds != b->nfds || (a->nfds && a->fds[0] != b->fds[0]))
		return false;
	return a->where.inum == b->where.inum && same_text(a->path, b->path);
}
