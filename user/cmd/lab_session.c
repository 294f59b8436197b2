// SPDX-License-Identifier: GPL-2.0-only
#include "lab_session.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

#define POLL_MS 10
/* Work queues and RCU destroy in their own time; an emulated machine is slow. */
#define DEATH_MS  6000
#define SETTLE_MS 3000
/* As long must exist what nothing is known to hold before it counts as alive. */
#define ALIVE_MS 1500

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool is_actor(const struct lab_session *l, uint32_t tid)
{
	for (size_t i = 0; l->s && i < l->s->nactors; i++)
		if (l->world.tid[i] == tid)
			return true;
	return false;
}

/* ---- from the model and the graph to those who look ---- */

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct lab_session *l = ctx;
	struct nsm_sink seen;

	if (!l->seen)
		return;
	seen = lab_seen_model(l->seen);
	seen.call(seen.ctx, call);
	if (l->view.call && is_actor(l, call->tid)) {
		struct nsm_call own = *call;

		/* the whole machine's calls are counted, and these alone are told */
		own.number = ++l->told;
		l->view.call(l->view.ctx, &own);
	}
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct lab_session *l = ctx;
	struct nsm_sink seen;

	if (!l->seen)
		return;
	seen = lab_seen_model(l->seen);
	seen.lost(seen.ctx, lost);
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct lab_session *l = ctx;
	struct nsg_sink seen;

	if (!l->seen)
		return;
	seen = lab_seen_graph(l->seen);
	seen.born(seen.ctx, ns);
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct lab_session *l = ctx;
	struct nsg_sink seen;

	if (!l->seen)
		return;
	seen = lab_seen_graph(l->seen);
	seen.died(seen.ctx, ns, cause);
}

static void on_event(void *ctx, struct nsl_head *event)
{
	struct lab_session *l = ctx;

	if (l->seen)
		lab_seen_event(l->seen, event);
	if (l->model)
		nsm_feed(l->model, event);
}

int lab_session_open(struct lab_session *l, struct nsl_error *e)
{
	struct nsm_sink sink = {.ctx = l, .call = on_call, .lost = on_lost};
	struct live_options *o = &l->live_options;
	struct nsl_error blind = {""};

	machine_read(&l->machine);
	l->model = nsm_new(&sink);
	if (!l->model)
		return nsl_error_set(e, "out of memory");
	nsm_set_kernel(l->model, l->machine.kernel);
	o->event = on_event;
	o->ctx = o->graph.ctx = l;
	o->graph.born = on_born;
	o->graph.died = on_died;
	o->stop = &stop_count;
	o->stay_privileged = true; /* scenarios are played by children of this process */
	if (machine_permits(&l->machine, o->btf, &blind))
		l->live = live_open(o, &l->machine, &blind);
	if (stop_count)
		return nsl_error_set(e, "stopped");
	if (!l->live)
		snprintf(l->blind, sizeof(l->blind), "%s", blind.text);
	return 0;
}

void lab_session_close(struct lab_session *l)
{
	lab_session_end(l);
	live_close(l->live);
	nsm_free(l->model);
	l->live = NULL;
	l->model = NULL;
}

/* The kernel tells of no change of a task's name, and actors change theirs. */
static void name_actors(struct lab_session *l)
{
	for (size_t i = 0; l->live && i < l->s->nactors; i++)
		if (l->world.tid[i] && !lab_driver_dead(l->driver, (int)i))
			live_rename(l->live, l->world.tid[i], l->s->actor[i].name);
}

/* While the user is in a shell: what happens there is followed. */
static void idle(void *ctx)
{
	struct lab_session *l = ctx;
	struct nsl_error e;

	/* a failure comes back at the end of the step */
	if (l->live)
		live_poll(l->live, 0, &e);
}

/* Who acts now: from here on the calls of new actors count. */
static void meet_actors(struct lab_session *l)
{
	l->ntasks = 0;
	for (size_t i = 0; i < l->s->nactors; i++) {
		uint32_t tid = (uint32_t)lab_driver_tid(l->driver, (int)i);

		if (!tid)
			continue;
		l->world.tid[i] = tid;
		lab_seen_task(l->seen, tid);
		if (!lab_driver_dead(l->driver, (int)i))
			l->tasks[l->ntasks++] = tid;
	}
}

