// SPDX-License-Identifier: GPL-2.0-only
/* What a page is told when memory runs out for a while: a gap, and then all that comes. */
#define _GNU_SOURCE 1
#include "../../user/model/graph_rows.h"
#include "graph_events.h"
#include "no_memory.h"
#include "unit.h"

#include "../../user/web/lines.h"

#define CALLS	   12
#define FROM	   4 /* the calls that memory is missing for: longer ones, so that buffers grow */
#define TO	   8
#define PLACES	   100
#define TASK(call) (1000 + (call))

struct page {
	struct web_lines *lines;
	unsigned int calls, losses;
	unsigned int last;	      /* the task of the last call that was told */
	unsigned int graphs, keepers; /* keyframes, and what the last one tells */
};

static bool is_a(const char *type, const char *json, size_t len)
{
	char start[32];
	int n = snprintf(start, sizeof(start), "{\"type\":\"%s\"", type);

	return len > (size_t)n && !memcmp(json, start, (size_t)n);
}

static unsigned int times(const char *what, const char *json, size_t len)
{
	const char *end = json + len;
	unsigned int n = 0;

	while ((json = memmem(json, (size_t)(end - json), what, strlen(what)))) {
		json++;
		n++;
	}
	return n;
}

static void on_line(void *ctx, enum web_line kind, const char *json, size_t len)
{
	struct page *p = ctx;
	const char *tid = memmem(json, len, "\"tid\":", 6);

	(void)kind;
	CHECK(len && json[len - 1] == '}');
	p->losses += is_a("lost", json, len);
	if (is_a("graph", json, len)) {
		p->graphs++;
		p->keepers = times("\"kind\":\"fd\"", json, len);
	}
	if (!tid || !is_a("call", json, len))
		return;
	p->calls++;
	p->last = (unsigned int)strtoul(tid + 6, NULL, 10); /* a comma ends it */
}

static void to_page(void *ctx, const struct nsl_head *event)
{
	struct page *p = ctx;

	web_lines_event(p->lines, event);
}

static void a_call(struct rig *r, uint32_t n)
{
	as(r, TASK(n), "runc");
	ev_begin(r, NSL_SYS_UNSHARE, NSL_NEWUTS);
	for (int i = 0; n >= FROM && n < TO && i < 50; i++) {
		ev_step_begin(r, NSL_FN_create_new_namespaces);
		ev_step(r, NSL_FN_create_new_namespaces, 0, 7);
	}
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20 + n));
}

/* Of the allocations for the calls in the middle `n` succeed. How many more could have. */
static long a_page(struct page *p, long n)
{
	const struct web_lines_options o = {
		.line = on_line, .ctx = p, .live = true, .source = "live"};
	const struct nsv_start start = {.release = "6.12.0", .kernel = 6012, .what = "a test"};
	struct rig *r = rig_host();

	*p = (struct page){.lines = web_lines_new(&o)};
	web_lines_start(p->lines, &start);
	r->tap = to_page;
	r->tap_ctx = p;
	for (uint32_t i = 0; i < CALLS; i++) {
		if (i == FROM)
			left = n;
		if (i == TO) {
			n = left;
			left = -1;
		}
		a_call(r, i);
		web_lines_flush(p->lines);
	}
	CHECK(web_lines_short_of_memory(p->lines) || !p->losses);
	web_lines_free(p->lines);
	rig_free(r);
	return n;
}

static void what_is_missing_is_a_gap(void)
{
	struct page p;
	long n;
	int missing = 0;

	for (n = 1; n < PLACES && a_page(&p, n) == 0 && !unit_bad; n++) {
		missing += p.calls < CALLS;
		CHECK(p.calls == CALLS || p.losses);
		CHECK_NUM(p.last, TASK(CALLS - 1));
	}
	CHECK(missing > 3 && n < PLACES);
	CHECK_NUM(p.calls, CALLS);
	CHECK_NUM(p.losses, 0);
}

static void a_row(void *ctx, const struct nsl_head *row)
{
	struct page *p = ctx;

	web_lines_row(p->lines, row);
}

/* A page that has the graph; all that happens in `r` from now on goes there. */
static void a_page_of(struct page *p, struct rig *r)
{
	const struct web_lines_options o = {
		.line = on_line, .ctx = p, .live = true, .source = "live"};
	const struct nsv_start start = {.release = "6.12.0", .kernel = 6012, .what = "a test"};
	struct nsg_totals totals;

	*p = (struct page){.lines = web_lines_new(&o)};
	web_lines_start(p->lines, &start);
	nsg_totals(r->g, &totals);
	web_lines_rows(p->lines);
	CHECK(nsg_rows(r->g, r->ts, a_row, p));
	web_lines_rows_end(p->lines, &totals);
	r->tap = to_page;
	r->tap_ctx = p;
}

/* The keepers of the next keyframe, which there has to be. */
static unsigned int keepers_told(struct page *p)
{
	unsigned int before = p->graphs;

	web_lines_flush(p->lines);
	CHECK_NUM(p->graphs, before + 1);
	return p->keepers;
}

static void a_keeper(struct rig *r, int fd)
{
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 100, "bash", fd, 0, NULL);
}

static void keepers_of_the_last_reading(void)
{
	struct rig *r = rig_host();
	struct page p;

	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	a_page_of(&p, r);
	ev_reading(r);
	a_keeper(r, 3);
	a_keeper(r, 4);
	CHECK_NUM(keepers_told(&p), 2);
	ev_reading(r); /* with nothing else between */
	a_keeper(r, 3);
	CHECK_NUM(keepers_told(&p), 1);
	ev_cgroup(r, HOST_CGROUP, "/a");
	a_keeper(r, 4); /* of the same one */
	CHECK_NUM(keepers_told(&p), 2);
	ev_reading(r); /* that finds nothing */
	CHECK_NUM(keepers_told(&p), 0);
	web_lines_free(p.lines);
	rig_free(r);
}

/* Earlier versions did not say where a reading begins. */
static void keepers_without_a_beginning(void)
{
	struct rig *r = rig_host();
	struct page p;

	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	a_page_of(&p, r);
	a_keeper(r, 3);
	a_keeper(r, 4);
	CHECK_NUM(keepers_told(&p), 2);
	ev_cgroup(r, HOST_CGROUP, "/a");
	a_keeper(r, 3);
	CHECK_NUM(keepers_told(&p), 1);
	web_lines_free(p.lines);
	rig_free(r);
}

int main(void)
{
	RUN(keepers_of_the_last_reading);
	RUN(keepers_without_a_beginning);
	RUN(what_is_missing_is_a_gap);
	return unit_end();
}
