// SPDX-License-Identifier: GPL-2.0-only
/* Holders that are tasks, nsproxies, credentials of tasks, or namespaces below. */
#include "holders.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define OWNER_WITHOUT_NAME 12345

/* Where a task that is born in a new namespace finds it below /proc/PID/ns. */
static int exit_make(struct holder *h)
{
	/* of a pid or user namespace the zombie is the last keeper, not the task that runs */
	bool reaped = h->type->bit & (NEWPID | NEWUSER);

	h->task = sleeper(h->type->bit);
	if (h->task < 0)
		return h->task;
	print_line(h, &(struct line){.keeper = "task",
				     .pid = h->task,
				     .inum = ns_link(h->task, h->task, h->type->type),
				     .fd = -1,
				     .cause = reaped ? "reaped exit" : "exit"});
	return 0;
}

/* The holder itself goes into the namespace, and comes back when asked. */
static int switch_make(struct holder *h)
{
	const char *slot = h->type->type;
	const char *keeper = "task";
	int ret;

	h->fd = ns_file(0, slot);
	if (h->fd < 0)
		return h->fd;
	ret = (int)sys_unshare(h->type->bit);
	if (ret < 0)
		return ret;
	if (h->type->bit == NEWPID)
		keeper = slot = "pid_for_children";
	if (h->type->bit == NEWTIME)
		keeper = slot = "time_for_children";
	/* of a pid namespace without a child /proc tells nothing */
	print_line(h, &(struct line){.keeper = keeper,
				     .inum = ns_link(0, 0, slot),
				     .fd = -1,
				     .cause = "switch"});
	return 0;
}

static int switch_drop(struct holder *h)
{
	return (int)sys_setns(h->fd, (int)h->type->bit);
}

/* A thread that is alone in a namespace. */
struct side {
	pthread_t thread;
	const struct holder *holder;
	pid_t tid;
	int ret;
	int made[2], end[2]; /* pipes */
};

static void *side_thread(void *arg)
{
	struct side *side = arg;
	char byte = 0;

	side->tid = (pid_t)syscall(SYS_gettid);
	side->ret = (int)sys_unshare(side->holder->type->bit);
	if (write(side->made[1], &byte, 1) != 1)
		return NULL;
	while (read(side->end[0], &byte, 1) < 0 && errno == EINTR)
		;
	return NULL;
}

static int thread_make(struct holder *h)
{
	static struct side side;
	char byte;

	side.holder = h;
	if (pipe(side.made) < 0 || pipe(side.end) < 0)
		return -errno;
	if (pthread_create(&side.thread, NULL, side_thread, &side))
		return -EAGAIN;
	if (read(side.made[0], &byte, 1) != 1)
		return -EIO;
	if (side.ret < 0)
		return side.ret;
	h->memory = &side;
	print_line(h, &(struct line){.keeper = "task",
				     .inum = ns_link(getpid(), side.tid, h->type->type),
				     .pid = getpid(),
				     .tid = side.tid,
				     .fd = -1,
				     .cause = "exit"});
	return 0;
}

static int thread_drop(struct holder *h)
{
	struct side *side = h->memory;

	close(side->end[1]);
	return -pthread_join(side->thread, NULL);
}

static int zombie_make(struct holder *h)
{
	uint64_t inum;
	siginfo_t info;

	h->task = sleeper(h->type->bit);
	if (h->task < 0)
		return h->task;
	inum = ns_link(h->task, h->task, h->type->type);
	kill(h->task, SIGKILL);
	if (waitid(P_PID, (id_t)h->task, &info, WEXITED | WNOWAIT) < 0)
		return -errno;
	print_line(h, &(struct line){.keeper = "zombie",
				     .inum = inum,
				     .pid = h->task,
				     .fd = -1,
				     .cause = "reaped"});
	return 0;
}

static int pending_make(struct holder *h)
{
	return switch_make(h);
}

static int deadinit_make(struct holder *h)
{
	pid_t init;

	h->fd = ns_file(0, "pid");
	if (h->fd < 0)
		return h->fd;
	if (sys_unshare(NEWPID) < 0)
		return -errno;
	init = sleeper(0);
	if (init < 0)
		return init;
	end_task(init);
	print_line(h, &(struct line){.keeper = "pid_for_children",
				     .inum = ns_link(0, 0, "pid_for_children"),
				     .fd = -1,
				     .cause = "switch"});
	return 0;
}

#define DEPTH 3

/* Told by the innermost task: inode numbers and pids from the outside in. */
struct chain {
	uint64_t inum[DEPTH];
	pid_t pid[DEPTH];
	int ret;
};

/* One level deeper. Returns 0 in the task that is there, a pid in one that stays behind, -errno. */
static long deeper(uint64_t bit)
{
	struct clone3_args args = {.flags = bit, .exit_signal = SIGCHLD};
	long ret;

	if (bit == NEWUSER) {
		ret = map_root_only();
		return ret ? ret : sys_unshare(bit);
	}
	/* a plain child beside the next init: two tasks at this level */
	ret = sleeper(0);
	return ret < 0 ? ret : sys_clone3(&args, sizeof(args));
}

