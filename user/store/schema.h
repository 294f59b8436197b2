/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording looks like inside: user/doc/recording.md tells it to users. */
#ifndef NSLENS_STORE_SCHEMA_H
#define NSLENS_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#define STORE_APPLICATION_ID 0x4e534c4e /* "NSLN" */
#define STORE_VERSION	     2		/* user_version: what a reader must understand */
#define STORE_OLDEST	     1		/* that is still read: it has no table of milestones */
#define STORE_NEW_TABLES     1		/* of STORE_VERSION, beside those of STORE_OLDEST */

/* One statement each, in their order. */
extern const char *const store_schema[];
extern const size_t nstore_schema;

/* Is `sql`, as sqlite_master has it, what one of these statements made? */
bool store_schema_has(const char *sql);

#endif
