// SPDX-License-Identifier: GPL-2.0-only
/* Letting go: detaching function hooks can take the kernel seconds. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_internal.h"

/*
 * In the child: waits until nslens is gone, then lets everything go. Not before:
 * whoever closes a link last is the one who waits for the kernel.
 */
static void __attribute__((noreturn)) detach_and_exit(struct capture *c, int parent)
{
	struct pollfd gone = {.fd = parent, .events = POLLIN};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	/* hold nothing of the caller's terminal or pipes */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	while (poll(&gone, 1, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < c->nlinks; i++)
		bpf_link__destroy(c->links[i].link);
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
