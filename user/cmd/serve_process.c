// SPDX-License-Identifier: GPL-2.0-only
/* The process that serves: messages of the source in, pages out, no privileges. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../store/meta.h"
#include "../web/sandbox.h"
#include "../web/server.h"
#include "cmd.h"
#include "recorded.h"
#include "serve.h"

#define LIVE_LOG	(16u << 20) /* what late viewers see of the past */
#define LIVE_CALLS	(16u << 20)
#define RECORDED_LOG	(256u << 20)
#define RECORDED_CALLS	(128u << 20)
#define LIVE_MEMORY	(1ull << 30)
#define RECORDED_MEMORY (3ull << 30)
#define LIVE_CHANGES	16 /* told singly, of what comes within PUSH_US */
#define READ_AT_ONCE	(1 << 20)
#define PUSH_US		25000

struct process {
	const struct serve_process *p;
	struct event_base *base;
	struct bufferevent *source;
	struct event *push; /* is pending: something waits to be told */
	struct event *goodbye;
	int patience;
	struct web_server *server;
	struct web_lines *lines;
	struct store_meta meta;
	struct recorded_start start;
	bool started, ended, told_cut;
	struct nsl_head *event; /* aligned */
};

#define GOODBYE_US 50000
#define GOODBYES   40 /* so often it is waited for viewers at the end */

/* ---- messages ---- */

static void on_start(struct process *x, const void *data, size_t size)
{
	if (size != sizeof(x->meta))
		return;
	memcpy(&x->meta, data, size);
	recorded_start(&x->start, &x->meta);
	web_lines_start(x->lines, &x->start.start);
	x->started = true;
}

static const struct nsl_head *event_of(struct process *x, const void *data, size_t size)
{
	if (size < sizeof(*x->event) || size > UINT16_MAX)
		return NULL;
	memcpy(x->event, data, size);
	return x->event->size == size ? x->event : NULL;
}

static void on_before(struct process *x, const void *data, size_t size)
{
	const struct nsl_head *event = event_of(x, data, size);

	if (event)
		web_lines_before(x->lines, event);
}

static void on_rows(struct process *x, const void *data, size_t size)
{
	(void)data;
	(void)size;
	web_lines_rows(x->lines);
}

static void on_row(struct process *x, const void *data, size_t size)
{
	const struct nsl_head *event = event_of(x, data, size);

	if (event)
		web_lines_row(x->lines, event);
}

static void on_rows_end(struct process *x, const void *data, size_t size)
{
	struct nsg_totals totals;

	if (size != sizeof(totals))
		return;
	memcpy(&totals, data, size);
	web_lines_rows_end(x->lines, &totals);
}

static void on_event(struct process *x, const void *data, size_t size)
{
	const struct nsl_head *event = event_of(x, data, size);

	if (event)
		web_lines_event(x->lines, event);
}

static void on_line(struct process *x, const void *data, size_t size)
{
	if (size)
		web_lines_add(x->lines, data, size);
}

static void on_gap(struct process *x, const void *data, size_t size)
{
	struct web_gap gap;

	if (size != sizeof(gap))
		return;
	memcpy(&gap, data, size);
	web_lines_gap(x->lines, gap.ts, gap.count);
}

static void finish(struct process *x, const struct web_end *end)
{
	const struct nsv_end last = {
		.forks = end->forks, .missed = end->missed, .duration_ns = end->duration};

	if (x->ended || !x->started)
		return;
	x->ended = true;
	web_lines_end(x->lines, &last);
	web_server_finish(x->server);
}

static void on_end(struct process *x, const void *data, size_t size)
{
	struct web_end end;

	if (size != sizeof(end))
		return;
	memcpy(&end, data, size);
	finish(x, &end);
}

static void (*const handlers[WEB_MESSAGES])(struct process *x, const void *data, size_t size) = {
	[WEB_MSG_START] = on_start, [WEB_MSG_BEFORE] = on_before,     [WEB_MSG_ROWS] = on_rows,
	[WEB_MSG_ROW] = on_row,	    [WEB_MSG_ROWS_END] = on_rows_end, [WEB_MSG_EVENT] = on_event,
	[WEB_MSG_LINE] = on_line,   [WEB_MSG_GAP] = on_gap,	      [WEB_MSG_END] = on_end,
};

static void on_message(void *ctx, uint32_t kind, const void *data, size_t size)
{
	if (kind < WEB_MESSAGES && handlers[kind])
		handlers[kind](ctx, data, size);
}

