/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives the terminal back, whatever happens to the program that has taken it: a
 * parent process that does nothing else. A child that is killed with SIGKILL
 * cannot do it itself.
 *
 * A parent that is killed with SIGKILL takes the child along, which gives the
 * terminal back then. Only if both are killed in the same moment nobody does
 * (remedy: `reset`).
 */
#ifndef NSLENS_WATCH_GUARD_H
#define NSLENS_WATCH_GUARD_H

#include "../model/error.h"

/*
 * Returns -1 in the child, which goes on. In the parent it returns when the child
 * has ended, with the exit status for the shell; `e` is filled where that is not
 * the child's own.
 */
int watch_guard(struct nsl_error *e);

#endif
