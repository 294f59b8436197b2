/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording says of itself: where, when and how it was made. */
#ifndef NSLENS_STORE_META_H
#define NSLENS_STORE_META_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

#define STORE_MAX_FACTS 128
#define STORE_TEXT	200

struct store_fact {
	char fact[64];
	char mechanism[32];
	char lost[STORE_TEXT]; /* "": nothing */
};

struct store_meta {
	char version[32];    /* of nslens */
	char release[80];    /* uname -r */
	unsigned int kernel; /* major * 1000 + minor */
	char boot_id[40];
	uint64_t mono_ns, wall_ns; /* the start: both clocks at the same moment */
	bool steps;		   /* false: tracepoints only */
	char what[STORE_TEXT];	   /* what was recorded; hostile text */
	uint32_t initial[NSL_TYPES];
	struct store_fact facts[STORE_MAX_FACTS];
	size_t nfacts;

	/* known once the recorder has closed it in good order, or saved its ring */
	bool closed;
	uint64_t end_ns;
	uint64_t forks, missed;
	char because[STORE_TEXT]; /* why a ring was saved; hostile text */
};

/* Return an SQLite result code. */
int store_meta_write_start(sqlite3 *db, const struct store_meta *m);
int store_meta_write_end(sqlite3 *db, const struct store_meta *m);
int store_meta_read(sqlite3 *db, struct store_meta *m);

#endif
