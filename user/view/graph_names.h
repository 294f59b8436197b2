/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: how objects of the graph are called in pictures. Results may hold
 * hostile text. */
#ifndef NSLENS_VIEW_GRAPH_NAMES_H
#define NSLENS_VIEW_GRAPH_NAMES_H

#include "rails.h"
#include "text.h"

#define NSV_NAMES 192

/* "host", the last four digits of the inode number, or "anon". */
const char *nsv_ns_label(const struct nsg_ns *ns, char buf[NSV_WORD]);
/* "mnt" … "pid*" "time*": a lane's head; `narrow`: four letters and the star.
 */
const char *nsv_lane_name(enum nsl_type type, bool narrow);
/* The kernel's count, or how many tasks are known; "?" where it was not read.
 */
const char *nsv_count(const struct nsg_nsproxy *x, char buf[NSV_WORD]);

/* "#7"; "#?" while it has no id. */
const char *nsv_nsproxy_label(const struct nsg_nsproxy *x, char buf[NSV_WORD]);

struct nsv_folded {
	char names[NSV_NAMES]; /* "1 systemd, bash x3, sshd": hostile text */
	size_t rest;	       /* tasks beyond those */
	bool host;	       /* they are initial tasks */
};

/* At most `most` different names. `times` is the sign between a name and its
 * number. */
void nsv_fold_names(const struct nsv_line *line, size_t most, const char *times,
		    struct nsv_folded *out);
/* " +137" or " … and 137 more host tasks"; "" if there is no rest. */
const char *nsv_fold_rest(const struct nsv_folded *f, bool words, bool utf8, char buf[NSV_WORD]);
/* " (4f0c2a1b9d8e)", the container: hostile text; or "". */
const char *nsv_fold_container(const struct nsv_line *line, char buf[NSV_NAMES]);
/* "1 in 2207" or "in 2207": where the tasks are, if not in the initial pid
 * namespace; or "". */
const char *nsv_badge(const struct nsv_line *line, char buf[NSV_WORD]);
/* Who keeps a namespace that no task reaches: "fd 7 of 1234 sleep". */
const char *nsv_kept_by(const struct nsv_row *row, char buf[NSV_NAMES]);

/*
 * Cuts safe text to `columns`, with a mark where something is gone. Returns its columns.
 * The buffer must have room for NSV_MARK bytes more than the text.
 */
#define NSV_MARK 3
int nsv_cut(const struct nsv *v, char *text, int columns);

/* The view's own buffer and locale; NULL: out of memory. */
struct nsv *nsv_graph_begin(FILE *out, bool colour, int width);
/* Writes and frees. 0 or a negative errno. */
int nsv_graph_end(struct nsv *v);

#endif
