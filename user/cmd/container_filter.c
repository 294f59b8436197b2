// SPDX-License-Identifier: GPL-2.0-only
#include "container_filter.h"

#include <stdlib.h>
#include <string.h>

#include "../model/hash.h"

/* A cgroup of the container, or a namespace that one of its tasks has to do with. */
struct member {
	__u64 id;
	UT_hash_handle hh;
};

struct container_filter {
	const char *name;
	struct member *cgroups;
	struct member *namespaces;
	bool failed; /* out of memory */
};

struct container_filter *container_filter_new(const char *name)
{
	struct container_filter *f = calloc(1, sizeof(*f));

	if (f)
		f->name = name;
	return f;
}

static void free_members(struct member **set)
{
	struct member *m, *next;

	HASH_ITER (hh, *set, m, next) {
		HASH_DEL(*set, m);
		free(m);
	}
}

void container_filter_free(struct container_filter *f)
{
	if (!f)
		return;
	free_members(&f->cgroups);
	free_members(&f->namespaces);
	free(f);
}

static bool is_member(struct member *set, __u64 id)
{
	struct member *m;

	HASH_FIND(hh, set, &id, sizeof(id), m);
	return m != NULL;
}

static void add_member(struct container_filter *f, struct member **set, __u64 id)
{
	struct member *m;

	if (is_member(*set, id))
		return;
	m = calloc(1, sizeof(*m));
	if (m) {
		m->id = id;
		HASH_ADD(hh, *set, id, sizeof(m->id), m);
		if (HASH_HAS(hh, m))
			return;
	}
	free(m);
	f->failed = true;
}

bool container_filter_failed(const struct container_filter *f)
{
	return f->failed;
}

bool container_filter_passes(struct container_filter *f, const struct nsl_head *event)
{
	switch (event->kind) {
	case NSL_EV_CGROUP: {
		const struct nsl_cgroup *c = (const void *)event;

		if (strstr(c->path, f->name))
			add_member(f, &f->cgroups, c->id);
		return true;
	}
	case NSL_EV_LOST:
		return true;
	case NSL_EV_NS_FREE:
		/* it happens anywhere: what counts is whose namespace it was */
		return is_member(f->namespaces, ((const struct nsl_ns_free *)event)->ns.obj);
	}
	if (!is_member(f->cgroups, event->cgroup))
		return false;
	if (event->kind == NSL_EV_STEP && ((const struct nsl_step *)event)->ns.obj)
		add_member(f, &f->namespaces, ((const struct nsl_step *)event)->ns.obj);
	return true;
}
