// SPDX-License-Identifier: GPL-2.0-only
/* The ring: what comes out of it, and what is missing in it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../model/model.h"
#include "capture_internal.h"
#include "milestone.h"
#include "misses.h"
#include "tree.h"

#define MISSES_EVERY_NS 250000000u
#define QUIET_EVERY_NS	1000000000u
#define MAX_EVENT	1024
#define MAX_AT_ONCE	65536 /* more than the default ring holds */

_Static_assert(sizeof(struct nsl_call_begin) <= MAX_EVENT && sizeof(struct nsl_task) <= MAX_EVENT &&
		       sizeof(struct nsl_milestone_raw) <= MAX_EVENT,
	       "the largest events");

/* Runs find_init once: where the initial nsproxy lies must be known before a hook runs. */
static int find_initial(struct capture *c, struct nsl_error *e)
{
	if (program_run(c, c->skel->progs.find_init, NULL, NULL, e))
		return -1;
	if (!c->skel->bss->init_nsproxy_addr)
		return nsl_error_set(e, "cannot find the initial nsproxy: the task iterator showed "
					"no way up to the kernel's first task (see nslens doctor)");
	if (!ids_set_initial(c->ids, c->skel->bss->init_nsproxy_addr))
		return nsl_error_set(e, "out of memory");
	return 0;
}

static void tell_losses(struct capture *c, const struct nsl_head *before);

/* After a loss. Where a graph is kept, the snapshot that follows tells what still lives. */
static void forget(struct capture *c)
{
	if (!c->keeps_graph)
		ids_forget(c->ids);
}

static void tell_cgroup(struct capture *c, const struct nsl_head *event, __u64 id)
{
	struct nsl_cgroup *path = cgroup_paths_untold(c->cgroups, event, id);

	if (path)
		c->fn(c->fn_ctx, &path->head);
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct capture *c = ctx;
	const struct nsl_head *given = data;
	_Alignas(8) char copy[MAX_EVENT];
	struct nsl_head *event = (void *)copy;

	if (size < sizeof(*given) || given->size > sizeof(copy) || given->size > size)
		return 0;
	/* the ring is mapped read-only, and ids are written in place */
	memcpy(copy, data, given->size);
	if (event->lost > c->seen_lost) {
		c->seen_lost = event->lost;
		forget(c);
		tell_losses(c, event);
	}
	tell_cgroup(c, event, event->cgroup);
	if (event->kind == NSL_EV_TASK)
		tell_cgroup(c, event, ((struct nsl_task *)event)->cgroup);
	if (event->kind == NSL_EV_MILESTONE && event->size == sizeof(struct nsl_milestone_raw))
		milestone_finish((struct nsl_milestone_raw *)event);
	if (ids_translate(c->ids, event)) {
		c->fn(c->fn_ctx, event);
	} else {
		c->nameless[event->hook < NSL_HOOKS ? event->hook : NSL_HOOK_CALL]++;
		forget(c);
		tell_losses(c, event);
	}
	if (!c->keeps_graph && !c->ladder.functions && ids_many(c->ids))
		ids_sweep(c->ids, NULL, NULL);
	c->delivered++;
	/* events may come as fast as they are read: the caller has other things to look at */
	return c->delivered < MAX_AT_ONCE ? 0 : -ECANCELED;
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000u + (__u64)ts.tv_nsec;
}

/* One event for each group of hooks that lost something since the last time. */
static void tell_losses(struct capture *c, const struct nsl_head *before)
{
	for (int hook = 0; hook < NSL_HOOKS; hook++) {
		__u64 all = c->skel->bss->lost_by_hook[hook] + c->missed[hook] + c->nameless[hook];
		struct nsl_lost lost = {
			.head = {.size = sizeof(lost),
				 .version = NSL_EVENT_VERSION,
				 .kind = NSL_EV_LOST,
				 .hook = (__u8)hook,
				 .lost = c->seen_lost},
			.count = all - c->told_lost[hook],
			.hook = (__u32)hook,
		};

		if (!lost.count)
			continue;
		c->told_lost[hook] = all;
		lost.head.ts = before ? before->ts : now_ns();
		c->fn(c->fn_ctx, &lost.head);
	}
}

struct capture *capture_open(const struct capture_options *options, const struct machine *m,
			     struct nsl_error *e)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (!c) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	c->stats_fd = c->handlers[0] = c->handlers[1] = -1;
	c->machine = m;
	c->cgroups = cgroup_paths_new();
	if (!c->cgroups) {
		nsl_error_set(e, "out of memory");
		goto fail;
	}
	if (programs_load(c, options, e))
		goto fail;
	c->ids = ids_new(c->ladder.functions);
	if (!c->ids) {
		nsl_error_set(e, "out of memory");
		goto fail;
	}
	c->ring = ring_buffer__new(bpf_map__fd(c->skel->maps.ring), on_event, c, NULL);
	if (!c->ring) {
		nsl_error_set(e, "cannot map the ring buffer: %s", strerror(errno));
		goto fail;
	}
	if (options->cost) {
		c->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (c->stats_fd < 0) {
			nsl_error_set(e, "--cost: the kernel does not measure programs: %s",
				      strerror(errno));
			goto fail;
		}
	}
	if (find_initial(c, e))
		goto fail;
	return c;
