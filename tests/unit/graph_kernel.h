/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small kernel that lives at random: tasks clone, unshare, join, exit and are
 * reaped, namespaces are counted and die, and each change is told as the hooks
 * tell it.
 */
#ifndef NSLENS_GRAPH_KERNEL_H
#define NSLENS_GRAPH_KERNEL_H

#include "graph_events.h"

#define TASKS	   60
#define NAMESPACES 4096
#define NSPROXIES  4096

struct kns {
	uint64_t id;
	enum nsl_type type;
	struct kns *owner, *parent;
	uint32_t level;
	int count;
	bool dead, told;
};

struct kproxy {
	uint64_t id;
	struct kns *slot[NSL_NSPROXY_SLOTS];
	int count;
};

struct ktask {
	uint32_t tid;
	uint64_t start;
	struct kproxy *nsproxy; /* NULL: a zombie */
	struct kns *user, *pid;
	bool there;
};

struct kernel {
	struct rig *r;
	uint64_t seed;
	struct kns ns[NAMESPACES];
	struct kproxy nsproxy[NSPROXIES];
	struct ktask task[TASKS];
	size_t nns, nnsproxies;
	uint64_t start;
	int losing; /* percent of events */
};

static inline uint32_t any(struct kernel *k, uint32_t n)
{
	k->seed = k->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(k->seed >> 33) % n;
}

/* The next event does not arrive. */
static inline bool lose(struct kernel *k)
{
	if (!k->losing || any(k, 100) >= (uint32_t)k->losing)
		return false;
	k->r->lost++;
	return true;
}

#define TELL(k, ...)                                                                               \
	do {                                                                                       \
		if (!lose(k))                                                                      \
			__VA_ARGS__;                                                               \
	} while (0)

static inline struct nsl_ref kref(const struct kns *ns)
{
	return ns_ref(ns ? ns->id : 0);
}

static inline bool kinitial(const struct kernel *k, const struct ktask *t)
{
	return (!t->nsproxy || t->nsproxy == &k->nsproxy[0]) && t->user == &k->ns[NSL_USER] &&
	       t->pid == &k->ns[NSL_PID];
}

static inline struct nsl_view kview(const struct ktask *t)
{
	struct nsl_view v = {0};

	for (int slot = 0; t->nsproxy && slot < NSL_NSPROXY_SLOTS; slot++)
		v.slot[slot] = kref(t->nsproxy->slot[slot]);
	v.nsproxy = t->nsproxy ? t->nsproxy->id : 0;
	v.nsproxy_count = t->nsproxy ? (uint32_t)t->nsproxy->count : 0;
	v.slot[NSL_SLOT_USER] = kref(t->user);
	v.slot[NSL_SLOT_PID_ACTIVE] = kref(t->pid);
	return v;
}

static inline void tell_task(struct kernel *k, enum nsl_task_event event, const struct ktask *t)
{
	struct nsl_task e = a_task(k->r, event, t->tid, "task", kview(t));

	e.start = t->start;
	if (!t->nsproxy)
		e.state = NSL_TASK_EXITING;
	TELL(k, ev_task(k->r, e));
}

static inline void get(struct kns *ns)
{
	ns->count++;
}

/* The last reference: now, or by a worker later. */
static inline void put(struct kernel *k, struct kns *ns)
{
	if (!ns || --ns->count)
		return;
	ns->dead = true;
	if (ns->type == NSL_MNT || ns->type == NSL_UTS || ns->type == NSL_CGROUP ||
	    ns->type == NSL_TIME || !any(k, 3)) {
		ns->told = true;
		TELL(k, ev_ns_free(k->r, ns->type, ns->id));
		if (ns->type != NSL_USER)
			put(k, ns->owner);
		put(k, ns->parent);
	}
}

static inline void workers(struct kernel *k)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < k->nns; i++) {
			struct kns *ns = &k->ns[i];

			if (!ns->dead || ns->told)
				continue;
			as(k->r, 9, "kworker/0:1");
			ns->told = again = true;
			TELL(k, ev_ns_free(k->r, ns->type, ns->id));
			if (ns->type != NSL_USER)
				put(k, ns->owner);
			put(k, ns->parent);
		}
	}
}

static inline struct kns *make_ns(struct kernel *k, enum nsl_type type, struct kns *owner,
				  struct kns *parent)
{
	struct kns *ns = &k->ns[k->nns];

