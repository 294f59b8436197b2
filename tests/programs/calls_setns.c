// SPDX-License-Identifier: GPL-2.0-only
/* Cases of calls: setns by nsfs file and by pidfd, allowed and refused. */
#include "calls.h"

#include <fcntl.h>
#include <pthread.h>

static const char *type_of(uint64_t flag)
{
	for (size_t i = 0; i < NS_COUNT; i++)
		if (ns_names[i].bit == flag)
			return ns_names[i].type;
	return "?";
}

/* A child that sits in new namespaces until end_target; -1: failed, reported. */
static pid_t start_target(uint64_t flags)
{
	long ret = do_clone3(flags, WANT_OK);

	if (ret == 0)
		linger();
	return ret > 0 ? (pid_t)ret : -1;
}

static void end_target(pid_t pid)
{
	kill(pid, SIGKILL);
	sys_reap(pid);
}

static void *sleeper(void *arg)
{
	(void)arg;
	linger();
}

static bool start_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, sleeper, NULL);
	if (errno)
		case_fail("pthread_create");
	return !errno;
}

static void nsfs_from_child(uint64_t flag, int nstype, int want, bool threaded)
{
	pid_t pid = start_target(flag);
	int fd;

	if (pid < 0)
		return;
	fd = ns_open(pid, type_of(flag));
	if (fd >= 0 && (!threaded || start_thread()))
		do_setns(fd, nstype, want);
	end_target(pid);
}

static void setns_nsfs(uint64_t flag)
{
	nsfs_from_child(flag, (int)flag, WANT_OK, false);
}

static void setns_any_type(uint64_t flag)
{
	nsfs_from_child(flag, 0, WANT_OK, false);
}

static void setns_mismatch(uint64_t flag)
{
	nsfs_from_child(flag, NEWNET, EINVAL, false);
}

static void setns_time_threads(uint64_t flag)
{
	nsfs_from_child(flag, (int)flag, EUSERS, true);
}

static void setns_threads_einval(uint64_t flag)
{
	nsfs_from_child(flag, (int)flag, EINVAL, true);
}

static void setns_threads_ok(uint64_t flag)
{
	nsfs_from_child(flag, (int)flag, WANT_OK, true);
}

static void setns_same(uint64_t flag)
{
	int fd = ns_open(0, type_of(flag));

	if (fd >= 0)
		do_setns(fd, (int)flag, flag == NEWUSER ? EINVAL : WANT_OK);
}

