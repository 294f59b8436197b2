// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's own words for what events and calls hold. */
#include "model.h"

#define COUNT(table)   (sizeof(table) / sizeof(*(table)))
#define NAME(table, i) ((size_t)(i) < COUNT(table) && (table)[i] ? (table)[i] : "?")

static const struct {
	const char *name;
	const char *flag;
	uint64_t bit;
} types[NSL_TYPES] = {
	[NSL_MNT] = {"mnt", "CLONE_NEWNS", NSL_NEWNS},
	[NSL_UTS] = {"uts", "CLONE_NEWUTS", NSL_NEWUTS},
	[NSL_IPC] = {"ipc", "CLONE_NEWIPC", NSL_NEWIPC},
	[NSL_PID] = {"pid", "CLONE_NEWPID", NSL_NEWPID},
	[NSL_CGROUP] = {"cgroup", "CLONE_NEWCGROUP", NSL_NEWCGROUP},
	[NSL_NET] = {"net", "CLONE_NEWNET", NSL_NEWNET},
	[NSL_TIME] = {"time", "CLONE_NEWTIME", NSL_NEWTIME},
	[NSL_USER] = {"user", "CLONE_NEWUSER", NSL_NEWUSER},
};

const char *nsm_type_name(enum nsl_type type)
{
	return type < NSL_TYPES ? types[type].name : "?";
}

const char *nsm_type_flag(enum nsl_type type)
{
	return type < NSL_TYPES ? types[type].flag : "?";
}

uint64_t nsm_type_bit(enum nsl_type type)
{
	return type < NSL_TYPES ? types[type].bit : 0;
}

static const struct {
	const char *name;
	enum nsl_type type;
} slots[NSL_SLOTS] = {
	[NSL_SLOT_MNT] = {"mnt", NSL_MNT},
	[NSL_SLOT_UTS] = {"uts", NSL_UTS},
	[NSL_SLOT_IPC] = {"ipc", NSL_IPC},
	[NSL_SLOT_PID_FOR_CHILDREN] = {"pid_for_children", NSL_PID},
	[NSL_SLOT_NET] = {"net", NSL_NET},
	[NSL_SLOT_TIME] = {"time", NSL_TIME},
	[NSL_SLOT_TIME_FOR_CHILDREN] = {"time_for_children", NSL_TIME},
	[NSL_SLOT_CGROUP] = {"cgroup", NSL_CGROUP},
	[NSL_SLOT_USER] = {"user", NSL_USER},
	[NSL_SLOT_PID_ACTIVE] = {"pid_active", NSL_PID},
};

const char *nsm_slot_name(enum nsl_slot slot)
{
	return slot < NSL_SLOTS ? slots[slot].name : "?";
}

enum nsl_type nsm_slot_type(enum nsl_slot slot)
{
	return slot < NSL_SLOTS ? slots[slot].type : NSL_TYPE_UNKNOWN;
}

const char *nsm_syscall_name(enum nsl_syscall syscall)
{
	static const char *const names[] = {
		[NSL_SYS_CLONE] = "clone", [NSL_SYS_CLONE3] = "clone3",	  [NSL_SYS_FORK] = "fork",
		[NSL_SYS_VFORK] = "vfork", [NSL_SYS_UNSHARE] = "unshare", [NSL_SYS_SETNS] = "setns",
		[NSL_SYS_EXEC] = "exec",   [NSL_SYS_EXIT] = "exit",
	};

	return NAME(names, syscall);
}

const char *nsm_fn_name(enum nsl_fn fn)
{
	static const char *const names[] = {
#define X(name) [NSL_FN_##name] = #name,
		NSL_FUNCTIONS(X)
#undef X
	};

	return NAME(names, fn);
}

const char *nsm_outcome_name(enum nsm_outcome outcome)
{
	static const char *const names[] = {
		[NSM_CREATED] = "created",	   [NSM_SHARED] = "shared",
		[NSM_INSTALLED] = "installed",	   [NSM_DONE] = "done",
		[NSM_FAILED] = "failed",	   [NSM_UNDONE] = "undone",
		[NSM_NOT_REACHED] = "not reached",
	};

	return NAME(names, outcome);
}

const char *nsm_how_name(enum nsm_how how)
{
	static const char *const names[] = {
		[NSM_HOW_CREATED] = "created",
		[NSM_HOW_INSTALLED] = "installed",
		[NSM_HOW_INHERITED] = "inherited",
		[NSM_HOW_DROPPED] = "dropped",
	};

	return NAME(names, how);
}

const char *nsm_milestone_name(enum nsl_milestone_what what)
{
	static const char *const names[] = {
#define X(name) [NSL_MILESTONE_##name] = #name,
		NSL_MILESTONES(X)
#undef X
	};

	return NAME(names, what);
}

const char *nsm_hook_name(enum nsl_hook hook)
{
	static const char *const names[] = {
		[NSL_HOOK_CALL] = "call",	  [NSL_HOOK_STEP] = "step",
		[NSL_HOOK_TASK] = "task",	  [NSL_HOOK_FREE] = "free",
		[NSL_HOOK_SNAPSHOT] = "snapshot", [NSL_HOOK_MILESTONE] = "milestone",
	};

	return NAME(names, hook);
}

const char *nsm_capability_name(unsigned int number)
{
	/* include/uapi/linux/capability.h, in the order of their numbers */
	static const char *const names[] = {
		"chown",
		"dac_override",
		"dac_read_search",
		"fowner",
		"fsetid",
		"kill",
		"setgid",
		"setuid",
		"setpcap",
		"linux_immutable",
		"net_bind_service",
		"net_broadcast",
		"net_admin",
		"net_raw",
		"ipc_lock",
		"ipc_owner",
		"sys_module",
		"sys_rawio",
		"sys_chroot",
		"sys_ptrace",
		"sys_pacct",
		"sys_admin",
		"sys_boot",
		"sys_nice",
		"sys_resource",
		"sys_time",
		"sys_tty_config",
		"mknod",
		"lease",
		"audit_write",
		"audit_control",
		"setfcap",
		"mac_override",
		"mac_admin",
		"syslog",
		"wake_alarm",
		"block_suspend",
		"audit_read",
		"perfmon",
		"bpf",
		"checkpoint_restore",
	};

	return number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}
