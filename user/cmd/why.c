// SPDX-License-Identifier: GPL-2.0-only
/* nslens why: what keeps a namespace alive, and what would have to go. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../capture/keepers.h"
#include "../capture/machine.h"
#include "../view/why.h"
#include "cmd.h"
#include "recorded.h"
#include "signals.h"
#include "values.h"
#include "why_alive.h"
#include "why_options.h"
#include "why_proc.h"
#include "why_target.h"

#define POLL_MS	    50
#define READ_NS	    1000000000u /* how often descriptors, mounts and sockets are read anew */
#define MAX_WATCHED 256
#define READINGS    2 /* without a keeper, until a namespace counts as gone */
#define OWN_MNT	    "/proc/self/ns/mnt"
#define MAX_NOTES   6

struct watched {
	uint64_t id;
	struct nse_why *last; /* not folded */
	unsigned int empty;   /* readings in a row that found no keeper */
	bool dead;
};

struct why {
	struct why_options options;
	struct machine machine;
	struct why_target target;
	struct nse_why_context context;
	struct nsv *view;
	struct watched watched[MAX_WATCHED];
	size_t n;
	char note[MAX_NOTES][200];
	const char *notes[MAX_NOTES];
	size_t nnotes;
	uint64_t ts; /* of the event that is being applied */
	bool watching;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static struct nse_why *ask(const struct why *y, const struct nsg *g, uint64_t id, bool fold)
{
	const struct nsg_ns *ns = nsg_find_ns(g, id);
	struct nse_why_context context = y->context;

	context.fold = fold;
	context.many = y->n > 1;
	if (!y->options.input)
		context.now = now_ns();
	return ns ? nse_why(g, ns, &context) : NULL;
}

__attribute__((format(printf, 2, 3))) static void note(struct why *y, const char *format, ...)
{
	va_list ap;

	if (y->nnotes == MAX_NOTES)
		return;
	va_start(ap, format);
	vsnprintf(y->note[y->nnotes], sizeof(y->note[0]), format, ap);
	va_end(ap);
	y->notes[y->nnotes] = y->note[y->nnotes];
	y->nnotes++;
}

/* Is there a hook that tells of deaths? */
static bool deaths_seen(const struct ladder *l)
{
	for (size_t i = 0; i < nhooks; i++)
		if (hooks[i].role == ROLE_DEATH && l->choice[i].mechanism != MECH_NONE)
			return true;
	return false;
}

static void describe(struct why *y, const struct ladder *l)
{
	struct nse_why_context *c = &y->context;
	struct stat st;

	c->kernel = y->machine.kernel;
	c->own_pid = (uint32_t)getpid();
	c->own_mnt = stat(OWN_MNT, &st) ? 0 : (uint32_t)st.st_ino;
	c->foreign_pids = l && !y->machine.init_pid_ns;
	c->no_nsproxies = !l;
	c->deaths_unseen = !l || !deaths_seen(l);
	if (c->foreign_pids)
		note(y, "nslens runs inside a pid namespace: pids are those of the initial one, "
			"and no command is given where it would need one");
	if (!l)
		note(y, "without BPF: nsproxies, the kernel's counts, what is half-built");
}

/* What may not be looked at is told: somebody else's keepers look like none. */
static void describe_reading(struct why *y, const struct keepers_report *r)
{
	y->context.partly =
		r->refused || r->descriptors_refused || r->mount_namespaces_refused || r->too_long;
	if (r->refused)
		note(y, "descriptors of %zu of %zu processes (%s)%s", r->refused, r->processes,
		     strerror(r->refused_error), y->machine.root ? "" : ": run nslens as root");
	if (r->descriptors_refused)
		note(y, "%zu descriptors that may not be asked for their namespace",
		     r->descriptors_refused);
	if (r->mount_namespaces_refused)
		note(y, "mounts of %zu mount namespaces", r->mount_namespaces_refused);
	if (r->too_long)
		note(y, "%zu files below /proc of more than 64 MiB", r->too_long);
}

/*
 * Everything, although one namespace is meant: what keeps its children, and how a
 * mount namespace without tasks can be entered, is told too.
 */
static const struct keepers_options everything = {.all_sockets = true};

/* ---- once ---- */

static int find(struct why *y, const struct nsg *g, struct nsl_error *e)
{
	uint64_t ids[MAX_WATCHED];

	y->target.partly = y->context.partly || !y->machine.root;
	y->n = why_target_find(&y->target, g, ids, MAX_WATCHED, e);
	for (size_t i = 0; i < y->n; i++)
		y->watched[i].id = ids[i];
	if (e->text[0])
		return -1;
	if (!y->n && y->options.view.style != NSV_JSON)
		puts("Every namespace that it has is an initial one: those never die.");
	return 0;
}

static int tell(struct why *y, const struct nsg *g, struct nsl_error *e)
{
	for (size_t i = 0; i < y->n; i++) {
		struct nse_why *w = ask(y, g, y->watched[i].id, true);

		if (!w)
			return nsl_error_set(e, "out of memory");
		if (i && y->options.view.style != NSV_JSON)
			putchar('\n');
		nsv_why(y->view, w, y->notes, y->nnotes);
		nse_why_free(w);
	}
	return 0;
}

/* ---- --watch ---- */

static void note_time(void *ctx, struct nsl_head *event)
{
	struct why *y = ctx;

	y->ts = event->ts;
}

static void bury(struct why *y, struct watched *d, const struct nsg_cause *cause, bool seen,
		 uint64_t ts)
{
	/* what was still there at the last reading has gone with it */
	for (size_t i = 0; i < d->last->nkeepers; i++)
		nsv_why_change(y->view, d->last, &d->last->keepers[i], false, ts);
	nsv_why_died(y->view, d->last, cause, seen, ts);
	nsv_flush(y->view);
	d->dead = true;
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	struct why *y = ctx;

	for (size_t i = 0; i < y->n && y->watching; i++)
		if (y->watched[i].id == ns->id && !y->watched[i].dead && y->watched[i].last)
			bury(y, &y->watched[i], cause, true, y->ts);
}

static const struct nse_keeper *find_same(const struct nse_why *w, const struct nse_keeper *k)
{
	for (size_t i = 0; i < w->nkeepers; i++)
		if (nse_keeper_same(&w->keepers[i], k))
			return &w->keepers[i];
	return NULL;
}

static void compare(struct why *y, const struct nse_why *before, const struct nse_why *after,
		    uint64_t ts)
{
	for (size_t i = 0; i < before->nkeepers; i++)
		if (!find_same(after, &before->keepers[i]))
			nsv_why_change(y->view, before, &before->keepers[i], false, ts);
	for (size_t i = 0; i < after->nkeepers; i++)
		if (!find_same(before, &after->keepers[i]))
			nsv_why_change(y->view, after, &after->keepers[i], true, ts);
}

/* `again`: descriptors, mounts and sockets have just been read. */
static int look(struct why *y, struct watched *d, const struct nsg *g, bool again,
		struct nsl_error *e)
{
	struct nse_why *w = ask(y, g, d->id, false);
	enum why_alive alive;

