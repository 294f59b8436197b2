// SPDX-License-Identifier: GPL-2.0-only
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../model/graph_rows.h"
#include "checkpoint.h"
#include "schema.h"
#include "writer_internal.h"

#define LOOK_EVERY_NS 1000000000ull
/* So often that a reader is there at once, so seldom that keyframes are a small part of it all. */
#define KEYFRAME_EVENTS 2000
#define KEYFRAME_SHARE	4     /* events between two take at least so many times its bytes */
#define KEYFRAME_MAX	40000 /* but never more events than these */
#define RING_KEYFRAMES	32    /* of a ring that is this many parts, one goes at a time */
#define DRAIN_COMMIT_NS 40000000ull
#define BLOCKED_MS	200 /* a reader of the file does not hold us for longer */
#define SMALL_WAL_PAGES 1000
#define HUGE_WAL_PAGES	16000 /* 64 MiB: the disk cannot keep up, and we have to wait for it */

uint64_t store_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void writer_fail(struct store_writer *w, int rc, const char *what)
{
	int system = sqlite3_system_errno(w->db);

	if (w->failed)
		return;
	w->failed = true;
	if ((rc & 0xff) == SQLITE_FULL || system == ENOSPC || system == EDQUOT)
		nsl_error_set(&w->error,
			      "%s: the disk is full: make room, or keep less with --ring SIZE",
			      w->path);
	else
		nsl_error_set(&w->error, "%s: cannot %s: %s%s%s", w->path, what, sqlite3_errstr(rc),
			      system ? ": " : "", system ? strerror(system) : "");
}

void writer_run(struct store_writer *w, enum statement s)
{
	int rc;

	if (w->failed)
		return;
	sqlite3_step(w->put[s]);
	rc = sqlite3_reset(w->put[s]);
	if (rc)
		writer_fail(w, rc, "write");
}

static int run_sql(struct store_writer *w, const char *sql)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL);
}

void writer_begin(struct store_writer *w)
{
	int rc;

	if (w->open || w->failed)
		return;
	rc = run_sql(w, "BEGIN IMMEDIATE");
	if (rc) {
		writer_fail(w, rc, "begin a transaction");
		return;
	}
	w->open = true;
	w->opened = store_now();
	w->in_it = w->bytes_in_it = 0;
}

static void end_transaction(struct store_writer *w)
{
	uint64_t began = store_now(), took;
	int rc;

	if (!w->open || w->failed)
		return;
	rc = run_sql(w, "COMMIT");
	if (rc) {
		writer_fail(w, rc, "write");
		return;
	}
	w->open = false;
	w->in_it = w->bytes_in_it = 0;
	took = store_now() - began;
	w->counts.commits++;
	w->counts.last_committed = w->ts;
	if (took > w->counts.longest_commit_ns)
		w->counts.longest_commit_ns = took;
	ring_trim(w);
}

static void put_event(struct store_writer *w, const struct nsl_head *event)
{
	sqlite3_stmt *s = w->put[PUT_EVENT];

	sqlite3_bind_int64(s, 1, (int64_t)w->seq);
	sqlite3_bind_int64(s, 2, (int64_t)event->ts);
	sqlite3_bind_int(s, 3, event->kind);
	sqlite3_bind_int64(s, 4, event->pid);
	sqlite3_bind_int64(s, 5, event->tid);
	sqlite3_bind_blob(s, 6, event, event->size, SQLITE_STATIC);
	writer_run(w, PUT_EVENT);
	if (!w->in_it++)
		w->oldest = event->ts;
	if (event->ts > w->ts)
		w->ts = event->ts;
	if (nsm_feed(w->model, event) == -ENOMEM)
		writer_lost(w,
			    &(struct nsm_lost){.ts = event->ts, .count = 1, .hook = NSL_HOOK_CALL});
	w->seq++;
	w->counts.events++;
	w->since_events++;
	w->since_bytes += event->size;
	w->bytes_in_it += event->size;
}

