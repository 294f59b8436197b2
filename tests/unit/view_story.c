// SPDX-License-Identifier: GPL-2.0-only
/* The story and its brief form, byte by byte; widths, colour, hostile names. */
#define _GNU_SOURCE 1
#include "../../user/view/utf8.h"
#include "view_calls.h"
#include "view_check.h"

static const char story_80[] =
	"nslens 0.1 on Linux 6.12.0 traces runc run web and its children  (facts:\n"
	"   2 by fentry, 1 by tracepoint, 1 not seen)\n"
	"\n"
	"── #3  +21.204 ms  runc:[1:CHILD] 4128  unshare(CLONE_NEWNS|CLONE_NEWUTS\n"
	"      |CLONE_NEWPID) = 0   1.24 ms\n"
	"   unshare_nsproxy_namespaces       done\n"
	"     create_new_namespaces          done         1.10 ms    nsproxy#7\n"
	"       copy_mnt_ns                  created      900 µs     mnt:[4026532602]\n"
	"       copy_utsname                 created      4.12 µs    uts:[4026532603]\n"
	"       copy_ipcs                    shared\n"
	"       copy_pid_ns                  created      31.4 µs    pid:[4026532604]\n"
	"       copy_cgroup_ns, copy_net_ns, copy_time_ns   shared\n"
	"   switch_task_namespaces           installed               nsproxy#7\n"
	"   nsproxy#1 → nsproxy#7   mnt [host] → 4026532602   uts [host] → 4026532603\n"
	"     pid_for_children [host] → 4026532604\n"
	"   Created mnt, uts and pid namespaces for the caller. The pid namespace takes\n"
	"   effect at the next fork: the caller stays where it is, its first child\n"
	"   becomes pid 1. 5 of the 8 slots of the new nsproxy#7 still name the\n"
	"   namespaces of nsproxy#1.\n"
	"\n"
	"── #4  +2.500123 s  runc:[1:CHILD] 4128  unshare(CLONE_NEWUTS|CLONE_NEWPID)\n"
	"      = -1 EINVAL   45.6 µs\n"
	"   unshare_nsproxy_namespaces       failed                  EINVAL\n"
	"     create_new_namespaces          failed                  EINVAL\n"
	"       copy_mnt_ns                  shared\n"
	"       copy_utsname                 created                 uts:[4026532610]\n"
	"       copy_ipcs                    shared\n"
	"       copy_pid_ns                  failed                  EINVAL\n"
	"       copy_cgroup_ns, copy_net_ns  not reached\n"
	"       put_uts_ns                   undone       (inferred) uts:[4026532610]\n"
	"       put_mnt_ns                   undone       (inferred) mnt:[4026531841]\n"
	"   refused by copy_pid_ns: pid_for_children is already another pid namespace\n"
	"   than the task's own: one is pending, whether or not a child was born in it.\n"
	"   Remedy: fork first and let the child ask, or setns() back to\n"
	"   /proc/self/ns/pid. The new uts namespace made before that was put and is gone\n"
	"   again. The caller's namespaces are unchanged.\n"
	"\n"
	"── #5  +21.204 ms  runc:[1:CHILD] 4128  setns(5 → net:[4026532700], 0) = 0\n"
	"      999 ns\n"
	"   create_new_namespaces            done                    nsproxy#9\n"
	"   netns_install                    installed               net:[4026532700]\n"
	"   switch_task_namespaces           installed               nsproxy#9\n"
	"   put_nsset                        done\n"
	"   nsproxy#1 → nsproxy#9   net [host] → 4026532700\n"
	"   Joined the net namespace. setns changed a private copy, nsproxy#9, and\n"
	"   switched to it in one go: all of it or nothing. 7 of the 8 slots of the new\n"
	"   nsproxy#9 still name the namespaces of nsproxy#1.\n"
	"\n";