	*ns = (struct kns){.id = ++k->nns, .type = type, .owner = owner, .parent = parent};
	if (parent) {
		ns->level = parent->level + 1;
		get(parent);
	}
	if (owner && type != NSL_USER)
		get(owner);
	return ns;
}

static const enum nsl_slot slots[] = {
	NSL_SLOT_MNT,
	NSL_SLOT_UTS,
	NSL_SLOT_IPC,
	NSL_SLOT_PID_FOR_CHILDREN,
	NSL_SLOT_CGROUP,
	NSL_SLOT_NET,
	NSL_SLOT_TIME_FOR_CHILDREN,
};

static inline void tell_copy(struct kernel *k, enum nsl_fn fn, int64_t ret, const struct kns *ns,
			     uint64_t flags)
{
	struct nsl_step e = {.fn = (uint16_t)fn, .ret = ret, .new_flags = flags, .ns = kref(ns)};

	if (ns && (flags & nsm_type_bit(ns->type))) {
		e.owner = kref(ns->type == NSL_USER ? ns->parent : ns->owner);
		e.parent = kref(ns->parent);
		e.level = ns->level;
	}
	TELL(k, rig_feed(k->r, &e, sizeof(e), NSL_EV_STEP));
}

static inline void tell_nsproxy(struct kernel *k, enum nsl_fn fn, int64_t ret,
				const struct kproxy *p)
{
	TELL(k, ev_step(k->r, fn, ret, p ? p->id : 0));
}

/* NULL: a copy failed, and what was made before it is put again. */
static inline struct kproxy *create(struct kernel *k, const struct kproxy *old, struct kns *user,
				    uint64_t flags, bool fails)
{
	struct kproxy *p = &k->nsproxy[k->nnsproxies];
	uint32_t bad = fails ? 1 + any(k, 6) : 7;

	*p = (struct kproxy){0};
	TELL(k, ev_step_begin(k->r, NSL_FN_create_new_namespaces));
	for (uint32_t type = 0; type < 7; type++) {
		struct kns *ns = old->slot[slots[type]];

		if (type == bad) {
			tell_copy(k, (enum nsl_fn)(NSL_FN_copy_mnt_ns + type), -12, NULL, flags);
			for (uint32_t i = 0; i < bad; i++)
				put(k, p->slot[slots[i]]);
			tell_nsproxy(k, NSL_FN_create_new_namespaces, -12, NULL);
			return NULL;
		}
		if (flags & nsm_type_bit((enum nsl_type)type))
			ns = make_ns(k, (enum nsl_type)type, user, type == NSL_PID ? ns : NULL);
		get(ns);
		p->slot[slots[type]] = ns;
		tell_copy(k, (enum nsl_fn)(NSL_FN_copy_mnt_ns + type), 0, ns, flags);
	}
	get(p->slot[NSL_SLOT_TIME] = old->slot[NSL_SLOT_TIME]);
	p->id = ++k->nnsproxies;
	tell_nsproxy(k, NSL_FN_create_new_namespaces, 0, p);
	return p;
}

static inline void put_nsproxy(struct kernel *k, struct kproxy *p)
{
	if (--p->count > 0)
		return;
	tell_nsproxy(k, NSL_FN_free_nsproxy, 0, p);
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
		put(k, p->slot[slot]);
}

static inline void set_slot(struct kernel *k, struct kproxy *p, enum nsl_slot slot, struct kns *ns)
{
	struct kns *old = p->slot[slot];

	get(ns);
	p->slot[slot] = ns;
	put(k, old);
}

static inline uint64_t some_flags(struct kernel *k)
{
	uint64_t flags = 0;

	for (int type = 0; type < NSL_TYPES; type++)
		if (!any(k, 4))
			flags |= nsm_type_bit((enum nsl_type)type);
	return flags;
}

static inline struct ktask *some_task(struct kernel *k, bool alive)
{
	for (int i = 0; i < 20; i++) {
		struct ktask *t = &k->task[any(k, TASKS)];

		if (t->there && (t->nsproxy != NULL) == alive)
			return t;
	}
	return NULL;
}

static inline void actor(struct kernel *k, const struct ktask *t)
{
	as(k->r, t->tid, "task");
}

static inline struct kns *make_user(struct kernel *k, const struct ktask *t, uint64_t flags)
{
	struct kns *ns = make_ns(k, NSL_USER, NULL, t->user);

	tell_copy(k, NSL_FN_create_user_ns, 0, ns, flags);
	return ns;
}

