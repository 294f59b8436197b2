// SPDX-License-Identifier: GPL-2.0-only
/* What happened in a stage, and why it took its time. */
#include <stdio.h>
#include <string.h>

#include "report_internal.h"

/* Of a stage: what takes this part of it, in percent, is its cause. */
#define MOST 50

/*
 * What is known of the runtimes themselves: what happens outside, where nothing is seen
 * of the start. The first row that fits is taken.
 */
#define ANY NSU_STAGES

struct silence {
	enum nsu_runtime runtime; /* UNKNOWN: any */
	enum nsu_stage_kind before, after;
	const char *why;
};

static const struct silence silences[] = {
	{NSU_RUNC, NSU_STAGE_MOUNTS, NSU_STAGE_ROOT,
	 "between the mounts and pivot_root runc has its prestart, createRuntime and "
	 "createContainer hooks run, and the container waits for them"},
	{NSU_RUNC, NSU_STAGE_FORK, NSU_STAGE_MOUNTS,
	 "the second stage of runc starts up here, and waits for runc to send what it is to do: "
	 "cgroups, network and, before 1.0, prestart hooks"},
	{NSU_RUNC, NSU_STAGE_CGROUP, NSU_STAGE_MOUNTS,
	 "the second stage of runc starts up here, and waits for runc to send what it is to do"},
	{NSU_RUNC, NSU_STAGE_NETWORK, NSU_STAGE_MOUNTS,
	 "the second stage of runc starts up here, and waits for runc to send what it is to do"},
	{NSU_RUNC, NSU_STAGE_PRIVILEGES, NSU_STAGE_EXEC,
	 "a container that is made waits here for `runc start` (docker, containerd and podman "
	 "make and start it one after the other), after its startContainer hooks"},
	{NSU_CRUN, NSU_STAGE_MOUNTS, NSU_STAGE_ROOT,
	 "between the mounts and pivot_root crun has its prestart and createRuntime hooks run, "
	 "and the container waits for them"},
	{NSU_CRUN, NSU_STAGE_NAMESPACES, NSU_STAGE_MOUNTS,
	 "the new task waits here for crun: id maps, cgroups, and its prestart and createRuntime "
	 "hooks"},
	{NSU_CRUN, NSU_STAGE_PRIVILEGES, NSU_STAGE_EXEC,
	 "a container that is made waits here for `crun start`, after its startContainer hooks"},
	{NSU_BWRAP, NSU_STAGE_NAMESPACES, ANY,
	 "bwrap's child waits here for its parent: id maps, and what --block-fd or "
	 "--userns-block-fd hold back"},
	{NSU_RUNTIME_UNKNOWN, ANY, NSU_STAGE_START,
	 "a container that is made waits here until its engine (docker, containerd, podman) has "
	 "the runtime start it"},
	{NSU_RUNTIME_UNKNOWN, NSU_STAGE_ID_MAPS, ANY,
	 "a task in a new user namespace waits until its ids are mapped"},
};

static const struct silence *silence_of(const struct nsu_startup *s, size_t at)
{
	enum nsu_stage_kind before = at ? s->stages[at - 1].kind : ANY;
	enum nsu_stage_kind after = at + 1 < s->nstages ? s->stages[at + 1].kind : ANY;

	for (size_t i = 0; i < sizeof(silences) / sizeof(*silences); i++) {
		const struct silence *row = &silences[i];

		if ((row->runtime == NSU_RUNTIME_UNKNOWN || row->runtime == s->runtime) &&
		    (row->before == ANY || row->before == before) &&
		    (row->after == ANY || row->after == after))
			return row;
	}
	return NULL;
}

/* The program of a helper, by its last exec. */
static const char *program(const struct nsu_startup *s, uint32_t tid)
{
	const char *file = NULL;

	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsm_milestone *m = &s->milestones[i].m;

		if (m->what == NSL_MILESTONE_exec && !m->err && (m->tid == tid || m->pid == tid) &&
		    *m->text)
			file = m->text;
	}
	return file;
}

