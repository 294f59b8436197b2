/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which objects of the graph an event may have changed: so that a viewer is told what
 * became of these, and not the whole graph. Pure.
 */
#ifndef NSLENS_WEB_CHANGES_H
#define NSLENS_WEB_CHANGES_H

#include "../model/graph.h"

struct web_ids {
	uint64_t *id;
	size_t n, size;
};

struct web_changes {
	struct web_ids namespaces, nsproxies, tasks;
	bool failed; /* out of memory: not all of them are known */
};

/* Before and after the graph has the event: what it names, and what hangs on that. */
void web_changes_note(struct web_changes *c, const struct nsg *g, const struct nsl_head *event);
void web_changes_note_ns(struct web_changes *c, const struct nsg_ns *ns);
/* Each once, in order. */
void web_changes_sort(struct web_changes *c);
bool web_changes_any(const struct web_changes *c);
void web_changes_clear(struct web_changes *c);
void web_changes_free(struct web_changes *c);

#endif
