// SPDX-License-Identifier: GPL-2.0-only
/* Hands the model's calls and events to the chosen style, and writes what it makes. */
#define _GNU_SOURCE 1
#include "view.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "style.h"

/*
 * Asked of a locale object, so that the process's own locale stays as it is. A
 * static program on a machine without locale files cannot load it: the name
 * must do then.
 */
static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

	if (locale) {
		bool utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");

		freelocale(locale);
		return utf8;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

struct nsv *nsv_new(FILE *out, const struct nsv_options *options)
{
	static const struct nsv_style_ops *const styles[] = {
		[NSV_STORY] = &nsv_story_ops,
		[NSV_BRIEF] = &nsv_brief_ops,
		[NSV_JSON] = &nsv_json_ops,
	};
	struct nsv *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->out = out;
	v->options = *options;
	v->ops = styles[options->style];
	v->utf8 = locale_is_utf8();
	v->steps = true;
	return v;
}

void nsv_free(struct nsv *v)
{
	if (!v)
		return;
	free(v->buf.data);
	free(v);
}

int64_t nsv_since_start(const struct nsv *v, uint64_t ts)
{
	return (int64_t)(ts - v->mono_ns);
}

bool nsv_is_initial(const struct nsv *v, enum nsl_type type, uint32_t inum)
{
	/* fixed by the kernel; mnt and net only since 6.18, and unused before */
	static const uint32_t fixed[NSL_TYPES] = {
		[NSL_IPC] = 0xefffffff, [NSL_UTS] = 0xeffffffe,	   [NSL_USER] = 0xeffffffd,
		[NSL_PID] = 0xeffffffc, [NSL_CGROUP] = 0xeffffffb, [NSL_TIME] = 0xeffffffa,
		[NSL_NET] = 0xeffffff9, [NSL_MNT] = 0xeffffff8,
	};

	return type < NSL_TYPES && inum && (inum == fixed[type] || inum == v->initial[type]);
}

void nsv_write_block(struct nsv *v)
{
	if (v->buf.failed && !v->err)
		v->err = ENOMEM;
	if (!v->buf.failed && v->buf.len && !v->err &&
	    fwrite(v->buf.data, 1, v->buf.len, v->out) != v->buf.len)
		v->err = errno ? errno : EIO;
	v->buf.len = 0;
	v->buf.failed = false;
}

int nsv_flush(struct nsv *v)
{
	if (!v->err && fflush(v->out))
		v->err = errno ? errno : EIO;
	return v->err;
}

bool nsv_left_out(struct nsv *v)
{
	if (v->err != ENOMEM)
		return false;
	v->err = 0;
	return true;
}

void nsv_start(struct nsv *v, const struct nsv_start *start)
{
	v->mono_ns = start->mono_ns;
	v->kernel = start->kernel;
	v->steps = start->steps;
	memcpy(v->initial, start->initial, sizeof(v->initial));
	v->ops->start(v, start);
	nsv_write_block(v);
	nsv_flush(v); /* scripts wait for it */
}

void nsv_settle(struct nsv *v)
{
	if (!v->nheld)
		return;
	v->nheld = 0;
	v->ops->milestone(v, &v->held);
	nsv_write_block(v);
}

void nsv_end(struct nsv *v, const struct nsv_end *end)
{
	nsv_settle(v);
	v->ops->end(v, end);
	nsv_write_block(v);
	nsv_flush(v);
}

/* True: it is told later, with those that follow it. */
static bool hold(struct nsv *v, const struct nsm_milestone *m)
{
	if (v->options.style == NSV_JSON || m->what != NSL_MILESTONE_capbset_drop || m->err)
		return false;
	if (v->nheld && v->held.tid == m->tid) {
		v->held.detail[0] = m->detail[0];
		v->held.detail[1] |= m->detail[1];
	} else {
		nsv_settle(v);
		v->held = *m;
		v->held.cgroup_path = v->held.container = NULL; /* they go with the event */
	}
	v->nheld++;
	return true;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct nsv *v = ctx;

	nsv_settle(v);
	if (call->syscall == NSL_SYS_EXIT && !v->options.exits && !nse_drops_nsproxy(call) &&
	    !nse_ends_pid_ns(call))
		return;
	if (call->has_views && !call->err && call->after.nsproxy &&
	    call->after.nsproxy != call->before.nsproxy)
		v->made[call->after.nsproxy % NSV_SEEN] = call->after.nsproxy;
	v->ops->call(v, call);
	nsv_write_block(v);
}

static void on_ns(void *ctx, const struct nsm_ns_event *ns)
{
	struct nsv *v = ctx;

	nsv_settle(v);
	v->ops->ns(v, ns);
	nsv_write_block(v);
}

static void on_task(void *ctx, const struct nsm_task_event *task)
{
	struct nsv *v = ctx;

	nsv_settle(v);
	v->ops->task(v, task);
	nsv_write_block(v);
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct nsv *v = ctx;

	nsv_settle(v);
	v->ops->lost(v, lost);
	nsv_write_block(v);
}

static void on_milestone(void *ctx, const struct nsm_milestone *milestone)
{
	struct nsv *v = ctx;

	if (!v->options.milestones || hold(v, milestone))
		return;
	nsv_settle(v);
	v->ops->milestone(v, milestone);
	nsv_write_block(v);
}

struct nsm_sink nsv_sink(struct nsv *v)
{
	return (struct nsm_sink){
		.ctx = v,
		.call = on_call,
		.ns = on_ns,
		.task = on_task,
		.lost = on_lost,
		.milestone = on_milestone,
	};
}
