// SPDX-License-Identifier: GPL-2.0-only
/* watch without a terminal: keys in, a grid of characters out. */
#include "../../user/explain/function.h"
#include "../../user/view/watch_state.h"
#include "graph_events.h"
#include "unit.h"

struct screen {
	struct rig *rig;
	struct nsw *w;
	struct nsm_sink sink;
	struct nsw_canvas canvas;
	uint64_t number;
	char text[65536];
};

static struct screen *screen_new(bool utf8)
{
	struct screen *s = calloc(1, sizeof(*s));
	struct nsw_options o = {.machine = "host, Linux 6.12.1",
				.hooks = "fentry",
				.utf8 = utf8,
				.steps = true,
				.kernel = 6012};

	if (!s)
		abort();
	s->rig = rig_new();
	for (int type = 0; type < NSL_TYPES; type++)
		o.initial[type] = INUM(HOST(type));
	s->w = nsw_new(&o);
	if (!s->w)
		abort();
	s->sink = nsw_sink(s->w);
	return s;
}

static void screen_free(struct screen *s)
{
	nsw_canvas_free(&s->canvas);
	nsw_free(s->w);
	rig_free(s->rig);
	free(s);
}

/* A host of two tasks, and one with a uts namespace of its own. */
static void snapshot(struct screen *s)
{
	ev_snapshot(s->rig, NSL_SNAPSHOT_BEGIN);
	ev_seen(s->rig, 1, "systemd", host_view());
	ev_seen(s->rig, 90, "bash", host_view());
	ev_seen(s->rig, 200, "web", with(host_view(), 7, NSL_SLOT_UTS, 40));
	for (int type = 0; type < NSL_TYPES; type++)
		ev_ns(s->rig, a_ns((enum nsl_type)type, HOST(type),
				   type == NSL_USER ? 0 : HOST(NSL_USER), 0, 0));
	ev_snapshot(s->rig, NSL_SNAPSHOT_END);
}

static const struct nsm_step some_steps[] = {
	{.fn = NSL_FN_unshare_nsproxy_namespaces,
	 .outcome = NSM_FAILED,
	 .err = 28,
	 .type = NSL_TYPE_UNKNOWN,
	 .duration = 9000},
	{.fn = NSL_FN_create_new_namespaces,
	 .outcome = NSM_FAILED,
	 .err = 28,
	 .depth = 1,
	 .type = NSL_TYPE_UNKNOWN,
	 .duration = 8000},
	{.fn = NSL_FN_copy_utsname,
	 .outcome = NSM_CREATED,
	 .depth = 2,
	 .type = NSL_UTS,
	 .ns = {77, 4026539999, 0},
	 .duration = 1000},
	{.fn = NSL_FN_copy_net_ns,
	 .outcome = NSM_FAILED,
	 .err = 28,
	 .depth = 2,
	 .type = NSL_NET,
	 .duration = 5000},
};

static void call(struct screen *s, uint32_t pid, const char *comm, uint64_t flags, int err)
{
	struct nsm_call c = {
		.number = ++s->number,
		.syscall = NSL_SYS_UNSHARE,
		.begin_seen = true,
		.end_seen = true,
		.ts = 1000000 * s->number,
		.duration = 10000,
		.pid = pid,
		.tid = pid,
		.raw_flags = flags,
		.new_flags = flags,
		.target_type = NSL_TYPE_UNKNOWN,
		.ret = err ? -1 : 0,
		.err = err,
		.steps = err ? some_steps : NULL,
		.nsteps = err ? sizeof(some_steps) / sizeof(*some_steps) : 0,
		.container = pid == 300 ? "box" : NULL,
	};

	memcpy(c.comm, comm, strnlen(comm, NSL_COMM_LEN));
	s->sink.call(s->sink.ctx, &c);
}

static void calls(struct screen *s, int n)
{
	char comm[NSL_COMM_LEN + 1];

	for (int i = 1; i <= n; i++) {
		snprintf(comm, sizeof(comm), "task-%d", i);
		call(s, (uint32_t)(1000 + i), comm, NSL_NEWUTS, 0);
	}
}

/* The whole screen as text. */
static const char *draw(struct screen *s, int rows, int cols)
{
	char line[4096];
	size_t n = 0;

	if (!nsw_canvas_begin(&s->canvas, rows, cols))
		abort();
	nsw_draw(s->w, s->rig->g, &s->canvas);
	for (int row = 0; row < rows; row++)
		n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "%s\n",
				      nsw_row_text(&s->canvas, row, line, sizeof(line)));
	return s->text;
}

