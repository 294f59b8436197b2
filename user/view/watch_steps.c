// SPDX-License-Identifier: GPL-2.0-only
/* One call, step by step: the kernel path as a tree, and what the chosen step means. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../explain/function.h"
#include "watch_state.h"

#define BESIDE 100 /* from this width on the explanation stands beside the tree */

void nsw_steps_close(struct nsw *w)
{
	nsw_entry_let_go(w->steps.entry);
	w->steps = (struct nsw_steps_pane){0};
}

/* The step that decided: of those that failed the innermost; -1: none failed. */
static int culprit(const struct nsm_call *call)
{
	int found = -1;

	for (size_t i = 0; i < call->nsteps; i++)
		if (call->steps[i].outcome == NSM_FAILED &&
		    (found < 0 || call->steps[i].depth > call->steps[found].depth))
			found = (int)i;
	return found;
}

/* Opens at the step that decided, else at the first. */
void nsw_steps_open(struct nsw *w, struct nsw_entry *entry)
{
	nsw_entry_hold(entry);
	nsw_steps_close(w);
	if (!entry || entry->lost) {
		nsw_entry_let_go(entry);
		return;
	}
	w->steps.entry = entry;
	w->steps.step = culprit(&entry->call);
	if (w->steps.step < 0)
		w->steps.step = 0;
	nsw_rails_show(w, &entry->call);
}

void nsw_steps_move(struct nsw *w, int by)
{
	int n = w->steps.entry ? (int)w->steps.entry->call.nsteps : 0;
	int step = w->steps.step + by;

	w->steps.step = step >= n ? n - 1 : step;
	if (w->steps.step < 0)
		w->steps.step = 0;
	w->steps.text_top = 0;
}

/* ---- text ----------------------------------------------------------------------------------- */

/* Writes the lines that stand in the buffer; what does not fit is left out. */
static int put_lines(struct nsw *w, struct nsw_canvas *c, struct nsw_box box, int *skip,
		     unsigned int style)
{
	struct nsv_buf *b = &w->text->buf;
	int row = box.top;

	if (b->failed)
		b->len = 0;
	for (size_t at = 0; at < b->len;) {
		char *line = b->data + at, *end = memchr(line, '\n', b->len - at);

		if (!end)
			break;
		*end = '\0';
		at = (size_t)(end - b->data) + 1;
		if (*skip > 0)
			(*skip)--;
		else if (row < box.bottom)
			nsw_put(c, row++, box.left, box.right, style, line);
	}
	b->len = 0;
	b->failed = false;
	return row;
}

int nsw_paragraph(struct nsw *w, struct nsw_canvas *c, struct nsw_box box, int *skip,
		  unsigned int style, const char *text)
{
	struct nsv_flow f;

	if (!*text)
		return box.top;
	w->text->options.width = box.right - box.left;
	nsv_flow_begin(&f, w->text, 0, 0);
	nsv_flow_text(&f, text, 0, NSV_PLAIN);
	nsv_flow_end(&f);
	return put_lines(w, c, box, skip, style);
}

/* "#12  runc:[1:CHILD] 4128  unshare(CLONE_NEWNS|CLONE_NEWUTS) = 0  6.4 ms", at most two lines */
static int put_call(struct nsw *w, struct nsw_canvas *c, struct nsw_box box,
		    const struct nsw_entry *entry)
{
	const struct nsm_call *call = &entry->call;
	char word[NSV_WORD], line[512];
	struct nsv_flow f;
	int skip = 0;

	w->text->options.width = box.right - box.left;
	nsv_flow_begin(&f, w->text, 0, 3);
	snprintf(word, sizeof(word), "#%" PRIu64, call->number);
	nsv_flow_word(&f, 0, NSV_PLAIN, word);
	nsv_put_task(&f, 2, call->comm, call->pid, call->tid);
	nsv_put_syscall(&f, call, false);
	if (call->duration != NSM_DURATION_UNKNOWN && call->syscall != NSL_SYS_EXIT)
		nsv_flow_word(&f, 2, NSV_PLAIN, nsv_duration(w->text, call->duration, word));
	if (call->container) {
		nsv_flow_word(&f, 2, NSV_PLAIN, "in");
		nsv_flow_word(&f, 1, NSV_PLAIN,
			      nsv_safe(w->text, call->container, line, sizeof(line)));
	}
	nsv_flow_end(&f);
	if (box.bottom > box.top + 2)
		box.bottom = box.top + 2;
	return put_lines(w, c, box, &skip, NSV_BOLD);
}

/* ---- the tree ------------------------------------------------------------------------------- */

