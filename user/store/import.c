// SPDX-License-Identifier: GPL-2.0-only
#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/model.h"
#include "import_event.h"

#define MAX_LINE (1u << 20)
#define SCHEMA	 "nslens-events/1"

struct import {
	const struct store_import_sink *sink;
	struct store_meta meta;
	struct nsg_totals totals;
	struct import_event event;
	bool started, in_rows, ended;
};

static int missing(const char *name, struct nsl_error *e)
{
	return nsl_error_set(e, "'%s' is missing, or not what it should be", name);
}

static int take_u64(const json_t *object, const char *name, uint64_t *to, struct nsl_error *e)
{
	return import_u64(json_object_get(object, name), to) ? missing(name, e) : 0;
}

static int take_u32(const json_t *object, const char *name, uint32_t *to, struct nsl_error *e)
{
	uint64_t wide;

	if (take_u64(object, name, &wide, e))
		return -1;
	*to = (uint32_t)wide;
	return wide > UINT32_MAX ? missing(name, e) : 0;
}

/* null is "". */
static int take_text(const json_t *object, const char *name, char *to, size_t size,
		     struct nsl_error *e)
{
	const json_t *value = json_object_get(object, name);
	size_t length;

	memset(to, 0, size);
	if (!value || json_is_null(value))
		return 0;
	if (import_bytes(value, to, size - 1, &length) || memchr(to, '\0', length))
		return missing(name, e);
	return 0;
}

static int take_hooks(struct store_meta *m, const json_t *hooks, struct nsl_error *e)
{
	size_t n = json_array_size(hooks);

	if (!json_is_array(hooks) || n > STORE_MAX_FACTS)
		return missing("hooks", e);
	for (size_t i = 0; i < n; i++) {
		const json_t *hook = json_array_get(hooks, i);
		struct store_fact *f = &m->facts[m->nfacts++];

		if (take_text(hook, "fact", f->fact, sizeof(f->fact), e) ||
		    take_text(hook, "mechanism", f->mechanism, sizeof(f->mechanism), e) ||
		    take_text(hook, "lost", f->lost, sizeof(f->lost), e))
			return -1;
	}
	return 0;
}

static int take_start(struct import *im, const json_t *line, struct nsl_error *e)
{
	const char *schema = json_string_value(json_object_get(line, "schema"));
	const json_t *initial = json_object_get(line, "initial");
	struct store_meta *m = &im->meta;
	uint64_t version;

	if (schema && !strncmp(schema, "nslens/", 7))
		return nsl_error_set(e,
				     "this is the story of calls (%.20s), from which the events "
				     "cannot be told: export with --format events",
				     schema);
	if (!schema || strcmp(schema, SCHEMA) != 0)
		return nsl_error_set(e, "it does not begin with the start of " SCHEMA
					" (made by nslens export --format events)");
	if (take_u64(line, "event_version", &version, e))
		return -1;
	if (version != NSL_EVENT_VERSION)
		return nsl_error_set(e,
				     "events of version %llu, this nslens reads version %d: use "
				     "the nslens that made it",
				     (unsigned long long)version, NSL_EVENT_VERSION);
	if (take_text(line, "version", m->version, sizeof(m->version), e) ||
	    take_text(line, "kernel", m->release, sizeof(m->release), e) ||
	    take_u32(line, "kernel_number", &m->kernel, e) ||
	    take_text(line, "boot_id", m->boot_id, sizeof(m->boot_id), e) ||
	    take_u64(line, "monotonic", &m->mono_ns, e) ||
	    take_u64(line, "wall_clock", &m->wall_ns, e) ||
	    take_text(line, "traces", m->what, sizeof(m->what), e) ||
	    take_hooks(m, json_object_get(line, "hooks"), e))
		return -1;
	m->steps = json_is_true(json_object_get(line, "steps"));
	for (int type = 0; type < NSL_TYPES; type++)
		if (take_u32(initial, nsm_type_name((enum nsl_type)type), &m->initial[type], e))
			return -1;
	im->started = true;
	return im->sink->start(im->sink->ctx, m, e);
}

static int take_keyframe(struct import *im, const json_t *line, struct nsl_error *e)
{
	struct nsg_totals *t = &im->totals;

	im->in_rows = true;
	return take_u64(line, "events", &t->events, e) || take_u64(line, "lost", &t->lost, e) ||
			       take_u64(line, "gaps", &t->gaps, e) ||
			       take_u32(line, "snapshots", &t->snapshots, e)
		       ? -1
		       : 0;
}

