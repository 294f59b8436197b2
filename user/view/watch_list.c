// SPDX-License-Identifier: GPL-2.0-only
/* The list of calls: one line each, newest at the bottom. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "watch_state.h"

void nsw_list_update(struct nsw *w)
{
	struct nsw_calls_pane *p = &w->calls;

	p->n = 0;
	for (uint64_t seq = p->shown->first; seq < p->shown->next; seq++) {
		struct nsw_entry *entry = nsw_calls_get(p->shown, seq);

		if (entry && nsw_matches(entry, w->filter))
			p->list[p->n++] = entry;
	}
	if (p->follow && p->n)
		p->selected = p->list[p->n - 1]->seq;
}

/* What was selected may have been forgotten, or filtered out: the next one then. */
int nsw_list_selected(const struct nsw *w)
{
	const struct nsw_calls_pane *p = &w->calls;

	for (int i = 0; i < p->n; i++)
		if (p->list[i]->seq >= p->selected)
			return i;
	return p->n - 1;
}

void nsw_list_move(struct nsw *w, int by)
{
	struct nsw_calls_pane *p = &w->calls;
	int at = nsw_list_selected(w);

	if (!p->n)
		return;
	at += by;
	at = at < 0 ? 0 : at >= p->n ? p->n - 1 : at;
	p->selected = p->list[at]->seq;
	if (!p->list[at]->lost)
		nsw_rails_show(w, &p->list[at]->call);
	/* who goes up wants to look at something; who comes to the end again follows */
	p->follow = at == p->n - 1 && (p->follow || by > 0);
}

/* "muipn-t-": one place for each type, so that calls can be compared down the list. */
static void put_types(struct nsw *w, struct nsw_canvas *c, int row, int col, int end,
		      const struct nsm_call *call)
{
	static const char letters[NSL_TYPES + 1] = "muipcntU";
	unsigned int types = nsw_call_types(call);

	/* what an exit let go: the host's own are no news */
	for (size_t i = 0; i < call->nslots; i++) {
		enum nsl_type type = nsm_slot_type(call->slots[i].slot);

		if (call->slots[i].how == NSM_HOW_DROPPED && type < NSL_TYPES &&
		    !nsv_is_initial(w->text, type, call->slots[i].before.inum))
			types |= 1u << type;
	}
	for (int type = 0; type < NSL_TYPES && col + type < end; type++) {
		bool has = types & 1u << type;

		nsw_char(c, row, col + type, has ? (unsigned int)type | NSW_STRONG : NSV_DIM,
			 has ? (uint32_t)letters[type] : 0xb7, has ? letters[type] : '-');
	}
}

static void put_result(struct nsw_canvas *c, int row, int col, int end, const struct nsm_call *call)
{
	const char *name = call->err ? nsm_errno_name(call->err) : NULL;

	if (!call->end_seen)
		nsw_put(c, row, col, end, NSV_RED, call->died ? "died" : "cut off");
	else if (name)
		nsw_printf(c, row, col, end, NSV_RED | NSW_STRONG, "!%s", name);
	else if (call->err)
		nsw_printf(c, row, col, end, NSV_RED | NSW_STRONG, "!errno %d", call->err);
	else if (call->syscall == NSL_SYS_EXIT)
		nsw_put(c, row, col, end, NSV_PLAIN, "freed");
	else if (call->child)
		nsw_printf(c, row, col, end, NSV_PLAIN, "= %" PRIu32, call->child);
	else
		nsw_printf(c, row, col, end, NSV_PLAIN, "= %" PRId64, call->ret);
}

struct columns {
	int pid, comm, call, types, result, took, container;
};

/* Names grow with the screen; a very narrow one leaves out what the step view tells too. */
static struct columns columns(int width)
{
	struct columns at = {.pid = width >= 68 ? 12 : 0};
	int rest;

	at.comm = at.pid + 8;
	/* what stands right of the name: 8 + 9 + 8, and 12 more for a time that fits */
	rest = width - at.comm - 25 - (width >= 60 ? 12 : 0);
	at.call = at.comm + (rest > NSL_COMM_LEN + 1 ? NSL_COMM_LEN + 1 : rest < 5 ? 5 : rest);
	at.types = at.call + 8;
	at.result = at.types + 9;
	at.took = at.result + 11;
	at.container = at.took + 9;
	return at;
}