static bool shows(struct screen *s, int rows, int cols, const char *what)
{
	bool found = strstr(draw(s, rows, cols), what);

	if (!found)
		printf("# not found: %s\n%s", what, s->text);
	return found;
}

static bool hides(struct screen *s, int rows, int cols, const char *what)
{
	bool found = strstr(draw(s, rows, cols), what);

	if (found)
		printf("# found: %s\n%s", what, s->text);
	return !found;
}

static void type(struct screen *s, const char *keys)
{
	for (; *keys; keys++)
		nsw_key(s->w, *keys);
}

/* ---- scrolling, canvas ---------------------------------------------------------------------- */

static void scrolling(void)
{
	CHECK_NUM(nsw_scroll(0, 0, 10, 5), 0);	 /* all fits */
	CHECK_NUM(nsw_scroll(0, 12, 10, 50), 3); /* just as far as it has to */
	CHECK_NUM(nsw_scroll(20, 12, 10, 50), 12);
	CHECK_NUM(nsw_scroll(15, 18, 10, 50), 15); /* it is there already */
	CHECK_NUM(nsw_scroll(45, 49, 10, 50), 40); /* no empty lines at the end */
	CHECK_NUM(nsw_scroll(99, -1, 10, 50), 40);
	CHECK_NUM(nsw_scroll(3, 2, 0, 5), 2); /* a pane without room */
	CHECK_NUM(nsw_scroll(-4, -1, 3, 0), 0);
}

