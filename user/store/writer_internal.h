/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the recorder share with each other and with nobody else. */
#ifndef NSLENS_STORE_WRITER_INTERNAL_H
#define NSLENS_STORE_WRITER_INTERNAL_H

#include <pthread.h>
#include <sys/types.h>

#include "writer.h"

/* Rows of a keyframe go together into parts of this size: a reader needs no more at once. */
#define KEYFRAME_PART (128u << 10)

enum statement {
	PUT_EVENT,
	PUT_KEYFRAME,
	PUT_PART,
	PUT_GAP,
	PUT_CALL,
	PUT_STEP,
	PUT_MILESTONE,
	PUT_NAMESPACE,
	PUT_BIRTH,
	PUT_DEATH,
	STATEMENTS,
};

struct saving {
	pthread_t thread;
	bool running; /* from the point of view of the recorder */
	bool done;    /* set by the thread, under the lock */
	int rc;
	char text[200];
	char *from, *to;
	struct store_meta end;
	pthread_mutex_t lock;
};

struct store_writer {
	char *path;
	int lock_fd;	/* flock: one recorder at a time */
	bool made;	/* the file was not there before */
	bool abandoned; /* no recording: the file goes */
	dev_t dev;
	ino_t ino;
	sqlite3 *db;
	struct checkpoint *checkpoint;
	int wal_pages, wal_most; /* when the thread, and when the recorder itself sees to it */
	int wal_seen;		 /* pages of it when the thread was asked last */
	sqlite3_stmt *put[STATEMENTS];
	struct store_options options;
	const struct nsg *graph; /* for keyframes, or NULL */
	struct store_counts counts;
	struct nsm *model;
	unsigned int kernel; /* of the traced machine: explanations depend on it */
	uint64_t seq;	     /* of the next event */
	uint64_t ts;	     /* the latest so far */

	bool open;		     /* a transaction is */
	uint64_t opened;	     /* when */
	uint64_t oldest;	     /* time of its first event */
	uint64_t in_it, bytes_in_it; /* events */
	uint64_t dropped;	     /* by a full disk, and not yet told */
	uint64_t last_look;	     /* at the file's name */
	struct nsl_error error;
	bool failed;

	/* since the last keyframe */
	uint64_t since_events, since_bytes, since_ts;
	uint64_t keyframe_bytes; /* of the last one */
	int64_t next_part;
	char *part;
	size_t part_len;

	struct saving saving;
};

uint64_t store_now(void);

/* writer.c: begins a transaction where none is open */
void writer_begin(struct store_writer *w);
/* Runs a prepared statement whose values are bound; keeps its error. */
void writer_run(struct store_writer *w, enum statement s);
/* Keeps the first error: `what` was tried. */
void writer_fail(struct store_writer *w, int rc, const char *what);

/* writer_file.c: made or emptied, and locked */
int writer_take_file(struct store_writer *w, struct nsl_error *e);

/* writer_rows.c: what the model says */
void writer_call(void *ctx, const struct nsm_call *call);
void writer_milestone(void *ctx, const struct nsm_milestone *milestone);
void writer_lost(void *ctx, const struct nsm_lost *lost);
/* Printable ASCII; everything else is shown as \xNN. Returns its length. */
size_t store_plain_text(char *to, size_t size, const char *text);

/* ring.c */
void ring_trim(struct store_writer *w);
void ring_reserve(struct store_writer *w); /* room for when the disk is full */
void ring_unreserve(struct store_writer *w);
bool ring_make_room(struct store_writer *w); /* half of it goes; false: nothing can */

#endif
