// SPDX-License-Identifier: GPL-2.0-only
/* What a whole call did, in sentences. */
#include "explain.h"
#include "text.h"

#include <inttypes.h>

#define TYPE(type) (1u << (type))

static unsigned int types_of_flags(uint64_t flags)
{
	unsigned int types = 0;

	for (int type = 0; type < NSL_TYPES; type++)
		if (flags & nsm_type_bit(type))
			types |= TYPE(type);
	return types;
}

static unsigned int types_of_slots(const struct nsm_call *call, enum nsm_how how)
{
	unsigned int types = 0;

	for (size_t i = 0; i < call->nslots; i++)
		if (call->slots[i].how == how)
			types |= TYPE(nsm_slot_type(call->slots[i].slot));
	return types;
}

static unsigned int types_of_steps(const struct nsm_call *call, enum nsm_outcome outcome)
{
	unsigned int types = 0;

	for (size_t i = 0; i < call->nsteps; i++)
		if (call->steps[i].outcome == outcome && call->steps[i].type < NSL_TYPES)
			types |= TYPE(call->steps[i].type);
	return types;
}

static const struct nsm_slot_change *slot_change(const struct nsm_call *call, enum nsl_slot slot)
{
	for (size_t i = 0; i < call->nslots; i++)
		if (call->slots[i].slot == slot)
			return &call->slots[i];
	return NULL;
}

static const struct nsm_step *step_of(const struct nsm_call *call, enum nsl_fn fn)
{
	for (size_t i = 0; i < call->nsteps; i++)
		if (call->steps[i].fn == fn && call->steps[i].outcome != NSM_NOT_REACHED)
			return &call->steps[i];
	return NULL;
}

static bool new_nsproxy(const struct nsm_call *call)
{
	return call->has_views && call->before.nsproxy && call->after.nsproxy &&
	       call->before.nsproxy != call->after.nsproxy;
}

/* "3 of 8 slots": those of the new nsproxy that still name the old namespace. */
static void shared_slots(const struct nsm_call *call, struct nse_text *t)
{
	unsigned int have = 0, same = 0;

	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		if (!call->after.slot[slot].obj)
			continue; /* no such type in this kernel */
		have++;
		same += call->after.slot[slot].obj == call->before.slot[slot].obj;
	}
	if (same == have)
		nse_sentence(
			t,
			"All %u slots of the new nsproxy#%llu name the same namespaces as before.",
			have, call->after.nsproxy);
	else
		nse_sentence(t,
			     "%u of the %u slots of the new nsproxy#%llu still name the namespaces "
			     "of nsproxy#%llu.",
			     same, have, call->after.nsproxy, call->before.nsproxy);
}

static void old_nsproxy(const struct nsm_call *call, struct nse_text *t)
{
	const struct nsm_step *freed = step_of(call, NSL_FN_free_nsproxy);

	if (!freed)
		freed = step_of(call, NSL_FN_nsproxy_ns_active_put);
	if (freed && new_nsproxy(call) && freed->nsproxy == call->before.nsproxy)
		nse_sentence(t, "nsproxy#%llu had no other user and was freed.",
			     call->before.nsproxy);
}

static const char *plural(unsigned int types)
{
	return nse_count(types) > 1 ? "namespaces" : "namespace";
}

static const char *time_moment(nse_kernel kernel)
{
	return kernel && kernel < 6002 ? "at the next fork" : "at the next fork or exec";
}

static void explain_unshare(const struct nsm_call *call, nse_kernel kernel, struct nse_text *t)
{
	char list[NSE_LIST_LEN];
	unsigned int made = types_of_slots(call, NSM_HOW_CREATED) |
			    types_of_steps(call, NSM_CREATED) | types_of_flags(call->new_flags);

	if (!made) {
		nse_sentence(t, "No namespace was asked for and none changed.");
		return;
	}
	nse_sentence(t, "Created %s%s %s for the caller.", nse_count(made) > 1 ? "" : "a new ",
		     nse_type_list(made, list), plural(made));
	if (made & TYPE(NSL_PID))
		nse_sentence(t, "The pid namespace takes effect at the next fork: the caller stays "
				"where it is, its first child becomes pid 1.");
	if (made & TYPE(NSL_TIME))
		nse_sentence(t, "The time namespace takes effect %s.", time_moment(kernel));
	if (made & TYPE(NSL_USER)) {
		nse_sentence(t, "The user namespace is not a slot: it changed in the caller's "
				"credentials, where the caller now has every capability.");
		if (made == TYPE(NSL_USER) && call->has_views && !new_nsproxy(call) &&
		    call->after.nsproxy)
			nse_sentence(t, "nsproxy#%llu stays in use.", call->after.nsproxy);
	}
	if (new_nsproxy(call))
		shared_slots(call, t);
	old_nsproxy(call, t);
}

