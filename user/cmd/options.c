// SPDX-License-Identifier: GPL-2.0-only
/* Reads a command line by its table. */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "option_values.h"

#define MAX_ROWS   62
#define FIRST_LONG 256 /* values of getopt_long: below are letters */
#define VALUE_HELP (FIRST_LONG - 1)

const struct option_word option_status[] = {
	{"0", "done"}, {"1", "failed"}, {"2", "bad usage"}, {NULL, NULL}};
const struct option_word option_status_cmd[] = {
	{"0", "done"},
	{"1", "failed"},
	{"2", "bad usage"},
	{NULL, "With CMD: CMD's own; 125 nslens failed, 126 CMD could not be run, 127 it was not "
	       "found, 128+N it died of signal N."},
	{NULL, NULL}};

/* What getopt_long is told of a table. */
struct parser {
	const struct command_line *line;
	struct option longs[2 * MAX_ROWS + 2];
	char letters[2 * MAX_ROWS + 8];
};

static int row_value(const struct option_row *rows, const struct option_row *r)
{
	return FIRST_LONG + (int)(r - rows);
}

static void add_long(struct option *to, const char *name, const struct option_row *r, int val)
{
	*to = (struct option){.name = name, .val = val};
	to->has_arg = !r || !r->value	 ? no_argument
		      : *r->value == '[' ? optional_argument
					 : required_argument;
}

static bool takes_cmd(const struct command_line *line)
{
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (r->kind == OPTION_KIND_CMD)
			return true;
	return false;
}

static void parser_init(struct parser *p, const struct command_line *line)
{
	size_t n = 0;
	char *s;

	*p = (struct parser){.line = line};
	s = p->letters;
	if (takes_cmd(line))
		*s++ = '+'; /* what stands after -- is CMD's */
	*s++ = ':';
	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (r->kind <= OPTION_KIND_CMD)
			continue;
		add_long(&p->longs[n++], r->name, r, row_value(line->rows, r));
		if (r->alias)
			add_long(&p->longs[n++], r->alias, r, row_value(line->rows, r));
		if (!r->letter)
			continue;
		*s++ = r->letter;
		if (r->value)
			*s++ = ':';
	}
	add_long(&p->longs[n], "help", NULL, VALUE_HELP);
	strcpy(s, "h");
}

/* The row of what getopt_long returned, or NULL. */
static const struct option_row *row_of(const struct command_line *line, int value)
{
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (r->kind > OPTION_KIND_CMD &&
		    (value == row_value(line->rows, r) || (r->letter && value == r->letter)))
			return r;
	return NULL;
}

static const struct option_row *row_named(const struct command_line *line, const char *name,
					  size_t len)
{
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (r->kind > OPTION_KIND_CMD && strlen(r->name) == len &&
		    !strncmp(r->name, name, len))
			return r;
	return NULL;
}

static bool given(const struct command_line *line, const struct option_rest *rest, const char *name,
		  size_t len)
{
	const struct option_row *r;

	if (len == 3 && !strncmp(name, "CMD", 3))
		return rest->cmd != NULL;
	r = row_named(line, name, len);
	return r && rest->given >> (r - line->rows) & 1;
}

bool option_given(const struct command_line *line, const struct option_rest *rest, const char *name)
{
	return given(line, rest, name, strlen(name));
}

/* What getopt_long could not take. `word`: the one that it stands in. */
static int refuse(const struct command_line *line, int opt, const char *word)
{
	const struct option_row *r = row_of(line, optopt);

	if (opt == ':')
		return usage_error(line->name, "%s needs a value", word);
	if ((r || optopt == VALUE_HELP) && strchr(word, '='))
		return usage_error(line->name, "--%s takes no value", r ? r->name : "help");
	for (r = line->rows; !strncmp(word, "--", 2) && r && r->name; r++)
		if (r->kind > OPTION_KIND_CMD && strlen(word) > 3 && !strncmp(r->name, word + 2, 2))
			return usage_error(line->name, "no option %s; is --%s meant?", word,
					   r->name);
	return usage_error(line->name, "no option %s", word);
}

