// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel side of nslens: one CO-RE object.
 *
 *   event.h            what leaves the ring (shared with user space)
 *   state.bpf.h        knobs, maps, counters
 *   read.bpf.h         reading kernel objects on every version
 *   emit.bpf.h         filling and submitting events
 *   calls.bpf.h        system calls, from entry to return
 *   steps.bpf.h        kernel functions inside them
 *   tasks.bpf.h        births, execs, exits
 *   functions.bpf.h    programs: fentry/fexit, kprobe/kretprobe
 *   tracepoints.bpf.h  programs: tracepoints
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "functions.bpf.h"
#include "tracepoints.bpf.h"

char _license[] SEC("license") = "GPL";

#define MAX_ANCESTORS 512

/*
 * Run once, before anything is attached: from the reading task up to swapper
 * (pid 0, init_task), whose nsproxy and user namespace are the initial ones.
 * This holds inside a container too.
 */
SEC("iter/task") int find_init(struct bpf_iter__task *ctx)
{
	struct task_struct *task = current_task();

	if (init_nsproxy_addr)
		return 0;
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		if (!BPF_CORE_READ(task, pid))
			break;
		task = BPF_CORE_READ(task, group_leader, real_parent);
	}
	if (BPF_CORE_READ(task, pid))
		return 0;
	read_view(&init_view, task, BPF_CORE_READ(task, nsproxy));
	init_user_addr = (__u64)user_ns_of(task);
	init_nsproxy_addr = (__u64)BPF_CORE_READ(task, nsproxy);
	return 0;
}
