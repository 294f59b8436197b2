// SPDX-License-Identifier: GPL-2.0-only
/* The pane of rails: the layout of rails.h, drawn with characters. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_state.h"

#define TRACK	    5  /* columns of a track: four digits and a gap */
#define COMPACT	    6  /* columns of a lane whose tracks are not drawn side by side */
#define NSPROXY	    11 /* columns of "[46 #12345]" */
#define ROOMY	    10 /* the same where there is room */
#define TASKS	    20 /* at least */
#define TASKS_ROOMY 40 /* more is for the lanes */
#define MAX_COLUMNS 256

/* ---- what is taken from the graph ----------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *format,
						      ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + used, size - used, format, ap);
	va_end(ap);
}

static void tell_procs(struct nsw *w, const struct nsv_line *from, struct nsw_line *line)
{
	char name[NSL_COMM_LEN * 10 + 1];

	for (size_t i = 0; i < from->nprocs && strlen(line->tasks) + 40 < sizeof(line->tasks);
	     i++) {
		const struct nsg_task *task = from->procs[i].task;

		nsv_safe(w->text, task->comm, name, sizeof(name));
		add(line->tasks, sizeof(line->tasks), "%s%" PRIu32 " %.40s", i ? ", " : "",
		    task->pid, name);
		if (from->procs[i].threads > 1)
			add(line->tasks, sizeof(line->tasks), " x%" PRIu32, from->procs[i].threads);
	}
}

static void tell_row(struct nsw *w, const struct nsv_row *row, struct nsw_line *line)
{
	size_t size = sizeof(line->tasks);
	char path[80];

	switch (row->kind) {
	case NSV_ROW_NSPROXY:
		line->count = row->nsproxy->count;
		if (!*line->tasks)
			add(line->tasks, size, "(no task)");
		break;
	case NSV_ROW_BUILDING:
		line->count = row->nsproxy->count;
		snprintf(line->tasks, size, "(built for %" PRIu32 ")", row->nsproxy->builder);
		break;
	case NSV_ROW_GHOST:
		snprintf(line->tasks, size, "(freed)");
		break;
	case NSV_ROW_ZOMBIES:
		break;
	case NSV_ROW_LONE:
		snprintf(line->tasks, size, "(no task)");
		if (!row->keeper)
			break;
		snprintf(line->tasks, size, "(%s", nsg_keeper_name(row->keeper->kind));
		if (row->keeper->pid)
			add(line->tasks, size, " of %" PRIu32, row->keeper->pid);
		if (row->keeper->path)
			add(line->tasks, size, " %s",
			    nsv_safe(w->text, row->keeper->path, path, sizeof(path)));
		add(line->tasks, size, ")");
		break;
	}
}

static void take_line(struct nsw *w, const struct nsg *g, size_t at)
{
	struct nsv_rails *r = w->rails.layout;
	const struct nsv_line *from = &r->lines[at];
	const struct nsv_row *row = &r->rows[from->row];
	struct nsw_line *line = &w->rails.lines[at];
	const char *container;

	*line = (struct nsw_line){.ntasks = (uint32_t)from->ntasks};
	tell_procs(w, from, line);
	if (row->first_line == at)
		tell_row(w, row, line);
	if (from->pid && !from->pid->initial)
		line->pid = from->pid->inum;
	if (!from->nprocs)
		return;
	line->ns_pid = from->procs[0].task->ns_pid;
	container = nsg_container(g, from->procs[0].task->cgroup);
	if (container)
		nsv_safe(w->text, container, line->container, sizeof(line->container));
}

static bool has_row(const struct nsw_rails_pane *p)
{
	return p->layout->nrows > 0 && p->selected >= 0 && (size_t)p->selected < p->layout->nlines;
}

/* The selection stays with its row, wherever that is now. */
static void find_selected(struct nsw_rails_pane *p)
{
	const struct nsv_rails *r = p->layout;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct nsv_row *row = &r->rows[i];

		if (!row->id && (int)row->kind != p->row_kind)
			continue;
		/* a half-built nsproxy becomes one, and one a ghost: it is the same row */
		if (row->id == p->row_id &&
		    (row->kind == NSV_ROW_LONE) == (p->row_kind == NSV_ROW_LONE)) {
			int line = p->row_line < (int)row->nlines ? p->row_line : 0;

			p->selected = (int)row->first_line + line;
			return;
		}
	}
	if (p->selected >= (int)r->nlines)
		p->selected = r->nlines ? (int)r->nlines - 1 : 0;
}

