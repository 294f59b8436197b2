// SPDX-License-Identifier: GPL-2.0-only
/* One start-up in the report as text: its stages, its critical path, what it made and what failed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_internal.h"

/* Columns of the stages. */
#define TIME  2
#define TOOK  15
#define SHARE 26
#define BAR   32
#define NAME  54
#define NOTE  56
#define CELLS 20
/* … and of the rest. */
#define FACT 16

#define MAX_LISTED 40 /* segments of a path */

static void put_fact(struct nsv *v, const char *label, const char *text)
{
	struct nsv_flow f;
	char safe[4 * NSE_REPORT_LEN];

	nsv_flow_begin(&f, v, NSV_REPORT_LABEL, FACT);
	nsv_flow_word(&f, 0, NSV_DIM, label);
	nsv_flow_tab(&f, FACT);
	nsv_flow_text(&f, nsv_safe(v, text, safe, sizeof(safe)), 0, NSV_PLAIN);
	nsv_flow_end(&f);
}

/* ---- the stages ---- */

static const char *bar(const struct nsv *v, uint64_t part, uint64_t whole, char buf[4 * CELLS + 4])
{
	size_t n = whole ? (size_t)((double)part * CELLS / (double)whole + 0.5) : 0;
	size_t len = 0;

	n = n > CELLS ? CELLS : n;
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(buf + len, 4 * CELLS + 4 - len, "%s", v->utf8 ? "█" : "#");
	if (!n)
		snprintf(buf, 4 * CELLS + 4, "%s", part ? v->utf8 ? "▏" : "|" : "");
	return buf;
}

static void put_stage(struct nsv *v, const struct nsu_startup *s, size_t at)
{
	const struct nsu_stage *stage = &s->stages[at];
	uint64_t took = stage->end - stage->begin, whole = s->end - s->begin;
	char word[NSV_REPORT_WORD], cells[4 * CELLS + 4], note[NSE_REPORT_LEN];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, TIME, NOTE);
	snprintf(word, sizeof(word), "+%s",
		 nsv_duration(v, (int64_t)(stage->begin - s->begin), cells));
	nsv_flow_word(&f, 0, NSV_DIM, word);
	nsv_flow_tab(&f, TOOK);
	nsv_flow_word(&f, 1, NSV_PLAIN, nsv_duration(v, (int64_t)took, word));
	nsv_flow_tab(&f, SHARE);
	snprintf(word, sizeof(word), "%u %%", nsv_report_percent(took, whole));
	nsv_flow_word(&f, 1, NSV_PLAIN, word);
	nsv_flow_tab(&f, BAR);
	nsv_flow_word(&f, 1, stage->kind == NSU_STAGE_WAIT ? NSV_DIM : (unsigned int)NSL_NET,
		      bar(v, took, whole, cells));
	nsv_flow_tab(&f, NAME);
	nsv_flow_word(&f, 1, NSV_BOLD, nsu_stage_name(stage->kind));
	nsv_flow_end(&f);
	nse_stage_note(s, at, note, sizeof(note));
	if (stage->pid && *stage->comm && stage->kind != NSU_STAGE_HOOK &&
	    stage->kind != NSU_STAGE_START && stage->kind != NSU_STAGE_WAIT &&
	    stage->kind != NSU_STAGE_EXEC) {
		size_t n = strlen(note);

		snprintf(note + n, sizeof(note) - n, "%s%s (%" PRIu32 ")", n ? ", " : "",
			 stage->comm, stage->pid);
	}
	if (*note)
		nsv_report_words(v, NOTE, NOTE, note, NSV_DIM);
}

static void put_stages(struct nsv *v, const struct nsu_startup *s)
{
	nsv_report_title(v, "Stages");
	for (size_t i = 0; i < s->nstages; i++)
		put_stage(v, s, i);
}

/* ---- the critical path ---- */

