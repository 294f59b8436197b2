/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each kind of event is made of: every byte of it, as a table. Who writes events
 * down field by field, reads them back, or takes the names out of them needs no more.
 */
#ifndef NSLENS_FIELDS_H
#define NSLENS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/event.h"

enum nsm_field_form {
	NSM_UNSIGNED, /* of 1, 2, 4 or 8 bytes */
	NSM_SIGNED,   /* of 4 or 8 */
	NSM_REF,      /* struct nsl_ref */
	NSM_VIEW,     /* struct nsl_view */
	NSM_TEXT,     /* bytes, NUL-padded; hostile */
	NSM_TAIL,     /* the rest of the event: NUL-terminated, hostile */
};

/* What it says, where that identifies somebody. */
enum nsm_field_sense {
	NSM_PLAIN,
	NSM_PID,    /* a number of a task, inside or outside of its pid namespace */
	NSM_UID,    /* a number of a user or a group */
	NSM_INUM,   /* an inode number in nsfs */
	NSM_ID,	    /* the id of a cgroup, or the kernel's own one of a namespace */
	NSM_RESULT, /* what a call returned: of clone and fork a pid */
	NSM_COMM,   /* the name of a task */
	NSM_PATH,   /* of a file or a cgroup */
	NSM_WORDS,  /* any other text */
};

struct nsm_field {
	const char *name;
	uint16_t at, bytes; /* TAIL: bytes 0 */
	uint8_t form;	    /* enum nsm_field_form */
	uint8_t sense;	    /* enum nsm_field_sense */
};

struct nsm_layout {
	const char *name; /* "call_begin" … as in the table `kinds` of a recording */
	size_t size;	  /* of the struct, without a tail */
	bool tail;	  /* text may follow */
	size_t nfields;	  /* without those of the head */
	const struct nsm_field *fields;
};

/* NULL: there is no such kind. */
const struct nsm_layout *nsm_layout(unsigned int kind);
/* The kind of that name; NSL_EV_NONE: there is none. */
enum nsl_kind nsm_kind_named(const char *name);

/* Of struct nsl_head, but for size and kind. */
extern const struct nsm_field nsm_head_fields[];
extern const size_t nsm_nhead_fields;

/* Is the event of exactly its kind's size, and its text terminated? */
bool nsm_layout_fits(const struct nsm_layout *l, const struct nsl_head *event);

#endif
