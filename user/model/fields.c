// SPDX-License-Identifier: GPL-2.0-only
#include "fields.h"

#include <string.h>

#define SIZE(T, member) ((uint16_t)sizeof(((T *)0)->member))
#define FIELD(T, member, form, sense)                                                              \
	{                                                                                          \
#member, (uint16_t)offsetof(T, member), SIZE(T, member), form, sense               \
	}
#define U(T, member)	    FIELD(T, member, NSM_UNSIGNED, NSM_PLAIN)
#define S(T, member)	    FIELD(T, member, NSM_SIGNED, NSM_PLAIN)
#define AS(T, member, what) FIELD(T, member, NSM_UNSIGNED, what)
#define REF(T, member)	    FIELD(T, member, NSM_REF, NSM_PLAIN)
#define VIEW(T, member)	    FIELD(T, member, NSM_VIEW, NSM_PLAIN)
#define COMM(T, member)	    FIELD(T, member, NSM_TEXT, NSM_COMM)
#define ZEROS(T, member)    FIELD(T, member, NSM_TEXT, NSM_PLAIN)
#define ABOUT_OF(T, member, label, form, sense)                                                    \
	{                                                                                          \
		label, (uint16_t)offsetof(T, member), SIZE(T, member), form, sense                 \
	}
#define ABOUT(member, label, form, sense) ABOUT_OF(T, member, label, form, sense)
#define TAIL(T, member, what)                                                                      \
	{                                                                                          \
#member, (uint16_t)sizeof(T), 0, NSM_TAIL, what                                    \
	}

#define H struct nsl_head
const struct nsm_field nsm_head_fields[] = {
	U(H, version),
	U(H, hook),
	{"head_zero", (uint16_t)offsetof(H, zero), SIZE(H, zero), NSM_TEXT, NSM_PLAIN},
	U(H, ts),
	U(H, lost),
	AS(H, cgroup, NSM_ID),
	AS(H, pid, NSM_PID),
	AS(H, tid, NSM_PID),
	COMM(H, comm),
};
#undef H
const size_t nsm_nhead_fields = sizeof(nsm_head_fields) / sizeof(*nsm_head_fields);

#define B struct nsl_call_begin
static const struct nsm_field begin[] = {
	U(B, syscall),	 U(B, flags),	  U(B, target_kind), U(B, target_type),		 S(B, fd),
	U(B, raw_flags), U(B, new_flags), REF(B, target),    AS(B, target_pid, NSM_PID), U(B, zero),
	VIEW(B, before),
};
#undef B

#define E struct nsl_call_end
static const struct nsm_field end[] = {
	U(E, syscall),	 U(E, flags),	  ZEROS(E, zero), FIELD(E, ret, NSM_SIGNED, NSM_RESULT),
	U(E, raw_flags), U(E, new_flags), VIEW(E, after),
};
#undef E

#define T struct nsl_step
static const struct nsm_field step[] = {
	U(T, fn),      U(T, flags),	     U(T, level), S(T, ret),	 U(T, new_flags),
	U(T, nsproxy), AS(T, ns_id, NSM_ID), REF(T, ns),  REF(T, owner), REF(T, parent),
};
#undef T

/* what the head has of the task in whose context it happened, these have of the other one */
#define T struct nsl_task
static const struct nsm_field task[] = {
	U(T, event),
	U(T, zero1),
	U(T, own_nsproxy),
	U(T, state),
	ABOUT(pid, "task_pid", NSM_UNSIGNED, NSM_PID),
	ABOUT(tid, "task_tid", NSM_UNSIGNED, NSM_PID),
	AS(T, ppid, NSM_PID),
	AS(T, old_tid, NSM_PID),
	U(T, zero),
	U(T, clone_flags),
	U(T, start),
	ABOUT(cgroup, "task_cgroup", NSM_UNSIGNED, NSM_ID),
	ABOUT(comm, "task_comm", NSM_TEXT, NSM_COMM),
	VIEW(T, view),
};
#undef T

#define F struct nsl_ns_free
static const struct nsm_field gone[] = {
	REF(F, ns), ABOUT_OF(F, type, "ns_type", NSM_UNSIGNED, NSM_PLAIN), U(F, zero)};
#undef F

#define N struct nsl_ns
static const struct nsm_field ns[] = {
	REF(N, ns),
	REF(N, owner),
	REF(N, parent),
	AS(N, ns_id, NSM_ID),
	ABOUT_OF(N, type, "ns_type", NSM_UNSIGNED, NSM_PLAIN),
	U(N, level),
	U(N, refs),
	U(N, active),
	AS(N, owner_uid, NSM_UID),
	U(N, born),
	U(N, init_exited),
	ZEROS(N, zero),
};
#undef N

