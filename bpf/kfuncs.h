/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel functions that programs call where the kernel has them. Compiled they are calls of
 * helpers that do not exist; user/capture/kfuncs.c puts in what the running kernel's BTF says.
 * (An extern would have libbpf ask for the kernel's BTF also where there is none.)
 */
#ifndef NSLENS_KFUNCS_H
#define NSLENS_KFUNCS_H

#define NSL_KFUNC_FIRST 0x6e730000 /* no helper's number */

enum nsl_kfunc {
	NSL_KFUNC_PREEMPT_DISABLE,
	NSL_KFUNC_PREEMPT_ENABLE,
	NSL_KFUNC_IRQ_SAVE,
	NSL_KFUNC_IRQ_RESTORE,
	NSL_KFUNCS
};

#endif