int lab_session_begin(struct lab_session *l, const struct lab_scenario *s, struct nsl_error *e)
{
	struct lab_error le;

	l->seen = lab_seen_new();
	l->s = s;
	l->world = (struct lab_world){
		.s = s,
		.graph = l->live ? live_graph(l->live) : NULL,
		.seen = l->seen,
		.functions = l->live && capture_ladder(live_capture(l->live))->functions,
		.kernel = l->machine.kernel,
	};
	if (!l->seen)
		return nsl_error_set(e, "out of memory");
	l->driver = lab_driver_open(s, &stop_count, &le);
	if (!l->driver) {
		lab_session_end(l);
		return nsl_error_set(e, "%s: %s", s->name, le.text);
	}
	if (l->interactive)
		lab_driver_interactive(l->driver, STDIN_FILENO, STDOUT_FILENO, idle, l);
	meet_actors(l);
	if (l->live && live_poll(l->live, 0, e) < 0)
		return -1;
	name_actors(l);
	return 0;
}

void lab_session_end(struct lab_session *l)
{
	lab_driver_close(l->driver);
	lab_seen_free(l->seen);
	l->driver = NULL;
	l->seen = NULL;
	l->s = NULL;
	l->ntasks = 0;
}

bool lab_report_holds(const struct lab_report *r)
{
	return r->outcome.kind == LAB_DONE && !lab_report_count(r, LAB_DIFFERS);
}

size_t lab_report_count(const struct lab_report *r, enum lab_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->f[i].verdict == verdict;
	return n;
}

static int read_keepers(struct lab_session *l, struct nsl_error *e)
{
	struct keepers_options o = {.all_sockets = true};
	struct keepers_report report;

	l->world.keepers = !live_keepers(l->live, &o, &report, e);
	return l->world.keepers ? 0 : -1;
}

static int compare(struct lab_session *l, const struct lab_step *step, struct lab_report *r,
		   struct nsl_error *e)
{
	struct lab_got got = {r->outcome.ret, r->outcome.err, r->outcome.text,
			      r->outcome.interactive};

	if (l->live &&
	    (lab_wants(step, l->world.kernel, LAB_X_KEEPERS) ||
	     lab_wants(step, l->world.kernel, LAB_X_ALIVE)) &&
	    read_keepers(l, e))
		return -1;
	lab_take_marks(&l->world, step);
	r->n = lab_check(&l->world, step, &got, r->f);
	r->gap = lab_seen_gap(l->seen);
	return 0;
}

/* Time does not change what the actor itself got. */
static bool may_still_hold(const struct lab_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->f[i].verdict == LAB_DIFFERS && r->f[i].key != LAB_X_RESULT &&
		    r->f[i].key != LAB_X_TEXT)
			return true;
	return false;
}

/*
 * Work queues and RCU destroy later: what still exists may be about to go. It is
 * alive when something holds it, or when it has outlived ALIVE_MS.
 */
static bool may_still_die(const struct lab_session *l, const struct lab_step *step,
			  uint64_t since_ms)
{
	return l->world.functions && since_ms < ALIVE_MS && !lab_alive_is_held(&l->world, step);
}

static int do_step(struct lab_session *l, const struct lab_step *step, struct lab_report *r,
		   struct nsl_error *e)
{
	uint64_t until, done;

	memset(r, 0, sizeof(*r));
	l->world.keepers = false;
	lab_seen_begin(l->seen);
	lab_driver_step(l->driver, step, &r->outcome);
	meet_actors(l);
	if (l->live && live_poll(l->live, 0, e) < 0)
		return -1;
	name_actors(l);
	if (r->outcome.kind != LAB_DONE)
		return 0;
	done = now_ms();
	until = done + (lab_wants(step, l->world.kernel, LAB_X_DIED) ||
					lab_wants(step, l->world.kernel, LAB_X_KEEPERS)
				? DEATH_MS
				: SETTLE_MS);
	if (compare(l, step, r, e))
		return -1;
	while (l->live && !stop_count &&
	       ((may_still_hold(r) && now_ms() < until) ||
		may_still_die(l, step, now_ms() - done))) {
		if (live_poll(l->live, POLL_MS, e) < 0 || compare(l, step, r, e))
			return -1;
	}
	return 0;
}

int lab_session_step(struct lab_session *l, const struct lab_step *step, struct lab_report *r,
		     struct nsl_error *e)
{
	int err = do_step(l, step, r, e);

	lab_seen_end(l->seen);
	return err;
}
