// SPDX-License-Identifier: GPL-2.0-only
/* What is missing, broken or interleaved; counts; tables under load. */
#include "unit.h"

#include "model_events.h"

static void uts_call(struct bench *b)
{
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, 0, unshared_view(NSL_NEWUTS));
}

static void interleaved(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	become(b, 51);
	begin(b, NSL_SYS_CLONE, NSL_NEWNET);
	become(b, 50);
	step_begin(b, NSL_FN_create_new_namespaces);
	become(b, 51);
	step_begin(b, NSL_FN_create_new_namespaces);
	step_ns(b, NSL_FN_copy_net_ns, 0, NEW(NSL_NET), NSL_NEWNET);
	become(b, 50);
	step_ns(b, NSL_FN_copy_utsname, 0, NEW(NSL_UTS), NSL_NEWUTS);
	step(b, NSL_FN_create_new_namespaces, 0, NEW_NSPROXY);
	become(b, 51);
	step(b, NSL_FN_create_new_namespaces, 0, 9);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWNET));
	end(b, NSL_SYS_CLONE, NSL_NEWNET, 60, old_view());
	become(b, 50);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, 0, unshared_view(NSL_NEWUTS));
	CHECK_STR(b->text, "ns created net 105 owner 17 by 51 test\n"
			   "ns created uts 101 owner 17 by 50 test\n"
			   "task new 60\n"
			   "1 clone tid 51 90ns = 60 child 60 (1)\n"
			   "  create_new_namespaces done 40ns p=9\n"
			   "    copy_net_ns created ns=105\n"
			   "  [net 15 -> 105 created]\n"
			   "2 unshare tid 50 110ns = 0\n"
			   "  create_new_namespaces done 50ns p=2\n"
			   "    copy_utsname created ns=101\n"
			   "  [uts 11 -> 101 created]\n");
	bench_free(b);
}

static void cut_begin(void)
{
	struct bench *b = bench_new();

	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, 0, unshared_view(NSL_NEWUTS));
	CHECK_STR(b->text, "1 unshare tid 50 = 0 no-begin no-views\n");
	CHECK_NUM(b->last.new_flags, NSL_NEWUTS);
	CHECK_NUM(b->last.fd, -1);
	bench_free(b);
}

static void headless_steps(void)
{
	struct bench *b = bench_new();

	step_ns(b, NSL_FN_copy_net_ns, 0, NEW(NSL_NET), NSL_NEWNET);
	step_ns(b, NSL_FN_copy_time_ns, 0, OLD(NSL_TIME), NSL_NEWNET);
	step(b, NSL_FN_create_new_namespaces, 0, NEW_NSPROXY);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWNET));
	end(b, NSL_SYS_VFORK, NSL_NEWNET, 60, old_view());
	CHECK_STR(b->text, "ns created net 105 owner 17 by 50 test\n"
			   "task new 60\n"
			   "1 vfork tid 50 = 60 child 60 (1) no-begin no-views\n"
			   "  copy_namespaces done\n"
			   "    create_new_namespaces done p=2\n"
			   "      copy_net_ns created ns=105\n"
			   "      copy_time_ns shared 10ns ns=16\n");
	bench_free(b);
}

static void cut_end(void)
{
	struct bench *b = bench_new();

	become(b, 52);
	begin(b, NSL_SYS_CLONE, NSL_NEWPID);
	step_begin(b, NSL_FN_create_new_namespaces);
	step_ns(b, NSL_FN_copy_mnt_ns, 0, OLD(NSL_MNT), NSL_NEWPID);
	become(b, 51);
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	begin(b, NSL_SYS_UNSHARE, NSL_NEWIPC); /* the first one's end is missing */
	nsm_finish(b->m);
	CHECK_STR(b->text, "1 unshare tid 51 no-end no-views\n"
			   "2 clone tid 52 no-end no-views\n"
			   "  create_new_namespaces failed inferred\n"
			   "    copy_mnt_ns shared 10ns ns=10\n"
			   "3 unshare tid 51 no-end no-views\n");
	nsm_finish(b->m);
	CHECK_NUM(nsm_counts(b->m)->calls, 3);
	CHECK_NUM(nsm_counts(b->m)->ok[NSL_SYS_UNSHARE], 0);
	bench_free(b);
}

static void step_without_end(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, NSL_NEWUSER);
	step_begin(b, NSL_FN_create_user_ns);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUSER, -EPERM, old_view());
	CHECK_STR(b->text, "1 unshare tid 50 20ns EPERM\n"
			   "  create_user_ns failed EPERM inferred\n");
	b->len = 0;
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUSER);
	step_begin(b, NSL_FN_create_user_ns);
	b->lost = 1; /* what went is the return of create_user_ns() */
	end(b, NSL_SYS_UNSHARE, NSL_NEWUSER, 0, unshared_view(NSL_NEWUSER));
	CHECK_STR(b->text, "ns created user 107 by 50 test\n"
			   "2 unshare tid 50 20ns = 0 gap\n"
			   "  create_user_ns created inferred\n"
			   "  [user 17 -> 107 created]\n");
	bench_free(b);
}

