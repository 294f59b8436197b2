// SPDX-License-Identifier: GPL-2.0-only
#include "recorded.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

#define NS 1000000000ull

static void put_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

void recorded_meta(struct store_meta *meta, const struct nsv_start *start)
{
	memset(meta, 0, sizeof(*meta));
	put_text(meta->version, sizeof(meta->version), start->version);
	put_text(meta->release, sizeof(meta->release), start->release);
	put_text(meta->boot_id, sizeof(meta->boot_id), start->boot_id);
	put_text(meta->what, sizeof(meta->what), start->what);
	meta->kernel = start->kernel;
	meta->mono_ns = start->mono_ns;
	meta->wall_ns = start->wall_ns;
	meta->steps = start->steps;
	memcpy(meta->initial, start->initial, sizeof(meta->initial));
	for (size_t i = 0; i < start->nfacts && i < STORE_MAX_FACTS; i++) {
		struct store_fact *f = &meta->facts[meta->nfacts++];

		put_text(f->fact, sizeof(f->fact), start->facts[i].fact);
		put_text(f->mechanism, sizeof(f->mechanism), start->facts[i].mechanism);
		put_text(f->lost, sizeof(f->lost), start->facts[i].lost);
	}
}

void recorded_start(struct recorded_start *s, const struct store_meta *meta)
{
	s->start = (struct nsv_start){
		.version = meta->version,
		.release = meta->release,
		.boot_id = meta->boot_id,
		.mono_ns = meta->mono_ns,
		.wall_ns = meta->wall_ns,
		.kernel = meta->kernel,
		.facts = s->facts,
		.nfacts = meta->nfacts,
		.steps = meta->steps,
		.what = *meta->what ? meta->what : NULL,
	};
	memcpy(s->start.initial, meta->initial, sizeof(s->start.initial));
	for (size_t i = 0; i < meta->nfacts; i++)
		s->facts[i] = (struct nsv_fact){
			.fact = meta->facts[i].fact,
			.mechanism = meta->facts[i].mechanism,
			.lost = *meta->facts[i].lost ? meta->facts[i].lost : NULL,
		};
}

/* Beside root's own recording SQLite would read what somebody else has put there. */
static int refuse_others_parts(const char *path, struct nsl_error *e)
{
	static const char *const parts[] = {"-wal", "-shm", "-journal"};
	char name[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if ((size_t)snprintf(name, sizeof(name), "%s%s", path, parts[i]) >= sizeof(name))
			return 0; /* no file has such a name */
		if (!lstat(name, &st) && st.st_uid)
			return nsl_error_set(e,
					     "%s belongs to user %u, the recording to root: it is "
					     "not read together with that; remove it",
					     name, (unsigned int)st.st_uid);
	}
	return 0;
}

/* Root has no business in somebody else's file: become its owner. */
static int drop_root(const char *path, struct nsl_error *e)
{
	struct stat st;

	if (geteuid() || stat(path, &st))
		return 0;
	if (!st.st_uid)
		return refuse_others_parts(path, e);
	if (setgroups(0, NULL) || setresgid(st.st_gid, st.st_gid, st.st_gid) ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid))
		return nsl_error_set(e,
				     "%s belongs to user %u, and nslens does not read it as root: "
				     "becoming that user failed: %s",
				     path, (unsigned int)st.st_uid, strerror(errno));
	return 0;
}

bool recorded_is(const char *file, const char *other)
{
	struct stat a, b;

	return !stat(file, &a) && !stat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int recorded_spare(const char *command, const char *input, const char *output)
{
	if (!input || !output || !recorded_is(input, output))
		return -1;
	return usage_error(command, "-o %s is the recording itself: name another file", output);
}

struct store_reader *recorded_open(const char *command, const char *path, struct nsl_error *e)
{
	struct store_reader *r;
	uint64_t first, last;

	if (drop_root(path, e))
		return NULL;
	r = store_open(path, e);
	if (!r || !store_was_cut(r))
		return r;
	store_span(r, &first, &last);
	complain(command,
		 "%s was not closed (its recorder was killed, or is still at work): it ends at "
		 "%+.3f s, and what happened up to 100 ms before its end may be missing",
		 path, (double)(int64_t)(last - store_meta_of(r)->mono_ns) / 1e9);
	return r;
}

/* Seconds with a fraction, exactly. */
static bool parse_seconds(const char *text, uint64_t *ns, const char **rest)
{
	uint64_t n = 0, unit = NS;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		if (n > UINT64_MAX / NS / 100)
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
	}
	n *= NS;
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++)
			n += (uint64_t)(*text - '0') * (unit /= 10);
	*ns = n;
	*rest = text;
	return true;
}

/* A wall clock time as nanoseconds since 1970. */
static bool parse_clock(const char *text, uint64_t wall, uint64_t *ns)
{
	time_t seconds = (time_t)(wall / NS);
	uint64_t fraction = 0;
	const char *rest;
	struct tm tm;

	localtime_r(&seconds, &tm);
	tm.tm_isdst = -1;
	/* one that does not fit may have written into tm: the day must still be there for the first
	 */
	rest = strptime(text, "%H:%M:%S", &tm);
	if (!rest)
		rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	if (!rest)
		return false;
	if (*rest == '.') {
		char zero[32];

		snprintf(zero, sizeof(zero), "0%.20s", rest);
		if (!parse_seconds(zero, &fraction, &rest))
			return false;
		rest = *rest ? "?" : "";
	}
	if (!strcmp(rest, "Z"))
		seconds = timegm(&tm);
	else if (!*rest)
		seconds = mktime(&tm);
	else
		return false;
	*ns = (uint64_t)seconds * NS + fraction;
	return seconds >= 0;
}

int recorded_time(const struct store_reader *r, const char *text, uint64_t *ts, struct nsl_error *e)
{
	const struct store_meta *m = store_meta_of(r);
	uint64_t first, last, ns = 0;
	const char *rest = "";
	bool ok;

	store_span(r, &first, &last);
	if (!strcmp(text, "end")) {
		*ts = UINT64_MAX;
		return 0;
	}
	if (*text == '+' || *text == '-') {
		ok = parse_seconds(text + 1, &ns, &rest) && (!*rest || !strcmp(rest, "s"));
		*ts = *text == '+' ? m->mono_ns + ns : m->mono_ns - ns;
	} else if (*text == '@') {
		ok = parse_seconds(text + 1, &ns, &rest) && !*rest;
		*ts = m->mono_ns + (ns - m->wall_ns);
	} else {
		ok = parse_clock(text, m->wall_ns, &ns);
		*ts = m->mono_ns + (ns - m->wall_ns);
	}
	if (!ok)
		return nsl_error_set(e,
				     "--at %s: say +1.5s (since the start), end, 09:31:33.5, "
				     "\"2026-11-22 09:31:33\" or @SECONDS since 1970",
				     text);
	if (*ts < first || *ts > last + NS)
		return nsl_error_set(e,
				     "--at %s is outside of the recording, which is from %+.3fs "
				     "to %+.3fs",
				     text, (double)(int64_t)(first - m->mono_ns) / 1e9,
				     (double)(int64_t)(last - m->mono_ns) / 1e9);
	return 0;
}
