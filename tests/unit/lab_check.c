// SPDX-License-Identifier: GPL-2.0-only
/* The checker: each kind of wrong expectation is told, with what really happened. */
#include <errno.h>

#include "../../user/lab/check.h"
#include "graph_events.h"
#include "unit.h"

#define ACTOR 100

static struct lab_scenario *s;
static struct lab_seen *seen;
static struct rig *rig;
static struct lab_world w;
static struct lab_finding f[LAB_MAX_FINDINGS];
static size_t nf;

/* A scenario of one step, seen on `kernel` by a task 100 of a small host. */
static void begin(unsigned int kernel, const char *verb, const char *expect)
{
	char text[2048];
	struct lab_error e;

	snprintf(text, sizeof(text),
		 "title: T\ntopic: types\nlevel: 1\nteaches: X\nactors: {a: process}\nsteps:\n"
		 "  - do: a %s\n    mark: {m: uts of a}\n    expect:\n%s\n",
		 verb, expect);
	s = lab_scenario_parse("x", text, strlen(text), &e);
	if (!s) {
		unit_fail(__FILE__, __LINE__, "%u:%u: %s", e.line, e.column, e.text);
		return;
	}
	rig = rig_host();
	seen = lab_seen_new();
	lab_seen_task(seen, ACTOR);
	w = (struct lab_world){.s = s,
			       .graph = rig->g,
			       .seen = seen,
			       .functions = true,
			       .kernel = kernel,
			       .tid = {ACTOR}};
}

static void end(void)
{
	lab_scenario_free(s);
	lab_seen_free(seen);
	rig_free(rig);
	s = NULL;
}

/* unshare(CLONE_NEWUTS) as 6.12 does it, or with copy_utsname() failing. */
static void tell_unshare(int err, bool short_of_one)
{
	static const enum nsl_fn copies[] = {
		NSL_FN_copy_mnt_ns,    NSL_FN_copy_utsname, NSL_FN_copy_ipcs,	NSL_FN_copy_pid_ns,
		NSL_FN_copy_cgroup_ns, NSL_FN_copy_net_ns,  NSL_FN_copy_time_ns};
	struct nsm_step steps[16] = {{.fn = NSL_FN_unshare_nsproxy_namespaces,
				      .outcome = err ? NSM_FAILED : NSM_DONE,
				      .err = err},
				     {.fn = NSL_FN_create_new_namespaces,
				      .outcome = err ? NSM_FAILED : NSM_DONE,
				      .err = err}};
	struct nsm_slot_change slot = {.slot = NSL_SLOT_UTS, .how = NSM_HOW_CREATED};
	struct nsm_call call = {.syscall = NSL_SYS_UNSHARE,
				.tid = ACTOR,
				.end_seen = true,
				.has_views = true,
				.err = err,
				.slots = &slot,
				.nslots = !err,
				.steps = steps};
	struct nsm_sink sink = lab_seen_model(seen);
	size_t n = 2;

	for (int i = 0; i < 7; i++) {
		enum nsm_outcome o = i == 1 ? (err ? NSM_FAILED : NSM_CREATED) : NSM_SHARED;

		if (short_of_one && i == 5)
			continue;
		if (err && i > 1)
			o = NSM_NOT_REACHED;
		steps[n++] = (struct nsm_step){
			.fn = copies[i], .outcome = o, .err = o == NSM_FAILED ? err : 0};
	}
	if (!err)
		steps[n++] = (struct nsm_step){.fn = NSL_FN_switch_task_namespaces,
					       .outcome = NSM_INSTALLED};
	call.nsteps = n;
	sink.call(sink.ctx, &call);
}

static void check(int64_t ret, int err)
{
	struct lab_got got = {ret, err, "", false};

	nf = lab_check(&w, &s->step[0], &got, f);
}

static const struct lab_finding *finding(enum lab_key key)
{
	for (size_t i = 0; i < nf; i++)
		if (f[i].key == key)
			return &f[i];
	unit_fail(__FILE__, __LINE__, "nothing was found about %s", lab_key_name(key));
	return &f[0];
}

#define RIGHT                                                                                      \
	"      - {changes: {uts: created}, steps: [U, create(uts), S], never: [copy_namespaces]}"

