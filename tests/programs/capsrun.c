// SPDX-License-Identifier: GPL-2.0-only
/*
 * capsrun: a command as nobody, with these capabilities and no others.
 *
 *	capsrun NUMBER[,NUMBER...] CMD...	(numbers of linux/capability.h; "-": none)
 */
#include "sys.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define NOBODY 65534

static void die(const char *what)
{
	perror(what);
	exit(125);
}

int main(int argc, char **argv)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	unsigned long long wanted = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: capsrun NUMBER[,NUMBER...]|- CMD...\n");
		return 125;
	}
	for (char *cap = strtok(argv[1], ","); cap && *cap != '-'; cap = strtok(NULL, ","))
		wanted |= 1ull << atoi(cap);
	if (prctl(PR_SET_KEEPCAPS, 1) || syscall(SYS_setgroups, 0, NULL) ||
	    syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) ||
	    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY))
		die("capsrun: becoming nobody");
	for (int i = 0; i < 2; i++) {
		data[i].permitted = data[i].effective = data[i].inheritable =
			(__u32)(wanted >> 32 * i);
	}
	if (syscall(SYS_capset, &header, data))
		die("capsrun: capset");
	for (int cap = 0; cap < 64; cap++)
		if (wanted >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			die("capsrun: ambient capabilities");
	execvp(argv[2], argv + 2);
	die(argv[2]);
}
