// SPDX-License-Identifier: GPL-2.0-only
/*
 * What actors do with files, names and limits. None of it may touch the machine:
 * each checks that what it changes belongs to the stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "actor.h"

#ifndef MQUEUE_MAGIC /* ipc/mqueue.c */
#define MQUEUE_MAGIC 0x19800202
#endif

/*
 * Does a file belong to a file system of the stage? Memory alone counts, and only
 * such as the machine has not mounted: a bind mount may show anything anywhere.
 */
static bool is_own(const struct lab_self *self, int fd)
{
	const struct lab_shared *shared = self->shared;
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) || fstat(fd, &st))
		return false;
	if (fs.f_type == MQUEUE_MAGIC)
		return !lab_is_host(self, NSL_IPC);
	if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
		return false;
	if (st.st_dev == shared->tmp_dev)
		return true;
	for (uint32_t i = 0; i < shared->ndevs; i++)
		if (st.st_dev == shared->dev[i])
			return false;
	return !shared->more_devs;
}

bool lab_mounts_staged(const struct lab_self *self, struct lab_reply *a)
{
	if (!(self->shared->stage & 1u << NSL_MNT) || lab_is_host(self, NSL_MNT)) {
		lab_refuse(a, "it would change the machine's own mounts; put mnt into the stage");
		return false;
	}
	return true;
}

/* The directory that `path` stands in; -1 with errno. */
static int open_parent(const char *path, const char **base)
{
	char dir[LAB_TEXT_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	*base = slash + 1;
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool lab_make(const struct lab_self *self, struct lab_reply *a, const char *path, bool dir)
{
	const char *base;
	int parent, fd;

	if (!lab_mounts_staged(self, a))
		return false;
	parent = open_parent(path, &base);
	if (parent < 0) {
		lab_result(a, -1);
		return false;
	}
	if (!is_own(self, parent)) {
		close(parent);
		lab_refuse(a,
			   "it would make %s in a file system of the machine; take a path below "
			   "/tmp, which is the stage's own",
			   path);
		return false;
	}
	if (dir) {
		lab_result(a, mkdirat(parent, base, 0755));
	} else {
		fd = openat(parent, base, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
		lab_result(a, fd < 0 ? -1 : 0);
		if (fd >= 0)
			close(fd);
	}
	close(parent);
	return !a->err;
}

/* Files outside of the stage that may be written: they are about the actor itself. */
static bool is_own_proc_file(const char *path)
{
	static const char *const names[] = {"uid_map",	      "gid_map",       "setgroups",
					    "timens_offsets", "oom_score_adj", "comm"};
	const char *name = strrchr(path, '/');

	if (strncmp(path, "/proc/self/", 11) != 0 && strncmp(path, "/proc/thread-self/", 18) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name + 1, names[i]))
			return true;
	return false;
}

static void write_to(struct lab_reply *a, int fd, const char *text)
{
	/* " , " is a line end, so that a map of several lines is one argument */
	char buf[512];
	size_t n = 0;
	int saved;
	ssize_t got;

	for (const char *p = text; *p && n < sizeof(buf) - 1; p++) {
		if (!strncmp(p, ", ", 2)) {
			buf[n++] = '\n';
			p++;
		} else {
			buf[n++] = *p;
		}
	}
	got = write(fd, buf, n);
	saved = errno;
	close(fd);
	errno = saved;
	lab_result(a, got < 0 ? -1 : 0);
}

static void write_at(struct lab_reply *a, int dirfd, const char *path, const char *text)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		lab_result(a, -1);
	else
		write_to(a, fd, text);
}

static void write_own(const struct lab_self *self, struct lab_reply *a, const char *path,
		      const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		lab_result(a, -1);
	} else if (is_own(self, fd)) {
		write_to(a, fd, text);
	} else {
		close(fd);
		lab_refuse(a,
			   "it would write %s, which is the machine's; files below /tmp, the "
			   "actor's own id maps, and with user in the stage /proc/sys may be "
			   "written",
			   path);
	}
}

static void do_write(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	if (is_own_proc_file(q->text)) {
		/* by the machine's /proc: the same files, also where the root has none */
		write_at(a, LAB_FD_PROC, q->text + 6, q->text2);
		return;
	}
	if (!strncmp(q->text, "/proc/sys/", 10) && !lab_is_host(self, NSL_USER) &&
	    self->shared->stage & 1u << NSL_USER)
		write_at(a, AT_FDCWD, q->text, q->text2);
	else
		write_own(self, a, q->text, q->text2);
}

static void do_write_pid(const struct lab_request *q, struct lab_reply *a)
{
	char path[48];

	snprintf(path, sizeof(path), "%u/%.20s", q->other_pid, q->text);
	write_at(a, LAB_FD_PROC, path, q->text2);
}

/* Limits belong to a user namespace: those of the stage's vanish with it. */
static void do_limit(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	char path[64], text[24];

	if (lab_is_host(self, NSL_USER)) {
		lab_refuse(a, "it would change a limit of the whole machine; put user into the "
			      "stage");
		return;
	}
	snprintf(path, sizeof(path), "sys/user/max_%.10s_namespaces", q->text);
	snprintf(text, sizeof(text), "%lld", (long long)q->number);
	write_at(a, LAB_FD_PROC, path, text);
}

static void do_shm(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	int id;

	if (q->verb == LAB_SHM_DETACH) {
		lab_result(a, self->memory ? shmdt(self->memory) : -1);
		self->memory = NULL;
		return;
	}
	if (lab_is_host(self, NSL_IPC)) {
		lab_refuse(a, "it would make a segment in the machine's own ipc namespace; put ipc "
			      "into the stage, or unshare NEWIPC first");
		return;
	}
	id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (id < 0) {
		lab_result(a, -1);
		return;
	}
	self->memory = shmat(id, NULL, 0);
	lab_result(a, self->memory == (void *)-1 ? -1 : 0);
	if (self->memory == (void *)-1)
		self->memory = NULL;
	shmctl(id, IPC_RMID, NULL);
}

static void do_sethostname(const struct lab_self *self, const struct lab_request *q,
			   struct lab_reply *a)
{
	if (lab_is_host(self, NSL_UTS))
		lab_refuse(a, "it would rename the machine; put uts into the stage, or unshare "
			      "NEWUTS first");
	else
		lab_result(a, sethostname(q->text, strlen(q->text)));
}

bool lab_do_files(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	switch (q->verb) {
	case LAB_MKDIR:
	case LAB_TOUCH:
		lab_make(self, a, q->text, q->verb == LAB_MKDIR);
		return true;
	case LAB_CHROOT:
		lab_result(a, chroot(q->text));
		return true;
	case LAB_CHDIR:
		lab_result(a, chdir(q->text));
		return true;
	case LAB_SETHOSTNAME:
		do_sethostname(self, q, a);
		return true;
	case LAB_WRITE:
		do_write(self, q, a);
		return true;
	case LAB_WRITE_PID:
		do_write_pid(q, a);
		return true;
	case LAB_LIMIT:
		do_limit(self, q, a);
		return true;
	case LAB_SHM:
	case LAB_SHM_DETACH:
		do_shm(self, q, a);
		return true;
	default:
		return false;
	}
}