static void put_segment(struct nsv *v, const struct nsu_startup *s, const struct nsu_segment *g)
{
	char word[NSV_REPORT_WORD], comm[4 * NSL_COMM_LEN + 1];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, TIME, TOOK + 12);
	snprintf(comm, sizeof(comm), "+%s", nsv_duration(v, (int64_t)(g->from - s->begin), word));
	nsv_flow_word(&f, 0, NSV_DIM, comm);
	nsv_flow_tab(&f, TOOK);
	nsv_flow_word(&f, 1, NSV_PLAIN, nsv_duration(v, (int64_t)(g->to - g->from), word));
	nsv_flow_tab(&f, SHARE);
	snprintf(word, sizeof(word), "%s %" PRIu32, nsv_safe(v, g->comm, comm, sizeof(comm)),
		 g->pid);
	nsv_flow_word(&f, 1, NSV_PLAIN, word);
	nsv_flow_tab(&f, SHARE + 24);
	nsv_flow_text(&f, nsv_report_segment(v, s, g, word), 0, NSV_PLAIN);
	nsv_flow_end(&f);
}

static void put_path(struct nsv *v, const struct nsu_startup *s)
{
	uint64_t speck = nsv_report_speck(s), left = 0;
	size_t nleft = 0, shown = 0;
	char text[NSV_REPORT_WORD], a[NSV_WORD];

	if (!s->npath)
		return;
	nsv_report_title(v, "Critical path: who had the start in hand, from the end backwards");
	for (size_t i = 0; i < s->npath; i++) {
		uint64_t took = s->path[i].to - s->path[i].from;

		if (took >= speck && shown < MAX_LISTED) {
			put_segment(v, s, &s->path[i]);
			shown++;
		} else {
			left += took;
			nleft++;
		}
	}
	if (!nleft)
		return;
	snprintf(text, sizeof(text), "and %zu pieces of less than 0.5 %% each, %s in all", nleft,
		 nsv_duration(v, (int64_t)left, a));
	nsv_report_words(v, TIME, TIME, text, NSV_DIM);
}

static void put_sums(struct nsv *v, const struct nsu_startup *s)
{
	const struct nsu_sums *sums = &s->sums;
	char text[NSE_REPORT_LEN], a[NSV_WORD], b[NSV_WORD], c[NSV_WORD], d[NSV_WORD];
	int n;

	n = snprintf(text, sizeof(text), "%s in namespace calls",
		     nsv_duration(v, (int64_t)sums->calls, a));
	if (sums->functions_known)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      " (%s of it in the kernel's namespace functions)",
			      nsv_duration(v, (int64_t)sums->functions, b));
	snprintf(text + n, sizeof(text) - (size_t)n, ", %s waiting or unseen, %s outside",
		 nsv_duration(v, (int64_t)sums->waiting, c),
		 nsv_duration(v, (int64_t)sums->outside, d));
	put_fact(v, "time", text);
}

/* ---- namespaces ---- */

static void put_namespace(struct nsv *v, const struct nsu_startup *s, const struct nsu_ns *ns)
{
	char word[NSV_WORD], how[NSV_REPORT_WORD];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, NSV_REPORT_LABEL, FACT + 16);
	nsv_flow_word(&f, 0, ns->type, nsv_ns_name(ns->type, ns->ns.inum, word));
	nsv_flow_tab(&f, FACT + 8);
	nsv_flow_text(&f, nsv_report_how(v, s, ns, how), 0, NSV_PLAIN);
	if (ns->owner.inum && ns->type != NSL_USER &&
	    !nsv_is_initial(v, NSL_USER, ns->owner.inum)) {
		snprintf(how, sizeof(how), "owner %s", nsv_ns_name(NSL_USER, ns->owner.inum, word));
		nsv_flow_word(&f, 2, NSL_USER, how);
	}
	if (ns->role == NSU_ROLE_CREATED && ns->died) {
		snprintf(how, sizeof(how), "died %s after its birth",
			 nsv_duration(v, (int64_t)(ns->died - ns->born), word));
		nsv_flow_word(&f, 2, NSV_DIM, how);
	}
	nsv_flow_end(&f);
}

