/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading /proc and nsfs, in ways that cannot block: what another task may have
 * put behind a link or a path is looked at with O_PATH before it is opened.
 */
#ifndef NSLENS_PROC_READ_H
#define NSLENS_PROC_READ_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "proc_text.h"

/* Reads a small file whole, NUL-terminated. Its length, or -errno. */
ssize_t proc_read(int dir, const char *path, char *buf, size_t size);
/* As long as it is; to be freed. NULL with errno set: EFBIG where it is longer than 64 MiB. */
char *proc_read_all(int dir, const char *path);
/* The same: what `fd` holds, from its beginning, without moving its offset … */
char *proc_pread_all(int fd);
/* … and what comes out of a pipe until it ends. */
char *proc_read_stream(int fd);
/* The text of a link, NUL-terminated. Its length, or -errno. */
ssize_t proc_link(int dir, const char *path, char *buf, size_t size);

/* Below directory `dir`; NULL with errno set. */
DIR *proc_dir(int dir, const char *path);
/* The next entry that is a number; false at the end. */
bool proc_next(DIR *dir, __u32 *number);

/* The process is gone: nothing to tell. */
static inline bool proc_gone(long error)
{
	return error == -2 /* ENOENT */ || error == -3 /* ESRCH */;
}

/* Capabilities count for the kernel, not the uid: may this process read others? */
bool proc_privileged(void);

/* Everything a namespace says about itself through its descriptor. */
struct proc_nsfs {
	__u32 type;
	__u32 inum;
	__u64 ns_id;	 /* 0: the kernel has none */
	__u32 owner_uid; /* user namespaces */
};

/* False: not a namespace. */
bool proc_nsfs_read(int fd, struct proc_nsfs *ns);
/* A descriptor, or -errno: -EPERM where it lies outside of what the caller may see, or is none. */
int proc_nsfs_owner(int fd);
int proc_nsfs_parent(int fd);
/* Of an nsfs file behind a link (a task's ns/, fd/) or O_PATH descriptor; -errno if it is another.
 */
int proc_nsfs_open(int dir, const char *link);
int proc_nsfs_reopen(int o_path);
/* The number of the namespace behind a link, which is not opened; 0: it is another file. */
__u32 proc_nsfs_inum(int dir, const char *link);

/* Of a mount namespace, the next one that the caller may see (6.12 and later), or -errno. */
int proc_mntns_next(int fd, bool forward);

/*
 * The mount at `point` below the directory `root`, as O_PATH: it is this mount or
 * -errno. No file system on the way is asked anything, unless the kernel knows no
 * such way (before 5.12) and `may_ask`.
 */
int proc_mount_open(int root, const struct proc_mount *mount, bool may_ask);

/*
 * A thread of ours that joins a namespace and waits there: a thread, since a tracer's
 * own threads are not traced, and a child of it would be.
 */
struct proc_puppet {
	pid_t tid;
	struct puppet_thread *thread;
};

/* Joins the namespace `fd` of the type `flag` (CLONE_NEW*). 0, or -errno. */
int proc_puppet_start(struct proc_puppet *p, int fd, __u32 flag);
/* It has left the namespace when this returns. */
void proc_puppet_end(struct proc_puppet *p);
/* Calls `fn` in such a thread. 0, or -errno: it could not join. */
int proc_inside(int fd, __u32 flag, void (*fn)(void *ctx), void *ctx);

/* What tells an inode from any other of its file system, past ones included. */
struct proc_inode {
	int type;
	__u32 len;
	unsigned char bytes[128];
};

/* Of the file behind a link. False: it may not be asked, or its file system has no such thing. */
bool proc_inode_read(int dir, const char *link, struct proc_inode *inode);
bool proc_inode_same(const struct proc_inode *a, const struct proc_inode *b);

int proc_pidfd_open(__u32 pid, bool thread);
int proc_pidfd_getfd(int pidfd, int fd);
/* Do two threads share their table of descriptors? -errno where it cannot be told. */
int proc_same_files(__u32 tid, __u32 other);

__u64 proc_now(void);

#endif
