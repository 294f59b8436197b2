// SPDX-License-Identifier: GPL-2.0-only
#include "why_target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cmd.h"

#define NSFS_MAGIC    0x6e736673
#define MAX_PID	      4194304 /* the kernel's PID_MAX_LIMIT */
#define CONTAINER_HEX 12      /* digits of an id that the graph keeps */
#define SUFFIX	      4	      /* digits by which the pictures call a namespace */

static const char forms[] =
	"name it as net:[4026532345], net:2345, PID:net, /proc/PID/ns/net, a bind mount "
	"such as /run/netns/blue, or a container's name or id";

/* A slot, or a type; a type with two slots means what a task has itself. */
static enum nsl_slot slot_of(const char *name)
{
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		if (!strcmp(nsm_slot_name((enum nsl_slot)slot), name))
			return (enum nsl_slot)slot;
	return NSL_SLOT_PID_ACTIVE; /* "pid" */
}

/* A type, or one of the slots that are for children only. */
static enum nsl_type type_of(const char *name, size_t len)
{
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		const char *s = nsm_slot_name((enum nsl_slot)slot);

		if (strlen(s) == len && !memcmp(s, name, len))
			return nsm_slot_type((enum nsl_slot)slot);
	}
	return len == 3 && !memcmp(name, "pid", 3) ? NSL_PID : NSL_TYPE_UNKNOWN;
}

static enum nsl_type type_of_flag(uint64_t flag)
{
	for (int type = 0; type < NSL_TYPES; type++)
		if (nsm_type_bit((enum nsl_type)type) == flag)
			return (enum nsl_type)type;
	return NSL_TYPE_UNKNOWN;
}

static int not_found(struct nsl_error *e, const char *path)
{
	int err = errno;

	nsl_error_set(e, "%s: %s%s", path, strerror(err),
		      (err == EACCES || err == EPERM) && geteuid() ? "; run nslens as root" : "");
	return EXIT_FAILED;
}

/* A file of nsfs: which namespace does it stand for? */
static int look_at(struct why_target *t, const char *path, struct nsl_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), type;
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return not_found(e, path);
	if (fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC || fstat(fd, &st)) {
		close(fd);
		nsl_error_set(e, "%s is no namespace: no file of nsfs is mounted on it; %s", path,
			      forms);
		return EXIT_USAGE;
	}
	type = ioctl(fd, NS_GET_NSTYPE);
	close(fd);
	t->inums[t->n] = (uint32_t)st.st_ino;
	t->types[t->n] = type > 0 ? type_of_flag((uint64_t)(unsigned int)type) : NSL_TYPE_UNKNOWN;
	t->n++;
	return -1;
}

/* Where the number of "net:[2345]" or "net:2345" begins; NULL: it is no such name. */
static const char *number_in(const char *text)
{
	const char *bracket = strchr(text, '['), *colon = strchr(text, ':');

	if (bracket)
		return bracket + 1;
	if (!colon || type_of(text, (size_t)(colon - text)) == NSL_TYPE_UNKNOWN)
		return NULL;
	return colon[1] && !colon[1 + strspn(colon + 1, "0123456789")] ? colon + 1 : NULL;
}

/* "net:[4026532345]"; the pictures call it 2345 */
static int parse_name(struct why_target *t, const char *text, const char *digits,
		      struct nsl_error *e)
{
	bool bracket = digits[-1] == '[';
	size_t before = (size_t)(digits - text) - bracket; /* up to the colon, and with it */
	enum nsl_type type = NSL_TYPE_UNKNOWN;
	size_t len = strspn(digits, "0123456789");
	unsigned long inum;

