// SPDX-License-Identifier: GPL-2.0-only
/* A Mermaid flowchart: what pages and repositories show without a tool of their own. */
#include <errno.h>
#include <inttypes.h>

#include "graph_markup.h"
#include "graph_view.h"

struct chart {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_rails *r;
	struct nsv_pick *pick;
};

#define OUT(c, ...) nsv_buf_printf(&(c)->v->buf, __VA_ARGS__)

static void put_types(struct chart *c)
{
	char label[NSV_WORD];

	for (size_t i = 0; i < c->r->nlanes; i++) {
		enum nsl_type type = c->r->lanes[i].type;

		OUT(c, "  subgraph s_%s[\"%s\"]\n", nsm_type_name(type),
		    type == NSL_PID || type == NSL_TIME
			    ? (type == NSL_PID ? "pid, for children" : "time, for children")
			    : nsm_type_name(type));
		for (const struct nsg_ns *ns = nsg_namespaces(c->g); ns; ns = ns->next)
			if (ns->type == type && nsv_pick_ns(c->pick, ns))
				OUT(c, "    n%" PRIu64 "([\"%s\"]):::%s\n", ns->id,
				    nsv_ns_label(ns, label), nsm_type_name(type));
		OUT(c, "  end\n");
	}
}

static void put_row(struct chart *c, size_t number)
{
	const struct nsv_row *row = &c->r->rows[number];
	const struct nsg_nsproxy *x = row->nsproxy;
	char name[NSV_WORD], count[NSV_WORD], text[NSV_NAMES];

	if (row->kind == NSV_ROW_LONE) {
		if (!c->r->lines[row->first_line].ncells)
			return;
		OUT(c, "  k%zu[\"no task: ", number);
		nsv_put_mermaid(c->v, nsv_kept_by(row, text));
		OUT(c, "\"]:::lone -.-> n%" PRIu64 "\n", row->lone->id);
	}
	if (!x)
		return;
	OUT(c, "  p%zu>\"nsproxy", number);
	nsv_put_mermaid(c->v, nsv_nsproxy_label(x, name));
	OUT(c, ", count ");
	nsv_put_mermaid(c->v, nsv_count(x, count));
	OUT(c, "%s\"]\n", x->builder ? ", being built" : "");
	/* lines to the initial namespaces would hide all others */
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		const struct nsg_ns *ns = x->slot[slot];

		if (!ns || (ns->initial && !x->initial) || !nsv_pick_ns(c->pick, ns) ||
		    (slot == NSL_SLOT_TIME && ns == x->slot[NSL_SLOT_TIME_FOR_CHILDREN]))
			continue;
		OUT(c, "  p%zu %s n%" PRIu64 "\n", number, x->builder ? "-.->" : "-->", ns->id);
	}
}

static void put_tasks(struct chart *c, size_t number)
{
	const struct nsv_line *line = &c->r->lines[number];
	const struct nsv_row *row = &c->r->rows[line->row];
	char text[512], badge[NSV_WORD];

	if (!line->nprocs)
		return;
	nsv_line_text(line, line->procs[0].task->initial ? 1 : 3, text, sizeof(text));
	nsv_badge(line, badge);
	OUT(c, "  t%zu[\"", number);
	nsv_put_mermaid(c->v, text);
	OUT(c, "%s%s%s\"]:::tasks\n", *badge ? ", " : "", badge, row->nsproxy ? "" : ", zombie");
	if (row->nsproxy)
		OUT(c, "  t%zu --> p%zu\n", number, line->row);
	if (line->user && !line->user->initial && nsv_pick_ns(c->pick, line->user))
		OUT(c, "  t%zu -.-> n%" PRIu64 "\n", number, line->user->id);
}

static void draw(struct chart *c)
{
	OUT(c, "flowchart LR\n  %%%% lines to the initial namespaces (host) are left out\n");
	for (int type = 0; type < NSL_TYPES; type++)
		OUT(c, "  classDef %s fill:%s,color:%s,stroke:#222\n",
		    nsm_type_name((enum nsl_type)type), nsv_palette[type].fill,
		    nsv_palette[type].ink);
	OUT(c, "  classDef tasks fill:#fff,color:#111,stroke:#444\n"
	       "  classDef lone fill:#fff,color:#111,stroke:#444,stroke-dasharray:4 3\n");
	/* tasks first: they stand at the left then */
	for (size_t i = 0; i < c->r->nlines; i++)
		put_tasks(c, i);
	for (size_t i = 0; i < c->r->nrows; i++)
		put_row(c, i);
	put_types(c);
}

int nsv_graph_mermaid(FILE *out, const struct nsg *g, const struct nsv_graph_options *o)
{
	struct nsv_rails *r = nsv_rails_new();
	struct chart c = {.v = nsv_graph_begin(out, false, 0),
			  .g = g,
			  .r = r,
			  .pick = nsv_pick_new(g, &o->filter)};
	int err = -ENOMEM;

	if (r && c.v && c.pick && !nsv_rails_update(r, g, &o->filter, 0)) {
		c.v->utf8 = true;
		draw(&c);
		err = nsv_graph_end(c.v);
		c.v = NULL;
	}
	nsv_free(c.v);
	nsv_pick_free(c.pick);
	nsv_rails_free(r);
	return err;
}
