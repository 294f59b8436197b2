// SPDX-License-Identifier: GPL-2.0-only
#include "proc_read.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define INITIAL_USER 0xEFFFFFFDu

/* 100,000 mounts (fs.mount-max) of 600 bytes each; what is longer is somebody's attempt on us. */
#define LONGEST (64u << 20)

ssize_t proc_read(int dir, const char *path, char *buf, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 && len < size - 1);
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	buf[len] = 0;
	return n;
}

/* Twice the room, or NULL with errno set: the text is gone then. */
static char *more_room(char *text, size_t *size)
{
	char *more = NULL;

	if (*size < LONGEST)
		more = realloc(text, *size *= 2);
	else
		errno = EFBIG;
	if (!more)
		free(text);
	return more;
}

static char *read_fd(int fd, bool from_start)
{
	size_t len = 0, size = 16384;
	char *text = malloc(size);
	ssize_t n = 0;

	while (text) {
		n = from_start ? pread(fd, text + len, size - 1 - len, (off_t)len)
			       : read(fd, text + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len == size - 1)
			text = more_room(text, &size);
	}
	if (text && n < 0) {
		free(text);
		text = NULL;
	}
	if (text)
		text[len] = 0;
	return text;
}

char *proc_read_all(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	char *text;
	int error;

	if (fd < 0)
		return NULL;
	text = read_fd(fd, false);
	error = errno;
	close(fd);
	errno = error;
	return text;
}

char *proc_read_stream(int fd)
{
	return read_fd(fd, false);
}

char *proc_pread_all(int fd)
{
	return read_fd(fd, true);
}

ssize_t proc_link(int dir, const char *path, char *buf, size_t size)
{
	ssize_t n = readlinkat(dir, path, buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = 0;
	return n;
}

DIR *proc_dir(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

bool proc_next(DIR *dir, __u32 *number)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		char *end;
		unsigned long n = strtoul(entry->d_name, &end, 10);

		if (end != entry->d_name && !*end) {
			*number = (__u32)n;
			return true;
		}
	}
	return false;
}

bool proc_privileged(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	char user_ns[64];
	__u32 type, inum;

	/* inside another user namespace they hold for what it owns only */
	if (proc_link(AT_FDCWD, "/proc/self/ns/user", user_ns, sizeof(user_ns)) > 0 &&
	    proc_parse_ns(user_ns, &type, &inum) && inum != INITIAL_USER)
		return false;
	if (syscall(SYS_capget, &head, data))
		return false;
	return data[0].effective & (1u << CAP_SYS_PTRACE) &&
	       data[0].effective & (1u << CAP_SYS_ADMIN);
}

int proc_pidfd_open(__u32 pid, bool thread)
{
	/* PIDFD_THREAD is O_EXCL (6.9 and later) */
	long fd = syscall(SYS_pidfd_open, pid, thread ? O_EXCL : 0);

	return fd < 0 ? -errno : (int)fd;
}

int proc_pidfd_getfd(int pidfd, int fd)
{
	long copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return copy < 0 ? -errno : (int)copy;
}

int proc_same_files(__u32 tid, __u32 other)
{
	long order = syscall(SYS_kcmp, tid, other, KCMP_FILES, 0, 0);

	return order < 0 ? -errno : order == 0;
}

__u64 proc_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000ULL + (__u64)t.tv_nsec;
}
