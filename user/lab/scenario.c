// SPDX-License-Identifier: GPL-2.0-only
/* A scenario file: its head and its steps. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "yaml.h"

#define STAGE_TYPES                                                                                \
	(1u << NSL_USER | 1u << NSL_MNT | 1u << NSL_UTS | 1u << NSL_IPC | 1u << NSL_CGROUP |       \
	 1u << NSL_NET)

static bool title(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	return (r->s->title = lab_text(r, v, "title"));
}

static bool topic(struct reader *r, yaml_node_t *v, void *ctx)
{
	const char *text = lab_scalar(r, v, "topic");
	char known[200] = "";
	size_t n = 0;

	(void)ctx;
	if (!text)
		return false;
	r->s->topic = lab_topic(text);
	for (int i = 0; i < lab_ntopics; i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "",
				      lab_topics[i].name);
	return r->s->topic >= 0 || lab_wrong(r, v, 0, "topic: '%.40s' is none of %s", text, known);
}

static bool level(struct reader *r, yaml_node_t *v, void *ctx)
{
	int64_t n;

	(void)ctx;
	if (!lab_number(r, v, "level", 1, 5, &n))
		return false;
	r->s->level = (unsigned int)n;
	return true;
}

static bool teaches(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	return (r->s->teaches = lab_text(r, v, "teaches"));
}

static bool after(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	return (r->s->after = lab_text(r, v, "after"));
}

static bool need_kernel(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	return lab_parse_range(r, v, &r->s->kernel);
}

static bool need_root(struct reader *r, yaml_node_t *v, void *ctx)
{
	const char *text = lab_scalar(r, v, "root");

	(void)ctx;
	if (!text)
		return false;
	r->s->needs_root = !strcmp(text, "yes");
	return r->s->needs_root || !strcmp(text, "no") ||
	       lab_wrong(r, v, 0, "root: write yes or no");
}

static bool one_type(struct reader *r, yaml_node_t *v, void *ctx)
{
	const char *text = lab_scalar(r, v, "types");
	int type = text ? lab_type(text) : -1;

	if (text && type < 0)
		lab_wrong(r, v, 0, "'%.40s' is no type of namespace", text);
	if (type >= 0)
		*(unsigned int *)ctx |= 1u << type;
	return type >= 0;
}

static bool need_types(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	return lab_each(r, v, "types", one_type, &r->s->types);
}

static bool one_program(struct reader *r, yaml_node_t *v, void *ctx)
{
	const char **list = ctx;

	if (r->s->nprograms == 16)
		return lab_wrong(r, v, 0, "programs: more than 16");
	return (list[r->s->nprograms++] = lab_text(r, v, "programs"));
}

static bool need_programs(struct reader *r, yaml_node_t *v, void *ctx)
{
	const char **list = lab_alloc(r, 16 * sizeof(*list));

	(void)ctx;
	r->s->programs = list;
	return list && lab_each(r, v, "programs", one_program, list);
}

static bool needs(struct reader *r, yaml_node_t *v, void *ctx)
{
	static const struct field table[] = {{"kernel", need_kernel},
					     {"root", need_root},
					     {"types", need_types},
					     {"programs", need_programs},
					     {NULL, NULL}};

	return lab_fields(r, v, "needs", table, ctx);
}

static bool stage(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	r->s->stage = 0;
	if (!lab_each(r, v, "stage", one_type, &r->s->stage))
		return false;
	return !(r->s->stage & ~STAGE_TYPES) ||
	       lab_wrong(r, v, 0,
			 "stage: can be any of user, mnt, uts, ipc, cgroup, net; a pid namespace "
			 "is always made, time is left to the steps");
}

static bool one_actor(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	const char *name = (const char *)key->data.scalar.value;
	const char *text = lab_scalar(r, value, "actors");
	struct lab_actor *a = &r->s->actor[r->s->nactors];
	char names[160];

	(void)ctx;
	if (!text)
		return false;
	if (!lab_is_name(name) || !strcmp(name, "self"))
		return lab_wrong(r, key, 0,
				 "actors: '%.40s' is no name: letters a-z, digits, - and _, at "
				 "most %d of them, a letter first",
				 name, LAB_NAME_LEN - 1);
	if (r->s->nactors == LAB_MAX_ACTORS)
		return lab_wrong(r, key, 0, "actors: more than %d", LAB_MAX_ACTORS);
	*a = (struct lab_actor){.thread_of = -1};
	strcpy(a->name, name);
	a->nobody = !strcmp(text, "process as nobody");
	if (!strncmp(text, "thread of ", 10)) {
		a->thread_of = lab_actor_find(r->s, text + 10);
		if (a->thread_of < 0 || r->s->actor[a->thread_of].thread_of >= 0)
			return lab_wrong(
				r, value, 0,
				"actors: thread of '%.40s': no process of this name stands "
				"before; there are %s",
				text + 10, lab_actor_names(r->s, names, sizeof(names)));
	} else if (!a->nobody && strcmp(text, "process") != 0) {
		return lab_wrong(
			r, value, 0,
			"actors: '%.40s' is none of: process, process as nobody, thread of "
			"NAME",
			text);
	}
	r->s->nactors++;
	return true;
}

static bool actors(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_pairs(r, v, "actors", one_actor, ctx);
}

static bool steps(struct reader *r, yaml_node_t *v, void *ctx)
{
	r->s->step = lab_alloc(r, LAB_MAX_STEPS * sizeof(*r->s->step));
	return r->s->step && lab_each(r, v, "steps", lab_parse_step, ctx);
}

/* ---- the whole ---- */

