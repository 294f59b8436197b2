// SPDX-License-Identifier: GPL-2.0-only
/* Scenario files: what is read, and where and how an error is told. */
#include <stdlib.h>

#include "../../user/lab/wanted.h"
#include "unit.h"

#define HEAD                                                                                       \
	"title: T\n"                                                                               \
	"topic: types\n"                                                                           \
	"level: 1\n"                                                                               \
	"teaches: X\n"                                                                             \
	"actors: {a: process, b: process as nobody, t: thread of a}\n"

static struct lab_error e;

static struct lab_scenario *parse(const char *text)
{
	return lab_scenario_parse("x", text, strlen(text), &e);
}

/* The file must be refused at line:column with these words. */
static void refused(int line, int column, const char *words, const char *text)
{
	struct lab_scenario *s = parse(text);

	if (s) {
		unit_fail(__FILE__, __LINE__, "accepted: %s", text);
		lab_scenario_free(s);
		return;
	}
	if (line != (int)e.line || column != (int)e.column || !strstr(e.text, words))
		unit_fail(__FILE__, __LINE__, "%u:%u: %s\n  not %d:%d: ...%s...", e.line, e.column,
			  e.text, line, column, words);
}

/* One step after the head, whose first line is 6. */
static void step_refused(int line, int column, const char *words, const char *step)
{
	char text[2048];

	snprintf(text, sizeof(text), HEAD "steps:\n%s", step);
	refused(line, column, words, text);
}

static struct lab_scenario *parse_step(const char *step)
{
	char text[4096];
	struct lab_scenario *s;

	snprintf(text, sizeof(text), HEAD "steps:\n%s", step);
	s = parse(text);
	if (!s)
		unit_fail(__FILE__, __LINE__, "%u:%u: %s", e.line, e.column, e.text);
	return s;
}

static void a_whole_file_is_read(void)
{
	struct lab_scenario *s =
		parse("# a comment\n" HEAD "needs: {kernel: \">=5.15 <7.1\", types: [time], "
		      "programs: [ip]}\n"
		      "stage: [user, mnt]\n"
		      "steps:\n"
		      "  - do: a unshare CLONE_NEWUTS|NEWPID\n"
		      "    ask: Q\n"
		      "    choices: [x, y]\n"
		      "    answer: 2\n"
		      "    why: W\n"
		      "    expect: {changes: {uts: created}, steps: [U, create(uts,pid), S]}\n"
		      "    mark: {m: uts of a}\n"
		      "  - {do: a clone3 NEWUTS as kid, kernel: \">=6.3\"}\n"
		      "  - do: kid exit 3\n"
		      "    expect: {died: [m]}\n"
		      "after: bye\n");

	CHECK(s);
	if (!s)
		return;
	CHECK_STR(s->title, "T");
	CHECK_NUM(s->kernel.from, 5015);
	CHECK_NUM(s->kernel.below, 7001);
	CHECK_NUM(s->stage, 1u << NSL_USER | 1u << NSL_MNT);
	CHECK_NUM(s->nactors, 4);
	CHECK(s->actor[1].nobody && s->actor[2].thread_of == 0 && s->actor[3].child);
	CHECK_NUM(s->nsteps, 3);
	CHECK_NUM(s->step[0].line, 10);
	CHECK_NUM(s->step[0].op.flags, NSL_NEWUTS | NSL_NEWPID);
	CHECK_NUM(s->step[0].right, 2);
	CHECK_NUM(s->step[0].expect[0].steps.n, 3);
	CHECK_STR(s->step[0].expect[0].steps.word[1], "create(uts,pid)");
	CHECK_NUM(s->step[1].op.new_actor, 3);
	CHECK(!lab_in_range(s->step[1].kernel, 6001) && lab_in_range(s->step[1].kernel, 6003));
	CHECK_NUM(s->step[2].op.number, 3);
	CHECK_STR(s->after, "bye");
	lab_scenario_free(s);
}