static const struct {
	uint32_t sign;
	char ascii;
	unsigned int style;
	const char *word;
} looks[NSM_OUTCOMES] = {
	[NSM_CREATED] = {0x25cf, '*', NSV_BOLD, "CREATED"},
	[NSM_SHARED] = {0x25cb, 'o', NSV_DIM, "shared +1"},
	[NSM_INSTALLED] = {0x25c6, '#', NSV_BOLD, "INSTALLED"},
	[NSM_DONE] = {0xb7, '.', NSV_PLAIN, "done"},
	[NSM_FAILED] = {0x2717, 'X', NSV_RED | NSW_STRONG, "FAILED"},
	[NSM_UNDONE] = {0x25c1, '<', NSV_PLAIN, "put -1"},
	[NSM_NOT_REACHED] = {' ', ' ', NSV_DIM, "not reached"},
};

#define TREE_OUTCOME  36
#define TREE_DURATION 49
#define TREE_DETAIL   59

static void put_step(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		     const struct nsm_call *call, const struct nsm_step *step)
{
	enum nsm_outcome outcome = step->outcome < NSM_OUTCOMES ? step->outcome : NSM_DONE;
	int depth = step->depth < 0 ? 0 : step->depth > 4 ? 4 : step->depth;
	int col = box.left + 2 + 2 * depth, width = box.right - box.left;
	/* a narrow screen has the outcome right behind the name */
	int at = width >= TREE_DURATION + 8 ? TREE_OUTCOME : width - 12 - 9;
	unsigned int style = step->type < NSL_TYPES ? step->type : NSV_PLAIN;
	char word[NSV_WORD];

	if (outcome == NSM_NOT_REACHED || outcome == NSM_SHARED)
		style = NSV_DIM;
	nsw_char(c, row, col, style, looks[outcome].sign, looks[outcome].ascii);
	nsw_put(c, row, col + 2, box.left + at - 1, style, nsm_fn_name(step->fn));
	nsw_put(c, row, box.left + at, box.left + at + 12, looks[outcome].style,
		looks[outcome].word);
	if (step->inferred && outcome != NSM_NOT_REACHED)
		nsw_put(c, row, box.left + at + 13, box.right, NSV_DIM, "inferred");
	else if (step->duration != NSM_DURATION_UNKNOWN && outcome != NSM_NOT_REACHED)
		nsw_put(c, row, box.left + at + 13, box.right, NSV_PLAIN,
			nsv_duration(w->text, step->duration, word));
	if (box.left + TREE_DETAIL + 8 > box.right)
		return;
	col = box.left + TREE_DETAIL;
	if (outcome == NSM_FAILED) {
		char words[NSE_STEP_LEN];

		nsw_put(c, row, col, box.right, NSV_RED,
			nse_step(call, step, w->text->kernel, words, sizeof(words)));
	} else if (step->ns.obj && step->type < NSL_TYPES && outcome != NSM_SHARED) {
		col = nsw_put(c, row, col, box.right, step->type,
			      nsv_ns_name(step->type, step->ns.inum, word));
		col += 2;
	}
	if (step->nsproxy)
		nsw_put(c, row, col, box.right, NSV_PLAIN, nsv_nsproxy_name(step->nsproxy, word));
}

static const char *slot_value(struct nsw *w, enum nsl_slot slot, const struct nsl_ref *ref,
			      char buf[NSV_WORD])
{
	if (!ref->obj)
		return strcpy(buf, "none");
	if (!ref->inum)
		return strcpy(buf, "anonymous");
	if (nsv_is_initial(w->text, nsm_slot_type(slot), ref->inum))
		return strcpy(buf, "[host]");
	snprintf(buf, NSV_WORD, "%" PRIu32, ref->inum);
	return buf;
}

static void put_slot(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
		     const struct nsm_slot_change *change)
{
	char a[NSV_WORD], b[NSV_WORD];
	int col = nsw_printf(c, row, box.left + 4, box.right, nsm_slot_type(change->slot), "%-18s",
			     nsm_slot_name(change->slot));

	nsw_printf(c, row, col, box.right, NSV_PLAIN, "%10s %s %-10s  %s",
		   slot_value(w, change->slot, &change->before, a), nsv_arrow(w->text),
		   slot_value(w, change->slot, &change->after, b), nsm_how_name(change->how));
}

static void put_nsproxies(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
			  const struct nsm_call *call)
{
	char a[NSV_WORD], b[NSV_WORD];

	nsv_nsproxy_name(call->before.nsproxy, a);
	nsv_nsproxy_name(call->after.nsproxy, b);
	if (call->before.nsproxy && call->after.nsproxy &&
	    call->before.nsproxy != call->after.nsproxy)
		nsw_printf(c, row, box.left + 2, box.right, NSV_BOLD, "%s %s %s", a,
			   nsv_arrow(w->text), b);
	else if (call->after.nsproxy)
		nsw_printf(c, row, box.left + 2, box.right, NSV_PLAIN, "%s stays", b);
	else
		nsw_printf(c, row, box.left + 2, box.right, NSV_PLAIN, "%s is left", a);
}

