// SPDX-License-Identifier: GPL-2.0-only
/* nslens trace: calls as they happen. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../model/model.h"
#include "../view/view.h"
#include "child.h"
#include "cmd.h"
#include "facts.h"
#include "survivors.h"

#define POLL_MS 50 /* the delay to the screen stays under 100 ms */

struct trace {
	struct capture_options capture;
	struct nsv_options view;
	const char *output;
	const char *user;
	const char *container;
	pid_t pid;
	bool all, wait_tree, cost;
	char *const *cmd;

	struct nsm *model;
	struct nsm_sink shown; /* the view */
	uint64_t others;       /* calls made outside CMD's tree, where that is asked for */
	FILE *out;
};

static volatile sig_atomic_t stop_signal; /* the last one that came */
static volatile sig_atomic_t stop_count;
static volatile sig_atomic_t stop_by_terminal; /* CMD got it, too */

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	stop_signal = number;
	stop_by_terminal = info->si_code == SI_KERNEL;
	stop_count++;
}

static const char help[] =
	"Usage: nslens trace [options] [-- CMD...]\n"
	"Tells every clone, clone3, fork, vfork, unshare, setns, exec and exit that touches\n"
	"namespaces: its arguments, each kernel function inside it with outcome and time, what\n"
	"changed, and the reason of a failure. Without CMD: the whole machine, until Ctrl-C.\n\n"
	"What is shown (decided in the kernel, except --container):\n"
	"  -- CMD...            run CMD and show its process tree\n"
	"  -u, --user USER      run CMD as USER\n"
	"      --wait-tree      after CMD has ended, wait for what it started, too\n"
	"  -p, --pid PID        only this process and its descendants\n"
	"      --comm NAME      only tasks of this name (15 bytes count)\n"
	"      --cgroup DIR     only tasks in this cgroup directory, or below\n"
	"      --container NAME only calls of tasks in this container: its name, or a part of\n"
	"                       its id, as the cgroup path has it\n"
	"      --type LIST      only calls about these types: "
	"mnt,uts,ipc,pid,cgroup,net,time,user\n"
	"      --exits          every exit, not only those that free an nsproxy\n"
	"      --all            with CMD: the whole machine while CMD runs\n\n"
	"How it is shown:\n"
	"  -b, --brief          one line a call\n"
	"  -j, --json           JSON Lines, schema nslens/1 (with CMD: needs -o)\n"
	"  -o, --output FILE    write there; default: standard error with CMD, else standard "
	"output\n"
	"      --colour WHEN    auto, always or never (NO_COLOR is respected)\n"
	"      --width N        columns; default: the terminal's, else lines are not wrapped\n"
	"      --cost           at the end, what the tracing itself cost\n\n"
	"How it is learnt:\n"
	"      --hooks HOW      auto, fentry, kprobe or tracepoint (see nslens doctor)\n"
	"      --buffer SIZE    of the ring buffer, e.g. 64M; default 8M\n"
	"  -v, --verbose        what libbpf says\n"
	"  -h, --help\n\n"
	"Exit status: 0 done, 1 failed, 2 bad usage. With CMD: CMD's own; 125 nslens failed,\n"
	"126 CMD could not be run, 127 it was not found, 128+N it died of signal N.\n";

enum {
	OPT_WAIT_TREE = 256,
	OPT_COMM,
	OPT_CGROUP,
	OPT_CONTAINER,
	OPT_TYPE,
	OPT_EXITS,
	OPT_ALL,
	OPT_COLOUR,
	OPT_COST,
	OPT_WIDTH,
	OPT_HOOKS,
	OPT_BUFFER,
};

static const struct option options[] = {
	{"user", required_argument, NULL, 'u'},
	{"wait-tree", no_argument, NULL, OPT_WAIT_TREE},
	{"pid", required_argument, NULL, 'p'},
	{"comm", required_argument, NULL, OPT_COMM},
	{"cgroup", required_argument, NULL, OPT_CGROUP},
	{"container", required_argument, NULL, OPT_CONTAINER},
	{"type", required_argument, NULL, OPT_TYPE},
	{"exits", no_argument, NULL, OPT_EXITS},
	{"all", no_argument, NULL, OPT_ALL},
	{"brief", no_argument, NULL, 'b'},
	{"json", no_argument, NULL, 'j'},
	{"output", required_argument, NULL, 'o'},
	{"colour", required_argument, NULL, OPT_COLOUR},
	{"color", required_argument, NULL, OPT_COLOUR},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"cost", no_argument, NULL, OPT_COST},
	{"hooks", required_argument, NULL, OPT_HOOKS},
	{"buffer", required_argument, NULL, OPT_BUFFER},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* "mnt,net" -> CLONE_NEW* bits; 0 when a name is none. */
