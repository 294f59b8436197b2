// SPDX-License-Identifier: GPL-2.0-only
/* A row of an alignment in words. */
#include "diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "functions.h"
#include "text.h"

/* Since when there are the system calls that start-ups choose between. */
static const struct {
	enum nsl_milestone_what what;
	nse_kernel since;
} milestone_since[] = {
	{NSL_MILESTONE_fsopen, 5002},	  {NSL_MILESTONE_fsconfig, 5002},
	{NSL_MILESTONE_fsmount, 5002},	  {NSL_MILESTONE_open_tree, 5002},
	{NSL_MILESTONE_move_mount, 5002}, {NSL_MILESTONE_mount_setattr, 5012},
};

#define CLONE3_SINCE 5003

/* The versions that have it: from `since` to before `before`; 0: no limit. */
static void versions(const struct nsa_item *item, nse_kernel *since, nse_kernel *before)
{
	const char *fn = item->kind == NSA_STEP ? nsm_fn_name(item->step->fn) : NULL;
	const struct nse_kfn *f = fn ? nse_kfn_find(fn, strlen(fn)) : NULL;

	*since = f ? f->since : 0;
	*before = f ? f->before : 0;
	if (item->kind == NSA_CALL && item->call->call.syscall == NSL_SYS_CLONE3)
		*since = CLONE3_SINCE;
	for (size_t i = 0;
	     item->kind == NSA_MILESTONE && i < sizeof(milestone_since) / sizeof(*milestone_since);
	     i++)
		if (milestone_since[i].what == item->milestone->m.what)
			*since = milestone_since[i].since;
}

bool nse_diff_exists(const struct nsa_item *item, unsigned int kernel)
{
	nse_kernel since, before;

	versions(item, &since, &before);
	return !kernel || (kernel >= since && (!before || kernel < before));
}

const char *nse_diff_time(uint64_t ns, char *buf, size_t size)
{
	double ms = (double)ns / 1e6;

	if (ms >= 999.5)
		snprintf(buf, size, "%.2f s", ms / 1e3);
	else
		snprintf(buf, size, "%.*f ms",
			 ms < 0.9995  ? 3
			 : ms < 9.995 ? 2
			 : ms < 99.95 ? 1
				      : 0,
			 ms);
	return buf;
}

static void add_call(struct nse_text *t, const struct nsa_item *item)
{
	const char *before = " ";

	nse_add(t, "%s", nsm_syscall_name(item->call->call.syscall));
	for (unsigned int type = 0; type < NSL_TYPES; type++) {
		if (!(item->flags & nsm_type_bit((enum nsl_type)type)))
			continue;
		nse_add(t, "%s%s", before, nsm_type_name((enum nsl_type)type));
		before = ",";
	}
}

/* As the milestone says it, without pids and inode numbers. */
static void add_milestone(struct nse_text *t, const struct nsa_item *item)
{
	struct nsm_milestone m = item->milestone->m;
	char words[NSE_MILESTONE_LEN];

	snprintf(m.text, sizeof(m.text), "%s", item->text);
	snprintf(m.where, sizeof(m.where), "%s", item->where);
	m.about_pid = m.about_tid = 0;
	m.ns.obj = 0;
	m.err = 0;
	nse_milestone(&m, words, sizeof(words));
	nse_add(t, "%s %s", nsm_milestone_name(m.what), words);
}

const char *nse_diff_item(const struct nsa_item *item, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (item->kind == NSA_CALL)
		add_call(&t, item);
	else if (item->kind == NSA_MILESTONE)
		add_milestone(&t, item);
	else
		nse_add(&t, "%s", nsm_fn_name(item->step->fn));
	return buf;
}

const char *nse_diff_who(const struct nsa_who *who, char *buf, size_t size)
{
	if (who->role == NSA_STAGE)
		snprintf(buf, size, "stage %u", who->depth);
	else if ((who->role == NSA_HELPER || who->role == NSA_OUTER) && *who->comm)
		snprintf(buf, size, "%s", who->comm);
	else
		snprintf(buf, size, "%s", nsa_role_name(who->role));
	return buf;
}

static const char *errno_name(int err, char buf[24])
{
	const char *name = nsm_errno_name(err);

	if (name)
		snprintf(buf, 24, "%s", name);
	else
		snprintf(buf, 24, "errno %d", err);
	return buf;
}

/* The first run that failed there. */
static const struct nsa_item *failing(const struct nsa *n, const struct nsa_row *row, int side)
{
	const struct nsa_cell *cell = &row->side[side];

	for (size_t i = 0; i < n->side[side].n; i++)
		if (cell->of_run && cell->of_run[i] && cell->of_run[i]->err)
			return cell->of_run[i];
	return cell->item;
}

static void tell_kernel(struct nse_text *t, const struct nsa *n, const struct nsa_row *row)
{
	int has = row->side[0].item ? 0 : 1;
	nse_kernel since, before, other;

	/* of a pair, the side whose item the other kernel has not */
	if (row->side[0].item && row->side[1].item &&
	    nse_diff_exists(row->side[0].item, n->side[1].kernel))
		has = 1;
	other = n->side[!has].kernel;
	versions(row->side[has].item, &since, &before);
	if (since && other < since)
		nse_sentence(t, "Linux has it since %u.%u; %c ran on %u.%u.", since / 1000,
			     since % 1000, has ? 'A' : 'B', other / 1000, other % 1000);
	else if (before)
		nse_sentence(t, "Linux has it no longer since %u.%u; %c ran on %u.%u.",
			     before / 1000, before % 1000, has ? 'A' : 'B', other / 1000,
			     other % 1000);
}

