// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the row that explains a failure. */
#include "failures.h"

static bool happened(const struct nsm_step *step)
{
	return step->outcome != NSM_FAILED && step->outcome != NSM_NOT_REACHED &&
	       step->outcome != NSM_UNDONE;
}

static bool is_install(enum nsl_fn fn)
{
	return fn >= NSL_FN_mntns_install && fn <= NSL_FN_userns_install;
}

/* The innermost function that failed with the errno of the call, or NULL. */
static const struct nsm_step *failed_step(const struct nsm_call *call)
{
	const struct nsm_step *found = NULL;

	for (size_t i = 0; i < call->nsteps; i++) {
		const struct nsm_step *step = &call->steps[i];

		if (step->outcome != NSM_FAILED || step->err != call->err)
			continue;
		if (!found || step->depth >= found->depth)
			found = step;
	}
	return found;
}

uint64_t nse_flags_of(const struct nsm_call *call)
{
	switch (call->syscall) {
	case NSL_SYS_CLONE:
		/* higher bits never reach the kernel */
		return (call->raw_flags & 0xffffff00ULL) | call->new_flags;
	case NSL_SYS_SETNS:
		if (call->target_kind == NSL_TARGET_NSFS)
			return nsm_type_bit(call->target_type);
		return call->raw_flags;
	case NSL_SYS_CLONE3:
	case NSL_SYS_UNSHARE:
		return call->raw_flags | call->new_flags;
	case NSL_SYS_VFORK: /* what makes it one */
		return call->new_flags | NSE_VM;
	default:
		return call->new_flags;
	}
}

static uint64_t known_flags(enum nsl_syscall syscall, nse_kernel kernel)
{
	bool empty_mntns = !kernel || kernel >= 7001;

	switch (syscall) {
	case NSL_SYS_CLONE3: /* six flags above the old 32 since 7.1, two before */
		return 0xffffffffULL | (empty_mntns ? 0x3fULL << 32 : 0x3ULL << 32);
	case NSL_SYS_UNSHARE:
		return NSL_NEW_ALL | NSE_THREAD | NSE_FS | NSE_SIGHAND | NSE_VM | NSE_FILES |
		       NSE_SYSVSEM | (empty_mntns ? NSE_UNSHARE_EMPTY_MNTNS : 0);
	case NSL_SYS_SETNS:
		return NSL_NEW_ALL;
	default:
		return ~0ULL;
	}
}

static unsigned int from_views(const struct nsm_call *call)
{
	const struct nsl_ref *slot = call->before.slot;
	unsigned int so = 0;

	if (!call->has_views)
		return 0;
	if (slot[NSL_SLOT_PID_ACTIVE].obj && slot[NSL_SLOT_PID_FOR_CHILDREN].obj)
		so |= slot[NSL_SLOT_PID_ACTIVE].obj != slot[NSL_SLOT_PID_FOR_CHILDREN].obj
			      ? NSE_PENDING_PID
			      : NSE_NO_PENDING_PID;
	if (slot[NSL_SLOT_TIME].obj != slot[NSL_SLOT_TIME_FOR_CHILDREN].obj)
		so |= NSE_PENDING_TIME;
	if (call->target_kind == NSL_TARGET_NSFS && call->target_type == NSL_USER &&
	    call->target.obj && call->target.obj == slot[NSL_SLOT_USER].obj)
		so |= NSE_OWN_USER;
	return so;
}

static unsigned int from_steps(const struct nsm_call *call)
{
	unsigned int so = call->nsteps ? NSE_NO_INSTALL : 0;

	for (size_t i = 0; i < call->nsteps; i++) {
		const struct nsm_step *step = &call->steps[i];

		if (step->fn == NSL_FN_copy_namespaces && happened(step))
			so |= NSE_COPIED;
		if (step->fn == NSL_FN_create_user_ns && happened(step))
			so |= NSE_USER_MADE;
		if (is_install(step->fn) && step->outcome != NSM_NOT_REACHED)
			so &= ~(unsigned int)NSE_NO_INSTALL;
	}
	return so;
}

