/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a namespace is alive: everything that holds it, what would have to go, and
 * how many of the kernel's references that explains. Pure: a graph and one of its
 * namespaces in, findings out. Findings own what they hold, so two of them, taken
 * one after the other, can be compared.
 *
 * Commands are information for the reader. nslens never runs them.
 */
#ifndef NSLENS_EXPLAIN_WHY_H
#define NSLENS_EXPLAIN_WHY_H

#include "../model/graph.h"
#include "explain.h"

/* What holds it. */
enum nse_hold {
	NSE_HOLD_NSPROXY,  /* an nsproxy that tasks use */
	NSE_HOLD_PENDING,  /* an nsproxy, by a slot that is for children only */
	NSE_HOLD_MEMBERS,  /* user: credentials of tasks; pid: tasks that live in it */
	NSE_HOLD_ZOMBIE,   /* user, pid: a task that ended and was not reaped */
	NSE_HOLD_FD,	   /* an open nsfs file */
	NSE_HOLD_SOCKET,   /* net */
	NSE_HOLD_PIDFD,	   /* pid */
	NSE_HOLD_PROC,	   /* an open or mounted procfs file */
	NSE_HOLD_SHM,	   /* ipc */
	NSE_HOLD_MOUNT,	   /* a bind mount of nsfs */
	NSE_HOLD_CHILD,	   /* a namespace whose parent it is */
	NSE_HOLD_OWNED,	   /* user: a namespace that it owns */
	NSE_HOLD_BUILDING, /* an nsproxy that is not installed yet */
	NSE_HOLDS,
};

/* What one can do about it; keepers are sorted by it. */
enum nse_todo {
	NSE_TODO_END,	  /* end the processes */
	NSE_TODO_REAP,	  /* make the parent call wait() */
	NSE_TODO_CLOSE,	  /* close the descriptor, or end the process */
	NSE_TODO_UNMOUNT, /* unmount it */
	NSE_TODO_FIRST,	  /* another namespace has to die first */
	NSE_TODO_WAIT,	  /* it passes by itself */
	NSE_TODOS,
};

struct nse_ns {
	uint64_t id; /* 0: none */
	enum nsl_type type;
	uint32_t inum;
	bool initial;
};

struct nse_process {
	uint32_t pid; /* 0: none */
	uint32_t tid; /* of the thread that was seen first */
	bool kthread;
	bool init;		     /* pid 1 of a pid namespace that is not the initial one */
	char comm[NSL_COMM_LEN + 1]; /* hostile text */
};

struct nse_keeper {
	enum nse_hold kind;
	enum nse_todo todo;
	uint32_t refs;		 /* that it explains; descriptors and mounts share one: 0 */
	uint64_t nsproxy;	 /* id, or 0 */
	struct nse_process *who; /* the one to name stands first; may be NULL */
	size_t nwho;
	size_t tasks;		   /* threads of them all */
	struct nse_process parent; /* of a zombie */
	int *fds;		   /* of who[0]; sorted */
	size_t nfds;
	char *path;	     /* hostile text, or NULL */
	struct nse_ns where; /* mounts: in which mount namespace */
	bool here;	     /* … which is that of nslens itself */
	struct nse_process via;
	char *via_path;	  /* hostile text, or NULL: a file by which it can be entered */
	struct nse_ns ns; /* CHILD, OWNED */
	char *because;	  /* … the first of what keeps that one, or NULL */
	size_t nbecause;  /* how many keep it */
};

#define NSE_UNSEEN 6

enum nse_why_state {
	NSE_WHY_INITIAL, /* it never dies */
	NSE_WHY_HELD,
	NSE_WHY_HIDDEN,	 /* it is counted, but no keeper can be found */
	NSE_WHY_DYING,	 /* nothing holds it: it waits to be freed */
	NSE_WHY_UNKNOWN, /* no keeper can be found, and its count is not known */
	NSE_WHY_STATES,
};

