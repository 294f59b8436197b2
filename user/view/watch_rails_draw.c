// SPDX-License-Identifier: GPL-2.0-only
/* The pane of rails: the layout of rails.h, drawn with characters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "watch_state.h"

#define TRACK	    5  /* columns of a track: four digits and a gap */
#define COMPACT	    6  /* columns of a lane whose tracks are not drawn side by side */
#define NSPROXY	    11 /* columns of "[46 #12345]" */
#define ROOMY	    10 /* the same where there is room */
#define TASKS	    20 /* at least */
#define TASKS_ROOMY 40 /* more is for the lanes */
#define MAX_COLUMNS 256

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
				nsw_lane_name(r->lanes[at->at[i].lane].type));
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
	char others[16] = "", numbers[32] = "", more[48];

	if (line->pid)
		snprintf(numbers, sizeof(numbers), " %" PRIu32 " in %04" PRIu32, line->ns_pid,
			 line->pid % 10000);
	if (line->ntasks > 1)
		snprintf(others, sizeof(others), " +%" PRIu32, line->ntasks - 1);
	snprintf(more, sizeof(more), "%s%s", numbers, others);
	/* the first task alone, and how many there are beside it */
	if (line->ntasks) {
		char first[80];
		int room = end - at->tasks - 1 - (int)strlen(more);

		if (room < 12 && line->pid) {
			snprintf(more, sizeof(more), "%s", others);
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
