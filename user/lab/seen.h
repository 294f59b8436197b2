/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was seen of the actors during one step: their calls, births and deaths.
 * Pure: fed by the model and the graph.
 */
#ifndef NSLENS_LAB_SEEN_H
#define NSLENS_LAB_SEEN_H

#include "scenario.h"

struct lab_seen;

struct lab_birth {
	uint64_t id;
	enum nsl_type type;
};

/* NULL: out of memory. */
struct lab_seen *lab_seen_new(void);
void lab_seen_free(struct lab_seen *seen);

/* Whose calls and births count. */
void lab_seen_task(struct lab_seen *seen, uint32_t tid);
/* A step begins: what the last one brought is forgotten, deaths are not. */
void lab_seen_begin(struct lab_seen *seen);
/* It is over: deaths from here on are those of the next. */
void lab_seen_end(struct lab_seen *seen);

/* For the model and the graph. */
struct nsm_sink lab_seen_model(struct lab_seen *seen);
struct nsg_sink lab_seen_graph(struct lab_seen *seen);
/* Before an event goes to the graph: births are made by the task that it names. */
void lab_seen_event(struct lab_seen *seen, const struct nsl_head *event);

/* The last call of a task in this step; NSL_SYS_NONE: of any kind. NULL: none was seen. */
const struct nsm_call *lab_seen_call(const struct lab_seen *seen, uint32_t tid,
				     enum nsl_syscall syscall);
/* All of this step, in their order. */
const struct nsm_call *lab_seen_calls(const struct lab_seen *seen, size_t *n);
const struct lab_birth *lab_seen_births(const struct lab_seen *seen, size_t *n);
/* At any time; and since the end of the step before this one. */
bool lab_seen_died(const struct lab_seen *seen, uint64_t ns);
bool lab_seen_died_now(const struct lab_seen *seen, uint64_t ns);
/* Out of memory, or events were lost: what was not seen may have happened. */
bool lab_seen_gap(const struct lab_seen *seen);

#endif
