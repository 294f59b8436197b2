/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be looked up by name beside kernel functions: system calls, types, flags,
 * errnos and concepts. Tables; see lookup.h for how to ask.
 */
#ifndef NSLENS_EXPLAIN_TOPICS_H
#define NSLENS_EXPLAIN_TOPICS_H

#include "explain.h"

enum nse_kind {
	NSE_SYSCALL,
	NSE_TYPE,
	NSE_FLAG,
	NSE_FUNCTION,
	NSE_ERRNO,
	NSE_CONCEPT,
	NSE_KINDS,
};

/* What holds for some versions only. */
struct nse_note {
	nse_kernel since, before; /* 0: open */
	const char *text;
};

#define NSE_NOTES 4

struct nse_topic {
	enum nse_kind kind;
	const char *name;
	const char *aliases; /* separated by commas, or NULL */
	const char *text;    /* a few sentences */
	struct nse_note notes[NSE_NOTES];
	const char *fns; /* kernel functions that decide, separated by spaces; NULL: see text */
	const char *see; /* other names, separated by commas, or NULL */
	nse_kernel since, before;
	uint64_t value;		  /* flags: the bit; errnos: the number */
	enum nsl_syscall syscall; /* system calls */
	enum nsl_type type;	  /* types */
};

struct nse_topics {
	const struct nse_topic *rows;
	size_t n;
};

extern const struct nse_topics nse_syscall_topics, nse_type_topics, nse_flag_topics,
	nse_errno_topics, nse_object_topics, nse_rule_topics, nse_life_topics;

/* All of the above. */
extern const struct nse_topics *const nse_topic_tables[];
extern const size_t nse_topic_table_count;

#define NSE_TOPICS(array)                                                                          \
	{                                                                                          \
		array, sizeof(array) / sizeof(*(array))                                            \
	}

#endif
