// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cgroups that come and go for ever: the capture, those whom it tells their paths, and whoever goes
 * on from a keyframe forget most of them, and none before it is told again.
 */
#include <fcntl.h>
#include <unistd.h>

#include "../../user/model/graph_rows.h"
#include "graph_events.h"
#include "unit.h"

#define IDS 12000

/* What the machine has: 0: it is gone, or was never there; else the length of its path. */
static size_t length[IDS];
static uint64_t opened;

static int open_cgroup(int mount, struct file_handle *handle, int flags)
{
	(void)mount;
	(void)flags;
	memcpy(&opened, handle->f_handle, sizeof(opened));
	return length[opened] ? 1 << 20 : -1; /* no descriptor of ours */
}

static ssize_t read_link(const char *link, char *path, size_t size)
{
	(void)link;
	memset(path, 'x', length[opened] < size ? length[opened] : size);
	path[snprintf(path, 32, "/%llu.", (unsigned long long)opened)] = 'x';
	return (ssize_t)length[opened];
}

/* compiled here, with that machine */
#define open_by_handle_at open_cgroup
#define readlink	  read_link
#include "../../user/capture/cgroup.c"

struct stream {
	struct cgroup_paths *paths;
	struct nsg *graph, *reader; /* as it is recorded, and as somebody goes on from a keyframe */
	uint64_t seed, told;
	size_t rows, bytes; /* of a keyframe, at most */
};

static uint32_t pick(struct stream *s, uint32_t n)
{
	s->seed = s->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(s->seed >> 33) % n;
}

static struct stream *stream_new(uint64_t seed)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct rig *r = rig_host();

	s->paths = cgroup_paths_new();
	if (s->paths->mount_fd >= 0)
		close(s->paths->mount_fd);
	s->paths->mount_fd = open("/", O_PATH | O_CLOEXEC);
	s->paths->mount_len = 0;
	s->graph = r->g;
	r->g = NULL;
	rig_free(r);
	s->seed = seed;
	memset(length, 0, sizeof(length));
	return s;
}

static void stream_free(struct stream *s)
{
	cgroup_paths_free(s->paths);
	nsg_free(s->graph);
	nsg_free(s->reader);
	free(s);
}

struct keyframe {
	struct nsg *graph;
	size_t rows, bytes;
};

static void on_row(void *ctx, const struct nsl_head *row)
{
	struct keyframe *k = ctx;

	CHECK_NUM(nsg_feed(k->graph, row), 0);
	k->rows += row->kind == NSL_EV_CGROUP;
	k->bytes += row->kind == NSL_EV_CGROUP ? row->size : 0;
}

static void keyframe(struct stream *s)
{
	struct keyframe k = {.graph = nsg_new(NULL)};

	CHECK(nsg_rows(s->graph, 77, on_row, &k));
	nsg_free(s->reader);
	s->reader = k.graph;
	s->rows = k.rows > s->rows ? k.rows : s->rows;
	s->bytes = k.bytes > s->bytes ? k.bytes : s->bytes;
}

static void knows(const struct nsg *g, uint64_t id)
{
	const char *path = nsg_cgroup_path(g, id);
	char begin[32];
	int n = snprintf(begin, sizeof(begin), "/%llu.", (unsigned long long)id);

	if (!unit_bad && (!path || strncmp(path, begin, (size_t)n) != 0))
		unit_fail(__FILE__, __LINE__, "the path of %s is %.20s", begin,
			  path ? path : "not known");
}

/* An event that names it: then everybody knows its path, if it has one. */
static void names(struct stream *s, uint64_t id)
{
	const struct nsl_head event = {.size = sizeof(event), .version = NSL_EVENT_VERSION};
	const struct nsl_cgroup *e = cgroup_paths_untold(s->paths, &event, id);

	if (e) {
		s->told++;
		CHECK_NUM(e->id, id);
		CHECK_NUM(nsg_feed(s->graph, &e->head), 0);
		if (s->reader)
			CHECK_NUM(nsg_feed(s->reader, &e->head), 0);
	}
	if (!length[id])
		return;
	knows(s->graph, id);
	if (s->reader)
		knows(s->reader, id);
}

/* Some live on, and are named seldom or often; many come, are named and go, never to return. */
static void round_of(uint64_t seed, uint32_t stay, uint32_t most)
{
	struct stream *s = stream_new(seed);
	uint32_t last = 0;

	while (last < stay)
		length[++last] = 40 + pick(s, most - 40);
	while (last < IDS - 1 && !unit_bad) {
		names(s, 1 + pick(s, stay));
		if (pick(s, 3))
			continue;
		length[++last] = 40 + pick(s, most - 40);
		names(s, last);
		names(s, last - pick(s, 8));
		if (last > stay + 8)
			length[last - pick(s, 8)] = 0;
		if (!pick(s, 150))
			keyframe(s);
	}
	CHECK(s->told > 4 * NSL_CGROUPS_TOLD); /* it has forgotten them more than once */
	CHECK(s->rows < 2 * NSL_CGROUPS_TOLD);
	CHECK(s->bytes < s->rows * sizeof(struct nsl_cgroup) + 4 * NSL_CGROUPS_BYTES);
	stream_free(s);
}

static void none_is_missing(void)
{
	for (uint64_t seed = 1; seed <= 2; seed++) {
		round_of(seed, 20, 100);
		round_of(seed, 900, 100);
		round_of(seed, 3000, 100);
	}
}

/* Paths as long as the kernel can tell them. */
static void long_ones(void)
{
	round_of(1, 20, PATH_MAX);
}

/* Once, as long as there are not many; one that has gone without a path is not looked for again. */
static void a_few_are_told_once(void)
{
	struct stream *s = stream_new(1);

	for (uint64_t id = 1; id < NSL_CGROUPS_TOLD; id++)
		length[id] = 80;
	for (int n = 0; n < 3; n++)
		for (uint64_t id = 1; id <= NSL_CGROUPS_TOLD; id++)
			names(s, id);
	CHECK_NUM(s->told, NSL_CGROUPS_TOLD - 1);
	length[NSL_CGROUPS_TOLD] = 80;
	names(s, 1);
	CHECK_NUM(s->told, NSL_CGROUPS_TOLD - 1);
	CHECK(!cgroup_paths_untold(s->paths, &(struct nsl_head){0}, 0));
	stream_free(s);
}

int main(void)
{
	RUN(none_is_missing);
	RUN(long_ones);
	RUN(a_few_are_told_once);
	return unit_end();
}
