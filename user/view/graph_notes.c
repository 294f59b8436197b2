// SPDX-License-Identifier: GPL-2.0-only
#include "graph_notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PENDING_MOST 8

static void put_words(struct nsv *v, unsigned int colour, const char *text)
{
	struct nsv_flow f;

	nsv_flow_begin(&f, v, 1, 3);
	nsv_flow_text(&f, text, colour == NSV_PLAIN ? 0 : strlen(text), colour);
	nsv_flow_end(&f);
}

void nsv_put_summary(const struct nsv_notes *p)
{
	struct nsg_totals t;
	char text[640], release[256];

	nsg_totals(p->g, &t);
	snprintf(text, sizeof(text),
		 "%s%s%s%zu nsprox%s, %zu namespace%s, %zu task%s (%zu initial), %zu "
		 "zombie%s",
		 p->o->release ? "Linux " : "",
		 p->o->release ? nsv_safe(p->v, p->o->release, release, sizeof(release)) : "",
		 p->o->release ? ": " : "", t.nsproxies, t.nsproxies == 1 ? "y" : "ies",
		 t.namespaces, t.namespaces == 1 ? "" : "s", t.tasks, t.tasks == 1 ? "" : "s",
		 t.initial_tasks, t.zombies, t.zombies == 1 ? "" : "s");
	put_words(p->v, NSV_PLAIN, text);
	if (nsg_stale(p->g)) {
		snprintf(text, sizeof(text),
			 "STALE: %" PRIu64
			 " events were lost and no snapshot has ended since; this "
			 "may be wrong",
			 t.lost);
		put_words(p->v, NSV_RED, text);
	}
	if (p->o->tracepoints_only)
		put_words(p->v, NSV_RED,
			  "tracepoints only: what no task reaches is as it was last seen");
	nsv_buf_str(&p->v->buf, "\n");
}

static const struct nsv_line *pending_line(const struct nsv_notes *p, const struct nsv_row *row)
{
	for (size_t i = row->first_line; i < row->first_line + row->nlines; i++)
		if (p->r->lines[i].pid_pending && nsv_rails_lane(p->r, NSL_PID) >= 0)
			return &p->r->lines[i];
	return NULL;
}

/* What a task gets later than it asked. */
static void put_pending_row(const struct nsv_notes *p, const struct nsv_row *row,
			    const struct nsv_line *pid, bool time)
{
	char a[NSV_WORD], b[NSV_WORD], safe[512], text[1024];
	const struct nsg_nsproxy *x = row->nsproxy;
	struct nsv_folded fold;

	if (pid && nsg_init_ended(p->g, x->slot[NSL_SLOT_PID_FOR_CHILDREN])) {
		snprintf(
			text, sizeof(text),
			"nsproxy%s: pid 1 of pid* %s has ended: nobody can be born there any more, "
			"and fork fails with ENOMEM",
			nsv_nsproxy_label(x, b),
			nsv_ns_label(x->slot[NSL_SLOT_PID_FOR_CHILDREN], a));
		put_words(p->v, NSV_PLAIN, text);
	} else if (pid) {
		nsv_fold_names(pid, 1, p->v->utf8 ? "×" : "x", &fold);
		snprintf(text, sizeof(text),
			 "nsproxy%s: pid* %s takes effect at the next fork: the child is born "
			 "there, %s stays in %s",
			 nsv_nsproxy_label(x, b),
			 nsv_ns_label(x->slot[NSL_SLOT_PID_FOR_CHILDREN], a),
			 nsv_safe(p->v, fold.names, safe, sizeof(safe)),
			 pid->pid->initial ? "host" : "its own");
		put_words(p->v, NSV_PLAIN, text);
	}
	if (time) {
		char name[NSV_WORD];

		snprintf(text, sizeof(text),
			 "nsproxy%s: time* %s takes effect at the next fork / exec; until then it "
			 "is %s",
			 nsv_nsproxy_label(x, name),
			 nsv_ns_label(x->slot[NSL_SLOT_TIME_FOR_CHILDREN], a),
			 nsv_ns_label(x->slot[NSL_SLOT_TIME], b));
		put_words(p->v, NSV_PLAIN, text);
	}
}

