// SPDX-License-Identifier: GPL-2.0-only
#include "proc_tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../model/model.h"

static int read_stat(int dir, struct proc_stat *stat)
{
	char text[1024];
	ssize_t n = proc_read(dir, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	return proc_parse_stat(text, stat) ? 0 : -ESRCH;
}

/* include/uapi/linux/pidfd.h of 6.11, newer than the headers that we may be built with */
#define PIDFD_GET_PID_FOR_CHILDREN _IO(0xFF, 6)

static int open_pending(__u32 tid)
{
	int pidfd = proc_pidfd_open(tid, true), fd;

	if (pidfd < 0)
		return -ENOENT;
	fd = ioctl(pidfd, PIDFD_GET_PID_FOR_CHILDREN, 0);
	close(pidfd);
	return fd < 0 ? -ENOENT : fd;
}

int proc_slot_open(int dir, __u32 tid, enum nsl_slot slot)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "ns/%s", proc_slot_link[slot]);
	fd = proc_nsfs_open(dir, path);
	return fd == -ENOENT && slot == NSL_SLOT_PID_FOR_CHILDREN ? open_pending(tid) : fd;
}

static int pending_inum(__u32 tid, __u32 *inum)
{
	struct proc_nsfs facts;
	int fd = open_pending(tid), error = -ENOENT;

	if (fd < 0)
		return fd;
	if (proc_nsfs_read(fd, &facts)) {
		*inum = facts.inum;
		error = 0;
	}
	close(fd);
	return error;
}

int proc_slot_inum(int dir, __u32 tid, enum nsl_slot slot, __u32 *inum)
{
	char path[32], text[64];
	__u32 type;
	ssize_t n;

	snprintf(path, sizeof(path), "ns/%s", proc_slot_link[slot]);
	n = proc_link(dir, path, text, sizeof(text));
	if (n == -ENOENT && slot == NSL_SLOT_PID_FOR_CHILDREN)
		return pending_inum(tid, inum);
	if (n < 0)
		return (int)n;
	return proc_parse_ns(text, &type, inum) && type == nsm_slot_type(slot) ? 0 : -EINVAL;
}

/* Zombies and dying tasks: their nsproxy goes first, then their pid, their user namespace last. */
static bool on_its_way_out(const struct proc_stat *stat)
{
	return stat->flags & PROC_PF_EXITING || stat->state == 'Z' || stat->state == 'X';
}

static int read_slots(int dir, struct proc_task *task)
{
	bool missing = false;

	memset(task->inum, 0, sizeof(task->inum));
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		int error;

		if (missing && slot < NSL_NSPROXY_SLOTS)
			continue;
		error = proc_slot_inum(dir, task->tid, slot, &task->inum[slot]);
		/* no such type in this kernel, or no nsproxy: the mount slot tells */
		if (proc_gone(error) && slot == NSL_SLOT_MNT)
			missing = true;
		else if (error && !proc_gone(error))
			return error;
	}
	task->exiting = missing;
	return 0;
}

int proc_task_read(int dir, struct proc_task *task)
{
	int error = read_stat(dir, &task->stat);

	if (error)
		return error;
	error = read_slots(dir, task);
	if (error)
		return error;
	/* it began to exit meanwhile, or it is gone */
	if (task->exiting && !on_its_way_out(&task->stat)) {
		error = read_stat(dir, &task->stat);
		if (!error && !on_its_way_out(&task->stat))
			error = -ESRCH;
	}
	return error;
}

static int each_thread(int proc, __u32 pid, proc_task_fn fn, void *ctx)
{
	char path[32];
	int result = 0;
	__u32 tid;
	DIR *tasks;

	snprintf(path, sizeof(path), "%u/task", pid);
	tasks = proc_dir(proc, path);
	if (!tasks)
		return 0;
	while (!result && proc_next(tasks, &tid)) {
		int dir;

		snprintf(path, sizeof(path), "%u", tid);
		dir = openat(dirfd(tasks), path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			continue;
		result = fn(ctx, dir, pid, tid);
		close(dir);
	}
	closedir(tasks);
	return result;
}

int proc_tasks_each(int proc, proc_task_fn fn, void *ctx)
{
	DIR *dir = proc_dir(proc, ".");
	int result = 0;
	__u32 pid;

	if (!dir)
		return -errno;
	while (!result && proc_next(dir, &pid))
		result = each_thread(proc, pid, fn, ctx);
	closedir(dir);
	return result;
}

/* Fixed since the types exist; net and mnt since 6.18 (include/uapi/linux/nsfs.h). */
static const __u32 fixed[NSL_TYPES] = {
	[NSL_IPC] = 0xEFFFFFFF, [NSL_UTS] = 0xEFFFFFFE,	   [NSL_USER] = 0xEFFFFFFD,
	[NSL_PID] = 0xEFFFFFFC, [NSL_CGROUP] = 0xEFFFFFFB, [NSL_TIME] = 0xEFFFFFFA,
};

#define FIXED_NET 0xEFFFFFF9u
#define FIXED_MNT 0xEFFFFFF8u

/* The number of the first network namespace ever made is 1 (5.14 and later). */
static bool own_net_is_initial(void)
{
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(__u64);
	__u64 cookie = 0;
	bool is;

	if (fd < 0)
		return false;
	is = !getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) && cookie == 1;
	close(fd);
	return is;
}

bool proc_task_reaped(__u32 tid)
{
	struct proc_stat stat;
	char path[32];
	bool reaped;
	int dir;

	if (kill((pid_t)tid, 0) && errno == ESRCH)
		return true;
	snprintf(path, sizeof(path), "/proc/%u", tid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	/* a task that lives has taken the number over */
	reaped = !read_stat(dir, &stat) && !(stat.flags & PROC_PF_EXITING);
	close(dir);
	return reaped;
}

/* kthreadd never leaves the initial namespaces; without root only our own can be looked at. */
static void find_mnt_and_net(int proc, bool all, __u32 *mnt, __u32 *net)
{
	struct proc_task task = {0};
	int dir = openat(proc, "2", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (all && dir >= 0 && !proc_task_read(dir, &task) && task.stat.flags & PROC_PF_KTHREAD) {
		*mnt = task.inum[NSL_SLOT_MNT];
		*net = task.inum[NSL_SLOT_NET];
	}
	if (dir >= 0)
		close(dir);
	if (*mnt && *net)
		return;
	dir = openat(proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!read_slots(dir, &task)) {
		if (task.inum[NSL_SLOT_NET] == FIXED_NET || own_net_is_initial())
			*net = task.inum[NSL_SLOT_NET];
		if (task.inum[NSL_SLOT_MNT] == FIXED_MNT)
			*mnt = task.inum[NSL_SLOT_MNT];
	}
	close(dir);
}

bool proc_initial(int proc, __u32 inum[NSL_TYPES])
{
	char text[64];
	__u32 type, pid_ns = 0, self = 0;
	bool all;

	memcpy(inum, fixed, sizeof(fixed));
	/* the procfs may belong to another pid namespace than we do */
	if (proc_link(proc, "self/ns/pid", text, sizeof(text)) > 0)
		proc_parse_ns(text, &type, &pid_ns);
	if (proc_link(proc, "self", text, sizeof(text)) > 0)
		sscanf(text, "%u", &self);
	all = pid_ns == fixed[NSL_PID] && self == (__u32)getpid();
	find_mnt_and_net(proc, all, &inum[NSL_MNT], &inum[NSL_NET]);
	return all;
}
