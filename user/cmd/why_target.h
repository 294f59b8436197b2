/* SPDX-License-Identifier: GPL-2.0-only */
/* The NS argument of nslens why: which namespaces are meant. */
#ifndef NSLENS_WHY_TARGET_H
#define NSLENS_WHY_TARGET_H

#include "../model/error.h"
#include "../model/graph.h"

struct why_target {
	const char *text;	   /* as it was typed */
	const char *container;	   /* a name or id, or NULL */
	uint32_t inums[NSL_SLOTS]; /* else these, as found on the machine */
	enum nsl_type types[NSL_SLOTS];
	size_t n;
	char suffix[8];	    /* … or one whose number ends in these digits; "": none */
	int error;	    /* errno of what was refused */
	uint32_t refused;   /* /proc does not tell of this process: the graph may; 0: none */
	enum nsl_slot slot; /* … which slot; NSL_SLOTS: all */
	enum nsl_type only; /* of a container; NSL_TYPE_UNKNOWN: all */
	uint32_t pid;	/* all namespaces of this process that are not initial; 0: one is meant */
	bool partly;	/* set by the caller: not everything could be read */
	bool ambiguous; /* the suffix is that of more than one: bad usage */
	bool recorded;	/* of a recording: nothing of this machine is looked at */
};

/*
 * `type`: of --type, or NULL. Looks at files, and keeps none of them open. Returns
 * -1 to go on; else the exit status, with `e` filled: bad usage, or not found.
 */
int why_target_parse(struct why_target *t, const char *text, const char *type, bool recorded,
		     struct nsl_error *e);

/*
 * Writes the ids of the namespaces that are meant, at most `max` (NSL_SLOTS are
 * enough but for a container) and returns how many. 0 with `e` filled: there is no
 * such thing; with `e` left alone: all of them are initial.
 */
size_t why_target_find(struct why_target *t, const struct nsg *g, uint64_t *ids, size_t max,
		       struct nsl_error *e);

#endif
