// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab check: does the kernel do what the files say? */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../explain/explain.h"
#include "../view/json.h"
#include "cmd.h"
#include "lab.h"
#include "lab_branches.h"
#include "signals.h"

#define TRIES 4 /* after lost events */

struct tally {
	unsigned int held, skipped, failed;	 /* scenarios */
	unsigned int expectations, unobservable; /* of one scenario */
	struct lab_branches branches;		 /* that its calls took */
};

struct difference {
	size_t step;
	struct lab_report report;
	char told[NSE_CALL_LEN]; /* what the kernel did, in words */
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void lab_print_finding(FILE *out, const struct lab_scenario *s, size_t index,
		       const struct lab_finding *f)
{
	fprintf(out, "%s step %zu (%s), line %u: %s\n  expected  %s\n  but       %s\n", s->name,
		index + 1, s->step[index].words, s->step[index].line, lab_key_name(f->key),
		f->expected, f->really);
}

static const char *outcome_text(const struct lab_outcome *o)
{
	return o->kind == LAB_REFUSED	? "it was not done"
	       : o->kind == LAB_TIMEOUT ? "the actor did not answer"
					: "the lab could not do it";
}

static void print_difference(const struct lab_scenario *s, const struct difference *d)
{
	const struct lab_report *r = &d->report;

	if (r->outcome.kind != LAB_DONE) {
		printf("%s step %zu (%s), line %u: %s: %s\n", s->name, d->step + 1,
		       s->step[d->step].words, s->step[d->step].line, outcome_text(&r->outcome),
		       r->outcome.text);
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->f[i].verdict == LAB_DIFFERS)
			lab_print_finding(stdout, s, d->step, &r->f[i]);
	if (d->told[0])
		printf("  what the kernel did: %s\n", d->told);
}

/* 0: all held; 1: one differs, `d` filled; -1: could not be run, `e` filled. */
static int check_once(struct lab_session *l, const struct lab_scenario *s, struct tally *t,
		      struct difference *d, bool *gap, struct nsl_error *e)
{
	int status = 0;

	*gap = false;
	t->expectations = t->unobservable = 0;
	t->branches.n = 0;
	if (lab_session_begin(l, s, e))
		return -1;
	for (size_t i = 0; i < s->nsteps && !status && !stop_count; i++) {
		const struct nsm_call *call;

		if (!lab_in_range(s->step[i].kernel, l->machine.kernel))
			continue;
		d->step = i;
		status = lab_session_step(l, &s->step[i], &d->report, e);
		*gap |= d->report.gap;
		lab_branches_add(&t->branches, l->seen, i, l->machine.kernel);
		t->expectations += (unsigned int)lab_report_count(&d->report, LAB_HOLDS);
		t->unobservable += (unsigned int)lab_report_count(&d->report, LAB_NOT_OBSERVABLE);
		if (status || lab_report_holds(&d->report))
			continue;
		status = 1;
		call = l->live ? lab_call_of(&l->world, &s->step[i]) : NULL;
		if (call)
			nse_call(call, l->machine.kernel, d->told, sizeof(d->told));
	}
	lab_session_end(l);
	return status;
}

static void tell_text(const struct lab_scenario *s, int status, const struct tally *t, uint64_t us)
{
	printf("%s %s: %zu steps, %u held", status ? "FAIL" : "ok", s->name, s->nsteps,
	       t->expectations);
	if (t->unobservable)
		printf(", %u not observable here", t->unobservable);
	printf(" (%llu ms)\n", (unsigned long long)(us / 1000));
}

static void tell_json(const struct lab_scenario *s, const char *result, const struct tally *t,
		      const char *why, const struct difference *d, uint64_t us)
{
	struct nsv_buf b = {0};
	struct nsv_json j = {.buf = &b};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "check");
	nsv_json_str(&j, "name", s->name);
	nsv_json_str(&j, "result", result);
	nsv_json_u64(&j, "held", t->expectations);
	nsv_json_u64(&j, "not_observable", t->unobservable);
	nsv_json_str(&j, "reason", why);
	nsv_json_u64(&j, "steps", s->nsteps);
	nsv_json_u64(&j, "duration", us * 1000);
	nsv_json_open(&j, "differences", '[');
	for (size_t i = 0; d && i < d->report.n; i++) {
		const struct lab_finding *f = &d->report.f[i];

		if (f->verdict != LAB_DIFFERS)
			continue;
		nsv_json_open(&j, NULL, '{');
		nsv_json_u64(&j, "step", d->step + 1);
		nsv_json_u64(&j, "line", s->step[d->step].line);
		nsv_json_str(&j, "key", lab_key_name(f->key));
		nsv_json_str(&j, "expected", f->expected);
		nsv_json_str(&j, "really", f->really);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, ']');
	lab_branches_json(&t->branches, &j);
	nsv_json_close(&j, '}');
	nsv_buf_str(&b, "\n");
	fwrite(b.data, 1, b.len, stdout);
	free(b.data);
}

