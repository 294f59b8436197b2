// SPDX-License-Identifier: GPL-2.0-only
/* The whole screen: status, rails, calls or steps, the selected row, keys. */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_state.h"

struct nsw *nsw_new(const struct nsw_options *options)
{
	struct nsw *w = calloc(1, sizeof(*w));
	struct nsv_options text = {.style = NSV_STORY};

	if (!w)
		return NULL;
	w->text = nsv_new(NULL, &text);
	w->calls.shown = calloc(1, sizeof(*w->calls.shown));
	w->calls.waiting = calloc(1, sizeof(*w->calls.waiting));
	w->rails.layout = nsv_rails_new();
	if (!w->text || !w->calls.shown || !w->calls.waiting || !w->rails.layout) {
		nsw_free(w);
		return NULL;
	}
	w->text->utf8 = options->utf8;
	w->text->steps = options->steps;
	w->text->kernel = options->kernel;
	w->text->mono_ns = options->mono_ns;
	memcpy(w->text->initial, options->initial, sizeof(w->text->initial));
	nsv_safe(w->text, options->machine ? options->machine : "", w->machine, sizeof(w->machine));
	nsv_safe(w->text, options->hooks ? options->hooks : "", w->hooks, sizeof(w->hooks));
	snprintf(w->filter, sizeof(w->filter), "%s", options->filter ? options->filter : "");
	w->focus = NSW_PANE_CALLS;
	w->rails.row_kind = -1;
	w->calls.follow = true;
	w->dirty = true;
	return w;
}

void nsw_free(struct nsw *w)
{
	if (!w)
		return;
	nsw_steps_close(w);
	if (w->calls.shown)
		nsw_calls_clear(w->calls.shown);
	if (w->calls.waiting)
		nsw_calls_clear(w->calls.waiting);
	free(w->calls.shown);
	free(w->calls.waiting);
	nsv_rails_free(w->rails.layout);
	free(w->rails.lines);
	nsv_free(w->text);
	free(w);
}

/* ---- what comes in -------------------------------------------------------------------------- */

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct nsw *w = ctx;

	/* as in the stories: an exit is told when it ends something */
	if (call->syscall == NSL_SYS_EXIT && !nse_drops_nsproxy(call) && !nse_ends_pid_ns(call))
		return;
	w->total++;
	w->dirty = true;
	nsw_calls_add(w->paused ? w->calls.waiting : w->calls.shown, call);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct nsw *w = ctx;

	/* losses that follow each other closely are told as one */
	w->gap_count = lost->count + (w->gap_ts ? w->gap_count : 0);
	w->gap_ts = lost->ts;
	w->dirty = true;
	nsw_calls_add_gap(w->paused ? w->calls.waiting : w->calls.shown, lost);
}

struct nsm_sink nsw_sink(struct nsw *w)
{
	return (struct nsm_sink){.ctx = w, .call = on_call, .lost = on_lost};
}

void nsw_set_figures(struct nsw *w, const struct nsw_figures *figures)
{
	const struct nsw_figures *old = &w->figures;
	const char *checked = figures->checked ? figures->checked : "";

	/* a gap ends being loud */
	if (w->gap_ts && figures->now > w->gap_ts + NSW_LOUD) {
		w->gap_ts = 0;
		w->dirty = true;
	}
	if (old->per_second != figures->per_second || old->lost != figures->lost ||
	    old->ended != figures->ended || strcmp(checked, w->checked) != 0)
		w->dirty = true;
	w->figures = *figures;
	w->figures.checked = NULL;
	snprintf(w->checked, sizeof(w->checked), "%s", checked);
}

bool nsw_changed(const struct nsw *w, const struct nsg *g)
{
	struct nsg_totals now;

	if (w->dirty)
		return true;
	if (w->paused)
		return false;
	nsg_totals(g, &now);
	return now.events != w->rails.totals.events || nsg_stale(g) != w->rails.stale;
}

enum nsw_wish nsw_wish(struct nsw *w)
{
	enum nsw_wish wish = w->wish;

	w->wish = NSW_WISH_NONE;
	return wish;
}

