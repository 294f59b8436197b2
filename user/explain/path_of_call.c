// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks the path of a real call. First where it left, if it failed; then every
 * row in order: what a condition says, what the steps say, what lies behind the
 * failure.
 */
#include <string.h>

#include "lookup.h"
#include "paths.h"

enum answer { NO, MAYBE, YES };

struct facts {
	const struct nsm_call *call;
	uint64_t flags;
	unsigned int so;
	struct nse_failure failure;
};

/* Circumstances of which it is known that they are not so. */
static unsigned int known_not_so(const struct facts *f)
{
	const struct nsm_call *call = f->call;
	unsigned int not_so = NSE_UNKNOWN_FLAG | NSE_NO_FLAGS | NSE_ONE_TYPE | NSE_SIGNAL_BITS;

	if (call->has_views)
		not_so |= NSE_PENDING_PID | NSE_NO_PENDING_PID | NSE_PENDING_TIME | NSE_OWN_USER;
	if (call->nsteps)
		not_so |= NSE_COPIED | NSE_USER_MADE | NSE_NO_INSTALL;
	if (call->target_kind != NSL_TARGET_NONE)
		not_so |= NSE_NSFS | NSE_TARGET_PIDFD | NSE_TARGET_OTHER | NSE_MISMATCH;
	return not_so & ~f->so;
}

static bool has_condition(const struct nse_node *node)
{
	return node->calls || node->all || node->any || node->none || node->so || node->not_so;
}

static enum answer condition(const struct facts *f, const struct nse_node *node)
{
	if (node->calls && !(node->calls & 1u << f->call->syscall))
		return NO;
	if (!(f->so & node->or_so) &&
	    ((f->flags & node->all) != node->all || (node->any && !(f->flags & node->any)) ||
	     f->flags & node->none))
		return NO;
	if (f->so & node->not_so || node->so & known_not_so(f))
		return NO;
	if ((f->so & node->so) == node->so && (known_not_so(f) & node->not_so) == node->not_so)
		return YES;
	return MAYBE;
}

static bool leaves_with(const struct nse_node *node, int err)
{
	for (size_t i = 0; i < NSE_ERRS && node->errs[i]; i++)
		if (node->errs[i] == err)
			return true;
	return false;
}

static size_t parent_of(const struct nse_place *rows, size_t at)
{
	size_t i = at;

	while (i > 0 && rows[i].depth >= rows[at].depth)
		i--;
	return i;
}

/* Can the call have come as far as this row? Conditions of all rows around it are asked. */
static enum answer reachable(const struct facts *f, const struct nse_place *rows, size_t at)
{
	enum answer worst = YES;

	for (size_t i = at;; i = parent_of(rows, i)) {
		const struct nse_node *around[] = {rows[i].node, rows[i].by};

		for (size_t k = 0; k < 2; k++) {
			enum answer a = around[k] ? condition(f, around[k]) : YES;

			if (a < worst)
				worst = a;
		}
		if (!rows[i].depth)
			return worst;
	}
}

/*
 * Marks where the call can have left. A row whose own condition is known to hold
 * is preferred to those that name no condition that a call shows.
 */
static size_t mark_failure(const struct facts *f, struct nse_place *rows, size_t n)
{
	size_t found = 0, sure = 0, last = n;

	for (size_t i = 0; i < n; i++) {
		enum answer a;

		if (rows[i].node->kind != NSE_FAIL || !leaves_with(rows[i].node, f->call->err) ||
		    !rows[i].fn || !nse_place_names(f->failure.fn, rows[i].fn->name))
			continue;
		a = reachable(f, rows, i);
		if (a == NO)
			continue;
		rows[i].mark = NSE_MAY_BE_HERE;
		found++;
		sure += a == YES && rows[i].node->so;
	}
	for (size_t i = 0; i < n; i++) {
		if (rows[i].mark != NSE_MAY_BE_HERE)
			continue;
		if (sure && !(rows[i].node->so && reachable(f, rows, i) == YES))
			rows[i].mark = NSE_UNMARKED;
		else if (found == 1 || sure == 1)
			rows[i].mark = NSE_LEFT_HERE;
		if (rows[i].mark != NSE_UNMARKED)
			last = i;
	}
	return last;
}

static const struct nsm_step *step_of(const struct facts *f, const struct nse_kfn *fn)
{
	for (size_t i = 0; fn && fn->step && i < f->call->nsteps; i++)
		if (f->call->steps[i].fn == fn->step)
			return &f->call->steps[i];
	return NULL;
}

