// SPDX-License-Identifier: GPL-2.0-only
/* For Graphviz: tasks, nsproxies, and a cluster of namespaces for each type. */
#include <errno.h>
#include <inttypes.h>

#include "graph_markup.h"
#include "graph_view.h"

struct dot {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_rails *r;
	struct nsv_pick *pick;
};

#define OUT(d, ...) nsv_buf_printf(&(d)->v->buf, __VA_ARGS__)

static void put_namespace(struct dot *d, const struct nsg_ns *ns)
{
	const struct nsv_colours *c = &nsv_palette[ns->type];
	char label[NSV_WORD], text[512];

	OUT(d, "\t\tn%" PRIu64 " [label=\"%s\", fillcolor=\"%s\", fontcolor=\"%s\", tooltip=\"",
	    ns->id, nsv_ns_label(ns, label), c->fill, c->ink);
	nsv_ns_text(ns, text, sizeof(text));
	nsv_put_dot(d->v, text);
	OUT(d, "\"%s];\n", nsv_is_lone(ns) ? ", style=\"filled,rounded,dashed\"" : "");
}

static void put_types(struct dot *d)
{
	for (size_t i = 0; i < d->r->nlanes; i++) {
		enum nsl_type type = d->r->lanes[i].type;

		OUT(d, "\tsubgraph cluster_%s {\n\t\tlabel=\"%s\"; color=\"%s\"; penwidth=2;\n",
		    nsm_type_name(type), nsv_lane_name(type, false), nsv_palette[type].fill);
		OUT(d, "\t\tnode [shape=box, style=\"filled,rounded\"];\n");
		for (const struct nsg_ns *ns = nsg_namespaces(d->g); ns; ns = ns->next)
			if (ns->type == type && nsv_pick_ns(d->pick, ns))
				put_namespace(d, ns);
		OUT(d, "\t}\n");
	}
}

static void put_box(struct dot *d, size_t row)
{
	const struct nsg_nsproxy *x = d->r->rows[row].nsproxy;
	char name[NSV_WORD], count[NSV_WORD];

	OUT(d,
	    "\tp%zu [shape=cds, height=0.45, margin=\"0.22,0.05\", style=\"%s\", label=\"%s  "
	    "%s\"];\n",
	    row, x->builder ? "dashed" : "solid", nsv_count(x, count), nsv_nsproxy_label(x, name));
}

static void put_tasks(struct dot *d, size_t number)
{
	const struct nsv_line *line = &d->r->lines[number];
	const struct nsv_row *row = &d->r->rows[line->row];
	char text[512], badge[NSV_WORD];

	if (!line->nprocs)
		return;
	nsv_line_text(line, line->procs[0].task->initial ? 1 : 3, text, sizeof(text));
	OUT(d, "\tt%zu [shape=box, style=\"rounded%s\", label=\"", number,
	    row->nsproxy ? "" : ",dashed");
	nsv_put_dot(d->v, text);
	nsv_badge(line, badge);
	OUT(d, "%s%s%s\"];\n", *badge ? "\\n" : "", badge, row->nsproxy ? "" : "\\nzombie");
	if (row->nsproxy)
		OUT(d, "\tt%zu -> p%zu [weight=8];\n", number, line->row);
	if (line->user && nsv_pick_ns(d->pick, line->user) && !line->user->initial)
		OUT(d, "\tt%zu -> n%" PRIu64 " [color=\"#8a8000\", style=dashed];\n", number,
		    line->user->id);
}

/* The initial namespaces go without lines: they would hide all others. */
static void put_slots(struct dot *d, size_t row)
{
	const struct nsg_nsproxy *x = d->r->rows[row].nsproxy;

	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		const struct nsg_ns *ns = x->slot[slot];

		if (!ns || (ns->initial && !x->initial) || !nsv_pick_ns(d->pick, ns))
			continue;
		if (slot == NSL_SLOT_TIME && ns == x->slot[NSL_SLOT_TIME_FOR_CHILDREN])
			continue;
		OUT(d, "\tp%zu -> n%" PRIu64 " [color=\"%s\"%s];\n", row, ns->id,
		    nsv_palette[ns->type].fill, x->builder ? ", style=dashed" : "");
	}
}

static void put_lone(struct dot *d, size_t row)
{
	char text[NSV_NAMES];
	const struct nsv_row *r = &d->r->rows[row];

	OUT(d, "\tk%zu [shape=note, label=\"no task: ", row);
	nsv_put_dot(d->v, nsv_kept_by(r, text));
	OUT(d, "\"];\n\tk%zu -> n%" PRIu64 " [style=dotted];\n", row, r->lone->id);
}

static void draw(struct dot *d)
{
	OUT(d, "digraph namespaces {\n\trankdir=LR; ranksep=1.2; nodesep=0.15; compound=true;\n"
	       "\tlabel=\"Lines to the initial namespaces (host) are left out.\"; labelloc=b;\n"
	       "\tgraph [fontname=\"sans-serif\"]; node [fontname=\"sans-serif\", fontsize=12];\n"
	       "\tedge [arrowsize=0.6, penwidth=1.4];\n");
	put_types(d);
	for (size_t i = 0; i < d->r->nrows; i++) {
		if (d->r->rows[i].nsproxy) {
			put_box(d, i);
			put_slots(d, i);
		} else if (d->r->rows[i].kind == NSV_ROW_LONE &&
			   d->r->lines[d->r->rows[i].first_line].ncells) {
			put_lone(d, i);
		}
	}
	for (size_t i = 0; i < d->r->nlines; i++)
		put_tasks(d, i);
	OUT(d, "}\n");
}

int nsv_graph_dot(FILE *out, const struct nsg *g, const struct nsv_graph_options *o)
{
	struct nsv_rails *r = nsv_rails_new();
	struct dot d = {.v = nsv_graph_begin(out, false, 0),
			.g = g,
			.r = r,
			.pick = nsv_pick_new(g, &o->filter)};
	int err = -ENOMEM;

	if (r && d.v && d.pick && !nsv_rails_update(r, g, &o->filter, 0)) {
		d.v->utf8 = true;
		draw(&d);
		err = nsv_graph_end(d.v);
		d.v = NULL;
	}
	nsv_free(d.v);
	nsv_pick_free(d.pick);
	nsv_rails_free(r);
	return err;
}
