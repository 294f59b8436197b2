// SPDX-License-Identifier: GPL-2.0-only
/* Start-ups are found, whatever the runtime: on events that are written down here. */
#include "startup_events.h"
#include "unit.h"

static size_t count_role(const struct nsu_startup *s, enum nsu_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nnamespaces; i++)
		n += s->namespaces[i].role == role;
	return n;
}

/* Stages stand one behind the other, from the begin to the end. */
static void check_whole(const struct nsu_startup *s)
{
	uint64_t at = s->begin;

	CHECK(s->nstages > 0);
	for (size_t i = 0; i < s->nstages; i++) {
		CHECK_NUM(s->stages[i].begin, at);
		CHECK(s->stages[i].end >= at);
		at = s->stages[i].end;
	}
	CHECK_NUM(at, s->end);
	at = s->begin;
	for (size_t i = 0; i < s->npath; i++) {
		CHECK_NUM(s->path[i].from, at);
		CHECK(s->path[i].to > at);
		at = s->path[i].to;
	}
	CHECK_NUM(at, s->end);
	CHECK_NUM(s->sums.calls + s->sums.waiting + s->sums.outside, s->end - s->begin);
}

/* "namespaces fork wait exec" */
static const char *words(const struct nsu_startup *s, char buf[512])
{
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < s->nstages; i++)
		len += (size_t)snprintf(buf + len, 512 - len, "%s%s", i ? " " : "",
					nsu_stage_word(s->stages[i].kind));
	return buf;
}

/* The cgroup of a start that goes on is not forgotten, however many come and go meanwhile. */
static void among_cgroups_that_come_and_go(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_cgroup(m, 9, "/lxc.payload.web");
	sim_host(m, 11, "runc:[1:CHILD]")->ppid = 10;
	unshare_at(m, 0, 500, 11, NSL_NEWNS | NSL_NEWPID, 0);
	sim_begin(m, 11, NSL_SYS_CLONE, CLONE_PARENT_FLAG);
	sim_take(m, 11, 9); /* the child is born in it; the call was made elsewhere */
	sim_born(m, 11, 12, CLONE_PARENT_FLAG);
	sim_end(m, 11, NSL_SYS_CLONE, CLONE_PARENT_FLAG, 12);
	for (uint64_t id = 100; id < 100 + 3 * NSL_CGROUPS_TOLD; id++)
		sim_cgroup(m, id, "/system.slice/x.service");
	exit_at(m, 12000, 12);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	CHECK_STR(n ? list[0]->container : "", "web");
	sim_free(m);
}

static void runc_in_three_stages(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list, *s;
	char buf[512];
	size_t n;

	sim_cgroup(m, 9,
		   "/system.slice/docker-0123456789abcdef0123456789abcdef"
		   "0123456789abcdef0123456789abcdef.scope");
	sim_runc(m, 0, 10);
	milestone_at(m, 9000, 200, 12, NSL_MILESTONE_mount, "proc", 0);
	milestone_at(m, 10000, 200, 12, NSL_MILESTONE_mount, "tmpfs", 0);
	milestone_at(m, 11000, 50, 12, NSL_MILESTONE_pivot_root, ".", 0);
	milestone_at(m, 11500, 50, 12, NSL_MILESTONE_sethostname, "web", 0);
	milestone_at(m, 12000, 5, 12, NSL_MILESTONE_capset, "", 0);
	sim_take(m, 12, 9);
	exec_at(m, 12500, 12, "nginx");
	milestone_at(m, 12501, 400, 12, NSL_MILESTONE_exec, "/usr/sbin/nginx", 0);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		s = list[0];
		check_whole(s);
		CHECK_NUM(s->runtime, NSU_RUNC);
		CHECK_NUM(s->frame, NSU_FRAME_DOCKER);
		CHECK_NUM(s->outcome, NSU_RUNNING);
		CHECK_STR(s->container, "0123456789ab");
		CHECK_NUM(s->payload.pid, 12);
		CHECK_NUM(s->payload.ns_pid, 1);
		CHECK_STR(s->payload.comm, "nginx");
		CHECK_STR(s->payload.file, "/usr/sbin/nginx");
		CHECK_STR(s->payload.hostname, "web");
		CHECK_NUM(s->ncalls, 2);
		CHECK_NUM(s->end - s->begin, 12500 * US);
		CHECK_NUM(count_role(s, NSU_ROLE_CREATED), 5);
		CHECK_NUM(count_role(s, NSU_ROLE_SHARED), 3);
		CHECK_STR(words(s, buf),
			  "namespaces fork wait mounts pivot_root hostname privileges exec");
	}
	sim_free(m);
}

