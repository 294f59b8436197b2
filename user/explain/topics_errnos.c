// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every errno that a namespace call can return. What each means in general stands
 * here; the conditions stand in the tables of failures (by_step.c, by_call.c).
 */
#include <errno.h>

#include "topics.h"

#ifndef ERESTARTNOINTR
#define ERESTARTNOINTR 513
#endif

#define ERR(name_, ...)                                                                            \
	{                                                                                          \
		.kind = NSE_ERRNO, .name = #name_, .value = name_, .type = NSL_TYPE_UNKNOWN,       \
		__VA_ARGS__                                                                        \
	}

static const struct nse_topic rows[] = {
	ERR(EPERM,
	    .text = "A capability is missing, in the user namespace in which it counts; or the "
		    "caller is "
		    "chrooted, unmapped, or refused by a security module.",
	    .see = "capability check,chroot,id map"),
	ERR(EINVAL,
	    .text = "The call contradicts itself, or the state of the caller or of the target does "
		    "not "
		    "permit it: threads, a pending namespace, a namespace above one's own."),
	ERR(ENOSPC,
	    .text = "A limit on the number or the nesting of namespaces is reached. No disk has "
		    "part in "
		    "it.",
	    .see = "limit,level"),
	ERR(ENOMEM,
	    .text = "No memory. But fork also answers so when pid 1 of the pid namespace for "
		    "children is "
		    "dead: then no memory helps.",
	    .see = "dying pid namespace"),
	ERR(EUSERS,
	    .text = "setns to a time namespace from a process with several threads; in very old "
		    "kernels "
		    "user namespaces that nest too deeply.",
	    .see = "single thread,time page"),
	ERR(EAGAIN, .text = "A limit on processes: of the user, the cgroup, the machine or the pid "
			    "namespace; or "
			    "counters of a new user namespace that could not be had."),
	ERR(EBADF, .text = "A descriptor is not open, or is no cgroup where one was asked for."),
	ERR(ESRCH, .text = "The process behind a pidfd is gone, or has given up its namespaces "
			   "while exiting."),
	ERR(EEXIST, .text = "A process id that was asked for is taken.", .see = "set_tid"),
	ERR(EINTR, .text = "The caller was killed while it waited for a lock or before the child "
			   "was born."),
	ERR(EFAULT, .text = "An address given to the call cannot be read or written."),
	ERR(E2BIG, .text = "The structure given to clone3 has more than this kernel knows."),
	ERR(EMFILE, .text = "The caller has as many descriptors as it may."),
	ERR(ENFILE, .text = "The machine has as many open files as it may."),
	ERR(EACCES, .text = "A security module, or the permissions of a cgroup, refuse."),
	ERR(EBUSY,
	    .text = "The cgroup for the child cannot hold processes, because its children have "
		    "controllers."),
	ERR(EOPNOTSUPP, .text = "The cgroup for the child is of a kind that cannot take it."),
	ERR(ENODEV, .text = "The cgroup for the child was removed."),
	ERR(ENOENT, .text = "The root directory of a mount namespace could not be looked up."),
	ERR(ENOSYS, .text = "The system call is not offered: by an old kernel, or because a "
			    "seccomp filter says "
			    "so."),
	ERR(ERESTARTNOINTR,
	    .text = "Seen inside the kernel only: a signal is handled first, and the call is made "
		    "again."),
};

const struct nse_topics nse_errno_topics = NSE_TOPICS(rows);
