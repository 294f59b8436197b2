/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --container NAME: lets through what happened in cgroups whose path names it.
 * Before the model, so that counts and namespaces are those of the container too.
 */
#ifndef NSLENS_CONTAINER_FILTER_H
#define NSLENS_CONTAINER_FILTER_H

#include <stdbool.h>

#include "../../bpf/event.h"

struct container_filter;

/* `name`: a part of the container's name or id, as the cgroup path has it. NULL: out of memory. */
struct container_filter *container_filter_new(const char *name);
void container_filter_free(struct container_filter *f);
bool container_filter_passes(struct container_filter *f, const struct nsl_head *event);
/* There was no memory to remember something: from there on it may let too little through. */
bool container_filter_failed(const struct container_filter *f);

#endif