/* Steps name actors, so the head is read first, wherever it stands. */
static bool head_only(struct reader *r, yaml_node_t *v, void *ctx)
{
	(void)r, (void)ctx, (void)v;
	return true;
}

static const struct field head[] = {
	{"title", title}, {"topic", topic}, {"level", level},	{"teaches", teaches},
	{"needs", needs}, {"stage", stage}, {"actors", actors}, {"steps", head_only},
	{"after", after}, {NULL, NULL},
};

static bool complete(struct reader *r, yaml_node_t *root)
{
	const struct lab_scenario *s = r->s;

	if (!s->title || s->topic < 0 || !s->level || !s->teaches)
		return lab_wrong(r, root, 0, "scenario: has no '%s'; write it before the steps",
				 !s->title	? "title"
				 : s->topic < 0 ? "topic"
				 : !s->level	? "level"
						: "teaches");
	if (!s->nactors)
		return lab_wrong(r, root, 0, "scenario: has no actors; write actors: {a: process}");
	if (!s->needs_root && !(s->stage & 1u << NSL_USER))
		return lab_wrong(
			r, root, 0,
			"needs: root: no: without root nothing can be staged but in a user "
			"namespace; put user into the stage");
	return true;
}

static bool read_document(struct reader *r)
{
	yaml_node_t *root = yaml_document_get_root_node(&r->doc);

	if (!root || root->type != YAML_MAPPING_NODE) {
		r->e->line = r->e->column = 1;
		snprintf(r->e->text, sizeof(r->e->text),
			 "scenario: is no mapping; begin with title: ... (nslens lab new FILE "
			 "writes a template)");
		return false;
	}
	if (!lab_fields(r, root, "scenario", head, NULL) || !complete(r, root))
		return false;
	for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top;
	     p++)
		if (!strcmp((char *)yaml_document_get_node(&r->doc, p->key)->data.scalar.value,
			    "steps") &&
		    !steps(r, yaml_document_get_node(&r->doc, p->value), NULL))
			return false;
	return r->s->nsteps || lab_wrong(r, root, 0,
					 "scenario: has no steps; write steps: and a "
					 "list");
}

struct lab_scenario *lab_scenario_parse(const char *name, const char *text, size_t size,
					struct lab_error *e)
{
	struct reader r = {.e = e};
	yaml_parser_t parser;
	bool ok = false;

	*e = (struct lab_error){.line = 0};
	r.s = calloc(1, sizeof(*r.s));
	if (!r.s || !yaml_parser_initialize(&parser)) {
		snprintf(e->text, sizeof(e->text), "out of memory");
		free(r.s);
		return NULL;
	}
	r.s->topic = -1;
	r.s->needs_root = true;
	r.s->stage = 1u << NSL_MNT;
	r.s->kernel = (struct lab_range){0, UINT_MAX};
	snprintf(r.s->name, sizeof(r.s->name), "%s", name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	if (yaml_parser_load(&parser, &r.doc)) {
		ok = read_document(&r);
		yaml_document_delete(&r.doc);
	} else {
		e->line = (unsigned int)parser.problem_mark.line + 1;
		e->column = (unsigned int)parser.problem_mark.column + 1;
		snprintf(e->text, sizeof(e->text),
			 "not valid YAML: %s; text with a colon, # or bracket in it needs quotes",
			 parser.problem ? parser.problem : "out of memory");
	}
	yaml_parser_delete(&parser);
	if (ok)
		return r.s;
	lab_scenario_free(r.s);
	return NULL;
}

struct lab_scenario *lab_scenario_read(const char *path, struct lab_error *e)
{
	struct lab_scenario *s = NULL;
	const char *base = strrchr(path, '/');
	char name[64], *text = NULL;
	FILE *f = fopen(path, "re");
	size_t n = 0;

	*e = (struct lab_error){.line = 0};
	if (!f) {
		snprintf(e->text, sizeof(e->text), "cannot read it: %s", strerror(errno));
		return NULL;
	}
	text = malloc(LAB_FILE_MAX + 1);
	if (text)
		n = fread(text, 1, LAB_FILE_MAX + 1, f);
	if (!text || ferror(f))
		snprintf(e->text, sizeof(e->text), "cannot read it: %s", strerror(errno));
	else if (n > LAB_FILE_MAX)
		snprintf(e->text, sizeof(e->text), "is larger than 1 MiB: no scenario");
	else {
		snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, base ? base + 1 : path);
		if (strlen(name) > 5 && !strcmp(name + strlen(name) - 5, ".yaml"))
			name[strlen(name) - 5] = 0;
		s = lab_scenario_parse(name, text, n, e);
	}
	free(text);
	fclose(f);
	return s;
}
