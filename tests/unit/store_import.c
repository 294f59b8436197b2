// SPDX-License-Identifier: GPL-2.0-only
/* The exact form of a recording: out and in again, nothing is lost, and nothing is believed. */
#include "../../user/model/fields.h"
#include "../../user/store/copy.h"
#include "../../user/store/import.h"
#include "../../user/view/events.h"
#include "graph_same.h"
#include "store_file.h"
#include "unit.h"

struct copying {
	struct store_copy *copy;
	struct store_meta end;
	const char *path;
};

static int on_start(void *ctx, const struct store_meta *meta, struct nsl_error *e)
{
	struct copying *c = ctx;

	c->copy = store_copy_new(c->path, meta, true, e);
	return c->copy ? 0 : -1;
}

static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	return store_copy_row(((struct copying *)ctx)->copy, row, e);
}

static int on_keyframe(void *ctx, const struct nsg_totals *totals, struct nsl_error *e)
{
	(void)e;
	store_copy_keyframe(((struct copying *)ctx)->copy, totals);
	return 0;
}

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	return store_copy_event(((struct copying *)ctx)->copy, seq, event, e);
}

static int on_end(void *ctx, const struct store_meta *end, struct nsl_error *e)
{
	(void)e;
	((struct copying *)ctx)->end = *end;
	return 0;
}

/* 0, or -1 with `e` filled; nothing is left then. */
static int import_text(const char *text, size_t size, const char *path, struct nsl_error *e)
{
	struct copying c = {.path = path};
	const struct store_import_sink sink = {.ctx = &c,
					       .start = on_start,
					       .row = on_row,
					       .keyframe = on_keyframe,
					       .event = on_event,
					       .end = on_end};
	FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
	struct nsl_error late;
	int err;

	e->text[0] = '\0';
	err = store_import(in, "test", &sink, e);
	if (c.copy)
		store_copy_close(c.copy, !err, c.end.closed ? &c.end : NULL, NULL, &late);
	fclose(in);
	return err;
}

static bool put_event(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	nsv_events_event(ctx, seq, event);
	return true;
}

static bool put_row(void *ctx, uint64_t seq, const struct nsl_head *row)
{
	(void)seq;
	nsv_events_row(ctx, row);
	return true;
}

/* What nslens export --format events writes. The caller frees it. */
static char *export_text(const char *path, size_t *size)
{
	struct nsl_error e = {""};
	struct store_reader *r = store_open(path, &e);
	const struct store_meta *m = store_meta_of(r);
	struct nsv_fact fact = {.fact = m->facts[0].fact, .mechanism = m->facts[0].mechanism};
	struct nsv_start start = {.version = m->version,
				  .release = m->release,
				  .boot_id = m->boot_id,
				  .mono_ns = m->mono_ns,
				  .wall_ns = m->wall_ns,
				  .kernel = m->kernel,
				  .steps = m->steps,
				  .what = m->what,
				  .facts = &fact,
				  .nfacts = m->nfacts};
	struct nsv_events_end end = {.ended = m->end_ns, .forks = m->forks, .missed = m->missed};
	struct nsg_totals totals;
	struct nsv_events x;
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	memcpy(start.initial, m->initial, sizeof(start.initial));
	if (!nsv_events_init(&x, out))
		abort();
	nsv_events_start(&x, &start);
	if (store_begins_late(r, &totals, &e) == 1) {
		nsv_events_keyframe(&x, 0, &totals);
		CHECK_NUM(store_first_rows(r, put_row, &x, &e), 0);
	}
	CHECK_NUM(store_read(r, 0, put_event, &x, &e), 0);
	if (m->closed)
		nsv_events_end(&x, &end);
	CHECK_NUM(nsv_events_flush(&x), 0);
	nsv_events_free(&x);
	fclose(out);
	store_reader_close(r);
	return text;
}

static void same_rows(const char *a, const char *b, const char *sql)
{
	char *left = store_rows(a, sql), *right = store_rows(b, sql);

	CHECK(*left);
	if (strcmp(left, right) != 0)
		unit_fail(__FILE__, __LINE__, "%s differs", sql);
	free(left);
	free(right);
}

static void same_recording(const char *a, const char *b)
{
	same_rows(a, b, "SELECT seq, ts, kind, pid, tid, hex(body) FROM events ORDER BY seq");
	same_rows(a, b, "SELECT * FROM meta ORDER BY key");
	same_rows(a, b, "SELECT * FROM hooks");
}