static void remember_selected(struct nsw_rails_pane *p)
{
	const struct nsv_row *row;

	if (!has_row(p))
		return;
	row = &p->layout->rows[p->layout->lines[p->selected].row];
	p->row_id = row->id;
	p->row_kind = (int)row->kind;
	p->row_line = p->selected - (int)row->first_line;
}

/* While nobody looks at a row, the youngest one is shown. */
static void follow_newest(struct nsw *w)
{
	struct nsw_rails_pane *p = &w->rails;
	uint64_t newest = 0;
	size_t line = 0;

	for (size_t i = 0; i < p->layout->nrows; i++) {
		const struct nsv_row *row = &p->layout->rows[i];

		if ((row->kind == NSV_ROW_NSPROXY || row->kind == NSV_ROW_BUILDING) &&
		    row->id >= newest) {
			newest = row->id;
			line = row->first_line;
		}
	}
	if (newest > p->newest && p->newest && w->calls.follow && w->focus == NSW_PANE_CALLS) {
		p->selected = (int)line;
		remember_selected(p);
	}
	if (newest > p->newest)
		p->newest = newest;
}

bool nsw_rails_update(struct nsw *w, const struct nsg *g)
{
	struct nsw_rails_pane *p = &w->rails;
	struct nsv_graph_filter all = {0};
	struct nsw_line *lines;

	if (nsv_rails_update(p->layout, g, &all, NSW_GHOSTS))
		return false;
	if (p->layout->nlines > p->room) {
		lines = realloc(p->lines, p->layout->nlines * 2 * sizeof(*lines));
		if (!lines)
			return false;
		p->lines = lines;
		p->room = p->layout->nlines * 2;
	}
	for (size_t i = 0; i < p->layout->nlines; i++)
		take_line(w, g, i);
	find_selected(p);
	follow_newest(w);
	remember_selected(p);
	return true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

void nsw_rails_move(struct nsw *w, int by)
{
	struct nsw_rails_pane *p = &w->rails;
	int n = (int)p->layout->nlines, to = p->selected + by;

	p->selected = to >= n ? n - 1 : to;
	if (p->selected < 0)
		p->selected = 0;
	remember_selected(p);
}

void nsw_rails_show(struct nsw *w, const struct nsm_call *call)
{
	struct nsw_rails_pane *p = &w->rails;
	uint64_t id =
		call->has_views && call->after.nsproxy ? call->after.nsproxy : call->before.nsproxy;

	for (size_t i = 0; i < p->layout->nrows; i++) {
		const struct nsv_row *row = &p->layout->rows[i];

		if (row->id == id && row->kind != NSV_ROW_LONE) {
			p->selected = (int)row->first_line;
			remember_selected(p);
			return;
		}
	}
}

static bool line_matches(const struct nsw *w, size_t at)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsw_line *line = &w->rails.lines[at];
	char text[1024];

	snprintf(text, sizeof(text), "%s %s", line->tasks, line->container);
	for (size_t i = 0; i < r->lines[at].ncells; i++) {
		const struct nsv_cell *cell = &r->lines[at].cells[i];

		if (!cell->initial)
			add(text, sizeof(text), " %s:[%" PRIu32 "]",
			    nsm_type_name(r->lanes[cell->lane].type), cell->inum);
	}
	return nsw_text_matches(text, w->filter);
}

void nsw_rails_search(struct nsw *w, int direction)
{
	int n = (int)w->rails.layout->nlines;

	for (int i = 1; i <= n; i++) {
		int at = ((w->rails.selected + direction * i) % n + n) % n;

		if (line_matches(w, (size_t)at)) {
			nsw_rails_move(w, at - w->rails.selected);
			return;
		}
	}
}

