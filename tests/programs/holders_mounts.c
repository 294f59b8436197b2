// SPDX-License-Identifier: GPL-2.0-only
/* Holders that are mounts. */
#include "holders.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* An empty tmpfs of its own, in h->dir, whose mounts do not propagate. */
static int own_tmpfs(struct holder *h)
{
	if (h->here) {
		snprintf(h->dir, sizeof(h->dir), "/tmp/holders.%d", getpid());
		if (mkdir(h->dir, 0700) < 0)
			return -errno;
	} else {
		int ret = (int)sys_unshare(NEWNS);

		if (ret < 0)
			return ret;
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			return -errno;
		snprintf(h->dir, sizeof(h->dir), EMPTY_MOUNT_DIR);
	}
	if (mount("holders", h->dir, "tmpfs", 0, "size=1m") < 0)
		return -errno;
	if (mount(NULL, h->dir, NULL, MS_PRIVATE, NULL) < 0)
		return -errno;
	return 0;
}

static int mount_make(struct holder *h)
{
	char from[64];
	uint64_t inum;
	pid_t task;
	int fd, ret = own_tmpfs(h);

	if (ret)
		return ret;
	snprintf(h->path, sizeof(h->path), "%s/%s", h->dir, h->type->type);
	fd = open(h->path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	task = sleeper(h->type->bit);
	if (task < 0)
		return task;
	inum = ns_link(task, task, h->type->type);
	snprintf(from, sizeof(from), "/proc/%d/ns/%s", task, h->type->type);
	ret = mount(from, h->path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
	end_task(task);
	if (ret) {
		*h->path = '\0';
		return ret;
	}
	print_line(h, &(struct line){.keeper = "mount",
				     .inum = inum,
				     .fd = -1,
				     .path = h->path,
				     .cause = "unpinned"});
	return 0;
}

/* A procfs of another pid namespace, whose init stays or not. */
static int proc_mount(struct holder *h, bool dead)
{
	struct clone3_args args = {.flags = NEWPID, .exit_signal = SIGCHLD};
	int done[2], ret = own_tmpfs(h);
	uint64_t inum;
	long pid;

	if (ret)
		return ret;
	snprintf(h->path, sizeof(h->path), "%s/proc", h->dir);
	if (mkdir(h->path, 0700) < 0 || pipe(done) < 0)
		return -errno;
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ret = mount("proc", h->path, "proc", 0, NULL) < 0 ? -errno : 0;
		if (write(done[1], &ret, sizeof(ret)) != sizeof(ret))
			_exit(1);
		for (;;)
			pause();
	}
	if (pid < 0)
		return (int)pid;
	if (read(done[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EIO;
	inum = ns_link((pid_t)pid, (pid_t)pid, "pid");
	h->task = (pid_t)pid;
	if (dead)
		drop_task(h);
	close(done[0]);
	close(done[1]);
	if (ret) {
		*h->path = '\0';
		return ret;
	}
	print_line(h, &(struct line){.keeper = "proc",
				     .inum = inum,
				     .fd = -1,
				     .path = h->path,
				     .cause = dead ? "" : "reaped exit"});
	if (!dead)
		print_line(h, &(struct line){.keeper = "task",
					     .pid = h->task,
					     .inum = inum,
					     .fd = -1,
					     .cause = "reaped exit"});
	return 0;
}

static int proc_make(struct holder *h)
{
	return proc_mount(h, true);
}

static int proctask_make(struct holder *h)
{
	return proc_mount(h, false);
}

static int proctask_drop(struct holder *h)
{
	int ret = drop_mount(h);

	return ret ? ret : drop_task(h);
}

/* `here` is last: a mount namespace that is made later gets a copy of its mounts. */
const struct family mount_families[] = {
	{"mount", NEW_ALL, mount_make, drop_mount},
	{"proc", NEWPID, proc_make, drop_mount},
	{"proctask", NEWPID, proctask_make, proctask_drop},
	{"here", NEW_ALL, mount_make, drop_mount},
	{0},
};
