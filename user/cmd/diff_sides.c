// SPDX-License-Identifier: GPL-2.0-only
#include "diff_sides.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorded.h"

struct feeding {
	struct nsu *starts;
	int err;
};

static bool feed(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct feeding *f = ctx;

	(void)seq;
	f->err = nsu_feed(f->starts, event);
	return !f->err;
}

/* What a ring knew before its first event: who is who, and what cgroups are called. */
static bool feed_names(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	bool names = event->kind == NSL_EV_CGROUP || event->kind == NSL_EV_TASK;

	return !names || feed(ctx, seq, event);
}

static int find_starts(struct diff_file *f, struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(f->reader);
	struct nsu_options o = {.kernel = m->kernel};
	struct feeding feeding = {0};
	int err;

	memcpy(o.initial, m->initial, sizeof(o.initial));
	f->starts = feeding.starts = nsu_new(&o);
	if (!f->starts)
		return nsl_error_set(e, "out of memory");
	err = store_first_rows(f->reader, feed_names, &feeding, e);
	if (!err && !feeding.err)
		err = store_read(f->reader, 0, feed, &feeding, e);
	if (!err && !feeding.err)
		feeding.err = nsu_finish(f->starts);
	if (!err && feeding.err)
		err = nsl_error_set(e,
				    feeding.err == -ENOMEM
					    ? "out of memory"
					    : "%s is damaged: an event in it is none",
				    f->path);
	return err;
}

static struct diff_file *file_at(struct diff_sides *s, const char *path)
{
	for (size_t i = 0; i < s->nfiles; i++)
		if (!strcmp(s->files[i].path, path))
			return &s->files[i];
	return NULL;
}

static bool is_foreign(const char *path, uid_t *owner)
{
	struct stat st;

	*owner = stat(path, &st) ? 0 : st.st_uid;
	return *owner != 0;
}

/* Each file is opened once, however often it is named. */
static int open_file(struct diff_sides *s, const char *path, struct nsl_error *e)
{
	struct diff_file *f = &s->files[s->nfiles];
	uid_t owner;

	if (s->nfiles == DIFF_FILES)
		return nsl_error_set(e, "more than %d recordings", DIFF_FILES);
	/* no longer root, because of a file of somebody else's */
	if (s->reader && is_foreign(path, &owner) && owner != s->reader && access(path, R_OK))
		return nsl_error_set(e,
				     "%s and others belong to different users, and nslens reads "
				     "nobody's file as root: copy it to where user %u may read it",
				     path, (unsigned int)s->reader);
	f->path = strdup(path);
	if (!f->path)
		return nsl_error_set(e, "out of memory");
	s->nfiles++;
	if (!geteuid() && is_foreign(path, &owner))
		s->reader = owner;
	f->reader = recorded_open("diff", path, e);
	return f->reader ? 0 : -1;
}

static int add(struct diff_sides *s, int side, const struct diff_file *f,
	       const struct nsu_startup *start, struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(f->reader);
	size_t n = s->side[side].n;

	if (n == NSA_MAX_RUNS)
		return nsl_error_set(e, "more than %d start-ups on a side", NSA_MAX_RUNS);
	s->startups[side][n] = start;
	s->runs[side][n] = (struct nsv_diff_run){
		.file = f->path,
		.release = m->release,
		.wall_ns = m->wall_ns + (start->begin - m->mono_ns),
	};
	s->side[side].runs = s->startups[side];
	s->side[side].n++;
	if (!n) {
		s->side[side].kernel = m->kernel;
		s->side[side].steps = m->steps;
	} else {
		/* steps can be compared where all runs have them, kernels where all ran on one */
		s->side[side].steps &= m->steps;
		if (s->side[side].kernel != m->kernel)
			s->side[side].kernel = 0;
	}
	return 0;
}

static const char *name_of(const struct nsu_startup *start)
{
	return start->runtime == NSU_RUNTIME_UNKNOWN ? start->runtime_comm
						     : nsu_runtime_name(start->runtime);
}

/* Two that stand for the same start: one that failed has no payload to compare. */
static bool alike(const struct nsu_startup *a, const struct nsu_startup *b)
{
	return a->runtime == b->runtime && a->frame == b->frame &&
	       !strcmp(name_of(a), name_of(b)) &&
	       (!a->payload.file || !b->payload.file || !strcmp(a->payload.file, b->payload.file));
}

static int choose_please(const struct diff_file *f, const struct nsu_startup *const *list, size_t n,
			 struct nsl_error *e)
{
	char text[400];
	size_t len = 0;

	for (size_t i = 0; i < n && i < 6; i++) {
		int more = snprintf(text + len, sizeof(text) - len, "%s#%" PRIu64 " %s%s%s",
				    i ? ", " : "", list[i]->number, name_of(list[i]),
				    list[i]->container ? " " : "",
				    list[i]->container ? list[i]->container : "");

		if (more < 0 || (size_t)more >= sizeof(text) - len)
			break;
		len += (size_t)more;
	}
	text[len] = '\0';
	return nsl_error_set(
		e,
		"%s has %zu start-ups that are not alike (%s%s): name one as %s#%" PRIu64
		", or those of a runtime or a container as %s#NAME",
		f->path, n, text, n > 6 ? ", ..." : "", f->path, list[0]->number, f->path);
}

