// SPDX-License-Identifier: GPL-2.0-only
/* clone, exec and exit, and calls without steps (tracepoints). */
#include "unit.h"

#include "model_events.h"

static void clone_with_child(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWPID | NSL_NEWTIME;

	begin(b, NSL_SYS_CLONE, flags);
	create(b, flags, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	task(b, NSL_TASK_NEW, 60, child_view(flags));
	end(b, NSL_SYS_CLONE3, flags, 60, old_view());
	CHECK_STR(b->text, "ns created pid 103 owner 17 by 50 test\n"
			   "ns created time 106 owner 17 by 50 test\n"
			   "task new 60\n"
			   "1 clone3 tid 50 120ns = 60 child 60 (1)\n"
			   "  copy_namespaces done\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname shared 10ns ns=11\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns created 10ns ns=103\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns shared 10ns ns=15\n"
			   "      copy_time_ns created 10ns ns=106\n"
			   "  [pid_for_children 13 -> 103 created]\n"
			   "  [time 16 -> 106 created]\n"
			   "  [time_for_children 16 -> 106 created]\n"
			   "  [pid_active 13 -> 103 created]\n");
	bench_free(b);
}

/* fork() after unshare(NEWPID|NEWTIME): nothing is made, the pending ones are entered. */
static void fork_pending(void)
{
	struct bench *b = bench_new();
	struct nsl_call_begin e = {.syscall = NSL_SYS_FORK,
				   .target_type = NSL_TYPE_UNKNOWN,
				   .before = unshared_view(NSL_NEWPID | NSL_NEWTIME)};

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	create(b, 0, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWPID | NSL_NEWTIME));
	b->steps = false;
	end(b, NSL_SYS_FORK, 0, 60, e.before);
	CHECK_STR(b->text, "task new 60\n"
			   "1 fork tid 50 120ns = 60 child 60 (1)\n"
			   "  [time 16 -> 106 inherited]\n"
			   "  [pid_active 13 -> 103 inherited]\n");
	bench_free(b);
}

static void clone_undone(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWUTS;

	begin(b, NSL_SYS_CLONE3, flags);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	create(b, flags, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	step(b, NSL_FN_free_nsproxy, 0, NEW_NSPROXY);
	end(b, NSL_SYS_CLONE3, flags, -EEXIST, old_view());
	CHECK_STR(b->text, "ns created user 107 owner 17 by 50 test\n"
			   "ns created uts 101 owner 17 by 50 test\n"
			   "1 clone3 tid 50 130ns EEXIST\n"
			   "  create_user_ns created ns=107\n"
			   "  copy_namespaces done\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname created 10ns ns=101\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns shared 10ns ns=13\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns shared 10ns ns=15\n"
			   "      copy_time_ns shared 10ns ns=16\n"
			   "  exit_task_namespaces undone p=2 inferred unborn\n"
			   "    free_nsproxy undone p=2 unborn\n"
			   "  put_user_ns undone ns=107 inferred unborn\n");
	bench_free(b);
}

static void clone_undone_619(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_CLONE3, NSL_NEWUTS);
	create(b, NSL_NEWUTS, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	step(b, NSL_FN_nsproxy_ns_active_put, 0, NEW_NSPROXY);
	end(b, NSL_SYS_CLONE3, NSL_NEWUTS, -EBADF, old_view());
	CHECK(strstr(b->text, "  exit_nsproxy_namespaces undone p=2 inferred unborn\n"
			      "    nsproxy_ns_active_put undone p=2 unborn\n"));
	CHECK(!strstr(b->text, "exit_task_namespaces"));
	bench_free(b);
}

/* A fork that shared its parent's nsproxy: only the kernel's version tells the name. */
static void fork_undone_619(void)
{
	static const unsigned int versions[] = {6018, 6019};
	static const char *const names[] = {"  exit_task_namespaces undone inferred unborn\n",
					    "  exit_nsproxy_namespaces undone inferred unborn\n"};

	for (int i = 0; i < 2; i++) {
		struct bench *b = bench_new();

		nsm_set_kernel(b->m, versions[i]);
		begin(b, NSL_SYS_FORK, 0);
		step(b, NSL_FN_copy_namespaces, 0, 0);
		end(b, NSL_SYS_FORK, 0, -ENOMEM, old_view());
		CHECK(strstr(b->text, names[i]));
		bench_free(b);
	}
}

/* The release is not hooked: that it happened is certain all the same. */
static void clone_undone_unseen(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_CLONE3, NSL_NEWUTS);
	create(b, NSL_NEWUTS, NSL_FN_NONE, 0);
	end(b, NSL_SYS_CLONE3, NSL_NEWUTS, -EBADF, old_view());
	CHECK(strstr(b->text, "  exit_task_namespaces undone p=2 inferred unborn\n"));
	CHECK(!strstr(b->text, "copy_namespaces"));
	bench_free(b);
}

