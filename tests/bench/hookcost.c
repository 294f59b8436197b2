// SPDX-License-Identifier: GPL-2.0-only
/*
 * hookcost: what the hooks on the path of a fork or thread cost.
 *
 *	hookcost path fork|thread|vfork N   which BPF programs of this machine run, how often and
 *	                                    how long, as the kernel's own statistics have it
 *	hookcost cost [tree]                what one run of each such program costs; tree: where
 *	                                    a process tree is followed, and the task is not of it
 *
 * A fork takes hundreds of thousands of instructions and no two take the same
 * number, so a hook of some hundred cannot be measured in it. `cost` therefore
 * attaches the program itself (the one that nslens loads, on its way for initial
 * tasks) to something cheap of the same shape: a function with as many arguments,
 * a tracepoint with as many. Its system call is repeated with and without; the
 * least round counts. Under QEMU with -icount shift=0 a nanosecond is one
 * instruction, and the result is exact. JSON lines on standard output.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../bpf/event.h"
#include "../../user/capture/kfuncs.h"
#include "nslens.skel.h"

#ifndef __x86_64__
#error "hookcost knows x86-64 guests only"
#endif

#define ROUNDS	    20
#define PATH_ROUNDS 5
#define CALLS	    1000
#define MAX_PROGS   512

static void fail(const char *what)
{
	fprintf(stderr, "hookcost: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- what is called -------------------------------------------------------------------------- */

/*
 * getpgid(0) with r15 set. r15 is the first word of the saved registers that the
 * entry function gets, as `flags` is the first of struct kernel_clone_args: so
 * the program on kernel_clone() sees here the flags of a thread.
 */
static void call_getpgid(void)
{
	long ret = SYS_getpgid;

	__asm__ volatile("mov %[flags], %%r15\n\tsyscall"
			 : "+a"(ret)
			 : [flags] "i"(0x3d0f00), "D"(0L)
			 : "rcx", "r11", "r15", "memory");
	if (ret < 0)
		fail("getpgid");
}

/* security_task_setnice(task, 0): two arguments, the second 0 as at an exit, an int result. */
static void call_setpriority(void)
{
	if (syscall(SYS_setpriority, PRIO_PROCESS, 0, 0))
		fail("setpriority");
}

/* The tracepoint task_rename(task, comm) is the cheapest that begins with a task. */
static void call_rename(void)
{
	if (syscall(SYS_prctl, PR_SET_NAME, "hookcost", 0, 0, 0))
		fail("prctl(PR_SET_NAME)");
}

static const struct stand_in {
	const char *program;
	const char *instead; /* function or tracepoint that it is attached to */
	void (*call)(void);
} stand_ins[] = {
	{"fe_kernel_clone", "__x64_sys_getpgid", call_getpgid},
	{"fx_sys_clone", "__x64_sys_getpgid", call_getpgid},
	{"fx_sys_clone3", "__x64_sys_getpgid", call_getpgid},
	{"fx_sys_fork", "__x64_sys_getpgid", call_getpgid},
	{"fx_sys_vfork", "__x64_sys_getpgid", call_getpgid},
	{"fx_copy_namespaces", "security_task_setnice", call_setpriority},
	{"fx_switch_task_namespaces", "security_task_setnice", call_setpriority},
	{"tp_task_newtask", "task_rename", call_rename},
	{"tp_sched_process_exit", "task_rename", call_rename},
	{"tp_task_freed", "task_rename", call_rename},
};

#define STAND_INS (sizeof(stand_ins) / sizeof(*stand_ins))

/* ---- cost ------------------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds of one call: the mean of the best round, in which no interrupt fell. */
static double measure(void (*call)(void))
{
	double least = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t from = now_ns();
		double mean;

		for (int i = 0; i < CALLS; i++)
			call();
		mean = (double)(now_ns() - from) / CALLS;
		if (!round || mean < least)
			least = mean;
	}
	return least;
}

static uint64_t runs_of(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		fail("cannot read what a program did");
	return info.run_cnt;
}

