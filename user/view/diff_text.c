// SPDX-License-Identifier: GPL-2.0-only
/* A diff as text: the answer first, then what it rests on, both sides in columns. */
#include <string.h>

#include "diff_lines.h"
#include "utf8.h"

#define WHO  2	/* columns: who did it */
#define ITEM 14 /* … what */
#define TIME 12 /* the width of the columns of A and B */
#define MORE 12 /* … and of their difference, where there is room */
#define ROOM 72

/* Words that are hostile, made safe, and their safe form. */
struct words {
	char raw[NSE_DIFF_LEN];
	char safe[4 * NSE_DIFF_LEN];
};

static int width_of(const struct nsv *v)
{
	return v->options.width > 0 ? v->options.width : 100;
}

/* Where the column of B ends. */
static int end_of_b(const struct nsv *v)
{
	return width_of(v) - (width_of(v) < ROOM ? 0 : MORE);
}

static const char *safe(const struct nsv *v, struct words *w)
{
	return nsv_safe(v, w->raw, w->safe, sizeof(w->safe));
}

/* Cut off to `columns`, which the end shows. */
static void cut(const struct nsv *v, char *text, int columns)
{
	const char *dots = v->utf8 ? "…" : "~";
	int used = 0, fits = 0;

	if (nsv_utf8_width(text) <= columns)
		return;
	for (int at = 0; text[at];) {
		uint32_t point;
		int len = nsv_utf8_next(text + at, &point);

		used += len ? nsv_utf8_columns(point) : 1;
		if (used > columns - 1)
			break;
		at += len ? len : 1;
		fits = at;
	}
	strcpy(text + fits, dots);
}

/* Flush right, `columns` wide, so that figures stand below each other. */
static void put_right(struct nsv_flow *f, int end, unsigned int colour, const char *text)
{
	int width = nsv_utf8_width(text);

	while (f->column < end - width) {
		nsv_buf_add(&f->v->buf, " ", 1);
		f->column++;
	}
	f->fresh = true;
	nsv_flow_word(f, 1, colour, text);
}

struct line {
	char marker;
	const char *who, *item, *a, *b, *more;
	unsigned int colour;
	int indent;
};

/* "- stage 1     unshare mnt,uts           1.2 ms        -" */
static void put_line(struct nsv *v, const struct line *l)
{
	int end = end_of_b(v), item = ITEM + l->indent, room = end - 2 * TIME - item - 1;
	char marker[2] = {l->marker, '\0'}, text[512];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, 0, ITEM);
	f.wrap = false;
	if (l->marker != ' ')
		nsv_flow_word(&f, 0, l->marker == '!' ? NSV_RED : NSV_BOLD, marker);
	nsv_flow_tab(&f, WHO);
	if (l->who)
		nsv_flow_word(&f, 1, NSV_DIM, l->who);
	nsv_flow_tab(&f, item);
	snprintf(text, sizeof(text), "%s", l->item);
	cut(v, text, room < 8 ? 8 : room);
	nsv_flow_word(&f, 1, l->colour, text);
	if (l->a)
		put_right(&f, end - TIME, l->colour, l->a);
	if (l->b)
		put_right(&f, end, l->colour, l->b);
	if (l->more && *l->more && end < width_of(v))
		put_right(&f, end + MORE, NSV_DIM, l->more);
	nsv_flow_end(&f);
}

static void put_heading(struct nsv *v, const char *text)
{
	struct line l = {.marker = ' ', .a = "A", .b = "B", .item = "", .colour = NSV_DIM};
	int end = end_of_b(v);
	struct nsv_flow f;

	nsv_buf_str(&v->buf, "\n");
	nsv_flow_begin(&f, v, 0, 0);
	f.wrap = false;
	nsv_flow_word(&f, 0, NSV_BOLD, text);
	put_right(&f, end - TIME, NSV_DIM, l.a);
	put_right(&f, end, NSV_DIM, l.b);
	nsv_flow_end(&f);
}

static void put_paragraph(struct nsv *v, const char *text, int indent, unsigned int colour)
{
	struct nsv_flow f;

	nsv_flow_begin(&f, v, indent, indent);
	nsv_flow_text(&f, text, strlen(text), colour);
	nsv_flow_end(&f);
}

