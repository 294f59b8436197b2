/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings for tests: made in a directory of their own, gone at the end. */
#ifndef NSLENS_STORE_FILE_H
#define NSLENS_STORE_FILE_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/store/reader.h"
#include "../../user/store/writer.h"
#include "graph_kernel.h"
#include "unit.h"

static char store_dir[64];

static inline const char *store_path(const char *name)
{
	static char path[2][256];
	static int turn;

	if (!*store_dir) {
		snprintf(store_dir, sizeof(store_dir), "/tmp/nslens-unit.XXXXXX");
		if (!mkdtemp(store_dir))
			abort();
	}
	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", store_dir, name);
	return path[turn];
}

static inline void store_clean(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", store_dir);
	if (*store_dir && system(command))
		abort();
}

static inline struct store_meta some_meta(void)
{
	struct store_meta m = {.kernel = 6012,
			       .mono_ns = 1000,
			       .wall_ns = 1700000000000000000,
			       .steps = true,
			       .nfacts = 1};

	strcpy(m.version, "0.1.0");
	strcpy(m.release, "6.12.0");
	strcpy(m.boot_id, "boot");
	strcpy(m.what, "a test");
	m.initial[NSL_USER] = INUM(HOST(NSL_USER));
	strcpy(m.facts[0].fact, "clone");
	strcpy(m.facts[0].mechanism, "fentry");
	return m;
}

/* Everything that happens in `k` from now on goes to `w`. */
static inline void tap_store(void *ctx, const struct nsl_head *event)
{
	store_event(ctx, event);
}

static inline struct store_writer *a_writer(const char *path, uint64_t ring_bytes)
{
	struct store_meta meta = some_meta();
	struct store_options o = {.ring_bytes = ring_bytes, .replace = true};
	struct nsl_error e = {""};
	struct store_writer *w = store_create(path, &meta, &o, &e);

	if (!w) {
		puts(e.text);
		abort();
	}
	return w;
}

static inline int end_writer(struct store_writer *w)
{
	struct store_meta end = some_meta();
	struct nsl_error e = {""};

	end.closed = true;
	end.end_ns = 99;
	end.forks = 5;
	return store_close(w, &end, NULL, &e);
}

/* A recording of a small kernel's life, at `name`. */
static inline void record_life(const char *path, uint64_t seed, int steps)
{
	struct store_writer *w = a_writer(path, 0);
	struct kernel *living = boot(seed);

	store_set_graph(w, living->r->g);
	living->r->tap = tap_store;
	living->r->tap_ctx = w;
	snapshot(living);
	live(living, steps);
	store_set_graph(w, NULL);
	if (end_writer(w))
		abort();
	halt(living);
}

/* Every row of a query, as text. The caller frees it. */
static inline char *store_rows(const char *path, const char *sql)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;

	CHECK_NUM(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	CHECK_NUM(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	while (s && sqlite3_step(s) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const char *value = (const char *)sqlite3_column_text(s, i);

			fprintf(out, "%s|", value ? value : "NULL");
		}
		fputc('\n', out);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	fclose(out);
	return text;
}

#endif
