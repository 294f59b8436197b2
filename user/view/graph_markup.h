/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internal: hostile text inside markup, and the palette. Control characters are shown
 * as escapes first, in every format; then what the format itself gives a meaning.
 */
#ifndef NSLENS_VIEW_GRAPH_MARKUP_H
#define NSLENS_VIEW_GRAPH_MARKUP_H

#include "graph_names.h"

struct nsv_colours {
	const char *fill; /* "#009E73": Okabe-Ito */
	const char *ink;  /* of text on it */
};

extern const struct nsv_colours nsv_palette[NSL_TYPES];

/* Element text and attribute values of XML. */
void nsv_put_xml(struct nsv *v, const char *text);
/* The same, of text that nsv_safe() has been over. */
void nsv_put_xml_safe(struct nsv *v, const char *text);
/* Inside a quoted string of DOT. */
void nsv_put_dot(struct nsv *v, const char *text);
/* Inside a quoted label of Mermaid. */
void nsv_put_mermaid(struct nsv *v, const char *text);

/* "postgres ×7" and the like, hostile; at most `most` names. */
void nsv_line_text(const struct nsv_line *line, size_t most, char *buf, size_t size);
/* "mnt:[4026532190], id 17, owner user:[…], 3 slots …": for a tooltip. */
void nsv_ns_text(const struct nsg_ns *ns, char *buf, size_t size);

#endif
