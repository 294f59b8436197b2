// SPDX-License-Identifier: GPL-2.0-only
/* `expect` and `mark`. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wanted.h"
#include "yaml.h"

/* ---- the keys of an expectation ---- */

static bool x_kernel(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_parse_range(r, v, &((struct lab_expect *)ctx)->kernel);
}

static bool one_result(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	struct lab_result *to = &x->result[x->nresults];
	const char *text = lab_scalar(r, node, "result");
	char *end;
	int err;

	if (!text)
		return false;
	if (x->nresults == LAB_MAX_RESULTS)
		return lab_wrong(r, node, 0, "result: more than %d", LAB_MAX_RESULTS);
	x->nresults++;
	to->value = strtoll(text, &end, 10);
	to->kind = LAB_R_NUMBER;
	if (end != text && !*end)
		return true;
	err = lab_errno(text);
	to->value = err;
	to->kind = !strcmp(text, "ok") ? LAB_R_OK : !strcmp(text, "any") ? LAB_R_ANY : LAB_R_ERRNO;
	return to->kind != LAB_R_ERRNO || err > 0 ||
	       lab_wrong(r, node, 0,
			 "result: '%.40s' is neither ok, any, a number nor an errno such as EPERM",
			 text);
}

static bool x_result(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_RESULT;
	return lab_each(r, v, "result", one_result, x);
}

static bool text_has(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_expect *)ctx)->text_has = lab_text(r, v, "text: has"));
}

static bool text_lacks(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_expect *)ctx)->text_lacks = lab_text(r, v, "text: lacks"));
}

static bool x_text(struct reader *r, yaml_node_t *v, void *ctx)
{
	static const struct field table[] = {
		{"has", text_has}, {"lacks", text_lacks}, {NULL, NULL}};
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_TEXT;
	if (v->type == YAML_MAPPING_NODE)
		return lab_fields(r, v, "text", table, x);
	x->text = lab_scalar(r, v, "text");
	if (x->text && !*x->text)
		return (x->text = lab_strdup(r, "", 0));
	return (x->text = lab_text(r, v, "text"));
}

static bool x_call(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, v, "call");
	int call;

	if (!text)
		return false;
	x->set |= 1u << LAB_X_CALL;
	call = lab_is_none(v) ? NSL_SYS_NONE : lab_syscall(text);
	x->call = (enum nsl_syscall)call;
	return call >= 0 || lab_wrong(r, v, 0,
				      "call: '%.40s' is none of clone, clone3, fork, vfork, "
				      "unshare, setns, exec, exit, none",
				      text);
}

static bool one_change(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *name = (const char *)key->data.scalar.value;
	const char *text = lab_scalar(r, value, "changes");
	int slot = lab_slot(name);

	if (!text)
		return false;
	if (slot < 0)
		return lab_wrong(r, key, 0,
				 "changes: '%.40s' is no slot; write mnt, uts, ipc, "
				 "pid_for_children, net, time, time_for_children, cgroup, user or "
				 "pid_active",
				 name);
	x->changes[slot] = lab_how(text);
	return x->changes[slot] >= 0 ||
	       lab_wrong(r, value, 0,
			 "changes: '%.40s' is none of created, installed, inherited, dropped",
			 text);
}

static bool x_changes(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_CHANGES;
	return lab_pairs(r, v, "changes", one_change, x);
}

struct words {
	const char *word[LAB_MAX_WANTED];
	char open[256]; /* "create(uts": a comma inside of (…) ends an entry of a YAML list */
	size_t n;
};

static bool one_word(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct words *w = ctx;
	const char *text = lab_text(r, node, "steps");
	char why[300];
	struct lab_wanted out[LAB_MAX_WANTED];
	struct lab_words one = {w->word + w->n, 1};

	if (!text)
		return false;
	if (w->open[0]) {
		size_t n = strlen(w->open);

		snprintf(w->open + n, sizeof(w->open) - n, ",%s", text);
		text = w->open;
	} else if (strchr(text, '(')) {
		snprintf(w->open, sizeof(w->open), "%s", text);
	}
	if (w->open[0] && !strchr(text, ')'))
		return true;
	if (w->n == LAB_MAX_WANTED)
		return lab_wrong(r, node, 0, "steps: more than %d", LAB_MAX_WANTED);
	w->word[w->n] = lab_strdup(r, text, strlen(text));
	w->open[0] = 0;
	if (!w->word[w->n])
		return false;
	if (lab_wanted(&one, 0, out, why, sizeof(why)) < 0)
		return lab_wrong(r, node, 0, "steps: %s", why);
	w->n++;
	return true;
}

