/* SPDX-License-Identifier: GPL-2.0-only */
/* nslens explain --call N -i FILE: the path that a recorded call took. */
#ifndef NSLENS_EXPLAIN_RECORDED_H
#define NSLENS_EXPLAIN_RECORDED_H

#include "../model/error.h"
#include "../view/explain.h"

/*
 * Call `number`, as nslens trace -i FILE counts them. `o->kernel` becomes that of the
 * recording. `all`: branches that it did not take, too. 0, or -1 with `e` filled.
 */
int explain_recorded(const char *path, uint64_t number, bool all, struct nsv *v,
		     struct nsv_explain *o, struct nsl_error *e);

#endif
