// SPDX-License-Identifier: GPL-2.0-only
/* The report: its sentences, and its three forms, on start-ups that are written down here. */
#include "../../user/view/report.h"
#include "startup_events.h"
#include "unit.h"

static char text[1 << 18];

static bool has(const char *words)
{
	return strstr(text, words) != NULL;
}

/* What a form says of the machine; lines are joined, so that wrapping hides no words. */
static void tell(struct sim *m, enum nsv_report_format format, bool join)
{
	struct nsv_options o = {.width = 100};
	struct nsv_report r = {.file = "a.nslens",
			       .start = {.kernel = 6012,
					 .release = "6.12",
					 .steps = true,
					 .mono_ns = 1000000 * US,
					 .wall_ns = 1000000000}};
	const struct nsu_startup *const *list = sim_list(m, &r.n);
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct nsv *v = nsv_new(out, &o);

	memcpy(r.start.initial, sim_initial, sizeof(r.start.initial));
	r.end = m->now;
	r.list = r.full = list;
	r.nfull = r.all = r.n;
	r.joins = nsu_joins(m->u, &r.njoins);
	r.lost = nsu_lost(m->u, &r.gaps);
	CHECK_NUM(nsv_report(v, format, &r), 0);
	CHECK_NUM(nsv_flush(v), 0);
	nsv_free(v);
	fclose(out);
	for (char *p = text; join && *p; p++) {
		if (*p != '\n' && *p != ' ')
			continue;
		*p = ' ';
		while (p[1] == ' ' || p[1] == '\n')
			memmove(p + 1, p + 2, strlen(p + 2) + 1);
	}
}

static struct sim *hooked(void)
{
	struct sim *m = sim_new();

	sim_runc(m, 0, 10);
	milestone_at(m, 2000, 200, 12, NSL_MILESTONE_mount, "proc", 0);
	fork_at(m, 3000, 12, 15);
	exec_at(m, 3500, 15, "sleep");
	exit_at(m, 2003500, 15);
	milestone_at(m, 2004000, 200, 12, NSL_MILESTONE_pivot_root, ".", 0);
	milestone_at(m, 2004500, 10, 12, NSL_MILESTONE_sethostname, "web", 0);
	exec_at(m, 2005000, 12, "true");
	return m;
}

static void a_slow_hook_is_named(void)
{
	struct sim *m = hooked();

	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("runc started true in 2.00 s"));
	CHECK(has("100 % of the time, 2.00 s, went into the stage \"another program runs\": sleep "
		  "(15) ran, a hook or helper"));
	CHECK(has("waits for sleep (15) (inferred)"));
	CHECK(has("hostname web"));
	CHECK(has("12 outside, 1 in its own pid namespace (level 1)"));
	CHECK(has("the host's cgroup time user"));
	tell(m, NSV_REPORT_MARKDOWN, true);
	CHECK(has("## Start-up 1: runc started true in 2.00 s"));
	CHECK(has("another program runs"));
	tell(m, NSV_REPORT_JSON, false);
	CHECK(has("\"stage\":\"helper\""));
	CHECK(has("\"waits_for\":15"));
	CHECK(has("\"hostname\":\"web\""));
	sim_free(m);
}

static void it_fits(void)
{
	struct sim *m = hooked();
	size_t column = 0;

	tell(m, NSV_REPORT_TEXT, false);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			column = 0;
		else if (((unsigned char)*p & 0xc0) != 0x80)
			column++;
		CHECK(column <= 100);
	}
	sim_free(m);
}

static void a_reached_limit_is_explained(void)
{
	struct sim *m = sim_new();

	sim_host(m, 11, "runc:[1:CHILD]");
	unshare_at(m, 0, 300, 11, NSL_NEWNET | NSL_NEWNS, ENOSPC);
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("runc failed to start a container after"));
	CHECK(has("unshare (mnt and net) of runc:[1:CHILD] (11) failed with ENOSPC"));
	CHECK(has("/proc/sys/user/max_"));
	CHECK(has("It ended the start."));
	sim_free(m);
}

static void silence_is_told_with_what_is_known(void)
{
	struct sim *m = sim_new();

	sim_runc(m, 0, 10);
	milestone_at(m, 2000, 200, 12, NSL_MILESTONE_mount, "proc", 0);
	milestone_at(m, 4002000, 200, 12, NSL_MILESTONE_pivot_root, ".", 0);
	exec_at(m, 4003000, 12, "true");
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("\"waits, or works unseen\": nothing of it was seen meanwhile"));
	CHECK(has("most likely for task 10"));
	CHECK(has("createRuntime"));
	sim_free(m);
}

