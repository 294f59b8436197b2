// SPDX-License-Identifier: GPL-2.0-only
/* Everything in a graph that holds one of its namespaces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "why_internal.h"

static bool is_pending(const struct nsg_nsproxy *p, const struct nsg_ns *ns)
{
	if (ns->type == NSL_TIME)
		return p->slot[NSL_SLOT_TIME] != ns;
	if (ns->type != NSL_PID)
		return false;
	for (const struct nsg_task *t = p->first_task; t; t = t->next)
		if (t->pid_active == ns)
			return false;
	return true;
}

/*
 * A task that uses it by `nsproxy` (0: by its credentials, or its pid). Those are
 * one keeper, which begins at `at`; where descriptors are not folded, processes
 * are not either, and only the first keeper counts references.
 */
static struct nse_keeper *keeper_of(struct nse_why *w, size_t at, enum nse_hold kind,
				    uint64_t nsproxy, const struct nsg_task *t)
{
	struct nse_keeper *k;

	for (size_t i = w->nkeepers; i-- > at;)
		if (w->context.fold || w->keepers[i].who[0].pid == t->pid)
			return &w->keepers[i];
	k = why_add(w, kind, NSE_TODO_END);
	if (k)
		k->nsproxy = nsproxy;
	return k;
}

/* Do all of its tasks live in the pid namespace? They are told as such. */
static bool all_members(const struct nsg_nsproxy *p, const struct nsg_ns *ns)
{
	if (ns->type != NSL_PID || !p->first_task)
		return false;
	for (const struct nsg_task *t = p->first_task; t; t = t->next)
		if (t->pid_active != ns)
			return false;
	return true;
}

static bool add_nsproxy(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns,
			const struct nsg_nsproxy *p)
{
	enum nse_hold kind = is_pending(p, ns) ? NSE_HOLD_PENDING : NSE_HOLD_NSPROXY;
	const struct nsg_task *builder = p->builder ? nsg_find_task(g, p->builder) : NULL;
	size_t at = w->nkeepers;
	struct nse_keeper *k;

	for (const struct nsg_task *t = p->first_task; t; t = t->next) {
		k = keeper_of(w, at, kind, p->id, t);
		if (!k || !why_add_task(k, t))
			return false;
	}
	if (w->nkeepers > at)
		return true;
	k = p->builder ? why_add(w, NSE_HOLD_BUILDING, NSE_TODO_WAIT)
		       : why_add(w, NSE_HOLD_NSPROXY, NSE_TODO_END);
	if (!k)
		return false;
	k->nsproxy = p->id;
	return !builder || why_add_process(k, builder->pid, builder->comm, false);
}

bool why_find_nsproxies(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns)
{
	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next) {
		size_t at = w->nkeepers;
		uint32_t slots = 0;

		for (int i = 0; i < NSL_NSPROXY_SLOTS; i++)
			slots += p->slot[i] == ns;
		if (!slots)
			continue;
		if (all_members(p, ns)) {
			w->by_nsproxies += slots;
			continue;
		}
		if (!add_nsproxy(w, g, ns, p))
			return false;
		w->keepers[at].refs = slots;
	}
	return true;
}

/* Do threads of the process live, among the members from `at` on? */
static bool process_lives(const struct nse_why *w, size_t at, uint32_t pid)
{
	for (size_t i = at; i < w->nkeepers && w->keepers[i].kind == NSE_HOLD_MEMBERS; i++)
		for (size_t j = 0; j < w->keepers[i].nwho; j++)
			if (w->keepers[i].who[j].pid == pid)
				return true;
	return false;
}

/* `at`: of the first keeper that stands for members. */
static bool add_zombie(struct nse_why *w, const struct nsg *g, const struct nsg_task *t, size_t at)
{
	/* delay_group_leader(): a leader that has ended is not reaped before its last thread */
	bool lives = t->tid == t->pid && process_lives(w, at, t->pid);
	const struct nsg_task *parent = nsg_find_task(g, t->ppid);
	struct nse_keeper *k = why_add(w, NSE_HOLD_ZOMBIE, lives ? NSE_TODO_END : NSE_TODO_REAP);

	if (!k || !why_add_task(k, t))
		return false;
	/* its own struct pid; its credentials are those of its threads, which are counted */
	k->refs = !lives || w->ns.type == NSL_PID;
	k->parent.pid = t->ppid;
	if (parent) {
		memcpy(k->parent.comm, parent->comm, sizeof(k->parent.comm));
		k->parent.init = parent->ns_pid == 1 && parent->pid != 1;
	}
	return true;
}

