// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flight recorder: what is oldest goes, from keyframe to keyframe, and its pages
 * are used again, so that the file stops growing. What is left can be copied at any
 * moment while recording goes on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "writer_internal.h"

/* The WAL beside the file takes a part of what was allowed. */
#define FILE_SHARE(bytes)  ((bytes) - (bytes) / 8 * 3)
#define PARTS_SHARE(bytes) ((bytes) - (bytes) / 16 * 5)

static int64_t ask(struct store_writer *w, const char *sql)
{
	sqlite3_stmt *s;
	int64_t answer = -1;

	if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL))
		return -1;
	if (sqlite3_step(s) == SQLITE_ROW)
		answer = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return answer;
}

static uint64_t bytes_used(struct store_writer *w)
{
	int64_t pages = ask(w, "PRAGMA page_count"), free_pages = ask(w, "PRAGMA freelist_count");

	return (uint64_t)(pages - free_pages) * (uint64_t)ask(w, "PRAGMA page_size");
}

/* The keyframe that becomes the oldest if one interval goes; false: there is none. */
static bool second_keyframe(struct store_writer *w, int64_t *seq, int64_t *ts, int64_t *part)
{
	sqlite3_stmt *s;
	bool found;

	if (sqlite3_prepare_v2(w->db,
			       "SELECT seq, ts, first_part FROM keyframes ORDER BY seq LIMIT 1 "
			       "OFFSET 1",
			       -1, &s, NULL))
		return false;
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found) {
		*seq = sqlite3_column_int64(s, 0);
		*ts = sqlite3_column_int64(s, 1);
		*part = sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	return found;
}

static int drop_before(struct store_writer *w, int64_t seq, int64_t ts, int64_t part)
{
	static const char *const sql[] = {
		"DELETE FROM steps WHERE call <= (SELECT max(number) FROM calls WHERE seq < ?1)",
		"DELETE FROM calls WHERE seq < ?1",
		"DELETE FROM milestones WHERE seq < ?1",
		"DELETE FROM gaps WHERE seq < ?1",
		"DELETE FROM events WHERE seq < ?1",
		"DELETE FROM keyframes WHERE seq < ?1",
		"DELETE FROM keyframe_parts WHERE n < ?1",
		"DELETE FROM namespaces WHERE died < ?1",
	};
	const int64_t value[] = {seq, seq, seq, seq, seq, seq, part, ts};
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < sizeof(sql) / sizeof(*sql); i++) {
		sqlite3_stmt *s;

		rc = sqlite3_prepare_v2(w->db, sql[i], -1, &s, NULL);
		if (rc)
			break;
		sqlite3_bind_int64(s, 1, value[i]);
		sqlite3_step(s);
		rc = sqlite3_finalize(s);
	}
	return rc;
}

static bool drop(struct store_writer *w, int64_t seq, int64_t ts, int64_t part)
{
	int rc = sqlite3_exec(w->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (!rc)
		rc = drop_before(w, seq, ts, part);
	if (!rc)
		rc = sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL);
	if (!rc)
		return true;
	writer_fail(w, rc, "make room in the ring");
	if (!sqlite3_get_autocommit(w->db))
		sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool drop_oldest(struct store_writer *w)
{
	int64_t seq, ts, part;

	return second_keyframe(w, &seq, &ts, &part) && drop(w, seq, ts, part);
}

/*
 * While events are lost all the time the graph is never right, and there are no keyframes.
 * The limit holds all the same: the oldest part goes, and a reader's graph is stale. A small
 * part: all pages that are touched stand in the WAL.
 */
static bool drop_part(struct store_writer *w)
{
	int64_t first = ask(w, "SELECT min(seq) FROM events");
	int64_t middle = first + ((int64_t)w->seq - first) / 16 + 1;
	int64_t keyframe = ask(w, "SELECT max(seq) FROM keyframes");

	return first > 0 && drop(w, middle, 0, keyframe >= middle ? 0 : w->next_part);
}

static bool is_too_much(struct store_writer *w)
{
	const struct store_options *o = &w->options;
	int64_t seq, ts, part;

	if (o->ring_bytes && bytes_used(w) > FILE_SHARE(o->ring_bytes))
		return true;
	return o->ring_ns && second_keyframe(w, &seq, &ts, &part) &&
	       (uint64_t)ts + o->ring_ns < w->ts;
}

/* Between transactions. */
void ring_trim(struct store_writer *w)
{
	if (!w->options.ring_bytes && !w->options.ring_ns)
		return;
	while (!w->failed && is_too_much(w) && drop_oldest(w))
		;
	for (int i = 0; i < 4 && !w->failed && w->options.ring_bytes &&
			bytes_used(w) > PARTS_SHARE(w->options.ring_bytes);
	     i++)
		if (!drop_part(w))
			break;
}

/*
 * On a full disk even deleting needs room, for the WAL. So some is set aside in a file of its
 * own while there is enough.
 */
#define RESERVE (8ull << 20)

static char *reserve_name(const struct store_writer *w)
{
	char *name;

	return asprintf(&name, "%s.reserve", w->path) < 0 ? NULL : name;
}

void ring_reserve(struct store_writer *w)
{
	uint64_t bytes = w->options.ring_bytes / 8;
	char *name = w->options.ring_bytes || w->options.ring_ns ? reserve_name(w) : NULL;
	int fd;

	if (!name)
		return;
	if (!bytes || bytes > RESERVE)
		bytes = RESERVE;
	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		if (posix_fallocate(fd, 0, (off_t)bytes))
			unlink(name);
		close(fd);
	}
	free(name);
}

