// SPDX-License-Identifier: GPL-2.0-only
/* What actors do with mounts, those of the stage alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"

/* A mount point: made if it is missing and may be made. */
static bool target(const struct lab_self *self, struct lab_reply *a, const char *path, bool dir)
{
	struct stat st;

	if (!lab_mounts_staged(self, a))
		return false;
	return !stat(path, &st) || lab_make(self, a, path, dir);
}

/*
 * mount(2) or move_mount(2) from a descriptor by the machine's /proc: the actor's
 * root may have none.
 */
static void do_bind(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	char source[32];
	int cwd;

	if (!target(self, a, q->text, false))
		return;
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

/* ---- a root file system from what the machine has ---- */

/* Puts /NAME of the machine into the new root: a directory by a bind mount. */
static bool take_over(const char *root, const char *name)
{
	char from[64], to[LAB_TEXT_MAX + 64], link[256];
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(from, sizeof(from), "/%s", name);
	snprintf(to, sizeof(to), "%s/%s", root, name);
	if (lstat(from, &st))
		return true;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(from, link, sizeof(link) - 1);
		if (n < 0)
			return false;
		link[n] = 0;
		return !symlink(link, to);
	}
	if (S_ISDIR(st.st_mode))
		return !mkdir(to, 0755) && !mount(from, to, NULL, MS_BIND | MS_REC, NULL);
	fd = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	close(fd);
	return !mount(from, to, NULL, MS_BIND, NULL);
}

static bool file_with(const char *root, const char *name, const char *text)
{
	char path[LAB_TEXT_MAX + 64];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* "/nix/store/…/sh" -> "nix": where the shell really is, if no usual place */
static bool take_over_shell(const char *root)
{
	char path[LAB_TEXT_MAX], *shell = realpath("/bin/sh", NULL);
	bool ok = true;
	struct stat st;

	if (shell) {
		shell[1 + strcspn(shell + 1, "/")] = 0;
		snprintf(path, sizeof(path), "%s%s", root, shell);
		ok = !lstat(path, &st) || take_over(root, shell + 1);
	}
	free(shell);
	return ok;
}

static bool fill_image(const char *root)
{
	static const char *const dirs[] = {"proc", "sys", "dev", "etc", "tmp", "old"};
	/* programs and libraries, wherever a distribution has them; what is missing is left out */
	static const char *const parts[] = {
		"bin",	    "sbin",	"lib",	    "lib32",	  "lib64",
		"libx32",   "usr",	"nix",	    "gnu",	  "etc/alternatives",
		"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom",
		"dev/tty"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[LAB_TEXT_MAX + 16];

		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		if (mkdir(path, 0755))
			return false;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!take_over(root, parts[i]))
			return false;
	return take_over_shell(root) &&
	       file_with(root, "etc/passwd",
			 "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n") &&
	       file_with(root, "etc/group", "root:x:0:\nnogroup:x:65534:\n");
}

static void do_image(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	if (!target(self, a, q->text, true))
		return;
	lab_result(a, mount("image", q->text, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"));
	if (!a->err && !fill_image(q->text))
		lab_result(a, -1);
}

/* ---- trees of mounts that are in no task's namespace ---- */

#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#define SYS_fsopen     430
#define SYS_fsconfig   431
#define SYS_fsmount    432
#endif
/* linux/mount.h, as far as the headers here may be too old for it */
#define TREE_RECURSIVE 0x8000u
#define FSCONFIG_MAKE  6u
#define MOVE_FROM_FD   4u

/* The flags are those of the newest kernel: an older one refuses what it does not know. */
static void do_open_tree(const struct lab_self *self, const struct lab_request *q,
			 struct lab_reply *a)
{
	if (lab_mounts_staged(self, a))
		lab_put_fd(a,
			   (int)syscall(SYS_open_tree, AT_FDCWD, q->text,
					q->flags | TREE_RECURSIVE | O_CLOEXEC),
			   q->fd);
}

static void do_fsmount(const struct lab_self *self, const struct lab_request *q,
		       struct lab_reply *a)
{
	int fs, fd = -1, saved;

	if (!lab_mounts_staged(self, a))
		return;
	fs = (int)syscall(SYS_fsopen, "tmpfs", 1);
	if (fs >= 0 && !syscall(SYS_fsconfig, fs, FSCONFIG_MAKE, NULL, NULL, 0))
		fd = (int)syscall(SYS_fsmount, fs, (unsigned int)q->flags | 1, 0);
	saved = errno;
	if (fs >= 0)
		close(fs);
	errno = saved;
	lab_put_fd(a, fd, q->fd);
}

static void do_move_mount(const struct lab_self *self, const struct lab_request *q,
			  struct lab_reply *a)
{
	if (target(self, a, q->text, true))
		lab_result(a, syscall(SYS_move_mount, LAB_FD_NAMED + q->fd, "", AT_FDCWD, q->text,
				      MOVE_FROM_FD));
}

bool lab_do_mounts(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
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
	case LAB_MOUNT_IMAGE:
		do_image(self, q, a);
		return true;
	case LAB_UMOUNT:
		if (lab_mounts_staged(self, a))
			lab_result(a, umount2(q->text, MNT_DETACH));
		return true;
	case LAB_PIVOT_ROOT:
		if (lab_mounts_staged(self, a))
			lab_result(a, syscall(SYS_pivot_root, q->text, q->text2));
		return true;
	case LAB_OPEN_TREE:
		do_open_tree(self, q, a);
		return true;
	case LAB_FSMOUNT:
		do_fsmount(self, q, a);
		return true;
	case LAB_MOVE_MOUNT:
		do_move_mount(self, q, a);
		return true;
	default:
		return false;
	}
}
