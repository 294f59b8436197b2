// SPDX-License-Identifier: GPL-2.0-only
/* What actors do with tasks and namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"

/* In a new child: it becomes an actor, or has done its duty. A thread ends alone. */
static _Noreturn void child_main(const struct lab_request *q)
{
	if (q->new_actor < 0)
		syscall(q->flags & CLONE_THREAD ? SYS_exit : SYS_exit_group, 0);
	signal(SIGPIPE, SIG_IGN);
	lab_actor(q->new_actor);
}

/* Nobody can wait for a thread: it is gone when nobody has its number. */
static void await_thread(long tid)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	while (!syscall(SYS_tgkill, getpid(), tid, 0))
		nanosleep(&pause, NULL);
}

/* The parent's side: one that is no actor is gone again when the step ends. */
static void parent_side(const struct lab_request *q, struct lab_reply *a, long pid)
{
	lab_result(a, pid);
	if (pid <= 0 || q->new_actor >= 0)
		return;
	if (q->flags & CLONE_THREAD)
		await_thread(pid);
	else
		while (waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR)
			;
}

/* A child in the parent's memory would share the actor's state, and its stack. */
static bool can_share(const struct lab_request *q, struct lab_reply *a)
{
	if (q->flags & CLONE_VM && q->new_actor >= 0)
		return !lab_refuse(a, "an actor cannot share its parent's memory; leave CLONE_VM "
				      "or `as` out, or declare a thread");
	return true;
}

/* What a child that shares the memory runs on until it ends, which the parent awaits. */
static char stack[64 * 1024] __attribute__((aligned(16)));

static int on_stack(void *arg)
{
	child_main(arg);
}

static void do_clone(const struct lab_request *q, struct lab_reply *a)
{
	uint64_t flags = q->flags;
	long pid;

	if (!can_share(q, a))
		return;
	if (!(flags & (CLONE_THREAD | CLONE_PARENT | 0xff)))
		flags |= SIGCHLD;
	if (flags & CLONE_VM) {
		pid = clone(on_stack, stack + sizeof(stack), (int)flags, (void *)q);
	} else {
#ifdef __x86_64__
		pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
#else
		pid = syscall(SYS_clone, flags, NULL, NULL, 0, NULL);
#endif
		if (!pid)
			child_main(q);
	}
	parent_side(q, a, pid);
}

/*
 * clone3(2) for a child on a stack of its own: it cannot return into the caller's
 * frame, so it makes its one system call, exit, right here. -1 with errno.
 */
static long clone3_on_stack(void *args, size_t size)
{
	long ret;
#if defined(__x86_64__)
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%edi, %%edi\n\t"
			 "mov %[exit], %%eax\n\t"
			 "syscall\n\t"
			 "hlt\n"
			 "1:"
			 : "=a"(ret)
			 : "0"((long)SYS_clone3), "D"(args), "S"(size), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)size;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x8, %[exit]\n\t"
			 "svc #0\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), [exit] "i"(SYS_exit)
			 : "memory");
	ret = x0;
#else
	(void)args, (void)size;
	ret = -ENOSYS;
#endif
	errno = ret < 0 ? (int)-ret : 0;
	return ret < 0 ? -1 : ret;
}

/* The structure as the step wants it; its size. `pids` must live as long. */
static size_t fill_clone3(const struct lab_request *q, struct clone_args *args, pid_t pids[40])
{
	args->flags = q->flags;
	if (!(q->flags & (CLONE_THREAD | CLONE_PARENT)))
		args->exit_signal = SIGCHLD;
	if (q->flags & CLONE_VM) {
		args->stack = (uintptr_t)stack;
		args->stack_size = sizeof(stack);
	}
	for (int i = 0; i < 40; i++)
		pids[i] = getpid();
	if (q->clone3 == LAB_C3_TAKEN || q->clone3 == LAB_C3_MANY) {
		args->set_tid = (uintptr_t)pids;
		args->set_tid_size = q->clone3 == LAB_C3_MANY ? 40 : 1;
	}
	if (q->clone3 == LAB_C3_CGROUP)
		args->cgroup = (uint64_t)q->number;
	if (q->clone3 == LAB_C3_SIGNAL)
		args->exit_signal = (uint64_t)q->number;
	return q->clone3 == LAB_C3_SIZE ? (size_t)q->number : 88; /* with `cgroup`, 5.7 */
}

