// SPDX-License-Identifier: GPL-2.0-only
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/graph_rows.h"
#include "reader_internal.h"

int reader_broken(struct store_reader *r, int rc, struct nsl_error *e)
{
	const char *why = rc ? sqlite3_errstr(rc) : "it contradicts itself";

	return nsl_error_set(e,
			     "%s: the recording is damaged (%s): what is behind that place "
			     "cannot be read",
			     r->path, why);
}

/* The event in column `column`, in memory that is aligned for it; NULL: it is none. */
static const struct nsl_head *take_event(struct store_reader *r, sqlite3_stmt *s, int column)
{
	const void *body = sqlite3_column_blob(s, column);
	int size = sqlite3_column_bytes(s, column);
	struct nsl_head *event = r->event;

	if (!body || size < (int)sizeof(*event) || size > UINT16_MAX)
		return NULL;
	memcpy(event, body, (size_t)size);
	return event->size == size ? event : NULL;
}

void store_set_change(struct store_reader *r, store_change_fn change, void *ctx)
{
	r->change = change;
	r->change_ctx = ctx;
}

static const struct nsl_head *changed(struct store_reader *r, const struct nsl_head *event)
{
	return r->change ? r->change(r->change_ctx, event) : event;
}

int store_read(struct store_reader *r, uint64_t seq, store_event_fn fn, void *ctx,
	       struct nsl_error *e)
{
	int64_t last = INT64_MIN; /* numbers that do not rise might be read for ever */
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(
		r->db, "SELECT seq, body FROM events WHERE seq >= ? ORDER BY seq", -1, &s, NULL);

	if (rc)
		return reader_broken(r, rc, e);
	sqlite3_bind_int64(s, 1, seq > INT64_MAX ? INT64_MAX : (int64_t)seq);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		int64_t number = sqlite3_column_int64(s, 0);
		const struct nsl_head *event = take_event(r, s, 1);

		if (!event || number <= last || number < 0) {
			sqlite3_finalize(s);
			return reader_broken(r, 0, e);
		}
		last = number;
		event = changed(r, event);
		if (event && !fn(ctx, (uint64_t)number, event)) {
			rc = SQLITE_DONE;
			break;
		}
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : reader_broken(r, rc, e);
}

int store_feed_graph(struct nsg *graph, const struct nsl_head *event, uint8_t *last_kind)
{
	if (event->kind == NSL_EV_KEEPER && *last_kind != NSL_EV_KEEPER &&
	    !nsg_keepers_begin(graph))
		nsg_keepers_clear(graph);
	*last_kind = event->kind;
	return nsg_feed(graph, event);
}

/* ---- keyframes ---- */

struct keyframe {
	int64_t seq, first_part, parts;
	struct nsg_totals totals;
};

/* 1: there is one; 0: none; -1: broken. */
static int find_keyframe(struct store_reader *r, const char *sql, uint64_t ts, struct keyframe *k,
			 struct nsl_error *e)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(r->db, sql, -1, &s, NULL);

	if (rc)
		return reader_broken(r, rc, e);
	sqlite3_bind_int64(s, 1, ts > INT64_MAX ? INT64_MAX : (int64_t)ts);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		k->seq = sqlite3_column_int64(s, 0);
		k->first_part = sqlite3_column_int64(s, 1);
		k->parts = sqlite3_column_int64(s, 2);
		k->totals = (struct nsg_totals){
			.events = (uint64_t)sqlite3_column_int64(s, 3),
			.lost = (uint64_t)sqlite3_column_int64(s, 4),
			.gaps = (uint64_t)sqlite3_column_int64(s, 5),
			.snapshots = (uint32_t)sqlite3_column_int64(s, 6),
		};
	}
	sqlite3_finalize(s);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : reader_broken(r, rc, e);
}

#define KEYFRAME "SELECT seq, first_part, parts, events, lost, gaps, snapshots FROM keyframes "
static const char last_before[] = KEYFRAME "WHERE ts <= ? ORDER BY seq DESC LIMIT 1";
static const char very_first[] = KEYFRAME "WHERE seq <= ? ORDER BY seq LIMIT 1";

