// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arithmetic: how many of the kernel's references the keepers explain.
 *
 * An nsproxy holds one for each slot, all descriptors and bind mounts together
 * one (that of the nsfs inode), each child and each owned namespace one, each
 * socket one, each task one on the pid namespace it lives in. Credentials cannot
 * be counted from outside: tasks share them, open files keep old ones.
 */
#include <stdlib.h>

#include "why_internal.h"

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t count_sockets(struct nse_why *w)
{
	uint32_t n = 0;

	if (w->nsockets)
		qsort(w->sockets, w->nsockets, sizeof(*w->sockets), compare_keys);
	for (size_t i = 0; i < w->nsockets; i++)
		n += !i || w->sockets[i] != w->sockets[i - 1];
	return n;
}

static void add_up(struct nse_why *w)
{
	for (size_t i = 0; i < w->nkeepers; i++) {
		const struct nse_keeper *k = &w->keepers[i];

		switch (k->kind) {
		case NSE_HOLD_NSPROXY:
		case NSE_HOLD_PENDING:
		case NSE_HOLD_BUILDING:
			w->by_nsproxies += k->refs;
			break;
		case NSE_HOLD_MEMBERS:
		case NSE_HOLD_ZOMBIE:
			w->by_tasks += k->refs;
			break;
		case NSE_HOLD_FD:
		case NSE_HOLD_MOUNT:
			w->by_nsfs = 1;
			break;
		case NSE_HOLD_CHILD:
		case NSE_HOLD_OWNED:
			w->by_namespaces += k->refs;
			break;
		case NSE_HOLD_PROC:
		case NSE_HOLD_SHM:
			/* several of them may share one open file, or superblock */
			w->by_others = 1;
			w->at_least = true;
			break;
		default:
			break;
		}
	}
	w->by_sockets = count_sockets(w);
	w->explained = w->by_nsproxies + w->by_nsfs + w->by_tasks + w->by_namespaces +
		       w->by_sockets + w->by_others;
}

/* Was the count read when the keepers were what they are? */
static bool is_current(const struct nse_why *w)
{
	return w->read >= w->unused && w->read >= w->context.fresh;
}

/* Why the difference says nothing; NULL: it does. */
static const char *no_count(const struct nse_why *w)
{
	const struct nse_why_context *c = &w->context;

	if (w->ns.initial)
		return w->refs == 1 ? "the kernel does not count initial namespaces (since 6.19)"
				    : "an initial namespace is never freed, whatever its count";
	if (w->refs == NSL_COUNT_UNKNOWN)
		return c->no_nsproxies ? "without BPF the kernel's count cannot be read"
				       : "its count was not read: no task leads to it";
	if (c->no_nsproxies)
		return "without BPF tasks are seen, but not which of them share an nsproxy";
	if (!is_current(w))
		return "its count was read before something came or went";
	if (w->explained == w->refs)
		return NULL; /* even if it is only the least */
	if (w->explained > w->refs)
		return "keepers came while it was counted: look again";
	if (w->ns.type == NSL_USER)
		return "credentials cannot be counted from outside: at least one a process";
	if (w->ns.type == NSL_PID)
		return "a struct pid outlives its task as long as something refers to it, and "
		       "cannot be counted from outside";
	if (w->at_least || (w->member_files && w->ns.type == NSL_MNT))
		return "several open files or attached segments may share one reference";
	return NULL;
}

static const char in_flight[] =
	"a descriptor sent over a UNIX socket and not yet received, or registered with io_uring";

static const char *const unseen[NSL_TYPES][NSE_UNSEEN] = {
	[NSL_MNT] = {in_flight, "a system call that is at work on it"},
	[NSL_UTS] = {in_flight, "a system call that is at work on it"},
	[NSL_IPC] = {in_flight, "an open file below /proc/sysvipc",
		     "a SysV segment that a task keeps attached after it has left",
		     "an operation on a message queue that is under way"},
	[NSL_PID] = {in_flight,
		     "a struct pid without a task: an open file below /proc/PID, the peer of a "
		     "UNIX socket, a process group or session that lives on",
		     "FUSE connections, perf events and BPF task iterators opened in it"},
	[NSL_CGROUP] = {in_flight, "an open cgroup.procs and its like",
			"a mount of cgroupfs that is being made"},
	[NSL_NET] = {in_flight, "a socket in flight, or closed and not yet freed",
		     "an open file below /proc/PID/net", "clients in the kernel: NFS, CIFS, Ceph"},
	[NSL_TIME] = {in_flight, "a system call that is at work on it"},
	[NSL_USER] = {in_flight, "credentials that open files, keys and io_uring keep",
		      "the memory of processes that were started in it",
		      "file systems mounted in it, and id-mapped mounts",
		      "limits (ucounts) that count for it"},
};

/*
 * Since 6.19 the kernel counts visible users apart: one for each slot, one for
 * the nsfs inode, one for each task of a user namespace, and one for each active
 * namespace that it owns.
 */
