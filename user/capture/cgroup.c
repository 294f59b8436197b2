// SPDX-License-Identifier: GPL-2.0-only
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../model/hash.h"

#define FILEID_KERNFS 0xfe /* include/linux/exportfs.h; 5.5 and later */
#define CGROUP2_MAGIC 0x63677270
#define CGROUP1_MAGIC 0x27e0eb

struct known {
	__u64 id;
	UT_hash_handle hh;
};

struct cgroup_paths {
	struct known *known; /* told, since all were forgotten */
	size_t bytes;	     /* of their paths */
	int mount_fd;	     /* of the cgroup2 hierarchy, or -1 */
	size_t mount_len;
	_Alignas(8) char event[sizeof(struct nsl_cgroup) + PATH_MAX];
};

/* "36 25 0:31 / /sys/fs/cgroup rw,… - cgroup2 cgroup2 rw": the mount point of that type. */
static bool find_mount(char *point, size_t size)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[PATH_MAX + 512], path[PATH_MAX];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (strstr(line, " - cgroup2 ") &&
		    sscanf(line, "%*s %*s %*s %*s %4095s", path) == 1) {
			snprintf(point, size, "%s", path);
			found = true;
		}
	}
	if (f)
		fclose(f);
	return found;
}

struct cgroup_paths *cgroup_paths_new(void)
{
	struct cgroup_paths *p = calloc(1, sizeof(*p));
	char point[PATH_MAX];

	if (!p)
		return NULL;
	p->mount_fd = -1;
	if (find_mount(point, sizeof(point))) {
		p->mount_fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		p->mount_len = strcmp(point, "/") ? strlen(point) : 0;
	}
	return p;
}

static void forget(struct cgroup_paths *p)
{
	struct known *k, *next;

	HASH_ITER (hh, p->known, k, next) {
		HASH_DEL(p->known, k);
		free(k);
	}
	p->bytes = 0;
}

void cgroup_paths_free(struct cgroup_paths *p)
{
	if (!p)
		return;
	forget(p);
	if (p->mount_fd >= 0)
		close(p->mount_fd);
	free(p);
}

/* The path below the mount point of the cgroup `id`, which may be gone already. */
static bool path_of(const struct cgroup_paths *p, __u64 id, char *path, size_t size)
{
	_Alignas(8) char room[sizeof(struct file_handle) + sizeof(id)];
	struct file_handle *handle = (void *)room;
	char link[64], target[PATH_MAX];
	ssize_t len;
	int fd;

	handle->handle_bytes = sizeof(id);
	handle->handle_type = FILEID_KERNFS;
	memcpy(handle->f_handle, &id, sizeof(id));
	fd = open_by_handle_at(p->mount_fd, handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	close(fd);
	if (len < (ssize_t)p->mount_len)
		return false;
	target[len] = 0;
	snprintf(path, size, "%s", target[p->mount_len] ? target + p->mount_len : "/");
	return true;
}

/*
 * Containers come and go: when there are many, all are forgotten. What is needed again is told
 * again, before whoever was told has forgotten it.
 */
static bool remember(struct cgroup_paths *p, __u64 id, size_t bytes)
{
	struct known *k = calloc(1, sizeof(*k));

	if (!k)
		return false;
	if (HASH_COUNT(p->known) >= NSL_CGROUPS_TOLD || p->bytes + bytes > NSL_CGROUPS_BYTES)
		forget(p);
	k->id = id;
	HASH_ADD(hh, p->known, id, sizeof(k->id), k);
	if (!HASH_HAS(hh, k)) {
		free(k);
		return false;
	}
	p->bytes += bytes;
	return true;
}

struct nsl_cgroup *cgroup_paths_untold(struct cgroup_paths *p, const struct nsl_head *event,
				       __u64 id)
{
	struct nsl_cgroup *e = (void *)p->event;
	const struct known *k;
	bool found;

	if (p->mount_fd < 0 || !id)
		return NULL;
	HASH_FIND(hh, p->known, &id, sizeof(id), k);
	if (k)
		return NULL;
	e->head = *event;
	e->head.kind = NSL_EV_CGROUP;
	e->id = id;
	found = path_of(p, id, e->path, PATH_MAX);
	if (!remember(p, id, found ? strlen(e->path) + 1 : 0) || !found)
		return NULL;
	e->head.size = (__u16)(sizeof(*e) + strlen(e->path) + 1);
	return e;
}

/* The number of the first v1 controller in `directory`'s hierarchy, as /proc/cgroups lists them. */
static int v1_controller(const char *directory)
{
	char path[PATH_MAX], line[256];
	int found = -1, index = -1;
	char mounts[PATH_MAX + 512], point[PATH_MAX], options[512] = "", type[32];
	size_t best = 0;
	FILE *f;

	if (!realpath(directory, path))
		return -1;
	f = fopen("/proc/self/mountinfo", "re");
	while (f && fgets(mounts, sizeof(mounts), f)) {
		char *dash = strstr(mounts, " - "), super[512];

		if (!dash || sscanf(mounts, "%*s %*s %*s %*s %4095s", point) != 1 ||
		    sscanf(dash, " - %31s %*s %511s", type, super) != 2 || strcmp(type, "cgroup"))
			continue;
		if (!strncmp(path, point, strlen(point)) && strlen(point) > best) {
			best = strlen(point);
			snprintf(options, sizeof(options), ",%s,", super);
		}
	}
	if (f)
		fclose(f);
	f = fopen("/proc/cgroups", "re");
	while (f && found < 0 && fgets(line, sizeof(line), f)) {
		char name[64], marked[72];

		if (*line == '#' || sscanf(line, "%63s", name) != 1)
			continue;
		index++;
		snprintf(marked, sizeof(marked), ",%s,", name);
		if (strstr(options, marked))
			found = index;
	}
	if (f)
		fclose(f);
	return found;
}

int cgroup_resolve(const char *directory, __u64 *id, int *subsys, struct nsl_error *e)
{
	_Alignas(8) char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *handle = (void *)room;
	struct statfs fs;
	int mount_id;

	if (statfs(directory, &fs))
		return nsl_error_set(e,
				     "cgroup %s: %s; give a directory below the cgroup file system",
				     directory, strerror(errno));
	if (fs.f_type != CGROUP2_MAGIC && fs.f_type != CGROUP1_MAGIC)
		return nsl_error_set(e,
				     "cgroup %s: not a cgroup; give a directory below the cgroup "
				     "file system, such as /sys/fs/cgroup/system.slice",
				     directory);
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, directory, handle, &mount_id, 0) ||
	    handle->handle_bytes < sizeof(*id))
		return nsl_error_set(e, "cgroup %s: cannot learn its id: %s", directory,
				     strerror(errno));
	memcpy(id, handle->f_handle, sizeof(*id));
	*subsys = -1;
	if (fs.f_type == CGROUP1_MAGIC) {
		*subsys = v1_controller(directory);
		if (*subsys < 0)
			return nsl_error_set(
				e,
				"cgroup %s: its hierarchy has no controller; give one of "
				"the default hierarchy (cgroup2)",
				directory);
	}
	return 0;
}
