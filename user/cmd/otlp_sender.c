// SPDX-License-Identifier: GPL-2.0-only
#include "otlp_sender.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_ENTRIES 256
#define MAX_BYTES   (16u << 20)
#define TIMEOUT	    5 /* seconds, of a request */
#define ATTEMPTS    4 /* after 1, 2 and 4 seconds again */
#define PORT	    4318
#define PATH	    "/v1/traces"

struct entry {
	struct entry *next;
	size_t size;
	char body[];
};

struct otlp_sender {
	/* under the lock */
	pthread_mutex_t lock;
	struct entry *first, **last;
	size_t entries, bytes;
	struct otlp_counts counts;
	bool stop;
	unsigned int patience; /* milliseconds that are left then */

	/* of the thread */
	pthread_t thread;
	int wake_fd;
	struct event_base *base;
	struct evdns_base *dns;
	struct evhttp_connection *connection;
	struct event *wake, *again;
	struct evhttp_uri *uri;
	struct entry *current; /* on its way */
	unsigned int attempts;
};

static struct evhttp_uri *parse(const char *url, struct nsl_error *e)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	const char *scheme = uri ? evhttp_uri_get_scheme(uri) : NULL;
	const char *host = uri ? evhttp_uri_get_host(uri) : NULL;

	if (scheme && !strcmp(scheme, "http") && host && *host && !evhttp_uri_get_userinfo(uri) &&
	    !evhttp_uri_get_fragment(uri) && evhttp_uri_get_port(uri))
		return uri;
	if (scheme && !strcmp(scheme, "https"))
		nsl_error_set(e,
			      "%.200s: nslens speaks plain HTTP: let a collector on this "
			      "machine send it on",
			      url);
	else
		nsl_error_set(e, "%.200s is no URL such as http://localhost:4318", url);
	if (uri)
		evhttp_uri_free(uri);
	return NULL;
}

int otlp_url_check(const char *url, struct nsl_error *e)
{
	struct evhttp_uri *uri = parse(url, e);

	if (!uri)
		return -1;
	evhttp_uri_free(uri);
	return 0;
}

/* ---- in the thread ---- */

static void send_next(struct otlp_sender *s);

static void drop(struct otlp_sender *s, const char *why)
{
	pthread_mutex_lock(&s->lock);
	s->counts.dropped++;
	snprintf(s->counts.why, sizeof(s->counts.why), "%s", why);
	pthread_mutex_unlock(&s->lock);
	free(s->current);
	s->current = NULL;
}

/* It did not work; perhaps it will later. */
static void put_off(struct otlp_sender *s, const char *why)
{
	struct timeval pause = {.tv_sec = 1 << s->attempts};

	if (++s->attempts < ATTEMPTS) {
		evtimer_add(s->again, &pause);
		return;
	}
	drop(s, why);
	send_next(s);
}

static void on_answer(struct evhttp_request *request, void *ctx)
{
	struct otlp_sender *s = ctx;
	int code = request ? evhttp_request_get_response_code(request) : 0;
	char why[120];

	if (code >= 200 && code < 300) {
		pthread_mutex_lock(&s->lock);
		s->counts.sent++;
		pthread_mutex_unlock(&s->lock);
		free(s->current);
		s->current = NULL;
		send_next(s);
		return;
	}
	if (!code) {
		put_off(s, "it cannot be reached");
		return;
	}
	snprintf(why, sizeof(why), "it answered %d", code);
	/* what the specification of OTLP/HTTP calls retryable */
	if (code == 429 || code == 502 || code == 503 || code == 504) {
		put_off(s, why);
		return;
	}
	drop(s, why);
	send_next(s);
}

static void post(struct otlp_sender *s)
{
	struct evhttp_request *request = evhttp_request_new(on_answer, s);
	struct evkeyvalq *headers;
	const char *path = evhttp_uri_get_path(s->uri);
	int port = evhttp_uri_get_port(s->uri);
	char host[300];

	if (!request) {
		put_off(s, "out of memory");
		return;
	}
	snprintf(host, sizeof(host), "%s:%d", evhttp_uri_get_host(s->uri), port < 0 ? PORT : port);
	headers = evhttp_request_get_output_headers(request);
	evhttp_add_header(headers, "Host", host);
	evhttp_add_header(headers, "Content-Type", "application/json");
	evbuffer_add(evhttp_request_get_output_buffer(request), s->current->body, s->current->size);
	/* where it fails at once the request is gone, and nobody calls back */
	if (evhttp_make_request(s->connection, request, EVHTTP_REQ_POST,
				path && *path && strcmp(path, "/") != 0 ? path : PATH))
		put_off(s, "it cannot be reached");
}

