// SPDX-License-Identifier: GPL-2.0-only
/* What kind of kernel function a step is, and which call which. */
#include "internal.h"

bool fn_is_copy(enum nsl_fn fn)
{
	return fn >= NSL_FN_copy_mnt_ns && fn <= NSL_FN_copy_time_ns;
}

bool fn_is_install(enum nsl_fn fn)
{
	return fn >= NSL_FN_mntns_install && fn <= NSL_FN_userns_install;
}

bool fn_is_release(enum nsl_fn fn)
{
	return fn == NSL_FN_free_nsproxy || fn == NSL_FN_nsproxy_ns_active_put;
}

bool fn_is_exit(enum nsl_fn fn)
{
	return fn == NSL_FN_exit_task_namespaces || fn == NSL_FN_exit_nsproxy_namespaces;
}

bool is_clone(enum nsl_syscall syscall)
{
	return syscall >= NSL_SYS_CLONE && syscall <= NSL_SYS_VFORK;
}

/*
 * Events tell returns, so an inner function comes before its outer one. Only
 * pairs that the kernel's source knows are nested; the rest stand in a row.
 */
bool fn_contains(enum nsl_fn outer, enum nsl_fn inner)
{
	switch (outer) {
	case NSL_FN_create_new_namespaces:
		return fn_is_copy(inner);
	case NSL_FN_unshare_nsproxy_namespaces:
		return inner == NSL_FN_create_new_namespaces || fn_is_copy(inner);
	case NSL_FN_copy_namespaces: /* up to 5.10 it may free what it made */
		return inner == NSL_FN_create_new_namespaces || fn_is_copy(inner) ||
		       fn_is_release(inner);
	case NSL_FN_switch_task_namespaces:
	case NSL_FN_put_nsset:
		return fn_is_release(inner);
	case NSL_FN_exit_task_namespaces:
	case NSL_FN_exit_nsproxy_namespaces:
		return inner == NSL_FN_switch_task_namespaces || fn_is_release(inner);
	case NSL_FN_exec_task_namespaces:
		return inner == NSL_FN_create_new_namespaces || fn_is_copy(inner) ||
		       inner == NSL_FN_switch_task_namespaces || fn_is_release(inner);
	default:
		return false;
	}
}

enum nsl_type fn_type(enum nsl_fn fn)
{
	/* the copies stand in the order of the types; the installs have user last too */
	if (fn_is_copy(fn))
		return (enum nsl_type)(fn - NSL_FN_copy_mnt_ns);
	if (fn_is_install(fn))
		return (enum nsl_type)(fn - NSL_FN_mntns_install);
	switch (fn) {
	case NSL_FN_create_user_ns:
	case NSL_FN_commit_creds:
	case NSL_FN_put_user_ns:
		return NSL_USER;
	case NSL_FN_zap_pid_ns_processes:
	case NSL_FN_put_pid_ns:
		return NSL_PID;
	case NSL_FN_put_mnt_ns:
		return NSL_MNT;
	case NSL_FN_put_uts_ns:
		return NSL_UTS;
	case NSL_FN_put_ipc_ns:
		return NSL_IPC;
	case NSL_FN_put_cgroup_ns:
		return NSL_CGROUP;
	case NSL_FN_put_net:
		return NSL_NET;
	default:
		return NSL_TYPE_UNKNOWN;
	}
}

enum nsl_fn fn_put(enum nsl_type type)
{
	switch (type) {
	case NSL_MNT:
		return NSL_FN_put_mnt_ns;
	case NSL_UTS:
		return NSL_FN_put_uts_ns;
	case NSL_IPC:
		return NSL_FN_put_ipc_ns;
	case NSL_PID:
		return NSL_FN_put_pid_ns;
	case NSL_CGROUP:
		return NSL_FN_put_cgroup_ns;
	case NSL_NET:
		return NSL_FN_put_net;
	case NSL_USER:
		return NSL_FN_put_user_ns;
	default:
		return NSL_FN_NONE;
	}
}

_Static_assert(NSL_FN_copy_time_ns - NSL_FN_copy_mnt_ns == NSL_TIME, "copies follow the types");
_Static_assert(NSL_FN_userns_install - NSL_FN_mntns_install == NSL_USER,
	       "installs follow the types");
_Static_assert(NSL_FN_copy_net_ns - NSL_FN_copy_mnt_ns == NSL_NET, "copies follow the types");
