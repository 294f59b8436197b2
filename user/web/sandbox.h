/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server's process gives up whatever it does not need: being root, capabilities,
 * opening files, making sockets and processes. What it keeps: its listening socket, the
 * channel of the source, memory, the clock.
 */
#ifndef NSLENS_WEB_SANDBOX_H
#define NSLENS_WEB_SANDBOX_H

#include <stddef.h>

#include "../model/error.h"

/*
 * Everything that is opened must be open. As root it becomes nobody. Memory is limited to
 * `bytes`. -1 with `e` filled: it may have given up some of it already.
 */
int web_sandbox(size_t bytes, struct nsl_error *e);

#endif
