// SPDX-License-Identifier: GPL-2.0-only
/* nslens graph: tasks, nsproxies and namespaces, now or followed. */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../capture/machine.h"
#include "../view/follow.h"
#include "cmd.h"
#include "graph_options.h"
#include "graph_proc.h"
#include "recorded.h"
#include "signals.h"
#include "start_record.h"
#include "values.h"

#define POLL_MS 50

struct graph {
	struct graph_options options;
	struct machine machine;
	struct nsv_follow follow;
	FILE *out;
	uint64_t ts; /* of the event that is being applied */
	bool differs;
};

static volatile sig_atomic_t verify_asked;

static void on_verify_signal(int number)
{
	(void)number;
	verify_asked = 1;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void note_time(void *ctx, struct nsl_head *event)
{
	struct graph *g = ctx;

	g->ts = event->ts;
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct graph *g = ctx;

	nsv_follow_born(&g->follow, ns, g->ts);
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct graph *g = ctx;

	nsv_follow_died(&g->follow, ns, g->ts, cause);
}

static void on_lost(void *ctx, uint64_t ts, uint64_t count)
{
	struct graph *g = ctx;

	nsv_follow_lost(&g->follow, ts, count);
}

static void on_resync(void *ctx, uint64_t ts, uint64_t ns)
{
	struct graph *g = ctx;

	nsv_follow_resync(&g->follow, ts, ns);
}

/* Pictures label a namespace by the last four digits of its number. */
#define LABEL 10000

static const struct nsg_ns *find_by_label(const struct nsg *graph, const char *text, uint32_t label,
					  bool *several)
{
	const struct nsg_ns *found = NULL;
	size_t len = strcspn(text, ":");

	for (const struct nsg_ns *ns = nsg_namespaces(graph); ns; ns = ns->next) {
		const char *type = nsm_type_name(ns->type);

		if (ns->inum % LABEL != label ||
		    (text[len] && (strlen(type) != len || strncmp(text, type, len) != 0)))
			continue;
		*several |= found != NULL;
		found = ns;
	}
	return found;
}

/* "net:[4026532345]", "net:[2345]", or the number alone. */
static int find_filter_ns(struct graph *g, const struct nsg *graph, struct nsl_error *e)
{
	const char *number, *text = g->options.ns;
	const struct nsg_ns *ns;
	unsigned long inum;
	bool several = false;
	char *end;

	if (!text)
		return 0;
	number = strchr(text, '[');
	inum = strtoul(number ? number + 1 : text, &end, 10);
	if (!inum || inum > UINT32_MAX || strcmp(end, number ? "]" : ""))
		return nsl_error_set(e, "--ns %s: name a namespace as in net:[4026532345]", text);
	ns = inum < LABEL ? find_by_label(graph, text, (uint32_t)inum, &several)
			  : nsg_find_inum(graph, (uint32_t)inum);
	if (several)
		return nsl_error_set(e,
				     "--ns %s: more than one namespace ends in these digits: name "
				     "it in full (-v shows the numbers)",
				     text);
	if (!ns)
		return nsl_error_set(e, "--ns %s: no namespace of that number is known%s", text,
				     g->options.keepers ? "" : "; try --keepers");
	g->options.view.filter.ns = ns->id;
	return 0;
}

/* Is there anybody to be drawn? */
static int check_filters(const struct graph *g, const struct nsg *graph, struct nsl_error *e)
{
	const struct nsv_graph_filter *f = &g->options.view.filter;
	struct nsv_pick *pick;
	bool any = false;

	if (f->task && !nsg_find_task(graph, f->task))
		return nsl_error_set(e, "--pid %u: there is no such process", f->task);
	if (!f->container)
		return 0;
	pick = nsv_pick_new(graph, f);
	if (!pick)
		return nsl_error_set(e, "out of memory");
	for (const struct nsg_nsproxy *x = nsg_nsproxies(graph); x && !any; x = x->next)
		for (const struct nsg_task *t = x->first_task; t && !any; t = t->next)
			any = nsv_pick_task(pick, t);
	nsv_pick_free(pick);
	if (!any)
		return nsl_error_set(e,
				     "--container %s: no task is in a container of that name or id",
				     f->container);
	return 0;
}

static int draw(struct graph *g, const struct nsg *graph, struct nsl_error *e)
{
	static int (*const formats[])(FILE *, const struct nsg *,
				      const struct nsv_graph_options *) = {
		[GRAPH_TEXT] = nsv_graph_text, [GRAPH_JSON] = nsv_graph_json,
		[GRAPH_DOT] = nsv_graph_dot,   [GRAPH_MERMAID] = nsv_graph_mermaid,
		[GRAPH_SVG] = nsv_graph_svg,
	};
	struct nsv_graph_options *view = &g->options.view;
	int err;

	if (find_filter_ns(g, graph, e) || check_filters(g, graph, e))
		return -1;
	if (!g->options.input) {
		view->now_ns = now_ns(CLOCK_MONOTONIC);
		view->wall_ns = now_ns(CLOCK_REALTIME);
	}
	if (g->options.tree >= 0)
		err = nsv_graph_tree(g->out, graph, view, (enum nsl_type)g->options.tree);
	else
		err = formats[g->options.format](g->out, graph, view);
	if (!err && fflush(g->out))
		err = -errno;
	if (err && err != -EPIPE)
		return nsl_error_set(e, "cannot write %s: %s",
				     g->options.output ? g->options.output : "the graph",
				     strerror(-err));
	return 0;
}

static int verify_live(struct graph *g, struct live *l, struct nsl_error *e)
{
	struct nsv_verify v = {.ts = now_ns(CLOCK_MONOTONIC), .against = "a fresh snapshot"};

	if (live_verify(l, &v.snapshots, e))
		return -1;
	nsg_totals(live_graph(l), &v.totals);
	v.differences = nsg_differences(live_graph(l), &v.ndifferences, &v.ndifferences);
	v.stale = nsg_stale(live_graph(l));
	g->differs |= v.ndifferences > 0;
	nsv_follow_verify(&g->follow, &v);
	return 0;
}

#define MAX_DIFFERENCES 100

/*
 * A moving system is not in two states at once: what was read from /proc must
 * equal the graph either before or after.
 */
static int verify_once(struct graph *g, struct live *l, struct nsl_error *e)
{
	struct nsg_difference before[MAX_DIFFERENCES], after[MAX_DIFFERENCES];
	struct nsv_verify v = {.against = "/proc", .snapshots = 1};
	struct proc_report report;
	struct nsg *proc;
	size_t n;

	proc = graph_of_proc(&report, e);
	if (!proc)
		return -1;
	n = graph_compare(live_graph(l), proc, before, MAX_DIFFERENCES, &v.totals.tasks);
	if (n && live_poll(l, 0, e) >= 0) {
		n = graph_compare(live_graph(l), proc, after, MAX_DIFFERENCES, &v.totals.tasks);
		memcpy(before, after, sizeof(before));
	}
	nsg_totals(live_graph(l), &v.totals);
	v.ts = now_ns(CLOCK_MONOTONIC);
	v.differences = before;
	v.ndifferences = n < MAX_DIFFERENCES ? n : MAX_DIFFERENCES;
	v.stale = nsg_stale(live_graph(l));
	g->differs |= n > 0;
	nsv_follow_verify(&g->follow, &v);
	if (report.refused)
		complain("graph",
			 "%zu threads may not be read in /proc (%s): they were not compared",
			 report.refused, strerror(report.refused_error));
	nsg_free(proc);
	return 0;
}

/* A pipe that nobody reads any more says so before the next write. */
static bool output_broken(FILE *out)
{
	struct pollfd fd = {.fd = fileno(out)};

	return poll(&fd, 1, 0) > 0 && fd.revents & POLLERR;
}

static int follow(struct graph *g, struct live *l, struct nsl_error *e)
{
	uint64_t every = g->options.verify_seconds * 1000000000ull;
	uint64_t due = now_ns(CLOCK_MONOTONIC) + every;

	while (!stop_count && !output_broken(g->out)) {
		if (live_poll(l, POLL_MS, e) < 0)
			return -1;
		if (!verify_asked && (!every || now_ns(CLOCK_MONOTONIC) < due))
			continue;
		verify_asked = 0;
		if (verify_live(g, l, e))
			return -1;
		due = now_ns(CLOCK_MONOTONIC) + every;
	}
	return 0;
}

static void prepare_follow(struct graph *g)
{
	struct live_options *live = &g->options.live;

	g->follow = (struct nsv_follow){
		.out = g->out,
		.json = g->options.format == GRAPH_JSON,
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.mono_ns = now_ns(CLOCK_MONOTONIC),
	};
	live->ctx = live->graph.ctx = g;
	live->event = note_time;
	if (!g->options.follow)
		return;
	live->graph.born = on_born;
	live->graph.died = on_died;
	live->lost = on_lost;
	live->resync = on_resync;
}

/* What may not be looked at is told: somebody else's keepers look like none. */
static int read_keepers(struct live *l, struct nsl_error *e)
{
	struct keepers_options o = {0};
	struct keepers_report report;

	if (live_keepers(l, &o, &report, e))
		return -1;
	if (report.refused || report.mount_namespaces_refused || report.too_long)
		complain("graph",
			 "the descriptors of %zu processes and the mounts of %zu mount namespaces "
			 "may not be read, and %zu files below /proc are too long: keepers there "
			 "are missing",
			 report.refused, report.mount_namespaces_refused, report.too_long);
	return 0;
}

/* Its own head where it is a stream. The first events are those after the snapshot. */
static int tell_start(struct graph *g, struct live *l, struct nsl_error *e)
{
	struct nsv_options options = {
		.style = g->follow.json ? NSV_JSON : NSV_STORY,
		.colour = g->options.view.colour,
		.width = g->options.view.width,
	};
	struct nsv *view = nsv_new(g->out, &options);

	if (!view)
		return nsl_error_set(e, "out of memory");
	g->follow.mono_ns =
		start_record_write(view, &g->machine, live_capture(l), "the graph of the machine");
	nsv_flush(view);
	nsv_free(view);
	return 0;
}

/* What can be seen without BPF, and what cannot. */
static int run_proc(struct graph *g, struct nsl_error *e)
{
	struct proc_report report;
	struct nsg *graph = graph_of_proc(&report, e);
	int err;

	if (!graph)
		return -1;
	g->options.view.release = g->machine.release;
	err = draw(g, graph, e);
	nsg_free(graph);
	if (err)
		return -1;
	complain("graph",
		 "from /proc alone: nsproxies are presumed (tasks with the same namespaces are "
		 "taken to share one), counts are not known");
	if (report.refused)
		complain("graph", "%zu threads may not be read (%s)%s: they are missing",
			 report.refused, strerror(report.refused_error),
			 report.unprivileged ? " without root" : "");
	if (report.inside_pid_ns)
		complain("graph",
			 "this is a pid namespace of its own: what lies outside is missing");
	return 0;
}

/* A moment of a recording: it is now, there. */
static int run_recorded(struct graph *g, struct nsl_error *e)
{
	struct store_reader *r = recorded_open("graph", g->options.input, e);
	const char *at = g->options.at ? g->options.at : "end";
	struct nsv_graph_options *view = &g->options.view;
	const struct store_meta *meta;
	struct nsg *graph = NULL;
	uint64_t ts, first, last;
	int err = -1;

	if (!r)
		return -1;
	meta = store_meta_of(r);
	if (!recorded_time(r, at, &ts, e))
		graph = store_graph_at(r, ts, NULL, e);
	if (graph) {
		store_span(r, &first, &last);
		if (ts == UINT64_MAX)
			ts = meta->closed ? meta->end_ns : last;
		view->now_ns = ts;
		view->wall_ns = meta->wall_ns + (ts - meta->mono_ns);
		view->release = meta->release;
		view->tracepoints_only = !meta->steps;
		err = draw(g, graph, e);
	}
	nsg_free(graph);
	store_reader_close(r);
	return err;
}

static int run(struct graph *g, struct nsl_error *e)
{
	struct live *l;
	int err;

	if (g->options.input)
		return run_recorded(g, e);
	if (g->options.proc)
		return run_proc(g, e);
	if (!machine_permits(&g->machine, g->options.live.btf, e)) {
		bool now = !g->options.follow && !g->options.verify;

		if (!now)
			return -1;
		complain("graph", "%s; reading /proc instead", e->text);
		e->text[0] = '\0';
		return run_proc(g, e);
	}
	prepare_follow(g);
	signals_catch();
	g->options.live.stop = &stop_count;
	g->options.live.keepers = g->options.keepers;
	l = live_open(&g->options.live, &g->machine, e);
	if (!l)
		return -1;
	g->options.view.release = g->machine.release;
	g->options.view.tracepoints_only = !capture_ladder(live_capture(l))->functions;
	g->options.view.snapshot_ns = live_snapshot_ns(l);
	err = g->options.follow ? tell_start(g, l, e) : 0;
	if (!err && g->options.keepers)
		err = read_keepers(l, e);
	if (!err && !(g->options.verify && !g->options.follow))
		err = draw(g, live_graph(l), e);
	if (!err && g->options.follow)
		err = follow(g, l, e);
	else if (!err && g->options.verify)
		err = verify_once(g, l, e);
	live_close(l);
	return err;
}

int cmd_graph(int argc, char **argv)
{
	struct graph g = {0};
	struct nsl_error e = {""};
	int status = graph_options_parse(&g.options, argc, argv);

	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, on_verify_signal);
	machine_read(&g.machine);
	g.out = stdout;
	if (g.options.output)
		g.out = fopen(g.options.output, "we");
	if (!g.out) {
		complain("graph", "cannot write %s: %s", g.options.output, strerror(errno));
		return EXIT_USAGE;
	}
	g.options.view.colour = wants_colour(g.out, g.options.colour);
	if (!g.options.view.width)
		g.options.view.width = terminal_width(g.out);
	status = run(&g, &e) || g.differs ? EXIT_FAILED : EXIT_DONE;
	if (e.text[0])
		complain("graph", "%s", e.text);
	if (g.out != stdout)
		fclose(g.out);
	return status;
}
