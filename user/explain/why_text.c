// SPDX-License-Identifier: GPL-2.0-only
/* Sentences about what keeps a namespace alive. */
#include <inttypes.h>
#include <string.h>

#include "why_internal.h"

void why_put_ns(struct nse_text *t, const struct nse_ns *ns)
{
	if (ns->inum)
		nse_add(t, "%s:[%" PRIu32 "]", nsm_type_name(ns->type), ns->inum);
	else
		nse_add(t, "an anonymous %s namespace", nsm_type_name(ns->type));
}

static void put_process(struct nse_text *t, const struct nse_process *p)
{
	if (!p->pid)
		nse_add(t, "a task that is gone");
	else if (!p->comm[0])
		nse_add(t, "process %" PRIu32, p->pid);
	else
		nse_add(t, "%s (%" PRIu32 ")", p->comm, p->pid);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* "nginx (4128)", "thread 4130 of nginx (4128)", "nginx (4128) and 3 more processes" */
static void put_who(struct nse_text *t, const struct nse_keeper *k)
{
	size_t threads = k->tasks > k->nwho ? k->tasks - k->nwho : 0;

	if (!k->nwho) {
		nse_add(t, "tasks that are not known");
		return;
	}
	if (k->who[0].tid && k->who[0].tid != k->who[0].pid)
		nse_add(t, "thread %" PRIu32 " of ", k->who[0].tid);
	put_process(t, &k->who[0]);
	if (k->nwho > 1)
		nse_add(t, " and %zu more process%s", k->nwho - 1, k->nwho == 2 ? "" : "es");
	if (threads)
		nse_add(t, "%s %zu more thread%s", k->nwho > 1 ? "," : " and", threads,
			plural(threads));
}

static void put_fds(struct nse_text *t, const struct nse_keeper *k)
{
	for (size_t i = 0; i < k->nfds && i < 12; i++)
		nse_add(t, "%s%d", i ? ", " : k->nfds > 1 ? "fds " : "fd ", k->fds[i]);
	if (k->nfds > 12)
		nse_add(t, " and %zu more", k->nfds - 12);
	if (k->nwho) {
		nse_add(t, k->nfds ? " of " : "");
		put_process(t, &k->who[0]);
	}
}

static void put_place(struct nse_text *t, const struct nse_keeper *k)
{
	nse_add(t, "%s in ", k->path ? k->path : "a mount");
	if (k->here) {
		nse_add(t, "this mount namespace");
		return;
	}
	if (k->where.inum)
		why_put_ns(t, &k->where);
	else
		nse_add(t, "a mount namespace that is not known");
	if (k->via.pid) {
		nse_add(t, ", that of ");
		put_process(t, &k->via);
	} else if (!k->via_path) {
		nse_add(t, ", in which no task is known");
	}
}

static void put_pending(struct nse_text *t, const struct nse_why *w, const struct nse_keeper *k)
{
	bool pid = w->ns.type == NSL_PID, empty = pid;

	for (size_t i = 0; i < w->nkeepers; i++)
		empty &= w->keepers[i].kind != NSE_HOLD_MEMBERS &&
			 w->keepers[i].kind != NSE_HOLD_ZOMBIE;
	put_who(t, k);
	nse_add(t, ": for its children (%s of nsproxy#%" PRIu64 ")%s",
		pid ? "pid_for_children" : "time_for_children", k->nsproxy,
		empty ? "; nobody is in it" : "");
}

/* Another nslens that reads; what is half-built passes by itself, too. */
static bool is_reader(const struct nse_keeper *k)
{
	return k->todo == NSE_TODO_WAIT && k->kind != NSE_HOLD_BUILDING;
}

const char *nse_keeper_text(const struct nse_why *w, const struct nse_keeper *k, char *buf,
			    size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	switch (k->kind) {
	case NSE_HOLD_NSPROXY:
		/* numbers that were made up would only confuse */
		if (!w->context.no_nsproxies)
			nse_add(&t, "nsproxy#%" PRIu64 ": ", k->nsproxy);
		put_who(&t, k);
		break;
	case NSE_HOLD_PENDING:
		put_pending(&t, w, k);
		break;
	case NSE_HOLD_MEMBERS:
		nse_add(&t, "%s", w->ns.type == NSL_USER ? "credentials of " : "");
		put_who(&t, k);
		break;
	case NSE_HOLD_ZOMBIE:
		nse_add(&t, "zombie ");
		put_who(&t, k);
		if (k->todo == NSE_TODO_END) {
			nse_add(&t, ", which nobody can reap while other threads of it live");
			break;
		}
		nse_add(&t, ", not reaped by ");
		put_process(&t, &k->parent);
		break;
	case NSE_HOLD_FD:
		put_fds(&t, k);
		break;
	case NSE_HOLD_SOCKET:
		nse_add(&t, "socket ");
		put_fds(&t, k);
		break;
	case NSE_HOLD_PIDFD:
		nse_add(&t, "pidfd ");
		put_fds(&t, k);
		break;
	case NSE_HOLD_PROC:
		if (k->todo == NSE_TODO_UNMOUNT) {
			nse_add(&t, "procfs ");
			put_place(&t, k);
			break;
		}
		put_fds(&t, k);
		nse_add(&t, " (%s)", k->path ? k->path : "a file of procfs");
		break;
	case NSE_HOLD_SHM:
		nse_add(&t, "shared memory attached by ");
		put_who(&t, k);
		break;
	case NSE_HOLD_MOUNT:
		put_place(&t, k);
		break;
	case NSE_HOLD_CHILD:
	case NSE_HOLD_OWNED:
		why_put_ns(&t, &k->ns);
		nse_add(&t, k->kind == NSE_HOLD_CHILD ? ", its child" : ", which it owns");
		if (k->nbecause)
			nse_add(&t, "; kept by %s", k->because ? k->because : "something");
		if (k->nbecause > 1)
			nse_add(&t, " and %zu more", k->nbecause - 1);
		break;
	case NSE_HOLD_BUILDING:
		nse_add(&t, "nsproxy#%" PRIu64 ", which ", k->nsproxy);
		if (k->nwho)
			put_process(&t, &k->who[0]);
		else
			nse_add(&t, "a task");
		nse_add(&t, " is building: it is installed or undone in a moment");
		break;
	case NSE_HOLDS:
		break;
	}
	if (is_reader(k))
		nse_add(&t, ": another nslens, reading now");
	return buf;
}

/* ---- the verdict ---- */

static const struct {
	const char *one, *many;
	const char *remedy; /* of one; what has to be done for the namespace to die */
	const char *again;  /* what `one` says already: left out of the text after it */
} words[NSE_HOLDS] = {
	[NSE_HOLD_NSPROXY] = {"one nsproxy", "nsproxies", "End its tasks"},
	[NSE_HOLD_PENDING] = {"one nsproxy, for children only",
			      "nsproxies that have it for children only", "End that process"},
	[NSE_HOLD_MEMBERS] = {"the tasks in it", "groups of tasks", "End them"},
	[NSE_HOLD_ZOMBIE] = {"one zombie", "zombies", "Make its parent reap it, or end the parent",
			     "zombie "},
	[NSE_HOLD_FD] = {"one open descriptor", "open descriptors",
			 "Close it, or end that process"},
	[NSE_HOLD_SOCKET] = {"one socket", "sockets", "Close it, or end that process", "socket "},
	[NSE_HOLD_PIDFD] = {"one pidfd", "pidfds", "Close it, or end that process", "pidfd "},
	[NSE_HOLD_PROC] = {"one file of procfs", "files of procfs", "Close or unmount it"},
	[NSE_HOLD_SHM] = {"one attached segment of shared memory",
			  "attached segments of shared memory", "Detach it, or end that process"},
	[NSE_HOLD_MOUNT] = {"one bind mount", "bind mounts", "Unmount it"},
	[NSE_HOLD_CHILD] = {"one child", "children", "Let that one die first"},
	[NSE_HOLD_OWNED] = {"one namespace that it owns", "namespaces that it owns",
			    "Let that one die first"},
	[NSE_HOLD_BUILDING] = {"one nsproxy that is being built", "nsproxies that are being built",
			       "Wait a moment"},
};

/* How many things; descriptors that were folded into one keeper count each. */
static size_t things(const struct nse_why *w, enum nse_hold kind, const struct nse_keeper **first)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nkeepers; i++) {
		if (w->keepers[i].kind != kind)
			continue;
		if (!n)
			*first = &w->keepers[i];
		n += w->keepers[i].nfds > 1 ? w->keepers[i].nfds : 1;
	}
	return n;
}

