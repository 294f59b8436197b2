// SPDX-License-Identifier: GPL-2.0-only
#include "watch_recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorded.h"

#define SILENCE_NS 1000000000u /* a longer one is cut */
#define MOST	   20000       /* events of one poll: keys want an answer, too */
#define MAX_SPEED  1024

struct replay {
	struct store_reader *reader;
	struct nsg *graph;
	uint64_t next;	   /* number of the event that comes next */
	uint64_t next_ts;  /* its time; 0: not known yet */
	uint64_t position; /* up to here it has been played */
	uint64_t last;	   /* what the caller's clock said then; 0: not yet */
	unsigned int speed;
	bool paused, ended;
	bool step;    /* on to the end of the next call */
	bool stopped; /* there are more events than were wanted */
	uint8_t last_kind;
	/* while events are read */
	struct nsm *model;
	int n, err;
};

struct replay *replay_open(const char *path, unsigned int speed, struct nsl_error *e)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r || !(r->graph = nsg_new(NULL))) {
		nsl_error_set(e, "out of memory");
		replay_close(r);
		return NULL;
	}
	r->speed = speed ? speed : 1;
	r->reader = recorded_open("watch", path, e);
	if (!r->reader) {
		replay_close(r);
		return NULL;
	}
	r->position = store_meta_of(r->reader)->mono_ns;
	return r;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	store_reader_close(r->reader);
	nsg_free(r->graph);
	free(r);
}

const struct store_meta *replay_meta(const struct replay *r)
{
	return store_meta_of(r->reader);
}

const struct nsg *replay_graph(const struct replay *r)
{
	return r->graph;
}

static bool apply(struct replay *r, const struct nsl_head *event)
{
	r->err = nsm_feed(r->model, event);
	if (!r->err)
		r->err = store_feed_graph(r->graph, event, &r->last_kind);
	return !r->err;
}

static bool on_row(void *ctx, uint64_t seq, const struct nsl_head *row)
{
	struct replay *r = ctx;

	(void)seq;
	if (row->kind == NSL_EV_CGROUP)
		r->err = nsm_feed(r->model, row);
	if (!r->err)
		r->err = nsg_feed(r->graph, row);
	return !r->err;
}

static bool on_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct replay *r = ctx;

	r->next = seq;
	r->next_ts = event->ts;
	r->stopped = (event->ts > r->position && !r->step) || r->n == MOST;
	if (r->stopped || !apply(r, event))
		return false;
	r->n++;
	r->next = seq + 1;
	r->next_ts = 0;
	if (event->ts > r->position)
		r->position = event->ts;
	if (!r->step || event->kind != NSL_EV_CALL_END)
		return true;
	r->step = false;
	r->stopped = true;
	return false;
}

/* What was known before the first event of a ring. */
static void first_rows(struct replay *r, struct nsl_error *e)
{
	struct nsg_totals totals;

	if (store_begins_late(r->reader, &totals, e) > 0)
		store_first_rows(r->reader, on_row, r, e);
}

/* A recorder's ring goes on while it is played: what came next may not be in it any more. */
static void leap(struct replay *r, struct nsl_error *e)
{
	struct nsl_lost gap;
	struct nsg *anew;
	uint64_t first;

	if (store_first(r->reader, &first, e) || first <= r->next)
		return;
	anew = nsg_new(NULL);
	if (!anew) {
		r->err = -ENOMEM;
		return;
	}
	nsg_free(r->graph);
	r->graph = anew;
	gap = nsm_gap(r->position, first - r->next);
	r->next = first;
	if (apply(r, &gap.head))
		first_rows(r, e);
}

static void go_on(struct replay *r, uint64_t now)
{
	uint64_t passed = r->last && now > r->last ? now - r->last : 0;

	if (!r->paused && !r->ended)
		r->position += passed * r->speed;
	r->last = now;
	if (!r->paused && r->next_ts > r->position + SILENCE_NS)
		r->position = r->next_ts - SILENCE_NS;
}

static int damaged(const struct replay *r, struct nsl_error *e)
{
	return nsl_error_set(e, "%s",
			     r->err == -ENOMEM
				     ? "out of memory"
				     : "the recording is damaged: an event in it is none");
}

int replay_poll(struct replay *r, struct nsm *model, uint64_t now, struct nsl_error *e)
{
	bool first = !r->last;

	go_on(r, now);
	if (r->ended || (!r->step && (r->paused || r->next_ts > r->position)))
		return 0;
	r->model = model;
	r->n = r->err = 0;
	r->stopped = false;
	if (first)
		first_rows(r, e);
	else
		leap(r, e);
	if (!e->text[0] && !r->err)
		store_read(r->reader, r->next, on_event, r, e);
	if (e->text[0])
		return -1;
	if (r->err)
		return damaged(r, e);
	if (!r->stopped) {
		r->ended = true;
		nsm_finish(model);
	}
	return r->n;
}

bool replay_key(struct replay *r, int key)
{
	switch (key) {
	case ' ':
		r->paused = !r->paused;
		return true;
	case '.':
		r->paused = r->step = true;
		return true;
	case '>':
		r->speed = r->speed < MAX_SPEED ? r->speed * 2 : r->speed;
		return true;
	case '<':
		r->speed = r->speed > 1 ? r->speed / 2 : 1;
		return true;
	}
	return false;
}

uint64_t replay_position(const struct replay *r)
{
	return r->position;
}

void replay_words(const struct replay *r, char *buf, size_t size)
{
	double at = (double)(int64_t)(r->position - store_meta_of(r->reader)->mono_ns) / 1e9;

	if (r->paused)
		snprintf(buf, size, "%+.3f s, waits", at);
	else
		snprintf(buf, size, "%+.1f s, x%u", at, r->speed);
}

bool replay_ended(const struct replay *r)
{
	return r->ended;
}
