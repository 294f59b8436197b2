// SPDX-License-Identifier: GPL-2.0-only
/* The rails and the trees as text, byte by byte: wide, narrow, ASCII, filtered. */
#define _GNU_SOURCE 1
#include "../../user/view/graph_view.h"
#include "../../user/view/utf8.h"
#include "unit.h"
#include "view_graph_machine.h"

/* clang-format off */
static const char wide[] =
	" Linux 6.12.0: 9 nsproxies, 43 namespaces, 167 tasks (142 initial), 1 zombie\n"
	"\n"
	" TASKS                                    user    NSPROXY    mnt      uts      ipc      pid*     net      cgroup time*\n"
	" 1 systemd ×5 … and 137 more host tasks  ─host───┬[144 #1 ]──host─────host─────host─────host─────host─────host───host──\n"
	" 4128 runc:[1:CHILD]                     ──│3601─┘                     │        │        │        │        │      │\n"
	" 411 systemd-udevd                       ──●──────[  1 #3 ]────3201────●────────●────────●────────●────────●──────●────\n"
	" 655 systemd-timesyn ×2                  ──●──────[  2 #4 ]────3202─────3203────●────────●────────●────────●──────●────\n"
	" 2210 postgres ×7 (4f0c2a1b9d8e) in 3207 ──●──────[  7 #7 ]────3204─────3205─────3206─────3207─────3208────│3209──●────\n"
	" 2240 pgbouncer (4f0c2a1b9d8e) 9 in 3207 ──●──────[  1 #8 ]─────│3214────●────────●────────●────────●──────│─●────●────\n"
	" 2330 nginx ×4 (77aa55cc33ee)    in 3307 ──│3310──[  4 #9 ]─────│3304────│3305────│3306────│3307────│3308──│3309──●────\n"
	" 2430 init, postfix ×5, dovecot  in 3407 ──●──────[  9 #11]─────│3404────│3405────│3406────│3407────│3408──│3409──●────\n"
	" 3900 nsenter (4f0c2a1b9d8e)             ──●──────[  1 #13]─────●────────●────────●────────●!───────●──────●──────●3701!\n"
	" (building for 4128 runc:[1:CHILD])      ┄┄┄┄┄┄┄┄┄[  1 #? ]┄┄┄┄3602┄┄┄┄┄3603┄┄┄┄┄3604┄┄┄┄┄3605┄┄┄┄┄3606┄┄┄┄●┄┄┄┄┄····┄┄\n"
	" 2217 sh (4f0c2a1b9d8e)     2217 in 3207 ·host····zombie\n"
	" no task: mounted at /run/netns/blue                                                               3801\n"
	" no task: fd 31 of 1612 dockerd                                                                    3802\n"
	" no task: has 1 child                       3803\n"
	" no task: owns 1                            3804\n"
	" no task: fd 5 of 1600 bash                                             3805\n"
	"\n"
	" nsproxy#13: pid* 3207 takes effect at the next fork: the child is born there, 3900 nsenter stays in host\n"
	" nsproxy#13: time* 3701 takes effect at the next fork / exec; until then it is host\n"
	"\n"
	" [3 #7] nsproxy#7, count 3   2604 namespace: end of its inode number   host: initial one   ● used here\n"
	" pid* time* for children   ! not yet in effect   ┄┄ being built\n";

