// SPDX-License-Identifier: GPL-2.0-only
/* What a lesson prints: paragraphs, the picture, results. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../view/graph_view.h"
#include "cmd.h"
#include "lab_lesson.h"

const char *lesson_bold(const struct lesson *t)
{
	return t->colour ? "\033[1m" : "";
}

const char *lesson_dim(const struct lesson *t)
{
	return t->colour ? "\033[2m" : "";
}

const char *lesson_plain(const struct lesson *t)
{
	return t->colour ? "\033[0m" : "";
}

/* A paragraph, wrapped; lines of the text that begin with a blank stay as they are. */
void lesson_paragraph(const struct lesson *t, const char *lead, const char *text)
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
	if (asked)
		printf("\n%s\n", picture);
	else
		printf("%s\n%s", rows ? rows + 1 : picture, legend && !t->explained ? legend : "");
	t->explained = true;
}

void lesson_draw(struct lesson *t, bool asked)
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

bool lesson_is_look(enum lab_verb verb)
{
	return verb >= LAB_RUN && verb <= LAB_LINES;
}

const char *lab_told(const struct lab_scenario *s, const struct lab_step *step,
		     const struct lab_outcome *o, char *buf, size_t size)
{
	const char *who = s->actor[step->op.actor].name;
	bool look = lesson_is_look(step->op.verb);

	if (step->op.verb == LAB_EXIT)
		snprintf(buf, size, "%s has ended", who);
	else if (o->err)
		snprintf(buf, size, "%s got -1, %s (%s)", who, nsm_errno_name(o->err),
			 strerror(o->err));
	else if (look && o->text[0])
		snprintf(buf, size, "it reads:");
	else if (!o->ret && !look)
		snprintf(buf, size, "it worked");
	else
		snprintf(buf, size, "%s got %lld", who, (long long)o->ret);
	return buf;
}

static void got(const struct lesson *t, const struct lab_step *step, const struct lab_outcome *o)
{
	char told[160];

	if (o->interactive)
		printf("\n  The shell has ended, with status %lld.\n", (long long)o->ret);
	else if (!o->err && lesson_is_look(step->op.verb) && o->text[0])
		safe_lines("  it reads: ", o->text);
	else
		printf("  %s\n", lab_told(t->s, step, o, told, sizeof(told)));
}

/* Marked namespaces that this step has destroyed. */
static void deaths(const struct lesson *t, const struct lab_step *step)
{
	struct lab_expect x;

	lab_expect_merge(step, t->l.machine.kernel, &x);
	for (size_t m = 0; m < t->s->nmarks; m++)
		if (x.set & 1u << LAB_X_DIED && x.died & 1ul << m && t->l.live &&
		    lab_seen_died_now(t->l.seen, t->l.world.mark[m]))
			printf("  %s is destroyed\n", t->s->mark[m]);
}

void lesson_result(struct lesson *t, size_t index, const struct lab_report *r)
{
	const struct lab_step *step = &t->s->step[index];

	if (r->outcome.kind != LAB_DONE) {
		printf("  not done: %s\n", r->outcome.text);
	} else if (step->op.verb != LAB_LOOK) {
		got(t, step, &r->outcome);
		deaths(t, step);
	}
	if (lab_report_holds(r))
		return;
	t->differs++;
	printf("\n%sThis is not what the file says:%s\n", lesson_bold(t), lesson_plain(t));
	for (size_t i = 0; i < r->n; i++)
		if (r->f[i].verdict == LAB_DIFFERS)
			lab_print_finding(stdout, t->s, index, &r->f[i]);
}

void lesson_head(struct lesson *t)
{
	char types[80] = "";
	size_t n = 0;

	printf("%s%s%s\n", lesson_bold(t), t->s->title, lesson_plain(t));
	lesson_paragraph(t, "  ", t->s->teaches);
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
	else if (!t->l.world.functions && lab_guest_is_here())
		printf("  (nslens lab run --guest %s shows the kernel's single steps, too.)\n",
		       t->s->name);
	if (t->pauses)
		lesson_draw(t, false);
}