	if (before > 1 && text[before - 1] == ':')
		type = type_of(text, before - 1);
	if (type == NSL_TYPE_UNKNOWN) {
		nsl_error_set(e,
			      "%s: no type of namespace stands before the bracket; types are mnt, "
			      "uts, ipc, pid, cgroup, net, time and user",
			      text);
		return EXIT_USAGE;
	}
	errno = 0;
	inum = strtoul(digits, NULL, 10);
	if (!len || strcmp(digits + len, bracket ? "]" : "") || errno || inum > UINT32_MAX ||
	    (!inum && len != SUFFIX)) {
		nsl_error_set(e, "%s: that is no inode number; %s", text, forms);
		return EXIT_USAGE;
	}
	if (len <= SUFFIX)
		memcpy(t->suffix, digits, len);
	t->inums[0] = (uint32_t)inum;
	t->types[0] = type;
	t->n = 1;
	return -1;
}

/* All that the process has, by the links of /proc; nothing is opened. */
static int all_of(struct why_target *t, uint32_t pid, struct nsl_error *e)
{
	char path[64];

	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		const char *name =
			slot == NSL_SLOT_PID_ACTIVE ? "pid" : nsm_slot_name((enum nsl_slot)slot);
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/%s", pid, name);
		if (stat(path, &st)) {
			/* a type that this kernel does not have, or a pending one that is empty */
			if (errno == ENOENT && t->n)
				continue;
			return not_found(e, path);
		}
		t->inums[t->n] = (uint32_t)st.st_ino;
		t->types[t->n++] = nsm_slot_type((enum nsl_slot)slot);
	}
	t->pid = pid;
	return -1;
}

static int bad_type(const struct why_target *t, const char *type, struct nsl_error *e)
{
	nsl_error_set(e,
		      "%s: '%s' is no type of namespace; types are mnt, uts, ipc, pid, cgroup, "
		      "net, time and user",
		      t->text, type);
	return EXIT_USAGE;
}

/* The links of a process may be closed to us; with BPF it can be seen nevertheless. */
static int ask_graph(struct why_target *t, uint32_t pid, enum nsl_slot slot)
{
	t->n = 0;
	t->pid = 0;
	t->error = errno;
	t->refused = pid;
	t->slot = slot;
	return -1;
}

static int parse_pid(struct why_target *t, uint32_t pid, const char *slot, struct nsl_error *e)
{
	char path[96];
	bool refused;

	if (t->recorded) {
		if (slot && type_of(slot, strlen(slot)) == NSL_TYPE_UNKNOWN)
			return bad_type(t, slot, e);
		return ask_graph(t, pid, slot ? slot_of(slot) : NSL_SLOTS);
	}
	snprintf(path, sizeof(path), "/proc/%" PRIu32, pid);
	if (access(path, F_OK)) {
		nsl_error_set(e, "%s: there is no process %" PRIu32, t->text, pid);
		return EXIT_FAILED;
	}
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/mnt", pid);
	refused = faccessat(AT_FDCWD, path, F_OK, 0) && (errno == EACCES || errno == EPERM);
	if (!slot)
		return refused ? ask_graph(t, pid, NSL_SLOTS) : all_of(t, pid, e);
	if (type_of(slot, strlen(slot)) == NSL_TYPE_UNKNOWN)
		return bad_type(t, slot, e);
	if (refused)
		return ask_graph(t, pid, slot_of(slot));
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/%s", pid,
		 strcmp(slot, "pid_active") ? slot : "pid");
	return look_at(t, path, e);
}

int why_target_parse(struct why_target *t, const char *text, const char *type, bool recorded,
		     struct nsl_error *e)
{
	const char *digits = number_in(text);
	unsigned long number;
	char *end;

	*t = (struct why_target){.text = text, .only = NSL_TYPE_UNKNOWN, .recorded = recorded};
	if (!*text) {
		nsl_error_set(e, "the namespace is empty; %s", forms);
		return EXIT_USAGE;
	}
	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !errno && number && number <= MAX_PID &&
	    (!*end || *end == ':')) {
		if (*end && type) {
			nsl_error_set(e, "%s names a type already: leave --type out", text);
			return EXIT_USAGE;
		}
		return parse_pid(t, (uint32_t)number, *end ? end + 1 : type, e);
	}
	if (type && (digits || strchr(text, '/'))) {
		nsl_error_set(e, "%s says which type it is: leave --type out", text);
		return EXIT_USAGE;
	}
	if (strchr(text, '/') && recorded) {
		nsl_error_set(e,
			      "%s: a path is of this machine, and not of the recording: name a "
			      "namespace as net:[4026532345], a process as PID:net, or a container",
			      text);
		return EXIT_USAGE;
	}
	if (strchr(text, '/'))
		return look_at(t, text, e);
	if (digits)
		return parse_name(t, text, digits, e);
	t->container = text;
	if (type)
		t->only = type_of(type, strlen(type));
	return !type || t->only != NSL_TYPE_UNKNOWN ? -1 : bad_type(t, type, e);
}

