// SPDX-License-Identifier: GPL-2.0-only
#include "ids.h"

#include <stdlib.h>

#include "../model/hash.h"
#include "../model/model.h"

#define MANY	  8192	      /* of some 200 bytes each; a container is about ten of them */
#define ANONYMOUS 0xEFFFFFF7u /* inode number of every anonymous mount namespace since 6.18 */

struct object {
	__u64 address;
	__u64 id;
	__u32 inum;  /* namespaces */
	__u64 ns_id; /* the kernel's own number, once a row has told it */
	__u8 type;
	bool initial;
	__u32 mentioned; /* when last: ids.period */
	UT_hash_handle by_address;
	UT_hash_handle by_inum;
};

struct ids {
	struct object *nsproxies;
	struct object *namespaces;
	struct object *inums; /* the same namespaces, by inode number */
	__u64 last_nsproxy, last_namespace;
	__u32 period; /* from one ids_sweep() to the next */
	size_t left;  /* by the last one */
	bool births_seen;
	bool failed; /* out of memory in this translation: an address has no id */
};

struct ids *ids_new(bool births_seen)
{
	struct ids *ids = calloc(1, sizeof(*ids));

	if (ids)
		ids->births_seen = births_seen;
	return ids;
}

static void drop_nsproxy(struct ids *ids, struct object *o)
{
	HASH_DELETE(by_address, ids->nsproxies, o);
	free(o);
}

static void drop_namespace(struct ids *ids, struct object *o)
{
	struct object *same = NULL;

	HASH_DELETE(by_address, ids->namespaces, o);
	if (o->inum)
		HASH_FIND(by_inum, ids->inums, &o->inum, sizeof(o->inum), same);
	if (same == o)
		HASH_DELETE(by_inum, ids->inums, o);
	free(o);
}

static void drop_all(struct ids *ids, bool initial_too)
{
	struct object *o, *next;

	HASH_ITER (by_address, ids->nsproxies, o, next)
		if (initial_too || !o->initial)
			drop_nsproxy(ids, o);
	HASH_ITER (by_address, ids->namespaces, o, next)
		if (initial_too || !o->initial)
			drop_namespace(ids, o);
}

void ids_free(struct ids *ids)
{
	if (!ids)
		return;
	drop_all(ids, true);
	free(ids);
}

void ids_forget(struct ids *ids)
{
	drop_all(ids, false);
}

static size_t count(const struct ids *ids)
{
	return HASH_CNT(by_address, ids->nsproxies) + HASH_CNT(by_address, ids->namespaces);
}

bool ids_many(const struct ids *ids)
{
	return count(ids) > ids->left + MANY;
}

void ids_sweep(struct ids *ids, ids_used_fn used, void *ctx)
{
	struct object *o, *next;

	HASH_ITER (by_address, ids->nsproxies, o, next)
		if (!o->initial && o->mentioned != ids->period && !(used && used(ctx, true, o->id)))
			drop_nsproxy(ids, o);
	HASH_ITER (by_address, ids->namespaces, o, next)
		if (!o->initial && o->mentioned != ids->period &&
		    !(used && used(ctx, false, o->id)))
			drop_namespace(ids, o);
	ids->period++;
	ids->left = count(ids);
}

static __u64 nsproxy_id(struct ids *ids, __u64 address, bool fresh)
{
	struct object *o;

	if (!address)
		return 0;
	HASH_FIND(by_address, ids->nsproxies, &address, sizeof(address), o);
	if (o)
		o->mentioned = ids->period;
	if (o && !fresh)
		return o->id;
	if (!o) {
		o = calloc(1, sizeof(*o));
		if (o) {
			o->address = address;
			o->mentioned = ids->period;
			HASH_ADD(by_address, ids->nsproxies, address, sizeof(address), o);
		}
		if (!o || !HASH_HAS(by_address, o)) {
			free(o);
			ids->failed = true;
			return 0;
		}
	}
	return o->id = ++ids->last_nsproxy;
}

/* A death may be told by the inode number alone. */
static bool add_inum(struct ids *ids, struct object *o)
{
	struct object *same;

	if (!o->inum || o->inum == ANONYMOUS)
		return true;
	HASH_FIND(by_inum, ids->inums, &o->inum, sizeof(o->inum), same);
	if (same)
		HASH_DELETE(by_inum, ids->inums, same);
	HASH_ADD(by_inum, ids->inums, inum, sizeof(o->inum), o);
	return HASH_HAS(by_inum, o);
}

