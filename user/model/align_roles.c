// SPDX-License-Identifier: GPL-2.0-only
/* Who is who in a start: the way from the runtime to the payload, and who helps. */
#include <string.h>

#include "align_internal.h"

#define EXIT_OR_EXEC(syscall) ((syscall) == NSL_SYS_EXIT || (syscall) == NSL_SYS_EXEC)

/* Index of a task of this process, or NSA_NOBODY. */
static size_t process(const struct nsu_startup *s, uint32_t pid)
{
	size_t thread = NSA_NOBODY;

	for (size_t i = 0; pid && i < s->ntasks; i++) {
		if (s->tasks[i].pid != pid)
			continue;
		if (s->tasks[i].tid == pid)
			return i;
		if (thread == NSA_NOBODY)
			thread = i;
	}
	return thread;
}

static size_t maker(const struct nsu_startup *s, size_t task)
{
	const struct nsu_task *t = &s->tasks[task];
	size_t up = t->parent == t->pid ? NSA_NOBODY : process(s, t->parent);

	return up == NSA_NOBODY || s->tasks[up].outer ? NSA_NOBODY : up;
}

/* How many makers stand above it. Numbers are reused: a circle ends. */
static unsigned int depth_of(const struct nsu_startup *s, size_t task)
{
	unsigned int depth = 0;

	for (size_t up = maker(s, task); up != NSA_NOBODY && depth <= s->ntasks; up = maker(s, up))
		depth++;
	return depth;
}

/* Where the way leads: to the payload, or as far as a start that failed has come. */
static size_t end_of_way(const struct nsu_startup *s, bool *payload)
{
	size_t end = process(s, s->payload.pid), best = NSA_NOBODY;
	unsigned int deepest = 0;

	*payload = end != NSA_NOBODY;
	if (*payload)
		return end;
	for (size_t i = 0; i < s->ncalls; i++) {
		size_t task = s->calls[i].task;
		unsigned int depth;

		if (task >= s->ntasks || s->calls[i].outer || s->tasks[task].outer ||
		    EXIT_OR_EXEC(s->calls[i].call.syscall))
			continue;
		depth = depth_of(s, task);
		if (best == NSA_NOBODY || depth > deepest) {
			best = task;
			deepest = depth;
		}
	}
	return best;
}

/* "runc" of "runc:[1:CHILD]" */
static size_t base_length(const char *comm)
{
	return strcspn(comm, ":(");
}

static bool has_name_of(const struct nsu_startup *s, const char *comm)
{
	size_t len = base_length(s->runtime_comm);

	return len && len == base_length(comm) && !memcmp(comm, s->runtime_comm, len);
}

/*
 * A task that only milestones tell of: its fork was the host's own business. One that has the
 * runtime's name at some time and came before all that is known of the way is a part of it.
 */
static bool begins_the_way(const struct nsu_startup *s, const struct nsu_milestone *m,
			   uint64_t first)
{
	bool named = false;

	for (size_t i = 0; i < s->nmilestones && !named; i++)
		named = s->milestones[i].m.pid == m->m.pid &&
			has_name_of(s, s->milestones[i].m.comm);
	return named && !m->outer && m->m.ts < first;
}

/* When a task of this process is first seen to do anything. */
static uint64_t first_deed(const struct nsu_startup *s, uint32_t pid)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < s->ncalls && first == UINT64_MAX; i++)
		if (s->calls[i].call.pid == pid)
			first = s->calls[i].call.ts;
	for (size_t i = 0; i < s->nmilestones; i++)
		if (s->milestones[i].m.pid == pid)
			return s->milestones[i].m.ts < first ? s->milestones[i].m.ts : first;
	return first;
}

/* Adds those that no task of the start stands for; the number that begin the way. */
static unsigned int add_unknown(const struct nsu_startup *s, uint64_t first, struct align_who *w)
{
	unsigned int before = 0;

	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsu_milestone *m = &s->milestones[i];
		bool way;

		if (align_who_find(w, m->m.pid, m->m.tid) || w->n == w->max)
			continue;
		way = begins_the_way(s, m, first);
		w->at[w->n++] = (struct nsa_who){
			.role = way	   ? (before ? NSA_STAGE : NSA_RUNTIME)
				: m->outer ? NSA_OUTER
					   : NSA_HELPER,
			.depth = way ? before : 0,
			.comm = m->m.comm,
			.pid = m->m.pid,
			.tid = m->m.pid,
		};
		before += way;
	}
	return before;
}

static void add_tasks(const struct nsu_startup *s, struct align_who *w)
{
	for (size_t i = 0; i < s->ntasks; i++)
		w->at[w->n++] = (struct nsa_who){
			.role = s->tasks[i].outer ? NSA_OUTER : NSA_HELPER,
			.comm = s->tasks[i].comm,
			.pid = s->tasks[i].pid,
			.tid = s->tasks[i].tid,
		};
}

/* All threads of a process have its place. */
static void set_role(struct align_who *w, uint32_t pid, enum nsa_role role, unsigned int depth)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->at[i].pid != pid)
			continue;
		w->at[i].role = role;
		w->at[i].depth = depth;
	}
}

void align_roles(const struct nsu_startup *s, struct align_who *w, bool *payload)
{
	size_t end = end_of_way(s, payload), top = end;
	unsigned int depth, before;

	add_tasks(s, w);
	if (end == NSA_NOBODY) {
		add_unknown(s, UINT64_MAX, w);
		return;
	}
	depth = depth_of(s, end);
	for (unsigned int i = 0; i < depth; i++)
		top = maker(s, top);
	before = add_unknown(s, first_deed(s, s->tasks[top].pid), w);
	for (size_t at = end; at != NSA_NOBODY; at = maker(s, at), depth--) {
		set_role(w, s->tasks[at].pid,
			 at == end && *payload && depth + before ? NSA_PAYLOAD
			 : depth + before			 ? NSA_STAGE
								 : NSA_RUNTIME,
			 depth + before);
		if (!depth)
			break;
	}
}

const struct nsa_who *align_who_find(const struct align_who *w, uint32_t pid, uint32_t tid)
{
	const struct nsa_who *same = NULL;

	for (size_t i = 0; i < w->n; i++) {
		if (w->at[i].pid != pid)
			continue;
		if (w->at[i].tid == tid)
			return &w->at[i];
		same = &w->at[i];
	}
	return same;
}

bool align_on_the_way(const struct nsa_who *who)
{
	return who->role == NSA_RUNTIME || who->role == NSA_STAGE || who->role == NSA_PAYLOAD;
}

bool align_same_role(const struct nsa_who *a, const struct nsa_who *b, bool by_depth)
{
	if (by_depth && align_on_the_way(a) && align_on_the_way(b))
		return a->depth == b->depth;
	if (a->role != b->role)
		return false;
	if (a->role == NSA_STAGE)
		return a->depth == b->depth;
	return a->role != NSA_HELPER || !strcmp(a->comm, b->comm);
}

const char *nsa_role_name(enum nsa_role role)
{
	static const char *const names[NSA_ROLES] = {
		[NSA_OUTER] = "outer",	   [NSA_RUNTIME] = "runtime", [NSA_STAGE] = "stage",
		[NSA_PAYLOAD] = "payload", [NSA_HELPER] = "helper",
	};

	return role < NSA_ROLES ? names[role] : "?";
}
