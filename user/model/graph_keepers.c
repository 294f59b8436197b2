// SPDX-License-Identifier: GPL-2.0-only
/* What the last reading of descriptors, mounts and sockets found. */
#include <stdlib.h>
#include <string.h>

#include "graph_internal.h"

static bool make_room(struct nsg *g)
{
	size_t cap = g->keepers_cap ? g->keepers_cap * 2 : 64;
	struct nsg_keeper *all;

	if (g->nkeepers < g->keepers_cap)
		return true;
	all = realloc(g->keepers, cap * sizeof(*all));
	if (!all)
		return false;
	g->keepers = all;
	g->keepers_cap = cap;
	return true;
}

static void add(struct nsg *g, const struct nsl_keeper *e)
{
	struct ns *ns = ns_get(g, &e->ns, e->type);
	struct nsg_keeper *k;
	char *path = NULL;

	if (!ns)
		return;
	if (e->head.size > sizeof(*e)) {
		path = strdup(e->path);
		g->out_of_memory |= !path;
	}
	if (!make_room(g)) {
		free(path);
		g->out_of_memory = true;
		return;
	}
	k = &g->keepers[g->nkeepers++];
	*k = (struct nsg_keeper){.ns = &ns->pub,
				 .kind = e->kind,
				 .pid = e->pid,
				 .fd = e->fd,
				 .where = e->where,
				 .path = path};
	copy_comm(k->comm, e->comm);
	g->keeper_bytes += path ? strlen(path) + 1 : 0;
	ns->keepers++;
	ns->touched = g->seq;
}

void keeper_event(struct nsg *g, const struct nsl_keeper *e)
{
	if (e->ns.obj || e->ns.inum) {
		add(g, e);
		return;
	}
	nsg_keepers_clear(g);
	g->keepers_begin = true;
}

bool nsg_keepers_begin(const struct nsg *g)
{
	return g->keepers_begin;
}

static void drop(struct nsg *g, struct nsg_keeper *k)
{
	g->keeper_bytes -= k->path ? strlen(k->path) + 1 : 0;
	free((char *)k->path);
}

void keepers_forget(struct nsg *g, const struct ns *ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->nkeepers; i++) {
		if (g->keepers[i].ns == &ns->pub)
			drop(g, &g->keepers[i]);
		else
			g->keepers[kept++] = g->keepers[i];
	}
	g->nkeepers = kept;
}

void nsg_keepers_clear(struct nsg *g)
{
	for (size_t i = 0; i < g->nkeepers; i++) {
		((struct ns *)g->keepers[i].ns)->keepers = 0;
		drop(g, &g->keepers[i]);
	}
	g->nkeepers = 0;
}

const struct nsg_keeper *nsg_keepers(const struct nsg *g, size_t *n)
{
	*n = g->nkeepers;
	return g->keepers;
}

const char *nsg_keeper_name(enum nsl_keeper_kind kind)
{
	static const char *const names[NSL_KEEPERS] = {
		[NSL_KEEPER_FD] = "fd",		[NSL_KEEPER_MOUNT] = "mount",
		[NSL_KEEPER_SOCKET] = "socket", [NSL_KEEPER_PIDFD] = "pidfd",
		[NSL_KEEPER_PROC] = "proc",	[NSL_KEEPER_SHM] = "shm",
	};

	return (size_t)kind < NSL_KEEPERS ? names[kind] : "?";
}