static void add_helper(struct nse_text *t, const struct nsu_startup *s, uint32_t tid)
{
	const char *file = program(s, tid);

	if (file)
		nse_add(t, "%s as ", file);
	report_who(t, s, tid);
}

static void cause_of_wait(struct nse_text *t, const struct nsu_startup *s, size_t at)
{
	const struct nsu_stage *stage = &s->stages[at];
	const struct silence *known = silence_of(s, at);

	nse_add(t, "nothing of it was seen meanwhile, so ");
	if (stage->pid)
		report_who(t, s, stage->pid);
	else
		nse_add(t, "it");
	nse_add(t, " waited or worked outside of what nslens follows");
	if (stage->waits_for) {
		nse_add(t, ", most likely for ");
		report_who(t, s, stage->waits_for);
	}
	if (known)
		nse_add(t, "; %s", known->why);
}

static uint64_t length_of(const struct nsu_stage *stage)
{
	return stage->end - stage->begin;
}

/* The milestone of a stage that took longest; NULL: none tells its time. */
static const struct nsm_milestone *longest_milestone(const struct nsu_startup *s, size_t at)
{
	const struct nsm_milestone *longest = NULL;

	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsm_milestone *m = &s->milestones[i].m;

		if (s->milestones[i].stage == at && m->duration > 0 &&
		    (!longest || m->duration > longest->duration))
			longest = m;
	}
	return longest;
}

static const struct nsm_call *longest_call(const struct nsu_startup *s, size_t at)
{
	const struct nsm_call *longest = NULL;

	for (size_t i = 0; i < s->ncalls; i++) {
		const struct nsm_call *c = &s->calls[i].call;

		if (s->calls[i].stage == at && c->duration > 0 &&
		    (!longest || c->duration > longest->duration))
			longest = c;
	}
	return longest;
}

/* The step that makes, shares or moves something: the innermost that took longest. */
static const struct nsm_step *longest_step(const struct nsm_call *c)
{
	const struct nsm_step *longest = NULL;

	for (size_t i = 0; i < c->nsteps; i++) {
		const struct nsm_step *step = &c->steps[i];

		if (step->duration > 0 && step->fn != NSL_FN_create_new_namespaces &&
		    step->fn != NSL_FN_copy_namespaces &&
		    step->fn != NSL_FN_unshare_nsproxy_namespaces &&
		    (!longest || step->duration > longest->duration))
			longest = step;
	}
	return longest;
}

static void cause_of_calls(struct nse_text *t, const struct nsu_startup *s, size_t at)
{
	const struct nsm_call *c = longest_call(s, at);
	const struct nsm_step *step = c ? longest_step(c) : NULL;
	char time[32];

	if (!c || report_percent((uint64_t)c->duration, length_of(&s->stages[at])) < MOST)
		return;
	nse_add(t, "%s of %s (%u) took %s", nsm_syscall_name(c->syscall), c->comm, c->tid,
		nse_time((uint64_t)c->duration, time));
	if (step && report_percent((uint64_t)step->duration, (uint64_t)c->duration) >= MOST)
		nse_add(t, ", of that %s in %s", nse_time((uint64_t)step->duration, time),
			nsm_fn_name(step->fn));
}

static bool cause_of_milestones(struct nse_text *t, const struct nsu_startup *s, size_t at)
{
	const struct nsm_milestone *m = longest_milestone(s, at);
	char time[32], detail[NSE_MILESTONE_LEN];

	if (!m || report_percent((uint64_t)m->duration, length_of(&s->stages[at])) < MOST)
		return false;
	nse_add(t, "one %s, %s, took %s", nsm_milestone_name(m->what),
		nse_milestone(m, detail, sizeof(detail)), nse_time((uint64_t)m->duration, time));
	return true;
}

