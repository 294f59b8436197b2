/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was told, once for all viewers, as frames of Server-Sent Events. Its memory is
 * bounded: the oldest goes. A viewer begins at a keyframe, goes on where it stopped, or,
 * when that is gone, begins anew.
 */
#ifndef NSLENS_WEB_LOG_H
#define NSLENS_WEB_LOG_H

#include "lines.h"

struct web_frame {
	char *text; /* "id: 7\ndata: {…}\n\n" */
	uint32_t len;
	uint8_t kind; /* enum web_line */
};

struct web_log {
	/* what every stream begins with: objects, not frames; NULL: not there yet */
	char *start, *texts;
	struct web_frame *ring;
	size_t size, n, at; /* frames; a power of two, those in use, the oldest one's place */
	uint64_t first;	    /* number of the oldest frame; they count from 1 */
	size_t bytes, max_bytes;
	uint64_t keyframe; /* number of the newest one; 0: none */
	bool full;	   /* something had to go */
	bool wants_keyframe;
	bool failed; /* out of memory: a frame is missing */
};

void web_log_init(struct web_log *log, size_t max_bytes);
void web_log_free(struct web_log *log);
void web_log_add(struct web_log *log, enum web_line kind, const char *json, size_t len);

/* Behind the newest frame. */
uint64_t web_log_end(const struct web_log *log);
/* NULL: gone, or not there yet. */
const struct web_frame *web_log_frame(const struct web_log *log, uint64_t number);
/* Where a viewer begins: the oldest keyframe; with `late` the newest. 0: there is none. */
uint64_t web_log_begin(const struct web_log *log, bool late);

#endif