/* crun runs a copy of itself by descriptor, whose comm is "3" where the kernel names it so. */
static void a_copy_of_the_runtime_is_the_runtime(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 10, "sh");
	milestone_at(m, 0, 0, 10, NSL_MILESTONE_exec, "/usr/bin/sh", 0);
	rename_to(m, 10, "crun");
	milestone_at(m, 40000, 0, 10, NSL_MILESTONE_exec, "/usr/bin/crun", 0);
	rename_to(m, 10, "3");
	milestone_at(m, 60000, 0, 10, NSL_MILESTONE_exec, "/dev/fd/3", 0);
	clone_at(m, 100000, 300, 10, 12, NSL_NEWNS | NSL_NEWPID | NSL_NEWNET, 0);
	exec_at(m, 120000, 12, "true");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		check_whole(list[0]);
		CHECK_STR(nsu_runtime_name(list[0]->runtime), "crun");
		CHECK_STR(list[0]->runtime_comm, "crun");
		CHECK_NUM(list[0]->begin,
			  1040000 * US); /* crun's own exec, not that of the shell */
	}
	sim_free(m);
}

static void the_runtimes_own_process_counts(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	char buf[512];
	size_t n;

	sim_host(m, 10, "runc");
	milestone_at(m, 0, 300, 10, NSL_MILESTONE_exec, "/usr/sbin/runc", 0);
	sim_runc(m, 50000, 10);
	milestone_at(m, 52000, 20, 10, NSL_MILESTONE_cgroup_attach, "/web", 0);
	milestone_at(m, 60000, 200, 12, NSL_MILESTONE_mount, "proc", 0);
	exec_at(m, 61000, 12, "true");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		check_whole(list[0]);
		CHECK_NUM(list[0]->begin, 1000000 * US);
		CHECK_STR(words(list[0], buf), "prepare namespaces fork cgroup wait mounts exec");
		CHECK_NUM(list[0]->path[0].pid, 10);
	}
	sim_free(m);
}

static void crun_clones(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 20, "crun");
	clone_at(m, 0, 700, 20, 21, NSL_NEWNS | NSL_NEWPID | NSL_NEWNET, 0);
	milestone_at(m, 5000, 200, 21, NSL_MILESTONE_mount, "proc", 0);
	exec_at(m, 20000, 21, "true");
	exit_at(m, 30000, 21);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		check_whole(list[0]);
		CHECK_NUM(list[0]->runtime, NSU_CRUN);
		CHECK_NUM(list[0]->payload.exit, (1000000 + 30000) * US);
		CHECK_NUM(list[0]->sums.calls, 699 * US);
	}
	sim_free(m);
}

/* bwrap stays pid 1; its child is the payload. What the payload starts is not. */
static void bwrap_stays_pid_1(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 30, "bwrap");
	clone_at(m, 0, 700, 30, 31, NSL_NEWNS | NSL_NEWPID, 0);
	fork_at(m, 5000, 31, 32);
	exec_at(m, 6000, 32, "sh");
	fork_at(m, 7000, 32, 33);
	exec_at(m, 8000, 33, "ls");
	exit_at(m, 9000, 33);
	exit_at(m, 10000, 32);
	exit_at(m, 11000, 31);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		check_whole(list[0]);
		CHECK_NUM(list[0]->runtime, NSU_BWRAP);
		CHECK_NUM(list[0]->payload.pid, 32);
		CHECK_STR(list[0]->payload.comm, "sh");
		CHECK_NUM(list[0]->end, 1006000 * US);
		CHECK_NUM(list[0]->outcome, NSU_RUNNING);
	}
	sim_free(m);
}

