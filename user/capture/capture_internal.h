/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the live source share with each other and with nobody else. */
#ifndef NSLENS_CAPTURE_INTERNAL_H
#define NSLENS_CAPTURE_INTERNAL_H

#include "capture.h"
#include "cgroup.h"
#include "ids.h"
#include "nslens.skel.h"

#define MAX_LINKS (2 * MAX_HOOKS)

struct capture {
	struct nslens_bpf *skel;
	struct ladder ladder;
	const struct machine *machine;
	struct ring_buffer *ring;
	struct ids *ids;
	struct cgroup_paths *cgroups;
	struct attached {
		struct bpf_link *link;
		const struct bpf_program *prog;
		enum nsl_hook hook;
		bool covered; /* what it misses, another program sees */
	} links[MAX_LINKS];
	size_t nlinks;
	int handlers[2];  /* of libbpf, for sections of our own kind; negative: not registered */
	bool wants_exits; /* of tasks, whatever they do */
	bool wants_frees; /* of what is left of a task when it has been reaped */
	bool keeps_graph;
	bool by_hand; /* no BTF, no iterators: their programs are run by bpf(BPF_PROG_TEST_RUN) */
	bool wants_milestones;
	int stats_fd;
	capture_fn fn;
	void *fn_ctx;
	__u64 seen_lost; /* lost_total when the last event was delivered */
	__u64 told_lost[NSL_HOOKS];
	__u64 missed[NSL_HOOKS];   /* runs that the kernel left out */
	__u64 nameless[NSL_HOOKS]; /* events for which there was no memory here */
	__u64 misses_read;	   /* when they were last asked for */
	int unread;		   /* events delivered since */
	int delivered;
};

/* load.c: chooses, loads and attaches the programs */
int programs_load(struct capture *c, const struct capture_options *options, struct nsl_error *e);

/* snapshot.c: runs a program that is an iterator, or stands in for one, to its end */
int program_run(struct capture *c, struct bpf_program *prog, capture_fn fn, void *ctx,
		struct nsl_error *e);

/* walk.c: a snapshot without iterators */
int walk_snapshot(struct capture *c, capture_fn fn, void *ctx, struct nsl_error *e);

/* release.c: lets the links go without waiting for the kernel */
void links_release(struct capture *c);

/* capture.c: delivers what is in the ring now; returns how many events that was */
int ring_drain(struct capture *c, capture_fn fn, void *ctx);

#endif
