/* SPDX-License-Identifier: GPL-2.0-only */
/* Filling and submitting events; losses are counted where they happen. */
#ifndef NSLENS_EMIT_BPF_H
#define NSLENS_EMIT_BPF_H

#include "read.bpf.h"
#include "state.bpf.h"

static __noinline void fill_head(struct nsl_head *h, __u16 size, enum nsl_kind kind,
				 enum nsl_hook hook, __u64 lost)
{
	__u64 id = bpf_get_current_pid_tgid();

	__builtin_memset(h, 0, sizeof(*h));
	h->size = size;
	h->version = NSL_EVENT_VERSION;
	h->kind = kind;
	h->hook = hook;
	h->ts = bpf_ktime_get_ns();
	h->lost = lost;
	h->cgroup = cgroup_id(current_task());
	h->pid = id >> 32;
	h->tid = id;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/*
 * Room for a struct TYPE in the ring, its head filled; NULL when the ring is
 * full, which is counted. A change is reserved after it happened and a death
 * before the object is released, so that ring order is the order of the facts.
 * The losses are read before: what another processor loses while this one is
 * between reserving and filling lies behind this event in the ring, not before it.
 */
#define EMIT_RESERVE(type, kind, hook)                                                             \
	({                                                                                         \
		__u64 __lost = lost_total;                                                         \
		struct type *__e = bpf_ringbuf_reserve(&ring, sizeof(struct type), 0);             \
		if (__e)                                                                           \
			fill_head((void *)__e, sizeof(struct type), kind, hook, __lost);           \
		else                                                                               \
			count_loss(hook);                                                          \
		__e;                                                                               \
	})

/* Waking the consumer costs more than all hooks together: do it when much waits. */
static __always_inline void emit(void *event)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(event, waiting > wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/*
 * Everything after the head, zeroed: fields are then set one by one. Events are
 * aligned to 8 bytes; told so, the compiler needs an eighth of the stores.
 */
#define EMIT_CLEAR(e)                                                                              \
	__builtin_memset(__builtin_assume_aligned((void *)(e) + sizeof(struct nsl_head), 8), 0,    \
			 sizeof(*(e)) - sizeof(struct nsl_head))

#endif
