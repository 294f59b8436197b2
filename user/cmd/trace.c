// SPDX-License-Identifier: GPL-2.0-only
/* nslens trace: calls as they happen. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../model/model.h"
#include "../view/view.h"
#include "child.h"
#include "cmd.h"
#include "container_filter.h"
#include "privileges.h"
#include "signals.h"
#include "start_record.h"
#include "survivors.h"
#include "trace_options.h"
#include "trace_recorded.h"
#include "values.h"

#define POLL_MS 50 /* the delay to the screen stays under 100 ms */

struct trace {
	struct trace_options options;
	struct nsm *model;
	struct container_filter *container; /* NULL: all */
	FILE *out;
	bool stopped_early; /* by a signal, before tracing began */
	bool no_memory;	    /* something could not be told */
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* -v: how long each phase took. */
static void tell_phase(const struct trace *t, const char *phase)
{
	static uint64_t before;
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (t->options.capture.verbose && phase)
		fprintf(stderr, "nslens trace: %s: %.1f ms\n", phase, (double)(now - before) / 1e6);
	before = now;
}

static void feed(void *ctx, struct nsl_head *event)
{
	struct trace *t = ctx;

	if (!t->container || container_filter_passes(t->container, event))
		t->no_memory |= nsm_feed(t->model, event) == -ENOMEM;
	t->no_memory |= t->container && container_filter_failed(t->container);
}

/* For the head line: hostile text where it comes from the command line. */
static const char *what_is_traced(const struct trace *t, char *buf, size_t size)
{
	if (t->options.cmd && !t->options.all)
		snprintf(buf, size, "%.100s and what it starts", t->options.cmd[0]);
	else if (t->options.pid)
		snprintf(buf, size, "process %d and its descendants", (int)t->options.pid);
	else if (t->options.container)
		snprintf(buf, size, "container %.100s", t->options.container);
	else if (t->options.capture.comm)
		snprintf(buf, size, "tasks named %.15s", t->options.capture.comm);
	else if (t->options.capture.cgroup)
		snprintf(buf, size, "tasks in %.120s", t->options.capture.cgroup);
	else
		snprintf(buf, size, "the whole machine%s",
			 t->options.cmd ? " while the command runs" : "");
	return buf;
}

static void tell_start(const struct trace *t, struct nsv *view, const struct machine *m,
		       const struct capture *c)
{
	char what[160];

	start_record_write(view, m, c, what_is_traced(t, what, sizeof(what)));
}

static size_t read_cost(struct capture *c, struct nsv_cost *rows, size_t max)
{
	struct capture_program programs[128];
	size_t n = capture_programs(c, programs, 128);

	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct nsv_cost){programs[i].name, programs[i].runs, programs[i].ns};
	return n;
}

static void tell_end(struct trace *t, struct nsv *view, struct capture *c, uint64_t started,
		     const struct survivors *alive)
{
	const struct nsm_counts *counts = nsm_counts(t->model);
	struct nsv_cost cost[128];
	struct nsv_end end = {
		.counts = counts,
		.forks = capture_forks(c),
		.missed = capture_missed(c),
		.duration_ns = now_ns(CLOCK_MONOTONIC) - started,
		.alive = alive->names,
		.nalive = alive->n,
	};

	if (t->options.cost) {
		end.cost = cost;
		end.ncost = read_cost(c, cost, 128);
	}
	if (t->options.cmd && !t->options.all && !counts->calls && capture_others(c))
		end.hint = "CMD's own tasks made no namespace call; others on this machine did "
			   "meanwhile. If CMD asks a daemon to do the work, try --all, or "
			   "--container NAME without CMD.";
	nsv_end(view, &end);
}

/* A pipe that nobody reads any more says so before the next write. */
static bool output_broken(struct nsv *view, FILE *out)
{
	struct pollfd fd = {.fd = fileno(out)};

	return nsv_flush(view) || (poll(&fd, 1, 0) > 0 && fd.revents & POLLERR);
}

/* Has what is traced ended by itself? */
static bool is_over(const struct trace *t, const struct capture *c, struct child *child)
{
	pid_t living;

	if (t->options.cmd)
		return child_poll(child) && (!t->options.wait_tree || !capture_tree(c, &living, 1));
	return t->options.pid && !capture_tree(c, &living, 1);
}

/* Until it is over, a signal comes, or nobody reads any more. */
static void pump(struct trace *t, struct capture *c, struct child *child, struct nsv *view)
{
	bool over = false;

	while (!stop_count && !over && !t->no_memory && !output_broken(view, t->out)) {
		over = is_over(t, c, child);
		if (!capture_poll(c, over ? 0 : POLL_MS, feed, t))
			nsv_settle(view);
	}
	if (!t->options.cmd || child->ended)
		return;
	/* CMD goes on to its end, told as long as somebody reads; a second signal leaves it alone
	 */
	if (stop_count && !stop_by_terminal)
		kill(child->pid, stop_signal);
	while (stop_count < 2 && !child_poll(child)) {
		if (!capture_poll(c, POLL_MS, feed, t))
			nsv_settle(view);
		nsv_flush(view);
	}
}

