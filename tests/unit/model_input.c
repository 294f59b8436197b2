// SPDX-License-Identifier: GPL-2.0-only
/* Broken events, cgroups, counts, names; tables under load. */
#include "unit.h"

#include "model_events.h"

static void uts_call(struct bench *b)
{
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, 0, unshared_view(NSL_NEWUTS));
}

static void try(struct bench *b, void *event, size_t size, enum nsl_kind kind, int line)
{
	b->err = 1;
	feed(b, event, size, kind);
	if (b->err != -EINVAL)
		unit_fail(__FILE__, line, "taken for good: %d", b->err);
}

#define TRY(e, size, kind) try(b, &(e), size, kind, __LINE__)

static void malformed(void)
{
	struct bench *b = bench_new();
	struct nsl_call_begin call = {.syscall = NSL_SYS_UNSHARE, .target_type = NSL_TYPE_UNKNOWN};
	struct nsl_call_end over = {.syscall = NSL_SYSCALLS};
	struct nsl_step s = {.fn = NSL_FNS};
	struct nsl_task t = {.event = NSL_TASK_EVENTS};
	struct nsl_ns_free f = {.type = NSL_TYPES};
	struct nsl_lost l = {.hook = NSL_HOOKS, .count = 5};
	uint64_t room[64] = {0};
	struct nsl_cgroup *g = (struct nsl_cgroup *)room;

	b->lost = 9;
	TRY(call, sizeof(call) - 1, NSL_EV_CALL_BEGIN);
	TRY(call, 0, NSL_EV_CALL_BEGIN);
	TRY(call, sizeof(call), NSL_EV_NONE);
	TRY(call, sizeof(call), NSL_KINDS);
	TRY(call, sizeof(call), 255);
	call.syscall = NSL_SYSCALLS;
	TRY(call, sizeof(call), NSL_EV_CALL_BEGIN);
	TRY(over, sizeof(over), NSL_EV_CALL_END);
	TRY(s, sizeof(s), NSL_EV_STEP);
	s.fn = NSL_FN_copy_mnt_ns;
	s.ret = INT64_MIN;
	TRY(s, sizeof(s), NSL_EV_STEP);
	TRY(t, sizeof(t), NSL_EV_TASK);
	TRY(f, sizeof(f), NSL_EV_NS_FREE);
	TRY(l, sizeof(l), NSL_EV_LOST);
	memset(g->path, 'x', 8);
	TRY(*g, sizeof(*g), NSL_EV_CGROUP);
	TRY(*g, sizeof(*g) + 8, NSL_EV_CGROUP);
	f.type = NSL_UTS;
	f.head.size = sizeof(f);
	f.head.kind = NSL_EV_NS_FREE;
	f.head.version = NSL_EVENT_VERSION + 1;
	CHECK_NUM(nsm_feed(b->m, &f.head), -EINVAL);
	CHECK_STR(b->text, "");
	CHECK_NUM(nsm_counts(b->m)->events, 0);
	/* nothing has changed: not even the count of losses */
	b->lost = 0;
	begin(b, NSL_SYS_UNSHARE, 0);
	b->lost = 1;
	end(b, NSL_SYS_UNSHARE, 0, 0, old_view());
	CHECK_STR(b->text, "1 unshare tid 50 10ns = 0 gap\n");
	bench_free(b);
}

static void set_cgroup(struct bench *b, uint64_t id, const char *path)
{
	uint64_t room[64] = {0};
	struct nsl_cgroup *e = (struct nsl_cgroup *)room;

	e->id = id;
	strcpy(e->path, path);
	feed(b, e, sizeof(*e) + strlen(path) + 1, NSL_EV_CGROUP);
}

static const char *kept(const struct nsm_call *c, bool container)
{
	const char *text = container ? c->container : c->cgroup_path;

	return text ? text : "NULL";
}

static void cgroups(void)
{
	struct bench *b = bench_new();

	uts_call(b);
	CHECK_STR(kept(&b->last, false), "NULL");
	set_cgroup(b, 7, "/lxc/a\nb\033[2J");
	uts_call(b);
	CHECK_STR(kept(&b->last, false), "/lxc/a\nb\033[2J");
	CHECK_STR(kept(&b->last, true), "a\nb\033[2J");
	for (uint64_t id = 8; id < 3000; id++)
		set_cgroup(b, id, "/system.slice/x.service");
	begin(b, NSL_SYS_UNSHARE, 0);
	set_cgroup(b, 7, "/lxc/renamed");
	end(b, NSL_SYS_UNSHARE, 0, 0, old_view());
	CHECK_STR(kept(&b->last, true), "renamed");
	b->cgroup = 2999;
	uts_call(b);
	CHECK_STR(kept(&b->last, false), "/system.slice/x.service");
	CHECK_STR(kept(&b->last, true), "NULL");
	bench_free(b);
}

