// SPDX-License-Identifier: GPL-2.0-only
/* The flight recorder: bounded, whole at any moment, and readable from where it begins. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "graph_same.h"
#include "store_file.h"
#include "unit.h"

#define RING (1u << 20)

static long bytes_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (long)st.st_size;
}

/* Lives on and on; the graph at the end is the live one. */
static void stays_small(void)
{
	const char *path = store_path("ring");
	struct store_writer *w = a_writer(path, RING);
	struct nsl_error e = {""};
	struct store_counts counts;
	struct store_reader *r;
	uint64_t first, last;
	long most = 0;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct kernel *k = boot(seed);

		/* ids begin anew with each: so does the graph, with a snapshot */
		store_set_graph(w, k->r->g);
		k->r->tap = tap_store;
		k->r->tap_ctx = w;
		k->r->ts = 1000000 * seed;
		snapshot(k);
		for (int i = 0; i < 30; i++) {
			live(k, 60);
			CHECK_NUM(store_commit(w, &e), 0);
		}
		if (bytes_of(path) > most)
			most = bytes_of(path);
		store_set_graph(w, NULL);
		if (seed == 12) {
			char *want = graph_text(k->r->g), *got = NULL;

			store_counts(w, &counts);
			CHECK_NUM(end_writer(w), 0);
			r = store_open(path, &e);
			CHECK_STR(e.text, "");
			if (r) {
				struct nsg *g = store_graph_at(r, UINT64_MAX, NULL, &e);

				got = g ? graph_text(g) : NULL;
				CHECK_STR(got, want);
				store_span(r, &first, &last);
				CHECK(first > 1000000 * 2); /* the oldest have gone */
				nsg_free(g);
			}
			store_reader_close(r);
			free(want);
			free(got);
		}
		halt(k);
	}
	CHECK(counts.events > 20000);
	CHECK(counts.keyframes > 20);
	if (most > RING)
		unit_fail(__FILE__, __LINE__, "%ld bytes of %u", most, RING);
}

/* Something is always missing, so that there is never a keyframe: it is bounded all the same. */
static void stays_small_without_keyframes(void)
{
	const char *path = store_path("ring3");
	struct store_writer *w = a_writer(path, RING);
	struct nsl_error e = {""};
	struct store_reader *r;
	struct nsg *g;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct kernel *k = boot(seed);

		k->r->tap = tap_store;
		k->r->tap_ctx = w;
		for (int i = 0; i < 30; i++) {
			live(k, 60);
			CHECK_NUM(store_commit(w, &e), 0);
		}
		CHECK(bytes_of(path) <= (long)RING);
		halt(k);
	}
	CHECK_NUM(end_writer(w), 0);
	r = store_open(path, &e);
	CHECK_STR(e.text, "");
	g = r ? store_graph_at(r, UINT64_MAX, NULL, &e) : NULL;
	CHECK(g && nsg_stale(g));
	nsg_free(g);
	store_reader_close(r);
}

/* A copy is made while recording goes on. */
static void saves(void)
{
	const char *path = store_path("ring2");
	char copy[256];
	struct store_writer *w = a_writer(path, RING);
	struct store_meta end = some_meta();
	struct nsl_error e = {""};
	struct kernel *k = boot(5);
	struct store_reader *r;
	uint64_t first, last, a, b;

	snprintf(copy, sizeof(copy), "%s.saved", path);
	store_set_graph(w, k->r->g);
	k->r->tap = tap_store;
	k->r->tap_ctx = w;
	snapshot(k);
	live(k, 500);
	end.closed = true;
	strcpy(end.because, "a test");
	CHECK_NUM(store_save(w, copy, &end, &e), 0);
	live(k, 500);
	CHECK_NUM(store_saved(w, true, &e), 1);
	CHECK_NUM(store_saved(w, true, &e), 0);
	store_set_graph(w, NULL);
	CHECK_NUM(end_writer(w), 0);
	r = store_open(copy, &e);
	CHECK_STR(e.text, "");
	if (r) {
		CHECK_STR(store_meta_of(r)->because, "a test");
		CHECK(!store_was_cut(r));
		store_span(r, &first, &last);
	}
	store_reader_close(r);
	r = store_open(path, &e);
	if (r)
		store_span(r, &a, &b);
	CHECK(r && b > last);
	store_reader_close(r);
	CHECK((bytes_of(copy) > 0));
	/* into a directory that is not there: told, and the ring goes on */
	w = a_writer(path, RING);
	CHECK_NUM(store_save(w, "/nonexistent/x", &end, &e), 0);
	CHECK_NUM(store_saved(w, true, &e), -1);
	CHECK(strstr(e.text, "/nonexistent/x") != NULL);
	CHECK_NUM(store_tick(w, &e), 0);
	CHECK_NUM(end_writer(w), 0);
	halt(k);
}

/* Fills a small disk. Returns false where none can be made. */
static bool small_disk(const char *dir)
{
	return !mkdir(dir, 0700) && !mount("nslens", dir, "tmpfs", 0, "size=12m");
}

static void full_disk(uint64_t ring)
{
	char dir[256], path[300];
	struct store_writer *w;
	struct nsl_error e = {""};
	struct store_counts counts;
	struct store_reader *r;
	int err = 0;

	snprintf(dir, sizeof(dir), "%s", store_path(ring ? "disk-ring" : "disk"));
	if (!small_disk(dir)) {
		printf("skip full_disk: no tmpfs can be mounted here\n");
		return;
	}
	snprintf(path, sizeof(path), "%s/r", dir);
	w = a_writer(path, ring);
	for (uint64_t seed = 1; seed <= 30 && !err; seed++) {
		struct kernel *k = boot(seed);

		store_set_graph(w, k->r->g);
		k->r->tap = tap_store;
		k->r->tap_ctx = w;
		k->r->ts = 1000000 * seed;
		snapshot(k);
		for (int i = 0; i < 30 && !err; i++) {
			live(k, 60);
			err = store_commit(w, &e);
		}
		store_set_graph(w, NULL);
		halt(k);
	}
	store_counts(w, &counts);
	if (ring) {
		CHECK_STR(e.text, "");
		CHECK_NUM(err, 0);
		CHECK(counts.dropped > 0);
	} else {
		CHECK_NUM(err, -1);
		CHECK(strstr(e.text, "the disk is full: make room") != NULL);
	}
	CHECK_NUM(end_writer(w), ring ? 0 : -1);
	e.text[0] = '\0';
	r = store_open(path, &e);
	CHECK_STR(e.text, "");
	if (r) {
		struct nsg *g = store_graph_at(r, UINT64_MAX, NULL, &e);

		CHECK(g != NULL);
		CHECK_STR(e.text, "");
		nsg_free(g);
	}
	store_reader_close(r);
	umount(dir);
}

static void full_disk_ends_a_recording(void)
{
	full_disk(0);
}

/* More than the disk has: the ring makes room, and tells what it lost. */
static void full_disk_and_a_ring(void)
{
	full_disk(64u << 20);
}

int main(void)
{
	RUN(stays_small);
	RUN(stays_small_without_keyframes);
	RUN(saves);
	RUN(full_disk_ends_a_recording);
	RUN(full_disk_and_a_ring);
	store_clean();
	return unit_end();
}
