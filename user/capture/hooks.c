// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#if defined(__x86_64__)
#define SYSCALL(name) "__x64_sys_" name
#elif defined(__aarch64__)
#define SYSCALL(name) "__arm64_sys_" name
#else
#error "nslens knows the system call entries of x86-64 and arm64 only"
#endif

/* `reads`: the arguments its fexit program reads; the result is number `n` */
#define STEP_EXIT(name, n, reads, what)                                                            \
	{ .fact = #name, .function = #name, .program = #name, .role = ROLE_STEP, .exit = true,    \
	  .exit_args = (reads), .nargs = n, .lost = what }

#define STEP_LOST "its steps are not told"

const struct hook hooks[] = {
	/* Entry of the clone family; which system call it was is known at its return. */
	{ .fact = "clone entry", .function = "kernel_clone", .program = "kernel_clone",
	  .role = ROLE_CALL, .entry = true, .entry_args = ARG(0), .nargs = 1 },
	{ .fact = "clone", .function = SYSCALL("clone"), .program = "sys_clone",
	  .role = ROLE_CALL, .exit = true, .exit_args = ARG(1), .nargs = 1 },
	{ .fact = "clone3", .function = SYSCALL("clone3"), .program = "sys_clone3",
	  .role = ROLE_CALL, .exit = true, .exit_args = ARG(0) | ARG(1), .nargs = 1 },
#if defined(__x86_64__)
	/*
	 * SYSCALL_DEFINE0: the body is the traceable function, the stub an alias
	 * of it (it has one unused argument).
	 */
	{ .fact = "fork", .function = "__do_sys_fork", .program = "sys_fork",
	  .role = ROLE_CALL, .exit = true, .exit_args = ARG(1), .nargs = 1 },
	{ .fact = "vfork", .function = "__do_sys_vfork", .program = "sys_vfork",
	  .role = ROLE_CALL, .exit = true, .exit_args = ARG(1), .nargs = 1 },
	{ .fact = "clone (32-bit)", .function = "__ia32_compat_sys_ia32_clone",
	  .program = "compat_sys_clone", .role = ROLE_COMPAT, .exit = true,
	  .exit_args = ARG(1), .nargs = 1 },
	{ .fact = "clone3 (32-bit)", .function = "__ia32_sys_clone3",
	  .program = "compat_sys_clone3", .role = ROLE_COMPAT, .exit = true,
	  .exit_args = ARG(0) | ARG(1), .nargs = 1 },
	{ .fact = "setns (32-bit)", .function = "__ia32_sys_setns",
	  .program = "compat_sys_setns", .role = ROLE_COMPAT, .entry = true, .exit = true,
	  .entry_args = ARG(0), .exit_args = ARG(0) | ARG(1), .nargs = 1 },
#endif
	{ .fact = "unshare", .function = "ksys_unshare", .program = "ksys_unshare",
	  .role = ROLE_CALL, .entry = true, .exit = true, .entry_args = ARG(0),
	  .exit_args = ARG(0) | ARG(1), .nargs = 1 },
	{ .fact = "setns", .function = SYSCALL("setns"), .program = "sys_setns",
	  .role = ROLE_CALL, .entry = true, .exit = true, .entry_args = ARG(0),
	  .exit_args = ARG(0) | ARG(1), .nargs = 1 },

	STEP_EXIT(copy_namespaces, 2, ARG(2), STEP_LOST),
	STEP_EXIT(unshare_nsproxy_namespaces, 4, ARG(4), STEP_LOST),
	{ .fact = "create_new_namespaces", .function = "create_new_namespaces",
	  .program = "create_new_namespaces", .role = ROLE_STEP, .entry = true, .exit = true,
	  .entry_args = ARG(0), .exit_args = ARG(4), .nargs = 4,
	  .lost = "no step of creating namespaces is told" },
	STEP_EXIT(copy_mnt_ns, 4, ARG(4), STEP_LOST),
	STEP_EXIT(copy_utsname, 3, ARG(3), STEP_LOST),
	STEP_EXIT(copy_ipcs, 3, ARG(3), STEP_LOST),
	STEP_EXIT(copy_pid_ns, 3, ARG(3), STEP_LOST),
	STEP_EXIT(copy_cgroup_ns, 3, ARG(3), STEP_LOST),
	STEP_EXIT(copy_net_ns, 3, ARG(3), STEP_LOST),
	STEP_EXIT(copy_time_ns, 3, ARG(3), STEP_LOST),
	{ .fact = "create_user_ns", .function = "create_user_ns", .program = "create_user_ns",
	  .role = ROLE_STEP, .entry = true, .exit = true, .entry_args = 0,
	  .exit_args = ARG(0) | ARG(1), .nargs = 1,
	  .lost = "owner and parent of a new user namespace are not told" },
	STEP_EXIT(mntns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(utsns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(ipcns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(pidns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(cgroupns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(netns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(timens_install, 2, ARG(1) | ARG(2), STEP_LOST),
	STEP_EXIT(userns_install, 2, ARG(1) | ARG(2), STEP_LOST),
	{ .fact = "switch_task_namespaces", .function = "switch_task_namespaces",
	  .program = "switch_task_namespaces", .role = ROLE_STEP, .exit = true,
	  .exit_args = ARG(1), .nargs = 2,
	  .lost = "the moment at which a task changes its nsproxy is not told" },
	STEP_EXIT(commit_creds, 1, 0, "the moment at which a task changes its user namespace is not told"),
	STEP_EXIT(put_nsset, 1, 0, STEP_LOST),
	{ .fact = "exec_task_namespaces", .function = "exec_task_namespaces",
	  .program = "exec_task_namespaces", .role = ROLE_STEP, .entry = true, .exit = true,
	  .exit_args = ARG(0), .nargs = 0,
	  .lost = "exec into a pending time namespace is not told (no such function before 6.3)" },
	{ .fact = "nsproxy freed", .function = "free_nsproxy", .program = "free_nsproxy",
	  .role = ROLE_STEP, .entry = true, .exit = true, .entry_args = ARG(0), .nargs = 1,
	  .lost = "exits that free an nsproxy are told from a reading of its count" },
	/* since 6.19 deactivate_nsproxy() is inlined; this is its first call */
	{ .fact = "nsproxy freed", .function = "nsproxy_ns_active_put",
	  .program = "nsproxy_ns_active_put", .role = ROLE_STEP, .entry = true, .exit = true,
	  .entry_args = ARG(0), .nargs = 1,
	  .lost = "exits that free an nsproxy are told from a reading of its count" },
	{ .fact = "zap_pid_ns_processes", .function = "zap_pid_ns_processes",
	  .program = "zap_pid_ns_processes", .role = ROLE_STEP, .entry = true, .exit = true,
	  .nargs = 1, .lost = "the end of a pid namespace's members is not told" },
	{ .fact = "namespace destroyed", .function = "proc_free_inum",
	  .program = "proc_free_inum", .role = ROLE_DEATH, .entry = true,
	  .entry_args = ARG(0), .nargs = 1, .lost = "the end of a namespace is not told" },

	{ .fact = "task new", .function = "task_newtask", .program = "task_newtask",
	  .role = ROLE_TASK },
	{ .fact = "task exec", .function = "sched_process_exec", .program = "sched_process_exec",
	  .role = ROLE_TASK },
	{ .fact = "task exit", .function = "sched_process_exit", .program = "sched_process_exit",
	  .role = ROLE_TASK },
	{ .fact = "system calls", .function = "sys_enter", .program = "sys_enter",
	  .role = ROLE_SYSCALL_TRACEPOINT },
	{ .fact = "system calls", .function = "sys_exit", .program = "sys_exit",
	  .role = ROLE_SYSCALL_TRACEPOINT },
};

const size_t nhooks = sizeof(hooks) / sizeof(*hooks);

const char *mechanism_name(enum mechanism m)
{
	static const char *const names[MECHANISMS] = {
		[MECH_NONE] = "none",
		[MECH_FENTRY] = "fentry",
		[MECH_KPROBE] = "kprobe",
		[MECH_TRACEPOINT] = "tracepoint",
	};

	return names[m];
}
