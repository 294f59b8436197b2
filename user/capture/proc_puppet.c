// SPDX-License-Identifier: GPL-2.0-only
/* A thread that joins a namespace, does or shows something there, and leaves it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../model/model.h"
#include "proc_read.h"

#define STACK 65536

struct puppet_thread {
	pthread_t thread;
	pid_t tid;
	int fd, back; /* the namespace, and our own */
	__u32 flag;
	int error;
	void (*fn)(void *ctx); /* NULL: wait for `leave` */
	void *ctx;
	sem_t joined, leave;
};

static void wait_for(sem_t *s)
{
	while (sem_wait(s) && errno == EINTR)
		;
}

static void *play(void *arg)
{
	struct puppet_thread *t = arg;
	int error = 0;

	t->tid = (pid_t)syscall(SYS_gettid);
	/* a mount namespace is joined with a root and working directory of its own only */
	if ((t->flag == NSL_NEWNS && unshare(CLONE_FS)) || setns(t->fd, (int)t->flag))
		error = errno;
	t->error = error;
	sem_post(&t->joined);
	if (!error && t->fn)
		t->fn(t->ctx);
	else if (!error)
		wait_for(&t->leave);
	/* of an ended thread's namespaces the kernel lets go after it can be joined */
	if (!error)
		setns(t->back, (int)t->flag);
	return NULL;
}

static int open_own(__u32 flag)
{
	__u32 type = proc_type_by_flag(flag);
	char path[40];
	int fd;

	if (type == NSL_TYPE_UNKNOWN)
		return -EINVAL;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", nsm_type_name(type));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Signals are the business of the thread that waits. */
static int create(struct puppet_thread *t)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int error = pthread_attr_init(&attr);

	if (error)
		return -error;
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&t->thread, &attr, play, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -error;
}

static void end(struct puppet_thread *t)
{
	pthread_join(t->thread, NULL);
	sem_destroy(&t->joined);
	sem_destroy(&t->leave);
	close(t->back);
	free(t);
}

/* NULL with `error` set: it could not join. */
static struct puppet_thread *start(int fd, __u32 flag, void (*fn)(void *ctx), void *ctx, int *error)
{
	struct puppet_thread *t = calloc(1, sizeof(*t));

	*error = -ENOMEM;
	if (!t)
		return NULL;
	*t = (struct puppet_thread){.fd = fd, .flag = flag, .fn = fn, .ctx = ctx};
	t->back = open_own(flag);
	if (t->back < 0) {
		*error = t->back;
		free(t);
		return NULL;
	}
	sem_init(&t->joined, 0, 0);
	sem_init(&t->leave, 0, 0);
	*error = create(t);
	if (*error) {
		close(t->back);
		free(t);
		return NULL;
	}
	wait_for(&t->joined);
	*error = -t->error;
	if (!*error)
		return t;
	end(t);
	return NULL;
}

int proc_puppet_start(struct proc_puppet *p, int fd, __u32 flag)
{
	int error;

	p->thread = start(fd, flag, NULL, NULL, &error);
	p->tid = p->thread ? p->thread->tid : 0;
	return error;
}

void proc_puppet_end(struct proc_puppet *p)
{
	sem_post(&p->thread->leave);
	end(p->thread);
}

int proc_inside(int fd, __u32 flag, void (*fn)(void *ctx), void *ctx)
{
	int error;
	struct puppet_thread *t = start(fd, flag, fn, ctx, &error);

	if (t)
		end(t);
	return error;
}
