// SPDX-License-Identifier: GPL-2.0-only
/* Is this file a recording, and one that may be read? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader_internal.h"
#include "schema.h"

#define MAX_LENGTH (1 << 20) /* of any value: the largest that we write is a keyframe's part */
#define MAX_SQL	   20000
#define CACHE_KIB  16384
#define HEADER	   100 /* bytes of an SQLite file's header */

struct header {
	uint64_t page, pages, size;
	unsigned int application, version;
};

static unsigned int big_endian(const unsigned char *p, int bytes)
{
	unsigned int n = 0;

	while (bytes--)
		n = n << 8 | *p++;
	return n;
}

/* What can be told without SQLite, in words that fit. */
static int look_at_header(const char *path, struct nsl_error *e)
{
	unsigned char h[HEADER];
	unsigned int page, version;
	char *wal = NULL;
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st)) {
		nsl_error_set(e, "cannot read %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	n = S_ISREG(st.st_mode) ? pread(fd, h, sizeof(h), 0) : 0;
	close(fd);
	if (asprintf(&wal, "%s-wal", path) < 0)
		return nsl_error_set(e, "out of memory");
	if (!n && S_ISREG(st.st_mode) && !access(wal, F_OK)) {
		free(wal);
		return 0; /* all of it is still in the WAL */
	}
	free(wal);
	if (n != sizeof(h) || memcmp(h, "SQLite format 3", 16) != 0 ||
	    big_endian(h + 68, 4) != STORE_APPLICATION_ID)
		return nsl_error_set(e, "%s is no recording of nslens", path);
	version = big_endian(h + 60, 4);
	if (version < STORE_OLDEST || version > STORE_VERSION)
		return nsl_error_set(e,
				     "%s is a recording of version %u, this nslens reads versions "
				     "%d to %d: use the nslens that made it",
				     path, version, STORE_OLDEST, STORE_VERSION);
	page = big_endian(h + 16, 2);
	page = page == 1 ? 65536 : page;
	/* with a WAL beside it (18: the format) the file may be behind */
	if (h[18] == 1 && (uint64_t)page * big_endian(h + 28, 4) > (uint64_t)st.st_size)
		return nsl_error_set(e,
				     "%s is cut off: %llu of %llu bytes are there; copy it again",
				     path, (unsigned long long)st.st_size,
				     (unsigned long long)page * big_endian(h + 28, 4));
	return 0;
}

static void harden(sqlite3 *db)
{
	static const int off[] = {
		SQLITE_DBCONFIG_TRUSTED_SCHEMA,	       SQLITE_DBCONFIG_ENABLE_TRIGGER,
		SQLITE_DBCONFIG_ENABLE_VIEW,	       SQLITE_DBCONFIG_ENABLE_FKEY,
		SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_WRITABLE_SCHEMA};

	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++)
		sqlite3_db_config(db, off[i], 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_LENGTH);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, MAX_SQL);
	sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 64);
	sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 32);
	sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 4);
	sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 20000);
	sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, 8);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100);
	sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

/* Whatever is in it, we or ANALYZE made. */
static bool is_ours(const char *type, const char *name, const char *sql)
{
	if (!strcmp(type, "index") && !sql && !strncmp(name, "sqlite_autoindex_", 17))
		return true;
	if (!strcmp(type, "table") && sql &&
	    !strcmp(sql, "CREATE TABLE sqlite_stat1(tbl,idx,stat)"))
		return true;
	return (!strcmp(type, "table") || !strcmp(type, "view")) && store_schema_has(sql);
}

/* Printable, and short. */
static void shorten(char *to, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++)
		to[n++] = *text >= 0x20 && *text < 0x7f ? *text : '?';
	to[n] = '\0';
}