/* ---- where things stand --------------------------------------------------------------------- */

struct column {
	int lane, track; /* track -1: the lane is compact */
	int x, width;
};

struct places {
	int tasks, nsproxy; /* where they begin; tasks end where the next column begins */
	int tasks_end;
	int n;
	struct column at[MAX_COLUMNS];
};

static bool lane_chosen(const struct nsw_rails_pane *p, int lane)
{
	static const unsigned int first =
		1u << NSL_USER | 1u << NSL_MNT | 1u << NSL_UTS | 1u << NSL_IPC;
	enum nsl_type type = p->layout->lanes[lane].type;
	bool in_first = first & 1u << type;

	return p->lanes == NSW_LANES_ALL || in_first == (p->lanes == NSW_LANES_FIRST);
}

static int width_of_all(const struct nsw_rails_pane *p)
{
	int width = NSPROXY;

	for (int i = 0; i < (int)p->layout->nlanes; i++)
		if (lane_chosen(p, i))
			width += p->layout->lanes[i].tracks * TRACK + 1;
	return width;
}

/* Tracks side by side where all fit; else one column a lane, whose cells say who shares. */
static void find_places(struct nsw_rails_pane *p, struct nsw_box box, struct places *at)
{
	int width = box.right - box.left, skip = p->left, x, used = 0, wide = width_of_all(p);
	bool tracks = wide + TASKS <= width;
	int tasks = width - wide, lanes = 0, lane = TRACK;

	at->n = 0;
	for (int i = 0; i < (int)p->layout->nlanes; i++)
		lanes += lane_chosen(p, i);
	if (!tracks && lanes) {
		lane = (width - NSPROXY - TASKS_ROOMY) / lanes;
		lane = lane > ROOMY ? ROOMY : lane < COMPACT ? COMPACT : lane;
		tasks = width - NSPROXY - lanes * lane;
	}
	if (tasks < TASKS)
		tasks = width >= 60 ? TASKS : 13;
	at->tasks = box.left;
	at->tasks_end = x = box.left + tasks;
	at->nsproxy = -1;
	for (int i = 0; i < (int)p->layout->nlanes; i++) {
		int n = tracks ? p->layout->lanes[i].tracks : 1;

		if (at->nsproxy < 0 && p->layout->lanes[i].type != NSL_USER) {
			at->nsproxy = x;
			x += NSPROXY;
		}
		if (!lane_chosen(p, i))
			continue;
		used++;
		if (skip > 0) {
			skip--;
			continue;
		}
		for (int track = 0; track < n && at->n < MAX_COLUMNS; track++) {
			at->at[at->n++] = (struct column){i, tracks ? track : -1, x, lane};
			x += lane;
		}
		x += tracks;
	}
	if (at->nsproxy < 0)
		at->nsproxy = x;
	p->most_left = x > box.right || p->left ? used - 1 : 0;
	if (p->left > p->most_left)
		p->left = p->most_left;
}

static const struct column *column_of(const struct places *at, int lane, int track)
{
	for (int i = 0; i < at->n; i++)
		if (at->at[i].lane == lane && (at->at[i].track < 0 || at->at[i].track == track))
			return &at->at[i];
	return NULL;
}

/* ---- drawing -------------------------------------------------------------------------------- */

static const char *lane_name(enum nsl_type type)
{
	switch (type) {
	case NSL_PID:
		return "pid*";
	case NSL_TIME:
		return "time*";
	case NSL_CGROUP:
		return "cgrp";
	default:
		return nsm_type_name(type);
	}
}

