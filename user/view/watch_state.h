/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the state of watch, and what its parts offer each other. */
#ifndef NSLENS_VIEW_WATCH_STATE_H
#define NSLENS_VIEW_WATCH_STATE_H

#include "rails.h"
#include "text.h"
#include "watch.h"
#include "watch_calls.h"

#define NSW_FILTER 64
#define NSW_GHOSTS 4	       /* rows of freed nsproxies that keep their place */
#define NSW_LOUD   10000000000 /* ns that a gap is shown loudly */

enum nsw_pane { NSW_PANE_RAILS, NSW_PANE_CALLS };
enum nsw_layout { NSW_BOTH, NSW_RAILS_ALONE, NSW_CALLS_ALONE };
enum nsw_lanes { NSW_LANES_ALL, NSW_LANES_FIRST, NSW_LANES_LAST, NSW_LANES_CHOICES };

/* A line of the rails, kept so that it can be shown when the graph has moved on. */
struct nsw_line {
	char tasks[160]; /* safe text */
	uint32_t ntasks;
	uint32_t count;	    /* of the nsproxy; first line of a row */
	uint32_t pid;	    /* inode number of a pid namespace that is not the initial one, or 0 */
	uint32_t ns_pid;    /* of the first task in it */
	char container[64]; /* of the first task; safe text */
};

struct nsw_rails_pane {
	struct nsv_rails *layout;
	struct nsw_line *lines; /* as many as layout->nlines */
	size_t room;
	uint64_t events; /* of the graph when it was laid out */
	uint64_t newest; /* id of the youngest nsproxy that has been seen */
	uint32_t snapshots;
	int selected;	 /* line */
	uint64_t row_id; /* which row `selected` is in: lines above it may come and go */
	int row_kind, row_line;
	int top, height;
	int left; /* columns of the lanes that are scrolled out */
	int most_left;
	enum nsw_lanes lanes;
	struct nsg_totals totals;
	bool stale;
};

struct nsw_calls_pane {
	struct nsw_calls *shown;
	struct nsw_calls *waiting;	   /* what came while paused */
	struct nsw_entry *list[NSW_CALLS]; /* those that match, oldest first */
	int n;
	uint64_t selected; /* seq */
	int top, height;
	bool follow;
};

struct nsw_steps_pane {
	struct nsw_entry *entry; /* the call that is looked at, held; NULL: the list is shown */
	int step;		 /* index */
	int top, height;
	int text_top; /* of the explanation */
};

struct nsw {
	struct nsv *text; /* numbers and sentences */
	char machine[120], hooks[80], checked[80];
	struct nsw_figures figures;
	enum nsw_pane focus;
	enum nsw_layout layout;
	struct nsw_rails_pane rails;
	struct nsw_calls_pane calls;
	struct nsw_steps_pane steps;
	char filter[NSW_FILTER];
	char typed[NSW_FILTER]; /* while `typing` */
	bool typing;
	bool paused;
	bool help;
	int help_top;
	bool dirty;
	enum nsw_wish wish;
	uint64_t gap_ts, gap_count; /* the last gap; 0: none */
	uint64_t total;		    /* calls so far */
};

/* A rectangle of the screen: rows and columns, ends exclusive. */
struct nsw_box {
	int top, bottom, left, right;
};

/* watch_list.c */
void nsw_list_update(struct nsw *w);
int nsw_list_selected(const struct nsw *w); /* index into list, or -1 */
void nsw_list_move(struct nsw *w, int by);
void nsw_list_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box);

/* watch_steps.c */
void nsw_steps_open(struct nsw *w, struct nsw_entry *entry);
void nsw_steps_close(struct nsw *w);
void nsw_steps_move(struct nsw *w, int by);
void nsw_steps_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box);

/* watch_rails.c */
bool nsw_rails_update(struct nsw *w, const struct nsg *g);
void nsw_rails_move(struct nsw *w, int by);
/* Selects the row that the call led to. */
void nsw_rails_show(struct nsw *w, const struct nsm_call *call);
void nsw_rails_search(struct nsw *w, int direction);
/* "mnt" … "pid*", "time*". */
const char *nsw_lane_name(enum nsl_type type);
/* The selected row in full, one or two lines. */
void nsw_rails_detail(struct nsw *w, struct nsw_canvas *c, struct nsw_box box);

/* watch_rails_draw.c */
void nsw_rails_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box);

/* watch_help.c */
void nsw_help_draw(struct nsw *w, struct nsw_canvas *c, struct nsw_box box);

/* Text wrapped into the box; returns the row behind it. `skip` lines are left out first. */
int nsw_paragraph(struct nsw *w, struct nsw_canvas *c, struct nsw_box box, int *skip,
		  unsigned int style, const char *text);

#endif
