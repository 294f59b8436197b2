// SPDX-License-Identifier: GPL-2.0-only
/* Keys: what each of them changes in the state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_state.h"

#define CTRL(letter) ((letter)&0x1f)

static void set_filter(struct nsw *w, const char *filter)
{
	snprintf(w->filter, sizeof(w->filter), "%s", filter);
	if (*filter && w->focus == NSW_PANE_RAILS)
		nsw_rails_search(w, 1);
}

/* ASCII alone: names, numbers and types are. */
static void key_typing(struct nsw *w, int key)
{
	size_t len = strlen(w->typed);

	switch (key) {
	case NSW_KEY_ENTER:
		w->typing = false;
		set_filter(w, w->typed);
		break;
	case NSW_KEY_ESCAPE:
		w->typing = false;
		break;
	case NSW_KEY_BACKSPACE:
		if (len)
			w->typed[len - 1] = '\0';
		else
			w->typing = false;
		break;
	case CTRL('U'):
		w->typed[0] = '\0';
		break;
	default:
		if (key >= ' ' && key < 0x7f && len + 1 < sizeof(w->typed)) {
			w->typed[len] = (char)key;
			w->typed[len + 1] = '\0';
		}
	}
}

static void key_help(struct nsw *w, int key)
{
	switch (key) {
	case NSW_KEY_UP:
		w->help_top--;
		break;
	case NSW_KEY_DOWN:
		w->help_top++;
		break;
	case NSW_KEY_PAGE_UP:
		w->help_top -= 10;
		break;
	case NSW_KEY_PAGE_DOWN:
		w->help_top += 10;
		break;
	case NSW_KEY_REDRAW:
		break;
	default:
		w->help = false;
		w->help_top = 0;
	}
	if (w->help_top < 0)
		w->help_top = 0;
}

static struct nsw_entry *selected_call(struct nsw *w)
{
	int at;

	nsw_list_update(w);
	at = nsw_list_selected(w);
	return at >= 0 && !w->calls.list[at]->lost ? w->calls.list[at] : NULL;
}

/* The next call in that direction; gaps have no steps. */
static void other_call(struct nsw *w, int by)
{
	nsw_list_update(w);
	if (!w->calls.n)
		return;
	w->calls.selected = w->steps.entry->seq;
	for (int at = nsw_list_selected(w) + by; at >= 0 && at < w->calls.n; at += by) {
		if (!w->calls.list[at]->lost) {
			w->calls.selected = w->calls.list[at]->seq;
			nsw_steps_open(w, w->calls.list[at]);
			return;
		}
	}
}

static bool key_steps(struct nsw *w, int key)
{
	switch (key) {
	case NSW_KEY_LEFT:
		nsw_steps_move(w, -1);
		return true;
	case NSW_KEY_RIGHT:
		nsw_steps_move(w, 1);
		return true;
	case NSW_KEY_UP:
		other_call(w, -1);
		return true;
	case NSW_KEY_DOWN:
		other_call(w, 1);
		return true;
	case NSW_KEY_HOME:
		nsw_steps_move(w, -(1 << 20));
		return true;
	case NSW_KEY_END:
		nsw_steps_move(w, 1 << 20);
		return true;
	case NSW_KEY_PAGE_UP:
		w->steps.text_top = w->steps.text_top > 4 ? w->steps.text_top - 4 : 0;
		return true;
	case NSW_KEY_PAGE_DOWN:
		w->steps.text_top += 4;
		return true;
	case NSW_KEY_ENTER:
	case NSW_KEY_ESCAPE:
	case NSW_KEY_BACKSPACE:
		nsw_steps_close(w);
		return true;
	default:
		return false;
	}
}

static bool key_calls(struct nsw *w, int key)
{
	int page = w->calls.height > 1 ? w->calls.height - 1 : 1;

	nsw_list_update(w);
	switch (key) {
	case NSW_KEY_UP:
		nsw_list_move(w, -1);
		return true;
	case NSW_KEY_DOWN:
		nsw_list_move(w, 1);
		return true;
	case NSW_KEY_PAGE_UP:
		nsw_list_move(w, -page);
		return true;
	case NSW_KEY_PAGE_DOWN:
		nsw_list_move(w, page);
		return true;
	case NSW_KEY_HOME:
		nsw_list_move(w, -NSW_CALLS);
		return true;
	case NSW_KEY_END:
		nsw_list_move(w, NSW_CALLS);
		return true;
	case NSW_KEY_ENTER:
		w->calls.follow = false; /* the call that is looked at stays where it is */
		nsw_steps_open(w, selected_call(w));
		return true;
	case 'n':
		nsw_list_move(w, 1);
		return true;
	case 'N':
		nsw_list_move(w, -1);
		return true;
	default:
		return false;
	}
}

