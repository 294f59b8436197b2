/* SPDX-License-Identifier: GPL-2.0-only */
/* What the formats of an export share with each other and with nobody else. */
#ifndef NSLENS_VIEW_EXPORT_INTERNAL_H
#define NSLENS_VIEW_EXPORT_INTERNAL_H

#include "../model/hash.h"
#include "buf.h"
#include "export.h"
#include "spans.h"

/* A thread, as the tools draw it. */
struct nsv_track {
	uint32_t tid, pid;
	uint64_t uuid;		     /* of the thread; 1, 2, 3 … */
	uint64_t process;	     /* of its process: of the leader's track */
	uint64_t last_end;	     /* of the last call on it */
	uint64_t flow;		     /* from the call that made it; 0: none was seen */
	bool leads;		     /* it is its process's leader */
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
	UT_hash_handle hh;
};

/* What a format does; members may be NULL. */
struct nsv_format_ops {
	int (*start)(struct nsv_export *x, const struct nsv_start *start);
	/* a track is new, or its name is */
	void (*track)(struct nsv_export *x, const struct nsv_track *t);
	void (*call)(struct nsv_export *x, struct nsv_track *t, const struct nsm_call *call,
		     const struct nsv_span *spans, size_t n);
	void (*task)(struct nsv_export *x, struct nsv_track *t, const struct nsm_task_event *task);
	void (*milestone)(struct nsv_export *x, struct nsv_track *t, const struct nsm_milestone *m);
	void (*lost)(struct nsv_export *x, const struct nsm_lost *lost);
	/* there are `count` namespaces of a type from `ts` on, and were not before */
	void (*count)(struct nsv_export *x, uint64_t ts, enum nsl_type type, uint64_t count);
	void (*end)(struct nsv_export *x, const struct nsv_end *end);
	void (*free)(struct nsv_export *x);
	bool exits; /* all of them, not only those that drop an nsproxy */
};

struct nsv_export {
	const struct nsv_format_ops *ops;
	FILE *out;
	struct nsv_buf buf;
	int err;
	uint64_t mono_ns, wall_ns;
	nse_kernel kernel;
	struct nsv_track *tracks; /* by tid */
	uint64_t last_uuid, last_flow;
	uint64_t counts[NSL_TYPES]; /* of namespaces */
	bool counted;
	void *own; /* of the format */
};

extern const struct nsv_format_ops nsv_perfetto_ops, nsv_chrome_ops, nsv_folded_ops,
	nsv_prometheus_ops;

/* Writes what has gathered in the buffer, now and then. */
void nsv_export_write(struct nsv_export *x, bool all);

/* NULL: nothing was told of it. */
struct nsv_track *nsv_track_find(struct nsv_export *x, uint32_t tid);

/* UTF-8 without control characters. Returns `buf`. */
#define NSV_NAME 256
const char *nsv_name(const char *hostile, char buf[NSV_NAME]);

#endif
