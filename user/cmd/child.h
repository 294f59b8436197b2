/* SPDX-License-Identifier: GPL-2.0-only */
/* `-- CMD`: started, held back until tracing is ready, and waited for. */
#ifndef NSLENS_CHILD_H
#define NSLENS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "../model/error.h"

struct child {
	pid_t pid;
	int go_fd;    /* one byte lets it run */
	int fault_fd; /* errno of a failed exec */
	bool ended;
	int status; /* as from waitpid() */
};

/*
 * Forks; the child waits. `user` is a name or NULL: run as that user, with its
 * groups, HOME and XDG_RUNTIME_DIR. The child ends by itself if nslens dies first.
 */
int child_prepare(struct child *c, char *const *argv, const char *user, struct nsl_error *e);
void child_go(struct child *c);

/* Has it ended? Does not block. */
bool child_poll(struct child *c);

/* nslens' own exit status for it; `command` tells on standard error why it could not be run. */
int child_exit_status(const struct child *c, const char *command, const char *name);

/* Before child_go(): never run it. */
void child_abandon(struct child *c);

#endif
