// SPDX-License-Identifier: GPL-2.0-only
#include "otlp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "spans.h"

/* opentelemetry/proto/trace/v1: SpanKind, StatusCode */
#define INTERNAL 1
#define OK	 1
#define ERROR	 2

enum span_class { ROOT, STAGE, CALL, STEP };

struct trace {
	const struct nsv_otlp *o;
	const struct nsu_startup *u; /* NULL: the trace of a call */
	struct nsv_json *j;
	char id[33];
	uint64_t seed;
};

/* splitmix64: ids need to differ, not to be secret */
static uint64_t mix(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static uint64_t mix_text(uint64_t seed, const char *text)
{
	for (; text && *text; text++)
		seed = mix(seed ^ (unsigned char)*text);
	return seed;
}

static void name_trace(struct trace *t, uint64_t begin, uint64_t first_pid)
{
	uint64_t a = mix(mix_text(mix(begin), t->o->boot_id) ^ first_pid);

	t->seed = a;
	/* an id of zeros is none */
	snprintf(t->id, sizeof(t->id), "%016" PRIx64 "%016" PRIx64, a | 1, mix(a));
}

static const char *span_id(const struct trace *t, enum span_class class, size_t n, size_t inner,
			   char id[17])
{
	uint64_t number = mix(t->seed ^ mix((uint64_t) class << 56 ^ (uint64_t)n << 16 ^ inner));

	snprintf(id, 17, "%016" PRIx64, number ? number : 1);
	return id;
}

/* ---- values ---- */

static void put_time(const struct trace *t, const char *key, uint64_t ts)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, t->o->wall_ns + (ts - t->o->mono_ns));
	nsv_json_str(t->j, key, text);
}

/* Numbers of 64 bits are text in the JSON of protobuf. */
static void put_long(struct nsv_json *j, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	nsv_json_str(j, "intValue", text);
}

static void attribute_open(struct nsv_json *j, const char *key)
{
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "key", key);
	nsv_json_open(j, "value", '{');
}

static void attribute_close(struct nsv_json *j)
{
	nsv_json_close(j, '}');
	nsv_json_close(j, '}');
}

static void put_text(struct nsv_json *j, const char *key, const char *hostile)
{
	if (!hostile || !*hostile)
		return;
	attribute_open(j, key);
	nsv_json_str(j, "stringValue", hostile);
	attribute_close(j);
}

static void put_number(struct nsv_json *j, const char *key, uint64_t number)
{
	attribute_open(j, key);
	put_long(j, (int64_t)number);
	attribute_close(j);
}

static void put_bool(struct nsv_json *j, const char *key, bool value)
{
	attribute_open(j, key);
	nsv_json_bool(j, "boolValue", value);
	attribute_close(j);
}

static void put_ns(struct nsv_json *j, const char *key, enum nsl_type type,
		   const struct nsl_ref *ns)
{
	char text[40];

	if (!ns->obj || type >= NSL_TYPES)
		return;
	snprintf(text, sizeof(text), "%s:[%" PRIu32 "]", nsm_type_name(type), (uint32_t)ns->inum);
	put_text(j, key, text);
}

/* ---- spans ---- */

static void span_open(const struct trace *t, const char *id, const char *parent, const char *name,
		      uint64_t begin, uint64_t end)
{
	struct nsv_json *j = t->j;

	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "traceId", t->id);
	nsv_json_str(j, "spanId", id);
	if (parent)
		nsv_json_str(j, "parentSpanId", parent);
	nsv_json_str(j, "name", name);
	nsv_json_u64(j, "kind", INTERNAL);
	put_time(t, "startTimeUnixNano", begin);
	put_time(t, "endTimeUnixNano", end < begin ? begin : end);
}

static void put_status(struct nsv_json *j, int code, const char *message)
{
	nsv_json_open(j, "status", '{');
	nsv_json_u64(j, "code", (uint64_t)code);
	if (message)
		nsv_json_str(j, "message", message);
	nsv_json_close(j, '}');
}

static void put_step(const struct trace *t, const struct nsm_call *call, size_t n,
		     const struct nsv_span *spans, size_t at)
{
	const struct nsm_step *s = spans[at].step;
	size_t parent = spans[at].parent;
	char id[17], above[17];
	struct nsv_json *j = t->j;

	span_open(t, span_id(t, STEP, n, at, id),
		  parent ? span_id(t, STEP, n, parent, above) : span_id(t, CALL, n, 0, above),
		  nsm_fn_name(s->fn), spans[at].begin, spans[at].end);
	nsv_json_open(j, "attributes", '[');
	put_text(j, "nslens.outcome", nsm_outcome_name(s->outcome));
	put_ns(j, "nslens.namespace", s->type, &s->ns);
	put_number(j, "thread.id", call->tid);
	nsv_json_close(j, ']');
	if (s->err)
		put_status(j, ERROR, nsm_errno_name(s->err));
	nsv_json_close(j, '}');
}

