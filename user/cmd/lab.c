// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab: scenarios that really create namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lab/actor.h"
#include "cmd.h"
#include "lab.h"
#include "values.h"

static const char help[] =
	"Usage: nslens lab [ACTION] [options]\n"
	"Scenarios that really create, join and leave namespaces, in throw-away ones: this\n"
	"machine's own are never changed, and nothing is left behind.\n\n"
	"  lab                   list the scenarios by topic and level (--json: one a line)\n"
	"  lab step NAME         one step at a time: predict, then see what the kernel did\n"
	"  lab run NAME          all steps at once, told as a story\n"
	"  lab check [NAME...]   compare what the kernel does with what the files say\n"
	"  lab show NAME         print a scenario's file\n"
	"  lab new FILE          write a commented template of your own\n\n"
	"NAME is one that the list shows, or the path of a file (user/doc/scenarios.md).\n\n"
	"      --guest[=KERNEL]  do it in a virtual machine (default 6.12; see tests/guest)\n"
	"      --hooks HOW       auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"      --colour WHEN     auto, always or never (NO_COLOR is respected)\n"
	"      --json            list, check: JSON Lines\n"
	"  -h, --help\n\n"
	"Without root, results are still shown where a scenario needs none, but nothing of the\n"
	"kernel's steps can be seen.\n\n"
	"Exit status: 0 done, 1 failed or something differs, 2 bad usage or a wrong file.\n";

enum { OPT_GUEST = 256, OPT_HOOKS, OPT_COLOUR, OPT_JSON };

static const struct option options[] = {
	{"guest", optional_argument, NULL, OPT_GUEST},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"colour", required_argument, NULL, OPT_COLOUR},
	{"color", required_argument, NULL, OPT_COLOUR},
	{"json", no_argument, NULL, OPT_JSON},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
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
	if (strcmp(action, "run") && strcmp(action, "step") && strcmp(action, "show") &&
	    strcmp(action, "new"))
		return usage_error("lab", "no action '%.40s': list, step, run, check, show or new",
				   action);
	if (n != 2)
		return usage_error("lab", "%s needs one %s", action,
				   strcmp(action, "new") ? "NAME" : "FILE");
	if (!strcmp(action, "show"))
		return show(args[1]);
	if (!strcmp(action, "new"))
		return new_file(args[1]);
	return lab_lesson(o, args[1], !strcmp(action, "step"));
}

int cmd_lab(int argc, char **argv)
{
	struct lab_options o = {.colour = -1};
	const char *guest = NULL;
	int opt, from, kept;

	/* the actor of a scenario goes on here after its exec */
	if (argc == 3 && !strcmp(argv[1], "--actor") && fcntl(LAB_FD_SHARED, F_GETFD) >= 0) {
		int index = atoi(argv[2]);

		if (index >= 0 && index < LAB_MAX_ACTORS)
			lab_actor(index);
	}
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":hv", options, NULL)) != -1) {
		switch (opt) {
		case OPT_GUEST:
			guest = optarg ? optarg : "6.12";
			break;
		case OPT_HOOKS:
			if (value_hooks(optarg, &o.mode))
				return usage_error("lab",
						   "--hooks %s: auto, fentry, kprobe or tracepoint",
						   optarg);
			break;
		case OPT_COLOUR:
			if (value_colour(optarg, &o.colour))
				return usage_error("lab", "--colour %s: auto, always or never",
						   optarg);
			break;
		case OPT_JSON:
			o.json = true;
			break;
		case 'v':
			o.verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
		case ':':
			return usage_error("lab", "%s needs a value", argv[optind - 1]);
		default:
			return usage_error("lab", "no option %s", argv[optind - 1]);
		}
	}
	if (!guest)
		return act(&o, argv + optind, argc - optind);
	/* the same words, without --guest */
	for (from = kept = 1; from < argc; from++)
		if (strncmp(argv[from], "--guest", 7) != 0)
			argv[kept++] = argv[from];
	return lab_guest(guest, argv + 1, kept - 1);
}
