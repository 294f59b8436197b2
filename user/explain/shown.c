// SPDX-License-Identifier: GPL-2.0-only
#include "shown.h"

#include <errno.h>
#include <string.h>

#ifndef ERESTARTNOINTR
#define ERESTARTNOINTR 513
#endif

#define MEMORY                                                                                     \
	"memory would have to run out at this very moment; a lesson that brought that about "      \
	"would endanger the machine"
#define BUILD  "no kernel that Debian builds lacks the type"
#define COUNTS "memory would have to run out while the counters are made"
#define OLD    "kernels before 5.10 are not supported"

#define SEE(fn_, err_, words_, name)                                                               \
	{                                                                                          \
		.fn = fn_, .err = err_, .words = words_, .scenario = name                          \
	}
#define NOT(fn_, err_, words_, reason)                                                             \
	{                                                                                          \
		.fn = fn_, .err = err_, .words = words_, .why_not = reason                         \
	}
/* What the seven copies have in common. */
#define COPY(fn_, made)                                                                            \
	SEE(fn_, 0, "is not set", "one-of-eight"), SEE(fn_, ENOSPC, NULL, "errno-limits"),         \
		SEE(fn_, 0, "everything could be had", made)
#define INSTALL(fn_, made)                                                                         \
	SEE(fn_, EPERM, NULL, "setns-eperm"), SEE(fn_, 0, "the checks passed", made)

