// SPDX-License-Identifier: GPL-2.0-only
/* The live source of the page: it traces, and never waits for whoever looks. */
#include <string.h>
#include <time.h>

#include "../model/graph_rows.h"
#include "../model/startup.h"
#include "cmd.h"
#include "live.h"
#include "privileges.h"
#include "recorded.h"
#include "serve.h"
#include "signals.h"
#include "start_record.h"

#define POLL_MS	   50		/* what happens is on the page within 100 ms */
#define GOODBYE_MS 500		/* for what waits in the channel at the end */
#define LOOK_EVERY 10000000000u /* for keepers */
#define LOOK_SHARE 50		/* of the time that may take */

struct source {
	struct serve *serve;
	struct live *live;
	struct machine machine;
	uint64_t mono_ns;
	uint64_t ts;	   /* of the last event */
	uint64_t look;	   /* when keepers are read again */
	uint64_t left_out; /* events that did not fit */
	bool running;	   /* the first rows have gone */
	uint8_t event_kind;
	uint64_t event_ns;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void send_event(struct source *x, const struct nsl_head *event)
{
	/* behind a gap only rows make sense */
	if (!x->running)
		return;
	if (x->left_out ||
	    !web_channel_put(&x->serve->channel, WEB_MSG_EVENT, event, event->size, false))
		x->left_out++;
}

static void on_event(void *ctx, struct nsl_head *event)
{
	struct source *x = ctx;

	x->ts = event->ts;
	x->event_kind = event->kind;
	x->event_ns = event->kind == NSL_EV_NS_FREE ? ((struct nsl_ns_free *)event)->ns.obj : 0;
	send_event(x, event);
}

/* Where nobody tells of deaths they are found out: the server must come to the same. */
static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct source *x = ctx;
	const struct nsl_ns_free e = {
		.head = {.size = sizeof(e),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_NS_FREE,
			 .hook = NSL_HOOK_SNAPSHOT,
			 .ts = x->ts},
		.ns = {.obj = ns->id, .inum = ns->inum},
		.type = ns->type,
	};

	(void)cause;
	if (x->event_kind != NSL_EV_NS_FREE || x->event_ns != ns->id)
		send_event(x, &e.head);
}

static void send_row(void *ctx, const struct nsl_head *row)
{
	struct source *x = ctx;

	web_channel_put(&x->serve->channel, WEB_MSG_ROW, row, row->size, true);
}

/* The graph as it is now. False: not while it is stale. */
static bool send_graph(struct source *x)
{
	const struct nsg *g = live_graph(x->live);
	struct web_channel *c = &x->serve->channel;
	struct nsg_totals totals;

	if (nsg_stale(g))
		return false;
	nsg_totals(g, &totals);
	web_channel_put(c, WEB_MSG_ROWS, NULL, 0, true);
	nsg_rows(g, x->ts ? x->ts : x->mono_ns, send_row, x);
	web_channel_put(c, WEB_MSG_ROWS_END, &totals, sizeof(totals), true);
	return true;
}

static void tell_gap(struct source *x)
{
	const struct web_gap gap = {.ts = x->ts, .count = x->left_out};

	if (!x->left_out)
		return;
	web_channel_put(&x->serve->channel, WEB_MSG_GAP, &gap, sizeof(gap), true);
	send_graph(x);
	x->left_out = 0;
}

/* The server did not keep up. When it has, it is told what it missed. */
static void close_gap(struct source *x)
{
	struct web_channel *c = &x->serve->channel;

	if (web_channel_waiting(c) <= c->max / 2 && !nsg_stale(live_graph(x->live)))
		tell_gap(x);
}

static void send_start(struct source *x)
{
	struct nsv_fact facts[MAX_HOOKS];
	struct nsv_start start;
	struct store_meta meta;

	start_record_fill(&start, facts, &x->machine, live_capture(x->live), "the whole machine");
	recorded_meta(&meta, &start);
	x->mono_ns = start.mono_ns;
	web_channel_put(&x->serve->channel, WEB_MSG_START, &meta, sizeof(meta), true);
}

/* What holds namespaces beside tasks is read from time to time. */
static int look_for_keepers(struct source *x, struct nsl_error *e)
{
	struct keepers_options o = {0};
	struct keepers_report report;
	uint64_t began = now_ns(), took;

	if (began < x->look)
		return 0;
	if (live_keepers(x->live, &o, &report, e))
		return -1;
	took = (now_ns() - began) * LOOK_SHARE;
	x->look = began + (took > LOOK_EVERY ? took : LOOK_EVERY);
	return 0;
}

static int begin(struct source *x, struct nsl_error *e)
{
	if (look_for_keepers(x, e))
		return -1;
	send_start(x);
	while (!send_graph(x) && !stop_count)
		if (live_poll(x->live, POLL_MS, e) < 0)
			return -1;
	x->running = true;
	serve_announce(x->serve);
	return 0;
}

static int pump(struct source *x, struct nsl_error *e)
{
	while (!stop_count && !serve_server_gone(x->serve)) {
		if (live_poll(x->live, POLL_MS, e) < 0 || look_for_keepers(x, e))
			return -1;
		close_gap(x);
		web_channel_flush(&x->serve->channel, 0);
	}
	if (x->serve->server_ended)
		return nsl_error_set(e, "the process that serves the page has ended");
	return 0;
}

static void end(struct source *x)
{
	struct web_channel *c = &x->serve->channel;
	struct web_end last = {.duration = now_ns() - x->mono_ns};

	capture_stop(live_capture(x->live), on_event, x);
	last.forks = capture_forks(live_capture(x->live));
	last.missed = capture_missed(live_capture(x->live));
	tell_gap(x);
	web_channel_put(c, WEB_MSG_END, &last, sizeof(last), true);
	web_channel_flush(c, GOODBYE_MS);
}

int serve_live(struct serve *s, struct nsl_error *e)
{
	struct source x = {.serve = s};
	struct live_options o = {
		.mode = s->options.hooks,
		.ring_bytes = s->options.ring_bytes,
		.verbose = s->options.verbose,
		.keepers = true,
		.needs = NEED_KILL, /* of the server, if it hangs */
		.milestones = true,
		.keep_tree = true,
		.programs = nsu_programs(), /* runtimes, before they make namespaces */
		.event = on_event,
		.graph = {.ctx = &x, .died = on_died},
		.ctx = &x,
		.stop = &stop_count,
	};
	int err = -1;

	machine_read(&x.machine);
	if (!machine_permits(&x.machine, s->options.btf, e))
		return -1;
	x.live = live_open(&o, &x.machine, e);
	if (x.live) {
		err = begin(&x, e);
		if (!err)
			err = pump(&x, e);
		if (!err)
			end(&x);
	}
	live_close(x.live);
	return !x.live && stop_count ? 0 : err;
}
