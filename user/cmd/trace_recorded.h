/* SPDX-License-Identifier: GPL-2.0-only */
/* nslens trace -i FILE: the same story, told later. */
#ifndef NSLENS_TRACE_RECORDED_H
#define NSLENS_TRACE_RECORDED_H

#include <stdio.h>

#include "../model/error.h"
#include "trace_options.h"

/* -1 with `e` filled. What could be read until then has been told. */
int trace_recorded(const struct trace_options *o, FILE *out, struct nsl_error *e);

#endif
