// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots on kernels without iterators: through /proc, one process at a time. */
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture_internal.h"

static int mark(struct capture *c, enum nsl_snapshot_event event, capture_fn fn, void *ctx,
		struct nsl_error *e)
{
	c->skel->bss->walk_event = event;
	return program_run(c, c->skel->progs.walk_mark, fn, ctx, e);
}

/* One that has ended since /proc named it is none: its end is in the ring. */
static int walk_process(struct capture *c, pid_t pid, capture_fn fn, void *ctx, struct nsl_error *e)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int err;

	if (fd < 0)
		return errno == ESRCH ? 0
				      : nsl_error_set(e, "cannot look at process %d: %s", (int)pid,
						      strerror(errno));
	c->skel->bss->asked[0] = fd;
	c->skel->bss->walk_last = 0;
	do {
		err = program_run(c, c->skel->progs.walk_process, fn, ctx, e);
	} while (!err && c->skel->bss->walk_more);
	close(fd);
	return err;
}

int walk_snapshot(struct capture *c, capture_fn fn, void *ctx, struct nsl_error *e)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int err;

	if (!proc)
		return nsl_error_set(e, "cannot read /proc: %s", strerror(errno));
	err = mark(c, NSL_SNAPSHOT_BEGIN, fn, ctx, e);
	while (!err && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		err = walk_process(c, (pid_t)atoi(entry->d_name), fn, ctx, e);
	}
	closedir(proc);
	return err ? err : mark(c, NSL_SNAPSHOT_END, fn, ctx, e);
}
