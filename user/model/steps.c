// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a finished call: what was seen, and what follows from it by the
 * fixed order of the kernel's source (kernel/nsproxy.c, fork.c, cred.c). Nothing
 * is inferred for a call of which no step was seen: then none is hooked.
 */
#include "internal.h"

#define KERNEL_6_19 6019

struct story {
	struct open_call *c;
	struct nsm_step *out;
	size_t n;
	size_t copy_failed;    /* index into raw, nraw: none */
	size_t install_failed; /* likewise */
	bool unwound;	       /* unwind() has run */
	bool renamed;	       /* exit_task_namespaces() has its name of 6.19 */
	int unwind_depth;      /* of a release inside an inferred exit_*_namespaces() */
};

static const struct raw_step *find(const struct open_call *c, enum nsl_fn fn)
{
	for (size_t i = 0; i < c->nraw; i++) {
		if (c->raw[i].fn == fn)
			return &c->raw[i];
	}
	return NULL;
}

static bool failed(const struct open_call *c)
{
	return c->pub.end_seen && c->pub.err;
}

static int64_t between(uint64_t from, uint64_t to)
{
	return from && to >= from ? (int64_t)(to - from) : NSM_DURATION_UNKNOWN;
}

/* Copies run back to back; where one of them was not seen, nothing can be told. */
static int64_t copy_duration(const struct open_call *c, size_t i)
{
	const struct raw_step *r = &c->raw[i];
	const struct raw_step *before;

	while (i > 0 && c->raw[i - 1].depth > r->depth)
		i--;
	if (!i)
		return NSM_DURATION_UNKNOWN;
	before = &c->raw[i - 1];
	if (r->fn == NSL_FN_copy_mnt_ns && before->fn == NSL_FN_create_new_namespaces)
		return between(before->begin_ts, r->ts);
	if (fn_is_copy(before->fn) && before->fn + 1 == r->fn && before->returned)
		return between(before->ts, r->ts);
	return NSM_DURATION_UNKNOWN;
}

static int64_t install_duration(const struct open_call *c, size_t i)
{
	const struct raw_step *r = &c->raw[i];
	const struct raw_step *before;

	if (c->pub.gap)
		return NSM_DURATION_UNKNOWN;
	while (i > 0 && c->raw[i - 1].depth > r->depth)
		i--;
	if (!i)
		return NSM_DURATION_UNKNOWN;
	before = &c->raw[i - 1];
	if (before->fn != NSL_FN_create_new_namespaces && !fn_is_install(before->fn))
		return NSM_DURATION_UNKNOWN;
	return between(before->ts, r->ts);
}

static int64_t duration(const struct open_call *c, size_t i)
{
	const struct raw_step *r = &c->raw[i];

	if (!r->returned)
		return NSM_DURATION_UNKNOWN;
	if (r->begin_ts)
		return between(r->begin_ts, r->ts);
	if (fn_is_copy(r->fn))
		return copy_duration(c, i);
	if (fn_is_install(r->fn))
		return install_duration(c, i);
	return NSM_DURATION_UNKNOWN;
}

static bool made_here(const struct open_call *c, uint64_t nsproxy)
{
	for (size_t i = 0; i < c->nraw; i++) {
		const struct raw_step *r = &c->raw[i];

		if (r->fn == NSL_FN_create_new_namespaces && r->returned && r->ret >= 0 &&
		    r->nsproxy && r->nsproxy == nsproxy)
			return true;
	}
	return false;
}

/* Does this release take back what the call itself made, or let go of the old one? */
static bool gives_back(const struct open_call *c, const struct raw_step *r)
{
	if (r->nsproxy)
		return made_here(c, r->nsproxy);
	/* not read: only a call that fails has one to give back, and then no other */
	return failed(c) && find(c, NSL_FN_create_new_namespaces);
}

static enum nsm_outcome outcome(const struct story *s, const struct raw_step *r)
{
	const struct open_call *c = s->c;
	bool clone = is_clone(c->pub.syscall);

