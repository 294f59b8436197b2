/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a reading of keepers share. */
#ifndef NSLENS_KEEPERS_INTERNAL_H
#define NSLENS_KEEPERS_INTERNAL_H

#include "keepers.h"

/* Which superblock of procfs shows which pid namespace. */
struct keepers_procfs {
	__u32 major, minor;
	__u32 pid_ns; /* inode number; 0: cannot be told */
};

/* A mount namespace that has been read. */
struct keepers_mntns {
	__u32 inum;
	__u64 points; /* hash over its mount points, in order */
};

struct keepers_mount_id {
	__u32 id;
	__u32 mntns;
};

struct keepers_place;

struct keepers {
	const struct keepers_options *options;
	struct keepers_report *report;
	struct proc_table *table; /* without ids: what has been told */
	proc_fn fn;
	void *ctx;
	int proc; /* O_PATH of /proc */
	__u32 initial[NSL_TYPES];
	struct keepers_place *places; /* mount namespaces */
	struct keepers_procfs *procfs;
	struct keepers_mntns *mntns;
	struct keepers_mount_id *mounts;
	size_t nprocfs, nmntns, nmounts;
	struct keepers_shm *shm; /* NULL: nothing to look for */
};

/* A process, as far as it has been looked at. */
struct keepers_holder {
	__u32 pid; /* or the tid of a thread with descriptors of its own */
	bool thread;
	int dir;	      /* O_PATH of its /proc/PID/task/TID */
	int pidfd;	      /* -1: not opened yet; -errno - 1: cannot be */
	__u32 own[NSL_TYPES]; /* its namespaces; 0: not read yet, or not to be */
	char comm[NSL_COMM_LEN];
	bool have_comm;
};

bool keepers_want(const struct keepers *k, enum nsl_keeper_kind kind, __u32 type);
/* `holder` and `path` may be NULL. */
void keepers_tell(struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum,
		  struct keepers_holder *holder, int fd, __u32 where, const char *path);
__u32 keepers_own(struct keepers_holder *holder, __u32 type);
bool keepers_is_procfs(const struct keepers *k, __u32 major, __u32 minor);

/* Grows an array by one; NULL when out of memory. */
void *keepers_more(void **array, size_t *n, size_t size);

/* Passes on what was read from /proc; one that is too long to be read (NULL, errno) is counted. */
char *keepers_text(const struct keepers *k, char *text);

/* Its type, if the caller knows it; else NSL_TYPE_UNKNOWN. */
__u32 keepers_known(const struct keepers *k, __u32 inum);
/* Is there a use for a descriptor of this namespace? */
bool keepers_opens(const struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum);
/* Puts it to that use, if there is one; -1: there is only its number. */
void keepers_tell_ns(struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum, int fd);

/* keepers_mounts.c: notes where a task is … */
void keepers_see_mntns(struct keepers *k, int dir, __u32 pid, __u32 tid);
/* … reads every mount namespace; before what follows, which asks it. */
void keepers_read_mounts(struct keepers *k);
bool keepers_needs_mntns(const struct keepers *k, __u32 inum);
/* A descriptor of a mount namespace was found: reads that too, if it is not known. */
void keepers_found_mntns(struct keepers *k, int fd);
void keepers_free_mounts(struct keepers *k);
/* The mount namespace that an open mountinfo, mounts or mountstats shows; 0: cannot be told. */
__u32 keepers_mntns_of_file(const struct keepers *k, int fd);
__u64 keepers_hash_point(__u64 hash, const char *point);

/* keepers_fds.c: the descriptors of every process. */
void keepers_read_fds(struct keepers *k);

/* keepers_shm.c: attached SysV segments. First what a task has mapped, and where it is … */
void keepers_see_shm(struct keepers *k, int dir, __u32 pid, __u32 tid);
/* … then ipc namespaces that descriptors and mounts lead to … */
bool keepers_needs_ipc(const struct keepers *k, __u32 inum);
void keepers_found_ipc(struct keepers *k, __u32 inum, int fd);
/* … then which belongs to which. */
void keepers_tell_shm(struct keepers *k);
struct keepers_shm *keepers_new_shm(void);
void keepers_free_shm(struct keepers_shm *s);

#endif
