// SPDX-License-Identifier: GPL-2.0-only
/* Several runs on a side: what is slower, what is noise, what only happens now and then. */
#include <math.h>

#include "align_starts.h"

#define RUNS 10

static uint64_t state = 1234567;
static bool outliers = true;
static bool two_speeds; /* a wait that is over at the first look, or at the second */

/* Between 0 and 1. */
static double chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* A duration on a busy machine: mostly near, now and then far above. */
static uint64_t noisy(uint64_t ns)
{
	double factor = exp(0.25 * (chance() + chance() + chance() - 1.5));

	if (outliers && chance() < 0.05)
		factor *= 2 + 8 * chance();
	if (two_speeds && chance() < 0.5)
		factor *= 3;
	return (uint64_t)((double)ns * factor);
}

struct side {
	struct made *made[RUNS];
	const struct nsu_startup *runs[RUNS];
	size_t n;
};

/* As a_start(), every duration noisy; the hook takes `hook`. */
static struct made *noisy_start(uint64_t hook)
{
	struct made *m = a_start();
	uint64_t at = m->s.begin;

	for (size_t i = 0; i < m->s.ncalls; i++)
		m->calls[i].call.duration = (int64_t)noisy((uint64_t)m->calls[i].call.duration);
	for (size_t i = 0; i < m->s.nmilestones; i++)
		m->milestones[i].m.duration = (int64_t)noisy(400000);
	m->ts = m->s.end;
	pass(m, hook);
	stage(m, NSU_STAGE_HOOK);
	for (size_t i = 0; i < m->s.nstages; i++) {
		uint64_t ns = noisy(m->stages[i].end - m->stages[i].begin + 5 * MS);

		m->stages[i].begin = at;
		at += ns;
		m->stages[i].end = at;
	}
	m->s.end = at;
	return m;
}

static void side_init(struct side *s, size_t n, uint64_t hook)
{
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		s->made[i] = noisy_start(hook);
		s->runs[i] = &s->made[i]->s;
	}
}

static void side_free(struct side *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->made[i]);
}

static struct nsa *compare(const struct side *a, const struct side *b)
{
	struct nsa_side x = {.runs = a->runs, .n = a->n, .steps = true};
	struct nsa_side y = {.runs = b->runs, .n = b->n, .steps = true};
	struct nsa *n = nsa_new(&x, &y, NULL);

	if (!n)
		abort();
	return n;
}

static size_t paced(const struct nsa *n)
{
	size_t found = marked(n, NSA_SLOWER) + marked(n, NSA_FASTER) + (n->pace != NSA_SAME_PACE);

	for (size_t i = 0; i < NSU_STAGES; i++)
		found += n->stages[i].pace != NSA_SAME_PACE;
	return found;
}

/* Equal starts, so many times: how often is anything said to be slower or faster? */
static size_t false_alarms(size_t runs, int times)
{
	size_t found = 0;

	for (int i = 0; i < times; i++) {
		struct side a, b;
		struct nsa *n;

		side_init(&a, runs, 20 * MS);
		side_init(&b, runs, 20 * MS);
		n = compare(&a, &b);
		found += paced(n);
		nsa_free(n);
		side_free(&a);
		side_free(&b);
	}
	printf("   %zu runs a side, %d times some 20 figures: %zu false alarms\n", runs, times,
	       found);
	return found;
}

static void noise(void)
{
	CHECK_NUM(false_alarms(10, 200), 0);
	CHECK(false_alarms(5, 200) <= 2);
	CHECK(false_alarms(3, 200) <= 8);
	/* of two runs nobody can tell which one is the odd one out */
	outliers = false;
	CHECK_NUM(false_alarms(1, 200), 0);
	outliers = true;
	/* which of two happened more often is chance, too */
	two_speeds = true;
	CHECK(false_alarms(10, 200) <= 4);
	two_speeds = false;
}

static void slow_hook(void)
{
	static const size_t counts[] = {1, 2, 3, 5, 10};

	outliers = false;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct side a, b;
		struct nsa *n;

		side_init(&a, counts[i], 20 * MS);
		side_init(&b, counts[i], 2000 * MS);
		n = compare(&a, &b);
		CHECK_NUM(n->pace, NSA_B_SLOWER);
		CHECK_NUM(n->stages[NSU_STAGE_HOOK].pace, NSA_B_SLOWER);
		CHECK_NUM(paced(n), 2);
		CHECK_NUM(n->limits.noise_known, counts[i] > 1);
		CHECK(n->stages[NSU_STAGE_HOOK].longest != NULL);
		CHECK_NUM(n->stages[NSU_STAGE_HOOK].startup->number, 1);
		nsa_free(n);
		n = compare(&b, &a);
		CHECK_NUM(n->pace, NSA_B_FASTER);
		CHECK_NUM(n->stages[NSU_STAGE_HOOK].pace, NSA_B_FASTER);
		nsa_free(n);
		side_free(&a);
		side_free(&b);
	}
	outliers = true;
}