static bool step_words(struct reader *r, yaml_node_t *v, struct lab_words *to)
{
	struct words w = {.n = 0};
	const char **kept;

	if (!lab_each(r, v, "steps", one_word, &w))
		return false;
	if (w.open[0])
		return lab_wrong(r, v, 0, "steps: '%.60s' has no closing )", w.open);
	kept = lab_alloc(r, sizeof(*kept) * (w.n + 1));
	if (!kept)
		return false;
	memcpy(kept, w.word, sizeof(*kept) * w.n);
	*to = (struct lab_words){kept, w.n};
	return true;
}

static bool x_steps(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_STEPS;
	return step_words(r, v, &x->steps);
}

static bool x_has(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_HAS;
	return step_words(r, v, &x->has);
}

static bool one_never(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, node, "never");
	int fn = text ? lab_fn(text) : -1;

	if (!text)
		return false;
	if (fn <= 0)
		return lab_wrong(r, node, 0,
				 "never: '%.48s' is no function that is followed; nslens doctor "
				 "lists them",
				 text);
	x->never[fn] = 1;
	return true;
}

static bool x_never(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_NEVER;
	return lab_each(r, v, "never", one_never, x);
}

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

static bool x_born(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_died(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_alive(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_keepers(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_same(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_different(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_tasks(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_level(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_owner(struct reader *r, yaml_node_t *v, void *ctx)
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

static bool x_parent(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_PARENT;
	return lab_pairs(r, v, "parent", one_parent, x);
}

static const struct field table[] = {
	{"kernel", x_kernel}, {"result", x_result},	  {"text", x_text},
	{"call", x_call},     {"changes", x_changes},	  {"steps", x_steps},
	{"has", x_has},	      {"never", x_never},	  {"born", x_born},
	{"died", x_died},     {"alive", x_alive},	  {"keepers", x_keepers},
	{"same", x_same},     {"different", x_different}, {"tasks", x_tasks},
	{"level", x_level},   {"owner", x_owner},	  {"parent", x_parent},
	{NULL, NULL},
};

const char *lab_key_name(enum lab_key key)
{
	return key < LAB_X_KEYS ? table[key + 1].name : "?";
}

static bool one_expect(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_step *step = ctx;
	struct lab_expect *x = (struct lab_expect *)step->expect + step->nexpect;

	*x = (struct lab_expect){.kernel = {0, UINT_MAX}};
	for (int i = 0; i < NSL_SLOTS; i++)
		x->changes[i] = -1;
	step->nexpect++;
	return lab_fields(r, node, "expect", table, x);
}

bool lab_parse_expect(struct reader *r, yaml_node_t *node, struct lab_step *step)
{
	size_t n = 1;

	if (node->type == YAML_SEQUENCE_NODE)
		n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (n > 12)
		return lab_wrong(r, node, 0, "expect: more than 12 alternatives");
	step->expect = lab_alloc(r, (n + 1) * sizeof(*step->expect));
	if (!step->expect)
		return false;
	if (node->type == YAML_SEQUENCE_NODE)
		return lab_each(r, node, "expect", one_expect, step);
	return one_expect(r, node, step);
}

void lab_expect_merge(const struct lab_step *step, unsigned int kernel, struct lab_expect *out)
{
	*out = (struct lab_expect){.kernel = {0, UINT_MAX}};
	for (size_t i = 0; i < step->nexpect; i++) {
		const struct lab_expect *x = &step->expect[i];

		if (!lab_in_range(x->kernel, kernel))
			continue;
#define TAKE(key, ...)                                                                             \
	if (x->set & 1u << (key)) {                                                                \
		out->set |= 1u << (key);                                                           \
		__VA_ARGS__;                                                                       \
	}
#define COPY(member) memcpy(&out->member, &x->member, sizeof(out->member))
		TAKE(LAB_X_RESULT, COPY(result), COPY(nresults))
		TAKE(LAB_X_TEXT, COPY(text), COPY(text_has), COPY(text_lacks))
		TAKE(LAB_X_CALL, COPY(call))
		TAKE(LAB_X_CHANGES, COPY(changes))
		TAKE(LAB_X_STEPS, COPY(steps))
		TAKE(LAB_X_HAS, COPY(has))
		TAKE(LAB_X_NEVER, COPY(never))
		TAKE(LAB_X_BORN, COPY(born))
		TAKE(LAB_X_DIED, COPY(died), COPY(died_types))
		TAKE(LAB_X_ALIVE, COPY(alive))
		TAKE(LAB_X_KEEPERS, COPY(keepers), COPY(nkeepers))
		TAKE(LAB_X_SAME, COPY(same), COPY(nsame))
		TAKE(LAB_X_DIFFERENT, COPY(different), COPY(ndifferent))
		TAKE(LAB_X_TASKS, COPY(tasks), COPY(ntasks))
		TAKE(LAB_X_LEVEL, COPY(level), COPY(nlevel))
		TAKE(LAB_X_OWNER, COPY(owner), COPY(nowner))
		TAKE(LAB_X_PARENT, COPY(parent), COPY(nparent))
#undef TAKE
#undef COPY
	}
}
