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

const unsigned char web_page[] = "<!doctype html>";
const size_t web_page_size = sizeof(web_page) - 1;
const char web_page_hashes[] = "script-src 'none'";

static struct event_base *base;
static struct web_server *server;
static struct web_keys keys;

static void frame(enum web_line kind, const char *json)
{
	web_server_line(server, kind, json, strlen(json));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct web_server_options o = {.keys = &keys, .log_bytes = 4096, .calls_bytes = 1 << 16};
	struct web_lines_options lines = {.source = "live", .line = web_server_line};
	const struct nsm_call call = {.number = 1, .syscall = NSL_SYS_UNSHARE};

	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN); /* as serve does: who does not wait for the answer ends nobody */
	keys.port = 7777;
	memset(keys.teacher, 'T', WEB_KEY_LEN);
	memset(keys.student, 'S', WEB_KEY_LEN);
	o.base = base = event_base_new();
	/* nobody comes this way */
	o.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(o.listen_fd, &(struct sockaddr){.sa_family = AF_UNIX}, sizeof(sa_family_t)) ||
	    listen(o.listen_fd, 1))
		abort();
	server = web_server_new(&o);
	lines.ctx = server;
	web_server_set_lines(server, web_lines_new(&lines));
	web_server_call(server, &call);
	frame(WEB_LINE_START, "{\"type\":\"start\"}");
	frame(WEB_LINE_TEXTS, "{\"type\":\"texts\"}");
	for (int i = 0; i < 50; i++) {
		frame(i % 10 ? WEB_LINE_EVENT : WEB_LINE_GRAPH, "{\"type\":\"graph\"}");
	}
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	bool any = false;
	size_t half = size / 2;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		abort();
	conn_open(server, pair[0]);
	/* in two parts, so that what is not whole is met, too */
	send(pair[1], data, half, MSG_NOSIGNAL);
	turn();
	look(pair[1], &any);
	send(pair[1], data + half, size - half, MSG_NOSIGNAL);
	turn();
	look(pair[1], &any);
	close(pair[1]);
	turn();
	if (server->connections || server->viewers || server->first)
		abort();
	return 0;
}
