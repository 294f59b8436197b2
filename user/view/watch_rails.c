// SPDX-License-Identifier: GPL-2.0-only
/* The pane of rails: what it keeps of the graph, its keys, and the selected row in full. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_state.h"

/* ---- what is taken from the graph ----------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *format,
						      ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf + used, size - used, format, ap);
	va_end(ap);
}

static void tell_procs(struct nsw *w, const struct nsv_line *from, struct nsw_line *line)
{
	char name[NSL_COMM_LEN * 10 + 1];

	for (size_t i = 0; i < from->nprocs && strlen(line->tasks) + 40 < sizeof(line->tasks);
	     i++) {
		const struct nsg_task *task = from->procs[i].task;

		nsv_safe(w->text, task->comm, name, sizeof(name));
		add(line->tasks, sizeof(line->tasks), "%s%" PRIu32 " %.40s", i ? ", " : "",
		    task->pid, name);
		if (from->procs[i].threads > 1)
			add(line->tasks, sizeof(line->tasks), " x%" PRIu32, from->procs[i].threads);
	}
}

static void tell_row(struct nsw *w, const struct nsv_row *row, struct nsw_line *line)
{
	size_t size = sizeof(line->tasks);
	char path[80];

	switch (row->kind) {
	case NSV_ROW_NSPROXY:
		line->count = row->nsproxy->count;
		if (!*line->tasks)
			add(line->tasks, size, "(no task)");
		break;
	case NSV_ROW_BUILDING:
		line->count = row->nsproxy->count;
		snprintf(line->tasks, size, "(built for %" PRIu32 ")", row->nsproxy->builder);
		break;
	case NSV_ROW_GHOST:
		snprintf(line->tasks, size, "(freed)");
		break;
	case NSV_ROW_ZOMBIES:
		break;
	case NSV_ROW_LONE:
		snprintf(line->tasks, size, "(no task)");
		if (!row->keeper)
			break;
		snprintf(line->tasks, size, "(%s", nsg_keeper_name(row->keeper->kind));
		if (row->keeper->pid)
			add(line->tasks, size, " of %" PRIu32, row->keeper->pid);
		if (row->keeper->path)
			add(line->tasks, size, " %s",
			    nsv_safe(w->text, row->keeper->path, path, sizeof(path)));
		add(line->tasks, size, ")");
		break;
	}
}

static void take_line(struct nsw *w, const struct nsg *g, size_t at)
{
	struct nsv_rails *r = w->rails.layout;
	const struct nsv_line *from = &r->lines[at];
	const struct nsv_row *row = &r->rows[from->row];
	struct nsw_line *line = &w->rails.lines[at];
	const char *container;

	*line = (struct nsw_line){.ntasks = (uint32_t)from->ntasks};
	tell_procs(w, from, line);
	if (row->first_line == at)
		tell_row(w, row, line);
	if (from->pid && !from->pid->initial)
		line->pid = from->pid->inum;
	if (!from->nprocs)
		return;
	line->ns_pid = from->procs[0].task->ns_pid;
	container = nsg_container(g, from->procs[0].task->cgroup);
	if (container)
		nsv_safe(w->text, container, line->container, sizeof(line->container));
}

static bool has_row(const struct nsw_rails_pane *p)
{
	return p->layout->nrows > 0 && p->selected >= 0 && (size_t)p->selected < p->layout->nlines;
}

/* The selection stays with its row, wherever that is now. */
static void find_selected(struct nsw_rails_pane *p)
{
	const struct nsv_rails *r = p->layout;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct nsv_row *row = &r->rows[i];

		if (!row->id && (int)row->kind != p->row_kind)
			continue;
		/* a half-built nsproxy becomes one, and one a ghost: it is the same row */
		if (row->id == p->row_id &&
		    (row->kind == NSV_ROW_LONE) == (p->row_kind == NSV_ROW_LONE)) {
			int line = p->row_line < (int)row->nlines ? p->row_line : 0;

			p->selected = (int)row->first_line + line;
			return;
		}
	}
	if (p->selected >= (int)r->nlines)
		p->selected = r->nlines ? (int)r->nlines - 1 : 0;
}

