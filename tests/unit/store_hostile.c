// SPDX-License-Identifier: GPL-2.0-only
/* Files that are no recording, or no longer one, or meant to harm: told, and nothing else. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store_file.h"
#include "unit.h"

static char *whole;
static size_t whole_size;

static void load(const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;

	if (!f || stat(path, &st))
		abort();
	whole_size = (size_t)st.st_size;
	whole = malloc(whole_size);
	if (!whole || fread(whole, 1, whole_size, f) != whole_size)
		abort();
	fclose(f);
}

static void save(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "we");

	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f))
		abort();
}

static bool swallow(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	(void)seq;
	nsm_feed(ctx, event);
	return true;
}

/* Everything a command does with a file. The error, or "". */
static const char *use(const char *path)
{
	static struct nsl_error e;
	struct store_reader *r;
	struct nsm *m = nsm_new(NULL);
	struct nsg *g;

	e.text[0] = '\0';
	r = store_open(path, &e);
	if (r) {
		store_first_rows(r, swallow, m, &e);
		store_read(r, 0, swallow, m, &e);
		nsm_finish(m);
		g = store_graph_at(r, UINT64_MAX, NULL, &e);
		nsg_free(g);
		g = store_graph_at(r, 5000, NULL, &e);
		nsg_free(g);
	}
	store_reader_close(r);
	nsm_free(m);
	return e.text;
}

static bool says(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	unit_fail(__FILE__, __LINE__, "it says '%s', not '%s'", text, part);
	return false;
}

static void what_is_none(void)
{
	const char *path = store_path("none");

	CHECK(says(use("/nonexistent/x"), "No such file"));
	CHECK(says(use("/tmp"), "is no recording"));
	CHECK(says(use("/dev/zero"), "is no recording"));
	save(path, "", 0);
	CHECK(says(use(path), "is no recording"));
	save(path, "hello\n", 6);
	CHECK(says(use(path), "is no recording"));
	save(path, whole, 99);
	CHECK(says(use(path), "is no recording"));
}

static void cut_off(void)
{
	const char *path = store_path("cut");

	for (size_t size = 100; size < whole_size; size += whole_size / 50) {
		save(path, whole, size);
		CHECK(says(use(path), "cut off"));
	}
}

/* Whatever bits flip: an error or none, but an end. */
static void flipped(void)
{
	const char *path = store_path("flipped");
	uint64_t seed = 1;
	int errors = 0;

	for (int round = 0; round < 1500; round++) {
		char *copy = malloc(whole_size);

		memcpy(copy, whole, whole_size);
		for (int i = 0; i <= round % 20; i++) {
			size_t at;

			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			at = (seed >> 33) % whole_size;
			/* headers of pages are where it hurts */
			if (round & 1)
				at = at / 4096 * 4096 + at % 40;
			copy[at] ^= (char)(1u << (seed >> 60));
		}
		save(path, copy, whole_size);
		free(copy);
		errors += *use(path) != '\0';
	}
	CHECK(errors > 100);
}

static void patch(const char *path, size_t at, const void *bytes, size_t n)
{
	char *copy = malloc(whole_size);

	memcpy(copy, whole, whole_size);
	memcpy(copy + at, bytes, n);
	save(path, copy, whole_size);
	free(copy);
}

static void versions(void)
{
	const char *path = store_path("version");

	patch(path, 60, "\0\0\0\3", 4);
	CHECK(says(use(path), "recording of version 3"));
	patch(path, 68, "\0\0\0\2", 4);
	CHECK(says(use(path), "is no recording"));
}

/* A copy of the recording, changed by SQL. */
static const char *changed(const char *sql)
{
	static char path[256];
	sqlite3 *db;
	char *error = NULL;

	snprintf(path, sizeof(path), "%s", store_path("changed"));
	save(path, whole, whole_size);
	if (sqlite3_open(path, &db))
		abort();
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &error)) {
		unit_fail(__FILE__, __LINE__, "%s: %s", sql, error);
		sqlite3_free(error);
	}
	sqlite3_close(db);
	return path;
}

static void code_in_it(void)
{
	static const char *const sql[] = {
		"CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END",
		"CREATE VIEW v AS SELECT 1",
		"DROP VIEW timeline; CREATE VIEW timeline AS SELECT load_extension('x')",
		"CREATE TABLE other(x)",
		"CREATE INDEX i ON events(abs(ts))",
		"CREATE VIRTUAL TABLE f USING fts5(x)",
		"DROP TABLE meta; CREATE VIEW meta AS SELECT 'kernel' AS key, randomblob(1e9) AS "
		"value",
		"DROP TABLE events; CREATE TABLE events(seq INTEGER PRIMARY KEY, ts INTEGER, kind "
		"INTEGER, pid INTEGER, tid INTEGER, body AS (hex(zeroblob(ts))))",
	};

	for (size_t i = 0; i < sizeof(sql) / sizeof(*sql); i++)
		CHECK(says(use(changed(sql[i])), "did not make"));
	CHECK(says(use(changed("DROP TABLE hooks; DROP TABLE gaps")), "tables are missing"));
	/* control characters in its name do not reach a terminal */
	CHECK(says(use(changed("CREATE VIEW \"\x1b[31m\" AS SELECT 1")), "view '?[31m'"));
}