/* NULL: out of memory. */
static struct object *new_namespace(struct ids *ids, const struct nsl_ref *ref, __u8 type)
{
	struct object *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->address = ref->obj;
	o->inum = ref->inum;
	o->type = type;
	HASH_ADD(by_address, ids->namespaces, address, sizeof(o->address), o);
	if (!HASH_HAS(by_address, o)) {
		free(o);
		return NULL;
	}
	if (!add_inum(ids, o)) {
		drop_namespace(ids, o);
		return NULL;
	}
	o->id = ++ids->last_namespace;
	return o;
}

static void translate_ref(struct ids *ids, struct nsl_ref *ref, __u8 type, bool fresh)
{
	struct object *o;

	if (!ref->obj)
		return;
	HASH_FIND(by_address, ids->namespaces, &ref->obj, sizeof(ref->obj), o);
	if (o && (fresh || o->inum != ref->inum)) {
		/* the address was reused, and nobody told that the old one died */
		drop_namespace(ids, o);
		o = NULL;
	}
	if (!o)
		o = new_namespace(ids, ref, type);
	ids->failed |= !o;
	if (o)
		o->mentioned = ids->period;
	ref->obj = o ? o->id : 0;
}

static bool is_initial(struct ids *ids, __u64 nsproxy)
{
	struct object *o = NULL;

	HASH_FIND(by_address, ids->nsproxies, &nsproxy, sizeof(nsproxy), o);
	return o && o->initial;
}

/* The initial nsproxy and its namespaces outlive everything, also a loss of events. */
static void keep_namespace(struct ids *ids, __u64 address)
{
	struct object *o = NULL;

	HASH_FIND(by_address, ids->namespaces, &address, sizeof(address), o);
	if (o)
		o->initial = true;
}

/*
 * `made`: CLONE_NEW* whose namespaces are new in this view. Only one slot of a
 * type holds the new one: of unshare's pid and time those for children.
 */
static void translate_view(struct ids *ids, struct nsl_view *v, __u64 made, bool fresh_nsproxy)
{
	bool initial = is_initial(ids, v->nsproxy);

	v->nsproxy = nsproxy_id(ids, v->nsproxy, fresh_nsproxy);
	/* the new ones first: a clone's child has the new time namespace in both time slots */
	for (int fresh = 1; fresh >= 0; fresh--) {
		for (int i = 0; i < NSL_SLOTS; i++) {
			bool is_fresh = (made & nsm_type_bit(nsm_slot_type(i))) &&
					i != NSL_SLOT_TIME && i != NSL_SLOT_PID_ACTIVE;

			if (is_fresh != fresh)
				continue;
			__u64 address = v->slot[i].obj;

			translate_ref(ids, &v->slot[i], nsm_slot_type(i), fresh);
			if (initial && i < NSL_NSPROXY_SLOTS)
				keep_namespace(ids, address);
		}
	}
}

static bool is_copy(__u16 fn, __u8 *type)
{
	static const struct {
		__u16 fn;
		__u8 type;
	} table[] = {
		{NSL_FN_copy_mnt_ns, NSL_MNT},	       {NSL_FN_copy_utsname, NSL_UTS},
		{NSL_FN_copy_ipcs, NSL_IPC},	       {NSL_FN_copy_pid_ns, NSL_PID},
		{NSL_FN_copy_cgroup_ns, NSL_CGROUP},   {NSL_FN_copy_net_ns, NSL_NET},
		{NSL_FN_copy_time_ns, NSL_TIME},       {NSL_FN_create_user_ns, NSL_USER},
		{NSL_FN_mntns_install, NSL_MNT},       {NSL_FN_utsns_install, NSL_UTS},
		{NSL_FN_ipcns_install, NSL_IPC},       {NSL_FN_pidns_install, NSL_PID},
		{NSL_FN_cgroupns_install, NSL_CGROUP}, {NSL_FN_netns_install, NSL_NET},
		{NSL_FN_timens_install, NSL_TIME},     {NSL_FN_userns_install, NSL_USER},
		{NSL_FN_commit_creds, NSL_USER},
	};

	*type = NSL_TYPE_UNKNOWN;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].fn != fn)
			continue;
		*type = table[i].type;
		return fn <= NSL_FN_create_user_ns;
	}
	return false;
}

static void translate_step(struct ids *ids, struct nsl_step *s)
{
	__u8 type;
	bool copy = is_copy(s->fn, &type), ok = s->head.kind == NSL_EV_STEP && !s->ret;
	bool fresh = copy && ok &&
		     (s->fn == NSL_FN_create_user_ns || (s->new_flags & nsm_type_bit(type)));
	struct object *o;

	translate_ref(ids, &s->ns, type, fresh);
	translate_ref(ids, &s->owner, NSL_USER, false);
	translate_ref(ids, &s->parent, type, false);
	if (s->fn == NSL_FN_free_nsproxy || s->fn == NSL_FN_nsproxy_ns_active_put) {
		__u64 address = s->nsproxy;

		s->nsproxy = nsproxy_id(ids, address, false);
		HASH_FIND(by_address, ids->nsproxies, &address, sizeof(address), o);
		if (o && !o->initial)
			drop_nsproxy(ids, o);
	} else {
		s->nsproxy =
			nsproxy_id(ids, s->nsproxy, ok && s->fn == NSL_FN_create_new_namespaces);
	}
}

