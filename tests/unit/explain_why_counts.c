// SPDX-License-Identifier: GPL-2.0-only
/* Why a namespace is alive: what is known of it, and the arithmetic of its references. */
#include "explain_why.h"

static void test_initial(void)
{
	struct rig *r = rig_host();
	struct nse_why *w = ask(r, HOST(NSL_NET));

	CHECK_NUM(w->state, NSE_WHY_INITIAL);
	CHECK_NUM(w->nkeepers, 0);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	kernel = NEW;
	w = ask(r, HOST(NSL_NET));
	CHECK_STR(verdict(w), "net:[4026531006] is an initial namespace: it never dies, and is not "
			      "counted since Linux 6.19.");
	nse_why_free(w);
	kernel = OLD;
	rig_free(r);
}

static void counted(struct rig *r)
{
	row(r, NSL_NET, 20, 0, NSL_COUNT_UNKNOWN);
	row(r, NSL_NET, 21, 2, NSL_COUNT_UNKNOWN);
	row(r, NSL_NET, 22, NSL_COUNT_UNKNOWN, NSL_COUNT_UNKNOWN);
}

static void test_nothing_holds_it(void)
{
	struct rig *r = rig_with(counted);
	struct nse_why *w = ask(r, 20);

	CHECK_NUM(w->state, NSE_WHY_DYING);
	CHECK_STR(verdict(w), "Nothing holds net:[4026531020]: it is waiting for cleanup_net, a "
			      "worker that takes network namespaces apart in batches.");
	nse_why_free(w);
	w = ask(r, 21);
	CHECK_NUM(w->state, NSE_WHY_HIDDEN);
	CHECK_NUM(w->unaccounted, 2);
	CHECK(strstr(verdict(w), "2 references are counted") != NULL);
	CHECK(strstr(text, "UNIX socket") != NULL);
	nse_why_free(w);
	w = ask(r, 22);
	CHECK(w->state == NSE_WHY_UNKNOWN || w->state == NSE_WHY_DYING);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	rig_free(r);
}

static void test_too_many_keepers(void)
{
	struct rig *r = rig_with(counted);
	struct nse_why *w;

	/* they came after the count was read */
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	w = ask(r, 20);
	CHECK_NUM(w->unaccounted, -1);
	CHECK(w->no_count != NULL);
	nse_why_free(w);
	rig_free(r);
}

static void lone_parent(struct rig *r)
{
	row(r, NSL_PID, 20, 1, NSL_COUNT_UNKNOWN);
	ev_ns(r, a_ns(NSL_PID, 21, HOST(NSL_USER), 20, 2));
}

/* A parent was read, but not opened, when its child was. */
static void test_parent_was_not_opened(void)
{
	struct rig *r = rig_with(lone_parent);
	struct nse_why_context c = {.kernel = OLD, .opened = 1};
	struct nse_why *w;

	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 1);
	CHECK_NUM(w->explained, 1);
	nse_why_free(w);
	rig_free(r);
}

/* A reading through a descriptor of our own counts that descriptor, too. */
static void test_own_descriptor(void)
{
	struct rig *r = rig_with(three_refs);
	struct nse_why_context c = {.kernel = OLD, .own_pid = 999};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 5, 0, "socket:[78]");
	c.now = r->ts;
	c.opened = 1;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 2);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	/* it stands for every descriptor there is */
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 500, "a", 6, 0, NULL);
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->refs, 3);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void two_counts(struct rig *r)
{
	struct nsl_ns owned = a_ns(NSL_UTS, 20, 21, 0, 0);
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);

	row(r, NSL_USER, 21, 4, 2);
	owned.refs = 2;
	owned.active = 2;
	ev_ns(r, owned);
	v.slot[NSL_SLOT_USER] = ns_ref(21);
	ev_seen(r, 300, "nginx", v);
}

static void test_two_counts(void)
{
	struct rig *r = rig_with(two_counts);
	struct nse_why *w;

	kernel = NEW;
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 400, "holder", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->explained, 2);
	CHECK_NUM(w->unaccounted, 0);
	CHECK_NUM(w->active, 2);
	CHECK_NUM(w->active_explained, 2);
	nse_why_free(w);
	w = ask(r, 21);
	/* its task, and the uts namespace that it owns */
	CHECK_NUM(w->active_explained, 2);
	CHECK_NUM(w->unaccounted, -1);
	nse_why_free(w);
	kernel = OLD;
	rig_free(r);
}

int main(void)
{
	RUN(test_initial);
	RUN(test_nothing_holds_it);
	RUN(test_too_many_keepers);
	RUN(test_parent_was_not_opened);
	RUN(test_own_descriptor);
	RUN(test_two_counts);
	return unit_end();
}
