/* SPDX-License-Identifier: GPL-2.0-only */
/* NAME -> what is known about it: one way for functions, errnos, concepts, calls, flags, types. */
#ifndef NSLENS_EXPLAIN_LOOKUP_H
#define NSLENS_EXPLAIN_LOOKUP_H

#include "failures.h"
#include "functions.h"
#include "topics.h"

struct nse_entry {
	enum nse_kind kind;
	const char *name;
	const struct nse_topic *topic; /* NULL: a function */
	const struct nse_kfn *fn;      /* NULL: something else */
};

#define NSE_NAME_LEN 96

const char *nse_kind_name(enum nse_kind kind); /* "system call", "type", … */

/* Entry number `i` of all, in the order of kinds; false: there is none. */
bool nse_entry_at(size_t i, struct nse_entry *e);

/*
 * Case does not matter, nor whether words are parted by blanks, dashes or
 * underscores; "()" at the end and the prefixes of system call stubs are dropped;
 * CLONE_ may be left out; a number is an errno, or the value of a flag (0x…).
 */
bool nse_lookup(const char *name, struct nse_entry *e);

/* Entries whose names are near `name`, nearest first; returns how many. */
size_t nse_suggest(const char *name, struct nse_entry *out, size_t max);

nse_kernel nse_entry_since(const struct nse_entry *e);
nse_kernel nse_entry_before(const struct nse_entry *e);
const char *nse_entry_text(const struct nse_entry *e);

/* Does a name from `names`, separated by commas or blanks, follow? Returns what is left, or NULL.
 */
const char *nse_next_name(const char *names, char separator, char out[NSE_NAME_LEN]);

/* ---- failures that belong to an entry ---- */

struct nse_reason {
	const struct nse_row *row;
	const char *place; /* function, or several in words */
	uint32_t calls;	   /* system calls that can come to it, bit 1 << enum nsl_syscall */
};

#define NSE_MAX_REASONS 192

/*
 * Of a function: the errnos that it returns. Of an errno: where it comes from. Of a
 * system call: all that it can return. Others: none. Those that do not hold for the
 * kernel (0: any) are left out, and those that say what an earlier one has said.
 * Those of an errno are in the order of the system calls.
 */
size_t nse_reasons(const struct nse_entry *e, nse_kernel kernel, struct nse_reason *out,
		   size_t max);

/* Does a place in words name this function? */
bool nse_place_names(const char *place, const char *function);

#endif
