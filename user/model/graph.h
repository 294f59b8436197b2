/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The graph: tasks, nsproxies and namespaces as the kernel has them now.
 *
 * Pure, as the rest of the model: events in, objects out. Events are applied in
 * ring order. Tasks that are not initial, nsproxies and namespaces are followed
 * event by event; initial tasks (DESIGN section 2) are those of the last snapshot.
 *
 * Everything that a function hands out is owned by the graph and valid until the
 * next nsg_feed() or nsg_free().
 */
#ifndef NSLENS_GRAPH_H
#define NSLENS_GRAPH_H

#include "model.h"

struct nsg_task;

/* Why a namespace died, or lost its last user: what went last. */
enum nsg_cause_kind {
	NSG_CAUSE_NONE,	    /* not known */
	NSG_CAUSE_EXIT,	    /* a task exited */
	NSG_CAUSE_REAPED,   /* a zombie was reaped (user and pid namespaces) */
	NSG_CAUSE_SWITCH,   /* a task went over to another nsproxy or user namespace */
	NSG_CAUSE_UNDONE,   /* the call that made it failed */
	NSG_CAUSE_UNPINNED, /* its last nsfs file or bind mount went */
	NSG_CAUSE_CHILD,    /* a child namespace, or one that it owned, was destroyed */
};

struct nsg_cause {
	enum nsg_cause_kind kind;
	uint64_t ts;
	uint32_t pid, tid;	     /* the task that did it; 0: none */
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
	uint64_t ns;		     /* CHILD: id of that namespace */
};

struct nsg_ns {
	uint64_t id;	 /* unique for the life of the graph; 1, 2, 3 … in order of sight */
	uint64_t ns_id;	 /* the kernel's own number (6.18 and later), else 0 */
	uint64_t born;	 /* 0: before it was first seen */
	uint64_t unused; /* since when nothing in the graph uses it; 0: something does */
	uint64_t read;	 /* when refs and active were read; 0: never */
	struct nsg_ns *owner, *parent; /* NULL: none, or not known */
	struct nsg_ns *next, *prev;    /* all namespaces, by id */
	uint32_t inum;
	uint32_t refs, active; /* readings; NSL_COUNT_UNKNOWN */
	uint32_t owner_uid;    /* user namespaces; NSL_COUNT_UNKNOWN */
	/* How many objects of the graph refer to it. */
	uint32_t nsproxies; /* slots: a time namespace in both slots of one counts twice */
	uint32_t tasks;	    /* user: as cred->user_ns; pid: as active pid namespace */
	uint32_t children;
	uint32_t owned;
	uint8_t type; /* enum nsl_type */
	uint8_t level;
	bool initial;
	bool details;	  /* owner, parent and level are known */
	bool init_exited; /* pid: the leader of its pid 1 has ended: see nsg_init_ended() */
};

struct nsg_nsproxy {
	uint64_t id; /* nsproxy#1 is the initial one */
	uint64_t born;
	struct nsg_ns *slot[NSL_NSPROXY_SLOTS]; /* NULL: not filled yet, or not known */
	struct nsg_nsproxy *next, *prev;	/* all, by id */
	struct nsg_task *first_task, *last_task;
	uint32_t ntasks;  /* in the graph */
	uint32_t count;	  /* the kernel's own count: a reading */
	uint64_t read;	  /* when that was read */
	uint32_t builder; /* tid of the task that is building it: not visible yet; 0: none */
	bool initial;
};

struct nsg_task {
	uint32_t tid, pid, ppid;
	uint32_t ns_tid, ns_pid; /* in its active pid namespace */
	uint64_t start;
	uint64_t seen;		     /* initial tasks: when they were last seen */
	uint64_t cgroup;	     /* id: see nsg_cgroup_path() */
	struct nsg_nsproxy *nsproxy; /* NULL: exiting or a zombie */
	struct nsg_ns *user;
	struct nsg_ns *pid_active;    /* NULL: not known (reaped) */
	struct nsg_task *next, *prev; /* of the same nsproxy; a zombie's: of all zombies */
	char comm[NSL_COMM_LEN + 1];  /* hostile text */
	uint8_t state;		      /* NSL_TASK_KTHREAD … */
	bool initial;		      /* its nsproxy, user and pid namespace are the initial ones */
};

/* What holds a namespace, and is neither task, nsproxy nor namespace. */
struct nsg_keeper {
	const struct nsg_ns *ns;
	enum nsl_keeper_kind kind;
	uint32_t pid; /* 0: no task */
	int32_t fd;   /* -1: none */
	uint32_t where;
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
	const char *path;	     /* hostile text, or NULL */
};

struct nsg_totals {
	size_t namespaces, nsproxies, tasks, initial_tasks, zombies;
	uint64_t events;
	uint64_t lost;	    /* events; the graph is stale until the next snapshot has ended */
	uint64_t gaps;	    /* how often something was lost */
	uint32_t snapshots; /* that have ended */
	size_t bytes;	    /* that the graph has allocated */
};

