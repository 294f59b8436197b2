// SPDX-License-Identifier: GPL-2.0-only
/* What all holders need: lines of output, tasks that sleep, nsfs files. */
#include "holders.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static int print_number(char *to, size_t size, const char *name, unsigned long long value,
			bool known)
{
	return known ? snprintf(to, size, ",\"%s\":%llu", name, value)
		     : snprintf(to, size, ",\"%s\":null", name);
}

static int print_causes(char *to, size_t size, const char *causes)
{
	int len = snprintf(to, size, ",\"cause\":[");
	const char *sep = "";

	while (causes && *causes) {
		size_t word = strcspn(causes, " ");

		len += snprintf(to + len, size - (size_t)len, "%s\"%.*s\"", sep, (int)word, causes);
		causes += word + (causes[word] == ' ');
		sep = ",";
	}
	return len + snprintf(to + len, size - (size_t)len, "]}\n");
}

void print_line(const struct holder *h, const struct line *line)
{
	pid_t pid = line->pid ? line->pid : proc_pid();
	pid_t tid = line->tid ? line->tid : pid;
	uint64_t mnt = ns_link(pid, tid, "mnt");
	char text[768];
	size_t size = sizeof(text);
	int len = snprintf(text, size, "{\"kind\":\"%s\",\"keeper\":\"%s\",\"type\":\"%s\"",
			   h->kind, line->keeper, line->type ? line->type : h->type->type);

	len += print_number(text + len, size - (size_t)len, "inum", line->inum, line->inum != 0);
	len += print_number(text + len, size - (size_t)len, "pid", (unsigned long long)pid, true);
	len += print_number(text + len, size - (size_t)len, "tid", (unsigned long long)tid, true);
	len += print_number(text + len, size - (size_t)len, "holder",
			    (unsigned long long)proc_pid(), true);
	len += print_number(text + len, size - (size_t)len, "fd", (unsigned long long)line->fd,
			    line->fd >= 0);
	if (line->path)
		len += snprintf(text + len, size - (size_t)len, ",\"path\":\"%s\"", line->path);
	else
		len += snprintf(text + len, size - (size_t)len, ",\"path\":null");
	len += print_number(text + len, size - (size_t)len, "mnt", mnt, mnt != 0);
	len += print_causes(text + len, size - (size_t)len, line->cause);
	if (write(STDOUT_FILENO, text, (size_t)len) != len)
		_exit(1);
}

pid_t sleeper(uint64_t flags)
{
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD};
	long pid = sys_clone3(&args, sizeof(args));

	if (pid != 0)
		return (pid_t)pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

void end_task(pid_t pid)
{
	kill(pid, SIGKILL);
	sys_reap(pid);
}

pid_t proc_pid(void)
{
	char text[32];
	ssize_t len = readlink("/proc/self", text, sizeof(text) - 1);

	if (len <= 0)
		return getpid();
	text[len] = '\0';
	return atoi(text);
}

int ns_file(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	else
		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

uint64_t ns_inum(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

uint64_t ns_link(pid_t pid, pid_t tid, const char *name)
{
	char path[96], text[64];
	ssize_t len;
	char *number;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/%s", pid, tid, name);
	else
		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", name);
	len = readlink(path, text, sizeof(text) - 1);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	number = strchr(text, '[');
	return number ? strtoull(number + 1, NULL, 10) : 0;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int map_root_only(void)
{
	int ret = write_file("/proc/thread-self/setgroups", "deny");

	if (!ret)
		ret = write_file("/proc/thread-self/gid_map", "0 0 1");
	if (!ret)
		ret = write_file("/proc/thread-self/uid_map", "0 0 1");
	return ret;
}

int drop_fd(struct holder *h)
{
	int ret = close(h->fd) < 0 ? -errno : 0;

	h->fd = -1;
	return ret;
}

int drop_task(struct holder *h)
{
	if (!h->task)
		return -ESRCH;
	end_task(h->task);
	h->task = 0;
	return 0;
}

int drop_mount(struct holder *h)
{
	int ret = 0;

	if (*h->path && umount2(h->path, 0) < 0)
		ret = -errno;
	*h->path = '\0';
	if (*h->dir && h->here) {
		umount2(h->dir, MNT_DETACH);
		rmdir(h->dir);
		*h->dir = '\0';
	}
	return ret;
}
