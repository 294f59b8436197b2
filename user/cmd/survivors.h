/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks of CMD's process tree that live on when CMD has ended. */
#ifndef NSLENS_SURVIVORS_H
#define NSLENS_SURVIVORS_H

#include <stddef.h>

#include "../capture/capture.h"

#define MAX_SURVIVORS 32

struct survivors {
	const char *names[MAX_SURVIVORS]; /* "1234 conmon"; hostile text */
	size_t n;
};

void survivors_find(struct survivors *s, const struct capture *c);
void survivors_free(struct survivors *s);

#endif
