// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab: scenarios that really create namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lab/actor.h"
#include "cmd.h"
#include "lab.h"
#include "options.h"

struct words {
	struct lab_options lab;
	const char *guest; /* kernel of the guest, or NULL: here */
};

#define T struct words

static int take_guest(void *options, const char *value, char *why, size_t size)
{
	struct words *o = options;

	o->guest = value ? value : "6.12";
	if (*o->guest)
		return 0;
	snprintf(why, size, "a kernel's series, such as 6.12");
	return -1;
}

static const struct option_row rows[] = {
	{"guest", 0, "[KERNEL]", "do it in a virtual machine (default 6.12; see tests/guest)",
	 OPTION_OWN(take_guest)},
	OPTION_ROW_HOOKS(T, lab.mode),
	OPTION_ROW_BTF(T, lab.btf),
	OPTION_ROW_COLOUR(T, lab.colour),
	{"json", 'j', NULL,
	 "list, check, run: JSON Lines; serve: the addresses as one line of JSON",
	 OPTION_FLAG(T, lab.json)},
	OPTION_ROW_VERBOSE(T, lab.verbose),
	OPTION_GROUP("The page (serve)"),
	{"port", 'p', "PORT", "of 127.0.0.1; default: 7777, or another one if that is taken",
	 OPTION_COUNT(T, lab.port, 1, 65535), .expect = "a port from 1 to 65535"},
	{"follow-me", 0, NULL, "a second address, for students: their pages watch the lesson",
	 OPTION_FLAG(T, lab.follow_me)},
	{0},
};

static const struct option_word actions[] = {
	{"list", "the scenarios by topic and level; also without an action (--json: one a line)"},
	{"step NAME", "one step at a time: predict, then see what the kernel did"},
	{"serve [NAME]", "the same on a page in a browser; without NAME the page has the list"},
	{"run NAME", "all steps at once, told as a story"},
	{"check [NAME...]", "compare what the kernel does with what the files say"},
	{"show NAME", "print a scenario's file"},
	{"new FILE", "write a commented template of your own"},
	{0},
};

static const struct option_word status_words[] = {{"0", "done"},
						  {"1", "failed or something differs"},
						  {"2", "bad usage or a wrong file"},
						  {0}};

static const struct option_word examples[] = {
	{"nslens lab", "what there is"},
	{"nslens lab step container", "a container by hand: predict each step, then see it"},
	{"sudo nslens lab serve", "lessons in the browser: choose one there"},
	{"nslens lab check", "does this kernel do what the scenarios say?"},
	{0},
};

const struct command_line lab_line = {
	.name = "lab",
	.summary = "scenarios that really create namespaces: list, step, serve, run, check",
	.usage = "[ACTION] [options]",
	.about =
		"Scenarios that really create, join and leave namespaces, in throw-away ones: this "
		"machine's own are never changed, and nothing is left behind.",
	.words_title = "ACTION is one of",
	.words = actions,
	.rows = rows,
	.notes =
		"NAME is one that the list shows, or the path of a file "
		"(user/doc/scenarios.md).\n\n"
		"Without root, results are still shown where a scenario needs none, but nothing of "
		"the kernel's steps can be seen.",
	.status = status_words,
	.examples = examples,
	.see = "explain serve trace",
	.max_words = -1,
	.complete = "nslens lab list --json | sed 's/.*\"name\":\"\\([^\"]*\\)\".*/\\1/'",
};

static int show(const char *name)
{
	struct lab_scenario *s;

	for (size_t i = 0; i < lab_nblobs; i++) {
		size_t n = (size_t)(lab_blobs[i].end - lab_blobs[i].text);

		if (!strcmp(lab_blobs[i].name, name))
			return fwrite(lab_blobs[i].text, 1, n, stdout) != n || fflush(stdout)
				       ? EXIT_FAILED
				       : EXIT_DONE;
	}
	s = lab_load(name);
	if (s)
		complain("lab", "%s is a file of yours; it is a valid scenario", name);
	lab_scenario_free(s);
	return s ? EXIT_DONE : EXIT_USAGE;
}

static int new_file(const char *path)
{
	size_t n = strlen(lab_template);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0) {
		complain("lab", "cannot write %s: %s%s", path, strerror(errno),
			 errno == EEXIST ? "; take another name" : "");
		return EXIT_USAGE;
	}
	ok = write(fd, lab_template, n) == (ssize_t)n;
	ok &= !close(fd);
	if (!ok) {
		complain("lab", "cannot write %s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	printf("%s is written. Try: sudo nslens lab run %s\n", path, path);
	return EXIT_DONE;
}

static int act(const struct lab_options *o, char **args, int n)
{
	const char *action = n ? args[0] : "list";

	if (!strcmp(action, "list") && n <= 1)
		return lab_list(o);
	if (!strcmp(action, "check"))
		return lab_check_all(o, args + 1, n - 1);
	if (!strcmp(action, "serve") && n <= 2)
		return lab_serve(o, n == 2 ? args[1] : NULL);
	if (strcmp(action, "serve") && strcmp(action, "run") && strcmp(action, "step") &&
	    strcmp(action, "show") && strcmp(action, "new"))
		return usage_error("lab",
				   "no action '%.40s': list, step, serve, run, check, show or new",
				   action);
	if (n != 2)
		return usage_error("lab", "%s %s %s", action,
				   strcmp(action, "serve") ? "needs one" : "takes at most one",
				   strcmp(action, "new") ? "NAME" : "FILE");
	if (!strcmp(action, "show"))
		return show(args[1]);
	if (!strcmp(action, "new"))
		return new_file(args[1]);
	if (o->json && !strcmp(action, "run"))
		return lab_run_json(o, args[1]);
	return lab_lesson(o, args[1], !strcmp(action, "step"));
}

int cmd_lab(int argc, char **argv)
{
	struct words o = {.lab.colour = -1};
	struct option_rest rest;
	int status, from, kept;

	/* the actor of a scenario goes on here after its exec */
	if (argc == 3 && !strcmp(argv[1], "--actor") && fcntl(LAB_FD_SHARED, F_GETFD) >= 0) {
		int index = atoi(argv[2]);

		if (index >= 0 && index < LAB_MAX_ACTORS)
			lab_actor(index);
	}
	status = options_parse(&lab_line, &o, &rest, argc, argv);
	if (status >= 0)
		return status;
	if ((o.lab.port || o.lab.follow_me) && (!rest.n || strcmp(rest.words[0], "serve") != 0))
		return usage_error("lab", "--%s is for serve", o.lab.port ? "port" : "follow-me");
	if (!o.guest)
		return act(&o.lab, rest.words, rest.n);
	/* the same words, without --guest */
	for (from = kept = 1; from < argc; from++)
		if (strncmp(argv[from], "--g", 3) != 0)
			argv[kept++] = argv[from];
	return lab_guest(o.guest, argv + 1, kept - 1);
}
