// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab run and lab step: a scenario as a story, or as a lesson. */
#include <ctype.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../view/graph_view.h"
#include "../view/view.h"
#include "cmd.h"
#include "lab.h"
#include "signals.h"
#include "values.h"

#define LINE_MAX_LEN 400

struct lesson {
	struct lab_session l;
	const struct lab_scenario *s;
	struct nsv *view;
	bool pauses, colour, over;
	int width;
	unsigned int asked, answered, right, differs;
	char *drawn;	/* the rows of the last picture */
	bool explained; /* its legend was shown */
	char line[LINE_MAX_LEN];
};

static const char *bold(const struct lesson *t)
{
	return t->colour ? "\033[1m" : "";
}

static const char *dim(const struct lesson *t)
{
	return t->colour ? "\033[2m" : "";
}

static const char *plain(const struct lesson *t)
{
	return t->colour ? "\033[0m" : "";
}

/* A paragraph, wrapped; lines of the text that begin with a blank stay as they are. */
static void paragraph(const struct lesson *t, const char *lead, const char *text)
{
	int width = t->width, indent = (int)strlen(lead), column = indent;

	printf("%s", lead);
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " \n");

		if (column > indent && column + 1 + (int)n > width) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)n, p);
		column += (int)n;
		p += n;
		if (*p == '\n') {
			printf("\n%*s", indent, "");
			column = indent;
		}
		p += *p != 0;
	}
	putchar('\n');
}

/* Text of a program or file: hostile. */
static void safe_lines(const char *lead, const char *text)
{
	printf("%s", lead);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '\n')
			printf("\n%*s", (int)strlen(lead), "");
		else if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
			printf("\\x%02x", *p);
		else
			putchar(*p);
	}
	putchar('\n');
}

/* Is there the script that --guest needs? As lab_guest() looks for it. */
static bool guest_is_here(void)
{
	static const char script[] = "/../tests/guest/run.sh";
	char path[PATH_MAX + sizeof(script)], *slash;
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n < 0)
		return false;
	path[n] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	memcpy(slash, script, sizeof(script));
	return !access(path, X_OK);
}

/* Between the first empty line and the last: the summary counts the whole machine. */
static char *rows_of(const char *picture, const char **legend)
{
	const char *from = strstr(picture, "\n\n"), *to = from, *next;

	while (to && (next = strstr(to + 1, "\n\n")))
		to = next;
	*legend = to && to != from ? to + 1 : NULL;
	return *legend ? strndup(from, (size_t)(to - from)) : strdup(picture);
}

/* What has not changed is not drawn again, unless it is asked for. */
static void show(struct lesson *t, const char *picture, bool asked)
{
	const char *legend;
	char *rows = rows_of(picture, &legend);
	bool same = rows && t->drawn && !strcmp(rows, t->drawn);

	free(t->drawn);
	t->drawn = rows;
	if (same && !asked)
		return;
	if (legend && t->explained && !asked)
		printf("\n%.*s\n", (int)(legend - picture), picture);
	else
		printf("\n%s\n", picture);
	t->explained = true;
}

static void draw(struct lesson *t, bool asked)
{
	char *picture = NULL;
	size_t size;
	FILE *out;
	struct nsv_graph_options o = {
		.filter.tasks = t->l.tasks,
		.filter.ntasks = t->l.ntasks,
		.colour = t->colour,
		.width = t->width,
		.tracepoints_only = !t->l.world.functions,
	};
	struct timespec now;

	if (!t->l.live || !t->l.ntasks)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	o.now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	clock_gettime(CLOCK_REALTIME, &now);
	o.wall_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	out = open_memstream(&picture, &size);
	if (!out)
		return;
	nsv_graph_text(out, live_graph(t->l.live), &o);
	if (!fclose(out))
		show(t, picture, asked);
	free(picture);
}

/*
 * A line from the user, without its end; the graph goes on meanwhile. False: end
 * of input, or stopped.
 */
static bool read_line(struct lesson *t)
{
	size_t n = 0;
	struct nsl_error e;

	fflush(stdout);
	while (!stop_count) {
		struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
		char c;

		if (t->l.live && live_poll(t->l.live, 0, &e) < 0)
			return false;
		if (poll(&fd, 1, 100) <= 0)
			continue;
		if (read(STDIN_FILENO, &c, 1) != 1)
			return n > 0;
		if (c == '\n') {
			t->line[n] = 0;
			return true;
		}
		if (n < sizeof(t->line) - 1)
			t->line[n++] = c;
	}
	return false;
}

static const char keys_help[] =
	"  Enter  go on          g  the graph now      t  what the file expects of this step\n"
	"  q      leave          ?  these keys\n";

