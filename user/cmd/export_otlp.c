// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start-ups as OpenTelemetry traces, one OTLP/JSON object a line; then the calls that
 * belong to none. Which those are is known at the end: the recording is read twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/startup.h"
#include "../view/otlp.h"
#include "export.h"

struct otlp {
	struct nsv_otlp about;
	FILE *out;
	struct nsu *starts;
	struct nsm *calls;
	uint8_t *told; /* a bit a call, by its number: it is in a start-up */
	uint64_t most; /* the highest number that has one */
	struct nsv_buf line;
	int err; /* negative errno of a write, or -ENOMEM */
};

static int refuse(int err, struct nsl_error *e)
{
	return nsl_error_set(e, "%s",
			     err == -ENOMEM ? "out of memory"
					    : "the recording is damaged: an event in it is none");
}

static void write_line(struct otlp *x)
{
	nsv_buf_add(&x->line, "\n", 1);
	if (x->line.failed)
		x->err = -ENOMEM;
	else if (fwrite(x->line.data, 1, x->line.len, x->out) != x->line.len)
		x->err = errno ? -errno : -EIO;
	x->line.len = 0;
}

/* ---- start-ups ---- */

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	int err = nsu_feed(((struct otlp *)ctx)->starts, event);

	(void)seq;
	return err ? refuse(err, e) : 0;
}

static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	return row->kind == NSL_EV_CGROUP ? on_event(ctx, 0, row, e) : 0;
}

static void remember(struct otlp *x, const struct nsu_startup *u)
{
	for (size_t i = 0; i < u->ncalls; i++) {
		uint64_t number = u->calls[i].call.number;

		if (number <= x->most)
			x->told[number / 8] |= (uint8_t)(1u << number % 8);
	}
}

static int write_starts(struct otlp *x)
{
	const struct nsu_startup *const *list;
	size_t n;

	list = nsu_list(x->starts, &n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i]->ncalls; k++)
			if (list[i]->calls[k].call.number > x->most)
				x->most = list[i]->calls[k].call.number;
	x->told = calloc(x->most / 8 + 1, 1);
	if (!x->told)
		return x->err = -ENOMEM;
	for (size_t i = 0; i < n && !x->err; i++) {
		nsv_otlp_startup(&x->line, &x->about, list[i]);
		write_line(x);
		remember(x, list[i]);
	}
	return x->err;
}

/* ---- the other calls ---- */

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct otlp *x = ctx;
	bool told = call->number <= x->most && x->told[call->number / 8] >> call->number % 8 & 1;

	if (told || x->err || call->syscall == NSL_SYS_EXIT)
		return;
	nsv_otlp_call(&x->line, &x->about, call);
	write_line(x);
}

static int on_event_again(void *ctx, uint64_t seq, const struct nsl_head *event,
			  struct nsl_error *e)
{
	struct otlp *x = ctx;
	int err = nsm_feed(x->calls, event);

	(void)seq;
	return err ? refuse(err, e) : 0;
}

static int on_row_again(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	return row->kind == NSL_EV_CGROUP ? on_event_again(ctx, 0, row, e) : 0;
}

static int read_starts(struct otlp *x, struct export_job *job, struct nsl_error *e)
{
	struct nsu_options options = {.kernel = job->meta.kernel};
	const struct export_sink sink = {.ctx = x, .row = on_row, .event = on_event};

	memcpy(options.initial, job->meta.initial, sizeof(options.initial));
	x->starts = nsu_new(&options);
	if (!x->starts)
		return refuse(-ENOMEM, e);
	if (export_read(job, &sink, e))
		return -1;
	return nsu_finish(x->starts) ? refuse(-ENOMEM, e) : 0;
}

static int read_calls(struct otlp *x, struct export_job *job, struct nsl_error *e)
{
	const struct export_sink sink = {.ctx = x, .row = on_row_again, .event = on_event_again};
	const struct nsm_sink calls = {.ctx = x, .call = on_call};

	x->calls = nsm_new(&calls);
	if (!x->calls)
		return refuse(-ENOMEM, e);
	nsm_set_kernel(x->calls, job->meta.kernel);
	if (export_read(job, &sink, e))
		return -1;
	nsm_finish(x->calls);
	return 0;
}

int export_otlp(struct export_job *job, struct nsl_error *e)
{
	struct otlp x = {.out = job->out,
			 .about = {.version = job->meta.version,
				   .release = job->meta.release,
				   .boot_id = job->meta.boot_id,
				   .mono_ns = job->meta.mono_ns,
				   .wall_ns = job->meta.wall_ns,
				   .kernel = job->meta.kernel}};
	int err = read_starts(&x, job, e);

	if (!err && !write_starts(&x))
		err = read_calls(&x, job, e);
	if (!err && !x.err && fflush(job->out))
		x.err = -errno;
	if (!err)
		err = export_written(job, x.err, e);
	nsm_free(x.calls);
	nsu_free(x.starts);
	free(x.told);
	free(x.line.data);
	return err;
}
