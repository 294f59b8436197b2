/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs: the function hooks of milestones. Names as in functions.bpf.h. */
#ifndef NSLENS_MILESTONE_FUNCTIONS_BPF_H
#define NSLENS_MILESTONE_FUNCTIONS_BPF_H

#include "functions.bpf.h"
#include "milestones.bpf.h"

#define NOW bpf_ktime_get_ns()

/*
 * An argument as a number. Loaded from the context, 5.10 refuses a char pointer, and every
 * type that the function's own file does not define, such as the registers of some stubs.
 */
static __always_inline __u64 raw_arg(const unsigned long long *ctx, int n)
{
	__u64 arg = 0;

	bpf_probe_read_kernel(&arg, sizeof(arg), ctx + n);
	return arg;
}

/*
 * A system call by its stub: fexit has the arguments and the result, a kretprobe
 * needs what a kprobe has kept. `keep` is a call with `regs` and `begin` in it.
 */
#define MILESTONE_SYSCALL(name, keep)                                                              \
	FEXIT(sys_##name)                                                                          \
	{                                                                                          \
		struct pt_regs *regs = (void *)raw_arg(ctx, 0);                                    \
		__u64 begin = 0;                                                                   \
                                                                                                   \
		keep;                                                                              \
		tell_milestone((long)ctx[1], NSL_MILESTONE_##name);                                \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(sys_##name)                                                                         \
	{                                                                                          \
		struct pt_regs *regs = (void *)PT_REGS_PARM1_CORE(ctx);                            \
		__u64 begin = NOW;                                                                 \
                                                                                                   \
		keep;                                                                              \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(sys_##name)                                                                      \
	{                                                                                          \
		tell_milestone((long)PT_REGS_RC_CORE(ctx), NSL_MILESTONE_##name);                  \
		return 0;                                                                          \
	}

/* Kept at the entry too, for what is only known then, or for the time that it takes. */
#define MILESTONE_AROUND(name, keep)                                                               \
	FENTRY(sys_##name)                                                                         \
	{                                                                                          \
		struct pt_regs *regs = (void *)raw_arg(ctx, 0);                                    \
		__u64 begin = NOW;                                                                 \
                                                                                                   \
		keep;                                                                              \
		return 0;                                                                          \
	}                                                                                          \
	MILESTONE_SYSCALL(name, keep)

MILESTONE_SYSCALL(mount, keep_mount_args(regs, begin))
MILESTONE_SYSCALL(umount, keep_umount_args(regs, begin))
MILESTONE_SYSCALL(move_mount, keep_move_mount_args(regs, begin))
MILESTONE_SYSCALL(fsopen, keep_fsopen(regs, begin))
MILESTONE_SYSCALL(fsconfig, keep_fsconfig(regs, begin))
MILESTONE_SYSCALL(fsmount, keep_fsmount(regs, begin))
MILESTONE_SYSCALL(open_tree, keep_open_tree(regs, begin))
MILESTONE_SYSCALL(mount_setattr, keep_mount_setattr(regs, begin))
MILESTONE_AROUND(pivot_root, keep_pivot_root(regs, begin))
MILESTONE_SYSCALL(sethostname, keep_uts_name(regs, NSL_MILESTONE_sethostname, begin))
MILESTONE_SYSCALL(setdomainname, keep_uts_name(regs, NSL_MILESTONE_setdomainname, begin))
MILESTONE_SYSCALL(setgroups, keep_setgroups(regs, begin))
MILESTONE_SYSCALL(capset, keep_capset(regs, begin))

/* The new root is told as it is then. */
FEXIT(sys_chroot)
{
	keep_chroot((void *)raw_arg(ctx, 0), 0);
	tell_chroot((long)ctx[1]);
	return 0;
}

KPROBE(sys_chroot)
{
	keep_chroot((void *)PT_REGS_PARM1_CORE(ctx), NOW);
	return 0;
}

KRETPROBE(sys_chroot)
{
	tell_chroot((long)PT_REGS_RC_CORE(ctx));
	return 0;
}

/* What the kernel has made of the strings; inside of the system calls above. */
FENTRY(path_mount)
{
	keep_mount((void *)raw_arg(ctx, 0), (struct path *)ctx[1], (void *)raw_arg(ctx, 2), ctx[3]);
	return 0;
}

KPROBE(path_mount)
{
	keep_mount((void *)PT_REGS_PARM1_CORE(ctx), (struct path *)PT_REGS_PARM2_CORE(ctx),
		   (void *)PT_REGS_PARM3_CORE(ctx), PT_REGS_PARM4_CORE(ctx));
	return 0;
}

FENTRY(path_umount)
{
	keep_umount((struct path *)ctx[0], ctx[1]);
	return 0;
}

KPROBE(path_umount)
{
	keep_umount((struct path *)PT_REGS_PARM1_CORE(ctx), PT_REGS_PARM2_CORE(ctx));
	return 0;
}

FENTRY(security_move_mount)
{
	keep_move_mount((struct path *)ctx[0], (struct path *)ctx[1]);
	return 0;
}

KPROBE(security_move_mount)
{
	keep_move_mount((struct path *)PT_REGS_PARM1_CORE(ctx),
			(struct path *)PT_REGS_PARM2_CORE(ctx));
	return 0;
}

/* write(2) of /proc/PID/uid_map and the like: file, buffer, size, position */
#define MILESTONE_PROC(what)                                                                       \
	FEXIT(what##_write)                                                                        \
	{                                                                                          \
		keep_map((struct file *)ctx[0], NSL_MILESTONE_##what, 0);                          \
		tell_milestone((long)ctx[4], NSL_MILESTONE_##what);                                \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(what##_write)                                                                       \
	{                                                                                          \
		keep_map((struct file *)PT_REGS_PARM1_CORE(ctx), NSL_MILESTONE_##what, NOW);       \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(what##_write)                                                                    \
	{                                                                                          \
		tell_milestone((long)PT_REGS_RC_CORE(ctx), NSL_MILESTONE_##what);                  \
		return 0;                                                                          \
	}

MILESTONE_PROC(uid_map)
MILESTONE_PROC(gid_map)
MILESTONE_PROC(projid_map)
MILESTONE_PROC(proc_setgroups)

/* of seccomp(2) and prctl(2): operation, flags, filter */
FENTRY(do_seccomp)
{
	keep_seccomp(ctx[0], ctx[1], NOW);
	return 0;
}

FEXIT(do_seccomp)
{
	keep_seccomp(ctx[0], ctx[1], 0);
	tell_milestone((long)ctx[3], NSL_MILESTONE_seccomp);
	return 0;
}

KPROBE(do_seccomp)
{
	keep_seccomp(PT_REGS_PARM1_CORE(ctx), PT_REGS_PARM2_CORE(ctx), NOW);
	return 0;
}

KRETPROBE(do_seccomp)
{
	tell_milestone((long)PT_REGS_RC_CORE(ctx), NSL_MILESTONE_seccomp);
	return 0;
}

/* Its arguments have become more: a program for each number of them. */
#define MILESTONE_NETDEV(name, n)                                                                  \
	FEXIT(name)                                                                                \
	{                                                                                          \
		keep_netdev((struct net_device *)ctx[0], (struct net *)ctx[1], 0);                 \
		tell_milestone((int)ctx[n], NSL_MILESTONE_netdev_move);                            \
		return 0;                                                                          \
	}                                                                                          \
	KPROBE(name)                                                                               \
	{                                                                                          \
		keep_netdev((struct net_device *)PT_REGS_PARM1_CORE(ctx),                          \
			    (struct net *)PT_REGS_PARM2_CORE(ctx), NOW);                           \
		return 0;                                                                          \
	}                                                                                          \
	KRETPROBE(name)                                                                            \
	{                                                                                          \
		tell_milestone((int)PT_REGS_RC_CORE(ctx), NSL_MILESTONE_netdev_move);              \
		return 0;                                                                          \
	}

MILESTONE_NETDEV(netdev_move3, 3)
MILESTONE_NETDEV(netdev_move4, 4)
MILESTONE_NETDEV(netdev_move5, 5)

FENTRY(commit_creds_begin)
{
	tell_creds((struct cred *)ctx[0]);
	return 0;
}

KPROBE(commit_creds_begin)
{
	tell_creds((struct cred *)PT_REGS_PARM1_CORE(ctx));
	return 0;
}

#endif