	if (!w) {
		if (nsg_find_ns(g, d->id))
			return nsl_error_set(e, "out of memory");
		/* a snapshot after a loss did not find it again */
		bury(y, d, NULL, false, now_ns());
		return 0;
	}
	/* what a reading finds has happened before it ended: the beginning is the better guess */
	compare(y, d->last, w, again ? y->context.fresh : now_ns());
	nse_why_free(d->last);
	d->last = w;
	if (again)
		d->empty = w->nkeepers ? 0 : d->empty + 1;
	if (!again || d->empty < READINGS || !y->context.deaths_unseen)
		return 0;
	alive = why_alive(w);
	/* in flight over a UNIX socket, for instance */
	if (alive == WHY_ALIVE && d->empty == READINGS)
		nsv_why_hidden(y->view, w, now_ns());
	if (alive == WHY_ALIVE || (alive == WHY_NOBODY_KNOWS && y->context.partly))
		return 0;
	bury(y, d, NULL, false, now_ns());
	return 0;
}

static bool all_dead(const struct why *y)
{
	for (size_t i = 0; i < y->n; i++)
		if (!y->watched[i].dead)
			return false;
	return true;
}

static int watch(struct why *y, struct live *l, struct nsl_error *e)
{
	struct keepers_report report;
	uint64_t due = now_ns() + READ_NS;

	nsv_why_begin(y->view, now_ns());
	for (size_t i = 0; i < y->n; i++) {
		y->watched[i].last = ask(y, live_graph(l), y->watched[i].id, false);
		if (!y->watched[i].last)
			return nsl_error_set(e, "out of memory");
		if (y->watched[i].last->state == NSE_WHY_INITIAL)
			return nsl_error_set(e, "--watch: %s is initial, and never dies",
					     y->options.ns);
	}
	y->watching = true;
	while (!stop_count && !all_dead(y)) {
		bool again = now_ns() >= due;
		int events = live_poll(l, POLL_MS, e);

		if (events < 0)
			return -1;
		if (again) {
			y->context.fresh = now_ns();
			if (live_keepers(l, &everything, &report, e))
				return -1;
			due = now_ns() + READ_NS;
		}
		for (size_t i = 0; i < y->n && (events || again); i++)
			if (!y->watched[i].dead && look(y, &y->watched[i], live_graph(l), again, e))
				return -1;
		if (nsv_flush(y->view))
			return 0;
	}
	return 0;
}

static int run_live(struct why *y, struct nsl_error *e)
{
	struct live_options *o = &y->options.live;
	struct keepers_report report = {0};
	struct live *l;
	int err;

	o->ctx = o->graph.ctx = y;
	o->event = note_time;
	o->graph.died = on_died;
	o->stop = &stop_count;
	l = live_open(o, &y->machine, e);
	if (!l)
		return -1;
	describe(y, capture_ladder(live_capture(l)));
	y->context.opened = now_ns();
	err = live_keepers(l, &everything, &report, e);
	if (!err)
		describe_reading(y, &report);
	if (!err)
		err = find(y, live_graph(l), e);
	if (!err)
		err = tell(y, live_graph(l), e);
	nsv_flush(y->view);
	if (!err && y->options.watch)
		err = watch(y, l, e);
	live_close(l);
	return err;
}

static int run_proc(struct why *y, struct nsl_error *e)
{
	struct proc_report tasks = {0};
	struct keepers_report report = {0};
	struct nsg *g = why_proc_graph(&everything, &tasks, &report, e);
	int err;

	if (!g)
		return -1;
	describe(y, NULL);
	if (tasks.refused)
		note(y, "the namespaces of %zu threads (%s)%s", tasks.refused,
		     strerror(tasks.refused_error), y->machine.root ? "" : ": run nslens as root");
	describe_reading(y, &report);
	y->context.partly |= tasks.refused > 0;
	err = find(y, g, e);
	if (!err)
		err = tell(y, g, e);
	nsg_free(g);
	return err;
}

/* A moment that is over: no command is given for what may be another process by now. */
static int run_recorded(struct why *y, struct nsl_error *e)
{
	struct store_reader *r = recorded_open("why", y->options.input, e);
	uint64_t first, last, at = UINT64_MAX;
	struct nsg *g = NULL;
	int err = -1;

	if (r && (!y->options.at || !recorded_time(r, y->options.at, &at, e)))
		g = store_graph_at(r, at, NULL, e);
	if (g) {
		store_span(r, &first, &last);
		y->context.kernel = store_meta_of(r)->kernel;
		y->context.now = at < last ? at : last;
		y->context.foreign_pids = true;
		y->context.deaths_unseen = !store_meta_of(r)->steps;
		note(y, "recorded: descriptors, mounts and sockets are those of the last reading "
			"before that moment");
		err = find(y, g, e);
	}
	if (!err)
		err = tell(y, g, e);
	nsg_free(g);
	store_reader_close(r);
	return err;
}

/* BPF where it is permitted; else, unless it is needed, /proc. */
static int run_best(struct why *y, struct nsl_error *e)
{
	struct nsl_error refused = {""};

	if (y->options.input)
		return run_recorded(y, e);
	if (y->options.proc)
		return run_proc(y, e);
	if (machine_permits(&y->machine, y->options.live.btf, &refused))
		return run_live(y, e);
	if (y->options.watch)
		return nsl_error_set(e, "--watch: %s", refused.text);
	return run_proc(y, e);
}

static int run(struct why *y, struct nsl_error *e)
{
	int broken, err;

	y->options.view.colour = wants_colour(stdout, y->options.colour);
	if (!y->options.view.width)
		y->options.view.width = terminal_width(stdout);
	y->view = nsv_new(stdout, &y->options.view);
	if (!y->view)
		return nsl_error_set(e, "out of memory");
	signals_catch();
	err = run_best(y, e);
	broken = nsv_flush(y->view);
	if (!err && broken && broken != EPIPE)
		return nsl_error_set(e, "cannot write the answer: %s", strerror(broken));
	return err;
}

int cmd_why(int argc, char **argv)
{
	struct why *y = calloc(1, sizeof(*y));
	struct nsl_error e = {""};
	int status;

	if (!y) {
		complain("why", "out of memory");
		return EXIT_FAILED;
	}
	status = why_options_parse(&y->options, argc, argv);
	if (status >= 0) {
		free(y);
		return status;
	}
	signal(SIGPIPE, SIG_IGN);
	machine_read(&y->machine);
	status = why_target_parse(&y->target, y->options.ns, y->options.type, y->options.input, &e);
	if (status < 0)
		status = run(y, &e) ? EXIT_FAILED : EXIT_DONE;
	if (y->target.ambiguous)
		status = EXIT_USAGE;
	if (e.text[0])
		complain("why", "%s", e.text);
	else if (status == EXIT_DONE && y->watching && stop_count && !all_dead(y))
		status = 128 + stop_signal;
	for (size_t i = 0; i < y->n; i++)
		nse_why_free(y->watched[i].last);
	nsv_free(y->view);
	free(y);
	return status;
}
