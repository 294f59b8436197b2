// SPDX-License-Identifier: GPL-2.0-only
/* The report as JSON Lines: one object each. The schema stands in user/doc/report.md. */
#include <inttypes.h>
#include <stdlib.h>

#include "json.h"
#include "report_internal.h"

static void put_time(const struct nsv *v, struct nsv_json *j, const char *key, uint64_t ts)
{
	if (ts)
		nsv_json_i64(j, key, nsv_since_start(v, ts));
	else
		nsv_json_null(j, key);
}

static void put_duration(struct nsv_json *j, const char *key, int64_t ns)
{
	if (ns == NSM_DURATION_UNKNOWN)
		nsv_json_null(j, key);
	else
		nsv_json_i64(j, key, ns);
}

static void put_number(struct nsv_json *j, const char *key, uint64_t n)
{
	if (n)
		nsv_json_u64(j, key, n);
	else
		nsv_json_null(j, key);
}

static void put_index(struct nsv_json *j, const char *key, size_t i)
{
	if (i == NSU_NONE)
		nsv_json_null(j, key);
	else
		nsv_json_u64(j, key, i);
}

static void put_errno(struct nsv_json *j, int err)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", err);
	nsv_json_str(j, "errno", !err ? NULL : nsm_errno_name(err) ? nsm_errno_name(err) : number);
}

static void put_ns_members(struct nsv_json *j, enum nsl_type type, const struct nsl_ref *ref)
{
	char word[NSV_WORD];

	nsv_json_str(j, "ns", nsv_ns_name(type, ref->inum, word));
	put_number(j, "id", ref->obj);
}

static void put_types(struct nsv_json *j, const char *key, uint64_t types)
{
	nsv_json_open(j, key, '[');
	for (int type = 0; type < NSL_TYPES; type++) {
		if (types & 1ull << type)
			nsv_json_str(j, NULL, nsm_type_name((enum nsl_type)type));
	}
	nsv_json_close(j, ']');
}

