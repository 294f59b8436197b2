// SPDX-License-Identifier: GPL-2.0-only
/* nslens lab --guest: the same in a virtual machine, where every function can be hooked. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "lab_lesson.h"

#define MAX_ARGS 64

/* tests/guest/run.sh of the source tree that this program was built in */
static bool find_script(const char *exe, char *script, size_t size)
{
	const char *slash = strrchr(exe, '/');

	if (!slash)
		return false;
	snprintf(script, size, "%.*s/../tests/guest/run.sh", (int)(slash - exe), exe);
	return !access(script, X_OK);
}

/* Adds a word to a command line of sh, in quotes. */
static size_t quote(char *to, size_t len, size_t size, const char *word)
{
	if (len < size)
		len += (size_t)snprintf(to + len, size - len, " '");
	for (; *word && len + 8 < size; word++) {
		if (*word == '\'')
			len += (size_t)snprintf(to + len, size - len, "'\\''");
		else
			to[len++] = *word;
	}
	if (len < size)
		len += (size_t)snprintf(to + len, size - len, "'");
	return len;
}

int lab_guest(const char *kernel, char **args, int n)
{
	static char exe[PATH_MAX], script[PATH_MAX + 32], own[PATH_MAX + 16], line[16384];
	char *argv[MAX_ARGS * 2 + 12];
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO), step = false, lesson = false;
	bool serve = false;
	int a = 0;
	size_t len = (size_t)snprintf(line, sizeof(line), "LANG=C.UTF-8 nslens lab");

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0 ||
	    !find_script(exe, script, sizeof(script))) {
		complain("lab",
			 "--guest: %s cannot start the virtual machine: what starts it is not "
			 "installed with the program, it is tests/guest/run.sh of the source tree; "
			 "run "
			 "`make` there, then build/nslens lab --guest ...",
			 *exe ? exe : "this program");
		return EXIT_FAILED;
	}
	if (n > MAX_ARGS)
		return usage_error("lab", "--guest: more than %d words", MAX_ARGS);
	for (int i = 0; i < n; i++) {
		step |= !strcmp(args[i], "step");
		serve |= !strcmp(args[i], "serve");
		lesson |= !strcmp(args[i], "step") || !strcmp(args[i], "run");
	}
	if (step && !terminal)
		return usage_error("lab",
				   "--guest: a lesson waits for answers at a terminal; take run "
				   "or check");
	if (serve)
		return usage_error("lab",
				   "--guest: the virtual machine has no network, so a page in it "
				   "could not be reached; take step, run or check there");
	snprintf(own, sizeof(own), "%s:nslens", exe);
	argv[a++] = script;
	argv[a++] = (char *)"--kernel";
	argv[a++] = (char *)kernel;
	if (lesson && terminal)
		argv[a++] = (char *)"--interactive";
	argv[a++] = (char *)"--file";
	argv[a++] = own;
	for (int i = 0; i < n; i++) {
		const char *base = strrchr(args[i], '/');

		/* files go along, and are found there by their own name */
		if (args[i][0] != '-' && (base || strchr(args[i], '.')) && !access(args[i], R_OK)) {
			argv[a++] = (char *)"--file";
			argv[a++] = args[i];
			len = quote(line, len, sizeof(line), base ? base + 1 : args[i]);
		} else {
			len = quote(line, len, sizeof(line), args[i]);
		}
	}
	argv[a++] = (char *)"--";
	argv[a++] = line;
	argv[a] = NULL;
	if (len >= sizeof(line) - 16)
		return usage_error("lab", "--guest: the command line is too long");
	execv(script, argv);
	complain("lab", "--guest: cannot run %s: %s", script, strerror(errno));
	return EXIT_FAILED;
}

bool lab_guest_is_here(void)
{
	static char exe[PATH_MAX], script[PATH_MAX + 32];

	return readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0 &&
	       find_script(exe, script, sizeof(script));
}
