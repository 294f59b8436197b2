// SPDX-License-Identifier: GPL-2.0-only
/*
 * The start-up finder on events that no kernel sends: any order, numbers that are given
 * again and again, ends without begins. Whatever it tells is consistent in itself.
 */
#include "startup_events.h"
#include "unit.h"

#define ROUNDS 60
#define EVENTS 3000
#define TIDS   24

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->state = d->state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(d->state >> 33) % sides;
}

static struct nsl_view any_view(struct dice *d)
{
	struct nsl_view v = sim_host_view(1 + roll(d, TIDS));

	v.nsproxy = 1 + roll(d, 6);
	v.pid_level = roll(d, 3);
	v.ns_pid = roll(d, 4);
	for (int i = 0; i < NSL_SLOTS; i++) {
		if (!roll(d, 3))
			v.slot[i] = sim_ref(roll(d, 40), roll(d, 40));
	}
	return v;
}

static uint64_t any_flags(struct dice *d)
{
	static const uint64_t flags[] = {NSL_NEWNS, NSL_NEWPID, NSL_NEWUSER, NSL_NEWNET,
					 NSL_NEWTIME};
	uint64_t f = roll(d, 2) ? CLONE_PARENT_FLAG : 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		f |= roll(d, 2) ? flags[i] : 0;
	return roll(d, 5) ? f : 0;
}

static void any_call(struct sim *m, struct dice *d, const struct sim_task *t)
{
	static const enum nsl_syscall calls[] = {NSL_SYS_CLONE, NSL_SYS_CLONE3, NSL_SYS_UNSHARE,
						 NSL_SYS_SETNS, NSL_SYS_EXEC,	NSL_SYS_EXIT};
	uint8_t syscall = (uint8_t)calls[roll(d, 6)];
	uint64_t flags = any_flags(d);

	if (roll(d, 2)) {
		struct nsl_call_begin e = {.syscall = syscall,
					   .raw_flags = flags,
					   .new_flags = flags & NSL_NEW_ALL,
					   .target_type = NSL_TYPE_UNKNOWN,
					   .before = any_view(d)};

		sim_feed(m, t, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	} else {
		struct nsl_call_end e = {.syscall = syscall,
					 .raw_flags = flags,
					 .new_flags = flags & NSL_NEW_ALL,
					 .ret = roll(d, 3) ? (int64_t)roll(d, TIDS) : -(int)EPERM,
					 .after = any_view(d)};

		sim_feed(m, t, &e, sizeof(e), NSL_EV_CALL_END);
	}
}

static void any_task(struct sim *m, struct dice *d, const struct sim_task *t)
{
	struct nsl_task e = {.event = (uint8_t)roll(d, 3),
			     .pid = 1 + roll(d, TIDS),
			     .ppid = 1 + roll(d, TIDS),
			     .clone_flags = any_flags(d),
			     .view = any_view(d)};

	e.tid = roll(d, 4) ? e.pid : 1 + roll(d, TIDS);
	e.old_tid = roll(d, 8) ? 0 : 1 + roll(d, TIDS);
	memcpy(e.comm, t->comm, sizeof(e.comm));
	sim_feed(m, t, &e, sizeof(e), NSL_EV_TASK);
}

static void any_milestone(struct sim *m, struct dice *d, const struct sim_task *t)
{
	struct nsl_milestone e = {.what = (uint16_t)(1 + roll(d, NSL_MILESTONES_END - 1)),
				  .err = roll(d, 6) ? 0 : -EPERM,
				  .duration = roll(d, 3) ? (int64_t)roll(d, 3000000) : -1,
				  .pid = roll(d, 3) ? 0 : 1 + roll(d, TIDS),
				  .ns_type = NSL_TYPE_UNKNOWN};

	e.tid = e.pid;
	memset(e.text, roll(d, 2) ? 0xff : '%', sizeof(e.text));
	sim_feed(m, t, &e, sizeof(e), NSL_EV_MILESTONE);
}

static void any_death(struct sim *m, struct dice *d, const struct sim_task *t)
{
	struct nsl_ns_free e = {.ns = sim_ref(roll(d, 40), 7), .type = roll(d, NSL_TYPES)};

	sim_feed(m, t, &e, sizeof(e), NSL_EV_NS_FREE);
}

static void any_event(struct sim *m, struct dice *d)
{
	static const char *const comms[] = {"runc",	   "runc:[1:CHILD]", "bwrap",  "podman",
					    "\xff\x1b[2J", "conmon",	     "unshare"};
	struct sim_task t = {.pid = 1 + roll(d, TIDS), .cgroup = roll(d, 3)};

	t.tid = roll(d, 4) ? t.pid : 1 + roll(d, TIDS);
	strncpy(t.comm, comms[roll(d, 7)], sizeof(t.comm) - 1);
	/* time mostly goes on, and sometimes far, or back */
	m->now += roll(d, 20) ? roll(d, 2000000) : 0;
	if (!roll(d, 500))
		m->now += 70000000000ull;
	if (!roll(d, 200))
		m->now -= roll(d, 100000000);
	switch (roll(d, 8)) {
	case 0:
		any_milestone(m, d, &t);
		break;
	case 1:
		any_death(m, d, &t);
		break;
	case 2:
		if (!roll(d, 60))
			sim_lost(m, 1);
		break;
	case 3:
	case 4:
		any_task(m, d, &t);
		break;
	default:
		any_call(m, d, &t);
	}
	CHECK_NUM(m->err, 0);
}

static bool in(size_t index, size_t n)
{
	return index == NSU_NONE || index < n;
}

static void check_consistent(const struct nsu_startup *s)
{
	uint64_t at = s->begin;

	CHECK(s->end >= s->begin);
	for (size_t i = 0; i < s->nstages; i++) {
		CHECK_NUM(s->stages[i].begin, at);
		CHECK(s->stages[i].end >= at);
		CHECK(s->stages[i].kernel <= s->stages[i].end - s->stages[i].begin);
		at = s->stages[i].end;
	}
	CHECK(!s->nstages || at == s->end);
	for (size_t i = 0; i < s->ncalls; i++) {
		CHECK(in(s->calls[i].stage, s->nstages));
		CHECK(in(s->calls[i].again, s->ncalls));
		CHECK(!i || s->calls[i - 1].call.ts <= s->calls[i].call.ts);
	}
	for (size_t i = 0; i < s->nmilestones; i++)
		CHECK(in(s->milestones[i].stage, s->nstages));
	for (size_t i = 0; i < s->nnamespaces; i++)
		CHECK(in(s->namespaces[i].call, s->ncalls));
	for (size_t i = 0; i < s->npath; i++) {
		CHECK(s->path[i].from < s->path[i].to);
		CHECK(!i || s->path[i - 1].to <= s->path[i].from);
		CHECK(in(s->path[i].call, s->ncalls));
		CHECK(in(s->path[i].stage, s->nstages));
	}
	CHECK(in(s->failed_call, s->ncalls));
	CHECK(in(s->failed_milestone, s->nmilestones));
	CHECK(s->sums.calls + s->sums.waiting + s->sums.outside <= s->sums.total);
	CHECK(s->parent != s->number);
}

static void whatever_comes(void)
{
	struct dice d = {.state = 4711};
	size_t found = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct sim *m = sim_new();
		const struct nsu_startup *const *list;
		size_t n;

		for (int i = 0; i < EVENTS; i++)
			any_event(m, &d);
		list = sim_list(m, &n);
		CHECK_NUM(m->err, 0);
		for (size_t i = 0; i < n && !unit_bad; i++)
			check_consistent(list[i]);
		found += n;
		sim_free(m);
	}
	CHECK(found > 100);
}

