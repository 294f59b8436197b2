// SPDX-License-Identifier: GPL-2.0-only
/* The story: a block for each call, a line for what happens between calls. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Columns of the step list: name, outcome, duration, what it was about. */
#define BASE	 3
#define OUTCOME	 36
#define DURATION 49
#define DETAIL	 60

static void put_head(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_flow f;
	char word[2 * NSV_WORD];

	nsv_flow_begin(&f, v, 0, BASE + 3);
	snprintf(word, sizeof(word), "%s #%" PRIu64, nsv_rule(v), call->number);
	nsv_flow_word(&f, 0, NSV_BOLD, word);
	nsv_flow_word(&f, 2, NSV_DIM, nsv_moment(v, call->ts, word));
	nsv_put_task(&f, 2, call->comm, call->pid, call->tid);
	nsv_put_syscall(&f, call, true);
	if (call->duration != NSM_DURATION_UNKNOWN)
		nsv_flow_word(&f, 3, NSV_DIM, nsv_duration(v, call->duration, word));
	nsv_flow_end(&f);
}

static void put_container(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_flow f;
	char word[1024];

	if (!call->container)
		return;
	nsv_flow_begin(&f, v, BASE, BASE + 2);
	nsv_flow_word(&f, 0, NSV_DIM, "container");
	nsv_flow_word(&f, 1, NSV_PLAIN, nsv_safe(v, call->container, word, sizeof(word)));
	if (call->cgroup_path) {
		nsv_flow_word(&f, 2, NSV_DIM, "cgroup");
		nsv_flow_word(&f, 1, NSV_DIM, nsv_safe(v, call->cgroup_path, word, sizeof(word)));
	}
	nsv_flow_end(&f);
}

/* Copies that only share, and steps that were not reached, need no line each. */
static size_t run_length(const struct nsm_call *call, size_t at)
{
	const struct nsm_step *first = &call->steps[at];
	size_t n = 1;

	if (first->outcome != NSM_SHARED && first->outcome != NSM_NOT_REACHED)
		return 1;
	while (at + n < call->nsteps && call->steps[at + n].outcome == first->outcome &&
	       call->steps[at + n].depth == first->depth &&
	       call->steps[at + n].inferred == first->inferred)
		n++;
	return n;
}

static int64_t run_duration(const struct nsm_step *steps, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].duration == NSM_DURATION_UNKNOWN)
			return NSM_DURATION_UNKNOWN;
		sum = (int64_t)((uint64_t)sum + (uint64_t)steps[i].duration);
	}
	return sum;
}

static unsigned int outcome_colour(enum nsm_outcome outcome)
{
	switch (outcome) {
	case NSM_FAILED:
		return NSV_RED;
	case NSM_CREATED:
	case NSM_INSTALLED:
		return NSV_BOLD;
	case NSM_SHARED:
	case NSM_NOT_REACHED:
		return NSV_DIM;
	default:
		return NSV_PLAIN;
	}
}

static void put_detail(struct nsv_flow *f, const struct nsm_call *call, const struct nsm_step *step)
{
	char word[NSV_WORD], owner[2 * NSV_WORD], words[NSE_STEP_LEN];

	if (step->ns.obj && step->type < NSL_TYPES && step->outcome != NSM_SHARED)
		nsv_flow_word(f, 2, step->type, nsv_ns_name(step->type, step->ns.inum, word));
	if (step->nsproxy)
		nsv_flow_word(f, 2, NSV_PLAIN, nsv_nsproxy_name(step->nsproxy, word));
	if (step->outcome == NSM_FAILED) {
		nse_step(call, step, f->v->kernel, words, sizeof(words));
		nsv_flow_word(f, 2, NSV_RED, words);
	}
	if (step->outcome == NSM_CREATED && step->type != NSL_USER && step->owner.inum &&
	    !nsv_is_initial(f->v, NSL_USER, step->owner.inum)) {
		snprintf(owner, sizeof(owner), "owner %s",
			 nsv_ns_name(NSL_USER, step->owner.inum, word));
		nsv_flow_word(f, 2, NSL_USER, owner);
	}
}

