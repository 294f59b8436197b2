// SPDX-License-Identifier: GPL-2.0-only
/*
 * signalled: a command that gets a signal after some time.
 *
 *	signalled [-g] [-i] SIGNAL MS CMD...	(-g: its whole process group, as a terminal does;
 *						 -i: the command has SIGCHLD ignored)
 *
 * Prints `STATUS MS` on standard output: the exit status, 128 + the signal that killed it, and
 * how long after the signal that was; -1 where it was still there after LIMIT_MS, when it is
 * killed. One that has ended by itself is not waited for any longer.
 *
 * A shell cannot do this: what it starts in the background ignores SIGINT, and where it
 * is busybox there is nothing to undo that with; its `timeout` knows whole seconds alone.
 * It does not let SIGCHLD be ignored either.
 */
#include "sys.h"

#include <stdlib.h>
#include <time.h>

#define LIMIT_MS 10000

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int number_of(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {{"INT", SIGINT}, {"TERM", SIGTERM}, {"HUP", SIGHUP}, {"KILL", SIGKILL}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(name, known[i].name))
			return known[i].number;
	fprintf(stderr, "signalled: no signal %s\n", name);
	exit(125);
}

/* `ends` is blocked here. */
static pid_t started(char **argv, bool ignores, const sigset_t *ends)
{
	pid_t pid = fork();

	if (pid < 0)
		die("signalled: fork");
	if (pid) {
		setpgid(pid, pid); /* as the child does: whoever comes first */
		return pid;
	}
	setpgid(0, 0);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (ignores)
		signal(SIGCHLD, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, ends, NULL);
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

/* The exit status as a shell tells it; -1: it had to be killed. */
static int ended(pid_t pid, long long limit)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now_ms() < limit) {
			usleep(2000);
			continue;
		}
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		return -1;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	bool group = argc > 1 && !strcmp(argv[1], "-g");
	bool ignores = argc > 1 + group && !strcmp(argv[1 + group], "-i");
	int signal_number, status, ms;
	long long sent;
	sigset_t ends;
	pid_t pid;

	argv += group + ignores;
	argc -= group + ignores;
	if (argc < 4) {
		fprintf(stderr, "usage: signalled [-g] [-i] SIGNAL MS CMD...\n");
		return 125;
	}
	signal_number = number_of(argv[1]);
	ms = atoi(argv[2]);
	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	/* where we had it ignored ourselves, there would be none */
	signal(SIGCHLD, SIG_DFL);
	pid = started(argv + 3, ignores, &ends);
	sigtimedwait(&ends, NULL, &(struct timespec){ms / 1000, ms % 1000 * 1000000L});
	sent = now_ms();
	kill(group ? -pid : pid, signal_number);
	status = ended(pid, sent + LIMIT_MS);
	printf("%d %lld\n", status, now_ms() - sent);
	return 0;
}