static void put_flags(struct nsv_json *j, const struct nsm_call *call)
{
	uint64_t flags = call->syscall == NSL_SYS_SETNS ? call->raw_flags : call->new_flags;
	char text[160] = "";
	size_t n = 0;

	for (int type = 0; type < NSL_TYPES; type++)
		if (flags & nsm_type_bit((enum nsl_type)type))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "|" : "",
					      nsm_type_flag((enum nsl_type)type));
	put_text(j, "nslens.flags", text);
}

static void put_failure(const struct trace *t, const struct nsm_call *call)
{
	struct nse_failure f;
	char text[512];

	if (!call->err)
		return;
	nse_failure(call, t->o->kernel, &f);
	snprintf(text, sizeof(text), "%s: refused by %s: %s",
		 nsm_errno_name(call->err) ? nsm_errno_name(call->err) : "failed",
		 f.fn ? f.fn : "?", f.check);
	put_status(t->j, ERROR, text);
}

/* `n`: which one of its trace; `mattered`: NULL where that is not known. */
static void put_call(const struct trace *t, const struct nsm_call *call, size_t n,
		     const char *parent, const char *mattered)
{
	struct nsv_span spans[NSV_MAX_SPANS];
	size_t steps = nsv_spans(call, 0, spans);
	struct nsv_json *j = t->j;
	char id[17];

	span_open(t, span_id(t, CALL, n, 0, id), parent, nsm_syscall_name(call->syscall),
		  spans[0].begin, spans[0].end);
	nsv_json_open(j, "attributes", '[');
	put_number(j, "process.pid", call->pid);
	put_number(j, "thread.id", call->tid);
	put_text(j, "thread.name", call->comm);
	put_flags(j, call);
	if (call->end_seen)
		put_number(j, "nslens.ret", (uint64_t)call->ret);
	if (call->child)
		put_number(j, "nslens.child", call->child);
	if (call->err)
		put_text(j, "nslens.errno", nsm_errno_name(call->err));
	if (call->err)
		put_text(j, "nslens.mattered", mattered);
	if (call->gap)
		put_bool(j, "nslens.gap", true);
	nsv_json_close(j, ']');
	put_failure(t, call);
	nsv_json_close(j, '}');
	for (size_t i = 1; i < steps; i++)
		put_step(t, call, n, spans, i);
}

static void put_call_of_start(const struct trace *t, size_t n)
{
	const struct nsu_call *c = &t->u->calls[n];
	char parent[17];

	put_call(t, &c->call, n,
		 c->stage < t->u->nstages ? span_id(t, STAGE, c->stage, 0, parent)
					  : span_id(t, ROOT, 0, 0, parent),
		 nsu_matter_name(c->matter));
}

static void put_milestone(const struct trace *t, const struct nsm_milestone *m)
{
	struct nsv_json *j = t->j;

	nsv_json_open(j, NULL, '{');
	put_time(t, "timeUnixNano", m->ts);
	nsv_json_str(j, "name", nsm_milestone_name(m->what));
	nsv_json_open(j, "attributes", '[');
	put_text(j, "nslens.text", m->text);
	put_text(j, "nslens.where", m->where);
	put_number(j, "process.pid", m->pid);
	if (m->duration != NSM_DURATION_UNKNOWN)
		put_number(j, "nslens.duration", (uint64_t)m->duration);
	if (m->err)
		put_text(j, "nslens.errno", nsm_errno_name(m->err));
	nsv_json_close(j, ']');
	nsv_json_close(j, '}');
}

static void put_stage(const struct trace *t, size_t n)
{
	const struct nsu_stage *s = &t->u->stages[n];
	char id[17], root[17];
	struct nsv_json *j = t->j;

	span_open(t, span_id(t, STAGE, n, 0, id), span_id(t, ROOT, 0, 0, root),
		  nsu_stage_name(s->kind), s->begin, s->end);
	nsv_json_open(j, "attributes", '[');
	put_text(j, "nslens.stage", nsu_stage_word(s->kind));
	put_number(j, "process.pid", s->pid);
	put_text(j, "thread.name", s->comm);
	put_number(j, "nslens.ns_in_calls", s->kernel);
	if (s->waits_for)
		put_number(j, "nslens.waits_for", s->waits_for);
	nsv_json_close(j, ']');
	nsv_json_open(j, "events", '[');
	for (size_t i = 0; i < t->u->nmilestones; i++)
		if (t->u->milestones[i].stage == n)
			put_milestone(t, &t->u->milestones[i].m);
	nsv_json_close(j, ']');
	nsv_json_close(j, '}');
}

