// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots: BPF iterators that tell what is there already, into the same ring. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capture_internal.h"

/*
 * Tasks between two looks at the ring: their rows, and those of the namespaces that
 * they bring along, must fit into it beside live events.
 */
#define TASKS_AT_ONCE	  1024
#define ROOM_FOR_ONE_TASK 4096u /* ten rows of namespaces, and its own */

static int run_by_hand(struct bpf_program *prog, struct nsl_error *e)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (!bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		return 0;
	return nsl_error_set(e, "cannot run %s by hand: %s (see nslens doctor)",
			     bpf_program__name(prog), strerror(errno));
}

/* One at least: into the smallest ring its rows fit as far as they can. */
static size_t tasks_at_once(size_t ring_bytes, size_t most)
{
	size_t room = ring_bytes / 2 / ROOM_FOR_ONE_TASK;

	return room < 1 ? 1 : room < most ? room : most;
}

static int run_iterator(struct capture *c, struct bpf_program *prog, capture_fn fn, void *ctx,
			struct nsl_error *e)
{
	struct bpf_link *link = bpf_program__attach_iter(prog, NULL);
	char bytes[TASKS_AT_ONCE];
	size_t at_once = tasks_at_once(bpf_map__max_entries(c->skel->maps.ring), sizeof(bytes));
	ssize_t n = -1;
	int fd;

	if (!link)
		return nsl_error_set(e, "cannot run a task iterator: %s (see nslens doctor)",
				     strerror(errno));
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd >= 0) {
		do {
			n = read(fd, bytes, at_once);
			if (fn)
				ring_drain(c, fn, ctx);
		} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
		close(fd);
	}
	bpf_link__destroy(link);
	if (n < 0)
		return nsl_error_set(e, "the task iterator stopped: %s", strerror(errno));
	return 0;
}

int program_run(struct capture *c, struct bpf_program *prog, capture_fn fn, void *ctx,
		struct nsl_error *e)
{
	if (!c->by_hand)
		return run_iterator(c, prog, fn, ctx, e);
	if (run_by_hand(prog, e))
		return -1;
	if (fn)
		ring_drain(c, fn, ctx);
	return 0;
}

int capture_snapshot(struct capture *c, capture_fn fn, void *ctx, struct nsl_error *e)
{
	if (c->by_hand)
		return walk_snapshot(c, fn, ctx, e);
	return program_run(c, c->skel->progs.snapshot, fn, ctx, e);
}

int capture_tell_descriptors(struct capture *c, const int *fds, size_t n, capture_fn fn, void *ctx,
			     struct nsl_error *e)
{
	for (size_t done = 0; done < n;) {
		size_t part = n - done < MAX_ASKED ? n - done : MAX_ASKED;

		memcpy(c->skel->bss->asked, fds + done, part * sizeof(*fds));
		c->skel->bss->nr_asked = (__u32)part;
		if (program_run(c, c->skel->progs.tell_descriptors, fn, ctx, e))
			return -1;
		done += part;
	}
	return 0;
}

bool capture_name(struct capture *c, struct nsl_keeper *event)
{
	return ids_name(c->ids, &event->ns);
}

bool capture_lives(const struct capture *c, __u32 inum)
{
	__u8 one;

	return c->ladder.functions &&
	       !bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.inums), &inum, &one);
}

void capture_reaped(const struct capture *c, __u32 tid)
{
	bpf_map_delete_elem(bpf_map__fd(c->skel->maps.dying), &tid);
}
