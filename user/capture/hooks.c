// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#if defined(__x86_64__)
#define SYSCALL(name) "__x64_sys_" name
#elif defined(__aarch64__)
#define SYSCALL(name) "__arm64_sys_" name
#else
#error "nslens knows the system call entries of x86-64 and arm64 only"
#endif

#define MOUNTS_LOST "mounts are not told"
#define CREDS_LOST  "changes of ids, capabilities and seccomp filters are told at an exec alone"
#define STEP_LOST   "its steps are not told"

/* The boundaries of system calls: `in` and `out` are what the programs read, see struct hook. */
#define CALL(what, fn, prog, role_, in, out)                                                       \
	{                                                                                          \
		.fact = what, .function = fn, .program = prog, .role = role_, .nargs = 1,          \
		.entry = (in) != 0, .exit = (out) != 0, .entry_args = in, .exit_args = out         \
	}
/* A step that is told at its return alone. */
#define STEP(name, n, reads, what)                                                                 \
	{                                                                                          \
		.fact = #name, .function = #name, .program = #name, .role = ROLE_STEP,             \
		.exit = true, .exit_args = (reads), .nargs = n, .lost = what                       \
	}
#define INSTALL(name) STEP(name, 2, ARG(1) | ARG(2), STEP_LOST)
/* A step that is told at its entry, too. */
#define AROUND(what, name, n, in, out, ...)                                                        \
	{                                                                                          \
		.fact = what, .function = #name, .program = #name, .role = ROLE_STEP,              \
		.entry = true, .exit = true, .entry_args = in, .exit_args = out, .nargs = n,       \
		__VA_ARGS__                                                                        \
	}
/* `what` is the death of something. */
#define END(what, fn, prog, role_, ...)                                                            \
	{                                                                                          \
		.fact = what, .function = fn, .program = prog, .role = role_, .entry = true,       \
		.entry_args = ARG(0), .nargs = 1, __VA_ARGS__                                      \
	}
#define TASK(what, name, ...)                                                                      \
	{                                                                                          \
		.fact = what, .function = #name, .program = #name, .role = ROLE_TASK, __VA_ARGS__  \
	}
#define SYSCALLS(name)                                                                             \
	{                                                                                          \
		.fact = "system calls", .function = #name, .program = #name,                       \
		.role = ROLE_SYSCALL_TRACEPOINT                                                    \
	}

/* A milestone by its system call: at its return; `around`: at its entry, too. */
#define MILESTONE(name, around, what, ...)                                                         \
	{                                                                                          \
		.fact = #name, .function = SYSCALL(#name), .program = "sys_" #name,                \
		.role = ROLE_MILESTONE, .entry = around, .exit = true, .exit_args = ARG(1),        \
		.nargs = 1, .lost = what, __VA_ARGS__                                              \
	}
/* Inside of such a system call, at the entry: what the kernel has made of its arguments. */
#define INSIDE(what, fn, in)                                                                       \
	{                                                                                          \
		.fact = what, .function = #fn, .program = #fn, .role = ROLE_MILESTONE,             \
		.entry = true, .entry_args = in,                                                   \
		.lost = "paths of mounts are not looked up: they are told as they were passed, "   \
			"if at all"                                                                \
	}
#define MAP_WRITE(what, fn)                                                                        \
	{                                                                                          \
		.fact = what, .function = fn, .program = what "_write", .role = ROLE_MILESTONE,    \
		.exit = true, .exit_args = ARG(0) | ARG(4), .nargs = 4,                            \
		.lost = "writes of id maps are not told"                                           \
	}
#define NETDEV(fn, n)                                                                              \
	{                                                                                          \
		.fact = "netdev_move", .function = fn, .program = "netdev_move" #n,                \
		.role = ROLE_MILESTONE, .exit = true, .exit_args = ARG(0) | ARG(1) | ARG(n),       \
		.nargs = n, .exact = true,                                                         \
		.lost = "network devices that change their namespace are not told"                 \
	}