static int trace(struct trace *t, struct capture *c, const struct machine *m, struct child *child,
		 struct nsv *view, struct nsl_error *e)
{
	struct survivors alive = {0};
	uint64_t started;
	int broken;

	if (t->options.cmd && !t->options.all && capture_follow(c, child->pid, false, e))
		return -1;
	/* until here a signal ends nslens at once, and nothing is left behind */
	signals_catch();
	if (capture_attach(c, &stop_count, e))
		return -1;
	if (stop_count) {
		t->stopped_early = true; /* CMD is never let go */
		return 0;
	}
	tell_phase(t, "attached");
	/* after attaching: children that are born meanwhile are added by the programs */
	if (t->options.pid && capture_follow(c, t->options.pid, true, e))
		return -1;
	if (privileges_drop(NEED_COUNTERS | (t->options.cmd ? NEED_KILL : 0), e))
		return -1;
	started = now_ns(CLOCK_MONOTONIC);
	tell_start(t, view, m, c);
	if (t->options.cmd)
		child_go(child);
	pump(t, c, child, view);
	tell_phase(t, "traced");
	capture_stop(c, feed, t);
	nsm_finish(t->model);
	if (t->options.cmd && !t->options.all)
		survivors_find(&alive, c);
	tell_end(t, view, c, started, &alive);
	survivors_free(&alive);
	broken = nsv_flush(view);
	if (broken && broken != EPIPE)
		return nsl_error_set(e, "cannot write %s: %s",
				     t->options.output ? t->options.output : "the story",
				     broken == EINTR ? "nobody reads it, and a signal ended nslens"
						     : strerror(broken));
	if (t->no_memory)
		return nsl_error_set(e, "out of memory: the story is not whole");
	return 0;
}

static int open_output(struct trace *t, struct nsl_error *e)
{
	t->out = t->options.cmd ? stderr : stdout;
	if (!t->options.cmd && !t->options.output && standard_output_closed())
		return nsl_error_set(e,
				     "standard output is closed; say where to write with -o FILE");
	if (t->options.output && strcmp(t->options.output, "-")) {
		t->out = fopen(t->options.output, "we");
		if (!t->out)
			return nsl_error_set(e, "cannot write %s: %s", t->options.output,
					     strerror(errno));
	} else if (t->options.output) {
		t->out = stdout;
	}
	t->options.view.exits = t->options.capture.exits;
	t->options.view.colour = wants_colour(t->out, t->options.colour);
	if (!t->options.view.width)
		t->options.view.width = terminal_width(t->out);
	return 0;
}

int cmd_trace(int argc, char **argv)
{
	struct trace t = {0};
	struct nsm_sink sink;
	struct nsl_error e = {""};
	struct child child = {.pid = -1, .go_fd = -1};
	struct capture *c = NULL;
	struct nsv *view = NULL;
	struct machine machine;
	int status;

	status = trace_options_parse(&t.options, argc, argv);
	if (status >= 0)
		return status;
	tell_phase(&t, NULL);
	signal(SIGPIPE, SIG_IGN);
	status = t.options.cmd ? EXIT_NSLENS : EXIT_FAILED;
	machine_read(&machine);
	if (open_output(&t, &e)) {
		status = EXIT_USAGE;
		goto out;
	}
	if (t.options.input) {
		status = trace_recorded(&t.options, t.out, &e) ? EXIT_FAILED : EXIT_DONE;
		goto out;
	}
	if (!machine_permits(&machine, t.options.capture.btf, &e))
		goto out;
	t.options.capture.follow_tree = t.options.pid || (t.options.cmd && !t.options.all);
	c = capture_open(&t.options.capture, &machine, &e);
	if (!c)
		goto out;
	tell_phase(&t, "chosen and loaded");
	if (t.options.cmd && child_prepare(&child, t.options.cmd, t.options.user, &e)) {
		status = t.options.user ? EXIT_USAGE : EXIT_NSLENS;
		goto out;
	}
	view = nsv_new(t.out, &t.options.view);
	if (t.options.container)
		t.container = container_filter_new(t.options.container);
	if (view)
		sink = nsv_sink(view);
	t.model = view ? nsm_new(&sink) : NULL;
	if (!t.model || (t.options.container && !t.container)) {
		nsl_error_set(&e, "out of memory");
		goto out;
	}
	nsm_set_kernel(t.model, machine.kernel);
	if (trace(&t, c, &machine, &child, view, &e))
		goto out;
	if (t.stopped_early)
		status = 128 + stop_signal;
	else
		status = t.options.cmd ? child_exit_status(&child, "trace", t.options.cmd[0])
				       : EXIT_DONE;
out:
	if (e.text[0])
		complain("trace", "%s", e.text);
	if (child.go_fd >= 0)
		child_abandon(&child);
	nsm_free(t.model);
	container_filter_free(t.container);
	nsv_free(view);
	tell_phase(&t, "told");
	capture_close(c);
	tell_phase(&t, "let go");
	if (t.out && t.out != stdout && t.out != stderr)
		fclose(t.out);
	return status;
}
