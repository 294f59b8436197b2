// SPDX-License-Identifier: GPL-2.0-only
#include "record_feeds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../model/graph_rows.h"
#include "../model/startup.h"
#include "../view/otlp.h"
#include "../view/prometheus.h"
#include "cmd.h"
#include "otlp_sender.h"

#define METRICS_NS 10000000000ull /* scrapers come every 15 s or so */
#define PATIENCE   3000		  /* ms at the end, for a collector */

struct record_feeds {
	struct nsv_metrics *metrics;
	char *file, *fresh; /* the second one takes the name of the first */
	uint64_t written;   /* when */
	uint64_t events, seen_lost;
	bool complained;

	struct nsu *startups;
	struct otlp_sender *sender;
	struct nsv_otlp source;
	char *version, *release, *boot_id, hostname[65];
	struct nsv_buf body;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void on_startup(void *ctx, const struct nsu_startup *startup)
{
	struct record_feeds *f = ctx;

	f->body.len = 0;
	f->body.failed = false;
	nsv_otlp_startup(&f->body, &f->source, startup);
	if (!f->body.failed)
		otlp_sender_put(f->sender, f->body.data, f->body.len);
}

static bool open_otlp(struct record_feeds *f, const char *url, const struct nsv_start *start,
		      struct nsl_error *e)
{
	struct nsu_options options = {.kernel = start->kernel, .done = on_startup, .ctx = f};

	memcpy(options.initial, start->initial, sizeof(options.initial));
	f->version = strdup(start->version ? start->version : "");
	f->release = strdup(start->release ? start->release : "");
	f->boot_id = strdup(start->boot_id ? start->boot_id : "");
	f->startups = nsu_new(&options);
	if (!f->version || !f->release || !f->boot_id || !f->startups) {
		nsl_error_set(e, "out of memory");
		return false;
	}
	gethostname(f->hostname, sizeof(f->hostname) - 1);
	f->source = (struct nsv_otlp){.version = f->version,
				      .release = f->release,
				      .boot_id = f->boot_id,
				      .hostname = f->hostname,
				      .mono_ns = start->mono_ns,
				      .wall_ns = start->wall_ns,
				      .kernel = start->kernel};
	f->sender = otlp_sender_start(url, e);
	return f->sender != NULL;
}

static bool open_metrics(struct record_feeds *f, const char *file, const struct nsv_start *start,
			 struct nsl_error *e)
{
	f->file = strdup(file);
	if (asprintf(&f->fresh, "%s.%d.tmp", file, (int)getpid()) < 0)
		f->fresh = NULL;
	f->metrics = nsv_metrics_new(start);
	if (f->file && f->fresh && f->metrics)
		return true;
	nsl_error_set(e, "out of memory");
	return false;
}

static void let_go(struct record_feeds *f)
{
	nsv_metrics_free(f->metrics);
	nsu_free(f->startups);
	free(f->file);
	free(f->fresh);
	free(f->version);
	free(f->release);
	free(f->boot_id);
	free(f->body.data);
	free(f);
}

/* A scraper never sees half of it. */
static int write_metrics(struct record_feeds *f, const struct nsg *graph, uint64_t forks)
{
	struct nsv_metrics_now now = {
		.events = f->events, .forks = forks, .wall_ns = now_ns(CLOCK_REALTIME)};
	int fd = open(f->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int err;

	f->written = now_ns(CLOCK_MONOTONIC);
	if (!out) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	for (const struct nsg_ns *ns = graph ? nsg_namespaces(graph) : NULL; ns; ns = ns->next)
		now.namespaces[ns->type]++;
	err = nsv_metrics_write(f->metrics, out, &now);
	/* node_exporter is another user */
	if (!err && fchmod(fd, 0644))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	if (!err && rename(f->fresh, f->file))
		err = -errno;
	if (err)
		unlink(f->fresh);
	return err;
}

static void try_metrics(struct record_feeds *f, const struct nsg *graph, uint64_t forks)
{
	int err = write_metrics(f, graph, forks);

	if (err && !f->complained)
		complain("record", "--metrics %s: cannot be written: %s; recording goes on",
			 f->file, strerror(-err));
	f->complained = err != 0;
}

/* The paths of cgroups were told before. */
static void on_row(void *ctx, const struct nsl_head *row)
{
	struct record_feeds *f = ctx;

	if (row->kind == NSL_EV_CGROUP)
		nsu_feed(f->startups, row);
}

struct record_feeds *record_feeds_new(const struct record_feeds_options *o,
				      const struct nsv_start *start, const struct nsg *graph,
				      struct nsl_error *e)
{
	struct record_feeds *f = calloc(1, sizeof(*f));
	int err;

	if (!f) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	if (o->metrics && !open_metrics(f, o->metrics, start, e))
		goto fail;
	err = o->metrics ? write_metrics(f, graph, 0) : 0;
	if (err) {
		nsl_error_set(e, "--metrics %s: cannot be written: %s", o->metrics, strerror(-err));
		goto fail;
	}
	if (o->otlp && !open_otlp(f, o->otlp, start, e))
		goto fail;
	if (f->startups)
		nsg_rows(graph, start->mono_ns, on_row, f);
	return f;
fail:
	let_go(f);
	return NULL;
}

void record_feeds_event(struct record_feeds *f, const struct nsl_head *event)
{
	if (!f)
		return;
	f->events++;
	if (f->metrics && event->kind == NSL_EV_LOST) {
		const struct nsl_lost *lost = (const struct nsl_lost *)event;

		nsv_metrics_lost(f->metrics, (enum nsl_hook)lost->hook, lost->count);
	}
	if (f->startups)
		nsu_feed(f->startups, event); /* what it cannot use it leaves alone */
}

void record_feeds_call(struct record_feeds *f, const struct nsm_call *call)
{
	if (f && f->metrics)
		nsv_metrics_call(f->metrics, call);
}

void record_feeds_born(struct record_feeds *f, const struct nsg_ns *ns)
{
	if (f && f->metrics)
		nsv_metrics_born(f->metrics, (enum nsl_type)ns->type);
}

void record_feeds_died(struct record_feeds *f, const struct nsg_ns *ns)
{
	if (f && f->metrics)
		nsv_metrics_died(f->metrics, (enum nsl_type)ns->type);
}

void record_feeds_tick(struct record_feeds *f, const struct nsg *graph, uint64_t forks)
{
	if (f && f->metrics && now_ns(CLOCK_MONOTONIC) - f->written >= METRICS_NS)
		try_metrics(f, graph, forks);
}

static void end_sender(struct record_feeds *f)
{
	struct otlp_counts counts;

	nsu_finish(f->startups);
	otlp_sender_stop(f->sender, PATIENCE, &counts);
	if (counts.dropped)
		complain("record",
			 "%llu start-ups were sent to the collector, %llu were not (%s); all of "
			 "them are in the recording: nslens export --format otlp",
			 (unsigned long long)counts.sent, (unsigned long long)counts.dropped,
			 counts.why);
	else
		complain("record", "%llu start-ups were sent to the collector",
			 (unsigned long long)counts.sent);
}

void record_feeds_end(struct record_feeds *f, const struct nsg *graph, uint64_t forks)
{
	if (!f)
		return;
	if (f->metrics)
		try_metrics(f, graph, forks);
	if (f->sender)
		end_sender(f);
	let_go(f);
}
