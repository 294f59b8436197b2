// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab run and lab step: a scenario as a story, or as a lesson. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "lab_lesson.h"
#include "signals.h"
#include "values.h"

bool lab_step_belongs(const struct lab_step *step)
{
	return !step->tell && !step->ask;
}

static void title(const struct lesson *t, const struct lab_step *step, size_t number, size_t of,
		  bool more)
{
	/* at a terminal the user types what a shell is to do */
	int len = step->op.verb == LAB_SHELL && t->l.interactive
			  ? (int)(strstr(step->words, " shell") + 6 - step->words)
			  : (int)strlen(step->words);

	if (!more)
		printf("\n%sStep %zu of %zu: %.*s%s\n", lesson_bold(t), number, of, len,
		       step->words, lesson_plain(t));
	else if (t->single)
		printf("\nStep %zu, more: %s\n", number, step->words);
	else
		printf("\n  %sand then: %s%s\n", lesson_bold(t), step->words, lesson_plain(t));
}

static int do_step(struct lesson *t, size_t index, struct nsl_error *e)
{
	const struct lab_step *step = &t->s->step[index];
	static struct lab_report r;

	if (step->op.verb == LAB_SHELL && t->l.interactive)
		printf("\n  %sYou are inside. `exit` or Ctrl-D brings you back.%s\n\n",
		       lesson_bold(t), lesson_plain(t));
	fflush(stdout);
	if (lab_session_step(&t->l, step, &r, e))
		return -1;
	nsv_flush(t->view);
	lesson_result(t, index, &r);
	if (t->pauses && step->op.verb != LAB_LOOK && !lesson_is_look(step->op.verb))
		lesson_draw(t, false);
	if (r.outcome.kind != LAB_DONE)
		t->over = true;
	return 0;
}

static int one_step(struct lesson *t, size_t index, size_t number, size_t of, bool more,
		    struct nsl_error *e)
{
	const struct lab_step *step = &t->s->step[index];
	unsigned int choice = 0;

	title(t, step, number, of, more);
	if (step->tell)
		lesson_paragraph(t, "  ", step->tell);
	if ((!more || t->single) && !lesson_predict(t, step, &choice)) {
		t->over = true;
		return 0;
	}
	if (do_step(t, index, e))
		return -1;
	lesson_reveal(t, step, choice);
	return 0;
}

size_t lab_next_step(const struct lab_scenario *s, unsigned int kernel, size_t i)
{
	while (i < s->nsteps && !lab_in_range(s->step[i].kernel, kernel))
		i++;
	return i;
}

static int all_steps(struct lesson *t, struct nsl_error *e)
{
	const unsigned int kernel = t->l.machine.kernel;
	size_t of = 0, number = 0, first = lab_next_step(t->s, kernel, 0);

	for (size_t i = first; i < t->s->nsteps; i = lab_next_step(t->s, kernel, i + 1))
		of += i == first || !lab_step_belongs(&t->s->step[i]);
	for (size_t i = first; i < t->s->nsteps && !t->over && !stop_count;
	     i = lab_next_step(t->s, kernel, i + 1)) {
		bool more = i != first && lab_step_belongs(&t->s->step[i]);

		number += !more;
		if (one_step(t, i, number, of, more, e))
			return -1;
	}
	return 0;
}

static int teach(struct lesson *t, struct nsl_error *e)
{
	if (lab_session_begin(&t->l, t->s, e))
		return -1;
	lesson_head(t);
	if (all_steps(t, e))
		return -1;
	if (t->over || stop_count) {
		printf("\nThe lesson ends here; nothing of it is left on this machine.\n");
		return 0;
	}
	putchar('\n');
	if (t->s->after)
		lesson_paragraph(t, "  ", t->s->after);
	if (t->asked && !t->answered)
		printf("  You answered none of %u question%s.\n", t->asked,
		       t->asked == 1 ? "" : "s");
	else if (t->asked)
		printf("  %u of %u questions answered right.\n", t->right, t->asked);
	return 0;
}

static int open_view(struct lesson *t)
{
	struct nsv_options o = {
		.style = NSV_STORY, .colour = t->colour, .width = t->width, .exits = true};
	struct timespec now;
	struct nsv_start start = {.version = NSLENS_VERSION,
				  .release = t->l.machine.release,
				  .boot_id = t->l.machine.boot_id,
				  .kernel = t->l.machine.kernel};

	t->view = nsv_new(stdout, &o);
	if (!t->view)
		return -1;
	t->l.view = nsv_sink(t->view);
	if (!t->l.live)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	start.mono_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	clock_gettime(CLOCK_REALTIME, &now);
	start.wall_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	start.steps = capture_ladder(live_capture(t->l.live))->functions;
	start.what = t->s->name;
	capture_initial(live_capture(t->l.live), start.initial);
	nsv_start(t->view, &start);
	putchar('\n');
	return 0;
}

int lab_lesson(const struct lab_options *o, const char *name, bool pauses)
{
	struct lesson t = {
		.pauses = pauses,
		.l.live_options = {.mode = o->mode, .btf = o->btf, .verbose = o->verbose}};
	struct lab_scenario *s = lab_load(name);
	struct nsl_error e = {""};
	int status = EXIT_FAILED;
	char why[200];

	if (!s)
		return EXIT_USAGE;
	t.s = s;
	t.l.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	t.colour = wants_colour(stdout, o->colour);
	t.width = terminal_width(stdout);
	t.width = t.width < 40 || t.width > 110 ? 100 : t.width;
	signals_catch();
	if (lab_session_open(&t.l, &e))
		goto out;
	if (!lab_can_run(s, t.l.machine.kernel, why, sizeof(why))) {
		nsl_error_set(&e, "%s %s%s", s->name, why,
			      lab_guest_is_here() ? "; --guest runs it in a virtual machine" : "");
		goto out;
	}
	if (open_view(&t)) {
		nsl_error_set(&e, "out of memory");
		goto out;
	}
	if (!teach(&t, &e))
		status = t.differs ? EXIT_FAILED : EXIT_DONE;
out:
	if (e.text[0])
		complain("lab", "%s", e.text);
	lab_session_close(&t.l);
	free(t.drawn);
	nsv_free(t.view);
	lab_scenario_free(s);
	return fflush(stdout) ? EXIT_FAILED : status;
}
