// SPDX-License-Identifier: GPL-2.0-only
/* Cases of calls: unshare, clone and clone3, valid and refused. */
#include "calls.h"

/* Far larger than any flag known; not one of CLONE_NEW*. */
#define UNKNOWN_FLAG (1ULL << 60)

static void end_child(long ret)
{
	if (ret == 0)
		sys_exit_now(0);
	if (ret > 0)
		sys_reap((pid_t)ret);
}

static void unshare_ok(uint64_t flags)
{
	do_unshare(flags, WANT_OK);
}

static void unshare_einval(uint64_t flags)
{
	do_unshare(flags, EINVAL);
}

static void unshare_high_bit(uint64_t flags)
{
	/* A 32-bit caller cannot pass bit 40 at all. */
	do_unshare(flags, sys_ia32 || sizeof(long) == 4 ? WANT_OK : EINVAL);
}

static void unshare_twice_pid(uint64_t flags)
{
	do_unshare(flags, WANT_OK);
	do_unshare(flags, EINVAL);
}

static void unshare_twice_ok(uint64_t flags)
{
	do_unshare(flags, WANT_OK);
	do_unshare(flags, WANT_OK);
}

static void unshare_empty_mnt(uint64_t flags)
{
	/* 7.1: makes a mount namespace; before: a bit that unshare refuses. */
	do_unshare(flags, WANT_OK_OR(EINVAL));
}

static void clone_ok(uint64_t flags)
{
	end_child(do_clone(flags | SIGCHLD, WANT_OK));
}

static void clone_einval(uint64_t flags)
{
	end_child(do_clone(flags | SIGCHLD, EINVAL));
}

/*
 * Exit signal 0x80|SIGCHLD is no signal. Older kernels take it in clone(2) and
 * send nothing at exit; from 7.1 on they refuse it. It is never CLONE_NEWTIME.
 */
static void clone_exit_signal(uint64_t flags)
{
	int before, after;
	long ret;

	before = ns_open(0, "time_for_children");
	ret = do_clone(flags | 0x80 | SIGCHLD, WANT_OK_OR(EINVAL));
	if (ret == 0) {
		/* It must not have become CLONE_NEWTIME. */
		char a[64] = "", b[64] = "", path[32];

		snprintf(path, sizeof(path), "self/fd/%d", before);
		if (readlinkat(proc_fd(), path, a, sizeof(a) - 1) < 0 ||
		    readlinkat(proc_fd(), "self/ns/time", b, sizeof(b) - 1) < 0 || strcmp(a, b))
			sys_exit_now(1);
		sys_exit_now(0);
	}
	after = ret > 0 ? sys_reap((pid_t)ret) : 0;
	if (after) {
		errno = 0;
		case_fail("the child of clone(0x80|...) is in another time namespace");
	}
	close(before);
}

static void clone_high_bits(uint64_t flags)
{
	end_child(do_clone(flags | SIGCHLD, WANT_OK));
}

static void clone3_ok(uint64_t flags)
{
	end_child(do_clone3(flags, WANT_OK));
}

static void clone3_einval(uint64_t flags)
{
	end_child(do_clone3(flags, EINVAL));
}

static void clone3_empty_mnt(uint64_t flags)
{
	end_child(do_clone3(flags, WANT_OK_OR(EINVAL)));
}

/* One byte below CLONE_ARGS_SIZE_VER0. */
static void clone3_small(uint64_t flags)
{
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD};

	end_child(do_clone3_args(&args, 63, true, EINVAL));
}

/* The first version of the struct: flags are read, the rest is zero. */
static void clone3_ver0(uint64_t flags)
{
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD};

	end_child(do_clone3_args(&args, 64, false, WANT_OK));
}

static void clone3_bad_pointer(uint64_t flags)
{
	(void)flags;
	end_child(do_clone3_args(NULL, sizeof(struct clone3_args), true, EFAULT));
}

static void clone3_big(uint64_t flags)
{
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD};

	/* Refused by its size alone. */
	end_child(do_clone3_args(&args, (size_t)sysconf(_SC_PAGESIZE) + 8, true, E2BIG));
}