static void put_steps(struct nsv *v, const struct nsm_call *call)
{
	size_t n;

	for (size_t at = 0; at < call->nsteps; at += n) {
		const struct nsm_step *step = &call->steps[at];
		int depth = step->depth < 0 ? 0 : step->depth > 6 ? 6 : step->depth;
		int64_t duration;
		struct nsv_flow f;
		char word[NSV_WORD];

		n = run_length(call, at);
		nsv_flow_begin(&f, v, BASE + 2 * depth, BASE + 2 * depth + 4);
		for (size_t i = 0; i < n; i++) {
			snprintf(word, sizeof(word), "%s%s", nsm_fn_name(step[i].fn),
				 i + 1 < n ? "," : "");
			nsv_flow_word(&f, i ? 1 : 0, n > 1 ? NSV_DIM : step->type, word);
		}
		nsv_flow_tab(&f, OUTCOME);
		nsv_flow_word(&f, 3, outcome_colour(step->outcome),
			      nsm_outcome_name(step->outcome));
		duration = run_duration(step, n);
		if (duration != NSM_DURATION_UNKNOWN && step->outcome != NSM_NOT_REACHED) {
			nsv_flow_tab(&f, DURATION);
			nsv_flow_word(&f, 3, NSV_DIM, nsv_duration(v, duration, word));
		}
		if (step->inferred && step->outcome != NSM_NOT_REACHED) {
			nsv_flow_tab(&f, DURATION);
			nsv_flow_word(&f, 2, NSV_DIM, "(inferred)");
		}
		if (n == 1) {
			nsv_flow_tab(&f, DETAIL);
			put_detail(&f, call, step);
		}
		nsv_flow_end(&f);
	}
}

static const char *slot_value(const struct nsv *v, enum nsl_slot slot, const struct nsl_ref *ref,
			      char buf[NSV_WORD])
{
	if (!ref->obj)
		return strcpy(buf, "none");
	if (!ref->inum)
		return strcpy(buf, "anonymous");
	if (nsv_is_initial(v, nsm_slot_type(slot), ref->inum))
		return strcpy(buf, "[host]");
	snprintf(buf, NSV_WORD, "%" PRIu32, ref->inum);
	return buf;
}

/* What an exit let go: the host's own namespaces are no news. */
static void put_dropped(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_flow f;
	char word[NSV_WORD];
	bool any = false;

	if (!call->has_views || !nse_drops_nsproxy(call))
		return;
	nsv_flow_begin(&f, v, BASE, BASE + 2);
	nsv_flow_word(&f, 0, NSV_PLAIN, nsv_nsproxy_name(call->before.nsproxy, word));
	nsv_flow_word(&f, 1, NSV_PLAIN, "freed");
	for (size_t i = 0; i < call->nslots; i++) {
		const struct nsm_slot_change *change = &call->slots[i];
		enum nsl_type type = nsm_slot_type(change->slot);

		/* the two time slots mostly hold the same one */
		if (change->slot == NSL_SLOT_TIME_FOR_CHILDREN &&
		    change->before.obj == call->before.slot[NSL_SLOT_TIME].obj)
			continue;
		if (change->how != NSM_HOW_DROPPED || nsv_is_initial(v, type, change->before.inum))
			continue;
		if (!any)
			nsv_flow_word(&f, 0, NSV_PLAIN, ", puts");
		any = true;
		nsv_flow_word(&f, 1, type, nsv_ns_name(type, change->before.inum, word));
	}
	nsv_flow_end(&f);
}