static void do_clone3(const struct lab_request *q, struct lab_reply *a)
{
	/* all versions of the struct lie in this much; what is not used is zero */
	union {
		struct clone_args args;
		char bytes[128];
	} u = {.bytes = {0}};
	void *args = q->clone3 == LAB_C3_UNREADABLE ? NULL : &u;
	pid_t pids[40];
	size_t size;
	long pid;

	if (!can_share(q, a))
		return;
	size = fill_clone3(q, &u.args, pids);
	if (q->flags & CLONE_VM) {
		pid = clone3_on_stack(args, size);
	} else {
		pid = syscall(SYS_clone3, args, size);
		if (!pid)
			child_main(q);
	}
	parent_side(q, a, pid);
}

static void do_fork(const struct lab_request *q, struct lab_reply *a)
{
	long pid = -1;

#ifdef SYS_fork
	pid = syscall(SYS_fork);
#elif defined(__aarch64__)
	pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
#endif
	if (!pid)
		child_main(q);
	parent_side(q, a, pid);
}

static void do_vfork(const struct lab_request *q, struct lab_reply *a)
{
	pid_t pid = vfork(); /* NOLINT: the system call is what is shown */

	if (!pid)
		_exit(0);
	parent_side(q, a, pid);
}

static void *thread_main(void *arg)
{
	return arg;
}

static void do_thread(struct lab_reply *a)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, thread_main, NULL);
	lab_result(a, errno ? -1 : 0);
	if (!a->err)
		pthread_join(thread, NULL);
}

/* Goes on as the same actor, in a new program. */
static void do_exec(const struct lab_self *self, struct lab_reply *a)
{
	char index[8];
	char *argv[] = {(char *)"nslens", (char *)"lab", (char *)"--actor", index, NULL};
	char *envp[] = {NULL};

	snprintf(index, sizeof(index), "%d", self->index);
	lab_result(a, syscall(SYS_execveat, LAB_FD_SELF, "", argv, envp, AT_EMPTY_PATH));
}

/* Descriptors of a scenario stand in numbers of their own. */
void lab_put_fd(struct lab_reply *a, int fd, int name)
{
	lab_result(a, fd);
	if (fd < 0)
		return;
	lab_result(a, dup3(fd, LAB_FD_NAMED + name, 0) < 0 ? -1 : 0);
	close(fd);
}

static void do_open_ns(const struct lab_request *q, struct lab_reply *a)
{
	char path[64];

	snprintf(path, sizeof(path), "%u/ns/%.32s", q->other_pid, q->text);
	lab_put_fd(a, openat(LAB_FD_PROC, path, O_RDONLY | O_CLOEXEC), q->fd);
}

static void do_pidfd(const struct lab_request *q, struct lab_reply *a)
{
	pid_t pid = lab_own_number(q->other_pid);

	if (!pid) {
		errno = ESRCH;
		lab_result(a, -1);
		return;
	}
	lab_put_fd(a, (int)syscall(SYS_pidfd_open, pid, 0), q->fd);
}

static void do_kill(const struct lab_request *q, struct lab_reply *a)
{
	char path[16];
	int fd;

	snprintf(path, sizeof(path), "%u", q->other_pid);
	fd = openat(LAB_FD_PROC, path, O_DIRECTORY | O_CLOEXEC);
	lab_result(a, fd < 0 ? -1 : syscall(SYS_pidfd_send_signal, fd, (int)q->number, NULL, 0));
	if (fd >= 0)
		close(fd);
}

