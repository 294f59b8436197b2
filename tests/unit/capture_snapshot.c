// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots: how many tasks are told between two looks at a ring of a given size. */
#include <unistd.h>

#include "../../user/capture/capture_internal.h"
#include "unit.h"

static __u32 ring_size;
static size_t most_asked;

static struct bpf_link *no_link(const struct bpf_program *prog)
{
	(void)prog;
	return (void *)&most_asked;
}

static ssize_t ask(size_t tasks)
{
	most_asked = tasks;
	return 0;
}

int walk_snapshot(struct capture *c, capture_fn fn, void *ctx, struct nsl_error *e)
{
	(void)c, (void)fn, (void)ctx, (void)e;
	return -1;
}

int ring_drain(struct capture *c, capture_fn fn, void *ctx)
{
	(void)c, (void)fn, (void)ctx;
	return 0;
}

/* compiled here once more, without a kernel that has iterators */
#define bpf_map__max_entries(map)	     ring_size
#define bpf_program__attach_iter(prog, opts) no_link(prog)
#define bpf_link__fd(link)		     STDERR_FILENO
#define bpf_link__destroy(link)		     ((void)(link))
#define bpf_iter_create(fd)		     dup(fd)
#define read(fd, bytes, n)		     ask(n)
#include "../../user/capture/snapshot.c"

static size_t asked_of(__u32 bytes)
{
	static struct nslens_bpf skel;
	struct capture c = {.skel = &skel};
	struct nsl_error e;

	ring_size = bytes;
	CHECK_NUM(capture_snapshot(&c, NULL, NULL, &e), 0);
	return most_asked;
}

static void their_rows_fit_into_half_the_ring(void)
{
	CHECK_NUM(asked_of(1 << 20), 128);
	CHECK_NUM(asked_of(16384), 2);
	CHECK_NUM(asked_of(8192), 1);
	/* a page is the least that can be asked for */
	CHECK_NUM(asked_of(4096), 1);
	CHECK_NUM(asked_of(1 << 30), TASKS_AT_ONCE);
}

int main(void)
{
	RUN(their_rows_fit_into_half_the_ring);
	return unit_end();
}