unsigned int nse_circumstances(const struct nsm_call *call, nse_kernel kernel)
{
	uint64_t types = nse_flags_of(call) & NSL_NEW_ALL;
	unsigned int so = from_views(call) | from_steps(call);

	if (call->syscall == NSL_SYS_SETNS) {
		if (call->target_kind == NSL_TARGET_NSFS)
			so |= NSE_NSFS;
		if (call->target_kind == NSL_TARGET_PIDFD)
			so |= NSE_TARGET_PIDFD;
		if (call->target_kind == NSL_TARGET_OTHER)
			so |= NSE_TARGET_OTHER;
		if (call->target_kind == NSL_TARGET_NSFS && call->raw_flags &&
		    call->raw_flags != nsm_type_bit(call->target_type))
			so |= NSE_MISMATCH;
	}
	if (call->raw_flags & ~known_flags(call->syscall, kernel))
		so |= NSE_UNKNOWN_FLAG;
	if (!call->raw_flags)
		so |= NSE_NO_FLAGS;
	if (types && !(types & (types - 1)))
		so |= NSE_ONE_TYPE;
	if (call->syscall == NSL_SYS_CLONE3) {
		/* 5.4 knew no CLONE_NEWTIME there */
		uint64_t signal = kernel && kernel < 5006 ? 0xff : 0x7f;

		if (call->raw_flags & signal)
			so |= NSE_SIGNAL_BITS;
	}
	return so;
}

struct facts {
	uint32_t call;
	enum nsl_fn fn;
	int err;
	uint64_t flags;
	unsigned int so;
	nse_kernel kernel;
};

static bool matches(const struct nse_row *row, const struct facts *f)
{
	return (!row->calls || row->calls & f->call) && row->fn == f->fn &&
	       (!row->err || row->err == f->err) && (f->flags & row->all) == row->all &&
	       (!row->any || f->flags & row->any) && !(f->flags & row->none) &&
	       (f->so & row->so) == row->so &&
	       (!f->kernel || ((!row->since || f->kernel >= row->since) &&
			       (!row->before || f->kernel < row->before)));
}

static const struct nse_row *find(const struct nse_row *rows, size_t n, const struct facts *f)
{
	for (size_t i = 0; i < n; i++)
		if (matches(&rows[i], f))
			return &rows[i];
	return NULL;
}

/* Functions that only hand on what a function inside them returned. */
static bool hands_on(enum nsl_fn fn)
{
	return fn == NSL_FN_copy_namespaces || fn == NSL_FN_unshare_nsproxy_namespaces ||
	       fn == NSL_FN_create_new_namespaces;
}

void nse_failure(const struct nsm_call *call, nse_kernel kernel, struct nse_failure *f)
{
	const struct nsm_step *step = failed_step(call);
	const struct nse_row *row = NULL;
	struct facts facts = {
		.call = call->syscall < NSL_SYSCALLS ? 1u << call->syscall : 0,
		.fn = step ? step->fn : NSL_FN_NONE,
		.err = call->err,
		.flags = nse_flags_of(call),
		.kernel = kernel,
	};

	facts.so = nse_circumstances(call, kernel);
	*f = (struct nse_failure){.inferred = !step || step->inferred};

	if (step) {
		f->fn = nsm_fn_name(step->fn);
		row = find(nse_by_step, nse_by_step_count, &facts);
		if (row) {
			f->check = row->check;
			f->remedy = row->remedy;
			return;
		}
		if (!hands_on(step->fn)) {
			f->check =
				"it returned this errno; the kernel's own checks there do not, so "
				"a security module or another extension may have decided";
			return;
		}
		facts.fn = NSL_FN_NONE;
	}
	f->inferred = true;
	row = find(nse_by_call, nse_by_call_count, &facts);
	if (!row) {
		if (!f->fn)
			f->fn = nsm_syscall_name(call->syscall);
		f->check = "no check of the kernel's namespace code gives this errno; a seccomp "
			   "filter, a security module or another part of the call decided";
		return;
	}
	f->fn = row->place;
	f->check = row->check;
	f->remedy = row->remedy;
}
