// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events without sense, as a broken or hostile recording has them: whatever
 * comes, the graph agrees with itself, and neither crashes nor hangs.
 */
#include "graph_check.h"
#include "graph_events.h"
#include "unit.h"

static uint64_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

/* Few ids, so that they meet; now and then one out of all. */
static uint64_t an_id(uint32_t n)
{
	static const uint64_t odd[] = {0, 1, UINT64_MAX, 1ull << 63, UINT32_MAX, 1ull << 32};

	return any(50) ? any(n) : odd[any(6)];
}

static struct nsl_ref a_ref(void)
{
	struct nsl_ref ref = {.obj = an_id(60), .inum = any(3) ? any(80) : 0};

	return ref;
}

/* Ids and types that fit each other, more often than not. */
static struct nsl_ref typed_ref(unsigned int type)
{
	struct nsl_ref ref = {.obj = 1 + type + 8ull * any(8), .inum = any(80)};

	return any(10) ? ref : a_ref();
}

static struct nsl_view a_view(void)
{
	struct nsl_view v = any(3) ? host_view() : (struct nsl_view){.nsproxy_count = any(9)};

	if (any(8))
		v.nsproxy = an_id(30);
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		if (!any(3))
			v.slot[slot] = typed_ref(nsm_slot_type((enum nsl_slot)slot));
	v.pid_level = any(3);
	v.ns_pid = v.ns_tid = any(20);
	return v;
}

static void a_random_task(struct rig *r)
{
	struct nsl_task e =
		a_task(r, (enum nsl_task_event)any(NSL_TASK_EVENTS), any(30), "x", a_view());

	e.start = an_id(4);
	e.old_tid = any(4) ? 0 : any(30);
	e.state = (uint8_t)any(4);
	e.own_nsproxy = (uint8_t)any(2);
	ev_task(r, e);
}

static void a_random_step(struct rig *r)
{
	enum nsl_fn fn = (enum nsl_fn)(1 + any(NSL_FNS - 1));
	struct nsl_step e = {.fn = (uint16_t)fn,
			     .flags = (uint16_t)any(4),
			     .ret = any(4) ? 0 : -(int64_t)any(40),
			     .new_flags = any(2) ? NSL_NEW_ALL : 0,
			     .nsproxy = an_id(30),
			     .level = any(5) ? any(4) : UINT32_MAX,
			     .ns_id = any(5),
			     .ns = typed_ref(fn >= NSL_FN_copy_mnt_ns && fn <= NSL_FN_copy_time_ns
						     ? fn - NSL_FN_copy_mnt_ns
						     : NSL_USER),
			     .owner = typed_ref(NSL_USER),
			     .parent = typed_ref(any(2) ? NSL_USER : NSL_PID)};

	rig_feed(r, &e, sizeof(e), any(3) ? NSL_EV_STEP : NSL_EV_STEP_BEGIN);
}

static void a_random_row(struct rig *r)
{
	uint32_t type = any(NSL_TYPES);
	struct nsl_ns e = {.ns = typed_ref(type),
			   .owner = typed_ref(NSL_USER),
			   .parent = typed_ref(type),
			   .type = any(20) ? type : NSL_TYPE_UNKNOWN,
			   .level = any(5) ? any(4) : UINT32_MAX,
			   .born = (uint8_t)any(2)};

	ev_ns(r, e);
}

static void a_random_event(struct rig *r)
{
	struct nsl_ns_free free_ns = {.ns = a_ref(), .type = any(NSL_TYPES)};

	as(r, any(30), any(5) ? "x" : "kworker/0:1");
	if (!any(500))
		r->lost += any(3);
	switch (any(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		a_random_task(r);
		break;
	case 5:
	case 6:
	case 7:
		a_random_step(r);
		break;
	case 8:
		a_random_row(r);
		break;
	case 9:
		ev_begin(r, (enum nsl_syscall)(1 + any(NSL_SYSCALLS - 1)), 0);
		break;
	case 10:
	case 11:
		ev_end(r, (enum nsl_syscall)any(NSL_SYSCALLS), any(3) ? 0 : -1, a_view());
		break;
	case 12:
		rig_feed(r, &free_ns, sizeof(free_ns), any(2) ? NSL_EV_NS_FREE : NSL_EV_UNPIN);
		break;
	case 13:
		if (!any(20))
			nsg_keepers_clear(r->g);
		ev_keeper(r, (enum nsl_keeper_kind)any(NSL_KEEPERS), (enum nsl_type)any(NSL_TYPES),
			  an_id(60), any(30), "x", (int)any(9), any(9), any(2) ? "/run/x" : NULL);
		break;
	case 14:
		if (!any(8))
			ev_lost(r, any(2), (enum nsl_hook)any(NSL_HOOKS));
		break;
	default:
		if (any(10))
			break;
		if (!any(3))
			nsg_verify(r->g);
		ev_snapshot(r, any(2) ? NSL_SNAPSHOT_BEGIN : NSL_SNAPSHOT_END);
	}
	r->len = 0;
}

static void nonsense(void)
{
	for (uint64_t round = 1; round <= 60 && !unit_bad; round++) {
		struct rig *r = round & 1 ? rig_host() : rig_new();

		seed = round;
		for (int i = 0; i < 4000 && !unit_bad; i++) {
			const char *wrong;

			a_random_event(r);
			if (r->err)
				unit_fail(__FILE__, __LINE__, "round %d, event %d: %d", (int)round,
					  i, r->err);
			if (i % 10)
				continue;
			wrong = graph_wrong(r->g);
			if (wrong)
				unit_fail(__FILE__, __LINE__, "round %d, event %d: %s", (int)round,
					  i, wrong);
		}
		rig_free(r);
	}
}

/* A line of parents longer than the kernel's, and a ring of them. */
static void families_without_end(void)
{
	struct rig *r = rig_new();

	for (uint64_t id = 1; id < 2000; id++)
		ev_ns(r, a_ns(NSL_USER, id, id + 1, id + 1, 9));
	ev_ns(r, a_ns(NSL_USER, 2000, 1, 1, 9));
	ev_ns(r, a_ns(NSL_USER, 5000, 5000, 5000, 9));
	CHECK(!nsg_find_ns(r->g, 5000)->parent);
	for (uint64_t id = 1; id <= 2000; id++) {
		const struct nsg_ns *ns = nsg_find_ns(r->g, id);
		int depth = 0;

		for (; ns; ns = ns->parent)
			if (++depth > 5000)
				break;
		CHECK(depth <= 5000);
	}
	CHECK_STR(graph_wrong(r->g) ? graph_wrong(r->g) : "", "");
	rig_free(r);
}

int main(void)
{
	RUN(nonsense);
	RUN(families_without_end);
	return unit_end();
}
