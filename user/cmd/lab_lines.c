// SPDX-License-Identifier: GPL-2.0-only
#include "lab_lines.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../explain/paths.h"
#include "../view/explain.h"
#include "../view/graph_view.h"
#include "lab.h"
#include "start_record.h"

struct lab_lines {
	struct lab_lines_options options;
	struct lab_session *l;
	struct nsv *view;
	FILE *out; /* of the view */
	enum lab_line kind;
	struct nsv_buf taken, buf;
	struct lab_score score;
	uint64_t born[LAB_LINES_BORN];
	size_t nborn;
};

/* ---- lines ---- */

static void put(struct lab_lines *x, enum lab_line kind, struct nsv_buf *b)
{
	while (b->len && b->data[b->len - 1] == '\n')
		b->len--;
	if (b->len && !b->failed)
		x->options.line(x->options.ctx, kind, b->data, b->len);
	b->len = 0;
	b->failed = false;
}

/* Whole lines of a view go out as they are. */
static ssize_t take(void *cookie, const char *data, size_t len)
{
	struct lab_lines *x = cookie;

	nsv_buf_add(&x->taken, data, len);
	if (len && data[len - 1] == '\n')
		put(x, x->kind, &x->taken);
	return (ssize_t)len;
}

struct nsv_json lab_lines_begin(struct lab_lines *x, const char *type)
{
	struct nsv_json j = {.buf = &x->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", type);
	return j;
}

void lab_lines_end(struct lab_lines *x, struct nsv_json *j, enum lab_line kind)
{
	nsv_json_close(j, '}');
	put(x, kind, &x->buf);
}

/* ---- calls, and their paths ---- */

static void put_path(struct lab_lines *x, const struct nsm_call *call)
{
	static struct nse_place rows[NSE_WALK_MAX];
	static const struct nsv_options style = {.style = NSV_JSON};
	const struct nsv_explain o = {.kernel = x->l->machine.kernel};
	size_t n = nse_path_of_call(call, o.kernel, rows, NSE_WALK_MAX), size = 0;
	struct nsv_buf object = {0};
	FILE *out = n ? open_memstream(&object.data, &size) : NULL;
	struct nsv *v = out ? nsv_new(out, &style) : NULL;

	if (v) {
		nsv_explain_call(v, &o, rows, n < NSE_WALK_MAX ? n : NSE_WALK_MAX, true);
		nsv_flush(v);
		nsv_free(v);
	}
	if (out && !fclose(out) && v && size > 2) {
		/* for which call, into the object */
		nsv_buf_printf(&x->buf, "{\"calls\":[%llu],", (unsigned long long)call->number);
		nsv_buf_add(&x->buf, object.data + 1, size - 1);
		put(x, LAB_LINE_MORE, &x->buf);
	}
	free(object.data);
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct lab_lines *x = ctx;
	const struct nsm_sink view = nsv_sink(x->view);

	view.call(view.ctx, call);
	nsv_flush(x->view);
	if (x->options.paths && call->steps)
		put_path(x, call);
}

/* ---- the picture ---- */

static void look_after(struct lab_lines *x, uint64_t id)
{
	for (size_t i = 0; i < x->nborn; i++)
		if (x->born[i] == id)
			return;
	if (id && x->nborn < LAB_LINES_BORN)
		x->born[x->nborn++] = id;
}

static void note_births(struct lab_lines *x)
{
	size_t n;
	const struct lab_birth *births = lab_seen_births(x->l->seen, &n);

	for (size_t i = 0; i < n; i++)
		look_after(x, births[i].id);
	for (size_t i = 0; i < x->l->s->nmarks; i++)
		look_after(x, x->l->world.mark[i]);
}

/* Something else than tasks holds one of the lesson's namespaces: what is it? */
static int read_keepers(struct lab_lines *x, struct nsl_error *e)
{
	const struct nsg *g = live_graph(x->l->live);
	struct keepers_options o = {.all_sockets = true};
	struct keepers_report report;

	for (size_t i = 0; i < x->nborn && !x->l->world.keepers; i++) {
		const struct nsg_ns *ns = nsg_find_ns(g, x->born[i]);

		if (ns && nsv_is_lone(ns))
			return live_keepers(x->l->live, &o, &report, e);
	}
	return 0;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The actors, what they reach, and what was made in this lesson. */
static void put_graph(struct lab_lines *x)
{
	const struct lab_session *l = x->l;
	const uint32_t nobody = 0;
	const struct nsv_graph_options o = {
		.filter.tasks = l->ntasks ? l->tasks : &nobody,
		.filter.ntasks = l->ntasks ? l->ntasks : 1,
		.filter.also = x->born,
		.filter.nalso = x->nborn,
		.now_ns = clock_ns(CLOCK_MONOTONIC),
		.wall_ns = clock_ns(CLOCK_REALTIME),
		.release = l->machine.release,
		.tracepoints_only = !l->world.functions,
	};
	struct nsv_buf object = {0};
	FILE *out;

	if (!l->live)
		return;
	out = open_memstream(&object.data, &object.len);
	if (!out)
		return;
	object.failed = nsv_graph_json(out, live_graph(l->live), &o) != 0;
	object.failed |= fclose(out) != 0;
	put(x, LAB_LINE_MORE, &object);
	free(object.data);
}

/* ---- its life ---- */

static void put_start(struct lab_lines *x, const char *what)
{
	struct lab_session *l = x->l;
	struct nsv_fact facts[MAX_HOOKS];
	struct nsv_start start = {.version = NSLENS_VERSION,
				  .release = l->machine.release,
				  .boot_id = l->machine.boot_id,
				  .mono_ns = clock_ns(CLOCK_MONOTONIC),
				  .wall_ns = clock_ns(CLOCK_REALTIME),
				  .kernel = l->machine.kernel,
				  .what = what};

	if (l->live)
		start_record_fill(&start, facts, &l->machine, live_capture(l->live), what);
	x->kind = LAB_LINE_START;
	nsv_start(x->view, &start);
	nsv_flush(x->view);
	x->kind = LAB_LINE_MORE;
}

struct lab_lines *lab_lines_new(const struct lab_lines_options *o, struct lab_session *l,
				const char *what)
{
	static const struct nsv_options style = {.style = NSV_JSON, .exits = true, .words = true};
	static const cookie_io_functions_t io = {.write = take};
	struct lab_lines *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->options = *o;
	x->l = l;
	x->out = fopencookie(x, "w", io);
	if (x->out) {
		setvbuf(x->out, NULL, _IONBF, 0);
		x->view = nsv_new(x->out, &style);
	}
	if (!x->view) {
		lab_lines_free(x);
		return NULL;
	}
	put_start(x, what);
	l->view = (struct nsm_sink){.ctx = x, .call = on_call};
	return x;
}

void lab_lines_free(struct lab_lines *x)
{
	if (!x)
		return;
	if (x->view)
		x->l->view = (struct nsm_sink){0};
	nsv_free(x->view);
	if (x->out)
		fclose(x->out);
	free(x->taken.data);
	free(x->buf.data);
	free(x);
}

const struct lab_score *lab_lines_score(const struct lab_lines *x)
{
	return &x->score;
}

/* ---- what a lesson is made of ---- */

static void put_actors(struct lab_lines *x, struct nsv_json *j)
{
	const struct lab_scenario *s = x->l->s;

	nsv_json_open(j, "actors", '[');
	for (size_t i = 0; i < s->nactors; i++) {
		const struct lab_actor *a = &s->actor[i];

		if (a->child)
			continue;
		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "name", a->name);
		nsv_json_u64(j, "tid", (uint64_t)lab_driver_tid(x->l->driver, (int)i));
		nsv_json_str(j, "thread_of",
			     a->thread_of >= 0 ? s->actor[a->thread_of].name : NULL);
		nsv_json_bool(j, "unprivileged", a->nobody);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_stage(const struct lab_scenario *s, struct nsv_json *j)
{
	nsv_json_open(j, "stage", '[');
	for (int i = 0; i < NSL_TYPES; i++)
		if (s->stage & 1u << i || i == NSL_PID)
			nsv_json_str(j, NULL, nsm_type_name((enum nsl_type)i));
	nsv_json_close(j, ']');
}

void lab_lines_lesson(struct lab_lines *x)
{
	const struct lab_session *l = x->l;
	const struct lab_scenario *s = l->s;
	struct nsv_json j = lab_lines_begin(x, "lesson");
	unsigned int steps = 0, questions = 0;

	x->score = (struct lab_score){0};
	x->nborn = 0;
	for (size_t i = lab_next_step(s, l->machine.kernel, 0), first = i; i < s->nsteps;
	     i = lab_next_step(s, l->machine.kernel, i + 1)) {
		steps += i == first || !lab_step_belongs(&s->step[i]);
		questions += s->step[i].nchoices > 0;
	}
	nsv_json_str(&j, "name", s->name);
	nsv_json_str(&j, "title", s->title);
	nsv_json_str(&j, "topic", lab_topics[s->topic].title);
	nsv_json_u64(&j, "level", s->level);
	nsv_json_str(&j, "teaches", s->teaches);
	nsv_json_u64(&j, "steps", steps);
	nsv_json_u64(&j, "questions", questions);
	nsv_json_str(&j, "seen",
		     !l->live		  ? "nothing"
		     : l->world.functions ? "functions"
					  : "tracepoints");
	nsv_json_str(&j, "blind", l->live ? NULL : l->blind);
	put_stage(s, &j);
	put_actors(x, &j);
	lab_lines_end(x, &j, LAB_LINE_LESSON);
	put_graph(x);
}

void lab_lines_step(struct lab_lines *x, size_t index, unsigned int number, bool more)
{
	const struct lab_step *step = &x->l->s->step[index];
	struct nsv_json j = lab_lines_begin(x, "step");

	nsv_json_u64(&j, "index", index + 1);
	nsv_json_u64(&j, "number", number);
	nsv_json_bool(&j, "more", more);
	nsv_json_str(&j, "do", step->words);
	nsv_json_str(&j, "tell", step->tell);
	nsv_json_str(&j, "ask", step->ask);
	nsv_json_open(&j, "choices", '[');
	for (size_t i = 0; i < step->nchoices; i++)
		nsv_json_str(&j, NULL, step->choice[i]);
	nsv_json_close(&j, ']');
	lab_lines_end(x, &j, LAB_LINE_MORE);
}

static const char *const outcomes[] = {
	[LAB_DONE] = "done",
	[LAB_REFUSED] = "refused",
	[LAB_BROKEN] = "broken",
	[LAB_TIMEOUT] = "timeout",
};

static void put_outcome(struct lab_lines *x, const struct lab_step *step,
			const struct lab_outcome *o, struct nsv_json *j)
{
	char told[160];

	nsv_json_str(j, "outcome", outcomes[o->kind]);
	nsv_json_i64(j, "ret", o->ret);
	nsv_json_str(j, "errno", o->err ? nsm_errno_name(o->err) : NULL);
	if (o->kind != LAB_DONE || step->op.verb == LAB_LOOK)
		nsv_json_null(j, "told");
	else
		nsv_json_str(j, "told", lab_told(x->l->s, step, o, told, sizeof(told)));
	nsv_json_str(j, "text", o->text[0] ? o->text : NULL);
}

/* The names that the file has for namespaces, and those that are gone now. */
static void put_marks(struct lab_lines *x, struct nsv_json *j)
{
	const struct lab_session *l = x->l;

	nsv_json_open(j, "marks", '{');
	for (size_t m = 0; m < l->s->nmarks && l->live; m++)
		if (l->world.mark[m])
			nsv_json_u64(j, l->s->mark[m], l->world.mark[m]);
	nsv_json_close(j, '}');
	nsv_json_open(j, "destroyed", '[');
	for (size_t m = 0; m < l->s->nmarks && l->live; m++)
		if (l->world.mark[m] && lab_seen_died_now(l->seen, l->world.mark[m]))
			nsv_json_str(j, NULL, l->s->mark[m]);
	nsv_json_close(j, ']');
}

static void put_findings(const struct lab_report *r, struct nsv_json *j)
{
	nsv_json_u64(j, "held", lab_report_count(r, LAB_HOLDS));
	nsv_json_open(j, "not_observable", '[');
	for (size_t i = 0; i < r->n; i++)
		if (r->f[i].verdict == LAB_NOT_OBSERVABLE)
			nsv_json_str(j, NULL, lab_key_name(r->f[i].key));
	nsv_json_close(j, ']');
	nsv_json_open(j, "differences", '[');
	for (size_t i = 0; i < r->n; i++) {
		if (r->f[i].verdict != LAB_DIFFERS)
			continue;
		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "key", lab_key_name(r->f[i].key));
		nsv_json_str(j, "expected", r->f[i].expected);
		nsv_json_str(j, "really", r->f[i].really);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
	nsv_json_bool(j, "gap", r->gap);
}

static void put_answer(const struct lab_step *step, unsigned int choice, struct nsv_json *j)
{
	if (step->nchoices)
		nsv_json_u64(j, "right", step->right);
	else
		nsv_json_null(j, "right");
	nsv_json_str(j, "answer", step->nchoices ? step->choice[step->right - 1] : step->answer);
	nsv_json_str(j, "why", step->why);
	if (choice)
		nsv_json_u64(j, "choice", choice);
	else
		nsv_json_null(j, "choice");
}

int lab_lines_result(struct lab_lines *x, size_t index, const struct lab_report *r,
		     unsigned int choice, struct nsl_error *e)
{
	const struct lab_step *step = &x->l->s->step[index];
	struct nsv_json j;

	x->score.asked += step->nchoices > 0;
	x->score.answered += choice > 0;
	x->score.right += choice && choice == step->right;
	x->score.differs += !lab_report_holds(r);
	nsv_flush(x->view);
	note_births(x);
	if (x->l->live && read_keepers(x, e))
		return -1;
	j = lab_lines_begin(x, "result");
	nsv_json_u64(&j, "index", index + 1);
	put_outcome(x, step, &r->outcome, &j);
	put_answer(step, choice, &j);
	put_marks(x, &j);
	put_findings(r, &j);
	lab_lines_end(x, &j, LAB_LINE_MORE);
	put_graph(x);
	return 0;
}

void lab_lines_summary(struct lab_lines *x, bool whole)
{
	struct nsv_json j = lab_lines_begin(x, "summary");

	nsv_json_bool(&j, "whole", whole);
	nsv_json_u64(&j, "asked", x->score.asked);
	nsv_json_u64(&j, "answered", x->score.answered);
	nsv_json_u64(&j, "right", x->score.right);
	nsv_json_u64(&j, "differs", x->score.differs);
	nsv_json_str(&j, "after", whole ? x->l->s->after : NULL);
	lab_lines_end(x, &j, LAB_LINE_MORE);
}