static void send_next(struct otlp_sender *s)
{
	bool stop;

	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	if (!s->current && s->first) {
		s->current = s->first;
		s->first = s->current->next;
		if (!s->first)
			s->last = &s->first;
		s->entries--;
		s->bytes -= s->current->size;
	}
	pthread_mutex_unlock(&s->lock);
	if (s->current) {
		s->attempts = 0;
		post(s);
	} else if (stop) {
		event_base_loopbreak(s->base);
	}
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct otlp_sender *s = ctx;

	(void)fd;
	(void)what;
	if (s->current)
		post(s);
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
	struct otlp_sender *s = ctx;
	struct timeval left = {0};
	uint64_t n;
	bool stop;

	(void)what;
	if (read(fd, &n, sizeof(n)) != sizeof(n))
		return;
	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	left.tv_sec = s->patience / 1000;
	left.tv_usec = (suseconds_t)(s->patience % 1000) * 1000;
	pthread_mutex_unlock(&s->lock);
	if (stop)
		event_base_loopexit(s->base, &left);
	if (!s->current)
		send_next(s);
}

static void *run(void *ctx)
{
	struct otlp_sender *s = ctx;

	event_base_dispatch(s->base);
	return NULL;
}

/* ---- from outside ---- */

static void let_go(struct otlp_sender *s)
{
	struct entry *next;

	for (struct entry *e = s->first; e; e = next) {
		next = e->next;
		free(e);
	}
	free(s->current);
	if (s->wake)
		event_free(s->wake);
	if (s->again)
		event_free(s->again);
	if (s->connection)
		evhttp_connection_free(s->connection);
	if (s->dns)
		evdns_base_free(s->dns, 0);
	if (s->base)
		event_base_free(s->base);
	if (s->uri)
		evhttp_uri_free(s->uri);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static bool prepare(struct otlp_sender *s)
{
	int port = evhttp_uri_get_port(s->uri);

	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->base = event_base_new();
	if (s->wake_fd < 0 || !s->base)
		return false;
	/* names are looked up by itself: a static program has nobody else */
	s->dns = evdns_base_new(s->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
						 EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!s->dns)
		s->dns = evdns_base_new(s->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	s->connection = evhttp_connection_base_new(s->base, s->dns, evhttp_uri_get_host(s->uri),
						   (unsigned short)(port < 0 ? PORT : port));
	s->wake = event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
	s->again = evtimer_new(s->base, on_again, s);
	if (!s->connection || !s->wake || !s->again || event_add(s->wake, NULL))
		return false;
	evhttp_connection_set_timeout(s->connection, TIMEOUT);
	return true;
}

struct otlp_sender *otlp_sender_start(const char *url, struct nsl_error *e)
{
	struct evhttp_uri *uri = parse(url, e);
	struct otlp_sender *s = uri ? calloc(1, sizeof(*s)) : NULL;
	sigset_t all, mask;
	int err;

	if (!uri)
		return NULL;
	if (!s) {
		evhttp_uri_free(uri);
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	s->uri = uri;
	s->last = &s->first;
	s->wake_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	if (!prepare(s)) {
		nsl_error_set(e, "cannot send to %.200s: %s", url, strerror(errno));
		let_go(s);
		return NULL;
	}
	/* signals are the recorder's */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &mask);
	err = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (!err)
		return s;
	nsl_error_set(e, "cannot send to %.200s: %s", url, strerror(err));
	let_go(s);
	return NULL;
}

static void wake(struct otlp_sender *s)
{
	uint64_t one = 1;
	ssize_t n = write(s->wake_fd, &one, sizeof(one));

	(void)n; /* it is awake already */
}

void otlp_sender_put(struct otlp_sender *s, const char *body, size_t size)
{
	struct entry *e = malloc(sizeof(*e) + size);
	bool room;

	if (e) {
		e->next = NULL;
		e->size = size;
		memcpy(e->body, body, size);
	}
	pthread_mutex_lock(&s->lock);
	room = e && s->entries < MAX_ENTRIES && s->bytes + size <= MAX_BYTES;
	if (room) {
		*s->last = e;
		s->last = &e->next;
		s->entries++;
		s->bytes += size;
	} else {
		s->counts.dropped++;
		snprintf(s->counts.why, sizeof(s->counts.why), "it is too slow: the queue is full");
	}
	pthread_mutex_unlock(&s->lock);
	if (room)
		wake(s);
	else
		free(e);
}

void otlp_sender_counts(struct otlp_sender *s, struct otlp_counts *counts)
{
	pthread_mutex_lock(&s->lock);
	*counts = s->counts;
	pthread_mutex_unlock(&s->lock);
}

void otlp_sender_stop(struct otlp_sender *s, unsigned int milliseconds, struct otlp_counts *counts)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	s->patience = milliseconds;
	pthread_mutex_unlock(&s->lock);
	wake(s);
	pthread_join(s->thread, NULL);
	*counts = s->counts;
	if (s->current || s->first) {
		counts->dropped += s->entries + (s->current != NULL);
		snprintf(counts->why, sizeof(counts->why), "it did not take them in time");
	}
	let_go(s);
}
