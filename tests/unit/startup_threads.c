// SPDX-License-Identifier: GPL-2.0-only
/* Processes of several threads: a leader that ends before them, and a thread that execs. */
#include "startup_events.h"
#include "unit.h"

/* A thread of whoever is called `leader`, born in `parent`. */
static void thread_at(struct sim *m, uint64_t us, uint32_t leader, uint32_t tid)
{
	struct sim_task *l = sim_task(m, leader), *t = sim_task(m, 0);
	struct nsl_task e;

	*t = *l;
	t->tid = tid;
	t->view.ns_tid = 7;
	e = (struct nsl_task){.event = NSL_TASK_NEW,
			      .pid = leader,
			      .tid = tid,
			      .ppid = l->ppid,
			      .clone_flags = 0x10000, /* CLONE_THREAD */
			      .view = t->view};
	memcpy(e.comm, t->comm, sizeof(e.comm));
	at(m, us);
	sim_feed(m, l, &e, sizeof(e), NSL_EV_TASK);
}

/* de_thread(): the leader, if it is seen, ends first; then the thread has its number. */
static void exec_by_thread(struct sim *m, uint64_t us, uint32_t leader, uint32_t thread,
			   const char *comm, bool seen)
{
	struct sim_task *l = sim_task(m, leader), *t = sim_task(m, thread);
	struct nsl_task e = {.event = NSL_TASK_EXEC,
			     .pid = leader,
			     .tid = leader,
			     .old_tid = thread,
			     .view = t->view};

	if (seen)
		exit_at(m, us, leader);
	l->tid = 0;
	t->tid = leader;
	at(m, us + 10);
	rename_to(m, leader, comm);
	memcpy(e.comm, t->comm, sizeof(e.comm));
	sim_feed(m, t, &e, sizeof(e), NSL_EV_TASK);
}

/* The principal of a start runs its payload from a thread. */
static void a_thread_executes_the_payload(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_runc(m, 0, 10);
	thread_at(m, 2000, 12, 13);
	thread_at(m, 2100, 12, 14);
	exit_at(m, 2900, 14);
	exec_by_thread(m, 3000, 12, 13, "nginx", true);
	milestone_at(m, 3020, 5, 12, NSL_MILESTONE_exec, "/usr/sbin/nginx", 0);
	at(m, 200000000);
	sim_cgroup(m, 5, "/x"); /* long after */
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(list[0]->outcome, NSU_RUNNING);
		CHECK_NUM(list[0]->end, (1000000 + 3010) * US);
		CHECK_NUM(list[0]->payload.pid, 12);
		CHECK_STR(list[0]->payload.comm, "nginx");
		CHECK_STR(list[0]->payload.file, "/usr/sbin/nginx");
		CHECK_NUM(list[0]->payload.exit, 0);
	}
	sim_free(m);
}

/* A payload that runs lives on when a thread of it runs something else, until that ends. */
static void a_payload_lives_on(void)
{
	for (int end = 0; end < 2; end++) {
		struct sim *m = sim_new();
		const struct nsu_startup *const *list;
		size_t n;

		sim_runc(m, 0, 10);
		exec_at(m, 2000, 12, "launcher");
		thread_at(m, 3000, 12, 13);
		exec_by_thread(m, 4000, 12, 13, "java", true);
		thread_at(m, 5000, 12, 15);
		exit_at(m, 5500, 15);
		if (end)
			exit_at(m, 6000, 12);
		list = sim_list(m, &n);
		CHECK_NUM(n, 1);
		CHECK_NUM(n ? list[0]->payload.exit : 1, end ? (1000000 + 6000) * US : 0);
		sim_free(m);
	}
}

/* A process ends with the last of its threads, whichever that is. */
static void the_last_thread_ends_it(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_runc(m, 0, 10);
	thread_at(m, 2000, 12, 13);
	thread_at(m, 2100, 12, 14);
	exit_at(m, 3000, 13);
	exit_at(m, 3100, 12);
	exit_at(m, 3200, 14);
	sim_runc(m, 5000, 20);
	exec_at(m, 7000, 22, "java");
	thread_at(m, 7100, 22, 23);
	exit_at(m, 8000, 22);
	exit_at(m, 8100, 23);
	list = sim_list(m, &n);
	CHECK_NUM(n, 2);
	if (n == 2) {
		CHECK_NUM(list[0]->outcome, NSU_FAILED);
		CHECK_NUM(list[0]->end, (1000000 + 3200) * US);
		CHECK_NUM(list[1]->outcome, NSU_RUNNING);
		CHECK_NUM(list[1]->payload.exit, (1000000 + 8100) * US);
	}
	sim_free(m);
}

/* A thread unshares by itself, in a process of which nothing else is seen. */
static void only_the_thread_is_known(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 40, "launcher");
	sim_host(m, 41, "launcher")->pid = 40;
	unshare_at(m, 0, 100, 41, NSL_NEWNS | NSL_NEWNET, 0);
	exec_by_thread(m, 1000, 40, 41, "nginx", false);
	exit_at(m, 5000, 40);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(list[0]->outcome, NSU_RUNNING);
		CHECK_NUM(list[0]->payload.pid, 40);
		CHECK_STR(list[0]->payload.comm, "nginx");
		CHECK_NUM(list[0]->payload.exit, (1000000 + 5000) * US);
		CHECK_NUM(list[0]->ncalls, 1);
	}
	sim_free(m);
}

/* … and in the payload of another start, which has not ended by that. */
static void a_thread_of_a_payload_starts_its_own(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_runc(m, 0, 10);
	exec_at(m, 2000, 12, "launcher");
	thread_at(m, 3000, 12, 13);
	unshare_at(m, 4000, 100, 13, NSL_NEWNS | NSL_NEWNET, 0);
	exec_by_thread(m, 5000, 12, 13, "nginx", true);
	list = sim_list(m, &n);
	CHECK_NUM(n, 2);
	if (n == 2) {
		CHECK_NUM(list[0]->payload.pid, 12);
		CHECK_STR(list[0]->payload.comm, "launcher");
		CHECK_NUM(list[0]->payload.exit, 0);
		CHECK_NUM(list[1]->payload.pid, 12);
		CHECK_STR(list[1]->payload.comm, "nginx");
		CHECK_NUM(list[1]->parent, 1);
	}
	sim_free(m);
}

int main(void)
{
	RUN(a_thread_executes_the_payload);
	RUN(a_payload_lives_on);
	RUN(the_last_thread_ends_it);
	RUN(only_the_thread_is_known);
	RUN(a_thread_of_a_payload_starts_its_own);
	return unit_end();
}