/* The measured call really runs the program, once: else the figure would be of something else. */
static void check_runs(const struct bpf_program *prog, void (*call)(void))
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME), fd = bpf_program__fd(prog);
	uint64_t before, runs;

	if (stats < 0)
		fail("the kernel does not count the runs of programs");
	before = runs_of(fd);
	for (int i = 0; i < 10; i++)
		call();
	runs = runs_of(fd) - before;
	close(stats);
	if (runs == 10)
		return;
	fprintf(stderr, "hookcost: %s ran %llu times in 10 calls\n", bpf_program__name(prog),
		(unsigned long long)runs);
	exit(1);
}

static uint64_t counted_forks(const struct nslens_bpf *skel)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(skel->bss->forks) / sizeof(*skel->bss->forks); i++)
		n += skel->bss->forks[i][0];
	return n;
}

/* As nslens does: the programs are then what it loads, to the instruction. */
static void link_kfuncs(struct nslens_bpf *skel)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;
	uint32_t ids[NSL_KFUNCS];

	if (!btf)
		fail("cannot read the kernel's BTF");
	for (size_t i = 0; i < NSL_KFUNCS; i++) {
		int id = btf__find_by_name_kind(btf, kfunc_names[i], BTF_KIND_FUNC);

		if (id <= 0)
			goto out; /* before 6.14 */
		ids[i] = (uint32_t)id;
	}
	bpf_object__for_each_program(prog, skel->obj) if (kfuncs_link(prog, ids))
		fail("cannot link the kernel's functions");
	skel->rodata->can_disable_preemption = true;
out:
	btf__free(btf);
}

static struct nslens_bpf *load(bool tree)
{
	struct nslens_bpf *skel = nslens_bpf__open();
	struct bpf_program *prog;

	if (!skel)
		fail("cannot open the BPF object");
	bpf_object__for_each_program(prog, skel->obj) bpf_program__set_autoload(prog, false);
	bpf_program__set_autoload(skel->progs.find_init, true);
	for (size_t i = 0; i < STAND_INS; i++) {
		prog = bpf_object__find_program_by_name(skel->obj, stand_ins[i].program);
		if (!prog)
			fail(stand_ins[i].program);
		bpf_program__set_autoload(prog, true);
		if (bpf_program__set_attach_target(prog, 0, stand_ins[i].instead))
			fail(stand_ins[i].instead);
	}
	/* the knobs of `nslens trace`, without a command or with; no event will need the ring */
	skel->rodata->filter_tree = skel->rodata->keep_tree = tree;
	skel->rodata->sees_functions = true;
	skel->rodata->own_pid = (uint32_t)getpid();
	bpf_map__set_max_entries(skel->maps.ring, 4096);
	if (!tree)
		bpf_map__set_max_entries(skel->maps.tree, 1);
	link_kfuncs(skel);
	if (nslens_bpf__load(skel))
		fail("the kernel refused the programs");
	return skel;
}

static void find_initial(struct nslens_bpf *skel)
{
	struct bpf_link *link = bpf_program__attach_iter(skel->progs.find_init, NULL);
	char buf[64];
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;

	while (fd >= 0 && !skel->bss->init_nsproxy_addr && read(fd, buf, sizeof(buf)) > 0)
		;
	if (!skel->bss->init_nsproxy_addr)
		fail("cannot find the initial nsproxy");
	close(fd);
	bpf_link__destroy(link);
	skel->bss->enabled = true;
}

static int cost(bool tree)
{
	struct nslens_bpf *skel = load(tree);

	find_initial(skel);
	for (size_t i = 0; i < STAND_INS; i++) {
		const struct stand_in *s = &stand_ins[i];
		struct bpf_program *prog = bpf_object__find_program_by_name(skel->obj, s->program);
		uint64_t forks = counted_forks(skel);
		double without, with;
		struct bpf_link *link;

		measure(s->call); /* warm up */
		without = measure(s->call);
		link = bpf_program__attach(prog);
		if (!link)
			fail(s->program);
		check_runs(prog, s->call);
		with = measure(s->call);
		bpf_link__destroy(link);
		printf("{\"program\":\"%s\",\"instead\":\"%s\",\"call\":%.2f,\"cost\":%.2f,"
		       "\"forks\":%llu}\n",
		       s->program, s->instead, without, with - without,
		       (unsigned long long)(counted_forks(skel) - forks));
	}
	if (skel->bss->nr_open || skel->bss->lost_total) {
		fprintf(stderr,
			"hookcost: a program took another way than that of initial tasks\n");
		return 1;
	}
	nslens_bpf__destroy(skel);
	return 0;
}

