// SPDX-License-Identifier: GPL-2.0-only
/* The graph at any moment of a recording is the one that was live then. */
#include "../../user/model/graph_rows.h"
#include "graph_same.h"
#include "store_file.h"
#include "unit.h"

#define MOMENTS 1000

struct moment {
	uint64_t ts;
	char *text;
};

struct film {
	struct store_writer *w;
	struct kernel *k;
	uint64_t n, every;
	uint64_t last_ts;
	struct moment moments[MOMENTS];
	size_t nmoments;
	uint64_t seed;
};

static void on_event(void *ctx, const struct nsl_head *event)
{
	struct film *f = ctx;

	f->seed = f->seed * 6364136223846793005ull + 1442695040888963407ull;
	if (f->last_ts && f->nmoments < MOMENTS && (f->seed >> 33) % f->every == 0 &&
	    !nsg_stale(f->k->r->g))
		f->moments[f->nmoments++] =
			(struct moment){.ts = f->last_ts, .text = graph_text(f->k->r->g)};
	store_event(f->w, event);
	f->last_ts = event->ts;
	f->n++;
}

static void compare_all(struct film *f, const char *path)
{
	struct nsl_error e = {""};
	struct store_reader *r = store_open(path, &e);

	CHECK_STR(e.text, "");
	for (size_t i = 0; r && i < f->nmoments && !unit_bad; i++) {
		struct nsg *g = store_graph_at(r, f->moments[i].ts, NULL, &e);
		char *text = g ? graph_text(g) : strdup(e.text);
		size_t at = 0;

		while (text[at] && text[at] == f->moments[i].text[at])
			at++;
		if (text[at] || f->moments[i].text[at])
			unit_fail(__FILE__, __LINE__, "moment %d at %llu: live %.200s\nread %.200s",
				  (int)i, (unsigned long long)f->moments[i].ts,
				  f->moments[i].text + (at > 50 ? at - 50 : 0),
				  text + (at > 50 ? at - 50 : 0));
		free(text);
		nsg_free(g);
	}
	store_reader_close(r);
}

static size_t film(uint64_t seed, int losing, uint64_t ring)
{
	const char *path = store_path("film");
	struct film *f = calloc(1, sizeof(*f));
	size_t n;

	f->k = boot(seed);
	f->w = a_writer(path, ring);
	f->seed = seed;
	f->every = 10;
	store_set_graph(f->w, f->k->r->g);
	f->k->r->tap = on_event;
	f->k->r->tap_ctx = f;
	snapshot(f->k);
	for (int i = 0; i < 60; i++) {
		f->k->losing = losing && i % 5 == 4 ? losing : 0;
		live(f->k, 60);
		if (f->k->losing || i % 20 == 19)
			snapshot(f->k);
	}
	store_set_graph(f->w, NULL);
	CHECK_NUM(end_writer(f->w), 0);
	compare_all(f, path);
	n = f->nmoments;
	CHECK(f->n > 4000);
	for (size_t i = 0; i < n; i++)
		free(f->moments[i].text);
	halt(f->k);
	free(f);
	return n;
}

static void any_moment(void)
{
	size_t n = 0;

	for (uint64_t seed = 1; n < MOMENTS && !unit_bad; seed++)
		n += film(seed, 0, 0);
	CHECK(n >= MOMENTS);
}

static void with_losses(void)
{
	for (uint64_t seed = 1; seed <= 3 && !unit_bad; seed++)
		CHECK(film(seed, 5, 0) > 100);
}

struct told {
	uint64_t n, bytes;
};

static bool count(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct told *t = ctx;

	(void)seq;
	t->n++;
	t->bytes += event->size;
	return true;
}

/* What comes out is what went in, and the meta data too. */
static void everything_is_there(void)
{
	const char *path = store_path("all");
	struct store_meta want = some_meta();
	struct nsl_error e = {""};
	struct store_reader *r;
	struct told t = {0};
	const struct store_meta *m;

	record_life(path, 7, 600);
	r = store_open(path, &e);
	CHECK_STR(e.text, "");
	if (!r)
		return;
	CHECK_NUM(store_read(r, 0, count, &t, &e), 0);
	CHECK(t.n > 500 && t.bytes > 100000);
	CHECK(!store_was_cut(r));
	m = store_meta_of(r);
	CHECK_STR(m->release, want.release);
	CHECK_STR(m->facts[0].mechanism, "fentry");
	CHECK_NUM(m->mono_ns, want.mono_ns);
	CHECK_NUM(m->wall_ns, want.wall_ns);
	CHECK_NUM(m->initial[NSL_USER], want.initial[NSL_USER]);
	CHECK_NUM(m->forks, 5);
	store_reader_close(r);
}