static void tell_runs(struct nse_text *t, const struct nsa *n, const struct nsa_row *row)
{
	size_t na = n->side[0].n, nb = n->side[1].n;

	nse_sentence(t, "In %zu of %zu runs of A and %zu of %zu of B.", row->side[0].runs, na,
		     row->side[1].runs, nb);
}

/* What the same task did before it in B. */
static void tell_place(struct nse_text *t, const struct nsa *n, const struct nsa_row *row)
{
	const struct nsa_item *it = row->side[1].item, *before = NULL;
	char words[NSE_DIFF_LEN];

	for (size_t i = 0; i < n->nrows; i++) {
		const struct nsa_item *other = n->rows[i].side[1].item;

		if (!other || other == it || other->startup != it->startup ||
		    other->who.pid != it->who.pid || other->ts > it->ts)
			continue;
		if (!before || other->ts > before->ts)
			before = other;
	}
	if (before)
		nse_sentence(t, "In another order: in B after %s.",
			     nse_diff_item(before, words, sizeof(words)));
	else
		nse_sentence(t, "In another order: in B it comes first.");
}

static void tell_change(struct nse_text *t, const struct nsa_row *row)
{
	const struct nsa_item *a = row->side[0].item, *b = row->side[1].item;
	char words[NSE_DIFF_LEN], ea[24], eb[24];

	if (row->changed & NSA_CHANGE_OUTCOME)
		nse_sentence(t, "%s in A, %s in B.", nsm_outcome_name(a->step->outcome),
			     nsm_outcome_name(b->step->outcome));
	if (row->changed &
	    (NSA_CHANGE_SYSCALL | NSA_CHANGE_FLAGS | NSA_CHANGE_DETAIL | NSA_CHANGE_WHAT))
		nse_sentence(t, "In B: %s.", nse_diff_item(b, words, sizeof(words)));
	if (row->changed & NSA_CHANGE_ERRNO)
		nse_sentence(t, "%s in A, %s in B.", errno_name(a->err, ea),
			     errno_name(b->err, eb));
}

static void tell_failure(struct nse_text *t, const struct nsa *n, const struct nsa_row *row)
{
	int side =
		row->side[1].failed * row->side[0].runs > row->side[0].failed * row->side[1].runs;
	const struct nsa_cell *cell = &row->side[side];
	char e[24];

	nse_sentence(t, "Fails in %c with %s.", side ? 'B' : 'A',
		     errno_name(failing(n, row, side)->err, e));
	if (cell->failed < cell->runs)
		nse_sentence(t, "That is so in %zu of %zu runs.", cell->failed, cell->runs);
}

static void tell_pace(struct nse_text *t, const struct nsa_row *row)
{
	const struct nsa_times *a = &row->side[0].times, *b = &row->side[1].times;
	char from[32], to[32];

	nse_sentence(t, "%s in B: %s, in A %s.", b->median > a->median ? "Slower" : "Faster",
		     nse_diff_time(b->median, to, sizeof(to)),
		     nse_diff_time(a->median, from, sizeof(from)));
}

static const char *article(const struct nsa_item *item)
{
	return item->who.role == NSA_RUNTIME || item->who.role == NSA_PAYLOAD ? "the " : "";
}

const char *nse_diff_note(const struct nsa *n, const struct nsa_row *row, char *buf, size_t size)
{
	size_t na = n->side[0].n, nb = n->side[1].n;
	bool only = row->marks & (NSA_MARK(NSA_ONLY_A) | NSA_MARK(NSA_ONLY_B));
	char who[2][64];
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (row->marks & NSA_MARK(NSA_FAILS))
		tell_failure(&t, n, row);
	if (row->marks & NSA_MARK(NSA_CHANGED))
		tell_change(&t, row);
	if (row->marks & NSA_MARK(NSA_BY_OTHER))
		nse_sentence(&t, "By %s%s in A, by %s%s in B.", article(row->side[0].item),
			     nse_diff_who(&row->side[0].item->who, who[0], sizeof(who[0])),
			     article(row->side[1].item),
			     nse_diff_who(&row->side[1].item->who, who[1], sizeof(who[1])));
	if (row->marks & NSA_MARK(NSA_MOVED))
		tell_place(&t, n, row);
	if (row->marks & (NSA_MARK(NSA_SLOWER) | NSA_MARK(NSA_FASTER)))
		tell_pace(&t, row);
	if (row->marks & NSA_MARK(NSA_BY_KERNEL))
		tell_kernel(&t, n, row);
	if (row->marks & NSA_MARK(NSA_UNSEEN) && !row->nsteps)
		nse_sentence(&t, "Events were lost in %c: it may have been done there, unseen.",
			     row->side[0].item ? 'B' : 'A');
	if (row->marks & NSA_MARK(NSA_VARIES) ||
	    (only && row->side[0].runs % na + row->side[1].runs % nb > 0))
		tell_runs(&t, n, row);
	return buf;
}
