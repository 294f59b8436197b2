// SPDX-License-Identifier: GPL-2.0-only
/* unshare() and setns(): their steps in kernel order, with what is inferred, and their slots. */
#include "unit.h"

#include "model_events.h"

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
	CHECK_STR(b->text, "ns created uts 101 owner 17 by 50 test\n"
			   "ns created net 105 owner 17 by 50 test\n"
			   "1 unshare tid 50 130ns = 0\n"
			   "  unshare_nsproxy_namespaces done\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname created 10ns ns=101\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns shared 10ns ns=13\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns created 10ns ns=105\n"
			   "      copy_time_ns shared 10ns ns=16\n"
			   "  switch_task_namespaces installed p=2\n"
			   "    free_nsproxy done p=1\n"
			   "  [uts 11 -> 101 created]\n"
			   "  [net 15 -> 105 created]\n");
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
	CHECK_STR(b->text, "ns created user 107 owner 17 by 50 test\n"
			   "ns created pid 103 owner 17 by 50 test\n"
			   "ns created time 106 owner 17 by 50 test\n"
			   "1 unshare tid 50 150ns = 0\n"
			   "  create_user_ns created 10ns ns=107\n"
			   "  unshare_nsproxy_namespaces done\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname shared 10ns ns=11\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns created 10ns ns=103\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns shared 10ns ns=15\n"
			   "      copy_time_ns created 10ns ns=106\n"
			   "  switch_task_namespaces installed p=2\n"
			   "  commit_creds installed ns=107\n"
			   "  [pid_for_children 13 -> 103 created]\n"
			   "  [time_for_children 16 -> 106 created]\n"
			   "  [user 17 -> 107 created]\n");
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
	CHECK_STR(b->text, "ns created user 107 owner 17 by 50 test\n"
			   "ns created mnt 100 owner 17 by 50 test\n"
			   "1 unshare tid 50 100ns ENOSPC\n"
			   "  create_user_ns created 10ns ns=107\n"
			   "  unshare_nsproxy_namespaces failed ENOSPC\n"
			   "    create_new_namespaces failed ENOSPC 50ns\n"
			   "      copy_mnt_ns created 10ns ns=100\n"
			   "      copy_utsname shared 10ns ns=11\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns failed ENOSPC 10ns\n"
			   "      copy_cgroup_ns not reached inferred\n"
			   "      copy_net_ns not reached inferred\n"
			   "      copy_time_ns not reached inferred\n"
			   "      put_ipc_ns undone ns=12 inferred\n"
			   "      put_uts_ns undone ns=11 inferred\n"
			   "      put_mnt_ns undone ns=100 inferred\n"
			   "  switch_task_namespaces not reached inferred\n"
			   "  put_user_ns undone ns=107 inferred\n");
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
	CHECK_STR(b->text, "ns created user 107 owner 17 by 50 test\n"
			   "ns created uts 101 owner 17 by 50 test\n"
			   "1 unshare tid 50 130ns EAGAIN\n"
			   "  create_user_ns created ns=107\n"
			   "  unshare_nsproxy_namespaces done\n"
			   "    create_new_namespaces done 80ns p=2\n"
			   "      copy_mnt_ns shared 10ns ns=10\n"
			   "      copy_utsname created 10ns ns=101\n"
			   "      copy_ipcs shared 10ns ns=12\n"
			   "      copy_pid_ns shared 10ns ns=13\n"
			   "      copy_cgroup_ns shared 10ns ns=14\n"
			   "      copy_net_ns shared 10ns ns=15\n"
			   "      copy_time_ns shared 10ns ns=16\n"
			   "  switch_task_namespaces not reached inferred\n"
			   "  free_nsproxy undone p=2\n"
			   "  put_user_ns undone ns=107 inferred\n");
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
	CHECK_STR(b->text, "1 setns tid 50 140ns = 0\n"
			   "  create_new_namespaces done 80ns p=2\n"
			   "    copy_mnt_ns shared 10ns ns=10\n"
			   "    copy_utsname shared 10ns ns=11\n"
			   "    copy_ipcs shared 10ns ns=12\n"
			   "    copy_pid_ns shared 10ns ns=13\n"
			   "    copy_cgroup_ns shared 10ns ns=14\n"
			   "    copy_net_ns shared 10ns ns=15\n"
			   "    copy_time_ns shared 10ns ns=16\n"
			   "  utsns_install installed 10ns ns=101\n"
			   "  switch_task_namespaces installed p=2\n"
			   "    free_nsproxy done p=1\n"
			   "  put_nsset done\n"
			   "  [uts 11 -> 101 installed]\n");
	CHECK_NUM(b->last.target_kind, NSL_TARGET_NSFS);
	CHECK_NUM(b->last.target.obj, NEW(NSL_UTS));
	CHECK_NUM(b->last.fd, 3);
	bench_free(b);
}

