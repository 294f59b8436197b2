// SPDX-License-Identifier: GPL-2.0-only
/* A diff as one JSON object: all that a page needs to draw it (user/doc/diff.md). */
#include <string.h>

#include "diff_lines.h"
#include "json.h"

static void put_times(struct nsv_json *j, const char *key, const struct nsa_times *t)
{
	if (!t->n) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_u64(j, "runs", t->n);
	nsv_json_u64(j, "min", t->min);
	nsv_json_u64(j, "q1", t->q1);
	nsv_json_u64(j, "median", t->median);
	nsv_json_u64(j, "q3", t->q3);
	nsv_json_u64(j, "max", t->max);
	nsv_json_close(j, '}');
}

static void put_errno(struct nsv_json *j, const char *key, int err)
{
	char number[24];

	if (!err) {
		nsv_json_null(j, key);
		return;
	}
	snprintf(number, sizeof(number), "%d", err);
	nsv_json_str(j, key, nsm_errno_name(err) ? nsm_errno_name(err) : number);
}

static void put_run(struct nsv_json *j, const struct nsv_diff_run *run, const struct nsu_startup *s)
{
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "file", run->file);
	nsv_json_u64(j, "number", s->number);
	nsv_json_str(j, "runtime", nsu_runtime_name(s->runtime));
	nsv_json_str(j, "container", s->container);
	nsv_json_str(j, "kernel", run->release);
	nsv_json_u64(j, "wall_clock", run->wall_ns);
	nsv_json_u64(j, "duration", s->end > s->begin ? s->end - s->begin : 0);
	nsv_json_str(j, "outcome", nsu_outcome_name(s->outcome));
	nsv_json_bool(j, "gap", s->gap);
	nsv_json_close(j, '}');
}

static void put_side(struct nsv_json *j, const char *key, const struct nsv_diff *d, int side)
{
	const struct nsa_side *s = &d->n->side[side];

	nsv_json_open(j, key, '{');
	nsv_json_open(j, "runs", '[');
	for (size_t i = 0; i < s->n; i++)
		put_run(j, &d->runs[side][i], s->runs[i]);
	nsv_json_close(j, ']');
	put_times(j, "duration", &d->n->total[side]);
	nsv_json_str(j, "outcome", nsu_outcome_name(d->n->end[side].middle->outcome));
	nsv_json_bool(j, "steps", s->steps);
	nsv_json_close(j, '}');
}

/* Which run of the side `item` is of. */
static size_t run_of(const struct nsv_diff *d, int side, const struct nsa_item *item)
{
	for (size_t i = 0; i < d->n->side[side].n; i++)
		if (d->n->side[side].runs[i] == item->startup)
			return i;
	return 0;
}

static void put_item(struct nsv_json *j, const struct nsv_diff *d, int side,
		     const struct nsa_item *item)
{
	static const char *const refs[] = {
		[NSA_CALL] = "call", [NSA_MILESTONE] = "milestone", [NSA_STEP] = "step"};
	char text[NSE_DIFF_LEN], who[64];

	nsv_json_u64(j, "run", run_of(d, side, item));
	nsv_json_u64(j, refs[item->kind], item->index);
	if (item->kind == NSA_CALL)
		nsv_json_u64(j, "number", item->call->call.number);
	else if (item->kind == NSA_MILESTONE)
		nsv_json_u64(j, "number", item->milestone->m.number);
	nsv_json_str(j, "text", nse_diff_item(item, text, sizeof(text)));
	nsv_json_str(j, "role", nsa_role_name(item->who.role));
	nsv_json_u64(j, "depth", item->who.depth);
	nsv_json_str(j, "who", nse_diff_who(&item->who, who, sizeof(who)));
	nsv_json_u64(j, "pid", item->who.pid);
	nsv_json_u64(j, "tid", item->who.tid);
	nsv_json_i64(j, "at", item->ts ? (int64_t)(item->ts - item->startup->begin) : 0);
	put_errno(j, "errno", item->err);
	if (item->kind == NSA_STEP)
		nsv_json_str(j, "outcome", nsm_outcome_name(item->step->outcome));
}

static void put_cell(struct nsv_json *j, const char *key, const struct nsv_diff *d, int side,
		     const struct nsa_cell *cell)
{
	if (!cell->item) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	put_item(j, d, side, cell->item);
	nsv_json_u64(j, "runs", cell->runs);
	nsv_json_u64(j, "failed", cell->failed);
	put_times(j, "duration", &cell->times);
	nsv_json_close(j, '}');
}

static const char *kind_of(unsigned int marks)
{
	switch (nsv_diff_marker(marks)) {
	case '-':
		return "missing";
	case '+':
		return "added";
	case '!':
		return "fails";
	case '~':
		return "differs";
	case '?':
		return "unseen";
	case '.':
		return "no difference";
	default:
		return "same";
	}
}