static void hear(void *ctx, const struct nsu_startup *s)
{
	size_t *told = ctx;

	CHECK_NUM(s->number, ++*told);
	CHECK_NUM(s->parent, 0);
	if (!unit_bad)
		check_consistent(s);
}

/* The same, told at once; sometimes it is over without an end. */
static void whatever_comes_live(void)
{
	struct dice d = {.state = 4712};
	size_t found = 0;

	for (int round = 0; round < ROUNDS; round++) {
		size_t told = 0, n = 0;
		struct sim *m = sim_new_with((struct nsu_options){
			.done = hear, .ctx = &told, .max_startups = round % 3});

		for (int i = 0; i < EVENTS; i++)
			any_event(m, &d);
		if (round % 4)
			sim_list(m, &n);
		CHECK_NUM(m->err, 0);
		CHECK_NUM(n, 0);
		CHECK_NUM(nsu_left_out(m->u), 0);
		found += told;
		sim_free(m);
	}
	CHECK(found > 100);
}

/* One task that goes on making namespaces for ever. */
static void without_end(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 40, "runc");
	for (uint64_t i = 0; i < 5000; i++)
		unshare_at(m, i * 100, 50, 40, NSL_NEWNS, 0);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK(list[0]->too_big);
		CHECK(list[0]->ncalls <= 1024);
		check_consistent(list[0]);
	}
	sim_free(m);
}

/* More tasks than a machine has, none of which ends. */
static void nobody_exits(void)
{
	struct sim *m = sim_new();
	struct sim_task t = {.comm = "bwrap"};
	size_t n;

	for (uint32_t i = 1; i < 40000; i++) {
		struct nsl_call_begin e = {.syscall = NSL_SYS_UNSHARE,
					   .raw_flags = NSL_NEWPID,
					   .new_flags = NSL_NEWPID,
					   .target_type = NSL_TYPE_UNKNOWN,
					   .before = sim_host_view(i)};

		t.tid = t.pid = i;
		m->now += 1000;
		sim_feed(m, &t, &e, sizeof(e), NSL_EV_CALL_BEGIN);
		CHECK_NUM(m->err, 0);
	}
	sim_list(m, &n);
	CHECK(nsu_left_out(m->u) > 0);
	sim_free(m);
}

/* No task is called 0: whatever such a one does, nothing is kept of it (the sanitizer sees). */
static void nobody_is_called_0(void)
{
	struct sim *m = sim_new();
	struct sim_task nobody = {.comm = "runc"};
	struct nsl_task e = {.event = NSL_TASK_NEW,
			     .clone_flags = NSL_NEWPID | NSL_NEWNS,
			     .view = sim_host_view(0)};
	size_t n;

	sim_feed(m, &nobody, &e, sizeof(e), NSL_EV_TASK);
	sim_host(m, 40, "runc");
	unshare_at(m, 100, 50, 40, NSL_NEWNS, 0);
	e.head.pid = e.head.tid = 40;
	sim_feed(m, sim_task(m, 40), &e, sizeof(e), NSL_EV_TASK);
	CHECK_NUM(m->err, 0);
	sim_list(m, &n);
	CHECK_NUM(n, 1);
	sim_free(m);
}

int main(void)
{
	RUN(nobody_is_called_0);
	RUN(whatever_comes);
	RUN(whatever_comes_live);
	RUN(without_end);
	RUN(nobody_exits);
	return unit_end();
}
