/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals that end a command in good order: SIGINT, SIGTERM, SIGHUP. */
#ifndef NSLENS_SIGNALS_H
#define NSLENS_SIGNALS_H

#include <signal.h>

extern const int stop_signals[3];
extern volatile sig_atomic_t stop_signal;      /* the last one that came */
extern volatile sig_atomic_t stop_count;       /* how many */
extern volatile sig_atomic_t stop_by_terminal; /* the whole foreground got it */

/*
 * First of all: a child that has ended must be there to be waited for, also where SIGCHLD came
 * ignored. In a child that runs another program: as it came.
 */
void signals_begin(void);
void signals_give_back(void);

/* From now on they are counted. One that was ignored on purpose (nohup) stays so. */
void signals_catch(void);

#endif
