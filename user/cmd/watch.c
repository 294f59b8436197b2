// SPDX-License-Identifier: GPL-2.0-only
/* nslens watch: the graph and the calls in a terminal, live or of a recording. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../view/watch.h"
#include "../view/watch_term.h"
#include "cmd.h"
#include "live.h"
#include "options.h"
#include "signals.h"
#include "values.h"
#include "watch_guard.h"
#include "watch_recorded.h"

#define POLL_MS	  50	    /* a key waits so long at most */
#define DRAW_NS	  100000000 /* between two screens when events come */
#define KEY_NS	  30000000  /* when keys come */
#define SHARE	  10	    /* of the time drawing may take: a graph of thousands takes longer */
#define SECOND_NS 1000000000

struct watch {
	const char *filter;
	const char *input;
	unsigned int speed;
	struct replay *replay; /* NULL: live */
	int colour;
	struct live_options live_options;
	struct machine machine;
	struct live *live;
	struct nsm *model;
	struct nsw *view;
	uint64_t events;  /* so far */
	uint64_t drawn;	  /* when */
	uint64_t cost;	  /* ns that the last drawing took */
	uint64_t counted; /* when events were counted last */
	uint64_t events_then;
	uint64_t per_second;
	char checked[80];
};

#define T struct watch

static const struct option_row option_rows[] = {
	{"filter", 0, "TEXT", "show calls that have these words only (as with the key /)",
	 OPTION_TEXT(T, filter)},
	{"input", 'i', "FILE", "play a recording (nslens record) again", OPTION_FILE(T, input)},
	{"speed", 0, "N", "N times as fast as it was; default: 1", OPTION_COUNT(T, speed, 1, 1000)},
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_HOOKS(T, live_options.mode),
	OPTION_ROW_BTF(T, live_options.btf),
	OPTION_ROW_BUFFER(T, live_options.ring_bytes),
	{0},
};

static const struct option_rule rules[] = {
	{"input", OPTION_EXCLUDES, "hooks buffer btf", "a recording has its events already"},
	{"speed", OPTION_NEEDS, "input", "what happens now is as fast as it is"},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "done"},
	{"1", "failed"},
	{"2", "bad usage, or no terminal to draw on"},
	{"128+N", "signal N ended it"},
	{0},
};

