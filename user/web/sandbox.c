// SPDX-License-Identifier: GPL-2.0-only
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY	  65534
#define MAX_FILES 512

static int set_limits(size_t bytes, struct nsl_error *e)
{
	const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{RLIMIT_NOFILE, MAX_FILES}, {RLIMIT_FSIZE, 0},	{RLIMIT_CORE, 0},
		{RLIMIT_NPROC, 0},	    {RLIMIT_AS, bytes}, {RLIMIT_MEMLOCK, 0},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct rlimit r;

		if (getrlimit(limits[i].what, &r))
			return nsl_error_set(e, "cannot read limits: %s", strerror(errno));
		if (r.rlim_max > limits[i].most)
			r.rlim_max = limits[i].most;
		if (r.rlim_cur > r.rlim_max)
			r.rlim_cur = r.rlim_max;
		if (limits[i].what == RLIMIT_NOFILE)
			r.rlim_cur = r.rlim_max;
		if (setrlimit(limits[i].what, &r))
			return nsl_error_set(e, "cannot limit the server's process: %s",
					     strerror(errno));
	}
	return 0;
}

/* Also of a process that has some and is not root. */
static int drop_capabilities(struct nsl_error *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	/* fails without CAP_SETPCAP: then no_new_privs keeps the set out of reach */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!geteuid() && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			   setresuid(NOBODY, NOBODY, NOBODY)))
		return nsl_error_set(e, "the server's process cannot become nobody: %s",
				     strerror(errno));
	if (syscall(SYS_capset, &head, none))
		return nsl_error_set(e, "the server's process cannot drop its capabilities: %s",
				     strerror(errno));
	return 0;
}

/* What a loop over sockets needs; no name is ever opened, nothing is run. */
static const uint16_t permitted[] = {
	SYS_read,
	SYS_readv,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_write,
	SYS_writev,
	SYS_sendto,
	SYS_sendmsg,
	SYS_sendfile,
	SYS_accept4,
	SYS_shutdown,
	SYS_setsockopt,
	SYS_getsockopt,
	SYS_getsockname,
	SYS_close,
	SYS_fcntl,
	SYS_ioctl,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	SYS_timerfd_settime,
	SYS_ppoll,
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_time
	SYS_time,
#endif
	SYS_gettimeofday,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_getrandom,
	SYS_brk,
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_futex,
	SYS_getpid,
	SYS_gettid,
	SYS_tgkill,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
};

#define PERMITTED (sizeof(permitted) / sizeof(*permitted))

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "which audit architecture is this?"
#endif

/* Everything else fails with EPERM: a library that tries it lives on without. */
static int filter_calls(struct nsl_error *e)
{
	struct sock_filter code[PERMITTED + 6];
	struct sock_fprog program = {.len = 0, .filter = code};
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < PERMITTED; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, permitted[i],
							 (uint8_t)(PERMITTED - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	/* a kernel without seccomp: the rest must do */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) && errno != EINVAL &&
	    errno != ENOSYS)
		return nsl_error_set(e, "the server's process cannot filter its system calls: %s",
				     strerror(errno));
	return 0;
}

int web_sandbox(size_t bytes, struct nsl_error *e)
{
	if (drop_capabilities(e))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return nsl_error_set(e, "the server's process cannot give up its privileges: %s",
				     strerror(errno));
	/* nobody else who is nobody may look into its memory, where the key is */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* the source waits for it; unless it is killed */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (set_limits(bytes, e))
		return -1;
	return filter_calls(e);
}
