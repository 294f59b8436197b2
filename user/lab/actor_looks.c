// SPDX-License-Identifier: GPL-2.0-only
/* What actors look at. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && strchr(" \n\t", text[n - 1]))
		text[--n] = 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names, sorted, in one line. */
static void do_list(const struct lab_request *q, struct lab_reply *a)
{
	char *names[512];
	size_t n = 0, len = 0;
	DIR *dir = opendir(q->text);
	struct dirent *d;

	if (!dir) {
		lab_result(a, -1);
		return;
	}
	while (n < 512 && (d = readdir(dir)))
		if (d->d_name[0] != '.' && (names[n] = strdup(d->d_name)))
			n++;
	closedir(dir);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++) {
		if (len < sizeof(a->text))
			len += (size_t)snprintf(a->text + len, sizeof(a->text) - len, "%s%s",
						i ? " " : "", names[i]);
		free(names[i]);
	}
	a->ret = (int64_t)n;
}

static void do_lines(const struct lab_request *q, struct lab_reply *a)
{
	FILE *f = fopen(q->text, "re");
	int c;

	if (!f) {
		lab_result(a, -1);
		return;
	}
	while ((c = getc(f)) != EOF)
		a->ret += c == '\n';
	fclose(f);
}

static void do_cap(const struct lab_request *q, struct lab_reply *a)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		lab_result(a, -1);
	else
		a->ret = d[q->number >> 5].effective >> (q->number & 31) & 1;
}

static void number(struct lab_reply *a, long n)
{
	a->ret = n;
	snprintf(a->text, sizeof(a->text), "%ld", n);
}

bool lab_do_looks(const struct lab_request *q, struct lab_reply *a)
{
	struct timespec pause = {.tv_sec = q->number / 1000, .tv_nsec = q->number % 1000 * 1000000};
	struct utsname name;

	switch (q->verb) {
	case LAB_GETPID:
		number(a, syscall(SYS_getpid));
		return true;
	case LAB_GETPPID:
		number(a, syscall(SYS_getppid));
		return true;
	case LAB_GETUID:
		number(a, syscall(SYS_getuid));
		return true;
	case LAB_HOSTNAME:
		lab_result(a, uname(&name));
		snprintf(a->text, sizeof(a->text), "%s", name.nodename);
		return true;
	case LAB_CAP:
		do_cap(q, a);
		return true;
	case LAB_READ:
		lab_result(a, lab_slurp(AT_FDCWD, q->text, a->text, sizeof(a->text)) < 0 ? -1 : 0);
		trim(a->text);
		return true;
	case LAB_READLINK:
		lab_result(a, readlink(q->text, a->text, sizeof(a->text) - 1) < 0 ? -1 : 0);
		return true;
	case LAB_LIST:
		do_list(q, a);
		return true;
	case LAB_LINES:
		do_lines(q, a);
		return true;
	case LAB_SLEEP:
		nanosleep(&pause, NULL);
		return true;
	case LAB_LOOK:
		return true;
	default:
		return false;
	}
}
