// SPDX-License-Identifier: GPL-2.0-only
/* The namespaces of a start-up: made, shared, joined, left behind; and its container's name. */
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

/* The slot that a namespace of a type stands in once its user has run. */
static const enum nsl_slot slot_of[NSL_TYPES] = {
	[NSL_MNT] = NSL_SLOT_MNT,	 [NSL_UTS] = NSL_SLOT_UTS,	 [NSL_IPC] = NSL_SLOT_IPC,
	[NSL_PID] = NSL_SLOT_PID_ACTIVE, [NSL_CGROUP] = NSL_SLOT_CGROUP, [NSL_NET] = NSL_SLOT_NET,
	[NSL_TIME] = NSL_SLOT_TIME,	 [NSL_USER] = NSL_SLOT_USER,
};

static struct nsu_ns *made_here(struct su_start *s, uint64_t obj)
{
	for (size_t i = 0; i < s->namespaces.n; i++) {
		if (s->namespaces.at[i].ns.obj == obj)
			return &s->namespaces.at[i];
	}
	return NULL;
}

/* By which setns() it came there. */
static size_t joined_by(const struct su_start *s, uint64_t obj)
{
	for (size_t i = s->calls.n; i-- > 0;) {
		const struct nsm_call *c = &s->calls.at[i].call;

		for (size_t k = 0; c->syscall == NSL_SYS_SETNS && !c->err && k < c->nslots; k++) {
			if (c->slots[k].after.obj == obj)
				return i;
		}
	}
	return NSU_NONE;
}

static bool add_found(struct nsu *u, struct su_start *s, enum nsl_type type,
		      const struct nsl_ref *ref)
{
	bool host = u->options.initial[type] && ref->inum == u->options.initial[type];
	const struct su_start *made = su_map_get(&u->namespaces, ref->obj);
	struct nsu_ns *ns = SU_ADD(s->namespaces);

	if (!ns)
		return false;
	ns->type = type;
	ns->ns = *ref;
	ns->call = joined_by(s, ref->obj);
	/* what it has from its surroundings is no joining; the host's own may be joined, too */
	ns->role = host ? NSU_ROLE_SHARED : NSU_ROLE_JOINED;
	if (!host && ns->call == NSU_NONE && !made &&
	    (!s->has_before || s->before.slot[slot_of[type]].obj == ref->obj))
		ns->role = NSU_ROLE_SHARED;
	/* its number, when all have one; whoever is told at once is told before that */
	if (made && made != s && !u->options.done)
		ns->shared_with = (size_t)made->serial;
	return true;
}

static int by_type(const void *a, const void *b)
{
	const struct nsu_ns *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return x->born < y->born ? -1 : x->born > y->born;
}

static bool same_text(char **to, const char *text)
{
	free(*to);
	*to = text ? strdup(text) : NULL;
	return *to || !text;
}

/* runc and crun name the last part of the path after the container where nobody else does. */
static const char *last_part(const struct su_start *s, const char *path, char buf[256])
{
	const char *name = strrchr(path, '/');
	size_t len;

	if (s->pub.runtime != NSU_RUNC && s->pub.runtime != NSU_CRUN)
		return NULL;
	name = name ? name + 1 : path;
	if (!strncmp(name, "runc-", 5) || !strncmp(name, "crun-", 5))
		name += 5;
	len = strlen(name);
	if (len > 6 && !strcmp(name + len - 6, ".scope"))
		len -= 6;
	else if (strstr(name, ".slice") || strstr(name, ".service") || strstr(name, "session-"))
		return NULL;
	if (!len || len >= 256)
		return NULL;
	memcpy(buf, name, len);
	buf[len] = '\0';
	return buf;
}

bool su_name_container(struct nsu *u, struct su_start *s)
{
	const struct cgroup *g = s->cgroup ? cgroups_get(&u->cgroups, s->cgroup) : NULL;
	const char *path = g ? g->path : NULL, *name = g ? g->container : NULL;
	char buf[256];

	for (size_t i = s->calls.n; !name && i-- > 0;) {
		const struct nsm_call *c = &s->calls.at[i].call;

		if (s->calls.at[i].outer)
			continue;
		path = path ? path : c->cgroup_path;
		name = c->container;
	}
	if (!name && path)
		name = last_part(s, path, buf);
	return same_text((char **)&s->pub.cgroup, path) &&
	       same_text((char **)&s->pub.container, name);
}

bool su_build_namespaces(struct nsu *u, struct su_start *s)
{
	const struct nsu_payload *p = &s->pub.payload;
	struct nsu_sums *sums = &s->pub.sums;

	if (!su_name_container(u, s))
		return false;
	su_recognise(s); /* its frame shows in the path */
	s->pub.payload.uid = s->uid;
	s->pub.payload.gid = s->gid;
	for (size_t i = 0; i < s->namespaces.n; i++)
		s->namespaces.at[i].role = NSU_ROLE_LEFT;
	for (int type = 0; p->has_view && type < NSL_TYPES; type++) {
		const struct nsl_ref *ref = &p->view.slot[slot_of[type]];
		struct nsu_ns *ns = made_here(s, ref->obj);

		if (ns)
			ns->role = NSU_ROLE_CREATED;
		else if (ref->obj && !add_found(u, s, (enum nsl_type)type, ref))
			return false;
	}
	memset(sums->created, 0, sizeof(sums->created));
	for (size_t i = 0; i < s->namespaces.n; i++) {
		const struct nsu_ns *ns = &s->namespaces.at[i];

		sums->created[ns->type] +=
			!ns->outer && (ns->role == NSU_ROLE_CREATED || ns->role == NSU_ROLE_LEFT);
	}
	if (s->namespaces.n)
		qsort(s->namespaces.at, s->namespaces.n, sizeof(*s->namespaces.at), by_type);
	return true;
}
