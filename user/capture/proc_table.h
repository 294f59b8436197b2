/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The namespaces that a reading of /proc has met. Each is told once, as an
 * NSL_EV_NS event, its owner and ancestors before it.
 */
#ifndef NSLENS_PROC_TABLE_H
#define NSLENS_PROC_TABLE_H

#include <stddef.h>

#include "proc_read.h"

typedef void (*proc_fn)(void *ctx, struct nsl_head *event);

struct proc_ns {
	__u64 id; /* 1, 2, 3 … in order of sight; 0 in a table without ids */
	__u32 type, inum;
	__u32 level; /* pid and user namespaces: below the outermost that can be seen */
	bool told, whole;
};

struct proc_table;

/* `numbered`: gives ids. NULL: out of memory. */
struct proc_table *proc_table_new(bool numbered, proc_fn fn, void *ctx);
void proc_table_free(struct proc_table *t);
size_t proc_table_count(const struct proc_table *t);
/* How many owners and parents the kernel would not name. */
size_t proc_table_hidden(const struct proc_table *t);

/* Makes it known, not told yet. NULL: out of memory. */
struct proc_ns *proc_table_see(struct proc_table *t, __u32 type, __u32 inum);
/* Tells it: whole if `fd` is its descriptor, else (-1, or another's) without owner and parent. */
struct proc_ns *proc_table_tell(struct proc_table *t, __u32 type, __u32 inum, int fd);
/* The same where only the descriptor is known. NULL: it is none of a namespace. */
struct proc_ns *proc_table_tell_fd(struct proc_table *t, int fd);

void proc_head(struct nsl_head *head, enum nsl_kind kind, enum nsl_hook hook, size_t size);

#endif
