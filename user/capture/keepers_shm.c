// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attached SysV segments. A mapping tells key and number of its segment, not its ipc
 * namespace, and others may have the same. It is certain where one namespace only has
 * such a segment, and as many mappings of it as are seen; else inodes are compared.
 */
#include "keepers_internal.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "proc_tasks.h"

/* Read when it is asked for: that takes attaching the segment. */
struct identity {
	bool asked, known;
	struct proc_inode inode;
};

struct segment {
	size_t ipc; /* which one of them */
	struct proc_shm shm;
	struct identity identity;
};

/* A process with a mapping. */
struct mapping {
	__u32 pid;
	struct proc_shm shm;
};

/* An ipc namespace, and a task in it or a descriptor of it. */
struct ipc {
	__u32 inum;
	__u32 pid, tid;
	int fd; /* -1: none */
};

struct keepers_shm {
	struct mapping *mappings;
	struct ipc *ipcs;
	struct segment *segments;
	size_t nmappings, nipcs, nsegments;
	__u32 pid; /* last one whose maps were read */
};

static void see_mappings(struct keepers *k, int dir, __u32 pid)
{
	char *text = keepers_text(k, proc_read_all(dir, "maps")), *rest = text, *line;
	struct keepers_shm *s = k->shm;

	/* most have none */
	if (text && strstr(text, " /SYSV")) {
		while ((line = proc_next_line(&rest))) {
			struct mapping *m;
			struct proc_shm shm;

			if (!proc_parse_shm_map(line, &shm))
				continue;
			m = keepers_more((void **)&s->mappings, &s->nmappings, sizeof(*m));
			if (m)
				*m = (struct mapping){pid, shm};
		}
	}
	free(text);
}

static bool known_ipc(const struct keepers_shm *s, __u32 inum)
{
	for (size_t i = s->nipcs; i--;)
		if (s->ipcs[i].inum == inum)
			return true;
	return false;
}

static void see_ipc(struct keepers_shm *s, struct ipc found)
{
	struct ipc *ipc = keepers_more((void **)&s->ipcs, &s->nipcs, sizeof(*ipc));

	if (ipc)
		*ipc = found;
	else if (found.fd >= 0)
		close(found.fd);
}

void keepers_see_shm(struct keepers *k, int dir, __u32 pid, __u32 tid)
{
	struct keepers_shm *s = k->shm;
	char text[64];
	__u32 type, inum;

	if (!s)
		return;
	if (pid != s->pid)
		see_mappings(k, dir, pid);
	s->pid = pid;
	if (proc_link(dir, "ns/ipc", text, sizeof(text)) > 0 && proc_parse_ns(text, &type, &inum) &&
	    !known_ipc(s, inum))
		see_ipc(s, (struct ipc){inum, pid, tid, -1});
}

static int open_ipc(const struct keepers *k, const struct ipc *ipc)
{
	char link[64];

	if (ipc->fd >= 0)
		return fcntl(ipc->fd, F_DUPFD_CLOEXEC, 0);
	snprintf(link, sizeof(link), "%u/task/%u/ns/ipc", ipc->pid, ipc->tid);
	return proc_nsfs_open(k->proc, link);
}

/* What is done inside an ipc namespace. */
struct visit {
	int proc;
	int table; /* the open list of segments; -1: not opened */
	const struct proc_shm *shm;
	struct identity *identity;
};

static void visit(const struct keepers *k, const struct ipc *ipc, void (*fn)(void *ctx),
		  struct visit *v)
{
	int fd = open_ipc(k, ipc);

	if (fd < 0)
		return;
	v->proc = k->proc;
	proc_inside(fd, NSL_NEWIPC, fn, v);
	close(fd);
}

static void open_table(void *ctx)
{
	struct visit *v = ctx;

	v->table = openat(v->proc, "sysvipc/shm", O_RDONLY | O_CLOEXEC);
}

static void read_segments(struct keepers *k, size_t ipc)
{
	struct keepers_shm *s = k->shm;
	struct visit v = {.table = -1};
	char *text, *rest, *line;

	visit(k, &s->ipcs[ipc], open_table, &v);
	if (v.table < 0)
		return;
	text = keepers_text(k, proc_read_stream(v.table));
	close(v.table);
	for (rest = text; (line = proc_next_line(&rest));) {
		struct segment *segment;
		struct proc_shm shm;

		if (!proc_parse_shm(line, &shm) || !shm.attached)
			continue;
		segment = keepers_more((void **)&s->segments, &s->nsegments, sizeof(*segment));
		if (segment)
			*segment = (struct segment){.ipc = ipc, .shm = shm};
	}
	free(text);
}

static bool read_identity(int proc, const char *who, __u64 start, __u64 end, struct proc_inode *i)
{
	char link[80];

	snprintf(link, sizeof(link), "%s/map_files/%llx-%llx", who, start, end);
	return proc_inode_read(proc, link, i);
}