static inline void k_clone(struct kernel *k)
{
	struct ktask *t = some_task(k, true), *child = &k->task[1 + any(k, TASKS - 1)];
	uint64_t flags = any(k, 2) ? some_flags(k) : 0;
	struct kns *user;
	struct kproxy *p;

	if (!t || child->there)
		return;
	if (flags & NSL_NEWPID && t->pid != t->nsproxy->slot[NSL_SLOT_PID_FOR_CHILDREN])
		flags &= ~(uint64_t)NSL_NEWPID;
	actor(k, t);
	if (flags)
		TELL(k, ev_begin(k->r, NSL_SYS_CLONE, flags));
	user = flags & NSL_NEWUSER ? make_user(k, t, flags) : t->user;
	get(user);
	p = t->nsproxy;
	if (flags & ~(uint64_t)NSL_NEWUSER ||
	    p->slot[NSL_SLOT_TIME] != p->slot[NSL_SLOT_TIME_FOR_CHILDREN]) {
		p = create(k, t->nsproxy, user, flags, !any(k, 8));
		if (p && !any(k, 8)) { /* alloc_pid() fails */
			p->count = 1;
			put_nsproxy(k, p);
			p = NULL;
		}
		if (!p) {
			TELL(k, ev_end(k->r, NSL_SYS_CLONE, -12, kview(t)));
			put(k, user);
			return;
		}
		set_slot(k, p, NSL_SLOT_TIME, p->slot[NSL_SLOT_TIME_FOR_CHILDREN]);
	}
	p->count++;
	*child = (struct ktask){.tid = (uint32_t)(child - k->task) + 1,
				.start = ++k->start,
				.nsproxy = p,
				.user = user,
				.pid = p->slot[NSL_SLOT_PID_FOR_CHILDREN],
				.there = true};
	get(child->pid);
	if (flags || !kinitial(k, child))
		tell_task(k, NSL_TASK_NEW, child);
	if (flags)
		TELL(k, ev_end(k->r, NSL_SYS_CLONE, 0, kview(t)));
	if (!any(k, 3) && !kinitial(k, child)) {
		actor(k, child);
		tell_task(k, NSL_TASK_EXEC, child);
	}
}

static inline void move(struct kernel *k, struct ktask *t, struct kproxy *p, struct kns *user)
{
	struct kproxy *old = t->nsproxy;
	struct kns *old_user = t->user;

	if (p) {
		p->count++;
		t->nsproxy = p;
		tell_nsproxy(k, NSL_FN_switch_task_namespaces, 0, p);
		put_nsproxy(k, old);
	}
	if (user) {
		t->user = user;
		put(k, old_user);
	}
}

static inline void k_unshare(struct kernel *k)
{
	struct ktask *t = some_task(k, true);
	uint64_t flags = some_flags(k);
	struct kns *user = NULL;
	struct kproxy *p = NULL;

	if (!t)
		return;
	if (flags & NSL_NEWPID && t->pid != t->nsproxy->slot[NSL_SLOT_PID_FOR_CHILDREN])
		flags &= ~(uint64_t)NSL_NEWPID;
	if (!flags)
		return;
	actor(k, t);
	TELL(k, ev_begin(k->r, NSL_SYS_UNSHARE, flags));
	if (flags & NSL_NEWUSER)
		get(user = make_user(k, t, flags));
	if (flags & ~(uint64_t)NSL_NEWUSER) {
		p = create(k, t->nsproxy, user ? user : t->user, flags, !any(k, 6));
		if (!p) {
			TELL(k, ev_end(k->r, NSL_SYS_UNSHARE, -12, kview(t)));
			put(k, user);
			return;
		}
	}
	move(k, t, p, user);
	TELL(k, ev_end(k->r, NSL_SYS_UNSHARE, 0, kview(t)));
}