/*
 * FILE alone: all of its start-ups, where they are alike; of a recording of a command, those
 * that it made.
 */
static int take_all(struct diff_sides *s, int side, struct diff_file *f, struct nsl_error *e)
{
	const struct nsu_startup *const *list;
	const struct nsu_startup *first = NULL;
	bool of_command = false;
	size_t n;

	list = nsu_list(f->starts, &n);
	if (!n)
		return nsl_error_set(e,
				     "%s: no start-up of a container is in it; `nslens trace -i` "
				     "tells what is",
				     f->path);
	for (size_t i = 0; i < n; i++)
		of_command |= list[i]->of_command;
	for (size_t i = 0; i < n; i++) {
		if (of_command && !list[i]->of_command)
			continue;
		if (first && !alike(first, list[i]))
			return choose_please(f, list, n, e);
		first = first ? first : list[i];
	}
	for (size_t i = 0; i < n; i++)
		if ((!of_command || list[i]->of_command) && add(s, side, f, list[i], e))
			return -1;
	return 0;
}

/* By its runtime where that stands alone, by what is around it (podman), or by its container. */
static bool is_named(const struct nsu_startup *start, const char *name)
{
	const char *frame = start->frame == NSU_FRAME_NONE ? NULL : nsu_frame_name(start->frame);

	return !strcmp(frame ? frame : name_of(start), name) ||
	       (start->container && !strcmp(start->container, name));
}

/* "3", "2-11", "runc", "web-1" */
static int take_some(struct diff_sides *s, int side, struct diff_file *f, const char *which,
		     struct nsl_error *e)
{
	const struct nsu_startup *const *list;
	unsigned long from = 0, to = 0;
	size_t n, before = s->side[side].n;
	char *end = NULL;

	list = nsu_list(f->starts, &n);
	if (isdigit((unsigned char)*which)) {
		from = to = strtoul(which, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			to = strtoul(end + 1, &end, 10);
	}
	for (size_t i = 0; i < n; i++) {
		bool numbered = end && !*end && list[i]->number >= from && list[i]->number <= to;

		if ((numbered || is_named(list[i], which)) && add(s, side, f, list[i], e))
			return -1;
	}
	if (s->side[side].n > before)
		return 0;
	return nsl_error_set(
		e, "%s#%s: there are %zu start-ups in it, and none of that number or name", f->path,
		which, n);
}

/* What is done with what is named, in this order: nobody's file is read as root. */
enum pass { OPEN_ROOTS, OPEN_OTHERS, TAKE, PASSES };

/* One FILE, with or without #WHICH. */
static int one(struct diff_sides *s, enum pass pass, int side, char *text, struct nsl_error *e)
{
	char *hash = access(text, F_OK) ? strrchr(text, '#') : NULL;
	struct diff_file *f;
	uid_t owner;

	if (hash)
		*hash = '\0';
	if (!*text)
		return nsl_error_set(e, "a recording is missing before or after a comma");
	f = file_at(s, text);
	if (pass != TAKE) {
		bool now = pass == OPEN_OTHERS || !is_foreign(text, &owner);

		return f || !now ? 0 : open_file(s, text, e);
	}
	if (!f) /* no longer to be found under that name */
		return nsl_error_set(e, "cannot read %s: %s", text, strerror(ENOENT));
	if (!f->starts && find_starts(f, e))
		return -1;
	return hash ? take_some(s, side, f, hash + 1, e) : take_all(s, side, f, e);
}

static int each(struct diff_sides *s, enum pass pass, int side, const char *text,
		struct nsl_error *e)
{
	char *copy = strdup(text);
	int err = copy ? 0 : nsl_error_set(e, "out of memory");

	if (copy && !access(copy, F_OK)) {
		err = one(s, pass, side, copy, e);
	} else {
		for (char *p = copy; !err && p;) {
			char *comma = strchr(p, ',');

			if (comma)
				*comma++ = '\0';
			err = one(s, pass, side, p, e);
			p = comma;
		}
	}
	free(copy);
	return err;
}

int diff_sides_read(struct diff_sides *s, const char *a, const char *b, struct nsl_error *e)
{
	for (enum pass pass = OPEN_ROOTS; pass < PASSES; pass++)
		if (each(s, pass, 0, a, e) || each(s, pass, 1, b, e))
			return -1;
	return 0;
}

void diff_sides_free(struct diff_sides *s)
{
	for (size_t i = 0; i < s->nfiles; i++) {
		nsu_free(s->files[i].starts);
		if (s->files[i].reader)
			store_reader_close(s->files[i].reader);
		free(s->files[i].path);
	}
}
