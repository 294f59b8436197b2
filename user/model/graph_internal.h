/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the graph share with each other and with nobody else.
 *
 * Every object lies in a pool and is found through a chained hash; its public
 * face comes first, so that one pointer is both. Nothing here but the end of a
 * snapshot walks over all objects.
 */
#ifndef NSLENS_GRAPH_INTERNAL_H
#define NSLENS_GRAPH_INTERNAL_H

#include "graph.h"
#include "internal.h"

struct node {
	struct node *chain, **at; /* `at`: what points to it, so that it goes without a search */
	uint64_t key;
};

/* Chained, by a number that need not be unique. */
struct table {
	struct node **bucket;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

#define NODE_OF(node_, type, member) ((type *)((char *)(node_)-offsetof(type, member)))

/* Objects of one size, cut from blocks that are kept until the end. */
struct pool {
	size_t object; /* bytes */
	void *free;    /* the first bytes of each point to the next */
	struct block *blocks;
	size_t bytes; /* of all blocks */
};

struct ns_cause {
	struct nsg_cause pub;
	uint64_t seq;	  /* number of the event that told it */
	bool told_by_end; /* it was told when the call that dropped it had returned */
};

struct ns {
	struct nsg_ns pub;
	struct node by_id, by_inum;
	struct ns_cause *cause; /* of losing its last user, while unused; NULL: not known */
	uint64_t touched;	/* number of the last event about it */
	uint32_t keepers;	/* in the list of keepers */
	bool dead;		/* told, and waiting for its last user to go */
};

struct nsproxy {
	struct nsg_nsproxy pub;
	struct node by_id;
};

struct task {
	struct nsg_task pub;
	struct node by_tid;
	uint64_t touched;  /* number of the last event about it */
	uint64_t returned; /* number of the event that told the return of its last call */
	uint32_t verified; /* number of the last verification that saw it */
	bool reaped;	   /* its number belongs to another now */
	bool counted;	   /* among the initial ones, if it is initial */
};

/* A task inside a call that makes something. */
struct call {
	struct node by_tid;
	uint32_t tid;
	struct nsproxy *nsproxy; /* being built; its `builder` is our tid */
	uint64_t user;		 /* id of the user namespace that was made; 0: none */
	uint64_t touched;
};

struct suspect {
	struct nsg_difference pub;
	uint64_t since; /* number of the event that showed it first */
	uint64_t ts;	/* and its time */
	bool again;	/* seen twice */
};

struct suspects {
	struct suspect *all;
	size_t n, cap;
};

struct verification {
	bool wanted;	 /* the next snapshot is one */
	bool running;	 /* this one is */
	bool partial;	 /* something was lost in it */
	bool calling;	 /* the last row was of a task whose call is yet to tell what it did */
	uint32_t number; /* counts up */
	struct suspects now, before;
	struct nsg_difference *told;
	size_t ntold, nconfirmed;
};

struct nsg {
	struct nsg_sink sink;
	struct nsg_totals totals;
	struct table ns_by_id, ns_by_inum, nsproxy_by_id, task_by_tid, call_by_tid;
	struct pool ns_pool, nsproxy_pool, task_pool, call_pool, cause_pool;
	struct nsg_ns *first_ns, *last_ns;
	struct nsg_nsproxy *first_nsproxy, *last_nsproxy;
	bool ns_unsorted, nsproxy_unsorted;
	struct nsg_task *first_zombie, *last_zombie;
	struct ns *init_user; /* NULL: not yet known */
	struct cgroup_table cgroups;

	/* the event that is being applied */
	uint64_t now, seq;
	struct nsg_cause why; /* of what it lets go */
	bool why_told_by_end; /* by the end of a call: the kernel has let go before */
	bool by_row;	      /* a snapshot shows it: when that was lies before */
	bool out_of_memory;

	uint64_t told_lost; /* sum of what NSL_EV_LOST told */
	uint64_t seen_lost; /* the highest head.lost */
	uint64_t loss;	    /* number of the event after the last gap; the graph is stale since */
	bool stale, in_gap;
	struct {
		bool open;
		uint32_t number;
		uint32_t reader; /* tid: rows of others tell what they have just made */
		uint64_t begin;	 /* number of its first event */
		bool heals;	 /* it began while the graph was stale */
	} snapshot;

