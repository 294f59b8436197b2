// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON Lines, schema nslens/1. What is not known is null, never left out and
 * never 0: a duration without both ends, views of a call that had no begin, the
 * result of a call that did not return, a step's namespace that no hook read,
 * the steps of all calls and the deaths where there are only tracepoints.
 *
 * A namespace is {"ns":"uts:[4026532190]","id":17} (mnt:[0] is anonymous); where
 * a member is called "nsproxy", its value is the nsproxy's number, in a call
 * {"before":1,"after":7}. Only setns has fd, nstype (the number passed) and
 * target; only a trace with --cost has cost. An errno without a name is its
 * number as text; errnos above the table of the counts are "other".
 */
#define _GNU_SOURCE 1
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ns_json.h"
#include "text.h"

static void begin(struct nsv *v, struct nsv_json *j, const char *type)
{
	*j = (struct nsv_json){.buf = &v->buf};
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "type", type);
}

static void finish(struct nsv_json *j)
{
	nsv_json_close(j, '}');
	nsv_buf_add(j->buf, "\n", 1);
}

static void put_ts(struct nsv *v, struct nsv_json *j, uint64_t ts)
{
	nsv_json_i64(j, "ts", nsv_since_start(v, ts));
}

static void put_ns(struct nsv_json *j, const char *key, enum nsl_type type,
		   const struct nsl_ref *ref)
{
	if (!ref->obj || type >= NSL_TYPES) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_ns_members(j, type, (uint32_t)ref->inum, ref->obj);
	nsv_json_close(j, '}');
}

static void put_u64_or_null(struct nsv_json *j, const char *key, uint64_t value)
{
	if (value)
		nsv_json_u64(j, key, value);
	else
		nsv_json_null(j, key);
}

static void put_duration(struct nsv_json *j, int64_t duration)
{
	if (duration == NSM_DURATION_UNKNOWN)
		nsv_json_null(j, "duration");
	else
		nsv_json_i64(j, "duration", duration);
}

/* Name of an errno, its number as text where it has no name, null for success. */
static void put_errno(struct nsv_json *j, int err)
{
	const char *name = err ? nsm_errno_name(err) : NULL;
	char number[NSV_WORD];

	snprintf(number, sizeof(number), "%d", err);
	nsv_json_str(j, "errno", err && !name ? number : name);
}

static void put_utc(struct nsv_json *j, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000u);
	char text[NSV_WORD], date[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm)) {
		nsv_json_null(j, "wall_clock_utc");
		return;
	}
	snprintf(text, sizeof(text), "%s.%09" PRIu64 "Z", date, wall_ns % 1000000000u);
	nsv_json_str(j, "wall_clock_utc", text);
}

static void json_start(struct nsv *v, const struct nsv_start *start)
{
	struct nsv_json j;

	begin(v, &j, "start");
	nsv_json_str(&j, "schema", "nslens/1");
	nsv_json_str(&j, "version", start->version);
	nsv_json_str(&j, "kernel", start->release);
	nsv_json_str(&j, "boot_id", start->boot_id);
	nsv_json_u64(&j, "monotonic", start->mono_ns);
	nsv_json_u64(&j, "wall_clock", start->wall_ns);
	put_utc(&j, start->wall_ns);
	nsv_json_str(&j, "traces", start->what);
	nsv_json_bool(&j, "steps", start->steps);
	nsv_json_open(&j, "hooks", '{');
	for (size_t i = 0; i < start->nfacts; i++)
		nsv_json_str(&j, start->facts[i].fact, start->facts[i].mechanism);
	nsv_json_close(&j, '}');
	nsv_json_open(&j, "missing", '{');
	for (size_t i = 0; i < start->nfacts; i++)
		if (start->facts[i].lost)
			nsv_json_str(&j, start->facts[i].fact, start->facts[i].lost);
	nsv_json_close(&j, '}');
	finish(&j);
}

/* Sorted by name. */
static void put_flags(struct nsv_json *j, uint64_t flags)
{
	static const enum nsl_type sorted[NSL_TYPES] = {
		NSL_CGROUP, NSL_IPC, NSL_NET, NSL_MNT, NSL_PID, NSL_TIME, NSL_USER, NSL_UTS,
	};

	nsv_json_open(j, "flags", '[');
	for (size_t i = 0; i < NSL_TYPES; i++)
		if (flags & nsm_type_bit(sorted[i]))
			nsv_json_str(j, NULL, nsm_type_flag(sorted[i]));
	nsv_json_close(j, ']');
}

