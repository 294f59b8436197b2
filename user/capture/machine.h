/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine permits: read once, used by the ladder and told by `doctor`. */
#ifndef NSLENS_MACHINE_H
#define NSLENS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/error.h"

struct machine {
	char release[65];    /* uname -r */
	unsigned int kernel; /* major * 1000 + minor */
	char boot_id[40];
	bool root; /* effective uid 0 */
	bool cap_bpf, cap_perfmon, cap_sys_admin, cap_sys_resource;
	bool btf;	    /* /sys/kernel/btf/vmlinux can be read, and is used */
	char btf_file[256]; /* what is used instead, where it is not: machine_permits(); "": none */
	int kprobe_pmu;	    /* type number for perf_event_open; -1: no kprobes */
	int unprivileged_bpf; /* kernel.unprivileged_bpf_disabled; -1: unknown */
	int perf_paranoid;    /* kernel.perf_event_paranoid; INT_MIN: unknown */
	int jit;	      /* net.core.bpf_jit_enable; -1: unknown */
	bool init_pid_ns;     /* nslens runs in the initial pid namespace */
	bool init_user_ns;
	char lockdown[32]; /* "none", "integrity", "confidentiality" or "unknown" */
	int bpf_errno;	   /* of loading the smallest program; 0: BPF is permitted */
};

void machine_read(struct machine *m);

/*
 * Why nothing at all can be traced here; false with `e` filled when that is so. `btf`: where
 * the types of a kernel without BTF of its own are: a BTF file (raw, or in an ELF file), or a
 * directory that has one named RELEASE.btf. NULL: the usual directory is looked into, if the
 * kernel has none itself.
 */
bool machine_permits(struct machine *m, const char *btf, struct nsl_error *e);

#endif