/* A program that runs in the container before its payload is a hook. */
static void a_hook_is_no_payload(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list, *s;
	char buf[512];
	size_t n;

	sim_runc(m, 0, 10);
	milestone_at(m, 2000, 200, 12, NSL_MILESTONE_mount, "proc", 0);
	fork_at(m, 3000, 12, 15);
	exec_at(m, 3500, 15, "sleep");
	exit_at(m, 2003500, 15);
	milestone_at(m, 2004000, 200, 12, NSL_MILESTONE_pivot_root, ".", 0);
	exec_at(m, 2005000, 12, "true");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		s = list[0];
		check_whole(s);
		CHECK_STR(s->payload.comm, "true");
		CHECK_STR(words(s, buf), "namespaces fork mounts helper pivot_root exec");
		CHECK_NUM(s->stages[3].waits_for, 15);
		CHECK_STR(s->stages[3].comm, "sleep");
		CHECK(s->sums.waiting >= 1999000 * US);
	}
	sim_free(m);
}

static void unshare_fork(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 40, "unshare");
	unshare_at(m, 0, 300, 40, NSL_NEWUSER | NSL_NEWNS | NSL_NEWPID, 0);
	clone_at(m, 500, 200, 40, 41, 0, 0);
	exec_at(m, 1500, 41, "sh");
	sim_host(m, 50, "unshare"); /* in place, and with nothing that holds processes */
	unshare_at(m, 5000, 300, 50, NSL_NEWNS, 0);
	exec_at(m, 6000, 50, "bash");
	sim_host(m, 60, "unshare");
	unshare_at(m, 7000, 300, 60, NSL_NEWUTS, 0);
	exec_at(m, 8000, 60, "bash");
	list = sim_list(m, &n);
	CHECK_NUM(n, 2);
	if (n == 2) {
		check_whole(list[0]);
		CHECK_NUM(list[0]->payload.pid, 41);
		CHECK_NUM(list[0]->payload.pid_level, 1);
		CHECK_NUM(list[1]->payload.pid, 50);
		CHECK_NUM(list[1]->runtime, NSU_UNSHARE);
	}
	sim_free(m);
}

/* systemd-nspawn: a child for the mounts, whose child is the container. */
static void nspawn_clones_twice(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 70, "systemd-nspawn");
	clone_at(m, 0, 300, 70, 71, NSL_NEWNS, 0);
	milestone_at(m, 1000, 200, 71, NSL_MILESTONE_mount, "tmpfs", 0);
	clone_at(m, 2000, 300, 71, 72, NSL_NEWPID | NSL_NEWUTS | NSL_NEWIPC, 0);
	exit_at(m, 3000, 71);
	exec_at(m, 4000, 72, "systemd");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		check_whole(list[0]);
		CHECK_NUM(list[0]->runtime, NSU_NSPAWN);
		CHECK_NUM(list[0]->payload.pid, 72);
		CHECK_NUM(list[0]->ncalls, 2);
	}
	sim_free(m);
}

static void an_exec_into_it_is_no_start(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	const struct nsu_joined *joined;
	struct nsl_view container;
	size_t n;

	sim_runc(m, 0, 10);
	exec_at(m, 5000, 12, "sleep");
	container = sim_task(m, 12)->view;
	sim_host(m, 80, "runc:[1:CHILD]");
	setns_at(m, 100000, 10, 80, &container, NSL_NEWPID);
	setns_at(m, 100100, 10, 80, &container, NSL_NEWNS);
	clone_at(m, 100200, 100, 80, 81, CLONE_PARENT_FLAG, 0);
	exit_at(m, 100400, 80);
	exec_at(m, 101000, 81, "sh");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	joined = nsu_joins(m->u, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(joined->startup, list[0]->number);
		CHECK_STR(joined->comm, "sh");
		CHECK_STR(joined->by, "runc:[1:CHILD]");
		CHECK_NUM(joined->pid, 81);
	}
	sim_free(m);
}

