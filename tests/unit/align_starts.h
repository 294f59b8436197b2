/* SPDX-License-Identifier: GPL-2.0-only */
/* Start-ups written down for the tests of the alignment. */
#ifndef NSLENS_UNIT_ALIGN_STARTS_H
#define NSLENS_UNIT_ALIGN_STARTS_H

#include <stdlib.h>
#include <string.h>

#include "../../user/model/align.h"
#include "unit.h"

#define MAX_TASKS 8
#define MAX_CALLS 1500
#define MAX_STEPS 8
#define MS	  1000000ull

struct made {
	struct nsu_startup s;
	struct nsu_task tasks[MAX_TASKS];
	struct nsu_call calls[MAX_CALLS];
	struct nsm_step steps[MAX_CALLS][MAX_STEPS];
	struct nsu_milestone milestones[MAX_CALLS];
	struct nsu_stage stages[16];
	struct nsu_ns namespaces[16];
	uint64_t ts;
};

static inline struct made *made_new(void)
{
	struct made *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->ts = 1000 * MS;
	m->s.number = 1;
	m->s.begin = m->s.end = m->ts;
	m->s.outcome = NSU_RUNNING;
	m->s.tasks = m->tasks;
	m->s.calls = m->calls;
	m->s.milestones = m->milestones;
	m->s.stages = m->stages;
	m->s.namespaces = m->namespaces;
	return m;
}

/* A copy that points to itself. */
static inline struct made *made_copy(const struct made *from)
{
	struct made *m = made_new();

	*m = *from;
	m->s.tasks = m->tasks;
	m->s.calls = m->calls;
	m->s.milestones = m->milestones;
	m->s.stages = m->stages;
	m->s.namespaces = m->namespaces;
	for (size_t i = 0; i < m->s.ncalls; i++)
		m->calls[i].call.steps = m->steps[i];
	return m;
}

static inline size_t task_at(const struct made *m, uint32_t pid)
{
	for (size_t i = 0; i < m->s.ntasks; i++)
		if (m->tasks[i].pid == pid)
			return i;
	abort();
}

static inline void task(struct made *m, uint32_t pid, uint32_t parent, const char *comm)
{
	struct nsu_task *t = &m->tasks[m->s.ntasks++];

	t->pid = t->tid = pid;
	t->parent = parent;
	snprintf(t->comm, sizeof(t->comm), "%s", comm);
}

static inline void pass(struct made *m, uint64_t ns)
{
	m->ts += ns;
	m->s.end = m->ts;
}

static inline struct nsu_call *call(struct made *m, uint32_t pid, enum nsl_syscall syscall,
				    uint64_t flags, uint64_t ns, int err)
{
	struct nsu_call *c = &m->calls[m->s.ncalls];

	c->task = task_at(m, pid);
	c->call = (struct nsm_call){
		.number = m->s.ncalls + 1,
		.syscall = syscall,
		.begin_seen = true,
		.end_seen = true,
		.ts = m->ts,
		.duration = (int64_t)ns,
		.pid = pid,
		.tid = pid,
		.raw_flags = flags,
		.new_flags = flags,
		.err = err,
		.ret = err ? -1 : 0,
		.target_type = NSL_TYPE_UNKNOWN,
		.steps = m->steps[m->s.ncalls],
	};
	m->s.ncalls++;
	pass(m, ns + 1000);
	return c;
}

static inline struct nsm_step *step(struct nsu_call *c, enum nsl_fn fn, enum nsm_outcome outcome,
				    int err)
{
	struct nsm_step *s = (struct nsm_step *)&c->call.steps[c->call.nsteps++];

	*s = (struct nsm_step){.fn = fn,
			       .outcome = outcome,
			       .err = err,
			       .ts = c->call.ts,
			       .duration = 1000,
			       .type = NSL_TYPE_UNKNOWN};
	return s;
}

static inline struct nsu_milestone *milestone(struct made *m, uint32_t pid,
					      enum nsl_milestone_what what, const char *text,
					      const char *where)
{
	struct nsu_milestone *n = &m->milestones[m->s.nmilestones++];

	n->m.what = what;
	n->m.pid = n->m.tid = pid;
	n->m.ts = m->ts + 1000;
	n->m.duration = 1000;
	snprintf(n->m.text, sizeof(n->m.text), "%s", text);
	snprintf(n->m.where, sizeof(n->m.where), "%s", where);
	pass(m, 2000);
	return n;
}