/* One line that stands where the steps would. */
static const char *no_steps(const struct nsw *w)
{
	return w->text->steps ? "no namespace function ran inside"
			      : "steps are not seen here: tracepoints only (nslens doctor)";
}

/* What an exit drops of the host's own namespaces is no news. */
static bool slot_shown(const struct nsw *w, const struct nsm_slot_change *change)
{
	return change->how != NSM_HOW_DROPPED ||
	       !nsv_is_initial(w->text, nsm_slot_type(change->slot), change->before.inum);
}

/* Lines of the tree: the steps, or one that says why there are none; the nsproxies; the slots. */
static int tree_lines(const struct nsw *w, const struct nsm_call *call)
{
	int n = call->nsteps ? (int)call->nsteps : 1;

	if (!call->has_views)
		return n;
	for (size_t i = 0; i < call->nslots; i++)
		n += slot_shown(w, &call->slots[i]);
	return n + 1;
}

static void put_slot_number(struct nsw *w, struct nsw_canvas *c, int row, struct nsw_box box,
			    const struct nsm_call *call, int number)
{
	for (size_t i = 0; i < call->nslots; i++) {
		if (slot_shown(w, &call->slots[i]) && !number--) {
			put_slot(w, c, row, box, &call->slots[i]);
			return;
		}
	}
}

static void put_tree(struct nsw *w, struct nsw_canvas *c, struct nsw_box box,
		     const struct nsm_call *call)
{
	struct nsw_steps_pane *p = &w->steps;
	int steps = (int)call->nsteps, first_slot = steps ? steps : 1;
	int total = tree_lines(w, call), row = box.top;

	p->height = box.bottom - box.top;
	p->top = nsw_scroll(p->top, p->step, p->height, total);
	/* the slots come last: at the last step they are wanted, too */
	if (p->step >= steps - 1 && p->step - (total - p->height) >= 0)
		p->top = nsw_scroll(total, -1, p->height, total);
	for (int i = p->top; i < total && row < box.bottom; i++, row++) {
		if (i < steps)
			put_step(w, c, row, box, call, &call->steps[i]);
		else if (i < first_slot)
			nsw_put(c, row, box.left + 2, box.right, NSV_DIM, no_steps(w));
		else if (i == first_slot)
			put_nsproxies(w, c, row, box, call);
		else
			put_slot_number(w, c, row, box, call, i - first_slot - 1);
		if (steps && i == p->step) {
			nsw_char(c, row, box.left, NSV_BOLD, 0x25b6, '>');
			nsw_mark(c, row, box.left, box.right, NSW_REVERSE);
		}
	}
}

/* ---- what it means -------------------------------------------------------------------------- */

/* "ksys_unshare > create_new_namespaces > copy_net_ns": the steps around it */
static void path_of(const struct nsw *w, const struct nsm_call *call, size_t at, char *buf,
		    size_t size)
{
	const struct nsm_step *chain[8];
	size_t n = 0, used = 0;
	int depth = call->steps[at].depth;

	chain[n++] = &call->steps[at];
	for (size_t i = at; i-- > 0 && n < 8;) {
		if (call->steps[i].depth < depth) {
			depth = call->steps[i].depth;
			chain[n++] = &call->steps[i];
		}
	}
	*buf = '\0';
	while (n-- > 0 && used < size)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", nsm_fn_name(chain[n]->fn),
					 !n		 ? ""
					 : w->text->utf8 ? " › "
							 : " > ");
}

static void title_of(const struct nsm_step *step, char *buf, size_t size)
{
	char name[NSV_WORD];
	const char *fn = nsm_fn_name(step->fn);
	bool named = step->ns.obj && step->type < NSL_TYPES;

	if (named)
		nsv_ns_name(step->type, step->ns.inum, name);
	if (step->outcome == NSM_NOT_REACHED)
		snprintf(buf, size, "%s() was not reached", fn);
	else if (step->outcome == NSM_FAILED)
		snprintf(buf, size, "%s() failed", fn);
	else if (named)
		snprintf(buf, size, "%s(): %s %s", fn, nsm_outcome_name(step->outcome), name);
	else
		snprintf(buf, size, "%s(): %s", fn, nsm_outcome_name(step->outcome));
}

