// SPDX-License-Identifier: GPL-2.0-only
#include "proc_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/model.h"

#define PF_WQ_WORKER 0x00000020u

const char *const proc_slot_link[NSL_SLOTS] = {
	[NSL_SLOT_MNT] = "mnt",
	[NSL_SLOT_UTS] = "uts",
	[NSL_SLOT_IPC] = "ipc",
	[NSL_SLOT_PID_FOR_CHILDREN] = "pid_for_children",
	[NSL_SLOT_NET] = "net",
	[NSL_SLOT_TIME] = "time",
	[NSL_SLOT_TIME_FOR_CHILDREN] = "time_for_children",
	[NSL_SLOT_CGROUP] = "cgroup",
	[NSL_SLOT_USER] = "user",
	[NSL_SLOT_PID_ACTIVE] = "pid",
};

__u32 proc_type_by_name(const char *name)
{
	for (__u32 type = 0; type < NSL_TYPES; type++)
		if (!strcmp(name, nsm_type_name(type)))
			return type;
	return NSL_TYPE_UNKNOWN;
}

__u32 proc_type_by_flag(__u32 flag)
{
	for (__u32 type = 0; type < NSL_TYPES; type++)
		if (flag == nsm_type_bit(type))
			return type;
	return NSL_TYPE_UNKNOWN;
}

/* The kernel escapes newline and backslash only, as \n and \\ (5.x and later also as octal). */
static void unescape_comm(const char *from, const char *end, char comm[NSL_COMM_LEN])
{
	size_t n = 0;

	memset(comm, 0, NSL_COMM_LEN);
	while (from < end && n < NSL_COMM_LEN - 1) {
		char c = *from++;

		if (c == '\\' && from < end && (*from == 'n' || *from == '\\')) {
			c = *from == 'n' ? '\n' : '\\';
			from++;
		}
		comm[n++] = c;
	}
}

/* procfs appends what a worker is doing: "kworker/0:1-events" is "kworker/0:1". */
static void cut_worker(char comm[NSL_COMM_LEN])
{
	char *colon = strchr(comm, ':');
	size_t at;

	if (!colon)
		return;
	at = (size_t)(colon - comm) + strcspn(colon, "-+");
	memset(comm + at, 0, NSL_COMM_LEN - at);
}

bool proc_parse_stat(const char *text, struct proc_stat *stat)
{
	/* only the name can hold brackets: the last one ends it */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned int ppid, flags;
	unsigned long long start;

	if (!open || !close || close < open)
		return false;
	if (sscanf(close + 1,
		   " %c %u %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &stat->state, &ppid, &flags, &start) != 4)
		return false;
	stat->ppid = ppid;
	stat->flags = flags;
	stat->start = start;
	unescape_comm(open + 1, close, stat->comm);
	if (flags & PF_WQ_WORKER)
		cut_worker(stat->comm);
	return true;
}

/* The last number of the line that begins with `key`, and how many there are. */
static __u32 last_number(const char *text, const char *key, __u32 *count)
{
	const char *line = strstr(text, key);
	__u32 last = 0;

	*count = 0;
	if (!line)
		return 0;
	line += strlen(key);
	while (*line == '\t' || *line == ' ') {
		char *end;
		unsigned long n = strtoul(line, &end, 10);

		if (end == line)
			break;
		last = (__u32)n;
		(*count)++;
		line = end;
	}
	return last;
}

bool proc_parse_status(const char *text, struct proc_status *status)
{
	__u32 count;

	/* the name stands in the first line and has its newlines escaped */
	status->ns_pid = last_number(text, "\nNStgid:", &count);
	status->ns_tid = last_number(text, "\nNSpid:", &status->levels);
	return count && status->levels;
}

/* A decimal number that fills [text, end) and fits. */
static bool whole_number(const char *text, const char *end, __u32 *number)
{
	__u64 n = 0;

	if (text == end || end - text > 10)
		return false;
	for (; text < end; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		n = n * 10 + (__u64)(*text - '0');
	}
	*number = (__u32)n;
	return n <= 0xffffffffu;
}

bool proc_parse_ns(const char *text, __u32 *type, __u32 *inum)
{
	const char *colon = strchr(text, ':');
	size_t len = strlen(text);
	char name[8];

	if (!colon || (size_t)(colon - text) >= sizeof(name) || colon[1] != '[' ||
	    text[len - 1] != ']')
		return false;
	memcpy(name, text, (size_t)(colon - text));
	name[colon - text] = 0;
	*type = proc_type_by_name(name);
	return *type != NSL_TYPE_UNKNOWN && whole_number(colon + 2, text + len - 1, inum);
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

void proc_unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && octal(text[2]) &&
		    octal(text[3])) {
			char c = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 +
					(text[3] - '0'));

			/* never made by the kernel: it would hide the rest of the path */
			if (c) {
				*to++ = c;
				text += 4;
				continue;
			}
		}
		*to++ = *text++;
	}
	*to = 0;
}

