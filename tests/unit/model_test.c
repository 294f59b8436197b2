// SPDX-License-Identifier: GPL-2.0-only
/* Whole calls: their steps in kernel order, with what is inferred, and their slots. */
#include "unit.h"

#include "model_events.h"

#define ALL7 (NSL_NEW_ALL & ~NSL_NEWUSER)
#define UTS_NET (NSL_NEWUTS | NSL_NEWNET)

static void unshare_ok(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_UNSHARE, UTS_NET);
	create(b, UTS_NET, NSL_FN_NONE, 0);
	step(b, NSL_FN_unshare_nsproxy_namespaces, 0, 0);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	step(b, NSL_FN_switch_task_namespaces, 0, NEW_NSPROXY);
	end(b, NSL_SYS_UNSHARE, UTS_NET, 0, unshared_view(UTS_NET));
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void unshare_user(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWPID | NSL_NEWTIME;

	begin(b, NSL_SYS_UNSHARE, flags);
	step_begin(b, NSL_FN_create_user_ns);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	create(b, flags, NSL_FN_NONE, 0);
	step(b, NSL_FN_unshare_nsproxy_namespaces, 0, 0);
	step(b, NSL_FN_switch_task_namespaces, 0, NEW_NSPROXY);
	step_ns(b, NSL_FN_commit_creds, 0, NEW(NSL_USER), flags);
	end(b, NSL_SYS_UNSHARE, flags, 0, unshared_view(flags));
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void unshare_half_way(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWNS | NSL_NEWPID;

	begin(b, NSL_SYS_UNSHARE, flags);
	step_begin(b, NSL_FN_create_user_ns);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	create(b, flags, NSL_FN_copy_pid_ns, ENOSPC);
	step(b, NSL_FN_unshare_nsproxy_namespaces, -ENOSPC, 0);
	end(b, NSL_SYS_UNSHARE, flags, -ENOSPC, old_view());
	CHECK_STR(b->text, "");
	CHECK_NUM(b->last.ret, -1);
	CHECK_NUM(b->last.err, ENOSPC);
	bench_free(b);
}

/* set_cred_ucounts() fails after everything was made: EAGAIN, and the nsproxy goes again. */
static void unshare_late(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWUTS;

	begin(b, NSL_SYS_UNSHARE, flags);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	create(b, flags, NSL_FN_NONE, 0);
	step(b, NSL_FN_unshare_nsproxy_namespaces, 0, 0);
	step(b, NSL_FN_free_nsproxy, 0, NEW_NSPROXY);
	end(b, NSL_SYS_UNSHARE, flags, -EAGAIN, old_view());
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void setns_nsfs(void)
{
	struct bench *b = bench_new();
	struct nsl_view after = old_view();

	after.nsproxy = NEW_NSPROXY;
	after.slot[NSL_SLOT_UTS] = ref(NEW(NSL_UTS));
	begin_setns(b, NSL_TARGET_NSFS, NSL_NEWUTS);
	create(b, 0, NSL_FN_NONE, 0);
	step_ns(b, NSL_FN_utsns_install, 0, NEW(NSL_UTS), 0);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	step(b, NSL_FN_switch_task_namespaces, 0, NEW_NSPROXY);
	step(b, NSL_FN_put_nsset, 0, 0);
	end(b, NSL_SYS_SETNS, NSL_NEWUTS, 0, after);
	CHECK_STR(b->text, "");
	CHECK_NUM(b->last.target_kind, NSL_TARGET_NSFS);
	CHECK_NUM(b->last.target.obj, NEW(NSL_UTS));
	CHECK_NUM(b->last.fd, 3);
	bench_free(b);
}

static void setns_nsfs_failed(void)
{
	struct bench *b = bench_new();

	begin_setns(b, NSL_TARGET_NSFS, 0);
	create(b, 0, NSL_FN_NONE, 0);
	step_ns(b, NSL_FN_utsns_install, -EPERM, NEW(NSL_UTS), 0);
	step(b, NSL_FN_free_nsproxy, 0, NEW_NSPROXY);
	step(b, NSL_FN_put_nsset, 0, 0);
	end(b, NSL_SYS_SETNS, 0, -EPERM, old_view());
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void setns_pidfd(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWNS;
	struct nsl_view after = unshared_view(flags);

	begin_setns(b, NSL_TARGET_PIDFD, flags);
	create(b, 0, NSL_FN_NONE, 0);
	step_ns(b, NSL_FN_userns_install, 0, NEW(NSL_USER), 0);
	step_ns(b, NSL_FN_mntns_install, 0, NEW(NSL_MNT), 0);
	step_ns(b, NSL_FN_commit_creds, 0, NEW(NSL_USER), 0);
	step(b, NSL_FN_switch_task_namespaces, 0, NEW_NSPROXY);
	step(b, NSL_FN_put_nsset, 0, 0);
	end(b, NSL_SYS_SETNS, flags, 0, after);
	CHECK_STR(b->text, "");
	CHECK_NUM(b->last.target_pid, 77);
	CHECK_NUM(b->last.target.obj, 0);
	bench_free(b);
}

/* From 6.19 to 7.1 the release of the private nsproxy cannot be hooked: put_nsset() tells it. */
static void setns_pidfd_failed(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWNS | NSL_NEWUTS | NSL_NEWTIME | NSL_NEWNET;

	begin_setns(b, NSL_TARGET_PIDFD, flags);
	create(b, 0, NSL_FN_NONE, 0);
	step_ns(b, NSL_FN_userns_install, 0, NEW(NSL_USER), 0);
	step_ns(b, NSL_FN_mntns_install, -EPERM, NEW(NSL_MNT), 0);
	step(b, NSL_FN_put_nsset, 0, 0);
	end(b, NSL_SYS_SETNS, flags, -EPERM, old_view());
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void clone_with_child(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWPID | NSL_NEWTIME;

	begin(b, NSL_SYS_CLONE, flags);
	create(b, flags, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	task(b, NSL_TASK_NEW, 60, child_view(flags));
	end(b, NSL_SYS_CLONE3, flags, 60, old_view());
	CHECK_STR(b->text, "");
	bench_free(b);
}

/* fork() after unshare(NEWPID|NEWTIME): nothing is made, the pending ones are entered. */
static void fork_pending(void)
{
	struct bench *b = bench_new();
	struct nsl_call_begin e = { .syscall = NSL_SYS_FORK, .target_type = NSL_TYPE_UNKNOWN,
				    .before = unshared_view(NSL_NEWPID | NSL_NEWTIME) };

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	create(b, 0, NSL_FN_NONE, 0);
	step(b, NSL_FN_copy_namespaces, 0, 0);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWPID | NSL_NEWTIME));
	b->steps = false;
	end(b, NSL_SYS_FORK, 0, 60, e.before);
	CHECK_STR(b->text, "");
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
	CHECK_STR(b->text, "");
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

static void clone_refused(void)
{
	struct bench *b = bench_new();
	uint64_t flags = NSL_NEWUSER | NSL_NEWIPC;

	begin(b, NSL_SYS_CLONE, flags);
	step_ns(b, NSL_FN_create_user_ns, 0, NEW(NSL_USER), flags);
	step(b, NSL_FN_copy_namespaces, -EINVAL, 0);
	end(b, NSL_SYS_CLONE, flags, -EINVAL, old_view());
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void exec_time(void)
{
	struct bench *b = bench_new();
	struct nsl_view after = old_view();
	struct nsl_call_begin e = { .syscall = NSL_SYS_EXEC, .target_type = NSL_TYPE_UNKNOWN,
				    .before = unshared_view(NSL_NEWTIME) };

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
	step_begin(b, NSL_FN_exec_task_namespaces);
	create(b, 0, NSL_FN_NONE, 0);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	step(b, NSL_FN_exec_task_namespaces, 0, 0);
	after = child_view(NSL_NEWTIME);
	end(b, NSL_SYS_EXEC, 0, 0, after);
	CHECK_STR(b->text, "");
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
	CHECK_STR(b->text, "");
	bench_free(b);
}

/* Tracepoints: the exit of the task is told while its call is open. */
static void exit_tracepoint(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_EXIT, 0);
	task(b, NSL_TASK_EXIT, 50, old_view());
	end(b, NSL_SYS_EXIT, 0, 0, (struct nsl_view){ 0 });
	CHECK_NUM(b->last.nslots, NSL_NSPROXY_SLOTS);
	CHECK_NUM(b->last.nsteps, 0);
	CHECK(b->last.end_seen && !b->last.died);
	bench_free(b);
}

static void exit_zap(void)
{
	struct bench *b = bench_new();
	struct nsl_call_begin e = { .syscall = NSL_SYS_EXIT, .target_type = NSL_TYPE_UNKNOWN };

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
	CHECK_STR(b->text, "");
	bench_free(b);
}

static void tracepoints_clone(void)
{
	struct bench *b = bench_new();

	begin(b, NSL_SYS_CLONE, NSL_NEWPID);
	task(b, NSL_TASK_NEW, 60, child_view(NSL_NEWPID));
	end(b, NSL_SYS_CLONE, NSL_NEWPID, 60, old_view());
	CHECK_STR(b->text, "");
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
	RUN(unshare_ok);
	RUN(unshare_user);
	RUN(unshare_half_way);
	RUN(unshare_late);
	RUN(setns_nsfs);
	RUN(setns_nsfs_failed);
	RUN(setns_pidfd);
	RUN(setns_pidfd_failed);
	RUN(clone_with_child);
	RUN(fork_pending);
	RUN(clone_undone);
	RUN(clone_undone_619);
	RUN(clone_undone_unseen);
	RUN(clone_refused);
	RUN(exec_time);
	RUN(exec_idle);
	RUN(exit_last);
	RUN(exit_tracepoint);
	RUN(exit_zap);
	RUN(tracepoints_unshare);
	RUN(tracepoints_clone);
	RUN(tracepoints_setns);
	return unit_end();
}
