// SPDX-License-Identifier: GPL-2.0-only
/* A call path as a tree. */
#include <stdio.h>
#include <string.h>

#include "explain_internal.h"
#include "utf8.h"

#define PREFIX 160

struct glyphs {
	const char *tee, *last, *bar, *gap;
	const char *only_if, *undo, *effect;
	const char *marks[NSE_MARKS];
};

static const struct glyphs *glyphs_of(const struct nsv *v)
{
	static const struct glyphs utf8 = {
		"├─ ", "└─ ", "│  ", "   ", "?", "↩", "→", {"", "●", "○", "·", "✗", "?", "·", " "},
	};
	static const struct glyphs ascii = {
		"|- ", "`- ", "|  ", "   ",
		"?",   "<-",  "->",  {"", "*", "o", ".", "X", "?", ".", " "},
	};

	return v->utf8 ? &utf8 : &ascii;
}

/* Is there another row of this depth before the tree goes back above it? */
static bool goes_on(const struct nse_place *rows, size_t n, size_t at, unsigned int depth)
{
	for (size_t i = at + 1; i < n && rows[i].depth >= depth; i++)
		if (rows[i].depth == depth)
			return true;
	return false;
}

static bool has_rows_below(const struct nse_place *rows, size_t n, size_t at)
{
	return at + 1 < n && rows[at + 1].depth > rows[at].depth;
}

/* `next`: for the lines of this row after its first. */
static void guides(const struct glyphs *g, const struct nse_place *rows, size_t n, size_t at,
		   unsigned int base, char *out, bool next)
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned int d = base + 1; d <= rows[at].depth && len + 16 < PREFIX; d++) {
		bool more = goes_on(rows, n, at, d);
		const char *s = d < rows[at].depth || next ? (more ? g->bar : g->gap)
							   : (more ? g->tee : g->last);

		len += (size_t)snprintf(out + len, PREFIX - len, "%s", s);
	}
	if (next && len + 16 < PREFIX)
		snprintf(out + len, PREFIX - len, "%s",
			 has_rows_below(rows, n, at) ? g->bar : g->gap);
}

static unsigned int colour_of(enum nse_mark mark, unsigned int normal)
{
	switch (mark) {
	case NSE_NOT_TAKEN:
	case NSE_NOT_REACHED:
	case NSE_UNKNOWN:
		return NSV_DIM;
	default:
		return normal;
	}
}

static bool failed_at(enum nse_mark mark)
{
	return mark == NSE_LEFT_HERE || mark == NSE_MAY_BE_HERE;
}

static void put_errnos(struct nsv_lines *l, const struct nse_node *node, unsigned int colour)
{
	char text[96] = "";

	for (size_t i = 0; i < NSE_ERRS && node->errs[i]; i++) {
		const char *name = nsm_errno_name(node->errs[i]);

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "/" : "",
			 name ? name : "?");
	}
	nsv_lines_add(l, colour, text);
}

static const char *condition_of(const struct nse_place *row)
{
	return row->node->when ? row->node->when : row->by ? row->by->when : NULL;
}

/* A version that holds for the whole function is told with the function. */
static void put_versions(struct nsv_lines *l, const struct nse_place *row)
{
	const struct nse_node *node = row->node;
	nse_kernel since = node->since, before = node->before;
	char word[NSV_VERSION_LEN];

	if (node->kind != NSE_FN && row->fn) {
		since = since == row->fn->since ? 0 : since;
		before = before == row->fn->before ? 0 : before;
	}
	if (*nsv_versions(l->v, since, before, word))
		nsv_lines_add(l, NSV_DIM, word);
}

static void put_row(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
		    size_t n, size_t at, unsigned int base, const char *file)
{
	const struct glyphs *g = glyphs_of(v);
	const struct nse_place *row = &rows[at];
	const struct nse_node *node = row->node;
	const char *when = condition_of(row);
	unsigned int plain = colour_of(row->mark, NSV_PLAIN);
	char first[PREFIX + 16], next[PREFIX + 16], name[NSE_NAME_LEN];
	struct nsv_lines l;

	guides(g, rows, n, at, base, first, false);
	guides(g, rows, n, at, base, next, true);
	if (row->mark) { /* a column of marks in front of the tree */
		char tree[PREFIX + 16];

		snprintf(tree, sizeof(tree), " %s", first);
		memmove(next + 2, next, strlen(next) + 1);
		next[0] = next[1] = ' ';
		nsv_lines_begin(&l, v, "", next);
		nsv_flow_word(&l.flow, 0, failed_at(row->mark) ? NSV_RED : NSV_BOLD,
			      g->marks[row->mark]);
		nsv_flow_word(&l.flow, 0, NSV_DIM, tree);
		l.column = 1 + nsv_utf8_width(tree);
	} else {
		nsv_lines_begin(&l, v, first, next);
	}
	if (node->kind == NSE_FN && row->fn) {
		snprintf(name, sizeof(name), "%s()", row->fn->name);
		nsv_lines_add(&l, colour_of(row->mark, NSV_BOLD), name);
		if (!file || strcmp(file, row->fn->file))
			nsv_lines_add(&l, NSV_DIM, row->fn->file);
	}
	if (node->kind == NSE_FAIL)
		put_errnos(&l, node, colour_of(row->mark, NSV_RED));
	if (node->kind == NSE_UNDO) {
		nsv_lines_add(&l, plain, g->undo);
		if (node->fn) {
			snprintf(name, sizeof(name), "%s()", node->fn);
			nsv_lines_add(&l, colour_of(row->mark, NSV_BOLD), name);
		}
	}
	if (when) {
		if (node->kind == NSE_FN || node->kind == NSE_IF)
			nsv_lines_add(&l, NSV_DIM, g->only_if);
		nsv_lines_add(&l, plain, nsv_say(v, o, when));
	}
	put_versions(&l, row);
	if (node->what) {
		if (node->kind != NSE_DO)
			nsv_lines_add(&l, NSV_DIM, g->effect);
		nsv_lines_add(&l, node->kind == NSE_FAIL ? NSV_DIM : plain,
			      nsv_say(v, o, node->what));
	}
	nsv_lines_end(&l);
}

/* The file of the function around this row, so that it is named once. */
static const char *file_around(const struct nse_place *rows, size_t at, unsigned int base)
{
	unsigned int depth = rows[at].depth;

	for (size_t i = at; depth > base && i-- > 0;) {
		if (rows[i].depth >= depth)
			continue;
		depth = rows[i].depth;
		if (rows[i].node->kind == NSE_FN && rows[i].fn)
			return rows[i].fn->file;
	}
	return NULL;
}

void nsv_explain_tree(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
		      size_t n, unsigned int base, bool all)
{
	static struct nse_place shown[NSE_WALK_MAX];
	size_t kept = 0;

	/* the guides are those of what is shown */
	for (size_t i = 0; i < n && kept < NSE_WALK_MAX; i++) {
		enum nse_mark mark = rows[i].mark;

		if (all || mark == NSE_UNMARKED || mark == NSE_TAKEN || failed_at(mark))
			shown[kept++] = rows[i];
	}
	for (size_t i = 0; i < kept; i++)
		put_row(v, o, shown, kept, i, base, file_around(shown, i, base));
}