static void put_gap(struct nsw_canvas *c, int row, struct nsw_box box,
		    const struct nsw_entry *entry)
{
	int col = nsw_printf(c, row, box.left, box.right, NSV_RED | NSW_STRONG,
			     " GAP: %" PRIu64 " events lost here (%s hooks) ", entry->gap.count,
			     nsm_hook_name(entry->gap.hook));

	nsw_fill(c, row, col, box.right, NSV_RED, '!', '!');
}

static void put_call(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		     const struct nsw_entry *entry)
{
	const struct nsm_call *call = &entry->call;
	int left = box.left, right = box.right;
	struct columns at = columns(right - left);
	char word[NSL_COMM_LEN * 10 + 1], line[512];

	if (entry->lost) {
		put_gap(c, row, box, entry);
		return;
	}
	if (at.pid > 10)
		nsw_printf(c, row, left + 1, left + at.pid, NSV_DIM, "%10.3f",
			   (double)nsv_since_start(w->text, call->ts) / 1e9);
	nsw_printf(c, row, left + at.pid, left + at.comm, NSV_PLAIN, "%7" PRIu32, call->pid);
	nsw_put(c, row, left + at.comm, left + at.call - 1, NSV_PLAIN,
		nsv_safe(w->text, call->comm, word, sizeof(word)));
	nsw_put(c, row, left + at.call, left + at.types, NSV_BOLD, nsm_syscall_name(call->syscall));
	put_types(w, c, row, left + at.types, right, call);
	put_result(c, row, left + at.result, left + at.took - 1, call);
	if (call->duration != NSM_DURATION_UNKNOWN && call->syscall != NSL_SYS_EXIT)
		nsw_put(c, row, left + at.took, left + at.container - 1, NSV_DIM,
			nsv_duration(w->text, call->duration, word));
	if (call->gap)
		nsw_put(c, row, left + at.container, right, NSV_RED, "[events lost inside]");
	else if (call->container)
		nsw_put(c, row, left + at.container, right, NSV_DIM,
			nsv_safe(w->text, call->container, line, sizeof(line)));
}

static void put_header(struct nsw_canvas *c, int row, struct nsw_box box)
{
	struct columns at = columns(box.right - box.left);
	int left = box.left, right = box.right;

	nsw_fill(c, row, left, right, NSV_DIM | NSW_UNDERLINE, ' ', ' ');
	if (at.pid > 10)
		nsw_put(c, row, left + 5, right, NSV_DIM | NSW_UNDERLINE, "SECOND");
	nsw_put(c, row, left + at.pid + 4, right, NSV_DIM | NSW_UNDERLINE, "PID");
	nsw_put(c, row, left + at.comm, right, NSV_DIM | NSW_UNDERLINE, "COMMAND");
	nsw_put(c, row, left + at.call, right, NSV_DIM | NSW_UNDERLINE, "CALL");
	nsw_put(c, row, left + at.types, right, NSV_DIM | NSW_UNDERLINE, "muipcntU");
	nsw_put(c, row, left + at.result, right, NSV_DIM | NSW_UNDERLINE, "RESULT");
	nsw_put(c, row, left + at.took, right, NSV_DIM | NSW_UNDERLINE, "TOOK");
	nsw_put(c, row, left + at.container, right, NSV_DIM | NSW_UNDERLINE, "CONTAINER");
}

void nsw_list_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	struct nsw_calls_pane *p = &w->calls;
	int selected = nsw_list_selected(w), row = box.top;

	if (box.bottom - box.top > 3)
		put_header(c, row++, box);
	p->height = box.bottom - row;
	p->top = nsw_scroll(p->follow ? p->n : p->top, selected, p->height, p->n);
	if (!p->n)
		nsw_put(c, row, box.left + 2, box.right, NSV_DIM,
			*w->filter ? "No call matches the filter. Change it with /, or press Esc."
				   : "No call yet. Try in another terminal: unshare --uts true");
	for (int i = p->top; i < p->n && row < box.bottom; i++, row++) {
		put_call(w, c, row, box, p->list[i]);
		if (i == selected && w->focus == NSW_PANE_CALLS)
			nsw_mark(c, row, box.left, box.right, NSW_REVERSE);
		else if (i == selected)
			nsw_char(c, row, box.left, NSV_BOLD, 0x25b6, '>');
		if (i == selected)
			nsw_char(c, row, box.left,
				 NSV_BOLD | (w->focus == NSW_PANE_CALLS ? NSW_REVERSE : 0), 0x25b6,
				 '>');
	}
}
