// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw system calls and names for the test programs.
 *
 * The C library hides or changes flags (clone) or has no wrapper (clone3), so
 * namespace calls are made here exactly as written. With sys_ia32 set, an
 * x86-64 build enters the kernel through int $0x80 instead: the kernel then
 * takes its ia32 table, as for a 32-bit program. Pointers must then lie below
 * 4 GB, which static, non-PIE data does and the stack does not.
 *
 * Every wrapper returns the kernel's own value: >= 0, or a negative errno.
 */
#ifndef TESTS_SYS_H
#define TESTS_SYS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Own names: headers of older C libraries lack the newest ones. */
#define NEWTIME		  0x00000080ULL
#define NEWNS		  0x00020000ULL
#define NEWCGROUP	  0x02000000ULL
#define NEWUTS		  0x04000000ULL
#define NEWIPC		  0x08000000ULL
#define NEWUSER		  0x10000000ULL
#define NEWPID		  0x20000000ULL
#define NEWNET		  0x40000000ULL
#define NEW_ALL		  (NEWTIME | NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET)
#define INTO_CGROUP	  (1ULL << 33)
#define CLONE_EMPTY_MNT	  (1ULL << 37)	/* clone3, 7.1 */
#define UNSHARE_EMPTY_MNT 0x00100000ULL /* unshare, 7.1 */

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size; /* 5.5 */
	uint64_t cgroup;		/* 5.7 */
};

struct ns_name {
	const char *flag; /* as printed */
	const char *type; /* below /proc/PID/ns */
	uint64_t bit;
};

/* Sorted by flag name: the order in which flags are printed. */
static const struct ns_name ns_names[] = {
	{"CLONE_NEWCGROUP", "cgroup", NEWCGROUP}, {"CLONE_NEWIPC", "ipc", NEWIPC},
	{"CLONE_NEWNET", "net", NEWNET},	  {"CLONE_NEWNS", "mnt", NEWNS},
	{"CLONE_NEWPID", "pid", NEWPID},	  {"CLONE_NEWTIME", "time", NEWTIME},
	{"CLONE_NEWUSER", "user", NEWUSER},	  {"CLONE_NEWUTS", "uts", NEWUTS},
};

#define NS_COUNT (sizeof(ns_names) / sizeof(ns_names[0]))

#ifdef __x86_64__
#define HAVE_IA32 1
#else
#define HAVE_IA32 0
#endif

/* newer architectures have no fork and no vfork: the C library calls clone */
#ifdef SYS_fork
#define SYS_ABI		"x86-64"
#define SYS_FORK_NAME	"fork"
#define SYS_FORK_FLAGS	0
#define SYS_VFORK_NAME	"vfork"
#define SYS_VFORK_FLAGS 0
#else
#define SYS_ABI		"arm64"
#define SYS_FORK_NAME	"clone"
#define SYS_FORK_FLAGS	SIGCHLD
#define SYS_VFORK_NAME	"clone"
#define SYS_VFORK_FLAGS (CLONE_VM | CLONE_VFORK | SIGCHLD)
#endif

extern bool sys_ia32; /* defined by the program that offers the choice */

enum sys_nr { NR_UNSHARE, NR_SETNS, NR_CLONE, NR_CLONE3, NR_FORK };

#if HAVE_IA32
static inline long sys_int80(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return (int)ret;
}
#endif

static inline long sys_raw(enum sys_nr which, long a, long b, long c, long d, long e)
{
	static const long native[] = {
		[NR_UNSHARE] = SYS_unshare, [NR_SETNS] = SYS_setns,
		[NR_CLONE] = SYS_clone,	    [NR_CLONE3] = SYS_clone3,
#ifdef SYS_fork
		[NR_FORK] = SYS_fork,
#endif
	};
	long ret;

#if HAVE_IA32
	static const long ia32[] = {[NR_UNSHARE] = 310,
				    [NR_SETNS] = 346,
				    [NR_CLONE] = 120,
				    [NR_CLONE3] = 435,
				    [NR_FORK] = 2};

	if (sys_ia32)
		return sys_int80(ia32[which], a, b, c, d, e);
#endif
	ret = syscall(native[which], a, b, c, d, e);
	return ret < 0 ? -errno : ret;
}

static inline long sys_unshare(uint64_t flags)
{
	return sys_raw(NR_UNSHARE, (long)flags, 0, 0, 0, 0);
}

static inline long sys_setns(int fd, int nstype)
{
	return sys_raw(NR_SETNS, fd, nstype, 0, 0, 0);
}

/* As fork: no stack of its own, so never with CLONE_VM unless it must fail. */
static inline long sys_clone(uint64_t flags)
{
	return sys_raw(NR_CLONE, (long)flags, 0, 0, 0, 0);
}

static inline long sys_clone3(void *args, size_t size)
{
	return sys_raw(NR_CLONE3, (long)args, (long)size, 0, 0, 0);
}

static inline long sys_fork(void)
{
#ifdef SYS_fork
	return sys_raw(NR_FORK, 0, 0, 0, 0, 0);
#else
	return sys_clone(SIGCHLD);
#endif
}

/* vfork whose child exits at once: in one asm block, since both share the stack. */
static inline long sys_vfork_exit(void)
{
#if HAVE_IA32
	long ret;

	if (sys_ia32) {
		__asm__ volatile("int $0x80\n\ttest %%eax, %%eax\n\tjnz 1f\n\t"
				 "mov $1, %%eax\n\txor %%ebx, %%ebx\n\tint $0x80\n1:"
				 : "=a"(ret)
				 : "a"(190L)
				 : "rbx", "r8", "r9", "r10", "r11", "memory", "cc");
		return (int)ret;
	}
	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
			 "mov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:"
			 : "=a"(ret)
			 : "a"((long)SYS_vfork)
			 : "rcx", "r11", "rdi", "memory", "cc");
	return ret;
#else
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -errno : pid;
#endif
}

static inline int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline void sys_exit_now(int status)
{
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}

/* Any child, whatever its exit signal. Returns the status, or -1. */
static inline int sys_reap(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, __WALL);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -1 : status;
}

/* The name ("EINVAL"), or "E<number>" in buf for one that has none here. */
static inline const char *sys_errno_name(int err, char buf[16])
{
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	snprintf(buf, 16, "E%d", err);
	return buf;
}

#endif