static void what_is_right_holds(void)
{
	begin(6012, "unshare NEWUTS", RIGHT);
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(nf, 4);
	for (size_t i = 0; i < nf; i++)
		CHECK_NUM(f[i].verdict, LAB_HOLDS);
	end();
}

/* What the user did at the terminal is not compared, and does not count as held. */
static void a_shell_is_not_compared(void)
{
	struct lab_got got = {7, 0, "", true};

	begin(6012, "shell id", "      - {result: 0, text: root}");
	nf = lab_check(&w, &s->step[0], &got, f);
	CHECK_NUM(nf, 2);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_NOT_OBSERVABLE);
	CHECK_NUM(finding(LAB_X_TEXT)->verdict, LAB_NOT_OBSERVABLE);
	got.interactive = false;
	nf = lab_check(&w, &s->step[0], &got, f);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_DIFFERS);
	end();
}

static void a_wrong_expectation_differs(void)
{
	begin(6012, "unshare NEWUTS", "      - {changes: {uts: created, net: created}}");
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_CHANGES)->expected, "uts created, net created");
	CHECK_STR(finding(LAB_X_CHANGES)->really, "uts created");
	end();
}

static void a_missing_step_differs(void)
{
	begin(6012, "unshare NEWUTS", RIGHT);
	tell_unshare(0, true);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_STEPS)->expected, "copy_net_ns shared as step 8");
	CHECK(strstr(finding(LAB_X_STEPS)->really, "copy_time_ns shared; all steps: unshare_ns") ==
	      finding(LAB_X_STEPS)->really);
	end();
	begin(6012, "unshare NEWUTS", "      - {has: [copy_ipcs shared, copy_net_ns shared]}");
	tell_unshare(0, true);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_HAS)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_HAS)->expected, "copy_net_ns shared after copy_ipcs shared");
	end();
}

static void a_step_too_many_differs(void)
{
	begin(6012, "unshare NEWUTS", "      - {steps: [U, create(uts)]}");
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_STEPS)->expected, "the end as step 10");
	end();
	begin(6012, "unshare NEWUTS", "      - {never: [copy_utsname]}");
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_NEVER)->verdict, LAB_DIFFERS);
	end();
}

static void a_wrong_errno_differs(void)
{
	begin(6012, "unshare NEWUTS", "      - {result: EPERM}");
	tell_unshare(ENOSPC, false);
	check(-1, ENOSPC);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_RESULT)->expected, "EPERM");
	CHECK_STR(finding(LAB_X_RESULT)->really, "ENOSPC (No space left on device)");
	end();
	/* and where the file says nothing, it must succeed */
	begin(6012, "unshare NEWUTS", "      - {changes: none}");
	tell_unshare(EPERM, false);
	check(-1, EPERM);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_RESULT)->expected, "ok");
	end();
	begin(6012, "unshare NEWUTS",
	      "      - {result: ENOSPC, steps: [unshare_nsproxy_namespaces failed ENOSPC, "
	      "fail(uts EPERM)]}");
	tell_unshare(ENOSPC, false);
	check(-1, ENOSPC);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_HOLDS);
	CHECK_STR(finding(LAB_X_STEPS)->expected, "create_new_namespaces failed EPERM as step 2");
	end();
}

static void the_version_decides(void)
{
	static const char expect[] = "      - {result: ok}\n"
				     "      - {kernel: \">=7.1\", result: EINVAL}";

	begin(6012, "unshare NEWUTS", expect);
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_HOLDS);
	end();
	begin(7001, "unshare NEWUTS", expect);
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_RESULT)->expected, "EINVAL");
	end();
}

static void a_call_that_was_not_seen_differs(void)
{
	begin(6012, "unshare NEWUTS", RIGHT);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_CHANGES)->really, "no call was seen");
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_DIFFERS);
	CHECK_NUM(finding(LAB_X_NEVER)->verdict, LAB_DIFFERS);
	end();
	/* also where nothing is expected of it */
	begin(6012, "unshare NEWUTS", "      - {changes: none, steps: []}");
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_DIFFERS);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_STEPS)->really, "no call was seen");
	end();
	begin(6012, "clone NEWUTS", "      - {steps: []}");
	check(0, 0);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_DIFFERS);
	end();
}

