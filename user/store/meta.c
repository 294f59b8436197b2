// SPDX-License-Identifier: GPL-2.0-only
#include "meta.h"

#include <stdio.h>
#include <string.h>

#include "../model/model.h"

/* The numbers and texts of the struct, by their keys. */
struct row {
	const char *key;
	size_t offset;
	size_t size; /* of a text; 0: a number */
	bool wide;   /* uint64_t, else 32 bits */
	bool at_end;
};

#define TEXT(key_, member, end)                                                                    \
	{                                                                                          \
		key_, offsetof(struct store_meta, member),                                         \
			sizeof(((struct store_meta *)0)->member), false, end                       \
	}
#define NUMBER(key_, member, end)                                                                  \
	{                                                                                          \
		key_, offsetof(struct store_meta, member), 0,                                      \
			sizeof(((struct store_meta *)0)->member) == 8, end                         \
	}

static const struct row rows[] = {
	TEXT("nslens", version, false),
	TEXT("kernel", release, false),
	NUMBER("kernel_number", kernel, false),
	TEXT("boot_id", boot_id, false),
	NUMBER("monotonic", mono_ns, false),
	NUMBER("wall_clock", wall_ns, false),
	TEXT("traces", what, false),
	NUMBER("ended", end_ns, true),
	NUMBER("forks", forks, true),
	NUMBER("missed", missed, true),
	TEXT("because", because, true),
};

static int put(sqlite3 *db, const char *key, const char *text, uint64_t number)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO meta VALUES(?, ?)", -1, &s, NULL);

	if (rc)
		return rc;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	if (text)
		sqlite3_bind_text(s, 2, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_int64(s, 2, (sqlite3_int64)number);
	sqlite3_step(s);
	return sqlite3_finalize(s);
}

static int put_rows(sqlite3 *db, const struct store_meta *m, bool at_end)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(*rows); i++) {
		const char *at = (const char *)m + rows[i].offset;
		uint64_t wide;
		uint32_t narrow;

		if (rows[i].at_end != at_end || (rows[i].size && !*at))
			continue;
		memcpy(&narrow, at, sizeof(narrow));
		wide = narrow;
		if (rows[i].wide)
			memcpy(&wide, at, sizeof(wide));
		rc = put(db, rows[i].key, rows[i].size ? at : NULL, wide);
	}
	return rc;
}

static int put_facts(sqlite3 *db, const struct store_meta *m)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO hooks VALUES(?, ?, ?, ?)", -1, &s,
				    NULL);

	for (size_t i = 0; !rc && i < m->nfacts; i++) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)i);
		sqlite3_bind_text(s, 2, m->facts[i].fact, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, m->facts[i].mechanism, -1, SQLITE_STATIC);
		if (m->facts[i].lost[0])
			sqlite3_bind_text(s, 4, m->facts[i].lost, -1, SQLITE_STATIC);
		else
			sqlite3_bind_null(s, 4);
		sqlite3_step(s);
		rc = sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	return rc;
}

int store_meta_write_start(sqlite3 *db, const struct store_meta *m)
{
	int rc = put_rows(db, m, false);
	char key[32];

	if (!rc)
		rc = put(db, "event_version", NULL, NSL_EVENT_VERSION);
	if (!rc)
		rc = put(db, "byte_order",
			 __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big", 0);
	if (!rc)
		rc = put(db, "steps", NULL, m->steps);
	for (int type = 0; !rc && type < NSL_TYPES; type++) {
		snprintf(key, sizeof(key), "initial_%s", nsm_type_name((enum nsl_type)type));
		rc = put(db, key, NULL, m->initial[type]);
	}
	return rc ? rc : put_facts(db, m);
}

int store_meta_write_end(sqlite3 *db, const struct store_meta *m)
{
	int rc = put_rows(db, m, true);

	return rc ? rc : put(db, "closed", NULL, m->closed);
}

/* Hostile text, cut to its buffer. */
static void take_text(sqlite3_stmt *s, int column, char *to, size_t size)
{
	const unsigned char *text = sqlite3_column_text(s, column);

	snprintf(to, size, "%s", text ? (const char *)text : "");
}

static void take(struct store_meta *m, const char *key, sqlite3_stmt *s)
{
	uint64_t wide = (uint64_t)sqlite3_column_int64(s, 1);
	uint32_t narrow = (uint32_t)wide;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *at = (char *)m + rows[i].offset;

		if (strcmp(key, rows[i].key) != 0)
			continue;
		if (rows[i].size)
			take_text(s, 1, at, rows[i].size);
		else if (rows[i].wide)
			memcpy(at, &wide, sizeof(wide));
		else
			memcpy(at, &narrow, sizeof(narrow));
	}
	if (!strcmp(key, "steps"))
		m->steps = wide != 0;
	if (!strcmp(key, "closed"))
		m->closed = wide != 0;
	if (strncmp(key, "initial_", 8) != 0)
		return;
	for (int type = 0; type < NSL_TYPES; type++)
		if (!strcmp(key + 8, nsm_type_name((enum nsl_type)type)))
			m->initial[type] = narrow;
}

static int read_facts(sqlite3 *db, struct store_meta *m)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(
		db, "SELECT fact, mechanism, lost FROM hooks ORDER BY n LIMIT ?", -1, &s, NULL);

	if (rc)
		return rc;
	sqlite3_bind_int(s, 1, STORE_MAX_FACTS);
	while (sqlite3_step(s) == SQLITE_ROW && m->nfacts < STORE_MAX_FACTS) {
		struct store_fact *f = &m->facts[m->nfacts++];

		take_text(s, 0, f->fact, sizeof(f->fact));
		take_text(s, 1, f->mechanism, sizeof(f->mechanism));
		take_text(s, 2, f->lost, sizeof(f->lost));
	}
	return sqlite3_finalize(s);
}

int store_meta_read(sqlite3 *db, struct store_meta *m)
{
	sqlite3_stmt *s;
	int n = 0, rc;

	memset(m, 0, sizeof(*m));
	rc = sqlite3_prepare_v2(db, "SELECT key, value FROM meta LIMIT 200", -1, &s, NULL);
	if (rc)
		return rc;
	while (sqlite3_step(s) == SQLITE_ROW && n++ < 200) {
		const unsigned char *key = sqlite3_column_text(s, 0);

		if (key)
			take(m, (const char *)key, s);
	}
	rc = sqlite3_finalize(s);
	return rc ? rc : read_facts(db, m);
}
