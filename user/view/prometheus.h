/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a trace as Prometheus's text format has them. */
#ifndef NSLENS_VIEW_PROMETHEUS_H
#define NSLENS_VIEW_PROMETHEUS_H

#include <stdio.h>

#include "view.h"

struct nsv_metrics;

/* NULL: out of memory. What `start` points to is copied. */
struct nsv_metrics *nsv_metrics_new(const struct nsv_start *start);
void nsv_metrics_free(struct nsv_metrics *m);

void nsv_metrics_call(struct nsv_metrics *m, const struct nsm_call *call);
void nsv_metrics_lost(struct nsv_metrics *m, enum nsl_hook hook, uint64_t count);
void nsv_metrics_born(struct nsv_metrics *m, enum nsl_type type);
void nsv_metrics_died(struct nsv_metrics *m, enum nsl_type type);

/* What is known otherwise, at the moment of writing. */
struct nsv_metrics_now {
	uint64_t namespaces[NSL_TYPES];
	uint64_t events, forks;
	uint64_t wall_ns; /* 0: no time */
};

/* 0, or the negative errno of the write that failed. */
int nsv_metrics_write(const struct nsv_metrics *m, FILE *out, const struct nsv_metrics_now *now);

#endif