static void hostile_text_stays_in_its_cells(void)
{
	struct nsw_canvas c = {.utf8 = true};
	char line[256];

	CHECK(nsw_canvas_begin(&c, 2, 12));
	/* escape sequence, newline, right-to-left override, half a character */
	CHECK_NUM(nsw_put(&c, 0, 0, 99, NSV_PLAIN,
			  "a\033[2J\n\xe2\x80\xae"
			  "b\xff"),
		  9);
	CHECK_STR(nsw_row_text(&c, 0, line, sizeof(line)), "a?[2J??b?");
	CHECK_STR(nsw_row_text(&c, 1, line, sizeof(line)), "");
	/* a wide character is not cut in half, at the end or when half of it is overwritten */
	CHECK_NUM(nsw_put(&c, 1, 9, 99, NSV_PLAIN, "\xe5\xae\xb9\xe5\xae\xb9"), 11);
	CHECK_STR(nsw_row_text(&c, 1, line, sizeof(line)), "         \xe5\xae\xb9");
	nsw_put(&c, 1, 10, 99, NSV_PLAIN, "x");
	CHECK_STR(nsw_row_text(&c, 1, line, sizeof(line)), "          x");
	c.utf8 = false;
	nsw_put(&c, 0, 0, 99, NSV_PLAIN, "\xc2\xb5s \xe2\x94\x80 \xe5\xae\xb9");
	CHECK_STR(nsw_row_text(&c, 0, line, sizeof(line)), "us - ??b?");
	/* outside is nowhere */
	nsw_put(&c, -1, 0, 99, NSV_PLAIN, "x");
	nsw_put(&c, 7, -3, 99, NSV_PLAIN, "x");
	nsw_mark(&c, 9, -5, 99, NSW_REVERSE);
	nsw_canvas_free(&c);
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void filter_words(void)
{
	struct nsw_entry e = {.call = {.syscall = NSL_SYS_UNSHARE,
				       .pid = 4128,
				       .tid = 4128,
				       .comm = "runc:[1:CHILD]",
				       .raw_flags = NSL_NEWNET | NSL_NEWUTS,
				       .new_flags = NSL_NEWNET | NSL_NEWUTS,
				       .target_type = NSL_TYPE_UNKNOWN,
				       .err = 1,
				       .container = "Web-1"}};

	CHECK(nsw_matches(&e, ""));
	CHECK(nsw_matches(&e, "RUNC"));
	CHECK(nsw_matches(&e, "4128 net"));
	CHECK(nsw_matches(&e, "web-1"));
	CHECK(nsw_matches(&e, "eperm  unshare"));
	CHECK(!nsw_matches(&e, "ipc"));
	CHECK(!nsw_matches(&e, "runc ipc"));
	CHECK_NUM(nsw_call_types(&e.call), 1 << NSL_NET | 1 << NSL_UTS);
	e.lost = true;
	CHECK(nsw_matches(&e, "ipc")); /* a gap is never filtered out */
}

/* clone's CLONE_NEWTIME bit is a part of the exit signal. */
static void clone_signal_is_no_type(void)
{
	struct nsm_call c = {.syscall = NSL_SYS_CLONE,
			     .raw_flags = NSL_NEWUTS | 0x91,
			     .new_flags = NSL_NEWUTS,
			     .target_type = NSL_TYPE_UNKNOWN};

	CHECK_NUM(nsw_call_types(&c), 1 << NSL_UTS);
}

static void the_oldest_calls_go(void)
{
	struct screen *s = screen_new(true);
	struct nsw_entry *held;

	calls(s, 5);
	held = nsw_entry_hold(nsw_calls_get(s->w->calls.shown, 3));
	CHECK_STR(held->call.comm, "task-3");
	calls(s, NSW_CALLS);
	CHECK(!nsw_calls_get(s->w->calls.shown, 3));
	CHECK(!nsw_calls_get(s->w->calls.shown, 5));
	CHECK(nsw_calls_get(s->w->calls.shown, 6));
	CHECK_NUM(s->w->calls.shown->next - s->w->calls.shown->first, NSW_CALLS);
	CHECK_STR(held->call.comm, "task-3"); /* who looks at one keeps it */
	nsw_entry_let_go(held);
	screen_free(s);
}

static void copies_outlive_the_model(void)
{
	struct screen *s = screen_new(true);
	char container[] = "gone soon";
	struct nsm_slot_change slot = {NSL_SLOT_UTS, {1, 2, 0}, {3, 4, 0}, NSM_HOW_CREATED};
	struct nsm_call c = {.slots = &slot, .nslots = 1, .container = container};
	const struct nsm_call *kept;

	s->sink.call(s->sink.ctx, &c);
	memset(container, 'x', sizeof(container) - 1);
	slot.after.inum = 99;
	kept = &nsw_calls_get(s->w->calls.shown, 1)->call;
	CHECK_STR(kept->container, "gone soon");
	CHECK_NUM(kept->slots[0].after.inum, 4);
	CHECK(!kept->cgroup_path);
	screen_free(s);
}

static void follows_until_scrolled(void)
{
	struct screen *s = screen_new(true);

	calls(s, 50);
	CHECK(shows(s, 24, 80, "task-50"));
	CHECK(hides(s, 24, 80, "task-20 "));
	nsw_key(s->w, NSW_KEY_UP);
	draw(s, 24, 80);
	calls(s, 20); /* what is looked at stays */
	CHECK_NUM(s->w->calls.follow, 0);
	CHECK(shows(s, 24, 80, "task-50"));
	CHECK_NUM(s->w->calls.selected, 49);
	nsw_key(s->w, NSW_KEY_HOME);
	CHECK(shows(s, 24, 80, "task-1 "));
	nsw_key(s->w, NSW_KEY_END);
	CHECK_NUM(s->w->calls.follow, 1);
	call(s, 9, "newest", NSL_NEWUTS, 0);
	CHECK(shows(s, 24, 80, "newest"));
	screen_free(s);
}

static void filter_typed(void)
{
	struct screen *s = screen_new(true);

	calls(s, 30);
	call(s, 300, "needle", NSL_NEWNET, 0);
	calls(s, 5);
	type(s, "/nedd");
	nsw_key(s->w, NSW_KEY_BACKSPACE);
	CHECK(shows(s, 24, 80, "container): ned"));
	nsw_key(s->w, NSW_KEY_BACKSPACE);
	type(s, "edle box");
	nsw_key(s->w, NSW_KEY_ENTER);
	CHECK(shows(s, 24, 80, "needle"));
	CHECK(hides(s, 24, 80, "task-30"));
	CHECK_NUM(s->w->calls.n, 1);
	type(s, "/q"); /* typed, not obeyed */
	CHECK(nsw_key(s->w, NSW_KEY_ESCAPE));
	CHECK_STR(s->w->filter, "needle box");
	nsw_key(s->w, NSW_KEY_ESCAPE);
	CHECK(shows(s, 24, 80, "task-5"));
	screen_free(s);
}

static void pause_keeps_what_came(void)
{
	struct screen *s = screen_new(true);

	snapshot(s);
	calls(s, 3);
	draw(s, 24, 80);
	type(s, "p");
	call(s, 9, "later", NSL_NEWUTS, 0);
	ev_new(s->rig, 201, with(host_view(), 8, NSL_SLOT_NET, 50));
	CHECK(shows(s, 24, 80, "PAUSED, 1 more wait"));
	CHECK(hides(s, 24, 80, "later"));
	CHECK(hides(s, 24, 80, "#8]"));
	type(s, "p");
	CHECK(shows(s, 24, 80, "later"));
	CHECK(shows(s, 24, 80, "#8]"));
	screen_free(s);
}

static void gap_is_loud(void)
{
	struct screen *s = screen_new(true);
	struct nsm_lost lost = {.ts = 5000, .count = 42, .hook = NSL_HOOK_STEP};
	struct nsw_figures figures = {.now = 6000, .lost = 49};

	calls(s, 3);
	s->sink.lost(s->sink.ctx, &lost);
	lost.count = 7;
	s->sink.lost(s->sink.ctx, &lost);
	nsw_set_figures(s->w, &figures);
	CHECK(shows(s, 24, 80, "GAP: 49 events lost here (step hooks)"));
	CHECK(strstr(s->text, " GAP: 49 events were lost."));
	CHECK(s->canvas.cells[1].style & NSW_REVERSE);
	figures.now += NSW_LOUD + 1;
	nsw_set_figures(s->w, &figures);
	CHECK(shows(s, 24, 80, "LOST 49")); /* and is never forgotten */
	screen_free(s);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void steps_of_a_failure(void)
{
	struct screen *s = screen_new(true);

	calls(s, 1);
	call(s, 300, "refused", NSL_NEWUTS | NSL_NEWNET, 28);
	draw(s, 24, 80);
	nsw_key(s->w, NSW_KEY_ENTER);
	/* it opens at the step that decided, not at the ones around it */
	CHECK_NUM(s->w->steps.step, 3);
	CHECK(shows(s, 30, 80, "copy_net_ns() failed"));
	CHECK(shows(s, 30, 80, "unshare_nsproxy_namespaces › create_new_namespaces › copy_net_ns"));
	CHECK(shows(s, 30, 80, "Why: "));
	nsw_key(s->w, NSW_KEY_LEFT);
	CHECK(shows(s, 30, 80, "copy_utsname(): created uts:[4026539999]"));
	CHECK(shows(s, 30, 80, "10 % of the call"));
	nsw_key(s->w, NSW_KEY_HOME);
	nsw_key(s->w, NSW_KEY_LEFT);
	CHECK_NUM(s->w->steps.step, 0);
	CHECK(shows(s, 30, 80, "because copy_net_ns() failed inside it"));
	nsw_key(s->w, NSW_KEY_END);
	nsw_key(s->w, NSW_KEY_RIGHT);
	CHECK_NUM(s->w->steps.step, 3);
	nsw_key(s->w, NSW_KEY_UP); /* the call before, which has no steps */
	CHECK(shows(s, 24, 80, "task-1 1001"));
	CHECK(shows(s, 24, 80, "no namespace function ran inside"));
	nsw_key(s->w, NSW_KEY_UP);
	CHECK(shows(s, 24, 80, "task-1 1001"));
	nsw_key(s->w, NSW_KEY_ESCAPE);
	CHECK(shows(s, 24, 80, "COMMAND"));
	screen_free(s);
}

static void a_call_that_is_looked_at_stays(void)
{
	struct screen *s = screen_new(true);

	call(s, 300, "refused", NSL_NEWNET, 28);
	nsw_key(s->w, NSW_KEY_ENTER);
	calls(s, NSW_CALLS + 10);
	CHECK(shows(s, 24, 120, "copy_net_ns() failed"));
	nsw_key(s->w, NSW_KEY_DOWN); /* its neighbours are gone: the oldest that is left */
	CHECK(shows(s, 24, 120, "#"));
	CHECK(hides(s, 24, 120, "refused"));
	screen_free(s);
}

static void every_function_is_explained(void)
{
	for (int fn = NSL_FN_NONE + 1; fn < NSL_FNS; fn++)
		CHECK(strlen(nse_function((enum nsl_fn)fn)) > 20);
	CHECK_STR(nse_function(NSL_FNS), "");
}

/* ---- graph ---------------------------------------------------------------------------------- */

static void rows_of_the_graph(void)
{
	struct screen *s = screen_new(true);

	CHECK(shows(s, 24, 80, "Waiting for the first snapshot"));
	snapshot(s);
	CHECK(nsw_changed(s->w, s->rig->g));
	CHECK(shows(s, 24, 80, "1 systemd +1"));
	CHECK(shows(s, 24, 80, "#7]"));
	CHECK(!nsw_changed(s->w, s->rig->g));
	nsw_key(s->w, NSW_KEY_TAB);
	nsw_key(s->w, NSW_KEY_END);
	CHECK(shows(s, 24, 80, "nsproxy#7 count=1  1 task: 200 web"));
	CHECK(shows(s, 24, 80, "uts:[4026531040] the rest: host"));
	nsw_key(s->w, NSW_KEY_DOWN);
	nsw_key(s->w, NSW_KEY_PAGE_DOWN);
	CHECK(shows(s, 24, 80, "nsproxy#7 count=1"));
	nsw_key(s->w, NSW_KEY_HOME);
	CHECK(shows(s, 24, 80, "every namespace: host"));
	type(s, "/WEB");
	nsw_key(s->w, NSW_KEY_ENTER);
	CHECK(shows(s, 24, 80, "nsproxy#7 count=1"));
	screen_free(s);
}

static void narrow_screens_scroll_sideways(void)
{
	struct screen *s = screen_new(true);

	snapshot(s);
	nsw_key(s->w, NSW_KEY_TAB);
	CHECK(shows(s, 10, 40, "user"));
	CHECK(hides(s, 10, 40, "time*"));
	for (int i = 0; i < 20; i++) {
		nsw_key(s->w, NSW_KEY_RIGHT);
		draw(s, 10, 40);
	}
	CHECK(shows(s, 10, 40, "time*"));
	CHECK(shows(s, 10, 40, "TASKS")); /* the names of the rows stay */
	type(s, "s");
	CHECK(shows(s, 10, 80, "uts"));
	CHECK(hides(s, 10, 80, "net"));
	type(s, "s");
	CHECK(shows(s, 10, 80, "net"));
	CHECK(hides(s, 10, 80, "uts "));
	screen_free(s);
}

/* ---- everything, at every size --------------------------------------------------------------- */

static void any_size_any_key(void)
{
	static const int keys[] = {NSW_KEY_UP,
				   NSW_KEY_DOWN,
				   NSW_KEY_LEFT,
				   NSW_KEY_RIGHT,
				   NSW_KEY_PAGE_DOWN,
				   NSW_KEY_HOME,
				   NSW_KEY_END,
				   NSW_KEY_ENTER,
				   NSW_KEY_TAB,
				   NSW_KEY_ESCAPE,
				   'f',
				   'p',
				   'g',
				   'c',
				   's',
				   't',
				   '?',
				   'n',
				   'N',
				   '/',
				   'x',
				   'v',
				   NSW_KEY_BACKSPACE};
	struct screen *s = screen_new(true);
	unsigned int random = 1;

	snapshot(s);
	for (int i = 0; i < 6000; i++) {
		random = random * 1103515245 + 12345;
		CHECK(nsw_key(s->w, keys[random / 65536 % (sizeof(keys) / sizeof(*keys))]));
		draw(s, 1 + (int)(random >> 8) % 60, 1 + (int)(random >> 16) % 200);
		if (i % 7 == 0)
			call(s, 300, "\033[31m\xff\xe2\x80\xae", NSL_NEWUTS, i % 2 ? 28 : 0);
		if (i % 11 == 0)
			ev_new(s->rig, (uint32_t)(5000 + i),
			       with(host_view(), (uint64_t)(100 + i), NSL_SLOT_NET,
				    (uint64_t)(100 + i)));
	}
	CHECK(!strchr(s->text, '\033'));
	screen_free(s);
}

static void ascii_is_ascii(void)
{
	struct screen *s = screen_new(false);

	snapshot(s);
	call(s, 300, "caf\xc3\xa9", NSL_NEWNET, 28);
	for (int view = 0; view < 3; view++) {
		draw(s, 30, 100);
		for (const char *p = s->text; *p; p++)
			if ((unsigned char)*p > 0x7e) {
				CHECK(!"a byte that is not ASCII");
				break;
			}
		nsw_key(s->w, view ? '?' : NSW_KEY_ENTER);
	}
	screen_free(s);
}

int main(void)
{
	RUN(scrolling);
	RUN(hostile_text_stays_in_its_cells);
	RUN(filter_words);
	RUN(clone_signal_is_no_type);
	RUN(the_oldest_calls_go);
	RUN(copies_outlive_the_model);
	RUN(follows_until_scrolled);
	RUN(filter_typed);
	RUN(pause_keeps_what_came);
	RUN(gap_is_loud);
	RUN(steps_of_a_failure);
	RUN(a_call_that_is_looked_at_stays);
	RUN(every_function_is_explained);
	RUN(rows_of_the_graph);
	RUN(narrow_screens_scroll_sideways);
	RUN(any_size_any_key);
	RUN(ascii_is_ascii);
	return unit_end();
}
