// SPDX-License-Identifier: GPL-2.0-only
/* The descriptors of every process: nsfs files, sockets, pidfds, open mount tables. */
#include "keepers_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "proc_tasks.h"

#define GET_SOCKET_NET 0x894C /* SIOCGSKNS; tun files answer it too */
#define TUN_MAJOR      10
#define TUN_MINOR      200

#define TABLES 16

struct walk {
	struct keepers *k;
	__u32 pid;
	/* one thread for each table of descriptors of the process: nearly always one */
	__u32 tables[TABLES];
	size_t ntables;
	bool refused; /* that process */
};

/* One open descriptor. */
struct open_file {
	struct keepers *k;
	struct keepers_holder *holder;
	int dir; /* of the links */
	__u32 fd;
	char name[16];	  /* of the link */
	const char *text; /* where it leads */
};

/* A descriptor of our own for the same open file, or -1. */
static int copy_file(const struct open_file *f)
{
	struct keepers_holder *h = f->holder;
	int copy;

	if (h->pidfd == -1) {
		h->pidfd = proc_pidfd_open(h->pid, h->thread);
		if (h->pidfd < 0)
			h->pidfd = -2;
	}
	copy = h->pidfd < 0 ? -EPERM : proc_pidfd_getfd(h->pidfd, (int)f->fd);
	if (copy == -EPERM)
		f->k->report->descriptors_refused++;
	return copy < 0 ? -1 : copy;
}

static void tell_nsfs(const struct open_file *f, __u32 type, __u32 inum, int fd)
{
	if (fd >= 0 && type == NSL_MNT)
		keepers_found_mntns(f->k, fd);
	keepers_tell_ns(f->k, NSL_KEEPER_FD, type, inum, fd);
	keepers_tell(f->k, NSL_KEEPER_FD, type, inum, f->holder, (int)f->fd, 0, NULL);
}

static void on_nsfs(const struct open_file *f, __u32 type, __u32 inum)
{
	int fd = -1;

	if (keepers_opens(f->k, NSL_KEEPER_FD, type, inum))
		fd = proc_nsfs_open(f->dir, f->name);
	tell_nsfs(f, type, inum, fd);
	if (fd >= 0)
		close(fd);
}

/*
 * Opened through a bind mount, an nsfs file bears the name of the mount point, and
 * "/" when that was unmounted since: only its device tells what it is.
 */
static void on_path(const struct open_file *f)
{
	__u32 inum = proc_nsfs_inum(f->dir, f->name);
	struct proc_nsfs ns = {.inum = inum};
	int fd = -1;

	if (!inum)
		return;
	ns.type = keepers_known(f->k, inum);
	if (ns.type == NSL_TYPE_UNKNOWN || keepers_opens(f->k, NSL_KEEPER_FD, ns.type, inum)) {
		fd = proc_nsfs_open(f->dir, f->name);
		if (fd < 0 || !proc_nsfs_read(fd, &ns))
			ns.type = NSL_TYPE_UNKNOWN;
	}
	if (ns.type != NSL_TYPE_UNKNOWN)
		tell_nsfs(f, ns.type, ns.inum, fd);
	if (fd >= 0)
		close(fd);
}

static void tell_socket(const struct open_file *f, int copy)
{
	int fd = ioctl(copy, GET_SOCKET_NET);
	struct proc_nsfs ns;

	if (fd < 0) {
		/* not ENOTTY and its like: the number may belong to another file by now */
		if (errno == EPERM)
			f->k->report->descriptors_refused++;
		return;
	}
	if (proc_nsfs_read(fd, &ns) &&
	    (f->k->options->all_sockets || ns.inum != keepers_own(f->holder, NSL_NET))) {
		keepers_tell_ns(f->k, NSL_KEEPER_SOCKET, NSL_NET, ns.inum, fd);
		keepers_tell(f->k, NSL_KEEPER_SOCKET, NSL_NET, ns.inum, f->holder, (int)f->fd, 0,
			     f->text);
	}
	close(fd);
}

/* A tun file is a socket inside, and holds its namespace like one. */
static bool is_tun(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) && major(st.st_rdev) == TUN_MAJOR &&
	       minor(st.st_rdev) == TUN_MINOR;
}

static void on_socket(const struct open_file *f, bool tun)
{
	int copy;

	if (!keepers_want(f->k, NSL_KEEPER_SOCKET, NSL_NET))
		return;
	copy = copy_file(f);
	if (copy < 0)
		return;
	if (!tun || is_tun(copy))
		tell_socket(f, copy);
	close(copy);
}

/* The active pid namespace of a process, zombies included; 0: gone, or not to be read. */
static __u32 pid_ns_of(const struct keepers *k, int pid)
{
	char path[32], text[64];
	__u32 type, inum;

	snprintf(path, sizeof(path), "%d/ns/pid", pid);
	return proc_link(k->proc, path, text, sizeof(text)) > 0 && proc_parse_ns(text, &type, &inum)
		       ? inum
		       : 0;
}

static void on_pidfd(const struct open_file *f)
{
	char path[32], text[1024];
	__u32 inum;
	int pid;

	if (!keepers_want(f->k, NSL_KEEPER_PIDFD, NSL_PID))
		return;
	snprintf(path, sizeof(path), "fdinfo/%u", f->fd);
	if (proc_read(f->holder->dir, path, text, sizeof(text)) < 0 ||
	    !proc_parse_pidfd(text, &pid))
		return;
	inum = pid > 0 ? pid_ns_of(f->k, pid) : 0;
	if (!inum) {
		f->k->report->unresolved[NSL_KEEPER_PIDFD]++;
		return;
	}
	if (!f->k->options->all_sockets && inum == keepers_own(f->holder, NSL_PID))
		return;
	snprintf(text, sizeof(text), "pid %d", pid);
	keepers_tell(f->k, NSL_KEEPER_PIDFD, NSL_PID, inum, f->holder, (int)f->fd, 0, text);
}

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && !memcmp(text + len - n, end, n);
}

