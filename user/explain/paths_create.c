// SPDX-License-Identifier: GPL-2.0-only
/* How an nsproxy is shared or made: what clone, unshare, setns and exec have in common. */
#include "paths_table.h"

/* What every copy has: the branch without its flag, the limit, the memory. */
#define COPY(name, flag, bit, type)                                                                \
	FN(1, name),                                                                               \
		IF(2, flag " is not set", "The old namespace is shared: its count rises by one.",  \
		   .none = bit, .outcomes = OUT(NSM_SHARED)),                                      \
		FAIL(2, ERRS(EINVAL), flag " is set and the kernel is built without this type",    \
		     .all = bit),                                                                  \
		FAIL(2, ERRS(ENOSPC),                                                              \
		     "inc_ucount(): the limit of " type " namespaces is reached "                  \
		     "in the owner's user namespace or in one above it",                           \
		     .all = bit),                                                                  \
		FAIL(2, ERRS(ENOMEM), "no memory for it or for its inode number", .all = bit)

#define MADE(bit, effect)                                                                          \
	IF(2, "everything could be had", effect, .all = bit, .outcomes = OUT(NSM_CREATED))

static const struct nse_node create[] = {
	FN(0, "create_new_namespaces"),
	FAIL(1, ERRS(ENOMEM), "no memory for the nsproxy itself",
	     .what = "Nothing was made yet, so nothing is undone."),

	COPY("copy_mnt_ns", "CLONE_NEWNS", NSL_NEWNS, "mnt"),
	FN(2, "copy_tree", .all = NSL_NEWNS),
	DO(3, "Every mount gets a twin. Bind mounts of mount namespace files are left out, for "
	      "they could pin each other for ever."),
	IF(3, "the owner of the new namespace is another user namespace",
	   "The twins become slaves of their originals and are locked together: nothing that "
	   "the owner does comes back to the old tree."),
	FAIL(3, ERRS(ENOMEM), "a mount could not be copied", .fn = "copy_mnt_ns", .all = NSL_NEWNS),
	MADE(NSL_NEWNS, "Root and working directory of the caller's or child's own copy move to "
			"the twins. It is the only copy that edits something outside the nsproxy."),

	COPY("copy_utsname", "CLONE_NEWUTS", NSL_NEWUTS, "uts"),
	MADE(NSL_NEWUTS, "Host name and domain name are copied from the old one."),

	COPY("copy_ipcs", "CLONE_NEWIPC", NSL_NEWIPC, "ipc"),
	IF(2, "the limit is reached but dead ipc namespaces still wait for their end",
	   "It waits until they are freed and tries again.", .since = 6006),
	FAIL(2, ERRS(ENOMEM),
	     "the file system of its message queues or its sysctls could not be "
	     "set up",
	     .all = NSL_NEWIPC),
	MADE(NSL_NEWIPC, "It is empty, with a message queue file system of its own."),

	FN(1, "copy_pid_ns"),
	IF(2, "CLONE_NEWPID is not set", "The old namespace is shared: its count rises by one.",
	   .none = NSL_NEWPID, .outcomes = OUT(NSM_SHARED)),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWPID is set and the kernel is built without this type",
	     .all = NSL_NEWPID),
	FAIL(2, ERRS(EINVAL),
	     "the caller's own pid namespace is not its pid_for_children: one is "
	     "pending",
	     .all = NSL_NEWPID, .so = NSE_PENDING_PID),
	FAIL(2, ERRS(EINVAL),
	     "the future owner is neither the owner of the parent pid namespace "
	     "nor below it",
	     .all = NSL_NEWPID, .so = NSE_NO_PENDING_PID),
	FAIL(2, ERRS(ENOSPC),
	     "it would lie more than 32 levels below the initial one, or "
	     "inc_ucount(): the limit of pid namespaces is reached in the owner's user "
	     "namespace or in one above it",
	     .all = NSL_NEWPID),
	FAIL(2, ERRS(ENOMEM), "no memory for it or for its inode number", .all = NSL_NEWPID),
	FAIL(2, ERRS(ENOMEM), "its sysctls could not be registered", .since = 6014,
	     .all = NSL_NEWPID),
	MADE(NSL_NEWPID, "It is empty and one level deeper. It has no pid 1 until the first "
			 "child is born in it; the caller stays where it is."),

	FN(1, "copy_cgroup_ns"),
	IF(2, "CLONE_NEWCGROUP is not set", "The old namespace is shared: its count rises by one.",
	   .none = NSL_NEWCGROUP, .outcomes = OUT(NSM_SHARED)),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWCGROUP is set and the kernel is built without this type",
	     .all = NSL_NEWCGROUP),
	FAIL(2, ERRS(EPERM),
	     "CAP_SYS_ADMIN is missing in the user namespace that would own it: "
	     "this type checks once more",
	     .all = NSL_NEWCGROUP),
	FAIL(2, ERRS(ENOSPC),
	     "inc_ucount(): the limit of cgroup namespaces is reached in the "
	     "owner's user namespace or in one above it",
	     .all = NSL_NEWCGROUP),
	FAIL(2, ERRS(ENOMEM), "no memory for it or for its inode number", .all = NSL_NEWCGROUP),
	MADE(NSL_NEWCGROUP, "The caller's cgroup at this moment becomes its root, and is pinned."),

	COPY("copy_net_ns", "CLONE_NEWNET", NSL_NEWNET, "net"),
	FAIL(2, ERRS(EINTR),
	     "the task is killed while it waits for the lock over all net "
	     "namespaces",
	     .all = NSL_NEWNET),
	FN(2, "setup_net", .all = NSL_NEWNET),
	DO(3, "The init function of every network subsystem runs; a new loopback device is among "
	      "what they make."),
	FAIL(3, ERRS(ENOMEM),
	     "a subsystem failed: those before it leave again, and its errno is "
	     "returned (mostly ENOMEM)",
	     .fn = "copy_net_ns", .all = NSL_NEWNET),
	MADE(NSL_NEWNET, "It has its own devices, addresses, routes, firewall rules and ports, "
			 "and nothing but lo in it."),

	FN(1, "copy_time_ns", .since = 5006),
	IF(2, "CLONE_NEWTIME is not set",
	   "The old time_for_children is shared: its count rises by "
	   "one.",
	   .since = 5006, .none = NSL_NEWTIME, .outcomes = OUT(NSM_SHARED)),
	FAIL(2, ERRS(EINVAL), "CLONE_NEWTIME is set and the kernel is built without this type",
	     .since = 5006, .all = NSL_NEWTIME),
	FAIL(2, ERRS(ENOSPC),
	     "inc_ucount(): the limit of time namespaces is reached in the "
	     "owner's user namespace or in one above it",
	     .since = 5006, .all = NSL_NEWTIME),
	FAIL(2, ERRS(ENOMEM), "no memory for it, its time page or its inode number", .since = 5006,
	     .all = NSL_NEWTIME),
	IF(2, "everything could be had",
	   "It copies the offsets and stands in time_for_children. "
	   "The offsets can be written until the first task enters.",
	   .since = 5006, .all = NSL_NEWTIME, .outcomes = OUT(NSM_CREATED)),
	DO(1,
	   "The slot time takes one more reference on the caller's time namespace; this cannot "
	   "fail.",
	   .since = 5006),
	UNDO(1, "one of the copies failed",
	     "Those before it are put in reverse order: what was "
	     "new is destroyed again, what was shared counts one less. Then the nsproxy is freed "
	     "and the errno returned."),
};