static void put_row(struct nsv_json *j, const struct nsv_diff *d, const struct nsa_row *row)
{
	char note[NSE_DIFF_LEN];

	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "kind", kind_of(row->marks));
	nsv_json_open(j, "marks", '[');
	for (unsigned int m = 0; m < NSA_MARKS; m++)
		if (row->marks & NSA_MARK(m))
			nsv_json_str(j, NULL, nsa_mark_name((enum nsa_mark)m));
	nsv_json_close(j, ']');
	put_cell(j, "left", d, 0, &row->side[0]);
	put_cell(j, "right", d, 1, &row->side[1]);
	nse_diff_note(d->n, row, note, sizeof(note));
	nsv_json_str(j, "note", *note ? note : NULL);
	if (row->nsteps) {
		nsv_json_open(j, "steps", '[');
		for (size_t i = 0; i < row->nsteps; i++)
			put_row(j, d, &row->steps[i]);
		nsv_json_close(j, ']');
	}
	nsv_json_close(j, '}');
}

static void put_stages(struct nsv_json *j, const struct nsa *n)
{
	nsv_json_open(j, "stages", '[');
	for (size_t i = 0; i < NSU_STAGES; i++) {
		const struct nsa_stage *g = &n->stages[i];

		if (!g->present[0] && !g->present[1])
			continue;
		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "stage", nsu_stage_word(g->kind));
		nsv_json_str(j, "text", nsu_stage_name(g->kind));
		put_times(j, "left", g->present[0] ? &g->side[0] : &(struct nsa_times){0});
		put_times(j, "right", g->present[1] ? &g->side[1] : &(struct nsa_times){0});
		nsv_json_str(j, "pace", nsa_pace_name(g->pace));
		nsv_json_str(j, "by", g->longest ? g->longest->comm : NULL);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_ns(struct nsv_json *j, const char *key, const struct nsa_ns *ns, int side)
{
	char name[NSV_WORD];

	if (!ns->known[side]) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_str(j, "role", nsu_role_name(ns->role[side]));
	nsv_json_str(j, "ns", nsv_ns_name(ns->type, ns->ns[side]->ns.inum, name));
	nsv_json_u64(j, "id", ns->ns[side]->ns.obj);
	nsv_json_u64(j, "left_behind", ns->left[side]);
	nsv_json_close(j, '}');
}

static void put_namespaces(struct nsv_json *j, const struct nsa *n)
{
	nsv_json_open(j, "namespaces", '[');
	for (size_t i = 0; i < NSL_TYPES; i++) {
		const struct nsa_ns *ns = &n->namespaces[i];

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "type", nsm_type_name(ns->type));
		put_ns(j, "left", ns, 0);
		put_ns(j, "right", ns, 1);
		nsv_json_bool(j, "different", ns->different);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_limits(struct nsv_json *j, const struct nsa *n)
{
	char text[NSE_DIFF_LEN], ratio[24], spreads[24];

	snprintf(ratio, sizeof(ratio), "%g", n->limits.ratio);
	snprintf(spreads, sizeof(spreads), "%g", n->limits.spreads);
	nsv_json_open(j, "limits", '{');
	nsv_json_bool(j, "noise_known", n->limits.noise_known);
	nsv_json_str(j, "ratio", ratio);
	nsv_json_str(j, "spreads", spreads);
	nsv_json_u64(j, "row", n->limits.row);
	nsv_json_u64(j, "whole", n->limits.whole);
	nsv_json_str(j, "text", nse_diff_limits(n, text, sizeof(text)));
	nsv_json_close(j, '}');
}

void nsv_diff_json(struct nsv *v, const struct nsv_diff *d)
{
	struct nsv_json j = {.buf = &v->buf};
	char text[NSE_DIFF_LEN];

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "diff");
	nsv_json_str(&j, "schema", "nslens/1");
	nsv_json_str(&j, "verdict", nse_diff_verdict(d->n, text, sizeof(text)));
	nsv_json_u64(&j, "differences", d->n->differences);
	nsv_json_bool(&j, "outcome", d->n->outcome);
	nsv_json_bool(&j, "payload", d->n->payload);
	nsv_json_str(&j, "pace", nsa_pace_name(d->n->pace));
	nsv_json_bool(&j, "too_big", d->n->too_big);
	put_side(&j, "a", d, 0);
	put_side(&j, "b", d, 1);
	put_stages(&j, d->n);
	put_namespaces(&j, d->n);
	nsv_json_open(&j, "rows", '[');
	for (size_t i = 0; i < d->n->nrows; i++)
		put_row(&j, d, &d->n->rows[i]);
	nsv_json_close(&j, ']');
	put_limits(&j, d->n);
	nsv_json_close(&j, '}');
	nsv_buf_str(&v->buf, "\n");
	nsv_write_block(v);
}
