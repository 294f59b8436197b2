// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON trace events, as chrome://tracing made them known: one object with "traceEvents",
 * each on a line. `ts` and `dur` are microseconds, here with three decimals.
 */
#include <inttypes.h>
#include <string.h>

#include "export_internal.h"
#include "json.h"

static void put_time(struct nsv_json *j, const char *key, uint64_t ns)
{
	nsv_buf_printf(j->buf, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000,
		       (unsigned int)(ns % 1000));
}

static struct nsv_json event_open(struct nsv_export *x, const char *phase, const char *name,
				  const char *category)
{
	struct nsv_json j = {.buf = &x->buf};

	nsv_buf_str(&x->buf, ",\n");
	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "ph", phase);
	nsv_json_str(&j, "name", name);
	if (category)
		nsv_json_str(&j, "cat", category);
	return j;
}

static void put_place(struct nsv_json *j, const struct nsv_track *t, uint64_t ts)
{
	put_time(j, "ts", ts);
	nsv_json_u64(j, "pid", t->pid);
	nsv_json_u64(j, "tid", t->tid);
}

static int chrome_start(struct nsv_export *x, const struct nsv_start *start)
{
	struct nsv_json j = {.buf = &x->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "displayTimeUnit", "ns");
	nsv_json_open(&j, "otherData", '{');
	nsv_json_str(&j, "made by", "nslens");
	nsv_json_str(&j, "version", start->version);
	nsv_json_str(&j, "kernel", start->release);
	nsv_json_str(&j, "clock", "CLOCK_MONOTONIC");
	nsv_json_u64(&j, "monotonic", start->mono_ns);
	nsv_json_u64(&j, "wall_clock", start->wall_ns);
	nsv_json_close(&j, '}');
	/* the first event is no event: so each of the others may begin with a comma */
	nsv_buf_str(&x->buf, ",\"traceEvents\":[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":"
			     "0,\"args\":{\"name\":\"namespaces\"}}");
	return 0;
}

static void put_name(struct nsv_export *x, const char *what, const struct nsv_track *t)
{
	struct nsv_json j = event_open(x, "M", what, NULL);

	nsv_json_u64(&j, "pid", t->pid);
	nsv_json_u64(&j, "tid", t->tid);
	nsv_json_open(&j, "args", '{');
	nsv_json_str(&j, "name", t->comm);
	nsv_json_close(&j, '}');
	nsv_json_close(&j, '}');
}

static void chrome_track(struct nsv_export *x, const struct nsv_track *t)
{
	if (t->leads)
		put_name(x, "process_name", t);
	put_name(x, "thread_name", t);
}

static void put_call_args(struct nsv_export *x, struct nsv_json *j, const struct nsm_call *call)
{
	uint64_t flags = call->syscall == NSL_SYS_SETNS ? call->raw_flags : call->new_flags;
	struct nse_failure f;

	nsv_json_u64(j, "number", call->number);
	nsv_json_open(j, "flags", '[');
	for (int type = 0; type < NSL_TYPES; type++)
		if (flags & nsm_type_bit((enum nsl_type)type))
			nsv_json_str(j, NULL, nsm_type_flag((enum nsl_type)type));
	nsv_json_close(j, ']');
	if (call->end_seen)
		nsv_json_i64(j, "ret", call->ret);
	if (call->has_views && call->after.nsproxy)
		nsv_json_u64(j, "nsproxy", call->after.nsproxy);
	if (call->container)
		nsv_json_str(j, "container", call->container);
	if (call->gap)
		nsv_json_bool(j, "gap", true);
	if (!call->err)
		return;
	nse_failure(call, x->kernel, &f);
	nsv_json_str(j, "errno", nsm_errno_name(call->err));
	nsv_json_str(j, "refused by", f.fn);
	nsv_json_str(j, "check", f.check);
}

static void put_step_args(struct nsv_json *j, const struct nsm_step *s)
{
	char text[48];

	nsv_json_str(j, "outcome", nsm_outcome_name(s->outcome));
	if (s->ns.obj && s->type < NSL_TYPES) {
		snprintf(text, sizeof(text), "%s:[%" PRIu32 "]", nsm_type_name(s->type),
			 (uint32_t)s->ns.inum);
		nsv_json_str(j, "ns", text);
	}
	if (s->err)
		nsv_json_str(j, "errno", nsm_errno_name(s->err));
}