static void tell_cut(struct process *x)
{
	if (x->told_cut || !web_server_cut(x->server))
		return;
	x->told_cut = true;
	complain("serve",
		 "the recording has more than the %u MiB of text that are kept for the page: its "
		 "end is missing there; show parts of it with --from and --to",
		 RECORDED_LOG >> 20);
}

static void on_source(struct bufferevent *source, void *ctx)
{
	struct process *x = ctx;

	web_channel_take(bufferevent_get_input(source), on_message, x);
	/* what comes meanwhile goes out with it */
	if (!event_pending(x->push, EV_TIMEOUT, NULL))
		event_add(x->push, &(struct timeval){.tv_usec = PUSH_US});
}

static void on_push(evutil_socket_t fd, short what, void *ctx)
{
	struct process *x = ctx;

	(void)fd;
	(void)what;
	web_lines_flush(x->lines);
	web_server_push(x->server);
	tell_cut(x);
}

/* Until the viewers have got the end, or it has taken too long. */
static void on_goodbye(evutil_socket_t fd, short what, void *ctx)
{
	struct process *x = ctx;

	(void)fd;
	(void)what;
	if (!web_server_behind(x->server) || !x->patience--)
		event_base_loopbreak(x->base);
	else
		event_add(x->goodbye, &(struct timeval){.tv_usec = GOODBYE_US});
}

/* The source is gone: the viewers get what there is. */
static void on_source_end(struct bufferevent *source, short what, void *ctx)
{
	static const struct web_end end = {0};
	struct process *x = ctx;

	(void)what;
	on_source(source, x);
	on_push(-1, 0, x);
	finish(x, &end);
	bufferevent_disable(source, EV_READ);
	on_goodbye(-1, 0, x);
}

/* ---- its life ---- */

void serve_process_signals(void)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGTERM, SIG_DFL);
}

static bool open_all(struct process *x)
{
	const struct serve_process *p = x->p;
	const struct web_server_options o = {
		.base = x->base = event_base_new(),
		.listen_fd = p->listen_fd,
		.keys = p->keys,
		.log_bytes = p->recorded ? RECORDED_LOG : LIVE_LOG,
		.calls_bytes = p->recorded ? RECORDED_CALLS : LIVE_CALLS,
		.recorded = p->recorded,
	};
	struct web_lines_options lines = {
		.source = p->source,
		.changes = p->recorded ? 0 : LIVE_CHANGES,
		.live = !p->recorded,
		.line = web_server_line,
		.call = web_server_call,
	};

	x->event = malloc(UINT16_MAX + 1);
	x->server = x->base ? web_server_new(&o) : NULL;
	lines.ctx = x->server;
	x->lines = x->server ? web_lines_new(&lines) : NULL;
	x->source = x->lines ? bufferevent_socket_new(x->base, p->channel_fd, 0) : NULL;
	x->push = x->source ? evtimer_new(x->base, on_push, x) : NULL;
	x->goodbye = x->push ? evtimer_new(x->base, on_goodbye, x) : NULL;
	x->patience = GOODBYES;
	if (!x->goodbye || !x->event)
		return false;
	web_server_set_lines(x->server, x->lines);
	evutil_make_socket_nonblocking(p->channel_fd);
	bufferevent_set_max_single_read(x->source, READ_AT_ONCE);
	bufferevent_setcb(x->source, on_source, NULL, on_source_end, x);
	bufferevent_enable(x->source, EV_READ);
	return true;
}

int serve_process(const struct serve_process *p)
{
	struct process *x = calloc(1, sizeof(*x));
	struct nsl_error e = {""};
	int status = EXIT_FAILED;

	serve_process_signals();
	if (x) {
		x->p = p;
		if (!open_all(x))
			nsl_error_set(&e, "out of memory");
		else if (!web_sandbox(p->recorded ? RECORDED_MEMORY : LIVE_MEMORY, &e))
			status = event_base_dispatch(x->base) < 0 ? EXIT_FAILED : EXIT_DONE;
	}
	if (e.text[0])
		complain("serve", "%s", e.text);
	if (x) {
		web_server_free(x->server);
		web_lines_free(x->lines);
		if (x->push)
			event_free(x->push);
		if (x->goodbye)
			event_free(x->goodbye);
		if (x->source)
			bufferevent_free(x->source);
		if (x->base)
			event_base_free(x->base);
		free(x->event);
	}
	free(x);
	return status;
}
