/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes out of a recording who it was and where: names of tasks, paths, hostnames, and
 * numbers that the machine gave (pids, uids, inode numbers, cgroup ids) become
 * pseudonyms. What happened, when and in which order stays, and so does every relation.
 */
#ifndef NSLENS_STORE_REDACT_H
#define NSLENS_STORE_REDACT_H

#include "../../bpf/event.h"
#include "meta.h"

struct store_redact;

/*
 * `key`: text that makes the same pseudonyms again, or NULL: a random one. NULL: out of
 * memory, or no random numbers.
 */
struct store_redact *store_redact_new(const char *key);
void store_redact_free(struct store_redact *r);

void store_redact_meta(struct store_redact *r, struct store_meta *meta);

/*
 * The event without names; valid until the next one. NULL: it is of no kind that is
 * known, so nobody can say what is in it.
 */
const struct nsl_head *store_redact_event(struct store_redact *r, const struct nsl_head *event);

#endif