/* Goes down from the first level; the last task, or the one that fails, tells. */
static void descend(struct chain *chain, int out, uint64_t bit)
{
	long ret = 0;

	for (int level = 0; level < DEPTH && !ret; level++) {
		if (level)
			ret = deeper(bit);
		if (ret)
			break;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		chain->pid[level] = proc_pid();
		chain->inum[level] = ns_link(0, 0, bit == NEWPID ? "pid" : "user");
	}
	chain->ret = (int)ret;
	if (ret <= 0 && write(out, chain, sizeof(*chain)) != sizeof(*chain))
		_exit(1);
	for (;;)
		pause();
}

static pid_t chain_start(uint64_t bit, struct chain *chain)
{
	struct clone3_args args = {.flags = bit, .exit_signal = SIGCHLD};
	int out[2];
	long pid;

	memset(chain, 0, sizeof(*chain));
	if (pipe(out) < 0)
		return -errno;
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0) {
		close(out[0]);
		descend(chain, out[1], bit);
	}
	close(out[1]);
	if (pid > 0 && read(out[0], chain, sizeof(*chain)) != sizeof(*chain))
		chain->ret = -EIO;
	close(out[0]);
	if (pid > 0 && chain->ret) {
		end_task((pid_t)pid);
		return chain->ret;
	}
	return (pid_t)pid;
}

static int nested_make(struct holder *h)
{
	struct chain chain;
	bool user = h->type->bit == NEWUSER;

	h->task = chain_start(h->type->bit, &chain);
	if (h->task < 0)
		return h->task;
	for (int i = 0; i < DEPTH; i++) {
		bool last = i == DEPTH - 1;

		print_line(h, &(struct line){.keeper = last || !user ? "task" : "child",
					     .inum = chain.inum[i],
					     .pid = user ? h->task : chain.pid[i],
					     .fd = -1,
					     .cause = last ? "reaped exit" : "child reaped exit"});
	}
	return 0;
}

/* The innermost is held by a descriptor, the ones above it by nothing but that. */
static int child_make(struct holder *h)
{
	struct chain chain;
	pid_t task = chain_start(h->type->bit, &chain);

	if (task < 0)
		return task;
	h->fd = ns_file(chain.pid[DEPTH - 1], h->type->type);
	end_task(task);
	if (h->fd < 0)
		return h->fd;
	for (int i = 0; i < DEPTH; i++) {
		bool last = i == DEPTH - 1;

		print_line(h, &(struct line){.keeper = last ? "fd" : "child",
					     .inum = chain.inum[i],
					     .fd = last ? h->fd : -1,
					     .cause = last ? "unpinned" : "child"});
	}
	return 0;
}

static int owned_make(struct holder *h)
{
	pid_t task = sleeper(NEWUSER | NEWUTS);
	uint64_t inum;

	if (task < 0)
		return task;
	h->fd = ns_file(task, "uts");
	inum = ns_link(task, task, "user");
	end_task(task);
	if (h->fd < 0)
		return h->fd;
	print_line(h, &(struct line){.keeper = "owned", .inum = inum, .fd = -1, .cause = "child"});
	print_line(h, &(struct line){.keeper = "fd",
				     .type = "uts",
				     .inum = ns_inum(h->fd),
				     .fd = h->fd,
				     .cause = "unpinned"});
	return 0;
}

static int uid_make(struct holder *h)
{
	/* keeps the capabilities: some machines grant user namespaces to nobody else */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0)
		return -errno;
	if (syscall(SYS_setresuid, -1, OWNER_WITHOUT_NAME, -1) < 0)
		return -errno;
	h->task = sleeper(NEWUSER);
	if (syscall(SYS_setresuid, -1, 0, -1) < 0)
		return -errno;
	if (h->task < 0)
		return h->task;
	print_line(h, &(struct line){.keeper = "task",
				     .inum = ns_link(h->task, h->task, "user"),
				     .pid = h->task,
				     .fd = -1,
				     .cause = "reaped exit"});
	return 0;
}

/* Only what is made by the drop is of interest: nothing is held. */
static int undone_make(struct holder *h)
{
	print_line(h, &(struct line){.keeper = "none", .fd = -1, .cause = "undone"});
	return 0;
}

/* pid 1 is taken: the clone fails once its namespaces exist. */
static int undone_drop(struct holder *h)
{
	static pid_t taken[2] = {1, 1};
	struct clone3_args args = {.flags = h->type->bit, .exit_signal = SIGCHLD};
	long pid;

	args.set_tid = (uintptr_t)taken;
	/* 1 is free in a pid namespace that is new: the number outside must fail there */
	args.set_tid_size = h->type->bit == NEWPID ? 2 : 1;
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0)
		_exit(0);
	return pid == -EEXIST ? 0 : -EIO;
}

const struct family task_families[] = {
	{"exit", NEW_ALL, exit_make, drop_task},
	{"switch", NEW_ALL & ~NEWUSER, switch_make, switch_drop},
	{"thread", NEWUTS | NEWIPC | NEWNET | NEWCGROUP | NEWNS, thread_make, thread_drop},
	{"zombie", NEWUSER | NEWPID, zombie_make, drop_task},
	{"pending", NEWPID, pending_make, switch_drop},
	{"forchildren", NEWTIME, switch_make, switch_drop},
	{"deadinit", NEWPID, deadinit_make, switch_drop},
	{"nested", NEWUSER | NEWPID, nested_make, drop_task},
	{"child", NEWUSER | NEWPID, child_make, drop_fd},
	{"owned", NEWUSER, owned_make, drop_fd},
	{"uid", NEWUSER, uid_make, drop_task},
	{"undone", NEW_ALL, undone_make, undone_drop},
	{0},
};