static void remember_selected(struct nsw_rails_pane *p)
{
	const struct nsv_row *row;

	if (!has_row(p))
		return;
	row = &p->layout->rows[p->layout->lines[p->selected].row];
	p->row_id = row->id;
	p->row_kind = (int)row->kind;
	p->row_line = p->selected - (int)row->first_line;
}

/* While nobody looks at a row, the youngest one is shown. */
static void follow_newest(struct nsw *w)
{
	struct nsw_rails_pane *p = &w->rails;
	uint64_t newest = 0;
	size_t line = 0;

	for (size_t i = 0; i < p->layout->nrows; i++) {
		const struct nsv_row *row = &p->layout->rows[i];

		if ((row->kind == NSV_ROW_NSPROXY || row->kind == NSV_ROW_BUILDING) &&
		    row->id >= newest) {
			newest = row->id;
			line = row->first_line;
		}
	}
	if (newest > p->newest && p->newest && w->calls.follow && w->focus == NSW_PANE_CALLS) {
		p->selected = (int)line;
		remember_selected(p);
	}
	if (newest > p->newest)
		p->newest = newest;
}

bool nsw_rails_update(struct nsw *w, const struct nsg *g)
{
	struct nsw_rails_pane *p = &w->rails;
	struct nsv_graph_filter all = {0};
	struct nsw_line *lines;

	if (nsv_rails_update(p->layout, g, &all, NSW_GHOSTS))
		return false;
	if (p->layout->nlines > p->room) {
		lines = realloc(p->lines, p->layout->nlines * 2 * sizeof(*lines));
		if (!lines)
			return false;
		p->lines = lines;
		p->room = p->layout->nlines * 2;
	}
	for (size_t i = 0; i < p->layout->nlines; i++)
		take_line(w, g, i);
	find_selected(p);
	follow_newest(w);
	remember_selected(p);
	return true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

void nsw_rails_move(struct nsw *w, int by)
{
	struct nsw_rails_pane *p = &w->rails;
	int n = (int)p->layout->nlines, to = p->selected + by;

	p->selected = to >= n ? n - 1 : to;
	if (p->selected < 0)
		p->selected = 0;
	remember_selected(p);
}

void nsw_rails_show(struct nsw *w, const struct nsm_call *call)
{
	struct nsw_rails_pane *p = &w->rails;
	uint64_t id =
		call->has_views && call->after.nsproxy ? call->after.nsproxy : call->before.nsproxy;

	for (size_t i = 0; i < p->layout->nrows; i++) {
		const struct nsv_row *row = &p->layout->rows[i];

		if (row->id == id && row->kind != NSV_ROW_LONE) {
			p->selected = (int)row->first_line;
			remember_selected(p);
			return;
		}
	}
}

static bool line_matches(const struct nsw *w, size_t at)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsw_line *line = &w->rails.lines[at];
	char text[1024];

	snprintf(text, sizeof(text), "%s %s", line->tasks, line->container);
	for (size_t i = 0; i < r->lines[at].ncells; i++) {
		const struct nsv_cell *cell = &r->lines[at].cells[i];

		if (!cell->initial)
			add(text, sizeof(text), " %s:[%" PRIu32 "]",
			    nsm_type_name(r->lanes[cell->lane].type), cell->inum);
	}
	return nsw_text_matches(text, w->filter);
}

void nsw_rails_search(struct nsw *w, int direction)
{
	int n = (int)w->rails.layout->nlines;

	for (int i = 1; i <= n; i++) {
		int at = ((w->rails.selected + direction * i) % n + n) % n;

		if (line_matches(w, (size_t)at)) {
			nsw_rails_move(w, at - w->rails.selected);
			return;
		}
	}
}

