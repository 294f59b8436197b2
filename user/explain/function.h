/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel functions that can be steps of a call are for. */
#ifndef NSLENS_EXPLAIN_FUNCTION_H
#define NSLENS_EXPLAIN_FUNCTION_H

#include "explain.h"

/* One to three sentences, whatever its outcome was; never NULL, "" for none of ours. */
const char *nse_function(enum nsl_fn fn);

#endif
