// SPDX-License-Identifier: GPL-2.0-only
/* nslens record: the live graph's events into a file. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../model/startup.h"
#include "../store/writer.h"
#include "child.h"
#include "cmd.h"
#include "live.h"
#include "privileges.h"
#include "record_options.h"
#include "record_save.h"
#include "recorded.h"
#include "signals.h"
#include "start_record.h"

#define POLL_MS                                                                                    \
	25 /* what is not in the file is 25 + STORE_COMMIT_MS old at most, and what a drain takes  \
	    */

struct gone {
	struct nsl_ref ns;
	uint32_t type;
	uint64_t ts;
};

struct record {
	struct record_options options;
	struct machine machine;
	struct store_writer *store;
	struct store_meta meta;
	struct live *live;
	struct trigger trigger;
	struct record_feeds *feeds; /* NULL: nobody wants any */
	struct record_save save;
	char *file; /* that is written: the output, or its ring */
	/* of the last event */
	uint8_t event_kind;
	uint64_t event_ns, ts;
	/* deaths that no event tells, to be told before the next one */
	struct gone *gone;
	size_t ngone, gone_cap;
	bool described; /* the file has come to a recording */
	unsigned int looks;
	uint64_t dropped; /* events that a full disk took, as far as the graph knows */
	struct nsl_error save_error;
};

static volatile sig_atomic_t save_asked;

static void on_save_signal(int number)
{
	(void)number;
	save_asked = 1;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Where nobody tells of deaths they are found out: a reader must come to the same. */
static void tell_gone(struct record *r)
{
	for (size_t i = 0; i < r->ngone; i++) {
		struct nsl_ns_free e = {
			.head = {.size = sizeof(e),
				 .version = NSL_EVENT_VERSION,
				 .kind = NSL_EV_NS_FREE,
				 .hook = NSL_HOOK_SNAPSHOT,
				 .ts = r->gone[i].ts},
			.ns = r->gone[i].ns,
			.type = r->gone[i].type,
		};

		store_event(r->store, &e.head);
	}
	r->ngone = 0;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct record *r = ctx;

	trigger_call(&r->trigger, call);
	record_feeds_call(r->feeds, call);
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct record *r = ctx;

	store_born(r->store, ns);
	record_feeds_born(r->feeds, ns);
}

static void remember_gone(struct record *r, const struct nsg_ns *ns)
{
	struct gone *all = r->gone;

	if (r->ngone == r->gone_cap) {
		size_t cap = r->gone_cap ? r->gone_cap * 2 : 16;

		all = realloc(all, cap * sizeof(*all));
		if (!all)
			return; /* a reader keeps it until the next keyframe */
		r->gone = all;
		r->gone_cap = cap;
	}
	all[r->ngone++] = (struct gone){
		.ns = {.obj = ns->id, .inum = ns->inum}, .type = ns->type, .ts = r->ts};
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct record *r = ctx;

	store_died(r->store, ns, cause, r->ts);
	record_feeds_died(r->feeds, ns);
	if (r->event_kind != NSL_EV_NS_FREE || r->event_ns != ns->id)
		remember_gone(r, ns);
}

static const char *what_is_recorded(const struct record *r, char *buf, size_t size)
{
	if (r->options.cmd)
		snprintf(buf, size, "the whole machine while %.100s runs", r->options.cmd[0]);
	else
		snprintf(buf, size, "the whole machine");
	return buf;
}

/* What can be said before anything is attached. */
static void first_meta(struct record *r)
{
	struct timespec mono, wall;
	struct nsv_start start = {.version = NSLENS_VERSION,
				  .release = r->machine.release,
				  .boot_id = r->machine.boot_id,
				  .kernel = r->machine.kernel};

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &wall);
	start.mono_ns = (uint64_t)mono.tv_sec * 1000000000u + (uint64_t)mono.tv_nsec;
	start.wall_ns = (uint64_t)wall.tv_sec * 1000000000u + (uint64_t)wall.tv_nsec;
	recorded_meta(&r->meta, &start);
}

/* Attached, and the graph is there: from here on it is complete. */
static int describe(struct record *r, struct nsl_error *e)
{
	struct nsv_fact facts[MAX_HOOKS];
	struct nsv_start start;
	char what[160];

	start_record_fill(&start, facts, &r->machine, live_capture(r->live),
			  what_is_recorded(r, what, sizeof(what)));
	recorded_meta(&r->meta, &start);
	/* first: a recorder that cannot begin leaves no recording */
	if (r->options.feeds.metrics || r->options.feeds.otlp) {
		r->feeds = record_feeds_new(&r->options.feeds, &start, live_graph(r->live), e);
		if (!r->feeds)
			return -1;
	}
	for (const struct nsg_ns *ns = nsg_namespaces(live_graph(r->live)); ns; ns = ns->next)
		store_known(r->store, ns);
	store_describe(r->store, &r->meta);
	store_set_graph(r->store, live_graph(r->live));
	r->described = true;
	return 0;
}