/* Is the task in it, by credentials or by its pid? */
static bool is_member(const struct nsg_task *t, const struct nsg_ns *ns)
{
	return ns->type == NSL_USER ? t->user == ns : t->pid_active == ns;
}

bool why_find_members(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns)
{
	size_t at = w->nkeepers;
	struct nse_keeper *k;

	if (ns->type != NSL_USER && ns->type != NSL_PID)
		return true;
	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next) {
		for (const struct nsg_task *t = p->first_task; t; t = t->next) {
			if (!is_member(t, ns))
				continue;
			k = keeper_of(w, at, NSE_HOLD_MEMBERS, 0, t);
			if (!k || !why_add_task(k, t))
				return false;
		}
	}
	/* a struct pid for each thread; credentials: at least one a process */
	for (size_t i = at; i < w->nkeepers; i++) {
		k = &w->keepers[i];
		k->refs = (uint32_t)(ns->type == NSL_PID ? k->tasks : k->nwho);
	}
	for (const struct nsg_task *t = nsg_zombies(g); t; t = t->next)
		if (is_member(t, ns) && !add_zombie(w, g, t, at))
			return false;
	return true;
}

bool why_find_namespaces(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns)
{
	for (const struct nsg_ns *n = nsg_namespaces(g); n; n = n->next) {
		bool child = n->parent == ns;
		struct nse_keeper *k;

		if (n == ns || (!child && n->owner != ns))
			continue;
		k = why_add(w, child ? NSE_HOLD_CHILD : NSE_HOLD_OWNED, NSE_TODO_FIRST);
		if (!k)
			return false;
		k->ns = why_ns(n);
		k->refs = 1;
	}
	return true;
}

/* ---- descriptors, mounts, sockets … ---- */

static const struct {
	enum nse_hold kind;
	enum nse_todo todo;
} files[NSL_KEEPERS] = {
	[NSL_KEEPER_FD] = {NSE_HOLD_FD, NSE_TODO_CLOSE},
	[NSL_KEEPER_MOUNT] = {NSE_HOLD_MOUNT, NSE_TODO_UNMOUNT},
	[NSL_KEEPER_SOCKET] = {NSE_HOLD_SOCKET, NSE_TODO_CLOSE},
	[NSL_KEEPER_PIDFD] = {NSE_HOLD_PIDFD, NSE_TODO_CLOSE},
	[NSL_KEEPER_PROC] = {NSE_HOLD_PROC, NSE_TODO_CLOSE},
	[NSL_KEEPER_SHM] = {NSE_HOLD_SHM, NSE_TODO_END},
};

/* nslens keeps what it reads open for a moment: nothing that should be ended for it. */
static bool is_nslens(const struct nsg_keeper *f)
{
	return f->pid && f->fd >= 0 && !strcmp(f->comm, "nslens");
}

/* A process that lives in the mount namespace, by which it can be entered. */
static const struct nsg_task *inhabitant(const struct nsg *g, const struct nsg_ns *mnt)
{
	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next) {
		if (p->slot[NSL_SLOT_MNT] != mnt)
			continue;
		for (const struct nsg_task *t = p->first_task; t; t = t->next)
			if (!(t->state & (NSL_TASK_EXITING | NSL_TASK_KTHREAD)))
				return t;
	}
	return NULL;
}

/* Nobody lives in the mount namespace: a file that stands for it does as well. */
static char *entrance(const struct nsg *g, const struct nsg_ns *mnt, uint32_t own_mnt)
{
	const struct nsg_keeper *all;
	char path[64];
	size_t n;

	all = nsg_keepers(g, &n);
	for (size_t i = 0; i < n; i++) {
		if (all[i].ns != mnt || is_nslens(&all[i]))
			continue;
		if (all[i].kind == NSL_KEEPER_FD && all[i].pid && all[i].fd >= 0) {
			snprintf(path, sizeof(path), "/proc/%u/fd/%d", all[i].pid, all[i].fd);
			return strdup(path);
		}
		if (all[i].kind == NSL_KEEPER_MOUNT && all[i].where == own_mnt && all[i].path)
			return strdup(all[i].path);
	}
	return NULL;
}

static void find_way_in(struct nse_why *w, struct nse_keeper *k, const struct nsg *g,
			uint32_t where)
{
	const struct nsg_ns *mnt = where ? nsg_find_inum(g, where) : NULL;
	const struct nsg_task *t = mnt ? inhabitant(g, mnt) : NULL;

	k->where = mnt ? why_ns(mnt) : (struct nse_ns){.type = NSL_MNT, .inum = where};
	k->here = where && where == w->context.own_mnt;
	if (t) {
		k->via.pid = t->pid;
		memcpy(k->via.comm, t->comm, sizeof(k->via.comm));
	} else if (mnt && !k->here) {
		k->via_path = entrance(g, mnt, w->context.own_mnt);
	}
}

