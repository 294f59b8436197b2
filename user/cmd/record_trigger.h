/* SPDX-License-Identifier: GPL-2.0-only */
/* --save-on: which call or start-up makes the flight recorder save its ring? */
#ifndef NSLENS_RECORD_TRIGGER_H
#define NSLENS_RECORD_TRIGGER_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/model.h"

#define TRIGGER_STARTS 512

struct trigger_options {
	bool wanted;
	bool errnos[NSM_MAX_ERRNO];
	uint64_t slow_ns; /* 0: not asked for */
};

/* A namespace that a call has made and in which nothing has been executed yet. */
struct trigger_start {
	uint64_t ns;
	uint64_t ts; /* when that call began */
};

struct trigger {
	const struct trigger_options *options;
	struct trigger_start starts[TRIGGER_STARTS]; /* the newest ones */
	size_t next;
	bool fired;
	char why[160]; /* hostile text */
};

/* "EPERM,ENOSPC,slow=2s". -1, with what is wrong in `bad`. */
int trigger_parse(struct trigger_options *o, const char *list, char *bad, size_t size);

void trigger_call(struct trigger *t, const struct nsm_call *call);
void trigger_event(struct trigger *t, const struct nsl_head *event);

#endif
