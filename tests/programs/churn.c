// SPDX-License-Identifier: GPL-2.0-only
/*
 * churn: random namespace calls at full speed, with exact counts.
 *
 *	churn --calls N [--tasks 4] [--net-every 16] [--seed S] [--storm]
 *
 * Each task keeps one worker process at work. A worker makes up to 50 calls and
 * is replaced, so that nesting and leftovers stay small. Children made by clone
 * leave at once and are reaped. Counts lie in shared memory.
 *
 * "calls" holds only what a tracer of namespace calls must report: every
 * unshare and setns, and clone and clone3 with a CLONE_NEW* flag it can read.
 * Plain forks (workers, tasks, storm) and threads are counted beside.
 */
#include "sys.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define WORKER_CALLS 50
#define MAX_TASKS    64
#define ERRNOS	     256

enum kind { UNSHARE, CLONE, CLONE3, SETNS, KINDS };

static const char *const kind_names[KINDS] = {"unshare", "clone", "clone3", "setns"};

struct shared {
	_Atomic uint64_t by[KINDS][ERRNOS]; /* index 0: success */
	_Atomic uint64_t nets;		    /* calls that asked for a network namespace */
	_Atomic uint64_t forks, threads;
	atomic_bool stop;
	atomic_bool broken;
};

struct churn {
	uint64_t calls;
	unsigned int tasks;
	unsigned int net_every;
	uint64_t seed;
	bool storm;
	int ns_fd[NS_COUNT]; /* the namespaces churn was started in */
	int pidfd;	     /* churn itself */
	int file;	     /* no namespace */
	struct shared *shared;
};

/* One worker's own state. */
struct worker {
	const struct churn *churn;
	uint64_t rng;
	uint64_t index; /* of the next call, within its task */
};

bool sys_ia32;

static uint64_t rnd(struct worker *w)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return (w->rng * 0x2545f4914f6cdd1dULL) >> 16;
}

static bool one_in(struct worker *w, unsigned int n)
{
	return rnd(w) % n == 0;
}

static void count(struct worker *w, enum kind kind, long ret)
{
	size_t err = ret < 0 ? (size_t)-ret : 0;

	if (err >= ERRNOS)
		err = ERRNOS - 1;
	atomic_fetch_add(&w->churn->shared->by[kind][err], 1);
}

/* A set of the given types, never empty; NEWNET is decided by the call's number alone. */
static uint64_t some_types(struct worker *w, uint64_t allowed)
{
	unsigned int every = w->churn->net_every;
	uint64_t flags = 0;

	if (every && w->index % every == every - 1) {
		flags |= NEWNET;
		atomic_fetch_add(&w->churn->shared->nets, 1);
	}
	allowed &= ~NEWNET;
	while (!flags) {
		for (size_t i = 0; i < NS_COUNT; i++)
			if ((allowed & ns_names[i].bit) && one_in(w, 5))
				flags |= ns_names[i].bit;
	}
	return flags;
}

static void call_unshare(struct worker *w)
{
	static const uint64_t extra[] = {0, 0,		0, 0, CLONE_FS, CLONE_FILES, CLONE_SYSVSEM,
					 1, CLONE_VFORK};
	uint64_t flags = one_in(w, 20) ? 0 : some_types(w, NEW_ALL);

	flags |= extra[rnd(w) % (sizeof(extra) / sizeof(extra[0]))];
	count(w, UNSHARE, sys_unshare(flags));
}

static void after_clone(struct worker *w, enum kind kind, long ret)
{
	if (ret == 0)
		sys_exit_now(0);
	count(w, kind, ret);
	if (ret > 0)
		sys_reap((pid_t)ret);
}

static void call_clone(struct worker *w)
{
	/* The last four make valid sets invalid, each by its own rule. None shares memory and
	 * succeeds. */
	static const uint64_t extra[] = {0,
					 0,
					 0,
					 0,
					 CLONE_FILES,
					 0x80,
					 CLONE_FS | NEWNS,
					 CLONE_SYSVSEM | NEWIPC,
					 CLONE_THREAD,
					 CLONE_SIGHAND};
	uint64_t flags = some_types(w, NEW_ALL & ~NEWTIME);

	flags |= extra[rnd(w) % (sizeof(extra) / sizeof(extra[0]))];
	flags |= one_in(w, 2) ? SIGCHLD : 0;
	after_clone(w, CLONE, sys_clone(flags));
}