static void put_stages(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	char note[NSE_REPORT_LEN];

	nsv_json_open(j, "stages", '[');
	for (size_t i = 0; i < s->nstages; i++) {
		const struct nsu_stage *stage = &s->stages[i];

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "stage", nsu_stage_word(stage->kind));
		nsv_json_str(j, "name", nsu_stage_name(stage->kind));
		put_time(v, j, "ts", stage->begin);
		nsv_json_u64(j, "duration", stage->end - stage->begin);
		nsv_json_u64(j, "in_calls", stage->kernel);
		put_number(j, "pid", stage->pid);
		put_number(j, "tid", stage->tid);
		nsv_json_str(j, "comm", *stage->comm ? stage->comm : NULL);
		put_number(j, "waits_for", stage->waits_for);
		nsv_json_bool(j, "inferred", stage->inferred);
		nsv_json_str(j, "note", nse_stage_note(s, i, note, sizeof(note)));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_tasks(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	nsv_json_open(j, "tasks", '[');
	for (size_t i = 0; i < s->ntasks; i++) {
		const struct nsu_task *t = &s->tasks[i];

		nsv_json_open(j, NULL, '{');
		nsv_json_u64(j, "pid", t->pid);
		nsv_json_u64(j, "tid", t->tid);
		put_number(j, "parent", t->parent);
		put_number(j, "ns_pid", t->ns_pid);
		nsv_json_str(j, "first_comm", t->first);
		nsv_json_str(j, "comm", t->comm);
		put_time(v, j, "seen", t->seen);
		put_time(v, j, "born", t->born);
		put_time(v, j, "exec", t->exec);
		put_time(v, j, "exit", t->exit);
		nsv_json_u64(j, "execs", t->execs);
		nsv_json_bool(j, "outer", t->outer);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_steps(struct nsv_json *j, const struct nsm_call *c)
{
	nsv_json_open(j, "steps", '[');
	for (size_t i = 0; i < c->nsteps; i++) {
		const struct nsm_step *step = &c->steps[i];

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "fn", nsm_fn_name(step->fn));
		nsv_json_str(j, "outcome", nsm_outcome_name(step->outcome));
		put_duration(j, "duration", step->duration);
		put_errno(j, step->err);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_calls(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	char text[NSE_REPORT_LEN];

	nsv_json_open(j, "calls", '[');
	for (size_t i = 0; i < s->ncalls; i++) {
		const struct nsu_call *call = &s->calls[i];
		const struct nsm_call *c = &call->call;

		nsv_json_open(j, NULL, '{');
		nsv_json_u64(j, "number", c->number);
		put_time(v, j, "ts", c->ts);
		put_duration(j, "duration", c->duration);
		put_number(j, "in_functions", call->inside);
		nsv_json_u64(j, "pid", c->pid);
		nsv_json_u64(j, "tid", c->tid);
		nsv_json_str(j, "comm", c->comm);
		nsv_json_str(j, "syscall", nsm_syscall_name(c->syscall));
		nsv_json_open(j, "flags", '[');
		for (int type = 0; type < NSL_TYPES; type++) {
			if (c->new_flags & nsm_type_bit((enum nsl_type)type))
				nsv_json_str(j, NULL, nsm_type_flag((enum nsl_type)type));
		}
		nsv_json_close(j, ']');
		put_errno(j, c->err);
		put_number(j, "child", c->child);
		nsv_json_str(j, "matter", nsu_matter_name(call->matter));
		put_index(j, "again", call->again);
		put_index(j, "stage", call->stage);
		nsv_json_bool(j, "outer", call->outer);
		nsv_json_str(j, "why",
			     c->err ? nse_startup_failure(s, call, v->kernel, text, sizeof(text))
				    : NULL);
		put_steps(j, c);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_milestones(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	char detail[NSE_MILESTONE_LEN];

	nsv_json_open(j, "milestones", '[');
	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsm_milestone *m = &s->milestones[i].m;

		nsv_json_open(j, NULL, '{');
		put_time(v, j, "ts", m->ts);
		put_duration(j, "duration", m->duration);
		nsv_json_u64(j, "pid", m->pid);
		nsv_json_u64(j, "tid", m->tid);
		nsv_json_str(j, "comm", m->comm);
		nsv_json_str(j, "what", nsm_milestone_name(m->what));
		nsv_json_str(j, "detail", nse_milestone(m, detail, sizeof(detail)));
		put_errno(j, m->err);
		put_index(j, "stage", s->milestones[i].stage);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_namespaces(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	char how[NSV_REPORT_WORD];

	nsv_json_open(j, "namespaces", '[');
	for (size_t i = 0; i < s->nnamespaces; i++) {
		const struct nsu_ns *ns = &s->namespaces[i];

		nsv_json_open(j, NULL, '{');
		put_ns_members(j, ns->type, &ns->ns);
		nsv_json_str(j, "type", nsm_type_name(ns->type));
		nsv_json_str(j, "role", nsu_role_name(ns->role));
		nsv_json_bool(j, "host", nsv_is_initial(v, ns->type, ns->ns.inum));
		put_number(j, "owner", ns->owner.obj);
		put_number(j, "parent", ns->parent.obj);
		put_index(j, "call", ns->call);
		put_time(v, j, "born", ns->born);
		put_time(v, j, "died", ns->died);
		put_number(j, "made_by_startup", ns->shared_with);
		nsv_json_bool(j, "outer", ns->outer);
		nsv_json_str(j, "how", nsv_report_how(v, s, ns, how));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_path(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	nsv_json_open(j, "critical_path", '[');
	for (size_t i = 0; i < s->npath; i++) {
		const struct nsu_segment *g = &s->path[i];

		nsv_json_open(j, NULL, '{');
		put_time(v, j, "ts", g->from);
		nsv_json_u64(j, "duration", g->to - g->from);
		nsv_json_u64(j, "pid", g->pid);
		nsv_json_str(j, "comm", *g->comm ? g->comm : NULL);
		nsv_json_str(j, "doing", nsu_doing_name(g->doing));
		put_index(j, "call", g->call);
		put_number(j, "waits_for", g->waits_for);
		put_index(j, "stage", g->stage);
		nsv_json_bool(j, "inferred", g->inferred);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_payload(const struct nsv *v, struct nsv_json *j, const struct nsu_startup *s)
{
	const struct nsu_payload *p = &s->payload;

	if (!p->pid) {
		nsv_json_null(j, "payload");
		return;
	}
	nsv_json_open(j, "payload", '{');
	nsv_json_u64(j, "pid", p->pid);
	put_number(j, "ns_pid", p->ns_pid);
	nsv_json_u64(j, "pid_level", p->pid_level);
	nsv_json_str(j, "comm", p->comm);
	nsv_json_str(j, "file", p->file);
	nsv_json_str(j, "hostname", p->hostname);
	if (p->uid != UINT32_MAX) {
		nsv_json_u64(j, "uid", p->uid);
		nsv_json_u64(j, "gid", p->gid);
	} else {
		nsv_json_null(j, "uid");
		nsv_json_null(j, "gid");
	}
	put_time(v, j, "exec", p->exec);
	put_time(v, j, "exit", p->exit);
	nsv_json_close(j, '}');
}

static void put_sums(struct nsv_json *j, const struct nsu_startup *s)
{
	const struct nsu_sums *sums = &s->sums;

	nsv_json_open(j, "sums", '{');
	nsv_json_u64(j, "total", sums->total);
	nsv_json_u64(j, "calls", sums->calls);
	if (sums->functions_known)
		nsv_json_u64(j, "functions", sums->functions);
	else
		nsv_json_null(j, "functions");
	nsv_json_u64(j, "waiting", sums->waiting);
	nsv_json_u64(j, "outside", sums->outside);
	nsv_json_u64(j, "all_calls", sums->all_calls);
	if (sums->functions_known)
		nsv_json_u64(j, "all_functions", sums->all_functions);
	else
		nsv_json_null(j, "all_functions");
	nsv_json_u64(j, "failed", sums->failed);
	nsv_json_u64(j, "failed_that_mattered", sums->failed_that_mattered);
	nsv_json_open(j, "created", '{');
	for (int type = 0; type < NSL_TYPES; type++)
		nsv_json_u64(j, nsm_type_name((enum nsl_type)type), sums->created[type]);
	nsv_json_close(j, '}');
	nsv_json_close(j, '}');
}

static void put_startup(struct nsv *v, const struct nsv_report *r, const struct nsu_startup *s)
{
	struct nsv_json j = {.buf = &v->buf};
	char text[NSE_REPORT_LEN], clock[NSV_WORD];

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "startup");
	nsv_json_u64(&j, "number", s->number);
	nsv_json_str(&j, "runtime", nsu_runtime_name(s->runtime));
	nsv_json_str(&j, "frame", nsu_frame_name(s->frame));
	nsv_json_str(&j, "runtime_comm", s->runtime_comm);
	nsv_json_str(&j, "recognised", s->recognised);
	nsv_json_str(&j, "container", s->container);
	nsv_json_str(&j, "cgroup", s->cgroup);
	nsv_json_str(&j, "outcome", nsu_outcome_name(s->outcome));
	nsv_json_i64(&j, "ts", nsv_since_start(v, s->begin));
	nsv_json_u64(&j, "duration", s->end - s->begin);
	nsv_json_str(&j, "clock", nsv_report_clock(r, s->begin, clock));
	nsv_json_bool(&j, "of_command", s->of_command);
	nsv_json_bool(&j, "gap", s->gap);
	nsv_json_bool(&j, "begin_cut", s->begin_cut);
	nsv_json_bool(&j, "too_big", s->too_big);
	put_number(&j, "inside_of", s->parent);
	nsv_json_str(&j, "headline", nse_startup_headline(s, text, sizeof(text)));
	nsv_json_str(&j, "verdict", nse_startup_verdict(s, v->kernel, text, sizeof(text)));
	put_index(&j, "failed_call", s->failed_call);
	put_index(&j, "failed_milestone", s->failed_milestone);
	put_payload(v, &j, s);
	put_sums(&j, s);
	put_stages(v, &j, s);
	put_path(v, &j, s);
	put_namespaces(v, &j, s);
	put_calls(v, &j, s);
	put_milestones(v, &j, s);
	put_tasks(v, &j, s);
	nsv_json_close(&j, '}');
	nsv_buf_str(&v->buf, "\n");
	nsv_write_block(v);
}

void nsv_report_startup_json(struct nsv *v, const struct nsv_start *start,
			     const struct nsu_startup *s)
{
	const struct nsv_report r = {.start = *start};

	nsv_report_take_start(v, start);
	put_startup(v, &r, s);
}

static void put_joined(struct nsv *v, const struct nsu_joined *joined)
{
	struct nsv_json j = {.buf = &v->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "joined");
	nsv_json_i64(&j, "ts", nsv_since_start(v, joined->begin));
	nsv_json_u64(&j, "duration", joined->end - joined->begin);
	nsv_json_u64(&j, "pid", joined->pid);
	nsv_json_str(&j, "by", joined->by);
	nsv_json_str(&j, "comm", *joined->comm ? joined->comm : NULL);
	put_types(&j, "types", joined->types);
	put_number(&j, "startup", joined->startup);
	nsv_json_str(&j, "container", joined->container);
	nsv_json_bool(&j, "failed", joined->failed);
	put_errno(&j, joined->err);
	nsv_json_close(&j, '}');
	nsv_buf_str(&v->buf, "\n");
}

static void put_row(struct nsv_json *j, const struct nse_report_row *row)
{
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "runtime", nsu_runtime_name(row->runtime));
	nsv_json_str(j, "frame", nsu_frame_name(row->frame));
	nsv_json_u64(j, "count", row->n);
	nsv_json_u64(j, "running", row->running);
	nsv_json_u64(j, "failed", row->failed);
	nsv_json_u64(j, "unfinished", row->unfinished);
	nsv_json_u64(j, "doubtful", row->doubtful);
	put_number(j, "p50", row->p50);
	put_number(j, "p90", row->p90);
	put_number(j, "p99", row->p99);
	put_number(j, "longest", row->max);
	nsv_json_close(j, '}');
}

static void put_rows(struct nsv *v, struct nsv_json *j, const struct nsv_report *r)
{
	size_t n = 0;
	struct nse_report_row *rows = nse_report_rows(r->list, r->n, &n);
	char text[NSE_REPORT_LEN];

	if (!rows)
		v->buf.failed = true;
	nsv_json_open(j, "runtimes", '[');
	for (size_t i = 0; rows && i < n; i++)
		put_row(j, &rows[i]);
	nsv_json_close(j, ']');
	free(rows);
	nsv_json_str(j, "slow_ones",
		     nse_report_common(r->list, r->n, text, sizeof(text)) ? text : NULL);
}

void nsv_report_json(struct nsv *v, const struct nsv_report *r)
{
	struct nsv_json j = {.buf = &v->buf};
	char note[NSV_REPORT_WORD];

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "report");
	nsv_json_str(&j, "schema", "nslens-report/1");
	nsv_json_str(&j, "file", r->file);
	nsv_json_str(&j, "version", r->start.version);
	nsv_json_str(&j, "kernel", r->start.release);
	nsv_json_str(&j, "boot_id", r->start.boot_id);
	nsv_json_u64(&j, "wall_clock", r->start.wall_ns);
	nsv_json_i64(&j, "duration", nsv_since_start(v, r->end));
	nsv_json_u64(&j, "startups", r->n);
	nsv_json_u64(&j, "joined", r->njoins);
	nsv_json_u64(&j, "lost", r->lost);
	nsv_json_u64(&j, "gaps", r->gaps);
	nsv_json_bool(&j, "cut", r->cut);
	nsv_json_u64(&j, "left_out", r->left_out);
	nsv_json_u64(&j, "others", r->others);
	nsv_json_u64(&j, "not_run", r->unrun);
	put_rows(v, &j, r);
	nsv_json_open(&j, "notes", '[');
	for (size_t i = 0; i < NSV_REPORT_NOTES; i++) {
		const char *text = nsv_report_note(r, i, note);

		if (text)
			nsv_json_str(&j, NULL, text);
	}
	nsv_json_close(&j, ']');
	nsv_json_close(&j, '}');
	nsv_buf_str(&v->buf, "\n");
	for (size_t i = 0; i < r->n; i++)
		put_startup(v, r, r->list[i]);
	for (size_t i = 0; i < r->njoins; i++)
		put_joined(v, &r->joins[i]);
}
