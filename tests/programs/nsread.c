// SPDX-License-Identifier: GPL-2.0-only
/*
 * nsread: all tasks and namespaces, as /proc and the nsfs ioctls tell of them.
 *
 *	nsread > FILE
 *
 * An independent reading to hold against the graph of nslens: it shares no code
 * with it and uses no BPF. One JSON object: "namespaces" by inode number, "tasks"
 * by tid, without nsread itself. A slot is null where /proc has nothing to show:
 * of zombies, and of pid_for_children before the first child.
 */
#include "nsread.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

bool sys_ia32;

const struct slot slots[SLOTS] = {
	{"mnt", "mnt"},
	{"uts", "uts"},
	{"ipc", "ipc"},
	{"pid_for_children", "pid_for_children"},
	{"net", "net"},
	{"time", "time"},
	{"time_for_children", "time_for_children"},
	{"cgroup", "cgroup"},
	{"user", "user"},
	{"pid", "pid_active"},
};

struct found found;
int proc = -1;

/* Mount namespaces that no task was seen in: their mounts are read from within. */
static int *unvisited;
static size_t nunvisited, unvisited_size;

void *grow(void *array, size_t *size, size_t count, size_t each)
{
	if (count < *size)
		return array;
	*size = *size ? *size * 2 : 64;
	array = realloc(array, *size * each);
	if (!array) {
		fprintf(stderr, "nsread: out of memory\n");
		exit(1);
	}
	return array;
}

struct ns *find_ns(uint64_t inum)
{
	for (size_t i = found.count; i-- > 0;)
		if (found.ns[i].inum == inum)
			return &found.ns[i];
	return NULL;
}

static struct ns *add_ns(uint64_t inum, const char *type)
{
	struct ns *ns = find_ns(inum);

	if (ns)
		return ns;
	found.ns = grow(found.ns, &found.size, found.count, sizeof(*ns));
	ns = &found.ns[found.count++];
	*ns = (struct ns){.inum = inum, .type = type, .level = -1, .uid = -1};
	return ns;
}

static const char *type_of_bit(uint64_t bit)
{
	for (size_t i = 0; i < NS_COUNT; i++)
		if (ns_names[i].bit == bit)
			return ns_names[i].type;
	return NULL;
}

/* The namespace at the other end of `request`: its number, or 0. */
static uint64_t related(int fd, unsigned long request, int *level)
{
	int other = ioctl(fd, request);
	struct ns *ns;

	if (other < 0)
		return 0;
	ns = learn(other, BY_RELATION);
	if (!ns)
		return 0;
	*level = ns->level;
	return ns->inum;
}

/* A copy: what `learn` returns moves when another namespace is added. */
static struct ns read_ns(int fd, struct ns ns)
{
	int above = -1, owner_level;
	uid_t uid;

	ns.owner = related(fd, NS_GET_USERNS, &owner_level);
	if (!strcmp(ns.type, "user") || !strcmp(ns.type, "pid")) {
		ns.parent = related(fd, NS_GET_PARENT, &above);
		ns.level = above + 1;
	}
	if (!strcmp(ns.type, "user") && ioctl(fd, NS_GET_OWNER_UID, &uid) == 0)
		ns.uid = uid;
	ns.read = true;
	return ns;
}

struct ns *learn(int fd, enum how how)
{
	const char *type = type_of_bit((uint64_t)ioctl(fd, NS_GET_NSTYPE));
	struct stat st;
	struct ns *ns;
	bool keep;

	if (!type || fstat(fd, &st) < 0) {
		close(fd);
		return NULL;
	}
	ns = add_ns(st.st_ino, type);
	keep = !ns->read && !strcmp(type, "mnt") && !(ns->how & BY_TASK) && how != BY_TASK;
	ns->how |= how;
	if (!ns->read) {
		struct ns known = read_ns(fd, *ns);

		ns = find_ns(st.st_ino);
		*ns = known;
	}
	if (!keep) {
		close(fd);
		return ns;
	}
	unvisited = grow(unvisited, &unvisited_size, nunvisited, sizeof(*unvisited));
	unvisited[nunvisited++] = fd;
	return ns;
}