static void setns_plain_file(uint64_t flag)
{
	int fd = openat(proc_fd(), "version", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		case_fail("/proc/version");
	else
		do_setns(fd, (int)flag, EINVAL);
}

static void setns_bad_fd(uint64_t flag)
{
	do_setns(-1, (int)flag, EBADF);
	do_setns(999999, (int)flag, EBADF);
}

static void setns_ancestor_pid(uint64_t flag)
{
	int fd = ns_open(0, "pid");
	long ret;

	if (fd < 0)
		return;
	ret = do_clone3(flag, WANT_OK);
	if (ret == 0) {
		do_setns(fd, (int)flag, EINVAL);
		sys_exit_now(0);
	}
	if (ret > 0)
		sys_reap((pid_t)ret);
}

/* Back to the own active pid namespace: the way out of a pending one. */
static void setns_pid_back(uint64_t flag)
{
	int fd = ns_open(0, "pid");

	if (fd < 0)
		return;
	do_unshare(flag, WANT_OK);
	do_setns(fd, (int)flag, WANT_OK);
}

/* A target, and its pidfd (or -1). */
static pid_t start_pidfd(uint64_t made, int *fd)
{
	pid_t pid = start_target(made);

	*fd = pid < 0 ? -1 : sys_pidfd_open(pid);
	if (pid >= 0 && *fd < 0)
		case_fail("pidfd_open");
	return pid;
}

static void by_pidfd(uint64_t made, int nstype, int want)
{
	int fd;
	pid_t pid = start_pidfd(made, &fd);

	if (pid < 0)
		return;
	if (fd >= 0)
		do_setns(fd, nstype, want);
	end_target(pid);
}

static void pidfd_one(uint64_t flag)
{
	by_pidfd(flag, (int)flag, WANT_OK);
}

static void pidfd_several(uint64_t flags)
{
	by_pidfd(flags, (int)flags, WANT_OK);
}

static void pidfd_zero(uint64_t flag)
{
	by_pidfd(flag, 0, EINVAL);
}

static void pidfd_bad_bits(uint64_t flag)
{
	by_pidfd(flag, (int)flag | CLONE_VM, EINVAL);
}

/* All or nothing: uts would be allowed, the own user namespace is not. */
static void pidfd_half(uint64_t flag)
{
	by_pidfd(flag, (int)(flag | NEWUSER), EINVAL);
}

static void pidfd_dead(uint64_t flag, bool reap_first)
{
	siginfo_t info;
	int fd;
	pid_t pid = start_pidfd(flag, &fd);

	if (pid < 0)
		return;
	kill(pid, SIGKILL);
	if (reap_first)
		sys_reap(pid);
	else if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		case_fail("waitid");
	if (fd >= 0)
		do_setns(fd, (int)flag, ESRCH);
	if (!reap_first)
		sys_reap(pid);
}

static void pidfd_zombie(uint64_t flag)
{
	pidfd_dead(flag, false);
}

static void pidfd_reaped(uint64_t flag)
{
	pidfd_dead(flag, true);
}

/* A descriptor keeps what no task is in any more: putting it is not destroying it. */
static void setns_kept_fd(uint64_t flag)
{
	pid_t pid = start_target(flag);
	int fd;

	if (pid < 0)
		return;
	fd = ns_open(pid, type_of(flag));
	end_target(pid);
	if (fd >= 0)
		do_setns(fd, (int)flag, WANT_OK);
}

const struct test_case setns_cases[] = {
	{"setns-uts", setns_nsfs, NEWUTS},
	{"setns-ipc", setns_nsfs, NEWIPC},
	{"setns-mnt", setns_nsfs, NEWNS},
	{"setns-net", setns_nsfs, NEWNET},
	{"setns-pid", setns_nsfs, NEWPID},
	{"setns-cgroup", setns_nsfs, NEWCGROUP},
	{"setns-user", setns_nsfs, NEWUSER},
	{"setns-time", setns_nsfs, NEWTIME},
	{"setns-any-type", setns_any_type, NEWUTS},
	{"setns-same-uts", setns_same, NEWUTS},
	{"setns-own-user", setns_same, NEWUSER},
	{"setns-mismatch", setns_mismatch, NEWUTS},
	{"setns-plain-file", setns_plain_file, NEWUTS},
	{"setns-bad-fd", setns_bad_fd, NEWUTS},
	{"setns-ancestor-pid", setns_ancestor_pid, NEWPID},
	{"setns-pid-back", setns_pid_back, NEWPID},
	{"setns-time-threads", setns_time_threads, NEWTIME},
	{"setns-mnt-threads", setns_threads_einval, NEWNS},
	{"setns-user-threads", setns_threads_einval, NEWUSER},
	{"setns-uts-threads", setns_threads_ok, NEWUTS},
	{"setns-pidfd-uts", pidfd_one, NEWUTS},
	{"setns-pidfd-several", pidfd_several, NEWUSER | NEWUTS | NEWNET | NEWNS},
	{"setns-pidfd-all", pidfd_several, NEW_ALL},
	{"setns-pidfd-zero", pidfd_zero, NEWUTS},
	{"setns-pidfd-bad-bits", pidfd_bad_bits, NEWUTS},
	{"setns-pidfd-half", pidfd_half, NEWUTS},
	{"setns-pidfd-zombie", pidfd_zombie, NEWUTS},
	{"setns-pidfd-reaped", pidfd_reaped, NEWUTS},
	{"setns-kept-fd", setns_kept_fd, NEWUTS},
	{NULL, NULL, 0},
};
