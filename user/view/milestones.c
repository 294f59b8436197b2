// SPDX-License-Identifier: GPL-2.0-only
/* Milestones: a line each, between the calls. */
#include "text.h"

void nsv_put_milestone(struct nsv *v, const struct nsm_milestone *m, int indent)
{
	struct nsv_flow f;
	char text[NSE_MILESTONE_LEN], word[4 * NSE_MILESTONE_LEN];

	if (indent)
		nsv_flow_begin(&f, v, indent, indent + 3);
	else
		nsv_flow_begin_line(&f, v);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, m->ts, word));
	nsv_put_task(&f, 2, m->comm, m->pid, m->tid);
	nsv_flow_word(&f, 2, m->err ? NSV_RED : NSV_BOLD, nsm_milestone_name(m->what));
	nse_milestone(m, text, sizeof(text));
	if (*text)
		nsv_flow_word(&f, 2, m->err ? NSV_RED : NSV_PLAIN,
			      nsv_safe(v, text, word, sizeof(word)));
	if (m->duration != NSM_DURATION_UNKNOWN)
		nsv_flow_word(&f, 3, NSV_DIM, nsv_duration(v, m->duration, word));
	nsv_flow_end(&f);
}