static enum nse_mark mark_of(const struct facts *f, const struct nse_place *row)
{
	const struct nse_node *node = row->node;
	const struct nsm_step *step = step_of(f, row->fn);
	enum answer a = condition(f, node);

	if (row->by && condition(f, row->by) < a)
		a = condition(f, row->by);
	switch (node->kind) {
	case NSE_FAIL:
		return NSE_PASSED;
	case NSE_UNDO:
		return f->call->err
			       ? (step && step->outcome == NSM_UNDONE ? NSE_TAKEN : NSE_UNKNOWN)
			       : NSE_NOT_TAKEN;
	case NSE_FN:
		if (step)
			return step->outcome == NSM_NOT_REACHED ? NSE_NOT_REACHED : NSE_TAKEN;
		break;
	case NSE_IF:
		if (step && node->outcomes)
			return node->outcomes & 1u << step->outcome ? NSE_TAKEN : NSE_NOT_TAKEN;
		/* what an outcome would tell: without steps, the end of the call does */
		if (a == YES && !has_condition(node))
			return node->outcomes && !f->call->err ? NSE_TAKEN : NSE_UNKNOWN;
		break;
	default:
		break;
	}
	/* a function that is only called under a condition which a call does not show */
	if (a == YES && node->kind == NSE_FN && node->when && !has_condition(node))
		return NSE_UNKNOWN;
	return a == YES ? NSE_TAKEN : a == NO ? NSE_NOT_TAKEN : NSE_UNKNOWN;
}

static bool around(const struct nse_place *rows, size_t outer, size_t inner)
{
	for (size_t i = inner; rows[i].depth; i = parent_of(rows, i))
		if (parent_of(rows, i) == outer)
			return true;
	return false;
}

static void mark_rows(const struct facts *f, struct nse_place *rows, size_t n, size_t left)
{
	size_t first = 0;

	while (first < n && rows[first].mark == NSE_UNMARKED)
		first++;
	for (size_t i = 0; i < n; i++) {
		enum nse_mark parent = rows[i].depth ? rows[parent_of(rows, i)].mark : NSE_TAKEN;
		bool undo = rows[i].node->kind == NSE_UNDO;

		if (rows[i].mark != NSE_UNMARKED)
			continue;
		if (parent == NSE_NOT_TAKEN || parent == NSE_NOT_REACHED)
			rows[i].mark = parent;
		else if (left < n && i > left && !undo)
			rows[i].mark = NSE_NOT_REACHED;
		else if (left < n && around(rows, i, left))
			rows[i].mark = NSE_TAKEN;
		else
			rows[i].mark = mark_of(f, &rows[i]);
		/* behind the first of several places it is open how far the call came */
		if (i > first && i < left && left < n &&
		    (rows[i].mark == NSE_PASSED || rows[i].mark == NSE_TAKEN) &&
		    !step_of(f, rows[i].node->kind == NSE_FN ? rows[i].fn : NULL) &&
		    !around(rows, i, left))
			rows[i].mark = NSE_UNKNOWN;
		if (rows[i].mark == NSE_PASSED && parent == NSE_UNKNOWN)
			rows[i].mark = NSE_UNKNOWN;
		if (rows[i].mark == NSE_TAKEN && parent == NSE_UNKNOWN && !undo)
			rows[i].mark = NSE_UNKNOWN;
	}
	/* a failure that no row stands for: nothing is claimed about checks */
	for (size_t i = 0; f->call->err && left == n && i < n; i++)
		if (!step_of(f, rows[i].node->kind == NSE_FN ? rows[i].fn : NULL))
			rows[i].mark = NSE_UNKNOWN;
}

size_t nse_path_of_call(const struct nsm_call *call, nse_kernel kernel, struct nse_place *out,
			size_t max)
{
	const struct nse_path *p = nse_path_of(call->syscall);
	struct facts f = {.call = call, .flags = nse_flags_of(call)};
	size_t n, left;

	if (!p)
		return 0;
	f.so = nse_circumstances(call, kernel);
	n = nse_path_walk(p, kernel, out, max);
	left = n;
	if (call->err) {
		nse_failure(call, kernel, &f.failure);
		left = mark_failure(&f, out, n);
	}
	mark_rows(&f, out, n, left);
	return n;
}
