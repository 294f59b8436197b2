// SPDX-License-Identifier: GPL-2.0-only
/* Actors: their life, and the first task of the stage. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREAD_STACK (256ul << 10)

#define NOBODY 65534

int lab_slurp(int dirfd, const char *path, char *buf, size_t size)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), saved;
	size_t n = 0;
	ssize_t got = -1;

	if (fd < 0)
		return -1;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += (size_t)got;
	saved = errno;
	close(fd);
	errno = saved;
	buf[n] = 0;
	return got < 0 && !n ? -1 : (int)n;
}

/* /proc/thread-self of the machine: "PID/task/TID" */
static void own_ids(struct lab_reply *a)
{
	char link[64] = "";
	unsigned int pid = 0, tid = 0;

	if (readlinkat(LAB_FD_PROC, "thread-self", link, sizeof(link) - 1) > 0)
		sscanf(link, "%u/task/%u", &pid, &tid);
	a->pid = pid;
	a->tid = tid;
}

bool lab_refuse(struct lab_reply *a, const char *format, ...)
{
	va_list ap;

	a->kind = LAB_REPLY_REFUSED;
	va_start(ap, format);
	vsnprintf(a->text, sizeof(a->text), format, ap);
	va_end(ap);
	return true;
}

void lab_result(struct lab_reply *a, long ret)
{
	a->err = ret < 0 ? errno : 0;
	a->ret = ret;
}

bool lab_is_host(const struct lab_self *self, enum nsl_type type)
{
	char path[48];
	struct stat st;

	snprintf(path, sizeof(path), "thread-self/ns/%s", nsm_type_name(type));
	/* what cannot be told apart is taken for the machine's own */
	return fstatat(LAB_FD_PROC, path, &st, 0) || st.st_ino == self->shared->host[type];
}

/* "NSpid: 4711 12 1": one number for each level, the machine's first */
static int levels(const char *who, pid_t *number, int max)
{
	char path[48], text[4096], *p;
	int n = 0;

	snprintf(path, sizeof(path), "%s/status", who);
	if (lab_slurp(LAB_FD_PROC, path, text, sizeof(text)) < 0 || !(p = strstr(text, "\nNSpid:")))
		return 0;
	p += 7;
	while (n < max && *p == '\t')
		number[n++] = (pid_t)strtol(p, &p, 10);
	return n;
}

pid_t lab_own_number(uint32_t host_pid)
{
	pid_t mine[40], theirs[40];
	char who[16];
	int n = levels("thread-self", mine, 40), m;

	snprintf(who, sizeof(who), "%u", host_pid);
	m = levels(who, theirs, 40);
	return n && n <= m ? theirs[n - 1] : 0;
}

void lab_do(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	errno = 0;
	if (lab_do_tasks(self, q, a) || lab_do_files(self, q, a) || lab_do_mounts(self, q, a) ||
	    lab_do_looks(q, a) || lab_do_programs(self, q, a))
		return;
	a->kind = LAB_REPLY_FAILED;
	snprintf(a->text, sizeof(a->text), "verb %u is not known to the actor", q->verb);
}

/* The next request, and the terminal that may come with it. False: there will be none. */
static bool receive(struct lab_self *self, int channel, struct lab_request *q)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {q, sizeof(*q)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	const struct cmsghdr *c;
	ssize_t n;

	if (self->terminal >= 0)
		close(self->terminal);
	self->terminal = -1;
	do {
		n = recvmsg(channel, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&self->terminal, CMSG_DATA(c), sizeof(self->terminal));
	return n == (ssize_t)sizeof(*q);
}

static _Noreturn void actor_exits(const struct lab_self *self, int status)
{
	if (self->shared->thread_of[self->index] >= 0)
		syscall(SYS_exit, status);
	_exit(status);
}

_Noreturn void lab_actor(int index)
{
	static __thread struct lab_request q;
	static __thread struct lab_reply a;
	struct lab_self self = {.index = index, .terminal = -1};
	int channel = LAB_FD_CHANNEL + index;

	self.shared = mmap(NULL, sizeof(*self.shared), PROT_READ, MAP_SHARED, LAB_FD_SHARED, 0);
	if (self.shared == MAP_FAILED)
		_exit(111);
	prctl(PR_SET_NAME, self.shared->name[index]);
	/* its files in /proc belong to its own user, whatever ids it changes */
	prctl(PR_SET_DUMPABLE, 1);
	a = (struct lab_reply){.kind = LAB_REPLY_HELLO};
	own_ids(&a);
	for (;;) {
		if (send(channel, &a, sizeof(a), MSG_NOSIGNAL) != (ssize_t)sizeof(a))
			actor_exits(&self, 112);
		if (!receive(&self, channel, &q))
			actor_exits(&self, 0);
		if (q.verb == LAB_EXIT)
			actor_exits(&self, (int)q.number);
		memset(&a, 0, sizeof(a));
		a.kind = LAB_REPLY_RESULT;
		lab_do(&self, &q, &a);
		own_ids(&a);
	}
}

static void *thread_main(void *arg)
{
	lab_actor((int)(intptr_t)arg);
}

/* A process that the file declares, with its threads. */
static _Noreturn void process_main(const struct lab_shared *shared, int index)
{
	if (shared->nobody[index]) {
		if (syscall(SYS_setgroups, 0, NULL) ||
		    syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) ||
		    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY))
			_exit(113);
	}
	signal(SIGPIPE, SIG_IGN);
	for (uint32_t i = 0; i < shared->nactors; i++) {
		pthread_attr_t attr;
		pthread_t thread;

		if (shared->thread_of[i] != index)
			continue;
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, THREAD_STACK);
		if (pthread_create(&thread, &attr, thread_main, (void *)(intptr_t)i))
			_exit(114);
	}
	lab_actor(index);
}

_Noreturn void lab_stage_init(void)
{
	struct lab_shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, LAB_FD_SHARED, 0);

	if (shared == MAP_FAILED)
		_exit(111);
	for (uint32_t i = 0; i < shared->nactors; i++) {
		pid_t pid;

		if (shared->child[i] || shared->thread_of[i] >= 0)
			continue;
		pid = fork();
		if (pid < 0)
			_exit(115);
		if (!pid)
			process_main(shared, (int)i);
	}
	/* with its own ends closed, an actor's channel is the actor's alone */
	for (uint32_t i = 0; i < shared->nactors; i++)
		close(LAB_FD_CHANNEL + (int)i);
	for (;;) {
		while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
			;
		pause();
	}
}
