// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "signals.h"

#define MAX_GROUPS 256

/* What of becoming another user can fail is done by the child; names are looked up before. */
struct identity {
	bool wanted;
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	int ngroups;
	char home[256], runtime[64], name[64];
};

static int look_up(const char *user, struct identity *id, struct nsl_error *e)
{
	struct passwd *pw = NULL;
	struct group *group;
	FILE *f;

	memset(id, 0, sizeof(*id));
	if (!user)
		return 0;
	/* the files themselves: a static program has no other sources of names */
	f = fopen("/etc/passwd", "re");
	while (f && (pw = fgetpwent(f)) && strcmp(pw->pw_name, user))
		;
	if (!pw) {
		if (f)
			fclose(f);
		return nsl_error_set(e, "-u %s: no such user in /etc/passwd", user);
	}
	id->wanted = true;
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	snprintf(id->home, sizeof(id->home), "%s", pw->pw_dir);
	fclose(f);
	id->groups[id->ngroups++] = id->gid;
	f = fopen("/etc/group", "re");
	while (f && (group = fgetgrent(f)))
		for (char **member = group->gr_mem; *member; member++)
			if (!strcmp(*member, user) && id->ngroups < MAX_GROUPS)
				id->groups[id->ngroups++] = group->gr_gid;
	if (f)
		fclose(f);
	snprintf(id->name, sizeof(id->name), "%s", user);
	snprintf(id->runtime, sizeof(id->runtime), "/run/user/%u", (unsigned int)pw->pw_uid);
	return 0;
}

static int become(const struct identity *id)
{
	if (!id->wanted)
		return 0;
	if (setgroups((size_t)id->ngroups, id->groups) || setresgid(id->gid, id->gid, id->gid) ||
	    setresuid(id->uid, id->uid, id->uid))
		return -1;
	return setenv("HOME", id->home, 1) || setenv("USER", id->name, 1) ||
	       setenv("LOGNAME", id->name, 1) || setenv("XDG_RUNTIME_DIR", id->runtime, 1);
}

static void __attribute__((noreturn))
run_child(const struct child *c, int go_read, int fault_write, char *const *argv,
	  const struct identity *id, const sigset_t *mask)
{
	struct sigaction act;
	int fault;
	char byte;

	/*
	 * CMD ends by the signals that end nslens. A shell's & would have it ignore
	 * INT; what nohup wants is kept.
	 */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (!sigaction(SIGHUP, NULL, &act) && act.sa_handler != SIG_IGN)
		signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signals_give_back();
	sigprocmask(SIG_SETMASK, mask, NULL);
	close(c->go_fd); /* or we would hold the end whose closing we wait for */
	/* nothing to read: nslens is gone or gave up */
	if (read(go_read, &byte, 1) != 1)
		_exit(EXIT_NSLENS);
	if (!become(id))
		execvp(argv[0], argv);
	fault = errno;
	if (write(fault_write, &fault, sizeof(fault)) < 0)
		_exit(EXIT_NSLENS);
	_exit(fault == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

int child_prepare(struct child *c, char *const *argv, const char *user, struct nsl_error *e)
{
	sigset_t stops, mask;
	int go[2], fault[2];
	struct identity id;

	memset(c, 0, sizeof(*c));
	if (look_up(user, &id, e))
		return -1;
	if (pipe2(go, O_CLOEXEC))
		return nsl_error_set(e, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(fault, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return nsl_error_set(e, "cannot make a pipe: %s", strerror(errno));
	}
	c->go_fd = go[1];
	c->fault_fd = fault[0];
	/* a signal now would meet nslens' handler in the child, and be lost */
	sigemptyset(&stops);
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++)
		sigaddset(&stops, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &stops, &mask);
	c->pid = fork();
	if (!c->pid)
		run_child(c, go[0], fault[1], argv, &id, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(go[0]);
	close(fault[1]);
	if (c->pid > 0)
		return 0;
	close(go[1]);
	close(fault[0]);
	return nsl_error_set(e, "cannot fork: %s", strerror(errno));
}

void child_go(struct child *c)
{
	/* it cannot have gone: it waits for this byte; if it was killed, the wait tells */
	if (write(c->go_fd, "g", 1) < 0)
		c->ended = false;
	close(c->go_fd);
	c->go_fd = -1;
}

void child_abandon(struct child *c)
{
	close(c->go_fd);
	c->go_fd = -1;
	waitpid(c->pid, &c->status, 0);
	c->ended = true;
}

bool child_poll(struct child *c)
{
	pid_t pid;

	if (c->ended)
		return true;
	pid = waitpid(c->pid, &c->status, WNOHANG);
	c->ended = pid == c->pid;
	if (pid < 0 && errno == ECHILD) {
		/* gone without a status of its own: it must not look like success */
		c->status = W_EXITCODE(EXIT_NSLENS, 0);
		c->ended = true;
	}
	return c->ended;
}

int child_exit_status(const struct child *c, const char *command, const char *name)
{
	int fault;

	if (read(c->fault_fd, &fault, sizeof(fault)) == sizeof(fault)) {
		complain(command, "cannot run %s: %s", name, strerror(fault));
		return fault == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	}
	if (!c->ended)
		return EXIT_NSLENS; /* given up by a second signal */
	if (WIFSIGNALED(c->status))
		return 128 + WTERMSIG(c->status);
	return WEXITSTATUS(c->status);
}