static void one_mount_takes_it_all(void)
{
	struct sim *m = sim_new();

	sim_runc(m, 0, 10);
	milestone_at(m, 3002000, 3000000, 12, NSL_MILESTONE_mount, "nfs", 0);
	milestone_at(m, 3003000, 10, 12, NSL_MILESTONE_pivot_root, ".", 0);
	exec_at(m, 3004000, 12, "true");
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("\"file system set up\": one mount, nfs"));
	CHECK(has("took 3.00 s"));
	sim_free(m);
}

/* 20 starts of one kind; those whose number ends in 9 wait for their mounts. */
static void what_slow_ones_share(void)
{
	struct sim *m = sim_new();

	for (uint32_t i = 0; i < 20; i++) {
		uint64_t us = i * 1000000ull, slow = i % 10 == 9 ? 300000 : 0;
		uint32_t pid = 100 + 10 * i;

		sim_host(m, pid, "bwrap");
		clone_at(m, us, 500, pid, pid + 1, NSL_NEWNS | NSL_NEWPID, 0);
		milestone_at(m, us + 5000 + slow, 3000 + slow, pid + 1, NSL_MILESTONE_mount, "x",
			     0);
		exec_at(m, us + 6000 + slow, pid + 1, "sh");
	}
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("20 start-ups"));
	CHECK(has("bwrap 20 0 6.00 ms 6.00 ms 306 ms 306 ms"));
	CHECK(has("2 of 20 took at least twice the median"));
	CHECK(has("What grew is the stage \"file system set up\""));
	sim_free(m);
}

static void hostile_text_is_no_markup(void)
{
	struct sim *m = sim_new();

	sim_host(m, 40, "unshare");
	unshare_at(m, 0, 300, 40, NSL_NEWNS, 0);
	milestone_at(m, 900, 1, 40, NSL_MILESTONE_sethostname, "<b>|`x`\x1b[2J", 0);
	exec_at(m, 1000, 40, "**sh**\x1b[2J");
	tell(m, NSV_REPORT_MARKDOWN, false);
	CHECK(!has("**sh") && !has("<b>") && !has("\x1b"));
	CHECK(has("\\*\\*sh"));
	tell(m, NSV_REPORT_TEXT, false);
	CHECK(!has("\x1b"));
	tell(m, NSV_REPORT_JSON, false);
	CHECK(!has("\x1b") && !has("<b>"));
	sim_free(m);
}

static void losses_are_told(void)
{
	struct sim *m = sim_new();

	sim_runc(m, 0, 10);
	sim_lost(m, 3);
	exec_at(m, 5000, 12, "true");
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("(doubtful: events were lost in it)"));
	CHECK(has("3 events were lost"));
	sim_free(m);
}

static void step_at(struct sim *m, uint64_t us, enum nsl_kind kind, enum nsl_fn fn)
{
	struct nsl_step e = {.fn = (uint16_t)fn};

	at(m, us);
	sim_feed(m, sim_task(m, 11), &e, sizeof(e), kind);
}

/* Of unshare_nsproxy_namespaces() only the return is hooked: what it called has a time. */
static void time_in_functions_counts_once(void)
{
	struct sim *m = sim_new();

	sim_host(m, 11, "unshare");
	at(m, 0);
	sim_begin(m, 11, NSL_SYS_UNSHARE, NSL_NEWNS);
	step_at(m, 100, NSL_EV_STEP_BEGIN, NSL_FN_create_new_namespaces);
	step_at(m, 120, NSL_EV_STEP_BEGIN, NSL_FN_copy_mnt_ns);
	step_at(m, 160, NSL_EV_STEP, NSL_FN_copy_mnt_ns);
	step_at(m, 300, NSL_EV_STEP, NSL_FN_create_new_namespaces);
	step_at(m, 310, NSL_EV_STEP, NSL_FN_unshare_nsproxy_namespaces);
	sim_make(m, &sim_task(m, 11)->view, NSL_NEWNS);
	at(m, 350);
	sim_end(m, 11, NSL_SYS_UNSHARE, NSL_NEWNS, 0);
	exec_at(m, 900, 11, "true");
	tell(m, NSV_REPORT_JSON, false);
	CHECK(has("\"in_functions\":200000,"));
	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("of that 200 µs in the kernel's namespace functions"));
	sim_free(m);
}

static void nothing_is_told_as_such(void)
{
	struct sim *m = sim_new();

	tell(m, NSV_REPORT_TEXT, true);
	CHECK(has("No start-up of a container is in it"));
	sim_free(m);
}

int main(void)
{
	RUN(a_slow_hook_is_named);
	RUN(it_fits);
	RUN(a_reached_limit_is_explained);
	RUN(silence_is_told_with_what_is_known);
	RUN(one_mount_takes_it_all);
	RUN(what_slow_ones_share);
	RUN(hostile_text_is_no_markup);
	RUN(losses_are_told);
	RUN(time_in_functions_counts_once);
	RUN(nothing_is_told_as_such);
	return unit_end();
}