/* The names of a rule, one after another: *names moves on. Length 0: no more. */
static const char *next_name(const char **names, size_t *len)
{
	const char *name = *names + strspn(*names, " ");

	*len = strcspn(name, " ");
	*names = name + *len;
	return name;
}

static void name_option(char *to, size_t size, const char *name, size_t len)
{
	snprintf(to, size, "%s%.*s", len == 3 && !strncmp(name, "CMD", 3) ? "-- " : "--", (int)len,
		 name);
}

static int check_rule(const struct command_line *line, const struct option_rest *rest,
		      const struct option_rule *rule)
{
	char left[160] = "", right[160] = "", one[80];
	const char *names = rule->given, *name;
	bool found = false;
	size_t len;

	while ((name = next_name(&names, &len)), len) {
		if (!given(line, rest, name, len))
			return -1;
		name_option(one, sizeof(one), name, len);
		snprintf(left + strlen(left), sizeof(left) - strlen(left), "%s%s",
			 *left ? " with " : "", one);
	}
	names = rule->others;
	while (!found && ((name = next_name(&names, &len)), len)) {
		found = given(line, rest, name, len);
		name_option(one, sizeof(one), name, len);
		if (found && rule->relation == OPTION_EXCLUDES)
			return usage_error(line->name, "%s and %s exclude each other%s%s", left,
					   one, rule->why ? ": " : "", rule->why ? rule->why : "");
		snprintf(right + strlen(right), sizeof(right) - strlen(right), "%s%s",
			 *right ? " or " : "", one);
	}
	if (found || rule->relation == OPTION_EXCLUDES)
		return -1;
	return usage_error(line->name, "%s needs %s%s%s", left, right, rule->why ? ": " : "",
			   rule->why ? rule->why : "");
}

/* What stands beside the options. */
static int take_rest(const struct command_line *line, struct option_rest *rest, int argc,
		     char **argv)
{
	rest->words = argv + optind;
	rest->n = argc - optind;
	if (takes_cmd(line)) {
		if (rest->n && strcmp(argv[optind - 1], "--") != 0)
			return usage_error(line->name,
					   "'%s' is no option; a command stands after "
					   "--",
					   rest->words[0]);
		if (!rest->n && !strcmp(argv[argc - 1], "--") && argc > 1)
			return usage_error(line->name, "-- needs a command after it");
		rest->cmd = rest->n ? rest->words : NULL;
		rest->n = 0;
		return -1;
	}
	if (line->max_words >= 0 && rest->n > line->max_words)
		return usage_error(line->name, "'%s' %s", rest->words[line->max_words],
				   line->too_much ? line->too_much
						  : "is no option, and nothing else is expected");
	return -1;
}

static int check(const struct command_line *line, const struct option_rest *rest)
{
	int status = -1;

	for (const struct option_rule *r = line->rules; status < 0 && r && r->given; r++)
		status = check_rule(line, rest, r);
	if (status < 0 && !takes_cmd(line) && rest->n < line->min_words)
		status = usage_error(line->name, "%s",
				     line->too_few ? line->too_few : "an argument is missing");
	return status;
}

int options_parse(const struct command_line *line, void *options, struct option_rest *rest,
		  int argc, char **argv)
{
	struct parser p;
	char why[240];
	int opt, status;

	*rest = (struct option_rest){0};
	parser_init(&p, line);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
		const struct option_row *r = row_of(line, opt);

		if (opt == 'h' || opt == VALUE_HELP) {
			options_help(stdout, line);
			return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
		}
		if (!r)
			return refuse(line, opt, argv[optind - 1]);
		rest->given |= 1ull << (r - line->rows);
		if (option_value_take(r, options, optarg, why, sizeof(why)))
			return usage_error(line->name, "--%s%s%s: %s", r->name, optarg ? " " : "",
					   !optarg   ? ""
					   : *optarg ? optarg
						     : "''",
					   why);
	}
	status = take_rest(line, rest, argc, argv);
	return status >= 0 ? status : check(line, rest);
}
