/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the parts of `nslens serve`: two sources, and the process that serves. */
#ifndef NSLENS_SERVE_H
#define NSLENS_SERVE_H

#include "../capture/capture.h"
#include "../view/buf.h"
#include "../web/access.h"
#include "../web/channel.h"
#include "options.h"

struct serve_options {
	const char *input;     /* a recording, or NULL */
	const char *from, *to; /* of it, or NULL */
	const char *compare;   /* another one beside it, or NULL */
	unsigned int port;     /* 0: the default one, or a free one */
	bool follow_me, json, verbose;
	enum hooks_mode hooks;
	const char *btf;
	size_t ring_bytes;
};

/* -1 to go on, else the exit status. */
int serve_options_parse(struct serve_options *o, int argc, char **argv);

struct serve_process {
	int listen_fd, channel_fd;
	const struct web_keys *keys;
	const char *source; /* "live", or the name of the file */
	bool recorded;
};

struct serve {
	struct serve_options options;
	struct web_keys keys;
	struct web_channel channel;
	pid_t server;
	bool server_ended;
	/* what the two processes do; the source until a signal comes, -1 with `e` filled */
	int (*process)(const struct serve_process *p);
	int (*source)(struct serve *s, struct nsl_error *e);
	void *ctx;		/* of the source */
	struct nsv_buf compare; /* the line for the page, or empty */
};

/* Listens, starts the process that serves, and is the source. -1 with `e` filled. */
int serve_run(struct serve *s, struct nsl_error *e);

/* Tells where the page is, once there is something to see. */
void serve_announce(const struct serve *s);
/* Has the server's process ended? It never does by itself. */
bool serve_server_gone(struct serve *s);

/* The sources, until a signal comes. -1 with `e` filled. */
int serve_live(struct serve *s, struct nsl_error *e);
int serve_recorded(struct serve *s, struct nsl_error *e);

/* For a process that serves: the source gets the signals, and ends what it does; then it lets us
 * go. */
void serve_process_signals(void);
/* The process that serves, to its end. Returns its exit status. */
int serve_process(const struct serve_process *p);

#endif