/* A call may wait for as long as it likes: its cgroup is not forgotten, and others are. */
static void cgroups_that_come_and_go(void)
{
	struct bench *b = bench_new();

	set_cgroup(b, 7, "/lxc/waits");
	set_cgroup(b, 8, "/lxc/gone");
	begin(b, NSL_SYS_UNSHARE, 0);
	for (uint64_t id = 9; id < 9 + 3 * NSL_CGROUPS_TOLD; id++)
		set_cgroup(b, id, "/system.slice/x.service");
	end(b, NSL_SYS_UNSHARE, 0, 0, old_view());
	CHECK_STR(kept(&b->last, true), "waits");
	b->cgroup = 8;
	uts_call(b);
	CHECK_STR(kept(&b->last, false), "NULL");
	b->cgroup = 8 + 2 * NSL_CGROUPS_TOLD + 1;
	uts_call(b);
	CHECK_STR(kept(&b->last, false), "/system.slice/x.service");
	bench_free(b);
}

static void counts(void)
{
	struct bench *b = bench_new();
	const struct nsm_counts *n = nsm_counts(b->m);
	struct nsl_ns_free f = {.ns = ref(NEW(NSL_UTS)), .type = NSL_UTS};
	struct nsl_ns_free unknown = {.type = NSL_UTS};

	uts_call(b);
	begin(b, NSL_SYS_UNSHARE, 0);
	end(b, NSL_SYS_UNSHARE, 0, -EPERM, old_view());
	end(b, NSL_SYS_CLONE, 0, -513, old_view());
	CHECK_NUM(b->last.err, 513);
	feed(b, &f, sizeof(f), NSL_EV_NS_FREE);
	feed(b, &unknown, sizeof(unknown), NSL_EV_NS_FREE);
	CHECK(strstr(b->text, "ns destroyed uts 101\n"));
	CHECK(!strstr(b->text, "ns destroyed uts 0"));
	CHECK_NUM(n->events, 7);
	CHECK_NUM(n->calls, 3);
	CHECK_NUM(n->by_syscall[NSL_SYS_UNSHARE], 2);
	CHECK_NUM(n->by_syscall[NSL_SYS_CLONE], 1);
	CHECK_NUM(n->ok[NSL_SYS_UNSHARE], 1);
	CHECK_NUM(n->by_errno[NSL_SYS_UNSHARE][EPERM], 1);
	CHECK_NUM(n->by_errno[NSL_SYS_CLONE][0], 1);
	CHECK_NUM(n->created[NSL_UTS], 1);
	CHECK_NUM(n->destroyed[NSL_UTS], 1);
	bench_free(b);
}

/* Many calls open at once, closed in another order: none is lost or mixed up. */
static void many_open(void)
{
	struct bench *b = bench_new();
	enum { N = 5000 };
	const struct nsm_counts *n = nsm_counts(b->m);

	for (uint32_t i = 0; i < N; i++) {
		become(b, 100 + i * 64);
		begin(b, NSL_SYS_UNSHARE, i);
	}
	for (uint32_t i = 0; i < N; i++) {
		uint32_t at = i * 1237 % N; /* prime to N: each once */

		become(b, 100 + at * 64);
		b->len = 0;
		end(b, NSL_SYS_UNSHARE, 0, -EPERM, old_view());
		if (b->last.raw_flags != at || !b->last.begin_seen)
			unit_fail(__FILE__, __LINE__, "call %u got %llu", at,
				  (unsigned long long)b->last.raw_flags);
	}
	nsm_finish(b->m);
	CHECK_NUM(n->calls, N);
	bench_free(b);
}

