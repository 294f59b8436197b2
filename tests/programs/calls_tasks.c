// SPDX-License-Identifier: GPL-2.0-only
/* Cases of calls: fork, exec, threads, exit, privileges and limits. */
#include "calls.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#define NOBODY 65534

static void end_child(long ret)
{
	if (ret == 0)
		sys_exit_now(0);
	if (ret > 0)
		sys_reap((pid_t)ret);
}

static void *sleeper(void *arg)
{
	(void)arg;
	linger();
}

static bool start_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	errno = pthread_create(thread, NULL, fn, arg);
	if (errno)
		case_fail("pthread_create");
	return !errno;
}

/* ---- calls without CLONE_NEW* ---- */

static void fork_plain(uint64_t arg)
{
	(void)arg;
	end_child(do_fork(WANT_OK, false, false));
}

static void vfork_plain(uint64_t arg)
{
	(void)arg;
	do_vfork(WANT_OK, false, false);
}

static int thread_exit(void *arg)
{
	(void)arg;
	syscall(SYS_exit, 0);
	return 0;
}

/* The C library's clone: the thread needs a stack of its own. Always the native entry. */
static void clone_thread(int want, bool optional)
{
	static char stack[16384] __attribute__((aligned(16)));
	const int flags =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	struct call call = {
		.syscall = "clone", .raw = (unsigned int)flags, .optional = optional, .want = want};
	bool ia32 = sys_ia32;

	call.ret = clone(thread_exit, stack + sizeof(stack), flags, NULL);
	if (call.ret < 0)
		call.ret = -errno;
	if (call.ret > 0)
		call.child = (pid_t)call.ret;
	sys_ia32 = false;
	call_print(&call);
	sys_ia32 = ia32;
}

static void thread_plain(uint64_t arg)
{
	(void)arg;
	clone_thread(WANT_OK, false);
	usleep(10000); /* its stack is static: let it go */
}

/* ---- namespaces that wait for the next child or exec ---- */

static void fork_after_time(uint64_t arg)
{
	(void)arg;
	do_unshare(NEWTIME, WANT_OK);
	end_child(do_fork(WANT_OK, true, false));
}

static void vfork_after_time(uint64_t arg)
{
	(void)arg;
	do_unshare(NEWTIME, WANT_OK);
	/* Up to 6.2 refused; later the child shares the memory and so stays. */
	do_vfork(WANT_OK_OR(EINVAL), false, true);
}

static void fork_after_pid(uint64_t arg)
{
	long first;

	(void)arg;
	do_unshare(NEWPID, WANT_OK);
	first = do_fork(WANT_OK, true, false);
	if (first == 0)
		linger();
	end_child(do_fork(WANT_OK, true, false));
	if (first > 0) {
		kill((pid_t)first, SIGKILL);
		sys_reap((pid_t)first);
	}
}

static void fork_after_init_died(uint64_t arg)
{
	(void)arg;
	do_unshare(NEWPID, WANT_OK);
	end_child(do_fork(WANT_OK, true, false));
	end_child(do_fork(ENOMEM, false, true));
}

static void thread_pending_pid(uint64_t arg)
{
	(void)arg;
	do_unshare(NEWPID, WANT_OK);
	clone_thread(EINVAL, true);
}

static ssize_t time_link(char *buf, size_t size)
{
	ssize_t len = readlinkat(proc_fd(), "self/ns/time", buf, size - 1);

	buf[len > 0 ? len : 0] = 0;
	return len;
}

/* Only the program after exec can tell whether it is in another time namespace. */
int exec_probe(const char *time_before)
{
	struct call call = {.syscall = "exec", .raw_unread = true, .want = WANT_OK};
	char now[64];

	if (time_link(now, sizeof(now)) <= 0) {
		case_fail("/proc/self/ns/time");
		return 1;
	}
	call.expect = strcmp(now, time_before) != 0;
	call_print(&call);
	return 0;
}

static void exec_self(bool pending)
{
	const char *argv[8] = {NULL};
	char before[64];
	int n;

	if (time_link(before, sizeof(before)) <= 0)
		case_fail("/proc/self/ns/time");
	if (pending)
		do_unshare(NEWTIME, WANT_OK);
	n = exec_argv(argv);
	argv[n] = before;
	execv("/proc/self/exe", (char **)(uintptr_t)argv);
	case_fail("exec of /proc/self/exe");
}

static void exec_plain(uint64_t arg)
{
	(void)arg;
	exec_self(false);
}

static void exec_after_time(uint64_t arg)
{
	(void)arg;
	exec_self(true);
}

/* ---- threads ---- */

static void unshare_user_threads(uint64_t arg)
{
	pthread_t thread;

	(void)arg;
	if (start_thread(&thread, sleeper, NULL))
		do_unshare(NEWUSER, EINVAL);
}

static void *unshare_in_thread(void *arg)
{
	(void)arg;
	do_unshare(NEWUTS, WANT_OK);
	return NULL;
}

static void thread_unshares(uint64_t arg)
{
	pthread_t thread;

	(void)arg;
	if (start_thread(&thread, unshare_in_thread, NULL))
		pthread_join(thread, NULL);
}

/* ---- privileges ---- */

static bool drop_root(void)
{
	/* The raw call: the library's would signal other threads, and map ids of its own. */
	if (syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) == 0 &&
	    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) == 0)
		return true;
	case_fail("setresuid");
	return false;
}