static int64_t active_explained(const struct nse_why *w, const struct nsg *g)
{
	int64_t n = w->by_nsproxies + w->by_nsfs;

	if (w->active == NSL_COUNT_UNKNOWN || w->context.no_nsproxies)
		return -1;
	for (size_t i = 0; i < w->nkeepers && w->ns.type == NSL_USER; i++) {
		const struct nse_keeper *k = &w->keepers[i];
		const struct nsg_ns *ns = k->ns.id ? nsg_find_ns(g, k->ns.id) : NULL;

		if (k->kind == NSE_HOLD_MEMBERS || k->kind == NSE_HOLD_ZOMBIE)
			n += (int64_t)k->tasks;
		else if (ns && ns->active != NSL_COUNT_UNKNOWN)
			n += ns->active > 0;
		else if (ns)
			return -1;
	}
	return n;
}

static enum nse_why_state state_of(const struct nse_why *w)
{
	if (w->ns.initial)
		return NSE_WHY_INITIAL;
	if (w->nkeepers)
		return NSE_WHY_HELD;
	if (w->refs != NSL_COUNT_UNKNOWN && is_current(w))
		return w->refs ? NSE_WHY_HIDDEN : NSE_WHY_DYING;
	/* it was used, nothing of that is left, and its death would have been told */
	if (w->unused && !w->context.deaths_unseen && !w->context.partly)
		return NSE_WHY_DYING;
	return NSE_WHY_UNKNOWN;
}

/*
 * Had the reader the namespace open itself when its count was read? It opens what
 * sockets lead to, every mount namespace, and, where the kernel lists namespaces
 * (6.19), every active one; where others have it open, too, all share one reference.
 */
static bool reader_had_it(const struct nse_why *w)
{
	if (!w->context.opened || w->read < w->context.opened || w->by_nsfs || w->ns.initial)
		return false;
	if (w->active != NSL_COUNT_UNKNOWN)
		return w->active > 0;
	return w->ns.type == NSL_MNT || (w->ns.type == NSL_NET && w->nsockets);
}

static void forget_reader(struct nse_why *w)
{
	if (!reader_had_it(w))
		return;
	if (w->refs != NSL_COUNT_UNKNOWN && w->refs)
		w->refs--;
	if (w->active != NSL_COUNT_UNKNOWN)
		w->active--;
}

void why_count(struct nse_why *w, const struct nsg *g)
{
	add_up(w);
	forget_reader(w);
	w->no_count = no_count(w);
	w->unaccounted = w->no_count ? -1 : (int64_t)w->refs - w->explained;
	w->active_explained = active_explained(w, g);
	w->unseen = unseen[w->ns.type];
	w->state = state_of(w);
}

const char *nse_why_waits(const struct nse_why *w)
{
	bool late = w->context.kernel >= 6014;

	switch (w->ns.type) {
	case NSL_NET:
		return "for cleanup_net, a worker that takes network namespaces apart in batches";
	case NSL_IPC:
		return "for free_ipc, a worker that frees ipc namespaces";
	case NSL_USER:
		return "for RCU to let its last credentials go, and then for free_user_ns, a "
		       "worker";
	case NSL_PID:
		return late ? "for destroy_pid_namespace_work, a worker, and then for RCU"
			    : "for RCU to let it go";
	case NSL_MNT:
		return w->context.kernel >= 6018 ? "for RCU to let it go" : "to be freed";
	default:
		return "to be freed";
	}
}

const char *nse_why_state_name(enum nse_why_state state)
{
	static const char *const names[NSE_WHY_STATES] = {
		[NSE_WHY_INITIAL] = "initial", [NSE_WHY_HELD] = "held",
		[NSE_WHY_HIDDEN] = "hidden",   [NSE_WHY_DYING] = "dying",
		[NSE_WHY_UNKNOWN] = "unknown",
	};

	return state < NSE_WHY_STATES ? names[state] : "?";
}

const char *nse_hold_name(enum nse_hold kind)
{
	static const char *const names[NSE_HOLDS] = {
		[NSE_HOLD_NSPROXY] = "nsproxy",
		[NSE_HOLD_PENDING] = "pending",
		[NSE_HOLD_MEMBERS] = "tasks",
		[NSE_HOLD_ZOMBIE] = "zombie",
		[NSE_HOLD_FD] = "descriptor",
		[NSE_HOLD_SOCKET] = "socket",
		[NSE_HOLD_PIDFD] = "pidfd",
		[NSE_HOLD_PROC] = "procfs",
		[NSE_HOLD_SHM] = "shm",
		[NSE_HOLD_MOUNT] = "mount",
		[NSE_HOLD_CHILD] = "child",
		[NSE_HOLD_OWNED] = "owned",
		[NSE_HOLD_BUILDING] = "half-built",
	};

	return kind < NSE_HOLDS ? names[kind] : "?";
}

const char *nse_todo_name(enum nse_todo todo)
{
	static const char *const names[NSE_TODOS] = {
		[NSE_TODO_END] = "end",
		[NSE_TODO_REAP] = "reap",
		[NSE_TODO_CLOSE] = "close",
		[NSE_TODO_UNMOUNT] = "unmount",
		[NSE_TODO_FIRST] = "destroy first",
		[NSE_TODO_WAIT] = "wait",
	};

	return todo < NSE_TODOS ? names[todo] : "?";
}