static void do_wait(const struct lab_request *q, struct lab_reply *a)
{
	pid_t pid = lab_own_number(q->other_pid);
	int status = 0;

	if (!pid) {
		errno = ECHILD;
		lab_result(a, -1);
		return;
	}
	while ((pid = waitpid(pid, &status, __WALL)) < 0 && errno == EINTR)
		;
	lab_result(a, pid);
	if (pid > 0)
		a->ret = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* One descriptor goes with one byte over a socket pair that all actors have. */
static void do_pass(const struct lab_request *q, struct lab_reply *a)
{
	char byte = 0;
	struct iovec iov = {&byte, 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	int fd = LAB_FD_NAMED + q->fd;
	struct cmsghdr *c;

	if (!q->receive) {
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
		lab_result(a, sendmsg(LAB_FD_PASS_OUT, &m, MSG_NOSIGNAL) < 0 ? -1 : 0);
		return;
	}
	if (recvmsg(LAB_FD_PASS_IN, &m, MSG_CMSG_CLOEXEC) < 0 || !(c = CMSG_FIRSTHDR(&m))) {
		lab_result(a, -1);
		return;
	}
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	lab_put_fd(a, fd, q->fd);
}

static void do_caps(const struct lab_request *q, struct lab_reply *a)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d)) {
		lab_result(a, -1);
		return;
	}
	for (int cap = 0; cap < 64; cap++) {
		uint32_t bit = 1u << (cap & 31);

		if (strcmp(q->text, "all") && q->number != cap)
			continue;
		/* else an exec by root brings it back; who may not do this is no root */
		prctl(PR_CAPBSET_DROP, cap);
		d[cap >> 5].effective &= ~bit;
		d[cap >> 5].permitted &= ~bit;
		d[cap >> 5].inheritable &= ~bit;
	}
	lab_result(a, syscall(SYS_capset, &h, d));
}

bool lab_do_tasks(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	struct rlimit limit = {(rlim_t)q->number, (rlim_t)q->number};

	switch (q->verb) {
	case LAB_CLONE:
		do_clone(q, a);
		return true;
	case LAB_CLONE3:
		do_clone3(q, a);
		return true;
	case LAB_FORK:
		do_fork(q, a);
		return true;
	case LAB_VFORK:
		do_vfork(q, a);
		return true;
	case LAB_THREAD:
		do_thread(a);
		return true;
	case LAB_UNSHARE:
		lab_result(a, syscall(SYS_unshare, q->flags));
		return true;
	case LAB_SETNS:
		lab_result(a, syscall(SYS_setns, LAB_FD_NAMED + q->fd, (int)q->flags));
		return true;
	case LAB_EXEC:
		do_exec(self, a);
		return true;
	case LAB_OPEN_NS:
		do_open_ns(q, a);
		return true;
	case LAB_OPEN:
		lab_put_fd(a, open(q->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK), q->fd);
		return true;
	case LAB_PIDFD:
		do_pidfd(q, a);
		return true;
	case LAB_CLOSE:
		lab_result(a, close(LAB_FD_NAMED + q->fd));
		return true;
	case LAB_PASS:
		do_pass(q, a);
		return true;
	case LAB_SOCKET:
		lab_put_fd(a, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), q->fd);
		return true;
	case LAB_SETUID:
		/* the system call itself: this task alone, not all threads */
		lab_result(a, syscall(SYS_setresuid, q->number, q->number, q->number));
		prctl(PR_SET_DUMPABLE, 1);
		return true;
	case LAB_SETGID:
		lab_result(a, syscall(SYS_setresgid, q->number, q->number, q->number));
		prctl(PR_SET_DUMPABLE, 1);
		return true;
	case LAB_CAPS_DROP:
		do_caps(q, a);
		return true;
	case LAB_NPROC:
	case LAB_NOFILE:
		lab_result(a,
			   setrlimit(q->verb == LAB_NPROC ? RLIMIT_NPROC : RLIMIT_NOFILE, &limit));
		return true;
	case LAB_KILL:
		do_kill(q, a);
		return true;
	case LAB_WAIT:
		do_wait(q, a);
		return true;
	default:
		return false;
	}
}