static void several_at_once(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 11, "runc:[1:CHILD]")->ppid = 10;
	sim_host(m, 21, "runc:[1:CHILD]")->ppid = 20;
	unshare_at(m, 0, 300, 11, NSL_NEWNS | NSL_NEWPID, 0);
	unshare_at(m, 100, 300, 21, NSL_NEWNS | NSL_NEWPID, 0);
	clone_at(m, 1000, 100, 21, 22, CLONE_PARENT_FLAG, 0);
	clone_at(m, 1050, 100, 11, 12, CLONE_PARENT_FLAG, 0);
	milestone_at(m, 2000, 100, 12, NSL_MILESTONE_mount, "proc", 0);
	milestone_at(m, 2100, 100, 22, NSL_MILESTONE_mount, "proc", 0);
	exec_at(m, 3000, 22, "second");
	exec_at(m, 3500, 12, "first");
	list = sim_list(m, &n);
	CHECK_NUM(n, 2);
	for (size_t i = 0; i < n; i++) {
		check_whole(list[i]);
		CHECK_STR(list[i]->payload.comm, i ? "second" : "first");
		CHECK_NUM(list[i]->ncalls, 2);
		CHECK_NUM(list[i]->nmilestones, 1);
	}
	sim_free(m);
}

/* A launcher that clones the next one before the first has execed. */
static void one_launcher_several_children(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 20, "launcher");
	clone_at(m, 0, 100, 20, 21, NSL_NEWNS | NSL_NEWPID, 0);
	clone_at(m, 200, 100, 20, 22, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 1000, 21, "one");
	clone_at(m, 1100, 100, 20, 23, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 2000, 22, "two");
	exec_at(m, 3000, 23, "three");
	list = sim_list(m, &n);
	CHECK_NUM(n, 3);
	for (size_t i = 0; i < n; i++) {
		check_whole(list[i]);
		CHECK_NUM(list[i]->ncalls, 1);
		CHECK_NUM(list[i]->runtime, NSU_RUNTIME_UNKNOWN);
		CHECK_NUM(list[i]->payload.pid, 21 + i);
	}
	sim_free(m);
}

/* Rootless podman: itself in a user namespace first, then crun in that. */
static void an_engine_is_the_outer_frame(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list, *s;
	size_t n, outer = 0;

	sim_host(m, 20, "podman");
	clone_at(m, 0, 100, 20, 21, NSL_NEWNS | NSL_NEWUSER, 0);
	exec_at(m, 1000, 21, "podman");
	fork_at(m, 2000, 21, 22);
	exec_at(m, 3000, 22, "crun");
	clone_at(m, 4000, 100, 22, 23, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 6000, 23, "nginx");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		s = list[0];
		check_whole(s);
		CHECK_NUM(s->begin, 1000000 * US);
		CHECK_NUM(s->frame, NSU_FRAME_PODMAN);
		CHECK_NUM(s->runtime, NSU_CRUN);
		for (size_t i = 0; i < s->ncalls; i++)
			outer += s->calls[i].outer;
		CHECK_NUM(s->ncalls, 2);
		CHECK_NUM(outer, 1);
	}
	sim_free(m);
}

/* A container in a container that is no engine: two starts, one in the other. */
static void one_in_another(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 40, "unshare");
	unshare_at(m, 0, 300, 40, NSL_NEWNS, 0);
	exec_at(m, 1000, 40, "sh");
	fork_at(m, 2000, 40, 41);
	exec_at(m, 3000, 41, "crun");
	clone_at(m, 4000, 100, 41, 42, NSL_NEWNS | NSL_NEWPID, 0);
	exec_at(m, 6000, 42, "nginx");
	list = sim_list(m, &n);
	CHECK_NUM(n, 2);
	if (n == 2) {
		CHECK_NUM(list[0]->parent, 0);
		CHECK_NUM(list[1]->parent, 1);
		CHECK_NUM(list[1]->runtime, NSU_CRUN);
	}
	sim_free(m);
}

