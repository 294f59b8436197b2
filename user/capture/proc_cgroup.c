// SPDX-License-Identifier: GPL-2.0-only
#include "proc_cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../model/hash.h"

struct cgroup {
	__u64 id;
	UT_hash_handle hh;
	char text[]; /* "controllers:path" */
};

struct proc_cgroups {
	struct cgroup *known;
	char *mountinfo;
	__u64 made_up;
	proc_fn fn;
	void *ctx;
};

struct proc_cgroups *proc_cgroups_new(proc_fn fn, void *ctx)
{
	struct proc_cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fn = fn;
	c->ctx = ctx;
	c->mountinfo = proc_read_all(AT_FDCWD, "/proc/self/mountinfo");
	return c;
}

void proc_cgroups_free(struct proc_cgroups *c)
{
	struct cgroup *known, *next;

	if (!c)
		return;
	HASH_ITER (hh, c->known, known, next) {
		HASH_DEL(c->known, known);
		free(known);
	}
	free(c->mountinfo);
	free(c);
}

/* Is `word` one of the comma-separated `list`? */
static bool in_list(const char *list, const char *word, size_t len)
{
	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, word, len) && (!list[len] || list[len] == ','))
			return true;
	}
	return false;
}

/* Where the whole hierarchy with these controllers is mounted. */
static bool find_mount(const struct proc_cgroups *c, const char *controllers, char *point,
		       size_t size)
{
	const char *fstype = *controllers ? "cgroup" : "cgroup2";
	char *copy = c->mountinfo ? strdup(c->mountinfo) : NULL, *rest = copy, *line;
	bool found = false;

	while (!found && (line = proc_next_line(&rest))) {
		const char *super = strrchr(line, ' ');
		struct proc_mount mount;

		/* the options of the superblock stand last: keep them from being cut */
		super = super ? super + 1 : "";
		if (!proc_parse_mount(line, &mount) || strcmp(mount.fstype, fstype) ||
		    strcmp(mount.root, "/"))
			continue;
		if (*controllers && !in_list(super, controllers, strcspn(controllers, ",")))
			continue;
		snprintf(point, size, "%s", mount.point);
		found = true;
	}
	free(copy);
	return found;
}

/* A cgroup's id is the inode number of its directory. */
static __u64 directory_id(const struct proc_cgroups *c, const char *controllers, const char *path)
{
	char full[2 * PATH_MAX], point[PATH_MAX];
	struct stat st;

	/* "/../x": outside of our own cgroup namespace */
	if (strstr(path, "/..") || !find_mount(c, controllers, point, sizeof(point)))
		return 0;
	snprintf(full, sizeof(full), "%s%s", point, path);
	return stat(full, &st) ? 0 : st.st_ino;
}

static void tell(struct proc_cgroups *c, __u64 id, const char *path)
{
	size_t len = strlen(path) + 1;
	struct nsl_cgroup *event = calloc(1, sizeof(*event) + len);

	if (!event)
		return;
	proc_head(&event->head, NSL_EV_CGROUP, NSL_HOOK_TASK, sizeof(*event) + len);
	event->head.cgroup = id;
	event->id = id;
	memcpy(event->path, path, len);
	c->fn(c->ctx, &event->head);
	free(event);
}

__u64 proc_cgroup_id(struct proc_cgroups *c, char *text)
{
	static const char deleted[] = " (deleted)";
	char *controllers, *path;
	struct cgroup *known, *same;
	size_t len, size;

	if (!proc_parse_cgroup(text, &controllers, &path))
		return 0;
	len = strlen(path);
	if (len > sizeof(deleted) && !strcmp(path + len - sizeof(deleted) + 1, deleted))
		path[len - sizeof(deleted) + 1] = 0;
	size = strlen(controllers) + strlen(path) + 2;
	known = calloc(1, sizeof(*known) + size);
	if (!known)
		return 0;
	snprintf(known->text, size, "%s:%s", controllers, path);
	HASH_FIND_STR(c->known, known->text, same);
	if (same) {
		free(known);
		return same->id;
	}
	known->id = directory_id(c, controllers, path);
	if (!known->id)
		known->id = (1ULL << 63) + ++c->made_up;
	HASH_ADD_STR(c->known, text, known);
	if (!HASH_HAS(hh, known)) {
		free(known);
		return 0;
	}
	tell(c, known->id, path);
	return known->id;
}