/* ---- in the graph ---- */

struct found {
	const struct why_target *target;
	uint64_t *ids;
	size_t n, max;
};

static void add(struct found *f, const struct nsg_ns *ns)
{
	enum nsl_type only = f->target->only;

	if (!ns || ns->initial || (only != NSL_TYPE_UNKNOWN && ns->type != only))
		return;
	for (size_t i = 0; i < f->n; i++)
		if (f->ids[i] == ns->id)
			return;
	if (f->n < f->max)
		f->ids[f->n++] = ns->id;
}

static bool is_hex(const char *text)
{
	return *text && text[strspn(text, "0123456789abcdef")] == '\0';
}

/* By its whole name, or by the digits of its id that were typed. */
static bool names(const char *container, const char *text)
{
	size_t len = strlen(text);

	if (!container)
		return false;
	if (!strcmp(container, text))
		return true;
	if (!is_hex(text) || !is_hex(container) || len < 4)
		return false;
	return !strncmp(container, text, len < CONTAINER_HEX ? len : CONTAINER_HEX);
}

static bool is_named(const struct nsg *g, const struct nsg_task *task, const char *text)
{
	return names(nsg_container(g, task->cgroup), text);
}

/* As graph --container has it: a bare `runc run box` lies in /box, which names no container. */
static bool is_part(const struct nsg *g, const struct nsg_task *task, const char *text)
{
	const char *path = nsg_cgroup_path(g, task->cgroup);
	const char *container = nsg_container(g, task->cgroup);

	return (path && strstr(path, text)) || (container && strstr(container, text));
}

/* Returns how many tasks there are in it. */
static size_t add_container(struct found *f, const struct nsg *g,
			    bool (*is_it)(const struct nsg *g, const struct nsg_task *task,
					  const char *text))
{
	size_t tasks = 0;

	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next) {
		for (const struct nsg_task *task = p->first_task; task; task = task->next) {
			if (!is_it(g, task, f->target->container))
				continue;
			tasks++;
			for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
				add(f, p->slot[slot]);
			add(f, task->user);
			add(f, task->pid_active);
		}
	}
	return tasks;
}

static size_t count_contained(const struct nsg *g)
{
	size_t n = 0;

	for (const struct nsg_nsproxy *p = nsg_nsproxies(g); p; p = p->next)
		for (const struct nsg_task *task = p->first_task; task; task = task->next)
			n += nsg_container(g, task->cgroup) != NULL;
	return n;
}

static size_t find_container(const struct why_target *t, const struct nsg *g, uint64_t *ids,
			     size_t max, struct nsl_error *e)
{
	struct found f = {.target = t, .ids = ids, .max = max};
	size_t tasks, containers = count_contained(g);

	tasks = add_container(&f, g, is_named);
	if (!tasks)
		tasks = add_container(&f, g, is_part);
	if (!tasks)
		nsl_error_set(e,
			      "no container '%s': of the cgroup paths of all tasks none names it "
			      "(%zu tasks are in containers); %s",
			      t->container, containers, forms);
	return f.n;
}

/* Whose number ends in the digits that were typed: that must be one. */
static size_t find_suffix(struct why_target *t, const struct nsg *g, uint64_t *ids,
			  struct nsl_error *e)
{
	size_t len = strlen(t->suffix), n = 0, used = 0;
	char candidates[300] = "", number[16];