static struct store_meta end_meta(const struct record *r, bool closed, const char *because)
{
	struct store_meta end = r->meta;

	end.closed = closed;
	end.end_ns = now_ns();
	end.forks = r->live ? capture_forks(live_capture(r->live)) : 0;
	end.missed = r->live ? capture_missed(live_capture(r->live)) : 0;
	snprintf(end.because, sizeof(end.because), "%s", because);
	return end;
}

/* Is there a reason to save the ring now? At the end none waits for a better moment. */
static int look_at_saving(struct record *r, bool last, struct nsl_error *e)
{
	struct store_meta end;
	const char *because = NULL;

	if (!r->options.ring)
		return 0;
	record_save_look(&r->save, r->store, last);
	if (save_asked)
		because = "SIGUSR1";
	else if (r->trigger.fired && (last || record_save_may(&r->save)))
		because = r->trigger.why;
	if (!because)
		return 0;
	end = end_meta(r, true, because);
	if (record_save_start(&r->save, r->store, &end, e) == 0) {
		save_asked = 0;
		r->trigger.fired = false; /* what fires from now on is not in this copy */
	}
	return e->text[0] ? -1 : 0;
}

static void on_event(void *ctx, struct nsl_head *event)
{
	struct record *r = ctx;

	tell_gone(r);
	r->event_kind = event->kind;
	r->event_ns = event->kind == NSL_EV_NS_FREE ? ((struct nsl_ns_free *)event)->ns.obj : 0;
	r->ts = event->ts;
	trigger_event(&r->trigger, event);
	store_event(r->store, event);
	record_feeds_event(r->feeds, event);
	/* on a busy machine one drain of the kernel's ring may go on and on */
	if ((save_asked || r->trigger.fired) && !(++r->looks & 63))
		look_at_saving(r, false, &r->save_error);
}

/* What a full disk took is a gap as any other: the graph is read anew behind it. */
static void look_at_drops(struct record *r)
{
	struct store_counts counts;

	store_counts(r->store, &counts);
	if (counts.dropped > r->dropped)
		live_lost(r->live, counts.dropped - r->dropped);
	r->dropped = counts.dropped;
}

static int step(struct record *r, int timeout_ms, struct nsl_error *e)
{
	if (live_poll(r->live, timeout_ms, e) < 0)
		return -1;
	tell_gone(r);
	if (store_tick(r->store, e))
		return -1;
	look_at_drops(r);
	record_feeds_tick(r->feeds, live_graph(r->live), capture_forks(live_capture(r->live)));
	if (look_at_saving(r, false, &r->save_error) || r->save_error.text[0])
		return nsl_error_set(e, "%.500s", r->save_error.text);
	return 0;
}

/* Until a signal comes, or CMD has ended. */
static int pump(struct record *r, struct child *child, struct nsl_error *e)
{
	bool over = false;

	while (!stop_count && !over) {
		over = r->options.cmd && child_poll(child);
		if (step(r, over ? 0 : POLL_MS, e))
			return -1;
	}
	if (!r->options.cmd || child->ended)
		return 0;
	/* as trace: CMD goes on to its end; a second signal leaves it alone */
	if (stop_count && !stop_by_terminal)
		kill(child->pid, stop_signal);
	while (stop_count < 2 && !child_poll(child))
		if (step(r, POLL_MS, e))
			return -1;
	return 0;
}

/* Nothing can be written any more; what CMD does is its own business. */
static void wait_for_child(struct child *child)
{
	struct timespec pause = {.tv_nsec = 20000000};

	complain("record", "the command goes on; what it does is not recorded any more");
	while (stop_count < 2 && !child_poll(child))
		nanosleep(&pause, NULL);
}

static void last_event(void *ctx, struct nsl_head *event)
{
	struct record *r = ctx;

	store_event(r->store, event);
	record_feeds_event(r->feeds, event);
}

static void tell_counts(const struct record *r, const struct store_counts *c, uint64_t missed)
{
	const uint64_t unread = c->lost - c->dropped;
	const struct {
		uint64_t n;
		const char *why;
	} losses[] = {
		{unread < missed ? unread : missed,
		 "the kernel left nslens's program out, being preempted in it"},
		{unread < missed ? 0 : unread - missed,
		 "the buffer was full (a larger --buffer helps)"},
		{c->dropped, "the disk was full"},
	};

	complain("record", "%s: %llu events, %llu calls%s", r->file, (unsigned long long)c->events,
		 (unsigned long long)c->calls, c->lost ? "" : ", nothing lost");
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++)
		if (losses[i].n)
			complain("record", "%llu event%s lost: %s", (unsigned long long)losses[i].n,
				 losses[i].n == 1 ? " was" : "s were", losses[i].why);
	if (r->options.live.verbose)
		complain("record", "%llu keyframes, %llu commits, the longest took %.1f ms",
			 (unsigned long long)c->keyframes, (unsigned long long)c->commits,
			 (double)c->longest_commit_ns / 1e6);
}

