/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What holds a namespace and is neither task, nsproxy nor namespace: descriptors,
 * bind mounts, sockets, pidfds, procfs instances, SysV segments; read from /proc.
 *
 * Not to be found from user space: descriptors and sockets in flight (sent over a
 * unix socket, not yet received) or registered with io_uring; open files below
 * /proc/PID and /proc/sysvipc; what the kernel itself holds; detached mounts; mounts
 * in anonymous mount namespaces; mount tables opened through a mount of that file
 * alone, whose name is anybody's; SysV segments of an ipc namespace that no task,
 * descriptor or mount leads to.
 *
 * A mount namespace that no task is in, or whose tasks are all chrooted, is read by
 * a thread of ours that joins it, and so are the segments of an ipc namespace. Where
 * two ipc namespaces have a segment of the same number and key, and what is attached
 * does not tell which is which, that thread attaches each for a moment, read-only:
 * the segment's shm_lpid and times show it.
 */
#ifndef NSLENS_KEEPERS_H
#define NSLENS_KEEPERS_H

#include "../model/error.h"
#include "proc_table.h"

struct keepers_options {
	__u32 types; /* bits 1 << enum nsl_type; 0: all */
	__u32 kinds; /* bits 1 << enum nsl_keeper_kind; 0: all */
	__u32 inum;  /* only of this namespace; 0: all */
	/*
	 * Also sockets and pidfds whose holder is itself a member of the namespace, and
	 * procfs mounts of the initial pid namespace.
	 */
	bool all_sockets;
	/*
	 * For a caller that gathers namespaces by itself. `each` gets a descriptor (not
	 * to be closed) of whatever namespace comes by, wanted or not; no NSL_EV_NS event
	 * is told then. To open a namespace is to hold it for a moment, so those that
	 * are `known` (their type, or NSL_TYPE_UNKNOWN; may be NULL) are opened only where
	 * they must be read through it.
	 */
	void (*each)(void *ctx, int fd);
	__u32 (*known)(void *ctx, __u32 inum);
};

struct keepers_report {
	size_t found;
	size_t processes;
	size_t refused;	   /* processes whose descriptors may not be read */
	int refused_error; /* errno of the first */
	/* of the others: sockets and files that may be listed, but not asked for their namespace */
	size_t descriptors_refused;
	size_t mount_namespaces;	 /* read */
	size_t mount_namespaces_refused; /* known, but their mounts may not be read, or are too many
					  */
	size_t too_long;		 /* of other files below /proc: given up (proc_read.h) */
	/* keepers by kind whose namespace could not be told: not among `found` */
	size_t unresolved[NSL_KEEPERS];
	bool unprivileged;
};

/*
 * Tells an NSL_EV_KEEPER event each, with ns.obj 0, ns.inum and type filled. Before
 * the first keeper of a namespace that is held by a descriptor or bind mount comes
 * an NSL_EV_NS event (all `obj` 0) with its owner and ancestors. 0, or -1 with `e`.
 */
int keepers_read(const struct keepers_options *o, proc_fn fn, void *ctx,
		 struct keepers_report *report, struct nsl_error *e);

/*
 * All mount namespaces that we have the right to enter, by NS_MNT_GET_NEXT (6.12 and
 * later). False: the kernel cannot, or may not.
 */
bool keepers_each_mntns(void (*each)(void *ctx, int fd), void *ctx);
/*
 * All that listns(2) lists, but for those `known` by the kernel's own number (may be
 * NULL), which are not opened. 0, or -errno.
 */
int keepers_each_listed(__u32 types, bool (*known)(void *ctx, __u64 ns_id),
			void (*each)(void *ctx, int fd), void *ctx);

#endif
