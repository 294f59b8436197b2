// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the parts of holders share: a holder keeps one namespace alive by one
 * kind of keeper, and can let it go when asked.
 */
#ifndef TESTS_HOLDERS_H
#define TESTS_HOLDERS_H

#include "sys.h"

#define EMPTY_MOUNT_DIR "/tmp"

/* One holder: a process of its own. */
struct holder {
	char kind[32]; /* family-type */
	const struct ns_name *type;
	bool here;	/* it mounts in the mount namespace of the caller */
	int fd, fd2;	/* what it holds, or goes back to; -1: nothing */
	pid_t task;	/* its child, or 0 */
	char path[128]; /* of its mount, or empty */
	char dir[96];	/* private tmpfs for mounts, or empty */
	void *memory;
};

struct family {
	const char *name;
	uint64_t types; /* CLONE_NEW* bits: one kind for each */
	/*
	 * Makes the keeper and prints its line. Returns 0, -errno, or UNSUPPORTED
	 * where the kernel does not know such a keeper.
	 */
	int (*make)(struct holder *h);
	/* Lets it go. Returns 0 or -errno. */
	int (*drop)(struct holder *h);
};

#define UNSUPPORTED 1

/* Each ends with a NULL name. In this order they are made by "all". */
extern const struct family task_families[];  /* holders_tasks.c */
extern const struct family file_families[];  /* holders_files.c */
extern const struct family mount_families[]; /* holders_mounts.c */

/* A line of output: what is held, by what. */
struct line {
	const char *keeper; /* as the README of the kinds in holders.c says */
	const char *type;   /* NULL: the holder's */
	uint64_t inum;	    /* 0: user space cannot tell */
	pid_t pid, tid;	    /* 0: the holder itself */
	int fd;		    /* of that process; -1: none */
	const char *path;   /* NULL: none */
	const char *cause;  /* what its death may be blamed on, names separated by spaces */
};

void print_line(const struct holder *h, const struct line *line);

/* A child in new namespaces that sleeps until its parent dies. Returns its pid or -errno. */
pid_t sleeper(uint64_t flags);
/* SIGKILL, and reaped. */
void end_task(pid_t pid);
/* Its pid in the pid namespace that /proc was mounted for. */
pid_t proc_pid(void);
/* /proc/PID/ns/NAME; pid 0: the caller. Returns a descriptor or -errno. */
int ns_file(pid_t pid, const char *name);
uint64_t ns_inum(int fd);
/* The same without opening it: 0 where it cannot be read. */
uint64_t ns_link(pid_t pid, pid_t tid, const char *name);
int write_file(const char *path, const char *text);
/* Maps 0 to 0, as a task may that has just made its user namespace. */
int map_root_only(void);

int drop_fd(struct holder *h);
int drop_task(struct holder *h);
int drop_mount(struct holder *h);

#endif
