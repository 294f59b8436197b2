// SPDX-License-Identifier: GPL-2.0-only
#include "proc_open.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keepers.h"
#include "proc_tasks.h"

struct search {
	__u32 type, inum;
	struct proc_table *climbed; /* namespaces whose ancestors have been looked at */
	int fd;			    /* found; else -1 */
	__u32 tid;		    /* whom it was found through */
	bool climb;
	bool refused;
};

static void climb(struct search *s, int fd);

static void climb_owned(struct search *s, int fd)
{
	if (fd < 0)
		return;
	climb(s, fd);
	close(fd);
}

/* Is it this one, or one that it descends from or belongs to? */
static void climb(struct search *s, int fd)
{
	struct proc_nsfs facts;
	struct proc_ns *seen;

	if (s->fd >= 0 || !proc_nsfs_read(fd, &facts))
		return;
	if (facts.type == s->type && facts.inum == s->inum) {
		s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		return;
	}
	seen = proc_table_see(s->climbed, facts.type, facts.inum);
	if (!seen || seen->told || (s->type != NSL_USER && s->type != facts.type))
		return;
	seen->told = true;
	if (s->type == NSL_USER)
		climb_owned(s, proc_nsfs_owner(fd));
	if (s->type == NSL_PID)
		climb_owned(s, proc_nsfs_parent(fd));
}

static void climb_any(void *ctx, int fd)
{
	climb(ctx, fd);
}

static bool climbed(struct search *s, __u32 type, __u32 inum)
{
	const struct proc_ns *seen = proc_table_see(s->climbed, type, inum);

	return !seen || seen->told;
}

static int look_at_task(void *ctx, int dir, __u32 pid, __u32 tid)
{
	struct search *s = ctx;

	(void)pid;
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		__u32 inum, type = proc_slot_type[slot];
		int error;

		if (s->climb ? s->type != NSL_USER && type != s->type : type != s->type)
			continue;
		error = proc_slot_inum(dir, tid, slot, &inum);
		if (error == -EACCES || error == -EPERM)
			s->refused = true;
		if (error || (s->climb ? climbed(s, type, inum) : inum != s->inum))
			continue;
		climb_owned(s, proc_slot_open(dir, tid, slot));
		if (s->fd >= 0) {
			s->tid = s->climb ? 0 : tid;
			return 1;
		}
	}
	return 0;
}

static void search_tasks(struct search *s)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		return;
	proc_tasks_each(proc, look_at_task, s);
	/* user and pid namespaces may have children only */
	if (s->fd < 0 && (s->type == NSL_USER || s->type == NSL_PID)) {
		s->climb = true;
		proc_tasks_each(proc, look_at_task, s);
	}
	close(proc);
}

static int not_found(const struct search *s, struct nsl_error *e)
{
	return nsl_error_set(
		e,
		"namespace %s:[%u]: no task, descriptor, bind mount or socket that can be seen "
		"leads to it%s",
		proc_type_name[s->type], s->inum,
		!proc_privileged() ? "; some processes may not be looked at: run as root"
		: s->refused	   ? "; some processes may not be looked at, even by root"
			     : ": it is gone, or only the kernel still holds it; list those that "
			       "are there with lsns or nslens graph");
}

static int open_inum(__u32 type, __u32 inum, struct namespace_handle *h, struct nsl_error *e)
{
	struct search s = {.type = type, .inum = inum, .fd = -1};

	s.climbed = proc_table_new(false, NULL, NULL);
	if (!s.climbed)
		return nsl_error_set(e, "cannot look for a namespace: out of memory");
	search_tasks(&s);
	if (s.fd < 0)
		keepers_each_fd(climb_any, &s);
	if (s.fd < 0)
		keepers_each_listed(1u << type, NULL, climb_any, &s);
	proc_table_free(s.climbed);
	h->type = type;
	h->inum = inum;
	h->tid = s.tid;
	return s.fd >= 0 ? s.fd : not_found(&s, e);
}

