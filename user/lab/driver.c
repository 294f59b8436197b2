// SPDX-License-Identifier: GPL-2.0-only
#include "driver.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stage.h"
#include "terminal.h"

#define IDLE_MS 100
/* An emulated kernel on a busy machine needs long for what takes a moment elsewhere. */
#define STEP_MS	 60000u
#define SLICE_MS 20
/* For a death that the kernel should not permit. */
#define SPARED_MS 300u

struct lab_driver {
	const struct lab_scenario *s;
	const volatile sig_atomic_t *stop;
	struct lab_stage stage;
	struct {
		pid_t pid, tid;
		bool dead;
	} actor[LAB_MAX_ACTORS];
	struct lab_request q;
	struct lab_reply a;
	struct {
		int in, out;
		void (*idle)(void *ctx); /* NULL: nobody sits there */
		void *ctx;
	} user;
};

static bool has_program(const char *name)
{
	static const char *const dirs[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/nslens"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

bool lab_can_run(const struct lab_scenario *s, unsigned int kernel, char *why, size_t size)
{
	char range[48], path[48];
	struct stat st;

	if (!lab_in_range(s->kernel, kernel)) {
		snprintf(why, size, "needs Linux %s, this is %u.%u",
			 lab_range_text(s->kernel, range, sizeof(range)), kernel / 1000,
			 kernel % 1000);
		return false;
	}
	if (s->needs_root && geteuid()) {
		snprintf(why, size, "needs root");
		return false;
	}
	for (size_t i = 0; i < s->nactors && geteuid(); i++) {
		if (s->actor[i].nobody) {
			snprintf(why, size, "needs root: an actor is another user");
			return false;
		}
	}
	for (int t = 0; t < NSL_TYPES; t++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", nsm_type_name((enum nsl_type)t));
		if ((s->types | s->stage) & 1u << t && stat(path, &st)) {
			snprintf(why, size, "needs %s namespaces, which this kernel lacks",
				 nsm_type_name((enum nsl_type)t));
			return false;
		}
	}
	for (size_t i = 0; i < s->nprograms; i++) {
		if (!has_program(s->programs[i])) {
			snprintf(why, size, "needs the program %s", s->programs[i]);
			return false;
		}
	}
	return true;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Gone, or a zombie: nothing of it runs any more. */
static bool task_is_dead(pid_t pid, pid_t tid)
{
	char path[64], text[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	if (lab_slurp(-1, path, text, sizeof(text)) < 0 || !(p = strrchr(text, ')')))
		return true;
	return p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X');
}

enum got { GOT_REPLY, GOT_END, GOT_NOTHING };

/* The next message of an actor; GOT_END when it is dead and has nothing more to say. */
static enum got receive(struct lab_driver *d, int actor, uint64_t until)
{
	for (;;) {
		struct pollfd fd = {.fd = d->stage.channel[actor], .events = POLLIN};
		ssize_t n;

		if (*d->stop)
			return GOT_NOTHING;
		if (poll(&fd, 1, SLICE_MS) > 0) {
			n = recv(fd.fd, &d->a, sizeof(d->a), MSG_DONTWAIT);
			if (n == (ssize_t)sizeof(d->a)) {
				if (d->a.tid) {
					d->actor[actor].pid = (pid_t)d->a.pid;
					d->actor[actor].tid = (pid_t)d->a.tid;
				}
				return GOT_REPLY;
			}
			if (n == 0)
				return GOT_END;
		}
		if (d->actor[actor].tid && task_is_dead(d->actor[actor].pid, d->actor[actor].tid))
			return GOT_END;
		if (now_ms() > until)
			return GOT_NOTHING;
	}
}

struct lab_driver *lab_driver_open(const struct lab_scenario *s, const volatile sig_atomic_t *stop,
				   struct lab_error *e)
{
	struct lab_driver *d = calloc(1, sizeof(*d));

	*e = (struct lab_error){.line = 0};
	if (!d) {
		snprintf(e->text, sizeof(e->text), "out of memory");
		return NULL;
	}
	d->s = s;
	d->stop = stop;
	if (lab_stage_open(&d->stage, s, e)) {
		free(d);
		return NULL;
	}
	for (size_t i = 0; i < s->nactors; i++) {
		if (s->actor[i].child)
			continue;
		if (receive(d, (int)i, now_ms() + STEP_MS) != GOT_REPLY) {
			snprintf(e->text, sizeof(e->text), "actor %s did not start",
				 s->actor[i].name);
			lab_driver_close(d);
			return NULL;
		}
	}
	return d;
}

void lab_driver_close(struct lab_driver *d)
{
	if (!d)
		return;
	lab_stage_close(&d->stage);
	free(d);
}

__attribute__((format(printf, 3, 4))) static void broken(struct lab_outcome *out, int kind,
							 const char *format, ...)
{
	va_list ap;

	memset(out, 0, sizeof(*out));
	out->kind = kind;
	va_start(ap, format);
	vsnprintf(out->text, sizeof(out->text), format, ap);
	va_end(ap);
}

static void fill_request(struct lab_driver *d, const struct lab_op *op)
{
	struct lab_request *q = &d->q;

	memset(q, 0, sizeof(*q));
	q->verb = op->verb;
	q->fd = op->fd;
	q->new_actor = op->new_actor;
	q->other_pid = op->other >= 0 ? (uint32_t)d->actor[op->other].pid : 0;
	q->flags = op->flags;
	q->number = op->number;
	q->clone3 = op->clone3;
	snprintf(q->text, sizeof(q->text), "%s", op->text ? op->text : "");
	snprintf(q->text2, sizeof(q->text2), "%s", op->text2 ? op->text2 : "");
	if (op->verb == LAB_SHELL && getenv("TERM"))
		snprintf(q->text2, sizeof(q->text2), "%s", getenv("TERM"));
}

/* The request, with a descriptor unless `fd` is -1. */
static bool send_request(struct lab_driver *d, int actor, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {&d->q, sizeof(d->q)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(d->stage.channel[actor], &m, MSG_NOSIGNAL) >= 0;
}

/* As receive(), while the user has the terminal; there is no time limit. */
static enum got attend(struct lab_driver *d, int actor, struct lab_terminal *t)
{
	struct pollfd fd = {.fd = d->stage.channel[actor], .events = POLLIN};
	enum got got = GOT_NOTHING;

	lab_terminal_given(t);
	while (!*d->stop && got == GOT_NOTHING) {
		lab_terminal_relay(t, fd.fd, IDLE_MS);
		d->user.idle(d->user.ctx);
		if (poll(&fd, 1, 0) > 0 || task_is_dead(d->actor[actor].pid, d->actor[actor].tid))
			got = receive(d, actor, now_ms() + STEP_MS);
	}
	/* what the shell has said last */
	for (int i = 0; i < 20 && !t->ended && got == GOT_REPLY; i++)
		lab_terminal_relay(t, -1, 0);
	return got;
}

/* One request and its answer. */
static void ask(struct lab_driver *d, int actor, uint64_t until, struct lab_outcome *out)
{
	const char *name = d->s->actor[actor].name;
	struct lab_terminal terminal = {.master = -1, .slave = -1};
	bool interactive = d->q.verb == LAB_SHELL && d->user.idle &&
			   !lab_terminal_open(&terminal, d->user.in, d->user.out);
	enum got got;

	if (!send_request(d, actor, terminal.slave)) {
		lab_terminal_close(&terminal);
		broken(out, LAB_BROKEN, "actor %s is gone", name);
		return;
	}
	got = interactive ? attend(d, actor, &terminal) : receive(d, actor, until);
	lab_terminal_close(&terminal);
	if (got == GOT_NOTHING) {
		broken(out, LAB_TIMEOUT, "%s", *d->stop ? "stopped" : "it has not come back");
		return;
	}
	if (got == GOT_END) {
		d->actor[actor].dead = true;
		if (d->q.verb == LAB_EXIT)
			broken(out, LAB_DONE, "%s", "");
		else
			broken(out, LAB_BROKEN, "actor %s died in it", name);
		return;
	}
	broken(out,
	       d->a.kind == LAB_REPLY_REFUSED  ? LAB_REFUSED
	       : d->a.kind == LAB_REPLY_FAILED ? LAB_BROKEN
					       : LAB_DONE,
	       "%s", d->a.text);
	out->interactive = interactive;
	out->ret = d->a.ret;
	out->err = d->a.err;
}

/* A child that is to be an actor says so itself. */
static void meet(struct lab_driver *d, int actor, uint64_t until, struct lab_outcome *out)
{
	if (out->kind == LAB_DONE && !out->err && receive(d, actor, until) != GOT_REPLY)
		broken(out, LAB_BROKEN, "its child %s did not start", d->s->actor[actor].name);
}

/*
 * Is it pid 1 of the killer's own pid namespace? The kernel spares it: signals from
 * inside do nothing to it that it has no handler for, SIGKILL included.
 */
static bool is_own_init(pid_t killer, pid_t target)
{
	char path[64], text[4096], *line, *last;
	struct stat own, its;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)killer);
	if (stat(path, &own))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)target);
	if (stat(path, &its) || own.st_ino != its.st_ino || own.st_dev != its.st_dev)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)target);
	if (lab_slurp(-1, path, text, sizeof(text)) < 0 || !(line = strstr(text, "\nNSpid:")))
		return false;
	line[1 + strcspn(line + 1, "\n")] = 0;
	last = strrchr(line, '\t');
	return last && !strcmp(last, "\t1");
}

