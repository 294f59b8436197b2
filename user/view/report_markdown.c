// SPDX-License-Identifier: GPL-2.0-only
/* The report as Markdown, for a ticket. Hostile text must not become markup. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_internal.h"

#define MAX_LISTED 100

/* Safe for a terminal first, then for Markdown: what could be markup is escaped. */
static void put_text(struct nsv *v, const char *text)
{
	size_t size = 4 * strlen(text) + 1;
	char *safe = malloc(size);

	if (!safe) {
		v->buf.failed = true;
		return;
	}
	nsv_safe(v, text, safe, size);
	for (const char *p = safe; *p; p++) {
		if (strchr("\\`*_[]<>|#~$&!", *p))
			nsv_buf_add(&v->buf, "\\", 1);
		nsv_buf_add(&v->buf, p, 1);
	}
	free(safe);
}

static void put_time(struct nsv *v, uint64_t ns)
{
	char word[NSV_WORD];

	nsv_buf_str(&v->buf, nsv_duration(v, (int64_t)ns, word));
}

static void put_stages(struct nsv *v, const struct nsu_startup *s)
{
	char note[NSE_REPORT_LEN];

	nsv_buf_str(&v->buf, "\n| begin | took | share | stage | what | who |\n"
			     "| ---: | ---: | ---: | --- | --- | --- |\n");
	for (size_t i = 0; i < s->nstages; i++) {
		const struct nsu_stage *stage = &s->stages[i];

		nsv_buf_str(&v->buf, "| +");
		put_time(v, stage->begin - s->begin);
		nsv_buf_str(&v->buf, " | ");
		put_time(v, stage->end - stage->begin);
		nsv_buf_printf(&v->buf, " | %u %% | ",
			       nsv_report_percent(stage->end - stage->begin, s->end - s->begin));
		put_text(v, nsu_stage_name(stage->kind));
		nsv_buf_str(&v->buf, " | ");
		put_text(v, nse_stage_note(s, i, note, sizeof(note)));
		nsv_buf_str(&v->buf, " | ");
		if (stage->pid)
			put_text(v, nsv_report_who(v, s, stage->pid, note));
		nsv_buf_str(&v->buf, " |\n");
	}
}

static void put_namespaces(struct nsv *v, const struct nsu_startup *s)
{
	char word[NSV_REPORT_WORD];

	if (!s->nnamespaces)
		return;
	nsv_buf_str(&v->buf, "\n| namespace | how |\n| --- | --- |\n");
	for (size_t i = 0; i < s->nnamespaces; i++) {
		const struct nsu_ns *ns = &s->namespaces[i];

		nsv_buf_str(&v->buf, "| ");
		put_text(v, nsv_ns_name(ns->type, ns->ns.inum, word));
		nsv_buf_str(&v->buf, " | ");
		put_text(v, nsv_report_how(v, s, ns, word));
		nsv_buf_str(&v->buf, " |\n");
	}
}

static void put_path(struct nsv *v, const struct nsu_startup *s)
{
	uint64_t speck = nsv_report_speck(s);
	char word[NSV_REPORT_WORD];

	nsv_buf_str(&v->buf, "\nCritical path:\n\n");
	for (size_t i = 0; i < s->npath && i < MAX_LISTED; i++) {
		const struct nsu_segment *g = &s->path[i];

		if (g->to - g->from < speck)
			continue;
		nsv_buf_str(&v->buf, "1. +");
		put_time(v, g->from - s->begin);
		nsv_buf_str(&v->buf, ", ");
		put_time(v, g->to - g->from);
		nsv_buf_printf(&v->buf, ", pid %" PRIu32 " (", g->pid);
		put_text(v, g->comm);
		nsv_buf_str(&v->buf, "): ");
		put_text(v, nsv_report_segment(v, s, g, word));
		nsv_buf_str(&v->buf, "\n");
	}
}

