// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: a recording from anywhere. What an input is, the name of the program says:
 *
 *	recording	a file, which is opened and read as every command does
 *	events		a row of events, for the models
 *	lines		the lines of an export, which are imported, and redacted on the way
 *
 *	recording --seed FILE     writes a small recording to begin with
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../user/store/import.h"
#include "../../user/store/redact.h"
#include "../unit/store_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char path[64];
static enum { FILES, EVENTS, LINES } input;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *slash = strrchr(**argv, '/'), *name = slash ? slash + 1 : **argv;

	if (*argc == 3 && !strcmp((*argv)[1], "--seed")) {
		record_life((*argv)[2], 3, 12);
		exit(0);
	}
	input = !strcmp(name, "events") ? EVENTS : !strcmp(name, "lines") ? LINES : FILES;
	snprintf(path, sizeof(path), "/dev/shm/nslens-fuzz.%d", (int)getpid());
	return 0;
}

struct models {
	struct nsm *calls;
	struct nsg *graph;
	uint8_t last_kind;
};

static bool feed(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct models *m = ctx;

	(void)seq;
	nsm_feed(m->calls, event);
	store_feed_graph(m->graph, event, &m->last_kind);
	return true;
}

static void feed_bytes(struct models *m, const uint8_t *data, size_t size)
{
	struct nsl_head *event = malloc(UINT16_MAX + 1);

	while (size > sizeof(*event)) {
		uint16_t length;

		memcpy(&length, data, sizeof(length));
		if (length < sizeof(*event) || length > size)
			break;
		memcpy(event, data, length);
		event->version = NSL_EVENT_VERSION; /* get past the first check */
		feed(m, 0, event);
		data += length;
		size -= length;
	}
	free(event);
}

static void read_file(struct models *m, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct nsl_error e;
	struct store_reader *r;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
	r = store_open(path, &e);
	if (!r)
		return;
	store_first_rows(r, feed, m, &e);
	store_read(r, 0, feed, m, &e);
	nsg_free(store_graph_at(r, UINT64_MAX, NULL, &e));
	nsg_free(store_graph_at(r, store_meta_of(r)->mono_ns + 1000, NULL, &e));
	store_reader_close(r);
}

/* ---- lines of an export ---- */

struct importing {
	struct models *models;
	struct store_redact *redact;
};

static int on_start(void *ctx, const struct store_meta *meta, struct nsl_error *e)
{
	struct importing *im = ctx;
	struct store_meta m = *meta;

	(void)e;
	store_redact_meta(im->redact, &m);
	return 0;
}

static int on_row(void *ctx, const struct nsl_head *row, struct nsl_error *e)
{
	struct importing *im = ctx;
	const struct nsl_head *clean;

	(void)e;
	/* as it is, and without names: one that the models take stays one that they take */
	if (!nsg_feed(im->models->graph, row)) {
		clean = store_redact_event(im->redact, row);
		if (clean && nsg_feed(im->models->graph, clean) == -EINVAL)
			abort();
	}
	return 0;
}

static int on_keyframe(void *ctx, const struct nsg_totals *totals, struct nsl_error *e)
{
	(void)ctx;
	(void)totals;
	(void)e;
	return 0;
}

static int on_event(void *ctx, uint64_t seq, const struct nsl_head *event, struct nsl_error *e)
{
	(void)seq;
	feed(((struct importing *)ctx)->models, 0, event);
	return on_row(ctx, event, e);
}

static int on_end(void *ctx, const struct store_meta *end, struct nsl_error *e)
{
	return on_start(ctx, end, e);
}

static void import_lines(struct models *m, const uint8_t *data, size_t size)
{
	struct importing im = {.models = m, .redact = store_redact_new("fuzz")};
	const struct store_import_sink sink = {.ctx = &im,
					       .start = on_start,
					       .row = on_row,
					       .keyframe = on_keyframe,
					       .event = on_event,
					       .end = on_end};
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
	struct nsl_error e;

	if (!in || !im.redact)
		abort();
	store_import(in, "fuzz", &sink, &e);
	fclose(in);
	store_redact_free(im.redact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct models m = {.calls = nsm_new(NULL), .graph = nsg_new(NULL)};

	if (input == EVENTS)
		feed_bytes(&m, data, size);
	else if (input == LINES && size)
		import_lines(&m, data, size);
	else if (input == FILES)
		read_file(&m, data, size);
	nsm_finish(m.calls);
	nsm_free(m.calls);
	nsg_free(m.graph);
	unlink(path);
	return 0;
}