static void child_numbers(const struct nsm_call *call, struct nse_text *t)
{
	if (call->child && call->child_ns_pid && call->child_ns_pid != call->child)
		nse_sentence(t,
			     "Inside its pid namespace the child %" PRIu32 " is pid %" PRIu32 ".",
			     call->child, call->child_ns_pid);
	if (call->child && call->ret > 0 && call->ret != call->child)
		nse_sentence(t, "The caller knows it as %" PRId64 ".", call->ret);
}

static void explain_clone(const struct nsm_call *call, struct nse_text *t)
{
	char list[NSE_LIST_LEN];
	unsigned int made = types_of_slots(call, NSM_HOW_CREATED) |
			    types_of_steps(call, NSM_CREATED) | types_of_flags(call->new_flags);
	bool entered_pid = !(made & TYPE(NSL_PID)) && slot_change(call, NSL_SLOT_PID_ACTIVE);
	bool entered_time = !(made & TYPE(NSL_TIME)) && slot_change(call, NSL_SLOT_TIME);

	if (made)
		nse_sentence(t, "Created %s%s %s for the child.",
			     nse_count(made) > 1 ? "" : "a new ", nse_type_list(made, list),
			     plural(made));
	else if (new_nsproxy(call))
		nse_sentence(t, "Nothing was created, but the child got its own nsproxy#%llu.",
			     call->after.nsproxy);
	else if (call->has_views && call->after.nsproxy)
		nse_sentence(t,
			     "The child shares nsproxy#%llu with its parent: one more reference, "
			     "nothing is copied.",
			     call->after.nsproxy);
	else
		nse_sentence(t, "The child shares every namespace with its parent.");
	if (entered_pid)
		nse_sentence(t,
			     "It was born into the pid namespace that was pending for children.");
	if (entered_time)
		nse_sentence(t, "It entered the pending time namespace.");
	child_numbers(call, t);
	if (made & TYPE(NSL_USER))
		nse_sentence(t, "The user namespace is not a slot: it came first, in the child's "
				"credentials, so that it owns the others.");
	if (made && new_nsproxy(call))
		shared_slots(call, t);
}

static void explain_setns(const struct nsm_call *call, struct nse_text *t)
{
	char list[NSE_LIST_LEN];
	unsigned int joined = types_of_slots(call, NSM_HOW_INSTALLED);
	unsigned int asked = call->target_kind == NSL_TARGET_NSFS && call->target_type < NSL_TYPES
				     ? TYPE(call->target_type)
				     : types_of_flags(call->new_flags);

	if (!joined && !call->has_views)
		joined = asked;
	if (joined)
		nse_sentence(t, "Joined the %s %s", nse_type_list(joined, list), plural(joined));
	else if (call->has_views)
		nse_sentence(t, "The caller was there already: every slot names the same namespace "
				"as before");
	else
		nse_sentence(t, "Joined namespaces that were not seen");
	if ((joined || !call->has_views) && call->target_kind == NSL_TARGET_PIDFD &&
	    call->target_pid)
		nse_add(t, " of process %" PRIu32, call->target_pid);
	nse_add(t, ".");
	if (new_nsproxy(call))
		nse_sentence(t,
			     "setns changed a private copy, nsproxy#%llu, and switched to it in "
			     "one go: all of it or nothing.",
			     call->after.nsproxy);
	if (joined & TYPE(NSL_PID))
		nse_sentence(t, "The pid namespace takes effect at the next fork.");
	if (joined & TYPE(NSL_TIME))
		nse_sentence(
			t, "The time namespace changed at once, for the caller and its children.");
	if (joined & TYPE(NSL_MNT))
		nse_sentence(t,
			     "Root and working directory are now the root of the joined mounts.");
	if (joined & TYPE(NSL_USER))
		nse_sentence(t, "The user namespace is not a slot: it changed in the caller's "
				"credentials.");
	if (new_nsproxy(call) && joined && joined != TYPE(NSL_USER))
		shared_slots(call, t);
	old_nsproxy(call, t);
}

