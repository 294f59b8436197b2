// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rails for a terminal. Where the width allows, lanes have tracks as in
 * rails.h; where it does not, a lane is one column wide and every use of a
 * namespace is labelled.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "graph_names.h"
#include "graph_notes.h"
#include "graph_view.h"
#include "utf8.h"

#define LABEL	     4 /* columns: "2601", "host" */
#define TASKS_LEAST  26
#define TASKS_MOST   52
#define TASKS_ALWAYS 12 /* on a terminal that is too narrow for anything */

struct place {
	char text[4]; /* one column, UTF-8 */
	unsigned char colour;
};

struct picture {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_graph_options *o;
	const struct nsv_rails *r;
	bool tracks;	 /* else one column of labels a lane */
	int step;	 /* columns between two tracks */
	int tasks;	 /* columns of the task names */
	int counts, ids; /* digits in the nsproxy's box */
	int box;	 /* column where it starts */
	int columns;	 /* of the whole grid, from the user lane on */
	int lane_at[NSL_TYPES];
	struct place *grid; /* one line */
};

/* ASCII where UTF-8 is not to be had. */
struct sign {
	const char *utf8, *ascii;
};

static const struct sign across = {"─", "-"}, dashed = {"┄", "."}, down = {"│", "|"},
			 dot = {"●", "o"}, branch = {"┬", "+"}, middle = {"┤", "+"},
			 last = {"┘", "'"}, hole = {"·", "."};

static const char *sign(const struct picture *p, struct sign s)
{
	return p->v->utf8 ? s.utf8 : s.ascii;
}

static void put_at(struct picture *p, int column, unsigned int colour, const char *text)
{
	while (*text && column < p->columns) {
		uint32_t point;
		int len = nsv_utf8_next(text, &point);

		len = len ? len : 1;
		if (column >= 0) {
			memcpy(p->grid[column].text, text, (size_t)len);
			p->grid[column].text[len] = '\0';
			p->grid[column].colour = (unsigned char)colour;
		}
		text += len;
		column++;
	}
}

static void fill(struct picture *p, int from, int to, unsigned int colour, struct sign s)
{
	for (int i = from; i < to; i++)
		put_at(p, i, colour, sign(p, s));
}

static void clear_grid(struct picture *p)
{
	for (int i = 0; i < p->columns; i++)
		p->grid[i] = (struct place){" ", NSV_PLAIN};
}

/* One word of the flow for each run of one colour. */
static void put_grid(struct picture *p, struct nsv_flow *f)
{
	int end = p->columns;

	while (end && !strcmp(p->grid[end - 1].text, " "))
		end--;
	for (int i = 0; i < end;) {
		char run[512];
		size_t len = 0;
		unsigned int colour = p->grid[i].colour;

		for (; i < end && p->grid[i].colour == colour && len < sizeof(run) - 4; i++) {
			size_t add = strlen(p->grid[i].text);

			memcpy(run + len, p->grid[i].text, add);
			len += add;
		}
		run[len] = '\0';
		nsv_flow_word(f, 0, colour, run);
	}
}

static int lane_width(const struct picture *p, size_t lane)
{
	int width = LABEL + (p->tracks ? p->step * ((int)p->r->lanes[lane].tracks - 1) : 0);

	return width + 1; /* and a gap */
}

static int track_column(const struct picture *p, const struct nsv_cell *cell)
{
	return p->lane_at[cell->lane] + (p->tracks ? p->step * (int)cell->track : 0);
}

static int digits(uint64_t n)
{
	int d = 1;

	while (n >= 10) {
		n /= 10;
		d++;
	}
	return d;
}

static int box_width(const struct picture *p)
{
	return p->counts + p->ids + 4; /* "[146 #1]" */
}

