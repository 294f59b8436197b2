// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls: about a hundred named cases that make namespace system calls and print, as
 * JSON Lines, exactly what they did. A tracer's output is compared with it.
 *
 *	calls list
 *	calls [--ia32] run all | NAME...
 *
 * Exit status: 0 every result was the wanted one, 1 not, 2 bad usage.
 * Everything happens in processes that die with their case; limits are only
 * written inside fresh user namespaces.
 */
#include "calls.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SLOTS	     4096
#define CASE_SECONDS 60

/* Seen by all processes of all cases. */
struct shared {
	atomic_int failures;
	atomic_uint next_slot;
	_Atomic pid_t slot[SLOTS]; /* where a new child says who it is */
};

bool sys_ia32;

static struct shared *shared;
static const char *case_name;
static int proc = -1;
static int cases;

int proc_fd(void)
{
	return proc;
}

void own_ids(pid_t *pid, pid_t *tid)
{
	char link[64];
	/* The proc mount names the reader by its number in the mount's own pid namespace. */
	ssize_t len = readlinkat(proc, "thread-self", link, sizeof(link) - 1);

	*pid = *tid = 0;
	if (len <= 0)
		return;
	link[len] = 0;
	sscanf(link, "%d/task/%d", pid, tid);
}

void case_fail(const char *what)
{
	fprintf(stderr, "calls: %s: %s: %s\n", case_name, what, strerror(errno));
	atomic_fetch_add(&shared->failures, 1);
}

static void judge(const struct call *call)
{
	char buf1[16], buf2[16];
	int err = call->ret < 0 ? (int)-call->ret : 0;
	int want = call->want;

	if (want == WANT_ANY || err == want)
		return;
	if (want <= -1000 && (err == 0 || err == -(want + 1000)))
		return;
	if (want <= -1000)
		want = -(want + 1000);
	fprintf(stderr, "calls: %s: %s(0x%llx): got %s, wanted %s\n", case_name, call->syscall,
		(unsigned long long)call->raw, err ? sys_errno_name(err, buf1) : "success",
		want ? sys_errno_name(want, buf2) : "success");
	atomic_fetch_add(&shared->failures, 1);
}

/* In clone(2) the low byte is the exit signal, and bits above 32 are dropped. */
static uint64_t new_flags(const struct call *call)
{
	if (call->raw_unread || call->has_nstype)
		return 0;
	if (!strcmp(call->syscall, "clone"))
		return (uint32_t)call->raw & NEW_ALL & ~NEWTIME;
	return call->raw & NEW_ALL;
}

void call_print(const struct call *call)
{
	char line[1024];
	uint64_t flags = call->has_nstype ? (uint32_t)call->nstype & NEW_ALL : new_flags(call);
	const char *sep = "";
	pid_t pid, tid;
	int n;

	own_ids(&pid, &tid);
	n = snprintf(line, sizeof(line),
		     "{\"case\":\"%s\",\"pid\":%d,\"tid\":%d,\"syscall\":\"%s\",\"flags\":[",
		     case_name, pid, tid, call->syscall);
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!(flags & ns_names[i].bit))
			continue;
		n += snprintf(line + n, sizeof(line) - n, "%s\"%s\"", sep, ns_names[i].flag);
		sep = ",";
	}
	n += snprintf(line + n, sizeof(line) - n, "],\"raw_flags\":");
	if (call->raw_unread || call->has_nstype)
		n += snprintf(line + n, sizeof(line) - n, "null");
	else
		n += snprintf(line + n, sizeof(line) - n, "\"0x%llx\"",
			      (unsigned long long)call->raw);
	if (call->ret < 0) {
		char ebuf[16];

		n += snprintf(line + n, sizeof(line) - n, ",\"ret\":-1,\"errno\":\"%s\"",
			      sys_errno_name((int)-call->ret, ebuf));
	} else {
		n += snprintf(line + n, sizeof(line) - n, ",\"ret\":%ld,\"errno\":null", call->ret);
	}
	if (call->child)
		n += snprintf(line + n, sizeof(line) - n, ",\"child\":%d", call->child);
	else
		n += snprintf(line + n, sizeof(line) - n, ",\"child\":null");
	if (call->has_nstype)
		n += snprintf(line + n, sizeof(line) - n, ",\"nstype\":\"0x%x\"",
			      (unsigned int)call->nstype);
	else
		n += snprintf(line + n, sizeof(line) - n, ",\"nstype\":null");
	n += snprintf(line + n, sizeof(line) - n,
		      ",\"expect_call\":%s,\"optional\":%s,\"abi\":\"%s\"}\n",
		      call->expect ? "true" : "false", call->optional ? "true" : "false",
		      sys_ia32 || sizeof(long) == 4 ? "ia32" : SYS_ABI);
	/* One write a line: lines of several processes do not mix. */
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(3);
	judge(call);
}