static const char story_100_ascii[] =
	"nslens 0.1 on Linux 6.12.0 traces runc run web and its children  (facts: 2 by fentry"
	",\n"
	"   1 by tracepoint, 1 not seen)\n"
	"\n"
	"-- #3  +21.204 ms  runc:[1:CHILD] 4128  unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWPI"
	"D) = 0   1.24 ms\n"
	"   unshare_nsproxy_namespaces       done\n"
	"     create_new_namespaces          done         1.10 ms    nsproxy#7\n"
	"       copy_mnt_ns                  created      900 us     mnt:[4026532602]\n"
	"       copy_utsname                 created      4.12 us    uts:[4026532603]\n"
	"       copy_ipcs                    shared\n"
	"       copy_pid_ns                  created      31.4 us    pid:[4026532604]\n"
	"       copy_cgroup_ns, copy_net_ns, copy_time_ns   shared\n"
	"   switch_task_namespaces           installed               nsproxy#7\n"
	"   nsproxy#1 -> nsproxy#7   mnt [host] -> 4026532602   uts [host] -> 4026532603\n"
	"     pid_for_children [host] -> 4026532604\n"
	"   Created mnt, uts and pid namespaces for the caller. The pid namespace takes effec"
	"t at the next\n"
	"   fork: the caller stays where it is, its first child becomes pid 1. 5 of the 8 slo"
	"ts of the new\n"
	"   nsproxy#7 still name the namespaces of nsproxy#1.\n"
	"\n"
	"-- #4  +2.500123 s  runc:[1:CHILD] 4128  unshare(CLONE_NEWUTS|CLONE_NEWPID) = -1 EIN"
	"VAL   45.6 us\n"
	"   unshare_nsproxy_namespaces       failed                  EINVAL\n"
	"     create_new_namespaces          failed                  EINVAL\n"
	"       copy_mnt_ns                  shared\n"
	"       copy_utsname                 created                 uts:[4026532610]\n"
	"       copy_ipcs                    shared\n"
	"       copy_pid_ns                  failed                  EINVAL\n"
	"       copy_cgroup_ns, copy_net_ns  not reached\n"
	"       put_uts_ns                   undone       (inferred) uts:[4026532610]\n"
	"       put_mnt_ns                   undone       (inferred) mnt:[4026531841]\n"
	"   refused by copy_pid_ns: pid_for_children is already another pid namespace than th"
	"e task's own:\n"
	"   one is pending, whether or not a child was born in it. Remedy: fork first and let"
	" the child ask,\n"
	"   or setns() back to /proc/self/ns/pid. The new uts namespace made before that was "
	"put and is gone\n"
	"   again. The caller's namespaces are unchanged.\n"
	"\n"
	"-- #5  +21.204 ms  runc:[1:CHILD] 4128  setns(5 -> net:[4026532700], 0) = 0   999 ns\n"
	"   create_new_namespaces            done                    nsproxy#9\n"
	"   netns_install                    installed               net:[4026532700]\n"
	"   switch_task_namespaces           installed               nsproxy#9\n"
	"   put_nsset                        done\n"
	"   nsproxy#1 -> nsproxy#9   net [host] -> 4026532700\n"
	"   Joined the net namespace. setns changed a private copy, nsproxy#9, and switched t"
	"o it in one go:\n"
	"   all of it or nothing. 7 of the 8 slots of the new nsproxy#9 still name the namesp"
	"aces of\n"
	"   nsproxy#1.\n"
	"\n";

static const char brief[] =
	"nslens 0.1 on Linux 6.12.0 traces runc run web and its children  (facts:\n"
	"   2 by fentry, 1 by tracepoint, 1 not seen)\n"
	"\n"
	"+21.204 ms  runc:[1:CHILD] 4128  unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWPID) = 0 "
	" 1.24 ms  nsproxy#1→#7  +mnt:[4026532602] +uts:[4026532603] +pid_for_children:[40265"
	"32604]\n"
	"+2.500123 s  runc:[1:CHILD] 4128  unshare(CLONE_NEWUTS|CLONE_NEWPID) = -1 EINVAL  45"
	".6 µs  refused by copy_pid_ns: pid_for_children is already another pid namespace tha"
	"n the task's own: one is pending, whether or not a child was born in it\n"
	"+21.204 ms  runc:[1:CHILD] 4128  setns(5 → net:[4026532700], 0) = 0  999 ns  nsproxy"
	"#1→#9  >net:[4026532700]\n";