static void verbs_have_their_arguments(void)
{
	struct lab_scenario *s = parse_step("  - do: a open uts of b as f\n"
					    "  - do: b open /etc/hosts as g\n"
					    "  - do: a setns f NEWUTS\n"
					    "  - do: a write /proc/self/uid_map 0 0 1, 1 5 2\n"
					    "  - do: a uid_map b 0 1000 1\n"
					    "  - do: a kill b TERM\n"
					    "  - do: a run echo  two words\n"
					    "  - do: a mount rslave /x\n"
					    "  - do: a mount tmpfs /y\n"
					    "  - do: a clone3 NEWUTS cgroup=99\n"
					    "  - do: a clone3 NEWUTS set_tid=many\n"
					    "  - do: a mount image /tmp/root\n"
					    "  - do: a open_tree /x as t namespace\n"
					    "  - do: a move_mount t /y\n"
					    "  - do: a shell echo $$\n");

	if (!s)
		return;
	CHECK_NUM(s->step[0].op.verb, LAB_OPEN_NS);
	CHECK_STR(s->step[0].op.text, "uts");
	CHECK_NUM(s->step[0].op.other, 1);
	CHECK_NUM(s->step[1].op.verb, LAB_OPEN);
	CHECK_NUM(s->step[2].op.fd, 0);
	CHECK_STR(s->step[3].op.text2, "0 0 1, 1 5 2");
	CHECK_STR(s->step[4].op.text, "uid_map");
	CHECK_STR(s->step[4].op.text2, "0 1000 1");
	CHECK_NUM(s->step[5].op.number, 15);
	CHECK_STR(s->step[6].op.text, "echo  two words");
	CHECK_NUM(s->step[7].op.flags, 1 << 19 | 16384);
	CHECK_STR(s->step[8].op.text, "tmpfs");
	CHECK_STR(s->step[8].op.text2, "/y");
	CHECK(s->step[9].op.clone3 == LAB_C3_CGROUP && s->step[9].op.number == 99);
	CHECK_NUM(s->step[10].op.clone3, LAB_C3_MANY);
	CHECK_NUM(s->step[11].op.verb, LAB_MOUNT_IMAGE);
	CHECK_NUM(s->step[12].op.flags, 2);
	CHECK_NUM(s->step[13].op.fd, s->step[12].op.fd);
	CHECK_STR(s->step[14].op.text, "echo $$");
	lab_scenario_free(s);
}

static void errors_of_head_is_mapping(void)
{
	refused(1, 1, "is no mapping", "- a\n");
	refused(1, 1, "is no mapping", "");
}

static void errors_of_keys(void)
{
	refused(1, 1, "no key is called 'titel'; the keys are title, topic", "titel: T\n");
	refused(2, 1, "'title' stands here twice", "title: T\ntitle: U\n");
	refused(1, 1, "has no 'topic'", "title: T\n");
	refused(1, 8, "topic: 'x' is none of first-steps", "topic: x\n");
	refused(1, 8, "level: '9' is no number from 1 to 5", "level: 9\n");
	refused(1, 17, "kernel: '6.3' is no range", "needs: {kernel: 6.3}\n");
	refused(1, 9, "'nett' is no type", "stage: [nett]\n");
	refused(1, 13, "is none of: process", "actors: {a: proces}\n");
	refused(1, 13, "no process of this name", "actors: {t: thread of a}\n");
	refused(1, 10, "is no name", "actors: {A: process}\n");
	refused(1, 1, "has no steps", HEAD);
	refused(1, 9, "not valid YAML", "title: a: b\n");
	refused(1, 8, "title: a list stands here", "title: [a]\n");
}

static void errors_of_do(void)
{
	step_refused(7, 9, "no actor is called 'c' so far; there are a, b, t", "  - do: c look\n");
	step_refused(7, 11, "no verb is called 'unshar'", "  - do: a unshar NEWUTS\n");
	step_refused(7, 19, "'NEWUT' is no flag", "  - do: a unshare NEWUT|NEWPID\n");
	step_refused(7, 18, "something is missing: unshare FLAGS", "  - do: a unshare\n");
	step_refused(7, 17, "no descriptor is called 'f' so far", "  - do: a setns f\n");
	step_refused(7, 24, "no actor is called 'z'", "  - do: a open uts  of z as f\n");
	step_refused(7, 16, "'x' cannot stand here", "  - do: a fork x\n");
	step_refused(7, 27, "'Kid' is no name", "  - do: a clone NEWUTS as Kid\n");
	step_refused(7, 9, "called 'b' already", "  - do: a fork as b\n");
	step_refused(7, 17, "is no path", "  - do: a mkdir x\n");
	step_refused(7, 18, "no signal is called 'FOO'", "  - do: a kill b FOO\n");
	step_refused(7, 5, "has no 'do'", "  - tell: x\n");
	step_refused(7, 18, "no key is called 'x'", "  - {do: a fork, x: 1}\n");
}

static void errors_of_questions(void)
{
	step_refused(7, 5, "write ask", "  - {do: a look, answer: x}\n");
	step_refused(7, 5, "ask has no answer", "  - {do: a look, ask: x}\n");
	step_refused(7, 5, "the number of the right one, 1 to 2",
		     "  - {do: a look, ask: x, choices: [p, q], answer: 3}\n");
}

#define STEP(expect) "  - do: a unshare NEWUTS\n    expect: " expect "\n"