static void call_clone3(struct worker *w)
{
	static pid_t taken = 1;
	struct clone3_args args = {.flags = some_types(w, NEW_ALL)};
	size_t size = sizeof(args);

	args.exit_signal = one_in(w, 2) ? SIGCHLD : 0;
	switch (rnd(w) % 10) {
	case 0:
		args.flags |= 1ULL << 60; /* unknown */
		break;
	case 1:
		args.flags |= SIGCHLD; /* belongs in exit_signal */
		break;
	case 2:
		args.set_tid =
			(uintptr_t)&taken; /* pid 1 is alive: undone after the namespaces exist */
		args.set_tid_size = 1;
		break;
	case 3:
		args.flags |= INTO_CGROUP;
		args.cgroup = 999999;
		break;
	case 4:
		size = 64;
		break;
	default:
		break;
	}
	after_clone(w, CLONE3, sys_clone3(&args, size));
}

static void call_setns(struct worker *w)
{
	const struct churn *c = w->churn;
	size_t type = rnd(w) % NS_COUNT;
	uint64_t bits = ns_names[type].bit;
	int fd = c->ns_fd[type];

	switch (rnd(w) % 12) {
	case 0:
		bits = ns_names[(type + 1) % NS_COUNT].bit; /* another type */
		break;
	case 1:
		bits = 0; /* any type */
		break;
	case 2:
		fd = -1;
		break;
	case 3:
		fd = c->file;
		break;
	case 4:
	case 5:
		fd = c->pidfd;
		break;
	case 6:
		fd = c->pidfd;
		bits = rnd(w) & NEW_ALL; /* maybe several, maybe none */
		break;
	case 7:
		fd = c->pidfd;
		bits |= CLONE_VM; /* unknown here */
		break;
	default:
		break;
	}
	count(w, SETNS, sys_setns(fd, (int)bits));
}

static void work(struct worker *w, uint64_t calls)
{
	static void (*const make[KINDS])(struct worker *) = {call_unshare, call_clone, call_clone3,
							     call_setns};

	for (uint64_t end = w->index + calls; w->index < end; w->index++)
		make[rnd(w) % KINDS](w);
}

static pid_t plain_fork(const struct churn *c)
{
	pid_t pid = fork();

	if (pid > 0)
		atomic_fetch_add(&c->shared->forks, 1);
	if (pid < 0) {
		perror("churn: fork");
		atomic_store(&c->shared->broken, true);
	}
	return pid;
}

static void run_task(const struct churn *c, unsigned int task)
{
	uint64_t total = c->calls / c->tasks + (task < c->calls % c->tasks);

	for (uint64_t done = 0; done < total;) {
		uint64_t left = total - done;
		uint64_t calls = left < WORKER_CALLS ? left : WORKER_CALLS;
		pid_t pid = plain_fork(c);
		int status;

		if (pid < 0)
			return;
		if (pid == 0) {
			struct worker w = {.churn = c, .index = done};

			w.rng = (c->seed + 1) * 0x9e3779b97f4a7c15ULL ^ ((uint64_t)task << 48) ^
				(done + 1);
			rnd(&w);
			work(&w, calls);
			sys_exit_now(0);
		}
		status = sys_reap(pid);
		if (status) {
			fprintf(stderr,
				"churn: a worker died with status 0x%x: counts are not complete\n",
				(unsigned int)status);
			atomic_store(&c->shared->broken, true);
			return;
		}
		done += calls;
	}
}

static void storm_forks(const struct churn *c)
{
	while (!atomic_load(&c->shared->stop)) {
		pid_t pid = plain_fork(c);

		if (pid == 0)
			sys_exit_now(0);
		if (pid < 0)
			return;
		sys_reap(pid);
	}
}

static void *empty_thread(void *arg)
{
	return arg;
}

static void storm_threads(const struct churn *c)
{
	pthread_t thread;

	while (!atomic_load(&c->shared->stop)) {
		if (pthread_create(&thread, NULL, empty_thread, NULL))
			continue;
		atomic_fetch_add(&c->shared->threads, 1);
		pthread_join(thread, NULL);
	}
}