	if (r->ret < 0)
		return NSM_FAILED;
	if (fn_is_copy(r->fn))
		return raw_created(c, r) ? NSM_CREATED : NSM_SHARED;
	if (fn_is_install(r->fn))
		return NSM_INSTALLED;
	if (fn_is_release(r->fn))
		return gives_back(c, r) ? NSM_UNDONE : NSM_DONE;
	if (fn_is_exit(r->fn))
		return clone ? NSM_UNDONE : NSM_DONE;
	switch (r->fn) {
	case NSL_FN_create_user_ns:
		return NSM_CREATED;
	case NSL_FN_switch_task_namespaces: /* inside the exit of a child that never ran? */
		return clone ? NSM_UNDONE : NSM_INSTALLED;
	case NSL_FN_commit_creds:
		return NSM_INSTALLED;
	case NSL_FN_put_nsset:
		return failed(c) || s->install_failed < c->nraw ? NSM_UNDONE : NSM_DONE;
	default:
		return NSM_DONE;
	}
}

/* It began and its return was not seen: by a loss, a death, or the end of tracing. */
static void unreturned(const struct story *s, size_t i, struct nsm_step *out)
{
	const struct open_call *c = s->c;
	const struct raw_step *r = &c->raw[i];
	bool came_later = false;
	bool inner_failed = false;

	for (size_t j = i + 1; j < c->nraw; j++) {
		if (c->raw[j].depth <= r->depth)
			came_later = came_later || !fn_is_release(c->raw[j].fn);
		else if (!came_later && c->raw[j].ret < 0)
			inner_failed = true;
	}
	out->inferred = true;
	out->ts = 0;
	if (c->pub.end_seen && !inner_failed && (!c->pub.err || came_later)) {
		out->outcome = r->fn == NSL_FN_create_user_ns ? NSM_CREATED : NSM_DONE;
	} else {
		out->outcome = NSM_FAILED;
		out->err = failed(c) ? c->pub.err : 0;
	}
}

static struct nsm_step *push(struct story *s, enum nsl_fn fn, enum nsm_outcome what, int depth)
{
	struct nsm_step *out = &s->out[s->n++];

	*out = (struct nsm_step){
		.fn = fn,
		.outcome = what,
		.inferred = true,
		.duration = NSM_DURATION_UNKNOWN,
		.depth = depth,
		.type = fn_type(fn),
	};
	return out;
}

static void seen(struct story *s, size_t i)
{
	const struct raw_step *r = &s->c->raw[i];
	struct nsm_step *out = push(s, r->fn, outcome(s, r), r->depth);

	if (s->unwound && fn_is_release(r->fn))
		out->depth += s->unwind_depth;
	out->inferred = false;
	out->unborn = r->unborn || (out->outcome == NSM_UNDONE && is_clone(s->c->pub.syscall));
	out->err = out->outcome == NSM_FAILED ? (int)-r->ret : 0;
	out->ts = r->ts;
	out->duration = duration(s->c, i);
	out->ns = r->ns;
	out->owner = r->owner;
	out->parent = r->parent;
	out->nsproxy = r->nsproxy;
	if (!r->returned)
		unreturned(s, i, out);
}

/* create_new_namespaces() gives up at the first failing copy and puts the others back. */
static void after_failed_copy(struct story *s, size_t at)
{
	const struct open_call *c = s->c;
	const struct raw_step *r = &c->raw[at];

	for (int fn = (int)r->fn + 1; fn <= NSL_FN_copy_time_ns; fn++)
		push(s, (enum nsl_fn)fn, NSM_NOT_REACHED, r->depth)->unborn = r->unborn;
	for (size_t i = at; i > 0 && fn_is_copy(c->raw[i - 1].fn); i--) {
		const struct raw_step *back = &c->raw[i - 1];
		struct nsm_step *out;

		if (back->fn >= c->raw[i].fn)
			break; /* each at most once, in their order, or it is no such series */
		out = push(s, fn_put(fn_type(back->fn)), NSM_UNDONE, r->depth);
		out->ns = back->ns;
		out->owner = back->owner;
		out->parent = back->parent;
		out->unborn = r->unborn;
	}
}

/* validate_nsset() (pidfd) installs in this order and stops at the first error. */
static void installs_not_reached(struct story *s)
{
	static const enum nsl_type order[] = {NSL_USER, NSL_MNT,    NSL_UTS, NSL_IPC,
					      NSL_PID,	NSL_CGROUP, NSL_NET, NSL_TIME};
	const struct nsm_call *pub = &s->c->pub;
	uint64_t wanted = pub->new_flags ? pub->new_flags : pub->raw_flags;
	bool later = false;

	if (s->install_failed == s->c->nraw || pub->target_kind == NSL_TARGET_NSFS)
		return;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		enum nsl_fn fn = (enum nsl_fn)(NSL_FN_mntns_install + order[i]);

		if (later && (wanted & nsm_type_bit(order[i])))
			push(s, fn, NSM_NOT_REACHED, 0);
		if (fn == s->c->raw[s->install_failed].fn)
			later = true;
	}
}