static void put_sums(struct nsv_json *j, const struct nsu_startup *u)
{
	char key[48];

	put_number(j, "nslens.ns_in_calls", u->sums.calls);
	if (u->sums.functions_known)
		put_number(j, "nslens.ns_in_functions", u->sums.functions);
	put_number(j, "nslens.ns_waiting", u->sums.waiting);
	put_number(j, "nslens.failed_calls", u->sums.failed);
	for (int type = 0; type < NSL_TYPES; type++) {
		if (!u->sums.created[type])
			continue;
		snprintf(key, sizeof(key), "nslens.created.%s", nsm_type_name((enum nsl_type)type));
		put_number(j, key, u->sums.created[type]);
	}
}

static void put_root(const struct trace *t)
{
	const struct nsu_startup *u = t->u;
	char id[17], name[160];
	struct nsv_json *j = t->j;

	snprintf(name, sizeof(name), "start %.64s",
		 u->container	    ? u->container
		 : *u->payload.comm ? u->payload.comm
				    : u->runtime_comm);
	span_open(t, span_id(t, ROOT, 0, 0, id), NULL, name, u->begin, u->end);
	nsv_json_open(j, "attributes", '[');
	put_text(j, "nslens.outcome", nsu_outcome_name(u->outcome));
	put_text(j, "nslens.runtime", nsu_runtime_name(u->runtime));
	put_text(j, "nslens.frame", nsu_frame_name(u->frame));
	if (u->payload.pid)
		put_number(j, "process.pid", u->payload.pid);
	put_text(j, "process.executable.path", u->payload.file);
	put_text(j, "process.command", u->payload.comm);
	put_text(j, "nslens.hostname", u->payload.hostname);
	put_text(j, "nslens.cgroup", u->cgroup);
	put_sums(j, u);
	if (u->gap)
		put_bool(j, "nslens.gap", true);
	nsv_json_close(j, ']');
	if (u->outcome == NSU_RUNNING)
		put_status(j, OK, NULL);
	else
		put_status(j, u->outcome == NSU_FAILED ? ERROR : 0, nsu_outcome_name(u->outcome));
	nsv_json_close(j, '}');
}

static void put_resource(const struct trace *t, const char *container, const char *runtime)
{
	struct nsv_json *j = t->j;

	nsv_json_open(j, "resource", '{');
	nsv_json_open(j, "attributes", '[');
	put_text(j, "service.name", "nslens");
	put_text(j, "service.version", t->o->version);
	put_text(j, "os.type", "linux");
	put_text(j, "os.version", t->o->release);
	put_text(j, "host.name", t->o->hostname);
	put_text(j, "nslens.boot_id", t->o->boot_id);
	put_text(j, "container.id", container);
	put_text(j, "container.runtime.name", runtime);
	nsv_json_close(j, ']');
	nsv_json_close(j, '}');
}

/* ---- a trace ---- */

static void trace_open(const struct trace *t, const char *container, const char *runtime)
{
	struct nsv_json *j = t->j;

	nsv_json_open(j, NULL, '{');
	nsv_json_open(j, "resourceSpans", '[');
	nsv_json_open(j, NULL, '{');
	put_resource(t, container, runtime);
	nsv_json_open(j, "scopeSpans", '[');
	nsv_json_open(j, NULL, '{');
	nsv_json_open(j, "scope", '{');
	nsv_json_str(j, "name", "nslens");
	nsv_json_str(j, "version", t->o->version);
	nsv_json_close(j, '}');
	nsv_json_open(j, "spans", '[');
}

static void trace_close(const struct trace *t)
{
	for (const char *c = "]}]}]}"; *c; c++)
		nsv_json_close(t->j, *c);
}

void nsv_otlp_startup(struct nsv_buf *b, const struct nsv_otlp *o, const struct nsu_startup *u)
{
	struct nsv_json j = {.buf = b};
	struct trace t = {.o = o, .u = u, .j = &j};

	name_trace(&t, u->begin, u->ntasks ? u->tasks[0].pid : u->payload.pid);
	trace_open(&t, u->container, nsu_runtime_name(u->runtime));
	put_root(&t);
	for (size_t i = 0; i < u->nstages; i++)
		put_stage(&t, i);
	for (size_t i = 0; i < u->ncalls; i++)
		put_call_of_start(&t, i);
	trace_close(&t);
}

void nsv_otlp_call(struct nsv_buf *b, const struct nsv_otlp *o, const struct nsm_call *call)
{
	struct nsv_json j = {.buf = b};
	struct trace t = {.o = o, .j = &j};

	name_trace(&t, call->ts, call->tid);
	trace_open(&t, call->container, NULL);
	put_call(&t, call, 0, NULL, NULL);
	trace_close(&t);
}
