/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what stands above and below the rails in text. */
#ifndef NSLENS_VIEW_GRAPH_NOTES_H
#define NSLENS_VIEW_GRAPH_NOTES_H

#include "graph_names.h"
#include "graph_view.h"

struct nsv_notes {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_graph_options *o;
	const struct nsv_rails *r;
};

/* How much there is, and whether it can be trusted. */
void nsv_put_summary(const struct nsv_notes *p);
/* What takes effect later than it was asked for. */
void nsv_put_pending(const struct nsv_notes *p);
/* --verbose: full numbers and counts, which the grid has no room for. */
void nsv_put_namespaces(const struct nsv_notes *p, const struct nsv_pick *pick);
/* The signs are those that the grid was drawn with. */
void nsv_put_legend(const struct nsv_notes *p, const char *dot, const char *dashed);

#endif