static void nobody_uts(uint64_t arg)
{
	(void)arg;
	if (drop_root())
		do_unshare(NEWUTS, EPERM);
}

static void nobody_clone_uts(uint64_t arg)
{
	(void)arg;
	if (drop_root())
		end_child(do_clone(NEWUTS | SIGCHLD, EPERM));
}

/* Both are wrong; the capability is looked at first. */
static void nobody_clone_ipc_sysvsem(uint64_t arg)
{
	(void)arg;
	if (drop_root())
		end_child(do_clone(NEWIPC | CLONE_SYSVSEM | SIGCHLD, EPERM));
}

static void nobody_user_uts(uint64_t arg)
{
	int fd = ns_open(0, "uts");

	(void)arg;
	if (fd < 0 || !drop_root())
		return;
	do_unshare(NEWUSER | NEWUTS, WANT_OK);
	do_setns(fd, NEWUTS, EPERM);
}

static void chrooted_user(uint64_t arg)
{
	(void)arg;
	if (chroot("/proc") < 0)
		case_fail("chroot to /proc");
	else
		do_unshare(NEWUSER, EPERM);
}

static void unmapped_user(uint64_t arg)
{
	(void)arg;
	do_unshare(NEWUSER, WANT_OK);
	do_unshare(NEWUSER, EPERM);
}

/* ---- limits ---- */

/* In a fresh user namespace, whose limits are its own; false if there is none. */
static bool limit_uts(void)
{
	if (do_unshare(NEWUSER, WANT_OK) < 0)
		return false;
	if (map_root() && proc_write("sys/user/max_uts_namespaces", "0"))
		return true;
	case_fail("max_uts_namespaces");
	return false;
}

static void limit_zero(uint64_t flags)
{
	if (limit_uts())
		do_unshare(flags, ENOSPC);
}

static void limit_zero_clone(uint64_t flags)
{
	if (limit_uts())
		end_child(do_clone(flags | SIGCHLD, ENOSPC));
}

static void nest_user(uint64_t arg)
{
	(void)arg;
	for (int level = 1; level <= 33; level++) {
		if (do_unshare(NEWUSER, WANT_OK) < 0)
			return;
		if (!map_root())
			case_fail("mapping root in a nested user namespace");
	}
	do_unshare(NEWUSER, ENOSPC);
}

static void nest_pid(uint64_t arg)
{
	(void)arg;
	for (int level = 1; level <= 32; level++) {
		long ret = do_clone3(NEWPID, WANT_OK);

		if (ret < 0)
			sys_exit_now(1);
		if (ret > 0) {
			sys_reap((pid_t)ret);
			if (level == 1)
				return;
			sys_exit_now(0);
		}
	}
	end_child(do_clone3(NEWPID, ENOSPC));
	sys_exit_now(0);
}

/* ---- ends ---- */

static void last_of_nsproxy(uint64_t flags)
{
	do_unshare(flags, WANT_OK);
	sys_exit_now(0);
}

static void killed(uint64_t flags)
{
	long ret = do_clone3(flags, WANT_OK);

	if (ret == 0)
		linger();
	if (ret > 0) {
		kill((pid_t)ret, SIGKILL);
		sys_reap((pid_t)ret);
	}
}

static void init_dies(uint64_t flags)
{
	long ret = do_clone3(flags, WANT_OK);

	if (ret == 0) {
		for (int i = 0; i < 3; i++)
			if (helper_fork() == 0)
				linger();
		sys_exit_now(0);
	}
	if (ret > 0)
		sys_reap((pid_t)ret);
}

const struct test_case task_cases[] = {
	{"fork", fork_plain, 0},
	{"vfork", vfork_plain, 0},
	{"thread", thread_plain, 0},
	{"exec", exec_plain, 0},
	{"fork-after-time", fork_after_time, 0},
	{"vfork-after-time", vfork_after_time, 0},
	{"exec-after-time", exec_after_time, 0},
	{"fork-after-pid", fork_after_pid, 0},
	{"fork-after-init-died", fork_after_init_died, 0},
	{"thread-pending-pid", thread_pending_pid, 0},
	{"unshare-user-threads", unshare_user_threads, 0},
	{"thread-unshares-uts", thread_unshares, 0},
	{"nobody-uts", nobody_uts, 0},
	{"nobody-clone-uts", nobody_clone_uts, 0},
	{"nobody-clone-ipc-sysvsem", nobody_clone_ipc_sysvsem, 0},
	{"nobody-user-uts", nobody_user_uts, 0},
	{"chrooted-user", chrooted_user, 0},
	{"unmapped-user", unmapped_user, 0},
	{"limit-uts", limit_zero, NEWUTS},
	{"limit-mnt-uts", limit_zero, NEWNS | NEWUTS},
	{"limit-clone-mnt-uts", limit_zero_clone, NEWNS | NEWUTS},
	{"nest-user", nest_user, 0},
	{"nest-pid", nest_pid, 0},
	{"last-of-nsproxy", last_of_nsproxy, NEWUTS | NEWIPC},
	{"killed-in-new", killed, NEW_ALL & ~NEWNET},
	{"init-dies", init_dies, NEWPID},
	{NULL, NULL, 0},
};