/* By an event, as any other loss is. */
static bool tell_dropped(struct store_writer *w)
{
	struct nsl_lost gap = nsm_gap(w->ts, w->dropped);
	const struct store_counts before = w->counts;

	if (!w->dropped)
		return true;
	writer_begin(w);
	put_event(w, &gap.head);
	end_transaction(w);
	if (w->failed) { /* as if it had not been tried */
		w->counts = before;
		w->in_it = 0;
		return false;
	}
	w->counts.dropped += w->dropped;
	w->dropped = 0;
	return true;
}

/*
 * A ring goes on when the disk is full: what could not be written is lost, and told
 * as a gap; the older half makes room.
 */
static bool recover(struct store_writer *w)
{
	bool full = w->failed && strstr(w->error.text, "disk is full");

	if (!full || !(w->options.ring_bytes || w->options.ring_ns))
		return false;
	if (!sqlite3_get_autocommit(w->db))
		run_sql(w, "ROLLBACK");
	w->dropped += w->in_it;
	w->counts.events -= w->in_it;
	w->in_it = 0;
	w->open = w->failed = false;
	if (!ring_make_room(w)) {
		w->failed = true;
		return false;
	}
	w->failed = false;
	w->error.text[0] = '\0';
	return tell_dropped(w);
}

/* ---- keyframes ---- */

static void flush_part(struct store_writer *w)
{
	sqlite3_stmt *s = w->put[PUT_PART];

	if (!w->part_len)
		return;
	sqlite3_bind_int64(s, 1, w->next_part++);
	sqlite3_bind_blob(s, 2, w->part, (int)w->part_len, SQLITE_STATIC);
	writer_run(w, PUT_PART);
	w->keyframe_bytes += w->part_len;
	w->part_len = 0;
}

static void add_row(void *ctx, const struct nsl_head *row)
{
	struct store_writer *w = ctx;

	if (w->part_len + row->size > KEYFRAME_PART)
		flush_part(w);
	memcpy(w->part + w->part_len, row, row->size);
	w->part_len += row->size;
}

static void put_keyframe(struct store_writer *w)
{
	sqlite3_stmt *s = w->put[PUT_KEYFRAME];
	int64_t first = w->next_part;
	struct nsg_totals t;

	w->since_events = w->since_bytes = 0;
	w->since_ts = w->ts;
	if (nsg_stale(w->graph))
		return; /* it would be wrong: later */
	w->keyframe_bytes = 0;
	if (!nsg_rows(w->graph, w->ts, add_row, w))
		return;
	flush_part(w);
	nsg_totals(w->graph, &t);
	sqlite3_bind_int64(s, 1, (int64_t)w->seq);
	sqlite3_bind_int64(s, 2, (int64_t)w->ts);
	sqlite3_bind_int64(s, 3, first);
	sqlite3_bind_int64(s, 4, w->next_part - first);
	sqlite3_bind_int64(s, 5, (int64_t)t.events);
	sqlite3_bind_int64(s, 6, (int64_t)t.lost);
	sqlite3_bind_int64(s, 7, (int64_t)t.gaps);
	sqlite3_bind_int64(s, 8, t.snapshots);
	writer_run(w, PUT_KEYFRAME);
	w->counts.keyframes++;
}

static bool keyframe_is_due(const struct store_writer *w)
{
	const struct store_options *o = &w->options;

	if (!w->graph)
		return false;
	if (!w->counts.keyframes) /* the first: as soon as there is a graph */
		return !nsg_stale(w->graph);
	if (o->ring_ns && w->ts - w->since_ts > o->ring_ns / RING_KEYFRAMES && w->since_events)
		return true;
	if (o->ring_bytes && w->since_bytes > o->ring_bytes / RING_KEYFRAMES)
		return true;
	return w->since_events >= KEYFRAME_MAX ||
	       (w->since_events >= KEYFRAME_EVENTS &&
		w->since_bytes >= w->keyframe_bytes * KEYFRAME_SHARE);
}

