// SPDX-License-Identifier: GPL-2.0-only
#include "watch_calls.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void push(struct nsw_calls *l, struct nsw_entry *entry)
{
	if (!l->next)
		l->next = l->first = 1;
	entry->seq = l->next++;
	if (l->next - l->first > NSW_CALLS)
		nsw_entry_let_go(l->ring[l->first++ % NSW_CALLS]);
	l->ring[entry->seq % NSW_CALLS] = entry;
}

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static char *copy_text(char **room, const char *text)
{
	char *copy = *room;

	if (!text)
		return NULL;
	strcpy(copy, text);
	*room += strlen(text) + 1;
	return copy;
}

/* One piece of memory: the entry, its slots, its steps, its texts. */
bool nsw_calls_add(struct nsw_calls *l, const struct nsm_call *call)
{
	size_t slots = call->nslots * sizeof(*call->slots);
	size_t steps = call->nsteps * sizeof(*call->steps);
	struct nsw_entry *entry = malloc(sizeof(*entry) + slots + steps +
					 text_size(call->cgroup_path) + text_size(call->container));
	char *room;

	if (!entry)
		return false;
	*entry = (struct nsw_entry){.users = 1, .call = *call};
	room = (char *)(entry + 1);
	if (steps)
		memcpy(room, call->steps, steps);
	entry->call.steps = (const struct nsm_step *)room;
	room += steps;
	if (slots)
		memcpy(room, call->slots, slots);
	entry->call.slots = (const struct nsm_slot_change *)room;
	room += slots;
	entry->call.cgroup_path = copy_text(&room, call->cgroup_path);
	entry->call.container = copy_text(&room, call->container);
	push(l, entry);
	return true;
}

bool nsw_calls_add_gap(struct nsw_calls *l, const struct nsm_lost *lost)
{
	struct nsw_entry *last = l->next > 1 ? nsw_calls_get(l, l->next - 1) : NULL, *entry;

	/* a gap that goes on is one gap */
	if (last && last->lost && last->gap.hook == lost->hook) {
		last->gap.count += lost->count;
		return true;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return false;
	entry->users = 1;
	entry->lost = true;
	entry->gap = (struct nsw_gap){lost->ts, lost->count, lost->hook};
	push(l, entry);
	return true;
}

void nsw_calls_clear(struct nsw_calls *l)
{
	for (; l->first < l->next; l->first++)
		nsw_entry_let_go(l->ring[l->first % NSW_CALLS]);
}

void nsw_calls_move(struct nsw_calls *to, struct nsw_calls *from)
{
	for (; from->first < from->next; from->first++)
		push(to, from->ring[from->first % NSW_CALLS]);
}

struct nsw_entry *nsw_calls_get(const struct nsw_calls *l, uint64_t seq)
{
	return seq >= l->first && seq < l->next && seq ? l->ring[seq % NSW_CALLS] : NULL;
}

struct nsw_entry *nsw_entry_hold(struct nsw_entry *entry)
{
	if (entry)
		entry->users++;
	return entry;
}

void nsw_entry_let_go(struct nsw_entry *entry)
{
	if (entry && !--entry->users)
		free(entry);
}

unsigned int nsw_call_types(const struct nsm_call *call)
{
	uint64_t flags = call->new_flags;
	unsigned int types = 0;

	if (call->syscall == NSL_SYS_UNSHARE || call->syscall == NSL_SYS_CLONE3 ||
	    call->syscall == NSL_SYS_SETNS)
		flags |= call->raw_flags & NSL_NEW_ALL;
	for (int type = 0; type < NSL_TYPES; type++)
		if (flags & nsm_type_bit((enum nsl_type)type))
			types |= 1u << type;
	if (call->target_kind == NSL_TARGET_NSFS && call->target_type < NSL_TYPES)
		types |= 1u << call->target_type;
	for (size_t i = 0; i < call->nslots; i++) {
		enum nsl_type type = nsm_slot_type(call->slots[i].slot);

		if (type < NSL_TYPES && (call->slots[i].how == NSM_HOW_CREATED ||
					 call->slots[i].how == NSM_HOW_INSTALLED))
			types |= 1u << type;
	}
	return types;
}

bool nsw_text_matches(const char *text, const char *filter)
{
	while (*filter) {
		size_t len = strcspn(filter, " ");
		const char *p = text;

		while (len && *p && strncasecmp(p, filter, len))
			p++;
		if (len && !*p)
			return false;
		filter += len;
		filter += strspn(filter, " ");
	}
	return true;
}

bool nsw_matches(const struct nsw_entry *entry, const char *filter)
{
	const struct nsm_call *call = &entry->call;
	const char *err = call->err ? nsm_errno_name(call->err) : NULL;
	unsigned int types;
	char text[1024];
	int n;

	if (entry->lost || !*filter)
		return true;
	n = snprintf(text, sizeof(text),
		     "%s %" PRIu32 " %" PRIu32 " %" PRIu32 " %s %s %.200s %.500s", call->comm,
		     call->pid, call->tid, call->child, nsm_syscall_name(call->syscall),
		     err ? err : "", call->container ? call->container : "",
		     call->cgroup_path ? call->cgroup_path : "");
	types = nsw_call_types(call);
	for (int type = 0; type < NSL_TYPES && n > 0 && (size_t)n < sizeof(text); type++)
		if (types & 1u << type)
			n += snprintf(text + n, sizeof(text) - (size_t)n, " %s",
				      nsm_type_name((enum nsl_type)type));
	return nsw_text_matches(text, filter);
}