fail:
	capture_close(c);
	return NULL;
}

void capture_initial(const struct capture *c, __u32 inums[NSL_TYPES])
{
	const struct nsl_view *v = &c->skel->bss->init_view;

	for (int slot = 0; slot < NSL_SLOTS; slot++)
		inums[nsm_slot_type(slot)] = v->slot[slot].inum;
}

const struct ladder *capture_ladder(const struct capture *c)
{
	return &c->ladder;
}

bool capture_milestones(const struct capture *c)
{
	return c->wants_milestones;
}

int capture_follow(struct capture *c, pid_t pid, bool descendants, struct nsl_error *e)
{
	return tree_follow(bpf_map__fd(c->skel->maps.tree), pid, descendants, e);
}

/*
 * What the kernel left out is only counted: where it belongs in the stream is not
 * known. Told soon, it still marks what is open.
 */
static void read_misses(struct capture *c)
{
	__u64 missed[NSL_HOOKS] = {0};
	bool more = false;

	for (size_t i = 0; i < c->nlinks; i++)
		if (!c->links[i].covered)
			missed[c->links[i].hook] +=
				misses_of_program(bpf_program__fd(c->links[i].prog)) +
				misses_of_link(bpf_link__fd(c->links[i].link));
	for (int hook = 0; hook < NSL_HOOKS; hook++) {
		more |= missed[hook] != c->missed[hook];
		c->missed[hook] = missed[hook];
	}
	c->misses_read = now_ns();
	c->unread = 0;
	if (!more)
		return;
	forget(c);
	tell_losses(c, NULL);
}

int ring_drain(struct capture *c, capture_fn fn, void *ctx)
{
	c->fn = fn;
	c->fn_ctx = ctx;
	c->delivered = 0;
	ring_buffer__consume(c->ring);
	return c->delivered;
}

int capture_poll(struct capture *c, int timeout_ms, capture_fn fn, void *ctx)
{
	__u64 lost = __atomic_load_n(&c->skel->bss->lost_total, __ATOMIC_ACQUIRE);

	c->fn = fn;
	c->fn_ctx = ctx;
	c->delivered = 0;
	/* programs wake us only when much waits: after the timeout look ourselves */
	if (!ring_buffer__poll(c->ring, timeout_ms))
		ring_buffer__consume(c->ring);
	/*
	 * Nothing comes any more that would tell. Only what was lost before this look at
	 * the ring: of a later loss, what came before it may still lie there.
	 */
	if (!c->delivered && lost > c->seen_lost) {
		c->seen_lost = lost;
		forget(c);
		tell_losses(c, NULL);
	}
	c->unread += c->delivered;
	if (now_ns() - c->misses_read > (c->unread ? MISSES_EVERY_NS : QUIET_EVERY_NS))
		read_misses(c);
	return c->delivered;
}

__u64 capture_missed(const struct capture *c)
{
	__u64 sum = 0;

	for (int hook = 0; hook < NSL_HOOKS; hook++)
		sum += c->missed[hook];
	return sum;
}

void capture_sweep(struct capture *c, bool (*used)(void *ctx, bool nsproxy, __u64 id), void *ctx)
{
	ids_sweep(c->ids, used, ctx);
}

void capture_stop(struct capture *c, capture_fn fn, void *ctx)
{
	c->skel->bss->enabled = false;
	while (capture_poll(c, 0, fn, ctx) > 0)
		;
	read_misses(c);
	c->seen_lost = c->skel->bss->lost_total;
	tell_losses(c, NULL);
}

__u64 capture_forks(const struct capture *c)
{
	__u64 sum = 0;

	for (size_t i = 0; i < sizeof(c->skel->bss->forks) / sizeof(*c->skel->bss->forks); i++)
		sum += c->skel->bss->forks[i][0];
	return sum;
}

__u64 capture_others(const struct capture *c)
{
	return c->skel->bss->others;
}

size_t capture_tree(const struct capture *c, pid_t *pids, size_t max)
{
	return tree_members(bpf_map__fd(c->skel->maps.tree), pids, max);
}

size_t capture_programs(struct capture *c, struct capture_program *rows, size_t max)
{
	struct bpf_program *prog;
	size_t n = 0;

	bpf_object__for_each_program(prog, c->skel->obj)
	{
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);

		if (!bpf_program__autoload(prog) || prog == c->skel->progs.find_init ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			continue;
		if (n < max)
			rows[n] = (struct capture_program){bpf_program__name(prog), info.run_cnt,
							   info.run_time_ns};
		n++;
	}
	return n;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	links_release(c);
	if (c->stats_fd >= 0)
		close(c->stats_fd);
	ring_buffer__free(c->ring);
	nslens_bpf__destroy(c->skel);
	for (int i = 0; i < 2; i++)
		if (c->handlers[i] >= 0)
			libbpf_unregister_prog_handler(c->handlers[i]);
	ids_free(c->ids);
	cgroup_paths_free(c->cgroups);
	free(c);
}
