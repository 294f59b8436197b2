// SPDX-License-Identifier: GPL-2.0-only
/*
 * nswork: work that a tracer of namespaces looks at, and what it costs.
 *
 *	nswork fork|uts|start N ROUNDS   nanoseconds of one operation, as a JSON line
 *	nswork cpu PID                   processor time of a process so far, in nanoseconds
 *
 *	fork    a child that leaves at once: no call of ours, an event only where a graph is kept
 *	uts     clone(CLONE_NEWUTS), and the child leaves
 *	start   what a container's start is made of: a clone with five namespaces; a private
 *	        mount tree, a tmpfs, a hostname, a fork; then an exec
 *
 * Under QEMU with -icount shift=0 a nanosecond is one instruction.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 100
#define WARM_UP	   60

static void fail(const char *what)
{
	fprintf(stderr, "nswork: %s: %s\n", what, strerror(errno));
	exit(1);
}

static pid_t spawn(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		fail("clone");
	return pid;
}

static void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "nswork: the child's status is %d\n", status);
		exit(1);
	}
}

static void run_fork(void)
{
	pid_t pid = spawn(0);

	if (!pid)
		_exit(0);
	reap(pid);
}

static void run_uts(void)
{
	pid_t pid = spawn(CLONE_NEWUTS);

	if (!pid)
		_exit(0);
	reap(pid);
}

static void be_a_container(void)
{
	char *const argv[] = {"nswork", "nothing", NULL};
	pid_t pid;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) || sethostname("web", 3))
		_exit(1);
	pid = fork();
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		_exit(2);
	execv("/proc/self/exe", argv);
	_exit(3);
}

static void run_start(void)
{
	pid_t pid =
		spawn(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP);

	if (!pid)
		be_a_container();
	reap(pid);
}

static const struct work {
	const char *name;
	void (*run)(void);
} works[] = {{"fork", run_fork}, {"uts", run_uts}, {"start", run_start}};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		fail("clock");
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const struct work *w, long n, long rounds)
{
	double mean[MAX_ROUNDS];

	for (int i = 0; i < WARM_UP; i++)
		w->run();
	for (long r = 0; r < rounds; r++) {
		uint64_t from = clock_ns(CLOCK_MONOTONIC);

		for (long i = 0; i < n; i++)
			w->run();
		mean[r] = (double)(clock_ns(CLOCK_MONOTONIC) - from) / (double)n;
	}
	qsort(mean, (size_t)rounds, sizeof(*mean), by_size);
	printf("{\"op\":\"%s\",\"n\":%ld,\"least\":%.1f,\"median\":%.1f,\"most\":%.1f}\n", w->name,
	       WARM_UP + n * rounds, mean[0], mean[rounds / 2], mean[rounds - 1]);
}

int main(int argc, char **argv)
{
	long rounds = argc == 4 ? atol(argv[3]) : 0;
	clockid_t clock;

	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	if (argc == 3 && !strcmp(argv[1], "cpu")) {
		errno = clock_getcpuclockid((pid_t)atol(argv[2]), &clock);
		if (errno)
			fail(argv[2]);
		printf("%llu\n", (unsigned long long)clock_ns(clock));
		return 0;
	}
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		if (rounds < 1 || rounds > MAX_ROUNDS || strcmp(argv[1], works[i].name))
			continue;
		measure(&works[i], atol(argv[2]), rounds);
		return 0;
	}
	fprintf(stderr, "usage: nswork fork|uts|start N ROUNDS | nswork cpu PID\n");
	return 2;
}