static const struct nse_shown rows[] = {
	NOT(NULL, 0, "built without", BUILD),
	NOT(NULL, 0, "counters of the new user namespace", COUNTS),
	NOT(NULL, 0, "Linux up to 5.7", OLD),
	NOT("setns", EINVAL, "it is no namespace file", OLD),
	NOT("setns", EINVAL, "it is a pidfd", OLD),
	NOT("check_unshare_flags", EINVAL, "CLONE_NEWTIME", OLD),
	NOT(NULL, 0, "a security module refuses", "no security module is set up for it here"),
	NOT(NULL, 0, "Debian: CLONE_NEWUSER",
	    "the sysctl is the machine's; its user namespaces must not be turned off for a lesson"),
	NOT("copy_process", ERESTARTNOINTR, NULL,
	    "no program sees it: the kernel makes the call again"),
	NOT("copy_process", EINTR, NULL, "the caller is killed and can tell nothing"),
	NOT("copy_net_ns", EINTR, NULL, "the caller is killed and can tell nothing"),
	NOT("copy_process", EAGAIN, "inside exec",
	    "two threads would have to meet within microseconds"),
	NOT("alloc_pid", ENOMEM, "meanwhile", "two tasks would have to meet within microseconds"),
	NOT("copy_process", EAGAIN, "no number is free",
	    "all numbers of a pid namespace would have to be taken: 32768 processes or more"),
	NOT("copy_process", EAGAIN, "pids controller",
	    "a cgroup would have to be made on the machine; the lab makes none"),
	NOT("cgroup_css_set_fork", ENODEV, NULL,
	    "a cgroup would have to be made on the machine; the lab makes none"),
	NOT("cgroup_css_set_fork", EACCES, NULL,
	    "a cgroup would have to be made on the machine; the lab makes none"),
	NOT("cgroup_css_set_fork", EBUSY, NULL,
	    "a cgroup would have to be made on the machine; the lab makes none"),
	NOT("copy_ipcs", 0, "dead ipc namespaces still wait",
	    "the work queue would have to be late: it depends on the moment"),
	NOT("copy_net_ns", ENOMEM, NULL, MEMORY),
	NOT("unshare_fd", EMFILE, NULL,
	    "fs.nr_open would have to be lowered for the whole machine"),
	NOT("check_unshare_flags", EINVAL, "the signal handlers are shared",
	    "only tasks that share their memory share handlers; actors of a scenario do not"),
	NOT("mntns_install", EINVAL, "anonymous",
	    "no file and no task leads to an anonymous mount namespace"),
	NOT("exit_notify", 0, NULL, "the machine would be gone"),
	NOT("exec_task_namespaces", ENOMEM, NULL, MEMORY),

	/* clone */
	SEE("copy_clone_args_from_user", E2BIG, NULL, "clone3-refused"),
	SEE("copy_clone_args_from_user", EINVAL, "64 bytes", "clone3-refused"),
	SEE("copy_clone_args_from_user", EINVAL, "set_tid has more", "clone3-refused"),
	SEE("copy_clone_args_from_user", EINVAL, "CLONE_INTO_CGROUP", "clone3-late"),
	SEE("copy_clone_args_from_user", EFAULT, NULL, "clone3-refused"),
	SEE("clone3_args_valid", EINVAL, "does not know", "clone3-refused"),
	SEE("clone3_args_valid", EINVAL, "exit signal;", "clone3-refused"),
	SEE("clone3_args_valid", EINVAL, NULL, "clone3-late"),
	SEE(NULL, 0, "The low byte", "clone-time-bit"),
	SEE("kernel_clone", EINVAL, NULL, "clone3-late"),
	SEE("kernel_clone", 0, "CLONE_EMPTY_MNTNS", "mnt-empty"),
	SEE("copy_process", EINVAL, "CLONE_NEWNS with CLONE_FS", "clone3-refused"),
	SEE("copy_process", EINVAL, "CLONE_NEWUSER with CLONE_FS", "clone3-refused"),
	SEE("copy_process", EINVAL, "CLONE_THREAD without", "clone3-refused"),
	SEE("copy_process", EINVAL, "while a pid namespace is pending", "pid-pending"),
	SEE("copy_process", EINVAL, "while a time namespace is pending", "time-vfork"),
	SEE("copy_process", EINVAL, NULL, "clone-contradictions"),
	SEE("copy_creds", 0, "CLONE_THREAD", "clone3-flags"),
	SEE("create_user_ns", ENOSPC, NULL, "errno-limits"),
	SEE("create_user_ns", EPERM, "chrooted", "user-refused"),
	SEE("create_user_ns", EPERM, "no mapping", "user-refused"),
	SEE("copy_process", EAGAIN, "RLIMIT_NPROC", "errno-nproc"),
	SEE("copy_process", 0, "CLONE_SYSVSEM", "clone3-flags"),
	SEE("copy_namespaces", 0, "no time namespace pending", "fork-fast"),
	SEE("copy_namespaces", 0, "CLONE_VM is set", "time-vfork"),
	SEE("copy_namespaces", 0, "but a time namespace is pending", "time-fork"),
	SEE("copy_namespaces", EPERM, NULL, "clone-user-first"),
	SEE("copy_namespaces", EINVAL, NULL, "ipc-sysvsem"),
	SEE("copy_namespaces", 0, "an nsproxy was made", "fork-fast"),
	SEE("alloc_pid", EINVAL, NULL, "clone3-late"),
	SEE("alloc_pid", EPERM, NULL, "clone3-late"),
	SEE("alloc_pid", EEXIST, NULL, "clone-undone"),
	SEE("alloc_pid", ENOMEM, NULL, "pid-back"),
	SEE("copy_process", EMFILE, NULL, "clone3-late"),
	SEE("copy_process", EFAULT, NULL, "clone3-late"),
	SEE("cgroup_css_set_fork", EBADF, NULL, "clone-undone"),
	SEE("copy_process", 0, "the new number is 1", "pid-alone"),
	SEE("exit_task_namespaces", 0, NULL, "clone-undone"),
	SEE("exit_nsproxy_namespaces", 0, NULL, "clone-undone"),
	SEE("exit_creds", 0, NULL, "errno-nproc"),

	/* what clone and unshare have in common */
	COPY("copy_mnt_ns", "mnt-alone"),
	SEE("copy_tree", 0, "another user namespace", "mnt-propagation"),
	COPY("copy_utsname", "uts-alone"),
	COPY("copy_ipcs", "ipc-alone"),
	COPY("copy_pid_ns", "pid-alone"),
	SEE("copy_pid_ns", EINVAL, "one is pending", "pid-unshare"),
	SEE("copy_pid_ns", EINVAL, "the future owner", "errno-pid-owner"),
	COPY("copy_cgroup_ns", "cgroup-alone"),
	NOT("copy_cgroup_ns", EPERM, NULL,
	    "whoever lacks the capability is refused before, by copy_namespaces() or "
	    "unshare_nsproxy_namespaces()"),
	COPY("copy_net_ns", "net-alone"),
	COPY("copy_time_ns", "time-alone"),
	SEE("create_new_namespaces", 0, "one of the copies failed", "unwind"),

	/* unshare */
	SEE("ksys_unshare", 0, "UNSHARE_EMPTY_MNTNS", "mnt-empty"),
	SEE("ksys_unshare", 0, "CLONE_NEWUSER", "user-alone"),
	SEE("ksys_unshare", 0, "CLONE_VM", "unshare-parts"),
	SEE("ksys_unshare", 0, "CLONE_SIGHAND", "unshare-parts"),
	SEE("ksys_unshare", 0, "CLONE_NEWNS", "mnt-alone"),
	SEE("ksys_unshare", 0, "CLONE_NEWIPC", "ipc-sysvsem"),
	SEE("ksys_unshare", 0, "copies were made", "unshare-parts"),
	SEE("ksys_unshare", 0, "something failed", "unwind"),
	SEE("check_unshare_flags", EINVAL, "a flag that unshare", "clone-contradictions"),
	SEE("check_unshare_flags", EINVAL, "more than one thread", "setns-threads"),
	SEE("unshare_nsproxy_namespaces", 0, "no flag of an nsproxy type", "user-alone"),
	SEE("unshare_nsproxy_namespaces", EPERM, NULL, "user-unprivileged"),
	SEE("put_nsproxy", 0, "other tasks still use it", "nsproxy-shared"),

	/* setns */
	SEE("setns", EBADF, NULL, "setns-wrong"),
	SEE("setns", EINVAL, NULL, "setns-wrong"),
	SEE("check_setns_flags", EINVAL, NULL, "setns-wrong"),
	SEE("prepare_nsset", 0, "user namespace is wanted", "setns-user"),
	SEE("prepare_nsset", 0, "mount namespace is wanted", "setns-many"),
	SEE("validate_nsset", ESRCH, NULL, "setns-gone"),
	SEE("validate_nsset", EPERM, NULL, "setns-all-or-nothing"),
	SEE("setns", 0, "a namespace file", "setns-each"),
	SEE("userns_install", EINVAL, "own user namespace", "setns-user"),
	SEE("userns_install", EINVAL, "more than one thread", "setns-threads"),
	SEE("userns_install", EINVAL, "CLONE_FS", "setns-shared-fs"),
	SEE("userns_install", EPERM, NULL, "setns-user"),
	SEE("userns_install", 0, "the checks passed", "setns-user"),
	SEE("mntns_install", EPERM, NULL, "setns-eperm"),
	SEE("mntns_install", EINVAL, "CLONE_FS", "setns-threads"),
	NOT("mntns_install", ENOENT, NULL,
	    "the root of a mount namespace is a mount: its lookup does not fail for one that "
	    "lives"),
	SEE("mntns_install", 0, "the checks passed", "setns-each"),
	INSTALL("utsns_install", "setns-each"),
	INSTALL("ipcns_install", "setns-each"),
	INSTALL("pidns_install", "setns-each"),
	SEE("pidns_install", EINVAL, NULL, "setns-pid-up"),
	INSTALL("cgroupns_install", "setns-each"),
	SEE("cgroupns_install", 0, "in it already", "cgroup-alone"),
	INSTALL("netns_install", "setns-each"),
	INSTALL("timens_install", "setns-each"),
	SEE("timens_install", EUSERS, NULL, "setns-threads"),
	SEE("commit_nsset", 0, "mnt with others", "setns-many"),
	SEE("put_nsset", 0, "something failed", "setns-all-or-nothing"),

	/* exec */
	SEE("exec_task_namespaces", 0, "the same as time", "time-exec"),
	SEE("exec_task_namespaces", 0, "a time namespace is pending", "time-exec"),

	NOT(NULL, ENOMEM, NULL, MEMORY),
};