static void put_header(struct nsw *w, struct nsw_canvas *c, struct nsw_box box,
		       const struct places *at)
{
	const struct nsv_rails *r = w->rails.layout;

	nsw_fill(c, box.top, box.left, box.right, NSV_DIM | NSW_UNDERLINE, ' ', ' ');
	nsw_put(c, box.top, at->tasks + 1, at->tasks_end, NSV_DIM | NSW_UNDERLINE, "TASKS");
	nsw_put(c, box.top, at->nsproxy + 1, box.right, NSV_DIM | NSW_UNDERLINE, "NSPROXY");
	for (int i = 0; i < at->n; i++)
		if (at->at[i].track <= 0)
			nsw_put(c, box.top, at->at[i].x, box.right,
				r->lanes[at->at[i].lane].type | NSW_STRONG | NSW_UNDERLINE,
				lane_name(r->lanes[at->at[i].lane].type));
	if (w->rails.left)
		nsw_char(c, box.top, at->tasks_end - 1, NSV_BOLD | NSW_UNDERLINE, 0x25c0, '<');
	if (at->n && at->at[at->n - 1].x + 4 > box.right)
		nsw_char(c, box.top, box.right - 1, NSV_BOLD | NSW_UNDERLINE, 0x25b6, '>');
}

static void put_tasks(struct nsw *w, struct nsw_canvas *c, int row, const struct places *at,
		      size_t index)
{
	const struct nsw_line *line = &w->rails.lines[index];
	const struct nsv_row *r = &w->rails.layout->rows[w->rails.layout->lines[index].row];
	unsigned int style = r->kind == NSV_ROW_NSPROXY ? NSV_PLAIN : NSV_DIM;
	int end = at->tasks_end - 1, col;
	char more[40] = "";

	if (line->pid)
		snprintf(more, sizeof(more), " %" PRIu32 " in %04" PRIu32, line->ns_pid,
			 line->pid % 10000);
	if (line->ntasks > 1)
		add(more, sizeof(more), " +%" PRIu32, line->ntasks - 1);
	/* the first task alone, and how many there are beside it */
	if (line->ntasks) {
		char first[80];
		int room = end - at->tasks - 1 - (int)strlen(more);

		if (room < 12 && line->pid) {
			more[0] = '\0';
			if (line->ntasks > 1)
				snprintf(more, sizeof(more), " +%" PRIu32, line->ntasks - 1);
			room = end - at->tasks - 1 - (int)strlen(more);
		}
		snprintf(first, sizeof(first), "%.*s", (int)strcspn(line->tasks, ","), line->tasks);
		col = nsw_put(c, row, at->tasks + 1, at->tasks + 1 + room, style, first);
		nsw_put(c, row, col, end, NSV_DIM, more);
	} else {
		nsw_put(c, row, at->tasks + 1, end, style, line->tasks);
	}
}

static void put_nsproxy(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
			const struct places *at, size_t index)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_row *it = &r->rows[r->lines[index].row];
	bool last = index + 1 == it->first_line + it->nlines;
	char count[16];

	if (it->first_line != index) {
		if (it->kind != NSV_ROW_NSPROXY && it->kind != NSV_ROW_BUILDING)
			return;
		nsw_char(c, row, at->nsproxy - 1, NSV_DIM, last ? 0x2518 : 0x2524, '\'');
		return;
	}
	if (w->rails.lines[index].count == NSL_COUNT_UNKNOWN)
		strcpy(count, "?");
	else
		snprintf(count, sizeof(count), "%" PRIu32, w->rails.lines[index].count);
	if (it->nlines > 1 && it->kind == NSV_ROW_NSPROXY)
		nsw_char(c, row, at->nsproxy - 1, NSV_DIM, 0x252c, '+');
	switch (it->kind) {
	case NSV_ROW_NSPROXY:
		nsw_printf(c, row, at->nsproxy, box.right, NSV_BOLD, "[%2s #%" PRIu64 "]", count,
			   it->id);
		break;
	case NSV_ROW_BUILDING:
		nsw_printf(c, row, at->nsproxy, box.right, NSV_BOLD, "{%2s #%" PRIu64 "}", count,
			   it->id);
		break;
	case NSV_ROW_GHOST:
		nsw_printf(c, row, at->nsproxy, box.right, NSV_DIM, " gone #%" PRIu64, it->id);
		break;
	case NSV_ROW_ZOMBIES:
		nsw_put(c, row, at->nsproxy, box.right, NSV_DIM, " zombies");
		break;
	case NSV_ROW_LONE:
		nsw_put(c, row, at->nsproxy, box.right, NSV_DIM, " unused");
		break;
	}
}