const struct command_line watch_line = {
	.name = "watch",
	.summary = "the live graph, calls and their steps in a terminal",
	.usage = "[options]",
	.about =
		"Shows in a terminal, live: which tasks share which namespaces (rails), every call "
		"that creates, joins or leaves one, and, for any of them, the kernel's own steps, "
		"one by one. Press ? for the keys, q to leave. A recording is played again: space "
		"stops it and lets it go on, . goes to the next call, > and < change its speed.",
	.rows = option_rows,
	.rules = rules,
	.status = status_words,
	.see = "graph trace record",
	.too_much = "is no option: watch takes no command; start it in another terminal, or use "
		    "nslens trace -- CMD",
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void on_event(void *ctx, struct nsl_head *event)
{
	struct watch *w = ctx;

	w->events++;
	if (w->model) /* not yet while the first snapshot is taken */
		nsm_feed(w->model, event);
}

/* What the ladder has chosen, for the status line. */
static const char *hooks_in_words(const struct ladder *l)
{
	bool fentry = false, kprobe = false;

	for (size_t i = 0; i < nhooks; i++) {
		fentry |= l->choice[i].mechanism == MECH_FENTRY;
		kprobe |= l->choice[i].mechanism == MECH_KPROBE;
	}
	if (!l->functions)
		return "tracepoints";
	return fentry && kprobe ? "fentry and kprobe" : fentry ? "fentry" : "kprobe";
}

static const struct nsg *graph_of(const struct watch *w)
{
	return w->replay ? replay_graph(w->replay) : live_graph(w->live);
}

static struct nsw *recorded_view(const struct watch *w, bool utf8)
{
	const struct store_meta *m = replay_meta(w->replay);
	char name[160];
	struct nsw_options o = {
		.machine = name,
		.hooks = m->steps ? "recorded" : "recorded with tracepoints",
		.filter = w->filter,
		.utf8 = utf8,
		.steps = m->steps,
		.kernel = m->kernel,
		.mono_ns = m->mono_ns,
	};

	snprintf(name, sizeof(name), "%.80s, Linux %.64s", w->input, m->release);
	memcpy(o.initial, m->initial, sizeof(o.initial));
	return nsw_new(&o);
}

static struct nsw *new_view(const struct watch *w, bool utf8)
{
	const struct ladder *l = capture_ladder(live_capture(w->live));
	struct utsname name;
	char machine[160];
	struct nsw_options o = {
		.machine = machine,
		.hooks = hooks_in_words(l),
		.filter = w->filter,
		.utf8 = utf8,
		.steps = l->functions,
		.kernel = w->machine.kernel,
		.mono_ns = now_ns(),
	};

	uname(&name);
	snprintf(machine, sizeof(machine), "%.32s, Linux %.64s", name.nodename, w->machine.release);
	capture_initial(live_capture(w->live), o.initial);
	return nsw_new(&o);
}

static void count(struct watch *w, uint64_t now)
{
	struct nsw_figures figures = {.now = now, .lost = nsm_counts(w->model)->lost};

	if (now - w->counted >= SECOND_NS) {
		w->per_second = (w->events - w->events_then) * SECOND_NS / (now - w->counted);
		w->events_then = w->events;
		w->counted = now;
	}
	figures.per_second = w->per_second;
	if (w->replay) {
		figures.now = replay_position(w->replay);
		figures.ended = replay_ended(w->replay);
		replay_words(w->replay, w->checked, sizeof(w->checked));
	}
	figures.checked = *w->checked ? w->checked : NULL;
	nsw_set_figures(w->view, &figures);
}

/* Reads all keys that wait. False: the user leaves. */
static bool keys(struct watch *w, bool *any, bool *redraw)
{
	int key;

	*any = *redraw = false;
	while ((key = nsw_term_key()) != NSW_KEY_NONE) {
		*any = true;
		*redraw |= key == NSW_KEY_REDRAW;
		if (w->replay && !nsw_typing(w->view) && replay_key(w->replay, key))
			continue;
		if (!nsw_key(w->view, key))
			return false;
	}
	return true;
}

static bool terminal_gone(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO};

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLERR | POLLNVAL);
}

static int draw(struct watch *w, struct nsw_canvas *canvas, bool redraw, struct nsl_error *e)
{
	int rows, cols;

	nsw_term_size(&rows, &cols);
	if (!nsw_canvas_begin(canvas, rows, cols))
		return nsl_error_set(e, "out of memory");
	nsw_draw(w->view, graph_of(w), canvas);
	nsw_term_show(canvas, redraw);
	return 0;
}

/* The user asks whether the graph is right. */
static int verify(struct watch *w, struct nsl_error *e)
{
	unsigned int snapshots;
	size_t n, confirmed;
	time_t now = time(NULL);
	char clock[16] = "";
	struct tm tm;

	if (live_verify(w->live, &snapshots, e))
		return -1;
	nsg_differences(live_graph(w->live), &n, &confirmed);
	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (confirmed)
		snprintf(w->checked, sizeof(w->checked), "%zu DIFFERENCES %s", confirmed, clock);
	else
		snprintf(w->checked, sizeof(w->checked), "verified %s", clock);
	return 0;
}

static int find_keepers(struct watch *w, struct nsl_error *e)
{
	struct keepers_options o = {0};
	struct keepers_report report;

	if (live_keepers(w->live, &o, &report, e))
		return -1;
	snprintf(w->checked, sizeof(w->checked), "%zu keepers%s", report.found,
		 report.refused || report.mount_namespaces_refused || report.too_long
			 ? ", some unread"
			 : "");
	return 0;
}

/* What takes a moment; the screen says so meanwhile. */
static int fulfil(struct watch *w, enum nsw_wish wish, struct nsw_canvas *canvas,
		  struct nsl_error *e)
{
	snprintf(w->checked, sizeof(w->checked),
		 wish == NSW_WISH_CHECK ? "verifying" : "looking for keepers");
	count(w, now_ns());
	if (draw(w, canvas, false, e))
		return -1;
	return wish == NSW_WISH_CHECK ? verify(w, e) : find_keepers(w, e);
}