static void errors_of_expectations(void)
{
	step_refused(8, 14, "no key is called 'change'", STEP("{change: none}"));
	step_refused(8, 22, "'EPREM' is neither ok", STEP("{result: EPREM}"));
	step_refused(8, 24, "'pid' is no slot", STEP("{changes: {pid: created}}"));
	step_refused(8, 29, "is none of created", STEP("{changes: {uts: made}}"));
	step_refused(8, 22, "neither a function", STEP("{steps: [copy_uts created]}"));
	step_refused(8, 22, "failed ERRNO or undone", STEP("{steps: [copy_utsname]}"));
	step_refused(8, 22, "no errno has this name", STEP("{steps: [copy_utsname failed EFOO]}"));
	step_refused(8, 22, "'utz' is no type", STEP("{steps: [create(utz)]}"));
	step_refused(8, 21, "has no closing )", STEP("{steps: [\"create(uts\"]}"));
	step_refused(8, 21, "'m' is no mark so far", STEP("{died: [m]}"));
	step_refused(8, 21, "write SLOT of A and B", STEP("{same: [uts]}"));
	step_refused(8, 22, "no actor is called 'c'", STEP("{tasks: {c: 1}}"));
	step_refused(8, 22, "is no function that is followed", STEP("{never: [foo]}"));
}

static void short_forms_know_the_kernel(void)
{
	static const char *const unborn[] = {"unborn"};
	static const char *const exec[] = {"exec_task_namespaces done", "create()", "S"};
	struct lab_words words = {unborn, 1};
	struct lab_wanted w[LAB_MAX_WANTED];
	char why[300];

	CHECK_NUM(lab_wanted(&words, 6012, w, why, sizeof(why)), 2);
	CHECK_NUM(w[0].fn, NSL_FN_exit_task_namespaces);
	CHECK_NUM(w[1].fn, NSL_FN_free_nsproxy);
	CHECK_NUM(lab_wanted(&words, 6019, w, why, sizeof(why)), 2);
	CHECK_NUM(w[0].fn, NSL_FN_exit_nsproxy_namespaces);
	CHECK_NUM(w[1].fn, NSL_FN_nsproxy_ns_active_put);
	words = (struct lab_words){exec, 3};
	CHECK_NUM(lab_wanted(&words, 6012, w, why, sizeof(why)), 9);
	CHECK_NUM(lab_wanted(&words, 6018, w, why, sizeof(why)), 10);
}

static void versions_are_merged(void)
{
	struct lab_scenario *s = parse_step("  - do: a unshare NEWUTS\n"
					    "    expect:\n"
					    "      - {result: ok, changes: {uts: created}}\n"
					    "      - {kernel: \">=7.1\", result: EINVAL}\n");
	struct lab_expect x;

	if (!s)
		return;
	lab_expect_merge(&s->step[0], 6012, &x);
	CHECK_NUM(x.result[0].kind, LAB_R_OK);
	CHECK_NUM(x.changes[NSL_SLOT_UTS], NSM_HOW_CREATED);
	lab_expect_merge(&s->step[0], 7001, &x);
	CHECK_NUM(x.result[0].kind, LAB_R_ERRNO);
	CHECK_NUM(x.result[0].value, 22);
	CHECK_NUM(x.changes[NSL_SLOT_UTS], NSM_HOW_CREATED);
	lab_scenario_free(s);
}

static void ranges(void)
{
	struct lab_range r;
	char buf[48];

	CHECK(lab_range_parse(">=5.15 <7.1", &r));
	CHECK_STR(lab_range_text(r, buf, sizeof(buf)), ">=5.15 <7.1");
	CHECK(lab_range_parse("=6.12", &r) && lab_in_range(r, 6012) && !lab_in_range(r, 6013));
	CHECK(!lab_range_parse("6.12", &r));
	CHECK(!lab_range_parse(">6.12", &r));
	CHECK(!lab_range_parse("", &r));
	CHECK(!lab_range_parse(">=7.1 <7.0", &r));
	CHECK(!lab_range_parse(">=6.1x", &r));
}

/* Whatever is cut off or damaged must be refused or read, not crash. */
static void damaged_files(void)
{
	static const char good[] =
		HEAD "steps:\n"
		     "  - do: a clone NEWUTS as kid\n"
		     "    mark: {m: uts of kid}\n"
		     "    expect: {same: [uts of kid and m], keepers: {m: [fd]}, "
		     "steps: [N, create(uts)]}\n";
	static const char bytes[] = "\0:{}[],\"'\n\t-&*|>%@`#x9\xff";
	char copy[sizeof(good)];

	for (size_t n = 0; n < sizeof(good); n++)
		lab_scenario_free(lab_scenario_parse("x", good, n, &e));
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
			memcpy(copy, good, sizeof(good));
			copy[n] = bytes[b];
			lab_scenario_free(lab_scenario_parse("x", copy, sizeof(good) - 1, &e));
		}
	}
}

int main(void)
{
	RUN(a_whole_file_is_read);
	RUN(verbs_have_their_arguments);
	RUN(errors_of_head_is_mapping);
	RUN(errors_of_keys);
	RUN(errors_of_do);
	RUN(errors_of_questions);
	RUN(errors_of_expectations);
	RUN(short_forms_know_the_kernel);
	RUN(versions_are_merged);
	RUN(ranges);
	RUN(damaged_files);
	return unit_end();
}
