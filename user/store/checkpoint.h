/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moves what is in the WAL into the file, beside the recorder: it waits for the disk,
 * so that the recorder does not have to.
 */
#ifndef NSLENS_STORE_CHECKPOINT_H
#define NSLENS_STORE_CHECKPOINT_H

struct checkpoint;

/* NULL: out of memory; the recorder has to do it by itself then. */
struct checkpoint *checkpoint_start(const char *path);
/* It is time. Does not wait. */
void checkpoint_look(struct checkpoint *c);
/* Until it does nothing: the caller moves the rest. */
void checkpoint_wait(struct checkpoint *c);
/* After what is running. `c` may be NULL. */
void checkpoint_stop(struct checkpoint *c);

#endif
