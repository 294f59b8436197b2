/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what every style has, and the three styles. */
#ifndef NSLENS_VIEW_STYLE_H
#define NSLENS_VIEW_STYLE_H

#include "buf.h"
#include "view.h"

#define NSV_ERRNOS                                                                                 \
	((int)(sizeof(((struct nsm_counts *)0)->by_errno[0]) /                                     \
	       sizeof(((struct nsm_counts *)0)->by_errno[0][0])))
#define NSV_SEEN 4096 /* nsproxies remembered, a power of two */

struct nsv {
	FILE *out;
	struct nsv_options options;
	const struct nsv_style_ops *ops;
	struct nsv_buf buf; /* the block that is being put together */
	int err;	    /* errno of the first write that failed */
	bool utf8;
	bool steps;
	bool lines_open; /* lines of events stand after the last block of the story */
	nse_kernel kernel;
	uint64_t mono_ns;
	uint32_t initial[NSL_TYPES];
	/* a run of capbset_drop of one task, which is told as one: a runtime drops dozens */
	struct nsm_milestone held;
	unsigned int nheld;
	/*
	 * nsproxies that calls shown here made: execs inside them are told. A cache
	 * indexed by the low bits of the id: ids are numbered in order of sight, so
	 * it forgets the oldest, and never grows.
	 */
	uint64_t made[NSV_SEEN];
};

struct nsv_style_ops {
	void (*start)(struct nsv *v, const struct nsv_start *start);
	void (*call)(struct nsv *v, const struct nsm_call *call);
	void (*ns)(struct nsv *v, const struct nsm_ns_event *ns);
	void (*task)(struct nsv *v, const struct nsm_task_event *task);
	void (*lost)(struct nsv *v, const struct nsm_lost *lost);
	void (*milestone)(struct nsv *v, const struct nsm_milestone *milestone);
	void (*end)(struct nsv *v, const struct nsv_end *end);
};

extern const struct nsv_style_ops nsv_story_ops, nsv_brief_ops, nsv_json_ops;

/* Nanoseconds since the start; negative for what began before it. */
int64_t nsv_since_start(const struct nsv *v, uint64_t ts);

/*
 * Writes what stands in the buffer, and empties it. One write for each block: a
 * reader never sees half a line of a block that is complete.
 */
void nsv_write_block(struct nsv *v);

/* Head and summary, which story and brief share (summary.c). */
void nsv_put_start(struct nsv *v, const struct nsv_start *start);
void nsv_put_end(struct nsv *v, const struct nsv_end *end);
/* Parts lines of events from a block that follows. */
void nsv_close_lines(struct nsv *v);
void nsv_put_lost(struct nsv *v, const struct nsm_lost *lost);

/* A line of the story, or, without `indent`, one that is never wrapped (milestones.c). */
void nsv_put_milestone(struct nsv *v, const struct nsm_milestone *milestone, int indent);

/* A namespace that the kernel had from the start. */
bool nsv_is_initial(const struct nsv *v, enum nsl_type type, uint32_t inum);

#endif
