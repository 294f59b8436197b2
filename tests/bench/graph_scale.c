// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the live graph costs: time for each event, memory for each task and
 * namespace, at 10,000 namespaces with 100,000 tasks and at a tenth of that. The
 * events are made here; making them is not measured.
 *
 * Containers of seven namespaces and seventy tasks fill the graph. Then others
 * are made, live and die, while tasks of the old ones move, fork and exit.
 * Exit status 1: a limit is exceeded.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../user/model/graph.h"

#define OWN	     7 /* namespaces of a container: all but time */
#define BATCHES	     301
#define BATCH	     200 /* containers that are made, and as many that go */
#define MAX_NS	     1000.0
#define MAX_BYTES    200.0
#define MAX_GROWTH   1.5
#define FIRST_NS     100u
#define FIRST_BIRTH  10000000u /* tids of tasks that come later */
#define INITIAL_USER 8u

struct size {
	uint32_t namespaces, tasks;
};

struct run {
	struct nsg *g;
	struct size size;
	char *events; /* one after the other */
	size_t used, cap, n;
	uint64_t ts, next_ns, next_nsproxy;
	uint32_t next_tid, old_tid; /* old: first of the batch that dies now */
	uint64_t old_ns, old_nsproxy;
	uint64_t random;
	double task_bytes, ns_bytes;
	double all[BATCHES];
};

static void stop(const char *why)
{
	fprintf(stderr, "graph_scale: %s\n", why);
	exit(2);
}

static uint32_t any(struct run *r, uint32_t n)
{
	r->random = r->random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(r->random >> 33) % n;
}

static void put(struct run *r, void *event, size_t size, enum nsl_kind kind, uint32_t tid)
{
	struct nsl_head *h = event;

	h->size = (uint16_t)size;
	h->version = NSL_EVENT_VERSION;
	h->kind = (uint8_t)kind;
	h->ts = r->ts += 1000;
	h->pid = h->tid = tid;
	memcpy(h->comm, "bench", 6);
	if (r->used + size > r->cap)
		stop("the batch does not fit its buffer");
	memcpy(r->events + r->used, event, size);
	r->used += (size + 7) & ~7ul;
	r->n++;
}

static struct nsl_ref ref(uint64_t id)
{
	return (struct nsl_ref){.obj = id, .inum = 4026531000u + (uint32_t)id};
}

/* nsproxy 1 is the host's; a container's namespaces have numbers in a row. */
static struct nsl_view view(uint64_t nsproxy, uint64_t first)
{
	static const enum nsl_slot slots[OWN] = {
		NSL_SLOT_MNT,	 NSL_SLOT_UTS, NSL_SLOT_IPC, NSL_SLOT_PID_FOR_CHILDREN,
		NSL_SLOT_CGROUP, NSL_SLOT_NET, NSL_SLOT_USER};
	struct nsl_view v = {.nsproxy = nsproxy, .nsproxy_count = 1};

	for (int i = 0; i < NSL_SLOTS; i++)
		v.slot[i] = ref(nsm_slot_type((enum nsl_slot)i) + 1u);
	for (unsigned int i = 0; first && i < OWN; i++)
		v.slot[slots[i]] = ref(first + i);
	v.slot[NSL_SLOT_PID_ACTIVE] = v.slot[NSL_SLOT_PID_FOR_CHILDREN];
	return v;
}

static void put_task(struct run *r, enum nsl_task_event event, uint32_t tid, uint32_t actor,
		     struct nsl_view v)
{
	struct nsl_task e = {.event = (uint8_t)event,
			     .pid = tid,
			     .tid = tid,
			     .ppid = 1,
			     .start = tid + 1u,
			     .cgroup = 7,
			     .comm = "bench",
			     .view = v};

	put(r, &e, sizeof(e), NSL_EV_TASK, actor);
}

static void put_step(struct run *r, enum nsl_kind kind, enum nsl_fn fn, uint64_t ns,
		     uint64_t nsproxy, uint32_t actor)
{
	struct nsl_step e = {.fn = (uint16_t)fn,
			     .new_flags = NSL_NEW_ALL,
			     .ns = ns ? ref(ns) : (struct nsl_ref){0},
			     .nsproxy = nsproxy};

	if (ns) {
		e.owner = ref(INITIAL_USER);
		e.level = 1;
		if (fn == NSL_FN_copy_pid_ns)
			e.parent = ref(NSL_PID + 1u);
	}
	put(r, &e, sizeof(e), kind, actor);
}

