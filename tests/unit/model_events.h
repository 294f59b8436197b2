/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events for tests of the model, and a sink that writes what comes out as text:
 * one line a call, one a step, one a changed slot, one a namespace event.
 *
 * Objects: namespace of type T in the parent is 10 + T; 100 + T is a new one.
 * Time goes on by 10 with each event, from 1000.
 */
#ifndef NSLENS_MODEL_EVENTS_H
#define NSLENS_MODEL_EVENTS_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/model/model.h"

#define OLD(type)   (10u + (type))
#define NEW(type)   (100u + (type))
#define OLD_NSPROXY 1
#define NEW_NSPROXY 2

struct bench {
	struct nsm *m;
	char text[16384];
	size_t len;
	bool steps; /* write them */
	uint64_t ts, lost, cgroup;
	uint32_t pid, tid;
	int err; /* of the last nsm_feed() */
	struct nsm_call last;
};

__attribute__((format(printf, 2, 3))) static inline void out(struct bench *b, const char *format,
							     ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(b->text + b->len, sizeof(b->text) - b->len, format, ap);
	va_end(ap);
	b->len += (size_t)n;
	if (b->len >= sizeof(b->text))
		b->len = sizeof(b->text) - 1;
}

static inline void out_step(struct bench *b, const struct nsm_step *s)
{
	out(b, "%*s%s %s", 2 + 2 * s->depth, "", nsm_fn_name(s->fn), nsm_outcome_name(s->outcome));
	if (s->err)
		out(b, " %s", nsm_errno_name(s->err) ? nsm_errno_name(s->err) : "?");
	if (s->duration != NSM_DURATION_UNKNOWN)
		out(b, " %lldns", (long long)s->duration);
	if (s->ns.obj)
		out(b, " ns=%llu", (unsigned long long)s->ns.obj);
	if (s->nsproxy)
		out(b, " p=%llu", (unsigned long long)s->nsproxy);
	out(b, "%s%s\n", s->inferred ? " inferred" : "", s->unborn ? " unborn" : "");
}

static inline void on_call(void *ctx, const struct nsm_call *c)
{
	struct bench *b = ctx;

	b->last = *c;
	out(b, "%llu %s tid %u", (unsigned long long)c->number, nsm_syscall_name(c->syscall),
	    c->tid);
	if (c->duration != NSM_DURATION_UNKNOWN)
		out(b, " %lldns", (long long)c->duration);
	if (c->err)
		out(b, " %s", nsm_errno_name(c->err) ? nsm_errno_name(c->err) : "?");
	else if (c->end_seen)
		out(b, " = %lld", (long long)c->ret);
	if (c->child)
		out(b, " child %u (%u)", c->child, c->child_ns_pid);
	out(b, "%s%s%s%s%s\n", c->begin_seen ? "" : " no-begin", c->end_seen ? "" : " no-end",
	    c->died ? " died" : "", c->gap ? " gap" : "", c->has_views ? "" : " no-views");
	for (size_t i = 0; b->steps && i < c->nsteps; i++)
		out_step(b, &c->steps[i]);
	for (size_t i = 0; i < c->nslots; i++)
		out(b, "  [%s %llu -> %llu %s]\n", nsm_slot_name(c->slots[i].slot),
		    (unsigned long long)c->slots[i].before.obj,
		    (unsigned long long)c->slots[i].after.obj, nsm_how_name(c->slots[i].how));
}

static inline void on_ns(void *ctx, const struct nsm_ns_event *ns)
{
	out(ctx, "ns %s %s %llu", ns->destroyed ? "destroyed" : "created", nsm_type_name(ns->type),
	    (unsigned long long)ns->ns.obj);
	if (ns->owner.obj)
		out(ctx, " owner %llu", (unsigned long long)ns->owner.obj);
	if (ns->by_pid)
		out(ctx, " by %u %s", ns->by_pid, ns->by_comm);
	out(ctx, "\n");
}

static inline void on_task(void *ctx, const struct nsm_task_event *t)
{
	static const char *const names[] = {"new", "exec", "exit"};

	out(ctx, "task %s %u\n", names[t->event], t->tid);
}

static inline void on_lost(void *ctx, const struct nsm_lost *l)
{
	out(ctx, "lost %llu %s\n", (unsigned long long)l->count, nsm_hook_name(l->hook));
}

static inline struct bench *bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct nsm_sink sink = {
		.ctx = b, .call = on_call, .ns = on_ns, .task = on_task, .lost = on_lost};

	if (!b)
		abort();
	b->m = nsm_new(&sink);
	if (!b->m)
		abort();
	b->ts = 1000;
	b->pid = b->tid = 50;
	b->cgroup = 7;
	b->steps = true;
	return b;
}

static inline void bench_free(struct bench *b)
{
	nsm_free(b->m);
	free(b);
}

static inline void feed(struct bench *b, void *event, size_t size, enum nsl_kind kind)
{
	struct nsl_head *h = event;

	h->size = (uint16_t)size;
	h->version = NSL_EVENT_VERSION;
	h->kind = (uint8_t)kind;
	h->ts = b->ts;
	h->lost = b->lost;
	h->cgroup = b->cgroup;
	h->pid = b->pid;
	h->tid = b->tid;
	memcpy(h->comm, "test", 5);
	b->ts += 10;
	b->err = nsm_feed(b->m, h);
}