static void print_counts(const struct churn *c, double seconds)
{
	const struct shared *s = c->shared;
	uint64_t total = 0;
	char buf[16];

	for (int k = 0; k < KINDS; k++)
		for (int e = 0; e < ERRNOS; e++)
			total += s->by[k][e];
	printf("{\"calls\":%llu,\"by\":{", (unsigned long long)total);
	for (int k = 0; k < KINDS; k++) {
		const char *sep = "";

		printf("%s\"%s\":{", k ? "," : "", kind_names[k]);
		for (int e = 0; e < ERRNOS; e++) {
			if (!s->by[k][e])
				continue;
			printf("%s\"%s\":%llu", sep, e ? sys_errno_name(e, buf) : "ok",
			       (unsigned long long)s->by[k][e]);
			sep = ",";
		}
		printf("}");
	}
	printf("},\"asked_net\":%llu,\"forks\":%llu,\"threads\":%llu,\"seed\":%llu,\"seconds\":%."
	       "3f}\n",
	       (unsigned long long)s->nets, (unsigned long long)s->forks,
	       (unsigned long long)s->threads, (unsigned long long)c->seed, seconds);
	if (total != c->calls)
		fprintf(stderr, "churn: made %llu calls of %llu\n", (unsigned long long)total,
			(unsigned long long)c->calls);
}

static bool open_all(struct churn *c)
{
	char path[64];

	for (size_t i = 0; i < NS_COUNT; i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_names[i].type);
		c->ns_fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (c->ns_fd[i] < 0) {
			fprintf(stderr, "churn: %s: %s\n", path, strerror(errno));
			return false;
		}
	}
	c->file = open("/proc/version", O_RDONLY | O_CLOEXEC);
	c->pidfd = sys_pidfd_open(getpid());
	c->shared = mmap(NULL, sizeof(*c->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->file < 0 || c->pidfd < 0 || c->shared == MAP_FAILED) {
		fprintf(stderr, "churn: set-up: %s\n", strerror(errno));
		return false;
	}
	return true;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: churn --calls N [--tasks 4] [--net-every 16] [--seed S] [--storm]\n");
	return 2;
}

static bool parse(struct churn *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *end;
		uint64_t value;

		if (!strcmp(argv[i], "--storm")) {
			c->storm = true;
			continue;
		}
		if (i + 1 >= argc)
			return false;
		value = strtoull(argv[i + 1], &end, 0);
		if (*end || end == argv[i + 1])
			return false;
		if (!strcmp(argv[i], "--calls"))
			c->calls = value;
		else if (!strcmp(argv[i], "--tasks"))
			c->tasks = (unsigned int)value;
		else if (!strcmp(argv[i], "--net-every"))
			c->net_every = (unsigned int)value;
		else if (!strcmp(argv[i], "--seed"))
			c->seed = value;
		else
			return false;
		i++;
	}
	return c->calls && c->tasks && c->tasks <= MAX_TASKS;
}

int main(int argc, char **argv)
{
	/* Static: workers hand addresses in it to the kernel, and all of them share it read-only.
	 */
	static struct churn c = {.tasks = 4, .net_every = 16, .seed = 1};
	struct timespec from, to;
	pid_t pids[MAX_TASKS], storms[2] = {0};

	if (!parse(&c, argc, argv))
		return usage();
	if (!open_all(&c))
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; c.storm && i < 2; i++) {
		storms[i] = plain_fork(&c);
		if (storms[i] == 0) {
			(i ? storm_threads : storm_forks)(&c);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < c.tasks; i++) {
		pids[i] = plain_fork(&c);
		if (pids[i] == 0) {
			run_task(&c, i);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < c.tasks; i++)
		if (pids[i] > 0)
			sys_reap(pids[i]);
	atomic_store(&c.shared->stop, true);
	for (int i = 0; i < 2; i++)
		if (storms[i] > 0)
			sys_reap(storms[i]);
	clock_gettime(CLOCK_MONOTONIC, &to);
	print_counts(&c,
		     (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	return atomic_load(&c.shared->broken) ? 1 : 0;
}
