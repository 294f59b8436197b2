// SPDX-License-Identifier: GPL-2.0-only
/* The life of a call: from its first event to the sink. */
#include <errno.h>
#include <string.h>

#include "internal.h"

#define MAX_ERRNO    4095
#define NAMED_ERRNOS (sizeof(((struct nsm_counts *)0)->by_errno[0]) / sizeof(uint32_t))

static bool view_known(const struct nsl_view *v)
{
	return v->slot[NSL_SLOT_USER].obj != 0; /* every task has one, even a dying one */
}

static void ns_created(struct nsm *m, const struct nsm_ns_event *ns)
{
	if (ns->type < NSL_TYPES)
		m->counts.created[ns->type]++;
	if (m->sink.ns)
		m->sink.ns(m->sink.ctx, ns);
}

static bool told(const struct open_call *c, uint64_t obj)
{
	for (size_t i = 0; i < c->nraw; i++) {
		if (c->raw[i].ns.obj == obj && raw_created(c, &c->raw[i]))
			return true;
	}
	return false;
}

/* Namespaces whose creation no step has told, each once. */
static void tell_created(struct nsm *m, const struct open_call *c)
{
	const struct nsm_call *pub = &c->pub;

	for (size_t i = 0; i < pub->nslots; i++) {
		const struct nsm_slot_change *s = &pub->slots[i];
		struct nsm_ns_event ns = {.ts = pub->ts, .by_pid = pub->pid};
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again = again || pub->slots[j].after.obj == s->after.obj;
		if (s->how != NSM_HOW_CREATED || again || told(c, s->after.obj))
			continue;
		if (pub->duration != NSM_DURATION_UNKNOWN)
			ns.ts += (uint64_t)pub->duration;
		ns.type = nsm_slot_type(s->slot);
		ns.ns = s->after;
		memcpy(ns.by_comm, pub->comm, sizeof(ns.by_comm));
		ns_created(m, &ns);
	}
}

static void count(struct nsm *m, const struct nsm_call *pub)
{
	m->counts.calls++;
	m->counts.by_syscall[pub->syscall]++;
	if (pub->err)
		m->counts.by_errno[pub->syscall][(size_t)pub->err < NAMED_ERRNOS ? pub->err : 0]++;
	else if (pub->end_seen)
		m->counts.ok[pub->syscall]++;
}

/*
 * It touched nothing: an exec without a pending time namespace, or a thread or
 * vfork that a pending one does not reach (CLONE_VM, 6.2 and later).
 */
static bool idle(const struct open_call *c)
{
	const struct nsm_call *pub = &c->pub;

	if (!pub->end_seen || pub->err || pub->nslots || pub->new_flags)
		return false;
	if (pub->syscall >= NSL_SYS_CLONE && pub->syscall <= NSL_SYS_VFORK)
		return pub->has_views;
	if (pub->syscall != NSL_SYS_EXEC)
		return false;
	for (size_t i = 0; i < c->nraw; i++) {
		if (c->raw[i].fn == NSL_FN_create_new_namespaces)
			return pub->has_views;
	}
	return true;
}

/* Out of the table and to the sink. */
static void complete(struct nsm *m, struct open_call *c)
{
	struct nsm_call *pub = &c->pub;
	const struct cgroup *cgroup = cgroups_get(&m->cgroups, pub->cgroup);

	open_remove(m, c);
	/* a begin that is missing after a loss is most likely part of it */
	if (m->gaps != c->gaps || (!pub->begin_seen && m->gaps))
		pub->gap = true;
	pub->cgroup_path = cgroup ? cgroup->path : NULL;
	pub->container = cgroup ? cgroup->container : NULL;
	slots_build(m, c);
	if (!idle(c)) {
		steps_build(m, c);
		tell_created(m, c);
		count(m, pub);
		pub->number = m->counts.calls;
		if (m->sink.call)
			m->sink.call(m->sink.ctx, pub);
	}
	open_recycle(m, c);
}

void call_cut(struct nsm *m, struct open_call *c)
{
	complete(m, c);
}

static void start(struct nsm *m, struct open_call *c, const struct nsl_head *h)
{
	struct nsm_call *pub = &c->pub;

	c->gaps = m->gaps;
	pub->ts = h->ts;
	pub->duration = NSM_DURATION_UNKNOWN;
	pub->pid = h->pid;
	pub->tid = h->tid;
	pub->cgroup = h->cgroup;
	pub->fd = -1;
	pub->target_type = NSL_TYPE_UNKNOWN;
	copy_comm(pub->comm, h->comm);
}

/*
 * The call that an event inside a call belongs to, with room for one more step;
 * one without a begin where none is open. NULL: out of memory.
 */
static struct open_call *call_of(struct nsm *m, const struct nsl_head *h)
{
	struct open_call *c = open_find(m, h->tid);
	struct open_call *headless;