static void explain_exec(const struct nsm_call *call, struct nse_text *t)
{
	const struct nsm_slot_change *time = slot_change(call, NSL_SLOT_TIME);

	if (time || step_of(call, NSL_FN_exec_task_namespaces)) {
		if (time && time->after.inum)
			nse_sentence(t,
				     "The new program runs in the time namespace that was pending, "
				     "time:[%" PRIu32 "].",
				     time->after.inum);
		else if (time || new_nsproxy(call))
			nse_sentence(
				t, "The new program runs in the time namespace that was pending.");
		else
			nse_sentence(t,
				     "No time namespace was pending: exec changed no namespace.");
		if (new_nsproxy(call))
			nse_sentence(
				t, "For that exec made nsproxy#%llu; the other slots are the same.",
				call->after.nsproxy);
		old_nsproxy(call, t);
		return;
	}
	nse_sentence(t, "A new program, in the same namespaces.");
}

bool nse_drops_nsproxy(const struct nsm_call *call)
{
	if (call->syscall != NSL_SYS_EXIT)
		return false;
	/* without function hooks the count, read as the exit began, must do */
	return step_of(call, NSL_FN_free_nsproxy) || step_of(call, NSL_FN_nsproxy_ns_active_put) ||
	       (call->has_views && call->before.nsproxy_count == 1);
}

bool nse_ends_pid_ns(const struct nsm_call *call)
{
	return step_of(call, NSL_FN_zap_pid_ns_processes);
}

static void explain_exit(const struct nsm_call *call, struct nse_text *t)
{
	char list[NSE_LIST_LEN];
	unsigned int gone = types_of_slots(call, NSM_HOW_DROPPED);
	unsigned long long nsproxy = call->has_views ? call->before.nsproxy : 0;

	if (nse_ends_pid_ns(call))
		nse_sentence(t, "It was pid 1 of its pid namespace: whoever was left in there was "
				"killed, and no new process can be born in it.");
	if (nse_ends_pid_ns(call) && !nse_drops_nsproxy(call))
		return; /* its nsproxy went before, in a call of its own */
	if (nse_drops_nsproxy(call)) {
		if (nsproxy)
			nse_sentence(
				t, "The last task of nsproxy#%llu is gone, and the nsproxy with it",
				nsproxy);
		else
			nse_sentence(
				t, "The last task of its nsproxy is gone, and the nsproxy with it");
		if (gone)
			nse_add(t, ": one reference less on its %s %s", nse_type_list(gone, list),
				plural(gone));
		nse_add(t, ". A namespace that nothing else keeps (a descriptor, a bind mount, a "
			   "child) dies now or soon after.");
	} else if (nsproxy) {
		nse_sentence(
			t,
			"The task gave up its reference on nsproxy#%llu; other tasks still use it.",
			nsproxy);
	} else {
		nse_sentence(t, "The task gave up its reference on its nsproxy.");
	}
}

static void explain_failure(const struct nsm_call *call, nse_kernel kernel, struct nse_text *t)
{
	char list[NSE_LIST_LEN];
	struct nse_failure f;
	unsigned int undone = types_of_steps(call, NSM_CREATED);

	nse_failure(call, kernel, &f);
	nse_sentence(t, "%srefused by %s: %s.", f.inferred ? "inferred: " : "", f.fn, f.check);
	if (f.remedy)
		nse_sentence(t, "Remedy: %s.", f.remedy);
	if (undone)
		nse_sentence(t, "The new %s %s made before that %s put and %s gone again.",
			     nse_type_list(undone, list), plural(undone),
			     nse_count(undone) > 1 ? "were" : "was",
			     nse_count(undone) > 1 ? "are" : "is");
	if (call->syscall != NSL_SYS_EXEC)
		nse_sentence(t, "The caller's namespaces are unchanged.");
}

const char *nse_call(const struct nsm_call *call, nse_kernel kernel, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (call->err) {
		explain_failure(call, kernel, &t);
	} else if (!call->end_seen) {
		nse_sentence(&t, call->died
					 ? "The task died inside the call, so there is no result."
					 : "The call was still in the kernel when tracing ended.");
	} else {
		switch (call->syscall) {
		case NSL_SYS_UNSHARE:
			explain_unshare(call, kernel, &t);
			break;
		case NSL_SYS_SETNS:
			explain_setns(call, &t);
			break;
		case NSL_SYS_EXEC:
			explain_exec(call, &t);
			break;
		case NSL_SYS_EXIT:
			explain_exit(call, &t);
			break;
		case NSL_SYS_CLONE:
		case NSL_SYS_CLONE3:
		case NSL_SYS_FORK:
		case NSL_SYS_VFORK:
			explain_clone(call, &t);
			break;
		default:
			nse_sentence(
				&t, "Namespaces changed outside of any system call that was seen.");
		}
	}
	if (!call->begin_seen)
		nse_sentence(&t,
			     "It had begun before tracing did, so what came first is not known.");
	if (call->gap)
		nse_sentence(&t, "Events were lost while it ran: steps may be missing.");
	return buf;
}
