/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rails: the graph on an integer grid, for whoever draws it: text, SVG, the
 * terminal UI. Nothing here is formatted.
 *
 * Lines run down, lanes run across, a lane has tracks. A row is one nsproxy and
 * has one line for each group of tasks that have the same user and pid namespace.
 * A namespace is a rail: a vertical stretch on one track of its type's lane, with
 * a labelled cell where it begins and a dot in each line that uses it.
 *
 *   lanes[]   user first, then the slots; types that the filter leaves out are absent
 *   rows[]    in this order: nsproxies by id, those without one yet, zombies, namespaces that no
 * task reaches lines[]   row after row cells[]   by line, lane, track; lines[i].cells is the part
 * of line i rails[]   by lane, track, first line
 *
 * nsv_rails_update() remembers where everything was: what was there before keeps
 * its row, its line in the row and its track, whatever comes or goes. Only what
 * stands below a row that grew moves down with it, and zombies and lone namespaces
 * stay below all nsproxies. nsv_rails_tidy() forgets.
 *
 * Pointers into the graph are valid until its next nsg_feed(); everything else
 * until the next update.
 */
#ifndef NSLENS_VIEW_RAILS_H
#define NSLENS_VIEW_RAILS_H

#include "graph_filter.h"

enum nsv_row_kind {
	NSV_ROW_NSPROXY,
	NSV_ROW_BUILDING, /* half-built, not visible to anybody yet: draw it dashed */
	NSV_ROW_GHOST,	  /* was an nsproxy and is gone; keeps its place: a thin line */
	NSV_ROW_ZOMBIES,  /* tasks without an nsproxy: exiting, or waiting to be reaped */
	NSV_ROW_LONE,	  /* a namespace that no task reaches: see `lone` */
};

/* Tasks of one line that are threads of one process. */
struct nsv_proc {
	const struct nsg_task *task; /* the leader; else the one with the lowest tid */
	uint32_t threads;	     /* of this process in this line: 1 or more */
};

struct nsv_cell {
	const struct nsg_ns *ns;
	uint64_t id;
	uint32_t inum;
	uint32_t line;
	uint32_t track;
	uint16_t lane; /* index into lanes[] */
	bool initial;
	bool label;   /* a labelled pill; else a dot */
	bool pending; /* pid*, time*: not yet that of the row's own tasks, see nsv_line */
	bool now;     /* time: what the tasks have now, where time* differs */
};

struct nsv_rail {
	const struct nsg_ns *ns;
	uint64_t id;
	uint32_t first, last; /* lines; equal: the labelled cell alone */
	uint32_t track;
	uint16_t lane;
	bool initial;
};

struct nsv_line {
	size_t row;
	const struct nsg_ns *user; /* of all tasks here; NULL: no task, or not known */
	const struct nsg_ns *pid;  /* active; show it (a badge) unless it is the initial one */
	/* Processes, kernel threads last, by pid. None: the line only keeps its place. */
	const struct nsv_proc *procs;
	size_t nprocs;
	size_t ntasks; /* with all threads */
	const char
		*container; /* or unit, of the first, if it is not initial; hostile text, or NULL */
	const struct nsv_cell *cells;
	size_t ncells;
	bool pid_pending; /* the next child is born in another pid namespace: the row's pid* */
};

struct nsv_row {
	enum nsv_row_kind kind;
	/* of the nsproxy (0: BUILDING, it has none yet), or of the lone namespace; else 0 */
	uint64_t id;
	const struct nsg_nsproxy *nsproxy; /* NSPROXY, BUILDING; else NULL */
	const struct nsg_ns *lone;	   /* LONE; else NULL */
	const struct nsg_keeper *keeper;   /* LONE: the first known one, or NULL */
	size_t nkeepers;		   /* LONE: how many are known */
	size_t first_line, nlines; /* nlines is at least 1; the slots' cells are in the first */
	bool time_pending;	   /* time* takes effect at the next fork or exec */
};

struct nsv_lane {
	enum nsl_type type;
	uint32_t tracks; /* at least 2: the first is the initial namespace's */
};

struct nsv_rails {
	struct nsv_lane lanes[NSL_TYPES];
	size_t nlanes;
	struct nsv_row *rows;
	size_t nrows;
	struct nsv_line *lines;
	size_t nlines;
	struct nsv_cell *cells;
	size_t ncells;
	struct nsv_rail *rails;
	size_t nrails;
	struct nsv_proc *procs;		 /* of all lines */
	struct nsv_rails_memory *memory; /* rails.c alone */
};

/* NULL: out of memory. */
struct nsv_rails *nsv_rails_new(void);
void nsv_rails_free(struct nsv_rails *r);

/*
 * Lays out the graph as it is now. At most `ghosts` rows of nsproxies that are gone
 * are kept, the youngest. Returns 0 or -ENOMEM: the layout is then empty.
 */
int nsv_rails_update(struct nsv_rails *r, const struct nsg *g,
		     const struct nsv_graph_filter *filter, size_t ghosts);

/* The next update lays everything out anew, without ghosts and gaps. */
void nsv_rails_tidy(struct nsv_rails *r);

/* The rail that covers this place (its ends included), or NULL. */
const struct nsv_rail *nsv_rails_at(const struct nsv_rails *r, size_t line, size_t lane,
				    size_t track);

/* Index into lanes[], or -1: that type is left out. */
int nsv_rails_lane(const struct nsv_rails *r, enum nsl_type type);

#endif