/* The release is hooked under a compiler-made name: it cannot say which nsproxy. */
static void clone_undone_unread(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_CLONE3, NSL_NEWUTS);
	create(b, NSL_NEWUTS, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	step(b, NSL_FN_free_nsproxy, 0, 0);
	end(b, NSL_SYS_CLONE3, NSL_NEWUTS, -EBADF, old_view());
	CHECK(strstr(b->text, "    free_nsproxy undone unborn\n"));
	bench_free(b);
}

static void clone_refused(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWIPC;

	begin(b, NSL_SYS_CLONE, flags);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	step(b, NSL_FN_copy_namespaces, -EINVAL, 0);
	end(b, NSL_SYS_CLONE, flags, -EINVAL, old_view());
	CHECK_STR(b->text, "ns created user 107 owner 17 by 50 test\n"
			   "1 clone tid 50 30ns EINVAL\n"
			   "  create_user_ns created ns=107\n"
			   "  copy_namespaces failed EINVAL\n"
			   "  put_user_ns undone ns=107 inferred unborn\n");
	bench_free(b);
}

static void exec_time(void)
{
	struct bench *b = bench_new();
	struct nsl_view after = old_view();
	struct nsl_call_begin e = {.syscall = NSL_SYS_EXEC,
				   .target_type = NSL_TYPE_UNKNOWN,
				   .before = unshared_view(NSL_NEWTIME)};

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	step_begin(b, NSL_FN_exec_task_namespaces);
	create(b, 0, NSL_FN_NONE, 0);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	step(b, NSL_FN_exec_task_namespaces, 0, 0);
	after = child_view(NSL_NEWTIME);
	end(b, NSL_SYS_EXEC, 0, 0, after);
	CHECK_STR(b->text, "1 exec tid 50 130ns = 0\n"
			   "  exec_task_namespaces done 110ns\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname shared 10ns ns=11\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns shared 10ns ns=13\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns shared 10ns ns=15\n"
			   "      copy_time_ns shared 10ns ns=16\n"
			   "    free_nsproxy done p=1\n"
			   "  [time 16 -> 106 inherited]\n");
	bench_free(b);
}

static void exec_idle(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_EXEC, 0);
	step_begin(b, NSL_FN_exec_task_namespaces);
	step(b, NSL_FN_exec_task_namespaces, 0, 0);
	end(b, NSL_SYS_EXEC, 0, 0, old_view());
	CHECK_STR(b->text, "");
	CHECK_NUM(nsm_counts(b->m)->calls, 0);
	begin(b, NSL_SYS_EXEC, 0);
	step_begin(b, NSL_FN_exec_task_namespaces);
	step(b, NSL_FN_exec_task_namespaces, -ENOMEM, 0);
	end(b, NSL_SYS_EXEC, 0, -ENOMEM, old_view());
	CHECK(strstr(b->text, "1 exec tid 50 30ns ENOMEM\n"));
	bench_free(b);
}

static void exit_last(void)
{
	struct bench *b = bench_new();
	struct nsl_view after = old_view();

	task(b, NSL_TASK_EXIT, 50, old_view());
	begin(b, NSL_SYS_EXIT, 0);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	end(b, NSL_SYS_EXIT, 0, 0, after);
	CHECK_STR(b->text, "task exit 50\n"
			   "1 exit tid 50 20ns = 0\n"
			   "  free_nsproxy done p=1\n"
			   "  [mnt 10 -> 0 dropped]\n"
			   "  [uts 11 -> 0 dropped]\n"
			   "  [ipc 12 -> 0 dropped]\n"
			   "  [pid_for_children 13 -> 0 dropped]\n"
			   "  [net 15 -> 0 dropped]\n"
			   "  [time 16 -> 0 dropped]\n"
			   "  [time_for_children 16 -> 0 dropped]\n"
			   "  [cgroup 14 -> 0 dropped]\n");
	bench_free(b);
}

