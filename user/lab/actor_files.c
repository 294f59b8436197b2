// SPDX-License-Identifier: GPL-2.0-only
/*
 * What actors do with mounts, files, names and limits. None of it may touch the
 * machine: each checks that what it changes belongs to the stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"

/* Has the scenario put a root of its own under the actor? */
static bool own_root(const struct lab_self *self)
{
	struct stat st;

	return !stat("/", &st) &&
	       (st.st_dev != self->shared->root_dev || st.st_ino != self->shared->root_ino);
}

/* A path in which files may be made: the stage's empty /tmp, or anything below an own root. */
static bool is_own_path(const struct lab_self *self, const char *path)
{
	return !strstr(path, "..") && (!strncmp(path, "/tmp/", 5) || own_root(self));
}

static bool mounts_staged(const struct lab_self *self, struct lab_reply *a)
{
	if (!(self->shared->stage & 1u << NSL_MNT) || lab_is_host(self, NSL_MNT)) {
		lab_refuse(a, "it would change the machine's own mounts; put mnt into the stage");
		return false;
	}
	return true;
}

static bool make(const struct lab_self *self, struct lab_reply *a, const char *path, bool dir)
{
	int fd;

	if (!mounts_staged(self, a))
		return false;
	if (!is_own_path(self, path)) {
		lab_refuse(a,
			   "it would make %s in a file system of the machine; take a path below "
			   "/tmp, which is the stage's own",
			   path);
		return false;
	}
	if (dir) {
		lab_result(a, mkdir(path, 0755));
	} else {
		fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
		lab_result(a, fd < 0 ? -1 : 0);
		if (fd >= 0)
			close(fd);
	}
	return !a->err;
}

/* A mount point: made if it is missing and may be made. */
static bool target(const struct lab_self *self, struct lab_reply *a, const char *path, bool dir)
{
	struct stat st;

	if (!mounts_staged(self, a))
		return false;
	return !stat(path, &st) || make(self, a, path, dir);
}

static void do_bind(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	char source[32];
	int cwd;

	if (!target(self, a, q->text, false))
		return;
	/* by the machine's /proc: the actor's root may have none */
	cwd = open(".", O_PATH | O_CLOEXEC);
	snprintf(source, sizeof(source), "self/fd/%d", LAB_FD_NAMED + q->fd);
	lab_result(a, fchdir(LAB_FD_PROC) ? -1 : mount(source, q->text, NULL, MS_BIND, NULL));
	if (cwd < 0 || fchdir(cwd)) {
		a->kind = LAB_REPLY_FAILED;
		snprintf(a->text, sizeof(a->text), "cannot go back to the working directory");
	}
	if (cwd >= 0)
		close(cwd);
}

static void do_mount(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	const char *to = q->text2[0] ? q->text2 : q->text;
	struct stat st;
	bool dir = true;

	if (q->verb == LAB_MOUNT_BIND)
		dir = stat(q->text, &st) || S_ISDIR(st.st_mode);
	if (!target(self, a, to, dir))
		return;
	if (q->verb == LAB_MOUNT)
		lab_result(a, mount(q->text, to, q->text, q->flags, NULL));
	else if (q->verb == LAB_MOUNT_CHANGE)
		lab_result(a, mount(NULL, to, NULL, q->flags, NULL));
	else
		lab_result(a, mount(q->text, to, NULL, q->flags, NULL));
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

static void write_at(struct lab_reply *a, int dirfd, const char *path, const char *text)
{
	/* " , " is a line end, so that a map of several lines is one argument */
	char buf[512];
	size_t n = 0;
	int fd, saved;
	ssize_t got;

	for (const char *p = text; *p && n < sizeof(buf) - 1; p++) {
		if (!strncmp(p, ", ", 2)) {
			buf[n++] = '\n';
			p++;
		} else {
			buf[n++] = *p;
		}
	}
	fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		lab_result(a, -1);
		return;
	}
	got = write(fd, buf, n);
	saved = errno;
	close(fd);
	errno = saved;
	lab_result(a, got < 0 ? -1 : 0);
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
	else if (strncmp(q->text, "/proc/", 6) != 0 && is_own_path(self, q->text))
		write_at(a, AT_FDCWD, q->text, q->text2);
	else
		lab_refuse(
			a,
			"it would write %s, which is the machine's; files below /tmp, the actor's "
			"own id maps, and with user in the stage /proc/sys may be written",
			q->text);
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
	case LAB_BIND:
		do_bind(self, q, a);
		return true;
	case LAB_MOUNT:
	case LAB_MOUNT_BIND:
	case LAB_MOUNT_MOVE:
	case LAB_MOUNT_CHANGE:
		do_mount(self, q, a);
		return true;
	case LAB_UMOUNT:
		if (mounts_staged(self, a))
			lab_result(a, umount2(q->text, MNT_DETACH));
		return true;
	case LAB_PIVOT_ROOT:
		if (mounts_staged(self, a))
			lab_result(a, syscall(SYS_pivot_root, q->text, q->text2));
		return true;
	case LAB_MKDIR:
	case LAB_TOUCH:
		make(self, a, q->text, q->verb == LAB_MKDIR);
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