static void time_of(struct nsw *w, const struct nsm_call *call, const struct nsm_step *step,
		    char *buf, size_t size)
{
	char word[NSV_WORD];

	*buf = '\0';
	if (step->outcome == NSM_NOT_REACHED)
		return;
	if (step->inferred) {
		snprintf(buf, size,
			 "Inferred: no hook saw it; it follows from the kernel's source and the "
			 "steps around it.");
	} else if (step->duration != NSM_DURATION_UNKNOWN) {
		int n = snprintf(buf, size, "It took %s",
				 nsv_duration(w->text, step->duration, word));

		double share = call->duration > 0
				       ? 100.0 * (double)step->duration / (double)call->duration
				       : 101;

		if (share < 1)
			n += snprintf(buf + n, size - (size_t)n, ", less than 1 %% of the call");
		else if (share <= 100)
			n += snprintf(buf + n, size - (size_t)n, ", %.0f %% of the call", share);
		snprintf(buf + n, size - (size_t)n, ".");
	}
}

static int put_failure(struct nsw *w, struct nsw_canvas *c, struct nsw_box box, int *skip,
		       const struct nsm_call *call)
{
	struct nse_failure failure;
	char text[NSE_CALL_LEN];

	nse_failure(call, w->text->kernel, &failure);
	snprintf(text, sizeof(text), "Why: %s.", failure.check);
	box.top = nsw_paragraph(w, c, box, skip, NSV_RED, text);
	if (failure.remedy) {
		snprintf(text, sizeof(text), "Remedy: %s.", failure.remedy);
		box.top = nsw_paragraph(w, c, box, skip, NSV_PLAIN, text);
	}
	return box.top;
}

static int put_meaning_of_step(struct nsw *w, struct nsw_canvas *c, struct nsw_box box, int *skip,
			       const struct nsm_call *call, size_t at)
{
	const struct nsm_step *step = &call->steps[at];
	unsigned int style = step->type < NSL_TYPES ? step->type : NSV_PLAIN;
	char text[1024], words[NSE_STEP_LEN];
	int decided = culprit(call);

	title_of(step, text, sizeof(text));
	box.top = nsw_paragraph(w, c, box, skip, style | NSW_STRONG, text);
	if (step->depth > 0) {
		path_of(w, call, at, text, sizeof(text));
		box.top = nsw_paragraph(w, c, box, skip, NSV_DIM, text);
	}
	nse_step(call, step, w->text->kernel, words, sizeof(words));
	if (step->outcome == NSM_FAILED && decided == (int)at)
		box.top = put_failure(w, c, box, skip, call);
	else if (step->outcome == NSM_FAILED && decided >= 0)
		snprintf(text, sizeof(text), "Here: %s, because %s() failed inside it.", words,
			 nsm_fn_name(call->steps[decided].fn));
	else
		snprintf(text, sizeof(text), "Here: %s.", words);
	if (decided != (int)at)
		box.top = nsw_paragraph(w, c, box, skip, NSV_PLAIN, text);
	box.top = nsw_paragraph(w, c, box, skip, NSV_PLAIN, nse_function(step->fn));
	time_of(w, call, step, text, sizeof(text));
	return nsw_paragraph(w, c, box, skip, NSV_PLAIN, text);
}

static void put_meaning(struct nsw *w, struct nsw_canvas *c, struct nsw_box box,
			const struct nsm_call *call)
{
	char text[NSE_CALL_LEN + 32], whole[NSE_CALL_LEN];
	int skip = w->steps.text_top;

	if (call->nsteps) {
		box.top = put_meaning_of_step(w, c, box, &skip, call, (size_t)w->steps.step);
		if (box.top < box.bottom && skip <= 0)
			box.top++;
	}
	nse_call(call, w->text->kernel, whole, sizeof(whole));
	snprintf(text, sizeof(text), "The whole call: %s", whole);
	box.top = nsw_paragraph(w, c, box, &skip, NSV_PLAIN, text);
	if (skip > 0) /* scrolled too far: stay at the last line */
		w->steps.text_top -= skip;
}

void nsw_steps_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	const struct nsw_entry *entry = w->steps.entry;
	struct nsw_box tree = box, text = box;
	int total, room;

	if (!entry || entry->lost)
		return;
	if (w->steps.step >= (int)entry->call.nsteps)
		w->steps.step = entry->call.nsteps ? (int)entry->call.nsteps - 1 : 0;
	tree.top = text.top = put_call(w, c, box, entry);
	if (box.right - box.left >= BESIDE) {
		tree.right = box.left + (box.right - box.left) * 11 / 20;
		text.left = tree.right + 2;
		for (int row = text.top; row < box.bottom; row++)
			nsw_char(c, row, tree.right, NSV_DIM, 0x2502, '|');
	} else {
		total = tree_lines(w, &entry->call);
		room = (box.bottom - tree.top) * 11 / 20;
		tree.bottom = tree.top + (total < room ? total : room);
		text.top = tree.bottom;
		if (text.top < box.bottom - 1) {
			nsw_fill(c, text.top, box.left, box.right, NSV_DIM, 0x2500, '-');
			text.top++;
		}
		text.left = box.left + 1;
	}
	put_tree(w, c, tree, &entry->call);
	put_meaning(w, c, text, &entry->call);
}
