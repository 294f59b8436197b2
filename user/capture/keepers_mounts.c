// SPDX-License-Identifier: GPL-2.0-only
/* The mounts of every mount namespace: nsfs bind mounts and procfs instances. */
#include "keepers_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../model/hash.h"
#include "proc_tasks.h"

/* A mount namespace that is known. */
struct keepers_place {
	__u32 inum;
	__u32 pid, tid; /* a task in it; 0: none */
	int fd;		/* its descriptor; -1: none, look at the task */
	bool rooted;	/* the root of that task is that of the namespace */
	bool read;
	UT_hash_handle hh;
};

/* Its mountinfo, and how to get at its paths. */
struct view {
	struct keepers *k;
	struct keepers_place *place;
	int root;  /* O_PATH */
	int error; /* why it could not be read */
	char *text;
	struct proc_mount *mounts;
	size_t n;
};

static struct keepers_place *see_place(struct keepers *k, __u32 inum)
{
	struct keepers_place *p;

	HASH_FIND(hh, k->places, &inum, sizeof(inum), p);
	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->inum = inum;
	p->fd = -1;
	HASH_ADD(hh, k->places, inum, sizeof(p->inum), p);
	if (!HASH_HAS(hh, p)) {
		free(p);
		return NULL;
	}
	return p;
}

/* Only these are read from mounts, or need to know the mounts. */
static bool needed(const struct keepers *k)
{
	const __u32 kinds = 1u << NSL_KEEPER_MOUNT | 1u << NSL_KEEPER_PROC;

	return !k->options->kinds || k->options->kinds & kinds;
}

void keepers_see_mntns(struct keepers *k, int dir, __u32 pid, __u32 tid)
{
	struct keepers_place *p;
	char text[64], root[8];
	__u32 type, inum;

	if (!needed(k) || proc_link(dir, "ns/mnt", text, sizeof(text)) < 0 ||
	    !proc_parse_ns(text, &type, &inum))
		return;
	p = see_place(k, inum);
	if (!p || p->rooted)
		return;
	p->pid = pid;
	p->tid = tid;
	p->rooted = proc_link(dir, "root", root, sizeof(root)) == 1 && *root == '/';
}