/* The pid is taken: found out after the namespaces are made, which must go again. */
static void clone3_set_tid(uint64_t flags)
{
	static pid_t taken;
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD, .set_tid_size = 1};

	taken = getpid();
	args.set_tid = (uintptr_t)&taken;
	end_child(do_clone3_args(&args, sizeof(args), false, EEXIST));
}

static void clone3_bad_cgroup(uint64_t flags)
{
	struct clone3_args args = {
		.flags = flags | INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = 999999};

	end_child(do_clone3_args(&args, sizeof(args), false, EBADF));
}

static void clone3_exit_bits(uint64_t flags)
{
	struct clone3_args args = {.flags = flags | SIGCHLD};

	end_child(do_clone3_args(&args, sizeof(args), false, EINVAL));
}

const struct test_case create_cases[] = {
	{"unshare-uts", unshare_ok, NEWUTS},
	{"unshare-ipc", unshare_ok, NEWIPC},
	{"unshare-mnt", unshare_ok, NEWNS},
	{"unshare-net", unshare_ok, NEWNET},
	{"unshare-pid", unshare_ok, NEWPID},
	{"unshare-cgroup", unshare_ok, NEWCGROUP},
	{"unshare-user", unshare_ok, NEWUSER},
	{"unshare-time", unshare_ok, NEWTIME},
	{"unshare-all", unshare_ok, NEW_ALL},
	{"unshare-user-uts", unshare_ok, NEWUSER | NEWUTS},
	{"unshare-zero", unshare_ok, 0},
	{"unshare-files-only", unshare_ok, CLONE_FILES | CLONE_FS},
	{"unshare-bad-bit", unshare_einval, NEWUTS | 1},
	{"unshare-high-bit", unshare_high_bit, NEWUTS | 1ULL << 40},
	{"unshare-pid-twice", unshare_twice_pid, NEWPID},
	{"unshare-time-twice", unshare_twice_ok, NEWTIME},
	{"unshare-ipc-sysvsem", unshare_ok, NEWIPC | CLONE_SYSVSEM},
	{"unshare-empty-mnt", unshare_empty_mnt, UNSHARE_EMPTY_MNT},
	{"clone-uts", clone_ok, NEWUTS},
	{"clone-user", clone_ok, NEWUSER},
	{"clone-vfork-uts", clone_ok, NEWUTS | CLONE_VFORK},
	{"clone-untraced-uts", clone_ok, NEWUTS | CLONE_UNTRACED},
	{"clone-exit-signal-0x80", clone_exit_signal, NEWUTS},
	{"clone-exit-signal-0x80-only", clone_exit_signal, 0},
	{"clone-high-bits", clone_high_bits, NEWUTS | 1ULL << 40},
	{"clone-ns-fs", clone_einval, NEWNS | CLONE_FS},
	{"clone-user-fs", clone_einval, NEWUSER | CLONE_FS},
	{"clone-ipc-sysvsem", clone_einval, NEWIPC | CLONE_SYSVSEM},
	{"clone-pid-thread", clone_einval, NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM},
	{"clone3-uts", clone3_ok, NEWUTS},
	{"clone3-ipc", clone3_ok, NEWIPC},
	{"clone3-mnt", clone3_ok, NEWNS},
	{"clone3-net", clone3_ok, NEWNET},
	{"clone3-pid", clone3_ok, NEWPID},
	{"clone3-cgroup", clone3_ok, NEWCGROUP},
	{"clone3-user", clone3_ok, NEWUSER},
	{"clone3-time", clone3_ok, NEWTIME},
	{"clone3-all", clone3_ok, NEW_ALL},
	{"clone3-ver0", clone3_ver0, NEWUTS},
	{"clone3-unknown-flag", clone3_einval, NEWUTS | UNKNOWN_FLAG},
	{"clone3-csignal", clone3_exit_bits, NEWUTS},
	{"clone3-small", clone3_small, NEWUTS},
	{"clone3-bad-pointer", clone3_bad_pointer, 0},
	{"clone3-big", clone3_big, NEWUTS},
	{"clone3-set-tid-taken", clone3_set_tid, NEWUTS},
	{"clone3-bad-cgroup", clone3_bad_cgroup, NEWUTS},
	{"clone3-empty-mnt", clone3_empty_mnt, CLONE_EMPTY_MNT},
	{NULL, NULL, 0},
};
