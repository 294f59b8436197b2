/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NSLENS_STORE_READER_INTERNAL_H
#define NSLENS_STORE_READER_INTERNAL_H

#include "reader.h"

struct store_reader {
	char *path;
	sqlite3 *db;
	struct store_meta meta;
	uint64_t first_ts, last_ts;
	struct nsl_head *event; /* room for the largest one */
	store_change_fn change; /* or NULL */
	void *change_ctx;
};

/* `rc`: an SQLite result, or 0: it contradicts itself. Returns -1. */
int reader_broken(struct store_reader *r, int rc, struct nsl_error *e);

#endif