static void set_columns(struct picture *p)
{
	int at = 1;

	p->columns = 0;
	for (size_t i = 0; i < p->r->nlanes; i++) {
		if (p->r->lanes[i].type != NSL_USER && !p->box) {
			p->box = at + 1;
			at = p->box + box_width(p) + 2;
		}
		p->lane_at[i] = at;
		at += lane_width(p, i);
	}
	if (!p->box) {
		p->box = at + 1;
		at = p->box + box_width(p) + 1;
	}
	p->columns = at;
}

static void measure(struct picture *p)
{
	char word[NSV_WORD];

	p->counts = p->ids = 1;
	for (size_t i = 0; i < p->r->nrows; i++) {
		const struct nsg_nsproxy *x = p->r->rows[i].nsproxy;

		if (!x)
			continue;
		int count = (int)strlen(nsv_count(x, word));

		p->counts = count > p->counts ? count : p->counts;
		p->ids = digits(x->id) > p->ids ? digits(x->id) : p->ids;
	}
}

/* The widest form that fits: tracks two columns apart, one, or labels alone. */
static void choose_form(struct picture *p)
{
	int width = p->o->width;

	measure(p);
	p->tracks = true;
	p->step = 2;
	for (;;) {
		p->box = 0;
		set_columns(p);
		if (!width || p->columns + TASKS_LEAST < width || !p->tracks)
			break;
		if (p->step == 1)
			p->tracks = false;
		p->step = 1;
	}
	p->tasks = width ? width - p->columns - 1 : TASKS_MOST; /* a space at the left */
	p->tasks = p->tasks > TASKS_MOST ? TASKS_MOST : p->tasks;
	p->tasks = p->tasks < TASKS_ALWAYS ? TASKS_ALWAYS : p->tasks;
}

/* Words of one line that must not wrap: cut, then filled up to `columns`. */
static void put_cell(struct picture *p, struct nsv_flow *f, const char *text, int columns,
		     unsigned int colour)
{
	char safe[1024];
	int used;

	nsv_safe(p->v, text, safe, sizeof(safe) - NSV_MARK);
	used = nsv_cut(p->v, safe, columns);
	nsv_flow_word(f, 0, colour, safe);
	for (; used < columns; used++)
		nsv_flow_word(f, 0, NSV_PLAIN, " ");
}

static void put_tasks(struct picture *p, struct nsv_flow *f, const struct nsv_line *line)
{
	char badge[NSV_WORD], rest[NSV_WORD], container[NSV_NAMES], name[1024];
	struct nsv_folded fold;
	int room = p->tasks - 1, tail, width;
	bool fits = false;
	char safe[1024];

	nsv_badge(line, badge);
	tail = (int)strlen(badge) + (*badge ? 1 : 0);
	/* of the host's tasks the number says more than the names */
	for (size_t most = 3; most; most--) {
		nsv_fold_names(line, most, p->v->utf8 ? "×" : "x", &fold);
		nsv_safe(p->v, fold.names, safe, sizeof(safe) - NSV_MARK);
		nsv_fold_rest(&fold, true, p->v->utf8, rest);
		fits = nsv_utf8_width(safe) + nsv_utf8_width(rest) + tail <= room;
		if (fits || !fold.host)
			break;
	}
	if (!fits) {
		nsv_fold_names(line, 3, p->v->utf8 ? "×" : "x", &fold);
		nsv_safe(p->v, fold.names, safe, sizeof(safe) - NSV_MARK);
		nsv_fold_rest(&fold, false, p->v->utf8, rest);
	}
	nsv_safe(p->v, nsv_fold_container(line, container), name, sizeof(name));
	width = room - nsv_utf8_width(rest) - tail;
	if (nsv_utf8_width(safe) + nsv_utf8_width(name) <= width)
		snprintf(safe + strlen(safe), sizeof(safe) - strlen(safe), "%s", name);
	if (width < 8 && *badge) {
		*badge = '\0'; /* the name matters more */
		tail = 0;
		width = room - nsv_utf8_width(rest);
	}
	width = nsv_cut(p->v, safe, width);
	nsv_flow_word(f, 0, NSV_PLAIN, safe);
	nsv_flow_word(f, 0, NSV_DIM, rest);
	width += nsv_utf8_width(rest);
	for (; width < room - tail; width++)
		nsv_flow_word(f, 0, NSV_PLAIN, " ");
	if (*badge)
		nsv_flow_word(f, 1, NSL_PID, badge);
	nsv_flow_word(f, 0, NSV_PLAIN, " ");
}