static void show_three(struct screen *s)
{
	struct nsv_start start = a_start();
	struct unshare_story made;
	struct failure_story refused;
	struct setns_story joined;

	unshare_three(&made);
	unshare_refused(&refused);
	setns_net(&joined);
	nsv_start(s->view, &start);
	s->sink.call(s->sink.ctx, &made.call);
	s->sink.call(s->sink.ctx, &refused.call);
	s->sink.call(s->sink.ctx, &joined.call);
}

static void golden(struct checks *c, const char *name, enum nsv_style style, int width,
		   const char *locale, const char *want)
{
	struct screen s;

	setenv("LC_ALL", locale, 1);
	screen_open(&s, style, width, false);
	show_three(&s);
	check_text(c, name, screen_text(&s), want);
	screen_close(&s);
}

static int widest(const char *text)
{
	int most = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[4096];

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (nsv_utf8_width(line) > most)
			most = nsv_utf8_width(line);
		text += len + (text[len] == '\n');
	}
	return most;
}

static bool ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* A counts table that fills every line of the summary. */
static void show_end(struct screen *s, uint64_t lost)
{
	static struct nsm_counts counts;
	static const struct nsv_cost cost[] = {
		{"fexit_copy_mnt_ns", 12, 14000}, {"tp_newtask", 900, 20000}, {"never_ran", 0, 0}};
	static const char *const alive[] = {"1234 conmon", "77 \033]0;x\007"};
	struct nsv_end end = {.counts = &counts,
			      .forks = 88,
			      .duration_ns = 2700000000,
			      .cost = cost,
			      .ncost = 3,
			      .hint = "A daemon did the work: try --all or --container NAME.",
			      .alive = alive,
			      .nalive = 2};

	counts = (struct nsm_counts){.events = 120, .calls = 4, .lost = lost};
	counts.by_syscall[NSL_SYS_UNSHARE] = 3;
	counts.ok[NSL_SYS_UNSHARE] = 1;
	counts.by_errno[NSL_SYS_UNSHARE][EINVAL] = 1;
	counts.by_errno[NSL_SYS_UNSHARE][0] = 1;
	counts.created[NSL_UTS] = 2;
	counts.destroyed[NSL_UTS] = 1;
	nsv_end(s->view, &end);
}

static void show_events(struct screen *s)
{
	struct nsm_task_event exec = {.ts = AT(23000),
				      .event = NSL_TASK_EXEC,
				      .pid = 4130,
				      .tid = 4130,
				      .comm = "sh",
				      .nsproxy = 7,
				      .ns_pid = 1};
	struct nsm_task_event elsewhere = exec;
	struct nsm_ns_event born = {.ts = AT(24000), .type = NSL_UTS, .ns = ref(22, 4026532603)};
	struct nsm_ns_event dead = born;
	struct nsm_lost lost = {AT(25000), 12, NSL_HOOK_STEP};
	struct nsm_call exit_of_one = a_call(NSL_SYS_EXIT, 0);

	elsewhere.nsproxy = 8;
	dead.destroyed = true;
	s->sink.task(s->sink.ctx, &exec);
	s->sink.task(s->sink.ctx, &elsewhere);
	s->sink.ns(s->sink.ctx, &born);
	s->sink.ns(s->sink.ctx, &dead);
	s->sink.lost(s->sink.ctx, &lost);
	s->sink.call(s->sink.ctx, &exit_of_one); /* not without `exits` */
}

static void widths(struct checks *c)
{
	for (int width = 40; width <= 120; width += 20) {
		struct screen s;
		char name[64];

		screen_open(&s, NSV_STORY, width, false);
		show_three(&s);
		show_events(&s);
		show_end(&s, 3);
		snprintf(name, sizeof(name), "no line wider than %d", width);
		check(c, name, widest(screen_text(&s)) <= width, "%d", widest(s.text));
		screen_close(&s);
	}
	struct screen s;

	screen_open(&s, NSV_STORY, 0, false);
	show_three(&s);
	check(c, "width 0 does not wrap", widest(screen_text(&s)) > 200, "%d", widest(s.text));
	screen_close(&s);
}