static void show_expectation(const struct lesson *t, const struct lab_step *step)
{
	struct lab_expect x;
	size_t n = 0;

	lab_expect_merge(step, t->l.machine.kernel, &x);
	printf("  compared: result");
	for (int k = LAB_X_RESULT + 1; k < LAB_X_KEYS; k++)
		if (x.set & 1u << k)
			printf(", %s", lab_key_name((enum lab_key)k));
	printf("\n");
	for (size_t i = 0; i < x.steps.n; i++)
		printf("%s%s", n++ ? ", " : "  steps: ", x.steps.word[i]);
	if (n)
		printf("\n");
}

/* Waits for Enter. False: the lesson is over. */
static bool go_on(struct lesson *t, const struct lab_step *step, const char *prompt)
{
	for (;;) {
		printf("%s%s%s ", dim(t), prompt, plain(t));
		if (!read_line(t)) {
			putchar('\n');
			return false;
		}
		if (!strcmp(t->line, "q"))
			return false;
		if (!strcmp(t->line, "g"))
			draw(t, true);
		else if (!strcmp(t->line, "t"))
			show_expectation(t, step);
		else if (!strcmp(t->line, "?"))
			fputs(keys_help, stdout);
		else
			return true;
	}
}

static void question(const struct lesson *t, const struct lab_step *step)
{
	char lead[16];

	printf("%s", bold(t));
	paragraph(t, "  ? ", step->ask);
	printf("%s", plain(t));
	for (size_t i = 0; i < step->nchoices; i++) {
		snprintf(lead, sizeof(lead), "    %zu) ", i + 1);
		paragraph(t, lead, step->choice[i]);
	}
}

/* False: the lesson is over. The answer is judged after the step. */
static bool predict(struct lesson *t, const struct lab_step *step, unsigned int *choice)
{
	*choice = 0;
	if (!step->ask)
		return !t->pauses || go_on(t, step, "[Enter: do it]");
	question(t, step);
	if (!t->pauses)
		return true;
	for (;;) {
		if (!go_on(t, step,
			   step->nchoices ? "[number, or Enter to just see]"
					  : "[think, write if you like, Enter: see]"))
			return false;
		if (!step->nchoices || !t->line[0])
			return true;
		*choice = (unsigned int)strtoul(t->line, NULL, 10);
		if (*choice >= 1 && *choice <= step->nchoices)
			return true;
		printf("  a number from 1 to %zu, please\n", step->nchoices);
	}
}

static void reveal(struct lesson *t, const struct lab_step *step, unsigned int choice)
{
	char text[700];

	if (!step->ask)
		return;
	t->asked += step->nchoices > 0 && t->pauses;
	t->answered += choice > 0;
	if (step->nchoices) {
		const char *word = !choice ? "" : choice == step->right ? "Right. " : "No. ";

		t->right += choice == step->right;
		snprintf(text, sizeof(text), "%s%u) %s", word, step->right,
			 step->choice[step->right - 1]);
	} else {
		snprintf(text, sizeof(text), "%s", step->answer);
	}
	printf("%s", bold(t));
	paragraph(t, "  ! ", text);
	printf("%s", plain(t));
	if (step->why)
		paragraph(t, "    ", step->why);
}

static bool is_look(enum lab_verb verb)
{
	return verb >= LAB_RUN && verb <= LAB_LINES;
}

static void result(const struct lesson *t, const struct lab_step *step, const struct lab_report *r)
{
	const struct lab_outcome *o = &r->outcome;
	const char *who = t->s->actor[step->op.actor].name;

	if (o->kind != LAB_DONE) {
		printf("  not done: %s\n", o->text);
		return;
	}
	if (step->op.verb == LAB_LOOK)
		return;
	if (step->op.verb == LAB_EXIT)
		printf("  %s has ended\n", who);
	else if (o->err)
		printf("  %s got -1, %s (%s)\n", who, nsm_errno_name(o->err), strerror(o->err));
	else if (is_look(step->op.verb) && o->text[0])
		safe_lines("  it reads: ", o->text);
	else
		printf("  %s got %lld\n", who, (long long)o->ret);
}