/* The line that ties a row together: from its tasks to its last slot. */
static void put_wire(struct nsw_canvas *c, int row, struct nsw_box box, const struct places *at,
		     const struct nsv_row *it, bool first)
{
	uint32_t point = it->kind == NSV_ROW_BUILDING ? 0x2504 : 0x2500;
	char ascii = it->kind == NSV_ROW_BUILDING ? '.' : '-';
	int end = at->n ? at->at[at->n - 1].x + at->at[at->n - 1].width - 1 : box.right;

	if (it->kind == NSV_ROW_LONE || it->kind == NSV_ROW_ZOMBIES ||
	    (it->kind == NSV_ROW_GHOST && !first))
		return;
	if (it->kind == NSV_ROW_GHOST) {
		point = 0x2504;
		ascii = ' ';
	}
	end = end > box.right ? box.right : end;
	nsw_fill(c, row, at->tasks_end, first ? end : at->nsproxy, NSV_DIM, point, ascii);
}

static void put_cell(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		     const struct column *at, const struct nsv_cell *cell)
{
	unsigned int type = w->rails.layout->lanes[cell->lane].type;
	unsigned int style = type | (cell->label ? NSW_STRONG : 0);
	char name[16];

	if (cell->initial)
		strcpy(name, "host");
	else if (!cell->inum)
		strcpy(name, "anon");
	else
		snprintf(name, sizeof(name), "%04" PRIu32, cell->inum % 10000);
	if (at->track >= 0) {
		if (cell->label)
			nsw_put(c, row, at->x, box.right, style, name);
		else
			nsw_char(c, row, at->x + 1, style, 0x25cf, 'o');
		if (cell->pending)
			nsw_char(c, row, at->x + (cell->label ? 4 : 2), NSV_BOLD, '!', '!');
		return;
	}
	/* one column for all tracks: a dot alone would not say whom the row shares it with */
	if (cell->now)
		return;
	if (cell->initial && !cell->label)
		nsw_put(c, row, at->x, box.right, style, w->text->utf8 ? " ●" : " o");
	else
		nsw_printf(c, row, at->x, box.right, style, "%s%s%s",
			   cell->label || cell->initial ? "" : "=", name, cell->pending ? "!" : "");
}

static void put_rails(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		      const struct places *at, size_t index)
{
	for (int i = 0; i < at->n && at->at[i].x + 1 < box.right; i++) {
		const struct column *column = &at->at[i];
		const struct nsv_rail *rail;

		if (column->track < 0)
			continue;
		rail = nsv_rails_at(w->rails.layout, index, (size_t)column->lane,
				    (size_t)column->track);
		if (rail && rail->last > rail->first)
			nsw_char(c, row, column->x + 1, w->rails.layout->lanes[column->lane].type,
				 0x2502, '|');
	}
}

static void put_line(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		     const struct places *at, size_t index)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_line *line = &r->lines[index];
	const struct nsv_row *it = &r->rows[line->row];

	put_wire(c, row, box, at, it, it->first_line == index);
	put_rails(w, c, row, box, at, index);
	put_tasks(w, c, row, at, index);
	put_nsproxy(w, c, row, box, at, index);
	for (size_t i = 0; i < line->ncells; i++) {
		const struct column *column =
			column_of(at, line->cells[i].lane, line->cells[i].track);

		if (column)
			put_cell(w, c, row, box, column, &line->cells[i]);
	}
	if ((int)index == w->rails.selected) {
		nsw_char(c, row, box.left, NSV_BOLD, 0x25b6, '>');
		if (w->focus == NSW_PANE_RAILS)
			nsw_mark(c, row, box.left, box.right, NSW_REVERSE);
	}
}

