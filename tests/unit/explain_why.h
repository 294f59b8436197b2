/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks a graph that was written down why a namespace lives, and keeps the answer's words. */
#ifndef NSLENS_UNIT_EXPLAIN_WHY_H
#define NSLENS_UNIT_EXPLAIN_WHY_H

#include "../../user/explain/why.h"

#include "graph_events.h"
#include "unit.h"

#define OLD ((nse_kernel)6012)
#define NEW ((nse_kernel)6019)

static char text[NSE_WHY_LEN];
static nse_kernel kernel = OLD;

static inline struct nse_why *ask(struct rig *r, uint64_t id)
{
	struct nse_why_context c = {
		.kernel = kernel,
		.now = r->ts,
		.own_mnt = INUM(HOST(NSL_MNT)),
		.own_pid = 999,
		.fold = true,
	};
	const struct nsg_ns *ns = nsg_find_ns(r->g, id);
	struct nse_why *w = ns ? nse_why(r->g, ns, &c) : NULL;

	if (!w)
		abort();
	return w;
}

/* A snapshot of the host with the rows that `fill` adds. */
static inline struct rig *rig_with(void (*fill)(struct rig *r))
{
	struct rig *r = rig_new();

	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	fill(r);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	return r;
}

static inline void row(struct rig *r, enum nsl_type type, uint64_t id, uint32_t refs,
		       uint32_t active)
{
	struct nsl_ns e =
		a_ns(type, id, HOST(NSL_USER), type == NSL_PID || type == NSL_USER ? HOST(type) : 0,
		     type == NSL_PID || type == NSL_USER);

	e.refs = refs;
	e.active = active;
	ev_ns(r, e);
}

static inline const char *verdict(const struct nse_why *w)
{
	return nse_why_verdict(w, text, sizeof(text));
}

static inline const char *keeper(const struct nse_why *w, size_t i)
{
	return i < w->nkeepers ? nse_keeper_text(w, &w->keepers[i], text, sizeof(text)) : "none";
}

static inline const char *command(const struct nse_why *w, size_t i)
{
	const char *c =
		i < w->nkeepers ? nse_keeper_command(w, &w->keepers[i], text, sizeof(text)) : NULL;

	return c ? c : "none";
}

static inline void one_net(struct rig *r)
{
	row(r, NSL_NET, 20, 1, NSL_COUNT_UNKNOWN);
}

static inline void three_refs(struct rig *r)
{
	row(r, NSL_NET, 20, 3, NSL_COUNT_UNKNOWN);
}

static inline void nsproxies(struct rig *r)
{
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	struct nsl_task thread = a_task(r, NSL_TASK_SEEN, 301, "worker", v);

	row(r, NSL_UTS, 20, 2, NSL_COUNT_UNKNOWN);
	thread.pid = 300;
	ev_seen(r, 300, "nginx", v);
	ev_task(r, thread);
	ev_seen(r, 302, "nginx", v);
	ev_seen(r, 310, "other", with(host_view(), 8, NSL_SLOT_UTS, 20));
}

#endif
