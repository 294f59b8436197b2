// SPDX-License-Identifier: GPL-2.0-only
/*
 * Perfetto's TrackEvent: a track a process and thread, slices for calls with their steps
 * inside, a flow from the call that makes a task to its birth, counters of namespaces.
 * Field numbers are those of Perfetto's published .proto files.
 */
#include <inttypes.h>
#include <string.h>

#include "export_internal.h"
#include "protobuf.h"

enum { /* field numbers, by message */
       TRACE_PACKET = 1,

       PACKET_CLOCK_SNAPSHOT = 6,
       PACKET_TIMESTAMP = 8,
       PACKET_SEQUENCE_ID = 10,
       PACKET_TRACK_EVENT = 11,
       PACKET_SEQUENCE_FLAGS = 13,
       PACKET_CLOCK_ID = 58,
       PACKET_TRACK_DESCRIPTOR = 60,

       SNAPSHOT_CLOCKS = 1,
       SNAPSHOT_PRIMARY = 2,
       CLOCK_ID = 1,
       CLOCK_TIMESTAMP = 2,

       TRACK_UUID = 1,
       TRACK_NAME = 2,
       TRACK_PROCESS = 3,
       TRACK_THREAD = 4,
       TRACK_PARENT = 5,
       TRACK_COUNTER = 8,
       PROCESS_PID = 1,
       PROCESS_NAME = 6,
       THREAD_PID = 1,
       THREAD_TID = 2,
       THREAD_NAME = 5,

       EVENT_ANNOTATION = 4,
       EVENT_TYPE = 9,
       EVENT_TRACK = 11,
       EVENT_CATEGORY = 22,
       EVENT_NAME = 23,
       EVENT_COUNTER = 30,
       EVENT_FLOW = 47,
       EVENT_FLOW_END = 48,

       ANNOTATION_UINT = 3,
       ANNOTATION_INT = 4,
       ANNOTATION_STRING = 6,
       ANNOTATION_NAME = 10,
};

enum { SLICE_BEGIN = 1, SLICE_END, INSTANT, COUNTER };

#define REALTIME      1 /* clocks, as Perfetto numbers them */
#define MONOTONIC     3
#define SEQUENCE      1
#define STATE_CLEARED 1
#define LOSSES	      UINT64_C(0x6c6f7373)	   /* uuids outside of those of tasks */
#define COUNTERS      UINT64_C(0x6e73636f756e7400) /* and a type */

static size_t packet(struct nsv_export *x, uint64_t ts)
{
	size_t p = nsv_pb_open(&x->buf, TRACE_PACKET);

	nsv_pb_u64(&x->buf, PACKET_TIMESTAMP, ts);
	nsv_pb_u64(&x->buf, PACKET_CLOCK_ID, MONOTONIC);
	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_ID, SEQUENCE);
	return p;
}

/* A packet with an event that is still open: close both. */
struct event {
	size_t packet, event;
};

static struct event event_open(struct nsv_export *x, uint64_t ts, int type, uint64_t track)
{
	struct event e;

	e.packet = packet(x, ts);
	e.event = nsv_pb_open(&x->buf, PACKET_TRACK_EVENT);
	nsv_pb_u64(&x->buf, EVENT_TYPE, (uint64_t)type);
	nsv_pb_u64(&x->buf, EVENT_TRACK, track);
	return e;
}

static void event_close(struct nsv_export *x, struct event e)
{
	nsv_pb_close(&x->buf, e.event);
	nsv_pb_close(&x->buf, e.packet);
}

static void name(struct nsv_export *x, const char *category, const char *text)
{
	nsv_pb_str(&x->buf, EVENT_CATEGORY, category);
	nsv_pb_str(&x->buf, EVENT_NAME, text);
}

static void note_text(struct nsv_export *x, const char *key, const char *hostile)
{
	char safe[NSV_NAME];
	size_t a;

	if (!hostile)
		return;
	a = nsv_pb_open(&x->buf, EVENT_ANNOTATION);
	nsv_pb_str(&x->buf, ANNOTATION_NAME, key);
	nsv_pb_str(&x->buf, ANNOTATION_STRING, nsv_name(hostile, safe));
	nsv_pb_close(&x->buf, a);
}

static void note_number(struct nsv_export *x, const char *key, unsigned int form, uint64_t number)
{
	size_t a = nsv_pb_open(&x->buf, EVENT_ANNOTATION);

	nsv_pb_str(&x->buf, ANNOTATION_NAME, key);
	nsv_pb_u64(&x->buf, form, number);
	nsv_pb_close(&x->buf, a);
}

static void put_clock(struct nsv_export *x, uint64_t id, uint64_t ts)
{
	size_t c = nsv_pb_open(&x->buf, SNAPSHOT_CLOCKS);

	nsv_pb_u64(&x->buf, CLOCK_ID, id);
	nsv_pb_u64(&x->buf, CLOCK_TIMESTAMP, ts);
	nsv_pb_close(&x->buf, c);
}