void ring_unreserve(struct store_writer *w)
{
	char *name = w->options.ring_bytes || w->options.ring_ns ? reserve_name(w) : NULL;

	if (name)
		unlink(name);
	free(name);
}

/* Half of what there is goes, and from now on it must do with about as much. */
bool ring_make_room(struct store_writer *w)
{
	int64_t n, done = 0;

	ring_unreserve(w);
	sqlite3_wal_checkpoint_v2(w->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	n = ask(w, "SELECT count(*) FROM keyframes") / 2;
	while (done < n && drop_oldest(w))
		done++;
	sqlite3_wal_checkpoint_v2(w->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (!done)
		return false;
	w->options.ring_bytes = bytes_used(w) * 3 / 2 * 8 / 5;
	ring_reserve(w);
	return true;
}

/* ---- saving ---- */

static int copy(const char *from, const char *to, const struct store_meta *end)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(
		from, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
		NULL);

	if (!rc)
		rc = sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &s, NULL);
	if (!rc) {
		sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
		sqlite3_step(s);
		rc = sqlite3_finalize(s);
	}
	sqlite3_close(db);
	if (rc)
		return rc;
	rc = sqlite3_open_v2(to, &db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
			     NULL);
	if (!rc)
		rc = store_meta_write_end(db, end);
	sqlite3_close(db);
	return rc;
}

/* Under a name of its own until it is whole: a reader never sees half of it. */
static void *save_thread(void *arg)
{
	struct saving *s = arg;
	char *part = NULL;
	int fd, rc = SQLITE_NOMEM;

	if (asprintf(&part, "%s.saving", s->to) >= 0) {
		unlink(part);
		/* a recording is nobody else's business */
		fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		rc = fd < 0 ? SQLITE_CANTOPEN : copy(s->from, part, &s->end);
		if (fd >= 0)
			close(fd);
		if (!rc && rename(part, s->to))
			rc = SQLITE_IOERR;
		if (rc)
			unlink(part);
		free(part);
	}
	pthread_mutex_lock(&s->lock);
	s->rc = rc;
	s->done = true;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int store_save(struct store_writer *w, const char *path, const struct store_meta *end,
	       struct nsl_error *e)
{
	struct saving *s = &w->saving;

	if (s->running)
		return 1;
	if (store_commit(w, e))
		return -1;
	s->from = strdup(w->path);
	s->to = strdup(path);
	s->end = *end;
	s->done = false;
	if (!s->from || !s->to || pthread_create(&s->thread, NULL, save_thread, s)) {
		free(s->from);
		free(s->to);
		return nsl_error_set(e, "%s: cannot be saved: out of memory", path);
	}
	s->running = true;
	return 0;
}

int store_saved(struct store_writer *w, bool wait, struct nsl_error *e)
{
	struct saving *s = &w->saving;
	bool done;
	int rc;

	if (!s->running)
		return 0;
	pthread_mutex_lock(&s->lock);
	done = s->done;
	pthread_mutex_unlock(&s->lock);
	if (!done && !wait)
		return 0;
	pthread_join(s->thread, NULL);
	s->running = false;
	rc = s->rc;
	if (rc)
		nsl_error_set(e, "%s: the ring cannot be saved: %s", s->to,
			      (rc & 0xff) == SQLITE_FULL ? "the disk is full" : sqlite3_errstr(rc));
	free(s->from);
	free(s->to);
	return rc ? -1 : 1;
}