uint64_t parse_name(const char *name)
{
	const char *open = strstr(name, ":[");
	char *end;
	uint64_t inum;

	if (!open || strchr(name, '/'))
		return 0;
	inum = strtoull(open + 2, &end, 10);
	return !strcmp(end, "]") ? inum : 0;
}

void learn_name(const char *name, enum how how)
{
	uint64_t inum = parse_name(name);

	for (size_t i = 0; inum && i < NS_COUNT; i++) {
		size_t len = strlen(ns_names[i].type);

		if (!strncmp(name, ns_names[i].type, len) && name[len] == ':')
			add_ns(inum, ns_names[i].type)->how |= how;
	}
}

/* Enters every mount namespace that has no task: more namespaces may be mounted there. */
static void visit(void)
{
	for (size_t i = 0; i < nunvisited; i++) {
		if (setns(unvisited[i], CLONE_NEWNS) == 0)
			read_mounts();
		else
			fprintf(stderr, "nsread: a mount namespace without tasks: setns: %s\n",
				strerror(errno));
		close(unvisited[i]);
	}
}

static int by_inum(const void *a, const void *b)
{
	const struct ns *x = a, *y = b;

	return x->inum < y->inum ? -1 : x->inum > y->inum;
}

static int by_tid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static void print_inum(const char *name, uint64_t inum)
{
	if (inum)
		printf(",\"%s\":%llu", name, (unsigned long long)inum);
	else
		printf(",\"%s\":null", name);
}

static void print_number(const char *name, long long value)
{
	if (value >= 0)
		printf(",\"%s\":%lld", name, value);
	else
		printf(",\"%s\":null", name);
}

static void print_ns(const struct ns *ns)
{
	static const char *const hows[] = {"task", "fd", "mount", "socket", "relation", "listns"};
	const char *sep = "";

	printf("{\"type\":\"%s\",\"inum\":%llu", ns->type, (unsigned long long)ns->inum);
	print_inum("owner", ns->owner);
	print_inum("parent", ns->parent);
	print_number("level", ns->level);
	print_number("owner_uid", ns->uid);
	printf(",\"read\":%s,\"by\":[", ns->read ? "true" : "false");
	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		if (!(ns->how & (1u << i)))
			continue;
		printf("%s\"%s\"", sep, hows[i]);
		sep = ",";
	}
	printf("]}");
}

static void print_task(const struct task *task)
{
	printf("{\"tid\":%d,\"pid\":%d,\"ppid\":%d,\"ns_tid\":%d,\"ns_pid\":%d,\"state\":\"%c\","
	       "\"start\":%llu,\"comm\":\"",
	       task->tid, task->pid, task->ppid, task->ns_tid, task->ns_pid, task->state,
	       (unsigned long long)task->start);
	for (const char *c = task->comm; *c; c++) {
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			printf("\\u%04x", (unsigned char)*c);
		else
			putchar(*c);
	}
	putchar('"');
	for (int i = 0; i < SLOTS; i++)
		print_inum(slots[i].name, task->inum[i]);
	printf("}");
}

int main(int argc, char **argv)
{
	struct rlimit files = {1 << 20, 1 << 20};

	if (argc != 1) {
		fprintf(stderr, "usage: %s > FILE\n", argv[0]);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0) {
		fprintf(stderr, "nsread: /proc: %s\n", strerror(errno));
		return 1;
	}
	read_tasks();
	read_lists();
	visit();
	qsort(found.ns, found.count, sizeof(*found.ns), by_inum);
	qsort(found.tasks, found.ntasks, sizeof(*found.tasks), by_tid);
	/* which tasks were there before it: numbers rise */
	printf("{\"reader\":%d,\"namespaces\":[", getpid());
	for (size_t i = 0; i < found.count; i++) {
		printf(i ? ",\n" : "\n");
		print_ns(&found.ns[i]);
	}
	printf("\n],\"tasks\":[");
	for (size_t i = 0; i < found.ntasks; i++) {
		printf(i ? ",\n" : "\n");
		print_task(&found.tasks[i]);
	}
	printf("\n]}\n");
	return fflush(stdout) ? 1 : 0;
}
