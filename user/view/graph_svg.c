// SPDX-License-Identifier: GPL-2.0-only
/* Rails as SVG: one file, no fonts, scripts or links of its own. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "graph_markup.h"
#include "graph_view.h"

enum {
	MARGIN = 20,
	TASK_WIDTH = 320,
	BOX_WIDTH = 98,
	PILL_WIDTH = 44,
	PILL_HEIGHT = 22,
	HEAD = 96, /* height of the title and the lane heads */
	LINE = 30, /* between two lines of a row */
	ROW = 8,   /* and between two rows */
	LEAST_WIDTH = 1240,
	LEGEND = 70,
};

struct drawing {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_graph_options *o;
	const struct nsv_rails *r;
	int lane_at[NSL_TYPES], lane_width[NSL_TYPES];
	int step; /* between two tracks */
	int box;  /* where nsproxies stand */
	int width, height;
	int *y; /* of each line */
};

#define OUT(d, ...) nsv_buf_printf(&(d)->v->buf, __VA_ARGS__)

static const char style[] =
	"svg{background:#fff;font-family:system-ui,\"DejaVu Sans\",sans-serif;font-size:14px}"
	"text{fill:#111}.h{font-weight:700;font-size:16px}.s{fill:#555;font-size:13px}"
	".m{text-anchor:middle}.e{text-anchor:end}.b{font-weight:700}"
	".t{fill:#fff;stroke:#444;stroke-width:1.3}.x{fill:#fff;stroke:#111;stroke-width:1.5}"
	".w{stroke:#777;stroke-width:1.4;fill:none}.d{stroke-dasharray:5 4}"
	".o{stroke:#222;stroke-width:1.3}.n{fill:none;stroke:#666;stroke-dasharray:3 3}"
	".z{fill:#fafafa}.r{fill:#b00020;font-weight:700}"
	"@media (prefers-color-scheme:dark){svg{background:#14171c}text{fill:#f0f0f0}"
	".s{fill:#b8bec8}.t,.x{fill:#1f242c;stroke:#c8ccd4}.w{stroke:#98a0ac}.o{stroke:#f0f0f0}"
	".n{stroke:#b8bec8}.z{fill:#191d24}.r{fill:#ff8a93}.lane{fill-opacity:.16}}";

static void put_style(struct drawing *d)
{
	OUT(d, "<style>%s", style);
	for (int type = 0; type < NSL_TYPES; type++) {
		const char *name = nsm_type_name((enum nsl_type)type);

		OUT(d, ".f-%s{fill:%s}.l-%s{stroke:%s}text.i-%s{fill:%s}", name,
		    nsv_palette[type].fill, name, nsv_palette[type].fill, name,
		    nsv_palette[type].ink);
	}
	OUT(d, ".lane{fill-opacity:.10}</style>\n");
}

static void set_columns(struct drawing *d)
{
	int at = MARGIN + TASK_WIDTH + 16;
	uint32_t most = 2;

	for (size_t i = 0; i < d->r->nlanes; i++)
		most = d->r->lanes[i].tracks > most ? d->r->lanes[i].tracks : most;
	/* a pill leaves the rails beside it free, unless there are very many */
	d->step = most <= 8 ? 32 : 16;
	for (size_t i = 0; i < d->r->nlanes; i++) {
		if (d->r->lanes[i].type != NSL_USER && !d->box) {
			d->box = at + 6;
			at += BOX_WIDTH + 30;
		}
		d->lane_at[i] = at;
		d->lane_width[i] = PILL_WIDTH + 14 + d->step * ((int)d->r->lanes[i].tracks - 1);
		at += d->lane_width[i] + 6;
	}
	if (!d->box) {
		d->box = at + 6;
		at += BOX_WIDTH + 30;
	}
	d->width = at + MARGIN > LEAST_WIDTH ? at + MARGIN : LEAST_WIDTH;
}

static int track_x(const struct drawing *d, size_t lane, uint32_t track)
{
	return d->lane_at[lane] + 7 + PILL_WIDTH / 2 + d->step * (int)track;
}

static void set_lines(struct drawing *d)
{
	int y = HEAD + LINE;

	for (size_t i = 0; i < d->r->nlines; i++) {
		const struct nsv_row *row = &d->r->rows[d->r->lines[i].row];

		d->y[i] = y;
		y += LINE + (i + 1 == row->first_line + row->nlines ? ROW : 0);
	}
	d->height = y + LEGEND;
}