	for (const struct nsg_ns *ns = nsg_namespaces(g); ns; ns = ns->next) {
		size_t digits = (size_t)snprintf(number, sizeof(number), "%" PRIu32, ns->inum);

		if (!ns->inum || ns->type != t->types[0] || digits < len ||
		    strcmp(number + digits - len, t->suffix) != 0)
			continue;
		if (!n++)
			ids[0] = ns->id;
		if (used + 40 < sizeof(candidates))
			used += (size_t)snprintf(candidates + used, sizeof(candidates) - used,
						 "%s%s:[%s]", n > 1 ? ", " : "",
						 nsm_type_name((enum nsl_type)ns->type), number);
		else
			used = sizeof(candidates); /* the rest is only counted */
	}
	if (n <= 1)
		return n;
	t->ambiguous = true;
	nsl_error_set(e, "%s could be %zu namespaces: %s%s; give the whole number", t->text, n,
		      candidates, used == sizeof(candidates) ? " …" : "");
	return 0;
}

static void not_there(const struct why_target *t, struct nsl_error *e)
{
	char what[128];

	snprintf(what, sizeof(what), "%s%s", t->text,
		 t->suffix[0] ? " (a number, or the last digits of one)" : "");
	if (t->partly && geteuid())
		nsl_error_set(e, "%s was not found in what this user may read: run nslens as root",
			      what);
	else
		nsl_error_set(e,
			      "%s was not found: neither a task, an open descriptor, a bind mount "
			      "in any mount namespace, a socket nor another namespace leads to "
			      "it%s",
			      what,
			      t->partly ? "; not everything could be read, even by root" : "");
}

static size_t find_listed(struct why_target *t, const struct nsg *g, uint64_t *ids, size_t max,
			  struct nsl_error *e)
{
	struct found f = {.target = t, .ids = ids, .max = max};
	size_t known = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct nsg_ns *ns = nsg_find_inum(g, t->inums[i]);

		if (!ns)
			continue;
		known++;
		if (t->types[i] != NSL_TYPE_UNKNOWN && ns->type != t->types[i]) {
			nsl_error_set(e, "%s: %" PRIu32 " is the number of a %s namespace", t->text,
				      t->inums[i], nsm_type_name((enum nsl_type)ns->type));
			return 0;
		}
		if (t->pid)
			add(&f, ns);
		else
			ids[f.n++] = ns->id; /* even if it is initial: it was asked for */
	}
	if (!known && t->suffix[0])
		f.n = find_suffix(t, g, ids, e);
	if (!f.n && !known && !t->ambiguous)
		not_there(t, e);
	return f.n;
}

static size_t find_refused(const struct why_target *t, const struct nsg *g, uint64_t *ids,
			   size_t max, struct nsl_error *e)
{
	struct found f = {.target = t, .ids = ids, .max = max};
	const struct nsg_task *task = nsg_find_task(g, t->refused);
	size_t known = 0;

	for (int slot = 0; slot < NSL_SLOTS && task; slot++) {
		const struct nsg_ns *ns = slot == NSL_SLOT_USER		? task->user
					  : slot == NSL_SLOT_PID_ACTIVE ? task->pid_active
					  : task->nsproxy		? task->nsproxy->slot[slot]
									: NULL;

		if (!ns || (t->slot != NSL_SLOTS && (int)t->slot != slot))
			continue;
		known++;
		if (t->slot == NSL_SLOTS)
			add(&f, ns);
		else
			ids[f.n++] = ns->id;
	}
	if (!known && t->recorded)
		nsl_error_set(e, "%s: the recording has no process %" PRIu32 " at that moment",
			      t->text, t->refused);
	else if (!known)
		nsl_error_set(e, "%s: the namespaces of process %" PRIu32 " cannot be seen: %s%s",
			      t->text, t->refused, strerror(t->error),
			      geteuid() ? "; run nslens as root" : "");
	return f.n;
}

size_t why_target_find(struct why_target *t, const struct nsg *g, uint64_t *ids, size_t max,
		       struct nsl_error *e)
{
	if (t->refused)
		return find_refused(t, g, ids, max, e);
	return t->container ? find_container(t, g, ids, max, e) : find_listed(t, g, ids, max, e);
}
