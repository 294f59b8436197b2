// SPDX-License-Identifier: GPL-2.0-only
/* What a lesson asks: lines from the user, keys, questions and their answers. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "lab_lesson.h"
#include "signals.h"

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
	"  Enter  go on           g  the picture now    t  what the file expects of this step\n"
	"  s      every single step (again: no more)    q  leave    ?  these keys\n";

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
		printf("%s[%s%s]%s ", lesson_dim(t), prompt, t->keys_told ? "" : "; ?: keys",
		       lesson_plain(t));
		t->keys_told = true;
		if (!read_line(t)) {
			putchar('\n');
			return false;
		}
		if (!strcmp(t->line, "q"))
			return false;
		if (!strcmp(t->line, "g"))
			lesson_draw(t, true);
		else if (!strcmp(t->line, "t"))
			show_expectation(t, step);
		else if (!strcmp(t->line, "s"))
			t->single = !t->single;
		else if (!strcmp(t->line, "?"))
			fputs(keys_help, stdout);
		else
			return true;
	}
}

static void question(const struct lesson *t, const struct lab_step *step)
{
	char lead[16];

	printf("%s", lesson_bold(t));
	lesson_paragraph(t, "  ? ", step->ask);
	printf("%s", lesson_plain(t));
	for (size_t i = 0; i < step->nchoices; i++) {
		snprintf(lead, sizeof(lead), "    %zu) ", i + 1);
		lesson_paragraph(t, lead, step->choice[i]);
	}
}

/* False: the lesson is over. The answer is judged after the step. */
bool lesson_predict(struct lesson *t, const struct lab_step *step, unsigned int *choice)
{
	*choice = 0;
	if (!step->ask)
		return !t->pauses || go_on(t, step, "Enter: do it");
	question(t, step);
	if (!t->pauses)
		return true;
	for (;;) {
		if (!go_on(t, step,
			   step->nchoices ? "1, 2 …, or Enter to just see" : "think, then Enter"))
			return false;
		if (!step->nchoices || !t->line[0])
			return true;
		*choice = (unsigned int)strtoul(t->line, NULL, 10);
		if (*choice >= 1 && *choice <= step->nchoices)
			return true;
		printf("  a number from 1 to %zu, please\n", step->nchoices);
	}
}

void lesson_reveal(struct lesson *t, const struct lab_step *step, unsigned int choice)
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
	printf("\n%s", lesson_bold(t));
	lesson_paragraph(t, "  ! ", text);
	printf("%s", lesson_plain(t));
	if (step->why)
		lesson_paragraph(t, "    ", step->why);
}
