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

void align_roles(const struct nsu_startup *s, struct nsa_who *who, bool *payload)
{
	size_t end = end_of_way(s, payload);
	unsigned int depth;

	for (size_t i = 0; i < s->ntasks; i++) {
		who[i] = (struct nsa_who){
			.role = s->tasks[i].outer ? NSA_OUTER : NSA_HELPER,
			.comm = s->tasks[i].comm,
			.pid = s->tasks[i].pid,
			.tid = s->tasks[i].tid,
		};
	}
	if (end == NSA_NOBODY)
		return;
	depth = depth_of(s, end);
	for (size_t at = end; at != NSA_NOBODY; at = maker(s, at), depth--) {
		enum nsa_role role = !depth		     ? NSA_RUNTIME
				     : at == end && *payload ? NSA_PAYLOAD
							     : NSA_STAGE;

		/* all threads of that process */
		for (size_t i = 0; i < s->ntasks; i++) {
			if (s->tasks[i].pid != s->tasks[at].pid)
				continue;
			who[i].role = role;
			who[i].depth = depth;
		}
		if (!depth)
			break;
	}
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
