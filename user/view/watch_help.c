// SPDX-License-Identifier: GPL-2.0-only
/* The page of help. */
#include "watch_state.h"

static const char *const lines[] = {
	"KEYS",
	"  Tab            the other pane: graph or calls",
	"  up down PgUp PgDn Home End    move in it",
	"  Enter          calls: the kernel steps of the call; Esc goes back",
	"  left right     steps: one kernel step; graph: the lanes",
	"  up down        steps: one call",
	"  /              filter: words that a call must have (comm, pid, type, container);",
	"                 in the graph it searches. Esc clears it",
	"  n N            next or previous row that matches",
	"  f              follow what is new, or stay",
	"  p space        pause: the screen stands still, events are still taken",
	"  space . > <    a recording: stop or go on, to the next call, faster, slower",
	"  g c            graph alone, calls alone; again: both",
	"  s              lanes: all; user mnt uts ipc; pid net cgroup time",
	"  v              verify: compare the graph with a fresh snapshot of the kernel",
	"  k              look for what keeps namespaces that no task uses",
	"  t              tidy the graph: freed rows go",
	"  ?              this page",
	"  Ctrl-L         draw everything anew",
	"  q Ctrl-C       quit",
	"",
	"THE GRAPH",
	"  A row is one nsproxy: the kernel's object that holds the namespaces of the tasks at",
	"  its left. [7 #12] is nsproxy#12, seven tasks share it; {1 #13} is being built, and",
	"  nobody sees it yet. A lane is a type of namespace. In it stand the last four digits",
	"  of the inode number, or host for the initial one.",
	"  Room for all: each namespace is a rail that runs down; a dot is a row that uses it.",
	"  Less room: =2602 shares the namespace of that number, a dot shares the host's.",
	"  pid* and time* are those that children will be born in; 2605! is not yet the row's",
	"  own. user is no slot of the nsproxy: it belongs to the credentials of each task.",
	"",
	"THE CALLS",
	"  muipcntU       types: mnt uts ipc pid cgroup net time User",
	"  = 0            the result; !EPERM an error; the number of the child",
	"  GAP            events were lost here. The graph is then taken anew from the kernel",
	"",
	"THE STEPS",
	"  CREATED a new namespace, shared: one more reference on the old one, INSTALLED: the",
	"  task uses it now, put -1: given back after a failure, FAILED, not reached.",
};

void nsw_help_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box)
{
	int total = (int)(sizeof(lines) / sizeof(*lines)), row = box.top;

	w->help_top = nsw_scroll(w->help_top, -1, box.bottom - box.top, total);
	for (int i = w->help_top; i < total && row < box.bottom; i++, row++)
		nsw_put(c, row, box.left + 1, box.right, *lines[i] == ' ' ? NSV_PLAIN : NSV_BOLD,
			lines[i]);
}
