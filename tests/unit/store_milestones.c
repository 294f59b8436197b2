// SPDX-License-Identifier: GPL-2.0-only
/* Milestones in a recording: the event as it was, a row that sqlite3 can read. */
#include <errno.h>
#include <sqlite3.h>

#include "store_file.h"
#include "unit.h"

static struct nsl_milestone event(void)
{
	struct nsl_milestone e = {
		.head = {.size = sizeof(e),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_MILESTONE,
			 .ts = 2001000,
			 .pid = 50,
			 .tid = 51,
			 .comm = "runc"},
		.what = NSL_MILESTONE_mount,
		.err = -EPERM,
		.duration = 1500000,
		.ns_type = NSL_TYPE_UNKNOWN,
		.text = "proc\n",
		.where = "/proc",
	};

	return e;
}

static void record(const char *path)
{
	struct store_writer *w = a_writer(path, 0);
	struct nsl_milestone e = event();

	store_event(w, &e.head);
	CHECK_NUM(end_writer(w), 0);
}

static void ask(const char *path, const char *sql, const char *want)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db;

	CHECK_NUM(sqlite3_open(path, &db), 0);
	CHECK_NUM(sqlite3_prepare_v2(db, sql, -1, &s, NULL), 0);
	CHECK_NUM(sqlite3_step(s), SQLITE_ROW);
	CHECK_STR((const char *)sqlite3_column_text(s, 0), want);
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void rows(void)
{
	const char *path = store_path("rows");

	record(path);
	ask(path,
	    "SELECT number || ' ' || what || ' ' || errno || ' ' || duration || ' ' || pid || ' ' "
	    "|| "
	    "text || ' ' || at_path || ' ' || explain FROM milestones",
	    "1 mount EPERM 1500000 50 proc\\x0a /proc proc\\x0a at /proc: fails with EPERM");
	ask(path, "SELECT at || ' ' || ms || ' ' || comm FROM milestone_list", "0.002 1.5 runc");
	ask(path, "SELECT name FROM kinds JOIN events USING (kind)", "milestone");
}

static bool same(void *ctx, uint64_t seq, const struct nsl_head *got)
{
	struct nsl_milestone e = event();

	CHECK_NUM(seq, 1);
	CHECK(got->size == sizeof(e) && !memcmp(got, &e, sizeof(e)));
	++*(int *)ctx;
	return true;
}

static int read_back(const char *path)
{
	struct nsl_error e = {""};
	struct store_reader *r = store_open(path, &e);
	int n = 0;

	CHECK_STR(e.text, "");
	if (!r)
		return -1;
	CHECK_NUM(store_read(r, 1, same, &n, &e), 0);
	store_reader_close(r);
	return n;
}

static void back(void)
{
	const char *path = store_path("back");

	record(path);
	CHECK_NUM(read_back(path), 1);
}

/* Version 1 had no such table, nor its view. */
static void before(void)
{
	const char *path = store_path("before");
	sqlite3 *db;

	record(path);
	CHECK_NUM(sqlite3_open(path, &db), 0);
	CHECK_NUM(sqlite3_exec(db,
			       "DROP VIEW milestone_list; DROP TABLE milestones; "
			       "PRAGMA user_version = 1",
			       NULL, NULL, NULL),
		  0);
	sqlite3_close(db);
	CHECK_NUM(read_back(path), 1);
}

int main(void)
{
	RUN(rows);
	RUN(back);
	RUN(before);
	store_clean();
	return unit_end();
}
