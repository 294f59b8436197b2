/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A namespace from what a user types:
 *
 *   net:[4026532345]   type and inode number: looked for among tasks, their owners
 *                      and parents, then descriptors, bind mounts and sockets, then
 *                      in the kernel's own list (6.19 and later)
 *   1234/net           a link below /proc/1234/ns; a pid or tid
 *   1234               the same, with `type` said otherwise
 *   /run/netns/blue    anything else is a path
 */
#ifndef NSLENS_PROC_OPEN_H
#define NSLENS_PROC_OPEN_H

#include "error.h"
#include "proc_table.h"

struct namespace_handle {
	__u32 type; /* enum nsl_type */
	__u32 inum;
	__u32 tid; /* a task through which it was found; 0: none */
};

/*
 * `type`: for a bare pid, and checked otherwise; NSL_TYPE_UNKNOWN: not said. A
 * descriptor (read-only, close-on-exec), or -1 with `e`. It keeps the namespace
 * alive: close it before you look whether something else does. keepers_read() leaves
 * out what this process holds.
 */
int namespace_open(const char *spec, __u32 type, struct namespace_handle *h, struct nsl_error *e);

/* Owner user namespace and parent (pid, user) of an open one; inode number 0: none to be seen. */
void namespace_family(int fd, __u32 *owner, __u32 *parent);

#endif