static const char narrow[] =
	" Linux 6.12.0: 9 nsproxies, 43 namespaces, 167 tasks (142 initial), 1 zombie\n"
	"\n"
	" TASKS                      user  NSPROXY    mnt  uts  ipc  pid* net  cgrp tim*\n"
	" 1 systemd ×5, syste… +129 ─host─┬[144 #1 ]──host─host─host─host─host─host─host\n"
	" 4128 runc:[1:CHILD]       ─3601─┘                 │    │    │    │    │    │\n"
	" 411 systemd-udevd         ──●────[  1 #3 ]──3201──●────●────●────●────●────●──\n"
	" 655 systemd-timesyn ×2    ──●────[  2 #4 ]──3202─3203──●────●────●────●────●──\n"
	" 2210 postgres ×7  in 3207 ──●────[  7 #7 ]──3204─3205─3206─3207─3208─3209──●──\n"
	" 2240 pgbouncer  9 in 3207 ──●────[  1 #8 ]──3214─3205─3206─3207─3208─3209──●──\n"
	" 2330 nginx ×4     in 3307 ─3310──[  4 #9 ]──3304─3305─3306─3307─3308─3309──●──\n"
	" 2430 init, postf… in 3407 ──●────[  9 #11]──3404─3405─3406─3407─3408─3409──●──\n"
	" 3900 nsenter              ──●────[  1 #13]──3204─3205─3206─3207!3208──●───3701!\n"
	" (building for 4128 runc:[…┄┄┄┄┄┄┄[  1 #? ]┄┄3602┄3603┄3604┄3605┄3606┄┄●┄┄┄····\n"
	" 2217 sh      2217 in 3207 ·host··zombie\n"
	" no task: mounted at /run/netns/blue                             3801\n"
	" no task: fd 31 of 1612 dockerd                                  3802\n"
	" no task: has 1 child       3803\n"
	" no task: owns 1            3804\n"
	" no task: fd 5 of 1600 bash                       3805\n"
	"\n"
	" nsproxy#13: pid* 3207 takes effect at the next fork: the child is born there,\n"
	"   3900 nsenter stays in host\n"
	" nsproxy#13: time* 3701 takes effect at the next fork / exec; until then it is\n"
	"   host\n"
	"\n"
	" [3 #7] nsproxy#7, count 3   2604 namespace: end of its inode number\n"
	" host: initial one   ● used here   pid* time* for children   ! not yet in effect\n"
	" ┄┄ being built\n";

static const char ascii[] =
	" Linux 6.12.0: 9 nsproxies, 43 namespaces, 167 tasks (142 initial), 1 zombie\n"
	"\n"
	" TASKS                      user  NSPROXY    mnt  uts  ipc  pid* net  cgrp tim*\n"
	" 1 systemd x5, syste~ +129 -host-+[144 #1 ]--host-host-host-host-host-host-host\n"
	" 4128 runc:[1:CHILD]       -3601-'                 |    |    |    |    |    |\n"
	" 411 systemd-udevd         --o----[  1 #3 ]--3201--o----o----o----o----o----o--\n"
	" 655 systemd-timesyn x2    --o----[  2 #4 ]--3202-3203--o----o----o----o----o--\n"
	" 2210 postgres x7  in 3207 --o----[  7 #7 ]--3204-3205-3206-3207-3208-3209--o--\n"
	" 2240 pgbouncer  9 in 3207 --o----[  1 #8 ]--3214-3205-3206-3207-3208-3209--o--\n"
	" 2330 nginx x4     in 3307 -3310--[  4 #9 ]--3304-3305-3306-3307-3308-3309--o--\n"
	" 2430 init, postf~ in 3407 --o----[  9 #11]--3404-3405-3406-3407-3408-3409--o--\n"
	" 3900 nsenter              --o----[  1 #13]--3204-3205-3206-3207!3208--o---3701!\n"
	" (building for 4128 runc:[~.......[  1 #? ]..3602.3603.3604.3605.3606..o.......\n"
	" 2217 sh      2217 in 3207 .host..zombie\n"
	" no task: mounted at /run/netns/blue                             3801\n"
	" no task: fd 31 of 1612 dockerd                                  3802\n"
	" no task: has 1 child       3803\n"
	" no task: owns 1            3804\n"
	" no task: fd 5 of 1600 bash                       3805\n"
	"\n"
	" nsproxy#13: pid* 3207 takes effect at the next fork: the child is born there,\n"
	"   3900 nsenter stays in host\n"
	" nsproxy#13: time* 3701 takes effect at the next fork / exec; until then it is\n"
	"   host\n"
	"\n"
	" [3 #7] nsproxy#7, count 3   2604 namespace: end of its inode number\n"
	" host: initial one   o used here   pid* time* for children   ! not yet in effect\n"
	" .. being built\n";

