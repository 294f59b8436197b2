// SPDX-License-Identifier: GPL-2.0-only
#include "facts.h"

#include <string.h>

static struct nsv_fact *find(struct nsv_fact *facts, size_t n, const char *fact)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(facts[i].fact, fact)) /* NOLINT: every row of the table has one */
			return &facts[i];
	return NULL;
}

size_t facts_of_ladder(const struct ladder *l, bool milestones, struct nsv_fact *facts, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < nhooks; i++) {
		enum mechanism m = l->choice[i].mechanism;
		bool stand_in = hooks[i].role == ROLE_SYSCALL_TRACEPOINT;
		struct nsv_fact *f;

		/* the stand-in is a fact only where it stands in */
		if ((stand_in && m == MECH_NONE) || (is_milestone_hook(&hooks[i]) && !milestones))
			continue;
		/* system calls seen by tracepoints are not missing */
		if (!l->functions && (hooks[i].role == ROLE_CALL || hooks[i].role == ROLE_COMPAT))
			m = MECH_TRACEPOINT;
		/* alternatives are one fact: any of them will do */
		f = find(facts, n, hooks[i].fact);
		if (f && m == MECH_NONE)
			continue;
		if (!f && n < max)
			f = &facts[n++];
		if (f)
			*f = (struct nsv_fact){hooks[i].fact, mechanism_name(m),
					       m == MECH_NONE ? hooks[i].lost : NULL};
	}
	return n;
}
