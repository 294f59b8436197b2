// SPDX-License-Identifier: GPL-2.0-only
#include "graph_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

const char *nsv_ns_label(const struct nsg_ns *ns, char buf[NSV_WORD])
{
	if (ns->initial)
		return strcpy(buf, "host");
	if (!ns->inum)
		return strcpy(buf, "anon");
	snprintf(buf, NSV_WORD, "%04" PRIu32, ns->inum % 10000);
	return buf;
}

const char *nsv_lane_name(enum nsl_type type, bool narrow)
{
	/* these two are the slots for children */
	if (type == NSL_PID)
		return "pid*";
	if (type == NSL_TIME)
		return narrow ? "tim*" : "time*";
	if (type == NSL_CGROUP && narrow)
		return "cgrp";
	return nsm_type_name(type);
}

const char *nsv_count(const struct nsg_nsproxy *x, char buf[NSV_WORD])
{
	if (x->count != NSL_COUNT_UNKNOWN)
		snprintf(buf, NSV_WORD, "%" PRIu32, x->count);
	else if (x->ntasks)
		snprintf(buf, NSV_WORD, "%" PRIu32, x->ntasks);
	else
		strcpy(buf, x->builder ? "1" : "?"); /* create_nsproxy() begins with 1 */
	return buf;
}

const char *nsv_nsproxy_label(const struct nsg_nsproxy *x, char buf[NSV_WORD])
{
	if (x->id)
		snprintf(buf, NSV_WORD, "#%" PRIu64, x->id);
	else
		strcpy(buf, "#?");
	return buf;
}

#define MOST 8

struct name {
	const char *comm;
	size_t tasks;
	uint32_t pid;
};

static struct name *find_name(struct name *names, size_t n, const char *comm)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i].comm, comm))
			return &names[i];
	return NULL;
}

void nsv_fold_names(const struct nsv_line *line, size_t most, const char *times,
		    struct nsv_folded *out)
{
	struct name names[MOST] = {0};
	size_t n = 0, len = 0;

	*out = (struct nsv_folded){.host = line->nprocs && line->procs[0].task->initial};
	for (size_t i = 0; i < line->nprocs; i++) {
		const struct nsv_proc *proc = &line->procs[i];
		struct name *name = find_name(names, n, proc->task->comm);
		bool kernel = proc->task->state & NSL_TASK_KTHREAD;

		if (!name && n < most && n < MOST && (!kernel || !n)) {
			name = &names[n++];
			*name = (struct name){proc->task->comm, 0, proc->task->pid};
		}
		if (name)
			name->tasks += proc->threads;
		else
			out->rest += proc->threads;
	}
	for (size_t i = 0; i < n && len < sizeof(out->names); i++) {
		char *at = out->names + len;
		size_t room = sizeof(out->names) - len;
		int put;

		if (i)
			put = snprintf(at, room, ", %s", names[i].comm);
		else
			put = snprintf(at, room, "%" PRIu32 " %s", names[i].pid, names[i].comm);
		len += (size_t)put;
		if (names[i].tasks > 1 && len < sizeof(out->names))
			len += (size_t)snprintf(out->names + len, sizeof(out->names) - len,
						" %s%zu", times, names[i].tasks);
	}
}

const char *nsv_fold_container(const struct nsv_line *line, char buf[NSV_NAMES])
{
	buf[0] = '\0';
	if (line->container)
		snprintf(buf, NSV_NAMES, " (%s)", line->container);
	return buf;
}

const char *nsv_fold_rest(const struct nsv_folded *f, bool words, bool utf8, char buf[NSV_WORD])
{
	if (!f->rest)
		buf[0] = '\0';
	else if (words)
		snprintf(buf, NSV_WORD, " %s and %zu more %stask%s", utf8 ? "…" : "...", f->rest,
			 f->host ? "host " : "", f->rest > 1 ? "s" : "");
	else
		snprintf(buf, NSV_WORD, " +%zu", f->rest);
	return buf;
}

const char *nsv_badge(const struct nsv_line *line, char buf[NSV_WORD])
{
	char word[NSV_WORD];

	if (!line->nprocs || !line->pid || line->pid->initial)
		buf[0] = '\0';
	else if (line->nprocs == 1 && line->procs[0].task->ns_pid)
		snprintf(buf, NSV_WORD, "%" PRIu32 " in %s", line->procs[0].task->ns_pid,
			 nsv_ns_label(line->pid, word));
	else
		snprintf(buf, NSV_WORD, "in %s", nsv_ns_label(line->pid, word));
	return buf;
}

static const char *const keeper_words[NSL_KEEPERS] = {
	[NSL_KEEPER_FD] = "fd",		[NSL_KEEPER_MOUNT] = "mounted",
	[NSL_KEEPER_SOCKET] = "socket", [NSL_KEEPER_PIDFD] = "pidfd",
	[NSL_KEEPER_PROC] = "procfs",	[NSL_KEEPER_SHM] = "shared memory",
};

const char *nsv_kept_by(const struct nsv_row *row, char buf[NSV_NAMES])
{
	const struct nsg_keeper *k = row->keeper;
	const struct nsg_ns *ns = row->lone;
	size_t len = 0;

#define ADD(...)                                                                                   \
	do {                                                                                       \
		if (len < NSV_NAMES)                                                               \
			len += (size_t)snprintf(buf + len, NSV_NAMES - len, __VA_ARGS__);          \
	} while (0)
	if (k && k->kind < NSL_KEEPERS) {
		ADD("%s", keeper_words[k->kind]);
		if (k->kind != NSL_KEEPER_MOUNT && k->fd >= 0)
			ADD(k->kind == NSL_KEEPER_SOCKET ? ", fd %" PRId32 : " %" PRId32, k->fd);
		if (k->path && (k->kind == NSL_KEEPER_MOUNT || !k->pid))
			ADD(" at %s", k->path);
		if (k->pid)
			ADD(" of %" PRIu32 " %s", k->pid, k->comm);
		if (row->nkeepers > 1)
			ADD(" +%zu", row->nkeepers - 1);
	} else if (ns->children || ns->owned) {
		if (ns->children)
			ADD("has %" PRIu32 " %s", ns->children,
			    ns->children > 1 ? "children" : "child");
		if (ns->owned)
			ADD("%sowns %" PRIu32, ns->children ? ", " : "", ns->owned);
	} else {
		ADD("keeper not known");
	}
#undef ADD
	return buf;
}

int nsv_cut(const struct nsv *v, char *text, int columns)
{
	int used = 0, mark = 0, width = nsv_utf8_width(text);
	char *at = text, *end = text;

	if (columns < 1)
		return *text = '\0', 0;
	if (width <= columns)
		return width;
	while (*at) {
		uint32_t point;
		int len = nsv_utf8_next(at, &point);
		int one = len ? nsv_utf8_columns(point) : 1;

		if (used + one > columns - 1)
			break;
		used += one;
		at += len ? len : 1;
		end = at;
		mark = used;
	}
	strcpy(end, v->utf8 ? "…" : "~");
	return mark + 1;
}

struct nsv *nsv_graph_begin(FILE *out, bool colour, int width)
{
	struct nsv_options options = {.style = NSV_STORY, .colour = colour, .width = width};

	return nsv_new(out, &options);
}

int nsv_graph_end(struct nsv *v)
{
	int err = 0;

	if (v->buf.failed)
		err = ENOMEM;
	else if (v->buf.len && fwrite(v->buf.data, 1, v->buf.len, v->out) != v->buf.len)
		err = errno ? errno : EIO;
	if (!err)
		err = nsv_flush(v);
	nsv_free(v);
	return -err;
}
