/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch: rails, calls and the steps of one call on a screen that is looked at
 * while things happen. State and drawing only: keys go in, a grid of characters
 * comes out. The terminal is watch_term.h's; where events come from is the
 * caller's.
 */
#ifndef NSLENS_VIEW_WATCH_H
#define NSLENS_VIEW_WATCH_H

#include "../explain/explain.h"
#include "../model/graph.h"
#include "../model/model.h"
#include "watch_canvas.h"

struct nsw;

struct nsw_options {
	const char *machine; /* "host 6.12.8", or a recording's name: hostile */
	const char *hooks;   /* which mechanisms are used, in a few words */
	const char *filter;  /* as typed after '/', or NULL */
	bool utf8;
	bool steps; /* false: tracepoints only, steps and destructions cannot be seen */
	nse_kernel kernel;
	uint64_t mono_ns; /* times are shown from here on */
	uint32_t initial[NSL_TYPES];
};

/* NULL: out of memory. */
struct nsw *nsw_new(const struct nsw_options *options);
void nsw_free(struct nsw *w);

/* Calls and losses go in here. */
struct nsm_sink nsw_sink(struct nsw *w);

/* For the status line; from time to time. */
struct nsw_figures {
	uint64_t now;	     /* ns, same clock as mono_ns */
	uint64_t per_second; /* events */
	uint64_t lost;	     /* events, so far */
	const char *checked; /* "verified 4 s ago: no difference", or NULL; copied */
	bool ended;	     /* nothing more will come */
};
void nsw_set_figures(struct nsw *w, const struct nsw_figures *figures);

/* Characters as they are; what is no character: */
enum nsw_key {
	NSW_KEY_NONE = -1,
	NSW_KEY_UP = 0x110000,
	NSW_KEY_DOWN,
	NSW_KEY_LEFT,
	NSW_KEY_RIGHT,
	NSW_KEY_PAGE_UP,
	NSW_KEY_PAGE_DOWN,
	NSW_KEY_HOME,
	NSW_KEY_END,
	NSW_KEY_ENTER,
	NSW_KEY_TAB,
	NSW_KEY_ESCAPE,
	NSW_KEY_BACKSPACE,
	NSW_KEY_REDRAW, /* the size has changed, or the screen is spoilt */
};

/* False: the user wants to leave. */
bool nsw_key(struct nsw *w, int key);

/* A filter is being typed: every key belongs to it. */
bool nsw_typing(const struct nsw *w);

/* What the user has asked for, and only the caller can do. Answers once. */
enum nsw_wish {
	NSW_WISH_NONE,
	NSW_WISH_CHECK,	  /* compare the graph with the kernel: see nsw_figures.checked */
	NSW_WISH_KEEPERS, /* look for descriptors, mounts and sockets: into the graph */
};
enum nsw_wish nsw_wish(struct nsw *w);

/* Would nsw_draw() show something else than last time? */
bool nsw_changed(const struct nsw *w, const struct nsg *g);
/* Draws on a canvas that is begun. */
void nsw_draw(struct nsw *w, const struct nsg *g, struct nsw_canvas *c);

#endif
