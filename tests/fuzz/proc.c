// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: files of /proc, whose names and paths belong to whoever is looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/capture/proc_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* What is found must lie in the line. */
static void within(const char *line, size_t size, const char *part)
{
	if (part < line || part > line + size)
		abort();
}

static void read_lines(const uint8_t *data, size_t size)
{
	char *text = copy(data, size), *rest = text, *line;
	struct proc_mount mount;
	struct proc_shm shm;

	while ((line = proc_next_line(&rest)) != NULL) {
		size_t length = strlen(line);
		char *again = copy((uint8_t *)line, length), *point;

		proc_parse_shm_map(line, &shm);
		proc_parse_shm(line, &shm);
		point = proc_parse_mount_point(again);
		if (point)
			within(again, length, point + strlen(point));
		if (proc_parse_mount(line, &mount)) {
			within(line, length, mount.root + strlen(mount.root));
			within(line, length, mount.point + strlen(mount.point));
			within(line, length, mount.fstype + strlen(mount.fstype));
		}
		free(again);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy(data, size), *controllers, *path;
	struct proc_status status;
	struct proc_stat stat;
	__u32 type, inum;
	int pid;

	if (proc_parse_status(text, &status) && !status.levels)
		abort();
	proc_parse_stat(text, &stat);
	proc_parse_ns(text, &type, &inum);
	proc_parse_pidfd(text, &pid);
	if (proc_parse_cgroup(text, &controllers, &path))
		within(text, size, path + strlen(path));
	free(text);
	read_lines(data, size);
	return 0;
}