/* Tracepoints: the exit of the task is told while its call is open. */
static void exit_tracepoint(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_EXIT, 0);
	task(b, NSL_TASK_EXIT, 50, old_view());
	end(b, NSL_SYS_EXIT, 0, 0, (struct nsl_view){0});
	CHECK_NUM(b->last.nslots, NSL_NSPROXY_SLOTS);
	CHECK_NUM(b->last.nsteps, 0);
	CHECK(b->last.end_seen && !b->last.died);
	bench_free(b);
}

static void exit_zap(void)
{
	struct bench *b = bench_new();
	struct nsl_call_begin e = {.syscall = NSL_SYS_EXIT, .target_type = NSL_TYPE_UNKNOWN};

	e.before.slot[NSL_SLOT_USER] = ref(OLD(NSL_USER));
	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	step_begin(b, NSL_FN_zap_pid_ns_processes);
	step(b, NSL_FN_zap_pid_ns_processes, 0, 0);
	end(b, NSL_SYS_EXIT, 0, 0, e.before);
	CHECK_STR(b->text, "1 exit tid 50 30ns = 0\n"
			   "  zap_pid_ns_processes done 10ns\n");
	bench_free(b);
}

static void tracepoints_unshare(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWPID | NSL_NEWUTS;

	begin(b, NSL_SYS_UNSHARE, flags);
	end(b, NSL_SYS_UNSHARE, flags, 0, unshared_view(flags));
	begin(b, NSL_SYS_UNSHARE, NSL_NEWUTS);
	end(b, NSL_SYS_UNSHARE, NSL_NEWUTS, -EPERM, old_view());
	CHECK_STR(b->text, "ns created uts 101 by 50 test\n"
			   "ns created pid 103 by 50 test\n"
			   "ns created user 107 by 50 test\n"
			   "1 unshare tid 50 10ns = 0\n"
			   "  [uts 11 -> 101 created]\n"
			   "  [pid_for_children 13 -> 103 created]\n"
			   "  [user 17 -> 107 created]\n"
			   "2 unshare tid 50 10ns EPERM\n");
	bench_free(b);
}

/* raw_flags alone say it: UNSHARE_EMPTY_MNTNS of 7.1 */
static void tracepoints_empty_mnt(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, 0x100000);
	end(b, NSL_SYS_UNSHARE, 0x100000, 0, unshared_view(NSL_NEWNS));
	CHECK(strstr(b->text, "  [mnt 10 -> 100 created]\n"));
	bench_free(b);
}

static void tracepoints_clone(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_CLONE, NSL_NEWPID);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWPID));
	end(b, NSL_SYS_CLONE, NSL_NEWPID, 60, old_view());
	CHECK_STR(b->text, "task new 60\n"
			   "ns created pid 103 by 50 test\n"
			   "1 clone tid 50 20ns = 60 child 60 (1)\n"
			   "  [pid_for_children 13 -> 103 created]\n"
			   "  [pid_active 13 -> 103 created]\n");
	bench_free(b);
}

static void tracepoints_setns(void)
{
	struct bench *b = bench_new();

	begin_setns(b, NSL_TARGET_NSFS, NSL_NEWUTS);
	end(b, NSL_SYS_SETNS, NSL_NEWUTS, 0, unshared_view(NSL_NEWUTS));
	CHECK_STR(b->text, "1 setns tid 50 10ns = 0\n"
			   "  [uts 11 -> 101 installed]\n");
	bench_free(b);
}

int main(void)
{
	RUN(clone_with_child);
	RUN(fork_pending);
	RUN(clone_undone);
	RUN(clone_undone_619);
	RUN(fork_undone_619);
	RUN(clone_undone_unseen);
	RUN(clone_undone_unread);
	RUN(clone_refused);
	RUN(exec_time);
	RUN(exec_idle);
	RUN(exit_last);
	RUN(exit_tracepoint);
	RUN(exit_zap);
	RUN(tracepoints_unshare);
	RUN(tracepoints_empty_mnt);
	RUN(tracepoints_clone);
	RUN(tracepoints_setns);
	return unit_end();
}
