// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_internal.h"

/* Upper bounds of the histograms, nanoseconds and as they are written in seconds. */
static const struct {
	uint64_t ns;
	const char *le;
} bounds[] = {
	{10000, "1e-05"},    {30000, "3e-05"},	  {100000, "0.0001"}, {300000, "0.0003"},
	{1000000, "0.001"},  {3000000, "0.003"},  {10000000, "0.01"}, {30000000, "0.03"},
	{100000000, "0.1"},  {300000000, "0.3"},  {1000000000, "1"},  {3000000000, "3"},
	{10000000000, "10"}, {30000000000, "30"},
};
#define BOUNDS (sizeof(bounds) / sizeof(*bounds))

struct histogram {
	uint64_t in[BOUNDS], count, sum;
};

struct nsv_metrics {
	char version[64], release[128];
	uint64_t wall_ns;
	bool steps;
	uint64_t calls[NSL_SYSCALLS];
	uint64_t failed[NSL_SYSCALLS][NSM_MAX_ERRNO];
	struct histogram call_time[NSL_SYSCALLS];
	struct histogram step_time[NSL_FNS];
	uint64_t lost[NSL_HOOKS];
	uint64_t born[NSL_TYPES], died[NSL_TYPES];
};

struct nsv_metrics *nsv_metrics_new(const struct nsv_start *start)
{
	struct nsv_metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	snprintf(m->version, sizeof(m->version), "%s", start->version ? start->version : "");
	snprintf(m->release, sizeof(m->release), "%s", start->release ? start->release : "");
	m->wall_ns = start->wall_ns;
	m->steps = start->steps;
	return m;
}

void nsv_metrics_free(struct nsv_metrics *m)
{
	free(m);
}

static void observe(struct histogram *h, int64_t duration)
{
	if (duration == NSM_DURATION_UNKNOWN)
		return;
	h->count++;
	h->sum += (uint64_t)duration;
	for (size_t i = 0; i < BOUNDS; i++) {
		if ((uint64_t)duration > bounds[i].ns)
			continue;
		h->in[i]++;
		return;
	}
}

void nsv_metrics_call(struct nsv_metrics *m, const struct nsm_call *call)
{
	m->calls[call->syscall]++;
	if (call->err > 0 && call->err < NSM_MAX_ERRNO)
		m->failed[call->syscall][call->err]++;
	observe(&m->call_time[call->syscall], call->duration);
	for (size_t i = 0; i < call->nsteps; i++)
		if (!call->steps[i].inferred && call->steps[i].outcome != NSM_NOT_REACHED)
			observe(&m->step_time[call->steps[i].fn], call->steps[i].duration);
}

void nsv_metrics_lost(struct nsv_metrics *m, enum nsl_hook hook, uint64_t count)
{
	m->lost[hook] += count;
}

void nsv_metrics_born(struct nsv_metrics *m, enum nsl_type type)
{
	m->born[type]++;
}

void nsv_metrics_died(struct nsv_metrics *m, enum nsl_type type)
{
	m->died[type]++;
}

/* ---- text ---- */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and line end are escaped. Control bytes are left out. */
static void put_value(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		if ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f)
			fputc(*text, out);
	}
}

/* The times of a family, by one label; each is named by `name_of`. */
static void put_histogram(FILE *out, const char *family, const char *label, const char *value,
			  const struct histogram *h)
{
	uint64_t below = 0;

	for (size_t i = 0; i < BOUNDS; i++) {
		below += h->in[i];
		fprintf(out, "%s_bucket{%s=\"%s\",le=\"%s\"} %" PRIu64 "\n", family, label, value,
			bounds[i].le, below);
	}
	fprintf(out, "%s_bucket{%s=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", family, label, value,
		h->count);
	fprintf(out, "%s_sum{%s=\"%s\"} %" PRIu64 ".%09" PRIu64 "\n", family, label, value,
		h->sum / 1000000000u, h->sum % 1000000000u);
	fprintf(out, "%s_count{%s=\"%s\"} %" PRIu64 "\n", family, label, value, h->count);
}

static void put_types(FILE *out, const char *name, const char *type, const char *help,
		      const uint64_t counts[NSL_TYPES])
{
	head(out, name, type, help);
	for (int t = 0; t < NSL_TYPES; t++)
		fprintf(out, "%s{type=\"%s\"} %" PRIu64 "\n", name, nsm_type_name((enum nsl_type)t),
			counts[t]);
}

static void put_calls(const struct nsv_metrics *m, FILE *out)
{
	char number[16];

	head(out, "nslens_calls_total", "counter",
	     "Calls that touched namespaces, by system call.");
	for (int s = NSL_SYS_CLONE; s < NSL_SYSCALLS; s++)
		fprintf(out, "nslens_calls_total{syscall=\"%s\"} %" PRIu64 "\n",
			nsm_syscall_name((enum nsl_syscall)s), m->calls[s]);
	head(out, "nslens_call_failures_total", "counter",
	     "Those of them that failed, by system call and errno.");
	for (int s = 0; s < NSL_SYSCALLS; s++) {
		for (int err = 1; err < NSM_MAX_ERRNO; err++) {
			const char *name = nsm_errno_name(err);

			snprintf(number, sizeof(number), "%d", err);
			if (m->failed[s][err])
				fprintf(out,
					"nslens_call_failures_total{syscall=\"%s\",errno=\"%s\"} "
					"%" PRIu64 "\n",
					nsm_syscall_name((enum nsl_syscall)s), name ? name : number,
					m->failed[s][err]);
		}
	}
}