const struct nse_path nse_path_create = {"create_new_namespaces", 0, NODES(create)};

static const struct nse_node copy_namespaces[] = {
	FN(0, "copy_namespaces"),
	IF(1, "no CLONE_NEW* flag of an nsproxy type, and no time namespace pending",
	   "The fast path: the child uses the parent's nsproxy, whose count rises by one. No "
	   "namespace is touched and nothing is checked.",
	   .none = SEVEN, .not_so = NSE_PENDING_TIME),
	IF(1, "no such flag, a time namespace is pending, and CLONE_VM is set (vfork, threads)",
	   "The fast path too: whoever shares its parent's memory must share its time page.",
	   .since = 6002, .none = SEVEN, .all = NSE_VM, .so = NSE_PENDING_TIME),
	IF(1, "no such flag, but a time namespace is pending",
	   "A new nsproxy for the child, without any check of capabilities: the child enters the "
	   "pending time namespace.",
	   .since = 5006, .none = SEVEN | NSE_VM, .so = NSE_PENDING_TIME),
	FAIL(1, ERRS(EPERM),
	     "CAP_SYS_ADMIN is missing in the user namespace of the child's "
	     "credentials",
	     .what = "With CLONE_NEWUSER that is the new one, over which its "
		     "creator holds every capability.",
	     .any = SEVEN),
	FAIL(1, ERRS(EINVAL), "CLONE_NEWIPC and CLONE_SYSVSEM together",
	     .what = "The child would share a semaphore undo list whose semaphores it cannot "
		     "reach.",
	     .all = NSL_NEWIPC | NSE_SYSVSEM),
	SUB(1, nse_path_create, .any = SEVEN, .or_so = NSE_PENDING_TIME),
	FN(1, "timens_on_fork", .what = "The child moves to time_for_children.", .since = 5006,
	   .before = 6002, .any = SEVEN, .or_so = NSE_PENDING_TIME),
	FN_IF(1, "timens_on_fork", "CLONE_VM is not set", .since = 6002,
	      .what = "The child moves to time_for_children.", .any = SEVEN, .none = NSE_VM,
	      .or_so = NSE_PENDING_TIME),
	IF(1, "an nsproxy was made", "Its namespaces get their active references.", .since = 6019,
	   .any = SEVEN, .or_so = NSE_PENDING_TIME),
};

