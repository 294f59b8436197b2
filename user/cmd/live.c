// SPDX-License-Identifier: GPL-2.0-only
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../model/graph_rows.h"
#include "live_reaped.h"
#include "privileges.h"

/* A change that is not yet in the ring is there after a moment: RCU, a task that is exiting. */
#define VERIFY_PAUSE_MS 30
#define MAX_VERIFY	40
#define FIRST_SNAPSHOTS 4
/* While losses go on, the graph is not read anew more often than this. */
#define RESYNC_EVERY_NS 100000000u
#define LOOK_EVERY_NS	5000000000u
#define LOOK_AFTER_NS	1000000000u

struct live {
	struct live_options options;
	struct capture *capture;
	struct nsg *graph;
	uint64_t snapshot_ns;
	uint64_t resynced; /* when the last one after a loss began */
	uint64_t looked;   /* for namespaces that no task reaches */
	uint64_t told_lost;
	struct live_reaped reaped;
	bool foreign_pids; /* tasks have other numbers here than in the kernel's events */
	bool ready;	   /* the first snapshot has ended */
	bool out_of_memory;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void feed(void *ctx, struct nsl_head *event);

/*
 * After a loss a snapshot finds again what tasks reach. What else lives, the hooks know: it is
 * told by rows, so that a recording of the events gives the same graph.
 */
static void keep_living(struct live *l)
{
	struct nsl_ns row;

	for (const struct nsg_ns *ns = nsg_namespaces(l->graph); ns; ns = ns->next) {
		if (!ns->unused || nsg_find_inum(l->graph, ns->inum) != ns ||
		    !capture_lives(l->capture, ns->inum))
			continue;
		nsg_row_of(l->graph, ns, &row);
		feed(l, &row.head);
	}
}

static void feed(void *ctx, struct nsl_head *event)
{
	struct live *l = ctx;

	if (l->options.event)
		l->options.event(l->options.ctx, event);
	if (nsg_feed(l->graph, event) == -ENOMEM)
		l->out_of_memory = true;
	if (event->kind == NSL_EV_SNAPSHOT && nsg_stale(l->graph) &&
	    ((struct nsl_snapshot *)event)->event == NSL_SNAPSHOT_BEGIN)
		keep_living(l);
}

static void on_born(void *ctx, const struct nsg_ns *ns)
{
	struct live *l = ctx;

	if (l->ready && l->options.graph.born)
		l->options.graph.born(l->options.graph.ctx, ns);
}

static void on_died(void *ctx, const struct nsg_ns *ns, const struct nsg_cause *cause)
{
	static const struct nsg_cause not_known = {.kind = NSG_CAUSE_NONE};
	struct live *l = ctx;

	/* nslens only looked at it when its last keeper went */
	if (cause->pid == (uint32_t)getpid())
		cause = &not_known;
	if (l->ready && l->options.graph.died)
		l->options.graph.died(l->options.graph.ctx, ns, cause);
}

static int snapshot(struct live *l, struct nsl_error *e)
{
	uint64_t started = now_ns();

	if (capture_snapshot(l->capture, feed, l, e))
		return -1;
	l->snapshot_ns = now_ns() - started;
	return 0;
}

static int read_keepers(struct live *l, struct nsl_error *e)
{
	struct keepers_options all = {0};
	struct keepers_report report;

	return live_keepers(l, &all, &report, e);
}

static bool is_in_graph(void *ctx, bool nsproxy, __u64 id)
{
	return nsproxy ? nsg_find_nsproxy(ctx, id) != NULL : nsg_find_ns(ctx, id) != NULL;
}

static bool has_unused(const struct live *l, uint64_t since)
{
	const struct nsg_ns *ns = nsg_namespaces(l->graph);

	while (ns && (!ns->unused || ns->unused > since))
		ns = ns->next;
	return ns != NULL;
}

/*
 * With tracepoints nobody tells of a namespace's death: those that no task reaches
 * any more are looked for in /proc, and dropped if nothing there holds them.
 */
static int look_for_unused(struct live *l, struct nsl_error *e)
{
	uint64_t now = now_ns();

	if (capture_ladder(l->capture)->functions || now - l->looked < LOOK_EVERY_NS)
		return 0;
	l->looked = now;
	if (has_unused(l, now - LOOK_AFTER_NS)) {
		if (read_keepers(l, e))
			return -1;
		nsg_drop_unkept(l->graph, now - LOOK_AFTER_NS);
	}
	if (!nsg_stale(l->graph))
		capture_sweep(l->capture, is_in_graph, l->graph);
	return 0;
}

/* Says what was lost, and reads the graph anew. */
static int resync(struct live *l, struct nsl_error *e)
{
	struct nsg_totals totals;
	uint64_t now = now_ns();

	if (!nsg_stale(l->graph) || now - l->resynced < RESYNC_EVERY_NS)
		return 0;
	nsg_totals(l->graph, &totals);
	if (l->options.lost && totals.lost > l->told_lost)
		l->options.lost(l->options.ctx, now, totals.lost - l->told_lost);
	l->told_lost = totals.lost;
	l->resynced = now;
	/* first: what they hold must not be taken for dead */
	if (((l->options.keepers || !capture_ladder(l->capture)->functions) &&
	     read_keepers(l, e)) ||
	    snapshot(l, e))
		return -1;
	if (l->options.resync && !nsg_stale(l->graph))
		l->options.resync(l->options.ctx, now_ns(), l->snapshot_ns);
	return 0;
}

struct live *live_open(const struct live_options *o, const struct machine *m, struct nsl_error *e)
{
	struct capture_options options = {
		.mode = o->mode,
		.ring_bytes = o->ring_bytes,
		.verbose = o->verbose,
		.graph = true,
		.milestones = o->milestones,
		.keep_tree = o->keep_tree,
		.programs = o->programs,
	};
	struct live *l = calloc(1, sizeof(*l));
	struct nsg_sink sink = {.ctx = l, .born = on_born, .died = on_died};

