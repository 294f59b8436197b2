/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: the tables of failures. A row says which check refuses a call with
 * an errno. The first row that matches is taken, so special cases stand before
 * general ones.
 */
#ifndef NSLENS_EXPLAIN_FAILURES_H
#define NSLENS_EXPLAIN_FAILURES_H

#include "explain.h"

/* Other flags of clone(2) and unshare(2) that decide, beside NSL_NEW*. */
#define NSE_VM			0x00000100ULL
#define NSE_FS			0x00000200ULL
#define NSE_FILES		0x00000400ULL
#define NSE_SIGHAND		0x00000800ULL
#define NSE_PIDFD		0x00001000ULL
#define NSE_PARENT		0x00008000ULL
#define NSE_THREAD		0x00010000ULL
#define NSE_SYSVSEM		0x00040000ULL
#define NSE_PARENT_SETTID	0x00100000ULL
#define NSE_UNSHARE_EMPTY_MNTNS 0x00100000ULL
#define NSE_DETACHED		0x00400000ULL
#define NSE_CLEAR_SIGHAND	(1ULL << 32)
#define NSE_INTO_CGROUP		(1ULL << 33)

/* What is known to be so about the call; unknown things set no bit. */
enum nse_circumstance {
	NSE_COPIED = 1u << 0,	   /* copy_namespaces() had succeeded before */
	NSE_USER_MADE = 1u << 1,   /* create_user_ns() had succeeded before */
	NSE_NO_INSTALL = 1u << 2,  /* steps were seen, but no *_install() */
	NSE_PENDING_PID = 1u << 3, /* pid_for_children is not the active pid namespace */
	NSE_NO_PENDING_PID = 1u << 4,
	NSE_PENDING_TIME = 1u << 5,
	NSE_NSFS = 1u << 6,
	NSE_TARGET_PIDFD = 1u << 7,
	NSE_TARGET_OTHER = 1u << 8,
	NSE_MISMATCH = 1u << 9,	 /* nstype given, and not the type of the target */
	NSE_OWN_USER = 1u << 10, /* the target is the user namespace of the caller */
	NSE_UNKNOWN_FLAG = 1u << 11,
	NSE_NO_FLAGS = 1u << 12,    /* the flags argument is 0, or was never read */
	NSE_ONE_TYPE = 1u << 13,    /* exactly one CLONE_NEW* flag */
	NSE_SIGNAL_BITS = 1u << 14, /* clone3: exit signal inside flags */
};

struct nse_row {
	uint32_t calls;	   /* set of system calls, bit 1 << enum nsl_syscall; 0: any */
	enum nsl_fn fn;	   /* by_step: where it failed */
	int err;	   /* 0: any */
	uint64_t all;	   /* flags that must all be set */
	uint64_t any;	   /* of these at least one, unless 0 */
	uint64_t none;	   /* none of these */
	uint32_t so;	   /* circumstances that must be so */
	nse_kernel since;  /* 0: from the beginning */
	nse_kernel before; /* 0: to the end */
	const char *place; /* by_call: the kernel function; by_step: NULL */
	const char *check;
	const char *remedy;
};

/* The flags that decide: without clone(2)'s exit signal; of setns the types that were asked for. */
uint64_t nse_flags_of(const struct nsm_call *call);
/* What is so about a call, a set of enum nse_circumstance. */
unsigned int nse_circumstances(const struct nsm_call *call, nse_kernel kernel);

/* A hooked function failed: chosen by function and errno. */
extern const struct nse_row nse_by_step[];
extern const size_t nse_by_step_count;

/* No hooked function failed: chosen by system call, errno, flags and circumstances. */
extern const struct nse_row nse_by_call[];
extern const size_t nse_by_call_count;

#define NSE_CLONES                                                                                 \
	(1u << NSL_SYS_CLONE | 1u << NSL_SYS_CLONE3 | 1u << NSL_SYS_FORK | 1u << NSL_SYS_VFORK)
#define NSE_CLONE3  (1u << NSL_SYS_CLONE3)
#define NSE_UNSHARE (1u << NSL_SYS_UNSHARE)
#define NSE_SETNS   (1u << NSL_SYS_SETNS)
#define NSE_EXEC    (1u << NSL_SYS_EXEC)

/* Sentences that several rows need. */
#define NSE_LIMIT(type)                                                                            \
	"the number of " type " namespaces that a user may have is reached, in this user "         \
	"namespace or one above it (a limit, not disk space)"
#define NSE_RAISE(type) "raise /proc/sys/user/max_" type "_namespaces, or end what holds old ones"
#define NSE_NO_MEMORY	"the kernel had no memory for it"
#define NSE_FREE_MEMORY "free memory, or raise the memory limit of the cgroup"
#define NSE_NO_CAP                                                                                 \
	"CAP_SYS_ADMIN is missing in the user namespace that would own the new namespaces"
#define NSE_GET_CAP "add CLONE_NEWUSER, or run as root"
#define NSE_USER_EPERM                                                                             \
	"one of: the caller is chrooted; its effective uid or gid has no mapping in its user "     \
	"namespace; a security module (or kernel.unprivileged_userns_clone=0 on Debian) forbids "  \
	"user namespaces"
#define NSE_USER_EPERM_REMEDY                                                                      \
	"leave the chroot (use pivot_root), map the ids first, or permit user namespaces "         \
	"(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
#define NSE_BOTH_CAPS                                                                              \
	"CAP_SYS_ADMIN is needed twice: in the user namespace that owns the target and in the "    \
	"caller's own; one of them is missing"
#define NSE_JOIN_OWNER "join the user namespace that owns the target first, or run as root outside"
#define NSE_PENDING_PID_TEXT                                                                       \
	"pid_for_children is already another pid namespace than the task's own: one is pending, "  \
	"whether or not a child was born in it"
#define NSE_PENDING_PID_REMEDY                                                                     \
	"fork first and let the child ask, or setns() back to /proc/self/ns/pid"
#define NSE_NOT_BUILT(type) "this kernel is built without " type " namespaces"

#endif