static void put_side(struct nsv *v, const struct nsv_diff *d, int side, struct words *w)
{
	char word[NSV_WORD];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, 0, 3);
	nsv_flow_word(&f, 0, NSV_BOLD, side ? "B" : "A");
	nsv_flow_tab(&f, 3);
	nsv_diff_side(d, side, w->raw, sizeof(w->raw));
	nsv_flow_text(&f, safe(v, w), 0, NSV_PLAIN);
	nsv_diff_what(d, side, w->raw, sizeof(w->raw));
	nsv_flow_word(&f, 3, NSV_PLAIN, safe(v, w));
	snprintf(w->raw, sizeof(w->raw), "Linux %s", d->runs[side][0].release);
	nsv_flow_word(&f, 3, NSV_DIM, safe(v, w));
	nsv_flow_word(&f, 3, NSV_PLAIN, nsv_diff_time(v, &d->n->total[side], true, word));
	nsv_diff_end(d, side, w->raw, sizeof(w->raw));
	nsv_flow_word(&f, 3, strcmp(w->raw, "running") ? NSV_RED : NSV_PLAIN, w->raw);
	nsv_flow_end(&f);
}

static void put_stage(struct nsv *v, const char *name, const struct nsa_times side[2],
		      const bool present[2], enum nsa_pace pace)
{
	char a[NSV_WORD], b[NSV_WORD], more[NSV_WORD];
	bool same = pace == NSA_SAME_PACE;

	put_line(v, &(struct line){
			    .marker = same ? ' ' : '~',
			    .item = name,
			    .a = nsv_diff_time(v, &side[0], present[0], a),
			    .b = nsv_diff_time(v, &side[1], present[1], b),
			    .more = same ? "" : nsv_diff_more(v, side, more),
			    .colour = same ? NSV_PLAIN : NSV_BOLD,
			    .indent = WHO - ITEM,
		    });
}

static void put_stages(struct nsv *v, const struct nsa *n)
{
	static const bool always[2] = {true, true};

	put_heading(v, "Stages");
	for (size_t i = 0; i < NSU_STAGES; i++) {
		const struct nsa_stage *g = &n->stages[i];

		if (g->present[0] || g->present[1])
			put_stage(v, nsu_stage_name(g->kind), g->side, g->present, g->pace);
	}
	put_stage(v, "all", n->total, always, n->pace);
}

static void put_namespaces(struct nsv *v, const struct nsv_diff *d)
{
	char a[64], b[64];
	bool any = false;

	for (size_t i = 0; i < NSL_TYPES; i++) {
		const struct nsa_ns *ns = &d->n->namespaces[i];

		if (!(ns->different || (d->all && (ns->known[0] || ns->known[1]))))
			continue;
		if (!any)
			put_heading(v, "Namespaces of the payload");
		any = true;
		put_line(v, &(struct line){
				    .marker = ns->different ? '~' : ' ',
				    .item = nsm_type_name(ns->type),
				    .a = nsv_diff_ns(ns, 0, a, sizeof(a)),
				    .b = nsv_diff_ns(ns, 1, b, sizeof(b)),
				    .colour = (unsigned int)ns->type,
				    .indent = WHO - ITEM,
			    });
	}
}

static void put_row(struct nsv *v, const struct nsv_diff *d, const struct nsa_row *row, int indent,
		    const char *who, struct words *w)
{
	const struct nsa_item *item = row->side[0].item ? row->side[0].item : row->side[1].item;
	bool paced = row->marks & (NSA_MARK(NSA_SLOWER) | NSA_MARK(NSA_FASTER));
	char a[NSV_WORD], b[NSV_WORD], more[NSV_WORD];
	struct nsa_times times[2] = {row->side[0].times, row->side[1].times};

	nse_diff_item(item, w->raw, sizeof(w->raw));
	put_line(v, &(struct line){
			    .marker = nsv_diff_marker(row->marks),
			    .who = who,
			    .item = safe(v, w),
			    .a = nsv_diff_cell(v, &row->side[0], a),
			    .b = nsv_diff_cell(v, &row->side[1], b),
			    .more = paced ? nsv_diff_more(v, times, more) : "",
			    .colour = row->marks & NSA_DIFFERENT ? NSV_PLAIN : NSV_DIM,
			    .indent = indent,
		    });
	/* the columns say how much slower */
	if (row->marks & ~(NSA_MARK(NSA_SLOWER) | NSA_MARK(NSA_FASTER))) {
		struct nsa_row told = *row;

		told.marks &= ~(NSA_MARK(NSA_SLOWER) | NSA_MARK(NSA_FASTER));
		nse_diff_note(d->n, &told, w->raw, sizeof(w->raw));
		if (*w->raw)
			put_paragraph(v, safe(v, w), ITEM + indent + 2, NSV_DIM);
	}
	for (size_t i = 0; i < row->nsteps; i++)
		if (row->steps[i].marks || d->all)
			put_row(v, d, &row->steps[i], indent + 2, NULL, w);
}

