/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command's options, once: from one table come the parser, --help, the manual page and the
 * shells' completions, so that they cannot disagree.
 *
 * A command declares a struct of its options, a table of rows that fill it, and a command_line
 * that main.c lists:
 *
 *	struct size_options {
 *		const char *input;
 *		unsigned int limit;
 *		bool json;
 *	};
 *	#define T struct size_options
 *
 *	static const struct option_row rows[] = {
 *		{"input", 'i', "FILE", "the recording", OPTION_FILE(T, input)},
 *		{"limit", 0, "N", "at most N lines", OPTION_COUNT(T, limit, 1, 1000)},
 *		OPTION_GROUP("How it is shown"),
 *		{"json", 'j', NULL, "JSON Lines", OPTION_FLAG(T, json)},
 *		{0},
 *	};
 *	static const struct option_rule rules[] = {
 *		{"limit", OPTION_NEEDS, "input", "this machine is always counted whole"},
 *		{0},
 *	};
 *	const struct command_line size_line = {
 *		.name = "size",
 *		.summary = "how many namespaces there are",
 *		.usage = "[options]",
 *		.about = "Counts. Paragraphs are parted by an empty line and wrapped anew.",
 *		.rows = rows,
 *		.rules = rules,
 *		.status = option_status,
 *	};
 *
 *	int cmd_size(int argc, char **argv)
 *	{
 *		struct size_options o = {.limit = 100};
 *		struct option_rest rest;
 *		int status = options_parse(&size_line, &o, &rest, argc, argv);
 *
 *		if (status >= 0)
 *			return status;
 *
 * -h, --help is in every table by itself. Abbreviated long names are understood.
 */
#ifndef NSLENS_OPTIONS_H
#define NSLENS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* What a value is, and how it is kept. */
enum option_kind {
	OPTION_KIND_GROUP,  /* no option: a heading of --help */
	OPTION_KIND_CMD,    /* no option: -- CMD may stand at the end */
	OPTION_KIND_FLAG,   /* bool */
	OPTION_KIND_SET,    /* an enum or int gets the value `min`; no value is typed */
	OPTION_KIND_TEXT,   /* const char *, not empty */
	OPTION_KIND_FILE,   /* the same, the name of a file */
	OPTION_KIND_DIR,    /* the same, of a directory */
	OPTION_KIND_COUNT,  /* int, unsigned int or uint64_t, from `min` to `max` */
	OPTION_KIND_SIZE,   /* size_t: 512K, 64M */
	OPTION_KIND_TIME,   /* uint64_t, nanoseconds: 200ms, 1.5s, 30m */
	OPTION_KIND_PID,    /* pid_t */
	OPTION_KIND_TYPES,  /* uint64_t, CLONE_NEW* bits: mnt,net */
	OPTION_KIND_HOOKS,  /* enum hooks_mode */
	OPTION_KIND_COLOUR, /* int: 1 always, 0 never, -1 auto */
	OPTION_KIND_WORD,   /* an enum or int: the number of the word in `words` */
	OPTION_KIND_OWN,    /* what `take` makes of it */
};

/* Reads a value into `options`; NULL where an optional one was left out. -1: what is right in
 * `why`. */
typedef int (*option_take)(void *options, const char *value, char *why, size_t size);

struct option_row {
	const char *name;  /* long, without --; of a group: its heading */
	char letter;	   /* or 0 */
	const char *value; /* FILE; [SECS] when it may be left out (--name=SECS); NULL: none */
	const char *help;  /* without a full stop; wrapped as needed */
	enum option_kind kind;
	size_t at;	    /* where in the command's struct */
	size_t bytes;	    /* of a number */
	int64_t min, max;   /* of a number */
	const char *words;  /* "text|json|dot" */
	option_take take;   /* of OWN */
	const char *expect; /* "a port from 1 to 65535", told of a wrong value; NULL: the kind's */
	const char *alias;  /* another spelling, not shown */
};

/* The offset of a field, which must have that type. */
#define OPTION_AT(type, T, field)                                                                  \
	(offsetof(T, field) + 0 * sizeof(_Generic(((T *)0)->field, type : 0)))
#define OPTION_AT_INT(T, field)                                                                    \
	(offsetof(T, field) + 0 * sizeof(_Generic(((T *)0)->field, int : 0, unsigned int : 0)))
#define OPTION_AT_NUMBER(T, field)                                                                 \
	(offsetof(T, field) +                                                                      \
	 0 * sizeof(_Generic(((T *)0)->field, int : 0, unsigned int : 0, uint64_t : 0)))

#define OPTION_AT_TYPES(T, field)                                                                  \
	(offsetof(T, field) +                                                                      \
	 0 * sizeof(_Generic(((T *)0)->field, uint64_t : 0, unsigned long long : 0)))

/* The last words of a row. */
#define OPTION_FLAG(T, field)	 .kind = OPTION_KIND_FLAG, .at = OPTION_AT(bool, T, field)
#define OPTION_SET(T, field, to) .kind = OPTION_KIND_SET, .at = OPTION_AT_INT(T, field), .min = (to)
#define OPTION_TEXT(T, field)	 .kind = OPTION_KIND_TEXT, .at = OPTION_AT(const char *, T, field)
#define OPTION_FILE(T, field)	 .kind = OPTION_KIND_FILE, .at = OPTION_AT(const char *, T, field)
#define OPTION_DIR(T, field)	 .kind = OPTION_KIND_DIR, .at = OPTION_AT(const char *, T, field)
#define OPTION_COUNT(T, field, from, to)                                                           \
	.kind = OPTION_KIND_COUNT, .at = OPTION_AT_NUMBER(T, field),                               \
	.bytes = sizeof(((T *)0)->field), .min = (from), .max = (to)
#define OPTION_SIZE(T, field)	.kind = OPTION_KIND_SIZE, .at = OPTION_AT(size_t, T, field)
#define OPTION_TIME(T, field)	.kind = OPTION_KIND_TIME, .at = OPTION_AT(uint64_t, T, field)
#define OPTION_PID(T, field)	.kind = OPTION_KIND_PID, .at = OPTION_AT(pid_t, T, field)
#define OPTION_TYPES(T, field)	.kind = OPTION_KIND_TYPES, .at = OPTION_AT_TYPES(T, field)
#define OPTION_HOOKS(T, field)	.kind = OPTION_KIND_HOOKS, .at = OPTION_AT_INT(T, field)
#define OPTION_COLOUR(T, field) .kind = OPTION_KIND_COLOUR, .at = OPTION_AT(int, T, field)
#define OPTION_WORD(T, field, list)                                                                \
	.kind = OPTION_KIND_WORD, .at = OPTION_AT_INT(T, field), .words = (list)
#define OPTION_OWN(function) .kind = OPTION_KIND_OWN, .take = (function)

/* Whole rows: a heading, -- CMD, and options that several commands have. */
#define OPTION_GROUP(title)                                                                        \
	{                                                                                          \
		.name = (title)                                                                    \
	}
#define OPTION_CMD(text)                                                                           \
	{                                                                                          \
		"--", 0, "CMD...", text, .kind = OPTION_KIND_CMD                                   \
	}
#define OPTION_ROW_COLOUR(T, field)                                                                \
	{                                                                                          \
		"colour", 0, "WHEN", "auto, always or never (NO_COLOR is respected)",              \
			OPTION_COLOUR(T, field), .alias = "color"                                  \
	}
#define OPTION_ROW_WIDTH(T, field)                                                                 \
	{                                                                                          \
		"width", 0, "N", "columns; default: the terminal's, else lines are not wrapped",   \
			OPTION_COUNT(T, field, 40, 1000),                                          \
			.expect = "a number of columns from 40 to 1000"                            \
	}
#define OPTION_ROW_HOOKS(T, field)                                                                 \
	{                                                                                          \
		"hooks", 0, "HOW", "auto, fentry, kprobe or tracepoint (see nslens doctor)",       \
			OPTION_HOOKS(T, field)                                                     \
	}
#define OPTION_ROW_BTF(T, field)                                                                   \
	{                                                                                          \
		"btf", 0, "PATH",                                                                  \
			"types of a kernel without BTF: a file, or a directory with RELEASE.btf",  \
			OPTION_FILE(T, field)                                                      \
	}
#define OPTION_ROW_BUFFER(T, field)                                                                \
	{                                                                                          \
		"buffer", 0, "SIZE", "of the kernel's ring buffer, e.g. 64M; default 8M",          \
			OPTION_SIZE(T, field)                                                      \
	}
#define OPTION_ROW_VERBOSE(T, field)                                                               \
	{                                                                                          \
		"verbose", 'v', NULL, "what libbpf says", OPTION_FLAG(T, field)                    \
	}

/*
 * What options need of each other. `given`: names, all of which were typed ("CMD" is what
 * stands after --). NEEDS: one of `others` must be there; EXCLUDES: none may be.
 * Told as "--limit needs --input: WHY"; the manual has it at the option.
 */
enum option_relation { OPTION_NEEDS, OPTION_EXCLUDES };

struct option_rule {
	const char *given;
	enum option_relation relation;
	const char *others;
	const char *why; /* or NULL */
};

/* A word and what it means: actions, forms of an argument, exit statuses, examples. */
struct option_word {
	const char *word;
	const char *help;
};

/* Lists end with an empty row; all but name, summary and usage may be left out. */
struct command_line {
	const char *name;
	const char *summary; /* a line, without a full stop */
	const char *usage;   /* after "nslens NAME "; several forms: a line each */
	const char *about;
	const char *words_title; /* "NS is one of" */
	const struct option_word *words;
	const struct option_row *rows;
	const struct option_rule *rules;
	const char *notes; /* paragraphs after the options */
	const struct option_word *status;
	const struct option_word *examples; /* word: the command, without a prompt */
	const char *see;		    /* other commands: "graph why" */
	/*
	 * How many words may stand beside the options (not where the table has -- CMD). More
	 * than `max_words` is told with `too_much`, which follows the word: "'x' TOO_MUCH".
	 */
	int min_words, max_words; /* max_words -1: any number */
	const char *too_few;	  /* "which namespace? Name it as …" */
	const char *too_much;
	const char *complete; /* a shell command that prints words, one a line; NULL: files */
};

/* What stood beside the options. */
struct option_rest {
	char **words; /* in argv, which was put in order; NULL-terminated */
	int n;
	char *const *cmd; /* after --, NULL-terminated; NULL: none */
	uint64_t given;	  /* see option_given */
};

/* "0 done, 1 failed, 2 bad usage"; and the same for commands that take -- CMD. */
extern const struct option_word option_status[], option_status_cmd[];

/*
 * Fills `options` from argv (argv[0] is the command's name). Returns -1 to go on; else the
 * exit status: help was printed, or bad usage told.
 */
int options_parse(const struct command_line *line, void *options, struct option_rest *rest,
		  int argc, char **argv);
/* Was this option typed? */
bool option_given(const struct command_line *line, const struct option_rest *rest,
		  const char *name);

/* --help. */
void options_help(FILE *out, const struct command_line *line);

/*
 * The manual page, in man(7) macros. `sections`: heading and paragraphs, put behind the
 * options; NULL: none. A line named "nslens" is the page of the program itself.
 */
void options_manual(FILE *out, const struct command_line *line, const struct option_word *sections);

/* Completions for a shell, of these commands (the list ends with NULL). */
void complete_bash(FILE *out, const struct command_line *const *lines);
void complete_zsh(FILE *out, const struct command_line *const *lines);
void complete_fish(FILE *out, const struct command_line *const *lines);

#endif
