// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab run --json: all steps of a scenario as JSON Lines. */
#include <stdlib.h>

#include "cmd.h"
#include "lab.h"
#include "lab_lines.h"
#include "signals.h"

static void write_line(void *ctx, enum lab_line kind, const char *json, size_t len)
{
	FILE *out = ctx;

	(void)kind;
	fwrite(json, 1, len, out);
	putc('\n', out);
	fflush(out);
}

/* 1: it ended early. */
static int all_steps(struct lab_session *l, struct lab_lines *lines, struct nsl_error *e)
{
	const struct lab_scenario *s = l->s;
	const unsigned int kernel = l->machine.kernel;
	static struct lab_report r;
	unsigned int number = 0;
	size_t first = lab_next_step(s, kernel, 0);

	for (size_t i = first; i < s->nsteps && !stop_count; i = lab_next_step(s, kernel, i + 1)) {
		bool more = i != first && lab_step_belongs(&s->step[i]);

		number += !more;
		lab_lines_step(lines, i, number, more);
		if (lab_session_step(l, &s->step[i], &r, e) || lab_lines_result(lines, i, &r, 0, e))
			return -1;
		if (r.outcome.kind != LAB_DONE)
			return 1;
	}
	return stop_count != 0;
}

static int run(struct lab_session *l, const struct lab_scenario *s, struct nsl_error *e)
{
	const struct lab_lines_options o = {.paths = true, .line = write_line, .ctx = stdout};
	struct lab_lines *lines;
	int err;

	lines = lab_lines_new(&o, l, s->title);
	if (!lines)
		return nsl_error_set(e, "out of memory");
	err = lab_session_begin(l, s, e);
	if (!err) {
		lab_lines_lesson(lines);
		err = all_steps(l, lines, e);
		if (err >= 0)
			lab_lines_summary(lines, !err);
		err = err || lab_lines_score(lines)->differs;
	}
	lab_lines_free(lines);
	return err ? -1 : 0;
}

int lab_run_json(const struct lab_options *o, const char *name)
{
	struct lab_session l = {
		.live_options = {.mode = o->mode, .btf = o->btf, .verbose = o->verbose}};
	struct lab_scenario *s = lab_load(name);
	struct nsl_error e = {""};
	int status = EXIT_FAILED;
	char why[200];

	if (!s)
		return EXIT_USAGE;
	signals_catch();
	if (!lab_session_open(&l, &e)) {
		if (!lab_can_run(s, l.machine.kernel, why, sizeof(why)))
			nsl_error_set(&e, "%s %s", s->name, why);
		else if (!run(&l, s, &e))
			status = EXIT_DONE;
	}
	if (e.text[0])
		complain("lab", "%s", e.text);
	lab_session_close(&l);
	lab_scenario_free(s);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : status;
}
