// SPDX-License-Identifier: GPL-2.0-only
#include "export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export_internal.h"
#include "utf8.h"

#define BLOCK (64u << 10)

static const struct nsv_format_ops *const formats[NSV_FORMATS] = {
	[NSV_PERFETTO] = &nsv_perfetto_ops,
	[NSV_CHROME] = &nsv_chrome_ops,
	[NSV_FOLDED] = &nsv_folded_ops,
	[NSV_PROMETHEUS] = &nsv_prometheus_ops,
};

const char *nsv_name(const char *hostile, char buf[NSV_NAME])
{
	return nsv_utf8_safe(hostile, true, buf, NSV_NAME);
}

void nsv_export_write(struct nsv_export *x, bool all)
{
	if (x->buf.len < BLOCK && !all)
		return;
	if (x->buf.failed && !x->err)
		x->err = -ENOMEM;
	if (!x->err && x->buf.len && fwrite(x->buf.data, 1, x->buf.len, x->out) != x->buf.len)
		x->err = errno ? -errno : -EIO;
	x->buf.len = 0;
	x->buf.failed = false;
}

struct nsv_export *nsv_export_new(FILE *out, enum nsv_format format, const struct nsv_start *start)
{
	struct nsv_export *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->out = out;
	x->ops = formats[format];
	x->mono_ns = start->mono_ns;
	x->wall_ns = start->wall_ns;
	x->kernel = start->kernel;
	if (x->ops->start && x->ops->start(x, start)) {
		nsv_export_free(x);
		return NULL;
	}
	return x;
}

void nsv_export_free(struct nsv_export *x)
{
	struct nsv_track *t, *next;

	if (!x)
		return;
	if (x->ops->free)
		x->ops->free(x);
	HASH_ITER (hh, x->tracks, t, next) {
		HASH_DEL(x->tracks, t);
		free(t);
	}
	free(x->buf.data);
	free(x);
}

struct nsv_track *nsv_track_find(struct nsv_export *x, uint32_t tid)
{
	struct nsv_track *t;

	HASH_FIND(hh, x->tracks, &tid, sizeof(tid), t);
	return t;
}

static bool is_track_of(const struct nsv_track *t, uint32_t pid)
{
	return t && t->uuid && t->pid == pid;
}

/* NULL: out of memory. */
static struct nsv_track *track_of(struct nsv_export *x, uint32_t pid, uint32_t tid,
				  const char *comm)
{
	struct nsv_track *t = nsv_track_find(x, tid), *leader;

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t) {
			x->err = -ENOMEM;
			return NULL;
		}
		t->tid = tid;
		HASH_ADD(hh, x->tracks, tid, sizeof(t->tid), t);
		if (!HASH_HAS(hh, t)) {
			free(t);
			x->err = -ENOMEM;
			return NULL;
		}
	}
	if (is_track_of(t, pid) && !strcmp(t->comm, comm))
		return t;
	if (!is_track_of(t, pid)) {
		/* a thread has its process's track, a process two: its own and its leader's */
		leader = pid == tid ? NULL : nsv_track_find(x, pid);
		/* the process is called as its leader is: as this thread only till that is seen */
		if (pid != tid && !is_track_of(leader, pid))
			leader = track_of(x, pid, pid, comm);
		t->uuid = ++x->last_uuid;
		t->leads = pid == tid;
		t->process = leader ? leader->process : ++x->last_uuid;
		t->pid = pid;
		t->last_end = t->flow = 0;
	}
	memcpy(t->comm, comm, sizeof(t->comm));
	if (x->ops->track)
		x->ops->track(x, t);
	return t;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct nsv_export *x = ctx;
	struct nsv_span spans[NSV_MAX_SPANS];
	struct nsv_track *t;
	size_t n;

	if (!x->ops->exits && call->syscall == NSL_SYS_EXIT && !nse_drops_nsproxy(call) &&
	    !nse_ends_pid_ns(call))
		return;
	t = track_of(x, call->pid, call->tid, call->comm);
	if (!t)
		return;
	n = nsv_spans(call, t->last_end, spans);
	t->last_end = spans[0].end;
	x->ops->call(x, t, call, spans, n);
	nsv_export_write(x, false);
}

static void on_task(void *ctx, const struct nsm_task_event *task)
{
	struct nsv_export *x = ctx;
	struct nsv_track *t;

	if (!x->ops->task)
		return;
	t = nsv_track_find(x, task->tid);
	if (t && task->event == NSL_TASK_NEW)
		t->uuid = 0; /* the number of a task that is gone was given to another */
	t = track_of(x, task->pid, task->tid, task->comm);
	if (!t)
		return;
	if (task->event == NSL_TASK_NEW)
		t->flow = ++x->last_flow;
	x->ops->task(x, t, task);
	nsv_export_write(x, false);
}

static void on_milestone(void *ctx, const struct nsm_milestone *m)
{
	struct nsv_export *x = ctx;
	struct nsv_track *t = x->ops->milestone ? track_of(x, m->pid, m->tid, m->comm) : NULL;

	if (!t)
		return;
	x->ops->milestone(x, t, m);
	nsv_export_write(x, false);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct nsv_export *x = ctx;

	if (x->ops->lost)
		x->ops->lost(x, lost);
}

struct nsm_sink nsv_export_sink(struct nsv_export *x)
{
	return (struct nsm_sink){.ctx = x,
				 .call = on_call,
				 .task = on_task,
				 .lost = on_lost,
				 .milestone = on_milestone};
}

void nsv_export_namespaces(struct nsv_export *x, uint64_t ts, const uint64_t counts[NSL_TYPES])
{
	for (int type = 0; type < NSL_TYPES; type++)
		if (x->ops->count && (!x->counted || counts[type] != x->counts[type]))
			x->ops->count(x, ts, (enum nsl_type)type, counts[type]);
	memcpy(x->counts, counts, sizeof(x->counts));
	x->counted = true;
}

int nsv_export_end(struct nsv_export *x, const struct nsv_end *end)
{
	if (x->ops->end)
		x->ops->end(x, end);
	nsv_export_write(x, true);
	if (!x->err && fflush(x->out))
		x->err = -errno;
	return x->err;
}