void store_set_graph(struct store_writer *w, const struct nsg *graph)
{
	w->graph = graph;
}

void store_describe(struct store_writer *w, const struct store_meta *meta)
{
	int rc;

	/* not before: a thread keeps the privileges that it was born with */
	if (!w->checkpoint)
		w->checkpoint = checkpoint_start(w->path);
	writer_begin(w);
	if (w->failed)
		return;
	w->kernel = meta->kernel;
	nsm_set_kernel(w->model, meta->kernel);
	rc = store_meta_write_start(w->db, meta);
	if (rc)
		writer_fail(w, rc, "write");
	end_transaction(w);
}

/* ---- events ---- */

void store_event(struct store_writer *w, const struct nsl_head *event)
{
	writer_begin(w);
	if (!w->failed && keyframe_is_due(w))
		put_keyframe(w);
	if (w->failed && !recover(w)) {
		w->dropped++;
		return;
	}
	writer_begin(w);
	put_event(w, event);
	/* one drain of the kernel's ring may bring very many */
	if ((!(w->in_it & 63) && store_now() - w->opened > DRAIN_COMMIT_NS) ||
	    (w->options.ring_bytes && w->bytes_in_it > w->options.ring_bytes / RING_KEYFRAMES))
		end_transaction(w);
	if (w->failed)
		recover(w);
}

static bool is_there(const struct store_writer *w)
{
	struct stat st;

	return !stat(w->path, &st) && st.st_dev == w->dev && st.st_ino == w->ino;
}

/* Somebody may have moved or removed the file: what is written then goes nowhere. */
static void look_at_name(struct store_writer *w)
{
	uint64_t now = store_now();

	if (now - w->last_look < LOOK_EVERY_NS || w->failed)
		return;
	w->last_look = now;
	if (is_there(w))
		return;
	w->failed = true;
	nsl_error_set(&w->error,
		      "%s was removed or replaced while it was being written: the recording "
		      "is lost; start again, and leave the file alone until it is closed",
		      w->path);
}

/* Its oldest event has waited in the kernel's ring before it was given to us. */
static bool is_late(const struct store_writer *w)
{
	uint64_t now = store_now(), since = w->opened;

	if (w->in_it && w->oldest < since)
		since = w->oldest;
	return now - since >= STORE_COMMIT_MS * 1000000ull;
}

int store_tick(struct store_writer *w, struct nsl_error *e)
{
	if (w->open && is_late(w))
		end_transaction(w);
	look_at_name(w);
	if (!w->failed || recover(w))
		return 0;
	return nsl_error_set(e, "%s", w->error.text);
}

int store_commit(struct store_writer *w, struct nsl_error *e)
{
	end_transaction(w);
	return w->failed && !recover(w) ? nsl_error_set(e, "%s", w->error.text) : 0;
}

void store_counts(const struct store_writer *w, struct store_counts *counts)
{
	*counts = w->counts;
}

/* ---- begin and end ---- */

static int make_tables(struct store_writer *w, const struct store_meta *meta)
{
	static const char *const kinds[NSL_KINDS] = {
		[NSL_EV_CALL_BEGIN] = "call_begin",
		[NSL_EV_CALL_END] = "call_end",
		[NSL_EV_STEP_BEGIN] = "step_begin",
		[NSL_EV_STEP] = "step",
		[NSL_EV_TASK] = "task",
		[NSL_EV_NS_FREE] = "ns_free",
		[NSL_EV_UNPIN] = "unpin",
		[NSL_EV_NS] = "ns",
		[NSL_EV_SNAPSHOT] = "snapshot",
		[NSL_EV_KEEPER] = "keeper",
		[NSL_EV_CGROUP] = "cgroup",
		[NSL_EV_LOST] = "lost",
		[NSL_EV_MILESTONE] = "milestone",
	};
	char sql[160];
	int rc = run_sql(w, "BEGIN");

	for (size_t i = 0; !rc && i < nstore_schema; i++)
		rc = run_sql(w, store_schema[i]);
	for (int kind = 0; !rc && kind < NSL_KINDS; kind++) {
		if (!kinds[kind])
			continue;
		snprintf(sql, sizeof(sql), "INSERT INTO kinds VALUES(%d, '%s')", kind, kinds[kind]);
		rc = run_sql(w, sql);
	}
	if (!rc)
		rc = store_meta_write_start(w->db, meta);
	return rc ? rc : run_sql(w, "COMMIT");
}

