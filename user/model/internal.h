/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the model share with each other and with nobody else.
 */
#ifndef NSLENS_MODEL_INTERNAL_H
#define NSLENS_MODEL_INTERNAL_H

#include "hash.h"
#include "model.h"

/* A real call has some 25; the limit only bounds what a broken recording can cost. */
#define MAX_RAW 256
/* At most: 6 copies and 7 installs not reached, 6 puts, a switch, an exit, a put_user_ns. */
#define MAX_INFERRED 24

/* A step as the kernel told it. */
struct raw_step {
	enum nsl_fn fn;
	int depth;
	bool returned; /* false: only its STEP_BEGIN was seen */
	bool unborn;
	bool untrusted;
	int64_t ret;
	uint64_t begin_ts; /* 0: unknown */
	uint64_t ts;
	uint64_t new_flags;
	uint64_t nsproxy;
	struct nsl_ref ns, owner, parent;
};

struct open_call {
	struct nsm_call pub;
	bool have_before, have_after;
	uint64_t gaps; /* of the model, when this call began */
	struct raw_step *raw;
	size_t nraw, raw_cap;
	struct open_call *prev, *next; /* in order of begin */
};

/* Open calls by tid: open addressing, linear probing. */
struct tid_table {
	struct open_call **slot;
	size_t size; /* a power of two */
	size_t used;
};

struct cgroup {
	uint64_t id;
	char *path;
	char *container;	   /* or NULL */
	char *unit;		   /* or NULL */
	uint64_t told, told_bytes; /* of the table, before it was told */
	bool needed;
	UT_hash_handle hh;
};

struct cgroup_table {
	struct cgroup *all;	   /* the one told longest ago first */
	size_t bytes;		   /* of all paths */
	uint64_t told, told_bytes; /* ever */
	size_t left, left_bytes;   /* when something was last forgotten */
};

struct nsm {
	struct nsm_sink sink;
	struct nsm_counts counts;
	unsigned int kernel; /* 0: not known */
	uint64_t lost;	     /* the highest head.lost so far */
	uint64_t gaps;	     /* how often events were found missing */
	struct tid_table open;
	struct open_call *first, *last;
	struct open_call *spare; /* finished ones, linked by `next`, for the next call */
	struct cgroup_table cgroups;
	struct nsm_slot_change slots[NSL_SLOTS];
	struct nsm_step steps[MAX_RAW + MAX_INFERRED];
};

/* open.c: which task is inside which call */
struct open_call *open_find(const struct nsm *m, uint32_t tid);
/* A cleared call with room for one more in the table; NULL: out of memory. */
struct open_call *open_alloc(struct nsm *m);
void open_insert(struct nsm *m, struct open_call *c);
void open_remove(struct nsm *m, struct open_call *c);
void open_recycle(struct nsm *m, struct open_call *c);
void open_free_all(struct nsm *m);

/* raw.c: steps in kernel order */
bool raw_reserve(struct open_call *c); /* room for one more; false: out of memory */
/* Both need raw_reserve(). raw_end() returns NULL where MAX_RAW is exceeded. */
void raw_begin(struct open_call *c, const struct nsl_step *e);
const struct raw_step *raw_end(struct open_call *c, const struct nsl_step *e);
void raw_close(struct open_call *c); /* nests what lies inside steps that never returned */
bool raw_created(const struct open_call *c, const struct raw_step *r);

/* fn.c: what kind of function a step is */
bool fn_is_copy(enum nsl_fn fn);
bool fn_is_install(enum nsl_fn fn);
bool fn_is_release(enum nsl_fn fn); /* frees an nsproxy */
bool fn_is_exit(enum nsl_fn fn);
bool fn_contains(enum nsl_fn outer, enum nsl_fn inner);
enum nsl_type fn_type(enum nsl_fn fn);
enum nsl_fn fn_put(enum nsl_type type); /* what undoes a copy of that type */
bool is_clone(enum nsl_syscall syscall);

/* steps.c: the steps of a finished call, with what can be inferred */
void steps_build(struct nsm *m, struct open_call *c);

/* slots.c: what a finished call changed */
void slots_build(struct nsm *m, struct open_call *c);

/* calls.c: events of calls */
int call_begin(struct nsm *m, const struct nsl_call_begin *e);
int call_end(struct nsm *m, const struct nsl_call_end *e);
int call_step(struct nsm *m, const struct nsl_step *e);
void call_born(struct nsm *m, const struct nsl_task *e);
void call_died(struct nsm *m, uint32_t tid);
void call_cut(struct nsm *m, struct open_call *c); /* it goes to the sink as it is */

/* check.c: is this event one of ours? */
bool event_valid(const struct nsl_head *e);

/* cgroups.c */
int cgroups_set(struct cgroup_table *t, uint64_t id, const char *path);
/* Valid until the next cgroups_set() or cgroups_forget(). */
const struct cgroup *cgroups_get(const struct cgroup_table *t, uint64_t id);
/*
 * After cgroups_set(): where there are many, the table's owner says of each that something of its
 * own refers to that it is needed, and the others are forgotten, but for those told of late.
 */
bool cgroups_many(const struct cgroup_table *t);
void cgroups_need(struct cgroup_table *t, uint64_t id); /* any id */
void cgroups_forget(struct cgroup_table *t);
size_t cgroups_bytes(const struct cgroup_table *t);
void cgroups_free(struct cgroup_table *t);

static inline void copy_comm(char dst[NSL_COMM_LEN + 1], const char src[NSL_COMM_LEN])
{
	for (size_t i = 0; i < NSL_COMM_LEN; i++)
		dst[i] = src[i];
	dst[NSL_COMM_LEN] = '\0';
}

static inline uint64_t hash64(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15ULL;
	return x ^ (x >> 32);
}

/* What an open-addressed table of `size` should have, with one more than `used` in it. */
static inline size_t table_size(size_t size, size_t used)
{
	if (size && (used + 1) * 2 <= size)
		return size;
	return size ? size * 2 : 64;
}

#endif
