// SPDX-License-Identifier: GPL-2.0-only
/* Head and end of the text styles: how it was traced, and what was counted. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define BASE  3
#define KINDS 8 /* mechanisms that the head counts apart */

/* "fentry 21, tracepoint 4": how many facts each mechanism gives. */
static void put_mechanisms(struct nsv_flow *f, const struct nsv_start *start)
{
	const char *names[KINDS] = {NULL};
	unsigned int counts[KINDS] = {0};
	char word[2 * NSV_WORD], safe[NSV_WORD];
	size_t n = 0;

	for (size_t i = 0; i < start->nfacts; i++) {
		const char *name = start->facts[i].mechanism;
		size_t k = 0;

		if (!name)
			name = "none";
		while (k < n && strcmp(names[k], name))
			k++;
		if (k == n && n < KINDS)
			names[n++] = name;
		if (k < KINDS)
			counts[k]++;
	}
	for (size_t k = 0; k < n; k++) {
		snprintf(word, sizeof(word), "%u by %s%s", counts[k],
			 nsv_safe(f->v, names[k], safe, sizeof(safe)), k + 1 < n ? "," : "");
		if (!strcmp(names[k], "none"))
			snprintf(word, sizeof(word), "%u not seen%s", counts[k],
				 k + 1 < n ? "," : "");
		nsv_flow_word(f, 1, NSV_DIM, word);
	}
}

void nsv_put_start(struct nsv *v, const struct nsv_start *start)
{
	struct nsv_flow f;
	char word[1024];

	nsv_flow_begin(&f, v, 0, BASE);
	nsv_flow_word(&f, 0, NSV_BOLD, "nslens");
	if (start->version)
		nsv_flow_word(&f, 1, NSV_BOLD, start->version);
	if (start->release) {
		nsv_flow_word(&f, 1, NSV_PLAIN, "on Linux");
		nsv_flow_word(&f, 1, NSV_PLAIN, nsv_safe(v, start->release, word, sizeof(word)));
	}
	if (start->what) {
		nsv_flow_word(&f, 1, NSV_PLAIN, "traces");
		nsv_flow_word(&f, 1, NSV_BOLD, nsv_safe(v, start->what, word, sizeof(word)));
	}
	if (start->nfacts) {
		nsv_flow_word(&f, 2, NSV_DIM, "(facts:");
		put_mechanisms(&f, start);
		nsv_flow_word(&f, 0, NSV_DIM, ")");
	}
	nsv_flow_end(&f);
	if (!start->steps) {
		nsv_flow_begin(&f, v, BASE, BASE);
		nsv_flow_text(&f,
			      "Only tracepoints work on this machine: steps inside a call and the "
			      "destruction of namespaces cannot be seen (nslens doctor tells why).",
			      0, NSV_PLAIN);
		nsv_flow_end(&f);
	}
	nsv_buf_str(&v->buf, "\n");
}

void nsv_put_lost(struct nsv *v, const struct nsm_lost *lost)
{
	struct nsv_flow f;
	char word[2 * NSV_WORD];

	nsv_flow_begin(&f, v, BASE, BASE + 3);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, lost->ts, word));
	snprintf(word, sizeof(word), "%" PRIu64 " event%s lost here", lost->count,
		 lost->count == 1 ? "" : "s");
	nsv_flow_word(&f, 2, NSV_RED, word);
	snprintf(word, sizeof(word), "(%s hooks)", nsm_hook_name(lost->hook));
	nsv_flow_word(&f, 1, NSV_RED, word);
	nsv_flow_end(&f);
	v->lines_open = true;
}

void nsv_close_lines(struct nsv *v)
{
	if (v->lines_open)
		nsv_buf_str(&v->buf, "\n");
	v->lines_open = false;
}

static void put_calls(struct nsv *v, const struct nsm_counts *c)
{
	for (int s = 0; s < NSL_SYSCALLS; s++) {
		struct nsv_flow f;
		char word[NSV_WORD];

		if (!c->by_syscall[s])
			continue;
		nsv_flow_begin(&f, v, BASE, BASE + 11);
		nsv_flow_word(&f, 0, NSV_PLAIN, nsm_syscall_name((enum nsl_syscall)s));
		nsv_flow_tab(&f, BASE + 11);
		snprintf(word, sizeof(word), "%" PRIu64 " ok", c->ok[s]);
		nsv_flow_word(&f, 1, NSV_PLAIN, word);
		for (int err = 0; err < NSV_ERRNOS; err++) {
			const char *name = err ? nsm_errno_name(err) : "other errors";

			if (!c->by_errno[s][err])
				continue;
			if (name)
				snprintf(word, sizeof(word), "%" PRIu32 " %s", c->by_errno[s][err],
					 name);
			else
				snprintf(word, sizeof(word), "%" PRIu32 " errno %d",
					 c->by_errno[s][err], err);
			nsv_flow_word(&f, 2, NSV_RED, word);
		}
		nsv_flow_end(&f);
	}
}

static void put_types(struct nsv *v, const char *label, const uint64_t counts[NSL_TYPES],
		      const char *unknown)
{
	struct nsv_flow f;
	char word[NSV_WORD];
	bool any = false;

	nsv_flow_begin(&f, v, BASE, BASE + 11);
	nsv_flow_word(&f, 0, NSV_PLAIN, label);
	nsv_flow_tab(&f, BASE + 11);
	for (int type = 0; !unknown && type < NSL_TYPES; type++) {
		if (!counts[type])
			continue;
		snprintf(word, sizeof(word), "%s %" PRIu64, nsm_type_name((enum nsl_type)type),
			 counts[type]);
		nsv_flow_word(&f, 2, (unsigned int)type, word);
		any = true;
	}
	if (!any)
		nsv_flow_word(&f, 2, NSV_DIM, unknown ? unknown : "none");
	nsv_flow_end(&f);
}

