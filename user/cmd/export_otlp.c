// SPDX-License-Identifier: GPL-2.0-only
/* Start-ups as OpenTelemetry traces, one OTLP/JSON object a line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/startup.h"
#include "../view/otlp.h"
#include "export.h"

static int refuse(int err, struct nsl_error *e)
{
	return nsl_error_set(e, "%s",
			     err == -ENOMEM ? "out of memory"
					    : "the recording is damaged: an event in it is none");
}

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	int err = nsu_feed(ctx, event);

	(void)seq;
	return err ? refuse(err, e) : 0;
}

static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	return row->kind == NSL_EV_CGROUP ? on_event(ctx, 0, row, e) : 0;
}

static int write_all(struct export_job *job, const struct nsu *u)
{
	const struct nsv_otlp o = {.version = job->meta.version,
				   .release = job->meta.release,
				   .boot_id = job->meta.boot_id,
				   .mono_ns = job->meta.mono_ns,
				   .wall_ns = job->meta.wall_ns,
				   .kernel = job->meta.kernel};
	struct nsv_buf line = {0};
	const struct nsu_startup *const *list;
	size_t n;
	int err = 0;

	list = nsu_list(u, &n);
	for (size_t i = 0; i < n && !err; i++) {
		line.len = 0;
		nsv_otlp_startup(&line, &o, list[i]);
		nsv_buf_add(&line, "\n", 1);
		if (line.failed)
			err = -ENOMEM;
		else if (fwrite(line.data, 1, line.len, job->out) != line.len)
			err = errno ? -errno : -EIO;
	}
	if (!err && fflush(job->out))
		err = -errno;
	free(line.data);
	return err;
}

int export_otlp(struct export_job *job, struct nsl_error *e)
{
	struct nsu_options options = {.kernel = job->meta.kernel};
	struct export_sink sink = {.row = on_row, .event = on_event};
	struct nsu *u;
	int err = -1;

	memcpy(options.initial, job->meta.initial, sizeof(options.initial));
	u = nsu_new(&options);
	if (!u)
		return nsl_error_set(e, "out of memory");
	sink.ctx = u;
	if (!export_read(job, &sink, e))
		err = nsu_finish(u) ? refuse(-ENOMEM, e)
				    : export_written(job, write_all(job, u), e);
	nsu_free(u);
	return err;
}
