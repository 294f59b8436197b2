/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a recorder gives to others while it is at work: metrics in a file for
 * Prometheus's node_exporter, start-ups to an OpenTelemetry collector.
 */
#ifndef NSLENS_RECORD_FEEDS_H
#define NSLENS_RECORD_FEEDS_H

#include "../model/error.h"
#include "../model/graph.h"
#include "../view/view.h"

struct record_feeds;

struct record_feeds_options {
	const char *metrics; /* file, or NULL */
	const char *otlp;    /* URL, or NULL */
};

/* NULL with `e` filled: out of memory, or the file cannot be written. `graph`: as it is now. */
struct record_feeds *record_feeds_new(const struct record_feeds_options *o,
				      const struct nsv_start *start, const struct nsg *graph,
				      struct nsl_error *e);

void record_feeds_event(struct record_feeds *f, const struct nsl_head *event);
void record_feeds_call(struct record_feeds *f, const struct nsm_call *call);
void record_feeds_born(struct record_feeds *f, const struct nsg_ns *ns);
void record_feeds_died(struct record_feeds *f, const struct nsg_ns *ns);

/* Now and then: writes what is due. */
void record_feeds_tick(struct record_feeds *f, const struct nsg *graph, uint64_t forks);

/* Writes and sends the rest, tells on standard error what was lost, and frees it. */
void record_feeds_end(struct record_feeds *f, const struct nsg *graph, uint64_t forks);

#endif
