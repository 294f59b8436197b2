// SPDX-License-Identifier: GPL-2.0-only
/* The manual page of a command, from its table, in man(7) macros. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "options.h"

static unsigned int code_point(const unsigned char **s)
{
	unsigned int c = *(*s)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more)
		c &= 0x3fu >> more;
	for (; more && (**s & 0xc0) == 0x80; more--)
		c = c << 6 | (*(*s)++ & 0x3f);
	return c;
}

/* A word, so that nothing in it is a request: not even at the beginning of a line. */
static void escape(FILE *out, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + n;

	while (s < end) {
		unsigned int c = code_point(&s);

		switch (c) {
		case '\\':
			fputs("\\e", out);
			break;
		case '-':
			fputs("\\-", out);
			break;
		case '\'':
			fputs("\\(aq", out);
			break;
		case '`':
			fputs("\\(ga", out);
			break;
		case '^':
			fputs("\\(ha", out);
			break;
		case '~':
			fputs("\\(ti", out);
			break;
		case '.':
			fputs(s == (const unsigned char *)text + 1 ? "\\&." : ".", out);
			break;
		default:
			if (c < 0x80)
				fputc((int)c, out);
			else
				fprintf(out, "\\[u%04X]", c);
		}
	}
}

static void bold(FILE *out, const char *text, size_t n)
{
	fputs("\\fB", out);
	escape(out, text, n);
	fputs("\\fR", out);
}

/* How much of a word is an option's name: "--verify=5:" -> --verify. 0: it is none. */
static size_t option_length(const char *word, size_t n)
{
	size_t len = 0;

	if (n < 2 || word[0] != '-' || !(isalpha((unsigned char)word[1]) || word[1] == '-'))
		return 0;
	while (len < n && (isalnum((unsigned char)word[len]) || word[len] == '-'))
		len++;
	return len;
}

/* Running text: options in bold; a line for each sentence, an empty line is a paragraph. */
static void text(FILE *out, const char *s, const char *paragraph)
{
	bool fresh = true;

	while (*s) {
		size_t n = strcspn(s, " \n"), name = option_length(s, n);

		if (!fresh) /* a sentence begins a line */
			fputc(s[-1] == ' ' && s[-2] == '.' ? '\n' : ' ', out);
		if (name)
			bold(out, s, name);
		escape(out, s + name, n - name);
		s += n;
		fresh = false;
		if (s[0] == '\n' && s[1] == '\n') {
			fprintf(out, "\n%s\n", paragraph);
			s += 2;
			fresh = true;
		} else if (*s) {
			s++;
		}
	}
}

/* The same, as a sentence. */
static void sentence(FILE *out, const char *s)
{
	size_t n = strlen(s);

	text(out, s, ".IP");
	fputs(n && strchr(".?!", s[n - 1]) ? "\n" : ".\n", out);
}

/* "[options] [-- CMD...]": what stands for something else in italics. */
static void form(FILE *out, const char *s, size_t n)
{
	while (n) {
		size_t word = strcspn(s, " []|=."), name;

		if (word > n)
			word = n;
		name = option_length(s, word);
		if (name == word && word)
			bold(out, s, word);
		else if (word && (isupper((unsigned char)*s) || !strncmp(s, "options", 7))) {
			fputs("\\fI", out);
			escape(out, s, word);
			fputs("\\fR", out);
		} else {
			escape(out, s, word);
		}
		if (word < n) {
			fputs(s[word] == '.' ? "\\&" : "", out);
			fputc(s[word++], out);
		}
		s += word;
		n -= word;
	}
}

static void head_of(FILE *out, const struct option_row *r)
{
	fputs(".TP\n", out);
	if (r->kind == OPTION_KIND_CMD) {
		fputs("\\fB\\-\\-\\fR ", out);
		form(out, r->value, strlen(r->value));
		fputc('\n', out);
		return;
	}
	if (r->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", r->letter);
	fputs("\\fB\\-\\-", out);
	escape(out, r->name, strlen(r->name));
	fputs("\\fR", out);
	if (r->value) {
		bool optional = *r->value == '[';

		fputs(optional ? "[=" : " ", out);
		form(out, r->value + optional, strlen(r->value) - optional);
	}
	fputc('\n', out);
}

static bool names(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = list; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		if (n == len && !strncmp(s, name, n))
			return true;
		s += n;
	}
	return false;
}

/* "--input or --dir" */
static void list_of(FILE *out, const char *list, const char *last)
{
	for (const char *s = list; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		if (s != list)
			fputs(strchr(s, ' ') ? ", " : last, out);
		fputs("\\fB\\-\\-", out);
		if (n == 3 && !strncmp(s, "CMD", n)) {
			fputs("\\fR \\fICMD", out);
		} else {
			escape(out, s, n);
		}
		fputs("\\fR", out);
		s += n;
	}
}