const struct nse_path nse_path_copy_namespaces = {"copy_namespaces", 0, NODES(copy_namespaces)};

static const struct nse_node create_user_ns[] = {
	FN(0, "create_user_ns"),
	FAIL(1, ERRS(EINVAL), "the kernel is built without this type"),
	FAIL(1, ERRS(ENOSPC),
	     "it would lie more than 33 levels below the initial one, or "
	     "inc_ucount(): the limit of user namespaces is reached, counted in the parent and "
	     "above it"),
	FAIL(1, ERRS(EPERM), "the caller is chrooted: its root is not that of its mount namespace",
	     .what = "Even root is refused."),
	FAIL(1, ERRS(EPERM),
	     "the caller's effective uid or gid has no mapping in its own user "
	     "namespace"),
	FAIL(1, ERRS(EPERM, EACCES),
	     "a security module refuses (hook userns_create); its errno is "
	     "returned",
	     .since = 6001),
	FAIL(1, ERRS(ENOMEM), "no memory for it, its inode number or its sysctls"),
	DO(1, "It is a child of the caller's user namespace, owned by the caller's effective user. "
	      "The new credentials get every capability, valid in it alone."),
};

const struct nse_path nse_path_create_user_ns = {"create_user_ns", 0, NODES(create_user_ns)};

static const struct nse_node copy_creds[] = {
	FN(0, "copy_creds"),
	IF(1, "CLONE_THREAD (and no keyring of the thread's own)",
	   "The thread shares its process's credentials.", .all = NSE_THREAD),
	FAIL(1, ERRS(ENOMEM), "no memory for a copy of the credentials", .fn = "copy_process",
	     .none = NSE_THREAD),
	SUB(1, nse_path_create_user_ns, .when = "CLONE_NEWUSER", .all = NSL_NEWUSER),
	FAIL(1, ERRS(EAGAIN),
	     "set_cred_ucounts(): the counters of the new user namespace could "
	     "not be had",
	     .fn = "copy_process", .since = 5015, .all = NSL_NEWUSER),
};

const struct nse_path nse_path_copy_creds = {"copy_creds", 0, NODES(copy_creds)};

static const struct nse_node drop[] = {
	FN(0, "put_nsproxy"),
	IF(1, "other tasks still use it", "Its count falls by one, and nothing else happens."),
	FN_IF(1, "free_nsproxy", "it was the last user", .before = 6019,
	      .what = "The namespaces are put in this order: mnt, uts, ipc, pid_for_children, "
		      "time, "
		      "time_for_children, cgroup, net."),
	FN_IF(1, "deactivate_nsproxy", "it was the last user", .since = 6019),
	FN(2, "nsproxy_ns_active_put", .since = 6019,
	   .what = "Each namespace counts one visible user less. At zero it can no longer be "
		   "found, although holders may keep its memory."),
	FN(2, "nsproxy_free", .since = 6019, .what = "Puts each namespace."),
};

const struct nse_path nse_path_drop_nsproxy = {"put_nsproxy", 0, NODES(drop)};
