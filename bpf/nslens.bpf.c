// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel side of nslens: one CO-RE object.
 *
 *   event.h            what leaves the ring (shared with user space)
 *   state.bpf.h        knobs, maps, counters
 *   unpreempted.bpf.h  programs that other tasks do not have to wait for
 *   read.bpf.h         reading kernel objects on every version
 *   emit.bpf.h         filling and submitting events
 *   calls.bpf.h        system calls, from entry to return
 *   steps.bpf.h        kernel functions inside them
 *   tasks.bpf.h        births, execs, exits
 *   graph.bpf.h        what a graph needs beside calls
 *   milestone_drafts.bpf.h     what is known of one that is under way, its texts, its sending
 *   milestones.bpf.h   what a start-up is made of beside namespaces
 *   snapshot.bpf.h     programs: iterators
 *   walk.bpf.h         programs: the same where the kernel has no BTF of its own
 *   functions.bpf.h    programs: fentry/fexit, kprobe/kretprobe
 *   milestone_functions.bpf.h   the same for milestones
 *   tracepoints.bpf.h  programs: tracepoints
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "functions.bpf.h"
#include "milestone_functions.bpf.h"
#include "tracepoints.bpf.h"
#include "snapshot.bpf.h"
#include "walk.bpf.h"

char _license[] SEC("license") = "GPL";