static char *next_word(char **line)
{
	char *word = strsep(line, " ");

	return word && *word ? word : NULL;
}

/* "36 35 98:0 /root /point rw,noatime [tag]… - type source super" */
bool proc_parse_mount(char *line, struct proc_mount *mount)
{
	char *id = next_word(&line), *parent = next_word(&line), *device = next_word(&line);
	char *root = next_word(&line), *point = next_word(&line), *word, *type = NULL;

	if (!id || !parent || !device || !root || !point || sscanf(id, "%u", &mount->id) != 1 ||
	    sscanf(device, "%u:%u", &mount->major, &mount->minor) != 2)
		return false;
	while ((word = next_word(&line))) {
		if (!strcmp(word, "-")) {
			type = next_word(&line);
			break;
		}
	}
	if (!type)
		return false;
	proc_unescape(root);
	proc_unescape(point);
	mount->root = root;
	mount->point = point;
	mount->fstype = type;
	return true;
}

char *proc_parse_mount_point(char *line)
{
	static const char before[] = " mounted on ", after[] = " with fstype ";
	char *point, *end;

	if (!strncmp(line, "device ", 7) || !strncmp(line, "no device ", 10)) {
		point = strstr(line, before);
		end = point ? strstr(point, after) : NULL;
		if (!end)
			return NULL;
		point += sizeof(before) - 1;
		*end = 0;
	} else {
		if (!next_word(&line))
			return NULL;
		point = next_word(&line);
		if (!point || *point != '/')
			return NULL;
	}
	proc_unescape(point);
	return point;
}

bool proc_parse_pidfd(const char *text, int *pid)
{
	const char *line = strstr(text, "\nPid:");

	return line && sscanf(line, "\nPid: %d", pid) == 1;
}

bool proc_parse_shm_map(const char *line, struct proc_shm *shm)
{
	const char *name = strstr(line, " /SYSV");
	unsigned long id;

	/* "7f12a000-7f12b000 rw-s 00000000 00:01 32769    /SYSV0000002a (deleted)" */
	if (!name || sscanf(name, " /SYSV%8x", &shm->key) != 1 ||
	    sscanf(line, "%llx-%llx %*s %*s %*s %lu", &shm->start, &shm->end, &id) != 3)
		return false;
	shm->id = (__u32)id;
	shm->attached = 1;
	return true;
}

bool proc_parse_shm(const char *line, struct proc_shm *shm)
{
	int key;

	if (sscanf(line, "%d %u %*o %*u %*d %*d %u", &key, &shm->id, &shm->attached) != 3)
		return false;
	shm->key = (__u32)key;
	shm->start = shm->end = 0;
	return true;
}

bool proc_parse_cgroup(char *text, char **controllers, char **path)
{
	char *line, *root_controllers = NULL, *root_path = NULL;
	bool found = false;

	/* v1 stands in falling order of hierarchies, the default one ("0::") last */
	while ((line = proc_next_line(&text))) {
		char *number = strsep(&line, ":"), *names = strsep(&line, ":");

		if (!number || !names || !line || *line != '/')
			continue;
		if (strcmp(line, "/")) {
			*controllers = names;
			*path = line;
			found = true;
		} else {
			root_controllers = names;
			root_path = line;
		}
	}
	if (!found && root_path) {
		*controllers = root_controllers;
		*path = root_path;
		found = true;
	}
	return found;
}

char *proc_next_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end = 0;
	*text = end ? end + 1 : NULL;
	return line;
}