/* From the end of the last one, or the beginning, to now. */
static inline void stage(struct made *m, enum nsu_stage_kind kind)
{
	struct nsu_stage *g = &m->stages[m->s.nstages];

	g->kind = kind;
	g->begin = m->s.nstages ? g[-1].end : m->s.begin;
	g->end = m->ts;
	m->s.nstages++;
}

static inline void payload(struct made *m, uint32_t pid)
{
	m->s.payload.pid = m->s.payload.tid = pid;
	m->s.payload.exec = m->ts;
}

static inline void one_ns(struct made *m, enum nsl_type type, enum nsu_role role)
{
	struct nsu_ns *ns = &m->namespaces[m->s.nnamespaces++];

	ns->type = type;
	ns->role = role;
}

/* runtime 100, stage 101, payload 102; a helper 110 */
static inline struct made *a_start(void)
{
	struct made *m = made_new();

	task(m, 100, 1, "runc");
	task(m, 101, 100, "runc:[1:CHILD]");
	task(m, 102, 101, "sh");
	task(m, 110, 100, "newuidmap");
	call(m, 100, NSL_SYS_CLONE, 0, 100000, 0);
	stage(m, NSU_STAGE_PREPARE);
	call(m, 101, NSL_SYS_UNSHARE, NSL_NEWUSER, 80000, 0);
	stage(m, NSU_STAGE_NAMESPACES);
	milestone(m, 110, NSL_MILESTONE_uid_map, "0 1000 1", "");
	milestone(m, 110, NSL_MILESTONE_gid_map, "0 1000 1", "");
	stage(m, NSU_STAGE_ID_MAPS);
	call(m, 101, NSL_SYS_UNSHARE, NSL_NEWNS | NSL_NEWUTS | NSL_NEWPID, 300000, 0);
	call(m, 101, NSL_SYS_CLONE, 0, 120000, 0);
	stage(m, NSU_STAGE_NAMESPACES);
	milestone(m, 102, NSL_MILESTONE_mount, "proc", "/b/one/rootfs/proc");
	milestone(m, 102, NSL_MILESTONE_mount, "sysfs", "/b/one/rootfs/sys");
	milestone(m, 102, NSL_MILESTONE_mount, "tmpfs", "/b/one/rootfs/dev");
	stage(m, NSU_STAGE_MOUNTS);
	milestone(m, 102, NSL_MILESTONE_pivot_root, ".", ".");
	stage(m, NSU_STAGE_ROOT);
	milestone(m, 102, NSL_MILESTONE_sethostname, "web", "");
	stage(m, NSU_STAGE_IDENTITY);
	milestone(m, 102, NSL_MILESTONE_exec, "/bin/sh", "");
	stage(m, NSU_STAGE_EXEC);
	payload(m, 102);
	return m;
}

/* One run against one run, with steps, kernels not known. */
static inline struct nsa *two(const struct made *a, const struct made *b)
{
	const struct nsu_startup *ra[] = {&a->s}, *rb[] = {&b->s};
	struct nsa_side x = {.runs = ra, .n = 1, .steps = true};
	struct nsa_side y = {.runs = rb, .n = 1, .steps = true};
	static const struct nsu_startup *keep[2];
	struct nsa *n;

	/* the alignment refers to the arrays as long as it lives */
	keep[0] = ra[0];
	keep[1] = rb[0];
	x.runs = &keep[0];
	y.runs = &keep[1];
	n = nsa_new(&x, &y, NULL);
	if (!n)
		abort();
	return n;
}

static inline size_t marked(const struct nsa *n, enum nsa_mark mark)
{
	size_t count = 0;

	for (size_t i = 0; i < n->nrows; i++)
		count += (n->rows[i].marks & NSA_MARK(mark)) != 0;
	return count;
}

/* The first row with this mark; a test without one ends. */
static inline const struct nsa_row *the(const struct nsa *n, enum nsa_mark mark)
{
	for (size_t i = 0; i < n->nrows; i++)
		if (n->rows[i].marks & NSA_MARK(mark))
			return &n->rows[i];
	unit_fail(__FILE__, __LINE__, "no row is %s", nsa_mark_name(mark));
	abort();
}

#endif
