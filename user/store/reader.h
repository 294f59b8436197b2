/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recorded source: the events of a file, in their order, from any moment on.
 *
 * A recording comes from anywhere and is hostile: it is opened read-only, nothing
 * in it is run, what nslens did not make is refused, and memory is bounded. Events
 * are as they were written; nsm_feed() and nsg_feed() check what is in them.
 */
#ifndef NSLENS_STORE_READER_H
#define NSLENS_STORE_READER_H

#include "../model/error.h"
#include "../model/graph.h"
#include "meta.h"

struct store_reader;

/* False: no more of it, please. */
typedef bool (*store_event_fn)(void *ctx, uint64_t seq, const struct nsl_head *event);

/* NULL with `e` filled. */
struct store_reader *store_open(const char *path, struct nsl_error *e);
void store_reader_close(struct store_reader *r);

const struct store_meta *store_meta_of(const struct store_reader *r);

/* Times of the first and the last event; 0: there is none. */
void store_span(const struct store_reader *r, uint64_t *first, uint64_t *last);

/* True: nobody closed it, so up to 100 ms before its end may be missing. */
bool store_was_cut(const struct store_reader *r);

/*
 * From now on whatever is read is what `change` makes of it (store/redact.h); NULL: it is
 * left out. What it returns must stay until the next one.
 */
typedef const struct nsl_head *(*store_change_fn)(void *ctx, const struct nsl_head *event);
void store_set_change(struct store_reader *r, store_change_fn change, void *ctx);

/* Every event from number `seq` on. -1 with `e` filled where the file is broken. */
int store_read(struct store_reader *r, uint64_t seq, store_event_fn fn, void *ctx,
	       struct nsl_error *e);

/* The number of the oldest event; 0: there is none. -1 with `e` filled. */
int store_first(struct store_reader *r, uint64_t *seq, struct nsl_error *e);

/*
 * The rows of the oldest keyframe, each with number 0: what was known before the first
 * event of a ring. None where there is no keyframe.
 */
int store_first_rows(struct store_reader *r, store_event_fn fn, void *ctx, struct nsl_error *e);

/*
 * Does it begin in the middle, as a ring does? 1: then the rows of the oldest keyframe say
 * what was before, with these totals; 0: it does not; -1 with `e` filled.
 */
int store_begins_late(struct store_reader *r, struct nsg_totals *totals, struct nsl_error *e);

/*
 * A graph as it was at `ts`: after all events until the first that is later. NULL
 * with `e` filled. `next`: the number of that first one (may be NULL).
 */
struct nsg *store_graph_at(struct store_reader *r, uint64_t ts, uint64_t *next,
			   struct nsl_error *e);

/*
 * Feeds `graph` one recorded event. Keepers are read as a whole: in recordings that do not say
 * where a reading begins it is where one of them follows an event of another kind. `last_kind`
 * is kept from call to call; 0 before the first.
 */
int store_feed_graph(struct nsg *graph, const struct nsl_head *event, uint8_t *last_kind);

#endif
