/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of `why` share with each other and with nobody else. */
#ifndef NSLENS_EXPLAIN_WHY_INTERNAL_H
#define NSLENS_EXPLAIN_WHY_INTERNAL_H

#include "text.h"
#include "why.h"

struct nse_ns why_ns(const struct nsg_ns *ns);

/* One more keeper, cleared; NULL: out of memory. */
struct nse_keeper *why_add(struct nse_why *w, enum nse_hold kind, enum nse_todo todo);
/* The process is counted once, its tasks each; false: out of memory. */
bool why_add_task(struct nse_keeper *k, const struct nsg_task *task);
bool why_add_process(struct nse_keeper *k, uint32_t pid, const char *comm, bool init);

/* Fill w->keepers; false: out of memory. */
bool why_find_nsproxies(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns);
bool why_find_members(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns);
bool why_find_namespaces(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns);
bool why_find_files(struct nse_why *w, const struct nsg *g, const struct nsg_ns *ns);

/* The arithmetic and the state, when all keepers are found. */
void why_count(struct nse_why *w, const struct nsg *g);

void why_put_ns(struct nse_text *t, const struct nse_ns *ns);

#endif
