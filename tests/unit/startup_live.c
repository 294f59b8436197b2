// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start-ups that are told as soon as they are over, for weeks: each of them once, and what is
 * over is forgotten. Of initial tasks no end is told, as the kernel side does it.
 */
#include "../../user/model/startup_internal.h"
#include "startup_events.h"
#include "unit.h"

#define MAX_TOLD 64

struct told {
	size_t n;
	struct {
		uint64_t number;
		uint32_t payload;
		enum nsu_outcome outcome;
		size_t calls, outer;
		size_t shared_with; /* of the namespaces that it joined, the highest */
	} at[MAX_TOLD];
};

static void hear(void *ctx, const struct nsu_startup *s)
{
	struct told *told = ctx;
	size_t i = told->n++;

	if (i >= MAX_TOLD)
		return;
	told->at[i].number = s->number;
	told->at[i].payload = s->payload.pid;
	told->at[i].outcome = s->outcome;
	told->at[i].calls = s->ncalls;
	for (size_t k = 0; k < s->ncalls; k++)
		told->at[i].outer += s->calls[k].outer;
	for (size_t k = 0; k < s->nnamespaces; k++) {
		if (s->namespaces[k].shared_with > told->at[i].shared_with)
			told->at[i].shared_with = s->namespaces[k].shared_with;
	}
}

static struct sim *live(struct told *told, size_t max_startups)
{
	*told = (struct told){0};
	return sim_new_with(
		(struct nsu_options){.done = hear, .ctx = told, .max_startups = max_startups});
}

/* An initial task ends: nothing is told. */
static void vanish(struct sim *m, uint32_t tid)
{
	sim_task(m, tid)->tid = 0;
}

/* A minute in which nothing happens, and what comes then. */
static void wait_long(struct sim *m)
{
	m->now += 2 * SU_IDLE_NS;
	sim_cgroup(m, 5, "/system.slice/x.service");
}

static void initial_tasks_are_let_go(void)
{
	struct told told;
	struct sim *m = live(&told, 0);

	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t crun = 1000 + 3 * i;
		uint64_t us = 1000ull * i;

		sim_host(m, crun, "crun");
		clone_at(m, us, 100, crun, crun + 1, NSL_NEWNS | NSL_NEWPID, 0);
		exec_at(m, us + 200, crun + 1, "true");
		exit_at(m, us + 300, crun + 1);
		vanish(m, crun);
		sim_host(m, crun + 2, "sh");
		unshare_at(m, us + 400, 10, crun + 2, NSL_NEWNS, EPERM);
		vanish(m, crun + 2);
	}
	CHECK_NUM(told.n, 1000);
	wait_long(m);
	CHECK_NUM(m->u->nopen, 0);
	CHECK_NUM(m->u->tracks.used, 0);
	sim_free(m);
}

/* An engine that makes one container after the other by itself. */
static void a_launcher_is_found_again(void)
{
	struct told told;
	struct sim *m = live(&told, 0);

	sim_host(m, 20, "crun");
	for (uint32_t i = 0; i < 3; i++) {
		clone_at(m, 1000ull * i, 100, 20, 21 + i, NSL_NEWNS | NSL_NEWPID, 0);
		exec_at(m, 1000ull * i + 500, 21 + i, "nginx");
	}
	CHECK_NUM(told.n, 3);
	for (size_t i = 0; i < told.n; i++) {
		CHECK_NUM(told.at[i].number, i + 1);
		CHECK_NUM(told.at[i].payload, 21 + i);
		CHECK_NUM(told.at[i].outcome, NSU_RUNNING);
		CHECK_NUM(told.at[i].calls, 1);
	}
	sim_free(m);
}

/* What returns after its start was given up begins nothing; what is done then does. */
static void a_call_that_takes_minutes(void)
{
	struct told told;
	struct sim *m = live(&told, 0);

	sim_host(m, 20, "bwrap");
	at(m, 0);
	sim_begin(m, 20, NSL_SYS_UNSHARE, NSL_NEWNS);
	wait_long(m);
	CHECK_NUM(m->u->nopen, 0);
	CHECK_NUM(m->u->tracks.used, 1);
	sim_end(m, 20, NSL_SYS_UNSHARE, NSL_NEWNS, -EINTR);
	CHECK_NUM(m->u->nopen, 0);
	CHECK_NUM(m->u->tracks.used, 0);
	sim_begin(m, 20, NSL_SYS_UNSHARE, NSL_NEWNS);
	sim_end(m, 20, NSL_SYS_UNSHARE, NSL_NEWNS, -EPERM);
	CHECK_NUM(m->u->nopen, 1);
	sim_free(m);
}

/* So many tasks in a container that the oldest are no longer followed. */
static void more_tasks_than_are_followed(void)
{
	struct told told;
	struct sim *m = live(&told, 0);
	struct nsl_task e = {.event = NSL_TASK_NEW};
	struct sim_task parent;

	sim_host(m, 20, "crun");
	clone_at(m, 0, 100, 20, 21, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 500, 21, "make");
	parent = *sim_task(m, 21);
	e.view = parent.view;
	for (uint32_t i = 0; i < SU_MAX_TRACKS + 1000; i++) {
		e.tid = e.pid = 1000 + i;
		sim_feed(m, &parent, &e, sizeof(e), NSL_EV_TASK);
		parent.tid = parent.pid = e.tid;
	}
	CHECK_NUM(m->u->tracks.used, SU_MAX_TRACKS);
	sim_host(m, 30, "crun");
	clone_at(m, 1000, 100, 30, 31, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 1500, 31, "nginx");
	CHECK_NUM(told.n, 2);
	CHECK_NUM(told.at[1].payload, 31);
	CHECK_NUM(m->err, 0);
	sim_free(m);
}