long do_unshare(uint64_t flags, int want)
{
	struct call call = {.syscall = "unshare", .expect = true, .want = want};

	call.raw = sys_ia32 ? (uint32_t)flags : (unsigned long)flags;
	call.ret = sys_unshare(flags);
	call_print(&call);
	return call.ret;
}

long do_setns(int fd, int nstype, int want)
{
	struct call call = {.syscall = "setns",
			    .has_nstype = true,
			    .nstype = nstype,
			    .expect = true,
			    .want = want};

	call.ret = sys_setns(fd, nstype);
	call_print(&call);
	return call.ret;
}

static unsigned int slot_take(void)
{
	return atomic_fetch_add(&shared->next_slot, 1) % SLOTS;
}

/* Child side: only the child can learn its number in the initial pid namespace. */
static void slot_fill(unsigned int slot)
{
	pid_t pid, tid;

	own_ids(&pid, &tid);
	atomic_store(&shared->slot[slot], pid);
}

static pid_t slot_wait(unsigned int slot)
{
	pid_t pid;

	for (int ms = 0; ms < 20000; ms++) {
		pid = atomic_exchange(&shared->slot[slot], 0);
		if (pid)
			return pid;
		usleep(1000);
	}
	errno = ETIMEDOUT;
	case_fail("a child did not say its pid");
	return 0;
}

static long cloned(struct call *call, unsigned int slot)
{
	if (call->ret == 0) {
		slot_fill(slot);
		return 0;
	}
	if (call->ret > 0)
		call->child = slot_wait(slot);
	call_print(call);
	return call->ret;
}

long do_clone(uint64_t flags, int want)
{
	struct call call = {.syscall = "clone", .want = want};
	unsigned int slot = slot_take();

	call.raw = sys_ia32 ? (uint32_t)flags : (unsigned long)flags;
	call.expect = new_flags(&call) != 0;
	call.ret = sys_clone(flags);
	return cloned(&call, slot);
}

long do_clone3_args(struct clone3_args *args, size_t size, bool raw_unread, int want)
{
	/* Static, so that its address fits the ia32 entry too. */
	static struct clone3_args low;
	struct call call = {.syscall = "clone3", .raw_unread = raw_unread, .want = want};
	unsigned int slot = slot_take();

	if (args)
		low = *args;
	call.raw = args ? args->flags : 0;
	call.expect = new_flags(&call) != 0;
	call.ret = sys_clone3(args ? &low : NULL, size);
	/* it implies CLONE_NEWNS where it is known */
	if (args && (args->flags & CLONE_EMPTY_MNT)) {
		call.expect = call.ret >= 0;
		call.optional = call.ret < 0;
	}
	return cloned(&call, slot);
}

long do_clone3(uint64_t flags, int want)
{
	struct clone3_args args = {.flags = flags, .exit_signal = SIGCHLD};

	return do_clone3_args(&args, sizeof(args), false, want);
}

long do_fork(int want, bool expect, bool optional)
{
	struct call call = {.syscall = SYS_FORK_NAME,
			    .raw = SYS_FORK_FLAGS,
			    .want = want,
			    .expect = expect,
			    .optional = optional};
	unsigned int slot = slot_take();

	call.ret = sys_fork();
	return cloned(&call, slot);
}