static const char net_only[] =
	" Linux 6.12.0: 9 nsproxies, 43 namespaces, 167 tasks (142 initial), 1 zombie\n"
	"\n"
	" TASKS                                                user    NSPROXY    net\n"
	" 1 systemd ×5 … and 137 more host tasks              ─host───┬[144 #1 ]──host────\n"
	" 4128 runc:[1:CHILD]                                 ──│3601─┘            │\n"
	" 411 systemd-udevd                                   ──●──────[  1 #3 ]───●──────\n"
	" 655 systemd-timesyn ×2                              ──●──────[  2 #4 ]───●──────\n"
	" 2210 postgres ×7 (4f0c2a1b9d8e)             in 3207 ──●──────[  7 #7 ]────3208──\n"
	" 2240 pgbouncer (4f0c2a1b9d8e)             9 in 3207 ──●──────[  1 #8 ]─────●────\n"
	" 2330 nginx ×4 (77aa55cc33ee)                in 3307 ──│3310──[  4 #9 ]─────│3308\n"
	" 2430 init, postfix ×5, dovecot (mail)       in 3407 ──●──────[  9 #11]─────│3408\n"
	" 3900 nsenter (4f0c2a1b9d8e)                         ──●──────[  1 #13]─────●────\n"
	" (building for 4128 runc:[1:CHILD])                  ┄┄┄┄┄┄┄┄┄[  1 #? ]┄┄┄┄3606┄┄\n"
	" 2217 sh (4f0c2a1b9d8e)                 2217 in 3207 ·host····zombie\n"
	" no task: mounted at /run/netns/blue                                       3801\n"
	" no task: fd 31 of 1612 dockerd                                            3802\n"
	" no task: has 1 child                                   3803\n"
	" no task: owns 1                                        3804\n"
	"\n"
	" [3 #7] nsproxy#7, count 3   2604 namespace: end of its inode number   host: initial one\n"
	" ● used here   pid* time* for children   ! not yet in effect   ┄┄ being built\n";

static const char users[] =
	" user:[4026531008] host  level 0  162 tasks\n"
	" │   owns 31:  7 mnt  5 uts  4 ipc  4 pid  3 cgroup  6 net  2 time\n"
	" ├─ user:[4026533310]  level 1  made by uid 1000  4 tasks\n"
	" │      owns 6:  mnt 3304  uts 3305  ipc 3306  pid 3307  cgroup 3309  net 3308\n"
	" │      2330 nginx  2331 nginx  2332 nginx  2333 nginx\n"
	" ├─ user:[4026533601]  level 1  made by uid 0  1 task\n"
	" │      4128 runc:[1:CHILD]\n"
	" └─ user:[4026533803]  level 1  made by uid 0  no task\n"
	"    └─ user:[4026533804]  level 2  made by uid 0  no task\n"
	"           owns 1:  uts 3805\n";

static const char pids[] =
	" pid:[4026531004] host  level 0  147 tasks\n"
	" ├─ pid:[4026533207]  level 1  9 tasks\n"
	" │       here = outside\n"
	" │          1 = 2210    postgres\n"
	" │          2 = 2211    postgres\n"
	" │          3 = 2212    postgres\n"
	" │          4 = 2213    postgres\n"
	" │          5 = 2214    postgres\n"
	" │          6 = 2215    postgres\n"
	" │          7 = 2216    postgres\n"
	" │       2217 = 2217    sh (zombie)\n"
	" │          9 = 2240    pgbouncer\n"
	" ├─ pid:[4026533307]  level 1  owner user:[4026533310]  4 tasks\n"
	" │       here = outside\n"
	" │          1 = 2330    nginx\n"
	" │          8 = 2331    nginx\n"
	" │          9 = 2332    nginx\n"
	" │         10 = 2333    nginx\n"
	" ├─ pid:[4026533407]  level 1  7 tasks\n"
	" │       here = outside\n"
	" │          1 = 2430    init\n"
	" │         12 = 2440    postfix ×5\n"
	" │         31 = 2460    dovecot\n"
	" └─ pid:[4026533605]  level 1  no task\n";

