/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a namespace is alive, as text for people or as a line of JSON; and, with
 * --watch, what comes and goes. The style and the colours are those of the view.
 */
#ifndef NSLENS_VIEW_WHY_H
#define NSLENS_VIEW_WHY_H

#include "../explain/why.h"
#include "view.h"

/* The whole answer. `notes`: what could not be looked at, and why; may be NULL. */
void nsv_why(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes);

/* --watch, relative to the start of the view (nsv_why_begin()). */
void nsv_why_begin(struct nsv *v, uint64_t now);
void nsv_why_change(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k, bool came,
		    uint64_t ts);
/* No keeper is left that can be found, and yet it lives. */
void nsv_why_hidden(struct nsv *v, const struct nse_why *w, uint64_t ts);
/* `cause` may be NULL; `seen`: its death was told by the kernel, not concluded. */
void nsv_why_died(struct nsv *v, const struct nse_why *w, const struct nsg_cause *cause, bool seen,
		  uint64_t ts);

#endif