static void odd_values(void)
{
	static const char *const damaged[] = {
		"UPDATE events SET body = NULL WHERE seq = 50",
		"UPDATE events SET body = 'text' WHERE seq = 50",
		"UPDATE events SET body = zeroblob(60) WHERE seq = 50",
		"UPDATE events SET body = zeroblob(70000) WHERE seq = 50",
		"UPDATE events SET body = zeroblob(900000) WHERE seq = 50",
		"UPDATE events SET body = substr(body, 1, length(body) - 1) WHERE seq = 50",
		"UPDATE keyframe_parts SET body = zeroblob(500)",
		"UPDATE keyframe_parts SET body = substr(body, 7)",
		"DELETE FROM keyframe_parts",
		"UPDATE keyframes SET parts = 9000000000000000000",
	};
	static const char *const harmless[] = {
		"UPDATE meta SET value = zeroblob(1000) WHERE key = 'kernel'",
		"UPDATE meta SET value = -1 WHERE key LIKE 'initial%'",
		"UPDATE meta SET value = 'x' WHERE key = 'monotonic'",
		"DELETE FROM events",
		"UPDATE events SET seq = -5 WHERE seq = 50",
		"DELETE FROM keyframes",
		"UPDATE hooks SET fact = NULL, mechanism = replace(hex(zeroblob(3000)), '0', 'a')",
	};

	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++)
		CHECK(says(use(changed(damaged[i])), "damaged"));
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		CHECK_STR(use(changed(harmless[i])), "");
	CHECK(says(use(changed("UPDATE meta SET value = 'big' WHERE key = 'byte_order'")),
		   "byte order"));
	CHECK(says(use(changed("UPDATE meta SET value = 9 WHERE key = 'event_version'")),
		   "events of version 9"));
}

/* 2 GB in one value: refused before it is read into memory. */
static void a_huge_value(void)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	CHECK(says(use(changed("UPDATE events SET body = zeroblob(100000000) WHERE seq = 50")),
		   "damaged"));
	getrusage(RUSAGE_SELF, &after);
	/* the writer of this test needed it once; what reads does not */
	CHECK(after.ru_maxrss - before.ru_maxrss < 300 * 1024);
}

static void writers(void)
{
	const char *path = store_path("mine");
	struct store_meta meta = some_meta();
	struct store_options keep = {0}, replace = {.replace = true};
	struct nsl_error e = {""};
	struct store_writer *w = store_create(path, &meta, &keep, &e), *second;
	char text[8] = "";
	FILE *f;

	CHECK_STR(e.text, "");
	second = store_create(path, &meta, &replace, &e);
	CHECK(!second);
	CHECK(says(e.text, "another nslens record"));
	CHECK_NUM(end_writer(w), 0);
	CHECK(!store_create(path, &meta, &keep, &e));
	CHECK(says(e.text, "--force"));
	w = store_create(path, &meta, &replace, &e);
	CHECK(w != NULL);
	/* it goes away under our hands */
	unlink(path);
	sleep(1);
	usleep(100000);
	CHECK_NUM(store_tick(w, &e), -1);
	CHECK(says(e.text, "removed or replaced"));
	CHECK_NUM(end_writer(w), -1);

	save(path, "precious", 8);
	CHECK(!store_create(path, &meta, &replace, &e));
	CHECK(says(e.text, "left alone"));
	f = fopen(path, "re");
	CHECK(f && fread(text, 1, 8, f) == 8 && !memcmp(text, "precious", 8));
	if (f)
		fclose(f);
	CHECK(!store_create("/nonexistent/x", &meta, &keep, &e));
	CHECK(says(e.text, "No such file"));
	CHECK(!store_create("/tmp", &meta, &keep, &e));
	CHECK(says(e.text, "/tmp"));
	CHECK(!store_create("/dev/null", &meta, &keep, &e));
	CHECK(says(e.text, "no regular file"));
}

int main(void)
{
	const char *path = store_path("whole");

	record_life(path, 3, 400);
	load(path);
	CHECK_STR(use(path), "");
	RUN(what_is_none);
	RUN(cut_off);
	RUN(versions);
	RUN(code_in_it);
	RUN(odd_values);
	RUN(a_huge_value);
	RUN(writers);
	RUN(flipped);
	free(whole);
	store_clean();
	return unit_end();
}
