// SPDX-License-Identifier: GPL-2.0-only
/* JSON Lines: the exact bytes of each kind of line, hostile text, numbers, holes. */
#define _GNU_SOURCE 1
#include <unistd.h>

#include "view_calls.h"
#include "view_check.h"

static const char lines[] =
	"{\"type\":\"start\",\"schema\":\"nslens/1\",\"version\":\"0.1\",\"kernel\":\"6.12.0"
	"\",\"boot_id\":\"5b0d\",\"monotonic\":5000000000000,\"wall_clock\":\"176400000012345"
	"6789\",\"wall_clock_utc\":\"2025-11-24T16:00:00.123456789Z\",\"traces\":\"runc run w"
	"eb and its children\",\"steps\":true,\"hooks\":{\"clone\":\"fentry\",\"copy_mnt_ns\""
	":\"fentry\",\"task exit\":\"tracepoint\",\"free_ipc\":\"none\"},\"missing\":{\"free_"
	"ipc\":\"the moment an ipc namespace dies\"}}\n"
	"{\"type\":\"call\",\"number\":3,\"ts\":21204000,\"duration\":1240000,\"pid\":4128,\""
	"tid\":4128,\"comm\":\"runc:[1:CHILD]\",\"syscall\":\"unshare\",\"compat\":false,\"fl"
	"ags\":[\"CLONE_NEWNS\",\"CLONE_NEWPID\",\"CLONE_NEWUTS\"],\"raw_flags\":\"0x24020000"
	"\",\"ret\":0,\"errno\":null,\"child\":null,\"child_ns_pid\":null,\"nsproxy\":{\"befo"
	"re\":1,\"after\":7},\"slots\":{\"mnt\":{\"before\":{\"ns\":\"mnt:[4026531841]\",\"id"
	"\":1},\"after\":{\"ns\":\"mnt:[4026532602]\",\"id\":21},\"how\":\"created\"},\"uts\""
	":{\"before\":{\"ns\":\"uts:[4026531838]\",\"id\":2},\"after\":{\"ns\":\"uts:[4026532"
	"603]\",\"id\":22},\"how\":\"created\"},\"pid_for_children\":{\"before\":{\"ns\":\"pi"
	"d:[4026531836]\",\"id\":4},\"after\":{\"ns\":\"pid:[4026532604]\",\"id\":23},\"how\""
	":\"created\"}},\"steps\":[{\"fn\":\"unshare_nsproxy_namespaces\",\"outcome\":\"done"
	"\",\"ns\":null,\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"pa"
	"rent\":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,\"unborn\":false},{\"fn\""
	":\"create_new_namespaces\",\"outcome\":\"done\",\"ns\":null,\"duration\":1100000,\"e"
	"rrno\":null,\"nsproxy\":7,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":1"
	",\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_mnt_ns\",\"outcome\":\"created"
	"\",\"ns\":{\"ns\":\"mnt:[4026532602]\",\"id\":21},\"duration\":900000,\"errno\":null"
	",\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":2,\"infer"
	"red\":false,\"unborn\":false},{\"fn\":\"copy_utsname\",\"outcome\":\"created\",\"ns"
	"\":{\"ns\":\"uts:[4026532603]\",\"id\":22},\"duration\":4120,\"errno\":null,\"nsprox"
	"y\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":2,\"inferred\":fal"
	"se,\"unborn\":false},{\"fn\":\"copy_ipcs\",\"outcome\":\"shared\",\"ns\":{\"ns\":\"i"
	"pc:[4026531839]\",\"id\":3},\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owne"
	"r\":null,\"parent\":null,\"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":f"
	"alse},{\"fn\":\"copy_pid_ns\",\"outcome\":\"created\",\"ns\":{\"ns\":\"pid:[40265326"
	"04]\",\"id\":23},\"duration\":31400,\"errno\":null,\"nsproxy\":null,\"owner\":null,"
	"\"parent\":null,\"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":false},{\""
	"fn\":\"copy_cgroup_ns\",\"outcome\":\"shared\",\"ns\":{\"ns\":\"cgroup:[4026531835]"
	"\",\"id\":7},\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"pare"
	"nt\":null,\"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":"
	"\"copy_net_ns\",\"outcome\":\"shared\",\"ns\":{\"ns\":\"net:[4026531840]\",\"id\":5}"
	",\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\""
	"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_time_n"
	"s\",\"outcome\":\"shared\",\"ns\":{\"ns\":\"time:[4026531834]\",\"id\":6},\"duration"
	"\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":213040"
	"00,\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"switch_task_namespaces"
	"\",\"outcome\":\"installed\",\"ns\":null,\"duration\":null,\"errno\":null,\"nsproxy"
	"\":7,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,"
	"\"unborn\":false}],\"cgroup\":null,\"container\":null,\"gap\":false,\"begin_seen\":t"
	"rue,\"end_seen\":true,\"died\":false,\"failure\":null,\"explain\":\"Created mnt, uts"
	" and pid namespaces for the caller. The pid namespace takes effect at the next fork:"
	" the caller stays where it is, its first child becomes pid 1. 5 of the 8 slots of th"
	"e new nsproxy#7 still name the namespaces of nsproxy#1.\"}\n"
	"{\"type\":\"call\",\"number\":4,\"ts\":2500123000,\"duration\":45600,\"pid\":4128,\""
	"tid\":4128,\"comm\":\"runc:[1:CHILD]\",\"syscall\":\"unshare\",\"compat\":false,\"fl"
	"ags\":[\"CLONE_NEWPID\",\"CLONE_NEWUTS\"],\"raw_flags\":\"0x24000000\",\"ret\":-1,\""
	"errno\":\"EINVAL\",\"child\":null,\"child_ns_pid\":null,\"nsproxy\":{\"before\":1,\""
	"after\":1},\"slots\":{},\"steps\":[{\"fn\":\"unshare_nsproxy_namespaces\",\"outcome"
	"\":\"failed\",\"ns\":null,\"duration\":null,\"errno\":\"EINVAL\",\"nsproxy\":null,\""
	"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,\"unborn"
	"\":false},{\"fn\":\"create_new_namespaces\",\"outcome\":\"failed\",\"ns\":null,\"dur"
	"ation\":null,\"errno\":\"EINVAL\",\"nsproxy\":null,\"owner\":null,\"parent\":null,\""
	"ts\":21304000,\"depth\":1,\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_mnt_ns"
	"\",\"outcome\":\"shared\",\"ns\":{\"ns\":\"mnt:[4026531841]\",\"id\":1},\"duration\""
	":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000"
	",\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_utsname\",\"outcome"
	"\":\"created\",\"ns\":{\"ns\":\"uts:[4026532610]\",\"id\":31},\"duration\":null,\"er"
	"rno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\""
	":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_ipcs\",\"outcome\":\"shared\""
	",\"ns\":{\"ns\":\"ipc:[4026531839]\",\"id\":3},\"duration\":null,\"errno\":null,\"ns"
	"proxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":2,\"inferred\""
	":false,\"unborn\":false},{\"fn\":\"copy_pid_ns\",\"outcome\":\"failed\",\"ns\":null,"
	"\"duration\":null,\"errno\":\"EINVAL\",\"nsproxy\":null,\"owner\":null,\"parent\":nu"
	"ll,\"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"copy_c"
	"group_ns\",\"outcome\":\"not reached\",\"ns\":null,\"duration\":null,\"errno\":null,"
	"\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":2,\"inferr"
	"ed\":false,\"unborn\":false},{\"fn\":\"copy_net_ns\",\"outcome\":\"not reached\",\"n"
	"s\":null,\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\""
	":null,\"ts\":21304000,\"depth\":2,\"inferred\":false,\"unborn\":false},{\"fn\":\"put"
	"_uts_ns\",\"outcome\":\"undone\",\"ns\":{\"ns\":\"uts:[4026532610]\",\"id\":31},\"du"
	"ration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":"
	"21304000,\"depth\":2,\"inferred\":true,\"unborn\":false},{\"fn\":\"put_mnt_ns\",\"ou"
	"tcome\":\"undone\",\"ns\":{\"ns\":\"mnt:[4026531841]\",\"id\":1},\"duration\":null,"
	"\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\":null,\"ts\":21304000,\"dep"
	"th\":2,\"inferred\":true,\"unborn\":false}],\"cgroup\":null,\"container\":null,\"gap"
	"\":false,\"begin_seen\":true,\"end_seen\":true,\"died\":false,\"failure\":{\"fn\":\""
	"copy_pid_ns\",\"inferred\":false,\"check\":\"pid_for_children is already another pid"
	" namespace than the task's own: one is pending, whether or not a child was born in it"
	"\",\"remedy\":\"fork first and let the child ask, or setns() back to /proc/self/ns/pid\"},"
	"\"explain\":\"refused by copy_pid_ns: pid_for_children is already another pid namesp"
	"ace than the task's own: one is pending, whether or not a child was born in it. Remedy: "
	"fork first and let the child ask, or setns() back to /proc/self/ns/pid. The new uts nam"
	"espace made before that was put and is gone again. The caller's namespaces are uncha"
	"nged.\"}\n"
	"{\"type\":\"call\",\"number\":5,\"ts\":21204000,\"duration\":999,\"pid\":4128,\"tid"
	"\":4128,\"comm\":\"runc:[1:CHILD]\",\"syscall\":\"setns\",\"compat\":false,\"flags\""
	":[],\"raw_flags\":\"0x0\",\"fd\":5,\"nstype\":0,\"target\":{\"kind\":\"nsfs\",\"ns\""
	":\"net:[4026532700]\",\"id\":40},\"ret\":0,\"errno\":null,\"child\":null,\"child_ns_"
	"pid\":null,\"nsproxy\":{\"before\":1,\"after\":9},\"slots\":{\"net\":{\"before\":{\""
	"ns\":\"net:[4026531840]\",\"id\":5},\"after\":{\"ns\":\"net:[4026532700]\",\"id\":40"
	"},\"how\":\"installed\"}},\"steps\":[{\"fn\":\"create_new_namespaces\",\"outcome\":"
	"\"done\",\"ns\":null,\"duration\":null,\"errno\":null,\"nsproxy\":9,\"owner\":null,"
	"\"parent\":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,\"unborn\":false},{\""
	"fn\":\"netns_install\",\"outcome\":\"installed\",\"ns\":{\"ns\":\"net:[4026532700]\""
	",\"id\":40},\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"paren"
	"t\":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,\"unborn\":false},{\"fn\":\""
	"switch_task_namespaces\",\"outcome\":\"installed\",\"ns\":null,\"duration\":null,\"e"
	"rrno\":null,\"nsproxy\":9,\"owner\":null,\"parent\":null,\"ts\":21304000,\"depth\":0"
	",\"inferred\":false,\"unborn\":false},{\"fn\":\"put_nsset\",\"outcome\":\"done\",\"n"
	"s\":null,\"duration\":null,\"errno\":null,\"nsproxy\":null,\"owner\":null,\"parent\""
	":null,\"ts\":21304000,\"depth\":0,\"inferred\":false,\"unborn\":false}],\"cgroup\":n"
	"ull,\"container\":null,\"gap\":false,\"begin_seen\":true,\"end_seen\":true,\"died\":"
	"false,\"failure\":null,\"explain\":\"Joined the net namespace. setns changed a priva"
	"te copy, nsproxy#9, and switched to it in one go: all of it or nothing. 7 of the 8 s"
	"lots of the new nsproxy#9 still name the namespaces of nsproxy#1.\"}\n";

static void calls(struct checks *c)
{
	struct nsv_start start = a_start();
	struct unshare_story made;
	struct failure_story refused;
	struct setns_story joined;
	struct screen s;

	unshare_three(&made);
	unshare_refused(&refused);
	setns_net(&joined);
	screen_open(&s, NSV_JSON, 80, true);
	nsv_start(s.view, &start);
	check(c, "start is flushed at once", s.len > 0, "nothing written");
	s.sink.call(s.sink.ctx, &made.call);
	s.sink.call(s.sink.ctx, &refused.call);
	s.sink.call(s.sink.ctx, &joined.call);
	check_text(c, "start and calls", screen_text(&s), lines);
	screen_close(&s);
}

static void show_rest(struct screen *s)
{
	static struct nsm_counts counts = {.events = 120, .lost = 12, .calls = 4};
	static const struct nsv_cost cost[] = {{"tp_newtask", 900, 20000}};
	static const char *const alive[] = {"1234 \"conmon\""};
	struct nsm_task_event task = {.ts = START_NS - 5,
				      .event = NSL_TASK_NEW,
				      .pid = 4130,
				      .tid = 4131,
				      .parent_pid = 4128,
				      .comm = "a\"b",
				      .nsproxy = 7,
				      .ns_pid = 1,
				      .ns_tid = 2};
	struct nsm_ns_event ns = {.ts = AT(1),
				  .type = NSL_PID,
				  .ns = ref(23, 4026532604),
				  .owner = ref(8, 4026531837),
				  .parent = ref(4, 4026531836),
				  .by_pid = 4128,
				  .by_comm = "sh"};
	struct nsm_lost lost = {AT(2), UINT64_MAX, NSL_HOOK_STEP};
	struct nsv_end end = {.counts = &counts,
			      .forks = 88,
			      .duration_ns = 2700000000,
			      .cost = cost,
			      .ncost = 1,
			      .hint = "h",
			      .alive = alive,
			      .nalive = 1};

	counts.by_syscall[NSL_SYS_UNSHARE] = 3;
	counts.ok[NSL_SYS_UNSHARE] = 1;
	counts.by_errno[NSL_SYS_UNSHARE][EINVAL] = 1;
	counts.by_errno[NSL_SYS_UNSHARE][0] = 1;
	s->sink.task(s->sink.ctx, &task);
	s->sink.ns(s->sink.ctx, &ns);
	ns.destroyed = true;
	ns.owner = ns.parent = ref(0, 0);
	s->sink.ns(s->sink.ctx, &ns);
	s->sink.lost(s->sink.ctx, &lost);
	nsv_end(s->view, &end);
}

static void rest(struct checks *c)
{
	struct nsv_start start = a_start();
	struct screen s;
	size_t from;

	screen_open(&s, NSV_JSON, 0, false);
	nsv_start(s.view, &start);
	from = s.len;
	show_rest(&s);
	check_text(
		c, "task, ns, lost and end", screen_text(&s) + from,
		"{\"type\":\"task\",\"ts\":-5,\"event\":\"new\",\"pid\":4130,\"tid\":4131,\"paren"
		"t_pid\":4128,\"comm\":\"a\\\"b\",\"nsproxy\":7,\"ns_pid\":1,\"ns_tid\":2}\n"
		"{\"type\":\"ns\",\"ts\":1000,\"event\":\"created\",\"ns\":\"pid:[4026532604]\","
		"\"id\":23,\"owner\":{\"ns\":\"user:[4026531837]\",\"id\":8},\"parent\":{\"ns\":"
		"\"pid:[4026531836]\",\"id\":4},\"by\":{\"pid\":4128,\"comm\":\"sh\"},\"cause\":n"
		"ull}\n"
		"{\"type\":\"ns\",\"ts\":1000,\"event\":\"destroyed\",\"ns\":\"pid:[4026532604]\""
		",\"id\":23,\"owner\":null,\"parent\":null,\"by\":null,\"cause\":null}\n"
		"{\"type\":\"lost\",\"ts\":2000,\"count\":\"18446744073709551615\",\"hook\":\"ste"
		"p\"}\n"
		"{\"type\":\"end\",\"duration\":2700000000,\"counts\":{\"events\":120,\"lost\":12"
		",\"missed\":0,\"calls\":4,\"milestones\":0,\"forks\":88,\"by_syscall\":{"
		"\"unshare\":{\"calls\":3,"
		"\"ok\":1,\"er"
		"rors\":{\"other\":1,\"EINVAL\":1}}},\"created\":{\"mnt\":0,\"uts\":0,\"ipc\":0,"
		"\"pid\":0,\"cgroup\":0,\"net\":0,\"time\":0,\"user\":0},\"destroyed\":{\"mnt\":0"
		",\"uts\":0,\"ipc\":0,\"pid\":0,\"cgroup\":0,\"net\":0,\"time\":0,\"user\":0}},\""
		"cost\":[{\"program\":\"tp_newtask\",\"runs\":900,\"ns\":20000}],\"hint\":\"h\","
		"\"alive\":[\"1234 \\\"conmon\\\"\"]}\n");
	screen_close(&s);
}

static void hostile(struct checks *c)
{
	static const struct {
		const char *name, *comm, *want;
	} rows[] = {
		{"escape sequence", "\033[2J", "\"comm\":\"\\u001b[2J\""},
		{"quote and backslash", "\"\\", "\"comm\":\"\\\"\\\\\""},
		{"newline", "a\nb", "\"comm\":\"a\\nb\""},
		{"invalid UTF-8", "a\xff\xc3", "\"comm\":\"a\\ufffd\\ufffd\""},
		{"surrogate", "\xed\xa0\x80", "\"comm\":\"\\ufffd\\ufffd\\ufffd\""},
		{"script", "</script>", "\"comm\":\"\\u003c/script>\""},
		{"valid UTF-8", "caf\xc3\xa9", "\"comm\":\"caf\xc3\xa9\""},
		{"delete", "\x7f", "\"comm\":\"\\u007f\""},
		{"line separator", "\xe2\x80\xa8", "\"comm\":\"\\u2028\""},
		{"beyond the first plane", "\xf3\xa0\x80\x81", "\"comm\":\"\\udb40\\udc01\""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nsm_call call = a_call(NSL_SYS_FORK, 0);
		struct screen s;

		snprintf(call.comm, sizeof(call.comm), "%s", rows[i].comm);
		screen_open(&s, NSV_JSON, 0, false);
		s.sink.call(s.sink.ctx, &call);
		check(c, rows[i].name, strstr(screen_text(&s), rows[i].want), "%s", s.text);
		screen_close(&s);
	}
}

static void has(struct checks *c, const char *name, const char *text, const char *want)
{
	check(c, name, strstr(text, want), "not found: %s in\n%s", want, text);
}

/* What is not known is null. */
static void holes(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_SETNS, NSL_NEWUTS | NSL_NEWPID);
	struct nsv_start start = a_start();
	struct screen s;

	call.has_views = false;
	call.end_seen = false;
	call.duration = NSM_DURATION_UNKNOWN;
	call.target_kind = NSL_TARGET_PIDFD;
	call.target_pid = 99;
	start.steps = false;
	screen_open(&s, NSV_JSON, 0, false);
	nsv_start(s.view, &start);
	s.sink.call(s.sink.ctx, &call);
	has(c, "no views", screen_text(&s), "\"nsproxy\":null,\"slots\":null");
	has(c, "no steps with tracepoints", s.text, "\"steps\":null");
	has(c, "no result", s.text, "\"ret\":null,\"errno\":null");
	has(c, "no duration", s.text, "\"duration\":null");
	has(c, "pidfd target", s.text, "\"target\":{\"kind\":\"pidfd\",\"pid\":99}");
	has(c, "flags are sorted", s.text, "\"flags\":[\"CLONE_NEWPID\",\"CLONE_NEWUTS\"]");
	call.end_seen = true;
	call.err = 4095;
	call.child = 4130;
	s.sink.call(s.sink.ctx, &call);
	has(c, "errno without a name", screen_text(&s), "\"errno\":\"4095\"");
	has(c, "child", s.text, "\"child\":4130");
	screen_close(&s);
}

/* Every line through jq, where there is one. */
static void by_jq(struct checks *c)
{
	struct nsv_options options = {.style = NSV_JSON};
	struct failure_story refused;
	struct screen s = {0};
	char path[] = "/tmp/nslens-view-json-XXXXXX", command[256];

	if (system("command -v jq >/dev/null 2>&1")) {
		printf("skip jq: it is not installed\n");
		return;
	}
	int fd = mkstemp(path);

	if (!check(c, "temporary file", fd >= 0, "%s", strerror(errno)))
		return;
	s.out = fdopen(fd, "w");
	s.view = nsv_new(s.out, &options);
	s.sink = nsv_sink(s.view);
	struct nsv_start start = a_start();

	nsv_start(s.view, &start);
	unshare_refused(&refused);
	for (int byte = 1; byte < 256; byte++) {
		snprintf(refused.call.comm, sizeof(refused.call.comm), "%c%c\xe2\x82", byte, byte);
		refused.call.cgroup_path = refused.call.comm;
		s.sink.call(s.sink.ctx, &refused.call);
	}
	show_rest(&s);
	nsv_free(s.view);
	fclose(s.out);
	snprintf(command, sizeof(command),
		 "test $(jq -e .type %s | wc -l) = $(wc -l <%s) && test $(wc -l <%s) = 261", path,
		 path, path);
	check(c, "jq reads every line", !system(command), "see %s", path);
	unlink(path);
}

int main(void)
{
	struct checks c = {0};

	calls(&c);
	rest(&c);
	hostile(&c);
	holes(&c);
	by_jq(&c);
	return finish(&c);
}