/* setns only. nstype is the number that was passed; the names stand in flags. */
static void put_target(struct nsv_json *j, const struct nsm_call *call)
{
	if (call->syscall != NSL_SYS_SETNS)
		return;
	nsv_json_i64(j, "fd", call->fd);
	nsv_json_u64(j, "nstype", call->raw_flags);
	switch (call->target_kind) {
	case NSL_TARGET_NSFS:
		nsv_json_open(j, "target", '{');
		nsv_json_str(j, "kind", "nsfs");
		nsv_json_ns_members(j, call->target_type, (uint32_t)call->target.inum,
				    call->target.obj);
		nsv_json_close(j, '}');
		break;
	case NSL_TARGET_PIDFD:
		nsv_json_open(j, "target", '{');
		nsv_json_str(j, "kind", "pidfd");
		put_u64_or_null(j, "pid", call->target_pid);
		nsv_json_close(j, '}');
		break;
	case NSL_TARGET_OTHER:
		nsv_json_open(j, "target", '{');
		nsv_json_str(j, "kind", "other");
		nsv_json_close(j, '}');
		break;
	default:
		nsv_json_null(j, "target");
	}
}

static void put_slots(struct nsv_json *j, const struct nsm_call *call)
{
	if (!call->has_views) {
		nsv_json_null(j, "nsproxy");
		nsv_json_null(j, "slots");
		return;
	}
	nsv_json_open(j, "nsproxy", '{');
	put_u64_or_null(j, "before", call->before.nsproxy);
	put_u64_or_null(j, "after", call->after.nsproxy);
	nsv_json_close(j, '}');
	nsv_json_open(j, "slots", '{');
	for (size_t i = 0; i < call->nslots; i++) {
		const struct nsm_slot_change *change = &call->slots[i];
		enum nsl_type type = nsm_slot_type(change->slot);

		nsv_json_open(j, nsm_slot_name(change->slot), '{');
		put_ns(j, "before", type, &change->before);
		put_ns(j, "after", type, &change->after);
		nsv_json_str(j, "how", nsm_how_name(change->how));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, '}');
}

