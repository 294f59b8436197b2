// SPDX-License-Identifier: GPL-2.0-only
#include "proc_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/hash.h"

struct row {
	__u64 key; /* type and inode number */
	struct proc_ns ns;
	UT_hash_handle hh;
};

struct proc_table {
	struct row *rows;
	proc_fn fn;
	void *ctx;
	__u64 last;
	size_t hidden, told;
	bool numbered;
};

struct proc_table *proc_table_new(bool numbered, proc_fn fn, void *ctx)
{
	struct proc_table *t = calloc(1, sizeof(*t));

	if (t) {
		t->numbered = numbered;
		t->fn = fn;
		t->ctx = ctx;
	}
	return t;
}

void proc_table_free(struct proc_table *t)
{
	struct row *row, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->rows, row, next) {
		HASH_DEL(t->rows, row);
		free(row);
	}
	free(t);
}

size_t proc_table_count(const struct proc_table *t)
{
	return t->told;
}

size_t proc_table_hidden(const struct proc_table *t)
{
	return t->hidden;
}

struct proc_ns *proc_table_see(struct proc_table *t, __u32 type, __u32 inum)
{
	__u64 key = (__u64)type << 32 | inum;
	struct row *row;

	HASH_FIND(hh, t->rows, &key, sizeof(key), row);
	if (row)
		return &row->ns;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->key = key;
	row->ns.type = type;
	row->ns.inum = inum;
	if (t->numbered)
		row->ns.id = ++t->last;
	HASH_ADD(hh, t->rows, key, sizeof(key), row);
	if (!HASH_HAS(hh, row)) {
		free(row);
		return NULL;
	}
	return &row->ns;
}

void proc_head(struct nsl_head *head, enum nsl_kind kind, enum nsl_hook hook, size_t size)
{
	memset(head, 0, sizeof(*head));
	head->size = (__u16)size;
	head->version = NSL_EVENT_VERSION;
	head->kind = (__u8)kind;
	head->hook = (__u8)hook;
	head->ts = proc_now();
}

static struct proc_ns *related(struct proc_table *t, int fd, struct nsl_ref *ref)
{
	struct proc_ns *ns = NULL;

	if (fd >= 0) {
		ns = proc_table_tell_fd(t, fd);
		close(fd);
	} else {
		t->hidden++;
	}
	if (ns) {
		ref->obj = ns->id;
		ref->inum = ns->inum;
	}
	return ns;
}

/* The initial user namespace has no owner, and the initial pid namespace no parent. */
static bool is_outermost(const struct proc_ns *ns)
{
	return (ns->type == NSL_USER && ns->inum == 0xEFFFFFFDu) ||
	       (ns->type == NSL_PID && ns->inum == 0xEFFFFFFCu);
}

static void read_family(struct proc_table *t, struct proc_ns *ns, int fd, struct nsl_ns *event)
{
	struct proc_ns *parent = NULL;

	if ((ns->type == NSL_PID || ns->type == NSL_USER) && !is_outermost(ns)) {
		parent = related(t, proc_nsfs_parent(fd), &event->parent);
		ns->level = parent ? parent->level + 1 : 0;
	}
	if (ns->type == NSL_USER)
		event->owner = event->parent;
	else
		related(t, proc_nsfs_owner(fd), &event->owner);
}

static void tell(struct proc_table *t, struct proc_ns *ns, int fd, const struct proc_nsfs *facts)
{
	struct nsl_ns event;

	memset(&event, 0, sizeof(event));
	event.ns.obj = ns->id;
	event.ns.inum = ns->inum;
	event.type = ns->type;
	event.refs = NSL_COUNT_UNKNOWN;
	event.active = NSL_COUNT_UNKNOWN;
	event.owner_uid = NSL_COUNT_UNKNOWN;
	if (facts) {
		event.ns_id = facts->ns_id;
		event.owner_uid = facts->owner_uid;
		read_family(t, ns, fd, &event);
		ns->whole = true;
	}
	event.level = ns->level;
	t->told += !ns->told;
	ns->told = true;
	proc_head(&event.head, NSL_EV_NS, NSL_HOOK_TASK, sizeof(event));
	t->fn(t->ctx, &event.head);
}

struct proc_ns *proc_table_tell(struct proc_table *t, __u32 type, __u32 inum, int fd)
{
	struct proc_ns *ns = proc_table_see(t, type, inum);
	struct proc_nsfs facts;
	bool whole;

	if (!ns || ns->whole)
		return ns;
	whole = fd >= 0 && proc_nsfs_read(fd, &facts) && facts.type == type && facts.inum == inum;
	if (whole || !ns->told)
		tell(t, ns, fd, whole ? &facts : NULL);
	return ns;
}

struct proc_ns *proc_table_tell_fd(struct proc_table *t, int fd)
{
	struct proc_nsfs facts;
	struct proc_ns *ns;

	if (!proc_nsfs_read(fd, &facts))
		return NULL;
	ns = proc_table_see(t, facts.type, facts.inum);
	if (ns && !ns->whole)
		tell(t, ns, fd, &facts);
	return ns;
}