static bool key_rails(struct nsw *w, int key)
{
	int page = w->rails.height > 1 ? w->rails.height - 1 : 1;

	switch (key) {
	case NSW_KEY_UP:
		nsw_rails_move(w, -1);
		return true;
	case NSW_KEY_DOWN:
		nsw_rails_move(w, 1);
		return true;
	case NSW_KEY_PAGE_UP:
		nsw_rails_move(w, -page);
		return true;
	case NSW_KEY_PAGE_DOWN:
		nsw_rails_move(w, page);
		return true;
	case NSW_KEY_HOME:
		nsw_rails_move(w, -(1 << 20));
		return true;
	case NSW_KEY_END:
		nsw_rails_move(w, 1 << 20);
		return true;
	case NSW_KEY_LEFT:
		w->rails.left -= w->rails.left > 0;
		return true;
	case NSW_KEY_RIGHT:
		w->rails.left += w->rails.left < w->rails.most_left;
		return true;
	case 'n':
		if (*w->filter)
			nsw_rails_search(w, 1);
		return true;
	case 'N':
		if (*w->filter)
			nsw_rails_search(w, -1);
		return true;
	default:
		return false;
	}
}

static void toggle_layout(struct nsw *w, enum nsw_layout layout)
{
	w->layout = w->layout == layout ? NSW_BOTH : layout;
	if (w->layout == NSW_RAILS_ALONE)
		w->focus = NSW_PANE_RAILS;
	if (w->layout == NSW_CALLS_ALONE)
		w->focus = NSW_PANE_CALLS;
}

static void toggle_pause(struct nsw *w)
{
	w->paused = !w->paused;
	if (!w->paused)
		nsw_calls_move(w->calls.shown, w->calls.waiting);
}

static void switch_pane(struct nsw *w)
{
	w->focus = w->focus == NSW_PANE_RAILS ? NSW_PANE_CALLS : NSW_PANE_RAILS;
	/* alone on the screen is the one that has the keys */
	if (w->layout != NSW_BOTH)
		w->layout = w->focus == NSW_PANE_RAILS ? NSW_RAILS_ALONE : NSW_CALLS_ALONE;
}

bool nsw_typing(const struct nsw *w)
{
	return w->typing;
}

static bool key_everywhere(struct nsw *w, int key)
{
	switch (key) {
	case 'q':
	case CTRL('C'):
		return false;
	case NSW_KEY_TAB:
		switch_pane(w);
		break;
	case '/':
		w->typing = true;
		w->typed[0] = '\0';
		break;
	case NSW_KEY_ESCAPE:
		set_filter(w, "");
		break;
	case 'f':
		w->calls.follow = !w->calls.follow;
		break;
	case 'p':
	case ' ':
		toggle_pause(w);
		break;
	case 'g':
		toggle_layout(w, NSW_RAILS_ALONE);
		break;
	case 'c':
		toggle_layout(w, NSW_CALLS_ALONE);
		break;
	case 's':
		w->rails.lanes = (w->rails.lanes + 1) % NSW_LANES_CHOICES;
		w->rails.left = 0;
		break;
	case 't':
		nsv_rails_tidy(w->rails.layout);
		w->rails.totals.events = UINT64_MAX;
		break;
	case 'v':
		w->wish = NSW_WISH_CHECK;
		break;
	case 'k':
		w->wish = NSW_WISH_KEEPERS;
		break;
	case '?':
	case 'h':
		w->help = true;
		break;
	default:
		break;
	}
	return true;
}

bool nsw_key(struct nsw *w, int key)
{
	if (key == NSW_KEY_NONE)
		return true;
	w->dirty = true;
	if (w->typing) {
		key_typing(w, key);
		return key != CTRL('C');
	}
	if (w->help) {
		key_help(w, key);
		return key != CTRL('C');
	}
	if (w->focus == NSW_PANE_CALLS && w->steps.entry && key_steps(w, key))
		return true;
	if (w->focus == NSW_PANE_CALLS && !w->steps.entry && key_calls(w, key))
		return true;
	if (w->focus == NSW_PANE_RAILS && key_rails(w, key))
		return true;
	return key_everywhere(w, key);
}