/* A track that belongs to no task. */
static void named_track(struct nsv_export *x, uint64_t uuid, const char *text, bool counter)
{
	size_t p = nsv_pb_open(&x->buf, TRACE_PACKET), d;

	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_ID, SEQUENCE);
	d = nsv_pb_open(&x->buf, PACKET_TRACK_DESCRIPTOR);
	nsv_pb_u64(&x->buf, TRACK_UUID, uuid);
	nsv_pb_str(&x->buf, TRACK_NAME, text);
	if (counter)
		nsv_pb_close(&x->buf, nsv_pb_open(&x->buf, TRACK_COUNTER));
	nsv_pb_close(&x->buf, d);
	nsv_pb_close(&x->buf, p);
}

static int perfetto_start(struct nsv_export *x, const struct nsv_start *start)
{
	size_t p = nsv_pb_open(&x->buf, TRACE_PACKET), s;
	char text[64];

	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_ID, SEQUENCE);
	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_FLAGS, STATE_CLEARED);
	s = nsv_pb_open(&x->buf, PACKET_CLOCK_SNAPSHOT);
	put_clock(x, MONOTONIC, start->mono_ns);
	put_clock(x, REALTIME, start->wall_ns);
	nsv_pb_u64(&x->buf, SNAPSHOT_PRIMARY, MONOTONIC);
	nsv_pb_close(&x->buf, s);
	nsv_pb_close(&x->buf, p);
	named_track(x, LOSSES, "lost events", false);
	for (int type = 0; type < NSL_TYPES; type++) {
		snprintf(text, sizeof(text), "%s namespaces", nsm_type_name((enum nsl_type)type));
		named_track(x, COUNTERS + (uint64_t)type, text, true);
	}
	return 0;
}

static void put_process(struct nsv_export *x, const struct nsv_track *t, const char *safe)
{
	size_t p = nsv_pb_open(&x->buf, TRACE_PACKET), d, m;

	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_ID, SEQUENCE);
	d = nsv_pb_open(&x->buf, PACKET_TRACK_DESCRIPTOR);
	nsv_pb_u64(&x->buf, TRACK_UUID, t->process);
	m = nsv_pb_open(&x->buf, TRACK_PROCESS);
	nsv_pb_u64(&x->buf, PROCESS_PID, t->pid);
	nsv_pb_str(&x->buf, PROCESS_NAME, safe);
	nsv_pb_close(&x->buf, m);
	nsv_pb_close(&x->buf, d);
	nsv_pb_close(&x->buf, p);
}

static void perfetto_track(struct nsv_export *x, const struct nsv_track *t)
{
	char safe[NSV_NAME];
	size_t p, d, m;

	nsv_name(t->comm, safe);
	if (t->leads)
		put_process(x, t, safe);
	p = nsv_pb_open(&x->buf, TRACE_PACKET);
	nsv_pb_u64(&x->buf, PACKET_SEQUENCE_ID, SEQUENCE);
	d = nsv_pb_open(&x->buf, PACKET_TRACK_DESCRIPTOR);
	nsv_pb_u64(&x->buf, TRACK_UUID, t->uuid);
	nsv_pb_u64(&x->buf, TRACK_PARENT, t->process);
	m = nsv_pb_open(&x->buf, TRACK_THREAD);
	nsv_pb_u64(&x->buf, THREAD_PID, t->pid);
	nsv_pb_u64(&x->buf, THREAD_TID, t->tid);
	nsv_pb_str(&x->buf, THREAD_NAME, safe);
	nsv_pb_close(&x->buf, m);
	nsv_pb_close(&x->buf, d);
	nsv_pb_close(&x->buf, p);
}

static void put_flags(struct nsv_export *x, uint64_t flags)
{
	char text[160] = "";
	size_t n = 0;

	for (int type = 0; type < NSL_TYPES; type++)
		if (flags & nsm_type_bit((enum nsl_type)type))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "|" : "",
					      nsm_type_flag((enum nsl_type)type));
	if (n)
		note_text(x, "flags", text);
}

static void put_call_notes(struct nsv_export *x, const struct nsm_call *call)
{
	struct nse_failure f;

	put_flags(x, call->syscall == NSL_SYS_SETNS ? call->raw_flags : call->new_flags);
	if (call->end_seen)
		note_number(x, "ret", ANNOTATION_INT, (uint64_t)call->ret);
	if (call->has_views && call->after.nsproxy && call->after.nsproxy != call->before.nsproxy)
		note_number(x, "nsproxy", ANNOTATION_UINT, call->after.nsproxy);
	if (call->child)
		note_number(x, "child", ANNOTATION_UINT, call->child);
	note_text(x, "container", call->container);
	note_number(x, "number", ANNOTATION_UINT, call->number);
	if (call->gap)
		note_text(x, "gap", "events were lost in it");
	if (!call->err)
		return;
	nse_failure(call, x->kernel, &f);
	note_text(x, "errno", nsm_errno_name(call->err));
	note_text(x, "refused by", f.fn);
	note_text(x, "check", f.check);
	note_text(x, "remedy", f.remedy);
}

