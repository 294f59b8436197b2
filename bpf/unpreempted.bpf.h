/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that are not preempted. A kernel that may preempt a task in the middle of a
 * tracing program does not run this program for other tasks of the processor until that
 * one goes on: what it would have told is lost.
 */
#ifndef NSLENS_UNPREEMPTED_BPF_H
#define NSLENS_UNPREEMPTED_BPF_H

#include "kfuncs.h"

/* The kernel has what is called below: 6.14 and later, with BTF and a JIT. */
const volatile bool can_disable_preemption;

static void (*const kf_preempt_disable)(void) = (void *)(NSL_KFUNC_FIRST +
							 NSL_KFUNC_PREEMPT_DISABLE);
static void (*const kf_preempt_enable)(void) = (void *)(NSL_KFUNC_FIRST + NSL_KFUNC_PREEMPT_ENABLE);
static void (*const kf_irq_save)(unsigned long *flags) = (void *)(NSL_KFUNC_FIRST +
								  NSL_KFUNC_IRQ_SAVE);
static void (*const kf_irq_restore)(unsigned long *flags) = (void *)(NSL_KFUNC_FIRST +
								     NSL_KFUNC_IRQ_RESTORE);

/*
 * Runs a statement that does not leave it in another way. Who should have been preempted
 * meanwhile is when preemption is enabled again, which would be in the program still. With
 * interrupts off it is not: it then waits for the kernel's next look, and the first of these
 * is when the program's own trampoline has let go of it.
 */
#define UNPREEMPTED(...)                                                                           \
	do {                                                                                       \
		unsigned long __irq;                                                               \
                                                                                                   \
		if (can_disable_preemption)                                                        \
			kf_preempt_disable();                                                      \
		__VA_ARGS__;                                                                       \
		if (can_disable_preemption) {                                                      \
			kf_irq_save(&__irq);                                                       \
			kf_preempt_enable();                                                       \
			kf_irq_restore(&__irq);                                                    \
		}                                                                                  \
	} while (0)

/* A program all of which is such a statement; its body follows. */
#define UNPREEMPTED_PROGRAM(section, name)                                                         \
	static __always_inline int in_##name(unsigned long long *ctx);                             \
	SEC(section) int name(unsigned long long *ctx)                                             \
	{                                                                                          \
		UNPREEMPTED(in_##name(ctx));                                                       \
		return 0;                                                                          \
	}                                                                                          \
	static __always_inline int in_##name(unsigned long long *ctx)

#endif