/* Any member may be NULL. None may call back into the graph. */
struct nsg_sink {
	void *ctx;
	void (*born)(void *ctx, const struct nsg_ns *ns);
	/* `ns` is still whole; `cause`, never NULL, says what went last, as far as it can be known
	 */
	void (*died)(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause);
};

struct nsg;

/* NULL when out of memory. `sink` may be NULL. */
struct nsg *nsg_new(const struct nsg_sink *sink);
void nsg_free(struct nsg *g);

/*
 * Applies one event. Returns 0, or -EINVAL for an event that is not one of ours,
 * or -ENOMEM: the graph is then stale, as after a loss.
 */
int nsg_feed(struct nsg *g, const struct nsl_head *event);
/* A task calls itself otherwise now: no event tells of it. */
void nsg_rename(struct nsg *g, uint32_t tid, const char *comm);

/*
 * Something was lost, or memory ran out: the graph may be wrong until a snapshot
 * has ended. True before the first one, too.
 */
bool nsg_stale(const struct nsg *g);

void nsg_totals(const struct nsg *g, struct nsg_totals *totals);

/* First of a list that goes on through ->next. Namespaces and nsproxies: by id. */
const struct nsg_ns *nsg_namespaces(const struct nsg *g);
const struct nsg_nsproxy *nsg_nsproxies(const struct nsg *g);
const struct nsg_task *nsg_zombies(const struct nsg *g);
/* NULL: there is none. */
const struct nsg_ns *nsg_find_ns(const struct nsg *g, uint64_t id);
const struct nsg_ns *nsg_find_inum(const struct nsg *g, uint32_t inum);
/* Its two names; NULL: zeros. */
struct nsl_ref nsg_ref(const struct nsg_ns *ns);
/*
 * Was pid 1 of the pid namespace seen to end, with all its threads? Nobody can be born there any
 * more. Where its leader has ended this walks over all tasks.
 */
bool nsg_init_ended(const struct nsg *g, const struct nsg_ns *ns);
const struct nsg_nsproxy *nsg_find_nsproxy(const struct nsg *g, uint64_t id);
const struct nsg_task *nsg_find_task(const struct nsg *g, uint32_t tid);
/*
 * Hostile text, or NULL; valid until the next event. The container is its name or id as found in
 * the path. What no task of the graph is in is forgotten after a while.
 */
const char *nsg_cgroup_path(const struct nsg *g, uint64_t cgroup);
const char *nsg_container(const struct nsg *g, uint64_t cgroup);
/* The systemd unit, likewise. */
const char *nsg_unit(const struct nsg *g, uint64_t cgroup);
/* What the last reading of descriptors, mounts and sockets found. */
const struct nsg_keeper *nsg_keepers(const struct nsg *g, size_t *n);
/* Forgets them: another reading begins. */
void nsg_keepers_clear(struct nsg *g);
/*
 * An event has said where a reading of them begins, as all do since there are such events.
 * False: who feeds keepers has to find it out, and to forget the old ones.
 */
bool nsg_keepers_begin(const struct nsg *g);

/*
 * Where no hook tells of deaths: drops the namespaces that nothing in the graph has
 * used since `before` and that have no keeper (read those first). died() is called
 * with cause NONE.
 */
void nsg_drop_unkept(struct nsg *g, uint64_t before);

enum nsg_difference_kind {
	NSG_TASK_MISSING, /* the kernel has a task that is not initial, the graph does not */
	NSG_TASK_EXTRA,	  /* the graph has one that the kernel does not */
	NSG_TASK_SLOT,	  /* both have it; `slot` differs */
	NSG_TASK_NSPROXY, /* both have it; its nsproxy differs, all slots being equal */
	NSG_TASK_EXITED,  /* one of them says that it exits, the other does not */
	NSG_NS_MISSING,
	NSG_NS_OWNER,
	NSG_NS_PARENT,
	NSG_NS_LEVEL,
};

struct nsg_difference {
	enum nsg_difference_kind kind;
	uint32_t tid; /* 0: about a namespace */
	uint64_t start;
	uint64_t ns;	    /* id of the namespace it is about; 0: about a task */
	enum nsl_slot slot; /* TASK_SLOT */
	/* of what differs: id and inode number; `obj` 0: none. nsproxies have no inum */
	struct nsl_ref graph, kernel;
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
};

/*
 * The next snapshot is compared with the graph and not applied. A moving system
 * shows differences that are none: a change that is not yet in the ring. So a
 * difference counts only if two snapshots in a row show it and no event touched
 * the object in between: call this before each of them until nothing is left in
 * doubt. Initial tasks and readings are not compared.
 */
void nsg_verify(struct nsg *g);
/*
 * After the snapshot has ended: the differences of the last one. `confirmed`
 * first; the rest is in doubt: seen once.
 */
const struct nsg_difference *nsg_differences(const struct nsg *g, size_t *n, size_t *confirmed);

const char *nsg_cause_name(enum nsg_cause_kind kind);
const char *nsg_keeper_name(enum nsl_keeper_kind kind);
const char *nsg_difference_name(enum nsg_difference_kind kind);

#endif
