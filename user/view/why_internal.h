/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NSLENS_VIEW_WHY_INTERNAL_H
#define NSLENS_VIEW_WHY_INTERNAL_H

#include "why.h"

void nsv_why_text(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes);
void nsv_why_json(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes);
void nsv_why_change_json(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k,
			 bool came, uint64_t ts);
void nsv_why_hidden_json(struct nsv *v, const struct nse_why *w, uint64_t ts);
void nsv_why_died_json(struct nsv *v, const struct nse_why *w, const struct nsg_cause *cause,
		       bool seen, uint64_t ts);

#endif
