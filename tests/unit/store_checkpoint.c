// SPDX-License-Identifier: GPL-2.0-only
/* What a recorder's file looks like while it is at work: committed soon, moved out of the WAL by
 * the thread. */
#include <sys/stat.h>
#include <time.h>

#include "../../user/store/writer_internal.h"
#include "store_file.h"
#include "unit.h"

#define BIG   7000 /* events: more than the pages after which the thread is asked */
#define SMALL 10
#define RING  (16u << 20)
#define MANY  200000

static uint64_t size_of(const char *path, const char *suffix)
{
	char name[300];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) ? 0 : (uint64_t)st.st_size;
}

static void put_exec(struct store_writer *w, uint64_t ts)
{
	struct nsl_task e = {.head = {.size = sizeof(e),
				      .version = NSL_EVENT_VERSION,
				      .kind = NSL_EV_TASK,
				      .ts = ts,
				      .pid = 4,
				      .tid = 4},
			     .event = NSL_TASK_EXEC,
			     .pid = 4,
			     .tid = 4};

	store_event(w, &e.head);
}

static bool soon(const char *path, uint64_t bytes)
{
	struct timespec pause = {.tv_nsec = 20000000};

	for (int i = 0; i < 500; i++) {
		if (size_of(path, "") > bytes)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* The recorder itself would wait for the disk only at 64 MiB of it. */
static void the_thread_empties_the_wal(void)
{
	const char *path = store_path("wal.nslens");
	struct store_writer *w = a_writer(path, 0);
	struct store_meta meta = some_meta();
	struct nsl_error e = {""};

	store_describe(w, &meta);
	for (uint64_t n = 1; n <= 4 * BIG; n++) {
		put_exec(w, n);
		if (!(n % BIG))
			CHECK_NUM(store_commit(w, &e), 0);
	}
	CHECK(size_of(path, "-wal") > 4u << 20);
	CHECK(soon(path, 1u << 20));
	CHECK_NUM(end_writer(w), 0);
}

/* An event that waited in the kernel's ring does not wait again. */
static void what_is_old_is_committed_at_once(void)
{
	struct store_writer *w = a_writer(store_path("late.nslens"), 0);
	struct store_counts counts;
	struct nsl_error e = {""};
	uint64_t now = store_now(), commits;

	store_commit(w, &e);
	store_counts(w, &counts);
	commits = counts.commits;
	for (uint64_t n = 0; n < SMALL; n++)
		put_exec(w, now - 30 * 1000000ull + n);
	CHECK_NUM(store_tick(w, &e), 0);
	store_counts(w, &counts);
	CHECK_NUM(counts.commits, commits + 1);
	CHECK_NUM(counts.last_committed, now - 30 * 1000000ull + SMALL - 1);
	CHECK_NUM(end_writer(w), 0);
}

/* The thread and the recorder do not keep each other from emptying the WAL. */
static void a_ring_and_its_wal_stay_within_it(void)
{
	const char *path = store_path("bounded.nslens");
	struct store_writer *w = a_writer(path, RING);
	struct store_meta meta = some_meta();
	struct nsl_error e = {""};
	uint64_t most = 0, bytes;

	store_describe(w, &meta);
	for (uint64_t n = 1; n <= MANY; n++) {
		put_exec(w, n * 1000000);
		if (n % 100)
			continue;
		CHECK_NUM(store_tick(w, &e), 0);
		bytes = size_of(path, "") + size_of(path, "-wal");
		most = bytes > most ? bytes : most;
	}
	CHECK(most > RING / 2);
	CHECK(most <= RING);
	CHECK_NUM(end_writer(w), 0);
}

int main(void)
{
	RUN(the_thread_empties_the_wal);
	RUN(what_is_old_is_committed_at_once);
	RUN(a_ring_and_its_wal_stay_within_it);
	store_clean();
	return unit_end();
}
