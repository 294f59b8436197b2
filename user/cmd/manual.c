// SPDX-License-Identifier: GPL-2.0-only
/* nslens manual, nslens completion: what a package installs, and one file can bring along. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "options.h"

#define MAX_COMMANDS 40

struct manual_options {
	const char *all;
};

static const struct option_row manual_rows[] = {
	{"all", 0, "DIR", "write every page into DIR, as nslens.1, nslens-trace.1 and so on",
	 OPTION_DIR(struct manual_options, all)},
	{0},
};

static const struct option_word manual_examples[] = {
	{"nslens manual trace | man -l -", "read a page that is not installed"},
	{"nslens manual --all /usr/local/share/man/man1", "install them all"},
	{0},
};

const struct command_line manual_line = {
	.name = "manual",
	.summary = "the manual page of a command, for man",
	.usage = "[COMMAND]\n--all DIR",
	.about = "Writes the manual page of COMMAND, or that of nslens itself, to standard output, "
		 "in the macros of man(7).",
	.rows = manual_rows,
	.status = option_status,
	.examples = manual_examples,
	.max_words = 1,
	.too_much = "is one command too many",
	.complete = "nslens completion --commands",
};

struct completion_options {
	bool commands;
};

static const struct option_row completion_rows[] = {
	{"commands", 0, NULL, "the names of the commands, one a line",
	 OPTION_FLAG(struct completion_options, commands)},
	{0},
};

static const struct option_word completion_examples[] = {
	{"source <(nslens completion bash)", "for the shell that runs"},
	{"nslens completion fish > ~/.config/fish/completions/nslens.fish", "for good"},
	{0},
};

const struct command_line completion_line = {
	.name = "completion",
	.summary = "completions of commands and options, for bash, zsh or fish",
	.usage = "bash|zsh|fish",
	.about = "Writes to standard output what the shell needs to complete commands, options and "
		 "their values.",
	.rows = completion_rows,
	.status = option_status,
	.examples = completion_examples,
	.max_words = 1,
	.too_much = "is one shell too many",
	.complete = "printf '%s\\n' bash zsh fish",
};

static const struct option_word program_sections[] = {
	{"WORDS",
	 "A task is one thread, as the kernel has it. An nsproxy is the kernel object that holds a "
	 "task's namespaces; it is numbered in order of sight (nsproxy#7), never by its address. "
	 "Its eight slots are mnt, uts, ipc, pid_for_children, net, time, time_for_children and "
	 "cgroup. The user namespace (user) and the pid namespace that a task lives in "
	 "(pid_active) are held elsewhere.\n\n"
	 "A call is one clone, clone3, fork, vfork, unshare, setns, exec or exit that touched "
	 "namespaces, from entry to return. A step is one kernel function inside it, with its "
	 "outcome: created, shared, installed, done, failed, undone or not reached. A keeper is "
	 "whatever holds a namespace: a task, an open descriptor, a bind mount, a socket, a child "
	 "or owned namespace.\n\n"
	 "A namespace is printed as uts:[4026532190]. [host] is the initial one."},
	{"WHAT IT NEEDS",
	 "Linux 5.10 or later with BTF (CONFIG_DEBUG_INFO_BTF), and root or the capabilities "
	 "CAP_BPF and CAP_PERFMON (on 5.10 CAP_SYS_RESOURCE too, and CAP_DAC_READ_SEARCH for the "
	 "paths of cgroups). fentry is used where the kernel permits it, else kprobes, else "
	 "tracepoints: then every call is seen with its result and what it changed, but no step "
	 "inside it. Which of them a kernel has is found by trying, for each hooked function by "
	 "itself: nslens doctor prints the result and the remedy.\n\n"
	 "Reading a recording (-i FILE), nslens explain, nslens lab list and nslens graph --proc "
	 "need no privileges."},
	{"EXIT STATUS",
	 "0 done; 1 failed, or a difference was found; 2 bad usage or bad input. With -- CMD: "
	 "CMD's "
	 "own; 125 nslens failed, 126 CMD could not be run, 127 it was not found, 128+N it died of "
	 "signal N."},
	{"ENVIRONMENT",
	 "NO_COLOR: when it is set and not empty, colour is used only with --colour always.\n\n"
	 "LANGUAGE, LC_ALL, LC_MESSAGES, LANG: the language of nslens explain (en, ja, zh_CN), and "
	 "whether pictures are drawn in UTF-8 or in ASCII.\n\n"
	 "TERM: what nslens watch draws on."},
	{"FILES",
	 "FILE.nslens: a recording. It is an SQLite database with documented tables and views, "
	 "which "
	 "every tool opens. Its schema, that of the JSON, and guides are installed with the other "
	 "documents of nslens."},
	{NULL, NULL},
};

static const struct option_word program_examples[] = {
	{"nslens trace -- unshare --uts --pid --fork true", "one command, with every step"},
	{"nslens graph --keepers", "tasks, nsproxies and namespaces, and what holds them"},
	{"nslens why /run/netns/blue", "what keeps a namespace alive"},
	{"nslens record -o boot.nslens -- podman run …", "a recording"},
	{"nslens doctor", "what this machine permits"},
	{0},
};

static void program_manual(FILE *out)
{
	struct option_word words[MAX_COMMANDS + 1] = {{0}};
	struct command_line line = {
		.name = "nslens",
		.summary =
			"show what Linux does when a process creates, joins or leaves a namespace",
		.usage = "COMMAND [options] [-- CMD...]\n--help\n--version",
		.about = "Shows namespaces at work, live, from inside the kernel, one system call "
			 "at a time: every kernel function inside the call with its outcome and "
			 "time, what the task saw before and after, and, where a call fails, which "
			 "function refused, by which check, and the remedy.",
		.words_title =
			"COMMAND is one of the following; each has --help, and a page of its "
			"own, such as nslens-trace(1)",
		.words = words,
		.examples = program_examples,
	};
	char see[400] = "";

	for (size_t i = 0; i < MAX_COMMANDS && command_at(i); i++) {
		const char *name = command_at(i)->name;

		words[i] = (struct option_word){name, command_at(i)->summary};
		snprintf(see + strlen(see), sizeof(see) - strlen(see), "%s%s", i ? " " : "", name);
	}
	line.see = see;
	options_manual(out, &line, program_sections);
}

static const struct command_line *find(const char *name)
{
	for (size_t i = 0; command_at(i); i++)
		if (!strcmp(command_at(i)->name, name))
			return command_at(i);
	return NULL;
}

/* One page of --all; NULL: that of the program. */
static int write_page(const char *dir, const struct command_line *line)
{
	char path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof(path), "%s/nslens%s%s.1", dir, line ? "-" : "",
		 line ? line->name : "");
	out = fopen(path, "we");
	if (out && line)
		options_manual(out, line, NULL);
	else if (out)
		program_manual(out);
	if (!out || ferror(out) | fclose(out)) {
		complain("manual", "cannot write %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

int cmd_manual(int argc, char **argv)
{
	struct manual_options o = {0};
	const struct command_line *line;
	struct option_rest rest;
	int status = options_parse(&manual_line, &o, &rest, argc, argv);

	if (status >= 0)
		return status;
	if (o.all && rest.n)
		return usage_error("manual", "--all writes every page: it takes no command");
	if (o.all) {
		int failed = write_page(o.all, NULL);

		for (size_t i = 0; !failed && command_at(i); i++)
			failed = write_page(o.all, command_at(i));
		return failed ? EXIT_FAILED : EXIT_DONE;
	}
	line = rest.n ? find(rest.words[0]) : NULL;
	if (rest.n && !line && strcmp(rest.words[0], "nslens") != 0)
		return usage_error("manual", "no command '%.40s'", rest.words[0]);
	if (line)
		options_manual(stdout, line, NULL);
	else
		program_manual(stdout);
	return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
}

int cmd_completion(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*write)(FILE *out, const struct command_line *const *lines);
	} shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};
	const struct command_line *lines[MAX_COMMANDS + 1] = {NULL};
	struct completion_options o = {0};
	struct option_rest rest;
	int status = options_parse(&completion_line, &o, &rest, argc, argv);

	if (status >= 0)
		return status;
	for (size_t i = 0; i < MAX_COMMANDS && command_at(i); i++) {
		lines[i] = command_at(i);
		if (o.commands)
			puts(lines[i]->name);
	}
	for (size_t i = 0; !o.commands && i < sizeof(shells) / sizeof(*shells); i++) {
		if (!rest.n || strcmp(rest.words[0], shells[i].shell) != 0)
			continue;
		shells[i].write(stdout, lines);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	}
	if (!o.commands)
		return usage_error("completion", "which shell? bash, zsh or fish");
	return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
}
