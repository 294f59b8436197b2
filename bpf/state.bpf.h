/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs keep: knobs set by user space, the ring, the calls that are
 * open, and counters. No policy beyond the filters.
 */
#ifndef NSLENS_STATE_BPF_H
#define NSLENS_STATE_BPF_H

#include "event.h"
#include "unpreempted.bpf.h"

#define MAX_OPEN_CALLS 2048
#define MAX_TREE       65536
#define MAX_NAMESPACES 8192
#define FORK_SHARDS    64
#define MAX_DYING      16384
#define MAX_SEEN       65536
#define MAX_DRAFTS     1024
#define MAX_PROGRAMS   64

/* Knobs. const volatile: the verifier removes what is off. */
const volatile bool filter_tree;     /* only processes in `tree` */
const volatile bool filter_comm;     /* only tasks named want_comm */
const volatile bool filter_cgroup;   /* only tasks below want_cgroup */
const volatile bool keep_tree;	     /* `tree` is kept, as a filter or for milestones alone */
const volatile bool follow_programs; /* initial tasks that run one of `programs` join `tree` */
const volatile bool want_milestones;
const volatile bool want_exits;	    /* every exit, not only those that free an nsproxy */
const volatile bool want_graph;	    /* whatever changes the graph, from anybody */
const volatile bool sees_functions; /* function hooks are attached: tracepoints tell less */
const volatile __u64 want_types;    /* CLONE_NEW* that are asked for; 0: all */
const volatile char want_comm[NSL_COMM_LEN];
const volatile __u64 want_cgroup;      /* kernfs id of a cgroup */
const volatile int cgroup_subsys = -1; /* -1: default hierarchy, else index of a v1 controller */
const volatile __u32 own_pid;	       /* the tracer: never traced */
const volatile __u64 wake_bytes;       /* wake the consumer when this much waits */

/* 0 until everything is attached, and again before the programs are detached. */
bool enabled;
/* Found by find_init(): the nsproxy and user namespace of swapper (init_task). */
__u64 init_nsproxy_addr;
__u64 init_user_addr;
struct nsl_view init_view;

/* Calls between their entry and their return, over all tasks. */
__u64 nr_open;

__u64 lost_total;
__u64 lost_by_hook[NSL_HOOKS];
/* Forks and threads that sent nothing. Sharded: one line each, no sharing between CPUs. */
__u64 forks[FORK_SHARDS][8];

/* Calls that began outside the followed process tree. */
__u64 others;

/* Maps are preallocated: allocating inside a tracing program can deadlock before 6.1. */
struct open_call {
	__u64 new_flags;    /* CLONE_NEW* of the system call */
	__u64 create_flags; /* flags argument of create_new_namespaces() */
	__u64 raw_flags;
	__u64 uargs; /* clone3 through a tracepoint: its argument, if it could not be read on entry
		      */
	__u64 creds; /* create_user_ns() through a kprobe: its argument, for the return */
	struct nsl_ref target;
	__u8 syscall;
	__u8 compat;
	__u8 target_type;
	__u8 zero[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_OPEN_CALLS);
	__type(key, __u32); /* tid */
	__type(value, struct open_call);
} open_calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_TREE);
	__type(key, __u32); /* tgid */
	__type(value, struct tree_member);
} tree SEC(".maps");

/* Of the tree of a command whose neighbours are told of, too. */
static __always_inline bool of_command(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct tree_member *member =
		keep_tree && !filter_tree ? bpf_map_lookup_elem(&tree, &tgid) : NULL;

	return member && member->why == TREE_FOLLOWED;
}

/* Names of programs that start containers: comm as bpf_get_current_comm() fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PROGRAMS);
	__type(key, char[NSL_COMM_LEN]);
	__type(value, __u8);
} programs SEC(".maps");

/* Inode numbers of living namespaces: proc_free_inum() frees those of /proc entries too. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_NAMESPACES);
	__type(key, __u32);
	__type(value, __u8);
} inums SEC(".maps");

/* Tasks that exit and whose last trace is to be told: their tid and start. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DYING);
	__type(key, __u32);
	__type(value, __u64);
} dying SEC(".maps");

/* What the snapshot of this number has a row for: nsproxies and namespaces by address. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_SEEN);
	__type(key, __u64);
	__type(value, __u32);
} seen SEC(".maps");
__u32 snapshot_number;

/* Descriptors of nslens' own that name namespaces to be told: see tell_descriptors(). */
__s32 asked[MAX_ASKED];
__u32 nr_asked;

static __always_inline void count_loss(enum nsl_hook hook)
{
	__sync_fetch_and_add(&lost_total, 1);
	__sync_fetch_and_add(&lost_by_hook[hook], 1);
}

#endif