static void translate_end(struct ids *ids, struct nsl_call_end *e)
{
	bool makes_nsproxy = false;
	__u64 made = 0;

	if (!ids->births_seen && !e->ret) {
		if (e->syscall == NSL_SYS_UNSHARE) {
			made = e->new_flags | nsl_implied_flags(e->syscall, e->raw_flags);
			makes_nsproxy = made & (NSL_NEW_ALL & ~NSL_NEWUSER);
		} else if (e->syscall == NSL_SYS_SETNS) {
			makes_nsproxy = true;
		}
	}
	translate_view(ids, &e->after, made, makes_nsproxy);
}

static void translate_task(struct ids *ids, struct nsl_task *t)
{
	bool birth = !ids->births_seen && t->event == NSL_TASK_NEW;

	translate_view(ids, &t->view, birth ? t->clone_flags & NSL_NEW_ALL : 0,
		       birth && t->own_nsproxy);
}

/* A row: what it is about was named before, or is found now. */
static void translate_ns(struct ids *ids, struct nsl_ns *n)
{
	struct object *o;

	HASH_FIND(by_address, ids->namespaces, &n->ns.obj, sizeof(n->ns.obj), o);
	/*
	 * After a loss the same address and inode number may belong to another one. A
	 * birth told by a row, not by a step: without function hooks the view that
	 * named it came first.
	 */
	translate_ref(ids, &n->ns, (__u8)n->type,
		      (n->born && ids->births_seen) ||
			      (o && o->ns_id && n->ns_id && o->ns_id != n->ns_id));
	HASH_FIND(by_inum, ids->inums, &n->ns.inum, sizeof(n->ns.inum), o);
	if (o && o->id == n->ns.obj)
		o->ns_id = n->ns_id;
	translate_ref(ids, &n->owner, NSL_USER, false);
	translate_ref(ids, &n->parent, (__u8)n->type, false);
}

bool ids_name(const struct ids *ids, struct nsl_ref *ref)
{
	struct object *o;

	HASH_FIND(by_inum, ids->inums, &ref->inum, sizeof(ref->inum), o);
	ref->obj = o ? o->id : 0;
	return o != NULL;
}

/*
 * The hook knows the inode number, or, of an anonymous one, the address; a namespace
 * that was never seen stays 0.
 */
static void translate_free(struct ids *ids, struct nsl_ns_free *f)
{
	struct object *o;

	if (f->ns.obj)
		HASH_FIND(by_address, ids->namespaces, &f->ns.obj, sizeof(f->ns.obj), o);
	else
		HASH_FIND(by_inum, ids->inums, &f->ns.inum, sizeof(f->ns.inum), o);
	f->ns.obj = o ? o->id : 0;
	f->type = o ? o->type : NSL_TYPE_UNKNOWN;
	if (o)
		drop_namespace(ids, o);
}

bool ids_translate(struct ids *ids, struct nsl_head *event)
{
	ids->failed = false;
	switch (event->kind) {
	case NSL_EV_CALL_BEGIN: {
		struct nsl_call_begin *b = (void *)event;

		translate_ref(ids, &b->target, b->target_type, false);
		translate_view(ids, &b->before, 0, false);
		break;
	}
	case NSL_EV_CALL_END:
		translate_end(ids, (void *)event);
		break;
	case NSL_EV_STEP_BEGIN:
	case NSL_EV_STEP:
		translate_step(ids, (void *)event);
		break;
	case NSL_EV_TASK:
		translate_task(ids, (void *)event);
		break;
	case NSL_EV_NS_FREE:
		translate_free(ids, (void *)event);
		break;
	case NSL_EV_NS:
		translate_ns(ids, (void *)event);
		break;
	case NSL_EV_MILESTONE: {
		struct nsl_milestone *m = (void *)event;

		translate_ref(ids, &m->ns, (__u8)m->ns_type, false);
		break;
	}
	case NSL_EV_UNPIN: {
		struct nsl_ns_free *f = (void *)event;

		translate_ref(ids, &f->ns, (__u8)f->type, false);
		break;
	}
	}
	return !ids->failed;
}

bool ids_set_initial(struct ids *ids, __u64 nsproxy)
{
	struct object *o;

	nsproxy_id(ids, nsproxy, false);
	HASH_FIND(by_address, ids->nsproxies, &nsproxy, sizeof(nsproxy), o);
	if (o)
		o->initial = true;
	return o != NULL;
}
