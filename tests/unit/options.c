// SPDX-License-Identifier: GPL-2.0-only
/* Command lines, good and bad, by a table; and what --help says of it. */
#include <stdarg.h>
#include <stdlib.h>

#include "unit.h"

/* no part of the program that needs a kernel: compiled here */
#include "../../user/cmd/option_values.c"
#include "../../user/cmd/options.c"
#include "../../user/cmd/options_help.c"
#include "../../user/cmd/values.c"

static char said[400];

int usage_error(const char *command, const char *format, ...)
{
	va_list ap;

	CHECK(!strcmp(command, "size"));
	va_start(ap, format);
	vsnprintf(said, sizeof(said), format, ap);
	va_end(ap);
	return EXIT_USAGE;
}

struct size_options {
	const char *input, *dir;
	unsigned int limit, verify;
	uint64_t big, time, types;
	size_t buffer;
	pid_t pid;
	enum hooks_mode hooks;
	int colour, format;
	bool json, seen;
};

static int take_verify(void *options, const char *value, char *why, size_t size)
{
	struct size_options *o = options;

	o->seen = true;
	if (value && strspn(value, "0123456789") != strlen(value)) {
		snprintf(why, size, "a number");
		return -1;
	}
	o->verify = value ? (unsigned int)atoi(value) : 7;
	return 0;
}

#undef T
#define T struct size_options

static const struct option_row test_rows[] = {
	{"input", 'i', "FILE", "the recording", OPTION_FILE(T, input)},
	{"dir", 0, "DIR", "there", OPTION_DIR(T, dir)},
	{"limit", 'n', "N", "at most N", OPTION_COUNT(T, limit, 2, 1000)},
	{"big", 0, "N", "a large one", OPTION_COUNT(T, big, 0, INT64_MAX)},
	{"verify", 0, "[SECS]", "every SECS", OPTION_OWN(take_verify)},
	OPTION_GROUP("How it is shown"),
	{"time", 0, "T", "how long", OPTION_TIME(T, time)},
	{"type", 0, "LIST", "which", OPTION_TYPES(T, types)},
	{"pid", 'p', "PID", "whose", OPTION_PID(T, pid)},
	{"format", 0, "HOW", "text, json or dot", OPTION_WORD(T, format, "text|json|dot")},
	{"dot", 0, NULL, "the same as --format dot", OPTION_SET(T, format, 2)},
	{"json", 'j', NULL, "JSON Lines", OPTION_FLAG(T, json)},
	OPTION_ROW_BUFFER(T, buffer),
	OPTION_ROW_COLOUR(T, colour),
	OPTION_ROW_HOOKS(T, hooks),
	{0},
};

static const struct option_row cmd_rows[] = {
	OPTION_CMD("run CMD"),
	{"json", 'j', NULL, "JSON Lines", OPTION_FLAG(T, json)},
	{"input", 'i', "FILE", "the recording", OPTION_FILE(T, input)},
	{0},
};

static const struct option_rule test_rules[] = {
	{"limit", OPTION_NEEDS, "input dir", "this machine is counted whole"},
	{"json", OPTION_EXCLUDES, "dot format", NULL},
	{0},
};

static const struct option_rule cmd_rules[] = {
	{"json CMD", OPTION_NEEDS, "input", "standard output is CMD's"},
	{0},
};

static const struct command_line size_line = {
	.name = "size",
	.summary = "how many",
	.usage = "[options] [WORD]\n[options] --big",
	.about = "Counts namespaces, tasks and nsproxies, and all that belongs to them, in so many "
		 "words that a line cannot hold them.\n\nA second paragraph.",
	.rows = test_rows,
	.rules = test_rules,
	.status = option_status,
	.max_words = 1,
	.too_much = "is one too many",
};

static const struct command_line cmd_line = {
	.name = "size",
	.rows = cmd_rows,
	.rules = cmd_rules,
};

static struct size_options o;
static struct option_rest rest;

/* `words` are parted by blanks; "''" is an empty one. */
static int parse(const struct command_line *line, const char *words)
{
	static char copy[400];
	static char *argv[20];
	int argc = 0;

	o = (struct size_options){.colour = -2};
	*said = '\0';
	snprintf(copy, sizeof(copy), "size %s", words);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = strcmp(w, "''") ? w : w + 2;
	argv[argc] = NULL;
	return options_parse(line, &o, &rest, argc, argv);
}

#define GOOD(words) CHECK_NUM(parse(&size_line, words), -1)
#define BAD(words, text)                                                                           \
	do {                                                                                       \
		CHECK_NUM(parse(&size_line, words), EXIT_USAGE);                                   \
		CHECK_STR(said, text);                                                             \
	} while (0)

