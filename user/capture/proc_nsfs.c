// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces and mounts through descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_read.h"

/* newer than the headers that we may be built with */
struct mount_namespace {
	__u32 size;
	__u32 mounts;
	__u64 id;
};

#define GET_MNTNS_ID _IOR(NSIO, 5, __u64)
#define MNT_GET_NEXT _IOR(NSIO, 11, struct mount_namespace)
#define MNT_GET_PREV _IOR(NSIO, 12, struct mount_namespace)
#define GET_ID	     _IOR(NSIO, 13, __u64)

/* Every nsfs file lies on one device. */
static bool is_nsfs(const struct statx *st)
{
	static __u32 major, minor; /* the same for the life of the kernel */
	struct statx own;

	if (!major && !minor) {
		if (statx(AT_FDCWD, "/proc/self/ns/mnt", 0, 0, &own))
			return false;
		major = own.stx_dev_major;
		minor = own.stx_dev_minor;
	}
	return st->stx_dev_major == major && st->stx_dev_minor == minor;
}

bool proc_nsfs_read(int fd, struct proc_nsfs *ns)
{
	struct statx st;
	int flag;
	uid_t uid;

	memset(ns, 0, sizeof(*ns));
	ns->owner_uid = NSL_COUNT_UNKNOWN;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &st) || !is_nsfs(&st))
		return false;
	flag = ioctl(fd, NS_GET_NSTYPE);
	ns->type = flag < 0 ? NSL_TYPE_UNKNOWN : proc_type_by_flag((__u32)flag);
	if (ns->type == NSL_TYPE_UNKNOWN)
		return false;
	ns->inum = (__u32)st.stx_ino;
	if (ioctl(fd, GET_ID, &ns->ns_id) &&
	    (ns->type != NSL_MNT || ioctl(fd, GET_MNTNS_ID, &ns->ns_id)))
		ns->ns_id = 0;
	if (ns->type == NSL_USER && !ioctl(fd, NS_GET_OWNER_UID, &uid))
		ns->owner_uid = uid;
	return true;
}

static int related(int fd, unsigned long request)
{
	int got = ioctl(fd, request);

	return got < 0 ? -errno : got;
}

int proc_nsfs_owner(int fd)
{
	return related(fd, NS_GET_USERNS);
}

int proc_nsfs_parent(int fd)
{
	return related(fd, NS_GET_PARENT);
}

int proc_nsfs_reopen(int o_path)
{
	struct statx st;
	char link[32];
	int fd;

	if (statx(o_path, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &st))
		return -errno;
	if (!is_nsfs(&st))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", o_path);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_nsfs_open(int dir, const char *link)
{
	int path = openat(dir, link, O_PATH | O_CLOEXEC), fd;

	if (path < 0)
		return -errno;
	fd = proc_nsfs_reopen(path);
	close(path);
	return fd;
}

int proc_mntns_next(int fd, bool forward)
{
	struct mount_namespace info = {.size = sizeof(info)};
	int got = ioctl(fd, forward ? MNT_GET_NEXT : MNT_GET_PREV, &info);

	return got < 0 ? -errno : got;
}

/* The mount that an O_PATH descriptor lies on, without asking its file system. */
static bool on_mount(int fd, __u32 id)
{
	char path[40], text[512];
	const char *line;
	unsigned int got;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (proc_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "mnt_id:");
	return line && sscanf(line, "mnt_id: %u", &got) == 1 && got == id;
}

int proc_mount_open(int root, const struct proc_mount *mount, bool may_ask)
{
	const char *path = mount->point + strspn(mount->point, "/");
	/* mount points stay in the cache as long as they are: no file system is asked (5.12) */
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_CACHED,
	};
	long fd;

	if (!*path)
		path = ".";
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0 && errno == EINVAL && may_ask) {
		how.resolve &= ~(__u64)RESOLVE_CACHED;
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	}
	if (fd < 0)
		return -errno;
	if (!on_mount((int)fd, mount->id)) {
		close((int)fd);
		return -ESTALE; /* something else is mounted over it */
	}
	return (int)fd;
}

/* Like fork(), but nobody is signalled when it ends, and nobody else can wait for it. */
static pid_t quiet_fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

int proc_puppet_start(struct proc_puppet *p, int fd, __u32 flag)
{
	int up[2], down[2], error = 0;

	if (pipe2(up, O_CLOEXEC))
		return -errno;
	if (pipe2(down, O_CLOEXEC)) {
		error = -errno;
		close(up[0]);
		close(up[1]);
		return error;
	}
	p->pid = quiet_fork();
	if (!p->pid) {
		close(down[1]);
		if (setns(fd, (int)flag))
			error = errno;
		if (write(up[1], &error, sizeof(error)) == sizeof(error))
			/* the other end never writes: this ends when it closes */
			while (read(down[0], &error, sizeof(error)) > 0)
				;
		_exit(0);
	}
	error = p->pid < 0 ? errno : 0;
	close(up[1]);
	close(down[0]);
	if (p->pid > 0 && read(up[0], &error, sizeof(error)) != sizeof(error))
		error = ECHILD;
	close(up[0]);
	p->pipe = down[1];
	if (p->pid < 0) {
		close(p->pipe);
		return -error;
	}
	if (error)
		proc_puppet_end(p);
	return -error;
}

void proc_puppet_end(struct proc_puppet *p)
{
	close(p->pipe);
	while (waitpid(p->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

char *proc_read_inside(int fd, __u32 flag, const char *path)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), pipes[2];
	char *text = NULL;
	pid_t pid;

	if (proc < 0)
		return NULL;
	if (pipe2(pipes, O_CLOEXEC)) {
		close(proc);
		return NULL;
	}
	pid = quiet_fork();
	if (!pid) {
		char buf[4096];
		ssize_t n = -1;
		int in;

		if (setns(fd, (int)flag))
			_exit(1);
		in = openat(proc, path, O_RDONLY | O_CLOEXEC);
		while (in >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
			if (write(pipes[1], buf, (size_t)n) != n)
				_exit(1);
		_exit(n < 0);
	}
	close(pipes[1]);
	close(proc);
	if (pid > 0) {
		char *all;
		int status = 1;

		all = proc_read_stream(pipes[0]);
		while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
			;
		if (status)
			free(all);
		else
			text = all;
	}
	close(pipes[0]);
	return text;
}
