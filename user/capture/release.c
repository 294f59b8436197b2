// SPDX-License-Identifier: GPL-2.0-only
/* Letting go: detaching function hooks can take the kernel seconds. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_internal.h"

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Holds nothing of the caller's: whoever waits for the end of a pipe, or for a lock, would
 * wait for us. Standard input, output and error lead to /dev/null.
 */
static void keep_only(int *fds, size_t n)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int next = 3;

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	qsort(fds, n, sizeof(*fds), by_number);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned int)fds[i] > next)
			syscall(SYS_close_range, next, fds[i] - 1, 0);
		next = (unsigned int)fds[i] + 1;
	}
	syscall(SYS_close_range, next, ~0u, 0);
}

/*
 * In the child: waits until nslens is gone, then lets everything go. Not before:
 * whoever closes a link last is the one who waits for the kernel.
 */
static void __attribute__((noreturn)) detach_and_exit(const struct capture *c, int parent)
{
	struct pollfd gone = {.fd = parent, .events = POLLIN};
	int keep[MAX_LINKS + 1] = {parent};

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	for (size_t i = 0; i < c->nlinks; i++)
		keep[i + 1] = bpf_link__fd(c->links[i].link);
	keep_only(keep, c->nlinks + 1);
	while (poll(&gone, 1, -1) < 0 && errno == EINTR)
		;
	/* which closes the links */
	_exit(0);
}

/* Leaves the links to a child of its own; where there can be none, closing them waits. */
static void hand_over(struct capture *c)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t child = self < 0 ? -1 : fork();

	if (!child) {
		/* twice, so that nobody has to wait for it */
		if (!fork())
			detach_and_exit(c, self);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	if (self >= 0)
		close(self);
}

void links_release(struct capture *c)
{
	if (c->skel && c->skel->bss)
		c->skel->bss->enabled = false;
	if (c->nlinks && c->ladder.functions)
		hand_over(c);
	for (size_t i = 0; i < c->nlinks; i++)
		bpf_link__destroy(c->links[i].link);
	c->nlinks = 0;
}
