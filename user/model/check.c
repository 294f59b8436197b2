// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this event one of ours? Recordings come from anywhere: every number that
 * later becomes an index is checked here, once.
 */
#include <string.h>

#include "internal.h"

static const size_t sizes[NSL_KINDS] = {
	[NSL_EV_CALL_BEGIN] = sizeof(struct nsl_call_begin),
	[NSL_EV_CALL_END] = sizeof(struct nsl_call_end),
	[NSL_EV_STEP_BEGIN] = sizeof(struct nsl_step),
	[NSL_EV_STEP] = sizeof(struct nsl_step),
	[NSL_EV_TASK] = sizeof(struct nsl_task),
	[NSL_EV_NS_FREE] = sizeof(struct nsl_ns_free),
	[NSL_EV_UNPIN] = sizeof(struct nsl_ns_free),
	[NSL_EV_NS] = sizeof(struct nsl_ns),
	[NSL_EV_SNAPSHOT] = sizeof(struct nsl_snapshot),
	[NSL_EV_KEEPER] = sizeof(struct nsl_keeper),
	[NSL_EV_CGROUP] = sizeof(struct nsl_cgroup) + 1,
	[NSL_EV_LOST] = sizeof(struct nsl_lost),
	[NSL_EV_MILESTONE] = sizeof(struct nsl_milestone),
};

static bool type_valid(uint32_t type)
{
	return type < NSL_TYPES || type == NSL_TYPE_UNKNOWN;
}

static bool begin_valid(const struct nsl_call_begin *e)
{
	return e->syscall != NSL_SYS_NONE && e->syscall < NSL_SYSCALLS &&
	       e->target_kind <= NSL_TARGET_OTHER && type_valid(e->target_type);
}

static bool step_valid(const struct nsl_step *e)
{
	return e->fn != NSL_FN_NONE && e->fn < NSL_FNS && e->ret >= -NSM_MAX_ERRNO;
}

static bool ns_valid(const struct nsl_ns *e)
{
	return type_valid(e->type) && e->init_exited <= (e->type == NSL_PID);
}

static bool keeper_valid(const struct nsl_keeper *e)
{
	size_t text = e->head.size - sizeof(*e);

	return type_valid(e->type) && e->kind < NSL_KEEPERS &&
	       (!text || memchr(e->path, '\0', text) != NULL);
}

static bool cgroup_valid(const struct nsl_cgroup *e)
{
	return memchr(e->path, '\0', e->head.size - sizeof(*e)) != NULL;
}

static bool milestone_valid(const struct nsl_milestone *e)
{
	return e->what != NSL_MILESTONE_NONE && e->what < NSL_MILESTONES_END && e->err <= 0 &&
	       e->err >= -NSM_MAX_ERRNO && e->duration >= NSL_DURATION_UNKNOWN &&
	       type_valid(e->ns_type);
}

bool event_valid(const struct nsl_head *e)
{
	if (e->size < sizeof(*e) || e->version != NSL_EVENT_VERSION || e->kind >= NSL_KINDS ||
	    !sizes[e->kind] || e->size < sizes[e->kind])
		return false;
	switch (e->kind) {
	case NSL_EV_CALL_BEGIN:
		return begin_valid((const struct nsl_call_begin *)e);
	case NSL_EV_CALL_END:
		return ((const struct nsl_call_end *)e)->syscall < NSL_SYSCALLS;
	case NSL_EV_STEP_BEGIN:
	case NSL_EV_STEP:
		return step_valid((const struct nsl_step *)e);
	case NSL_EV_TASK:
		return ((const struct nsl_task *)e)->event < NSL_TASK_EVENTS;
	case NSL_EV_NS_FREE:
	case NSL_EV_UNPIN:
		return type_valid(((const struct nsl_ns_free *)e)->type);
	case NSL_EV_NS:
		return ns_valid((const struct nsl_ns *)e);
	case NSL_EV_SNAPSHOT:
		return ((const struct nsl_snapshot *)e)->event <= NSL_SNAPSHOT_END;
	case NSL_EV_KEEPER:
		return keeper_valid((const struct nsl_keeper *)e);
	case NSL_EV_CGROUP:
		return cgroup_valid((const struct nsl_cgroup *)e);
	case NSL_EV_LOST:
		return ((const struct nsl_lost *)e)->hook < NSL_HOOKS;
	case NSL_EV_MILESTONE:
		return milestone_valid((const struct nsl_milestone *)e);
	default:
		return true;
	}
}
