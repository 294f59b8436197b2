// SPDX-License-Identifier: GPL-2.0-only
/* What must be so of any two start-ups, on many made by chance. */
#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "align_starts.h"

#define ROUNDS 300

static uint64_t state = 88172645463325252ull;

static uint64_t chance(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static const enum nsl_milestone_what whats[] = {
	NSL_MILESTONE_mount,   NSL_MILESTONE_umount,  NSL_MILESTONE_capset,
	NSL_MILESTONE_setuid,  NSL_MILESTONE_exec,    NSL_MILESTONE_mount_setattr,
	NSL_MILESTONE_uid_map, NSL_MILESTONE_gid_map, NSL_MILESTONE_sethostname,
	NSL_MILESTONE_fsopen,  NSL_MILESTONE_seccomp, NSL_MILESTONE_cgroup_attach,
};

static void a_call(struct made *m, uint32_t pid)
{
	static const enum nsl_syscall syscalls[] = {NSL_SYS_CLONE, NSL_SYS_CLONE3, NSL_SYS_UNSHARE,
						    NSL_SYS_SETNS, NSL_SYS_FORK};
	uint64_t flags = 0;

	for (unsigned int t = 0; t < NSL_TYPES; t++)
		if (!chance(4))
			flags |= nsm_type_bit((enum nsl_type)t);
	call(m, pid, syscalls[chance(5)], flags, 1000 + chance(100000), chance(9) ? 0 : EPERM);
}

static void a_milestone(struct made *m, uint32_t pid)
{
	char text[16], where[16];
	struct nsu_milestone *n;

	snprintf(text, sizeof(text), "t%u", (unsigned int)chance(4));
	snprintf(where, sizeof(where), "/w%u", (unsigned int)chance(4));
	n = milestone(m, pid, whats[chance(sizeof(whats) / sizeof(*whats))], text, where);
	n->m.detail[0] = chance(3) ? 0 : 2;
	n->m.err = chance(9) ? 0 : ENOENT;
}

static struct made *any_start(size_t items)
{
	struct made *m = made_new();

	task(m, 100, 1, "runc");
	task(m, 101, 100, "stage");
	task(m, 102, 101, "sh");
	task(m, 110, 100, "newuidmap");
	task(m, 111, 100, "hook");
	if (chance(5))
		payload(m, 102);
	for (size_t i = 0; i < items; i++) {
		static const uint32_t pids[] = {100, 101, 102, 110, 111};
		uint32_t pid = pids[chance(5)];

		if (chance(3))
			a_milestone(m, pid);
		else
			a_call(m, pid);
	}
	return m;
}

static void with_itself(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct made *a = any_start(chance(80));
		struct nsa *n = two(a, a);

		CHECK_NUM(n->differences, 0);
		CHECK_NUM(n->same, n->nrows);
		CHECK_NUM(n->nrows, a->s.ncalls + a->s.nmilestones);
		nsa_free(n);
		free(a);
	}
}

static unsigned int mirrored(unsigned int marks)
{
	static const enum nsa_mark swaps[][2] = {{NSA_ONLY_A, NSA_ONLY_B},
						 {NSA_SLOWER, NSA_FASTER}};
	unsigned int out = marks;

	for (size_t i = 0; i < 2; i++) {
		unsigned int x = NSA_MARK(swaps[i][0]), y = NSA_MARK(swaps[i][1]);

		out &= ~(x | y);
		out |= (marks & x ? y : 0) | (marks & y ? x : 0);
	}
	return out;
}

/* Which row of `n` has these two items? */
static const struct nsa_row *find(const struct nsa *n, const void *left, const void *right)
{
	for (size_t i = 0; i < n->nrows; i++) {
		const struct nsa_item *a = n->rows[i].side[0].item, *b = n->rows[i].side[1].item;
		const void *x = !a ? NULL : a->call ? (const void *)a->call : a->milestone;
		const void *y = !b ? NULL : b->call ? (const void *)b->call : b->milestone;

		if (x == left && y == right)
			return &n->rows[i];
	}
	return NULL;
}

