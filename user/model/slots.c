// SPDX-License-Identifier: GPL-2.0-only
/* What a finished call changed: the slots that differ, and how each came about. */
#include "internal.h"

static bool made_by_step(const struct open_call *c, uint64_t obj)
{
	for (size_t i = 0; i < c->nraw; i++) {
		if (c->raw[i].ns.obj == obj && raw_created(c, &c->raw[i]))
			return true;
	}
	return false;
}

/*
 * Without the step (tracepoints, a lost event) the flags tell: a slot that
 * changed in a call that asked for a new namespace of its type holds that one.
 */
static bool made_by_flag(const struct nsm_call *c, enum nsl_slot slot)
{
	bool own = slot != NSL_SLOT_PID_ACTIVE && slot != NSL_SLOT_TIME;
	uint64_t asked = c->new_flags | nsl_implied_flags(c->syscall, c->raw_flags);

	if (!(asked & nsm_type_bit(nsm_slot_type(slot))))
		return false;
	/* unshare() changes what the children get; the caller stays where it is */
	return is_clone(c->syscall) || (c->syscall == NSL_SYS_UNSHARE && own);
}

static enum nsm_how how_of(const struct open_call *c, enum nsl_slot slot)
{
	const struct nsm_call *pub = &c->pub;

	if (pub->syscall == NSL_SYS_EXIT)
		return NSM_HOW_DROPPED;
	if (made_by_step(c, pub->after.slot[slot].obj) || made_by_flag(pub, slot))
		return NSM_HOW_CREATED;
	if (is_clone(pub->syscall) || pub->syscall == NSL_SYS_EXEC)
		return NSM_HOW_INHERITED;
	return NSM_HOW_INSTALLED;
}

void slots_build(struct nsm *m, struct open_call *c)
{
	struct nsm_call *pub = &c->pub;
	int end = pub->syscall == NSL_SYS_EXIT ? NSL_NSPROXY_SLOTS : NSL_SLOTS;

	pub->has_views = c->have_before && c->have_after;
	pub->slots = m->slots;
	pub->nslots = 0;
	if (!pub->has_views)
		return;
	for (int i = 0; i < end; i++) {
		struct nsm_slot_change *s = &m->slots[pub->nslots];

		if (pub->before.slot[i].obj == pub->after.slot[i].obj)
			continue;
		s->slot = (enum nsl_slot)i;
		s->before = pub->before.slot[i];
		s->after = pub->after.slot[i];
		s->how = how_of(c, s->slot);
		pub->nslots++;
	}
}