	if (!l || !(l->graph = nsg_new(&sink))) {
		nsl_error_set(e, "out of memory");
		live_close(l);
		return NULL;
	}
	l->options = *o;
	l->foreign_pids = !m->init_pid_ns;
	l->capture = capture_open(&options, m, e);
	if (!l->capture || capture_attach(l->capture, o->stop, e) ||
	    (!o->stay_privileged && privileges_drop(NEED_GRAPH | o->needs, e)) || snapshot(l, e)) {
		live_close(l);
		return NULL;
	}
	/* something was lost at once: the next look comes with the first poll */
	for (int i = 0; i < FIRST_SNAPSHOTS && nsg_stale(l->graph) && !*o->stop; i++) {
		if (snapshot(l, e)) {
			live_close(l);
			return NULL;
		}
	}
	l->ready = true;
	return l;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	capture_close(l->capture);
	nsg_free(l->graph);
	free(l);
}

const struct nsg *live_graph(const struct live *l)
{
	return l->graph;
}

struct capture *live_capture(struct live *l)
{
	return l->capture;
}

uint64_t live_snapshot_ns(const struct live *l)
{
	return l->snapshot_ns;
}

void live_lost(struct live *l, uint64_t count)
{
	struct nsl_lost gap = nsm_gap(now_ns(), count);

	nsg_feed(l->graph, &gap.head);
}

void live_rename(struct live *l, uint32_t tid, const char *comm)
{
	nsg_rename(l->graph, tid, comm);
}

int live_poll(struct live *l, int timeout_ms, struct nsl_error *e)
{
	int n = capture_poll(l->capture, timeout_ms, feed, l);

	if (!l->foreign_pids && !nsg_stale(l->graph))
		live_reaped_look(&l->reaped, l->capture, l->graph, now_ns(), feed, l);
	if (resync(l, e) || look_for_unused(l, e))
		return -1;
	if (l->out_of_memory && nsg_stale(l->graph))
		return nsl_error_set(e, "out of memory: the graph cannot be kept");
	l->out_of_memory = false;
	return n;
}

/* What a walk finds: namespaces that the graph does not know, told in parts, and keepers. */
struct found {
	struct live *live;
	int fds[MAX_ASKED];
	size_t n;
	struct nsl_keeper **keepers;
	size_t nkeepers;
	uint64_t *numbers; /* the kernel's, of those that the graph knows, sorted */
	size_t nnumbers;
	struct nsl_error *e;
	bool failed;
};

static void tell_found(struct found *f)
{
	if (f->n && capture_tell_descriptors(f->live->capture, f->fds, f->n, feed, f->live, f->e))
		f->failed = true;
	while (f->n)
		close(f->fds[--f->n]);
}

static __u32 known_type(void *ctx, __u32 inum)
{
	const struct found *f = ctx;
	const struct nsg_ns *ns = nsg_find_inum(f->live->graph, inum);

	return ns ? ns->type : (__u32)NSL_TYPE_UNKNOWN;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool known_number(void *ctx, __u64 ns_id)
{
	const struct found *f = ctx;

	return bsearch(&ns_id, f->numbers, f->nnumbers, sizeof(ns_id), by_number);
}

static void keep_descriptor(void *ctx, int fd)
{
	struct found *f = ctx;
	struct stat st;

	if (fstat(fd, &st) || nsg_find_inum(f->live->graph, (uint32_t)st.st_ino))
		return;
	f->fds[f->n] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (f->fds[f->n] >= 0)
		f->n++;
	if (f->n == MAX_ASKED)
		tell_found(f);
}

/* The kernel's own list, which tells numbers only. */
static void look_at_list(struct found *f)
{
	struct nsg_totals totals;

	nsg_totals(f->live->graph, &totals);
	f->numbers = calloc(totals.namespaces + 1, sizeof(*f->numbers));
	for (const struct nsg_ns *ns = nsg_namespaces(f->live->graph); ns && f->numbers;
	     ns = ns->next)
		if (ns->ns_id && f->nnumbers < totals.namespaces)
			f->numbers[f->nnumbers++] = ns->ns_id;
	if (f->numbers)
		qsort(f->numbers, f->nnumbers, sizeof(*f->numbers), by_number);
	keepers_each_listed(0, f->numbers ? known_number : NULL, keep_descriptor, f);
	free(f->numbers);
}

/* For later: first its namespace has to be told. */
static void keep_keeper(void *ctx, struct nsl_head *event)
{
	struct found *f = ctx;
	struct nsl_keeper **more, *copy;

	if (event->kind != NSL_EV_KEEPER)
		return;
	copy = malloc(event->size);
	more = realloc(f->keepers, (f->nkeepers + 1) * sizeof(*more));
	if (more)
		f->keepers = more;
	if (!copy || !more) {
		f->failed = true;
		nsl_error_set(f->e, "out of memory: what holds namespaces cannot be kept");
		free(copy);
		return;
	}
	memcpy(copy, event, event->size);
	f->keepers[f->nkeepers++] = copy;
}

/* Told also where nothing was found: else the old ones stay. Nothing after nothing is no news. */
static void feed_begin(struct found *f)
{
	struct nsg *g = f->live->graph;
	struct nsl_keeper row;
	size_t before;

	nsg_keepers(g, &before);
	if (!before && !f->nkeepers)
		return;
	nsg_row_of_reading(g, f->nkeepers ? f->keepers[0]->head.ts : now_ns(), &row);
	feed(f->live, &row.head);
}

static void feed_keepers(struct found *f)
{
	feed_begin(f);
	for (size_t i = 0; i < f->nkeepers; i++)
		/* rows without an id are of no use: the kernel side has told better ones */
		if (capture_name(f->live->capture, f->keepers[i]))
			feed(f->live, &f->keepers[i]->head);
}

int live_keepers(struct live *l, const struct keepers_options *o, struct keepers_report *report,
		 struct nsl_error *e)
{
	struct found f = {.live = l, .e = e};
	struct keepers_options gather = *o;

	gather.each = keep_descriptor;
	gather.known = known_type;
	look_at_list(&f);
	if (keepers_read(&gather, keep_keeper, &f, report, e))
		f.failed = true;
	tell_found(&f);
	if (!f.failed)
		feed_keepers(&f);
	while (f.nkeepers)
		free(f.keepers[--f.nkeepers]);
	free(f.keepers);
	return f.failed ? -1 : 0;
}

int live_verify(struct live *l, unsigned int *snapshots, struct nsl_error *e)
{
	struct timespec pause = {.tv_nsec = VERIFY_PAUSE_MS * 1000000L};
	size_t n = 1, confirmed = 0;

	*snapshots = 0;
	for (int i = 0; i < MAX_VERIFY && n > confirmed && !*l->options.stop; i++) {
		if (i)
			nanosleep(&pause, NULL);
		if (live_poll(l, 0, e) < 0)
			return -1;
		if (nsg_stale(l->graph))
			continue; /* something was just lost: it is being read anew */
		nsg_verify(l->graph);
		if (snapshot(l, e))
			return -1;
		++*snapshots;
		if (!nsg_stale(l->graph))
			nsg_differences(l->graph, &n, &confirmed);
	}
	return 0;
}