static int take_row(struct import *im, const json_t *line, struct nsl_error *e)
{
	if (!im->in_rows)
		return nsl_error_set(e, "a row stands outside of a keyframe");
	if (import_event(line, &im->event, e))
		return -1;
	return im->sink->row(im->sink->ctx, &im->event.head, e);
}

static int rows_end(struct import *im, struct nsl_error *e)
{
	if (!im->in_rows)
		return 0;
	im->in_rows = false;
	return im->sink->keyframe(im->sink->ctx, &im->totals, e);
}

static int take_event(struct import *im, const json_t *line, struct nsl_error *e)
{
	uint64_t seq;

	if (take_u64(line, "seq", &seq, e) || rows_end(im, e) || import_event(line, &im->event, e))
		return -1;
	return im->sink->event(im->sink->ctx, seq, &im->event.head, e);
}

static int take_end(struct import *im, const json_t *line, struct nsl_error *e)
{
	struct store_meta *m = &im->meta;

	if (take_u64(line, "ended", &m->end_ns, e) || take_u64(line, "forks", &m->forks, e) ||
	    take_u64(line, "missed", &m->missed, e) ||
	    take_text(line, "because", m->because, sizeof(m->because), e) || rows_end(im, e))
		return -1;
	m->closed = im->ended = true;
	return im->sink->end(im->sink->ctx, m, e);
}

static int take_line(struct import *im, const json_t *line, struct nsl_error *e)
{
	static const struct {
		const char *type;
		int (*take)(struct import *im, const json_t *line, struct nsl_error *e);
	} types[] = {
		{"event", take_event},
		{"row", take_row},
		{"keyframe", take_keyframe},
		{"end", take_end},
	};
	const char *type = json_string_value(json_object_get(line, "type"));

	if (!im->started)
		return take_start(im, line, e);
	if (im->ended)
		return nsl_error_set(e, "it goes on after its end");
	for (size_t i = 0; type && i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(type, types[i].type))
			return types[i].take(im, line, e);
	return nsl_error_set(e, "'type' is missing, or none of event, row, keyframe and end");
}

/* 1: a line; 0: the end; -1: it is too long. */
static int read_line(FILE *in, char *line, size_t *length)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (n == MAX_LINE)
			return -1;
		line[n++] = (char)c;
	}
	*length = n;
	return n || c == '\n';
}

/*
 * Jansson (2.14) goes on without a character for which it had no memory, and calls it parsed. Its
 * allocators know no context: this is the one place where it could be noted.
 */
static bool json_out_of_memory;

static void *json_memory(size_t size)
{
	void *p = malloc(size);

	json_out_of_memory |= !p;
	return p;
}

static int parse_line(struct import *im, const char *text, size_t length, struct nsl_error *e)
{
	json_error_t bad;
	json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &bad);
	int err;

	if (json_out_of_memory)
		err = nsl_error_set(e, "out of memory");
	else if (!line)
		err = nsl_error_set(e, "it is no JSON: %.100s", bad.text);
	else
		err = json_is_object(line) ? take_line(im, line, e)
					   : nsl_error_set(e, "it is no JSON object");
	json_decref(line);
	return err;
}

int store_import(FILE *in, const char *name, const struct store_import_sink *sink,
		 struct nsl_error *e)
{
	struct import *im = calloc(1, sizeof(*im));
	char *text = malloc(MAX_LINE);
	struct nsl_error why = {""};
	unsigned long long number = 0;
	size_t length;
	int got = 0, err = -1;

	if (!im || !text) {
		nsl_error_set(e, "out of memory");
		goto out;
	}
	im->sink = sink;
	json_out_of_memory = false;
	json_set_alloc_funcs(json_memory, free);
	for (err = 0; !err && (got = read_line(in, text, &length)) > 0;) {
		number++;
		err = parse_line(im, text, length, &why);
	}
	if (got < 0)
		err = nsl_error_set(e,
				    "%s, line %llu: longer than %u bytes: it is no export of "
				    "nslens",
				    name, number + 1, MAX_LINE);
	else if (err)
		nsl_error_set(e, "%s, line %llu: %.300s", name, number, why.text);
	else if (ferror(in))
		err = nsl_error_set(e, "cannot read %s: %s", name, strerror(errno));
	else if (!im->started)
		err = nsl_error_set(e, "%s is empty", name);
	else if (rows_end(im, &why))
		err = nsl_error_set(e, "%s: %.300s", name, why.text);
out:
	free(text);
	free(im);
	return err;
}