static void put_slots(struct nsv *v, const struct nsm_call *call)
{
	struct nsv_flow f;
	char word[4 * NSV_WORD], a[NSV_WORD], b[NSV_WORD];
	bool moved;

	if (call->syscall == NSL_SYS_EXIT) {
		put_dropped(v, call);
		return;
	}
	moved = call->has_views && !call->err && call->end_seen && call->after.nsproxy &&
		call->before.nsproxy && call->before.nsproxy != call->after.nsproxy;
	if (!moved && !call->nslots)
		return;
	nsv_flow_begin(&f, v, BASE, BASE + 2);
	if (moved) {
		snprintf(word, sizeof(word), "%s %s %s", nsv_nsproxy_name(call->before.nsproxy, a),
			 nsv_arrow(v), nsv_nsproxy_name(call->after.nsproxy, b));
		nsv_flow_word(&f, 0, NSV_PLAIN, word);
	} else if (call->has_views && call->after.nsproxy) {
		snprintf(word, sizeof(word), "%s stays", nsv_nsproxy_name(call->after.nsproxy, a));
		nsv_flow_word(&f, 0, NSV_PLAIN, word);
	}
	for (size_t i = 0; i < call->nslots; i++) {
		const struct nsm_slot_change *change = &call->slots[i];

		snprintf(word, sizeof(word), "%s %s %s %s", nsm_slot_name(change->slot),
			 slot_value(v, change->slot, &change->before, a), nsv_arrow(v),
			 slot_value(v, change->slot, &change->after, b));
		nsv_flow_word(&f, 3, nsm_slot_type(change->slot), word);
	}
	nsv_flow_end(&f);
}

/* "refused by copy_pid_ns:" is what the eye should find. */
static size_t lead_length(const struct nsm_call *call, const char *text)
{
	const char *end = call->err ? strstr(text, "refused by ") : NULL;

	end = end ? strchr(end, ':') : NULL;
	return end ? (size_t)(end - text) : 0;
}

static void story_call(struct nsv *v, const struct nsm_call *call)
{
	char text[NSE_CALL_LEN];
	struct nsv_flow f;

	nsv_close_lines(v);
	put_head(v, call);
	put_container(v, call);
	put_steps(v, call);
	put_slots(v, call);
	nse_call(call, v->kernel, text, sizeof(text));
	nsv_flow_begin(&f, v, BASE, BASE);
	nsv_flow_text(&f, text, lead_length(call, text), NSV_RED);
	nsv_flow_end(&f);
	nsv_buf_str(&v->buf, "\n");
}

/* Births are told by the calls; a death often comes later, from a worker of the kernel. */
static void story_ns(struct nsv *v, const struct nsm_ns_event *ns)
{
	struct nsv_flow f;
	char word[NSV_WORD];

	if (!ns->destroyed)
		return;
	nsv_flow_begin(&f, v, BASE, BASE + 3);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, ns->ts, word));
	nsv_flow_word(&f, 2, ns->type, nsv_ns_name(ns->type, ns->ns.inum, word));
	nsv_flow_word(&f, 1, NSV_DIM, "destroyed");
	nsv_flow_end(&f);
	v->lines_open = true;
}

static void story_task(struct nsv *v, const struct nsm_task_event *task)
{
	struct nsv_flow f;
	char word[NSV_WORD];

	if (task->event != NSL_TASK_EXEC || !task->nsproxy ||
	    v->made[task->nsproxy % NSV_SEEN] != task->nsproxy)
		return;
	nsv_flow_begin(&f, v, BASE, BASE + 3);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, task->ts, word));
	nsv_put_task(&f, 2, task->comm, task->pid, task->tid);
	if (task->ns_pid && task->ns_pid != task->pid) {
		snprintf(word, sizeof(word), "(pid %" PRIu32 " in its pid namespace)",
			 task->ns_pid);
		nsv_flow_word(&f, 1, NSV_DIM, word);
	}
	nsv_flow_word(&f, 1, NSV_PLAIN, "runs a new program in");
	nsv_flow_word(&f, 1, NSV_PLAIN, nsv_nsproxy_name(task->nsproxy, word));
	nsv_flow_end(&f);
	v->lines_open = true;
}

static void story_milestone(struct nsv *v, const struct nsm_milestone *milestone)
{
	nsv_put_milestone(v, milestone, BASE);
	v->lines_open = true;
}

const struct nsv_style_ops nsv_story_ops = {
	.start = nsv_put_start,
	.call = story_call,
	.ns = story_ns,
	.task = story_task,
	.lost = nsv_put_lost,
	.milestone = story_milestone,
	.end = nsv_put_end,
};