/* ---- path ------------------------------------------------------------------------------------ */

static void run_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("fork");
}

static void run_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("vfork");
}

static void *nothing(void *arg)
{
	return arg;
}

static void run_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, nothing, NULL);
	if (errno || (errno = pthread_join(thread, NULL)))
		fail("pthread_create");
}

struct prog {
	uint32_t id;
	char name[BPF_OBJ_NAME_LEN];
	uint64_t runs, time;
};

static size_t list_programs(struct prog *progs)
{
	uint32_t id = 0;
	size_t n = 0;

	while (n < MAX_PROGS && !bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size)) {
			progs[n] = (struct prog){
				.id = id, .runs = info.run_cnt, .time = info.run_time_ns};
			memcpy(progs[n++].name, info.name, sizeof(info.name));
		}
		close(fd);
	}
	return n;
}

/* Of each program that ran meanwhile: how often, or for how many nanoseconds. */
static void print_differences(const struct prog *before, size_t nbefore, const struct prog *after,
			      size_t nafter, bool time)
{
	const char *comma = "";

	for (size_t i = 0; i < nafter; i++) {
		struct prog old = {0};

		for (size_t j = 0; j < nbefore; j++)
			if (before[j].id == after[i].id)
				old = before[j];
		if (after[i].runs == old.runs)
			continue;
		printf("%s\"%s\":%llu", comma, after[i].name,
		       (unsigned long long)(time ? after[i].time - old.time
						 : after[i].runs - old.runs));
		comma = ",";
	}
}

/* What was counted in one round. */
struct round {
	struct prog before[MAX_PROGS], after[MAX_PROGS];
	size_t nbefore, nafter;
	uint64_t time;
};

static void count_round(struct round *r, void (*run)(void), long n)
{
	uint64_t before = 0, after = 0;

	r->nbefore = list_programs(r->before);
	for (long i = 0; i < n; i++)
		run();
	r->nafter = list_programs(r->after);
	for (size_t i = 0; i < r->nbefore; i++)
		before += r->before[i].time;
	for (size_t i = 0; i < r->nafter; i++)
		after += r->after[i].time;
	r->time = after - before;
}

/* The quickest round is told: an interrupt in a program's run counts as its time. */
static int path(const char *op, long n)
{
	static struct round rounds[2];
	struct round *best = &rounds[0], *r = &rounds[1];
	void (*run)(void) = !strcmp(op, "fork")	    ? run_fork
			    : !strcmp(op, "thread") ? run_thread
			    : !strcmp(op, "vfork")  ? run_vfork
						    : NULL;
	int stats;

	if (!run || n <= 0)
		return 2;
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats < 0)
		fail("the kernel does not count the runs of programs");
	count_round(best, run, n);
	for (int i = 1; i < PATH_ROUNDS; i++) {
		count_round(r, run, n);
		if (r->time < best->time) {
			struct round *slower = best;

			best = r;
			r = slower;
		}
	}
	close(stats);
	printf("{\"op\":\"%s\",\"n\":%ld,\"programs\":%zu,\"runs\":{", op, n, best->nafter);
	print_differences(best->before, best->nbefore, best->after, best->nafter, false);
	printf("},\"times\":{");
	print_differences(best->before, best->nbefore, best->after, best->nafter, true);
	printf("}}\n");
	return 0;
}

int main(int argc, char **argv)
{
	int err = 2;

	if (argc == 2 && !strcmp(argv[1], "cost"))
		err = cost(false);
	else if (argc == 3 && !strcmp(argv[1], "cost") && !strcmp(argv[2], "tree"))
		err = cost(true);
	else if (argc == 4 && !strcmp(argv[1], "path"))
		err = path(argv[2], atol(argv[3]));
	if (err == 2)
		fprintf(stderr,
			"usage: hookcost cost [tree] | hookcost path fork|thread|vfork N\n");
	return err;
}
