/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ladder: for every row of the hook table the best mechanism that this
 * kernel accepts, found by trying. Each fentry/fexit candidate is loaded by
 * itself, as a program of a few instructions that reads the same arguments.
 */
#ifndef NSLENS_LADDER_H
#define NSLENS_LADDER_H

#include "../model/error.h"
#include "hooks.h"
#include "kfuncs.h"
#include "machine.h"

enum hooks_mode { HOOKS_AUTO, HOOKS_FENTRY, HOOKS_KPROBE, HOOKS_TRACEPOINT };

#define MAX_HOOKS 128

struct choice {
	enum mechanism mechanism;
	uint32_t btf_id;    /* fentry: of the function in vmlinux BTF */
	const char *symbol; /* kprobe: what to attach to */
	char suffixed[96];  /* room for a compiler-made name such as f.isra.0 */
	bool untrusted;	    /* attached under such a name: arguments may have moved */
	char why[96];	    /* why not something better, or "" */
};

struct ladder {
	struct choice choice[MAX_HOOKS]; /* by row of hooks[] */
	bool functions;	     /* system calls are seen by function hooks, else by tracepoints */
	bool climbed_fentry; /* functions were looked up in BTF */
	uint32_t kfuncs[NSL_KFUNCS]; /* ids in vmlinux BTF; 0: not in this kernel */
	char no_fentry[96];  /* why this machine has no fentry at all, or "" */
};

/*
 * Returns 0, or -1 with `e` filled when nothing can be traced in this mode. A
 * `thorough` climb tries every fentry candidate by itself. The quick one tries the
 * first, which tells whether the machine permits any, and takes the others on
 * trust: if the kernel then refuses the whole, climb again, thoroughly.
 */
int ladder_climb(struct ladder *l, const struct machine *m, enum hooks_mode mode, bool thorough,
		 struct nsl_error *e);

/* The kernel has all functions that programs would call. */
bool ladder_has_kfuncs(const struct ladder *l);

/*
 * Finds in `kallsyms` (text as of /proc/kallsyms) the symbol `function`, or else
 * the first made from it by the compiler (function.isra.0, .constprop.0, .part.0
 * excluded: a part is not the whole). Writes its name; false when there is none.
 */
bool ladder_find_symbol(const char *kallsyms, const char *function, char *name, size_t size);

#endif