/* A container whose payload has the name of an engine, and is told when it can be no frame. */
static void start_engine(struct sim *m, uint32_t us, uint32_t crun)
{
	sim_host(m, crun, "crun");
	clone_at(m, us, 100, crun, crun + 1, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, us + 500, crun + 1, "bwrap");
	vanish(m, crun);
}

static void payloads_with_an_engines_name(void)
{
	struct told told;
	struct sim *m = live(&told, 3);

	for (uint32_t i = 0; i < 8; i++) {
		start_engine(m, i * 1000, 20 + 2 * i);
		CHECK_NUM(told.n, i);
		exit_at(m, i * 1000 + 900, 21 + 2 * i);
		CHECK_NUM(told.n, i + 1);
	}
	CHECK_NUM(m->u->all.n, 0);
	for (size_t i = 0; i < told.n; i++) {
		CHECK_NUM(told.at[i].number, i + 1);
		CHECK_NUM(told.at[i].payload, 21 + 2 * i);
		CHECK_NUM(told.at[i].calls, 1);
	}
	sim_free(m);
}

static void many_engines_at_once(void)
{
	struct told told;
	struct sim *m = live(&told, 3);
	size_t n;

	for (uint32_t i = 0; i < 5; i++)
		start_engine(m, i * 1000, 20 + 2 * i);
	CHECK_NUM(told.n, 2); /* the oldest make room */
	CHECK_NUM(told.at[0].payload, 21);
	CHECK_NUM(told.at[1].payload, 23);
	sim_host(m, 40, "crun");
	clone_at(m, 6000, 100, 40, 41, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 6500, 41, "nginx");
	CHECK_NUM(told.n, 3);
	CHECK_NUM(told.at[2].payload, 41);
	CHECK_NUM(nsu_left_out(m->u), 0);
	sim_list(m, &n);
	CHECK_NUM(n, 0);
	CHECK_NUM(told.n, 6);
	sim_free(m);
}

/* crun in what an engine has made or joined. */
static void start_in_engine(struct sim *m, uint32_t us, uint32_t engine, uint32_t crun)
{
	fork_at(m, us, engine, crun);
	exec_at(m, us + 100, crun, "crun");
	clone_at(m, us + 200, 100, crun, crun + 1, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, us + 500, crun + 1, "nginx");
}

static void a_frame_is_told_with_what_it_frames(void)
{
	struct told told;
	struct sim *m = live(&told, 0);
	size_t n;

	sim_host(m, 20, "podman");
	clone_at(m, 0, 100, 20, 21, NSL_NEWNS | NSL_NEWUSER, 0);
	exec_at(m, 1000, 21, "podman");
	start_in_engine(m, 2000, 21, 22);
	CHECK_NUM(told.n, 1);
	CHECK_NUM(told.at[0].outer, 1);
	/* the next one joins what the first one made */
	sim_host(m, 30, "podman");
	setns_at(m, 5000, 10, 30, &sim_task(m, 21)->view, NSL_NEWUSER);
	setns_at(m, 5100, 10, 30, &sim_task(m, 21)->view, NSL_NEWNS);
	exec_at(m, 5200, 30, "podman");
	start_in_engine(m, 6000, 30, 32);
	CHECK_NUM(told.n, 2);
	CHECK_NUM(told.at[1].payload, 33);
	CHECK_NUM(told.at[1].outer, 2);
	for (uint32_t tid = 21; tid <= 23; tid++)
		exit_at(m, 9000 + tid, tid);
	CHECK_NUM(m->u->all.n, 0);
	sim_list(m, &n);
	CHECK_NUM(n, 0);
	CHECK_NUM(told.n, 2);
	CHECK_NUM(nsu_joins(m->u, &n) != NULL, 0);
	sim_free(m);
}

/* Whoever made the network of a pod has no number yet: another one's is not told. */
static void nobody_has_a_number_before(void)
{
	struct told told;
	struct sim *m = live(&told, 0);

	sim_runc(m, 0, 10);
	sim_host(m, 30, "crun");
	setns_at(m, 2000, 10, 30, &sim_task(m, 12)->view, NSL_NEWNET);
	clone_at(m, 3000, 100, 30, 31, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 4000, 31, "nginx");
	CHECK_NUM(told.n, 1);
	CHECK_NUM(told.at[0].payload, 31);
	CHECK_NUM(told.at[0].shared_with, 0);
	sim_free(m);
}

int main(void)
{
	RUN(initial_tasks_are_let_go);
	RUN(a_launcher_is_found_again);
	RUN(a_call_that_takes_minutes);
	RUN(more_tasks_than_are_followed);
	RUN(payloads_with_an_engines_name);
	RUN(many_engines_at_once);
	RUN(a_frame_is_told_with_what_it_frames);
	RUN(nobody_has_a_number_before);
	return unit_end();
}
