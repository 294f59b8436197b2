// SPDX-License-Identifier: GPL-2.0-only
#include "watch_guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../view/watch_term.h"
#include "cmd.h"

static volatile pid_t child;

static void pass_on(int number, siginfo_t *info, void *context)
{
	(void)context;
	/* the terminal's own (Ctrl-Z …) go to the child, too: twice would stop it twice */
	if (info->si_code == SI_KERNEL && number != SIGHUP)
		return;
	if (child > 0)
		kill(child, number);
}

/* What would end the parent ends the child, which cleans up; the parent follows it. */
static void parent_signals(void)
{
	static const int passed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
	struct sigaction act = {.sa_sigaction = pass_on, .sa_flags = SA_RESTART | SA_SIGINFO};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		sigaction(passed[i], &act, NULL);
	/* the terminal is set once more while the shell may have it back already */
	sigaction(SIGTTOU, &ignore, NULL);
}

static void become_child(pid_t parent)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGTTOU, &ignore, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
}

static int end_of_child(int status, struct nsl_error *e)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	nsw_term_rescue();
	nsl_error_set(e, "the process that draws died of signal %d (%s); the terminal is as it was",
		      WTERMSIG(status), strsignal(WTERMSIG(status)));
	return EXIT_FAILED;
}

int watch_guard(struct nsl_error *e)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;
	int status;

	/* none of them may come between fork() and the handlers */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		nsl_error_set(e, "cannot start a process: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (!pid) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		become_child(parent);
		return -1;
	}
	child = pid;
	parent_signals();
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			nsl_error_set(e, "cannot wait for the process that draws: %s",
				      strerror(errno));
			return EXIT_FAILED;
		}
		if (!WIFSTOPPED(status))
			return end_of_child(status, e);
		/* Ctrl-Z: it has given the terminal back; now the shell may have it */
		raise(SIGSTOP);
		kill(pid, SIGCONT);
	}
}