static void await_death(struct lab_driver *d, int actor, uint64_t until)
{
	while (!*d->stop && now_ms() < until && d->actor[actor].tid &&
	       !task_is_dead(d->actor[actor].pid, d->actor[actor].tid)) {
		struct timespec pause = {.tv_nsec = 1000000};

		nanosleep(&pause, NULL);
	}
	d->actor[actor].dead =
		d->actor[actor].tid && task_is_dead(d->actor[actor].pid, d->actor[actor].tid);
}

/* Signals that end a task unless it does something about them, as actors do not. */
static bool is_deadly(int64_t number)
{
	return number && number != SIGCHLD && number != SIGCONT && number != SIGSTOP &&
	       number != SIGTSTP && number != SIGTTIN && number != SIGTTOU && number != SIGURG &&
	       number != SIGWINCH && number != SIGPIPE;
}

void lab_driver_step(struct lab_driver *d, const struct lab_step *step, struct lab_outcome *out)
{
	const struct lab_op *op = &step->op;
	uint64_t until = now_ms() + STEP_MS + (op->verb == LAB_SLEEP ? (uint64_t)op->number : 0);
	const struct lab_actor *a = &d->s->actor[op->actor];
	bool spared = false;

	if (!d->actor[op->actor].tid || d->actor[op->actor].dead) {
		broken(out, LAB_BROKEN, "actor %s %s", a->name,
		       d->actor[op->actor].dead ? "is dead" : "was never born");
		return;
	}
	/* asked before: the dead are in no namespace */
	if (op->verb == LAB_KILL)
		spared = is_own_init(d->actor[op->actor].pid, d->actor[op->other].pid);
	fill_request(d, op);
	ask(d, op->actor, until, out);
	if (op->new_actor >= 0)
		meet(d, op->new_actor, until, out);
	if (op->verb == LAB_PASS && out->kind == LAB_DONE && !out->err) {
		d->q.receive = 1;
		ask(d, op->other, until, out);
	}
	if (op->verb == LAB_EXIT)
		await_death(d, op->actor, until);
	if (op->verb == LAB_KILL && out->kind == LAB_DONE && !out->err && is_deadly(op->number))
		await_death(d, op->other, spared ? now_ms() + SPARED_MS : until);
	/* the dead take others with them: pid 1 of a namespace, a thread its process */
	for (size_t i = 0; i < d->s->nactors; i++)
		if (d->actor[i].tid && !d->actor[i].dead)
			d->actor[i].dead = task_is_dead(d->actor[i].pid, d->actor[i].tid);
}

void lab_driver_interactive(struct lab_driver *d, int in, int out, void (*idle)(void *ctx),
			    void *ctx)
{
	d->user.in = in;
	d->user.out = out;
	d->user.idle = idle;
	d->user.ctx = ctx;
}

pid_t lab_driver_tid(const struct lab_driver *d, int actor)
{
	return d->actor[actor].tid;
}

bool lab_driver_dead(const struct lab_driver *d, int actor)
{
	return d->actor[actor].dead;
}
