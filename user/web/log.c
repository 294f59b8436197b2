// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void web_log_init(struct web_log *log, size_t max_bytes)
{
	*log = (struct web_log){.max_bytes = max_bytes, .first = 1};
}

static struct web_frame *nth(const struct web_log *log, size_t n)
{
	return &log->ring[(log->at + n) & (log->size - 1)];
}

static void drop_oldest(struct web_log *log)
{
	struct web_frame *f = nth(log, 0);

	log->bytes -= f->len + sizeof(*f);
	free(f->text);
	log->at = (log->at + 1) & (log->size - 1);
	log->n--;
	log->first++;
	log->full = true;
}

static void drop_all(struct web_log *log)
{
	while (log->n)
		drop_oldest(log);
	log->keyframe = 0;
	log->full = false;
}

void web_log_free(struct web_log *log)
{
	drop_all(log);
	free(log->ring);
	free(log->start);
	free(log->texts);
	*log = (struct web_log){0};
}

/* The newest keyframe is never dropped: without one nobody could begin. */
static void make_room(struct web_log *log)
{
	while (log->bytes > log->max_bytes && log->n && log->first < log->keyframe)
		drop_oldest(log);
	log->wants_keyframe = log->bytes > log->max_bytes;
}

static bool grow(struct web_log *log)
{
	size_t size = log->size ? log->size * 2 : 1024;
	struct web_frame *ring;

	if (log->n < log->size)
		return true;
	ring = malloc(size * sizeof(*ring));
	if (!ring)
		return false;
	for (size_t i = 0; i < log->n; i++)
		ring[i] = *nth(log, i);
	free(log->ring);
	log->ring = ring;
	log->size = size;
	log->at = 0;
	return true;
}

static void keep(char **place, const char *json, size_t len)
{
	char *copy = strndup(json, len);

	if (!copy)
		return;
	free(*place);
	*place = copy;
}

static void add_frame(struct web_log *log, enum web_line kind, const char *json, size_t len)
{
	char head[48];
	int n = snprintf(head, sizeof(head), "id: %" PRIu64 "\ndata: ", web_log_end(log));
	size_t size = (size_t)n + len + 2;
	char *text = size <= UINT32_MAX && grow(log) ? malloc(size) : NULL;

	if (!text) {
		log->failed = true;
		return;
	}
	memcpy(text, head, (size_t)n);
	memcpy(text + n, json, len);
	text[size - 2] = text[size - 1] = '\n';
	if (kind == WEB_LINE_GRAPH)
		log->keyframe = web_log_end(log);
	*nth(log, log->n++) =
		(struct web_frame){.text = text, .len = (uint32_t)size, .kind = (uint8_t)kind};
	log->bytes += size + sizeof(struct web_frame);
	make_room(log);
}

void web_log_add(struct web_log *log, enum web_line kind, const char *json, size_t len)
{
	switch (kind) {
	case WEB_LINE_START:
		keep(&log->start, json, len);
		break;
	case WEB_LINE_TEXTS:
		keep(&log->texts, json, len);
		break;
	default:
		add_frame(log, kind, json, len);
	}
}

uint64_t web_log_end(const struct web_log *log)
{
	return log->first + log->n;
}

const struct web_frame *web_log_frame(const struct web_log *log, uint64_t number)
{
	if (number < log->first || number >= web_log_end(log))
		return NULL;
	return nth(log, (size_t)(number - log->first));
}

uint64_t web_log_begin(const struct web_log *log, bool late)
{
	if (late || !log->keyframe)
		return log->keyframe;
	for (size_t i = 0; i < log->n; i++)
		if (nth(log, i)->kind == WEB_LINE_GRAPH)
			return log->first + i;
	return 0;
}
