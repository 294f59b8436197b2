// SPDX-License-Identifier: GPL-2.0-only
/*
 * A start-up is slow when more than the given time lies between the call that makes a
 * pid or mount namespace and the first exec in it: the payload's.
 */
#include "record_trigger.h"

#include <stdio.h>
#include <string.h>

#include "values.h"

static int errno_of(const char *name, size_t length)
{
	for (int err = 1; err < NSM_MAX_ERRNO; err++) {
		const char *known = nsm_errno_name(err);

		if (known && strlen(known) == length && !strncmp(known, name, length))
			return err;
	}
	return 0;
}

static int parse_word(struct trigger_options *o, const char *word, size_t length)
{
	char time[24];
	int err;

	if (length > 5 && length < 5 + sizeof(time) && !strncmp(word, "slow=", 5)) {
		memcpy(time, word + 5, length - 5);
		time[length - 5] = '\0';
		o->slow_ns = value_time(time);
		return o->slow_ns ? 0 : -1;
	}
	err = errno_of(word, length);
	if (!err)
		return -1;
	o->errnos[err] = true;
	return 0;
}

int trigger_parse(struct trigger_options *o, const char *list, char *bad, size_t size)
{
	o->wanted = true;
	do {
		size_t length = strcspn(list, ",");

		if (parse_word(o, list, length)) {
			snprintf(bad, size, "%.*s", (int)(length < size ? length : size - 1), list);
			return -1;
		}
		list += length;
	} while (*list++);
	return 0;
}

static void fire(struct trigger *t, const char *what, uint64_t ns, uint32_t pid, const char *comm)
{
	if (t->fired)
		return; /* the first reason stands for all until it is saved */
	t->fired = true;
	if (ns)
		snprintf(t->why, sizeof(t->why), "%s of %u (%.16s) took %.3f s", what, pid, comm,
			 (double)ns / 1e9);
	else
		snprintf(t->why, sizeof(t->why), "%s in %u (%.16s)", what, pid, comm);
}

static void note_made(struct trigger *t, const struct nsm_call *call)
{
	for (size_t i = 0; i < call->nslots; i++) {
		const struct nsm_slot_change *change = &call->slots[i];
		enum nsl_type type = nsm_slot_type(change->slot);

		if (change->how != NSM_HOW_CREATED || (type != NSL_PID && type != NSL_MNT))
			continue;
		t->starts[t->next++ % TRIGGER_STARTS] =
			(struct trigger_start){.ns = change->after.obj, .ts = call->ts};
	}
}

void trigger_call(struct trigger *t, const struct nsm_call *call)
{
	char what[80];

	if (!t->options->wanted)
		return;
	if (call->err > 0 && call->err < NSM_MAX_ERRNO && t->options->errnos[call->err]) {
		snprintf(what, sizeof(what), "%s of %s", nsm_errno_name(call->err),
			 nsm_syscall_name(call->syscall));
		fire(t, what, 0, call->pid, call->comm);
	}
	if (!t->options->slow_ns || !call->end_seen)
		return;
	if (call->duration > 0 && (uint64_t)call->duration >= t->options->slow_ns)
		fire(t, nsm_syscall_name(call->syscall), (uint64_t)call->duration, call->pid,
		     call->comm);
	if (!call->err && call->has_views)
		note_made(t, call);
}

/* The first exec in it: when was it made? 0: that is not known, or it is not the first. */
static uint64_t begin_of(struct trigger *t, const struct nsl_task *e)
{
	uint64_t ts = 0;

	for (size_t i = 0; i < TRIGGER_STARTS; i++) {
		struct trigger_start *s = &t->starts[i];

		if (!s->ns || (s->ns != e->view.slot[NSL_SLOT_PID_ACTIVE].obj &&
			       s->ns != e->view.slot[NSL_SLOT_MNT].obj))
			continue;
		if (!ts || s->ts < ts)
			ts = s->ts;
		s->ns = 0;
	}
	return ts;
}

void trigger_event(struct trigger *t, const struct nsl_head *event)
{
	const struct nsl_task *e = (const struct nsl_task *)event;
	char comm[NSL_COMM_LEN + 1] = "";
	uint64_t begin;

	if (!t->options->slow_ns || event->kind != NSL_EV_TASK || e->event != NSL_TASK_EXEC)
		return;
	begin = begin_of(t, e);
	if (!begin || event->ts < begin || event->ts - begin < t->options->slow_ns)
		return;
	memcpy(comm, e->comm, NSL_COMM_LEN);
	fire(t, "the start", event->ts - begin, e->pid, comm);
}
