/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: what the files of the explanations share. */
#ifndef NSLENS_VIEW_EXPLAIN_INTERNAL_H
#define NSLENS_VIEW_EXPLAIN_INTERNAL_H

#include "explain.h"
#include "../explain/labels.h"
#include "text.h"

#define NSV_VERSION_LEN 32

/* A text of several colours that is wrapped; it also breaks between CJK characters. */
struct nsv_lines {
	struct nsv *v;
	struct nsv_flow flow; /* paints; never wraps by itself */
	const char *prefix;   /* of every line but the first */
	int width;	      /* 0: do not wrap */
	int column, prefix_width;
	bool fresh; /* nothing stands in this line after the prefix */
	bool glue;  /* the next word belongs to what stands before it */
};

/* `first` and `next` are painted dim. */
void nsv_lines_begin(struct nsv_lines *l, struct nsv *v, const char *first, const char *next);
void nsv_lines_add(struct nsv_lines *l, unsigned int colour, const char *text);
/* What is added next follows without a blank. */
void nsv_lines_glue(struct nsv_lines *l);
void nsv_lines_end(struct nsv_lines *l);

/* "", "[>=6.3]", "[>=5.6,<6.3]": one word, so that no line break parts it; returns `buf`. */
const char *nsv_versions(const struct nsv *v, nse_kernel since, nse_kernel before,
			 char buf[NSV_VERSION_LEN]);
const char *nsv_kernel_name(nse_kernel kernel, char buf[NSV_VERSION_LEN]);

/* The text in the language of the view. */
const char *nsv_say(const struct nsv *v, const struct nsv_explain *o, const char *text);

/* Rows that begin at a depth of `base`. */
void nsv_explain_tree(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
		      size_t n, unsigned int base, bool all);

/* Up to this many ways from a system call to a function. */
#define NSV_MAX_ROUTES 8
struct nsv_route {
	const struct nse_path *path;
	const struct nse_kfn *fns[16];
	size_t n;
};
size_t nsv_routes(const struct nse_kfn *fn, nse_kernel kernel, struct nsv_route *out);
/* The subtree of a function or the path of a system call; `base` is its depth. */
size_t nsv_explain_rows(const struct nse_entry *e, nse_kernel kernel, struct nse_place *rows,
			unsigned int *base);

void nsv_explain_json(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e);
void nsv_explain_listed_json(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e);
void nsv_explain_call_json(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
			   size_t n);

#endif