/* One part after the other, each a row of events. */
static int read_part(struct store_reader *r, sqlite3_stmt *s, store_event_fn fn, void *ctx)
{
	const char *body = sqlite3_column_blob(s, 1);
	size_t size = (size_t)sqlite3_column_bytes(s, 1);
	uint16_t length;

	for (size_t at = 0; at < size; at += length) {
		const struct nsl_head *row;

		if (size - at < sizeof(struct nsl_head))
			return -1;
		memcpy(&length, body + at, sizeof(length));
		if (length < sizeof(struct nsl_head) || length > size - at)
			return -1;
		memcpy(r->event, body + at, length);
		row = changed(r, r->event);
		if (row && !fn(ctx, 0, row))
			return -1;
	}
	return 0;
}

static int read_keyframe(struct store_reader *r, const struct keyframe *k, store_event_fn fn,
			 void *ctx, struct nsl_error *e)
{
	int64_t parts = 0;
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(
		r->db, "SELECT n, body FROM keyframe_parts WHERE n >= ? ORDER BY n", -1, &s, NULL);

	if (rc)
		return reader_broken(r, rc, e);
	sqlite3_bind_int64(s, 1, k->first_part);
	while (parts < k->parts && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (sqlite3_column_int64(s, 0) != k->first_part + parts++ ||
		    read_part(r, s, fn, ctx)) {
			rc = SQLITE_CORRUPT;
			break;
		}
	}
	sqlite3_finalize(s);
	if (parts != k->parts || (rc != SQLITE_ROW && rc != SQLITE_OK))
		return reader_broken(r, rc == SQLITE_CORRUPT ? 0 : rc, e);
	return 0;
}

int store_first_rows(struct store_reader *r, store_event_fn fn, void *ctx, struct nsl_error *e)
{
	struct keyframe k = {0};
	int found = find_keyframe(r, very_first, UINT64_MAX, &k, e);

	return found > 0 ? read_keyframe(r, &k, fn, ctx, e) : found;
}

int store_first(struct store_reader *r, uint64_t *seq, struct nsl_error *e)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(r->db, "SELECT min(seq) FROM events", -1, &s, NULL);

	*seq = 0;
	if (!rc && sqlite3_step(s) == SQLITE_ROW)
		*seq = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc ? reader_broken(r, rc, e) : 0;
}

int store_begins_late(struct store_reader *r, struct nsg_totals *totals, struct nsl_error *e)
{
	struct keyframe k = {0};
	int found = find_keyframe(r, very_first, UINT64_MAX, &k, e);
	uint64_t first;

	if (found <= 0)
		return found;
	if (store_first(r, &first, e))
		return -1;
	*totals = k.totals;
	return first > 1 && k.seq <= (int64_t)first;
}

static bool feed_row(void *ctx, uint64_t seq, const struct nsl_head *row)
{
	(void)seq;
	return nsg_feed(ctx, row) == 0;
}

struct walk {
	struct nsg *graph;
	uint64_t until, next;
	uint8_t last_kind;
	int err;
};

static bool walk_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct walk *w = ctx;

	if (event->ts > w->until) {
		w->next = seq;
		return false;
	}
	w->next = seq + 1;
	w->err = store_feed_graph(w->graph, event, &w->last_kind);
	return !w->err;
}

struct nsg *store_graph_at(struct store_reader *r, uint64_t ts, uint64_t *next, struct nsl_error *e)
{
	struct walk w = {.until = ts};
	struct keyframe k = {0};
	int found = find_keyframe(r, last_before, ts, &k, e);
	int err = found < 0 ? -1 : 0;

	if (err)
		return NULL;
	w.graph = nsg_new(NULL);
	if (!w.graph) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	if (found) {
		err = read_keyframe(r, &k, feed_row, w.graph, e);
		nsg_resume(w.graph, &k.totals);
	}
	if (!err)
		err = store_read(r, found ? (uint64_t)k.seq : 0, walk_event, &w, e);
	if (!err && w.err)
		err = w.err == -ENOMEM ? nsl_error_set(e, "out of memory") : reader_broken(r, 0, e);
	if (err) {
		nsg_free(w.graph);
		return NULL;
	}
	if (next)
		*next = w.next;
	return w.graph;
}

const struct store_meta *store_meta_of(const struct store_reader *r)
{
	return &r->meta;
}

void store_span(const struct store_reader *r, uint64_t *first, uint64_t *last)
{
	*first = r->first_ts;
	*last = r->last_ts;
}

bool store_was_cut(const struct store_reader *r)
{
	return !r->meta.closed;
}