/* Marked namespaces that this step has destroyed, and what does not hold. */
static void findings(struct lesson *t, size_t index, const struct lab_report *r)
{
	const struct lab_step *step = &t->s->step[index];
	struct lab_expect x;

	lab_expect_merge(step, t->l.machine.kernel, &x);
	for (size_t m = 0; m < t->s->nmarks; m++)
		if (x.set & 1u << LAB_X_DIED && x.died & 1ul << m && t->l.live &&
		    lab_seen_died_now(t->l.seen, t->l.world.mark[m]))
			printf("  %s is destroyed\n", t->s->mark[m]);
	if (!lab_report_holds(r)) {
		t->differs++;
		printf("\n%sThis is not what the file says:%s\n", bold(t), plain(t));
		for (size_t i = 0; i < r->n; i++)
			if (r->f[i].verdict == LAB_DIFFERS)
				lab_print_finding(stdout, t->s, index, &r->f[i]);
	}
}

static int one_step(struct lesson *t, size_t index, size_t number, size_t of, struct nsl_error *e)
{
	const struct lab_step *step = &t->s->step[index];
	static struct lab_report r;
	unsigned int choice;

	printf("\n%sStep %zu of %zu: %s%s\n", bold(t), number, of, step->words, plain(t));
	if (step->tell)
		paragraph(t, "  ", step->tell);
	if (!predict(t, step, &choice)) {
		t->over = true;
		return 0;
	}
	fflush(stdout);
	if (lab_session_step(&t->l, step, &r, e))
		return -1;
	nsv_flush(t->view);
	result(t, step, &r);
	findings(t, index, &r);
	reveal(t, step, choice);
	if (t->pauses && step->op.verb != LAB_LOOK && !is_look(step->op.verb))
		draw(t, false);
	if (r.outcome.kind != LAB_DONE)
		t->over = true;
	return 0;
}

static void head(struct lesson *t)
{
	char types[80] = "";
	size_t n = 0;

	printf("%s%s%s\n", bold(t), t->s->title, plain(t));
	paragraph(t, "  ", t->s->teaches);
	for (int i = 0; i < NSL_TYPES; i++)
		if (t->s->stage & 1u << i)
			n += (size_t)snprintf(types + n, sizeof(types) - n, "%s, ",
					      nsm_type_name((enum nsl_type)i));
	printf("\n  The actors are real tasks in throw-away namespaces (%spid); the machine's own\n"
	       "  are not touched:\n",
	       types);
	for (size_t i = 0; i < t->s->nactors; i++) {
		const struct lab_actor *a = &t->s->actor[i];

		if (a->child)
			continue;
		printf("    %-10s %s %d%s\n", a->name, a->thread_of >= 0 ? "thread" : "process",
		       (int)lab_driver_tid(t->l.driver, (int)i),
		       a->nobody ? ", an unprivileged user" : "");
	}
	if (!t->l.live)
		printf("  Nothing of the kernel can be seen: %s\n", t->l.blind);
	else if (!t->l.world.functions)
		paragraph(
			t, "  ",
			guest_is_here()
				? "This machine permits no function hooks: which slots change is "
				  "seen, the kernel's single steps are not (nslens lab run --guest "
				  "NAME shows them)."
				: "This machine permits no function hooks: which slots change is "
				  "seen, the kernel's single steps are not.");
	if (t->pauses)
		draw(t, false);
}

static int teach(struct lesson *t, struct nsl_error *e)
{
	size_t of = 0, number = 0;

	if (lab_session_begin(&t->l, t->s, e))
		return -1;
	head(t);
	for (size_t i = 0; i < t->s->nsteps; i++)
		of += lab_in_range(t->s->step[i].kernel, t->l.machine.kernel);
	for (size_t i = 0; i < t->s->nsteps && !t->over && !stop_count; i++) {
		if (!lab_in_range(t->s->step[i].kernel, t->l.machine.kernel))
			continue;
		if (one_step(t, i, ++number, of, e))
			return -1;
	}
	if (t->over || stop_count) {
		printf("\nThe lesson ends here; nothing of it is left on this machine.\n");
		return 0;
	}
	putchar('\n');
	if (t->s->after)
		paragraph(t, "  ", t->s->after);
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
	struct lesson t = {.pauses = pauses,
			   .l.live_options = {.mode = o->mode, .verbose = o->verbose}};
	struct lab_scenario *s = lab_load(name);
	struct nsl_error e = {""};
	int status = EXIT_FAILED;
	char why[200];

	if (!s)
		return EXIT_USAGE;
	t.s = s;
	t.colour = wants_colour(stdout, o->colour);
	t.width = terminal_width(stdout);
	t.width = t.width < 40 || t.width > 110 ? 100 : t.width;
	signals_catch();
	if (lab_session_open(&t.l, &e))
		goto out;
	if (!lab_can_run(s, t.l.machine.kernel, why, sizeof(why))) {
		nsl_error_set(&e, "%s %s%s", s->name, why,
			      guest_is_here() ? "; --guest runs it in a virtual machine" : "");
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
