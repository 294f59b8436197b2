// SPDX-License-Identifier: GPL-2.0-only
/* A diff as Markdown, for a ticket: the answer, and only what differs. */
#include <string.h>

#include "diff_lines.h"
#include "utf8.h"

/* Hostile text: what Markdown or HTML would take for its own is escaped. */
static void put_safe(struct nsv *v, const char *text)
{
	char safe[4 * NSE_DIFF_LEN];

	nsv_safe(v, text, safe, sizeof(safe));
	for (const char *p = safe; *p; p++) {
		if (strchr("|`*_<>[]#~!&", *p))
			nsv_buf_add(&v->buf, "\\", 1);
		nsv_buf_add(&v->buf, p, 1);
	}
}

static void put_cells(struct nsv *v, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		nsv_buf_str(&v->buf, i ? " | " : "| ");
		put_safe(v, cells[i]);
	}
	nsv_buf_str(&v->buf, " |\n");
}

static void put_head(struct nsv *v, const char *title, const char *const *cells, size_t n)
{
	nsv_buf_printf(&v->buf, "\n## %s\n\n", title);
	put_cells(v, cells, n);
	for (size_t i = 0; i < n; i++)
		nsv_buf_str(&v->buf, "| --- ");
	nsv_buf_str(&v->buf, "|\n");
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__})

static void put_sides(struct nsv *v, const struct nsv_diff *d)
{
	char a[NSE_DIFF_LEN], b[NSV_WORD + 256], c[256];
	char word[NSV_WORD];

	nsv_buf_str(&v->buf, "\n| | recording | start | kernel | time | end |\n"
			     "| --- | --- | --- | --- | --- | --- |\n");
	for (int side = 0; side < 2; side++)
		put_cells(v,
			  CELLS(side ? "B" : "A", nsv_diff_side(d, side, a, sizeof(a)),
				nsv_diff_what(d, side, b, sizeof(b)), d->runs[side][0].release,
				nsv_diff_time(v, &d->n->total[side], true, word),
				nsv_diff_end(d, side, c, sizeof(c))),
			  6);
}

static void put_stages(struct nsv *v, const struct nsv_diff *d)
{
	char a[NSV_WORD], b[NSV_WORD], more[NSV_WORD];

	put_head(v, "Stages", CELLS("stage", "A", "B", "B takes"), 4);
	for (size_t i = 0; i < NSU_STAGES; i++) {
		const struct nsa_stage *g = &d->n->stages[i];

		if (!g->present[0] && !g->present[1])
			continue;
		put_cells(v,
			  CELLS(nsu_stage_name(g->kind),
				nsv_diff_time(v, &g->side[0], g->present[0], a),
				nsv_diff_time(v, &g->side[1], g->present[1], b),
				g->pace == NSA_SAME_PACE ? "" : nsv_diff_more(v, g->side, more)),
			  4);
	}
}

static void put_namespaces(struct nsv *v, const struct nsv_diff *d)
{
	char a[64], b[64];
	bool any = false;

	for (size_t i = 0; i < NSL_TYPES; i++) {
		const struct nsa_ns *ns = &d->n->namespaces[i];

		if (!ns->different)
			continue;
		if (!any)
			put_head(v, "Namespaces of the payload", CELLS("type", "A", "B"), 3);
		any = true;
		put_cells(v,
			  CELLS(nsm_type_name(ns->type), nsv_diff_ns(ns, 0, a, sizeof(a)),
				nsv_diff_ns(ns, 1, b, sizeof(b))),
			  3);
	}
}

static void put_row(struct nsv *v, const struct nsv_diff *d, const struct nsa_row *row, bool step)
{
	const struct nsa_item *item = row->side[0].item ? row->side[0].item : row->side[1].item;
	char a[NSV_WORD], b[NSV_WORD], who[64], what[NSE_DIFF_LEN], note[NSE_DIFF_LEN];
	char marker[2] = {nsv_diff_marker(row->marks), '\0'};

	nse_diff_item(item, what, sizeof(what));
	nse_diff_note(d->n, row, note, sizeof(note));
	put_cells(v,
		  CELLS(marker, step ? "" : nse_diff_who(&item->who, who, sizeof(who)), what,
			nsv_diff_cell(v, &row->side[0], a), nsv_diff_cell(v, &row->side[1], b),
			note),
		  6);
	for (size_t i = 0; i < row->nsteps; i++)
		if (row->steps[i].marks)
			put_row(v, d, &row->steps[i], true);
}

static void put_rows(struct nsv *v, const struct nsv_diff *d)
{
	bool any = false;

	for (size_t i = 0; i < d->n->nrows; i++) {
		if (!d->all && !(d->n->rows[i].marks & ~NSA_MARK(NSA_VARIES)))
			continue;
		if (!any)
			put_head(v, "What is done, and by whom",
				 CELLS("", "who", "what", "A", "B", "note"), 6);
		any = true;
		put_row(v, d, &d->n->rows[i], false);
	}
	if (any)
		nsv_buf_printf(&v->buf, "\n%zu more are alike.\n", d->all ? 0 : d->n->same);
}

void nsv_diff_markdown(struct nsv *v, const struct nsv_diff *d)
{
	char text[NSE_DIFF_LEN];

	nsv_buf_str(&v->buf, "# Two start-ups\n\n**");
	put_safe(v, nse_diff_verdict(d->n, text, sizeof(text)));
	nsv_buf_str(&v->buf, "**\n");
	put_sides(v, d);
	put_stages(v, d);
	put_namespaces(v, d);
	put_rows(v, d);
	nsv_buf_str(&v->buf, "\n");
	put_safe(v, nse_diff_limits(d->n, text, sizeof(text)));
	nsv_buf_str(&v->buf, "\n");
	nsv_write_block(v);
}
