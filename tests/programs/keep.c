// SPDX-License-Identifier: GPL-2.0-only
/*
 * keep: a task that sits in new namespaces of the given types until it is killed.
 *
 *	keep uts net ...        (cgroup ipc net mnt pid time user uts, or all)
 *
 * Prints the pid of that task, as the caller of keep sees it, then waits for it.
 * It dies with keep, and keep ends with it. In a new user namespace it is root.
 */
#include "sys.h"

#include <fcntl.h>
#include <sys/prctl.h>

bool sys_ia32;

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok)
		fprintf(stderr, "keep: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool add_type(const char *name, uint64_t *flags)
{
	uint64_t before = *flags;

	for (size_t i = 0; i < NS_COUNT; i++)
		if (!strcmp(name, ns_names[i].type) || !strcmp(name, "all"))
			*flags |= ns_names[i].bit;
	return *flags != before;
}

/* ids: who keep is outside. */
static void inside(uint64_t flags, int ready, uid_t uid, gid_t gid)
{
	int fail;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (flags & NEWUSER) {
		char map[64];
		bool ok = put("/proc/self/setgroups", "deny");

		snprintf(map, sizeof(map), "0 %u 1", uid);
		ok = ok && put("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!ok || !put("/proc/self/gid_map", map))
			_exit(1);
	}
	fail = write(ready, "", 1) != 1;
	close(ready);
	if (fail)
		_exit(1);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct clone3_args args = {.exit_signal = SIGCHLD};
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int ready[2];
	char byte;
	long pid;

	for (int i = 1; i < argc; i++) {
		if (!add_type(argv[i], &args.flags)) {
			fprintf(stderr, "keep: %s: no such namespace type, or twice\n", argv[i]);
			return 2;
		}
	}
	if (!args.flags) {
		fprintf(stderr, "usage: keep cgroup|ipc|net|mnt|pid|time|user|uts|all ...\n");
		return 2;
	}
	if (pipe(ready) < 0) {
		perror("keep: pipe");
		return 1;
	}
	pid = sys_clone3(&args, sizeof(args));
	if (pid < 0) {
		char ebuf[16];

		fprintf(stderr, "keep: clone3: %s\n", sys_errno_name((int)-pid, ebuf));
		return 1;
	}
	if (pid == 0) {
		close(ready[0]);
		inside(args.flags, ready[1], uid, gid);
	}
	close(ready[1]);
	/* Printed once its maps are written. */
	if (read(ready[0], &byte, 1) != 1) {
		sys_reap((pid_t)pid);
		return 1;
	}
	printf("%ld\n", pid);
	fflush(stdout);
	sys_reap((pid_t)pid);
	return 0;
}
