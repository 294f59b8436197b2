/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The graph of the running kernel, kept live: attach, snapshot, apply what comes,
 * read anew after a loss. What graph, watch and why have in common.
 */
#ifndef NSLENS_LIVE_H
#define NSLENS_LIVE_H

#include "../capture/capture.h"
#include "../capture/keepers.h"
#include "../model/graph.h"

struct live;

struct live_options {
	enum hooks_mode mode;
	const char *btf;   /* machine_permits() */
	size_t ring_bytes; /* 0: the default */
	bool verbose;
	/* once attached, what else than the graph needs stays (privileges.h); true: all of it */
	unsigned int needs;
	bool stay_privileged;
	bool milestones;
	const char *const *programs; /* capture.h */
	bool keep_tree; /* of processes whose milestones are wanted although they are initial */
	bool keepers;	/* live_keepers() is wanted: after a loss they are read anew, too */
	struct nsg_sink graph; /* births and deaths, once the first snapshot has ended */
	/* every event, before the graph has it; may be NULL */
	capture_fn event;
	/* The graph became wrong, and is right again (`ns`: how long that took). May be NULL. */
	void (*lost)(void *ctx, uint64_t ts, uint64_t count);
	void (*resync)(void *ctx, uint64_t ts, uint64_t ns);
	void *ctx; /* of the three above */
	const volatile sig_atomic_t *stop;
};

/*
 * Attaches, and takes the first snapshot. NULL with `e` filled. `m` and what the
 * options point to must outlive it.
 */
struct live *live_open(const struct live_options *o, const struct machine *m, struct nsl_error *e);
void live_close(struct live *l);

const struct nsg *live_graph(const struct live *l);
struct capture *live_capture(struct live *l);
uint64_t live_snapshot_ns(const struct live *l); /* that the last snapshot took */

/*
 * Waits up to `timeout_ms` for events, applies them, and takes a new snapshot if
 * something was lost. The number of events, or -1 with `e` filled.
 */
int live_poll(struct live *l, int timeout_ms, struct nsl_error *e);

/*
 * Whoever keeps the events has lost `count` of them: at the next poll the graph is read
 * anew, so that it can be had from those that were kept.
 */
void live_lost(struct live *l, uint64_t count);

/* A task calls itself otherwise now (nsg_rename). */
void live_rename(struct live *l, uint32_t tid, const char *comm);

/*
 * Reads descriptors, mounts and sockets (see capture/keepers.h): they are the
 * graph's keepers afterwards, and namespaces that only they hold are in the graph.
 */
int live_keepers(struct live *l, const struct keepers_options *o, struct keepers_report *report,
		 struct nsl_error *e);

/*
 * Compares the graph with fresh snapshots until nothing is in doubt; `snapshots`
 * is how many that took. nsg_differences() has the result. -1 with `e` filled.
 */
int live_verify(struct live *l, unsigned int *snapshots, struct nsl_error *e);

#endif
