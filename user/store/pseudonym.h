/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pseudonyms: the same for the same, different for different, and, without the key that
 * was drawn for the file, not to be traced back. Numbers are permuted within their own
 * kind, so that no two become one.
 */
#ifndef NSLENS_STORE_PSEUDONYM_H
#define NSLENS_STORE_PSEUDONYM_H

#include <stddef.h>
#include <stdint.h>

#define PSEUDONYM_CACHE 1024

/* A pid or inode number that came before: the same few come again and again. */
struct pseudonym_known {
	uint32_t from, to;
};

struct pseudonym {
	uint64_t key[2];
	struct pseudonym_known pids[PSEUDONYM_CACHE], inums[PSEUDONYM_CACHE];
};

/* A key from the kernel's random numbers, or (`text`) one that can be given again. -1: none. */
int pseudonym_init(struct pseudonym *p, const char *text);

/* A keyed hash (SipHash-2-4). */
uint64_t pseudonym_hash(const struct pseudonym *p, const void *bytes, size_t n);

/* 0 stays 0; pid 1 stays, and what was no pid before is none afterwards. */
uint32_t pseudonym_pid(struct pseudonym *p, uint32_t pid);
/* 0, overflow and "no id" stay. */
uint32_t pseudonym_uid(const struct pseudonym *p, uint32_t uid);
/* Of nsfs: those that are the same on every machine stay. */
uint32_t pseudonym_inum(struct pseudonym *p, uint32_t inum);
/* Any other id; 0 and 1 stay. At most 2^53. */
uint64_t pseudonym_id(const struct pseudonym *p, uint64_t id);

/* The name of a task: at most 15 bytes. Those of container runtimes stay. */
void pseudonym_comm(const struct pseudonym *p, const char *comm, size_t n, char to[16]);
/*
 * Words of a path or any other text are replaced one by one; separators, and the words
 * that runtimes, cgroups and file systems have in common everywhere, stay. Cut off to
 * fit. Returns the length.
 */
size_t pseudonym_text(struct pseudonym *p, const char *text, size_t n, char *to, size_t size);

#endif
