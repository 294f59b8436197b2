/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The post-mortem of a start-up in sentences: where its time went, why it failed, and
 * what slow ones have in common. Pure. All texts may quote hostile text as it is.
 */
#ifndef NSLENS_EXPLAIN_REPORT_H
#define NSLENS_EXPLAIN_REPORT_H

#include "../model/startup.h"
#include "explain.h"

#define NSE_REPORT_LEN 1024

/* All write at most `size` bytes with the NUL and return `buf`. */

/* "runc started nginx in container web in 165 ms"; no full stop. */
const char *nse_startup_headline(const struct nsu_startup *s, char *buf, size_t size);
/* One or two sentences: what took the time, or why it failed. */
const char *nse_startup_verdict(const struct nsu_startup *s, nse_kernel kernel, char *buf,
				size_t size);
/* What happened in a stage, in a few words; may be empty. */
const char *nse_stage_note(const struct nsu_startup *s, size_t stage, char *buf, size_t size);
/* Why a call failed, and whether it mattered. */
const char *nse_startup_failure(const struct nsu_startup *s, const struct nsu_call *call,
				nse_kernel kernel, char *buf, size_t size);

/* "0.48 ms": as everywhere in these sentences. */
const char *nse_time(uint64_t ns, char buf[32]);

/* ---- many start-ups ---- */

struct nse_report_row {
	enum nsu_runtime runtime;
	enum nsu_frame frame;
	size_t n, running, failed, unfinished, doubtful;
	uint64_t p50, p90, p99, max; /* of those that run */
};

/* A row for each runtime, the most frequent first; the caller frees it. NULL: out of memory. */
struct nse_report_row *nse_report_rows(const struct nsu_startup *const *list, size_t n,
				       size_t *nrows);

/*
 * What the slow ones (at least twice the median of their runtime) have that
 * the others have not: the stage that grew, the same call, step function, errno or type.
 * False: there are no slow ones, or too few to say anything.
 */
bool nse_report_common(const struct nsu_startup *const *list, size_t n, char *buf, size_t size);

#endif
