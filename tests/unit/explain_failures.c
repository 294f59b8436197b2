// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures: every (system call, errno) that namespace calls were seen to give
 * has a row of its own, at the right function, and the table holds no row that
 * another hides.
 */
#define _GNU_SOURCE 1
#include "../../user/explain/failures.h"
#include "view_calls.h"
#include "view_check.h"

#define CLONE_VM	  0x100
#define CLONE_FS	  0x200
#define CLONE_THREAD	  0x10000
#define CLONE_SYSVSEM	  0x40000
#define CLONE_INTO_CGROUP (1ULL << 33)
#define SIGCHLD_BITS	  17

enum extra {
	NOTHING,
	PENDING_PID,
	PENDING_TIME,
	TO_UTS,
	TO_MNT,
	TO_USER,
	TO_OWN_USER,
	TO_PID,
	TO_TIME,
	TO_PIDFD,
	TO_FILE,
	COPIED,
	COPIED_PENDING,
	NO_VIEWS,
};

struct seen {
	const char *name;
	enum nsl_syscall syscall;
	uint64_t flags;
	int err;
	enum extra extra;
	nse_kernel kernel;
	const char *fn;	  /* the function that must be named */
	const char *word; /* what the check must say */
};

/* KERNEL-FACTS, raw observations: each without any hook. */
static const struct seen seen[] = {
	{"NEWNS|FS", NSL_SYS_CLONE, NSL_NEWNS | CLONE_FS | 17, EINVAL, 0, 6012, "copy_process",
	 "CLONE_FS"},
	{"NEWUSER|FS", NSL_SYS_CLONE, NSL_NEWUSER | CLONE_FS | 17, EINVAL, 0, 6012, "copy_process",
	 "CLONE_FS"},
	{"NEWIPC|SYSVSEM", NSL_SYS_CLONE, NSL_NEWIPC | CLONE_SYSVSEM | 17, EINVAL, 0, 6012,
	 "copy_namespaces", "CLONE_SYSVSEM"},
	{"NEWPID|THREAD", NSL_SYS_CLONE, NSL_NEWPID | CLONE_THREAD, EINVAL, 0, 6012, "copy_process",
	 "thread"},
	{"clone3 signal bits", NSL_SYS_CLONE3, NSL_NEWUTS | 17, EINVAL, 0, 6012,
	 "clone3_args_valid", "exit signal"},
	{"clone3 unknown flag", NSL_SYS_CLONE3, 1ULL << 40, EINVAL, 0, 6012, "clone3_args_valid",
	 "not know"},
	{"clone3 7.1 flag on 6.12", NSL_SYS_CLONE3, 1ULL << 37, EINVAL, 0, 6012,
	 "clone3_args_valid", "not know"},
	{"set_tid taken", NSL_SYS_CLONE3, NSL_NEWUTS, EEXIST, COPIED, 6012, "alloc_pid", "set_tid"},
	{"bad cgroup descriptor", NSL_SYS_CLONE3, CLONE_INTO_CGROUP, EBADF, COPIED, 6012,
	 "cgroup_css_set_fork", "cgroup"},
	{"clone3 too large", NSL_SYS_CLONE3, 0, E2BIG, 0, 6012, "copy_clone_args_from_user",
	 "larger"},
	{"clone3 bad pointer", NSL_SYS_CLONE3, 0, EFAULT, 0, 6012, "copy_clone_args_from_user",
	 "read"},
	{"clone3 too small", NSL_SYS_CLONE3, 0, EINVAL, 0, 6012, "clone3_args_valid", "64"},
	{"fork into dead pid ns", NSL_SYS_FORK, 0, ENOMEM, COPIED_PENDING, 6012, "alloc_pid",
	 "pid 1"},
	{"fork into dead pid ns, unseen", NSL_SYS_CLONE, 17, ENOMEM, PENDING_PID, 6012, "alloc_pid",
	 "pid 1"},
	{"fork too many", NSL_SYS_CLONE, 17, EAGAIN, 0, 6012, "copy_process", "RLIMIT_NPROC"},
	{"clone NEWPID pending", NSL_SYS_CLONE, NSL_NEWPID | 17, EINVAL, PENDING_PID, 6012,
	 "copy_pid_ns", "pending"},
	{"thread pending pid", NSL_SYS_CLONE, CLONE_VM | CLONE_FS | 0x400 | 0x800 | CLONE_THREAD,
	 EINVAL, PENDING_PID, 6012, "copy_process", "thread"},
	{"vfork pending time on 6.1", NSL_SYS_VFORK, 0, EINVAL, PENDING_TIME, 6001, "copy_process",
	 "6.2"},
	{"clone VM pending time on 6.1", NSL_SYS_CLONE, CLONE_VM | 0x4000 | 17, EINVAL,
	 PENDING_TIME, 6001, "copy_process", "6.2"},
	{"clone NEWUTS unprivileged", NSL_SYS_CLONE, NSL_NEWUTS | 17, EPERM, 0, 6012,
	 "copy_namespaces", "CAP_SYS_ADMIN"},
	{"clone NEWUSER chrooted", NSL_SYS_CLONE, NSL_NEWUSER | 17, EPERM, 0, 6012,
	 "create_user_ns", "chroot"},
	{"clone limit", NSL_SYS_CLONE, NSL_NEWUTS | 17, ENOSPC, 0, 6012, "copy_utsname", "limit"},
	{"clone limit of many", NSL_SYS_CLONE, NSL_NEWUTS | NSL_NEWNET | 17, ENOSPC, 0, 6012,
	 "one of copy_*()", "limit"},
	{"clone NEWNET killed", NSL_SYS_CLONE, NSL_NEWNET | 17, EINTR, 0, 6012, "copy_net_ns",
	 "killed"},
	{"clone signal pending", NSL_SYS_CLONE, 17, 513, 0, 6012, "copy_process", "again"},

	{"unshare bad bit", NSL_SYS_UNSHARE, 1, EINVAL, 0, 6012, "check_unshare_flags", "a flag"},
	{"unshare NEWPID twice", NSL_SYS_UNSHARE, NSL_NEWPID, EINVAL, PENDING_PID, 6012,
	 "copy_pid_ns", "pending"},
	{"unshare NEWPID, no views", NSL_SYS_UNSHARE, NSL_NEWPID, EINVAL, NO_VIEWS, 6012,
	 "copy_pid_ns", "one of"},
	{"unshare NEWUSER threads", NSL_SYS_UNSHARE, NSL_NEWUSER, EINVAL, 0, 6012,
	 "check_unshare_flags", "thread"},
	{"unshare VM threads", NSL_SYS_UNSHARE, CLONE_VM, EINVAL, 0, 6012, "check_unshare_flags",
	 "thread"},
	{"unshare NEWUTS unprivileged", NSL_SYS_UNSHARE, NSL_NEWUTS, EPERM, 0, 6012,
	 "unshare_nsproxy_namespaces", "CAP_SYS_ADMIN"},
	{"unshare NEWUSER unmapped", NSL_SYS_UNSHARE, NSL_NEWUSER, EPERM, 0, 6012, "create_user_ns",
	 "mapping"},
	{"unshare limit uts", NSL_SYS_UNSHARE, NSL_NEWUTS, ENOSPC, 0, 6012, "copy_utsname",
	 "limit"},
	{"unshare limit user", NSL_SYS_UNSHARE, NSL_NEWUSER, ENOSPC, 0, 6012, "create_user_ns",
	 "limit"},
	{"unshare limit pid", NSL_SYS_UNSHARE, NSL_NEWPID, ENOSPC, 0, 6012, "copy_pid_ns", "32"},
	{"unshare memory", NSL_SYS_UNSHARE, NSL_NEWUTS, ENOMEM, 0, 6012, "ksys_unshare", "memory"},
	{"unshare ucounts", NSL_SYS_UNSHARE, NSL_NEWUSER, EAGAIN, 0, 6012, "set_cred_ucounts",
	 "counters"},
	{"unshare NEWTIME on 5.4", NSL_SYS_UNSHARE, NSL_NEWTIME, EINVAL, 0, 5004,
	 "check_unshare_flags", "5.6"},

	{"setns bad descriptor", NSL_SYS_SETNS, 0, EBADF, 0, 6012, "setns", "not open"},
	{"setns mismatch", NSL_SYS_SETNS, NSL_NEWNET, EINVAL, TO_UTS, 6012, "setns",
	 "another type"},
	{"setns plain file", NSL_SYS_SETNS, 0, EINVAL, TO_FILE, 6012, "setns", "neither"},
	{"setns pidfd 0", NSL_SYS_SETNS, 0, EINVAL, TO_PIDFD, 6012, "check_setns_flags",
	 "nstype is 0"},
	{"setns pidfd bad bits", NSL_SYS_SETNS, 1, EINVAL, TO_PIDFD, 6012, "check_setns_flags",
	 "bits"},
	{"setns pidfd gone", NSL_SYS_SETNS, NSL_NEWNS, ESRCH, TO_PIDFD, 6012, "validate_nsset",
	 "gone"},
	{"setns pidfd on 5.4", NSL_SYS_SETNS, NSL_NEWNS, EINVAL, TO_PIDFD, 5004, "setns", "5.8"},
	{"setns own user", NSL_SYS_SETNS, 0, EINVAL, TO_OWN_USER, 6012, "userns_install",
	 "caller is in"},
	{"setns user threads", NSL_SYS_SETNS, 0, EINVAL, TO_USER, 6012, "userns_install", "thread"},
	{"setns mnt threads", NSL_SYS_SETNS, 0, EINVAL, TO_MNT, 6012, "mntns_install",
	 "root and working"},
	{"setns pid ancestor", NSL_SYS_SETNS, 0, EINVAL, TO_PID, 6012, "pidns_install", "below"},
	{"setns time threads", NSL_SYS_SETNS, 0, EUSERS, TO_TIME, 6012, "timens_install", "thread"},
	{"setns host uts", NSL_SYS_SETNS, NSL_NEWUTS, EPERM, TO_UTS, 6012, "utsns_install",
	 "CAP_SYS_ADMIN"},
	{"setns mnt unprivileged", NSL_SYS_SETNS, 0, EPERM, TO_MNT, 6012, "mntns_install",
	 "CAP_SYS_CHROOT"},
	{"setns pidfd unprivileged", NSL_SYS_SETNS, NSL_NEWUTS, EPERM, TO_PIDFD, 6012,
	 "validate_nsset or one of *_install()", "ptrace"},
};