/* After each commit. */
static int on_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct store_writer *w = ctx;

	if (pages < w->wal_seen)
		w->wal_seen = 0; /* it was begun anew */
	if (w->checkpoint && pages - w->wal_seen > w->wal_pages) {
		checkpoint_look(w->checkpoint);
		w->wal_seen = pages;
	}
	if (pages > (w->checkpoint ? w->wal_most : w->wal_pages)) {
		/* two at once would leave a rest, and a WAL that has a rest only grows */
		if (w->checkpoint)
			checkpoint_wait(w->checkpoint);
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	return SQLITE_OK; /* what fails there fails again where it is told */
}

/* The WAL of a ring may take a quarter of what was allowed. */
static void choose_wal(struct store_writer *w)
{
	uint64_t pages = w->options.ring_bytes / 4 / 4096;

	w->wal_pages = SMALL_WAL_PAGES;
	w->wal_most = HUGE_WAL_PAGES;
	if (!pages)
		return;
	if (pages / 4 < SMALL_WAL_PAGES)
		w->wal_pages = (int)(pages / 4);
	if (pages / 2 < HUGE_WAL_PAGES)
		w->wal_most = (int)(pages / 2);
}

static int open_database(struct store_writer *w)
{
	char sql[160];
	int rc = sqlite3_open_v2(w->path, &w->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
					 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
				 NULL);

	if (rc)
		return rc;
	sqlite3_busy_timeout(w->db, BLOCKED_MS);
	/* before the WAL: whose file it is must stand in the file itself from the start */
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 STORE_APPLICATION_ID, STORE_VERSION);
	rc = run_sql(w, sql);
	/* NORMAL: a power cut takes the newest part at most, never the file */
	if (!rc)
		rc = run_sql(w, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
				"PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
	choose_wal(w);
	snprintf(sql, sizeof(sql), "PRAGMA journal_size_limit = %d", w->wal_pages * 4096);
	if (!rc)
		rc = run_sql(w, sql);
	sqlite3_wal_hook(w->db, on_wal, w);
	return rc;
}

static int prepare(struct store_writer *w)
{
	static const char *const sql[STATEMENTS] = {
		[PUT_EVENT] = "INSERT INTO events VALUES(?, ?, ?, ?, ?, ?)",
		[PUT_KEYFRAME] = "INSERT INTO keyframes VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
		[PUT_PART] = "INSERT INTO keyframe_parts VALUES(?, ?)",
		[PUT_GAP] = "INSERT INTO gaps VALUES(?, ?, ?, ?)",
		[PUT_CALL] = "INSERT INTO calls VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			     "?, ?, ?, ?, ?)",
		[PUT_STEP] = "INSERT INTO steps VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
		[PUT_MILESTONE] = "INSERT INTO milestones VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
				  "?, ?, ?, ?, ?, ?, ?, ?)",
		[PUT_NAMESPACE] = "INSERT OR IGNORE INTO namespaces VALUES(?, ?, ?, ?, ?, ?, NULL, "
				  "NULL)",
		[PUT_BIRTH] = "INSERT OR REPLACE INTO namespaces VALUES(?, ?, ?, ?, ?, ?, NULL, "
			      "NULL)",
		[PUT_DEATH] = "UPDATE namespaces SET died = ?, cause = ? WHERE id = ?",
	};
	int rc = SQLITE_OK;

	for (int s = 0; !rc && s < STATEMENTS; s++)
		rc = sqlite3_prepare_v3(w->db, sql[s], -1, SQLITE_PREPARE_PERSISTENT, &w->put[s],
					NULL);
	return rc;
}

