// SPDX-License-Identifier: GPL-2.0-only
/*
 * holders: keeps namespaces alive in every awkward way there is.
 *
 *	holders KIND...        a kind is FAMILY-TYPE, or FAMILY for all its types
 *	holders all            every kind but here-*
 *	holders list           the names of all kinds
 *
 * Each kind is a process of its own. For each namespace held it prints a line
 *
 *	{"kind","keeper","type","inum","pid","tid","holder","fd","path","mnt","cause"}
 *
 * or {"kind","unsupported"} or {"kind","failed"}, then "ready". A line "drop KIND"
 * on standard input lets that keeper go; {"dropped":KIND,"from":NS,"to":NS} answers,
 * with CLOCK_MONOTONIC before and after. Everything goes when standard input ends, or
 * holders dies of whatever cause. Mounts are made in mount namespaces of its own; only
 * the family `here` mounts below /tmp of the caller, and removes that, too.
 *
 * `holder` is the process that obeys, `pid` and `tid` say which task holds, `mnt` is the
 * mount namespace of that task. `inum` is null where user space cannot learn it. `cause`
 * lists what the death of the namespace may be blamed on once the keeper has gone: exit,
 * reaped, switch, undone, unpinned or child; empty: nothing that is known, or unpinned.
 *
 *	fd mount here	an nsfs file, a bind mount of it (here: where the caller is)
 *	exit switch	a task, which exits, or goes over to another namespace
 *	thread		one thread of a process
 *	zombie		a task that nobody has reaped
 *	pending		pid_for_children before the first child
 *	deadinit	pid_for_children when init is dead
 *	forchildren	time_for_children
 *	nested		three levels, tasks in all (pid) or in the innermost (user)
 *	child owned	a namespace below, which a descriptor holds
 *	uid		a user namespace of an owner without a name
 *	socket shm	an open socket, an attached segment, of a namespace that was left
 *	pidfd proc	of a dead task; a mounted procfs of a dead pid namespace
 *	shmfd pidfdtask proctask	the last three, and something that leads to the namespace
 *	mountinfo sysvipc cgroupfile cred	open files that remember a namespace
 *	opentree fsmount anon	mount namespaces made without clone or unshare
 *	undone		nothing: a clone that fails late, made when it is dropped
 */
#include "holders.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define MAX_HOLDERS 128

bool sys_ia32;

struct running {
	char kind[32];
	pid_t pid;
	int control, answer;
	bool dropped;
};

static struct running running[MAX_HOLDERS];
static size_t nrunning;

static const struct family *const tables[] = {task_families, file_families, mount_families};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* One write: lines of several processes do not mix. */
static void say(const char *text)
{
	size_t len = strlen(text);

	if (write(STDOUT_FILENO, text, len) != (ssize_t)len)
		_exit(1);
}

static int run_drop(const struct family *family, struct holder *h)
{
	return family->drop ? family->drop(h) : -ENOSYS;
}

/* The process that holds. Bytes on `control` ask it to let go; its end ends it. */
static void hold(const struct family *family, const struct ns_name *type, int control, int answer)
{
	struct holder h = {.type = type, .fd = -1, .fd2 = -1};
	char comm[16], text[256], byte;
	int ret;

	snprintf(h.kind, sizeof(h.kind), "%s-%s", family->name, type->type);
	h.here = !strcmp(family->name, "here");
	snprintf(comm, sizeof(comm), "h-%.13s", h.kind);
	prctl(PR_SET_NAME, comm);
	if (!h.here)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	ret = family->make(&h);
	if (ret) {
		char ebuf[16];

		snprintf(text, sizeof(text), "{\"kind\":\"%s\",\"%s\":\"%s\"}\n", h.kind,
			 ret == UNSUPPORTED ? "unsupported" : "failed",
			 ret == UNSUPPORTED ? "not on this kernel" : sys_errno_name(-ret, ebuf));
		say(text);
	}
	if (write(answer, ret ? "-" : "+", 1) != 1)
		_exit(1);
	while (read(control, &byte, 1) == 1) {
		ret = run_drop(family, &h);
		if (write(answer, ret ? "-" : "+", 1) != 1)
			break;
	}
	if (h.here)
		run_drop(family, &h);
	_exit(0);
}

