// SPDX-License-Identifier: GPL-2.0-only
/* What the parts of nsread share: the namespaces and tasks that it has found. */
#ifndef TESTS_NSREAD_H
#define TESTS_NSREAD_H

#include "sys.h"

/* How a namespace was found: a set. */
enum how { BY_TASK = 1, BY_FD = 2, BY_MOUNT = 4, BY_SOCKET = 8, BY_RELATION = 16, BY_LISTNS = 32 };

struct ns {
	uint64_t inum;
	const char *type;
	uint64_t owner, parent; /* inode numbers; 0: none, or out of sight */
	unsigned int how;
	int level;     /* -1: not known, or it has none */
	long long uid; /* of the owner, user namespaces; -1: not known */
	bool read;     /* owner, parent and the rest were read */
};

/* The links below /proc/PID/task/TID/ns, by the names that nslens gives the slots. */
struct slot {
	const char *link, *name;
};

#define SLOTS 10
extern const struct slot slots[SLOTS];
#define SLOT_MNT 0

struct task {
	int tid, pid, ppid, ns_tid, ns_pid;
	char state;
	char comm[64];
	uint64_t start;
	uint64_t inum[SLOTS]; /* 0: none */
};

struct found {
	struct ns *ns;
	size_t count, size;
	struct task *tasks;
	size_t ntasks, tasks_size;
};

extern struct found found;
extern int proc; /* /proc: stays good in any mount namespace */

struct ns *find_ns(uint64_t inum);
/* Takes a descriptor of a namespace, asks it everything and closes it. */
struct ns *learn(int fd, enum how how);
/* Found, but it cannot be opened: its name is all that is known. */
void learn_name(const char *name, enum how how);
/* "net:[4026531840]": the number, or 0 for anything else. */
uint64_t parse_name(const char *name);
void *grow(void *array, size_t *size, size_t count, size_t each);

/* nsread_proc.c */
void read_tasks(void);
void read_mounts(void);
void read_lists(void);

#endif