static void colour(struct checks *c)
{
	struct screen with, without;
	char *bare, *p;

	screen_open(&with, NSV_STORY, 80, true);
	screen_open(&without, NSV_STORY, 80, false);
	show_three(&with);
	show_three(&without);
	show_events(&with);
	show_events(&without);
	show_end(&with, 3);
	show_end(&without, 3);
	check(c, "no escape without colour", !strchr(screen_text(&without), '\033'), "found");
	check(c, "escapes with colour", strstr(screen_text(&with), "\033[38;5;178m"), "none");
	check(c, "failures are red", strstr(with.text, "\033[31m= -1 EINVAL\033[0m"), "not found");
	bare = p = strdup(with.text);
	for (char *in = bare; *in; in++) {
		if (*in == '\033')
			in = strchr(in, 'm');
		else
			*p++ = *in;
	}
	*p = '\0';
	check_text(c, "colour carries no meaning", bare, without.text);
	free(bare);
	screen_close(&with);
	screen_close(&without);
}

static void hostile(struct checks *c)
{
	static const struct {
		const char *name, *comm, *want;
	} names[] = {
		{"escape sequence", "\033[2Jgone", "\\x1b[2Jgone"},
		{"newline and tab", "a\nb\tc", "a\\nb\\tc"},
		{"quotes and backslash", "\"'\\", "\"'\\\\"},
		{"invalid UTF-8", "a\xff\xc3", "a\\xff\\xc3"},
		{"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
		{"C1 control",
		 "\xc2\x9b"
		 "31m",
		 "\\u009b31m"},
		{"right to left override",
		 "a\xe2\x80\xae"
		 "b",
		 "a\\u202eb"},
		{"valid UTF-8", "caf\xc3\xa9", "caf\xc3\xa9"},
		{"script", "<script>", "<script>"},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct screen s;
		struct nsm_call call = a_call(NSL_SYS_FORK, 0);
		char line[128];

		snprintf(call.comm, sizeof(call.comm), "%s", names[i].comm);
		call.container = call.cgroup_path = names[i].comm;
		screen_open(&s, NSV_STORY, 80, false);
		s.sink.call(s.sink.ctx, &call);
		snprintf(line, sizeof(line), "  %s 4128  fork()", names[i].want);
		check(c, names[i].name,
		      strstr(screen_text(&s), line) && !strchr(s.text, '\033') &&
			      !strstr(s.text, "\xc2\x9b") && !strchr(s.text, '\xff'),
		      "%s", s.text);
		screen_close(&s);
	}
	setenv("LC_ALL", "C", 1);
	struct screen s;

	screen_open(&s, NSV_STORY, 80, false);
	show_three(&s);
	show_events(&s);
	show_end(&s, 0);
	check(c, "ASCII where the locale is not UTF-8", ascii(screen_text(&s)), "%s", s.text);
	screen_close(&s);
	setenv("LC_ALL", "C.UTF-8", 1);
}

static void has(struct checks *c, const char *name, const char *text, const char *want)
{
	check(c, name, strstr(text, want), "not found: %s in\n%s", want, text);
}

static void around(struct checks *c)
{
	struct screen s;
	struct nsv_start start = a_start();

	screen_open(&s, NSV_STORY, 80, false);
	show_three(&s);
	show_events(&s);
	show_end(&s, 12);
	has(c, "exec inside", screen_text(&s),
	    "   +23.000 ms  sh 4130 (pid 1 in its pid namespace) runs a new program in\n"
	    "      nsproxy#7\n");
	check(c, "exec elsewhere is not told", !strstr(s.text, "nsproxy#8"), "%s", s.text);
	has(c, "death", s.text, "   +24.000 ms  uts:[4026532603] destroyed\n");
	has(c, "loss", s.text, "   +25.000 ms  12 events lost here (step hooks)\n\n");
	check(c, "exits are left out", !strstr(s.text, "4128  exit"), "%s", s.text);
	has(c, "counts by errno", s.text, "   unshare    1 ok  1 other errors  1 EINVAL\n");
	has(c, "created", s.text, "   created    uts 2\n");
	has(c, "forks", s.text, "   forks      88 counted, not shown\n");
	has(c, "lost is shown", s.text, "   lost       12 of 132 events\n");
	has(c, "cost", s.text, "     total                                  912    34.0 \u00b5s");
	has(c, "alive", s.text, "   Still running: 1234 conmon, 77 \\x1b]0;x\\x07\n");
	has(c, "hint", s.text, "   A daemon did the work: try --all or --container NAME.\n");
	screen_close(&s);

	start.steps = false;
	screen_open(&s, NSV_BRIEF, 80, false);
	nsv_start(s.view, &start);
	show_end(&s, 0);
	has(c, "head of tracepoints only", screen_text(&s), "Only tracepoints work");
	has(c, "deaths cannot be seen", s.text, "   destroyed  cannot be seen here\n");
	has(c, "no loss is shown too", s.text, "   lost       0 of 120 events\n");
	screen_close(&s);
}

static void shapes(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_CLONE, NSL_NEWPID | 0x100 | 17);
	struct nsm_step step = a_step(NSL_FN_copy_utsname, 2, NSM_CREATED);
	struct screen s;

	screen_open(&s, NSV_STORY, 0, false);
	call.child = 4130;
	call.ret = 12;
	call.tid = 4129;
	call.ts = START_NS - 1500000;
	call.compat = true;
	s.sink.call(s.sink.ctx, &call);
	has(c, "clone", screen_text(&s),
	    "4128/4129  clone(CLONE_NEWPID|CLONE_VM|SIGCHLD) [32-bit] = 12 (child 4130)");

	call = a_call(NSL_SYS_UNSHARE, NSL_NEWUTS | 0x8);
	call.end_seen = false;
	call.duration = NSM_DURATION_UNKNOWN;
	step.type = NSL_UTS;
	step.ns = ref(22, 4026532603);
	step.owner = ref(60, 4026532777);
	step.inferred = true;
	call.steps = &step;
	call.nsteps = 1;
	s.sink.call(s.sink.ctx, &call);
	has(c, "unfinished", screen_text(&s), "unshare(CLONE_NEWUTS|0x8) = ? (unfinished)\n");
	has(c, "owner and inferred", s.text,
	    "(inferred) uts:[4026532603]  owner user:[4026532777]\n");
	screen_close(&s);

	screen_open(&s, NSV_STORY, 80, false);
	struct nsv_start start = a_start();

	nsv_start(s.view, &start);
	call.ts = START_NS - 1500000;
	s.sink.call(s.sink.ctx, &call);
	has(c, "before the start", screen_text(&s), "#3  -1.500 ms  ");
	screen_close(&s);
}

