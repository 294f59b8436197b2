// SPDX-License-Identifier: GPL-2.0-only
#include "signals.h"

#include <stdbool.h>
#include <stddef.h>

const int stop_signals[3] = {SIGINT, SIGTERM, SIGHUP};
volatile sig_atomic_t stop_signal;
volatile sig_atomic_t stop_count;
volatile sig_atomic_t stop_by_terminal;

static bool children_ignored; /* as nslens was started */

void signals_begin(void)
{
	children_ignored = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

void signals_give_back(void)
{
	if (children_ignored)
		signal(SIGCHLD, SIG_IGN);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	stop_signal = number;
	stop_by_terminal = info->si_code == SI_KERNEL;
	stop_count++;
}

void signals_catch(void)
{
	struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++) {
		struct sigaction old;

		/* nohup ignores HUP on purpose; a shell's & ignores INT by habit */
		if (stop_signals[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(stop_signals[i], &act, NULL);
	}
}
