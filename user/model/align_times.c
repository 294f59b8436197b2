// SPDX-License-Identifier: GPL-2.0-only
/* What is slower, and what is noise? */
#include <math.h>
#include <stdlib.h>

#include "align_internal.h"

/* With few runs their range is their spread; with more of them, what the middle half spans. */
#define FEW 8

/* Of equal starts, less than one of a thousand such figures would be as far apart by chance. */
#define CHANCE 0.001

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Between the two values that are nearest. */
static uint64_t quantile(const uint64_t *values, size_t n, size_t quarter)
{
	size_t at = (n - 1) * quarter, low = at / 4;
	uint64_t step = low + 1 < n ? values[low + 1] - values[low] : 0;

	return values[low] + step / 4 * (at % 4) + step % 4 * (at % 4) / 4;
}

void align_times(uint64_t *values, size_t n, struct nsa_times *out)
{
	*out = (struct nsa_times){.n = n};
	if (!n)
		return;
	qsort(values, n, sizeof(*values), by_value);
	out->min = values[0];
	out->q1 = quantile(values, n, 1);
	out->median = quantile(values, n, 2);
	out->q3 = quantile(values, n, 3);
	out->max = values[n - 1];
	out->low = values[n / 10];
	out->high = values[n - 1 - n / 10];
}

void align_limits(const struct nsa_side *a, const struct nsa_side *b, struct nsa_limits *out)
{
	*out = (struct nsa_limits){
		.noise_known = true,
		.ratio = 1.1,
		.row = 50000,
		.whole = 1000000,
		.spreads = 2.5,
	};
	/* the spread of a handful is itself but a guess */
	if (a->n < 5 || b->n < 5) {
		out->spreads = 4;
		out->ratio = 1.5;
		out->row = 2000000;
		out->whole = 20000000;
	}
	if (a->n > 1 || b->n > 1)
		return;
	out->noise_known = false;
	out->ratio = 2;
	out->row = out->whole = 100000000;
	out->spreads = 0;
}

/* How far its runs lie apart, as a part of their median. */
static double spread(const struct nsa_times *t)
{
	uint64_t apart = t->n < FEW ? t->max - t->min : t->q3 - t->q1;

	return t->median ? (double)apart / (double)t->median : 0;
}

/* `slow` is the one with the greater median. */
static bool plainly(const struct nsa_times *fast, const struct nsa_times *slow,
		    const struct nsa_limits *l, uint64_t least)
{
	double noise = spread(fast) > spread(slow) ? spread(fast) : spread(slow);
	double ratio = 1 + l->spreads * noise > l->ratio ? 1 + l->spreads * noise : l->ratio;

	return slow->median - fast->median >= least && slow->low > fast->high &&
	       (double)slow->median >= ratio * (double)fast->median;
}

enum nsa_pace align_pace(const struct nsa_times *a, const struct nsa_times *b,
			 const struct nsa_limits *l, uint64_t least)
{
	if (!a->n || !b->n || a->median == b->median)
		return NSA_SAME_PACE;
	if (a->median < b->median)
		return plainly(a, b, l, least) ? NSA_B_SLOWER : NSA_SAME_PACE;
	return plainly(b, a, l, least) ? NSA_B_FASTER : NSA_SAME_PACE;
}

/* The logarithm of n over k. */
static double choose(size_t n, size_t k)
{
	double sum = 0;

	for (size_t i = 1; i <= k; i++)
		sum += log((double)(n - k + i)) - log((double)i);
	return sum;
}

/* Fisher's exact test, two-sided: how likely is a table as uneven as this one? */
bool align_apart(size_t x, size_t n, size_t y, size_t m)
{
	size_t all = x + y, low = all > m ? all - m : 0, high = all < n ? all : n;
	double seen, sum = 0;

	if ((x == n && !y) || (!x && y == m))
		return true; /* never here, always there */
	seen = choose(n, x) + choose(m, y);
	for (size_t i = low; i <= high; i++) {
		double p = choose(n, i) + choose(m, all - i);

		if (p <= seen + 1e-9)
			sum += exp(p - choose(n + m, all));
	}
	return sum < CHANCE;
}

const char *nsa_pace_name(enum nsa_pace pace)
{
	return pace == NSA_B_SLOWER ? "slower" : pace == NSA_B_FASTER ? "faster" : "same";
}