static void put_failures(struct nsv *v, const struct nsu_startup *s)
{
	char text[NSE_REPORT_LEN];
	bool any = false;

	for (size_t i = 0; i < s->ncalls; i++) {
		if (!s->calls[i].call.err)
			continue;
		if (!any)
			nsv_buf_str(&v->buf, "\nCalls that failed:\n\n");
		any = true;
		nsv_buf_str(&v->buf, "- ");
		put_text(v, nse_startup_failure(s, &s->calls[i], v->kernel, text, sizeof(text)));
		nsv_buf_str(&v->buf, "\n");
	}
}

static void put_one(struct nsv *v, const struct nsv_report *r, const struct nsu_startup *s)
{
	const struct nsu_payload *p = &s->payload;
	char text[NSE_REPORT_LEN], clock[NSV_WORD];

	nsv_buf_printf(&v->buf, "\n## Start-up %" PRIu64 ": ", s->number);
	put_text(v, nse_startup_headline(s, text, sizeof(text)));
	nsv_buf_printf(&v->buf, "\n\n%s, %s. **", nsv_report_clock(r, s->begin, clock),
		       nsu_outcome_name(s->outcome));
	put_text(v, nse_startup_verdict(s, v->kernel, text, sizeof(text)));
	nsv_buf_str(&v->buf, "**\n");
	put_stages(v, s);
	put_path(v, s);
	put_namespaces(v, s);
	put_failures(v, s);
	if (!p->pid)
		return;
	nsv_buf_str(&v->buf, "\nPayload: ");
	put_text(v, p->file ? p->file : p->comm);
	nsv_buf_printf(&v->buf, ", pid %" PRIu32 " outside, %" PRIu32 " inside", p->pid, p->ns_pid);
	if (p->hostname) {
		nsv_buf_str(&v->buf, ", hostname ");
		put_text(v, p->hostname);
	}
	nsv_buf_str(&v->buf, ".\n");
}

static void put_rows(struct nsv *v, const struct nsv_report *r)
{
	size_t n = 0;
	struct nse_report_row *rows = nse_report_rows(r->list, r->n, &n);
	char text[NSE_REPORT_LEN];

	if (!rows) {
		v->buf.failed = true;
		return;
	}
	nsv_buf_str(&v->buf, "\n| runtime | start-ups | failed | p50 | p90 | p99 | longest |\n"
			     "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	for (size_t i = 0; i < n; i++) {
		const uint64_t times[] = {rows[i].p50, rows[i].p90, rows[i].p99, rows[i].max};
		const char *frame = nsu_frame_name(rows[i].frame);

		nsv_buf_printf(&v->buf, "| %s%s%s | %zu | %zu |", nsu_runtime_name(rows[i].runtime),
			       frame ? ", " : "", frame ? frame : "", rows[i].n, rows[i].failed);
		for (size_t k = 0; k < 4; k++) {
			nsv_buf_str(&v->buf, " ");
			put_time(v, times[k]);
			nsv_buf_str(&v->buf, " |");
		}
		nsv_buf_str(&v->buf, "\n");
	}
	free(rows);
	if (nse_report_common(r->list, r->n, text, sizeof(text))) {
		nsv_buf_str(&v->buf, "\n");
		put_text(v, text);
		nsv_buf_str(&v->buf, "\n");
	}
}

void nsv_report_markdown(struct nsv *v, const struct nsv_report *r)
{
	char text[NSV_REPORT_WORD], clock[NSV_WORD];

	nsv_buf_str(&v->buf, "# Start-ups in ");
	put_text(v, r->file);
	nsv_buf_printf(&v->buf, "\n\n%zu start-up%s from %s, Linux ", r->n, r->n == 1 ? "" : "s",
		       nsv_report_clock(r, r->start.mono_ns, clock));
	put_text(v, r->start.release ? r->start.release : "?");
	nsv_buf_str(&v->buf, ".\n");
	if (r->n > 1)
		put_rows(v, r);
	for (size_t i = 0; i < r->nfull; i++)
		put_one(v, r, r->full[i]);
	for (size_t i = 0; i < NSV_REPORT_NOTES; i++) {
		const char *note = nsv_report_note(r, i, text);

		if (!note)
			continue;
		nsv_buf_str(&v->buf, "\n> ");
		put_text(v, note);
		nsv_buf_str(&v->buf, "\n");
	}
}
