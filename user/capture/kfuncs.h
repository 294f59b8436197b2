/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel functions that programs call, where this kernel has them: bpf/kfuncs.h. */
#ifndef NSLENS_KFUNCS_USER_H
#define NSLENS_KFUNCS_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/kfuncs.h"

struct bpf_program;

/* Their names in the kernel's BTF, by enum nsl_kfunc. */
extern const char *const kfunc_names[NSL_KFUNCS];

/*
 * Puts the kernel's functions into a program that is not loaded yet, for the calls that stand
 * for them; `ids` are theirs in the kernel's BTF, by enum nsl_kfunc. 0 or a negative errno.
 */
int kfuncs_link(struct bpf_program *prog, const uint32_t ids[NSL_KFUNCS]);

#endif