static int record(struct record *r, struct child *child, struct nsl_error *e)
{
	int err;

	r->options.live.stop = &stop_count;
	r->options.live.needs = NEED_FILES | (r->options.cmd ? NEED_KILL : 0);
	r->live = live_open(&r->options.live, &r->machine, e);
	if (!r->live)
		return stop_count ? 0 : -1;
	if (describe(r, e) || store_tick(r->store, e))
		return -1;
	if (r->options.cmd && capture_follow(live_capture(r->live), child->pid, false, e))
		return -1;
	if (!r->options.cmd)
		complain("record", "recording to %s until Ctrl-C%s", r->file,
			 r->options.ring ? "; SIGUSR1 saves it" : "");
	if (r->options.cmd && !stop_count)
		child_go(child);
	err = pump(r, child, e);
	if (err)
		return err;
	store_set_graph(r->store, NULL); /* it is not kept any more */
	capture_stop(live_capture(r->live), last_event, r);
	return 0;
}

/* One plain file, also after an error. */
static int close_store(struct record *r, bool failed)
{
	struct store_meta end = end_meta(r, !failed, "");
	struct store_counts counts;
	struct nsl_error e = {""};
	int err;

	if (!r->store)
		return 0;
	if (!r->described) {
		store_abandon(r->store);
		r->store = NULL;
		return 0;
	}
	if (!failed && look_at_saving(r, true, &e)) {
		complain("record", "%s", e.text);
		e.text[0] = '\0';
	}
	record_save_look(&r->save, r->store, true);
	record_feeds_end(r->feeds, live_graph(r->live), end.forks);
	r->feeds = NULL;
	err = store_close(r->store, &end, &counts, &e);
	r->store = NULL;
	if (failed && counts.last_committed && !access(r->file, F_OK))
		complain("record", "what is in %s is whole, and ends at %+.3f s", r->file,
			 (double)(int64_t)(counts.last_committed - r->meta.mono_ns) / 1e9);
	else if (err && !failed)
		complain("record", "%s", e.text);
	else if (!failed)
		tell_counts(r, &counts, end.missed);
	return err;
}

static int open_store(struct record *r, struct nsl_error *e)
{
	if (record_save_init(&r->save, r->options.output, r->options.ring ? r->options.keep : 0, e))
		return -1;
	r->file = r->save.file;
	first_meta(r);
	r->options.store.call = on_call;
	r->options.store.ctx = r;
	r->store = store_create(r->file, &r->meta, &r->options.store, e);
	return r->store ? 0 : -1;
}

/* The exit status. */
static int finish(struct record *r, struct child *child, bool failed, const struct nsl_error *e)
{
	bool started = r->options.cmd && child->go_fd < 0;
	int status;

	if (failed)
		complain("record", "%s", e->text);
	failed |= close_store(r, failed) != 0;
	if (!r->options.cmd)
		return failed ? EXIT_FAILED : EXIT_DONE;
	if (!started)
		return failed ? EXIT_NSLENS : 128 + stop_signal;
	if (!child->ended && stop_count < 2)
		wait_for_child(child);
	status = child_exit_status(child, "record", r->options.cmd[0]);
	return failed && !status ? EXIT_NSLENS : status;
}

int cmd_record(int argc, char **argv)
{
	struct record *r = calloc(1, sizeof(*r));
	struct child child = {.pid = -1, .go_fd = -1};
	struct nsl_error e = {""};
	int status, err;

	if (!r) {
		complain("record", "out of memory");
		return EXIT_FAILED;
	}
	status = record_options_parse(&r->options, argc, argv);
	if (status >= 0)
		goto out;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, on_save_signal);
	status = r->options.cmd ? EXIT_NSLENS : EXIT_FAILED;
	r->trigger.options = &r->options.trigger;
	r->options.live.milestones = true;
	r->options.live.keep_tree = true;
	r->options.live.programs = nsu_programs();
	r->options.live.event = on_event;
	r->options.live.ctx = r->options.live.graph.ctx = r;
	r->options.live.graph.born = on_born;
	r->options.live.graph.died = on_died;
	machine_read(&r->machine);
	if (!machine_permits(&r->machine, r->options.live.btf, &e))
		goto out;
	/* first: a CMD that cannot be prepared costs no older recording */
	if (r->options.cmd && child_prepare(&child, r->options.cmd, r->options.user, &e)) {
		status = r->options.user ? EXIT_USAGE : EXIT_NSLENS;
		goto out;
	}
	if (open_store(r, &e)) {
		status = r->options.cmd ? EXIT_NSLENS : EXIT_USAGE;
		goto out;
	}
	signals_catch();
	err = record(r, &child, &e);
	status = finish(r, &child, err != 0, &e);
	e.text[0] = '\0';
out:
	if (e.text[0])
		complain("record", "%s", e.text);
	if (child.go_fd >= 0)
		child_abandon(&child);
	close_store(r, true);
	live_close(r->live);
	record_save_free(&r->save);
	free(r->gone);
	free(r);
	return status;
}