/* What either tells of twenty moments. */
static void same_graphs(const char *path, const char *copy)
{
	struct nsl_error e = {""};
	struct store_reader *a = store_open(path, &e), *b = store_open(copy, &e);
	uint64_t first, last, ts;

	CHECK_STR(e.text, "");
	if (!a || !b)
		return;
	CHECK_NUM(store_was_cut(a), store_was_cut(b));
	store_span(a, &first, &last);
	for (uint64_t i = 1; i <= 20; i++) {
		ts = first + (last - first) * i / 20;
		struct nsg *ga = store_graph_at(a, ts, NULL, &e);
		struct nsg *gb = store_graph_at(b, ts, NULL, &e);
		char *ta = graph_text(ga), *tb = graph_text(gb);

		CHECK_STR(tb, ta);
		free(ta);
		free(tb);
		nsg_free(ga);
		nsg_free(gb);
	}
	store_reader_close(a);
	store_reader_close(b);
}

static void copy_of(const char *path, const char *copy)
{
	struct nsl_error e;
	size_t size;
	char *text = export_text(path, &size);

	if (import_text(text, size, copy, &e))
		unit_fail(__FILE__, __LINE__, "%s", e.text);
	free(text);
}

/* ---- tests ---- */

static void fields_are_all_there(void)
{
	for (unsigned int kind = 1; kind < NSL_KINDS; kind++) {
		const struct nsm_layout *l = nsm_layout(kind);
		unsigned char seen[1024] = {0};

		CHECK(l);
		if (!l)
			continue;
		CHECK_NUM(nsm_kind_named(l->name), kind);
		/* size and kind are told otherwise */
		memset(seen, 1, 2);
		seen[offsetof(struct nsl_head, kind)] = 1;
		for (size_t i = 0; i < nsm_nhead_fields; i++)
			for (size_t b = 0; b < nsm_head_fields[i].bytes; b++)
				seen[nsm_head_fields[i].at + b]++;
		for (size_t i = 0; i < l->nfields; i++) {
			const struct nsm_field *f = &l->fields[i];

			CHECK_NUM(f->form == NSM_TAIL, !f->bytes);
			CHECK(f->form != NSM_TAIL || (l->tail && f->at == l->size));
			for (size_t j = 0; j < i; j++)
				CHECK(strcmp(f->name, l->fields[j].name) != 0);
			for (size_t j = 0; j < nsm_nhead_fields; j++)
				CHECK(strcmp(f->name, nsm_head_fields[j].name) != 0);
			CHECK(strcmp(f->name, "type") && strcmp(f->name, "seq") &&
			      strcmp(f->name, "kind") && strcmp(f->name, "raw"));
			for (size_t b = 0; b < f->bytes; b++)
				seen[f->at + b]++;
		}
		for (size_t b = 0; b < l->size; b++)
			if (seen[b] != 1)
				unit_fail(__FILE__, __LINE__, "byte %zu of a %s is in %d fields", b,
					  l->name, seen[b]);
	}
}

static void a_life_is_the_same(void)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		const char *path = store_path("life"), *copy = store_path("copy");

		record_life(path, seed, 400);
		copy_of(path, copy);
		same_recording(path, copy);
		same_rows(path, copy, "SELECT * FROM calls ORDER BY number");
		same_graphs(path, copy);
	}
}

/* Every byte there can be, in every kind. */
static void any_bytes_are_the_same(void)
{
	const char *path = store_path("bytes"), *copy = store_path("copy");
	struct store_writer *w = a_writer(path, 0);
	union {
		struct nsl_head head;
		unsigned char bytes[2048];
	} e;
	uint64_t seed = 1;
	size_t written = 0;

	for (int round = 0; round < 200; round++) {
		for (unsigned int kind = 1; kind < NSL_KINDS; kind++) {
			const struct nsm_layout *l = nsm_layout(kind);
			size_t more = l->tail ? (size_t)(round * 7) : 0;

			for (size_t i = 0; i < l->size + more; i++) {
				seed = seed * 6364136223846793005ull + 1442695040888963407ull;
				/* mostly zeros, as in the field */
				e.bytes[i] = seed >> 62 ? 0 : (unsigned char)(seed >> 33);
			}
			if (round == 0)
				memset(e.bytes, 0xff, l->size);
			if (more)
				e.bytes[l->size + more - 1] = 0;
			e.head.size = (__u16)(l->size + more);
			e.head.version = NSL_EVENT_VERSION;
			e.head.kind = (__u8)kind;
			/* only what the models take is read back: it is checked there */
			struct nsm *m = nsm_new(NULL);
			struct nsg *g = nsg_new(NULL);

			if (!nsm_feed(m, &e.head) && !nsg_feed(g, &e.head)) {
				store_event(w, &e.head);
				written++;
			}
			nsm_free(m);
			nsg_free(g);
		}
	}
	CHECK(written > 500);
	CHECK_NUM(end_writer(w), 0);
	copy_of(path, copy);
	same_recording(path, copy);
}