/* ---- the selected row in full --------------------------------------------------------------- */

const char *nsw_lane_name(enum nsl_type type)
{
	switch (type) {
	case NSL_PID:
		return "pid*";
	case NSL_TIME:
		return "time*";
	case NSL_CGROUP:
		return "cgrp";
	default:
		return nsm_type_name(type);
	}
}

static void tell_lone(const struct nsw *w, const struct nsv_row *row, const struct nsw_line *line,
		      char *text, size_t size)
{
	if (row->nkeepers)
		add(text, size, "no task uses it. %zu keeper%s: %s", row->nkeepers,
		    row->nkeepers == 1 ? "" : "s", line->tasks);
	else
		add(text, size, "no task uses it, no keeper is known (k looks for them)");
	if (!w->text->steps && !row->nkeepers)
		add(text, size, "; perhaps gone: deaths are not seen here");
}

static void tell_head(const struct nsw *w, size_t index, char *text, size_t size)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_row *row = &r->rows[r->lines[index].row];
	const struct nsw_line *line = &w->rails.lines[index];

	*text = '\0';
	if (row->id && row->kind != NSV_ROW_LONE)
		add(text, size, "nsproxy#%" PRIu64, row->id);
	if (row->kind == NSV_ROW_BUILDING)
		add(text, size, " half-built, not visible yet");
	if (row->kind == NSV_ROW_LONE) {
		tell_lone(w, row, line, text, size);
		return;
	}
	if (row->kind == NSV_ROW_NSPROXY && row->first_line == index &&
	    line->count != NSL_COUNT_UNKNOWN)
		add(text, size, " count=%" PRIu32, line->count);
	if (line->ntasks)
		add(text, size, "  %" PRIu32 " task%s: %s", line->ntasks,
		    line->ntasks == 1 ? "" : "s", line->tasks);
	else
		add(text, size, "  %s", line->tasks);
	if (*line->container)
		add(text, size, "  container %s", line->container);
	if (line->pid)
		add(text, size, "  (pid %" PRIu32 " in pid:[%" PRIu32 "])", line->ns_pid,
		    line->pid);
}

static void tell_cells(const struct nsw *w, size_t index, char *text, size_t size)
{
	const struct nsv_rails *r = w->rails.layout;
	const struct nsv_line *line = &r->lines[index];
	const struct nsv_row *row = &r->rows[line->row];
	bool host = false;

	*text = '\0';
	for (size_t i = 0; i < line->ncells; i++) {
		const struct nsv_cell *cell = &line->cells[i];
		const char *name =
			cell->now ? "time now" : nsw_lane_name(r->lanes[cell->lane].type);

		if (cell->initial)
			host = true;
		else if (cell->inum)
			add(text, size, "%s:[%" PRIu32 "]%s ", name, cell->inum,
			    cell->label ? "" : " shared");
		else
			add(text, size, "%s:[anonymous] ", name);
	}
	if (host)
		add(text, size, *text ? "the rest: host" : "every namespace: host");
	if (row->kind == NSV_ROW_ZOMBIES)
		snprintf(text, size,
			 "Exiting, or waiting to be reaped: they have no nsproxy any more, only a "
			 "user and a pid namespace");
	if (line->pid_pending)
		add(text, size, "; pid* takes effect at the next fork");
	if (row->time_pending)
		add(text, size, "; time* at the next fork or exec");
}

void nsw_rails_detail(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	char text[1024];
	int skip = 0;

	if (!has_row(&w->rails))
		return;
	tell_head(w, (size_t)w->rails.selected, text, sizeof(text));
	/* its own line: a long list of tasks must not push the namespaces out */
	nsw_put(c, box.top, box.left, box.right, NSV_BOLD, text);
	box.top++;
	tell_cells(w, (size_t)w->rails.selected, text, sizeof(text));
	nsw_paragraph(w, c, box, &skip, NSV_PLAIN, text);
}