/* The failed clone's child never ran; its parent gives back what it holds. */
static void unborn_exit(struct story *s)
{
	const struct open_call *c = s->c;
	const struct raw_step *create = find(c, NSL_FN_create_new_namespaces);
	const struct raw_step *copied = find(c, NSL_FN_copy_namespaces);
	struct nsm_step *out;
	enum nsl_fn fn = NSL_FN_exit_task_namespaces;

	if (!copied)
		copied = create;
	if (!copied || !copied->returned || copied->ret < 0 ||
	    find(c, NSL_FN_exit_task_namespaces) || find(c, NSL_FN_exit_nsproxy_namespaces))
		return;
	if (s->renamed || find(c, NSL_FN_nsproxy_ns_active_put))
		fn = NSL_FN_exit_nsproxy_namespaces;
	out = push(s, fn, NSM_UNDONE, 0);
	out->unborn = true;
	out->nsproxy = create && create->ret >= 0 ? create->nsproxy : 0;
	s->unwind_depth = 1;
}

/* What a failed call did not reach, and undoes, after its last real work. */
static void unwind(struct story *s)
{
	const struct open_call *c = s->c;

	s->unwound = true;
	if (!failed(c))
		return;
	if (is_clone(c->pub.syscall)) {
		unborn_exit(s);
		return;
	}
	if (c->pub.syscall != NSL_SYS_SETNS && c->pub.syscall != NSL_SYS_UNSHARE)
		return;
	if (c->pub.syscall == NSL_SYS_SETNS)
		installs_not_reached(s);
	if ((find(c, NSL_FN_create_new_namespaces) || find(c, NSL_FN_unshare_nsproxy_namespaces)) &&
	    !find(c, NSL_FN_switch_task_namespaces))
		push(s, NSL_FN_switch_task_namespaces, NSM_NOT_REACHED, 0);
}

/* The user namespace lives in the new credentials, which go last. */
static void undo_user_ns(struct story *s)
{
	const struct open_call *c = s->c;
	const struct raw_step *r = find(c, NSL_FN_create_user_ns);
	bool clone = is_clone(c->pub.syscall);
	struct nsm_step *out;

	if (!failed(c) || !r || !raw_created(c, r) || (!clone && c->pub.syscall != NSL_SYS_UNSHARE))
		return;
	out = push(s, NSL_FN_put_user_ns, NSM_UNDONE, 0);
	out->ns = r->ns;
	out->owner = r->owner;
	out->parent = r->parent;
	out->unborn = clone;
}

/* Releases stand at the end of a call; with put_nsset() or alone they are its unwinding. */
static bool starts_unwinding(const struct story *s, size_t i)
{
	const struct raw_step *r = &s->c->raw[i];

	if (s->unwound || r->depth > 0)
		return false;
	return r->fn == NSL_FN_put_nsset || fn_is_release(r->fn) || fn_is_exit(r->fn);
}

static size_t first_failed(const struct open_call *c, bool (*which)(enum nsl_fn))
{
	size_t i = 0;

	while (i < c->nraw && !(which(c->raw[i].fn) && c->raw[i].returned && c->raw[i].ret < 0))
		i++;
	return i;
}

void steps_build(struct nsm *m, struct open_call *c)
{
	struct story s = {.c = c, .out = m->steps, .renamed = m->kernel >= KERNEL_6_19};

	raw_close(c);
	s.copy_failed = first_failed(c, fn_is_copy);
	s.install_failed = first_failed(c, fn_is_install);
	for (size_t i = 0; i < c->nraw; i++) {
		if (starts_unwinding(&s, i))
			unwind(&s);
		seen(&s, i);
		if (i == s.copy_failed)
			after_failed_copy(&s, i);
	}
	if (c->nraw) {
		if (!s.unwound)
			unwind(&s);
		undo_user_ns(&s);
	}
	c->pub.steps = m->steps;
	c->pub.nsteps = s.n;
}
