/* SPDX-License-Identifier: GPL-2.0-only */
/* The two arguments of nslens diff: recordings, and the start-ups in them that are meant. */
#ifndef NSLENS_DIFF_SIDES_H
#define NSLENS_DIFF_SIDES_H

#include <sys/types.h>

#include "../model/error.h"
#include "../store/reader.h"
#include "../view/diff.h"

#define DIFF_FILES 64 /* that are open at once */

struct diff_file {
	char *path;
	struct store_reader *reader;
	struct nsu *starts;
};

struct diff_sides {
	struct diff_file files[DIFF_FILES];
	size_t nfiles;
	uid_t reader; /* whom root has become to read a file of theirs; 0: nobody */
	struct nsa_side side[2];
	const struct nsu_startup *startups[2][NSA_MAX_RUNS];
	struct nsv_diff_run runs[2][NSA_MAX_RUNS];
};

/*
 * Reads what `a` and `b` name, each a side: FILE, FILE#N, FILE#N-M, FILE#NAME, and several of
 * these by commas. A name that is a file is that file, whatever is in it. -1 with `e` filled.
 */
int diff_sides_read(struct diff_sides *s, const char *a, const char *b, struct nsl_error *e);
void diff_sides_free(struct diff_sides *s);

#endif
