// SPDX-License-Identifier: GPL-2.0-only
/*
 * forkbench: what one fork, thread, vfork or cheap system call costs.
 *
 *	forkbench fork|thread|vfork|getpgid N [ROUNDS]
 *
 * Each of ROUNDS (10) rounds makes N operations; a round's figure is the mean.
 * One JSON line: the least and the median round, and all of them. The first 600
 * operations warm up: without them rounds differ by a factor of two. Under
 * QEMU with -icount shift=0 a nanosecond is one instruction.
 */
#include "sys.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define MAX_ROUNDS 1000
#define WARM_UP	   600

struct operation {
	const char *name;
	void (*run)(void);
};

bool sys_ia32;

static void fail(const char *what)
{
	fprintf(stderr, "forkbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_fork(void)
{
	long pid = sys_fork();

	if (pid == 0)
		sys_exit_now(0);
	if (pid < 0 || sys_reap((pid_t)pid) != 0)
		fail("fork and wait");
}

static void run_vfork(void)
{
	long pid = sys_vfork_exit();

	if (pid < 0 || sys_reap((pid_t)pid) != 0)
		fail("vfork and wait");
}

static void *empty_thread(void *arg)
{
	return arg;
}

static void run_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, empty_thread, NULL);
	if (errno || (errno = pthread_join(thread, NULL)))
		fail("pthread_create and join");
}

static void run_getpgid(void)
{
	if (syscall(SYS_getpgid, 0) < 0)
		fail("getpgid");
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const struct operation operations[] = {
	{"fork", run_fork},
	{"thread", run_thread},
	{"vfork", run_vfork},
	{"getpgid", run_getpgid},
};

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}

static void measure(const struct operation *op, long n, long rounds)
{
	static double mean[MAX_ROUNDS], sorted[MAX_ROUNDS];
	double median;

	for (int i = 0; i < WARM_UP; i++)
		op->run();
	for (long r = 0; r < rounds; r++) {
		uint64_t from = now_ns();

		for (long i = 0; i < n; i++)
			op->run();
		mean[r] = (double)(now_ns() - from) / (double)n;
	}
	memcpy(sorted, mean, sizeof(sorted));
	qsort(sorted, (size_t)rounds, sizeof(sorted[0]), compare);
	median = (sorted[(rounds - 1) / 2] + sorted[rounds / 2]) / 2;
	printf("{\"op\":\"%s\",\"n\":%ld,\"rounds\":%ld,\"min_ns\":%.1f,\"median_ns\":%.1f,\"round_"
	       "ns\":[",
	       op->name, n, rounds, sorted[0], median);
	for (long r = 0; r < rounds; r++)
		printf("%s%.1f", r ? "," : "", mean[r]);
	printf("]}\n");
}

int main(int argc, char **argv)
{
	const struct operation *op = argc > 1 ? find(argv[1]) : NULL;
	long n = argc > 2 ? atol(argv[2]) : 0;
	long rounds = argc > 3 ? atol(argv[3]) : 10;

	if (!op || n <= 0 || rounds <= 0 || rounds > MAX_ROUNDS || argc > 4) {
		fprintf(stderr, "usage: forkbench fork|thread|vfork|getpgid N [ROUNDS]\n");
		return 2;
	}
	measure(op, n, rounds);
	return 0;
}
