// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/event.h"

/* State and parent of a process from /proc/PID/stat; false when it is gone. */
static bool read_stat(unsigned int pid, char *state, unsigned int *ppid)
{
	char path[64], line[512], *after_comm;
	bool ok = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* the name is hostile text and may hold spaces, brackets and newlines: the last bracket
	 * ends it */
	line[fread(line, 1, sizeof(line) - 1, f)] = 0;
	after_comm = strrchr(line, ')');
	if (after_comm)
		ok = sscanf(after_comm + 1, " %c %u", state, ppid) == 2;
	fclose(f);
	return ok;
}

static int add(int map_fd, unsigned int pid, struct nsl_error *e)
{
	/* when it was started is not known here as exactly as the kernel has it */
	struct tree_member member = {.why = TREE_FOLLOWED};

	if (bpf_map_update_elem(map_fd, &pid, &member, BPF_ANY))
		return nsl_error_set(e, "cannot follow process %u: %s", pid, strerror(errno));
	return 0;
}

/* One look at /proc; returns how many were added, or -1. */
static int add_children(int map_fd, struct nsl_error *e)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int added = 0;

	if (!proc)
		return nsl_error_set(e, "cannot read /proc: %s", strerror(errno));
	while (added >= 0 && (entry = readdir(proc))) {
		struct tree_member in;
		unsigned int pid, ppid;
		char state;

		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		pid = (unsigned int)strtoul(entry->d_name, NULL, 10);
		if (!read_stat(pid, &state, &ppid) || !bpf_map_lookup_elem(map_fd, &pid, &in) ||
		    bpf_map_lookup_elem(map_fd, &ppid, &in))
			continue;
		added = add(map_fd, pid, e) ? -1 : added + 1;
	}
	closedir(proc);
	return added;
}

int tree_follow(int map_fd, pid_t pid, bool descendants, struct nsl_error *e)
{
	int added;

	if (kill(pid, 0) && errno == ESRCH)
		return nsl_error_set(e, "no process %d: it may have ended", (int)pid);
	if (add(map_fd, (unsigned int)pid, e))
		return -1;
	if (!descendants)
		return 0;
	do {
		added = add_children(map_fd, e);
	} while (added > 0);
	return added;
}

size_t tree_members(int map_fd, pid_t *pids, size_t max)
{
	unsigned int key, *previous = NULL, ppid;
	size_t n = 0;
	char state;

	while (n < max && !bpf_map_get_next_key(map_fd, previous, &key)) {
		if (read_stat(key, &state, &ppid) && state != 'Z' && state != 'X')
			pids[n++] = (pid_t)key;
		previous = &key;
	}
	return n;
}
