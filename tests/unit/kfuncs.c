// SPDX-License-Identifier: GPL-2.0-only
/* Calls of kernel functions, put into the programs as they are built: nothing is loaded. */
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/event.h"
#include "../../user/capture/kfuncs.h"
#include "nslens.skel.h"
#include "unit.h"

#define CALL_OF_KFUNC 2 /* BPF_PSEUDO_KFUNC_CALL */

static const uint32_t ids[NSL_KFUNCS] = {70001, 70002, 70003, 70004};

/* Which kernel function the instruction stands for before linking; NSL_KFUNCS: none. */
static uint32_t stands_for(const struct bpf_insn *insn)
{
	for (uint32_t i = 0; i < NSL_KFUNCS; i++)
		if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		    insn->imm == (int32_t)(NSL_KFUNC_FIRST + i))
			return i;
	return NSL_KFUNCS;
}

/* Counts the calls of each function before, and whether each instruction is right after. */
static bool linked(struct bpf_program *prog, size_t calls[NSL_KFUNCS])
{
	size_t n = bpf_program__insn_cnt(prog);
	struct bpf_insn *before = malloc(n * sizeof(*before));
	const struct bpf_insn *after;
	bool good;

	if (!before)
		return false;
	memcpy(before, bpf_program__insns(prog), n * sizeof(*before));
	good = !kfuncs_link(prog, ids) && bpf_program__insn_cnt(prog) == n;
	after = bpf_program__insns(prog);
	for (size_t i = 0; i < n && good; i++) {
		uint32_t kfunc = stands_for(&before[i]);

		if (kfunc < NSL_KFUNCS) {
			calls[kfunc]++;
			before[i].src_reg = CALL_OF_KFUNC;
			before[i].imm = (int32_t)ids[kfunc];
		}
		/* every other instruction is as it was: helpers, too, are calls */
		good = !memcmp(&before[i], &after[i], sizeof(after[i]));
	}
	free(before);
	return good;
}

static void linking(void)
{
	struct nslens_bpf *skel = nslens_bpf__open();
	size_t calls[NSL_KFUNCS] = {0};
	struct bpf_program *prog;

	CHECK(skel);
	bpf_object__for_each_program(prog, skel->obj) CHECK(linked(prog, calls));
	/* all four are called */
	for (size_t i = 0; i < NSL_KFUNCS; i++)
		CHECK(calls[i]);
	nslens_bpf__destroy(skel);
}

int main(void)
{
	RUN(linking);
	return unit_end();
}
