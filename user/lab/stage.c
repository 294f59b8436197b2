// SPDX-License-Identifier: GPL-2.0-only
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAPPED_IDS 65536u
/*
 * Root of the stage is this user of the machine, whom nobody else is: what the
 * stage may do to files and sysctls of the machine is what a stranger may.
 */
#define FIRST_ID 2000000000u

/* What the stage's task tells the driver. */
struct word {
	char what[200]; /* empty: go on */
	int32_t number;
};

struct plan {
	const struct lab_scenario *s;
	int tell, hear; /* the two ends of a socket pair: the stage's, the driver's */
	int actor_end[LAB_MAX_ACTORS];
	int pass[2], proc, self, shared;
};

static _Noreturn void give_up(int tell, const char *what)
{
	struct word w = {.number = errno};

	snprintf(w.what, sizeof(w.what), "%s: %s", what, strerror(errno));
	send(tell, &w, sizeof(w), MSG_NOSIGNAL);
	_exit(1);
}

static bool go_on(int fd, int32_t number)
{
	struct word w = {.number = number};

	return send(fd, &w, sizeof(w), MSG_NOSIGNAL) == (ssize_t)sizeof(w);
}

static bool hear(int fd, struct word *w)
{
	ssize_t n;

	do {
		n = recv(fd, w, sizeof(*w), 0);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*w);
}

/* ---- the stage's task ---- */

/* The descriptors of an actor at their fixed numbers, and no others. */
static void place_descriptors(const struct plan *p)
{
	int from[LAB_MAX_ACTORS + 6], to[LAB_MAX_ACTORS + 6], n = 0;

	for (size_t i = 0; i < p->s->nactors; i++) {
		from[n] = p->actor_end[i];
		to[n++] = LAB_FD_CHANNEL + (int)i;
	}
	from[n] = p->pass[0], to[n++] = LAB_FD_PASS_OUT;
	from[n] = p->pass[1], to[n++] = LAB_FD_PASS_IN;
	from[n] = p->proc, to[n++] = LAB_FD_PROC;
	from[n] = p->self, to[n++] = LAB_FD_SELF;
	from[n] = p->shared, to[n++] = LAB_FD_SHARED;
	from[n] = p->tell, to[n++] = LAB_FD_END;
	for (int i = 0; i < n; i++)
		from[i] = fcntl(from[i], F_DUPFD, LAB_FD_END + 1);
	for (int i = 0; i < n; i++)
		if (from[i] < 0 || dup2(from[i], to[i]) < 0)
			give_up(p->tell, "cannot place the descriptors of the actors");
	syscall(SYS_close_range, LAB_FD_END + 1, ~0u, 0);
	syscall(SYS_close_range, LAB_FD_SHARED + 1, LAB_FD_END - 1, 0);
	syscall(SYS_close_range, LAB_FD_CHANNEL + (int)p->s->nactors, LAB_FD_PASS_OUT - 1, 0);
	syscall(SYS_close_range, 0, LAB_FD_CHANNEL - 1, 0);
	for (int i = 0; i < 3; i++)
		open("/dev/null", O_RDWR);
}