static bool is_hosts(const struct nsv *v, const struct nsu_ns *ns)
{
	return ns->role == NSU_ROLE_SHARED && nsv_is_initial(v, ns->type, ns->ns.inum);
}

/* The host's own need no line each. */
static void put_hosts(struct nsv *v, const struct nsu_startup *s)
{
	struct nsv_flow f;
	bool any = false;

	for (size_t i = 0; i < s->nnamespaces; i++) {
		if (!is_hosts(v, &s->namespaces[i]))
			continue;
		if (!any) {
			nsv_flow_begin(&f, v, NSV_REPORT_LABEL, FACT + 8);
			nsv_flow_word(&f, 0, NSV_DIM, "the host's");
			nsv_flow_tab(&f, FACT + 8);
		}
		any = true;
		nsv_flow_word(&f, 1, s->namespaces[i].type, nsm_type_name(s->namespaces[i].type));
	}
	if (any)
		nsv_flow_end(&f);
}

static void put_namespaces(struct nsv *v, const struct nsu_startup *s)
{
	if (!s->nnamespaces)
		return;
	nsv_report_title(v, "Namespaces");
	for (size_t i = 0; i < s->nnamespaces; i++) {
		if (!is_hosts(v, &s->namespaces[i]))
			put_namespace(v, s, &s->namespaces[i]);
	}
	put_hosts(v, s);
}

/* ---- what failed ---- */

static void put_failed(struct nsv *v, const struct nsu_startup *s, size_t at)
{
	const struct nsm_milestone *m = &s->milestones[at].m;
	char text[NSE_REPORT_LEN], detail[NSE_MILESTONE_LEN];

	snprintf(text, sizeof(text), "%s of %s (%" PRIu32 "): %s%s", nsm_milestone_name(m->what),
		 m->comm, m->tid, nse_milestone(m, detail, sizeof(detail)),
		 at == s->failed_milestone ? ". It is the last thing that failed." : "");
	nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL + 2, text,
			 at == s->failed_milestone ? NSV_RED : NSV_PLAIN);
}

/* Runtimes try what a kernel has, and mask files that need not be there: a line for all. */
static void put_failed_milestones(struct nsv *v, const struct nsu_startup *s, bool title)
{
	unsigned int counts[NSL_MILESTONES_END] = {0}, all = 0;
	char text[NSE_REPORT_LEN];
	size_t len = 0;

	for (size_t i = 0; i < s->nmilestones; i++) {
		if (!s->milestones[i].m.err)
			continue;
		all++;
		counts[s->milestones[i].m.what]++;
	}
	if (all && !title)
		nsv_report_title(v, "What failed");
	for (size_t i = 0; i < s->nmilestones && (all <= 3 || !s->payload.pid); i++) {
		if (s->milestones[i].m.err)
			put_failed(v, s, i);
	}
	if (all <= 3 || !s->payload.pid)
		return;
	for (int what = 1; what < NSL_MILESTONES_END; what++) {
		if (counts[what])
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u %s",
						len ? ", " : "", counts[what],
						nsm_milestone_name((enum nsl_milestone_what)what));
	}
	snprintf(text + len, sizeof(text) - len,
		 " failed, and the start went on: runtimes try what a kernel has, and mask files "
		 "that need not be there (--json tells each).");
	nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL + 2, text, NSV_PLAIN);
}

static void put_failures(struct nsv *v, const struct nsu_startup *s)
{
	char text[NSE_REPORT_LEN];
	bool title = false;

	for (size_t i = 0; i < s->ncalls; i++) {
		if (!s->calls[i].call.err)
			continue;
		if (!title)
			nsv_report_title(v, "Calls that failed");
		title = true;
		nse_startup_failure(s, &s->calls[i], v->kernel, text, sizeof(text));
		nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL + 2, text,
				 s->calls[i].matter == NSU_FATAL ? NSV_RED : NSV_PLAIN);
	}
	put_failed_milestones(v, s, title);
}

