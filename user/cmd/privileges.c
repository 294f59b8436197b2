// SPDX-License-Identifier: GPL-2.0-only
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

#define BIT(cap) (1ull << (cap))

static const struct {
	unsigned int need;
	uint64_t capabilities;
} needed[] = {
	/* DAC_READ_SEARCH: open_by_handle_at(2) */
	{NEED_COUNTERS, BIT(CAP_BPF) | BIT(CAP_DAC_READ_SEARCH)},
	/*
	 * SYS_ADMIN: listns(2), and with SYS_CHROOT a look from inside a mount namespace;
	 * NET_ADMIN: which network namespace a socket belongs to
	 */
	{NEED_GRAPH, BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_SYS_PTRACE) |
			     BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_CHROOT) |
			     BIT(CAP_NET_ADMIN)},
	{NEED_KILL, BIT(CAP_KILL)},
	/* sudo in a directory of one's own: root is not its owner */
	{NEED_FILES, BIT(CAP_DAC_OVERRIDE)},
};

static int get_capabilities(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return (int)syscall(SYS_capget, &header, data);
}

/* Of those that it has, `keep` stays. */
static int set_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (get_capabilities(data))
		return -1;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &header, data);
}

/*
 * Root of a user namespace that has no nobody, or root without CAP_SETUID, stays who it is.
 */
static int become_nobody(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1))
		return -1;
	if ((setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	     setresuid(NOBODY, NOBODY, NOBODY)) &&
	    errno != EINVAL && errno != EPERM)
		return -1;
	return prctl(PR_SET_KEEPCAPS, 0);
}

int privileges_drop(unsigned int needs, struct nsl_error *e)
{
	bool stays = needs & (NEED_GRAPH | NEED_FILES);
	uint64_t keep = 0;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (needs & needed[i].need)
			keep |= needed[i].capabilities;
	/* nothing that it starts later gets more back, be it setuid */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    (!stays && geteuid() == 0 && become_nobody()) || set_capabilities(keep))
		return nsl_error_set(e, "cannot give up privileges: %s", strerror(errno));
	return 0;
}
