// SPDX-License-Identifier: GPL-2.0-only
/* Calls that failed: did it matter? */
#include "startup_internal.h"

/* clone3() that is not there, then clone(), is one and the same wish. */
static bool same_wish(const struct nsm_call *a, const struct nsm_call *b)
{
	if (is_clone(a->syscall) != is_clone(b->syscall) ||
	    (!is_clone(a->syscall) && a->syscall != b->syscall))
		return false;
	if (a->syscall == NSL_SYS_SETNS)
		return a->target.obj ? a->target.obj == b->target.obj
				     : a->new_flags == b->new_flags && a->fd == b->fd;
	return (b->new_flags & a->new_flags) == a->new_flags;
}

static size_t repeated(const struct su_start *s, size_t failed)
{
	for (size_t i = failed + 1; i < s->calls.n; i++) {
		const struct nsm_call *c = &s->calls.at[i].call;

		if (!c->err && c->end_seen && same_wish(&s->calls.at[failed].call, c))
			return i;
	}
	return NSU_NONE;
}

/* It went on with something new: what had failed was not the end of it. */
static bool went_on(const struct su_start *s, uint32_t pid, uint64_t ts)
{
	for (size_t i = 0; i < s->milestones.n; i++) {
		const struct nsm_milestone *m = &s->milestones.at[i].m;

		if (m->pid == pid && m->ts > ts && !m->err && m->what != NSL_MILESTONE_umount)
			return true;
	}
	for (size_t i = 0; i < s->calls.n; i++) {
		const struct nsm_call *c = &s->calls.at[i].call;

		if (c->pid == pid && c->ts > ts && !c->err && c->end_seen && c->new_flags)
			return true;
	}
	return false;
}

/* Of a start that failed: what failed last, and was not done again. */
static void find_culprit(struct su_start *s)
{
	uint64_t last = 0;

	for (size_t i = 0; i < s->calls.n; i++) {
		const struct nsu_call *c = &s->calls.at[i];

		if (c->call.err && c->again == NSU_NONE && c->call.ts >= last &&
		    !went_on(s, c->call.pid, c->call.ts)) {
			s->pub.failed_call = i;
			last = c->call.ts;
		}
	}
	for (size_t i = 0; i < s->milestones.n; i++) {
		const struct nsm_milestone *m = &s->milestones.at[i].m;
		bool done = false;

		for (size_t k = i + 1; k < s->milestones.n && !done; k++)
			done = s->milestones.at[k].m.what == m->what && !s->milestones.at[k].m.err;
		if (m->err && !done && m->ts > last && !went_on(s, m->pid, m->ts)) {
			s->pub.failed_milestone = i;
			s->pub.failed_call = NSU_NONE;
			last = m->ts;
		}
	}
}

void su_build_matters(struct su_start *s)
{
	struct nsu_sums *sums = &s->pub.sums;

	s->pub.failed_call = s->pub.failed_milestone = NSU_NONE;
	for (size_t i = 0; i < s->calls.n; i++)
		s->calls.at[i].again = s->calls.at[i].call.err ? repeated(s, i) : NSU_NONE;
	if (!s->pub.payload.pid && s->pub.outcome != NSU_CUT)
		find_culprit(s);
	sums->failed = sums->failed_that_mattered = 0;
	for (size_t i = 0; i < s->calls.n; i++) {
		struct nsu_call *c = &s->calls.at[i];

		if (!c->call.err)
			c->matter = NSU_SUCCEEDED;
		else if (c->again != NSU_NONE)
			c->matter = NSU_REPEATED;
		else if (i == s->pub.failed_call)
			c->matter = NSU_FATAL;
		else
			c->matter = s->pub.payload.pid || s->pub.outcome == NSU_FAILED
					    ? NSU_HARMLESS
					    : NSU_UNCLEAR;
		sums->failed += c->call.err != 0;
		sums->failed_that_mattered += c->matter == NSU_FATAL;
	}
}