static inline void k_setns(struct kernel *k)
{
	struct ktask *t = some_task(k, true);
	struct kns *ns = &k->ns[any(k, (uint32_t)k->nns)];
	bool fails = !any(k, 5);
	struct kproxy *p;

	if (!t || ns->dead)
		return;
	get(ns); /* the descriptor that names it */
	actor(k, t);
	TELL(k, ev_begin(k->r, NSL_SYS_SETNS, nsm_type_bit(ns->type)));
	p = create(k, t->nsproxy, t->user, 0, false);
	tell_copy(k, (enum nsl_fn)(NSL_FN_mntns_install + ns->type), fails ? -1 : 0, ns, 0);
	if (fails) {
		p->count = 1;
		put_nsproxy(k, p);
		TELL(k, ev_end(k->r, NSL_SYS_SETNS, -1, kview(t)));
		put(k, ns);
		return;
	}
	if (ns->type < NSL_TIME)
		set_slot(k, p, slots[ns->type], ns);
	if (ns->type == NSL_TIME) {
		set_slot(k, p, NSL_SLOT_TIME, ns);
		set_slot(k, p, NSL_SLOT_TIME_FOR_CHILDREN, ns);
	}
	if (ns->type == NSL_USER)
		get(ns);
	move(k, t, p, ns->type == NSL_USER ? ns : NULL);
	TELL(k, ev_end(k->r, NSL_SYS_SETNS, 0, kview(t)));
	put(k, ns);
}

static inline void k_exit(struct kernel *k)
{
	struct ktask *t = some_task(k, true);
	struct kproxy *p;

	if (!t || t == k->task)
		return;
	p = t->nsproxy;
	actor(k, t);
	if (kinitial(k, t)) {
		t->there = false; /* nothing is told of it */
		p->count--;
		put(k, t->user);
		put(k, t->pid);
		return;
	}
	tell_task(k, NSL_TASK_EXIT, t);
	t->nsproxy = NULL;
	put_nsproxy(k, p);
}

static inline void k_reap(struct kernel *k)
{
	struct ktask *t = some_task(k, false);
	struct ktask gone;

	if (!t)
		return;
	gone = *t;
	t->there = false;
	as(k->r, 0, "swapper/0");
	if (!any(k, 2))
		put(k, gone.pid);
	else
		get(gone.user), put(k, gone.pid), put(k, gone.user);
	{
		struct nsl_task e = a_task(k->r, NSL_TASK_FREE, gone.tid, "", (struct nsl_view){0});

		e.start = gone.start;
		TELL(k, ev_task(k->r, e));
	}
	put(k, gone.user);
}

static inline void live(struct kernel *k, int steps)
{
	static void (*const what[])(struct kernel *) = {
		k_clone, k_clone, k_clone, k_unshare, k_setns, k_exit, k_exit, k_reap, k_reap};

	while (steps-- && k->nns < NAMESPACES - 20 && k->nnsproxies < NSPROXIES - 4) {
		what[any(k, sizeof(what) / sizeof(*what))](k);
		if (!any(k, 8))
			workers(k);
	}
	workers(k);
}

static inline void snapshot(struct kernel *k)
{
	int losing = k->losing;

	k->losing = 0;
	as(k->r, 9999, "nslens");
	ev_snapshot(k->r, NSL_SNAPSHOT_BEGIN);
	for (size_t i = 0; i < k->nns; i++) {
		const struct kns *ns = &k->ns[i];
		const struct kns *owner = ns->type == NSL_USER ? ns->parent : ns->owner;

		if (!ns->dead)
			ev_ns(k->r, a_ns(ns->type, ns->id, owner ? owner->id : 0,
					 ns->parent ? ns->parent->id : 0, ns->level));
	}
	for (int i = 0; i < TASKS; i++)
		if (k->task[i].there)
			tell_task(k, NSL_TASK_SEEN, &k->task[i]);
	ev_snapshot(k->r, NSL_SNAPSHOT_END);
	k->losing = losing;
}

static inline struct kernel *boot(uint64_t seed)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->r = rig_new();
	k->seed = seed;
	for (int type = 0; type < NSL_TYPES; type++)
		make_ns(k, (enum nsl_type)type, NULL, NULL)->count = 1; /* never freed */
	for (int type = 0; type < NSL_USER; type++) {
		k->ns[type].owner = &k->ns[NSL_USER];
		get(k->ns[type].owner);
	}
	k->nsproxy[0] = (struct kproxy){.id = ++k->nnsproxies, .count = 2};
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++)
		get(k->nsproxy[0].slot[slot] = &k->ns[nsm_slot_type((enum nsl_slot)slot)]);
	k->task[0] = (struct ktask){.tid = 1,
				    .start = ++k->start,
				    .nsproxy = &k->nsproxy[0],
				    .user = &k->ns[NSL_USER],
				    .pid = &k->ns[NSL_PID],
				    .there = true};
	get(k->task[0].user);
	get(k->task[0].pid);
	snapshot(k);
	return k;
}

static inline void halt(struct kernel *k)
{
	rig_free(k->r);
	free(k);
}

#endif