/* A ring begins in the middle, with what a keyframe knows; and it may have been killed. */
static void a_ring_is_the_same(void)
{
	const char *path = store_path("ring"), *copy = store_path("copy");
	struct store_writer *w = a_writer(path, 1 << 20);
	struct nsl_error e = {""};
	struct kernel *k = boot(3);

	store_set_graph(w, k->r->g);
	k->r->tap = tap_store;
	k->r->tap_ctx = w;
	snapshot(k);
	for (int i = 0; i < 60; i++) {
		live(k, 60);
		CHECK_NUM(store_commit(w, &e), 0);
	}
	store_set_graph(w, NULL);
	CHECK_NUM(store_close(w, NULL, NULL, &e), 0);
	halt(k);
	copy_of(path, copy);
	same_recording(path, copy);
	same_graphs(path, copy);
}

#define HEAD_LINE                                                                                  \
	"{\"type\":\"recording\",\"schema\":\"nslens-events/1\",\"event_version\":1,"              \
	"\"kernel_number\":6012,\"monotonic\":1,\"wall_clock\":2,\"steps\":true,\"initial\":"      \
	"{\"mnt\":0,\"uts\":0,\"ipc\":0,\"pid\":0,\"cgroup\":0,\"net\":0,\"time\":0,\"user\":0},"  \
	"\"hooks\":[]}\n"
#define AN_EVENT "{\"type\":\"event\",\"seq\":1,\"kind\":"

static void wrong_input_is_told(void)
{
	static const struct {
		const char *text, *said;
	} inputs[] = {
		{"", "is empty"},
		{"\n", "line 1: it is no JSON"},
		{"hello\n", "no JSON"},
		{"[]\n", "no JSON object"},
		{"{\"type\":\"start\",\"schema\":\"nslens/1\"}\n", "--format events"},
		{"{\"schema\":\"nslens-events/2\"}\n", "does not begin"},
		{"{\"schema\":\"nslens-events/1\",\"event_version\":9}\n", "version 9"},
		{"{\"schema\":\"nslens-events/1\"}\n", "'event_version' is missing"},
		{HEAD_LINE "{\"type\":\"nothing\"}\n", "'type'"},
		{HEAD_LINE "{\"type\":\"event\"}\n", "'seq' is missing"},
		{HEAD_LINE AN_EVENT "\"task\"", "no JSON"},
		{HEAD_LINE AN_EVENT "\"nothing\"}\n", "'kind'"},
		{HEAD_LINE AN_EVENT "\"lost\",\"foo\":1}\n", "'foo' is no member of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"pid\":4294967296}\n", "'pid' of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"pid\":-1}\n", "'pid' of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"pid\":1.5}\n", "'pid' of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"ts\":\"18446744073709551616\"}\n",
		 "'ts' of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"pid\":1,\"pid\":2}\n", "no JSON"},
		{HEAD_LINE AN_EVENT "\"lost\",\"comm\":\"12345678901234567\"}\n",
		 "'comm' of a lost"},
		{HEAD_LINE AN_EVENT "\"lost\",\"comm\":\"\\u0100\"}\n", "'comm' of a lost"},
		{HEAD_LINE AN_EVENT "\"ns\",\"ns\":[1]}\n", "'ns' of a ns"},
		{HEAD_LINE AN_EVENT "\"task\",\"view\":[1,2,3]}\n", "'view' of a task"},
		{HEAD_LINE AN_EVENT "\"task\",\"version\":1,\"event\":99}\n",
		 "none of this version"},
		{HEAD_LINE AN_EVENT "\"lost\",\"raw\":\"zz\"}\n", "'raw'"},
		{HEAD_LINE "{\"type\":\"event\",\"seq\":1,\"raw\":\"00\"}\n", "'raw'"},
		{HEAD_LINE "{\"type\":\"row\",\"kind\":\"lost\"}\n", "outside of a keyframe"},
		{HEAD_LINE "{\"type\":\"end\",\"ended\":1,\"forks\":0,\"missed\":0}\n{}\n",
		 "after its end"},
	};
	const char *copy = store_path("wrong");
	struct nsl_error e;

	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
		CHECK_NUM(import_text(inputs[i].text, strlen(inputs[i].text), copy, &e), -1);
		if (!strstr(e.text, inputs[i].said))
			unit_fail(__FILE__, __LINE__, "input %zu: %s", i, e.text);
		/* nothing half made is left */
		CHECK(access(copy, F_OK) != 0);
	}
	CHECK_NUM(import_text(HEAD_LINE, strlen(HEAD_LINE), copy, &e), 0);
}

static void numbers_rise(void)
{
	static const char twice[] =
		HEAD_LINE AN_EVENT "\"lost\",\"version\":1}\n" AN_EVENT "\"lost\",\"version\":1}\n";
	struct nsl_error e;

	CHECK_NUM(import_text(twice, strlen(twice), store_path("twice"), &e), -1);
	CHECK(strstr(e.text, "stands behind"));
}

int main(void)
{
	RUN(fields_are_all_there);
	RUN(a_life_is_the_same);
	RUN(any_bytes_are_the_same);
	RUN(a_ring_is_the_same);
	RUN(wrong_input_is_told);
	RUN(numbers_rise);
	store_clean();
	return unit_end();
}