static void let_go(struct store_writer *w)
{
	for (int s = 0; s < STATEMENTS; s++)
		sqlite3_finalize(w->put[s]);
	sqlite3_close(w->db);
	/* a child that was forked meanwhile may have the descriptor: closing is not enough */
	if (w->lock_fd >= 0) {
		flock(w->lock_fd, LOCK_UN);
		close(w->lock_fd);
	}
	nsm_free(w->model);
	pthread_mutex_destroy(&w->saving.lock);
	free(w->part);
	free(w->path);
	free(w);
}

struct store_writer *store_create(const char *path, const struct store_meta *meta,
				  const struct store_options *o, struct nsl_error *e)
{
	struct store_writer *w = calloc(1, sizeof(*w));
	struct nsm_sink sink = {
		.ctx = w, .call = writer_call, .milestone = writer_milestone, .lost = writer_lost};
	int rc;

	if (!w)
		goto no_memory;
	w->lock_fd = -1;
	w->options = *o;
	w->kernel = meta->kernel;
	w->ts = w->since_ts = meta->mono_ns;
	w->seq = w->next_part = 1;
	pthread_mutex_init(&w->saving.lock, NULL);
	w->path = strdup(path);
	w->part = malloc(KEYFRAME_PART + UINT16_MAX);
	w->model = nsm_new(&sink);
	if (!w->path || !w->part || !w->model)
		goto no_memory;
	nsm_set_kernel(w->model, meta->kernel);
	if (writer_take_file(w, e))
		goto fail;
	rc = open_database(w);
	if (!rc)
		rc = make_tables(w, meta);
	if (!rc)
		rc = prepare(w);
	if (rc) {
		writer_fail(w, rc, "make the recording");
		nsl_error_set(e, "%s", w->error.text);
		goto fail;
	}
	ring_reserve(w);
	w->last_look = store_now();
	return w;
no_memory:
	nsl_error_set(e, "out of memory");
fail:
	if (w)
		let_go(w);
	return NULL;
}

int store_close(struct store_writer *w, const struct store_meta *end, struct store_counts *counts,
		struct nsl_error *e)
{
	bool failed;
	int rc = SQLITE_OK;

	store_saved(w, true, NULL);
	if (!w->failed) {
		writer_begin(w);
		nsm_finish(w->model); /* calls that are still open go in, cut off */
		if (end)
			rc = store_meta_write_end(w->db, end);
		if (rc)
			writer_fail(w, rc, "write");
		end_transaction(w);
	}
	if (w->failed && !sqlite3_get_autocommit(w->db))
		run_sql(w, "ROLLBACK");
	for (int s = 0; s < STATEMENTS; s++) {
		sqlite3_finalize(w->put[s]);
		w->put[s] = NULL;
	}
	checkpoint_stop(w->checkpoint);
	w->checkpoint = NULL;
	ring_unreserve(w);
	/* also after an error: what is in it is whole */
	rc = run_sql(w, "PRAGMA journal_mode = DELETE");
	failed = w->failed;
	if (failed)
		nsl_error_set(e, "%s", w->error.text);
	else if (rc)
		nsl_error_set(e,
			      "%s: cannot be made one plain file (%s): keep %s-wal beside it, "
			      "what is in both is whole",
			      w->path, sqlite3_errstr(rc), w->path);
	if (w->abandoned && is_there(w))
		unlink(w->path);
	if (counts)
		*counts = w->counts;
	let_go(w);
	return failed || rc ? -1 : 0;
}

void store_abandon(struct store_writer *w)
{
	struct nsl_error e;

	w->abandoned = true;
	store_close(w, NULL, NULL, &e);
}
