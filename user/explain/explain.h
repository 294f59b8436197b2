/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sentences: what a call did and why, from tables keyed by function, outcome,
 * errno and flags. Pure, like the model.
 */
#ifndef NSLENS_EXPLAIN_H
#define NSLENS_EXPLAIN_H

#include "../model/model.h"

/* Kernel version that the text is for: major * 1000 + minor, e.g. 6012; 0: unknown. */
typedef unsigned int nse_kernel;
/* The newest whose source and behaviour the tables know. */
#define NSE_NEWEST 7003

struct nse_failure {
	const char *fn;	    /* the kernel function that refused, e.g. "copy_pid_ns" */
	bool inferred;	    /* no hook saw it: follows from the errno, the flags and the steps */
	const char *check;  /* the condition that decided, in words; never NULL */
	const char *remedy; /* what the user can do, or NULL */
};

/* Of a call with err != 0. Always fills `f`; says so where several checks are possible. */
void nse_failure(const struct nsm_call *call, nse_kernel kernel, struct nse_failure *f);

/*
 * A few plain sentences about the whole call: what was created, shared, joined
 * or dropped, what takes effect only later (pid and time namespaces), or why it
 * failed. A failure begins with "refused by FUNCTION: " where a hook saw it, with
 * "inferred: refused by FUNCTION: " where it follows from errno and flags. No
 * markup, no control bytes. Writes at most `size` bytes with the NUL (what does
 * not fit is cut off; NSE_CALL_LEN is enough) and returns `buf`.
 */
#define NSE_CALL_LEN 2048
const char *nse_call(const struct nsm_call *call, nse_kernel kernel, char *buf, size_t size);

/*
 * Whether an exit took the last user of its nsproxy with it, so that the nsproxy
 * was freed. False for every other system call.
 */
bool nse_drops_nsproxy(const struct nsm_call *call);

/* An exit of pid 1, with which its pid namespace ends for everybody in it. */
bool nse_ends_pid_ns(const struct nsm_call *call);

/* A few words about one step ("1 more reference on the old one"); never empty. */
#define NSE_STEP_LEN 128
const char *nse_step(const struct nsm_call *call, const struct nsm_step *step, nse_kernel kernel,
		     char *buf, size_t size);

/*
 * The detail of a milestone, in one line that goes behind its name: of a mount "proc at
 * /proc (nosuid)", of a uid_map "0 100000 65536 in user:[4026532190] for 4711"; a failure
 * ends in ": fails with EPERM". It quotes hostile text as it is.
 */
#define NSE_MILESTONE_LEN 256
const char *nse_milestone(const struct nsm_milestone *milestone, char *buf, size_t size);

#endif