static bool add_fd(struct nse_keeper *k, int fd)
{
	/* room is doubled whenever a power of two is full */
	if (!(k->nfds & (k->nfds - 1))) {
		int *all = realloc(k->fds, (k->nfds ? 2 * k->nfds : 1) * sizeof(*all));

		if (!all)
			return false;
		k->fds = all;
	}
	k->fds[k->nfds++] = fd;
	return true;
}

/* Descriptors of one process to the same thing are one keeper, where that is asked for. */
static struct nse_keeper *folded(struct nse_why *w, size_t from, enum nse_hold kind,
				 const struct nsg_keeper *f)
{
	if (!w->context.fold || !f->pid || f->fd < 0)
		return NULL;
	for (size_t i = w->nkeepers; i-- > from;) {
		struct nse_keeper *k = &w->keepers[i];

		if (k->kind == kind && k->nfds && k->nwho && k->who[0].pid == f->pid)
			return k;
	}
	return NULL;
}

static bool add_file(struct nse_why *w, const struct nsg *g, const struct nsg_keeper *f)
{
	/* pid 1 of a pid namespace cannot be killed by a mere SIGTERM: the command must know */
	const struct nsg_task *task = f->pid ? nsg_find_task(g, f->pid) : NULL;
	bool mounted = f->kind == NSL_KEEPER_MOUNT || (f->kind == NSL_KEEPER_PROC && f->fd < 0);
	bool init = task && task->ns_pid == 1 && task->pid != 1;
	struct nse_keeper *k = why_add(w, files[f->kind].kind, files[f->kind].todo);

	if (!k)
		return false;
	if (mounted)
		k->todo = NSE_TODO_UNMOUNT;
	else if (is_nslens(f))
		k->todo = NSE_TODO_WAIT;
	/* a thread may have descriptors of its own; it ends with its process */
	if (f->pid && !mounted && !why_add_process(k, task ? task->pid : f->pid, f->comm, init))
		return false;
	if (f->fd >= 0 && !add_fd(k, f->fd))
		return false;
	if (f->path) {
		k->path = strdup(f->path);
		if (!k->path)
			return false;
	}
	if (mounted)
		find_way_in(w, k, g, f->where);
	return true;
}

/* "socket:[123]" may be open in many processes: it is one. */
static bool add_socket(struct nse_why *w, const struct nsg_keeper *f)
{
	uint64_t key = (uint64_t)f->pid << 32 | (uint32_t)f->fd | 1ull << 63;

	if (f->path && !strncmp(f->path, "socket:[", 8))
		key = strtoull(f->path + 8, NULL, 10);
	if (!(w->nsockets & (w->nsockets - 1))) {
		size_t room = w->nsockets ? 2 * w->nsockets : 1;
		uint64_t *all = realloc(w->sockets, room * sizeof(*all));

		if (!all)
			return false;
		w->sockets = all;
	}
	w->sockets[w->nsockets++] = key;
	return true;
}

/* The process has the namespace itself: it is told as a task, and its end is enough. */
static bool by_member(const struct nsg *g, const struct nsg_ns *ns, const struct nsg_keeper *f)
{
	const struct nsg_task *t = f->pid ? nsg_find_task(g, f->pid) : NULL;

	if (f->kind == NSL_KEEPER_SOCKET)
		return t && t->nsproxy && t->nsproxy->slot[NSL_SLOT_NET] == ns;
	if (f->kind == NSL_KEEPER_PROC && f->fd >= 0)
		return t && t->nsproxy && t->nsproxy->slot[NSL_SLOT_MNT] == ns;
	return f->kind == NSL_KEEPER_PIDFD && t && t->pid_active == ns;
}

bool why_find_files(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns)
{
	const struct nsg_keeper *all;
	size_t n, from = w->nkeepers;

	all = nsg_keepers(g, &n);
	for (size_t i = 0; i < n; i++) {
		const struct nsg_keeper *f = &all[i];
		struct nse_keeper *k;

		if (f->ns != ns || f->kind >= NSL_KEEPERS ||
		    (f->pid && f->pid == w->context.own_pid))
			continue;
		if (f->kind == NSL_KEEPER_SOCKET && !add_socket(w, f))
			return false;
		if (by_member(g, ns, f)) {
			w->member_files++;
			continue;
		}
		k = folded(w, from, files[f->kind].kind, f);
		if (k ? !add_fd(k, f->fd) : !add_file(w, g, f))
			return false;
	}
	return true;
}