/* A key is answered soon; what happens by itself is shown ten times a second at most. */
static bool is_time(const struct watch *w, uint64_t now, bool key)
{
	uint64_t pause = key ? KEY_NS : DRAW_NS;

	if (!key && w->cost * SHARE > pause)
		pause = w->cost * SHARE;
	return now - w->drawn >= pause;
}

static int next_events(struct watch *w, struct nsl_error *e)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	int n;

	if (!w->replay)
		return live_poll(w->live, POLL_MS, e) < 0 ? -1 : 0;
	n = replay_poll(w->replay, w->model, now_ns(), e);
	if (n < 0)
		return -1;
	w->events += (uint64_t)n;
	poll(&fd, 1, n ? 0 : POLL_MS);
	return 0;
}

static int pump(struct watch *w, struct nsw_canvas *canvas, struct nsl_error *e)
{
	bool redraw = false;

	while (!stop_count && !terminal_gone()) {
		enum nsw_wish wish;
		bool any, spoilt;
		uint64_t now;

		if (!keys(w, &any, &spoilt))
			return 0;
		redraw |= spoilt;
		wish = nsw_wish(w->view);
		if (wish != NSW_WISH_NONE && w->live && fulfil(w, wish, canvas, e))
			return -1;
		now = now_ns();
		count(w, now);
		if (nsw_changed(w->view, graph_of(w)) && is_time(w, now, any)) {
			if (draw(w, canvas, redraw, e))
				return -1;
			w->drawn = now_ns();
			w->cost = w->drawn - now;
			redraw = false;
		}
		if (next_events(w, e))
			return -1;
	}
	return 0;
}

static int watch(struct watch *w, struct nsl_error *e)
{
	struct nsw_canvas canvas = {0};
	struct nsm_sink sink;
	int err;

	w->view = w->replay ? recorded_view(w, nsw_term_utf8()) : new_view(w, nsw_term_utf8());
	if (!w->view)
		return nsl_error_set(e, "out of memory");
	sink = nsw_sink(w->view);
	w->model = nsm_new(&sink);
	if (!w->model)
		return nsl_error_set(e, "out of memory");
	nsm_set_kernel(w->model, w->replay ? replay_meta(w->replay)->kernel : w->machine.kernel);
	if (!nsw_term_open(wants_colour(stdout, w->colour)))
		return nsl_error_set(e, "cannot take over the terminal: out of memory");
	w->counted = now_ns();
	err = pump(w, &canvas, e);
	nsw_term_close();
	nsw_canvas_free(&canvas);
	return err;
}

static bool open_source(struct watch *w, struct nsl_error *e)
{
	if (w->input)
		return (w->replay = replay_open(w->input, w->speed, e)) != NULL;
	machine_read(&w->machine);
	w->live_options.event = on_event;
	w->live_options.ctx = w;
	w->live_options.stop = &stop_count;
	return machine_permits(&w->machine, w->live_options.btf, e) &&
	       (w->live = live_open(&w->live_options, &w->machine, e)) != NULL;
}

int cmd_watch(int argc, char **argv)
{
	struct watch w = {.colour = -1};
	struct nsl_error e = {""};
	struct option_rest rest;
	const char *why;
	int status = options_parse(&watch_line, &w, &rest, argc, argv);

	if (status >= 0)
		return status;
	why = nsw_term_check();
	if (why) {
		complain("watch", "%s", why);
		return EXIT_USAGE;
	}
	status = watch_guard(&e);
	if (status < 0) {
		status = EXIT_FAILED;
		signals_catch();
		if (open_source(&w, &e) && !watch(&w, &e))
			status = stop_count ? 128 + stop_signal : EXIT_DONE;
	}
	if (e.text[0])
		complain("watch", "%s", e.text);
	nsm_free(w.model);
	nsw_free(w.view);
	live_close(w.live);
	replay_close(w.replay);
	return status;
}