static void aim(struct nsm_call *call, enum nsl_type type, uint64_t id)
{
	call->target_kind = NSL_TARGET_NSFS;
	call->target_type = type;
	call->target = ref(id, 4026532999);
}

static void set_up(struct nsm_call *call, struct nsm_step *step, enum extra extra)
{
	switch (extra) {
	case PENDING_PID:
	case COPIED_PENDING:
		call->before.slot[NSL_SLOT_PID_FOR_CHILDREN] = ref(77, 4026532888);
		break;
	case PENDING_TIME:
		call->before.slot[NSL_SLOT_TIME_FOR_CHILDREN] = ref(78, 4026532889);
		break;
	case TO_UTS:
		aim(call, NSL_UTS, 50);
		break;
	case TO_MNT:
		aim(call, NSL_MNT, 50);
		break;
	case TO_USER:
		aim(call, NSL_USER, 50);
		break;
	case TO_OWN_USER:
		aim(call, NSL_USER, 8);
		break;
	case TO_PID:
		aim(call, NSL_PID, 50);
		break;
	case TO_TIME:
		aim(call, NSL_TIME, 50);
		break;
	case TO_PIDFD:
		call->target_kind = NSL_TARGET_PIDFD;
		call->target_pid = 99;
		break;
	case TO_FILE:
		call->target_kind = NSL_TARGET_OTHER;
		break;
	case NO_VIEWS:
		call->has_views = false;
		break;
	default:
		break;
	}
	if (extra == COPIED || extra == COPIED_PENDING) {
		*step = a_step(NSL_FN_copy_namespaces, 0, NSM_DONE);
		call->steps = step;
		call->nsteps = 1;
	}
}

