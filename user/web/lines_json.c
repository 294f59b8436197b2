// SPDX-License-Identifier: GPL-2.0-only
/* The lines that no other command has. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../explain/functions.h"
#include "../view/graph_view.h"
#include "../view/ns_json.h"
#include "lines_internal.h"

int64_t web_since(const struct web_lines *l, uint64_t ts)
{
	return (int64_t)(ts - l->mono_ns);
}

void web_put_line(struct web_lines *l, enum web_line kind, struct nsv_buf *buf)
{
	while (buf->len && buf->data[buf->len - 1] == '\n')
		buf->len--;
	if (buf->failed)
		l->untold++;
	else if (buf->len && !l->silent)
		l->options.line(l->options.ctx, kind, buf->data, buf->len);
	l->lines++;
	l->bytes += buf->len;
	buf->len = 0;
	buf->failed = false;
}

void web_splice(struct nsv_buf *object, const struct nsv_buf *members)
{
	while (object->len && object->data[object->len - 1] != '}')
		object->len--;
	if (!object->len || !members->len)
		return;
	object->len--;
	nsv_buf_str(object, ",");
	nsv_buf_add(object, members->data, members->len);
	nsv_buf_str(object, "}");
}

static struct nsv_json begin(struct web_lines *l, const char *type)
{
	struct nsv_json j = {.buf = &l->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", type);
	return j;
}

static struct nsv_json begin_event(struct web_lines *l, const char *type, uint64_t ts)
{
	struct nsv_json j = begin(l, type);

	nsv_json_i64(&j, "ts", web_since(l, ts));
	return j;
}

static void finish(struct web_lines *l, struct nsv_json *j, enum web_line kind)
{
	nsv_json_close(j, '}');
	web_put_line(l, kind, &l->buf);
}

/* The program's own words about every function that the traced kernel has. */
void web_put_texts(struct web_lines *l)
{
	struct nsv_json j = begin(l, "texts");

	nsv_json_str(&j, "language", "en");
	nsv_json_open(&j, "functions", '{');
	for (size_t i = 0; i < nse_kfn_count; i++) {
		const struct nse_kfn *f = &nse_kfns[i];

		if (l->kernel && (f->since > l->kernel || (f->before && f->before <= l->kernel)))
			continue;
		nsv_json_open(&j, f->name, '{');
		nsv_json_str(&j, "about", nse_kfn_text(f));
		nsv_json_str(&j, "file", f->file);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, '}');
	finish(l, &j, WEB_LINE_TEXTS);
}

static void put_u64_or_null(struct nsv_json *j, const char *key, uint64_t value)
{
	if (value)
		nsv_json_u64(j, key, value);
	else
		nsv_json_null(j, key);
}

/* As in trace --json, with what the graph knows of it. */
void web_put_task(struct web_lines *l, const struct nsl_task *e)
{
	static const char *const names[] = {
		[NSL_TASK_NEW] = "new",
		[NSL_TASK_EXEC] = "exec",
		[NSL_TASK_EXIT] = "exit",
	};
	const struct nsg_task *t = nsg_find_task(l->graph, e->tid);
	struct nsv_json j;
	char comm[NSL_COMM_LEN + 1] = "";

	if (e->event > NSL_TASK_EXIT)
		return;
	j = begin_event(l, "task", e->head.ts);
	memcpy(comm, e->comm, sizeof(e->comm));
	nsv_json_str(&j, "event", names[e->event]);
	nsv_json_u64(&j, "pid", e->pid);
	nsv_json_u64(&j, "tid", e->tid);
	put_u64_or_null(&j, "parent_pid", e->event == NSL_TASK_NEW ? e->head.pid : 0);
	nsv_json_str(&j, "comm", comm);
	put_u64_or_null(&j, "nsproxy", e->view.nsproxy);
	put_u64_or_null(&j, "ns_pid", e->view.ns_pid);
	put_u64_or_null(&j, "ns_tid", e->view.ns_tid);
	put_u64_or_null(&j, "user", e->view.slot[NSL_SLOT_USER].obj);
	put_u64_or_null(&j, "pid_active", e->view.slot[NSL_SLOT_PID_ACTIVE].obj);
	nsv_json_str(&j, "cgroup", t ? nsg_cgroup_path(l->graph, t->cgroup) : NULL);
	nsv_json_str(&j, "container", t ? nsg_container(l->graph, t->cgroup) : NULL);
	finish(l, &j, WEB_LINE_EVENT);
}

/* A birth's event is of the task that made it; of a mere find it is anybody's. */
static void put_by(struct web_lines *l, struct nsv_json *j, bool destroyed)
{
	const struct nsl_head *e = l->event;
	char comm[NSL_COMM_LEN + 1] = "";

	if (destroyed || !e || !e->pid || (e->kind != NSL_EV_STEP && e->kind != NSL_EV_CALL_END)) {
		nsv_json_null(j, "by");
		return;
	}
	memcpy(comm, e->comm, sizeof(e->comm));
	nsv_json_open(j, "by", '{');
	nsv_json_u64(j, "pid", e->pid);
	nsv_json_str(j, "comm", comm);
	nsv_json_close(j, '}');
}

void web_put_ns(struct web_lines *l, const struct nsg_ns *ns, bool destroyed,
		const struct nsg_cause *cause)
{
	struct nsv_json j = begin_event(l, "ns", l->event ? l->event->ts : l->ts);

	nsv_json_str(&j, "event", destroyed ? "destroyed" : "created");
	nsv_json_ns_members(&j, ns->type, ns->inum, ns->id);
	nsv_json_ns(&j, "owner", ns->owner);
	nsv_json_ns(&j, "parent", ns->parent);
	put_by(l, &j, destroyed);
	nsv_json_cause(&j, cause);
	finish(l, &j, WEB_LINE_EVENT);
}

/* The object of `nslens graph --json`, with a time like all the others. */
void web_put_graph(struct web_lines *l)
{
	const struct nsv_graph_options o = {
		.now_ns = l->ts,
		.release = l->release,
		.tracepoints_only = !l->steps,
	};
	struct nsv_buf object = {0};
	size_t size = 0;
	FILE *out = open_memstream(&object.data, &size);
	bool failed = !out || nsv_graph_json(out, l->graph, &o);

	failed |= !out || fclose(out);
	object.len = object.size = size;
	nsv_buf_printf(&l->buf, "\"ts\":%" PRId64, web_since(l, l->ts));
	web_splice(&object, &l->buf);
	l->buf.len = 0;
	object.failed |= failed;
	l->keyframe_bytes = object.len;
	web_put_line(l, WEB_LINE_GRAPH, &object);
	l->lines = l->bytes = 0;
	free(object.data);
}