#define S_ struct nsl_snapshot
static const struct nsm_field snapshot[] = {U(S_, event), U(S_, number)};
#undef S_

#define T struct nsl_keeper
static const struct nsm_field keeper[] = {
	REF(T, ns),
	ABOUT_OF(T, type, "ns_type", NSM_UNSIGNED, NSM_PLAIN),
	ABOUT(kind, "keeper_kind", NSM_UNSIGNED, NSM_PLAIN),
	ABOUT(pid, "keeper_pid", NSM_UNSIGNED, NSM_PID),
	S(T, fd),
	AS(T, where, NSM_INUM),
	U(T, zero),
	ABOUT(comm, "keeper_comm", NSM_TEXT, NSM_COMM),
	TAIL(T, path, NSM_PATH),
};
#undef T

#define T struct nsl_milestone
static const struct nsm_field milestone[] = {
	U(T, what),
	ABOUT(flags, "milestone_flags", NSM_UNSIGNED, NSM_PLAIN),
	S(T, err),
	S(T, duration),
	ABOUT(pid, "about_pid", NSM_UNSIGNED, NSM_PID),
	ABOUT(tid, "about_tid", NSM_UNSIGNED, NSM_PID),
	ABOUT(detail[0], "detail0", NSM_UNSIGNED, NSM_PLAIN),
	ABOUT(detail[1], "detail1", NSM_UNSIGNED, NSM_PLAIN),
	REF(T, ns),
	U(T, ns_type),
	U(T, zero),
	FIELD(T, text, NSM_TEXT, NSM_WORDS),
	FIELD(T, where, NSM_TEXT, NSM_PATH),
};
#undef T

#define C struct nsl_cgroup
static const struct nsm_field cgroup[] = {AS(C, id, NSM_ID), TAIL(C, path, NSM_PATH)};
#undef C

#define T struct nsl_lost
static const struct nsm_field lost[] = {
	U(T, count), ABOUT(hook, "lost_hook", NSM_UNSIGNED, NSM_PLAIN), U(T, zero)};
#undef T

#define KIND(name, T, has_tail, table)                                                             \
	{                                                                                          \
		name, sizeof(T), has_tail, sizeof(table) / sizeof(*(table)), table                 \
	}

static const struct nsm_layout layouts[NSL_KINDS] = {
	[NSL_EV_CALL_BEGIN] = KIND("call_begin", struct nsl_call_begin, false, begin),
	[NSL_EV_CALL_END] = KIND("call_end", struct nsl_call_end, false, end),
	[NSL_EV_STEP_BEGIN] = KIND("step_begin", struct nsl_step, false, step),
	[NSL_EV_STEP] = KIND("step", struct nsl_step, false, step),
	[NSL_EV_TASK] = KIND("task", struct nsl_task, false, task),
	[NSL_EV_NS_FREE] = KIND("ns_free", struct nsl_ns_free, false, gone),
	[NSL_EV_UNPIN] = KIND("unpin", struct nsl_ns_free, false, gone),
	[NSL_EV_NS] = KIND("ns", struct nsl_ns, false, ns),
	[NSL_EV_SNAPSHOT] = KIND("snapshot", struct nsl_snapshot, false, snapshot),
	[NSL_EV_MILESTONE] = KIND("milestone", struct nsl_milestone, false, milestone),
	[NSL_EV_KEEPER] = KIND("keeper", struct nsl_keeper, true, keeper),
	[NSL_EV_CGROUP] = KIND("cgroup", struct nsl_cgroup, true, cgroup),
	[NSL_EV_LOST] = KIND("lost", struct nsl_lost, false, lost),
};

const struct nsm_layout *nsm_layout(unsigned int kind)
{
	return kind < NSL_KINDS && layouts[kind].name ? &layouts[kind] : NULL;
}

enum nsl_kind nsm_kind_named(const char *name)
{
	for (unsigned int kind = 0; kind < NSL_KINDS; kind++)
		if (layouts[kind].name && !strcmp(layouts[kind].name, name))
			return (enum nsl_kind)kind;
	return NSL_EV_NONE;
}

bool nsm_layout_fits(const struct nsm_layout *l, const struct nsl_head *event)
{
	const char *bytes = (const char *)event;

	if (event->size == l->size)
		return true;
	return l->tail && event->size > l->size && !bytes[event->size - 1];
}