static int check_schema(struct store_reader *r, struct nsl_error *e)
{
	size_t tables = 0, wanted = 0;
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(r->db, "SELECT type, name, sql FROM sqlite_master LIMIT 100",
				    -1, &s, NULL);

	if (rc)
		return reader_broken(r, rc, e);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(s, 0);
		const char *name = (const char *)sqlite3_column_text(s, 1);
		const char *sql = (const char *)sqlite3_column_text(s, 2);
		char kind[20], what[60];

		if (type && name && is_ours(type, name, sql)) {
			tables += !strcmp(type, "table") && store_schema_has(sql);
			continue;
		}
		shorten(kind, sizeof(kind), type ? type : "?");
		shorten(what, sizeof(what), name ? name : "?");
		sqlite3_finalize(s);
		return nsl_error_set(e,
				     "%s holds the %s '%s', which nslens did not make: it is not "
				     "read, because a recording could run code with it; if it is "
				     "yours, drop it",
				     r->path, kind, what);
	}
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return reader_broken(r, rc, e);
	for (size_t i = 0; i < nstore_schema; i++)
		wanted += !strncmp(store_schema[i], "CREATE TABLE", 12);
	if (tables != wanted && tables + STORE_NEW_TABLES != wanted)
		return nsl_error_set(e, "%s is no recording of nslens: tables are missing",
				     r->path);
	return 0;
}

static int64_t ask(struct store_reader *r, const char *sql, int *rc)
{
	int64_t answer = 0;
	sqlite3_stmt *s;

	*rc = sqlite3_prepare_v2(r->db, sql, -1, &s, NULL);
	if (*rc)
		return 0;
	if (sqlite3_step(s) == SQLITE_ROW)
		answer = sqlite3_column_int64(s, 0);
	*rc = sqlite3_finalize(s);
	return answer;
}

static int check_meta(struct store_reader *r, struct nsl_error *e)
{
	static const char little[] = "SELECT value = 'little' FROM meta WHERE key = 'byte_order'";
	static const char version[] = "SELECT value FROM meta WHERE key = 'event_version'";
	int rc = store_meta_read(r->db, &r->meta);
	int64_t events;

	if (rc)
		return reader_broken(r, rc, e);
	if ((ask(r, little, &rc) == 1) != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) || rc)
		return nsl_error_set(e,
				     "%s was made on a machine of another byte order: read it on "
				     "one of the same order",
				     r->path);
	events = ask(r, version, &rc);
	if (rc || events != NSL_EVENT_VERSION)
		return nsl_error_set(e,
				     "%s has events of version %lld, this nslens reads version %d: "
				     "use the nslens that made it",
				     r->path, (long long)events, NSL_EVENT_VERSION);
	r->first_ts = (uint64_t)ask(r, "SELECT ts FROM events ORDER BY seq LIMIT 1", &rc);
	if (!rc)
		r->last_ts =
			(uint64_t)ask(r, "SELECT ts FROM events ORDER BY seq DESC LIMIT 1", &rc);
	if (!r->last_ts) /* there is no event: it ends where it begins */
		r->first_ts = r->last_ts = r->meta.mono_ns;
	return rc ? reader_broken(r, rc, e) : 0;
}

struct store_reader *store_open(const char *path, struct nsl_error *e)
{
	struct store_reader *r;
	int rc;

	if (look_at_header(path, e))
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r) {
		r->path = strdup(path);
		r->event = malloc(UINT16_MAX + 1);
	}
	if (!r || !r->path || !r->event) {
		nsl_error_set(e, "out of memory");
		store_reader_close(r);
		return NULL;
	}
	rc = sqlite3_open_v2(path, &r->db,
			     SQLITE_OPEN_READONLY | SQLITE_OPEN_PRIVATECACHE |
				     SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (!rc) {
		harden(r->db);
		sqlite3_busy_timeout(r->db, 1000);
		rc = sqlite3_exec(r->db,
				  "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; "
				  "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; "
				  "SELECT count(*) FROM sqlite_master",
				  NULL, NULL, NULL);
	}
	if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) {
		nsl_error_set(e,
			      "%s was not closed (its recorder runs or was killed), and reading it "
			      "needs a file beside it: copy it and %s-wal to a directory that you "
			      "may write in",
			      path, path);
		goto fail;
	}
	if (rc) {
		reader_broken(r, rc, e);
		goto fail;
	}
	if (check_schema(r, e) || check_meta(r, e))
		goto fail;
	return r;
fail:
	store_reader_close(r);
	return NULL;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	sqlite3_close(r->db);
	free(r->path);
	free(r->event);
	free(r);
}