/* clang-format on */

enum what { TEXT, USERS, PIDS };

/* For the caller to free. */
static char *drawn(const struct nsg *g, enum what what, const char *locale,
		   const struct nsv_graph_options *o)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	setenv("LC_ALL", locale, 1);
	if (what == TEXT)
		CHECK_NUM(nsv_graph_text(out, g, o), 0);
	else
		CHECK_NUM(nsv_graph_tree(out, g, o, what == USERS ? NSL_USER : NSL_PID), 0);
	fclose(out);
	return text;
}

static void check_drawn(enum what what, const char *locale, const struct nsv_graph_options *o,
			const char *want)
{
	struct rig *rig = machine();
	char *text = drawn(rig->g, what, locale, o);

	CHECK_STR(text, want);
	free(text);
	rig_free(rig);
}

static void exact(void)
{
	struct nsv_graph_options o = {.width = 120, .release = "6.12.0"};

	check_drawn(TEXT, "C.UTF-8", &o, wide);
	o.width = 80;
	check_drawn(TEXT, "C.UTF-8", &o, narrow);
	check_drawn(TEXT, "C", &o, ascii);
	check_drawn(USERS, "C.UTF-8", &o, users);
	check_drawn(PIDS, "C.UTF-8", &o, pids);
	o.width = 100;
	o.filter.types = 1u << NSL_NET | 1u << NSL_USER;
	check_drawn(TEXT, "C.UTF-8", &o, net_only);
}

/* No line is wider than it may be, in any form, and colour adds no columns. */
static void widths(void)
{
	struct rig *rig = machine();

	for (int width = 72; width <= 200; width++) {
		struct nsv_graph_options o = {.width = width};
		char *text = drawn(rig->g, TEXT, width % 2 ? "C" : "C.UTF-8", &o);

		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			CHECK(nsv_utf8_width(line) <= width);
		free(text);
	}
	rig_free(rig);
}

/* Without what colour adds. */
static void strip(char *text)
{
	char *to = text;

	while (*text) {
		if (*text == '\033')
			text += strcspn(text, "m") + 1;
		else
			*to++ = *text++;
	}
	*to = '\0';
}

static void colour(void)
{
	struct nsv_graph_options o = {.width = 80, .release = "6.12.0", .colour = true};
	struct rig *rig = machine();
	char *text = drawn(rig->g, TEXT, "C.UTF-8", &o);

	CHECK(strstr(text, "\033[38;5;36m3204") != NULL);
	strip(text);
	CHECK_STR(text, narrow);
	free(text);
	rig_free(rig);
}

static void stale(void)
{
	struct nsv_graph_options o = {.tracepoints_only = true};
	struct rig *rig = machine();
	char *text;

	ev_lost(rig, 7, NSL_HOOK_TASK);
	text = drawn(rig->g, TEXT, "C", &o);
	CHECK(strstr(text, "STALE: 7 events were lost") != NULL);
	CHECK(strstr(text, "tracepoints only:") != NULL);
	free(text);
	rig_free(rig);
}

/* Kernels from 6.19 on have two counts: both are shown. */
static void two_counts(void)
{
	struct nsv_graph_options o = {.verbose = true};
	struct rig *rig = rig_host();
	struct nsl_ns ns = a_ns(NSL_NET, 50, HOST(NSL_USER), 0, 0);
	char *text;

	ns.refs = 5;
	ns.active = 2;
	ev_ns(rig, ns);
	text = drawn(rig->g, TEXT, "C", &o);
	CHECK(strstr(text, "net:[4026531050]") != NULL);
	CHECK(strstr(text, "refs 5  active 2") != NULL);
	free(text);
	CHECK_NUM(nsv_graph_tree(stdout, rig->g, &o, NSL_NET), -22);
	rig_free(rig);
}

int main(void)
{
	RUN(exact);
	RUN(widths);
	RUN(colour);
	RUN(stale);
	RUN(two_counts);
	return unit_end();
}