/* A recording may hold anything: a call of endless steps stays bounded, and says so. */
static void endless_steps(void)
{
	struct bench *b = bench_new();

	b->steps = false;
	begin(b, NSL_SYS_SETNS, NSL_NEW_ALL);
	for (int i = 0; i < 3000; i++)
		step(b, (enum nsl_fn)(1 + i % (NSL_FNS - 1)), i % 7 ? 0 : -ENOMEM, (uint64_t)i);
	for (int i = 0; i < 300; i++)
		step_begin(b, NSL_FN_create_new_namespaces);
	end(b, NSL_SYS_SETNS, NSL_NEW_ALL, -ENOMEM, old_view());
	CHECK_STR(b->text, "1 setns tid 50 33010ns ENOMEM gap\n");
	CHECK(b->last.nsteps >= 256 && b->last.nsteps < 300);
	bench_free(b);
}

static uint32_t roll(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33) % below;
}

/*
 * Events in no order that a kernel would send: nothing is written out of bounds
 * (sanitizers), and each end and each begin is told exactly once.
 */
static void any_order(void)
{
	struct bench *b = bench_new();
	const struct nsm_counts *n = nsm_counts(b->m);
	uint64_t seed = 1, told = 0;

	for (int i = 0; i < 200000; i++) {
		enum nsl_syscall syscall = (enum nsl_syscall)(1 + roll(&seed, NSL_SYSCALLS - 1));
		enum nsl_fn fn = (enum nsl_fn)(1 + roll(&seed, NSL_FNS - 1));
		int64_t ret = roll(&seed, 3) ? 0 : -(int64_t)roll(&seed, 600);
		uint64_t before = n->calls;

		b->len = 0;
		b->ts = roll(&seed, 100000);
		b->lost += !roll(&seed, 1000);
		become(b, 1 + roll(&seed, 20));
		switch (roll(&seed, 8)) {
		case 0:
			begin(b, syscall, (uint64_t)roll(&seed, 1u << 30) << 1);
			break;
		case 1:
			end(b, syscall, 0, ret,
			    roll(&seed, 2) ? old_view() : child_view(NSL_NEW_ALL));
			break;
		case 2:
			task(b, (enum nsl_task_event)roll(&seed, 3), roll(&seed, 25), old_view());
			break;
		case 3:
			step_begin(b, fn);
			break;
		case 4:
			step(b, fn, ret, roll(&seed, 4));
			break;
		default:
			step_ns(b, fn, ret, roll(&seed, 120), NSL_NEW_ALL);
			break;
		}
		if (b->err)
			unit_fail(__FILE__, __LINE__, "event %d: %d", i, b->err);
		told += n->calls - before;
		if (n->calls != before && b->last.number != n->calls)
			unit_fail(__FILE__, __LINE__, "call %llu has number %llu",
				  (unsigned long long)n->calls, (unsigned long long)b->last.number);
	}
	nsm_finish(b->m);
	CHECK(n->calls >= told && n->calls <= told + 20);
	CHECK(told > 10000);
	bench_free(b);
}

static void no_sink(void)
{
	struct nsm *m = nsm_new(&(struct nsm_sink){.ctx = NULL});
	struct bench *b = bench_new();

	nsm_free(b->m);
	b->m = m;
	uts_call(b);
	task(b, NSL_TASK_EXIT, 50, old_view());
	CHECK_NUM(nsm_counts(m)->created[NSL_UTS], 1);
	bench_free(b);
	nsm_free(NULL);
}

static void names(void)
{
	CHECK_STR(nsm_type_name(NSL_TYPE_UNKNOWN), "?");
	CHECK_STR(nsm_type_flag(NSL_MNT), "CLONE_NEWNS");
	CHECK_STR(nsm_slot_name(NSL_SLOT_PID_ACTIVE), "pid_active");
	CHECK_STR(nsm_syscall_name(NSL_SYS_NONE), "?");
	CHECK_STR(nsm_outcome_name(NSM_NOT_REACHED), "not reached");
	CHECK_STR(nsm_errno_name(EPERM), "EPERM");
	CHECK_STR(nsm_errno_name(EAGAIN), "EAGAIN");
	CHECK_STR(nsm_errno_name(513), "ERESTARTNOINTR");
	CHECK(!nsm_errno_name(0) && !nsm_errno_name(-1) && !nsm_errno_name(4000));
	for (int i = 1; i < NSL_FNS; i++)
		CHECK(strcmp(nsm_fn_name((enum nsl_fn)i), "?") != 0);
}

int main(void)
{
	RUN(malformed);
	RUN(cgroups);
	RUN(cgroups_that_come_and_go);
	RUN(counts);
	RUN(many_open);
	RUN(endless_steps);
	RUN(any_order);
	RUN(no_sink);
	RUN(names);
	return unit_end();
}
