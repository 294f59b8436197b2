// SPDX-License-Identifier: GPL-2.0-only
/*
 * nslens serve: the page. Two processes: the source, which may be root and listens to
 * nobody, and the server, which everybody may talk to and which has no privileges. The
 * server is there before anything is attached.
 */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../view/json.h"
#include "../web/page.h"
#include "cmd.h"
#include "signals.h"

#define DEFAULT_PORT  7777
#define BACKLOG	      128
#define CHANNEL_BYTES (16u << 20) /* that may wait for the server */
#define GOODBYE_TRIES 30	  /* of 100 ms, for the server to end */

/* ---- where it listens ---- */

/* 0, or the errno of what failed. */
static int listen_at(int fd, uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, BACKLOG) ? errno : 0;
}

static int port_of(int fd, uint16_t *port)
{
	struct sockaddr_in at = {0};
	socklen_t len = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &len))
		return -1;
	*port = ntohs(at.sin_port);
	return 0;
}

static int open_socket(unsigned int wanted, uint16_t *port, struct nsl_error *e)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return nsl_error_set(e, "cannot make a socket: %s", strerror(errno));
	err = listen_at(fd, (uint16_t)(wanted ? wanted : DEFAULT_PORT));
	if (err == EADDRINUSE && !wanted)
		err = listen_at(fd, 0);
	if (!err && port_of(fd, port))
		err = errno;
	if (err) {
		close(fd);
		return nsl_error_set(e, "cannot listen on 127.0.0.1, port %u: %s; %s",
				     wanted ? wanted : DEFAULT_PORT, strerror(err),
				     wanted ? "leave --port out, and a free one is taken"
					    : "name another with --port");
	}
	return fd;
}

/* ---- what it says ---- */

static void put_address(char *buf, size_t size, const struct web_keys *keys, const char *key)
{
	snprintf(buf, size, "http://127.0.0.1:%u/?key=%s", (unsigned int)keys->port, key);
}

void serve_announce(const struct serve *s)
{
	const struct web_keys *keys = &s->keys;
	char page[128], student[128];

	put_address(page, sizeof(page), keys, keys->teacher);
	put_address(student, sizeof(student), keys, keys->student);
	if (s->options.json)
		printf("{\"type\":\"serve\",\"schema\":\"nslens/1\",\"port\":%u,\"address\":\"%s\","
		       "\"student\":%s%s%s,\"pid\":%d,\"server\":%d}\n",
		       (unsigned int)keys->port, page, *keys->student ? "\"" : "",
		       *keys->student ? student : "null", *keys->student ? "\"" : "", (int)getpid(),
		       (int)s->server);
	else if (*keys->student)
		printf("Your page, which leads:  %s\nFor the students:        %s\n", page, student);
	else
		printf("The page: %s\n", page);
	fflush(stdout);
	if (!s->options.json)
		fprintf(stderr, "Ctrl-C ends it.\n");
}

/* ---- the two processes ---- */

bool serve_server_gone(struct serve *s)
{
	if (s->channel.gone)
		s->server_ended = true;
	if (s->server > 0 && waitpid(s->server, NULL, WNOHANG) == s->server) {
		s->server = 0;
		s->server_ended = true;
	}
	return s->server_ended;
}

static int start_server(struct serve *s, int listen_fd, struct nsl_error *e)
{
	struct serve_process p = {
		.listen_fd = listen_fd,
		.keys = &s->keys,
		.source = "live",
		.recorded = s->options.input != NULL,
	};
	int pair[2];

	if (s->options.input) {
		const char *slash = strrchr(s->options.input, '/');

		p.source = slash ? slash + 1 : s->options.input;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return nsl_error_set(e, "cannot make a socket: %s", strerror(errno));
	fflush(NULL);
	s->server = fork();
	if (s->server < 0) {
		close(pair[0]);
		close(pair[1]);
		return nsl_error_set(e, "cannot start a process: %s", strerror(errno));
	}
	if (!s->server) {
		close(pair[0]);
		p.channel_fd = pair[1];
		_exit(s->process(&p));
	}
	close(pair[1]);
	web_channel_init(&s->channel, pair[0], CHANNEL_BYTES);
	return 0;
}

/* It ends when its source does; what hangs is not waited for. */
static void end_server(struct serve *s)
{
	struct timespec pause = {.tv_nsec = 100000000};

	/* the child that lets hooks go has the descriptor, too: closing it is no end for the server
	 */
	shutdown(s->channel.fd, SHUT_WR);
	close(s->channel.fd);
	for (int i = 0; i < GOODBYE_TRIES && s->server > 0; i++) {
		if (waitpid(s->server, NULL, WNOHANG) == s->server)
			s->server = 0;
		else
			nanosleep(&pause, NULL);
	}
	if (s->server > 0) {
		kill(s->server, SIGKILL);
		waitpid(s->server, NULL, 0);
	}
	web_channel_free(&s->channel);
}

int serve_run(struct serve *s, struct nsl_error *e)
{
	uint16_t port = 0;
	int err, fd = open_socket(s->options.port, &port, e);

	if (fd < 0)
		return -1;
	if (!web_access_keys(&s->keys, port, s->options.follow_me)) {
		close(fd);
		return nsl_error_set(e, "the kernel gives no random bytes for a key");
	}
	err = start_server(s, fd, e);
	close(fd);
	if (err)
		return -1;
	err = s->source(s, e);
	end_server(s);
	return err;
}

int cmd_serve(int argc, char **argv)
{
	struct serve s = {.process = serve_process};
	struct nsl_error e = {""};
	int status = serve_options_parse(&s.options, argc, argv);

	if (status >= 0)
		return status;
	if (!web_page_size) {
		complain("serve", "%s", WEB_NO_PAGE);
		return EXIT_FAILED;
	}
	s.source = s.options.input ? serve_recorded : serve_live;
	signal(SIGPIPE, SIG_IGN);
	signals_catch();
	status = serve_run(&s, &e) ? EXIT_FAILED : EXIT_DONE;
	if (e.text[0])
		complain("serve", "%s", e.text);
	return status;
}
