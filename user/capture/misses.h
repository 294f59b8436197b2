/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs of our programs that the kernel left out and counts by itself: no event
 * was even tried, so the ring knows nothing of them.
 */
#ifndef NSLENS_MISSES_H
#define NSLENS_MISSES_H

#include <linux/types.h>

/* A program that would have interrupted itself (5.12 and later); 0 where it is not counted. */
__u64 misses_of_program(int prog_fd);

/*
 * A kretprobe whose return slots were all taken, or a kprobe inside a kprobe
 * (told by the link since 6.7); 0 where it is not told, or for other links.
 */
__u64 misses_of_link(int link_fd);

#endif