static void start(const struct family *family, const struct ns_name *type)
{
	struct running *r = &running[nrunning];
	int control[2], answer[2];
	char byte;

	snprintf(r->kind, sizeof(r->kind), "%s-%s", family->name, type->type);
	for (size_t i = 0; i < nrunning; i++)
		if (!strcmp(running[i].kind, r->kind))
			return;
	if (nrunning == MAX_HOLDERS || pipe(control) < 0 || pipe(answer) < 0) {
		perror("holders: pipe");
		exit(1);
	}
	r->pid = fork();
	if (r->pid < 0) {
		perror("holders: fork");
		exit(1);
	}
	if (r->pid == 0) {
		/* no end of another holder's pipes stays open here: they mean its life */
		for (size_t i = 0; i < nrunning; i++) {
			close(running[i].control);
			close(running[i].answer);
		}
		close(control[1]);
		close(answer[0]);
		/* orders are for holders alone; 0 stays taken */
		if (!freopen("/dev/null", "r", stdin))
			_exit(1);
		hold(family, type, control[0], answer[1]);
	}
	close(control[0]);
	close(answer[1]);
	r->control = control[1];
	r->answer = answer[0];
	nrunning++;
	if (read(r->answer, &byte, 1) != 1) {
		fprintf(stderr, "holders: %s died while it was made\n", r->kind);
		exit(1);
	}
}

static bool start_matching(const char *name)
{
	bool all = !strcmp(name, "all"), any = false;

	for (size_t t = 0; t < TABLES; t++) {
		for (const struct family *f = tables[t]; f->name; f++) {
			for (size_t i = 0; i < NS_COUNT; i++) {
				char kind[32];

				if (!(f->types & ns_names[i].bit))
					continue;
				snprintf(kind, sizeof(kind), "%s-%s", f->name, ns_names[i].type);
				if (!strcmp(name, kind) || !strcmp(name, f->name) ||
				    (all && strcmp(f->name, "here") != 0)) {
					start(f, &ns_names[i]);
					any = true;
				}
			}
		}
	}
	return any;
}

static void list(void)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct family *f = tables[t]; f->name; f++)
			for (size_t i = 0; i < NS_COUNT; i++)
				if (f->types & ns_names[i].bit)
					printf("%s-%s\n", f->name, ns_names[i].type);
}

static void drop(const char *kind)
{
	char text[256], byte;

	for (size_t i = 0; i < nrunning; i++) {
		struct running *r = &running[i];
		uint64_t from = now();

		if (strcmp(r->kind, kind) != 0)
			continue;
		if (r->dropped || write(r->control, "d", 1) != 1 || read(r->answer, &byte, 1) != 1)
			break;
		r->dropped = true;
		snprintf(text, sizeof(text),
			 "{\"dropped\":\"%s\",\"ok\":%s,\"from\":%llu,\"to\":%llu}\n", kind,
			 byte == '+' ? "true" : "false", (unsigned long long)from,
			 (unsigned long long)now());
		say(text);
		return;
	}
	snprintf(text, sizeof(text),
		 "{\"dropped\":null,\"error\":\"no such holder left: %.60s\"}\n", kind);
	say(text);
}

static void obey(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "drop ", 5))
			drop(line + 5);
		else if (*line)
			fprintf(stderr, "holders: '%s': no such order: drop KIND\n", line);
	}
}

static void stop(int sig)
{
	/* what belongs to the holders goes with them, and they with this process */
	_exit(128 + sig);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		list();
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: holders KIND...|all|list\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGHUP, stop);
	for (int i = 1; i < argc; i++) {
		if (!start_matching(argv[i])) {
			fprintf(stderr, "holders: %s: no such kind: see holders list\n", argv[i]);
			return 2;
		}
	}
	say("ready\n");
	obey();
	for (size_t i = 0; i < nrunning; i++) {
		close(running[i].control);
		sys_reap(running[i].pid);
	}
	return 0;
}
