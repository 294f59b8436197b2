// SPDX-License-Identifier: GPL-2.0-only
/* One line a call: who, what, result, and what it changed or why it failed. */
#include <inttypes.h>
#include <stdio.h>

#include "text.h"

static void put_changes(struct nsv_flow *f, const struct nsm_call *call)
{
	static const char *const how[] = {
		[NSM_HOW_CREATED] = "+",
		[NSM_HOW_INSTALLED] = ">",
		[NSM_HOW_INHERITED] = "=",
		[NSM_HOW_DROPPED] = "-",
	};
	struct nsv *v = f->v;
	char word[4 * NSV_WORD], a[NSV_WORD];

	if (call->has_views && call->after.nsproxy && call->before.nsproxy &&
	    call->before.nsproxy != call->after.nsproxy) {
		snprintf(word, sizeof(word), "%s%s#%llu", nsv_nsproxy_name(call->before.nsproxy, a),
			 nsv_arrow(v), call->after.nsproxy);
		nsv_flow_word(f, 2, NSV_PLAIN, word);
	} else if (nse_drops_nsproxy(call) && call->has_views) {
		snprintf(word, sizeof(word), "%s freed", nsv_nsproxy_name(call->before.nsproxy, a));
		nsv_flow_word(f, 2, NSV_PLAIN, word);
	}
	for (size_t i = 0; i < call->nslots; i++) {
		const struct nsm_slot_change *change = &call->slots[i];
		const struct nsl_ref *ref =
			change->how == NSM_HOW_DROPPED ? &change->before : &change->after;
		enum nsl_type type = nsm_slot_type(change->slot);

		if (change->how == NSM_HOW_DROPPED && nsv_is_initial(v, type, ref->inum))
			continue;
		/* the slot's name where it is not that of its type */
		if (ref->inum && nsv_is_initial(v, type, ref->inum))
			snprintf(word, sizeof(word), "%s%s:[host]", how[change->how],
				 nsm_slot_name(change->slot));
		else
			snprintf(word, sizeof(word), "%s%s:[%" PRIu32 "]", how[change->how],
				 nsm_slot_name(change->slot), (uint32_t)ref->inum);
		nsv_flow_word(f, i ? 1 : 2, type, word);
	}
}

static void brief_call(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_flow f;
	char word[1024];

	nsv_flow_begin_line(&f, v);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, call->ts, word));
	nsv_put_task(&f, 2, call->comm, call->pid, call->tid);
	nsv_put_syscall(&f, call, false);
	if (call->duration != NSM_DURATION_UNKNOWN)
		nsv_flow_word(&f, 2, NSV_DIM, nsv_duration(v, call->duration, word));
	if (call->container) {
		nsv_flow_word(&f, 2, NSV_DIM, "in");
		nsv_flow_word(&f, 1, NSV_PLAIN, nsv_safe(v, call->container, word, sizeof(word)));
	}
	if (call->err) {
		struct nse_failure failure;

		nse_failure(call, v->kernel, &failure);
		snprintf(word, sizeof(word),
			 "%srefused by %s:", failure.inferred ? "inferred: " : "", failure.fn);
		nsv_flow_word(&f, 2, NSV_RED, word);
		nsv_flow_word(&f, 1, NSV_PLAIN, failure.check);
	} else {
		put_changes(&f, call);
	}
	if (!call->begin_seen)
		nsv_flow_word(&f, 2, NSV_RED, "[began before tracing]");
	if (call->gap)
		nsv_flow_word(&f, 2, NSV_RED, "[events lost inside]");
	nsv_flow_end(&f);
}

static void brief_ns(struct nsv *v, const struct nsm_ns_event *ns)
{
	(void)v;
	(void)ns;
}

static void brief_task(struct nsv *v, const struct nsm_task_event *task)
{
	(void)v;
	(void)task;
}

static void brief_milestone(struct nsv *v, const struct nsm_milestone *milestone)
{
	nsv_put_milestone(v, milestone, 0);
}

const struct nsv_style_ops nsv_brief_ops = {
	.start = nsv_put_start,
	.call = brief_call,
	.ns = brief_ns,
	.task = brief_task,
	.lost = nsv_put_lost,
	.milestone = brief_milestone,
	.end = nsv_put_end,
};