/* The same thing again and again by one task, on one side only: how often. */
static size_t repeats(const struct nsv_diff *d, size_t at)
{
	const unsigned int only = NSA_MARK(NSA_ONLY_A) | NSA_MARK(NSA_ONLY_B);
	const struct nsa_row *row = &d->n->rows[at];
	int side = row->side[0].item ? 0 : 1;
	char first[NSE_DIFF_LEN], next[NSE_DIFF_LEN];
	size_t n = 1;

	if (d->all || !(row->marks & only))
		return 1;
	nse_diff_item(row->side[side].item, first, sizeof(first));
	for (; at + n < d->n->nrows; n++) {
		const struct nsa_row *other = &row[n];

		if (other->marks != row->marks || !other->side[side].item ||
		    other->side[side].item->who.pid != row->side[side].item->who.pid ||
		    other->side[side].item->err != row->side[side].item->err ||
		    other->side[side].runs != row->side[side].runs)
			break;
		nse_diff_item(other->side[side].item, next, sizeof(next));
		if (strcmp(first, next))
			break;
	}
	return n;
}

static void put_alike(struct nsv *v, size_t n, size_t vary)
{
	char text[2 * NSV_WORD];

	if (!vary)
		snprintf(text, sizeof(text), "%zu alike", n);
	else
		snprintf(text, sizeof(text), "%zu alike, %zu that come and go from run to run",
			 n - vary, vary);
	put_line(v, &(struct line){.marker = ' ', .item = text, .colour = NSV_DIM});
}

static void put_again(struct nsv *v, size_t n)
{
	char text[NSV_WORD];

	snprintf(text, sizeof(text), "the same %zu more time%s", n, n > 1 ? "s" : "");
	put_line(v, &(struct line){.marker = ' ', .item = text, .colour = NSV_DIM, .indent = 2});
}

static void put_rows(struct nsv *v, const struct nsv_diff *d, struct words *w)
{
	char who[64], now[64], shown[256];
	size_t times;

	put_heading(v, "What is done, and by whom");
	*who = '\0';
	for (size_t i = 0; i < d->n->nrows; i++) {
		const struct nsa_row *row = &d->n->rows[i];
		size_t vary, alike = nsv_diff_run_length(d, i, &vary);

		if (alike) {
			put_alike(v, alike, vary);
			*who = '\0';
			i += alike - 1;
			continue;
		}
		nse_diff_who(row->side[0].item ? &row->side[0].item->who : &row->side[1].item->who,
			     now, sizeof(now));
		nsv_safe(v, now, shown, sizeof(shown));
		cut(v, shown, ITEM - WHO - 1);
		times = repeats(d, i);
		put_row(v, d, row, 0, strcmp(now, who) ? shown : NULL, w);
		if (times > 1)
			put_again(v, times - 1);
		i += times - 1;
		memcpy(who, now, sizeof(who));
	}
}

void nsv_diff_text(struct nsv *v, const struct nsv_diff *d)
{
	struct words w;

	put_side(v, d, 0, &w);
	put_side(v, d, 1, &w);
	nsv_buf_str(&v->buf, "\n");
	nse_diff_verdict(d->n, w.raw, sizeof(w.raw));
	put_paragraph(v, safe(v, &w), 0, NSV_BOLD);
	put_stages(v, d->n);
	put_namespaces(v, d);
	put_rows(v, d, &w);
	nsv_buf_str(&v->buf, "\n");
	put_paragraph(
		v,
		"- only in A; + only in B; ! fails on one side; ~ in another way, order or pace; "
		"? unseen on one side, where events were lost; . no difference",
		0, NSV_DIM);
	if (d->n->too_big)
		put_paragraph(v,
			      "A run has more than is compared: what came later in it is left out.",
			      0, NSV_DIM);
	nse_diff_limits(d->n, w.raw, sizeof(w.raw));
	put_paragraph(v, safe(v, &w), 0, NSV_DIM);
	nsv_write_block(v);
}