static void take_graph(struct nsw *w, const struct nsg *g)
{
	struct nsg_totals now;

	nsg_totals(g, &now);
	if (now.events == w->rails.totals.events && nsg_stale(g) == w->rails.stale &&
	    w->rails.layout->nlines)
		return;
	if (!nsw_rails_update(w, g))
		return; /* out of memory: what was shown stays, and is tried again */
	w->rails.totals = now;
	w->rails.stale = nsg_stale(g);
}

/* ---- drawing -------------------------------------------------------------------------------- */

static void put_gap(struct nsw *w, struct nsw_canvas *c)
{
	nsw_printf(c, 0, 1, c->cols, NSV_RED | NSW_STRONG, "GAP: %" PRIu64 " event%s lost. %s",
		   w->gap_count, w->gap_count == 1 ? " was" : "s were",
		   w->rails.stale ? "The graph is STALE until the next snapshot has ended."
				  : "The graph was rebuilt from a fresh snapshot.");
	nsw_mark(c, 0, 0, c->cols, NSW_REVERSE);
}

static const char *health(const struct nsw *w, unsigned int *style)
{
	*style = NSV_BOLD;
	if (w->paused)
		return "PAUSED";
	if (w->figures.ended)
		return "ENDED";
	if (w->rails.stale) {
		*style = NSV_RED | NSW_STRONG;
		return w->rails.totals.snapshots ? "STALE" : "starting";
	}
	*style = NSV_PLAIN;
	return *w->checked ? w->checked : "graph live";
}

/* The right end is what changes; the left gives way on a narrow screen. */
static void put_status(struct nsw *w, struct nsw_canvas *c)
{
	char right[160], lost[48] = "";
	unsigned int style;
	const char *state = health(w, &style);
	int col, at;

	if (w->gap_ts) {
		put_gap(w, c);
		return;
	}
	if (w->figures.lost)
		snprintf(lost, sizeof(lost), "  LOST %" PRIu64, w->figures.lost);
	snprintf(right, sizeof(right), "%" PRIu64 " ev/s%s  ", w->figures.per_second,
		 c->cols >= 60 && !*lost ? "  lost 0" : lost);
	at = c->cols - (int)strlen(right) - (int)strlen(state) - 1;
	if (at < 8)
		at = 8; /* the name stays whole */
	col = nsw_put(c, 0, 1, at - 1, NSV_BOLD, "nslens");
	col = nsw_printf(c, 0, col + 1, at - 1, NSV_PLAIN, "%s", w->machine);
	if (at - col > 12)
		nsw_printf(c, 0, col + 2, at - 1, NSV_DIM, "%s", w->hooks);
	col = nsw_put(c, 0, at, c->cols, w->figures.lost ? NSV_RED | NSW_STRONG : NSV_PLAIN, right);
	nsw_put(c, 0, col, c->cols, style, state);
	nsw_mark(c, 0, 0, c->cols, NSW_REVERSE);
}

static void put_keys(struct nsw *w, struct nsw_canvas *c)
{
	int row = c->rows - 1, col;
	const char *keys;

	if (w->typing) {
		col = nsw_put(c, row, 1, c->cols, NSV_BOLD,
			      "Filter (comm, pid, type, container): ");
		if (c->cols < 60) {
			nsw_fill(c, row, 0, c->cols, NSV_PLAIN, ' ', ' ');
			col = nsw_put(c, row, 0, c->cols, NSV_BOLD, "/");
		}
		col = nsw_put(c, row, col, c->cols - 1, NSV_PLAIN, w->typed);
		nsw_mark(c, row, col, col + 1, NSW_REVERSE);
		return;
	}
	if (w->help)
		keys = "up down scroll   any other key: back";
	else if (w->steps.entry)
		keys = c->cols < 76 ? "<> step  ^v call  Esc back  ? help"
		       : c->utf8
			       ? "←→ kernel step  ↑↓ call  PgUp/PgDn text  Esc back  c larger  "
				 "? help  q quit"
			       : "left/right step  up/down call  PgUp/PgDn text  Esc back  ? help  "
				 "q quit";
	else if (w->focus == NSW_PANE_RAILS)
		keys = c->cols < 76
			       ? "^v row  Tab calls  ? help  q quit"
			       : "up/down row  left/right  s lanes  Tab calls  / search  n next  "
				 "? help  q quit";
	else
		keys = c->cols < 76
			       ? "Enter steps  / filter  ? help  q quit"
			       : "Enter steps  Tab graph  / filter  f follow  p pause  g c alone  "
				 "? help  q quit";
	nsw_put(c, row, 1, c->cols, NSV_DIM, keys);
}

