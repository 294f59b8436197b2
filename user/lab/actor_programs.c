// SPDX-License-Identifier: GPL-2.0-only
/* Programs that actors run: a command, or a shell for whoever sits at the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"

#define PATHS "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/nslens"

static void close_own(void)
{
	for (int fd = LAB_FD_CHANNEL; fd < LAB_FD_END; fd++)
		close(fd);
}

static _Noreturn void command_main(const char *command, int out)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	char *envp[] = {(char *)PATHS, (char *)"LC_ALL=C", NULL};

	dup2(out, 1);
	dup2(out, 2);
	close_own();
	execve("/bin/sh", argv, envp);
	_exit(127);
}

/* The leader of a session of its own, whose terminal it is. */
static _Noreturn void shell_main(int terminal, const char *type)
{
	char prompt[128], term[80];
	char *argv[] = {(char *)"sh", (char *)"-i", NULL};
	char *envp[] = {(char *)PATHS, (char *)"HOME=/", prompt, term, NULL};
	struct utsname name = {.nodename = "?"};

	uname(&name);
	snprintf(prompt, sizeof(prompt), "PS1=%.64s%s ", name.nodename, geteuid() ? "$" : "#");
	snprintf(term, sizeof(term), "TERM=%.64s", *type ? type : "dumb");
	setsid();
	ioctl(terminal, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(terminal, fd);
	close(terminal);
	close_own();
	signal(SIGPIPE, SIG_DFL);
	execve("/bin/sh", argv, envp);
	_exit(127);
}

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && strchr(" \n\t", text[n - 1]))
		text[--n] = 0;
}

/* All that it says; what does not fit is dropped. */
static void take_output(struct lab_reply *a, int out)
{
	const size_t room = sizeof(a->text) - 1;
	char rest[256];
	size_t n = 0;
	ssize_t got;

	while ((got = n < room ? read(out, a->text + n, room - n) : read(out, rest, sizeof(rest))) >
	       0)
		n += n < room ? (size_t)got : 0;
	trim(a->text);
}

static void await(struct lab_reply *a, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	a->ret = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run_command(const struct lab_request *q, struct lab_reply *a)
{
	int out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC)) {
		lab_result(a, -1);
		return;
	}
	pid = fork();
	if (!pid)
		command_main(q->text, out[1]);
	close(out[1]);
	lab_result(a, pid);
	if (pid > 0) {
		take_output(a, out[0]);
		await(a, pid);
	}
	close(out[0]);
}

static void run_shell(const struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	pid_t pid = fork();

	if (!pid)
		shell_main(self->terminal, q->text2);
	lab_result(a, pid);
	if (pid > 0)
		await(a, pid);
}

bool lab_do_programs(struct lab_self *self, const struct lab_request *q, struct lab_reply *a)
{
	if (q->verb != LAB_RUN && q->verb != LAB_SHELL)
		return false;
	/* a program could do anything: it may not be the machine's root */
	if (lab_is_host(self, NSL_USER) && !geteuid())
		return lab_refuse(a,
				  "it would run a program with the machine's own root privileges; "
				  "put user into the stage, or let an actor as nobody do it");
	if (q->verb == LAB_SHELL && self->terminal >= 0)
		run_shell(self, q, a);
	else
		run_command(q, a);
	return true;
}