void nsw_rails_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	struct nsw_rails_pane *p = &w->rails;
	struct places at;
	int total = (int)p->layout->nlines, row = box.top + 1;

	find_places(p, box, &at);
	put_header(w, c, box, &at);
	p->height = box.bottom - row;
	p->top = nsw_scroll(p->top, total ? p->selected : -1, p->height, total);
	if (!total)
		nsw_put(c, row, box.left + 2, box.right, NSV_DIM,
			p->totals.snapshots ? "The graph is empty."
					    : "Waiting for the first snapshot of the kernel.");
	for (int i = p->top; i < total && row < box.bottom; i++, row++)
		put_line(w, c, row, box, &at, (size_t)i);
}

/* ---- the selected row in full --------------------------------------------------------------- */

static void tell_lone(const struct nsw *w, const struct nsv_row *row, const struct nsw_line *line,
		      char *text, size_t size)
{
	if (row->nkeepers)
		add(text, size, "no task uses it. %zu keeper%s: %s", row->nkeepers,
		    row->nkeepers == 1 ? "" : "s", line->tasks);
	else
		add(text, size, "no task uses it, no keeper is known (k looks for them)");
	if (!w->text->steps && !row->nkeepers)
		add(text, size, "; perhaps gone: deaths are not seen here");
}

static void tell_head(const struct nsw *w, size_t index, char *text, size_t size)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_row *row = &r->rows[r->lines[index].row];
	const struct nsw_line *line = &w->rails.lines[index];

	*text = '\0';
	if (row->id && row->kind != NSV_ROW_LONE)
		add(text, size, "nsproxy#%" PRIu64, row->id);
	if (row->kind == NSV_ROW_BUILDING)
		add(text, size, " half-built, not visible yet");
	if (row->kind == NSV_ROW_LONE) {
		tell_lone(w, row, line, text, size);
		return;
	}
	if (row->kind == NSV_ROW_NSPROXY && row->first_line == index &&
	    line->count != NSL_COUNT_UNKNOWN)
		add(text, size, " count=%" PRIu32, line->count);
	if (line->ntasks)
		add(text, size, "  %" PRIu32 " task%s: %s", line->ntasks,
		    line->ntasks == 1 ? "" : "s", line->tasks);
	else
		add(text, size, "  %s", line->tasks);
	if (*line->container)
		add(text, size, "  container %s", line->container);
	if (line->pid)
		add(text, size, "  (pid %" PRIu32 " in pid:[%" PRIu32 "])", line->ns_pid,
		    line->pid);
}

static void tell_cells(const struct nsw *w, size_t index, char *text, size_t size)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_line *line = &r->lines[index];
	const struct nsv_row *row = &r->rows[line->row];
	bool host = false;

	*text = '\0';
	for (size_t i = 0; i < line->ncells; i++) {
		const struct nsv_cell *cell = &line->cells[i];
		const char *name = cell->now ? "time now" : lane_name(r->lanes[cell->lane].type);

		if (cell->initial)
			host = true;
		else if (cell->inum)
			add(text, size, "%s:[%" PRIu32 "]%s ", name, cell->inum,
			    cell->label ? "" : " shared");
		else
			add(text, size, "%s:[anonymous] ", name);
	}
	if (host)
		add(text, size, *text ? "the rest: host" : "every namespace: host");
	if (row->kind == NSV_ROW_ZOMBIES)
		snprintf(text, size,
			 "Exiting, or waiting to be reaped: they have no nsproxy any more, only a "
			 "user and a pid namespace");
	if (line->pid_pending)
		add(text, size, "; pid* takes effect at the next fork");
	if (row->time_pending)
		add(text, size, "; time* at the next fork or exec");
}

void nsw_rails_detail(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	char text[1024];
	int skip = 0;

	if (!has_row(&w->rails))
		return;
	tell_head(w, (size_t)w->rails.selected, text, sizeof(text));
	/* its own line: a long list of tasks must not push the namespaces out */
	nsw_put(c, box.top, box.left, box.right, NSV_BOLD, text);
	box.top++;
	tell_cells(w, (size_t)w->rails.selected, text, sizeof(text));
	nsw_paragraph(w, c, box, &skip, NSV_PLAIN, text);
}