static void attach(void *ctx)
{
	struct visit *v = ctx;
	__u64 page = (__u64)sysconf(_SC_PAGESIZE), start;
	struct shmid_ds segment;
	void *at;

	if (shmctl((int)v->shm->id, IPC_STAT, &segment) || !segment.shm_nattch)
		return;
	at = shmat((int)v->shm->id, NULL, SHM_RDONLY);
	if (at == (void *)-1)
		return;
	start = (__u64)(uintptr_t)at;
	v->identity->known = read_identity(v->proc, "self", start,
					   start + (segment.shm_segsz + page - 1) / page * page,
					   &v->identity->inode);
	shmdt(at);
}

static bool is_behind(const struct keepers *k, struct segment *segment, const struct proc_inode *i)
{
	struct visit v = {.table = -1, .shm = &segment->shm, .identity = &segment->identity};

	if (!segment->identity.asked)
		visit(k, &k->shm->ipcs[segment->ipc], attach, &v);
	segment->identity.asked = true;
	return segment->identity.known && proc_inode_same(&segment->identity.inode, i);
}

static bool alike(const struct proc_shm *a, const struct proc_shm *b)
{
	return a->id == b->id && a->key == b->key;
}

static __u32 ipc_by_inode(const struct keepers *k, const struct mapping *m)
{
	const struct keepers_shm *s = k->shm;
	struct proc_inode inode;
	char pid[16];

	snprintf(pid, sizeof(pid), "%u", m->pid);
	if (!read_identity(k->proc, pid, m->shm.start, m->shm.end, &inode))
		return 0;
	for (size_t i = 0; i < s->nsegments; i++)
		if (alike(&s->segments[i].shm, &m->shm) && is_behind(k, &s->segments[i], &inode))
			return s->ipcs[s->segments[i].ipc].inum;
	return 0;
}

/* 0: none that can be seen. */
static __u32 ipc_of(const struct keepers *k, const struct mapping *m)
{
	const struct keepers_shm *s = k->shm;
	size_t candidates = 0, mappings = 0, last = 0;

	for (size_t i = 0; i < s->nsegments; i++) {
		if (!alike(&s->segments[i].shm, &m->shm))
			continue;
		candidates++;
		last = i;
	}
	for (size_t i = 0; i < s->nmappings; i++)
		mappings += alike(&s->mappings[i].shm, &m->shm);
	if (!candidates)
		return 0;
	if (candidates == 1 && s->segments[last].shm.attached == mappings)
		return s->ipcs[s->segments[last].ipc].inum;
	return ipc_by_inode(k, m);
}

static bool has_segment(const struct keepers_shm *s, __u32 inum, const struct proc_shm *shm)
{
	for (size_t i = 0; i < s->nsegments; i++)
		if (alike(&s->segments[i].shm, shm) && s->ipcs[s->segments[i].ipc].inum == inum)
			return true;
	return false;
}

static void tell_segment(struct keepers *k, struct keepers_holder *holder, const struct mapping *m)
{
	char path[64];
	__u32 inum;

	/* nearly always a member that uses its own */
	if (!k->options->all_sockets && has_segment(k->shm, keepers_own(holder, NSL_IPC), &m->shm))
		return;
	inum = ipc_of(k, m);
	if (!inum) {
		k->report->unresolved[NSL_KEEPER_SHM]++;
		return;
	}
	snprintf(path, sizeof(path), "SysV segment %u, key 0x%08x", m->shm.id, m->shm.key);
	keepers_tell(k, NSL_KEEPER_SHM, NSL_IPC, inum, holder, -1, 0, path);
}

static void tell_mapping(struct keepers *k, const struct mapping *m)
{
	struct keepers_holder holder = {.pid = m->pid, .pidfd = -1};
	char path[16];

	snprintf(path, sizeof(path), "%u", m->pid);
	holder.dir = openat(k->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (holder.dir < 0)
		return;
	tell_segment(k, &holder, m);
	close(holder.dir);
}

bool keepers_needs_ipc(const struct keepers *k, __u32 inum)
{
	return k->shm && k->shm->nmappings && !known_ipc(k->shm, inum);
}

void keepers_found_ipc(struct keepers *k, __u32 inum, int fd)
{
	if (keepers_needs_ipc(k, inum))
		see_ipc(k->shm, (struct ipc){.inum = inum, .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)});
}

void keepers_tell_shm(struct keepers *k)
{
	struct keepers_shm *s = k->shm;

	if (!s)
		return;
	for (size_t i = 0; s->nmappings && i < s->nipcs; i++)
		read_segments(k, i);
	for (size_t i = 0; i < s->nmappings; i++)
		tell_mapping(k, &s->mappings[i]);
}

struct keepers_shm *keepers_new_shm(void)
{
	return calloc(1, sizeof(struct keepers_shm));
}

void keepers_free_shm(struct keepers_shm *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nipcs; i++)
		if (s->ipcs[i].fd >= 0)
			close(s->ipcs[i].fd);
	free(s->mappings);
	free(s->ipcs);
	free(s->segments);
	free(s);
}
