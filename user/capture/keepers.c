// SPDX-License-Identifier: GPL-2.0-only
#include "keepers_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/model.h"
#include "proc_tasks.h"

bool keepers_want(const struct keepers *k, enum nsl_keeper_kind kind, __u32 type)
{
	const struct keepers_options *o = k->options;

	return (!o->kinds || o->kinds & (1u << kind)) && (!o->types || o->types & (1u << type));
}

void *keepers_more(void **array, size_t *n, size_t size)
{
	/* room doubles: n is a power of two when it is full */
	if (!(*n & (*n - 1))) {
		void *more = realloc(*array, (*n ? 2 * *n : 1) * size);

		if (!more)
			return NULL;
		*array = more;
	}
	return (char *)*array + (*n)++ * size;
}

char *keepers_text(const struct keepers *k, char *text)
{
	if (!text && errno == EFBIG)
		k->report->too_long++;
	return text;
}

__u32 keepers_own(struct keepers_holder *holder, __u32 type)
{
	char path[32], text[64];
	__u32 got, inum;

	if (!holder->own[type]) {
		snprintf(path, sizeof(path), "ns/%s", nsm_type_name(type));
		if (proc_link(holder->dir, path, text, sizeof(text)) > 0 &&
		    proc_parse_ns(text, &got, &inum))
			holder->own[type] = inum;
	}
	return holder->own[type];
}

static const char *comm_of(struct keepers_holder *holder)
{
	struct proc_stat stat;
	char text[1024];

	if (!holder->have_comm && proc_read(holder->dir, "stat", text, sizeof(text)) > 0 &&
	    proc_parse_stat(text, &stat))
		memcpy(holder->comm, stat.comm, sizeof(stat.comm));
	holder->have_comm = true;
	return holder->comm;
}

static bool wanted(const struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum)
{
	return keepers_want(k, kind, type) && (!k->options->inum || k->options->inum == inum);
}

__u32 keepers_known(const struct keepers *k, __u32 inum)
{
	return k->options->known ? k->options->known(k->ctx, inum) : (__u32)NSL_TYPE_UNKNOWN;
}

bool keepers_opens(const struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum)
{
	if ((type == NSL_MNT && keepers_needs_mntns(k, inum)) ||
	    (type == NSL_IPC && keepers_needs_ipc(k, inum)))
		return true;
	if (k->options->each)
		return keepers_known(k, inum) == NSL_TYPE_UNKNOWN;
	return wanted(k, kind, type, inum);
}

void keepers_tell_ns(struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum, int fd)
{
	if (fd >= 0 && type == NSL_IPC)
		keepers_found_ipc(k, inum, fd);
	if (!k->options->each && wanted(k, kind, type, inum))
		proc_table_tell(k->table, type, inum, fd);
	else if (k->options->each && fd >= 0 && keepers_known(k, inum) == NSL_TYPE_UNKNOWN)
		k->options->each(k->ctx, fd);
}

void keepers_tell(struct keepers *k, enum nsl_keeper_kind kind, __u32 type, __u32 inum,
		  struct keepers_holder *holder, int fd, __u32 where, const char *path)
{
	size_t len = path ? strlen(path) + 1 : 0;
	struct nsl_keeper *event;

	if (!wanted(k, kind, type, inum))
		return;
	event = calloc(1, sizeof(*event) + len);
	if (!event)
		return;
	proc_head(&event->head, NSL_EV_KEEPER, NSL_HOOK_TASK, sizeof(*event) + len);
	event->ns.inum = inum;
	event->type = type;
	event->kind = kind;
	event->fd = fd;
	event->where = where;
	if (holder) {
		event->pid = holder->pid;
		memcpy(event->comm, comm_of(holder), sizeof(event->comm));
	}
	if (path)
		memcpy(event->path, path, len);
	k->report->found++;
	k->fn(k->ctx, &event->head);
	free(event);
}

static int see_task(void *ctx, int dir, __u32 pid, __u32 tid)
{
	keepers_see_mntns(ctx, dir, pid, tid);
	keepers_see_shm(ctx, dir, pid, tid);
	return 0;
}

static int run(struct keepers *k, struct nsl_error *e)
{
	int result = -1;

	memset(k->report, 0, sizeof(*k->report));
	k->report->unprivileged = !proc_privileged();
	k->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	k->table = proc_table_new(false, k->fn, k->ctx);
	if (!k->table) {
		nsl_error_set(e, "cannot look for what holds namespaces: out of memory");
	} else if (k->proc < 0 || faccessat(k->proc, "self/ns", F_OK, 0)) {
		nsl_error_set(e, "cannot read /proc: %s; mount it: mount -t proc proc /proc",
			      strerror(errno));
	} else {
		proc_initial(k->proc, k->initial);
		if (keepers_want(k, NSL_KEEPER_SHM, NSL_IPC))
			k->shm = keepers_new_shm();
		proc_tasks_each(k->proc, see_task, k);
		keepers_read_mounts(k);
		keepers_read_fds(k);
		keepers_tell_shm(k);
		result = 0;
	}
	keepers_free_mounts(k);
	keepers_free_shm(k->shm);
	proc_table_free(k->table);
	if (k->proc >= 0)
		close(k->proc);
	return result;
}

int keepers_read(const struct keepers_options *o, proc_fn fn, void *ctx,
		 struct keepers_report *report, struct nsl_error *e)
{
	struct keepers k = {.options = o, .report = report, .fn = fn, .ctx = ctx};

	return run(&k, e);
}
