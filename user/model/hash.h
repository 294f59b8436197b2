/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash, which by itself ends the program without a word where memory does. Here an
 * item that was allocated zeroed and could not be added says so: HASH_HAS(hh, item).
 */
#ifndef NSLENS_HASH_H
#define NSLENS_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define HASH_HAS(handle, item) ((item)->handle.tbl != NULL)

#endif
