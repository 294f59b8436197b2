// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a case of `calls` may use: namespace calls that are made, printed as one
 * JSON line, and compared with the result the case wants.
 *
 * A case runs in a process of its own. Anything it wants beside the calls under
 * test (helpers, plain forks, files) is not printed.
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include "sys.h"

/* Wanted results. Others are errno values. */
#define WANT_OK	 0
#define WANT_ANY (-1) /* differs by kernel version: printed, not judged */
/* Either success or this errno. */
#define WANT_OK_OR(err) (-1000 - (err))

struct call {
	const char *syscall; /* "unshare", "setns", "clone", "clone3", "fork", "vfork", "exec"; or
				another */
	uint64_t raw;	     /* flags as passed */
	bool raw_unread;     /* the kernel never reads the flags: printed as null */
	bool has_nstype;     /* setns: nstype is printed */
	int nstype;
	bool expect;   /* a tracer of namespace calls reports it */
	bool optional; /* ... may also report it */
	pid_t child;   /* in the initial pid namespace, 0: none */
	long ret;      /* the kernel's value */
	int want;
};

struct test_case {
	const char *name;
	void (*run)(uint64_t arg);
	uint64_t arg;
};

/* The four tables; each ends with a NULL name. */
extern const struct test_case create_cases[]; /* calls_create.c: unshare, clone, clone3 */
extern const struct test_case setns_cases[];  /* calls_setns.c */
extern const struct test_case task_cases[];   /* calls_tasks.c: fork, exec, exit, limits, threads */
extern const struct test_case
	mount_cases[]; /* calls_mounts.c: mount namespaces without such a call */

/* Print the call and compare ret with want. Safe in any namespace and thread. */
void call_print(const struct call *call);

/*
 * Make, print and judge one call. They return the kernel's value. The cloning
 * ones return 0 in the child; the child's line is printed by the parent.
 */
long do_unshare(uint64_t flags, int want);
long do_setns(int fd, int nstype, int want);
long do_clone(uint64_t flags, int want);
long do_clone3(uint64_t flags, int want);
/* Full control; raw_unread says that the kernel gives up before the flags. */
long do_clone3_args(struct clone3_args *args, size_t size, bool raw_unread, int want);
/* expect: the child enters other namespaces than its parent is in. */
long do_fork(int want, bool expect, bool optional);
long do_vfork(int want, bool expect, bool optional);

/* A result of the harness itself that spoils the case: printed, counted as failure. */
void case_fail(const char *what);

/* Own pid and tid in the initial pid namespace, wherever the caller is. */
void own_ids(pid_t *pid, pid_t *tid);

/* /proc of the initial pid namespace; survives chroot and new mount namespaces. */
int proc_fd(void);
/* /proc/PID/ns/TYPE of a pid of the initial pid namespace (0: the caller). -1: failed, reported. */
int ns_open(pid_t pid, const char *type);
/* Write a file below /proc; false: failed, errno says why. */
bool proc_write(const char *path, const char *text);
/* Map 0 to the own uid and gid, as the single task of a fresh user namespace may. */
bool map_root(void);

/* A helper outside the case: plain fork, prints nothing. In the child it returns 0. */
pid_t helper_fork(void);
/* Wait to be killed, but not for ever. */
void linger(void) __attribute__((noreturn));

/* Called by main for `calls exec-probe ...`: the far side of the exec case. */
int exec_probe(const char *time_before);
/* Arguments before the exec-probe word that make the new program a part of this case. */
int exec_argv(const char **argv);

#endif
