/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From kernel addresses to ids. Addresses and inode numbers are reused at once;
 * an id never is. A new id is given when an event tells that the object is new,
 * and the old one ends when the object dies or its address is seen reused.
 */
#ifndef NSLENS_IDS_H
#define NSLENS_IDS_H

#include <stdbool.h>

#include "../../bpf/event.h"

struct ids;

/*
 * `births_seen`: steps tell when an object is made (function hooks). Without
 * them it follows from the flags of the call that made it. NULL: out of memory.
 */
struct ids *ids_new(bool births_seen);
void ids_free(struct ids *ids);

/* The initial nsproxy becomes nsproxy 1 and never ends. False: out of memory. */
bool ids_set_initial(struct ids *ids, __u64 nsproxy);

/*
 * Replaces every address in `event` by an id, in place. False: there was no memory for one, and
 * the event must not be used: it would name an object that is none.
 */
bool ids_translate(struct ids *ids, struct nsl_head *event);

/*
 * Where nobody tells of deaths: forgets what has not been mentioned since the last sweep and is
 * not `used` (NULL: nothing is known to be). What comes back after that has another id.
 */
typedef bool (*ids_used_fn)(void *ctx, bool nsproxy, __u64 id);
void ids_sweep(struct ids *ids, ids_used_fn used, void *ctx);
/* So many have come since that one is due, if nobody else makes them. */
bool ids_many(const struct ids *ids);

/* Finds the namespace of that inode number; false, and `obj` 0, if none is known. */
bool ids_name(const struct ids *ids, struct nsl_ref *ref);

/*
 * Events were lost: births and deaths may be among them, so an address no longer
 * proves that it is the same object. All but the initial ones start anew.
 */
void ids_forget(struct ids *ids);

#endif