/* What an option needs or excludes, as the parser tells it. */
static void rules_of(FILE *out, const struct command_line *line, const char *name)
{
	for (const struct option_rule *r = line->rules; r && r->given; r++) {
		const char *others = r->others;

		if (r->relation == OPTION_EXCLUDES && !strchr(r->given, ' ') &&
		    names(r->others, name))
			others = r->given;
		else if (!names(r->given, name) || !strcmp(name, "CMD"))
			continue;
		if (others != r->given && strchr(r->given, ' ')) {
			fputs("With ", out);
			for (const char *s = r->given; *s; s += strspn(s, " ")) {
				char one[40];

				snprintf(one, sizeof(one), "%.*s", (int)strcspn(s, " "), s);
				s += strlen(one);
				if (strcmp(one, name) != 0)
					list_of(out, one, "");
			}
			fputs(r->relation == OPTION_NEEDS ? " needs " : " excludes ", out);
		} else {
			fputs(r->relation == OPTION_NEEDS ? "Needs " : "Excludes ", out);
		}
		list_of(out, others, r->relation == OPTION_NEEDS ? " or " : " and ");
		if (r->why && others != r->given) {
			fputs(": ", out);
			sentence(out, r->why);
		} else {
			fputs(".\n", out);
		}
	}
}

static void options_of(FILE *out, const struct command_line *line)
{
	fputs(".SH OPTIONS\n", out);
	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (r->kind == OPTION_KIND_GROUP) {
			fputs(".SS ", out);
			escape(out, r->name, strlen(r->name));
			fputc('\n', out);
			continue;
		}
		head_of(out, r);
		sentence(out, r->help);
		rules_of(out, line, r->name);
	}
	fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nHelp on standard output.\n", out);
}

static void words_of(FILE *out, const struct option_word *words, bool as_typed)
{
	for (const struct option_word *w = words; w->word || w->help; w++) {
		if (!w->word) {
			fputs(".PP\n", out);
			sentence(out, w->help);
			continue;
		}
		fputs(".TP\n", out);
		if (as_typed)
			bold(out, w->word, strlen(w->word));
		else
			form(out, w->word, strlen(w->word));
		fputc('\n', out);
		sentence(out, w->help);
	}
}

static void paragraphs(FILE *out, const char *heading, const char *s)
{
	if (heading) {
		fputs(".SH ", out);
		escape(out, heading, strlen(heading));
		fputc('\n', out);
	}
	text(out, s, ".PP");
	fputc('\n', out);
}

static void name_of(FILE *out, const struct command_line *line, bool upper)
{
	bool top = !strcmp(line->name, "nslens");

	fputs(upper ? "NSLENS" : "nslens", out);
	for (const char *s = line->name; !top && s; s = NULL) {
		fputs("\\-", out);
		for (; *s; s++)
			fputc(upper ? toupper((unsigned char)*s) : *s, out);
	}
}

static void synopsis(FILE *out, const struct command_line *line)
{
	const char *u = line->usage;

	fputs(".SH SYNOPSIS\n", out);
	for (;;) {
		size_t n = strcspn(u, "\n");

		fputs("\\fBnslens", out);
		if (strcmp(line->name, "nslens") != 0)
			fprintf(out, " %s", line->name);
		fputs("\\fR ", out);
		form(out, u, n);
		fputc('\n', out);
		if (!u[n])
			break;
		fputs(".br\n", out);
		u += n + 1;
	}
}

static void see_also(FILE *out, const struct command_line *line)
{
	const char *between = strcmp(line->name, "nslens") ? ",\n" : "";

	fputs(".SH SEE ALSO\n", out);
	if (*between)
		fputs(".BR nslens (1)", out);
	for (const char *s = line->see ? line->see : ""; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		fprintf(out, "%s.BR nslens\\-", *between ? ",\n" : "");
		escape(out, s, n);
		fputs(" (1)", out);
		between = ",\n";
		s += n;
	}
	fputc('\n', out);
}

void options_manual(FILE *out, const struct command_line *line, const struct option_word *sections)
{
	fputs(".\\\" Made by nslens manual from the table that reads the options.\n.TH ", out);
	name_of(out, line, true);
	fputs(" 1 \"" NSLENS_DATE "\" \"nslens " NSLENS_VERSION "\" \"nslens manual\"\n", out);
	fputs(".nh\n.ad l\n.SH NAME\n", out);
	name_of(out, line, false);
	fputs(" \\- ", out);
	escape(out, line->summary, strlen(line->summary));
	fputc('\n', out);
	synopsis(out, line);
	paragraphs(out, "DESCRIPTION", line->about ? line->about : line->summary);
	if (line->words) {
		fputs(".PP\n", out);
		text(out, line->words_title, ".PP");
		fputs(":\n", out);
		words_of(out, line->words, false);
	}
	if (line->rows)
		options_of(out, line);
	for (const struct option_word *s = sections; s && s->word; s++)
		paragraphs(out, s->word, s->help);
	if (line->notes)
		paragraphs(out, "NOTES", line->notes);
	if (line->status) {
		fputs(".SH EXIT STATUS\n", out);
		words_of(out, line->status, true);
	}
	if (line->examples) {
		fputs(".SH EXAMPLES\n", out);
		words_of(out, line->examples, true);
	}
	see_also(out, line);
}