const char *report_cause(const struct nsu_startup *s, size_t at, char *buf, size_t size)
{
	const struct nsu_stage *stage = &s->stages[at];
	struct nse_text t;

	nse_text_init(&t, buf, size);
	switch (stage->kind) {
	case NSU_STAGE_WAIT:
		cause_of_wait(&t, s, at);
		break;
	case NSU_STAGE_HOOK:
		add_helper(&t, s, stage->waits_for ? stage->waits_for : stage->tid);
		nse_add(&t, stage->inferred ? " was run meanwhile (a hook, as it seems), and the "
					      "start went on only after that"
					    : " ran, a hook or helper, and the start went on only "
					      "after that");
		break;
	case NSU_STAGE_START:
		add_helper(&t, s, stage->waits_for);
		nse_add(&t, " let the container, which had been made before, go on");
		break;
	case NSU_STAGE_PREPARE:
		if (stage->pid)
			report_who(&t, s, stage->pid);
		nse_add(&t, "%s, before the first namespace call: configuration, locks, images",
			stage->pid ? " was at work" : "the runtime was at work");
		break;
	case NSU_STAGE_NAMESPACES:
	case NSU_STAGE_JOIN:
	case NSU_STAGE_FORK:
		cause_of_calls(&t, s, at);
		break;
	default:
		cause_of_milestones(&t, s, at);
		break;
	}
	return buf;
}

static void note_calls(struct nse_text *t, const struct nsu_startup *s, size_t at)
{
	unsigned int types = 0, failed = 0;
	size_t n = 0;
	char list[NSE_LIST_LEN];

	for (size_t i = 0; i < s->ncalls; i++) {
		const struct nsm_call *c = &s->calls[i].call;

		if (s->calls[i].stage != at)
			continue;
		n++;
		failed += c->err != 0;
		for (int type = 0; type < NSL_TYPES; type++)
			types |= c->new_flags & nsm_type_bit((enum nsl_type)type) ? 1u << type : 0;
		if (n == 1)
			nse_add(t, "%s", nsm_syscall_name(c->syscall));
	}
	if (n > 1)
		nse_add(t, " and %zu more", n - 1);
	if (types)
		nse_add(t, ": %s", nse_type_list(types, list));
	if (failed)
		nse_add(t, ", %u failed", failed);
}

static void note_milestones(struct nse_text *t, const struct nsu_startup *s, size_t at)
{
	unsigned int counts[NSL_MILESTONES_END] = {0}, failed = 0;
	const char *before = "";

	for (size_t i = 0; i < s->nmilestones; i++) {
		const struct nsu_milestone *m = &s->milestones[i];

		if (m->stage != at || m->kind != s->stages[at].kind)
			continue;
		counts[m->m.what]++;
		failed += m->m.err != 0;
	}
	for (int what = 1; what < NSL_MILESTONES_END; what++) {
		if (!counts[what])
			continue;
		nse_add(t, counts[what] > 1 ? "%s%u %s" : "%s%.0u%s", before,
			counts[what] > 1 ? counts[what] : 0,
			nsm_milestone_name((enum nsl_milestone_what)what));
		before = ", ";
	}
	if (failed)
		nse_add(t, ", %u failed", failed);
}

const char *nse_stage_note(const struct nsu_startup *s, size_t at, char *buf, size_t size)
{
	const struct nsu_stage *stage = &s->stages[at];
	struct nse_text t;

	nse_text_init(&t, buf, size);
	switch (stage->kind) {
	case NSU_STAGE_WAIT:
		nse_add(&t, "nothing seen of it");
		if (stage->waits_for) {
			nse_add(&t, "; for ");
			report_who(&t, s, stage->waits_for);
		}
		break;
	case NSU_STAGE_HOOK:
	case NSU_STAGE_START:
		add_helper(&t, s, stage->waits_for ? stage->waits_for : stage->tid);
		break;
	case NSU_STAGE_NAMESPACES:
	case NSU_STAGE_JOIN:
	case NSU_STAGE_FORK:
		note_calls(&t, s, at);
		break;
	case NSU_STAGE_EXEC:
		nse_add(&t, "%s", s->payload.file ? s->payload.file : s->payload.comm);
		break;
	default:
		note_milestones(&t, s, at);
		break;
	}
	return buf;
}
