// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: bytes to the server, over a real connection. Whatever comes, the answer is HTTP
 * or nothing, the connection ends, and the server goes on. Keys are known here, so that what
 * lies behind them is reached.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../user/web/page.h"
#include "../../user/web/server_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

const unsigned char web_page[] = "<!doctype html><div id=\"app\"></div>";
const size_t web_page_size = sizeof(web_page) - 1;
const char web_page_hashes[] = "script-src 'none'";

#define TEACHER "TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT"

/* What is asked: a page of events, and one of lessons, which a viewer leads all the time. */
struct site {
	struct web_server *server;
	int leader; /* its end of the connection; -1: there is none */
};

static struct event_base *base;
static struct web_keys keys;
static struct site sites[2];

/* What the source of lessons would be told. */
static void on_command(void *ctx, const struct web_lesson_command *c)
{
	(void)ctx;
	if (!web_lesson_valid(c) || (c->what == WEB_LESSON_START && !c->name[0]))
		abort();
}

static int nobody_listens(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (bind(fd, &(struct sockaddr){.sa_family = AF_UNIX}, sizeof(sa_family_t)) ||
	    listen(fd, 1))
		abort();
	return fd;
}

static struct web_server *serve(bool lessons)
{
	struct web_server_options o = {
		.keys = &keys,
		.base = base,
		.listen_fd = nobody_listens(),
		.log_bytes = 4096,
		.calls_bytes = 1 << 16,
		.command = lessons ? on_command : NULL,
	};
	struct web_server *s = web_server_new(&o);

	web_server_line(s, WEB_LINE_START, "{\"type\":\"start\"}", 16);
	web_server_line(s, WEB_LINE_TEXTS, "{\"type\":\"texts\"}", 16);
	for (int i = 0; i < 50; i++)
		web_server_line(s, i % 10 ? WEB_LINE_EVENT : WEB_LINE_GRAPH, "{\"type\":\"graph\"}",
				16);
	return s;
}

static int begin(struct web_server *s)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		abort();
	conn_open(s, pair[0]);
	return pair[1];
}

static void turn(void);

/* The first viewer, so its number is 1. */
static int lead(struct web_server *s)
{
	static const char request[] = "GET /events HTTP/1.1\r\nHost: 127.0.0.1:7777\r\n"
				      "Cookie: nslens_7777=" TEACHER "\r\n\r\n";
	int fd = begin(s);

	send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
	turn();
	if (s->leader != 1)
		abort();
	return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct web_lines_options lines = {.source = "live", .line = web_server_line};
	const struct nsm_call call = {.number = 1, .syscall = NSL_SYS_UNSHARE};

	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN); /* as serve does: who does not wait for the answer ends nobody */
	keys.port = 7777;
	memset(keys.teacher, 'T', WEB_KEY_LEN);
	memset(keys.student, 'S', WEB_KEY_LEN);
	base = event_base_new();
	sites[0] = (struct site){.server = serve(false), .leader = -1};
	lines.ctx = sites[0].server;
	web_server_set_lines(sites[0].server, web_lines_new(&lines));
	web_server_call(sites[0].server, &call);
	sites[1].server = serve(true);
	sites[1].leader = lead(sites[1].server);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* What comes back, so far. */
static void look(int fd, bool *any)
{
	char text[1 << 16];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		if (!*any && (n < 9 || memcmp(text, "HTTP/1.1 ", 9)))
			abort();
		*any = true;
	}
}

static void ask(const struct site *site, const uint8_t *data, size_t size)
{
	const struct web_server *s = site->server;
	const size_t stay = site->leader < 0 ? 0 : 1;
	int fd = begin(site->server);
	bool any = false, led = true;
	size_t half = size / 2;

	/* in two parts, so that what is not whole is met, too */
	send(fd, data, half, MSG_NOSIGNAL);
	turn();
	look(fd, &any);
	send(fd, data + half, size - half, MSG_NOSIGNAL);
	turn();
	look(fd, &any);
	close(fd);
	turn();
	if (stay)
		look(site->leader, &led);
	if (s->connections != stay || s->viewers != stay || !s->first != !stay || s->leader != stay)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++)
		ask(&sites[i], data, size);
	return 0;
}