/* A user namespace is mapped by root from outside, or by ourselves: one id. */
static void enter_user(const struct plan *p)
{
	char text[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	struct word w;
	int fd;

	if (unshare(CLONE_NEWUSER))
		give_up(LAB_FD_END, errno == EINVAL ? "this kernel has no user namespaces"
						    : "cannot make a user namespace for the stage");
	if (p->s->needs_root || !uid) {
		if (!go_on(LAB_FD_END, 0) || !hear(LAB_FD_END, &w))
			_exit(1);
	} else {
		snprintf(text, sizeof(text), "0 %u 1", uid);
		fd = openat(LAB_FD_PROC, "self/uid_map", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, text, strlen(text)) < 0)
			give_up(LAB_FD_END, "cannot map the user of the stage");
		close(fd);
		fd = openat(LAB_FD_PROC, "self/setgroups", O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "deny", 4) < 0)
			give_up(LAB_FD_END, "cannot deny setgroups in the stage");
		close(fd);
		snprintf(text, sizeof(text), "0 %u 1", gid);
		fd = openat(LAB_FD_PROC, "self/gid_map", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, text, strlen(text)) < 0)
			give_up(LAB_FD_END, "cannot map the group of the stage");
		close(fd);
	}
	if (syscall(SYS_setresgid, 0, 0, 0) || syscall(SYS_setresuid, 0, 0, 0))
		give_up(LAB_FD_END, "cannot become root of the stage");
	/* a change of ids takes both away */
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void enter_rest(const struct plan *p)
{
	static const enum nsl_type types[] = {NSL_MNT, NSL_UTS, NSL_IPC, NSL_CGROUP, NSL_NET};
	uint64_t flags = CLONE_NEWPID;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (p->s->stage & 1u << types[i])
			flags |= nsm_type_bit(types[i]);
	if (unshare((int)flags))
		give_up(LAB_FD_END, errno == EINVAL
					    ? "this kernel lacks one of the stage's namespaces"
					    : "cannot make the namespaces of the stage");
	if (!(p->s->stage & 1u << NSL_MNT))
		return;
	/* from an own user namespace the mounts are slaves already, and private is what it is */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		give_up(LAB_FD_END,
			errno == EINVAL
				? "/ is no mount point, as in a chroot: run nslens outside, "
				  "or enter with pivot_root"
				: "cannot make the mounts of the stage private");
	if (mount("lab", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"))
		give_up(LAB_FD_END, "cannot mount an empty /tmp for the stage");
}

/* "36 35 98:0 / /mnt …": the third field is the device */
static void note_devices(struct lab_shared *shared)
{
	int fd = openat(LAB_FD_PROC, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned int major, minor;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		give_up(LAB_FD_END, "cannot read the machine's mounts");
	while (getline(&line, &size, f) > 0) {
		if (sscanf(line, "%*d %*d %u:%u", &major, &minor) != 2)
			continue;
		if (shared->ndevs == LAB_MAX_DEVS)
			shared->more_devs = 1;
		else
			shared->dev[shared->ndevs++] = makedev(major, minor);
	}
	free(line);
	fclose(f);
}

/* Which file systems are the machine's: before the first mount of the stage. */
static struct lab_shared *note_machine(void)
{
	struct lab_shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, LAB_FD_SHARED, 0);

	if (shared == MAP_FAILED)
		give_up(LAB_FD_END, "cannot map the shared memory of the stage");
	note_devices(shared);
	return shared;
}

static void note_stage(struct lab_shared *shared)
{
	struct stat st;

	if (shared->stage & 1u << NSL_MNT && !stat("/tmp", &st))
		shared->tmp_dev = st.st_dev;
	munmap(shared, sizeof(*shared));
}

/*
 * Pid 1 of the stage. Its parent may be gone before it has asked to die with it:
 * then nobody reads the pipe.
 */
static _Noreturn void init_main(int alive)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (write(alive, "", 1) != 1)
		_exit(1);
	close(alive);
	close(LAB_FD_END);
	prctl(PR_SET_DUMPABLE, 1);
	lab_stage_init();
}

static _Noreturn void stage_main(const struct plan *p, pid_t driver)
{
	struct lab_shared *shared;
	int alive[2], status;
	char byte;
	pid_t init;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != driver)
		_exit(1);
	prctl(PR_SET_NAME, "nslens-stage");
	setsid();
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	place_descriptors(p);
	if (chdir("/"))
		give_up(LAB_FD_END, "cannot go to /");
	shared = note_machine();
	if (p->s->stage & 1u << NSL_USER)
		enter_user(p);
	enter_rest(p);
	note_stage(shared);
	if (pipe2(alive, O_CLOEXEC))
		give_up(LAB_FD_END, "cannot make a pipe");
	init = fork();
	if (init < 0)
		give_up(LAB_FD_END, "cannot start the stage's first task");
	if (!init) {
		close(alive[0]);
		init_main(alive[1]);
	}
	close(alive[1]);
	if (read(alive[0], &byte, 1) != 1)
		give_up(LAB_FD_END, "the stage's first task did not start");
	if (!go_on(LAB_FD_END, init))
		_exit(1);
	/* only pid 1 and the actors hold the stage from now on */
	syscall(SYS_close_range, 0, ~0u, 0);
	while (waitpid(init, &status, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* ---- the driver's side ---- */

static int open_shared(const struct lab_scenario *s, struct lab_error *e)
{
	struct lab_shared shared = {.stage = s->stage, .nactors = (uint32_t)s->nactors};
	int fd = memfd_create("nslens-lab", MFD_CLOEXEC);

	for (int t = 0; t < NSL_TYPES; t++) {
		char path[40];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", nsm_type_name((enum nsl_type)t));
		if (!stat(path, &st))
			shared.host[t] = (uint32_t)st.st_ino;
	}
	for (size_t i = 0; i < s->nactors; i++) {
		shared.thread_of[i] = s->actor[i].thread_of;
		snprintf(shared.name[i], sizeof(shared.name[i]), "%s", s->actor[i].name);
		shared.nobody[i] = s->actor[i].nobody;
		shared.child[i] = s->actor[i].child;
	}
	if (fd < 0 || write(fd, &shared, sizeof(shared)) != (ssize_t)sizeof(shared)) {
		snprintf(e->text, sizeof(e->text), "cannot make shared memory: %s",
			 strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool write_map(pid_t pid, const char *name)
{
	char path[64], text[64];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	snprintf(text, sizeof(text), "0 %u %u", FIRST_ID, MAPPED_IDS);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, text, strlen(text)) > 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Until the stage stands; its number of pid 1. */
static int wait_for(struct lab_stage *stage, const struct plan *p, struct lab_error *e)
{
	struct word w;

	for (;;) {
		if (!hear(p->hear, &w)) {
			snprintf(e->text, sizeof(e->text), "the stage ended before it stood");
			return -1;
		}
		if (w.what[0]) {
			snprintf(e->text, sizeof(e->text), "%s%s", w.what,
				 w.number == EPERM ? " (run nslens as root, or see nslens doctor)"
						   : "");
			return -1;
		}
		if (w.number) {
			stage->init = w.number;
			return 0;
		}
		if (!write_map(stage->task, "uid_map") || !write_map(stage->task, "gid_map")) {
			snprintf(e->text, sizeof(e->text), "cannot map the ids of the stage: %s",
				 strerror(errno));
			return -1;
		}
		go_on(p->hear, 0);
	}
}

static void close_all(int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

static int make_plan(struct plan *p, struct lab_stage *stage, int pair[2], struct lab_error *e)
{
	struct timeval second = {.tv_sec = 20};

	for (size_t i = 0; i < p->s->nactors; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
			goto failed;
		stage->channel[i] = ends[0];
		p->actor_end[i] = ends[1];
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p->pass) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		goto failed;
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	p->hear = pair[0];
	p->tell = pair[1];
	p->proc = open("/proc", O_DIRECTORY | O_CLOEXEC);
	p->self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (p->proc < 0 || p->self < 0)
		goto failed;
	p->shared = open_shared(p->s, e);
	return p->shared < 0 ? -1 : 0;
failed:
	snprintf(e->text, sizeof(e->text), "cannot prepare the stage: %s", strerror(errno));
	return -1;
}

int lab_stage_open(struct lab_stage *stage, const struct lab_scenario *s, struct lab_error *e)
{
	struct plan p = {.s = s, .pass = {-1, -1}, .proc = -1, .self = -1, .shared = -1};
	int pair[2] = {-1, -1}, err;
	pid_t self = getpid();

	*stage = (struct lab_stage){.task = -1};
	memset(stage->channel, -1, sizeof(stage->channel));
	memset(p.actor_end, -1, sizeof(p.actor_end));
	err = make_plan(&p, stage, pair, e);
	if (!err) {
		fflush(NULL);
		stage->task = fork();
		if (!stage->task)
			stage_main(&p, self);
		close(pair[1]);
		pair[1] = -1;
		if (stage->task < 0) {
			snprintf(e->text, sizeof(e->text), "cannot start the stage: %s",
				 strerror(errno));
			err = -1;
		} else {
			err = wait_for(stage, &p, e);
		}
	}
	close_all(p.actor_end, LAB_MAX_ACTORS);
	close_all(p.pass, 2);
	close_all(pair, 2);
	close_all((int[]){p.proc, p.self, p.shared}, 3);
	if (err)
		lab_stage_close(stage);
	return err;
}

void lab_stage_close(struct lab_stage *stage)
{
	close_all(stage->channel, LAB_MAX_ACTORS);
	memset(stage->channel, -1, sizeof(stage->channel));
	/* pid 1 is the child of the stage's task, which waits for it: the number is its own */
	if (stage->init > 0 && !waitpid(stage->task, NULL, WNOHANG))
		kill(stage->init, SIGKILL);
	else if (stage->task > 0)
		kill(stage->task, SIGKILL);
	if (stage->task > 0)
		while (waitpid(stage->task, NULL, 0) < 0 && errno == EINTR)
			;
	stage->init = stage->task = -1;
}