static void put_text(struct drawing *d, int x, int y, const char *class, const char *text)
{
	OUT(d, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	nsv_put_xml(d->v, text);
	OUT(d, "</text>");
}

static void put_title(struct drawing *d, const char *text)
{
	OUT(d, "<title>");
	nsv_put_xml(d->v, text);
	OUT(d, "</title>");
}

/* There is no measuring of text without a font: what is wider than most is clipped. */
static void put_clipped(struct drawing *d, int x, int y, int width, const char *class,
			const char *text)
{
	char safe[1024];

	nsv_safe(d->v, text, safe, sizeof(safe) - NSV_MARK);
	nsv_cut(d->v, safe, width * 10 / 74);
	OUT(d, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"24\"><text y=\"16\" class=\"%s\">", x,
	    y - 16, width, class);
	nsv_put_xml_safe(d->v, safe);
	OUT(d, "</text></svg>");
}

static void put_heads(struct drawing *d)
{
	int bottom = d->height - LEGEND;
	struct nsg_totals t;
	char text[256], title[256] = "Namespaces";

	nsg_totals(d->g, &t);
	snprintf(text, sizeof(text), "%zu nsproxies, %zu namespaces, %zu tasks", t.nsproxies,
		 t.namespaces, t.tasks);
	if (d->o->release)
		snprintf(title, sizeof(title), "Namespaces of Linux %s", d->o->release);
	put_text(d, MARGIN, 34, "h", title);
	put_text(d, d->width - MARGIN, 34, "s e", text);
	if (nsg_stale(d->g))
		put_text(d, MARGIN, 16, "r", "STALE: events were lost, this may be wrong");
	for (size_t i = 0; i < d->r->nlanes; i++) {
		enum nsl_type type = d->r->lanes[i].type;

		OUT(d,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" "
		    "class=\"lane f-%s\"/>",
		    d->lane_at[i], HEAD - 8, d->lane_width[i], bottom - HEAD + 4,
		    nsm_type_name(type));
		put_text(d, d->lane_at[i] + d->lane_width[i] / 2, HEAD - 34, "h m",
			 nsv_lane_name(type, false));
		if (type == NSL_USER || type == NSL_PID || type == NSL_TIME)
			put_text(d, d->lane_at[i] + d->lane_width[i] / 2, HEAD - 16, "s m",
				 type == NSL_USER ? "of the task" : "for children");
	}
	put_text(d, MARGIN, HEAD - 34, "h", "tasks");
	put_text(d, MARGIN, HEAD - 16, "s", "same row = same nsproxy");
	put_text(d, d->box, HEAD - 34, "h", "nsproxy");
	put_text(d, d->box, HEAD - 16, "s", "count · number");
	OUT(d, "\n");
}

static int row_end(const struct drawing *d, const struct nsv_row *row)
{
	const struct nsv_line *line = &d->r->lines[row->first_line];
	int end = d->box + BOX_WIDTH;

	for (size_t i = 0; i < line->ncells; i++) {
		int x = track_x(d, line->cells[i].lane, line->cells[i].track);

		end = x > end ? x : end;
	}
	return end;
}

/* From the tasks through the user lane to the nsproxy, and on to the namespaces. */
static void put_wires(struct drawing *d, const struct nsv_row *row)
{
	const char *dash = row->kind == NSV_ROW_BUILDING ? " d" : "";
	int y0 = d->y[row->first_line];

	if (!row->nsproxy)
		return;
	for (size_t i = row->first_line; i < row->first_line + row->nlines; i++) {
		if (!d->r->lines[i].nprocs && row->kind != NSV_ROW_BUILDING)
			continue;
		OUT(d, "<path class=\"w%s\" d=\"M%d %dH%d", dash, MARGIN + TASK_WIDTH, d->y[i],
		    d->box - 16);
		OUT(d, i == row->first_line ? "H%d" : "Q%d %d %d %dV%d", d->box - 8, d->y[i],
		    d->box - 8, d->y[i] - 8, y0);
		OUT(d, "\"/>");
	}
	OUT(d, "<path class=\"w%s\" d=\"M%d %dH%d\"/>\n", dash, d->box - 8, y0, row_end(d, row));
}

static void put_rail(struct drawing *d, const struct nsv_rail *rail)
{
	int x = track_x(d, rail->lane, rail->track);
	char text[512];

	if (rail->first == rail->last)
		return;
	/* the dark edge first, then the colour */
	OUT(d,
	    "<g><line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"o\" "
	    "style=\"stroke-width:6\"/>",
	    x, d->y[rail->first], x, d->y[rail->last]);
	OUT(d,
	    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"l-%s\" stroke-width=\"3.6\"/>",
	    x, d->y[rail->first], x, d->y[rail->last], nsm_type_name(d->r->lanes[rail->lane].type));
	nsv_ns_text(rail->ns, text, sizeof(text));
	put_title(d, text);
	OUT(d, "</g>\n");
}

static void put_cell(struct drawing *d, const struct nsv_cell *cell)
{
	const char *type = nsm_type_name(d->r->lanes[cell->lane].type);
	int x = track_x(d, cell->lane, cell->track), y = d->y[cell->line];
	char text[512], label[NSV_WORD], class[NSV_WORD];

	OUT(d, "<g>");
	nsv_ns_text(cell->ns, text, sizeof(text));
	put_title(d, text);
	if (cell->label) {
		OUT(d,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" "
		    "class=\"o f-%s\"/>",
		    x - PILL_WIDTH / 2, y - PILL_HEIGHT / 2, PILL_WIDTH, PILL_HEIGHT,
		    cell->ns->type == NSL_USER ? 4 : PILL_HEIGHT / 2, type);
		snprintf(class, sizeof(class), "m b i-%s", type);
		put_text(d, x, y + 5, class, nsv_ns_label(cell->ns, label));
	} else {
		OUT(d, "<circle cx=\"%d\" cy=\"%d\" r=\"7\" class=\"o f-%s\"/>", x, y, type);
	}
	/* owned by a user namespace that is not the initial one */
	if (cell->label && cell->ns->owner && !cell->ns->owner->initial)
		OUT(d, "<path d=\"M%d %dl6 6l-6 6l-6 -6z\" class=\"o f-user\"/>",
		    x + PILL_WIDTH / 2 - 3, y + 3);
	if (cell->pending)
		put_text(d, x + (cell->label ? PILL_WIDTH / 2 + 2 : 9), y - 4, "r", "!");
	OUT(d, "</g>\n");
}

static void put_box(struct drawing *d, const struct nsv_row *row)
{
	int x = d->box, y = d->y[row->first_line] - 13, right = x + BOX_WIDTH;
	const struct nsg_nsproxy *x_ = row->nsproxy;
	char count[NSV_WORD], name[NSV_WORD], text[3 * NSV_WORD];

	snprintf(text, sizeof(text), "nsproxy%s, count %s%s", nsv_nsproxy_label(x_, name),
		 nsv_count(x_, count), row->kind == NSV_ROW_BUILDING ? ", being built" : "");
	OUT(d, "<g>");
	put_title(d, text);
	OUT(d, "<path class=\"x%s\" d=\"M%d %dH%dL%d %dL%d %dH%dz\"/>",
	    row->kind == NSV_ROW_BUILDING ? " d" : "", x, y, right - 12, right, y + 13, right - 12,
	    y + 26, x);
	put_text(d, x + 24, y + 19, "m b", count);
	put_text(d, x + 50, y + 19, "s", name);
	OUT(d, "</g>\n");
}

static void put_holes(struct drawing *d, const struct nsv_row *row)
{
	const struct nsv_line *line = &d->r->lines[row->first_line];
	int y = d->y[row->first_line];

	for (size_t lane = 0; lane < d->r->nlanes; lane++) {
		bool used = d->r->lanes[lane].type == NSL_USER;

		for (size_t i = 0; i < line->ncells; i++)
			used |= line->cells[i].lane == lane;
		if (used)
			continue;
		OUT(d, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" class=\"n\"/>",
		    track_x(d, lane, 0) - PILL_WIDTH / 2, y - PILL_HEIGHT / 2, PILL_WIDTH,
		    PILL_HEIGHT);
		put_text(d, track_x(d, lane, 0), y + 5, "s m", "NULL");
	}
}

static void put_pill(struct drawing *d, size_t number)
{
	const struct nsv_line *line = &d->r->lines[number];
	int y = d->y[number], room = TASK_WIDTH - 20;
	char text[512], badge[NSV_WORD];

	nsv_badge(line, badge);
	OUT(d, "<g>");
	nsv_line_text(line, 8, text, sizeof(text));
	put_title(d, text);
	OUT(d, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"24\" rx=\"12\" class=\"t%s\"/>",
	    MARGIN, y - 12, TASK_WIDTH, d->r->rows[line->row].kind == NSV_ROW_ZOMBIES ? " d" : "");
	if (*badge) {
		int width = 16 + 8 * (int)strlen(badge);

		OUT(d,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"10\" "
		    "class=\"f-pid\"/>",
		    MARGIN + TASK_WIDTH - width - 2, y - 10, width);
		put_text(d, MARGIN + TASK_WIDTH - width / 2 - 2, y + 5, "m i-pid", badge);
		room -= width;
	}
	nsv_line_text(line, line->procs[0].task->initial ? 1 : 3, text, sizeof(text));
	put_clipped(d, MARGIN + 12, y + 5, room, "", text);
	OUT(d, "</g>\n");
}

static void put_line(struct drawing *d, size_t number)
{
	const struct nsv_line *line = &d->r->lines[number];
	const struct nsv_row *row = &d->r->rows[line->row];
	char text[NSV_NAMES + 32], kept[NSV_NAMES];
	int y = d->y[number];

	if (row->nsproxy && number == row->first_line) {
		put_box(d, row);
		put_holes(d, row);
	}
	if (line->nprocs)
		put_pill(d, number);
	if (row->kind == NSV_ROW_BUILDING && row->nsproxy && !line->nprocs) {
		snprintf(text, sizeof(text), "building for %" PRIu32 ", not visible yet",
			 row->nsproxy->builder);
		put_text(d, MARGIN + 12, y + 5, "b", text);
	} else if (row->kind == NSV_ROW_LONE) {
		snprintf(text, sizeof(text), "no task: %s", nsv_kept_by(row, kept));
		put_clipped(d, MARGIN + 12, y + 5, d->lane_at[0] - MARGIN - 20, "", text);
		if (line->ncells)
			OUT(d, "<path class=\"w d\" d=\"M%d %dH%d\"/>", d->lane_at[0], y,
			    track_x(d, line->cells[0].lane, line->cells[0].track));
	} else if (row->kind == NSV_ROW_ZOMBIES && number == row->first_line) {
		put_text(d, d->box, y + 5, "s", "zombie");
	}
	for (size_t i = 0; i < line->ncells; i++)
		put_cell(d, &line->cells[i]);
}

static void put_legend(struct drawing *d)
{
	int y = d->height - LEGEND / 2 + 4, x = MARGIN;

	OUT(d, "<rect x=\"%d\" y=\"%d\" width=\"40\" height=\"20\" rx=\"10\" class=\"t\"/>", x,
	    y - 15);
	put_text(d, x + 48, y, "", "tasks");
	x += 110;
	OUT(d, "<path class=\"x\" d=\"M%d %dh32l10 10l-10 10h-32z\"/>", x, y - 15);
	put_text(d, x + 50, y, "", "nsproxy");
	x += 126;
	OUT(d, "<rect x=\"%d\" y=\"%d\" width=\"46\" height=\"20\" rx=\"10\" class=\"o f-net\"/>",
	    x, y - 15);
	put_text(d, x + 23, y, "m b i-net", "1234");
	put_text(d, x + 54, y, "", "namespace, end of its inode number");
	x += 330;
	OUT(d, "<circle cx=\"%d\" cy=\"%d\" r=\"7\" class=\"o f-net\"/>", x, y - 5);
	put_text(d, x + 16, y, "", "used here too");
	x += 140;
	OUT(d, "<path d=\"M%d %dl6 6l-6 6l-6 -6z\" class=\"o f-user\"/>", x, y - 11);
	put_text(d, x + 14, y, "", "owner is not the host");
	x += 190;
	OUT(d, "<path class=\"x d\" d=\"M%d %dh32l10 10l-10 10h-32z\"/>", x, y - 15);
	put_text(d, x + 50, y, "", "being built");
	x += 150;
	put_text(d, x, y, "r", "!");
	put_text(d, x + 10, y, "", "at the next fork or exec");
	OUT(d, "\n");
}

static void draw(struct drawing *d)
{
	OUT(d,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>Namespaces, by nsproxy</title>\n",
	    d->width, d->height, d->width, d->height);
	put_style(d);
	put_heads(d);
	for (size_t i = 0; i < d->r->nrows; i++)
		put_wires(d, &d->r->rows[i]);
	for (size_t i = 0; i < d->r->nrails; i++)
		put_rail(d, &d->r->rails[i]);
	for (size_t i = 0; i < d->r->nlines; i++)
		put_line(d, i);
	put_legend(d);
	OUT(d, "</svg>\n");
}

int nsv_graph_svg(FILE *out, const struct nsg *g, const struct nsv_graph_options *o)
{
	struct nsv_rails *r = nsv_rails_new();
	struct drawing d = {.v = nsv_graph_begin(out, false, 0), .g = g, .o = o, .r = r};
	int err = -ENOMEM;

	if (!r || !d.v || nsv_rails_update(r, g, &o->filter, 0))
		goto out;
	d.y = calloc(r->nlines + 1, sizeof(*d.y));
	if (!d.y)
		goto out;
	d.v->utf8 = true;
	set_columns(&d);
	set_lines(&d);
	draw(&d);
	err = nsv_graph_end(d.v);
	d.v = NULL;
out:
	nsv_free(d.v);
	nsv_rails_free(r);
	free(d.y);
	return err;
}
