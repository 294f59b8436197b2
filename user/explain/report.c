// SPDX-License-Identifier: GPL-2.0-only
/* One start-up in sentences: its head, its stages, its verdict. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report_internal.h"
#include "text.h"

/* A stage that takes this part of the whole, in percent, is the one to name. */
#define DOMINATES 40

const char *nse_time(uint64_t ns, char buf[32])
{
	static const struct {
		double unit;
		const char *name;
	} units[] = {{1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
	double value = (double)ns;
	size_t i = 0;

	if (ns < 1000) {
		snprintf(buf, 32, "%u ns", (unsigned int)ns);
		return buf;
	}
	while (i < 2 && value / units[i].unit >= 999.5)
		i++;
	value /= units[i].unit;
	snprintf(buf, 32, "%.*f %s",
		 value < 9.995	 ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, units[i].name);
	return buf;
}

unsigned int report_percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned int)((double)part * 100 / (double)whole + 0.5) : 0;
}

const struct nsu_task *report_task(const struct nsu_startup *s, uint32_t tid)
{
	for (size_t i = 0; i < s->ntasks; i++) {
		if (s->tasks[i].tid == tid)
			return &s->tasks[i];
	}
	return NULL;
}

const char *report_comm(const struct nsu_startup *s, uint32_t tid)
{
	const struct nsu_task *task = report_task(s, tid);

	if (task)
		return tid == s->payload.pid ? task->before : task->comm;
	for (size_t i = s->nmilestones; i-- > 0;) {
		if (s->milestones[i].m.tid == tid || s->milestones[i].m.pid == tid)
			return s->milestones[i].m.comm;
	}
	return NULL;
}

void report_who(struct nse_text *t, const struct nsu_startup *s, uint32_t tid)
{
	const char *comm = report_comm(s, tid);

	if (comm && *comm)
		nse_add(t, "%s (%u)", comm, tid);
	else
		nse_add(t, "task %u", tid);
}

static void add_runtime(struct nse_text *t, const struct nsu_startup *s)
{
	const char *frame = nsu_frame_name(s->frame);

	if (frame)
		nse_add(t, "%s, by ", frame);
	if (s->runtime == NSU_RUNTIME_UNKNOWN)
		nse_add(t, "%s (no runtime that is known)",
			*s->runtime_comm ? s->runtime_comm : "an unknown program");
	else if (s->runtime == NSU_SYSTEMD)
		nse_add(t, "systemd, for %s,", s->runtime_comm);
	else
		nse_add(t, "%s", nsu_runtime_name(s->runtime));
}

const char *nse_startup_headline(const struct nsu_startup *s, char *buf, size_t size)
{
	struct nse_text t;
	char time[32];

	nse_text_init(&t, buf, size);
	add_runtime(&t, s);
	if (s->payload.pid) {
		nse_add(&t, " started %s", *s->payload.comm ? s->payload.comm : "a program");
		if (s->container)
			nse_add(&t, " in container %s", s->container);
		nse_add(&t, " in %s", nse_time(s->end - s->begin, time));
	} else {
		nse_add(&t, s->outcome == NSU_FAILED ? " failed to start a container"
						     : " was starting a container");
		if (s->container)
			nse_add(&t, " (%s)", s->container);
		nse_add(&t, s->outcome == NSU_FAILED ? " after %s" : " for %s",
			nse_time(s->end - s->begin, time));
	}
	if (s->outcome == NSU_DOUBTFUL)
		nse_add(&t, " (doubtful: events were lost in it)");
	return buf;
}

static size_t longest(const struct nsu_startup *s)
{
	size_t at = 0;

	for (size_t i = 1; i < s->nstages; i++) {
		if (s->stages[i].end - s->stages[i].begin > s->stages[at].end - s->stages[at].begin)
			at = i;
	}
	return at;
}

/* The calls' share, and how much of it is in the kernel's own functions. */
static void add_kernel(struct nse_text *t, const struct nsu_startup *s)
{
	char calls[32], functions[32];

	if (!s->ncalls)
		return;
	nse_sentence(t, "Inside namespace calls it spent %s (%u %%)",
		     nse_time(s->sums.calls, calls), report_percent(s->sums.calls, s->sums.total));
	if (s->sums.functions_known)
		nse_add(t, ", of that %s in the kernel's namespace functions",
			nse_time(s->sums.functions, functions));
	nse_add(t, ".");
}