static void what_makes_no_call_needs_none(void)
{
	begin(6012, "clone 0", "      - {changes: none, steps: []}");
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_HOLDS);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_HOLDS);
	w.functions = false;
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_NOT_OBSERVABLE);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_NOT_OBSERVABLE);
	end();
	/* but what it made all the same is seen */
	begin(6012, "look", "      - {changes: none}");
	tell_unshare(0, false);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_DIFFERS);
	end();
}

static void what_cannot_be_seen_never_holds(void)
{
	begin(6012, "unshare NEWUTS",
	      "      - {changes: {uts: created}, steps: [U, create(uts), S], died: [m], "
	      "never: [copy_namespaces]}");
	tell_unshare(0, false);
	w.functions = false;
	w.mark[0] = 4711; /* nobody uses it */
	check(0, 0);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_HOLDS);
	CHECK_NUM(finding(LAB_X_STEPS)->verdict, LAB_NOT_OBSERVABLE);
	CHECK_NUM(finding(LAB_X_NEVER)->verdict, LAB_NOT_OBSERVABLE);
	CHECK_NUM(finding(LAB_X_DIED)->verdict, LAB_NOT_OBSERVABLE);
	w.graph = NULL;
	check(0, 0);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_HOLDS);
	CHECK_NUM(finding(LAB_X_CHANGES)->verdict, LAB_NOT_OBSERVABLE);
	end();
}

static void births_are_counted(void)
{
	struct nsg_ns ns = {.id = 50, .type = NSL_UTS};
	struct nsl_head event = {.tid = ACTOR};
	struct nsg_sink sink;

	begin(6012, "unshare NEWUTS", "      - {born: [uts, net]}");
	sink = lab_seen_graph(seen);
	tell_unshare(0, false);
	lab_seen_event(seen, &event);
	sink.born(sink.ctx, &ns);
	event.tid = 7; /* somebody else's does not count */
	lab_seen_event(seen, &event);
	ns.type = NSL_NET;
	sink.born(sink.ctx, &ns);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_BORN)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_BORN)->expected, "uts, net");
	CHECK_STR(finding(LAB_X_BORN)->really, "uts");
	end();
}

static void deaths_are_awaited(void)
{
	struct nsg_ns ns = {.id = 50, .type = NSL_UTS};
	struct nsg_cause cause = {.kind = NSG_CAUSE_EXIT};
	struct nsg_sink sink;

	begin(6012, "exit", "      - {died: [m]}");
	sink = lab_seen_graph(seen);
	w.mark[0] = 50;
	check(0, 0);
	CHECK_NUM(finding(LAB_X_DIED)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_DIED)->expected, "m is destroyed");
	CHECK_STR(finding(LAB_X_DIED)->really, "it still exists");
	sink.died(sink.ctx, &ns, &cause);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_DIED)->verdict, LAB_HOLDS);
	/* between two steps: the later one's */
	lab_seen_begin(seen);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_DIED)->verdict, LAB_HOLDS);
	/* of a step that is over: no proof for the next, and it lives no more either */
	lab_seen_end(seen);
	lab_seen_begin(seen);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_DIED)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_DIED)->really, "it was destroyed before this step");
	CHECK(lab_seen_died(seen, 50));
	end();
}

static void a_result_can_be_one_of_several(void)
{
	begin(6012, "unshare NEWUTS", "      - {result: [ok, EINVAL]}");
	check(-1, EINVAL);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_HOLDS);
	check(0, 0);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_HOLDS);
	check(-1, EPERM);
	CHECK_NUM(finding(LAB_X_RESULT)->verdict, LAB_DIFFERS);
	CHECK_STR(finding(LAB_X_RESULT)->expected, "ok or EINVAL");
	end();
}

int main(void)
{
	RUN(what_is_right_holds);
	RUN(a_shell_is_not_compared);
	RUN(a_wrong_expectation_differs);
	RUN(a_missing_step_differs);
	RUN(a_step_too_many_differs);
	RUN(a_wrong_errno_differs);
	RUN(the_version_decides);
	RUN(a_call_that_was_not_seen_differs);
	RUN(what_makes_no_call_needs_none);
	RUN(what_cannot_be_seen_never_holds);
	RUN(births_are_counted);
	RUN(deaths_are_awaited);
	RUN(a_result_can_be_one_of_several);
	return unit_end();
}
