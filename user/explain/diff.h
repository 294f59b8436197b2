/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an alignment of start-ups says, in words. All return `buf`; text in it quotes
 * hostile text as it is. The sides are called A and B.
 */
#ifndef NSLENS_EXPLAIN_DIFF_H
#define NSLENS_EXPLAIN_DIFF_H

#include "../model/align.h"
#include "explain.h"

#define NSE_DIFF_LEN 1600

/* For nsa_new(): is this function, or system call, in that kernel? By the tables. */
bool nse_diff_exists(const struct nsa_item *item, unsigned int kernel);

/* What was done: "unshare mnt,uts", "mount proc at ./proc (nosuid)", "copy_net_ns". */
const char *nse_diff_item(const struct nsa_item *item, char *buf, size_t size);
/* Who did it: "runtime", "stage 1", "payload", or the name of a helper. */
const char *nse_diff_who(const struct nsa_who *who, char *buf, size_t size);

/* What is not the same in a row; "" where the row says all. */
const char *nse_diff_note(const struct nsa *n, const struct nsa_row *row, char *buf, size_t size);

/* The answer in a few sentences: what decides first. */
const char *nse_diff_verdict(const struct nsa *n, char *buf, size_t size);

/* When is something told as slower, and why so? */
const char *nse_diff_limits(const struct nsa *n, char *buf, size_t size);

/* "142 ms", "2.01 s" */
const char *nse_diff_time(uint64_t ns, char *buf, size_t size);

#endif