/* The rule between the panes carries what holds for the list below it. */
static void put_rule(struct nsw *w, struct nsw_canvas *c, int row)
{
	uint64_t waiting = w->calls.waiting->next - w->calls.waiting->first;
	int col = 3;

	nsw_fill(c, row, 0, c->cols, NSV_DIM, 0x2500, '-');
	if (w->steps.entry)
		col = nsw_put(c, row, col, c->cols, NSV_BOLD, " steps of one call ");
	else
		col = nsw_printf(c, row, col, c->cols, NSV_BOLD, " %" PRIu64 " calls%s ", w->total,
				 w->calls.follow ? ", following" : "");
	if (*w->filter) {
		col = nsw_printf(c, row, col + 2, c->cols, NSV_BOLD, " filter \"%s\"", w->filter);
		col = nsw_printf(c, row, col, c->cols, NSV_BOLD, ": %d ", w->calls.n);
	}
	if (w->paused)
		nsw_printf(c, row, col + 2, c->cols, NSV_RED | NSW_STRONG,
			   " PAUSED, %" PRIu64 " more wait ", waiting);
}

/* Rails get what they need, at most their share. */
static int rails_height(const struct nsw *w, int body)
{
	int share = w->steps.entry ? body * 7 / 20 : body * 9 / 20;
	int needed = (int)w->rails.layout->nlines + 1;

	if (needed < 3)
		needed = 3;
	return needed < share ? needed : share;
}

static void put_calls(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	if (w->steps.entry)
		nsw_steps_draw(w, c, box);
	else
		nsw_list_draw(w, c, box);
}

static void put_body(struct nsw *w, struct nsw_canvas *c)
{
	int detail = c->rows >= 30 ? 3 : c->rows >= 20 ? 2 : c->rows >= 8 ? 1 : 0;
	struct nsw_box box = {1, c->rows - 1, 0, c->cols};
	bool rails = w->layout != NSW_CALLS_ALONE, calls = w->layout != NSW_RAILS_ALONE;

	/* a low screen has room for one of them */
	if (rails && calls && c->rows < 14) {
		rails = w->focus == NSW_PANE_RAILS;
		calls = !rails;
	}
	if (rails && (!w->steps.entry || !calls)) {
		struct nsw_box below = {c->rows - 1 - detail, c->rows - 1, 1, c->cols};

		box.bottom -= detail;
		if (detail)
			nsw_rails_detail(w, c, below);
	}
	if (!calls) {
		nsw_rails_draw(w, c, box);
		return;
	}
	if (rails) {
		int bottom = box.bottom;

		box.bottom = box.top + rails_height(w, bottom - box.top);
		nsw_rails_draw(w, c, box);
		box = (struct nsw_box){box.bottom, bottom, 0, c->cols};
	}
	if (box.bottom - box.top > 4)
		put_rule(w, c, box.top++);
	put_calls(w, c, box);
}

void nsw_draw(struct nsw *w, const struct nsg *g, struct nsw_canvas *c)
{
	w->dirty = false;
	c->utf8 = w->text->utf8;
	if (!w->paused)
		take_graph(w, g);
	nsw_list_update(w);
	if (c->rows < 5 || c->cols < 20) {
		nsw_put(c, 0, 0, c->cols, NSV_PLAIN, "too small");
		return;
	}
	if (w->help)
		nsw_help_draw(w, c, (struct nsw_box){1, c->rows - 1, 0, c->cols});
	else
		put_body(w, c);
	put_status(w, c);
	put_keys(w, c);
}