static bool has(const char *text, const char *words)
{
	return text && strstr(text, words);
}

static bool fits(const struct nse_shown *s, const struct nse_place *row)
{
	const struct nse_node *node = row->node;
	bool errs = !s->err && node->kind != NSE_FAIL;

	if (s->fn && (!row->fn || strcmp(row->fn->name, s->fn) != 0))
		return false;
	for (size_t i = 0; i < NSE_ERRS && node->errs[i]; i++)
		errs |= !s->err || node->errs[i] == s->err;
	return errs && (!s->words || has(node->when, s->words) || has(node->what, s->words));
}

const struct nse_shown *nse_shown_in(const struct nse_place *row)
{
	if (row->node->kind != NSE_FAIL && row->node->kind != NSE_IF && row->node->kind != NSE_UNDO)
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fits(&rows[i], row))
			return &rows[i];
	return NULL;
}

static bool ends_with(const struct nse_node *node, int err)
{
	for (size_t i = 0; i < NSE_ERRS && node->errs[i]; i++)
		if (node->errs[i] == err)
			return true;
	return !err;
}

size_t nse_scenarios_of(const struct nse_place *list, size_t nrows, int err, const char **out,
			size_t n, size_t max)
{
	for (size_t i = 0; i < nrows && n < max; i++) {
		const struct nse_shown *s = nse_shown_in(&list[i]);
		size_t k = 0;

		if (!s || !s->scenario || !ends_with(list[i].node, err))
			continue;
		while (k < n && strcmp(out[k], s->scenario) != 0)
			k++;
		if (k == n)
			out[n++] = s->scenario;
	}
	return n;
}
