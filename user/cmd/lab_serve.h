/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the two processes of `nslens lab serve`. */
#ifndef NSLENS_CMD_LAB_SERVE_H
#define NSLENS_CMD_LAB_SERVE_H

#include "serve.h"

/* The one that serves, to its end: lines in, what the page that leads wants out. */
int lab_serve_process(const struct serve_process *p);

#endif