static uint64_t parse_types(const char *list)
{
	uint64_t bits = 0;

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		uint64_t bit = 0;

		for (int t = 0; t < NSL_TYPES; t++)
			if (strlen(nsm_type_name(t)) == n && !strncmp(p, nsm_type_name(t), n))
				bit = nsm_type_bit(t);
		if (!bit || (p[n] && !p[n + 1]))
			return 0;
		bits |= bit;
		p += n + (p[n] == ',');
	}
	return bits;
}

/* "512", "64K", "16M"; 0 when it is no size, or more than a ring can have. */
static size_t parse_size(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)*text))
		return 0;
	if (*end == 'K' || *end == 'k')
		n <<= 10, end++;
	else if (*end == 'M' || *end == 'm')
		n <<= 20, end++;
	return *end || n > 1u << 30 ? 0 : n;
}

static int parse_hooks(const char *how, enum hooks_mode *mode)
{
	static const char *const names[] = {
		[HOOKS_AUTO] = "auto",
		[HOOKS_FENTRY] = "fentry",
		[HOOKS_KPROBE] = "kprobe",
		[HOOKS_TRACEPOINT] = "tracepoint",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(how, names[i])) {
			*mode = (enum hooks_mode)i;
			return 0;
		}
	}
	return -1;
}

/* Returns -1 to go on, else the exit status. */
static int parse_options(struct trace *t, int argc, char **argv, int *colour)
{
	int opt;

	*colour = -1;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:u:p:bjo:vh", options, NULL)) != -1) {
		switch (opt) {
		case 'u':
			t->user = optarg;
			break;
		case OPT_WAIT_TREE:
			t->wait_tree = true;
			break;
		case 'p': {
			char *end;
			long pid = strtol(optarg, &end, 10);

			if (*end || pid <= 0 || pid > 1 << 22)
				return usage_error("trace", "--pid %s: not a process number",
						   optarg);
			t->pid = (pid_t)pid;
			break;
		}
		case OPT_COMM:
			if (!*optarg)
				return usage_error("trace", "--comm: the name is empty");
			t->capture.comm = optarg;
			break;
		case OPT_CGROUP:
			t->capture.cgroup = optarg;
			break;
		case OPT_CONTAINER:
			if (!*optarg)
				return usage_error("trace", "--container: the name is empty");
			t->container = optarg;
			break;
		case OPT_TYPE:
			t->capture.types = parse_types(optarg);
			if (!t->capture.types)
				return usage_error("trace",
						   "--type %s: types are mnt, uts, ipc, pid, "
						   "cgroup, net, time and user, joined by commas",
						   optarg);
			break;
		case OPT_EXITS:
			t->capture.exits = true;
			break;
		case OPT_ALL:
			t->all = true;
			break;
		case 'b':
			t->view.style = NSV_BRIEF;
			break;
		case 'j':
			t->view.style = NSV_JSON;
			break;
		case 'o':
			t->output = optarg;
			break;
		case OPT_COLOUR:
			if (!strcmp(optarg, "always"))
				*colour = 1;
			else if (!strcmp(optarg, "never"))
				*colour = 0;
			else if (strcmp(optarg, "auto"))
				return usage_error("trace", "--colour %s: auto, always or never",
						   optarg);
			break;
		case OPT_WIDTH:
			t->view.width = (int)parse_size(optarg);
			if (t->view.width < 40 || t->view.width > 1000)
				return usage_error("trace",
						   "--width %s: a number of columns from 40 to "
						   "1000",
						   optarg);
			break;
		case OPT_COST:
			t->cost = t->capture.cost = true;
			break;
		case OPT_HOOKS:
			if (parse_hooks(optarg, &t->capture.mode))
				return usage_error("trace",
						   "--hooks %s: auto, fentry, kprobe or tracepoint",
						   optarg);
			break;
		case OPT_BUFFER:
			t->capture.ring_bytes = parse_size(optarg);
			if (!t->capture.ring_bytes)
				return usage_error("trace",
						   "--buffer %s: a size such as 512K or 64M, "
						   "at most 1024M",
						   optarg);
			break;
		case 'v':
			t->capture.verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
		case ':':
			return usage_error("trace", "%s needs a value", argv[optind - 1]);
		default:
			return usage_error("trace", "no option %s", argv[optind - 1]);
		}
	}
	if (optind < argc)
		t->cmd = argv + optind;
	return -1;
}

