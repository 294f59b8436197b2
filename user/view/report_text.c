// SPDX-License-Identifier: GPL-2.0-only
/* The report as text: it fits 100 columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_internal.h"

#define MAX_LISTED 40 /* starts in the table */

void nsv_report_words(struct nsv *v, int first, int indent, const char *text, unsigned int colour)
{
	char *safe = malloc(4 * strlen(text) + 1);
	struct nsv_flow f;

	if (!safe) {
		v->buf.failed = true;
		return;
	}
	nsv_safe(v, text, safe, 4 * strlen(text) + 1);
	nsv_flow_begin(&f, v, first, indent);
	nsv_flow_text(&f, safe, strlen(safe), colour);
	nsv_flow_end(&f);
	free(safe);
}

void nsv_report_title(struct nsv *v, const char *text)
{
	nsv_buf_str(&v->buf, "\n");
	nsv_report_words(v, 0, 0, text, NSV_BOLD);
}

/* ---- many ---- */

static const char *runtime(const struct nse_report_row *row, char buf[NSV_WORD])
{
	const char *frame = nsu_frame_name(row->frame);

	snprintf(buf, NSV_WORD, "%s%s%s", nsu_runtime_name(row->runtime), frame ? ", " : "",
		 frame ? frame : "");
	return buf;
}

static void put_row(struct nsv *v, const struct nse_report_row *row)
{
	const uint64_t times[] = {row->p50, row->p90, row->p99, row->max};
	char word[NSV_WORD];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, NSV_REPORT_LABEL, NSV_REPORT_LABEL);
	nsv_flow_word(&f, 0, NSV_PLAIN, runtime(row, word));
	nsv_flow_tab(&f, 26);
	snprintf(word, sizeof(word), "%5zu", row->n);
	nsv_flow_word(&f, 1, NSV_PLAIN, word);
	snprintf(word, sizeof(word), "%6zu", row->failed);
	nsv_flow_word(&f, 2, row->failed ? NSV_RED : NSV_DIM, word);
	for (size_t i = 0; i < 4; i++) {
		nsv_flow_tab(&f, 44 + 12 * (int)i);
		nsv_flow_word(&f, 1, NSV_PLAIN,
			      row->running ? nsv_duration(v, (int64_t)times[i], word) : "-");
	}
	nsv_flow_end(&f);
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
	nsv_buf_str(&v->buf, "\n");
	nsv_report_words(v, 0, 0, "Start-ups by runtime", NSV_BOLD);
	nsv_buf_str(&v->buf, "  runtime                   count  failed     p50         p90"
			     "         p99         longest\n");
	for (size_t i = 0; i < n; i++)
		put_row(v, &rows[i]);
	free(rows);
	if (nse_report_common(r->list, r->n, text, sizeof(text))) {
		nsv_report_title(v, "What the slow ones have in common");
		nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL, text, NSV_PLAIN);
	}
}

static void put_line(struct nsv *v, const struct nsu_startup *s)
{
	char word[NSV_WORD], safe[NSV_REPORT_WORD], head[NSE_REPORT_LEN];
	struct nsv_flow f;

	nsv_flow_begin(&f, v, NSV_REPORT_LABEL, 26);
	snprintf(word, sizeof(word), "%4" PRIu64, s->number);
	nsv_flow_word(&f, 0, NSV_BOLD, word);
	nsv_flow_word(&f, 2, NSV_DIM, nsv_moment(v, s->begin, word));
	nsv_flow_tab(&f, 26);
	nse_startup_headline(s, head, 160);
	nsv_safe(v, head, safe, sizeof(safe));
	nsv_flow_text(&f, safe, s->outcome == NSU_FAILED ? strlen(safe) : 0, NSV_RED);
	nsv_flow_end(&f);
}

static void put_list(struct nsv *v, const struct nsv_report *r)
{
	char text[NSV_REPORT_WORD];

	nsv_report_title(v, "All of them");
	for (size_t i = 0; i < r->n && i < MAX_LISTED; i++)
		put_line(v, r->list[i]);
	if (r->n <= MAX_LISTED)
		return;
	snprintf(text, sizeof(text), "and %zu more: --slowest N, --runtime and --container choose",
		 r->n - MAX_LISTED);
	nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL, text, NSV_DIM);
}

static void put_joins(struct nsv *v, const struct nsv_report *r)
{
	char text[NSV_REPORT_WORD], moment[NSV_WORD];

	if (!r->njoins)
		return;
	nsv_report_title(v, "Programs that were run in namespaces that were there (exec, nsenter)");
	for (size_t i = 0; i < r->njoins && i < MAX_LISTED; i++) {
		const struct nsu_joined *j = &r->joins[i];
		int n = snprintf(text, sizeof(text), "%s  %s by %s",
				 nsv_moment(v, j->begin, moment), *j->comm ? j->comm : "nothing",
				 j->by);

		if (j->startup)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      ", in those of start-up %" PRIu64, j->startup);
		if (j->failed)
			snprintf(text + n, sizeof(text) - (size_t)n, ", failed with %s",
				 nsm_errno_name(j->err) ? nsm_errno_name(j->err) : "an error");
		nsv_report_words(v, NSV_REPORT_LABEL, NSV_REPORT_LABEL + 4, text,
				 j->failed ? NSV_RED : NSV_PLAIN);
	}
}

static void put_notes(struct nsv *v, const struct nsv_report *r)
{
	char buf[NSV_REPORT_WORD];
	bool any = false;

	for (size_t i = 0; i < NSV_REPORT_NOTES; i++) {
		const char *note = nsv_report_note(r, i, buf);

		if (!note)
			continue;
		if (!any)
			nsv_buf_str(&v->buf, "\n");
		any = true;
		nsv_report_words(v, 0, 2, note, NSV_DIM);
	}
}

static void put_source(struct nsv *v, const struct nsv_report *r)
{
	char text[NSE_REPORT_LEN], clock[NSV_WORD], time[NSV_WORD];

	snprintf(text, sizeof(text), "%s: %zu start-up%s in %s from %s, Linux %s", r->file, r->n,
		 r->n == 1 ? "" : "s", nsv_duration(v, (int64_t)(r->end - r->start.mono_ns), time),
		 nsv_report_clock(r, r->start.mono_ns, clock),
		 r->start.release ? r->start.release : "?");
	nsv_report_words(v, 0, 2, text, NSV_DIM);
}

void nsv_report_text(struct nsv *v, const struct nsv_report *r)
{
	put_source(v, r);
	if (!r->n && r->all && r->others == r->all)
		nsv_report_words(v, 0, 0, "No start-up in it is by the command that was recorded.",
				 NSV_PLAIN);
	else if (!r->n && r->all)
		nsv_report_words(v, 0, 0, "No start-up in it is like that.", NSV_PLAIN);
	else if (!r->n)
		nsv_report_words(
			v, 0, 0,
			"No start-up of a container is in it: no program was run in a new pid "
			"or mnt namespace.",
			NSV_PLAIN);
	if (r->n > 1) {
		put_rows(v, r);
		put_list(v, r);
	}
	for (size_t i = 0; i < r->nfull; i++)
		nsv_report_one(v, r, r->full[i]);
	put_joins(v, r);
	put_notes(v, r);
}