static void see_fd(void *ctx, int fd)
{
	struct proc_nsfs ns;
	struct keepers_place *p;

	if (!proc_nsfs_read(fd, &ns) || ns.type != NSL_MNT)
		return;
	p = see_place(ctx, ns.inum);
	if (p && p->fd < 0 && !p->rooted && !p->read)
		p->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* The active pid namespace of the process `pid`, if it is that of the procfs itself. */
static __u32 own_level(int procfs, __u32 pid)
{
	struct proc_status status;
	char path[32], text[8192];
	__u32 type, inum;

	snprintf(path, sizeof(path), "%u/status", pid);
	if (proc_read(procfs, path, text, sizeof(text)) < 0 || !proc_parse_status(text, &status) ||
	    status.levels != 1)
		return 0;
	snprintf(path, sizeof(path), "%u/ns/pid", pid);
	if (proc_link(procfs, path, text, sizeof(text)) < 0 || !proc_parse_ns(text, &type, &inum))
		return 0;
	return inum;
}

/*
 * Which pid namespace the procfs at `fd` shows: that of a process that has one
 * number only in there, as its first one has. None lives after that.
 */
static __u32 pid_ns_of(int fd)
{
	__u32 inum = own_level(fd, 1), pid;
	DIR *dir = inum ? NULL : proc_dir(fd, ".");

	while (dir && !inum && proc_next(dir, &pid))
		inum = own_level(fd, pid);
	if (dir)
		closedir(dir);
	return inum;
}

static struct keepers_procfs *find_procfs(const struct keepers *k, __u32 major, __u32 minor)
{
	for (size_t i = 0; i < k->nprocfs; i++)
		if (k->procfs[i].major == major && k->procfs[i].minor == minor)
			return &k->procfs[i];
	return NULL;
}

bool keepers_is_procfs(const struct keepers *k, __u32 major, __u32 minor)
{
	return find_procfs(k, major, minor);
}

/* Does a server answer for a directory on the way, which it may never do? */
static bool behind_server(const struct view *v, const char *point)
{
	static const char *const servers[] = {"fuse", "autofs", "nfs",	"cifs",
					      "smb",  "9p",	"ceph", "afs"};

	for (size_t i = 0; i < v->n; i++) {
		const struct proc_mount *m = &v->mounts[i];
		size_t len = strlen(m->point);

		if (strncmp(point, m->point, len) || (len > 1 && point[len] != '/'))
			continue;
		for (size_t s = 0; s < sizeof(servers) / sizeof(*servers); s++)
			if (!strncmp(m->fstype, servers[s], strlen(servers[s])))
				return true;
	}
	return false;
}

static int open_mount(const struct view *v, const struct proc_mount *m)
{
	return proc_mount_open(v->root, m, !behind_server(v, m->point));
}

static void learn_procfs(struct view *v, const struct proc_mount *m)
{
	struct keepers *k = v->k;
	struct keepers_procfs *p = find_procfs(k, m->major, m->minor);
	int fd;

	if (!p) {
		p = keepers_more((void **)&k->procfs, &k->nprocfs, sizeof(*p));
		if (!p)
			return;
		*p = (struct keepers_procfs){.major = m->major, .minor = m->minor};
	}
	if (p->pid_ns || strcmp(m->root, "/"))
		return;
	fd = open_mount(v, m);
	if (fd < 0)
		return;
	p->pid_ns = pid_ns_of(fd);
	close(fd);
}

/* A part of a procfs that is mounted whole in the same place needs no line of its own. */
static bool part_of_another(const struct view *v, const struct proc_mount *m)
{
	if (!strcmp(m->root, "/"))
		return false;
	for (size_t i = 0; i < v->n; i++)
		if (v->mounts[i].major == m->major && v->mounts[i].minor == m->minor &&
		    !strcmp(v->mounts[i].root, "/"))
			return true;
	return false;
}

static void tell_procfs(struct view *v, const struct proc_mount *m)
{
	struct keepers *k = v->k;
	const struct keepers_procfs *p = find_procfs(k, m->major, m->minor);

	if (!keepers_want(k, NSL_KEEPER_PROC, NSL_PID) || part_of_another(v, m))
		return;
	if (!p || !p->pid_ns)
		k->report->unresolved[NSL_KEEPER_PROC]++;
	else if (p->pid_ns != k->initial[NSL_PID] || k->options->all_sockets)
		keepers_tell(k, NSL_KEEPER_PROC, NSL_PID, p->pid_ns, NULL, -1, v->place->inum,
			     m->point);
}

static void tell_nsfs(struct view *v, const struct proc_mount *m)
{
	struct keepers *k = v->k;
	int path = -1, fd = -1;
	__u32 type, inum;

	if (!proc_parse_ns(m->root, &type, &inum))
		return;
	if (keepers_opens(k, NSL_KEEPER_MOUNT, type, inum)) {
		path = open_mount(v, m);
		fd = path < 0 ? -1 : proc_nsfs_reopen(path);
	}
	if (path >= 0)
		close(path);
	if (fd >= 0 && type == NSL_MNT)
		see_fd(k, fd);
	keepers_tell_ns(k, NSL_KEEPER_MOUNT, type, inum, fd);
	keepers_tell(k, NSL_KEEPER_MOUNT, type, inum, NULL, -1, v->place->inum, m->point);
	if (fd >= 0)
		close(fd);
}

__u64 keepers_hash_point(__u64 hash, const char *point)
{
	do
		hash = (hash ^ (unsigned char)*point) * 0x100000001b3ULL;
	while (*point++);
	return hash;
}

/* What an open mountinfo or mounts of this namespace is recognised by. */
static void remember(struct view *v)
{
	struct keepers *k = v->k;
	struct keepers_mntns *ns = keepers_more((void **)&k->mntns, &k->nmntns, sizeof(*k->mntns));
	__u64 hash = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct keepers_mount_id *id =
			keepers_more((void **)&k->mounts, &k->nmounts, sizeof(*k->mounts));

		hash = keepers_hash_point(hash, v->mounts[i].point);
		if (id)
			*id = (struct keepers_mount_id){v->mounts[i].id, v->place->inum};
	}
	if (ns)
		*ns = (struct keepers_mntns){v->place->inum, hash};
}

static void read_view(struct view *v)
{
	char *rest = v->text, *line;

	while ((line = proc_next_line(&rest))) {
		struct proc_mount mount, *m;

		if (!proc_parse_mount(line, &mount))
			continue;
		m = keepers_more((void **)&v->mounts, &v->n, sizeof(*m));
		if (m)
			*m = mount;
	}
	remember(v);
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->mounts[i].fstype, "proc"))
			learn_procfs(v, &v->mounts[i]);
	for (size_t i = 0; i < v->n; i++) {
		if (!strcmp(v->mounts[i].fstype, "nsfs"))
			tell_nsfs(v, &v->mounts[i]);
		else if (!strcmp(v->mounts[i].fstype, "proc"))
			tell_procfs(v, &v->mounts[i]);
	}
	free(v->mounts);
}