static void why_slow(struct nse_text *t, const struct nsu_startup *s)
{
	size_t at = longest(s);
	const struct nsu_stage *stage = &s->stages[at];
	uint64_t took = stage->end - stage->begin;
	unsigned int part = report_percent(took, s->end - s->begin);
	char time[32], note[NSE_REPORT_LEN];

	if (part >= DOMINATES)
		nse_sentence(t, "%u %% of the time, %s, went into the stage \"%s\"", part,
			     nse_time(took, time), nsu_stage_name(stage->kind));
	else
		nse_sentence(t, "No stage stands out; the longest, \"%s\", took %s (%u %%)",
			     nsu_stage_name(stage->kind), nse_time(took, time), part);
	report_cause(s, at, note, sizeof(note));
	if (*note)
		nse_add(t, ": %s", note);
	nse_add(t, ".");
	add_kernel(t, s);
}

/* Of a call that failed: its name, its flags, who. */
static void add_call(struct nse_text *t, const struct nsm_call *c)
{
	const char *name = c->err ? nsm_errno_name(c->err) : NULL;
	char types[NSE_LIST_LEN];
	unsigned int set = 0;

	for (int type = 0; type < NSL_TYPES; type++)
		set |= c->new_flags & nsm_type_bit((enum nsl_type)type) ? 1u << type : 0;
	nse_add(t, "%s", nsm_syscall_name(c->syscall));
	if (set)
		nse_add(t, " (%s)", nse_type_list(set, types));
	nse_add(t, " of %s (%u)", c->comm, c->tid);
	if (c->err && name)
		nse_add(t, " failed with %s", name);
	else if (c->err)
		nse_add(t, " failed with errno %d", c->err);
}

static void add_failure(struct nse_text *t, const struct nsm_call *c, nse_kernel kernel)
{
	struct nse_failure f;

	nse_failure(c, kernel, &f);
	if (f.fn)
		nse_add(t, " in %s%s", f.fn, f.inferred ? " (inferred)" : "");
	nse_add(t, ": %s", f.check);
	if (f.remedy)
		nse_add(t, "; %s", f.remedy);
}

const char *nse_startup_failure(const struct nsu_startup *s, const struct nsu_call *call,
				nse_kernel kernel, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	add_call(&t, &call->call);
	add_failure(&t, &call->call, kernel);
	nse_add(&t, ". It %s",
		call->matter == NSU_FATAL      ? "ended the start"
		: call->matter == NSU_HARMLESS ? "did not matter: the start went on without it"
		: call->matter == NSU_REPEATED
			? "did not matter: the same was done again, and succeeded"
			: "may have mattered: the end was not seen");
	if (call->matter == NSU_REPEATED && call->again < s->ncalls)
		nse_add(&t, " by call #%" PRIu64, s->calls[call->again].call.number);
	nse_add(&t, ".");
	return buf;
}

static void why_failed(struct nse_text *t, const struct nsu_startup *s, nse_kernel kernel)
{
	const struct nsu_stage *last = NULL;
	char detail[NSE_MILESTONE_LEN];

	for (size_t i = 0; i < s->nstages; i++) {
		if (!last || s->stages[i].kind != NSU_STAGE_WAIT)
			last = &s->stages[i];
	}
	if (s->failed_call < s->ncalls) {
		nse_sentence(t, "It ended because ");
		add_call(t, &s->calls[s->failed_call].call);
		add_failure(t, &s->calls[s->failed_call].call, kernel);
		nse_add(t, ".");
	} else if (s->failed_milestone < s->nmilestones) {
		const struct nsm_milestone *m = &s->milestones[s->failed_milestone].m;

		nse_sentence(t, "The last thing of %s (%u) that failed was %s: %s.", m->comm,
			     m->tid, nsm_milestone_name(m->what),
			     nse_milestone(m, detail, sizeof(detail)));
	} else {
		nse_sentence(t, "Nothing that nslens follows ended it: what failed, if anything, "
				"was gone on after. The runtime gave up by itself (a program that "
				"is not there, a check of its own), or was ended; its own messages "
				"say why.");
	}
	if (last)
		nse_sentence(t, "It had come to the stage \"%s\".", nsu_stage_name(last->kind));
}

const char *nse_startup_verdict(const struct nsu_startup *s, nse_kernel kernel, char *buf,
				size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (s->outcome == NSU_DOUBTFUL)
		nse_sentence(&t, "Events were lost while it went on: what follows may be wrong.");
	if (s->payload.pid && s->nstages)
		why_slow(&t, s);
	else if (s->outcome == NSU_CUT && s->nstages)
		nse_sentence(&t,
			     "The recording ends in its stage \"%s\": how it went on is not known.",
			     nsu_stage_name(s->stages[s->nstages - 1].kind));
	else
		why_failed(&t, s, kernel);
	return buf;
}