static void durations(struct checks *c)
{
	static const struct {
		int64_t ns;
		const char *want;
	} rows[] = {
		{0, "0 ns"},
		{999, "999 ns"},
		{1000, "1.00 \u00b5s"},
		{9994, "9.99 \u00b5s"},
		{9996, "10.0 \u00b5s"},
		{99960, "100 \u00b5s"},
		{999499, "999 \u00b5s"},
		{999500, "1.00 ms"},
		{12345678, "12.3 ms"},
		{1240000000, "1.24 s"},
		{123456000000, "123 s"},
		{7200000000000, "7200 s"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nsm_call call = a_call(NSL_SYS_FORK, 0);
		struct screen s;
		char want[64];

		call.duration = rows[i].ns;
		screen_open(&s, NSV_BRIEF, 0, false);
		s.sink.call(s.sink.ctx, &call);
		snprintf(want, sizeof(want), "fork() = 0  %s\n", rows[i].want);
		has(c, rows[i].want, screen_text(&s), want);
		screen_close(&s);
	}
}

static void broken_output(struct checks *c)
{
	struct nsv_options options = {.style = NSV_STORY};
	FILE *full = fopen("/dev/full", "w");
	struct nsv *v = nsv_new(full, &options);
	struct nsv_start start = a_start();

	nsv_start(v, &start);
	check(c, "a full disk is reported", nsv_flush(v) == ENOSPC, "%d", nsv_flush(v));
	nsv_free(v);
	fclose(full);
}

int main(void)
{
	struct checks c = {0};

	golden(&c, "story, 80 columns", NSV_STORY, 80, "C.UTF-8", story_80);
	golden(&c, "story, 100 columns, ASCII", NSV_STORY, 100, "C", story_100_ascii);
	golden(&c, "brief", NSV_BRIEF, 80, "C.UTF-8", brief);
	widths(&c);
	colour(&c);
	hostile(&c);
	around(&c);
	shapes(&c);
	durations(&c);
	broken_output(&c);
	return finish(&c);
}
