/* SPDX-License-Identifier: GPL-2.0-only */
/* The process tree that a filter follows: a BPF map of tgids, first filled from /proc. */
#ifndef NSLENS_TREE_H
#define NSLENS_TREE_H

#include <stdbool.h>
#include <sys/types.h>

#include "../model/error.h"

/*
 * Puts `pid` into the map, and with `descendants` those it has: asked again
 * until nobody new is found, since the programs add the children that are born
 * meanwhile. -1 with `e` filled when there is no such process.
 */
int tree_follow(int map_fd, pid_t pid, bool descendants, struct nsl_error *e);

/* Writes at most `max` members that are alive (zombies are not) and returns their number. */
size_t tree_members(int map_fd, pid_t *pids, size_t max);

#endif