static void death_inside(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_SETNS, 0);
	task(b, NSL_TASK_EXIT, 50, old_view());
	begin(b, NSL_SYS_UNSHARE, 0);
	begin(b, NSL_SYS_EXIT, 0); /* an exit from within, where exits of tasks are not told */
	end(b, NSL_SYS_EXIT, 0, 0, (struct nsl_view){ 0 });
	CHECK(strstr(b->text, "1 setns tid 50 no-end died no-views\ntask exit 50\n"
			      "2 unshare tid 50 no-end died no-views\n3 exit tid 50 10ns = 0\n"));
	bench_free(b);
}

static void pid_reused(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS); /* a thread of process 50 */
	b->pid = 99;
	end(b, NSL_SYS_SETNS, 0, -EBADF, old_view());
	CHECK_STR(b->text, "1 unshare tid 50 no-end no-views\n"
			   "2 setns tid 50 EBADF no-begin no-views\n");
	bench_free(b);
}

static void loss(void)
{
	struct bench *b = bench_new();
	struct nsl_lost e = { .count = 3, .hook = NSL_HOOK_STEP };

	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	become(b, 51);
	b->lost = 2;
	begin(b, NSL_SYS_UNSHARE, NSL_NEWIPC); /* began after the gap */
	b->lost = 1;			       /* another processor read the count earlier */
	end(b, NSL_SYS_UNSHARE, NSL_NEWIPC, -EPERM, old_view());
	become(b, 50);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, -EPERM, old_view());
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	feed(b, &e, sizeof(e), NSL_EV_LOST);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, -EPERM, old_view());
	uts_call(b);
	CHECK_STR(b->text, "1 unshare tid 51 10ns EPERM\n"
			   "2 unshare tid 50 30ns EPERM gap\n"
			   "lost 3 step\n"
			   "3 unshare tid 50 20ns EPERM gap\n"
			   "ns created uts 101 by 50 test\n"
			   "4 unshare tid 50 10ns = 0\n"
			   "  [uts 11 -> 101 created]\n");
	CHECK_NUM(nsm_counts(b->m)->lost, 3);
	bench_free(b);
}

/* Events of two processors: what is later in the ring may bear an earlier time. */
static void time_backwards(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	step_begin(b, NSL_FN_create_new_namespaces);
	b->ts = 500;
	step_ns(b, NSL_FN_copy_mnt_ns, 0, OLD(NSL_MNT), 0);
	step(b, NSL_FN_create_new_namespaces, 0, NEW_NSPROXY);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, 0, old_view());
	CHECK_STR(b->text, "1 unshare tid 50 = 0\n"
			   "  create_new_namespaces done p=2\n"
			   "    copy_mnt_ns shared ns=10\n");
	bench_free(b);
}

/* Hooked under a compiler-made name: no arguments, only the result. */
static void untrusted(void)
{
	struct bench *b = bench_new();
	struct nsl_step e = { .fn = NSL_FN_copy_net_ns, .flags = NSL_STEP_UNTRUSTED };

	begin(b, NSL_SYS_UNSHARE, NSL_NEWNET);
	feed(b, &e, sizeof(e), NSL_EV_STEP);
	end(b, NSL_SYS_UNSHARE, NSL_NEWNET, 0, unshared_view(NSL_NEWNET));
	CHECK_STR(b->text, "ns created net 105 by 50 test\n"
			   "1 unshare tid 50 20ns = 0\n"
			   "  copy_net_ns created\n"
			   "  [net 15 -> 105 created]\n");
	bench_free(b);
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
	struct nsl_call_begin call = { .syscall = NSL_SYS_UNSHARE, .target_type = NSL_TYPE_UNKNOWN };
	struct nsl_call_end over = { .syscall = NSL_SYSCALLS };
	struct nsl_step s = { .fn = NSL_FNS };
	struct nsl_task t = { .event = NSL_TASK_EXIT + 1 };
	struct nsl_ns_free f = { .type = NSL_TYPES };
	struct nsl_lost l = { .hook = NSL_HOOKS, .count = 5 };
	struct {
		struct nsl_cgroup c;
		char path[8];
	} g = { .path = "/endless" };

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
	TRY(g, sizeof(g.c), NSL_EV_CGROUP);
	TRY(g, sizeof(g), NSL_EV_CGROUP);
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
	uint64_t room[64] = { 0 };
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

static void counts(void)
{
	struct bench *b = bench_new();
	const struct nsm_counts *n = nsm_counts(b->m);
	struct nsl_ns_free f = { .ns = ref(NEW(NSL_UTS)), .type = NSL_UTS };
	struct nsl_ns_free unknown = { .type = NSL_UTS };

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

static void no_sink(void)
{
	struct nsm *m = nsm_new(&(struct nsm_sink){ .ctx = NULL });
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
	RUN(interleaved);
	RUN(cut_begin);
	RUN(headless_steps);
	RUN(cut_end);
	RUN(step_without_end);
	RUN(death_inside);
	RUN(pid_reused);
	RUN(loss);
	RUN(time_backwards);
	RUN(untrusted);
	RUN(malformed);
	RUN(cgroups);
	RUN(counts);
	RUN(many_open);
	RUN(endless_steps);
	RUN(no_sink);
	RUN(names);
	return unit_end();
}
