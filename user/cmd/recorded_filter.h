/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording has what a graph needs, of the whole machine. This lets through what a
 * trace would have seen: calls and all that happens in them, of the tasks asked for.
 */
#ifndef NSLENS_RECORDED_FILTER_H
#define NSLENS_RECORDED_FILTER_H

#include <stdbool.h>

#include "../../bpf/event.h"

struct recorded_filter;

struct recorded_filter_options {
	const char *comm;   /* only tasks of this name, or NULL */
	__u32 pid;	    /* only this process and its descendants; 0: all */
	__u32 initial_user; /* inode number of the initial user namespace */
};

/* NULL: out of memory. What the options point to must outlive it. */
struct recorded_filter *recorded_filter_new(const struct recorded_filter_options *o);
void recorded_filter_free(struct recorded_filter *f);
bool recorded_filter_passes(struct recorded_filter *f, const struct nsl_head *event);
/* There was no memory to remember something: from there on it may let too little through. */
bool recorded_filter_failed(const struct recorded_filter *f);

#endif