static bool is_mount_table(const char *text)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(text);

	if (ends_with(text, len, deleted))
		len -= sizeof(deleted) - 1;
	return ends_with(text, len, "/mounts") || ends_with(text, len, "/mountinfo") ||
	       ends_with(text, len, "/mountstats");
}

/*
 * Is the open file what its name says? Where a file is mounted by itself, the name is that of
 * the mount point: anybody may choose it in a mount namespace of their own, and the text of some
 * files (cmdline, environ), too. Below the root of a mount it is the name that procfs gave.
 */
static bool is_genuine_table(const struct keepers *k, int fd)
{
	char path[32], text[4096];
	struct statfs fs;
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &st) ||
	    !keepers_is_procfs(k, st.stx_dev_major, st.stx_dev_minor) ||
	    !(st.stx_attributes_mask & ~st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return false;
	/* that procfs may be gone by now, and another file system have its number */
	if (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	return proc_link(k->proc, path, text, sizeof(text)) > 0 && is_mount_table(text);
}

/* Looks before it copies: to close a copy may be to ask a server. */
static int copy_table(const struct open_file *f)
{
	int path = openat(f->dir, f->name, O_PATH | O_CLOEXEC), copy;
	bool genuine = path >= 0 && is_genuine_table(f->k, path);

	if (path >= 0)
		close(path);
	copy = genuine ? copy_file(f) : -1;
	/* again: the number may belong to another file by now */
	if (copy < 0 || is_genuine_table(f->k, copy))
		return copy;
	close(copy);
	return -1;
}

static void on_mount_table(const struct open_file *f)
{
	__u32 inum;
	int copy;

	if (!keepers_want(f->k, NSL_KEEPER_PROC, NSL_MNT))
		return;
	copy = copy_table(f);
	if (copy < 0)
		return;
	inum = keepers_mntns_of_file(f->k, copy);
	close(copy);
	if (!inum)
		f->k->report->unresolved[NSL_KEEPER_PROC]++;
	else if (f->k->options->all_sockets || inum != keepers_own(f->holder, NSL_MNT))
		keepers_tell(f->k, NSL_KEEPER_PROC, NSL_MNT, inum, f->holder, (int)f->fd, 0,
			     f->text);
}

static void on_file(const struct open_file *f)
{
	__u32 type, inum;

	if (!strncmp(f->text, "socket:[", 8))
		on_socket(f, false);
	else if (*f->text != '/' && proc_parse_ns(f->text, &type, &inum))
		on_nsfs(f, type, inum);
	else if (!strcmp(f->text, "anon_inode:[pidfd]") || !strncmp(f->text, "pidfd:[", 7))
		on_pidfd(f);
	else if (*f->text == '/' && ends_with(f->text, strlen(f->text), "/net/tun"))
		on_socket(f, true);
	else if (*f->text == '/' && is_mount_table(f->text))
		on_mount_table(f);
	else if (*f->text == '/')
		on_path(f);
}

static void refuse(struct walk *w, int error)
{
	/* once for a process, whatever the number of its threads */
	if (!w->refused && !w->k->report->refused++)
		w->k->report->refused_error = error;
	w->refused = true;
}

static void read_table(struct walk *w, struct keepers_holder *holder, DIR *links)
{
	struct open_file f = {.k = w->k, .holder = holder, .dir = dirfd(links)};
	char text[4096];
	ssize_t n;

	f.text = text;
	while (proc_next(links, &f.fd)) {
		snprintf(f.name, sizeof(f.name), "%u", f.fd);
		n = proc_link(f.dir, f.name, text, sizeof(text));
		if (n > 0)
			on_file(&f);
		else if (!proc_gone(n))
			/* they may be listed without being looked at */
			refuse(w, (int)-n);
	}
}

/* Threads may have descriptors of their own; where that cannot be told they share. */
static bool known_table(const struct walk *w, __u32 tid)
{
	for (size_t i = 0; i < w->ntables; i++)
		if (proc_same_files(tid, w->tables[i]))
			return true;
	return w->ntables == TABLES;
}

static int on_task(void *ctx, int dir, __u32 pid, __u32 tid)
{
	struct walk *w = ctx;
	struct keepers_holder holder = {.pid = tid, .thread = tid != pid, .dir = dir, .pidfd = -1};
	DIR *links;
	int error;

	/* what we hold ourselves is gone when we are */
	if (pid == (__u32)getpid())
		return 0;
	if (pid != w->pid) {
		w->pid = pid;
		w->ntables = 0;
		w->refused = false;
		w->k->report->processes++;
	}
	if (known_table(w, tid))
		return 0;
	links = proc_dir(dir, "fd");
	error = errno;
	if (!links) {
		if (!proc_gone(-error))
			refuse(w, error);
		return 0;
	}
	w->tables[w->ntables++] = tid;
	read_table(w, &holder, links);
	closedir(links);
	if (holder.pidfd >= 0)
		close(holder.pidfd);
	return 0;
}

void keepers_read_fds(struct keepers *k)
{
	struct walk w = {.k = k};
	const __u32 kinds = 1u << NSL_KEEPER_FD | 1u << NSL_KEEPER_SOCKET | 1u << NSL_KEEPER_PIDFD |
			    1u << NSL_KEEPER_PROC;

	if (!k->options->kinds || k->options->kinds & kinds)
		proc_tasks_each(k->proc, on_task, &w);
}