/* A kprobe tells the switch at its entry: the old nsproxy is still not put_nsset()'s. */
static void setns_kprobe(void)
{
	struct bench *b = bench_new();

	begin_setns(b, NSL_TARGET_NSFS, NSL_NEWUTS);
	create(b, 0, NSL_FN_NONE, 0);
	step_ns(b, NSL_FN_utsns_install, 0, NEW(NSL_UTS), 0);
	step(b, NSL_FN_switch_task_namespaces, 0, NEW_NSPROXY);
	step(b, NSL_FN_free_nsproxy, 0, OLD_NSPROXY);
	step(b, NSL_FN_put_nsset, 0, 0);
	end(b, NSL_SYS_SETNS, NSL_NEWUTS, 0, old_view());
	CHECK(strstr(b->text, "  switch_task_namespaces installed p=2\n"
			      "  free_nsproxy done p=1\n"
			      "  put_nsset done\n"));
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
	CHECK_STR(b->text, "1 setns tid 50 130ns EPERM\n"
			   "  create_new_namespaces done 80ns p=2\n"
			   "    copy_mnt_ns shared 10ns ns=10\n"
			   "    copy_utsname shared 10ns ns=11\n"
			   "    copy_ipcs shared 10ns ns=12\n"
			   "    copy_pid_ns shared 10ns ns=13\n"
			   "    copy_cgroup_ns shared 10ns ns=14\n"
			   "    copy_net_ns shared 10ns ns=15\n"
			   "    copy_time_ns shared 10ns ns=16\n"
			   "  utsns_install failed EPERM 10ns ns=101\n"
			   "  switch_task_namespaces not reached inferred\n"
			   "  put_nsset undone\n"
			   "    free_nsproxy undone p=2\n");
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
	CHECK_STR(b->text, "1 setns tid 50 150ns = 0\n"
			   "  create_new_namespaces done 80ns p=2\n"
			   "    copy_mnt_ns shared 10ns ns=10\n"
			   "    copy_utsname shared 10ns ns=11\n"
			   "    copy_ipcs shared 10ns ns=12\n"
			   "    copy_pid_ns shared 10ns ns=13\n"
			   "    copy_cgroup_ns shared 10ns ns=14\n"
			   "    copy_net_ns shared 10ns ns=15\n"
			   "    copy_time_ns shared 10ns ns=16\n"
			   "  userns_install installed 10ns ns=107\n"
			   "  mntns_install installed 10ns ns=100\n"
			   "  commit_creds installed ns=107\n"
			   "  switch_task_namespaces installed p=2\n"
			   "  put_nsset done\n"
			   "  [mnt 10 -> 100 installed]\n"
			   "  [user 17 -> 107 installed]\n");
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
	CHECK_STR(b->text, "1 setns tid 50 130ns EPERM\n"
			   "  create_new_namespaces done 80ns p=2\n"
			   "    copy_mnt_ns shared 10ns ns=10\n"
			   "    copy_utsname shared 10ns ns=11\n"
			   "    copy_ipcs shared 10ns ns=12\n"
			   "    copy_pid_ns shared 10ns ns=13\n"
			   "    copy_cgroup_ns shared 10ns ns=14\n"
			   "    copy_net_ns shared 10ns ns=15\n"
			   "    copy_time_ns shared 10ns ns=16\n"
			   "  userns_install installed 10ns ns=107\n"
			   "  mntns_install failed EPERM 10ns ns=100\n"
			   "  utsns_install not reached inferred\n"
			   "  netns_install not reached inferred\n"
			   "  timens_install not reached inferred\n"
			   "  switch_task_namespaces not reached inferred\n"
			   "  put_nsset undone\n");
	bench_free(b);
}

int main(void)
{
	RUN(unshare_ok);
	RUN(unshare_user);
	RUN(unshare_half_way);
	RUN(unshare_late);
	RUN(setns_nsfs);
	RUN(setns_kprobe);
	RUN(setns_nsfs_failed);
	RUN(setns_pidfd);
	RUN(setns_pidfd_failed);
	return unit_end();
}
