// SPDX-License-Identifier: GPL-2.0-only
/* What is interleaved, cut off, lost or out of order. */
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
			   "1 clone tid 51 80ns = 60 child 60 (1)\n"
			   "  create_new_namespaces done 40ns p=9\n"
			   "    copy_net_ns created ns=105\n"
			   "  [net 15 -> 105 created]\n"
			   "2 unshare tid 50 100ns = 0\n"
			   "  create_new_namespaces done 40ns p=2\n"
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
	end(b, NSL_SYS_EXIT, 0, 0, (struct nsl_view){0});
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
	struct nsl_lost e = {.count = 3, .hook = NSL_HOOK_STEP};

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
	struct nsl_step e = {.fn = NSL_FN_copy_net_ns, .flags = NSL_STEP_UNTRUSTED};

	begin(b, NSL_SYS_UNSHARE, NSL_NEWNET);
	feed(b, &e, sizeof(e), NSL_EV_STEP);
	end(b, NSL_SYS_UNSHARE, NSL_NEWNET, 0, unshared_view(NSL_NEWNET));
	CHECK_STR(b->text, "ns created net 105 by 50 test\n"
			   "1 unshare tid 50 20ns = 0\n"
			   "  copy_net_ns created\n"
			   "  [net 15 -> 105 created]\n");
	bench_free(b);
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
	return unit_end();
}