static void put_end(struct run *r, enum nsl_syscall syscall, uint32_t actor, struct nsl_view after)
{
	struct nsl_call_end e = {.syscall = (uint8_t)syscall, .after = after};

	put(r, &e, sizeof(e), NSL_EV_CALL_END, actor);
}

static void put_ns(struct run *r, enum nsl_type type, uint64_t id)
{
	struct nsl_ns e = {.ns = ref(id), .type = type, .refs = 2, .active = 1};

	if (id != INITIAL_USER)
		e.owner = ref(INITIAL_USER);
	if (id > INITIAL_USER && (type == NSL_PID || type == NSL_USER)) {
		e.parent = ref(type + 1u);
		e.level = 1;
	}
	put(r, &e, sizeof(e), NSL_EV_NS, 1);
}

static const enum nsl_type types[OWN] = {NSL_MNT,    NSL_UTS, NSL_IPC, NSL_PID,
					 NSL_CGROUP, NSL_NET, NSL_USER};

static double feed(struct run *r)
{
	struct timespec from, to;
	size_t at = 0, n = r->n;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	while (at < r->used) {
		const struct nsl_head *h = (const void *)(r->events + at);

		if (nsg_feed(r->g, h))
			stop("an event was refused");
		at += (h->size + 7u) & ~7u;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	r->used = r->n = 0;
	return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
	       (double)n;
}

static size_t bytes(const struct run *r)
{
	struct nsg_totals t;

	nsg_totals(r->g, &t);
	return t.bytes;
}

static void put_snapshot(struct run *r, enum nsl_snapshot_event event)
{
	struct nsl_snapshot e = {.event = event, .number = 1};

	put(r, &e, sizeof(e), NSL_EV_SNAPSHOT, 1);
}

/* The old containers: namespaces first, so that each kind's memory shows by itself. */
static void fill(struct run *r)
{
	uint32_t containers = r->size.namespaces / OWN, empty, before, i;

	put_snapshot(r, NSL_SNAPSHOT_BEGIN);
	for (int type = 0; type < NSL_TYPES; type++)
		put_ns(r, (enum nsl_type)type, (uint64_t)type + 1);
	put_task(r, NSL_TASK_SEEN, 1, 1, view(1, 0));
	feed(r);
	empty = (uint32_t)bytes(r);
	for (i = 0; i < containers * OWN; i++) {
		put_ns(r, types[i % OWN], FIRST_NS + i);
		if (r->n == 1000)
			feed(r);
	}
	feed(r);
	r->ns_bytes = (double)(bytes(r) - empty) / (containers * OWN);
	for (i = 0; i < containers; i++) {
		put_task(r, NSL_TASK_SEEN, 2 + i, 1, view(2 + i, FIRST_NS + i * OWN));
		if (r->n == 1000)
			feed(r);
	}
	feed(r);
	before = (uint32_t)bytes(r);
	for (; i < r->size.tasks; i++) {
		uint32_t c = i % containers;

		put_task(r, NSL_TASK_SEEN, 2 + i, 1, view(2 + c, FIRST_NS + c * OWN));
		if (r->n == 1000)
			feed(r);
	}
	put_snapshot(r, NSL_SNAPSHOT_END);
	feed(r);
	r->task_bytes = (double)(bytes(r) - before) / (r->size.tasks - containers);
	r->next_ns = FIRST_NS + containers * OWN;
	r->next_nsproxy = 2 + containers;
	r->next_tid = FIRST_BIRTH;
}

/* A runtime makes a container: user namespace, the rest, its init, which execs. */
static void put_birth(struct run *r)
{
	uint64_t first = r->next_ns, nsproxy = r->next_nsproxy++;
	uint32_t actor = 2 + any(r, r->size.tasks), tid = r->next_tid++;
	struct nsl_view v = view(nsproxy, first);

	r->next_ns += OWN;
	put_step(r, NSL_EV_STEP, NSL_FN_create_user_ns, first + 6, 0, actor);
	put_step(r, NSL_EV_STEP_BEGIN, NSL_FN_create_new_namespaces, 0, 0, actor);
	for (unsigned int i = 0; i < OWN - 1; i++)
		put_step(r, NSL_EV_STEP, (enum nsl_fn)(NSL_FN_copy_mnt_ns + types[i]), first + i, 0,
			 actor);
	put_step(r, NSL_EV_STEP, NSL_FN_create_new_namespaces, 0, nsproxy, actor);
	put_task(r, NSL_TASK_NEW, tid, actor, v);
	put_end(r, NSL_SYS_CLONE, actor, view(1, 0));
	put_task(r, NSL_TASK_EXEC, tid, tid, v);
}

/* Its init exits and is reaped; its namespaces die one by one. */
static void put_death(struct run *r)
{
	uint64_t first = r->old_ns, nsproxy = r->old_nsproxy++;
	uint32_t tid = r->old_tid++;
	struct nsl_view v = view(nsproxy, first);

	r->old_ns += OWN;
	put_task(r, NSL_TASK_EXIT, tid, tid, v);
	put_step(r, NSL_EV_STEP, NSL_FN_free_nsproxy, 0, nsproxy, tid);
	put_task(r, NSL_TASK_FREE, tid, 0, (struct nsl_view){0});
	for (unsigned int i = 0; i < OWN; i++) {
		struct nsl_ns_free e = {.ns = ref(first + i), .type = types[i]};

		put(r, &e, sizeof(e), NSL_EV_NS_FREE, tid);
	}
}

/* A task of an old container forks one that joins another container, and goes. */
static void put_visit(struct run *r)
{
	uint32_t containers = r->size.namespaces / OWN, tid = r->next_tid++ + (1u << 30);
	uint32_t actor = any(r, r->size.tasks), home = actor % containers;
	uint32_t away = any(r, containers);
	uint64_t nsproxy = (1ull << 40) + tid;

	put_task(r, NSL_TASK_NEW, tid, 2 + actor, view(2 + home, FIRST_NS + home * OWN));
	put_end(r, NSL_SYS_SETNS, tid, view(nsproxy, FIRST_NS + away * OWN));
	put_task(r, NSL_TASK_EXIT, tid, tid, view(nsproxy, FIRST_NS + away * OWN));
	put_task(r, NSL_TASK_FREE, tid, 0, (struct nsl_view){0});
}

static double batch(struct run *r)
{
	uint64_t ns = r->next_ns, nsproxy = r->next_nsproxy;
	uint32_t tid = r->next_tid;
	bool first = !r->old_ns;

	/* the numbers of those that are born stand in a row: the next batch lets them die */
	for (int i = 0; i < BATCH; i++) {
		put_birth(r);
		if (!first)
			put_death(r);
	}
	r->old_ns = ns;
	r->old_nsproxy = nsproxy;
	r->old_tid = tid;
	for (int i = 0; i < BATCH; i++)
		put_visit(r);
	return feed(r);
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The median is what is told. Growth is that of the best: a neighbour's use of the cache is not. */
static double median(struct run *r, double *best)
{
	qsort(r->all, BATCHES, sizeof(*r->all), ascending);
	*best = r->all[0];
	return r->all[BATCHES / 2];
}

static void start(struct run *r, struct size size)
{
	memset(r, 0, sizeof(*r));
	r->size = size;
	r->random = 1;
	r->cap = 16u << 20;
	r->events = malloc(r->cap);
	r->g = nsg_new(NULL);
	if (!r->events || !r->g)
		stop("out of memory");
	fill(r);
	batch(r); /* the first has nothing to let die, and warms up */
}

static void print(struct run *r, double ns)
{
	struct nsg_totals t;

	nsg_totals(r->g, &t);
	printf("%10zu %8zu %10zu %9.0f %11.0f %16.0f %9.1f\n", t.namespaces, t.tasks, t.nsproxies,
	       ns, r->task_bytes, r->ns_bytes, (double)t.bytes / 1048576);
}

int main(void)
{
	static struct run small, large;
	double few, many, best_few, best_many;
	bool ok;

	start(&small, (struct size){1000, 10000});
	start(&large, (struct size){10000, 100000});
	/* by turns, so that a busy machine is so for both */
	for (int i = 0; i < BATCHES; i++) {
		small.all[i] = batch(&small);
		large.all[i] = batch(&large);
	}
	few = median(&small, &best_few);
	many = median(&large, &best_many);
	printf("namespaces    tasks  nsproxies  ns/event  bytes/task  bytes/namespace       MiB\n");
	print(&small, few);
	print(&large, many);
	ok = many <= MAX_NS && large.task_bytes <= MAX_BYTES && large.ns_bytes <= MAX_BYTES &&
	     best_many <= best_few * MAX_GROWTH;
	printf("growth %.2f (limits: %.0f ns, %.0f bytes, growth %.1f): %s\n", best_many / best_few,
	       MAX_NS, MAX_BYTES, MAX_GROWTH, ok ? "ok" : "EXCEEDED");
	nsg_free(small.g);
	nsg_free(large.g);
	free(small.events);
	free(large.events);
	return ok ? 0 : 1;
}