static int check_options(const struct trace *t)
{
	if (t->cmd && t->pid)
		return usage_error("trace",
				   "--pid and -- CMD exclude each other: --pid follows a process "
				   "that runs already");
	if (t->cmd && t->view.style == NSV_JSON && !t->output)
		return usage_error("trace",
				   "--json with CMD needs -o FILE: standard output and standard "
				   "error are CMD's");
	if (!t->cmd && (t->user || t->wait_tree || t->all))
		return usage_error("trace", "%s needs -- CMD",
				   t->user	  ? "--user"
				   : t->wait_tree ? "--wait-tree"
						  : "--all");
	return -1;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* -v: how long each phase took. */
static void tell_phase(const struct trace *t, const char *phase)
{
	static uint64_t before;
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (t->capture.verbose && phase)
		fprintf(stderr, "nslens trace: %s: %.1f ms\n", phase, (double)(now - before) / 1e6);
	before = now;
}

static bool in_container(const struct trace *t, const struct nsm_call *call)
{
	if (!t->container)
		return true;
	if (call->container && strstr(call->container, t->container))
		return true;
	return call->cgroup_path && strstr(call->cgroup_path, t->container);
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct trace *t = ctx;

	if (in_container(t, call) && t->shown.call)
		t->shown.call(t->shown.ctx, call);
}

static void on_ns(void *ctx, const struct nsm_ns_event *ns)
{
	struct trace *t = ctx;

	if (t->shown.ns)
		t->shown.ns(t->shown.ctx, ns);
}

static void on_task(void *ctx, const struct nsm_task_event *task)
{
	struct trace *t = ctx;

	if (t->shown.task)
		t->shown.task(t->shown.ctx, task);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct trace *t = ctx;

	if (t->shown.lost)
		t->shown.lost(t->shown.ctx, lost);
}

static void feed(void *ctx, struct nsl_head *event)
{
	struct trace *t = ctx;

	nsm_feed(t->model, event);
}

/* For the head line: hostile text where it comes from the command line. */
static const char *what_is_traced(const struct trace *t, char *buf, size_t size)
{
	if (t->cmd && !t->all)
		snprintf(buf, size, "%.100s and what it starts", t->cmd[0]);
	else if (t->pid)
		snprintf(buf, size, "process %d and its descendants", (int)t->pid);
	else if (t->container)
		snprintf(buf, size, "container %.100s", t->container);
	else
		snprintf(buf, size, "the whole machine%s", t->cmd ? " while the command runs" : "");
	return buf;
}

static void tell_start(const struct trace *t, struct nsv *view, const struct machine *m,
		       const struct capture *c)
{
	const struct ladder *l = capture_ladder(c);
	char what[160];
	struct nsv_fact facts[MAX_HOOKS];
	struct nsv_start start = {
		.version = NSLENS_VERSION,
		.release = m->release,
		.boot_id = m->boot_id,
		.mono_ns = now_ns(CLOCK_MONOTONIC),
		.wall_ns = now_ns(CLOCK_REALTIME),
		.kernel = m->kernel,
		.facts = facts,
		.steps = l->functions,
		.what = what_is_traced(t, what, sizeof(what)),
	};

	start.nfacts = facts_of_ladder(l, facts, MAX_HOOKS);
	capture_initial(c, start.initial);
	nsv_start(view, &start);
}

static size_t read_cost(struct capture *c, struct nsv_cost *rows, size_t max)
{
	struct capture_program programs[128];
	size_t n = capture_programs(c, programs, 128);

	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct nsv_cost){programs[i].name, programs[i].runs, programs[i].ns};
	return n;
}

static void tell_end(struct trace *t, struct nsv *view, struct capture *c, uint64_t started,
		     const struct survivors *alive)
{
	const struct nsm_counts *counts = nsm_counts(t->model);
	struct nsv_cost cost[128];
	struct nsv_end end = {
		.counts = counts,
		.forks = capture_forks(c),
		.missed = capture_missed(c),
		.duration_ns = now_ns(CLOCK_MONOTONIC) - started,
		.alive = alive->names,
		.nalive = alive->n,
	};

	if (t->cost) {
		end.cost = cost;
		end.ncost = read_cost(c, cost, 128);
	}
	if (t->cmd && !t->all && !counts->calls && capture_others(c))
		end.hint = "CMD's own tasks made no namespace call, but others did meanwhile: a "
			   "daemon "
			   "may have done the work. Try --all, or --container NAME without CMD.";
	nsv_end(view, &end);
}

static bool output_broken(struct nsv *view, FILE *out)
{
	return nsv_flush(view) || ferror(out);
}

/* Has what is traced ended by itself? */
static bool is_over(const struct trace *t, const struct capture *c, struct child *child)
{
	pid_t living;

	if (t->cmd)
		return child_poll(child) && (!t->wait_tree || !capture_tree(c, &living, 1));
	return t->pid && !capture_tree(c, &living, 1);
}

