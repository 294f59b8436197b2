/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explanations by name, and the path of a real call, as text for people or as a
 * line of JSON. The style, the colours and the width are those of the view.
 */
#ifndef NSLENS_VIEW_EXPLAIN_H
#define NSLENS_VIEW_EXPLAIN_H

#include "../explain/lookup.h"
#include "../explain/paths.h"
#include "../explain/texts.h"
#include "view.h"

struct nsv_explain {
	nse_kernel kernel; /* that it is for; 0: any */
	const struct nse_catalogue *language;
	bool language_forced; /* even where the terminal shows no UTF-8 */
};

/* The whole entry. */
void nsv_explain(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e);
/* One line of `nslens explain --list`. */
void nsv_explain_listed(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e);
/*
 * The path of a call with its marks, from nse_path_of_call(). What was not taken is
 * left out of the text unless `all`; JSON has every row.
 */
void nsv_explain_call(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
		      size_t n, bool all);

#endif