static void a_limit_ends_it(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list, *s;
	size_t n;

	sim_host(m, 11, "runc:[1:CHILD]");
	unshare_at(m, 0, 300, 11, NSL_NEWNS | NSL_NEWPID | NSL_NEWNET, ENOSPC);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		s = list[0];
		CHECK_NUM(s->outcome, NSU_FAILED);
		CHECK_NUM(s->failed_call, 0);
		CHECK_NUM(s->calls[0].matter, NSU_FATAL);
		CHECK_NUM(s->calls[0].call.err, ENOSPC);
		CHECK_NUM(s->sums.failed_that_mattered, 1);
	}
	sim_free(m);
}

static void done_again_does_not_matter(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_host(m, 20, "crun");
	clone_at(m, 0, 10, 20, 0, NSL_NEWNS | NSL_NEWPID, ENOSYS);
	clone_at(m, 100, 100, 20, 21, NSL_NEWNS | NSL_NEWPID, 0);
	unshare_at(m, 300, 10, 21, NSL_NEWCGROUP, EPERM);
	exec_at(m, 1000, 21, "true");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(list[0]->calls[0].matter, NSU_REPEATED);
		CHECK_NUM(list[0]->calls[0].again, 1);
		CHECK_NUM(list[0]->calls[2].matter, NSU_HARMLESS);
		CHECK_NUM(list[0]->outcome, NSU_RUNNING);
	}
	sim_free(m);
}

static void cut_and_doubtful(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	size_t n;

	sim_runc(m, 0, 10);
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1)
		CHECK_NUM(list[0]->outcome, NSU_CUT);
	sim_free(m);

	m = sim_new();
	sim_runc(m, 0, 10);
	sim_lost(m, 3);
	exec_at(m, 5000, 12, "true");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(list[0]->outcome, NSU_DOUBTFUL);
		CHECK(list[0]->gap);
	}
	sim_free(m);
}

/* Programs that make namespaces for themselves are no containers. */
static void makers_are_no_starts(void)
{
	struct sim *m = sim_new();
	size_t n;

	sim_host(m, 90, "churn");
	unshare_at(m, 0, 300, 90, NSL_NEWNS | NSL_NEWPID, 0);
	clone_at(m, 500, 100, 90, 91, 0, 0);
	exit_at(m, 1000, 91);
	exit_at(m, 2000, 90);
	sim_list(m, &n);
	CHECK_NUM(n, 0);
	CHECK_NUM(nsu_unrun(m->u, false), 1);
	sim_free(m);
}

static void what_is_left_behind(void)
{
	struct sim *m = sim_new();
	const struct nsu_startup *const *list;
	uint64_t left;
	size_t n;

	sim_host(m, 40, "unshare");
	unshare_at(m, 0, 300, 40, NSL_NEWNS | NSL_NEWNET, 0);
	left = sim_task(m, 40)->view.slot[NSL_SLOT_NET].obj;
	unshare_at(m, 1000, 300, 40, NSL_NEWNET, 0);
	exec_at(m, 2000, 40, "sh");
	list = sim_list(m, &n);
	CHECK_NUM(n, 1);
	if (n == 1) {
		CHECK_NUM(count_role(list[0], NSU_ROLE_LEFT), 1);
		for (size_t i = 0; i < list[0]->nnamespaces; i++) {
			if (list[0]->namespaces[i].role == NSU_ROLE_LEFT)
				CHECK_NUM(list[0]->namespaces[i].ns.obj, left);
		}
	}
	sim_free(m);
}

int main(void)
{
	RUN(runc_in_three_stages);
	RUN(among_cgroups_that_come_and_go);
	RUN(the_runtimes_own_process_counts);
	RUN(a_copy_of_the_runtime_is_the_runtime);
	RUN(crun_clones);
	RUN(bwrap_stays_pid_1);
	RUN(a_hook_is_no_payload);
	RUN(unshare_fork);
	RUN(nspawn_clones_twice);
	RUN(an_exec_into_it_is_no_start);
	RUN(several_at_once);
	RUN(one_launcher_several_children);
	RUN(an_engine_is_the_outer_frame);
	RUN(one_in_another);
	RUN(a_limit_ends_it);
	RUN(done_again_does_not_matter);
	RUN(cut_and_doubtful);
	RUN(makers_are_no_starts);
	RUN(what_is_left_behind);
	return unit_end();
}
