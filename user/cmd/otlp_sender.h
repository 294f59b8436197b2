/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sends OTLP/JSON to a collector, over plain HTTP, in a thread of its own. Who gives it
 * something never waits: what does not fit into the queue is dropped, and counted.
 */
#ifndef NSLENS_OTLP_SENDER_H
#define NSLENS_OTLP_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/error.h"

struct otlp_sender;

struct otlp_counts {
	uint64_t sent;	  /* the collector took them */
	uint64_t dropped; /* no room, or it could not be reached, or refused them */
	char why[160];	  /* of the last one that was dropped; hostile text */
};

/* Is it "http://HOST[:PORT][/PATH]"? -1 with `e` filled. */
int otlp_url_check(const char *url, struct nsl_error *e);

/* The port is 4318 and the path /v1/traces unless the URL names others. NULL with `e` filled. */
struct otlp_sender *otlp_sender_start(const char *url, struct nsl_error *e);

/* Takes a copy. */
void otlp_sender_put(struct otlp_sender *s, const char *body, size_t size);

void otlp_sender_counts(struct otlp_sender *s, struct otlp_counts *counts);

/* Gives what is still in the queue at most so long. */
void otlp_sender_stop(struct otlp_sender *s, unsigned int milliseconds, struct otlp_counts *counts);

#endif
