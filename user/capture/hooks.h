/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook table: which kernel function tells which fact, and by which programs.
 * A new hook is a program in bpf/ and one row here.
 */
#ifndef NSLENS_HOOKS_H
#define NSLENS_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mechanism {
	MECH_NONE,
	MECH_FENTRY,	 /* fentry/fexit */
	MECH_KPROBE,	 /* kprobe/kretprobe */
	MECH_TRACEPOINT, /* tp_btf */
	MECHANISMS,
};

enum hook_role {
	/*
	 * The boundaries of a system call. All of them by function hooks, or all
	 * by sys_enter and sys_exit: a mixture would tell calls twice.
	 */
	ROLE_CALL,
	ROLE_COMPAT,	   /* the same for 32-bit callers: a kernel without them is complete */
	ROLE_STEP,	   /* a function inside a call */
	ROLE_DEATH,	   /* the end of a namespace */
	ROLE_DEATH_NESTED, /* the same, where it interrupts itself: by fentry only */
	ROLE_GRAPH,	   /* what only a graph needs */
	ROLE_TASK,	   /* a tracepoint that serves every way of tracing */
	ROLE_SYSCALL_TRACEPOINT, /* stands in for all of ROLE_CALL */
	ROLE_MILESTONE,		 /* only where milestones are wanted */
	ROLE_MILESTONE_TRACEPOINT,
};

#define ARG(n) (1u << (n))

struct hook {
	const char *fact;     /* what it tells, as `doctor` and the JSON start record name it */
	const char *function; /* kernel function or tracepoint */
	const char *program;  /* programs are fe_, fx_, kp_, kr_ or tp_ and this */
	enum hook_role role;
	bool entry, exit;
	bool graph; /* only where a graph is kept */
	/* which arguments the fentry and the fexit program read; the result is number `nargs` */
	uint8_t entry_args, exit_args;
	uint8_t nargs;
	bool exact; /* a function of that name with another number of arguments will not do */
	bool newer; /* older kernels of the range have no such function: not searched for at length
		     */
	/* other rows of the same `fact` are alternatives: the first that exists is used */
	const char *lost; /* what is not known without it */
};

/* A function hook, not a tracepoint. */
static inline bool is_function_hook(const struct hook *h)
{
	return h->role != ROLE_TASK && h->role != ROLE_SYSCALL_TRACEPOINT &&
	       h->role != ROLE_MILESTONE_TRACEPOINT;
}

static inline bool is_milestone_hook(const struct hook *h)
{
	return h->role == ROLE_MILESTONE || h->role == ROLE_MILESTONE_TRACEPOINT;
}

/* Two programs at the same place: where one is cut out, the other one runs. */
static inline bool has_copy(const struct hook *h)
{
	return h->role == ROLE_DEATH || h->role == ROLE_DEATH_NESTED;
}

extern const struct hook hooks[];
extern const size_t nhooks;

const char *mechanism_name(enum mechanism m);

#endif
