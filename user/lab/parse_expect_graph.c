// SPDX-License-Identifier: GPL-2.0-only
/* Expectations about what exists after the step, who uses it and what holds it. */
#include <stdio.h>
#include <string.h>

#include "parse_expect.h"

static bool one_born(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, node, "born");
	int type = text ? lab_type(text) : -1;

	if (!text)
		return false;
	if (type < 0)
		return lab_wrong(r, node, 0, "born: '%.40s' is no type of namespace", text);
	x->born[type]++;
	return true;
}

bool lab_x_born(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_BORN;
	return lab_each(r, v, "born", one_born, x);
}

/* The name of a mark of this or an earlier step. */
static int mark_of(struct reader *r, yaml_node_t *node, const char *what)
{
	const char *text = lab_scalar(r, node, what);
	int mark = text ? lab_mark_find(r->s, text) : -1;

	if (text && mark < 0)
		lab_wrong(r, node, 0,
			  "%s: '%.40s' is no mark so far; mark a namespace by mark: {%.20s: uts of "
			  "ACTOR} in this step or an earlier one",
			  what, text, text);
	return mark;
}

static bool one_died(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, node, "died");
	int type = text ? lab_type(text) : -1, mark;

	if (!text)
		return false;
	if (type >= 0 && lab_mark_find(r->s, text) < 0) {
		x->died_types[type]++;
		return true;
	}
	mark = mark_of(r, node, "died");
	if (mark >= 0)
		x->died |= 1ul << mark;
	return mark >= 0;
}

bool lab_x_died(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_DIED;
	return lab_each(r, v, "died", one_died, x);
}

static bool one_alive(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	int mark = mark_of(r, node, "alive");

	if (mark >= 0)
		x->alive |= 1ul << mark;
	return mark >= 0;
}

bool lab_x_alive(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_ALIVE;
	return lab_each(r, v, "alive", one_alive, x);
}

static bool one_kind(struct reader *r, yaml_node_t *node, void *ctx)
{
	const char *text = lab_scalar(r, node, "keepers");
	int kind = text ? lab_keeper(text) : -1;

	if (!text)
		return false;
	if (kind < 0)
		return lab_wrong(r, node, 0,
				 "keepers: '%.40s' is none of task, nsproxy, child, owned, fd, "
				 "mount, socket, pidfd, proc, shm",
				 text);
	*(unsigned int *)ctx |= 1u << kind;
	return true;
}

static bool full(struct reader *r, yaml_node_t *node, size_t n, const char *what)
{
	return n == LAB_MAX_ROWS && !lab_wrong(r, node, 0, "%s: more than %d", what, LAB_MAX_ROWS);
}

static bool one_keeper(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;
	int mark = mark_of(r, key, "keepers");

	if (mark < 0 || full(r, key, x->nkeepers, "keepers"))
		return false;
	x->keepers[x->nkeepers].mark = mark;
	return lab_each(r, value, "keepers", one_kind, &x->keepers[x->nkeepers++].kinds);
}

bool lab_x_keepers(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_KEEPERS;
	return lab_pairs(r, v, "keepers", one_keeper, x);
}

/* "uts of a and b", "hut and uts of b" */
static bool pair_of(struct reader *r, yaml_node_t *node, struct lab_pair *pair)
{
	const char *text = lab_scalar(r, node, "same, different"), *and;
	char a[64], b[64];

	if (!text)
		return false;
	and = strstr(text, " and ");
	if (!and || and-text >= 60 || strlen(and+5) >= 30)
		return lab_wrong(r, node, 0, "'%.60s': write SLOT of A and B, as in uts of a and b",
				 text);
	snprintf(a, sizeof(a), "%.*s", (int)(and-text), text);
	if (!lab_reference(r, node, a, &pair->a))
		return false;
	/* "uts of a and b": the same slot of b; else a mark, or a reference of its own */
	if (!strchr(and+5, ' ') && pair->a.mark < 0 &&
	    (lab_actor_find(r->s, and+5) >= 0 || lab_mark_find(r->s, and+5) < 0))
		snprintf(b, sizeof(b), "%.*s of %s", (int)strcspn(a, " "), a, and+5);
	else
		snprintf(b, sizeof(b), "%s", and+5);
	return lab_reference(r, node, b, &pair->b);
}

static bool one_same(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;

	return !full(r, node, x->nsame, "same") && pair_of(r, node, &x->same[x->nsame++]);
}

bool lab_x_same(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_SAME;
	return lab_each(r, v, "same", one_same, x);
}

static bool one_different(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;

	return !full(r, node, x->ndifferent, "different") &&
	       pair_of(r, node, &x->different[x->ndifferent++]);
}

bool lab_x_different(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_DIFFERENT;
	return lab_each(r, v, "different", one_different, x);
}

static bool one_tasks(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;
	int64_t n;
	char names[160];
	int actor = lab_actor_find(r->s, (char *)key->data.scalar.value);

	if (actor < 0)
		return lab_wrong(r, key, 0, "tasks: no actor is called '%.40s'; there are %s",
				 (char *)key->data.scalar.value,
				 lab_actor_names(r->s, names, sizeof(names)));
	if (full(r, key, x->ntasks, "tasks") || !lab_number(r, value, "tasks", 0, 10000, &n))
		return false;
	x->tasks[x->ntasks].who = actor;
	x->tasks[x->ntasks++].n = (unsigned int)n;
	return true;
}

bool lab_x_tasks(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_TASKS;
	return lab_pairs(r, v, "tasks", one_tasks, x);
}

static bool one_level(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;
	int64_t n;
	int mark = mark_of(r, key, "level");

	if (mark < 0 || full(r, key, x->nlevel, "level") ||
	    !lab_number(r, value, "level", 0, 33, &n))
		return false;
	x->level[x->nlevel].who = mark;
	x->level[x->nlevel++].n = (unsigned int)n;
	return true;
}

bool lab_x_level(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_LEVEL;
	return lab_pairs(r, v, "level", one_level, x);
}

static bool relation(struct reader *r, yaml_node_t *key, yaml_node_t *value, struct lab_pair *to)
{
	const char *text = lab_scalar(r, value, "owner, parent");

	return text && lab_reference(r, key, (char *)key->data.scalar.value, &to->a) &&
	       lab_reference(r, value, text, &to->b);
}

static bool one_owner(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;

	return !full(r, key, x->nowner, "owner") && relation(r, key, value, &x->owner[x->nowner++]);
}

bool lab_x_owner(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_OWNER;
	return lab_pairs(r, v, "owner", one_owner, x);
}

static bool one_parent(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;

	return !full(r, key, x->nparent, "parent") &&
	       relation(r, key, value, &x->parent[x->nparent++]);
}

bool lab_x_parent(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_PARENT;
	return lab_pairs(r, v, "parent", one_parent, x);
}