static void put_cost(struct nsv *v, const struct nsv_end *end)
{
	struct nsv_flow f;
	char word[2 * NSV_WORD], safe[NSV_WORD];
	uint64_t runs = 0, ns = 0;

	if (!end->cost)
		return;
	nsv_flow_begin(&f, v, BASE, BASE);
	nsv_flow_text(&f, "Cost of tracing, by BPF program (runs, time, time of one run):", 0,
		      NSV_PLAIN);
	nsv_flow_end(&f);
	for (size_t i = 0; i <= end->ncost; i++) {
		bool total = i == end->ncost;
		const char *name = total ? "total" : end->cost[i].program;
		uint64_t r = total ? runs : end->cost[i].runs, t = total ? ns : end->cost[i].ns;

		if (!r && !total)
			continue;
		runs += total ? 0 : r;
		ns += total ? 0 : t;
		nsv_flow_begin(&f, v, BASE + 2, BASE + 4);
		nsv_flow_word(&f, 0, NSV_PLAIN, nsv_safe(v, name, safe, sizeof(safe)));
		nsv_flow_tab(&f, 38);
		snprintf(word, sizeof(word), "%9" PRIu64, r);
		nsv_flow_word(&f, 1, NSV_PLAIN, word);
		snprintf(word, sizeof(word), "%10s", nsv_duration(v, (int64_t)t, safe));
		nsv_flow_word(&f, 2, NSV_PLAIN, word);
		if (r) {
			snprintf(word, sizeof(word), "%8s",
				 nsv_duration(v, (int64_t)(t / r), safe));
			nsv_flow_word(&f, 2, NSV_DIM, word);
		}
		nsv_flow_end(&f);
	}
}

static void put_rest(struct nsv *v, const struct nsv_end *end)
{
	struct nsv_flow f;
	char safe[1024];

	if (end->nalive) {
		nsv_flow_begin(&f, v, BASE, BASE + 2);
		nsv_flow_text(&f, "Still running:", 0, NSV_PLAIN);
		for (size_t i = 0; i < end->nalive; i++) {
			nsv_flow_word(&f, 1, NSV_PLAIN,
				      nsv_safe(v, end->alive[i], safe, sizeof(safe) - 1));
			if (i + 1 < end->nalive)
				nsv_flow_word(&f, 0, NSV_PLAIN, ",");
		}
		nsv_flow_end(&f);
	}
	if (end->hint) {
		nsv_flow_begin(&f, v, BASE, BASE);
		nsv_flow_text(&f, nsv_safe(v, end->hint, safe, sizeof(safe)), 0, NSV_PLAIN);
		nsv_flow_end(&f);
	}
}

void nsv_put_end(struct nsv *v, const struct nsv_end *end)
{
	const struct nsm_counts *c = end->counts;
	struct nsv_flow f;
	char word[2 * NSV_WORD], number[NSV_WORD];

	nsv_close_lines(v);
	nsv_flow_begin(&f, v, 0, BASE);
	snprintf(word, sizeof(word), "%s end", nsv_rule(v));
	nsv_flow_word(&f, 0, NSV_BOLD, word);
	snprintf(word, sizeof(word), "%" PRIu64 " call%s in %s", c->calls, c->calls == 1 ? "" : "s",
		 nsv_duration(v, (int64_t)end->duration_ns, number));
	nsv_flow_word(&f, 2, NSV_PLAIN, word);
	nsv_flow_end(&f);
	put_calls(v, c);
	put_types(v, "created", c->created, NULL);
	put_types(v, "destroyed", c->destroyed, v->steps ? NULL : "cannot be seen here");
	if (v->options.milestones) {
		nsv_flow_begin(&f, v, BASE, BASE + 11);
		nsv_flow_word(&f, 0, NSV_PLAIN, "milestones");
		nsv_flow_tab(&f, BASE + 11);
		snprintf(word, sizeof(word), "%" PRIu64, c->milestones);
		nsv_flow_word(&f, 1, NSV_PLAIN, word);
		nsv_flow_end(&f);
	}
	nsv_flow_begin(&f, v, BASE, BASE + 11);
	nsv_flow_word(&f, 0, NSV_PLAIN, "forks");
	nsv_flow_tab(&f, BASE + 11);
	snprintf(word, sizeof(word), "%" PRIu64 " counted, not shown", end->forks);
	nsv_flow_word(&f, 2, NSV_DIM, word);
	nsv_flow_end(&f);
	nsv_flow_begin(&f, v, BASE, BASE + 11);
	nsv_flow_word(&f, 0, c->lost ? NSV_RED : NSV_PLAIN, "lost");
	nsv_flow_tab(&f, BASE + 11);
	snprintf(word, sizeof(word), "%" PRIu64 " of %" PRIu64 " events", c->lost,
		 c->events + c->lost);
	nsv_flow_word(&f, 2, c->lost ? NSV_RED : NSV_DIM, word);
	if (end->missed) {
		snprintf(word, sizeof(word),
			 "(%" PRIu64 ": the kernel left the program out, being preempted in it)",
			 end->missed);
		nsv_flow_word(&f, 1, NSV_DIM, word);
	}
	nsv_flow_end(&f);
	put_cost(v, end);
	put_rest(v, end);
}