/* One call that takes 1 ms more in each of ten runs. */
static void slow_call(void)
{
	struct side a, b;
	struct nsa *n;

	side_init(&a, RUNS, 20 * MS);
	side_init(&b, RUNS, 20 * MS);
	for (size_t i = 0; i < RUNS; i++)
		b.made[i]->calls[2].call.duration += 1 * MS;
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_SLOWER), 1);
	CHECK_NUM(the(n, NSA_SLOWER)->side[0].item->flags, NSL_NEWNS | NSL_NEWUTS | NSL_NEWPID);
	CHECK_NUM(the(n, NSA_SLOWER)->side[1].times.n, RUNS);
	CHECK_NUM(paced(n), 1);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
}

/* What a run lacks in which events were lost may have been done; what it has, was. */
static void a_loss_hides(void)
{
	struct side a, b;
	struct nsa *n;

	side_init(&a, 1, 20 * MS);
	side_init(&b, 1, 20 * MS);
	milestone(a.made[0], 102, NSL_MILESTONE_setgroups, "", "");
	b.made[0]->s.gap = true;
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_UNSEEN), 1);
	CHECK_NUM(marked(n, NSA_ONLY_A), 0);
	CHECK_NUM(n->differences, 1); /* nobody knows: not "no difference" */
	nsa_free(n);
	/* the loss is on the side that has it */
	n = compare(&b, &a);
	CHECK_NUM(marked(n, NSA_UNSEEN), 1);
	nsa_free(n);
	b.made[0]->s.gap = false;
	a.made[0]->s.gap = true;
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_UNSEEN), 0);
	CHECK_NUM(marked(n, NSA_ONLY_A), 1);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
	/* runs that lost nothing tell for their side */
	side_init(&a, RUNS, 20 * MS);
	side_init(&b, RUNS, 20 * MS);
	for (size_t i = 0; i < RUNS; i++) {
		milestone(a.made[i], 102, NSL_MILESTONE_setgroups, "", "");
		b.made[i]->s.gap = i < RUNS / 2;
		if (i >= RUNS / 2)
			milestone(b.made[i], 102, NSL_MILESTONE_setgroups, "", "");
	}
	n = compare(&a, &b);
	CHECK_NUM(n->differences, 0);
	CHECK_NUM(marked(n, NSA_UNSEEN), 0);
	CHECK_NUM(marked(n, NSA_VARIES), 0);
	nsa_free(n);
	for (size_t i = 0; i < RUNS; i++)
		milestone(a.made[i], 102, NSL_MILESTONE_chroot, "/x", "");
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_ONLY_A), 1);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
}

/* What comes in some runs of both sides is no difference; what never came before, is. */
static void now_and_then(void)
{
	struct side a, b;
	struct nsa *n;

	side_init(&a, RUNS, 20 * MS);
	side_init(&b, RUNS, 20 * MS);
	for (size_t i = 0; i < RUNS; i++) {
		if (i % 2)
			milestone(a.made[i], 102, NSL_MILESTONE_setgroups, "", "");
		if (i % 3)
			milestone(b.made[i], 102, NSL_MILESTONE_setgroups, "", "");
	}
	n = compare(&a, &b);
	CHECK_NUM(n->differences, 0);
	CHECK_NUM(marked(n, NSA_VARIES), 1);
	CHECK_NUM(the(n, NSA_VARIES)->side[0].runs, 5);
	CHECK_NUM(the(n, NSA_VARIES)->side[1].runs, 6);
	nsa_free(n);
	for (size_t i = 0; i < RUNS; i++)
		milestone(b.made[i], 102, NSL_MILESTONE_chroot, "/x", "");
	n = compare(&a, &b);
	CHECK_NUM(n->differences, 1);
	CHECK_NUM(the(n, NSA_ONLY_B)->side[1].item->milestone->m.what, NSL_MILESTONE_chroot);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
}

/* A value that is another one in every run says nothing. */
static void values_vary(void)
{
	struct side a, b;
	struct nsa *n;

	side_init(&a, 3, 20 * MS);
	side_init(&b, 3, 20 * MS);
	for (size_t i = 0; i < 3; i++) {
		strcpy(a.made[i]->milestones[6].m.text, i ? "one" : "two");
		strcpy(b.made[i]->milestones[6].m.text, i ? "three" : "one");
	}
	n = compare(&a, &b);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
}

static void runs_that_fail(void)
{
	struct side a, b;
	struct nsa *n;

	side_init(&a, RUNS, 20 * MS);
	side_init(&b, RUNS, 20 * MS);
	/* one of ten: it happens */
	b.made[3]->calls[2].call.err = 11;
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_FAILS), 0);
	nsa_free(n);
	for (size_t i = 0; i < 8; i++)
		b.made[i]->calls[2].call.err = 11;
	n = compare(&a, &b);
	CHECK_NUM(marked(n, NSA_FAILS), 1);
	CHECK_NUM(the(n, NSA_FAILS)->side[1].failed, 8);
	nsa_free(n);
	side_free(&a);
	side_free(&b);
}

int main(void)
{
	RUN(noise);
	RUN(slow_hook);
	RUN(slow_call);
	RUN(a_loss_hides);
	RUN(now_and_then);
	RUN(values_vary);
	RUN(runs_that_fail);
	return unit_end();
}
