// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases of calls: mount namespaces that come into being without clone, unshare
 * or setns. No tracer of namespace calls has a call to report for them; their
 * lines say so, and prove that the case ran.
 */
#include "calls.h"

#include <fcntl.h>

/* Own names: the C library's headers may lack them. */
#define TREE_CLONE	   1u /* 5.2: an anonymous mount namespace */
#define TREE_NAMESPACE	   2u /* 7.0: a real one */
#define FSMOUNT_NEW_NS	   2u /* 7.1 */
#define FSCONFIG_DO_CREATE 6u

static int print_fd_call(const char *name, long ret, int want)
{
	struct call call = {.syscall = name, .raw_unread = true, .want = want};

	call.ret = ret < 0 ? -errno : 0; /* the number of the descriptor says nothing */
	call_print(&call);
	return (int)ret;
}

static int open_tree_of_proc(unsigned int flags, int want)
{
	return print_fd_call(
		"open_tree",
		syscall(SYS_open_tree, proc_fd(), "", flags | AT_EMPTY_PATH | O_CLOEXEC), want);
}

/* Made and freed at close: it has no inode number and no copy_mnt_ns(). */
static void open_tree_clone(uint64_t arg)
{
	(void)arg;
	close(open_tree_of_proc(TREE_CLONE, WANT_OK));
}

static void open_tree_namespace(uint64_t arg)
{
	int fd = open_tree_of_proc(TREE_NAMESPACE, WANT_OK_OR(EINVAL));

	(void)arg;
	if (fd >= 0)
		do_setns(fd, (int)NEWNS, WANT_OK);
}

static int new_mount(unsigned int flags, int want)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 1);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_DO_CREATE, NULL, NULL, 0) < 0) {
		case_fail("a new tmpfs");
		return -1;
	}
	return print_fd_call("fsmount", syscall(SYS_fsmount, fs, flags | 1, 0), want);
}

static void fsmount_anonymous(uint64_t arg)
{
	(void)arg;
	close(new_mount(0, WANT_OK));
}

static void fsmount_namespace(uint64_t arg)
{
	int fd = new_mount(FSMOUNT_NEW_NS, WANT_OK_OR(EINVAL));

	(void)arg;
	if (fd >= 0)
		do_setns(fd, (int)NEWNS, WANT_OK);
}

const struct test_case mount_cases[] = {
	{"open-tree-clone", open_tree_clone, 0},
	{"open-tree-namespace", open_tree_namespace, 0},
	{"fsmount", fsmount_anonymous, 0},
	{"fsmount-namespace", fsmount_namespace, 0},
	{NULL, NULL, 0},
};