/* As the task `pid`/`tid` sees it: paths and mountinfo begin at the same root. */
static bool read_as(struct view *v, __u32 pid, __u32 tid)
{
	char path[64];
	bool ok;

	snprintf(path, sizeof(path), "%u/task/%u/root", pid, tid);
	v->root = openat(v->k->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->root < 0) {
		v->error = errno;
		return false;
	}
	snprintf(path, sizeof(path), "%u/task/%u/mountinfo", pid, tid);
	v->text = proc_read_all(v->k->proc, path);
	ok = v->text;
	if (ok)
		read_view(v);
	else
		v->error = errno;
	close(v->root);
	free(v->text);
	return ok;
}

/* As a thread of ours sees it that joins. */
static bool read_joined(struct view *v, int fd)
{
	struct proc_puppet puppet;
	int error = proc_puppet_start(&puppet, fd, NSL_NEWNS);
	bool ok;

	if (error) {
		v->error = -error;
		return false;
	}
	ok = read_as(v, (__u32)getpid(), (__u32)puppet.tid);
	proc_puppet_end(&puppet);
	return ok;
}

static void read_place(struct keepers *k, struct keepers_place *p)
{
	struct view v = {.k = k, .place = p};
	int fd = p->fd;
	bool ok = false;

	p->read = true;
	if (p->rooted)
		ok = read_as(&v, p->pid, p->tid);
	if (!ok && fd < 0 && p->pid) {
		char link[64];

		snprintf(link, sizeof(link), "%u/task/%u/ns/mnt", p->pid, p->tid);
		fd = proc_nsfs_open(k->proc, link);
	}
	if (!ok && fd >= 0)
		ok = read_joined(&v, fd);
	if (!ok && p->pid && !p->rooted)
		ok = read_as(&v, p->pid, p->tid);
	if (fd >= 0)
		close(fd);
	p->fd = -1;
	if (ok)
		k->report->mount_namespaces++;
	else if (!proc_gone(-v.error))
		k->report->mount_namespaces_refused++;
}

static void read_places(struct keepers *k)
{
	/* a mount may lead to another namespace, which goes to the end of the list */
	for (struct keepers_place *p = k->places; p; p = p->hh.next)
		if (!p->read)
			read_place(k, p);
}

/* From the kernel's list, where it has one: nothing else need lead to it. */
static void see_listed(void *ctx, int fd)
{
	const struct keepers *k = ctx;
	struct stat st;

	see_fd(ctx, fd);
	if (k->options->each && !fstat(fd, &st) &&
	    keepers_known(k, (__u32)st.st_ino) == NSL_TYPE_UNKNOWN)
		k->options->each(k->ctx, fd);
}

void keepers_read_mounts(struct keepers *k)
{
	if (!needed(k))
		return;
	keepers_each_mntns(see_listed, k);
	read_places(k);
}

bool keepers_needs_mntns(const struct keepers *k, __u32 inum)
{
	const struct keepers_place *p;

	if (!needed(k))
		return false;
	HASH_FIND(hh, k->places, &inum, sizeof(inum), p);
	return !p || (!p->read && !p->rooted && p->fd < 0);
}

void keepers_found_mntns(struct keepers *k, int fd)
{
	if (!needed(k))
		return;
	see_fd(k, fd);
	read_places(k);
}

void keepers_free_mounts(struct keepers *k)
{
	struct keepers_place *p, *next;

	HASH_ITER (hh, k->places, p, next) {
		HASH_DEL(k->places, p);
		if (p->fd >= 0)
			close(p->fd);
		free(p);
	}
	free(k->procfs);
	free(k->mntns);
	free(k->mounts);
}

static __u32 by_mount_id(const struct keepers *k, __u32 id)
{
	for (size_t i = 0; i < k->nmounts; i++)
		if (k->mounts[i].id == id)
			return k->mounts[i].mntns;
	return 0;
}

static __u32 by_points(const struct keepers *k, __u64 hash)
{
	__u32 found = 0;

	for (size_t i = 0; i < k->nmntns; i++) {
		if (k->mntns[i].points != hash)
			continue;
		if (found)
			return 0; /* two look the same */
		found = k->mntns[i].inum;
	}
	return found;
}

__u32 keepers_mntns_of_file(const struct keepers *k, int fd)
{
	char *text = keepers_text(k, proc_pread_all(fd)), *rest = text, *line;
	__u32 found = 0;
	__u64 hash = 0;

	while (!found && (line = proc_next_line(&rest))) {
		struct proc_mount mount;
		char *copy = strdup(line), *point;

		/* mount ids are the machine's, so one is enough */
		if (copy && proc_parse_mount(copy, &mount)) {
			found = by_mount_id(k, mount.id);
			free(copy);
			if (!found)
				break;
			continue;
		}
		free(copy);
		point = proc_parse_mount_point(line);
		if (point)
			hash = keepers_hash_point(hash, point);
	}
	free(text);
	return found ? found : hash ? by_points(k, hash) : 0;
}
