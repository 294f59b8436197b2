// SPDX-License-Identifier: GPL-2.0-only
/* --help of a command, from its table. */
#include <string.h>

#include "options.h"

#define COLUMNS 79
#define LEFT	24 /* of what a left column may take; longer ones stand alone */

/* Text from column `at` on, in lines of COLUMNS, each begun with `indent` blanks. */
static void wrap(FILE *out, const char *text, int at, int indent)
{
	bool fresh = true;

	while (*text) {
		int n = (int)strcspn(text, " \n");

		if (!fresh && at + 1 + n > COLUMNS) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
			fresh = true;
		}
		at += fprintf(out, "%s%.*s", fresh ? "" : " ", n, text);
		fresh = false;
		text += n;
		text += strspn(text, " ");
		if (*text == '\n') {
			size_t lines = strspn(text, "\n");

			/* a single end of line is a blank; an empty line parts paragraphs */
			text += lines;
			if (lines > 1 && *text) {
				fprintf(out, "\n\n%*s", indent, "");
				at = indent;
				fresh = true;
			}
		}
	}
	fputc('\n', out);
}

static void entry(FILE *out, const char *left, const char *help, int indent)
{
	int at = fprintf(out, "%s", left);

	if (!help) {
		fputc('\n', out);
		return;
	}
	if (at > indent - 2)
		at = fprintf(out, "\n") - 1;
	fprintf(out, "%*s", indent - at, "");
	wrap(out, help, indent, indent);
}

static void left_of(const struct option_row *r, char *to, size_t size)
{
	const char *value = r->value ? r->value : "";

	if (r->kind == OPTION_KIND_CMD)
		snprintf(to, size, "  %s %s", r->name, value);
	else if (r->letter)
		snprintf(to, size, "  -%c, --%s%s%s", r->letter, r->name, *value ? " " : "", value);
	else if (*value == '[')
		snprintf(to, size, "      --%s[=%s", r->name, value + 1);
	else
		snprintf(to, size, "      --%s%s%s", r->name, *value ? " " : "", value);
}

/* As wide as the widest left column that is no exception. */
static int indent_of(const struct command_line *line)
{
	int widest = 14;
	char left[100];

	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (r->kind == OPTION_KIND_GROUP)
			continue;
		left_of(r, left, sizeof(left));
		if ((int)strlen(left) > widest && strlen(left) < LEFT)
			widest = (int)strlen(left);
	}
	return widest + 2;
}

static void print_usage(FILE *out, const struct command_line *line)
{
	const char *start = "Usage:";

	for (const char *u = line->usage ? line->usage : "";;) {
		int n = (int)strcspn(u, "\n");

		fprintf(out, "%-6s nslens %s%s%.*s\n", start, line->name, n ? " " : "", n, u);
		start = "";
		if (!u[n])
			break;
		u += n + 1;
	}
}

static void print_words(FILE *out, const struct option_word *words)
{
	int widest = 0;
	char left[100];

	for (const struct option_word *w = words; w->word; w++)
		if ((int)strlen(w->word) > widest && (int)strlen(w->word) < LEFT)
			widest = (int)strlen(w->word);
	for (const struct option_word *w = words; w->word; w++) {
		snprintf(left, sizeof(left), "  %s", w->word);
		entry(out, left, w->help, widest + 5);
	}
}

static void print_examples(FILE *out, const struct option_word *examples)
{
	fprintf(out, "\nExamples:\n");
	for (const struct option_word *w = examples; w->word; w++) {
		fprintf(out, "  %s\n      ", w->word);
		wrap(out, w->help, 6, 6);
	}
}

static void print_status(FILE *out, const struct option_word *words)
{
	const char *between = ",";
	char text[1000] = "Exit status:";
	size_t len = strlen(text);

	for (const struct option_word *w = words; w->word; w++)
		if (strchr(w->help, ','))
			between = ";";
	for (const struct option_word *w = words; w->word || w->help; w++) {
		if (w->word)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s %s%s", w->word,
						w->help, w[1].word ? between : ".");
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", w->help);
	}
	wrap(out, text, 0, 0);
}

void options_help(FILE *out, const struct command_line *line)
{
	int indent = indent_of(line);
	char left[100];

	print_usage(out, line);
	if (line->about)
		wrap(out, line->about, 0, 0);
	if (line->words) {
		fprintf(out, "\n%s:\n", line->words_title);
		print_words(out, line->words);
	}
	if (!line->rows || line->rows->kind != OPTION_KIND_GROUP)
		fputc('\n', out);
	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (r->kind == OPTION_KIND_GROUP) {
			fprintf(out, "\n%s:\n", r->name);
			continue;
		}
		left_of(r, left, sizeof(left));
		entry(out, left, r->help, indent);
	}
	entry(out, "  -h, --help", "this text", indent);
	if (line->notes) {
		fputc('\n', out);
		wrap(out, line->notes, 0, 0);
	}
	if (line->examples)
		print_examples(out, line->examples);
	if (line->status) {
		fputc('\n', out);
		print_status(out, line->status);
	}
}