static void put_steps(struct nsv *v, struct nsv_json *j, const struct nsm_call *call)
{
	char words[NSE_STEP_LEN];

	if (!v->steps && !call->nsteps) {
		nsv_json_null(j, "steps"); /* they cannot be seen: not the same as none */
		return;
	}
	nsv_json_open(j, "steps", '[');
	for (size_t i = 0; i < call->nsteps; i++) {
		const struct nsm_step *step = &call->steps[i];

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "fn", nsm_fn_name(step->fn));
		nsv_json_str(j, "outcome", nsm_outcome_name(step->outcome));
		put_ns(j, "ns", step->type, &step->ns);
		put_duration(j, step->duration);
		put_errno(j, step->err);
		put_u64_or_null(j, "nsproxy", step->nsproxy);
		put_ns(j, "owner", NSL_USER, &step->owner);
		put_ns(j, "parent", step->type, &step->parent);
		if (step->ts)
			put_ts(v, j, step->ts);
		else
			nsv_json_null(j, "ts");
		nsv_json_i64(j, "depth", step->depth);
		nsv_json_bool(j, "inferred", step->inferred);
		nsv_json_bool(j, "unborn", step->unborn);
		if (v->options.words)
			nsv_json_str(j, "explain",
				     nse_step(call, step, v->kernel, words, sizeof(words)));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_failure(struct nsv *v, struct nsv_json *j, const struct nsm_call *call)
{
	struct nse_failure f;

	if (!call->err) {
		nsv_json_null(j, "failure");
		return;
	}
	nse_failure(call, v->kernel, &f);
	nsv_json_open(j, "failure", '{');
	nsv_json_str(j, "fn", f.fn);
	nsv_json_bool(j, "inferred", f.inferred);
	nsv_json_str(j, "check", f.check);
	nsv_json_str(j, "remedy", f.remedy);
	nsv_json_close(j, '}');
}

static void json_call(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_json j;
	char text[NSE_CALL_LEN];

	begin(v, &j, "call");
	nsv_json_u64(&j, "number", call->number);
	put_ts(v, &j, call->ts);
	put_duration(&j, call->duration);
	nsv_json_u64(&j, "pid", call->pid);
	nsv_json_u64(&j, "tid", call->tid);
	nsv_json_str(&j, "comm", call->comm);
	nsv_json_str(&j, "syscall", nsm_syscall_name(call->syscall));
	nsv_json_bool(&j, "compat", call->compat);
	/* setns: what the caller named; what the file is stands in target */
	put_flags(&j, call->syscall == NSL_SYS_SETNS ? call->raw_flags : call->new_flags);
	snprintf(text, sizeof(text), "0x%" PRIx64, call->raw_flags);
	nsv_json_str(&j, "raw_flags", text);
	put_target(&j, call);
	if (call->end_seen)
		nsv_json_i64(&j, "ret", call->ret);
	else
		nsv_json_null(&j, "ret");
	put_errno(&j, call->err);
	put_u64_or_null(&j, "child", call->child);
	put_u64_or_null(&j, "child_ns_pid", call->child_ns_pid);
	put_slots(&j, call);
	put_steps(v, &j, call);
	nsv_json_str(&j, "cgroup", call->cgroup_path);
	nsv_json_str(&j, "container", call->container);
	nsv_json_bool(&j, "gap", call->gap);
	nsv_json_bool(&j, "begin_seen", call->begin_seen);
	nsv_json_bool(&j, "end_seen", call->end_seen);
	nsv_json_bool(&j, "died", call->died);
	put_failure(v, &j, call);
	nsv_json_str(&j, "explain", nse_call(call, v->kernel, text, sizeof(text)));
	finish(&j);
}

static void json_ns(struct nsv *v, const struct nsm_ns_event *ns)
{
	struct nsv_json j;

	begin(v, &j, "ns");
	put_ts(v, &j, ns->ts);
	nsv_json_str(&j, "event", ns->destroyed ? "destroyed" : "created");
	nsv_json_ns_members(&j, ns->type, (uint32_t)ns->ns.inum, ns->ns.obj);
	put_ns(&j, "owner", NSL_USER, &ns->owner);
	put_ns(&j, "parent", ns->type, &ns->parent);
	if (ns->destroyed) {
		nsv_json_null(&j, "by");
	} else {
		nsv_json_open(&j, "by", '{');
		nsv_json_u64(&j, "pid", ns->by_pid);
		nsv_json_str(&j, "comm", ns->by_comm);
		nsv_json_close(&j, '}');
	}
	nsv_json_null(&j, "cause"); /* the last keeper is not tracked in a stream of calls */
	finish(&j);
}

static void json_task(struct nsv *v, const struct nsm_task_event *task)
{
	static const char *const names[] = {
		[NSL_TASK_NEW] = "new",
		[NSL_TASK_EXEC] = "exec",
		[NSL_TASK_EXIT] = "exit",
	};
	struct nsv_json j;

	begin(v, &j, "task");
	put_ts(v, &j, task->ts);
	nsv_json_str(&j, "event", task->event <= NSL_TASK_EXIT ? names[task->event] : NULL);
	nsv_json_u64(&j, "pid", task->pid);
	nsv_json_u64(&j, "tid", task->tid);
	put_u64_or_null(&j, "parent_pid", task->parent_pid);
	nsv_json_str(&j, "comm", task->comm);
	put_u64_or_null(&j, "nsproxy", task->nsproxy);
	put_u64_or_null(&j, "ns_pid", task->ns_pid);
	put_u64_or_null(&j, "ns_tid", task->ns_tid);
	finish(&j);
}

static void json_lost(struct nsv *v, const struct nsm_lost *lost)
{
	struct nsv_json j;

	begin(v, &j, "lost");
	put_ts(v, &j, lost->ts);
	nsv_json_u64(&j, "count", lost->count);
	nsv_json_str(&j, "hook", nsm_hook_name(lost->hook));
	finish(&j);
}

/* The strings of the kernel side, or null: "" would be one that is empty. */
static void put_text(struct nsv_json *j, const char *key, const char *text)
{
	nsv_json_str(j, key, *text ? text : NULL);
}

static void json_milestone(struct nsv *v, const struct nsm_milestone *m)
{
	struct nsv_json j;
	char text[NSE_MILESTONE_LEN];

	begin(v, &j, "milestone");
	nsv_json_u64(&j, "number", m->number);
	put_ts(v, &j, m->ts);
	put_duration(&j, m->duration);
	nsv_json_u64(&j, "pid", m->pid);
	nsv_json_u64(&j, "tid", m->tid);
	nsv_json_str(&j, "comm", m->comm);
	nsv_json_str(&j, "what", nsm_milestone_name(m->what));
	nsv_json_str(&j, "detail", nse_milestone(m, text, sizeof(text)));
	put_errno(&j, m->err);
	put_u64_or_null(&j, "about", m->about_pid);
	put_ns(&j, "ns", m->type, &m->ns);
	put_text(&j, "text", m->text);
	put_text(&j, "where", m->where);
	nsv_json_open(&j, "numbers", '[');
	nsv_json_u64(&j, NULL, m->detail[0]);
	nsv_json_u64(&j, NULL, m->detail[1]);
	nsv_json_close(&j, ']');
	nsv_json_str(&j, "cgroup", m->cgroup_path);
	nsv_json_str(&j, "container", m->container);
	finish(&j);
}

static void put_type_counts(struct nsv_json *j, const char *key, const uint64_t counts[NSL_TYPES])
{
	nsv_json_open(j, key, '{');
	for (int type = 0; type < NSL_TYPES; type++)
		nsv_json_u64(j, nsm_type_name((enum nsl_type)type), counts[type]);
	nsv_json_close(j, '}');
}

static void put_syscall_counts(struct nsv_json *j, const struct nsm_counts *c)
{
	nsv_json_open(j, "by_syscall", '{');
	for (int s = 0; s < NSL_SYSCALLS; s++) {
		if (!c->by_syscall[s])
			continue;
		nsv_json_open(j, nsm_syscall_name((enum nsl_syscall)s), '{');
		nsv_json_u64(j, "calls", c->by_syscall[s]);
		nsv_json_u64(j, "ok", c->ok[s]);
		nsv_json_open(j, "errors", '{');
		for (int err = 0; err < NSV_ERRNOS; err++) {
			const char *name = err ? nsm_errno_name(err) : "other";
			char number[NSV_WORD];

			if (!c->by_errno[s][err])
				continue;
			snprintf(number, sizeof(number), "%d", err);
			nsv_json_u64(j, name ? name : number, c->by_errno[s][err]);
		}
		nsv_json_close(j, '}');
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, '}');
}

static void json_end(struct nsv *v, const struct nsv_end *end)
{
	const struct nsm_counts *c = end->counts;
	struct nsv_json j;

	begin(v, &j, "end");
	nsv_json_u64(&j, "duration", end->duration_ns);
	nsv_json_open(&j, "counts", '{');
	nsv_json_u64(&j, "events", c->events);
	nsv_json_u64(&j, "lost", c->lost);
	nsv_json_u64(&j, "missed", end->missed);
	nsv_json_u64(&j, "calls", c->calls);
	nsv_json_u64(&j, "milestones", c->milestones);
	nsv_json_u64(&j, "forks", end->forks);
	put_syscall_counts(&j, c);
	put_type_counts(&j, "created", c->created);
	if (v->steps)
		put_type_counts(&j, "destroyed", c->destroyed);
	else
		nsv_json_null(&j, "destroyed");
	nsv_json_close(&j, '}');
	if (end->cost) {
		nsv_json_open(&j, "cost", '[');
		for (size_t i = 0; i < end->ncost; i++) {
			nsv_json_open(&j, NULL, '{');
			nsv_json_str(&j, "program", end->cost[i].program);
			nsv_json_u64(&j, "runs", end->cost[i].runs);
			nsv_json_u64(&j, "ns", end->cost[i].ns);
			nsv_json_close(&j, '}');
		}
		nsv_json_close(&j, ']');
	}
	nsv_json_str(&j, "hint", end->hint);
	nsv_json_open(&j, "alive", '[');
	for (size_t i = 0; i < end->nalive; i++)
		nsv_json_str(&j, NULL, end->alive[i]);
	nsv_json_close(&j, ']');
	finish(&j);
}

const struct nsv_style_ops nsv_json_ops = {
	.start = json_start,
	.call = json_call,
	.ns = json_ns,
	.task = json_task,
	.lost = json_lost,
	.milestone = json_milestone,
	.end = json_end,
};