static void check_one(struct lab_session *l, const struct lab_options *o, const char *name,
		      struct tally *t)
{
	static struct difference d;
	struct lab_scenario *s = lab_load(name);
	struct nsl_error e = {""};
	char why[200];
	bool gap = false;
	uint64_t began = now_us();
	int status = 0;

	t->failed += !s;
	if (!s)
		return;
	if (!lab_can_run(s, l->machine.kernel, why, sizeof(why))) {
		t->skipped++;
		t->expectations = t->unobservable = 0;
		t->branches.n = 0;
		if (o->json)
			tell_json(s, "not applicable", t, why, NULL, 0);
		else
			printf("skip %s: %s\n", s->name, why);
		lab_scenario_free(s);
		return;
	}
	for (int i = 0; i < TRIES; i++) {
		memset(&d, 0, sizeof(d));
		began = now_us();
		status = check_once(l, s, t, &d, &gap, &e);
		if (!status || !gap || stop_count)
			break;
		complain("lab", "%s: the kernel lost events; once more", s->name);
	}
	t->held += !status;
	t->failed += status != 0;
	if (o->json)
		tell_json(s, status ? "differs" : "holds", t,
			  e.text[0]					? e.text
			  : status && d.report.outcome.kind != LAB_DONE ? d.report.outcome.text
									: NULL,
			  status ? &d : NULL, now_us() - began);
	else
		tell_text(s, status, t, now_us() - began);
	if (e.text[0])
		complain("lab", "%s", e.text);
	else if (status && !o->json)
		print_difference(s, &d);
	fflush(stdout);
	lab_scenario_free(s);
}

int lab_check_all(const struct lab_options *o, char **names, int n)
{
	struct lab_session l = {
		.live_options = {.mode = o->mode, .btf = o->btf, .verbose = o->verbose}};
	struct nsl_error e = {""};
	static struct tally t;

	signals_catch();
	if (lab_session_open(&l, &e)) {
		complain("lab", "%s", e.text);
		lab_session_close(&l);
		return EXIT_FAILED;
	}
	if (!l.live)
		complain("lab", "results and texts alone are compared: %s", l.blind);
	else if (!capture_ladder(live_capture(l.live))->functions)
		complain("lab", "this machine permits no function hooks: kernel steps and "
				"destructions are not observable (try --guest)");
	for (int i = 0; i < n && !stop_count; i++)
		check_one(&l, o, names[i], &t);
	for (size_t i = 0; i < lab_nblobs && !n && !stop_count; i++)
		check_one(&l, o, lab_blobs[i].name, &t);
	if (!o->json)
		printf("%u held, %u differ, %u skipped\n", t.held, t.failed, t.skipped);
	lab_session_close(&l);
	return fflush(stdout) || t.failed || stop_count ? EXIT_FAILED : EXIT_DONE;
}
