// SPDX-License-Identifier: GPL-2.0-only
/*
 * sleepers: many tasks that do nothing.
 *
 *	sleepers [--unshare] N
 *
 * Makes N children, each of which sleeps and shares this one's memory (5,000 take under
 * 200 MB, of the kernel's, instead of three times that); with --unshare each in a uts namespace
 * of its own, so that none of them is initial. Prints "ready" and waits for the end
 * of standard input. They die with it.
 */
#include "sys.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define STACK 8192

bool sys_ia32;

static uint64_t flags;

static int child(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (flags && syscall(SYS_unshare, flags) < 0)
		_exit(1);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	bool own = argc == 3 && !strcmp(argv[1], "--unshare");
	long count = argc == 2 + own ? strtol(argv[argc - 1], NULL, 10) : 0;
	char byte, *stacks;
	pid_t *pids;

	flags = own ? NEWUTS : 0;
	if (count <= 0 || count > 100000) {
		fprintf(stderr, "usage: sleepers [--unshare] N\n");
		return 2;
	}
	stacks = mmap(NULL, (size_t)count * STACK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pids = calloc((size_t)count, sizeof(*pids));
	if (stacks == MAP_FAILED || !pids) {
		perror("sleepers: memory");
		return 1;
	}
	for (long i = 0; i < count; i++) {
		pids[i] = clone(child, stacks + (i + 1) * STACK, CLONE_VM | SIGCHLD, NULL);
		if (pids[i] < 0) {
			fprintf(stderr, "sleepers: clone %ld of %ld: %s\n", i + 1, count,
				strerror(errno));
			return 1;
		}
	}
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	/* reaped here: whoever inherits thousands of zombies may take its time */
	for (long i = 0; i < count; i++) {
		kill(pids[i], SIGKILL);
		sys_reap(pids[i]);
	}
	return 0;
}