struct nse_why_context {
	nse_kernel kernel;
	uint64_t now;	  /* CLOCK_MONOTONIC */
	uint32_t own_mnt; /* inode number of the caller's mount namespace; 0: not known */
	uint32_t own_pid; /* is left out; 0: none */
	/*
	 * From when on the caller held the namespaces open itself; 0: it did not. A
	 * count that was read after that counts the caller's descriptor, too.
	 */
	uint64_t opened;
	uint64_t fresh;	    /* counts that were read before do not belong to these keepers */
	bool many;	    /* more than one namespace is told: changes name theirs */
	bool shallow;	    /* what keeps children and owned namespaces is left out */
	bool fold;	    /* what one nsproxy, or one process, has makes one keeper */
	bool foreign_pids;  /* the pids are not those a shell here would use: no kill */
	bool no_nsproxies;  /* /proc alone: tasks are seen, nsproxies are made up */
	bool partly;	    /* not every process could be looked into */
	bool deaths_unseen; /* this machine does not tell of deaths */
};

struct nse_why {
	struct nse_why_context context;
	enum nse_why_state state;
	struct nse_ns ns;
	uint64_t ns_id; /* 0: not known */
	uint64_t born, read, unused;
	uint32_t refs, active; /* NSL_COUNT_UNKNOWN */
	bool details;	       /* owner, parent and level are known */
	uint32_t level;
	uint32_t creator; /* uid that made it (user), or its owner; NSL_COUNT_UNKNOWN */
	struct nse_ns owner, parent;
	struct nse_ns *pins; /* all that live as long as it does, nearest first; not initial */
	size_t npins;
	struct nse_keeper *keepers;
	size_t nkeepers;
	uint64_t *sockets; /* each open descriptor of one, by what tells sockets apart */
	size_t nsockets;
	size_t member_files; /* sockets and pidfds of processes that are in it themselves */
	/* The arithmetic. */
	uint32_t by_nsproxies, by_nsfs, by_tasks, by_namespaces, by_sockets, by_others;
	uint32_t explained;	   /* the sum */
	bool at_least;		   /* a kind was found whose references cannot be counted */
	int64_t unaccounted;	   /* refs - explained; -1: cannot be computed */
	const char *no_count;	   /* why it cannot, or NULL */
	int64_t active_explained;  /* two-count kernels; -1: not known */
	const char *const *unseen; /* kinds that user space cannot see: NSE_UNSEEN, the rest NULL */
};

/* NULL: out of memory. `ns` is of `g`. */
struct nse_why *nse_why(const struct nsg *g, const struct nsg_ns *ns,
			const struct nse_why_context *context);
void nse_why_free(struct nse_why *w);

/* The same thing, seen twice? */
bool nse_keeper_same(const struct nse_keeper *a, const struct nse_keeper *b);

/*
 * All write at most `size` bytes with the NUL and return `buf`; the text may hold
 * hostile text. NSE_WHY_LEN is enough for every path.
 */
#define NSE_WHY_LEN 20480
/* One to three sentences: what keeps it, and what would have to happen. */
const char *nse_why_verdict(const struct nse_why *w, char *buf, size_t size);
/* "fd 3 of python3 (812)" */
const char *nse_keeper_text(const struct nse_why *w, const struct nse_keeper *k, char *buf,
			    size_t size);
/* References that are explained, by what, and what is left. */
const char *nse_why_count(const struct nse_why *w, char *buf, size_t size);
/*
 * What to type, printable ASCII quoted for a shell; NULL where there is no such
 * command, or it does not fit.
 */
const char *nse_keeper_command(const struct nse_why *w, const struct nse_keeper *k, char *buf,
			       size_t size);
/* Where it waits when nothing holds it: "for cleanup_net, …". */
const char *nse_why_waits(const struct nse_why *w);

const char *nse_hold_name(enum nse_hold kind);
const char *nse_todo_name(enum nse_todo todo);
const char *nse_why_state_name(enum nse_why_state state);

#endif
