// SPDX-License-Identifier: GPL-2.0-only
/* How nsread finds namespaces: tasks, open files, sockets, mounts and listns(2). */
#include "nsread.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#ifndef SIOCGSKNS
#define SIOCGSKNS 0x894C
#endif

/* listns(2), 6.19; nsfs file handles, 6.18: newer than the headers of many machines. */
#define NR_LISTNS      470
#define FD_OF_NSFS     (-10003)
#define NSFS_FILE_TYPE 0xf1

struct listns_request {
	uint32_t size, spare;
	uint64_t after; /* the last id of the list before */
	uint32_t types, spare2;
	uint64_t user_ns;
};

struct nsfs_handle {
	unsigned int bytes;
	int type;
	uint64_t ns_id;
	uint32_t ns_type, ns_inum;
};

typedef void (*each_fn)(int dir, const char *name, void *ctx);

static bool numeric(const char *name)
{
	return isdigit((unsigned char)*name);
}

/* Calls `each` for every entry of a directory whose name is a number. */
static void each_number(int at, const char *path, each_fn each, void *ctx)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (numeric(entry->d_name))
			each(dirfd(dir), entry->d_name, ctx);
	closedir(dir);
}

/* A whole small file of /proc, NUL-terminated; false when it is gone. */
static bool slurp(const char *path, char *text, size_t size)
{
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 0;

	if (fd < 0)
		return false;
	while (len < size - 1 && (got = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	close(fd);
	text[len] = '\0';
	return got >= 0 && len;
}

static bool read_link(int at, const char *path, char *text, size_t size)
{
	ssize_t len = readlinkat(at, path, text, size - 1);

	if (len <= 0)
		return false;
	text[len] = '\0';
	return true;
}

/* The last number of a line such as "NSpid:\t712\t1": the one inside. */
static int innermost(const char *status, const char *field)
{
	const char *at = strstr(status, field);
	int value = 0;

	if (!at)
		return 0;
	at += strlen(field);
	while (*at == '\t' || *at == ' ') {
		char *end;

		value = (int)strtol(at, &end, 10);
		at = end;
	}
	return value;
}

static bool read_stat(const char *base, struct task *task)
{
	char path[96], text[4096];
	char *open, *end, *at;

	snprintf(path, sizeof(path), "%s/stat", base);
	if (!slurp(path, text, sizeof(text)))
		return false;
	open = strchr(text, '(');
	/* comm may hold anything: the last bracket ends it */
	end = strrchr(text, ')');
	if (!open || !end || end < open)
		return false;
	*end = '\0';
	snprintf(task->comm, sizeof(task->comm), "%s", open + 1);
	if (sscanf(end + 2, "%c %d", &task->state, &task->ppid) != 2)
		return false;
	at = end + 2;
	/* from field 3, the state, to field 22, the start */
	for (int field = 3; field < 22 && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	task->start = at ? strtoull(at, NULL, 10) : 0;
	snprintf(path, sizeof(path), "%s/status", base);
	if (!slurp(path, text, sizeof(text)))
		return false;
	task->ns_tid = innermost(text, "\nNSpid:");
	task->ns_pid = innermost(text, "\nNStgid:");
	return true;
}

static void read_slots(const char *base, struct task *task)
{
	char path[128], name[64];

	for (int i = 0; i < SLOTS; i++) {
		struct ns *ns;
		int fd;

		snprintf(path, sizeof(path), "%s/ns/%s", base, slots[i].link);
		if (!read_link(proc, path, name, sizeof(name)))
			continue;
		task->inum[i] = parse_name(name);
		ns = find_ns(task->inum[i]);
		if (ns && ns->read) {
			ns->how |= BY_TASK;
			continue;
		}
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			learn(fd, BY_TASK);
		else
			learn_name(name, BY_TASK);
	}
}

static void read_socket(int pidfd, const char *number)
{
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(number), 0);
	int ns;

	if (fd < 0)
		return;
	ns = ioctl(fd, SIOCGSKNS);
	if (ns >= 0)
		learn(ns, BY_SOCKET);
	close(fd);
}

static void read_file(int dir, const char *number, void *ctx)
{
	const int *pidfd = ctx;
	char name[256];
	struct ns *ns;
	int fd;

	if (!read_link(dir, number, name, sizeof(name)))
		return;
	if (!strncmp(name, "socket:", 7)) {
		if (*pidfd >= 0)
			read_socket(*pidfd, number);
		return;
	}
	if (!parse_name(name) || !strncmp(name, "pipe:", 5))
		return;
	ns = find_ns(parse_name(name));
	if (ns && ns->read) {
		ns->how |= BY_FD;
		return;
	}
	fd = openat(dir, number, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		learn(fd, BY_FD);
}

static void read_files(const char *base, const struct task *task)
{
	char path[96];
	int pidfd;

	/* threads share one table of files, nearly always */
	if (task->tid != task->pid &&
	    syscall(SYS_kcmp, task->pid, task->tid, KCMP_FILES, 0, 0) == 0)
		return;
	pidfd = task->tid == task->pid ? sys_pidfd_open(task->pid) : -1;
	snprintf(path, sizeof(path), "%s/fd", base);
	each_number(proc, path, read_file, &pidfd);
	if (pidfd >= 0)
		close(pidfd);
}

static void read_task(int dir, const char *number, void *ctx)
{
	const int *pid = ctx;
	struct task task = {.pid = *pid, .tid = atoi(number)};
	char base[64];

	(void)dir;
	snprintf(base, sizeof(base), "%d/task/%d", task.pid, task.tid);
	if (!read_stat(base, &task))
		return;
	read_slots(base, &task);
	found.tasks = grow(found.tasks, &found.tasks_size, found.ntasks, sizeof(task));
	found.tasks[found.ntasks++] = task;
	read_files(base, &task);
}

static void read_process(int dir, const char *number, void *ctx)
{
	int pid = atoi(number);
	char path[64], self[64];

	(void)ctx;
	if (read_link(dir, "self", self, sizeof(self)) && !strcmp(self, number))
		return;
	snprintf(path, sizeof(path), "%d/task", pid);
	each_number(proc, path, read_task, &pid);
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\\' && isdigit((unsigned char)from[1]) && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

/* One line; `root` is how its paths are reached: "" or /proc/PID/root. */
static void read_mount(char *line, const char *root)
{
	char *fields[5], *at = line, *type = strstr(line, " - ");
	char path[8192];
	int fd;

	if (!type || strncmp(type + 3, "nsfs ", 5) != 0)
		return;
	for (int i = 0; i < 5; i++) {
		fields[i] = at;
		at = strchr(at, ' ');
		if (!at)
			return;
		*at++ = '\0';
	}
	unescape(fields[4]);
	snprintf(path, sizeof(path), "%s%s", root, fields[4]);
	/* relative to /proc, or from the root of the mount namespace that nsread has entered */
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		struct stat st;
		uint64_t inum = parse_name(fields[3]);

		/* another mount may lie over it */
		if (fstat(fd, &st) == 0 && st.st_ino == inum) {
			learn(fd, BY_MOUNT);
			return;
		}
		close(fd);
	}
	learn_name(fields[3], BY_MOUNT);
}

static void read_mountinfo(const char *path, const char *root)
{
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (getline(&line, &size, file) > 0)
		read_mount(line, root);
	free(line);
	fclose(file);
}

void read_mounts(void)
{
	read_mountinfo("self/mountinfo", "");
}

/* One task is enough for each mount namespace. */
static bool is_first(size_t index)
{
	uint64_t inum = found.tasks[index].inum[SLOT_MNT];

	for (size_t i = 0; i < index; i++)
		if (found.tasks[i].inum[SLOT_MNT] == inum)
			return false;
	return inum != 0;
}

void read_tasks(void)
{
	each_number(proc, ".", read_process, NULL);
	for (size_t i = 0; i < found.ntasks; i++) {
		const struct task *task = &found.tasks[i];
		char path[64], root[64];

		if (!is_first(i))
			continue;
		snprintf(path, sizeof(path), "%d/task/%d/mountinfo", task->pid, task->tid);
		snprintf(root, sizeof(root), "%d/task/%d/root", task->pid, task->tid);
		read_mountinfo(path, root);
	}
}

void read_lists(void)
{
	struct listns_request request = {.size = sizeof(request)};
	uint64_t ids[64];
	long got;

	while ((got = syscall(NR_LISTNS, &request, ids, 64, 0)) > 0) {
		for (long i = 0; i < got; i++) {
			struct nsfs_handle handle = {
				.bytes = 16, .type = NSFS_FILE_TYPE, .ns_id = ids[i]};
			int fd = (int)syscall(SYS_open_by_handle_at, FD_OF_NSFS, &handle,
					      O_RDONLY | O_CLOEXEC);

			if (fd >= 0)
				learn(fd, BY_LISTNS);
		}
		request.after = ids[got - 1];
	}
}