static void put_passing(struct picture *p, size_t line)
{
	for (size_t lane = 0; lane < p->r->nlanes; lane++) {
		for (uint32_t t = 0; t < p->r->lanes[lane].tracks; t++) {
			struct nsv_cell at = {.lane = (uint16_t)lane, .track = t};
			const struct nsv_rail *rail = nsv_rails_at(p->r, line, lane, t);

			/* in one column there is room for the initial one's rail alone */
			if (rail && (p->tracks || !t) && rail->first < rail->last)
				put_at(p, track_column(p, &at) + 1, p->r->lanes[lane].type,
				       sign(p, down));
		}
	}
}

static void put_uses(struct picture *p, const struct nsv_line *line)
{
	char word[NSV_WORD];

	for (size_t i = 0; i < line->ncells; i++) {
		const struct nsv_cell *cell = &line->cells[i];
		unsigned int colour = p->r->lanes[cell->lane].type;
		int column = track_column(p, cell);
		bool label = cell->label || (!p->tracks && !cell->initial);

		if (cell->now && !p->tracks)
			continue; /* one column shows what will be */
		if (label)
			put_at(p, column, colour, nsv_ns_label(cell->ns, word));
		else
			put_at(p, column + 1, colour, sign(p, dot));
		if (cell->pending)
			put_at(p, column + (label ? LABEL : 2), NSV_BOLD, "!");
	}
}

static bool has_cell(const struct nsv_line *line, size_t lane)
{
	for (size_t i = 0; i < line->ncells; i++)
		if (line->cells[i].lane == lane)
			return true;
	return false;
}

static void put_box(struct picture *p, const struct nsg_nsproxy *x)
{
	char count[NSV_WORD], name[NSV_WORD], text[2 * NSV_WORD];

	snprintf(text, sizeof(text), "[%*s %-*s]", p->counts, nsv_count(x, count), p->ids + 1,
		 nsv_nsproxy_label(x, name));
	put_at(p, p->box, x->initial ? NSV_BOLD : NSV_PLAIN, text);
}

static void put_row_line(struct picture *p, const struct nsv_row *row, size_t line)
{
	bool first = line == row->first_line, end = line + 1 == row->first_line + row->nlines;
	bool building = row->kind == NSV_ROW_BUILDING;
	const struct nsv_line *l = &p->r->lines[line];
	struct sign rule = building ? dashed : across;

	if (l->nprocs || building)
		fill(p, 0, p->box, NSV_DIM, building ? dashed : across);
	if (first)
		fill(p, p->box, p->columns - 1, NSV_DIM, rule);
	put_passing(p, line);
	if (row->nlines > 1)
		put_at(p, p->box - 1, NSV_DIM, sign(p, first ? branch : end ? last : middle));
	if (first) {
		put_box(p, row->nsproxy);
		for (size_t lane = 0; lane < p->r->nlanes; lane++)
			if (p->r->lanes[lane].type != NSL_USER && !has_cell(l, lane))
				fill(p, p->lane_at[lane], p->lane_at[lane] + LABEL, NSV_DIM, hole);
	}
	put_uses(p, l);
}

static void builder_text(const struct picture *p, const struct nsg_nsproxy *x, char *buf,
			 size_t size)
{
	const struct nsg_task *task = nsg_find_task(p->g, x->builder);

	snprintf(buf, size, "(building for %" PRIu32 "%s%s)", x->builder, task ? " " : "",
		 task ? task->comm : "");
}

