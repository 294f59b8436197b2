/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of nslens why. */
#ifndef NSLENS_WHY_OPTIONS_H
#define NSLENS_WHY_OPTIONS_H

#include "../view/view.h"
#include "live.h"

struct why_options {
	struct live_options live;
	struct nsv_options view;
	const char *ns;		/* what was asked for */
	const char *type;	/* or NULL */
	int colour;		/* 1 always, 0 never, -1 as the terminal is */
	const char *input, *at; /* a recording, and which moment of it; or NULL */
	bool watch;
	bool proc; /* without BPF */
};

/* Returns -1 to go on; else the exit status: help was printed, or bad usage told. */
int why_options_parse(struct why_options *o, int argc, char **argv);

#endif