static void put_flow(struct nsv_export *x, const struct nsv_track *t, const char *phase,
		     uint64_t ts, uint64_t id)
{
	struct nsv_json j = event_open(x, phase, "born", "clone");

	put_place(&j, t, ts);
	nsv_json_u64(&j, "id", id);
	if (*phase == 'f')
		nsv_json_str(&j, "bp", "e");
	nsv_json_close(&j, '}');
}

static void chrome_call(struct nsv_export *x, struct nsv_track *t, const struct nsm_call *call,
			const struct nsv_span *spans, size_t n)
{
	const struct nsv_track *child = call->child ? nsv_track_find(x, call->child) : NULL;

	for (size_t i = 0; i < n; i++) {
		const struct nsm_step *s = spans[i].step;
		struct nsv_json j =
			event_open(x, "X", s ? nsm_fn_name(s->fn) : nsm_syscall_name(call->syscall),
				   s	       ? "step"
				   : call->err ? "failed"
					       : "call");

		put_place(&j, t, spans[i].begin);
		put_time(&j, "dur", spans[i].end - spans[i].begin);
		nsv_json_open(&j, "args", '{');
		if (s)
			put_step_args(&j, s);
		else
			put_call_args(x, &j, call);
		nsv_json_close(&j, '}');
		nsv_json_close(&j, '}');
	}
	if (child && child->flow)
		put_flow(x, t, "s", spans[0].begin, child->flow);
}

static void chrome_task(struct nsv_export *x, struct nsv_track *t,
			const struct nsm_task_event *task)
{
	static const char *const names[] = {
		[NSL_TASK_NEW] = "born", [NSL_TASK_EXEC] = "exec", [NSL_TASK_EXIT] = "exit"};
	struct nsv_json j;

	if (task->event > NSL_TASK_EXIT)
		return;
	j = event_open(x, "i", names[task->event], "task");
	put_place(&j, t, task->ts);
	nsv_json_str(&j, "s", "t");
	nsv_json_open(&j, "args", '{');
	nsv_json_str(&j, "comm", task->comm);
	if (task->ns_pid)
		nsv_json_u64(&j, "ns_pid", task->ns_pid);
	nsv_json_close(&j, '}');
	nsv_json_close(&j, '}');
	if (task->event == NSL_TASK_NEW)
		put_flow(x, t, "f", task->ts, t->flow);
}

static void chrome_milestone(struct nsv_export *x, struct nsv_track *t,
			     const struct nsm_milestone *m)
{
	struct nsv_json j =
		event_open(x, "i", nsm_milestone_name(m->what), m->err ? "failed" : "milestone");

	put_place(&j, t, m->ts);
	nsv_json_str(&j, "s", "t");
	nsv_json_open(&j, "args", '{');
	nsv_json_str(&j, "text", m->text);
	nsv_json_str(&j, "where", m->where);
	if (m->err)
		nsv_json_str(&j, "errno", nsm_errno_name(m->err));
	nsv_json_close(&j, '}');
	nsv_json_close(&j, '}');
}

static void chrome_lost(struct nsv_export *x, const struct nsm_lost *lost)
{
	struct nsv_json j = event_open(x, "i", "lost events", "lost");

	put_time(&j, "ts", lost->ts);
	nsv_json_u64(&j, "pid", 0);
	nsv_json_u64(&j, "tid", 0);
	nsv_json_str(&j, "s", "g");
	nsv_json_open(&j, "args", '{');
	nsv_json_u64(&j, "count", lost->count);
	nsv_json_str(&j, "hook", nsm_hook_name(lost->hook));
	nsv_json_close(&j, '}');
	nsv_json_close(&j, '}');
}

static void chrome_count(struct nsv_export *x, uint64_t ts, enum nsl_type type, uint64_t count)
{
	struct nsv_json j = event_open(x, "C", nsm_type_name(type), "namespaces");

	put_time(&j, "ts", ts);
	nsv_json_u64(&j, "pid", 0);
	nsv_json_open(&j, "args", '{');
	nsv_json_u64(&j, "namespaces", count);
	nsv_json_close(&j, '}');
	nsv_json_close(&j, '}');
}

static void chrome_end(struct nsv_export *x, const struct nsv_end *end)
{
	(void)end;
	nsv_buf_str(&x->buf, "\n]}\n");
}

const struct nsv_format_ops nsv_chrome_ops = {
	.start = chrome_start,
	.track = chrome_track,
	.call = chrome_call,
	.task = chrome_task,
	.milestone = chrome_milestone,
	.lost = chrome_lost,
	.count = chrome_count,
	.end = chrome_end,
};