	struct nsg_keeper *keepers;
	size_t nkeepers, keepers_cap, keeper_bytes;
	bool keepers_begin; /* an event has said where a reading of them begins */
	struct verification verify;
};

/* graph_store.c: memory and tables */
void *pool_take(struct pool *p); /* cleared; NULL: out of memory */
void pool_give(struct pool *p, void *object);
void pool_free(struct pool *p);
/* Makes room for one more; false: out of memory. */
bool table_reserve(struct table *t);
void table_insert(struct table *t, struct node *n, uint64_t key); /* after table_reserve() */
void table_remove(struct table *t, struct node *n);
struct node *table_find(const struct table *t, uint64_t key);
struct node *table_next(const struct node *n); /* another of the same key, or NULL */
void table_free(struct table *t);

/* graph_namespaces.c */
enum use { USE_NSPROXY, USE_TASK, USE_CHILD, USE_OWNED };
/* Found or made; NULL: none, of another type, or out of memory. */
struct ns *ns_get(struct nsg *g, const struct nsl_ref *ref, enum nsl_type type);
struct ns *ns_find(const struct nsg *g, uint64_t id);
/* `ns` may be NULL. */
void ns_use(struct nsg *g, struct ns *ns, enum use use);
void ns_drop(struct nsg *g, struct ns *ns, enum use use);
bool ns_used(const struct ns *ns);
void ns_born(struct nsg *g, struct ns *ns);
void ns_set_family(struct nsg *g, struct ns *ns, const struct nsl_ref *owner,
		   const struct nsl_ref *parent, uint32_t level);
void ns_undone(struct nsg *g, struct ns *ns);
void ns_row(struct nsg *g, const struct nsl_ns *e);
void ns_freed(struct nsg *g, const struct nsl_ns_free *e);
void ns_unpinned(struct nsg *g, const struct nsl_ns_free *e);
void ns_sweep(struct nsg *g); /* those that no row has touched since the snapshot began */

/* graph_nsproxies.c */
struct nsproxy *nsproxy_find(const struct nsg *g, uint64_t id);
/* That of the view, with its slots; NULL: none, or out of memory. */
struct nsproxy *nsproxy_get(struct nsg *g, const struct nsl_view *view, uint64_t born);
struct nsproxy *nsproxy_make(struct nsg *g, uint64_t id); /* id 0: it has none yet */
void nsproxy_name(struct nsg *g, struct nsproxy *p, uint64_t id);
void nsproxy_set_slot(struct nsg *g, struct nsproxy *p, enum nsl_slot slot, struct ns *ns);
void nsproxy_clear(struct nsg *g, struct nsproxy *p);
void nsproxy_let_go(struct nsg *g, struct nsproxy *p); /* frees it where nothing has it */

/* graph_calls.c: what is being built inside a call */
void build_step_begin(struct nsg *g, const struct nsl_step *e);
void build_step(struct nsg *g, const struct nsl_step *e);
void build_visible(struct nsg *g, struct nsproxy *p); /* a task has it now */
/* The call of this task has ended; `by`: pid and comm of it. */
void build_end(struct nsg *g, uint32_t tid, const struct nsl_head *by, bool failed);
void build_sweep(struct nsg *g); /* those whose end was lost */

/* graph_tasks.c */
/* The one that is alive or a zombie, not one whose number was given away. */
struct task *task_now(const struct nsg *g, uint32_t tid);
struct task *task_match(const struct nsg *g, uint32_t tid, uint64_t start);
void task_event(struct nsg *g, const struct nsl_task *e);
void task_call_end(struct nsg *g, const struct nsl_call_end *e);
void tasks_classify(struct nsg *g); /* what is initial has just become known */
void tasks_sweep(struct nsg *g);    /* those not touched since the snapshot began */
void tasks_need_cgroups(struct nsg *g);
bool task_is_initial(const struct nsg *g, const struct task *t);
bool view_is_initial(const struct nsg *g, const struct nsl_view *v);

/* graph_keepers.c */
void keeper_event(struct nsg *g, const struct nsl_keeper *e);
void keepers_forget(struct nsg *g, const struct ns *ns);

/* graph_causes.c: who or what was it? */
void why(struct nsg *g, enum nsg_cause_kind kind, uint32_t pid, uint32_t tid, const char *comm);
struct nsg_cause cause_unpinned(const struct nsg *g, const struct nsl_head *h);
struct nsg_cause cause_of_death(const struct nsg *g, const struct ns *ns, const struct nsl_head *h);

/* graph_verify.c */
void verify_begin(struct nsg *g);
void verify_task(struct nsg *g, const struct nsl_task *e);
void verify_ns(struct nsg *g, const struct nsl_ns *e);
void verify_end(struct nsg *g);
void verify_free(struct nsg *g);
size_t verify_bytes(const struct nsg *g);

#endif