	if (c && c->pub.pid == h->pid)
		return raw_reserve(c) ? c : NULL;
	headless = open_alloc(m);
	if (!headless)
		return NULL;
	if (!raw_reserve(headless)) {
		open_recycle(m, headless);
		return NULL;
	}
	if (c) /* the number of a task that is gone was given to another */
		complete(m, c);
	start(m, headless, h);
	open_insert(m, headless);
	return headless;
}

int call_begin(struct nsm *m, const struct nsl_call_begin *e)
{
	struct open_call *old = open_find(m, e->head.tid);
	struct open_call *c = open_alloc(m);
	struct nsm_call *pub;

	if (!c)
		return -ENOMEM;
	if (old) {
		/* a task that exits from within a call was killed in it */
		old->pub.died = e->syscall == NSL_SYS_EXIT && old->pub.pid == e->head.pid &&
				m->gaps == old->gaps;
		complete(m, old);
	}
	start(m, c, &e->head);
	pub = &c->pub;
	pub->begin_seen = true;
	pub->syscall = e->syscall;
	pub->compat = e->flags & NSL_CALL_COMPAT;
	pub->raw_flags = e->raw_flags;
	pub->new_flags = e->new_flags;
	if (e->syscall == NSL_SYS_SETNS) {
		pub->fd = e->fd;
		pub->target_kind = e->target_kind;
		pub->target_pid = e->target_pid;
		if (e->target_kind == NSL_TARGET_NSFS) {
			pub->target = e->target;
			pub->target_type = e->target_type;
		}
	}
	pub->before = e->before;
	c->have_before = view_known(&e->before);
	open_insert(m, c);
	return 0;
}

static void take_after(struct open_call *c, const struct nsl_call_end *e)
{
	struct nsm_call *pub = &c->pub;

	if (pub->syscall == NSL_SYS_EXIT) {
		struct nsl_view *after = &pub->after;

		*after = e->after;
		after->nsproxy = 0;
		after->nsproxy_count = 0;
		memset(after->slot, 0, NSL_NSPROXY_SLOTS * sizeof(*after->slot));
		c->have_after = true;
	} else if (!is_clone(pub->syscall) || pub->err) {
		/* of a clone that succeeded, the child's view counts, and has been seen */
		pub->after = e->after;
		c->have_after = view_known(&e->after);
	}
}

int call_end(struct nsm *m, const struct nsl_call_end *e)
{
	struct open_call *c = call_of(m, &e->head);
	struct nsm_call *pub;

	if (!c)
		return -ENOMEM;
	pub = &c->pub;
	pub->end_seen = true;
	if (e->syscall != NSL_SYS_NONE)
		pub->syscall = e->syscall;
	pub->compat = pub->compat || (e->flags & NSL_CALL_COMPAT);
	if (e->flags & NSL_CALL_ALONE && !pub->begin_seen) {
		/* nothing is missing: when it began is all that is not known */
		pub->begin_seen = true;
		pub->ts = e->head.ts;
	}
	if (!pub->begin_seen || e->flags & NSL_CALL_ALONE || e->raw_flags) {
		pub->raw_flags = e->raw_flags;
		pub->new_flags = e->new_flags;
	}
	pub->ret = e->ret;
	if (e->ret < 0 && e->ret >= -MAX_ERRNO) {
		pub->err = (int)-e->ret;
		pub->ret = -1;
	}
	if (pub->begin_seen && !(e->flags & NSL_CALL_ALONE) && e->head.ts >= pub->ts)
		pub->duration = (int64_t)(e->head.ts - pub->ts);
	take_after(c, e);
	complete(m, c);
	return 0;
}

int call_step(struct nsm *m, const struct nsl_step *e)
{
	struct open_call *c = call_of(m, &e->head);
	const struct raw_step *r;
	struct nsm_ns_event ns = {.ts = e->head.ts,
				  .ns = e->ns,
				  .owner = e->owner,
				  .parent = e->parent,
				  .by_pid = e->head.pid};

	if (!c)
		return -ENOMEM;
	if (e->head.kind == NSL_EV_STEP_BEGIN) {
		raw_begin(c, e);
		return 0;
	}
	r = raw_end(c, e);
	if (!r || !e->ns.obj || !raw_created(c, r))
		return 0;
	ns.type = fn_type(r->fn);
	copy_comm(ns.by_comm, e->head.comm);
	ns_created(m, &ns);
	return 0;
}

void call_born(struct nsm *m, const struct nsl_task *e)
{
	struct open_call *c = open_find(m, e->head.tid);

	if (!c || c->pub.pid != e->head.pid || c->pub.child)
		return;
	if (c->pub.syscall == NSL_SYS_NONE)
		c->pub.syscall = NSL_SYS_CLONE; /* which one, its end will tell */
	if (!is_clone(c->pub.syscall))
		return;
	c->pub.child = e->tid;
	c->pub.child_ns_pid = e->view.ns_tid;
	c->pub.after = e->view;
	c->have_after = view_known(&e->view);
}

void call_died(struct nsm *m, uint32_t tid)
{
	struct open_call *c = open_find(m, tid);

	if (!c || c->pub.syscall == NSL_SYS_EXIT)
		return;
	c->pub.died = true;
	complete(m, c);
}