/* What went last is written as words; that it is not known is no text, and no end of nslens. */
static void deaths_with_their_causes(void)
{
	static const struct nsg_cause causes[] = {
		{.kind = NSG_CAUSE_NONE},
		{.kind = NSG_CAUSE_EXIT, .pid = 7, .tid = 8, .comm = "sl\x1b[2J"},
		{.kind = NSG_CAUSE_UNPINNED, .pid = 9, .tid = 9, .comm = "umount"},
		{.kind = NSG_CAUSE_CHILD, .ns = 2},
	};
	const char *path = store_path("causes");
	struct store_writer *w = a_writer(path, 0);
	char *told;

	for (uint32_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		struct nsg_ns ns = {
			.id = i + 1, .inum = 4026532160 + i, .type = NSL_UTS, .born = 5};

		store_born(w, &ns);
		store_died(w, &ns, &causes[i], 10 + i);
	}
	CHECK_NUM(end_writer(w), 0);
	told = store_rows(path, "SELECT id, died, cause FROM namespaces ORDER BY id");
	CHECK_STR(told, "1|10|NULL|\n2|11|exit by 7 (sl\\x1b[2J)|\n"
			"3|12|unpinned by 9 (umount)|\n4|13|end of namespace 2|\n");
	free(told);
}

/* ---- keepers are read as a whole ---- */

#define BEGIN (-1)

/* A keeper is its descriptor; 0: an event of another kind. */
static void keeper(struct rig *r, int what)
{
	if (what == BEGIN)
		ev_reading(r);
	else if (what)
		ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 100, "bash", what, 0, NULL);
	else
		ev_cgroup(r, HOST_CGROUP, "/system.slice/cron.service");
}

/* The descriptors that a reader of this recording has at its end. */
static const char *keepers_read_of(const int *what, size_t n)
{
	const char *path = store_path("keepers");
	static char text[64];
	struct store_writer *w = a_writer(path, 0);
	struct nsl_error e = {""};
	struct rig *r = rig_new();
	const struct nsg_keeper *k;
	struct store_reader *in;
	struct nsg *g;
	size_t nk = 0, at = 0;

	r->tap = tap_store;
	r->tap_ctx = w;
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	ev_snapshot(r, NSL_SNAPSHOT_END);
	for (size_t i = 0; i < n; i++)
		keeper(r, what[i]);
	CHECK_NUM(end_writer(w), 0);
	in = store_open(path, &e);
	g = in ? store_graph_at(in, UINT64_MAX, NULL, &e) : NULL;
	CHECK_STR(e.text, "");
	text[0] = '\0';
	k = g ? nsg_keepers(g, &nk) : NULL;
	for (size_t i = 0; i < nk; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%d ", k[i].fd);
	nsg_free(g);
	store_reader_close(in);
	rig_free(r);
	return text;
}

#define READ_OF(...)                                                                               \
	keepers_read_of((const int[]){__VA_ARGS__},                                                \
			sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void keepers_of_the_last_reading(void)
{
	CHECK_STR(READ_OF(BEGIN, 3, 4), "3 4 ");
	CHECK_STR(READ_OF(BEGIN, 3, BEGIN), "");
	CHECK_STR(READ_OF(BEGIN, 3, 4, 0, BEGIN), "");
	CHECK_STR(READ_OF(BEGIN, 3, BEGIN, 3, BEGIN, 3), "3 ");
	CHECK_STR(READ_OF(BEGIN, 3, 4, BEGIN, 0, 5), "5 ");
	CHECK_STR(READ_OF(BEGIN, 3, 0, 4), "3 4 ");
}

/* Earlier versions did not say where one begins. */
static void keepers_without_a_beginning(void)
{
	CHECK_STR(READ_OF(3, 4), "3 4 ");
	CHECK_STR(READ_OF(3, 4, 0), "3 4 ");
	CHECK_STR(READ_OF(3, 4, 0, 5), "5 ");
	CHECK_STR(READ_OF(3, 0, 4, 0, 5, 6), "5 6 ");
}

static void feed_row(void *ctx, const struct nsl_head *row)
{
	CHECK_NUM(nsg_feed(ctx, row), 0);
}

static void feed_reader(void *ctx, const struct nsl_head *event)
{
	static uint8_t last_kind;

	CHECK_NUM(store_feed_graph(ctx, event, &last_kind), 0);
}

/* A reader may begin anywhere, also where half of a reading was told. */
static void a_keyframe_inside_a_reading(void)
{
	struct rig *r = rig_host();
	struct nsg *g = nsg_new(NULL);
	size_t n;

	ev_ns(r, a_ns(NSL_NET, 20, HOST(NSL_USER), 0, 0));
	keeper(r, 9);
	keeper(r, BEGIN);
	keeper(r, 3);
	CHECK(nsg_rows(r->g, 77, feed_row, g));
	r->tap = feed_reader;
	r->tap_ctx = g;
	keeper(r, 4);
	nsg_keepers(g, &n);
	CHECK_NUM(n, 2);
	CHECK_STR(graph_differs(r->g, g) ? graph_differs(r->g, g) : "", "");
	keeper(r, BEGIN);
	nsg_keepers(g, &n);
	CHECK_NUM(n, 0);
	nsg_free(g);
	rig_free(r);
}

int main(void)
{
	RUN(keepers_of_the_last_reading);
	RUN(keepers_without_a_beginning);
	RUN(a_keyframe_inside_a_reading);
	RUN(everything_is_there);
	RUN(deaths_with_their_causes);
	RUN(any_moment);
	RUN(with_losses);
	store_clean();
	return unit_end();
}