/* Where not everything could be looked at, what was found may not be all. */
static const char *as_far(const struct nse_why *w)
{
	return w->context.partly ? ", as far as can be seen" : "";
}

static const char *one_of(const struct nse_why *w, enum nse_hold kind)
{
	bool made_up = kind == NSE_HOLD_NSPROXY && w->context.no_nsproxies;

	return made_up ? "its tasks" : words[kind].one;
}

static void put_one(struct nse_text *t, const struct nse_why *w, const struct nse_keeper *k)
{
	const char *again = words[k->kind].again;
	char buf[NSE_WHY_LEN];
	const char *text = nse_keeper_text(w, k, buf, sizeof(buf));

	if (again && !strncmp(text, again, strlen(again)))
		text += strlen(again);
	nse_add(t, " is kept alive by %s: %s. %s, and the namespace dies%s.", one_of(w, k->kind),
		text, is_reader(k) ? "Let it end" : words[k->kind].remedy, as_far(w));
}

static void put_many(struct nse_text *t, const struct nse_why *w)
{
	size_t kinds = 0, told = 0;
	const struct nse_keeper *first = NULL;

	for (int kind = 0; kind < NSE_HOLDS; kind++)
		kinds += things(w, (enum nse_hold)kind, &first) > 0;
	nse_add(t, " is kept alive by ");
	for (int kind = 0; kind < NSE_HOLDS; kind++) {
		size_t n = things(w, (enum nse_hold)kind, &first);

		if (!n)
			continue;
		told++;
		nse_add(t, "%s", told == 1 ? "" : told == kinds ? " and " : ", ");
		if (kind == NSE_HOLD_MEMBERS && first->tasks > 1)
			nse_add(t, "the %zu tasks in it", first->tasks);
		else if (kind == NSE_HOLD_MEMBERS)
			nse_add(t, "the task in it");
		else if (n == 1)
			nse_add(t, "%s", one_of(w, (enum nse_hold)kind));
		else
			nse_add(t, "%zu %s", n, words[kind].many);
	}
	nse_add(t, ". All of that has to go before it dies%s.", as_far(w));
}

