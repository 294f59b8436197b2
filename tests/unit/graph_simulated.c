// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graph follows a kernel that lives at random. After every burst it must
 * equal what is there: no difference in a snapshot, no namespace more or less.
 * Then some events are lost, and a snapshot must heal it.
 */
#include "graph_check.h"
#include "graph_kernel.h"
#include "unit.h"

static void compare(struct kernel *k, int round)
{
	const struct nsg_difference *d;
	struct nsg_totals t;
	size_t n, confirmed, alive = 0;
	const char *wrong = graph_wrong(k->r->g);

	if (wrong)
		unit_fail(__FILE__, __LINE__, "round %d: %s", round, wrong);
	nsg_verify(k->r->g);
	snapshot(k);
	d = nsg_differences(k->r->g, &n, &confirmed);
	if (n)
		unit_fail(__FILE__, __LINE__,
			  "round %d: %zu differences; %s tid %u ns %llu: %llu, not %llu", round, n,
			  nsg_difference_name(d->kind), d->tid, (unsigned long long)d->ns,
			  (unsigned long long)d->graph.obj, (unsigned long long)d->kernel.obj);
	for (size_t i = 0; i < k->nns; i++)
		alive += !k->ns[i].dead;
	nsg_totals(k->r->g, &t);
	if (t.namespaces != alive)
		unit_fail(__FILE__, __LINE__, "round %d: %zu namespaces, not %zu", round,
			  t.namespaces, alive);
	for (size_t i = 0; i < k->nns && !unit_bad; i++)
		if (!k->ns[i].dead && !nsg_find_ns(k->r->g, k->ns[i].id))
			unit_fail(__FILE__, __LINE__, "round %d: %zu is missing", round, i + 1);
}

static void follows(void)
{
	int bursts = 0;

	for (uint64_t seed = 1; seed <= 40 && !unit_bad; seed++) {
		struct kernel *k = boot(seed);

		for (int i = 0; i < 20 && !unit_bad; i++, bursts++) {
			live(k, 1 + (int)any(k, 40));
			compare(k, (int)seed * 100 + i);
			if (!any(k, 3))
				snapshot(k); /* one that is applied changes nothing */
			k->r->len = 0;
		}
		CHECK(k->nns > 50);
		halt(k);
	}
	CHECK_NUM(bursts, 800);
}

static void heals(void)
{
	for (uint64_t seed = 100; seed <= 140 && !unit_bad; seed++) {
		struct kernel *k = boot(seed);

		for (int i = 0; i < 12 && !unit_bad; i++) {
			k->losing = 20;
			live(k, 60);
			k->losing = 0;
			snapshot(k); /* its begin shows the loss */
			CHECK(!nsg_stale(k->r->g));
			compare(k, (int)seed * 100 + i);
			live(k, 10);
			compare(k, (int)seed * 100 + i);
			k->r->len = 0;
		}
		halt(k);
	}
}

int main(void)
{
	RUN(follows);
	RUN(heals);
	return unit_end();
}