/* The words that stand where no row fits. */
static bool fallback(const struct nse_failure *f)
{
	return strstr(f->check, "no check of the kernel's") ||
	       strstr(f->check, "own checks there do not");
}

static void observed(struct checks *c)
{
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		const struct seen *s = &seen[i];
		struct nsm_call call = a_call(s->syscall, s->flags);
		struct nsm_step step;
		struct nse_failure f;

		fail(&call, s->err);
		set_up(&call, &step, s->extra);
		nse_failure(&call, s->kernel, &f);
		check(c, s->name,
		      !fallback(&f) && f.inferred && !strcmp(f.fn, s->fn) &&
			      strstr(f.check, s->word),
		      "%s: %s", f.fn, f.check);
	}
}

/* A hooked function that failed is the place, and nothing is inferred. */
static void by_hook(struct checks *c)
{
	static const struct {
		enum nsl_syscall syscall;
		enum nsl_fn fn;
		int err;
		uint64_t flags;
		const char *word;
	} rows[] = {
		{NSL_SYS_UNSHARE, NSL_FN_unshare_nsproxy_namespaces, EPERM, NSL_NEWUTS,
		 "CAP_SYS_ADMIN"},
		{NSL_SYS_CLONE, NSL_FN_copy_namespaces, EPERM, NSL_NEWUTS, "CAP_SYS_ADMIN"},
		{NSL_SYS_CLONE, NSL_FN_copy_namespaces, EINVAL, NSL_NEWIPC | CLONE_SYSVSEM,
		 "CLONE_SYSVSEM"},
		{NSL_SYS_UNSHARE, NSL_FN_create_new_namespaces, ENOMEM, NSL_NEWUTS, "memory"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_mnt_ns, ENOSPC, NSL_NEWNS, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_utsname, ENOSPC, NSL_NEWUTS, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_ipcs, ENOSPC, NSL_NEWIPC, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_pid_ns, ENOSPC, NSL_NEWPID, "32"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_pid_ns, EINVAL, NSL_NEWPID, "owner"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_cgroup_ns, EPERM, NSL_NEWCGROUP, "CAP_SYS_ADMIN"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_cgroup_ns, ENOSPC, NSL_NEWCGROUP, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_net_ns, EINTR, NSL_NEWNET, "killed"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_net_ns, ENOSPC, NSL_NEWNET, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_copy_time_ns, ENOSPC, NSL_NEWTIME, "limit"},
		{NSL_SYS_UNSHARE, NSL_FN_create_user_ns, EPERM, NSL_NEWUSER, "chroot"},
		{NSL_SYS_UNSHARE, NSL_FN_create_user_ns, ENOSPC, NSL_NEWUSER, "33"},
		{NSL_SYS_SETNS, NSL_FN_mntns_install, EINVAL, NSL_NEWNS, "CLONE_FS"},
		{NSL_SYS_SETNS, NSL_FN_utsns_install, EPERM, NSL_NEWUTS, "twice"},
		{NSL_SYS_SETNS, NSL_FN_ipcns_install, EPERM, NSL_NEWIPC, "twice"},
		{NSL_SYS_SETNS, NSL_FN_pidns_install, EINVAL, NSL_NEWPID, "below"},
		{NSL_SYS_SETNS, NSL_FN_cgroupns_install, EPERM, NSL_NEWCGROUP, "twice"},
		{NSL_SYS_SETNS, NSL_FN_netns_install, EPERM, NSL_NEWNET, "twice"},
		{NSL_SYS_SETNS, NSL_FN_timens_install, EUSERS, NSL_NEWTIME, "thread"},
		{NSL_SYS_SETNS, NSL_FN_userns_install, EINVAL, NSL_NEWUSER, "own user"},
		{NSL_SYS_SETNS, NSL_FN_userns_install, EPERM, NSL_NEWUSER, "CAP_SYS_ADMIN"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nsm_call call = a_call(rows[i].syscall, rows[i].flags);
		struct nsm_step step = a_step(rows[i].fn, 2, NSM_FAILED);
		struct nse_failure f;
		char name[96];

		fail(&call, rows[i].err);
		step.err = rows[i].err;
		call.steps = &step;
		call.nsteps = 1;
		nse_failure(&call, 6012, &f);
		snprintf(name, sizeof(name), "hooked %s %s", nsm_fn_name(rows[i].fn),
			 nsm_errno_name(rows[i].err));
		check(c, name,
		      !fallback(&f) && !f.inferred && !strcmp(f.fn, nsm_fn_name(rows[i].fn)) &&
			      strstr(f.check, rows[i].word),
		      "%s: %s", f.fn, f.check);
	}
}

/* The innermost failure decides, and an inner failure that was not hooked is looked for. */
static void innermost(struct checks *c)
{
	struct failure_story s;
	struct nse_failure f;

	unshare_refused(&s);
	nse_failure(&s.call, 6012, &f);
	check(c, "innermost failed step", !strcmp(f.fn, "copy_pid_ns") && !f.inferred, "%s", f.fn);

	s.call.nsteps = 2; /* the copies have no hooks */
	nse_failure(&s.call, 6012, &f);
	check(c, "unhooked inner failure", !strcmp(f.fn, "copy_pid_ns") && f.inferred, "%s", f.fn);

	s.steps[0].inferred = s.steps[1].inferred = s.steps[5].inferred = true;
	s.call.nsteps = ARRAY_LEN(s.steps);
	nse_failure(&s.call, 6012, &f);
	check(c, "inferred failed step", f.inferred, "%s", f.fn);
}

/* Whatever comes: an answer, and no table row with holes. */
static void every_errno(struct checks *c)
{
	bool whole = true;

	for (int syscall = 0; syscall < NSL_SYSCALLS; syscall++) {
		for (int err = 1; err < 600; err++) {
			struct nsm_call call = a_call((enum nsl_syscall)syscall, 0);
			struct nse_failure f;

			fail(&call, err);
			nse_failure(&call, 0, &f);
			whole = whole && f.fn && *f.fn && f.check && *f.check;
		}
	}
	check(c, "an answer for every errno", whole, "a failure without function or check");

	for (size_t i = 0; i < nse_by_step_count; i++)
		whole = whole && nse_by_step[i].fn && nse_by_step[i].check && !nse_by_step[i].place;
	for (size_t i = 0; i < nse_by_call_count; i++)
		whole = whole && !nse_by_call[i].fn && nse_by_call[i].check &&
			nse_by_call[i].place && nse_by_call[i].calls;
	check(c, "rows are whole", whole, "a row lacks function, place, calls or check");
}

static bool covers(const struct nse_row *a, const struct nse_row *b)
{
	return (!a->calls || (b->calls && !(b->calls & ~a->calls))) && a->fn == b->fn &&
	       (!a->err || a->err == b->err) && !(a->all & ~b->all) &&
	       (!a->any || (b->any && !(b->any & ~a->any)) || (b->all & a->any)) &&
	       !(a->none & ~b->none) && !(a->so & ~b->so) &&
	       (!a->since || (b->since && b->since >= a->since)) &&
	       (!a->before || (b->before && b->before <= a->before));
}

static void hidden(struct checks *c, const char *name, const struct nse_row *rows, size_t n)
{
	for (size_t later = 0; later < n; later++) {
		for (size_t first = 0; first < later; first++) {
			if (!covers(&rows[first], &rows[later]))
				continue;
			check(c, name, false, "row %zu hides row %zu: %s", first, later,
			      rows[later].check);
			return;
		}
	}
	check(c, name, true, " ");
}

int main(void)
{
	struct checks c = {0};

	observed(&c);
	by_hook(&c);
	innermost(&c);
	every_errno(&c);
	hidden(&c, "no row by step is hidden", nse_by_step, nse_by_step_count);
	hidden(&c, "no row by call is hidden", nse_by_call, nse_by_call_count);
	return finish(&c);
}
