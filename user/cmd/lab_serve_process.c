// SPDX-License-Identifier: GPL-2.0-only
/* The process that serves lessons: it knows pages and lines, and nothing of the kernel. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "../web/sandbox.h"
#include "../web/server.h"
#include "cmd.h"
#include "lab_serve.h"

#define LOG_BYTES   (64u << 20) /* of a lesson; those before it make room */
#define CALLS_BYTES (1u << 16)
#define MEMORY	    (512ull << 20)
#define COMMANDS    (1u << 16) /* bytes that may wait for a source that is busy */

struct process {
	struct event_base *base;
	struct bufferevent *source;
	struct web_server *server;
};

static void on_message(void *ctx, uint32_t kind, const void *data, size_t size)
{
	struct process *x = ctx;
	const char *line = data;

	if (kind == WEB_MSG_LESSON && size > 1 && (unsigned char)*line <= WEB_LINE_END)
		web_server_line(x->server, (enum web_line) * line, line + 1, size - 1);
}

static void on_source(struct bufferevent *source, void *ctx)
{
	struct process *x = ctx;

	web_channel_take(bufferevent_get_input(source), on_message, x);
	web_server_push(x->server);
}

static void on_source_end(struct bufferevent *source, short what, void *ctx)
{
	struct process *x = ctx;

	(void)source;
	(void)what;
	event_base_loopbreak(x->base);
}

/* A source that does not read is busy with a step: what was asked meanwhile is void anyway. */
static void on_command(void *ctx, const struct web_lesson_command *c)
{
	struct process *x = ctx;
	struct evbuffer *out = bufferevent_get_output(x->source);
	bool own = c->what == WEB_LESSON_WATCHED || c->what == WEB_LESSON_ALONE;

	if (own || evbuffer_get_length(out) < COMMANDS)
		bufferevent_write(x->source, c, sizeof(*c));
}

static bool open_all(struct process *x, const struct serve_process *p)
{
	const struct web_server_options o = {
		.base = x->base = event_base_new(),
		.listen_fd = p->listen_fd,
		.keys = p->keys,
		.log_bytes = LOG_BYTES,
		.calls_bytes = CALLS_BYTES,
		.command = on_command,
		.command_ctx = x,
	};

	x->source = x->base ? bufferevent_socket_new(x->base, p->channel_fd, 0) : NULL;
	x->server = x->source ? web_server_new(&o) : NULL;
	if (!x->server)
		return false;
	evutil_make_socket_nonblocking(p->channel_fd);
	bufferevent_setcb(x->source, on_source, NULL, on_source_end, x);
	bufferevent_enable(x->source, EV_READ | EV_WRITE);
	return true;
}

int lab_serve_process(const struct serve_process *p)
{
	struct process x = {0};
	struct nsl_error e = {""};
	int status = EXIT_FAILED;

	serve_process_signals();
	if (!open_all(&x, p))
		nsl_error_set(&e, "out of memory");
	else if (!web_sandbox(MEMORY, &e))
		status = event_base_dispatch(x.base) < 0 ? EXIT_FAILED : EXIT_DONE;
	if (e.text[0])
		complain("lab", "%s", e.text);
	web_server_free(x.server);
	if (x.source)
		bufferevent_free(x.source);
	if (x.base)
		event_base_free(x.base);
	return status;
}