long do_vfork(int want, bool expect, bool optional)
{
	struct call call = {.syscall = SYS_VFORK_NAME,
			    .raw = SYS_VFORK_FLAGS,
			    .want = want,
			    .expect = expect,
			    .optional = optional};

	/* The child is gone when this returns; the caller is in the initial pid namespace. */
	call.ret = sys_vfork_exit();
	if (call.ret > 0)
		call.child = (pid_t)call.ret;
	call_print(&call);
	if (call.ret > 0)
		sys_reap((pid_t)call.ret);
	return call.ret;
}

int ns_open(pid_t pid, const char *type)
{
	char path[64];
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "%d/ns/%s", pid, type);
	else
		snprintf(path, sizeof(path), "self/ns/%s", type);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		case_fail(path);
	return fd;
}

bool proc_write(const char *path, const char *text)
{
	int fd = openat(proc, path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

bool map_root(void)
{
	return proc_write("self/setgroups", "deny") && proc_write("self/uid_map", "0 0 1") &&
	       proc_write("self/gid_map", "0 0 1");
}

pid_t helper_fork(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		case_fail("fork of a helper");
	return pid;
}

void linger(void)
{
	alarm(CASE_SECONDS);
	for (;;)
		pause();
}

static const struct test_case *const tables[] = {create_cases, setns_cases, task_cases,
						 mount_cases};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static const struct test_case *find_case(const char *name)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct test_case *c = tables[t]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

static void run_case(const struct test_case *c)
{
	int status;
	pid_t pid;

	case_name = c->name;
	cases++;
	pid = helper_fork();
	if (pid == 0) {
		alarm(CASE_SECONDS);
		c->run(c->arg);
		fflush(NULL);
		_exit(0);
	}
	if (pid < 0)
		return;
	status = sys_reap(pid);
	if (status) {
		fprintf(stderr, "calls: %s: the case ended with status 0x%x%s\n", c->name,
			(unsigned int)status,
			WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? " (too slow)" : "");
		atomic_fetch_add(&shared->failures, 1);
	}
}

/* Everything that outlives exec is passed as text: the case, its ABI, the time namespace before. */
int exec_argv(const char **argv)
{
	int n = 0;

	argv[n++] = "calls";
	if (sys_ia32)
		argv[n++] = "--ia32";
	argv[n++] = "exec-probe";
	argv[n++] = case_name;
	return n;
}

static int usage(void)
{
	fprintf(stderr, "usage: calls list\n       calls [--ia32] run all | NAME...\n");
	return 2;
}

static bool set_up(void)
{
	pid_t pid, tid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED) {
		perror("calls: mmap");
		return false;
	}
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	own_ids(&pid, &tid);
	if (proc < 0 || pid != getpid()) {
		fprintf(stderr, "calls: /proc is not that of this pid namespace: mount it first\n");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	int i = 1;

	if (i < argc && !strcmp(argv[i], "--ia32")) {
		if (!HAVE_IA32) {
			fprintf(stderr, "calls: --ia32: only in x86-64 builds\n");
			return 2;
		}
		sys_ia32 = true;
		i++;
	}
	if (i < argc && !strcmp(argv[i], "list")) {
		for (size_t t = 0; t < TABLES; t++)
			for (const struct test_case *c = tables[t]; c->name; c++)
				puts(c->name);
		return 0;
	}
	if (i + 2 < argc && !strcmp(argv[i], "exec-probe")) {
		case_name = argv[i + 1];
		return set_up() && !exec_probe(argv[i + 2]) && !atomic_load(&shared->failures) ? 0
											       : 1;
	}
	if (i + 1 >= argc || strcmp(argv[i], "run"))
		return usage();
	for (int j = i + 1; j < argc; j++) {
		if (strcmp(argv[j], "all") && !find_case(argv[j])) {
			fprintf(stderr, "calls: no case named %s (see calls list)\n", argv[j]);
			return 2;
		}
	}
	if (!set_up())
		return 1;
	for (i++; i < argc; i++) {
		if (strcmp(argv[i], "all")) {
			run_case(find_case(argv[i]));
			continue;
		}
		for (size_t t = 0; t < TABLES; t++)
			for (const struct test_case *c = tables[t]; c->name; c++)
				run_case(c);
	}
	fprintf(stderr, "calls: %d cases, %d unexpected results\n", cases,
		atomic_load(&shared->failures));
	return atomic_load(&shared->failures) ? 1 : 0;
}