const struct hook hooks[] = {
	/* Entry of the clone family; which system call it was is known at its return. */
	CALL("clone entry", "kernel_clone", "kernel_clone", ROLE_CALL, ARG(0), 0),
	CALL("clone", SYSCALL("clone"), "sys_clone", ROLE_CALL, 0, ARG(1)),
	CALL("clone3", SYSCALL("clone3"), "sys_clone3", ROLE_CALL, 0, ARG(0) | ARG(1)),
#if defined(__x86_64__)
	/*
	 * SYSCALL_DEFINE0: the body is the traceable function, the stub an alias
	 * of it (it has one unused argument).
	 */
	CALL("fork", "__do_sys_fork", "sys_fork", ROLE_CALL, 0, ARG(1)),
	CALL("vfork", "__do_sys_vfork", "sys_vfork", ROLE_CALL, 0, ARG(1)),
	CALL("clone (32-bit)", "__ia32_compat_sys_ia32_clone", "compat_sys_clone", ROLE_COMPAT, 0,
	     ARG(1)),
	CALL("clone3 (32-bit)", "__ia32_sys_clone3", "compat_sys_clone3", ROLE_COMPAT, 0,
	     ARG(0) | ARG(1)),
	CALL("setns (32-bit)", "__ia32_sys_setns", "compat_sys_setns", ROLE_COMPAT, ARG(0),
	     ARG(0) | ARG(1)),
#endif
	CALL("unshare", "ksys_unshare", "ksys_unshare", ROLE_CALL, ARG(0), ARG(0) | ARG(1)),
	CALL("setns", SYSCALL("setns"), "sys_setns", ROLE_CALL, ARG(0), ARG(0) | ARG(1)),

	STEP(copy_namespaces, 2, ARG(2), STEP_LOST),
	STEP(unshare_nsproxy_namespaces, 4, ARG(4), STEP_LOST),
	AROUND("create_new_namespaces", create_new_namespaces, 4, ARG(0), ARG(4),
	       .lost = "no step of creating namespaces is told"),
	STEP(copy_mnt_ns, 4, ARG(4), STEP_LOST),
	STEP(copy_utsname, 3, ARG(3), STEP_LOST),
	STEP(copy_ipcs, 3, ARG(3), STEP_LOST),
	STEP(copy_pid_ns, 3, ARG(3), STEP_LOST),
	STEP(copy_cgroup_ns, 3, ARG(3), STEP_LOST),
	STEP(copy_net_ns, 3, ARG(3), STEP_LOST),
	STEP(copy_time_ns, 3, ARG(3), STEP_LOST),
	AROUND("create_user_ns", create_user_ns, 1, 0, ARG(0) | ARG(1),
	       .lost = "owner and parent of a new user namespace are not told"),
	INSTALL(mntns_install),
	INSTALL(utsns_install),
	INSTALL(ipcns_install),
	INSTALL(pidns_install),
	INSTALL(cgroupns_install),
	INSTALL(netns_install),
	INSTALL(timens_install),
	INSTALL(userns_install),
	STEP(switch_task_namespaces, 2, ARG(1),
	     "the moment at which a task changes its nsproxy is not told"),
	STEP(commit_creds, 1, 0,
	     "the moment at which a task changes its user namespace is not told"),
	STEP(put_nsset, 1, 0, STEP_LOST),
	AROUND("exec_task_namespaces", exec_task_namespaces, 0, 0, ARG(0), .newer = true,
	       .lost = "exec into a pending time namespace is not told (no such function before "
		       "6.2)"),
	AROUND("nsproxy freed", free_nsproxy, 1, ARG(0), 0,
	       .lost = "exits that free an nsproxy are told from a reading of its count"),
	/* since 6.19 deactivate_nsproxy() is inlined; this is its first call */
	AROUND("nsproxy freed", nsproxy_ns_active_put, 1, ARG(0), 0,
	       .lost = "exits that free an nsproxy are told from a reading of its count"),
	AROUND("zap_pid_ns_processes", zap_pid_ns_processes, 1, 0, 0,
	       .lost = "the end of a pid namespace's members is not told"),
	END("namespace destroyed", "proc_free_inum", "proc_free_inum", ROLE_DEATH,
	    .lost = "the end of a namespace is not told"),
	/*
	 * proc_free_inum() also runs in softirq, and so in the middle of itself. A
	 * second fentry program covers that; kprobes cannot nest at all.
	 */
	END("namespace destroyed (nested)", "proc_free_inum", "proc_free_inum_nested",
	    ROLE_DEATH_NESTED,
	    .lost = "a namespace's end that interrupts another one's is counted as lost"),
	END("nsfs inode gone", "nsfs_evict", "nsfs_evict", ROLE_GRAPH, .graph = true,
	    .lost = "who closed a namespace's last descriptor or mount is not told"),
	{.fact = "mnt namespace without a task",
	 .function = "alloc_mnt_ns",
	 .program = "alloc_mnt_ns",
	 .role = ROLE_GRAPH,
	 .exit = true,
	 .exit_args = ARG(2),
	 .nargs = 2,
	 .graph = true,
	 .lost = "mount namespaces of open_tree() and fsmount() are not told"},
	END("anonymous mnt namespace destroyed", "free_mnt_ns", "free_mnt_ns", ROLE_GRAPH,
	    .graph = true, .lost = "the end of an anonymous mount namespace is not told"),
	END("anonymous mnt namespace destroyed", "mnt_ns_release", "mnt_ns_release", ROLE_GRAPH,
	    .graph = true, .lost = "the end of an anonymous mount namespace is not told"),

	INSIDE("paths of mounts", path_mount, ARG(1) | ARG(3)),
	MILESTONE(mount, false, MOUNTS_LOST),
	INSIDE("paths of umounts", path_umount, ARG(0) | ARG(1)),
	MILESTONE(umount, false, MOUNTS_LOST),
	INSIDE("paths of move_mount", security_move_mount, ARG(0) | ARG(1)),
	MILESTONE(move_mount, false, MOUNTS_LOST),
	MILESTONE(fsopen, false, MOUNTS_LOST),
	MILESTONE(fsconfig, false, MOUNTS_LOST),
	MILESTONE(fsmount, false, MOUNTS_LOST),
	MILESTONE(open_tree, false, MOUNTS_LOST),
	MILESTONE(mount_setattr, false, MOUNTS_LOST, .newer = true),
	MILESTONE(pivot_root, true, "changes of the root directory are not told"),
	MILESTONE(chroot, false, "changes of the root directory are not told"),
	MILESTONE(sethostname, false, "new host names are not told"),
	MILESTONE(setdomainname, false, "new host names are not told"),
	MAP_WRITE("uid_map", "proc_uid_map_write"),
	MAP_WRITE("gid_map", "proc_gid_map_write"),
	MAP_WRITE("projid_map", "proc_projid_map_write"),
	MAP_WRITE("proc_setgroups", "proc_setgroups_write"),
	MILESTONE(setgroups, false, CREDS_LOST),
	MILESTONE(capset, false, CREDS_LOST),
	{.fact = "new ids and bounding sets",
	 .function = "commit_creds",
	 .program = "commit_creds_begin",
	 .role = ROLE_MILESTONE,
	 .entry = true,
	 .entry_args = ARG(0),
	 .lost = CREDS_LOST},
	{.fact = "seccomp",
	 .function = "do_seccomp",
	 .program = "do_seccomp",
	 .role = ROLE_MILESTONE,
	 .entry = true,
	 .exit = true,
	 .entry_args = ARG(0) | ARG(1),
	 .exit_args = ARG(0) | ARG(1) | ARG(3),
	 .nargs = 3,
	 .lost = CREDS_LOST},
	/* a function of three arguments, that since 5.15 calls one of more */
	NETDEV("__dev_change_net_namespace", 5),
	NETDEV("__dev_change_net_namespace", 4),
	NETDEV("dev_change_net_namespace", 3),

	TASK("task new", task_newtask),
	TASK("task exec", sched_process_exec),
	TASK("task exit", sched_process_exit),
	{.fact = "task freed",
	 .function = "sched_process_free",
	 .program = "task_freed",
	 .role = ROLE_TASK},
	{.fact = "cgroup_attach",
	 .function = "cgroup_attach_task",
	 .program = "cgroup_attach_task",
	 .role = ROLE_MILESTONE_TRACEPOINT,
	 .lost = "moves of tasks to other cgroups are not told"},
	SYSCALLS(sys_enter),
	SYSCALLS(sys_exit),
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
