/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of options that several commands have. */
#ifndef NSLENS_VALUES_H
#define NSLENS_VALUES_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "../capture/ladder.h"

/* "mnt,net" -> CLONE_NEW* bits; 0 when a name is none. */
uint64_t value_types(const char *list);
/* "512", "64K", "16M"; 0 when it is no size, or more than a ring can have. */
size_t value_size(const char *text);
/* "90s", "1.5s", "30m", "12h", "200ms" in nanoseconds; 0 when it is no time, or none at all. */
uint64_t value_time(const char *text);
/* 0 when it is no process number. */
pid_t value_pid(const char *text);
/* -1 when it is none of auto, fentry, kprobe, tracepoint. */
int value_hooks(const char *how, enum hooks_mode *mode);
/* `colour`: 1 always, 0 never, -1 auto. Returns -1 when it is none of these. */
int value_colour(const char *when, int *colour);

/* Is `out` to be coloured? `colour` as above; NO_COLOR is respected. */
bool wants_colour(FILE *out, int colour);
/* Columns of the terminal that `out` is; 0: it is none. */
int terminal_width(FILE *out);

#endif