static void put_step_notes(struct nsv_export *x, const struct nsm_step *s)
{
	char text[48];

	note_text(x, "outcome", nsm_outcome_name(s->outcome));
	if (s->ns.obj && s->type < NSL_TYPES) {
		snprintf(text, sizeof(text), "%s:[%" PRIu32 "]", nsm_type_name(s->type),
			 (uint32_t)s->ns.inum);
		note_text(x, "ns", text);
	}
	if (s->nsproxy)
		note_number(x, "nsproxy", ANNOTATION_UINT, s->nsproxy);
	if (s->err)
		note_text(x, "errno", nsm_errno_name(s->err));
}

static void slice_begin(struct nsv_export *x, const struct nsv_track *t,
			const struct nsm_call *call, const struct nsv_span *s)
{
	struct event e = event_open(x, s->begin, SLICE_BEGIN, t->uuid);
	struct nsv_track *child;

	if (s->step) {
		name(x, "step", nsm_fn_name(s->step->fn));
		put_step_notes(x, s->step);
		event_close(x, e);
		return;
	}
	name(x, call->err ? "failed" : "call", nsm_syscall_name(call->syscall));
	child = call->child ? nsv_track_find(x, call->child) : NULL;
	if (child && child->flow)
		nsv_pb_fixed64(&x->buf, EVENT_FLOW, child->flow);
	put_call_notes(x, call);
	event_close(x, e);
}

static void perfetto_call(struct nsv_export *x, struct nsv_track *t, const struct nsm_call *call,
			  const struct nsv_span *spans, size_t n)
{
	size_t open[NSV_MAX_SPANS], depth = 0;

	for (size_t i = 0; i < n; i++) {
		while (depth && i && open[depth - 1] != spans[i].parent)
			event_close(x, event_open(x, spans[open[--depth]].end, SLICE_END, t->uuid));
		slice_begin(x, t, call, &spans[i]);
		open[depth++] = i;
	}
	while (depth)
		event_close(x, event_open(x, spans[open[--depth]].end, SLICE_END, t->uuid));
}

static void perfetto_task(struct nsv_export *x, struct nsv_track *t,
			  const struct nsm_task_event *task)
{
	static const char *const names[] = {
		[NSL_TASK_NEW] = "born", [NSL_TASK_EXEC] = "exec", [NSL_TASK_EXIT] = "exit"};
	struct event e;

	if (task->event > NSL_TASK_EXIT)
		return;
	e = event_open(x, task->ts, INSTANT, t->uuid);
	name(x, "task", names[task->event]);
	if (task->event == NSL_TASK_NEW)
		nsv_pb_fixed64(&x->buf, EVENT_FLOW_END, t->flow);
	note_text(x, "comm", task->comm);
	if (task->ns_pid)
		note_number(x, "ns_pid", ANNOTATION_UINT, task->ns_pid);
	event_close(x, e);
}

/* Its end is when it was told: what takes time inside a call lies beside it as an instant. */
static void perfetto_milestone(struct nsv_export *x, struct nsv_track *t,
			       const struct nsm_milestone *m)
{
	struct event e = event_open(x, m->ts, INSTANT, t->uuid);

	name(x, m->err ? "failed" : "milestone", nsm_milestone_name(m->what));
	note_text(x, "text", *m->text ? m->text : NULL);
	note_text(x, "where", *m->where ? m->where : NULL);
	if (m->duration != NSM_DURATION_UNKNOWN)
		note_number(x, "duration", ANNOTATION_INT, (uint64_t)m->duration);
	if (m->err)
		note_text(x, "errno", nsm_errno_name(m->err));
	event_close(x, e);
}

static void perfetto_lost(struct nsv_export *x, const struct nsm_lost *lost)
{
	struct event e = event_open(x, lost->ts, INSTANT, LOSSES);

	name(x, "lost", "lost");
	note_number(x, "count", ANNOTATION_UINT, lost->count);
	note_text(x, "hook", nsm_hook_name(lost->hook));
	event_close(x, e);
}

static void perfetto_count(struct nsv_export *x, uint64_t ts, enum nsl_type type, uint64_t count)
{
	struct event e = event_open(x, ts, COUNTER, COUNTERS + (uint64_t)type);

	nsv_pb_u64(&x->buf, EVENT_COUNTER, count);
	event_close(x, e);
}

const struct nsv_format_ops nsv_perfetto_ops = {
	.start = perfetto_start,
	.track = perfetto_track,
	.call = perfetto_call,
	.task = perfetto_task,
	.milestone = perfetto_milestone,
	.lost = perfetto_lost,
	.count = perfetto_count,
};
