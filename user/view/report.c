// SPDX-License-Identifier: GPL-2.0-only
/* What the forms of the report share. */
#include "report.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report_internal.h"

#define NS 1000000000ull

const char *nsv_report_clock(const struct nsv_report *r, uint64_t ts, char buf[NSV_WORD])
{
	uint64_t wall = r->start.wall_ns + (ts - r->start.mono_ns);
	time_t seconds = (time_t)(wall / NS);
	struct tm tm;
	size_t n;

	if (!localtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	n = strftime(buf, NSV_WORD, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + n, NSV_WORD - n, ".%03u", (unsigned int)(wall % NS / 1000000));
	return buf;
}

unsigned int nsv_report_percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned int)((double)part * 100 / (double)whole + 0.5) : 0;
}

uint64_t nsv_report_speck(const struct nsu_startup *s)
{
	return (s->end - s->begin) / 200;
}

const char *nsv_report_who(const struct nsv *v, const struct nsu_startup *s, uint32_t tid,
			   char buf[NSV_REPORT_WORD])
{
	char safe[4 * NSL_COMM_LEN + 1];
	const char *comm = NULL;

	for (size_t i = 0; i < s->ntasks && !comm; i++) {
		if (s->tasks[i].tid == tid)
			comm = tid == s->payload.pid ? s->tasks[i].before : s->tasks[i].comm;
	}
	for (size_t i = s->nmilestones; i-- > 0 && !comm;) {
		if (s->milestones[i].m.pid == tid || s->milestones[i].m.tid == tid)
			comm = s->milestones[i].m.comm;
	}
	if (comm && *comm)
		snprintf(buf, NSV_REPORT_WORD, "%s (%" PRIu32 ")",
			 nsv_safe(v, comm, safe, sizeof(safe)), tid);
	else
		snprintf(buf, NSV_REPORT_WORD, "task %" PRIu32, tid);
	return buf;
}

const char *nsv_report_how(const struct nsv *v, const struct nsu_startup *s,
			   const struct nsu_ns *ns, char buf[NSV_REPORT_WORD])
{
	char time[NSV_WORD];
	bool host = nsv_is_initial(v, ns->type, ns->ns.inum);

	switch (ns->role) {
	case NSU_ROLE_CREATED:
		snprintf(buf, NSV_REPORT_WORD, "created%s", ns->outer ? " by the outer frame" : "");
		break;
	case NSU_ROLE_SHARED:
		snprintf(buf, NSV_REPORT_WORD,
			 host ? "shared with the host" : "shared with the runtime's surroundings");
		break;
	case NSU_ROLE_JOINED:
		if (ns->shared_with)
			snprintf(buf, NSV_REPORT_WORD, "joined: made by start-up %zu",
				 ns->shared_with);
		else
			snprintf(buf, NSV_REPORT_WORD, "joined: it was there before");
		break;
	default:
		if (ns->died)
			snprintf(buf, NSV_REPORT_WORD,
				 "%s, not the payload's: died %s after its birth",
				 ns->outer ? "of the outer frame" : "created",
				 nsv_duration(v, (int64_t)(ns->died - ns->born), time));
		else
			snprintf(buf, NSV_REPORT_WORD, "%s: no death seen",
				 !s->payload.pid ? "created, left behind"
				 : ns->outer	 ? "of the outer frame"
						 : "left behind: not the payload's");
	}
	return buf;
}

const char *nsv_report_segment(const struct nsv *v, const struct nsu_startup *s,
			       const struct nsu_segment *g, char buf[NSV_REPORT_WORD])
{
	char who[NSV_REPORT_WORD];
	const struct nsm_call *c;

	switch (g->doing) {
	case NSU_IN_CALL:
		c = &s->calls[g->call].call;
		snprintf(buf, NSV_REPORT_WORD, "in %s, call #%" PRIu64,
			 nsm_syscall_name(c->syscall), c->number);
		break;
	case NSU_WAITS:
		if (g->waits_for)
			snprintf(buf, NSV_REPORT_WORD, "waits for %.200s (inferred)",
				 nsv_report_who(v, s, g->waits_for, who));
		else
			snprintf(buf, NSV_REPORT_WORD, "waits, or works unseen (inferred)");
		break;
	default:
		snprintf(buf, NSV_REPORT_WORD, "outside of namespace calls: %s",
			 g->stage < s->nstages ? nsu_stage_name(s->stages[g->stage].kind) : "?");
	}
	return buf;
}

static const char *note_lost(const struct nsv_report *r, char buf[NSV_REPORT_WORD])
{
	if (!r->lost && !r->gaps)
		return NULL;
	snprintf(buf, NSV_REPORT_WORD,
		 "%" PRIu64 " events were lost, at %" PRIu64
		 " places: start-ups in which that happened are doubtful.",
		 r->lost, r->gaps);
	return buf;
}

const char *nsv_report_note(const struct nsv_report *r, size_t i, char buf[NSV_REPORT_WORD])
{
	switch (i) {
	case 0:
		return note_lost(r, buf);
	case 1:
		return r->cut ? "The recording was not closed: up to 100 ms before its end may be "
				"missing."
			      : NULL;
	case 2:
		return r->steps_unknown
			       ? "Recorded with tracepoints alone: the kernel functions inside of "
				 "calls, and most deaths, could not be seen."
			       : NULL;
	case 3:
		return r->no_milestones ? "The recording has no milestones (mounts, pivot_root, "
					  "cgroups): stages are those of namespace calls alone."
					: NULL;
	case 4:
		if (!r->left_out)
			return NULL;
		snprintf(buf, NSV_REPORT_WORD, "%" PRIu64 " more start-ups were not kept.",
			 r->left_out);
		return buf;
	case 5:
		if (!r->others)
			return NULL;
		snprintf(buf, NSV_REPORT_WORD,
			 "%zu start-up%s made by others than the command that was recorded: "
			 "--all tells them, too.",
			 r->others, r->others == 1 ? " was" : "s were");
		return buf;
	default:
		if (!r->unrun)
			return NULL;
		snprintf(buf, NSV_REPORT_WORD,
			 "%" PRIu64
			 " programs made pid or mnt namespaces, or were refused, and ran "
			 "nothing in them: they are not counted as start-ups.",
			 r->unrun);
		return buf;
	}
}

void nsv_report_take_start(struct nsv *v, const struct nsv_start *start)
{
	v->mono_ns = start->mono_ns;
	v->kernel = start->kernel;
	v->steps = start->steps;
	memcpy(v->initial, start->initial, sizeof(v->initial));
}

int nsv_report(struct nsv *v, enum nsv_report_format format, const struct nsv_report *r)
{
	static void (*const forms[])(struct nsv *, const struct nsv_report *) = {
		[NSV_REPORT_TEXT] = nsv_report_text,
		[NSV_REPORT_MARKDOWN] = nsv_report_markdown,
		[NSV_REPORT_JSON] = nsv_report_json,
	};

	nsv_report_take_start(v, &r->start);
	forms[format](v, r);
	nsv_write_block(v);
	return v->buf.failed ? -1 : 0;
}
