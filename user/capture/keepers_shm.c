// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attached SysV segments. A mapping tells key and number of its segment, not its
 * ipc namespace: that is told only where a single namespace has such a segment.
 */
#include "keepers_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_tasks.h"

struct segment {
	__u32 ipc; /* inode number of the namespace */
	struct proc_shm shm;
};

/* A process with a mapping. */
struct mapping {
	__u32 pid;
	struct proc_shm shm;
};

/* An ipc namespace, and a task in it. */
struct ipc {
	__u32 inum;
	__u32 pid, tid;
};

struct shm {
	struct keepers *k;
	struct mapping *mappings;
	struct ipc *ipcs;
	struct segment *segments;
	size_t nmappings, nipcs, nsegments;
	__u32 pid; /* last one whose maps were read */
};

static void see_mappings(struct shm *s, int dir, __u32 pid)
{
	char *text = proc_read_all(dir, "maps"), *rest = text, *line;

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

static int see_task(void *ctx, int dir, __u32 pid, __u32 tid)
{
	struct shm *s = ctx;
	char text[64];
	__u32 type, inum;
	struct ipc *ipc;

	if (pid != s->pid)
		see_mappings(s, dir, pid);
	s->pid = pid;
	if (proc_link(dir, "ns/ipc", text, sizeof(text)) < 0 || !proc_parse_ns(text, &type, &inum))
		return 0;
	for (size_t i = s->nipcs; i--;)
		if (s->ipcs[i].inum == inum)
			return 0;
	ipc = keepers_more((void **)&s->ipcs, &s->nipcs, sizeof(*ipc));
	if (ipc)
		*ipc = (struct ipc){inum, pid, tid};
	return 0;
}

static void read_segments(struct shm *s, const struct ipc *ipc)
{
	char link[64], *text = NULL, *rest, *line;
	int fd;

	snprintf(link, sizeof(link), "%u/task/%u/ns/ipc", ipc->pid, ipc->tid);
	fd = proc_nsfs_open(s->k->proc, link);
	if (fd >= 0) {
		text = proc_read_inside(fd, NSL_NEWIPC, "sysvipc/shm");
		close(fd);
	}
	for (rest = text; (line = proc_next_line(&rest));) {
		struct segment *segment;
		struct proc_shm shm;

		if (!proc_parse_shm(line, &shm) || !shm.attached)
			continue;
		segment = keepers_more((void **)&s->segments, &s->nsegments, sizeof(*segment));
		if (segment)
			*segment = (struct segment){ipc->inum, shm};
	}
	free(text);
}

/* The only namespace that has such a segment attached; 0: none, or several. `own`: one of them. */
static __u32 ipc_of(const struct shm *s, const struct proc_shm *shm, __u32 own, bool *in_own)
{
	__u32 found = 0;
	bool several = false;

	*in_own = false;
	for (size_t i = 0; i < s->nsegments; i++) {
		const struct segment *segment = &s->segments[i];

		if (segment->shm.id != shm->id || segment->shm.key != shm->key)
			continue;
		*in_own = *in_own || segment->ipc == own;
		several = several || found;
		found = segment->ipc;
	}
	return several ? 0 : found;
}

static void tell_segment(struct shm *s, struct keepers_holder *holder, const struct proc_shm *shm)
{
	bool in_own;
	__u32 inum = ipc_of(s, shm, keepers_own(holder, NSL_IPC), &in_own);
	char path[64];

	/* nearly always a member that uses its own */
	if (in_own && !s->k->options->all_sockets)
		return;
	if (!inum) {
		s->k->report->unresolved[NSL_KEEPER_SHM]++;
		return;
	}
	snprintf(path, sizeof(path), "SysV segment %u, key 0x%08x", shm->id, shm->key);
	keepers_tell(s->k, NSL_KEEPER_SHM, NSL_IPC, inum, holder, -1, 0, path);
}

static void tell_mapping(struct shm *s, const struct mapping *m)
{
	struct keepers_holder holder = {.pid = m->pid, .pidfd = -1};
	char path[16];

	snprintf(path, sizeof(path), "%u", m->pid);
	holder.dir = openat(s->k->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (holder.dir < 0)
		return;
	tell_segment(s, &holder, &m->shm);
	close(holder.dir);
}

void keepers_read_shm(struct keepers *k)
{
	struct shm s = {.k = k};

	if (!keepers_want(k, NSL_KEEPER_SHM, NSL_IPC))
		return;
	proc_tasks_each(k->proc, see_task, &s);
	for (size_t i = 0; s.nmappings && i < s.nipcs; i++)
		read_segments(&s, &s.ipcs[i]);
	for (size_t i = 0; i < s.nmappings; i++)
		tell_mapping(&s, &s.mappings[i]);
	free(s.mappings);
	free(s.ipcs);
	free(s.segments);
}