/* Until it is over, a signal comes, or nobody reads any more. */
static void pump(struct trace *t, struct capture *c, struct child *child, struct nsv *view)
{
	bool over = false;

	while (!stop_count && !over && !output_broken(view, t->out)) {
		over = is_over(t, c, child);
		capture_poll(c, over ? 0 : POLL_MS, feed, t);
	}
	if (!t->cmd || child->ended)
		return;
	/* CMD goes on to its end, told as long as somebody reads; a second signal leaves it alone
	 */
	if (stop_count && !stop_by_terminal)
		kill(child->pid, stop_signal);
	while (stop_count < 2 && !child_poll(child)) {
		capture_poll(c, POLL_MS, feed, t);
		nsv_flush(view);
	}
}

static int trace(struct trace *t, struct capture *c, const struct machine *m, struct child *child,
		 struct nsv *view, struct nsl_error *e)
{
	struct survivors alive = {0};
	uint64_t started;
	int broken;

	if (t->cmd && !t->all && capture_follow(c, child->pid, false, e))
		return -1;
	if (capture_attach(c, e))
		return -1;
	tell_phase(t, "attached");
	/* after attaching: children that are born meanwhile are added by the programs */
	if (t->pid && capture_follow(c, t->pid, true, e))
		return -1;
	started = now_ns(CLOCK_MONOTONIC);
	tell_start(t, view, m, c);
	if (stop_count && t->cmd) {
		child_abandon(child); /* stopped before CMD was let go: it never runs */
		return 0;
	}
	if (t->cmd)
		child_go(child);
	pump(t, c, child, view);
	tell_phase(t, "traced");
	capture_stop(c, feed, t);
	nsm_finish(t->model);
	if (t->cmd && !t->all)
		survivors_find(&alive, c);
	tell_end(t, view, c, started, &alive);
	survivors_free(&alive);
	broken = nsv_flush(view);
	if (broken && broken != EPIPE)
		return nsl_error_set(e, "cannot write %s: %s", t->output ? t->output : "the story",
				     strerror(broken));
	return 0;
}

static int open_output(struct trace *t, int colour, struct nsl_error *e)
{
	const char *no_colour = getenv("NO_COLOR");
	struct winsize size;
	int fd;

	t->out = t->cmd ? stderr : stdout;
	if (t->output && strcmp(t->output, "-")) {
		t->out = fopen(t->output, "we");
		if (!t->out)
			return nsl_error_set(e, "cannot write %s: %s", t->output, strerror(errno));
	} else if (t->output) {
		t->out = stdout;
	}
	fd = fileno(t->out);
	t->view.exits = t->capture.exits;
	t->view.colour = colour >= 0 ? colour : isatty(fd) && !(no_colour && *no_colour);
	if (!t->view.width && isatty(fd) && !ioctl(fd, TIOCGWINSZ, &size))
		t->view.width = size.ws_col;
	return 0;
}

static void catch_signals(void)
{
	struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++) {
		struct sigaction old;

		/* nohup ignores HUP on purpose; a shell's & ignores INT by habit */
		if (stop_signals[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(stop_signals[i], &act, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

int cmd_trace(int argc, char **argv)
{
	struct trace t = {0};
	struct nsm_sink sink = {&t, on_call, on_ns, on_task, on_lost};
	struct nsl_error e = {""};
	struct child child = {.pid = -1, .go_fd = -1};
	struct capture *c = NULL;
	struct nsv *view = NULL;
	struct machine machine;
	int colour, status;

	status = parse_options(&t, argc, argv, &colour);
	if (status < 0)
		status = check_options(&t);
	if (status >= 0)
		return status;
	tell_phase(&t, NULL);
	catch_signals();
	status = t.cmd ? EXIT_NSLENS : EXIT_FAILED;
	machine_read(&machine);
	if (open_output(&t, colour, &e)) {
		status = EXIT_USAGE;
		goto out;
	}
	if (!machine_permits(&machine, &e))
		goto out;
	t.capture.follow_tree = t.pid || (t.cmd && !t.all);
	c = capture_open(&t.capture, &machine, &e);
	if (!c)
		goto out;
	tell_phase(&t, "chosen and loaded");
	if (t.cmd && child_prepare(&child, t.cmd, t.user, &e))
		goto out;
	view = nsv_new(t.out, &t.view);
	t.model = nsm_new(&sink);
	if (!view || !t.model) {
		nsl_error_set(&e, "out of memory");
		goto out;
	}
	nsm_set_kernel(t.model, machine.kernel);
	t.shown = nsv_sink(view);
	if (trace(&t, c, &machine, &child, view, &e))
		goto out;
	status = t.cmd ? child_exit_status(&child, t.cmd[0]) : EXIT_DONE;
out:
	if (e.text[0])
		complain("trace", "%s", e.text);
	if (child.go_fd >= 0)
		child_abandon(&child);
	nsm_free(t.model);
	nsv_free(view);
	tell_phase(&t, "told");
	capture_close(c);
	tell_phase(&t, "let go");
	if (t.out && t.out != stdout && t.out != stderr)
		fclose(t.out);
	return status;
}
