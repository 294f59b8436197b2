/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recorder: events in, a recording out.
 *
 *	store_create     make the file; a file of somebody else is never touched
 *	store_describe   once it is known how things are learnt, and the graph is there: a thread
 *	                 that waits for the disk is started, with what privileges are left then
 *	store_event      one event of the live graph, before the graph has it
 *	store_born, store_died, store_known   what the graph says of namespaces
 *	store_tick       now and then, at least every 25 ms: commits, trims a ring
 *	store_close      one plain file
 *
 * What happened STORE_COMMIT_MS before a tick is in the file after it. Errors are kept: after
 * the first one nothing more is written, and store_tick() tells it.
 */
#ifndef NSLENS_STORE_WRITER_H
#define NSLENS_STORE_WRITER_H

#include "../model/error.h"
#include "../model/graph.h"
#include "meta.h"

#define STORE_COMMIT_MS 20 /* by the clock of the events */

struct store_options {
	uint64_t ring_bytes; /* keep about so much at most; 0: all */
	uint64_t ring_ns;    /* keep at least so much time; 0: all */
	bool replace;	     /* an older recording of that name may go */
	/* every call, once it is known; may be NULL. It must not call the writer */
	void (*call)(void *ctx, const struct nsm_call *call);
	void *ctx;
};

struct store_counts {
	uint64_t events, calls, lost;
	uint64_t keyframes, commits;
	uint64_t dropped; /* events that a full disk took, and that were told (ring only) */
	uint64_t longest_commit_ns;
	uint64_t last_committed; /* time of the last event that is in the file */
};

struct store_writer;

/* Is it a file that a recorder has made, whole or not? */
bool store_is_recording(const char *path);

/* NULL with `e` filled: it exists, is not ours, is being written, cannot be made … */
struct store_writer *store_create(const char *path, const struct store_meta *meta,
				  const struct store_options *o, struct nsl_error *e);

/*
 * Replaces what store_create() was told. `graph` is what keyframes are made of, from now
 * on; NULL: none are made any more.
 */
void store_describe(struct store_writer *w, const struct store_meta *meta);
void store_set_graph(struct store_writer *w, const struct nsg *graph);

void store_event(struct store_writer *w, const struct nsl_head *event);

void store_known(struct store_writer *w, const struct nsg_ns *ns);
void store_born(struct store_writer *w, const struct nsg_ns *ns);
void store_died(struct store_writer *w, const struct nsg_ns *ns, const struct nsg_cause *cause,
		uint64_t ts);

/* -1 with `e` filled after an error that ends the recording. */
int store_tick(struct store_writer *w, struct nsl_error *e);

/* Writes all there is to the file at once. */
int store_commit(struct store_writer *w, struct nsl_error *e);

/*
 * Copies what is in the file to `path`, in a thread; `meta` is what the copy says
 * of its end. Asked again while one is running, it returns 1 and does nothing.
 */
int store_save(struct store_writer *w, const char *path, const struct store_meta *end,
	       struct nsl_error *e);
/* Has a copy just been finished? 1: yes; -1: it failed, with `e` filled; 0: no. */
int store_saved(struct store_writer *w, bool wait, struct nsl_error *e);

void store_counts(const struct store_writer *w, struct store_counts *counts);

/*
 * Commits, makes one plain file of it, frees everything. `end` may be NULL: nothing
 * is known. `counts` may be NULL. -1 with `e` filled where something of it is lost or not as it
 * should be.
 */
int store_close(struct store_writer *w, const struct store_meta *end, struct store_counts *counts,
		struct nsl_error *e);
/* Nothing came of it: the file goes, which would only be in the way of the next one. */
void store_abandon(struct store_writer *w);

#endif
