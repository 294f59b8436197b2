/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of a flight recorder: FILE.ring is written, FILE, FILE.1 ... are what was saved. */
#ifndef NSLENS_RECORD_SAVE_H
#define NSLENS_RECORD_SAVE_H

#include "../store/writer.h"

struct record_save {
	const char *output;
	char *file;	   /* what the recorder writes: output, or output.ring */
	char *fresh;	   /* a copy until it takes the name of the output */
	unsigned int keep; /* 0: there is no ring */
	uint64_t last;	   /* when the last one was saved by itself */
};

/*
 * A ring that an earlier recorder left (it may have been killed) is kept as
 * FILE.ring.before. -1 with `e` filled.
 */
int record_save_init(struct record_save *s, const char *output, unsigned int keep,
		     struct nsl_error *e);
void record_save_free(struct record_save *s);

/* Not again within seconds: what fails often must not keep the disk busy. */
bool record_save_may(const struct record_save *s);

/* 0: it began; 1: another one is still running; -1 with `e` filled. */
int record_save_start(struct record_save *s, struct store_writer *w, const struct store_meta *end,
		      struct nsl_error *e);

/* Gives a copy that is whole its name, and tells on standard error what has been saved. */
void record_save_look(struct record_save *s, struct store_writer *w, bool wait);

#endif
