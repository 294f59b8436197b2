// SPDX-License-Identifier: GPL-2.0-only
#include "yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
	struct chunk *next;
	max_align_t data[];
};

void *lab_alloc(struct reader *r, size_t size)
{
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (!c) {
		snprintf(r->e->text, sizeof(r->e->text), "out of memory");
		return NULL;
	}
	c->next = r->s->memory;
	r->s->memory = c;
	return c->data;
}

void lab_scenario_free(struct lab_scenario *s)
{
	if (!s)
		return;
	for (struct chunk *c = s->memory, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(s);
}

char *lab_strdup(struct reader *r, const char *text, size_t n)
{
	char *copy = lab_alloc(r, n + 1);

	if (copy)
		memcpy(copy, text, n);
	return copy;
}

bool lab_wrong(struct reader *r, const yaml_node_t *node, size_t offset, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->e->text, sizeof(r->e->text), format, ap);
	va_end(ap);
	r->e->line = (unsigned int)node->start_mark.line + 1;
	r->e->column = (unsigned int)node->start_mark.column + 1;
	/* inside of a plain scalar that stands on one line; quotes take a column */
	if (node->type == YAML_SCALAR_NODE && node->start_mark.line == node->end_mark.line)
		r->e->column += (unsigned int)offset +
				(node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE && offset);
	return false;
}

const char *lab_scalar(struct reader *r, const yaml_node_t *node, const char *what)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE) {
		lab_wrong(r, node, 0, "%s: a %s stands here; write one word or text", what,
			  node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
		return NULL;
	}
	text = (const char *)node->data.scalar.value;
	if (strlen(text) != node->data.scalar.length) {
		lab_wrong(r, node, 0, "%s: has a NUL byte in it; remove it", what);
		return NULL;
	}
	return text;
}

const char *lab_text(struct reader *r, const yaml_node_t *node, const char *what)
{
	const char *text = lab_scalar(r, node, what);
	size_t n = text ? strlen(text) : 0;

	while (n && strchr(" \n\t", text[n - 1]))
		n--;
	if (text && !n)
		lab_wrong(r, node, 0, "%s: is empty; write a text or leave the key out", what);
	return n ? lab_strdup(r, text, n) : NULL;
}

bool lab_number(struct reader *r, const yaml_node_t *node, const char *what, int64_t low,
		int64_t high, int64_t *out)
{
	const char *text = lab_scalar(r, node, what);
	char *end;

	if (!text)
		return false;
	*out = strtoll(text, &end, 10);
	if (end == text || *end || *out < low || *out > high)
		return lab_wrong(r, node, 0, "%s: '%.40s' is no number from %lld to %lld", what,
				 text, (long long)low, (long long)high);
	return true;
}

bool lab_is_none(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && !strcmp((char *)node->data.scalar.value, "none");
}

static bool twice(struct reader *r, yaml_node_t *node, const yaml_node_pair_t *pair,
		  const char *what)
{
	yaml_node_t *key = yaml_document_get_node(&r->doc, pair->key);

	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < pair; p++) {
		yaml_node_t *other = yaml_document_get_node(&r->doc, p->key);

		if (other->type == YAML_SCALAR_NODE &&
		    !strcmp((char *)other->data.scalar.value, (char *)key->data.scalar.value))
			return !lab_wrong(r, key, 0, "%s: '%.40s' stands here twice; remove one",
					  what, (char *)key->data.scalar.value);
	}
	return false;
}

bool lab_pairs(struct reader *r, yaml_node_t *node, const char *what,
	       bool (*each)(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx),
	       void *ctx)
{
	if (lab_is_none(node))
		return true;
	if (node->type != YAML_MAPPING_NODE)
		return lab_wrong(r, node, 0, "%s: must be a mapping; write {KEY: VALUE, ...}",
				 what);
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
	     p++) {
		yaml_node_t *key = yaml_document_get_node(&r->doc, p->key);
		yaml_node_t *value = yaml_document_get_node(&r->doc, p->value);

		if (!lab_scalar(r, key, what) || twice(r, node, p, what) ||
		    !each(r, key, value, ctx))
			return false;
	}
	return true;
}

struct fields {
	const char *what;
	const struct field *table;
	void *ctx;
};

static bool one_field(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	const struct fields *f = ctx;
	const char *name = (const char *)key->data.scalar.value;
	char known[300] = "";
	size_t n = 0;

	for (const struct field *row = f->table; row->name; row++) {
		if (!strcmp(row->name, name))
			return row->read(r, value, f->ctx);
		if (n < sizeof(known))
			n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "",
					      row->name);
	}
	return lab_wrong(r, key, 0, "%s: no key is called '%.40s'; the keys are %s", f->what, name,
			 known);
}

bool lab_fields(struct reader *r, yaml_node_t *node, const char *what, const struct field *table,
		void *ctx)
{
	struct fields f = {what, table, ctx};

	return lab_pairs(r, node, what, one_field, &f);
}

bool lab_each(struct reader *r, yaml_node_t *node, const char *what,
	      bool (*each)(struct reader *r, yaml_node_t *entry, void *ctx), void *ctx)
{
	if (lab_is_none(node))
		return true;
	if (node->type == YAML_SCALAR_NODE)
		return each(r, node, ctx);
	if (node->type != YAML_SEQUENCE_NODE)
		return lab_wrong(r, node, 0, "%s: must be a list; write [A, B, ...]", what);
	for (yaml_node_item_t *i = node->data.sequence.items.start;
	     i < node->data.sequence.items.top; i++)
		if (!each(r, yaml_document_get_node(&r->doc, *i), ctx))
			return false;
	return true;
}

int lab_actor_find(const struct lab_scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nactors; i++)
		if (!strcmp(s->actor[i].name, name))
			return (int)i;
	return -1;
}

int lab_fd_find(const struct lab_scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nfds; i++)
		if (!strcmp(s->fd[i], name))
			return (int)i;
	return -1;
}

int lab_mark_find(const struct lab_scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nmarks; i++)
		if (!strcmp(s->mark[i], name))
			return (int)i;
	return -1;
}

const char *lab_actor_names(const struct lab_scenario *s, char *buf, size_t size)
{
	size_t n = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; i < s->nactors && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", s->actor[i].name);
	return buf;
}

bool lab_is_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n && !text[n] && n < LAB_NAME_LEN && text[0] >= 'a';
}