static int task_error(const char *spec, __u32 tid, int error, struct nsl_error *e)
{
	if (proc_gone(error))
		return nsl_error_set(e,
				     "namespace %s: task %u is gone, or is a zombie and has only "
				     "its user and pid namespace left",
				     spec, tid);
	return nsl_error_set(e, "namespace %s: task %u may not be looked at: %s; run as root", spec,
			     tid, strerror(-error));
}

static int open_task(const char *spec, __u32 tid, int slot, struct namespace_handle *h,
		     struct nsl_error *e)
{
	struct proc_nsfs facts;
	char path[64];
	int fd, dir;

	snprintf(path, sizeof(path), "/proc/%u", tid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return task_error(spec, tid, -errno, e);
	fd = proc_slot_open(dir, tid, slot);
	close(dir);
	if (fd < 0)
		return task_error(spec, tid, fd, e);
	if (!proc_nsfs_read(fd, &facts)) {
		close(fd);
		return nsl_error_set(e,
				     "namespace %s: the kernel does not say what it is; "
				     "nslens needs Linux 4.11 or later",
				     spec);
	}
	h->type = facts.type;
	h->inum = facts.inum;
	h->tid = tid;
	return fd;
}

static int open_path(const char *spec, struct namespace_handle *h, struct nsl_error *e)
{
	struct proc_nsfs facts;
	int fd = proc_nsfs_open(AT_FDCWD, spec);

	h->tid = 0;
	if (fd >= 0 && proc_nsfs_read(fd, &facts)) {
		h->type = facts.type;
		h->inum = facts.inum;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	if (fd == -EINVAL || fd >= 0)
		return nsl_error_set(
			e,
			"namespace %s: that file is not a namespace (its bind mount is "
			"gone, or lies in another mount namespace); give one like "
			"net:[4026532345], PID/net or /run/netns/NAME",
			spec);
	return nsl_error_set(e,
			     "namespace %s: %s; give one like net:[4026532345], PID/net or "
			     "/run/netns/NAME",
			     spec, strerror(-fd));
}

/* -1: none is called so */
static int slot_by_link(const char *name)
{
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		if (!strcmp(name, proc_slot_link[slot]))
			return slot;
	return -1;
}

static int open_spec(const char *spec, __u32 type, struct namespace_handle *h, struct nsl_error *e)
{
	__u32 got, inum;
	char *end;
	unsigned long tid;
	int slot;

	if (proc_parse_ns(spec, &got, &inum))
		return open_inum(got, inum, h, e);
	errno = 0;
	tid = isdigit((unsigned char)*spec) ? strtoul(spec, &end, 10) : 0;
	if (tid && tid <= 0x7fffffff && !errno) {
		if (!*end && type >= NSL_TYPES)
			return nsl_error_set(e,
					     "task %lu has a namespace of each type: say which, as "
					     "in %lu/net",
					     tid, tid);
		if (!*end)
			return open_task(spec, (__u32)tid, slot_by_link(proc_type_name[type]), h,
					 e);
		slot = *end == '/' || *end == ':' ? slot_by_link(end + 1) : -1;
		if (slot >= 0)
			return open_task(spec, (__u32)tid, slot, h, e);
	}
	return open_path(spec, h, e);
}

int namespace_open(const char *spec, __u32 type, struct namespace_handle *h, struct nsl_error *e)
{
	int fd;

	memset(h, 0, sizeof(*h));
	fd = open_spec(spec, type, h, e);
	if (fd >= 0 && type < NSL_TYPES && type != h->type) {
		close(fd);
		return nsl_error_set(e, "namespace %s: it is of type %s, not %s", spec,
				     proc_type_name[h->type], proc_type_name[type]);
	}
	return fd;
}

static __u32 inum_of(int fd)
{
	struct proc_nsfs facts;
	__u32 inum = 0;

	if (fd < 0)
		return 0;
	if (proc_nsfs_read(fd, &facts))
		inum = facts.inum;
	close(fd);
	return inum;
}

void namespace_family(int fd, __u32 *owner, __u32 *parent)
{
	*owner = inum_of(proc_nsfs_owner(fd));
	/* other types have none: EINVAL */
	*parent = inum_of(proc_nsfs_parent(fd));
}