static void put_times(const struct nsv_metrics *m, FILE *out)
{
	head(out, "nslens_call_duration_seconds", "histogram",
	     "Time from entry to return of calls that touched namespaces.");
	for (int s = 0; s < NSL_SYSCALLS; s++)
		if (m->call_time[s].count)
			put_histogram(out, "nslens_call_duration_seconds", "syscall",
				      nsm_syscall_name((enum nsl_syscall)s), &m->call_time[s]);
	if (!m->steps)
		return;
	head(out, "nslens_step_duration_seconds", "histogram",
	     "Time in the kernel functions inside those calls.");
	for (int fn = 0; fn < NSL_FNS; fn++)
		if (m->step_time[fn].count)
			put_histogram(out, "nslens_step_duration_seconds", "function",
				      nsm_fn_name((enum nsl_fn)fn), &m->step_time[fn]);
}

int nsv_metrics_write(const struct nsv_metrics *m, FILE *out, const struct nsv_metrics_now *now)
{
	head(out, "nslens_info", "gauge", "Which nslens saw which kernel.");
	fputs("nslens_info{version=\"", out);
	put_value(out, m->version);
	fputs("\",kernel=\"", out);
	put_value(out, m->release);
	fprintf(out, "\",steps=\"%s\"} 1\n", m->steps ? "yes" : "no");
	head(out, "nslens_start_time_seconds", "gauge", "When it began, since 1970.");
	fprintf(out, "nslens_start_time_seconds %" PRIu64 ".%03" PRIu64 "\n",
		m->wall_ns / 1000000000u, m->wall_ns / 1000000 % 1000);
	if (now->wall_ns) {
		head(out, "nslens_last_update_time_seconds", "gauge",
		     "When this was written, since 1970.");
		fprintf(out, "nslens_last_update_time_seconds %" PRIu64 ".%03" PRIu64 "\n",
			now->wall_ns / 1000000000u, now->wall_ns / 1000000 % 1000);
	}
	put_types(out, "nslens_namespaces", "gauge", "Namespaces that there are, by type.",
		  now->namespaces);
	put_types(out, "nslens_namespaces_created_total", "counter", "Namespaces that were made.",
		  m->born);
	put_types(out, "nslens_namespaces_destroyed_total", "counter", "Namespaces that died.",
		  m->died);
	put_calls(m, out);
	put_times(m, out);
	head(out, "nslens_events_total", "counter", "Events that were read from the kernel.");
	fprintf(out, "nslens_events_total %" PRIu64 "\n", now->events);
	head(out, "nslens_events_lost_total", "counter",
	     "Events that were lost, by the hooks that sent them.");
	for (int h = 0; h < NSL_HOOKS; h++)
		fprintf(out, "nslens_events_lost_total{hook=\"%s\"} %" PRIu64 "\n",
			nsm_hook_name((enum nsl_hook)h), m->lost[h]);
	head(out, "nslens_forks_total", "counter",
	     "Forks and threads of initial tasks: counted in the kernel, not recorded.");
	fprintf(out, "nslens_forks_total %" PRIu64 "\n", now->forks);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* ---- as a format of an export ---- */

static int metrics_start(struct nsv_export *x, const struct nsv_start *start)
{
	x->own = nsv_metrics_new(start);
	return x->own ? 0 : -1;
}

static void metrics_call(struct nsv_export *x, struct nsv_track *t, const struct nsm_call *call,
			 const struct nsv_span *spans, size_t n)
{
	(void)t;
	(void)spans;
	(void)n;
	nsv_metrics_call(x->own, call);
}

static void metrics_lost(struct nsv_export *x, const struct nsm_lost *lost)
{
	nsv_metrics_lost(x->own, lost->hook, lost->count);
}

static void metrics_end(struct nsv_export *x, const struct nsv_end *end)
{
	struct nsv_metrics_now now = {.events = end->counts->events, .forks = end->forks};
	struct nsv_metrics *m = x->own;
	int err;

	memcpy(now.namespaces, x->counts, sizeof(now.namespaces));
	memcpy(m->born, end->counts->created, sizeof(m->born));
	memcpy(m->died, end->counts->destroyed, sizeof(m->died));
	err = nsv_metrics_write(m, x->out, &now);
	if (err && !x->err)
		x->err = err;
}

static void metrics_free(struct nsv_export *x)
{
	nsv_metrics_free(x->own);
	x->own = NULL;
}

const struct nsv_format_ops nsv_prometheus_ops = {
	.start = metrics_start,
	.call = metrics_call,
	.lost = metrics_lost,
	.end = metrics_end,
	.free = metrics_free,
	.exits = true,
};