static void put_line(struct picture *p, size_t number)
{
	const struct nsv_line *line = &p->r->lines[number];
	const struct nsv_row *row = &p->r->rows[line->row];
	char text[NSV_NAMES], why[NSV_NAMES + 16];
	bool has_user = row->lone && row->lone->type == NSL_USER;
	struct nsv_flow f;

	nsv_flow_begin_line(&f, p->v);
	clear_grid(p);
	nsv_flow_word(&f, 0, NSV_PLAIN, " ");
	switch (row->kind) {
	case NSV_ROW_NSPROXY:
	case NSV_ROW_BUILDING:
		put_row_line(p, row, number);
		if (line->nprocs) {
			put_tasks(p, &f, line);
			break;
		}
		*why = '\0';
		if (row->nsproxy->builder)
			builder_text(p, row->nsproxy, why, sizeof(why));
		else if (number == row->first_line)
			strcpy(why, "(no task in sight)");
		put_cell(p, &f, why, p->tasks, NSV_DIM);
		break;
	case NSV_ROW_ZOMBIES:
		fill(p, 0, p->box, NSV_DIM, hole);
		put_at(p, p->box, NSV_DIM, "zombie");
		put_uses(p, line);
		put_tasks(p, &f, line);
		break;
	case NSV_ROW_LONE:
		snprintf(why, sizeof(why), "no task: %s", nsv_kept_by(row, text));
		put_uses(p, line);
		if (has_user || p->r->nlanes == 0) {
			put_cell(p, &f, why, p->tasks, NSV_PLAIN);
			break;
		}
		/* the columns up to the first slot are free */
		put_cell(p, &f, why, p->tasks + p->box + box_width(p), NSV_PLAIN);
		memmove(p->grid, p->grid + p->box + box_width(p),
			(size_t)(p->columns - p->box - box_width(p)) * sizeof(*p->grid));
		for (int i = p->columns - p->box - box_width(p); i < p->columns; i++)
			p->grid[i] = (struct place){" ", NSV_PLAIN};
		break;
	case NSV_ROW_GHOST:
		break;
	}
	put_grid(p, &f);
	nsv_flow_end(&f);
}

static void put_heads(struct picture *p)
{
	struct nsv_flow f;

	nsv_flow_begin_line(&f, p->v);
	clear_grid(p);
	for (size_t i = 0; i < p->r->nlanes; i++)
		put_at(p, p->lane_at[i], p->r->lanes[i].type,
		       nsv_lane_name(p->r->lanes[i].type, lane_width(p, i) < 7));
	put_at(p, p->box, NSV_BOLD, box_width(p) >= 7 ? "NSPROXY" : "NSPRX");
	nsv_flow_word(&f, 0, NSV_PLAIN, " ");
	put_cell(p, &f, "TASKS", p->tasks, NSV_BOLD);
	put_grid(p, &f);
	nsv_flow_end(&f);
}

int nsv_graph_text(FILE *out, const struct nsg *g, const struct nsv_graph_options *o)
{
	struct picture p = {.g = g, .o = o};
	struct nsv_rails *r = nsv_rails_new();
	struct nsv_pick *pick = nsv_pick_new(g, &o->filter);
	int err = -ENOMEM;

	p.r = r;
	p.v = nsv_graph_begin(out, o->colour, o->width);
	if (!r || !pick || !p.v || nsv_rails_update(r, g, &o->filter, 0))
		goto out;
	choose_form(&p);
	p.grid = calloc((size_t)p.columns + 1, sizeof(*p.grid));
	if (!p.grid)
		goto out;
	struct nsv_notes notes = {p.v, g, o, r};

	nsv_put_summary(&notes);
	put_heads(&p);
	for (size_t i = 0; i < r->nlines; i++)
		put_line(&p, i);
	nsv_put_pending(&notes);
	if (o->verbose)
		nsv_put_namespaces(&notes, pick);
	nsv_put_legend(&notes, sign(&p, dot), sign(&p, dashed));
	err = nsv_graph_end(p.v);
	p.v = NULL;
out:
	nsv_free(p.v);
	nsv_pick_free(pick);
	nsv_rails_free(r);
	free(p.grid);
	return err;
}