/* ---- the payload ---- */

static void put_payload(struct nsv *v, const struct nsu_startup *s)
{
	const struct nsu_payload *p = &s->payload;
	char text[NSE_REPORT_LEN], time[NSV_WORD];
	int n;

	if (!p->pid)
		return;
	nsv_report_title(v, "The payload, when it was executed");
	snprintf(text, sizeof(text), "%s%s%s", p->comm, p->file ? ", " : "",
		 p->file ? p->file : "");
	put_fact(v, "program", text);
	n = snprintf(text, sizeof(text), "%" PRIu32 " outside", p->pid);
	if (p->pid_level)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      ", %" PRIu32 " in its own pid namespace (level %" PRIu32 ")",
			      p->ns_pid, p->pid_level);
	if (p->exit)
		snprintf(text + n, sizeof(text) - (size_t)n, "; it ended %s later",
			 nsv_duration(v, (int64_t)(p->exit - p->exec), time));
	put_fact(v, "pid", text);
	if (p->uid != UINT32_MAX) {
		snprintf(text, sizeof(text), "uid %" PRIu32 ", gid %" PRIu32, p->uid, p->gid);
		put_fact(v, "ids", text);
	}
	if (p->hostname)
		put_fact(v, "hostname", p->hostname);
	if (s->cgroup)
		put_fact(v, "cgroup", s->cgroup);
}

/* ---- one start-up ---- */

static void put_head(struct nsv *v, const struct nsv_report *r, const struct nsu_startup *s)
{
	char text[NSE_REPORT_LEN], head[NSE_REPORT_LEN], clock[NSV_WORD], moment[NSV_WORD];
	struct nsv_flow f;
	size_t size = 4 * sizeof(text);
	char *safe = malloc(size);

	if (!safe) {
		v->buf.failed = true;
		return;
	}
	nse_startup_headline(s, head, sizeof(head));
	nsv_buf_str(&v->buf, "\n");
	nsv_flow_begin(&f, v, 0, 3);
	snprintf(text, sizeof(text), "%s %" PRIu64, nsv_rule(v), s->number);
	nsv_flow_word(&f, 0, NSV_BOLD, text);
	nsv_safe(v, head, safe, size);
	nsv_flow_tab(&f, 7);
	nsv_flow_text(&f, safe, strlen(safe), s->outcome == NSU_FAILED ? NSV_RED : NSV_BOLD);
	nsv_flow_end(&f);
	snprintf(text, sizeof(text), "%s (%s after the recording began); %s: %s",
		 nsv_report_clock(r, s->begin, clock), nsv_moment(v, s->begin, moment),
		 nsu_outcome_name(s->outcome),
		 s->begin_cut ? "it had begun before the recording did" : s->recognised);
	nsv_report_words(v, 3, 3, text, NSV_DIM);
	if (s->parent) {
		snprintf(text, sizeof(text), "inside the payload of start-up %" PRIu64, s->parent);
		nsv_report_words(v, 3, 3, text, NSV_DIM);
	}
	free(safe);
}

void nsv_report_one(struct nsv *v, const struct nsv_report *r, const struct nsu_startup *s)
{
	char text[NSE_REPORT_LEN];

	put_head(v, r, s);
	nse_startup_verdict(s, v->kernel, text, sizeof(text));
	nsv_buf_str(&v->buf, "\n");
	nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL, text, NSV_PLAIN);
	put_stages(v, s);
	put_path(v, s);
	put_sums(v, s);
	put_namespaces(v, s);
	put_failures(v, s);
	put_payload(v, s);
	if (s->too_big)
		nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL,
				 "There was more of it than is kept: the rest is not told.",
				 NSV_DIM);
}
