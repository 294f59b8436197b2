// SPDX-License-Identifier: GPL-2.0-only
#include "kfuncs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#define CALL_OF_KFUNC 2 /* BPF_PSEUDO_KFUNC_CALL, 5.13 */

const char *const kfunc_names[NSL_KFUNCS] = {
	[NSL_KFUNC_PREEMPT_DISABLE] = "bpf_preempt_disable",
	[NSL_KFUNC_PREEMPT_ENABLE] = "bpf_preempt_enable",
	[NSL_KFUNC_IRQ_SAVE] = "bpf_local_irq_save",
	[NSL_KFUNC_IRQ_RESTORE] = "bpf_local_irq_restore",
};

/* Which one the instruction stands for; NSL_KFUNCS: none. */
static uint32_t kfunc_of(const struct bpf_insn *insn)
{
	uint32_t n = (uint32_t)insn->imm - NSL_KFUNC_FIRST;

	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg && n < NSL_KFUNCS ? n
										      : NSL_KFUNCS;
}

int kfuncs_link(struct bpf_program *prog, const uint32_t ids[NSL_KFUNCS])
{
	size_t n = bpf_program__insn_cnt(prog);
	struct bpf_insn *insns = malloc(n * sizeof(*insns));
	int err;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	for (size_t i = 0; i < n; i++) {
		uint32_t kfunc = kfunc_of(&insns[i]);

		if (kfunc == NSL_KFUNCS)
			continue;
		insns[i].src_reg = CALL_OF_KFUNC;
		insns[i].imm = (int32_t)ids[kfunc];
	}
	err = bpf_program__set_insns(prog, insns, n);
	free(insns);
	return err;
}