static void mirror(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct made *a = any_start(chance(60)), *b = any_start(chance(60));
		struct nsa *n = two(a, b);
		/* two() keeps its sides: the second one has them of its own */
		const struct nsu_startup *ra = &a->s, *rb = &b->s;
		struct nsa_side x = {.runs = &rb, .n = 1, .steps = true};
		struct nsa_side y = {.runs = &ra, .n = 1, .steps = true};
		struct nsa *back = nsa_new(&x, &y, NULL);

		if (!back)
			abort();
		CHECK_NUM(n->nrows, back->nrows);
		CHECK_NUM(n->differences, back->differences);
		for (size_t i = 0; i < n->nrows; i++) {
			const struct nsa_item *l = n->rows[i].side[0].item;
			const struct nsa_item *r = n->rows[i].side[1].item;
			const struct nsa_row *same = find(back,
							  !r	    ? NULL
							  : r->call ? (const void *)r->call
								    : r->milestone,
							  !l	    ? NULL
							  : l->call ? (const void *)l->call
								    : l->milestone);

			CHECK(same != NULL);
			if (!same)
				break;
			CHECK_NUM(same->marks, mirrored(n->rows[i].marks));
			CHECK_NUM(same->changed, n->rows[i].changed);
		}
		nsa_free(n);
		nsa_free(back);
		free(a);
		free(b);
	}
}

/* Every item of both sides stands in exactly one row. */
static void nothing_lost(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct made *a = any_start(chance(80)), *b = any_start(chance(80));
		struct nsa *n = two(a, b);
		size_t left = 0, right = 0;

		for (size_t i = 0; i < n->nrows; i++) {
			left += n->rows[i].side[0].item != NULL;
			right += n->rows[i].side[1].item != NULL;
			for (size_t j = 0; j < i; j++) {
				CHECK(!n->rows[i].side[0].item ||
				      n->rows[i].side[0].item != n->rows[j].side[0].item);
				CHECK(!n->rows[i].side[1].item ||
				      n->rows[i].side[1].item != n->rows[j].side[1].item);
			}
		}
		CHECK_NUM(left, a->s.ncalls + a->s.nmilestones);
		CHECK_NUM(right, b->s.ncalls + b->s.nmilestones);
		nsa_free(n);
		free(a);
		free(b);
	}
}

static void without_call(struct made *m, size_t at)
{
	m->s.ncalls--;
	for (size_t i = at; i < m->s.ncalls; i++)
		m->calls[i] = m->calls[i + 1];
}

static void without_milestone(struct made *m, size_t at)
{
	m->s.nmilestones--;
	for (size_t i = at; i < m->s.nmilestones; i++)
		m->milestones[i] = m->milestones[i + 1];
}

/* One item less is one row that is missing, and it is that item, or one just like it. */
static void one_less(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct made *a = any_start(2 + chance(80)), *b = made_copy(a);
		bool is_call = a->s.ncalls && (chance(2) || !a->s.nmilestones);
		size_t at = chance(is_call ? a->s.ncalls : a->s.nmilestones);
		const struct nsa_row *row;
		struct nsa *n;

		/* in a start that failed the way may end elsewhere without it: other roles */
		if (!a->s.payload.pid)
			payload(a, 102), payload(b, 102);
		if (is_call)
			without_call(b, at);
		else
			without_milestone(b, at);
		n = two(a, b);
		CHECK_NUM(n->differences, 1);
		CHECK_NUM(marked(n, NSA_ONLY_A), 1);
		row = the(n, NSA_ONLY_A);
		if (is_call) {
			CHECK_NUM(row->side[0].item->call->call.syscall, a->calls[at].call.syscall);
			CHECK_NUM(row->side[0].item->flags, a->calls[at].call.new_flags);
		} else {
			CHECK_NUM(row->side[0].item->milestone->m.what, a->milestones[at].m.what);
			CHECK_STR(row->side[0].item->milestone->m.text, a->milestones[at].m.text);
		}
		nsa_free(n);
		/* … and one that was added, seen from the other side */
		n = two(b, a);
		CHECK_NUM(n->differences, 1);
		CHECK_NUM(marked(n, NSA_ONLY_B), 1);
		nsa_free(n);
		free(a);
		free(b);
	}
}

/* Some thousands of items take seconds at most, also where nothing is alike. */
static void many(void)
{
	struct made *a = made_new(), *b = made_new();
	struct timespec from, to;
	struct nsa *n;

	task(a, 100, 1, "a");
	task(b, 100, 1, "b");
	for (int i = 0; i < MAX_CALLS; i++) {
		a_call(a, 100);
		a_call(b, 100);
		a_milestone(a, 100);
		a_milestone(b, 100);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	n = two(a, b);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	CHECK(n->nrows >= 2 * MAX_CALLS);
	CHECK(!n->too_big);
	/* with sanitizers, and on a machine that is busy with other things */
	CHECK(to.tv_sec - from.tv_sec < 30);
	printf("   3000 items a side: %.2f s\n",
	       (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	nsa_free(n);
	free(a);
	free(b);
}

int main(void)
{
	RUN(with_itself);
	RUN(mirror);
	RUN(nothing_lost);
	RUN(one_less);
	RUN(many);
	return unit_end();
}