static void values(void)
{
	GOOD("-i file --limit=3 --time 1.5s --type mnt,uts -p 12 --buffer 64M");
	CHECK_STR(o.input, "file");
	CHECK_NUM(o.limit, 3);
	CHECK_NUM(o.time, 1500000000);
	CHECK_NUM(o.types, 0x04020000);
	CHECK_NUM(o.pid, 12);
	CHECK_NUM(o.buffer, 64 << 20);
	CHECK(option_given(&size_line, &rest, "limit") && !option_given(&size_line, &rest, "json"));
	GOOD("--color never --hooks kprobe --format dot --big 9007199254740993");
	CHECK_NUM(o.colour, 0);
	CHECK_NUM(o.hooks, HOOKS_KPROBE);
	CHECK_NUM(o.format, 2);
	CHECK_NUM(o.big, 9007199254740993);
	GOOD("-j --verify");
	CHECK(o.json && o.seen);
	CHECK_NUM(o.verify, 7);
	GOOD("--verify=30 --dot");
	CHECK_NUM(o.verify, 30);
	CHECK_NUM(o.format, 2);
	GOOD("word -j");
	CHECK_NUM(rest.n, 1);
	CHECK_STR(rest.words[0], "word");
	CHECK(o.json);
	GOOD("-- -j");
	CHECK_STR(rest.words[0], "-j");
	CHECK(!o.json);
	GOOD("--lim 5 --dir x"); /* abbreviated */
	CHECK_NUM(o.limit, 5);
}

static void wrong_values(void)
{
	BAD("--limit 1 -i x", "--limit 1: a number from 2 to 1000");
	BAD("--limit 1001", "--limit 1001: a number from 2 to 1000");
	BAD("--limit -3", "--limit -3: a number from 2 to 1000");
	BAD("--limit 3x", "--limit 3x: a number from 2 to 1000");
	BAD("--limit 99999999999999999999",
	    "--limit 99999999999999999999: a number from 2 to 1000");
	BAD("--limit ''", "--limit '': a number from 2 to 1000");
	BAD("--big 9223372036854775808",
	    "--big 9223372036854775808: a number from 0 to 9223372036854775807");
	BAD("-i ''", "--input '': the name is empty");
	BAD("--time 3", "--time 3: a time such as 200ms, 1.5s or 30m");
	BAD("--type mnt,", "--type mnt,: types are mnt, uts, ipc, pid, cgroup, net, time and user, "
			   "joined by commas");
	BAD("--pid 0", "--pid 0: not a process number");
	BAD("--buffer 1G", "--buffer 1G: a size such as 512K or 64M, at most 1024M");
	BAD("--colour red", "--colour red: auto, always or never");
	BAD("--hooks none", "--hooks none: auto, fentry, kprobe or tracepoint");
	BAD("--format tex", "--format tex: text, json or dot");
	BAD("--format ''", "--format '': text, json or dot");
	BAD("--verify=x", "--verify x: a number");
}

static void wrong_words(void)
{
	BAD("--nonsense", "no option --nonsense");
	BAD("--formats", "no option --formats; is --format meant?");
	BAD("--json=yes", "--json takes no value");
	BAD("-x", "no option -x");
	BAD("--limit", "--limit needs a value");
	BAD("-n", "-n needs a value");
	BAD("--help=x", "--help takes no value");
	BAD("one two", "'two' is one too many");
}

static void rules_between(void)
{
	BAD("--limit 5", "--limit needs --input or --dir: this machine is counted whole");
	GOOD("--limit 5 --dir x");
	BAD("--json --dot", "--json and --dot exclude each other");
	BAD("--format text -j", "--json and --format exclude each other");
}

static void commands(void)
{
	CHECK_NUM(parse(&cmd_line, "-i x -j -- ls -l -- -j"), -1);
	CHECK_STR(rest.cmd[0], "ls");
	CHECK_STR(rest.cmd[1], "-l");
	CHECK_STR(rest.cmd[2], "--");
	CHECK(rest.cmd[4] == NULL);
	CHECK_NUM(parse(&cmd_line, "-j"), -1);
	CHECK(rest.cmd == NULL);
	CHECK_NUM(parse(&cmd_line, "-j -- ls"), EXIT_USAGE);
	CHECK_STR(said, "--json with -- CMD needs --input: standard output is CMD's");
	CHECK_NUM(parse(&cmd_line, "--"), EXIT_USAGE);
	CHECK_STR(said, "-- needs a command after it");
	CHECK_NUM(parse(&cmd_line, "ls"), EXIT_USAGE);
	CHECK_STR(said, "'ls' is no option; a command stands after --");
}

static void help(void)
{
	static const char want[] =
		"Usage: nslens size [options] [WORD]\n"
		"       nslens size [options] --big\n"
		"Counts namespaces, tasks and nsproxies, and all that belongs to them, in so\n"
		"many words that a line cannot hold them.\n\n"
		"A second paragraph.\n\n"
		"  -i, --input FILE     the recording\n"
		"      --dir DIR        there\n"
		"  -n, --limit N        at most N\n"
		"      --big N          a large one\n"
		"      --verify[=SECS]  every SECS\n\n"
		"How it is shown:\n"
		"      --time T         how long\n"
		"      --type LIST      which\n"
		"  -p, --pid PID        whose\n"
		"      --format HOW     text, json or dot\n"
		"      --dot            the same as --format dot\n"
		"  -j, --json           JSON Lines\n"
		"      --buffer SIZE    of the kernel's ring buffer, e.g. 64M; default 8M\n"
		"      --colour WHEN    auto, always or never (NO_COLOR is respected)\n"
		"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
		"  -h, --help           this text\n\n"
		"Exit status: 0 done, 1 failed, 2 bad usage.\n";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_help(out, &size_line);
	fclose(out);
	CHECK_STR(text, want);
	free(text);
}

int main(void)
{
	RUN(values);
	RUN(wrong_values);
	RUN(wrong_words);
	RUN(rules_between);
	RUN(commands);
	RUN(help);
	return unit_end();
}
