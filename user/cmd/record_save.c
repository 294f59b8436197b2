// SPDX-License-Identifier: GPL-2.0-only
#include "record_save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

#define AGAIN_NS 10000000000ull

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* `name` and what SQLite may have left beside it. Missing ones are no fault. */
static void move(const char *from, const char *to)
{
	static const char *const rest[] = {"", "-wal", "-shm", "-journal"};
	char *a, *b;

	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		if (asprintf(&a, "%s%s", from, rest[i]) < 0)
			return;
		if (asprintf(&b, "%s%s", to, rest[i]) < 0) {
			free(a);
			return;
		}
		if (rename(a, b))
			unlink(b); /* a WAL of another file must not stay beside it */
		free(a);
		free(b);
	}
}

static int keep_old_ring(const struct record_save *s, struct nsl_error *e)
{
	int fd = open(s->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool locked;
	char *before;

	if (fd < 0)
		return 0; /* the store says what is wrong with it */
	locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
	close(fd);
	if (locked || !store_is_recording(s->file))
		return 0;
	if (asprintf(&before, "%s.before", s->file) < 0)
		return nsl_error_set(e, "out of memory");
	move(s->file, before);
	complain("record", "the ring of the recorder before this one is kept as %s", before);
	free(before);
	return 0;
}

/* FILE, FILE.1 ... The caller frees it; NULL: out of memory. */
static char *nth_name(const struct record_save *s, unsigned int n)
{
	char *name;

	if (!n)
		return strdup(s->output);
	return asprintf(&name, "%s.%u", s->output, n) < 0 ? NULL : name;
}

/* Names that saving gives away: a file there that is no recording is somebody's. */
static int look_for_others(const struct record_save *s, struct nsl_error *e)
{
	for (unsigned int n = 0; n < s->keep; n++) {
		char *name = nth_name(s, n);
		int err = 0;

		if (!name)
			return nsl_error_set(e, "out of memory");
		if (!access(name, F_OK) && !store_is_recording(name))
			err = nsl_error_set(
				e,
				"%s exists and is no recording: it is left alone; name another "
				"file with -o",
				name);
		free(name);
		if (err)
			return err;
	}
	return 0;
}

int record_save_init(struct record_save *s, const char *output, unsigned int keep,
		     struct nsl_error *e)
{
	*s = (struct record_save){.output = output, .keep = keep};
	if (asprintf(&s->file, "%s%s", output, keep ? ".ring" : "") < 0)
		s->file = NULL;
	if (asprintf(&s->fresh, "%s.new", output) < 0)
		s->fresh = NULL;
	if (!s->file || !s->fresh)
		return nsl_error_set(e, "out of memory");
	if (look_for_others(s, e))
		return -1;
	return keep ? keep_old_ring(s, e) : 0;
}

void record_save_free(struct record_save *s)
{
	free(s->file);
	free(s->fresh);
}

bool record_save_may(const struct record_save *s)
{
	return !s->last || now_ns() - s->last > AGAIN_NS;
}

/* FILE becomes FILE.1, that becomes FILE.2 ...; the oldest goes. */
static int rotate(const struct record_save *s, struct nsl_error *e)
{
	if (look_for_others(s, e))
		return -1;
	for (unsigned int n = s->keep - 1; n > 0; n--) {
		char *from = nth_name(s, n - 1), *to = nth_name(s, n);

		if (from && to)
			rename(from, to); /* there may be none yet */
		free(from);
		free(to);
		if (!from || !to)
			return nsl_error_set(e, "out of memory");
	}
	if (rename(s->fresh, s->output))
		return nsl_error_set(e, "%s: the ring cannot be saved: %s", s->output,
				     strerror(errno));
	return 0;
}

int record_save_start(struct record_save *s, struct store_writer *w, const struct store_meta *end,
		      struct nsl_error *e)
{
	int err;

	err = store_save(w, s->fresh, end, e);
	if (err)
		return err;
	s->last = now_ns();
	complain("record", "saving the ring to %s: %s", s->output, end->because);
	return 0;
}

void record_save_look(struct record_save *s, struct store_writer *w, bool wait)
{
	struct nsl_error e = {""};
	int done = store_saved(w, wait, &e);

	if (done > 0 && rotate(s, &e))
		done = -1;
	if (done < 0)
		complain("record", "%s; the ring goes on", e.text);
	if (done > 0)
		complain("record", "saved %s", s->output);
}