static void put_hidden(struct nse_text *t, const struct nse_why *w)
{
	nse_sentence(t, "What user space cannot see:");
	for (size_t i = 0; i < NSE_UNSEEN && w->unseen[i]; i++)
		nse_add(t, "%s %s", i ? ";" : "", w->unseen[i]);
	nse_add(t, ".");
}

const char *nse_why_verdict(const struct nse_why *w, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	switch (w->state) {
	case NSE_WHY_INITIAL:
		why_put_ns(&t, &w->ns);
		nse_add(&t, " is an initial namespace: it never dies%s.",
			w->context.kernel >= 6019 ? ", and is not counted since Linux 6.19" : "");
		break;
	case NSE_WHY_HELD:
		why_put_ns(&t, &w->ns);
		if (w->nkeepers == 1 && w->keepers[0].nfds <= 1)
			put_one(&t, w, &w->keepers[0]);
		else
			put_many(&t, w);
		if (w->unaccounted > 0)
			nse_sentence(&t,
				     "%" PRId64 " more reference%s cannot be accounted for: it may "
				     "live on.",
				     w->unaccounted, plural((size_t)w->unaccounted));
		break;
	case NSE_WHY_DYING:
		nse_add(&t, "Nothing holds ");
		why_put_ns(&t, &w->ns);
		nse_add(&t, ": it is waiting %s.", nse_why_waits(w));
		break;
	case NSE_WHY_HIDDEN:
		nse_add(&t, "No keeper of ");
		why_put_ns(&t, &w->ns);
		nse_add(&t, " can be found, but %" PRIu32 " reference%s %s counted.", w->refs,
			plural(w->refs), w->refs == 1 ? "is" : "are");
		put_hidden(&t, w);
		break;
	default:
		nse_add(&t, "No keeper of ");
		why_put_ns(&t, &w->ns);
		nse_add(&t, " can be found%s, and its count is not known.",
			w->context.partly ? " with these rights" : "");
		nse_sentence(&t,
			     w->context.partly
				     ? "Run nslens as root to see every process."
				     : "It is waiting %s, or is gone already, or is held by what "
				       "user space cannot see.",
			     nse_why_waits(w));
		break;
	}
	return buf;
}

/* ---- the arithmetic in words ---- */

static void put_part(struct nse_text *t, bool *any, uint32_t n, const char *what)
{
	if (!n)
		return;
	nse_add(t, "%s%" PRIu32 " by %s", *any ? ", " : ": ", n, what);
	*any = true;
}

const char *nse_why_count(const struct nse_why *w, char *buf, size_t size)
{
	bool any = false, least = w->at_least || w->ns.type == NSL_USER || w->ns.type == NSL_PID;
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (w->ns.initial) {
		nse_add(&t, "%s", w->no_count);
		return buf;
	}
	nse_add(&t, "%s%" PRIu32 " explained", least ? "at least " : "", w->explained);
	put_part(&t, &any, w->by_nsproxies,
		 w->by_nsproxies == 1 ? "a slot of an nsproxy" : "slots of nsproxies");
	put_part(&t, &any, w->by_nsfs, "the nsfs file (one for all descriptors and bind mounts)");
	put_part(&t, &any, w->by_tasks, w->ns.type == NSL_USER ? "credentials" : "pids of tasks");
	put_part(&t, &any, w->by_namespaces, "children and owned namespaces");
	put_part(&t, &any, w->by_sockets, w->by_sockets == 1 ? "a socket" : "sockets");
	put_part(&t, &any, w->by_others, "procfs and shared memory");
	if (!w->no_count)
		nse_add(&t, "; %" PRId64 " unaccounted for", w->unaccounted);
	else if (least && w->refs != NSL_COUNT_UNKNOWN && w->refs > w->explained)
		nse_add(&t, "; up to %" PRIu32 " left over: %s", w->refs - w->explained,
			w->no_count);
	else
		nse_add(&t, ". What is left over is not known: %s", w->no_count);
	return buf;
}