static inline struct nsl_ref ref(uint64_t obj)
{
	return (struct nsl_ref){.obj = obj, .inum = (uint32_t)obj};
}

static inline struct nsl_view old_view(void)
{
	struct nsl_view v = {.nsproxy = OLD_NSPROXY, .ns_pid = 50, .ns_tid = 50};

	for (int i = 0; i < NSL_SLOTS; i++)
		v.slot[i] = ref(OLD(nsm_slot_type((enum nsl_slot)i)));
	return v;
}

/* What unshare() with these flags leaves behind. */
static inline struct nsl_view unshared_view(uint64_t flags)
{
	struct nsl_view v = old_view();

	v.nsproxy = NEW_NSPROXY;
	for (int i = 0; i < NSL_SLOTS; i++) {
		enum nsl_type type = nsm_slot_type((enum nsl_slot)i);

		if ((flags & nsm_type_bit(type)) && i != NSL_SLOT_TIME && i != NSL_SLOT_PID_ACTIVE)
			v.slot[i] = ref(NEW(type));
	}
	return v;
}

static inline struct nsl_view child_view(uint64_t flags)
{
	struct nsl_view v = unshared_view(flags);

	v.slot[NSL_SLOT_TIME] = v.slot[NSL_SLOT_TIME_FOR_CHILDREN];
	v.slot[NSL_SLOT_PID_ACTIVE] = v.slot[NSL_SLOT_PID_FOR_CHILDREN];
	v.ns_pid = v.ns_tid = 1;
	return v;
}

static inline void begin(struct bench *b, enum nsl_syscall syscall, uint64_t flags)
{
	struct nsl_call_begin e = {.syscall = (uint8_t)syscall,
				   .raw_flags = flags,
				   .new_flags = flags,
				   .target_type = NSL_TYPE_UNKNOWN,
				   .before = old_view()};

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
}

static inline void begin_setns(struct bench *b, enum nsl_target kind, uint64_t flags)
{
	struct nsl_call_begin e = {.syscall = NSL_SYS_SETNS,
				   .raw_flags = flags,
				   .new_flags = flags,
				   .target_kind = (uint8_t)kind,
				   .fd = 3,
				   .target_type = NSL_UTS,
				   .target = ref(NEW(NSL_UTS)),
				   .target_pid = 77,
				   .before = old_view()};

	feed(b, &e, sizeof(e), NSL_EV_CALL_BEGIN);
}

static inline void end(struct bench *b, enum nsl_syscall syscall, uint64_t flags, int64_t ret,
		       struct nsl_view after)
{
	struct nsl_call_end e = {.syscall = (uint8_t)syscall,
				 .raw_flags = flags,
				 .new_flags = flags,
				 .ret = ret,
				 .after = after};

	feed(b, &e, sizeof(e), NSL_EV_CALL_END);
}

static inline void step_begin(struct bench *b, enum nsl_fn fn)
{
	struct nsl_step e = {.fn = (uint16_t)fn};

	feed(b, &e, sizeof(e), NSL_EV_STEP_BEGIN);
}

static inline void step(struct bench *b, enum nsl_fn fn, int64_t ret, uint64_t nsproxy)
{
	struct nsl_step e = {.fn = (uint16_t)fn, .ret = ret, .nsproxy = nsproxy};

	feed(b, &e, sizeof(e), NSL_EV_STEP);
}

static inline void step_ns(struct bench *b, enum nsl_fn fn, int64_t ret, uint64_t ns,
			   uint64_t flags)
{
	struct nsl_step e = {.fn = (uint16_t)fn, .ret = ret, .ns = ref(ns), .new_flags = flags};

	if (ns >= NEW(0))
		e.owner = ref(OLD(NSL_USER));
	feed(b, &e, sizeof(e), NSL_EV_STEP);
}

/* create_new_namespaces() up to its end, or up to the copy that fails with `err`. */
static inline void create(struct bench *b, uint64_t flags, enum nsl_fn fails, int err)
{
	step_begin(b, NSL_FN_create_new_namespaces);
	for (int type = 0; type <= NSL_TIME; type++) {
		enum nsl_fn fn = (enum nsl_fn)(NSL_FN_copy_mnt_ns + type);
		bool made = flags & nsm_type_bit((enum nsl_type)type);

		if (fn == fails) {
			step_ns(b, fn, -err, 0, flags);
			step(b, NSL_FN_create_new_namespaces, -err, 0);
			return;
		}
		step_ns(b, fn, 0, made ? NEW(type) : OLD(type), flags);
	}
	step(b, NSL_FN_create_new_namespaces, 0, NEW_NSPROXY);
}

static inline void task(struct bench *b, enum nsl_task_event event, uint32_t tid,
			struct nsl_view view)
{
	struct nsl_task e = {.event = (uint8_t)event, .pid = tid, .tid = tid, .view = view};

	feed(b, &e, sizeof(e), NSL_EV_TASK);
}

static inline void become(struct bench *b, uint32_t tid)
{
	b->pid = b->tid = tid;
}

#endif