void nsv_put_pending(const struct nsv_notes *p)
{
	size_t shown = 0, more = 0;
	char text[96];

	for (size_t i = 0; i < p->r->nrows; i++) {
		const struct nsv_row *row = &p->r->rows[i];
		const struct nsv_line *pid = row->nsproxy ? pending_line(p, row) : NULL;
		bool time =
			row->nsproxy && row->time_pending && nsv_rails_lane(p->r, NSL_TIME) >= 0;

		if (!pid && !time)
			continue;
		if (shown >= PENDING_MOST && !p->o->verbose) {
			more++;
			continue;
		}
		if (!shown++)
			nsv_buf_str(&p->v->buf, "\n");
		put_pending_row(p, row, pid, time);
	}
	if (!more)
		return;
	snprintf(text, sizeof(text), "%zu more nsproxies have slots that take effect later", more);
	put_words(p->v, NSV_DIM, text);
}

void nsv_put_legend(const struct nsv_notes *p, const char *dot, const char *dashed)
{
	char use[32], building[32];
	const char *const words[] = {
		"[3 #7] nsproxy#7, count 3",
		"2604 namespace: end of its inode number",
		"host: initial one",
		use,
		"pid* time* for children",
		"! not yet in effect",
		building,
	};
	struct nsv_flow f;

	snprintf(use, sizeof(use), "%s used here", dot);
	snprintf(building, sizeof(building), "%s%s being built", dashed, dashed);
	nsv_buf_str(&p->v->buf, "\n");
	nsv_flow_begin(&f, p->v, 1, 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		nsv_flow_word(&f, 3, NSV_DIM, words[i]);
	nsv_flow_end(&f);
}

static void put_readings(struct nsv_flow *f, const struct nsg_ns *ns)
{
	char word[3 * NSV_WORD];

	if (ns->refs != NSL_COUNT_UNKNOWN) {
		snprintf(word, sizeof(word), "refs %" PRIu32, ns->refs);
		nsv_flow_word(f, 2, NSV_PLAIN, word);
	}
	if (ns->active != NSL_COUNT_UNKNOWN) {
		snprintf(word, sizeof(word), "active %" PRIu32, ns->active);
		nsv_flow_word(f, 2, NSV_PLAIN, word);
	}
	snprintf(word, sizeof(word), "used by %" PRIu32 " slot%s, %" PRIu32 " task%s",
		 ns->nsproxies, ns->nsproxies == 1 ? "" : "s", ns->tasks,
		 ns->tasks == 1 ? "" : "s");
	nsv_flow_word(f, 2, NSV_DIM, word);
}

/* --verbose: what the grid has no room for. */
void nsv_put_namespaces(const struct nsv_notes *p, const struct nsv_pick *pick)
{
	char word[2 * NSV_WORD], name[NSV_WORD];

	nsv_buf_str(&p->v->buf, "\n");
	for (const struct nsg_ns *ns = nsg_namespaces(p->g); ns; ns = ns->next) {
		struct nsv_flow f;

		if (!nsv_pick_ns(pick, ns))
			continue;
		nsv_flow_begin(&f, p->v, 1, 7);
		nsv_flow_word(&f, 0, ns->type, nsv_ns_name(ns->type, ns->inum, name));
		nsv_flow_tab(&f, 22);
		snprintf(word, sizeof(word), "id %" PRIu64, ns->id);
		nsv_flow_word(&f, 2, NSV_PLAIN, word);
		nsv_flow_tab(&f, 31);
		if (ns->initial)
			nsv_flow_word(&f, 2, NSV_BOLD, "initial");
		if (ns->type == NSL_PID || ns->type == NSL_USER) {
			snprintf(word, sizeof(word), "level %u", ns->level);
			nsv_flow_word(&f, 2, NSV_PLAIN, word);
		}
		put_readings(&f, ns);
		if (ns->owner && !ns->owner->initial) {
			snprintf(word, sizeof(word), "owner %s",
				 nsv_ns_name(NSL_USER, ns->owner->inum, name));
			nsv_flow_word(&f, 2, NSL_USER, word);
		}
		nsv_flow_end(&f);
	}
}
